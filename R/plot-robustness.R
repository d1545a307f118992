#' Plots of robustness and sensitivity
#'
#' `plot(robustness)` shows how far ranks move (`type = "ranks"`), how often units
#' have each tier (`"tiers"`), or which units stand above which (`"dominance"`).
#' `plot(sensitivity)` shows the Sobol indices of the mean rank shift
#' (`type = "shift"`), or what moves the rank of each unit (`"units"`).
#'
#' @param x From [cap_robustness()] or [cap_sensitivity()].
#' @param type What to show, see Details.
#' @param units Codes of units to show, drawn in the nominal order (by rank, then
#'   code), whatever their order here. By default all, or for `"tiers"` those
#'   that keep their tier in less than 95 % of the replicates.
#' @param by For `"ranks"` and `"tiers"`: groups as in [cap_regions()], a panel
#'   each.
#' @param ... Not used.
#' @param lang The language of texts and names of units, as in [cap_findings()].
#'
#' @details
#' Names are written for up to 50 units; more are drawn as a whole, side by side,
#' with the limits of the nominal tiers. The subtitle says what is shown.
#' \describe{
#'   \item{ranks}{The interval of 5 to 95 % of the replicates and the median,
#'     as distances from the nominal rank (written after the name): on an axis of
#'     ranks the intervals would be lost beside the differences between units.
#'     Units of which the tier is not firm (kept in less than 95 % of the
#'     replicates) are marked.}
#'   \item{tiers}{The share of the replicates in each tier, and in figures that of
#'     the nominal tier. Of more than 50 units by default the 50 least firm. A bar
#'     ends before 100 % where scores are in no tier.}
#'   \item{dominance}{P(row above column), ties counting half, both in the nominal
#'     order; outlined are the groups of which no pair can be told apart, as far as
#'     their units are shown. Units without a score in some replicate are not
#'     compared. At most 500 units.}
#'   \item{shift}{First-order and total index of each factor with intervals, largest
#'     total first; the dummy is the noise of the design.}
#'   \item{units}{Each factor's total index for the rank of each unit. Totals
#'     overlap where factors interact, so they are not stacked. Estimates beyond 0
#'     and 1 have the colour of that end; figures are as estimated. Units whose rank
#'     does not move are grey.}
#' }
#' @return A ggplot object.
#' @section Errors:
#' `cap_error_input` for units that the result lacks or that have no rank, for
#' tiers of a framework without bands, where all tiers are firm and no `units` are
#' named, for `by` with other types, for more units than a map bears, and for a
#' mean rank shift that does not vary.
#' @name plot.cap_robustness
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' set.seed(1)
#' r <- cap_robustness(gci, n = 1000)
#' plot(r, "tiers")
#' plot(r, "dominance", units = subset(as.data.frame(r), rank > 30 & rank < 50)$unit)
NULL

most_named <- 50L
most_mapped <- 500L

#' @rdname plot.cap_robustness
#' @export
plot.cap_robustness <- function(x, type = c("ranks", "tiers", "dominance"), units = NULL, by = NULL,
                                ..., lang = "en") {
  check_dots("plot", ...)
  type <- choose(type, c("ranks", "tiers", "dominance"), "type")
  x$framework <- framework_in(lang, x$framework)
  if (type == "dominance" && !is.null(by)) {
    cap_abort_input("{.arg by} is for ranks and tiers; choose {.arg units} for a map.")
  }
  switch(type,
    ranks = plot_ranks(x, units, by, lang),
    tiers = plot_tier_shares(x, units, by, lang),
    dominance = plot_dominance(x, units, lang)
  )
}

# Ranks ------------------------------------------------------------------------

