#' Plots of an index and of a bridge
#'
#' `plot(index)` shows the countries in each tier by group
#' (`type = "tiers"`), or, with `unit`, the pillar profile of one unit beside
#' the median of its group (`type = "profile"`). `plot(bridge)` shows, for one
#' unit, how answers, weights and items lead from one score to the other; for
#' all units, the change like for like against the published change.
#'
#' @param x From [cap_index()] or [cap_bridge()].
#' @param type `"tiers"` or `"profile"`; by default `"profile"` when `unit` is
#'   given.
#' @param unit Code of a unit.
#' @param edition The edition to show; the last one by default.
#' @param by Groups, as in [cap_regions()].
#' @param ... Not used.
#' @param lang The language of texts and names of units, as in [cap_findings()].
#' @return A ggplot object. Some languages need letters that R's `pdf()` lacks: save with
#'   `ggplot2::ggsave("plot.pdf", device = cairo_pdf)`.
#' @section Errors:
#' `cap_error_input` for a unit or edition that the result lacks, and for tiers
#' of a framework without bands.
#' @name plot.cap_index
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' plot(gci)
#' plot(gci, unit = "KEN")
NULL

#' @rdname plot.cap_index
#' @export
plot.cap_index <- function(x, type = NULL, unit = NULL, edition = NULL,
                           by = "itu_region", ..., lang = "en") {
  check_dots("plot", ...)
  type <- choose(type %||% if (is.null(unit)) "tiers" else "profile", c("tiers", "profile"), "type")
  edition <- edition %||% last_edition(x)
  check_edition(edition, x$edition, "the index")
  x$framework <- framework_in(lang, x$framework)
  if (type == "tiers") {
    return(plot_tiers(x, edition, by, lang))
  }
  check_string(unit, "unit")
  plot_profile(x, unit_row(x, unit, edition), by, lang)
}

unit_row <- function(x, unit, edition) {
  rows <- edition_rows(x, edition)
  check_units(unit, x$unit[rows], "unit", paste("the index in edition", edition))
  rows[match(unit, x$unit[rows])]
}

plot_tiers <- function(x, edition, by, lang) {
  if (is.null(x$framework$bands)) {
    stop_no_bands(x$framework, "i" = "Give {.arg unit} for a profile.")
  }
  counts <- tier_counts(x, edition_rows(x, edition), groups_in(lang, as_groups(by, units = x$unit)))
  if (nrow(counts$counts) == 0L) {
    cap_abort_input("No unit with a tier is in a group of {.arg by}.")
  }
  long <- data.frame(
    group = rep(counts$label, ncol(counts$counts)),
    tier = factor(rep(colnames(counts$counts), each = nrow(counts$counts)), levels = colnames(counts$counts)),
    n = as.vector(counts$counts)
  )
  long$share <- long$n / rep(rowSums(counts$counts), ncol(counts$counts))
  long$group <- factor(long$group, levels = rev(counts$label))
  long <- long[long$n > 0, ]
  colours <- tier_colours(nlevels(long$tier))
  ggplot2::ggplot(long, ggplot2::aes(.data$share, .data$group, fill = .data$tier)) +
    ggplot2::geom_col(position = ggplot2::position_stack(reverse = TRUE), width = 0.7, colour = "white", linewidth = 0.3) +
    ggplot2::geom_text(ggplot2::aes(label = .data$n, colour = .data$tier),
      position = ggplot2::position_stack(vjust = 0.5, reverse = TRUE), size = 3.2, show.legend = FALSE
    ) +
    ggplot2::scale_fill_manual(values = stats::setNames(colours, levels(long$tier)), drop = FALSE) +
    ggplot2::scale_colour_manual(values = stats::setNames(text_on(colours), levels(long$tier)), drop = FALSE) +
    ggplot2::scale_x_continuous(labels = percent_axis(lang), expand = c(0, 0)) +
    plot_labels(
      say(lang, "plot_title.tiers", framework = x$framework$title), say(lang, "plot_note.tiers"),
      x = NULL, y = NULL, fill = NULL
    ) +
    cap_theme() +
    ggplot2::theme(
      legend.position = "top", legend.justification = "right",
      legend.key.size = ggplot2::unit(0.35, "cm"), legend.text = ggplot2::element_text(size = 8),
      panel.grid.major.y = ggplot2::element_blank(), plot.margin = ggplot2::margin(6, 18, 6, 6)
    )
}