plot_ranks <- function(x, units, by, lang) {
  table <- as.data.frame(x)
  rows <- in_panels(table[match(shown_units(x, units), table$unit), ], by, table$unit, lang)
  for (part in c("low", "median", "high")) rows[[part]] <- rows[[paste0("rank_", part)]] - rows$rank
  kept <- c(say(lang, "plot_key.kept"), say(lang, "plot_key.kept_less"), say(lang, "plot_key.no_nominal_tier"))
  rows$tier_kept <- if (is.null(rows[["tier"]])) kept[[1L]] else kept_label(rows$p_tier, kept)
  named <- length(unique(rows$unit)) <= most_named
  out <- if (named) named_ranks(rows, lang) else all_ranks(rows, lang)
  out +
    ggplot2::scale_colour_manual(
      values = stats::setNames(cap_palette[c("blue", "orange", "charcoal")], kept),
      drop = FALSE, guide = if (is.null(rows[["tier"]])) "none" else "legend"
    ) +
    plot_labels(
      say(lang, "plot_title.ranks", framework = x$framework$title),
      say(lang, if (named) "plot_note.ranks_named" else "plot_note.ranks",
        shown = shown_of(rows$unit, x), varied = what_varied(x, lang)
      ),
      colour = NULL
    ) +
    cap_theme(legend.position = "top", legend.justification = "left", legend.margin = ggplot2::margin()) +
    no_grid(if (named) "y" else "x") +
    panels(rows, if (named) "y" else "x")
}

kept_label <- function(p, labels) {
  kind <- ifelse(is.na(p), 3L, ifelse(p >= 0.95, 1L, 2L))
  factor(labels[kind], levels = labels[c(TRUE, TRUE, anyNA(p))])
}

named_ranks <- function(rows, lang) {
  rows$name <- from_top(paste0(unit_names(rows$unit, lang), ", ", format(rows$rank, trim = TRUE)))
  ggplot2::ggplot(rows, ggplot2::aes(y = .data$name, colour = .data$tier_kept)) +
    zero_line("x") +
    ggplot2::geom_segment(
      ggplot2::aes(x = .data$low, xend = .data$high, yend = .data$name),
      linewidth = 1, alpha = 0.45
    ) +
    ggplot2::geom_point(ggplot2::aes(x = .data$median), size = 2) +
    ggplot2::scale_x_continuous(breaks = whole_breaks, labels = signed) +
    ggplot2::labs(x = say(lang, "plot_axis.rank_move"), y = NULL)
}

all_ranks <- function(rows, lang) {
  ggplot2::ggplot(rows, ggplot2::aes(x = .data$at, colour = .data$tier_kept)) +
    tier_limits(rows) +
    zero_line("y") +
    ggplot2::geom_segment(
      ggplot2::aes(xend = .data$at, y = .data$low, yend = .data$high),
      linewidth = 0.7, alpha = 0.45
    ) +
    ggplot2::geom_point(ggplot2::aes(y = .data$median), size = 0.9) +
    ggplot2::scale_y_reverse(breaks = whole_breaks, labels = signed) +
    tier_axis(rows) +
    ggplot2::labs(x = order_label(rows, lang), y = wrap_lines(say(lang, "plot_axis.rank_move"), 32L))
}

# Tiers ------------------------------------------------------------------------

plot_tier_shares <- function(x, units, by, lang) {
  shares <- tier_table(x)
  table <- as.data.frame(x)
  chosen <- units %||% least_firm(table)
  rows <- in_panels(table[match(shown_units(x, chosen), table$unit), ], by, table$unit, lang)
  tier <- ifelse(is.na(rows[["tier"]]), say(lang, "tier.none"), as.character(rows[["tier"]]))
  rows$name <- from_top(paste0(unit_names(rows$unit, lang), ", ", tier))
  long <- merge(rows[c("unit", "panel", "name")], shares, by = "unit", sort = FALSE)
  long <- long[long$p > 0, ]
  bands <- x$framework$bands
  levels(long$tier) <- paste(bands$label, bands$name)
  ggplot2::ggplot(rows, ggplot2::aes(y = .data$name)) +
    ggplot2::geom_blank() + # keeps the row of a unit without bars
    ggplot2::geom_col(
      data = long, ggplot2::aes(.data$p, fill = .data$tier),
      position = ggplot2::position_stack(reverse = TRUE), width = 0.75, colour = "white", linewidth = 0.2
    ) +
    ggplot2::geom_text(
      data = rows[!is.na(rows$p_tier), ], ggplot2::aes(x = 1.01, label = percent_in(lang, .data$p_tier, 1L)),
      hjust = 0, size = 2.8, colour = cap_palette[["charcoal"]]
    ) +
    ggplot2::scale_fill_manual(values = stats::setNames(tier_colours(nrow(bands)), levels(long$tier)), drop = FALSE) +
    ggplot2::scale_x_continuous(
      labels = percent_axis(lang), breaks = seq(0, 1, 0.25), limits = c(0, if (is.null(by)) 1.1 else 1.15), expand = c(0, 0)
    ) +
    plot_labels(
      say(lang, "plot_title.tier_shares", framework = x$framework$title),
      say(lang, "plot_note.tier_shares",
        shown = if (is.null(units)) loose_of_all(table) else shown_of(rows$unit, x), varied = what_varied(x, lang)
      ),
      x = NULL, y = NULL, fill = NULL
    ) +
    cap_theme() +
    no_grid("y") +
    small_legend() +
    panels(rows, "y")
}

loose_of_all <- function(table) {
  loose <- sum(table$p_tier < 0.95, na.rm = TRUE)
  if (loose > most_named) term("plot_key.least_firm", most = most_named, n = loose) else term("plot_key.loose", n = loose)
}

# Codes of the units whose tier is kept least often.
least_firm <- function(table) {
  loose <- table[which(table$p_tier < 0.95), ]
  if (nrow(loose) == 0L) {
    cap_abort_input(c(
      "All units keep their tier in at least 95 % of the replicates.",
      "i" = "Name {.arg units} to see their shares."
    ))
  }
  utils::head(loose$unit[order(loose$p_tier, loose$unit, method = "radix")], most_named)
}

# Dominance --------------------------------------------------------------------

plot_dominance <- function(x, units, lang) {
  s <- standing(x)
  shown <- shown_units(x, units, known = s$unit)
  n <- length(shown)
  if (n > most_mapped) {
    cap_abort_input("A map shows at most {most_mapped} units; choose among the {n} with {.arg units}.")
  }
  p <- s$p[match(shown, s$unit), match(shown, s$unit), drop = FALSE]
  cells <- data.frame(row = rep(seq_len(n), n), column = rep(seq_len(n), each = n), p = as.vector(p))
  named <- n <= most_named
  own <- shown_of(shown, x)
  ggplot2::ggplot(cells, ggplot2::aes(.data$column, .data$row)) +
    ggplot2::geom_raster(ggplot2::aes(fill = .data$p)) +
    map_axes(places(x, shown), named, lang) +
    ggplot2::geom_rect(
      data = shown_groups(x, shown), inherit.aes = FALSE, fill = NA, colour = cap_palette[["orange"]],
      linewidth = if (named) 0.6 else 0.35,
      ggplot2::aes(xmin = .data$from - 0.5, xmax = .data$to + 0.5, ymin = .data$from - 0.5, ymax = .data$to + 0.5)
    ) +
    share_fill(c(0.05, 0.5, 0.95), lang) +
    ggplot2::coord_fixed() +
    plot_labels(
      say(lang, "plot_title.dominance", framework = x$framework$title),
      say(lang, "plot_note.dominance",
        shown = if (named) own else term("plot_key.in_order", shown = own), varied = what_varied(x, lang)
      ),
      x = NULL, y = NULL, fill = wrap_lines(say(lang, "plot_key.row_above"), 12L), width = 76L # the map is square
    ) +
    cap_theme(
      panel.grid = ggplot2::element_blank(), panel.border = ggplot2::element_rect(fill = NA, colour = grey_rest),
      axis.text.x.top = if (named) ggplot2::element_text(angle = 90, hjust = 0, vjust = 0.5)
    )
}

# Names along both sides, or tiers with lines between them.
map_axes <- function(rows, named, lang) {
  tiers <- tier_places(rows)
  breaks <- if (named) rows$at else tiers$middle
  labels <- if (named) unit_names(rows$unit, lang) else as.character(tiers$tier)
  list(
    ggplot2::scale_x_continuous(breaks = breaks, labels = labels, expand = c(0, 0), position = "top"),
    ggplot2::scale_y_reverse(breaks = breaks, labels = labels, expand = c(0, 0)),
    if (!named) list(tier_limits(rows, "x"), tier_limits(rows, "y"))
  )
}

# Places of the groups' first and last units among those shown.
shown_groups <- function(x, shown) {
  at <- lapply(strsplit(group_table(x)$units, ", ", fixed = TRUE), function(g) which(shown %in% g))
  at <- unique(lapply(at[lengths(at) > 1L], range))
  out <- data.frame(from = vapply(at, `[[`, 0L, 1L), to = vapply(at, `[[`, 0L, 2L))
  within <- vapply(seq_along(at), function(k) {
    sum(out$from <= out$from[k] & out$to >= out$to[k]) > 1L
  }, NA)
  out[!within, ]
}