# White or black, whichever stands out more: at least 4.5 to 1 on any fill.
text_on <- function(colours) {
  ifelse(contrast(colours, "white") >= contrast(colours, "black"), "white", "black")
}

# list(label, counts): units of each group (and rows of x) in each tier.
tier_counts <- function(x, rows, groups) {
  bands <- x$framework$bands
  band <- index_bands(x)[rows]
  labels <- unique(groups[order(groups$group, method = "radix"), c("group", "label")])
  counts <- vapply(labels$group, function(g) {
    tabulate(band[x$unit[rows] %in% groups$unit[groups$group == g]], nrow(bands))
  }, integer(nrow(bands)))
  counts <- matrix(counts, ncol = nrow(bands), byrow = TRUE)
  colnames(counts) <- paste(bands$label, bands$name)
  keep <- rowSums(counts) > 0
  list(group = labels$group[keep], label = labels$label[keep], counts = counts[keep, , drop = FALSE])
}

plot_profile <- function(x, row, by, lang) {
  framework <- x$framework
  pillars <- pillar_nodes(framework)
  peers <- peer_rows(x, row, groups_in(lang, as_groups(by, units = x$unit)))
  label <- factor(framework$items$label[pillars], levels = rev(framework$items$label[pillars]))
  bars <- data.frame(
    label = label, score = x$scores[row, pillars], max = framework$items$max[pillars]
  )
  drawn <- bars[!is.na(bars$score), ]
  short <- drawn$score < 0.1 * drawn$max
  out <- ggplot2::ggplot(bars, ggplot2::aes(y = .data$label)) +
    ggplot2::geom_col(data = drawn, ggplot2::aes(x = .data$score), fill = cap_palette[["blue"]], width = 0.6) +
    ggplot2::geom_text(
      data = drawn, ggplot2::aes(x = .data$score, label = text_in(lang, figure(.data$score))),
      hjust = ifelse(short, -0.15, 1.15), colour = ifelse(short, "black", "white"), size = 3.2
    ) +
    ggplot2::coord_cartesian(xlim = c(0, max(bars$max))) +
    ggplot2::scale_x_continuous(labels = number_axis(lang)) +
    plot_labels(
      say(lang, "plot_title.profile",
        unit = unit_names(x$unit[row], lang), level = framework$levels[2L], framework = framework$title
      ),
      if (length(peers$rows) > 0L) say(lang, "plot_note.profile", group = peers$label, n = length(peers$rows)),
      x = say(lang, "plot_axis.points"), y = NULL
    ) +
    cap_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
  if (length(peers$rows) == 0L) {
    return(out)
  }
  bars$median <- group_figures(x$scores, NULL, list(peers$rows))[pillars, "median"]
  out + ggplot2::geom_point(
    data = bars, ggplot2::aes(x = .data$median), shape = 23, size = 3.5,
    fill = cap_palette[["orange"]], colour = "white"
  )
}

# The first group that a unit is in: its label and rows of the same edition.
peer_rows <- function(x, row, groups) {
  group <- groups$group[groups$unit == x$unit[row]]
  if (length(group) == 0L) {
    return(list(group = NA_character_, label = NA_character_, rows = integer()))
  }
  members <- groups[groups$group == group[1L], ]
  rows <- which(x$unit %in% members$unit & x$edition == x$edition[row] &
    !is.na(x$scores[, x$framework$root]))
  list(group = group[1L], label = members$label[1L], rows = rows)
}

#' @rdname plot.cap_index
#' @export
plot.cap_bridge <- function(x, unit = NULL, ..., lang = "en") {
  check_dots("plot", ...)
  table <- bridge_overall(x)
  if (is.null(unit)) {
    return(plot_changes(x, table[!is.na(table$published), ], lang))
  }
  check_string(unit, "unit")
  check_units(unit, table$unit, "unit", "both editions")
  plot_waterfall(x, table[table$unit == unit, ], lang)
}