# Sensitivity ------------------------------------------------------------------

#' @rdname plot.cap_robustness
#' @export
plot.cap_sensitivity <- function(x, type = c("shift", "units"), units = NULL, ..., lang = "en") {
  check_dots("plot", ...)
  type <- choose(type, c("shift", "units"), "type")
  x$framework <- framework_in(lang, x$framework)
  if (type == "units") {
    return(plot_unit_drivers(x, units, lang))
  }
  if (!is.null(units)) cap_abort_input("{.arg units} is for {.code type = \"units\"}.")
  plot_shift(x, lang)
}

plot_shift <- function(x, lang) {
  table <- shift_table(x)
  if (all(is.na(table$total))) {
    cap_abort_input("There is nothing to plot: the mean rank shift does not vary.")
  }
  # the dummy, which has no total, comes last
  by <- order(table$total, table$factor, decreasing = c(TRUE, FALSE), method = "radix")
  table$factor <- factors_in(lang, x, table$factor)
  index_chart(
    table[by, ], say(lang, "plot_title.shift", framework = x$framework$title),
    say(lang, "plot_note.shift", conf = 100 * x$conf, rows = x$rows, varied = what_varied(x, lang)), lang
  )
}

plot_unit_drivers <- function(x, units, lang) {
  shown <- shown_units(x, units)
  long <- x$table[x$table$output == "rank" & x$table$unit %in% shown, ]
  long$factor <- factors_in(lang, x, long$factor)
  name <- unique(long$factor)
  long$at <- match(long$unit, shown)
  rows <- places(x, shown)
  named <- length(shown) <= most_named
  out <- ggplot2::ggplot(long) +
    share_fill(c(0, 0.5, 1), lang) +
    plot_labels(
      say(lang, "plot_title.drivers", framework = x$framework$title),
      say(lang, if (named) "plot_note.drivers_named" else "plot_note.drivers",
        shown = shown_of(rows$unit, x), varied = what_varied(x, lang)
      ),
      fill = say(lang, "plot_key.total")
    ) +
    cap_theme(panel.grid = ggplot2::element_blank())
  if (named) {
    return(out + named_drivers(long, shown, name, lang))
  }
  long$factor <- factor(long$factor, levels = rev(name))
  out +
    ggplot2::geom_tile(data = long, ggplot2::aes(.data$at, .data$factor, fill = .data$total), height = 0.92) +
    tier_limits(rows) +
    tier_axis(rows) +
    ggplot2::scale_y_discrete(expand = c(0, 0)) +
    ggplot2::labs(x = order_label(rows, lang), y = NULL)
}

named_drivers <- function(long, shown, name, lang) {
  long$factor <- factor(long$factor, levels = name)
  long$name <- factor(unit_names(long$unit, lang), levels = rev(unique(unit_names(shown, lang))))
  moved <- long[!is.na(long$total), ]
  list(
    ggplot2::geom_tile(data = long, ggplot2::aes(.data$factor, .data$name, fill = .data$total), colour = "white"),
    ggplot2::geom_text(
      data = moved, ggplot2::aes(.data$factor, .data$name, label = text_in(lang, figure(100 * .data$total, 0L))),
      colour = ifelse(moved$total > 0.6, "white", "black"), size = 3
    ),
    ggplot2::guides(fill = "none"),
    ggplot2::scale_x_discrete(position = "top", expand = c(0, 0)),
    ggplot2::scale_y_discrete(expand = c(0, 0)),
    ggplot2::labs(x = NULL, y = NULL)
  )
}

# Parts ------------------------------------------------------------------------

# Codes of the units to draw, in the nominal order; those named must have a rank.
shown_units <- function(x, units, known = NULL) {
  nominal <- x$nominal
  ranked <- !is.na(nominal$rank) & (if (is.null(x$counts)) TRUE else scored_of(x) > 0)
  known <- known %||% nominal$unit[ranked][order(nominal$rank[ranked], nominal$unit[ranked], method = "radix")]
  if (is.null(units)) {
    if (length(known) == 0L) cap_abort_input("No unit has a rank, so there is nothing to plot.")
    return(known)
  }
  if (!(is.character(units) || is.factor(units)) || length(units) == 0L) {
    cap_abort_input("{.arg units} must be codes of units, not {.obj_type_friendly {units}}.")
  }
  units <- as.character(units)
  check_units(units, nominal$unit, "units", "the result")
  without <- "{cli::qty(length(bad))}Unit{?s} {some_units(bad)} {?has/have} no rank in some or all replicates."
  check_none(setdiff(units, known), without)
  known[known %in% units]
}

# Rows in the order given, once for each group that the unit is in; `at` is the
# place in the panel.
in_panels <- function(rows, by, units, lang) {
  if (is.null(by)) {
    rows$panel <- ""
  } else {
    groups <- groups_in(lang, as_groups(by, units = units))
    place <- split(groups$label, groups$unit)[rows$unit]
    rows <- rows[rep(seq_along(place), lengths(place)), ]
    rows$panel <- as.character(unlist(place))
    if (nrow(rows) == 0L) cap_abort_input("No unit that is shown is in a group of {.arg by}.")
  }
  rows$at <- stats::ave(seq_len(nrow(rows)), rows$panel, FUN = seq_along)
  rows
}

# Names as a factor in the order of the units, from the top.
from_top <- function(name) factor(name, levels = rev(unique(name)))

# A panel a group: rows of names share one scale, and each has a row's height.
panels <- function(rows, free) {
  if (all(rows$panel == "")) {
    return(NULL)
  }
  if (free == "x") {
    return(ggplot2::facet_wrap("panel", scales = "free_x", labeller = ggplot2::label_wrap_gen(26)))
  }
  list(
    ggplot2::facet_grid(rows = "panel", scales = "free_y", space = "free_y", labeller = ggplot2::label_wrap_gen(20)),
    ggplot2::theme(strip.text.y = ggplot2::element_text(angle = 0, hjust = 0, size = 8), strip.clip = "off")
  )
}

# Units in one panel, with their nominal tiers where there are any.
places <- function(x, shown) {
  rows <- data.frame(unit = shown, at = seq_along(shown), panel = "")
  if (!is.null(x$framework$bands)) {
    rows$tier <- tier_factor(x$nominal$band[match(shown, x$nominal$unit)], x$framework)
  }
  rows
}

# The middle and the last place of each nominal tier of each panel.
tier_places <- function(rows) {
  if (is.null(rows[["tier"]]) || all(is.na(rows[["tier"]]))) {
    return(data.frame(tier = character(), panel = character(), middle = double(), last = double()))
  }
  out <- stats::aggregate(at ~ tier + panel, rows, function(at) c(mean(at), max(at)))
  data.frame(out[c("tier", "panel")], middle = out$at[, 1L], last = out$at[, 2L])
}

tier_limits <- function(rows, axis = "x") {
  at <- tier_places(rows)
  at <- at[at$last < stats::ave(at$last, at$panel, FUN = function(last) max(last, 0)), ]
  draw <- if (axis == "x") ggplot2::geom_vline else ggplot2::geom_hline
  where <- if (axis == "x") ggplot2::aes(xintercept = .data$last + 0.5) else ggplot2::aes(yintercept = .data$last + 0.5)
  draw(where, at, colour = cap_palette[["charcoal"]], linewidth = 0.3, linetype = "dotted")
}

# Tiers as labels of an axis of places; in several panels they have no one place.
tier_axis <- function(rows) {
  at <- tier_places(if (one_panel(rows)) rows else NULL)
  ggplot2::scale_x_continuous(breaks = at$middle, labels = as.character(at$tier), expand = ggplot2::expansion(add = 1))
}

order_label <- function(rows, lang) {
  if (is.null(rows[["tier"]])) {
    return(say(lang, "plot_axis.order"))
  }
  say(lang, if (one_panel(rows)) "plot_axis.order_tiers" else "plot_axis.order_dotted")
}

one_panel <- function(rows) length(unique(rows$panel)) == 1L

shown_of <- function(units, x) {
  n <- length(unique(units))
  all <- nrow(x$nominal)
  if (n == all) term("plot_key.all_units", n = n) else term("plot_key.some_units", n = n, all = all)
}

# Names of factors in a language: its own words for stages, the user's names as they are.
factors_in <- function(lang, x, factor) {
  words <- text_in(lang, factor_words(x$factors))
  at <- match(factor, vapply(x$factors, `[[`, "", "name"))
  ifelse(is.na(at), say(lang, "plot_key.dummy"), words[at])
}