plot_changes <- function(x, table, lang) {
  reversed <- is_reversed(table, root_max(x$framework))
  kinds <- c(say(lang, "plot_key.same_sign"), say(lang, "plot_key.opposite_sign"))
  table$kind <- kinds[reversed + 1L]
  ggplot2::ggplot(table, ggplot2::aes(.data$published, .data$answers)) +
    ggplot2::geom_abline(slope = 1, intercept = 0, colour = grey_rest) +
    ggplot2::geom_hline(yintercept = 0, colour = cap_palette[["charcoal"]], linewidth = 0.3) +
    ggplot2::geom_vline(xintercept = 0, colour = cap_palette[["charcoal"]], linewidth = 0.3) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$kind, shape = .data$kind), size = 2) +
    ggplot2::scale_colour_manual(values = stats::setNames(cap_palette[c("blue", "orange")], kinds)) +
    ggplot2::scale_shape_manual(values = stats::setNames(c(16, 17), kinds)) +
    ggplot2::scale_x_continuous(labels = number_axis(lang)) +
    ggplot2::scale_y_continuous(labels = number_axis(lang)) +
    plot_labels(
      say(lang, "plot_title.changes", from = x$editions$from, to = x$editions$to), say(lang, "plot_note.changes"),
      x = say(lang, "plot_axis.published_change"), y = say(lang, "plot_axis.change_like_for_like"), colour = NULL, shape = NULL
    ) +
    cap_theme() +
    ggplot2::theme(legend.position = "top")
}

# Bars of the change alone: beside whole scores the parts could not be seen.
plot_waterfall <- function(x, row, lang) {
  steps <- c(row$answers, row$weights, row$items)
  ends <- cumsum(steps)
  starts <- c(0, ends[1:2])
  labels <- wrap_lines(c(
    say(lang, "plot_key.answers"), say(lang, "plot_key.weights"), say(lang, "plot_key.items"),
    say(lang, "plot_key.published_difference")
  ), 15L)
  bars <- data.frame(
    at = 1:4, low = pmin(c(starts, 0), c(ends, row$published)),
    high = pmax(c(starts, 0), c(ends, row$published)),
    kind = c("answers", "method", "method", "published"),
    text = text_in(lang, figure(c(steps, row$published), sign = TRUE))
  )
  links <- data.frame(at = 1:3, level = ends)
  ggplot2::ggplot(bars) +
    ggplot2::geom_hline(yintercept = 0, colour = cap_palette[["charcoal"]], linewidth = 0.4) +
    ggplot2::geom_segment(
      data = links, colour = cap_palette[["charcoal"]], linewidth = 0.3,
      ggplot2::aes(x = .data$at - 0.3, xend = .data$at + 1.3, y = .data$level, yend = .data$level)
    ) +
    ggplot2::geom_rect(ggplot2::aes(
      xmin = .data$at - 0.3, xmax = .data$at + 0.3, ymin = .data$low, ymax = .data$high, fill = .data$kind
    )) +
    ggplot2::geom_text(ggplot2::aes(.data$at, .data$high, label = .data$text), vjust = -0.5, size = 3.4) +
    ggplot2::scale_fill_manual(
      values = c(answers = cap_palette[["blue"]], method = cap_palette[["orange"]], published = grey_rest),
      guide = "none"
    ) +
    ggplot2::scale_x_continuous(breaks = bars$at, labels = labels) +
    ggplot2::scale_y_continuous(labels = number_axis(lang), expand = ggplot2::expansion(0.12)) +
    plot_labels(
      say(lang, "plot_title.waterfall", unit = unit_names(row$unit, lang)),
      say(lang, "plot_note.waterfall",
        score_from = row$score_from, from = x$editions$from, score_to = row$score_to, to = x$editions$to
      ),
      x = NULL, y = say(lang, "plot_axis.points")
    ) +
    cap_theme() +
    ggplot2::theme(panel.grid.major.x = ggplot2::element_blank())
}