# What a run varied; how, where there is room to say it.
what_varied <- function(x, lang) {
  names <- factor_words(x$factors)
  parts <- terms("list.detail", what = names, detail = lapply(x$factors, `[[`, "label"))
  if (sum(nchar(text_in(lang, parts))) > 120L) parts <- names
  term("plot_note.varied", factors = listed(parts))
}

whole_breaks <- function(limits) unique(round(pretty(limits)))
signed <- function(v) ifelse(v > 0, paste0("+", v), v)

# From white at 0 to dark at 1; estimates beyond have the colour of the end.
share_fill <- function(breaks, lang) {
  ggplot2::scale_fill_gradientn(
    colours = c("white", rev(tier_colours(5L))), limits = c(0, 1), breaks = breaks, labels = percent_axis(lang),
    oob = function(v, range, ...) pmin(pmax(v, range[1L]), range[2L]), na.value = grey_rest
  )
}

small_legend <- function() {
  ggplot2::theme(
    legend.position = "top", legend.justification = "right", legend.margin = ggplot2::margin(),
    legend.key.size = ggplot2::unit(0.35, "cm"), legend.text = ggplot2::element_text(size = 8)
  )
}

#' Plot of Sobol indices
#'
#' First-order and total indices with their intervals, the largest total on top.
#'
#' @param x From [cap_sobol()].
#' @param ... Not used.
#' @param most The number of factors to show.
#' @param lang The language of texts, as in [cap_findings()].
#' @return A ggplot object.
#' @section Errors:
#' `cap_error_input` where the result does not vary, so that there are no indices.
#' @export
#' @examples
#' plot(cap_sobol(function(u) u[, 1] + u[, 2] * u[, 3], 3, n = 256))
plot.cap_sobol <- function(x, ..., most = 20, lang = "en") {
  check_dots("plot", ...)
  check_count(most, "most", most = Inf)
  if (!is.null(x$constant)) {
    cap_abort_input("There is nothing to plot: the result of {.arg f} does not vary.")
  }
  table <- x$indices[order(-x$indices$total, x$indices$factor, method = "radix"), ]
  all <- nrow(table)
  note <- if (all > most) {
    say(lang, "plot_note.sobol_most", n = x$n, conf = 100 * x$conf, most = most, all = all)
  } else {
    say(lang, "plot_note.sobol", n = x$n, conf = 100 * x$conf)
  }
  index_chart(utils::head(table, most), say(lang, "plot_title.sobol"), note, lang)
}

# First-order and total indices with their intervals; the first row on top.
index_chart <- function(table, title, note, lang) {
  kinds <- c(say(lang, "plot_key.total_index"), say(lang, "plot_key.first_order")) # drawn from below
  long <- data.frame(
    factor = factor(table$factor, levels = rev(table$factor)),
    kind = factor(rep(kinds, each = nrow(table)), levels = kinds),
    index = c(table$total, table$first),
    low = c(table$total_low, table$first_low), high = c(table$total_high, table$first_high)
  )
  long <- long[!is.na(long$index), ]
  side <- ggplot2::position_dodge(width = 0.5)
  ggplot2::ggplot(long, ggplot2::aes(.data$index, .data$factor, colour = .data$kind, shape = .data$kind)) +
    zero_line("x") +
    ggplot2::geom_errorbarh(
      data = long[!is.na(long$low), ], ggplot2::aes(xmin = .data$low, xmax = .data$high),
      height = 0.2, position = side, show.legend = FALSE
    ) +
    ggplot2::geom_point(size = 2.6, position = side) +
    ggplot2::scale_colour_manual(values = stats::setNames(cap_palette[c("orange", "blue")], kinds)) +
    ggplot2::scale_shape_manual(values = stats::setNames(c(17, 16), kinds)) +
    ggplot2::scale_x_continuous(labels = percent_axis(lang)) +
    ggplot2::guides(
      colour = ggplot2::guide_legend(reverse = TRUE), shape = ggplot2::guide_legend(reverse = TRUE)
    ) +
    plot_labels(title, note, x = say(lang, "plot_axis.variance"), y = NULL, colour = NULL, shape = NULL) +
    cap_theme() +
    no_grid("y") +
    ggplot2::theme(legend.position = "top", legend.justification = "left")
}
