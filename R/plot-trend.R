#' @param y Not used.
#' @param item For the plot: the item to show, the overall one by default.
#' @param x For the plot: a `cap_trend`.
#' @param lang For the plot: the language of texts, as in [cap_findings()].
#' @rdname cap_trend
#' @export
plot.cap_trend <- function(x, y = NULL, item = NULL, ..., lang = "en") {
  check_dots("plot", ...)
  item <- item %||% x$data$codes[1L]
  check_string(item, "item")
  check_items(item, x$data$codes, "item", "the trend")
  x <- labelled_trend(lang, x)
  levels <- x$levels[x$levels$item == item, ]
  panels <- levels$label[!duplicated(levels$group)]
  points <- trend_points(x, levels, panels)
  change <- trend_like_for_like(x, item, panels)
  size <- if (length(panels) > 8L) 8 else 9
  ggplot2::ggplot(points, ggplot2::aes(.data$time, .data$value)) +
    ggplot2::facet_wrap(~panel, labeller = ggplot2::label_wrap_gen(28L)) +
    ggplot2::geom_vline(
      data = data.frame(at = break_times(x, levels)), ggplot2::aes(xintercept = .data$at),
      colour = grey_rest, linewidth = 0.4, linetype = "dotted"
    ) +
    ggplot2::geom_line(data = points[!is.na(points$value), ], colour = cap_tint, linewidth = 0.5) +
    ggplot2::geom_line(
      data = joined(points, "value"), ggplot2::aes(group = .data$segment),
      colour = cap_palette[["blue"]], linewidth = 0.8
    ) +
    trend_simple_line(x, points) +
    ggplot2::geom_linerange(
      data = points[!is.na(points$low), ], ggplot2::aes(ymin = .data$low, ymax = .data$high),
      colour = cap_palette[["blue"]], linewidth = 0.5
    ) +
    clipped_ends(points, trend_limits(x, item, points)) +
    ggplot2::geom_segment(
      data = change, ggplot2::aes(x = .data$from, xend = .data$to, y = .data$start, yend = .data$end),
      colour = cap_palette[["orange"]], linewidth = 0.9
    ) +
    ggplot2::geom_point(data = points[!is.na(points$value), ], colour = cap_palette[["blue"]], size = 2) +
    ggplot2::scale_x_continuous(
      breaks = unique(points$time), labels = x$data$editions[match(unique(points$time), x$data$time)],
      guide = ggplot2::guide_axis(check.overlap = TRUE)
    ) +
    ggplot2::coord_cartesian(ylim = trend_limits(x, item, points)) +
    ggplot2::scale_y_continuous(labels = number_axis(lang)) +
    plot_labels(trend_title(x, levels, lang), trend_note(x, lang), x = NULL, y = say(lang, "plot_axis.points")) +
    cap_theme(
      axis.text.x = ggplot2::element_text(size = size - 1, angle = 45, hjust = 1),
      panel.grid.major.x = ggplot2::element_blank(), strip.text = ggplot2::element_text(hjust = 0, size = size),
      panel.spacing.x = ggplot2::unit(12, "pt")
    )
}

# A point a group and edition; a line joins editions of one method only.
trend_points <- function(x, levels, panels) {
  at <- match(levels$edition, x$data$editions)
  method <- cumsum(breaks_of(x$data$method))[at]
  data.frame(
    panel = factor(levels$label, levels = panels), time = x$data$time[at],
    value = if (x$weighted) levels$mean_weighted else levels$mean, simple = levels$mean,
    low = levels$low, high = levels$high, segment = paste(levels$group, method)
  )
}

# Points that have another to be joined with.
joined <- function(points, column) {
  points <- points[!is.na(points[[column]]), ]
  points[points$segment %in% points$segment[duplicated(points$segment)], ]
}

trend_simple_line <- function(x, points) {
  points <- points[!is.na(points$simple), ]
  if (!x$weighted) {
    return(NULL)
  }
  list(
    ggplot2::geom_line(
      data = joined(points, "simple"), ggplot2::aes(y = .data$simple, group = .data$segment),
      colour = cap_palette[["charcoal"]], linewidth = 0.6
    ),
    ggplot2::geom_point(
      data = points, ggplot2::aes(y = .data$simple), shape = 21, size = 1.8,
      colour = cap_palette[["charcoal"]], fill = "white"
    )
  )
}

# A triangle where an interval goes on beyond the scale.
clipped_ends <- function(points, limits) {
  beyond <- function(at, limit, shape) {
    ggplot2::geom_point(
      data = points[at %in% TRUE, ], ggplot2::aes(y = limit), shape = shape, size = 1.6,
      colour = cap_palette[["blue"]], fill = cap_palette[["blue"]]
    )
  }
  list(beyond(points$high > limits[2L], limits[2L], 24L), beyond(points$low < limits[1L], limits[1L], 25L))
}

# The change of the mean on the later edition's method, where it is known.
trend_like_for_like <- function(x, item, panels) {
  table <- x$changes[x$changes$item == item & x$changes$weights == (if (x$weighted) "users" else "none"), ]
  table <- table[x$kind == "like for like" & !is.na(table$change), ]
  time <- function(edition) x$data$time[match(edition, x$data$editions)]
  data.frame(
    panel = factor(table$label, levels = panels), from = time(table$from), to = time(table$to),
    start = table$mean_from, end = table$mean_to
  )
}

# Midway between editions of different methods.
break_times <- function(x, levels) {
  at <- sort(unique(match(levels$edition, x$data$editions)))
  time <- x$data$time[at]
  broken <- which(breaks_of(x$data$method[at]))
  (time[broken] + time[broken - 1L]) / 2
}

# The scale of the score, which intervals of few units may leave.
trend_limits <- function(x, item, points) {
  top <- x$data$top[match(item, x$data$codes)]
  seen <- range(points$value, points$simple, na.rm = TRUE)
  c(min(0, seen[1L]), max(if (is.na(top)) x$scale else top, seen[2L]))
}

# The editions that have the score: parts may be known for a few only.
trend_title <- function(x, levels, lang) {
  item <- levels$item[1L]
  known <- x$data$editions[x$data$editions %in% levels$edition]
  if (item == x$data$codes[1L]) {
    say(lang, "plot_title.trend", from = known[1L], to = last_of(known))
  } else {
    say(lang, "plot_title.trend_item", item = item, from = known[1L], to = last_of(known))
  }
}

trend_note <- function(x, lang) {
  paste(c(
    say(lang, if (x$weighted) "plot_note.trend_users" else "plot_note.trend_simple", conf = 100 * x$data$conf),
    if (any(x$levels$low < 0 | x$levels$high > x$scale, na.rm = TRUE)) say(lang, "plot_note.trend_beyond"),
    if (x$weighted) say(lang, "plot_note.trend_white"),
    if (x$kind == "like for like") say(lang, "plot_note.trend_orange"),
    if (any(breaks_of(x$data$method))) say(lang, "plot_note.trend_dotted")
  ), collapse = " ")
}

#' @param y Not used.
#' @param most Units to name beyond the limits of agreement, in each edition.
#' @param x For the plot: a `cap_compare_series`.
#' @param lang For the plot: the language of texts, as in [cap_findings()].
#' @param ... Not used.
#' @rdname cap_compare_series
#' @export
plot.cap_compare_series <- function(x, y = NULL, most = 5L, ..., lang = "en") {
  check_dots("plot", ...)
  check_number(most, "most", 0)
  table <- series_units(x)
  table <- table[!is.na(table$difference), ]
  if (nrow(table) == 0L) {
    cap_abort_input("There is no agreement to plot: no edition has two units that differ in both series.")
  }
  label <- function(e) {
    made <- e %in% x$time[x$interpolated]
    ifelse(made, text_in(lang, terms("plot_key.interpolated", edition = e)), as.character(e))
  }
  facet <- function(e) factor(label(e), levels = label(x$time))
  table$facet <- facet(table$edition)
  limits <- series_agreement(x)
  limits <- limits[!is.na(limits$limit), ]
  limits <- data.frame(facet = facet(rep(limits$edition, 2L)), at = c(limits$limit, -limits$limit))
  by <- order(table$edition, -abs(table$difference), table$unit, method = "radix")
  place <- stats::ave(seq_along(by), table$edition[by], FUN = seq_along)
  named <- table[by[place <= most], ]
  named <- named[named$beyond, ]
  ggplot2::ggplot(table, ggplot2::aes((.data$z + .data$z_other) / 2, .data$difference)) +
    zero_line("y") +
    ggplot2::geom_hline(
      data = limits, ggplot2::aes(yintercept = .data$at), linetype = "dashed",
      colour = cap_palette[["charcoal"]], linewidth = 0.4
    ) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$beyond), size = 1.4) +
    ggplot2::geom_text(
      data = named, ggplot2::aes(label = .data$unit, vjust = ifelse(.data$difference > 0, -0.7, 1.6)),
      size = 3, check_overlap = TRUE
    ) +
    ggplot2::scale_colour_manual(values = c("FALSE" = cap_palette[["blue"]], "TRUE" = cap_palette[["orange"]]), guide = "none") +
    ggplot2::scale_x_continuous(labels = number_axis(lang)) +
    ggplot2::scale_y_continuous(labels = number_axis(lang), expand = ggplot2::expansion(0.1)) +
    ggplot2::facet_wrap(ggplot2::vars(.data$facet)) +
    plot_labels(
      say(lang, "plot_title.series"), say(lang, "plot_note.series", conf = 100 * x$conf),
      x = say(lang, "plot_axis.series_mean"), y = say(lang, "plot_axis.series_difference")
    ) +
    cap_theme()
}

#' @param y Not used.
#' @param x For the plot: a `cap_convergence`.
#' @param lang For the plot: the language of texts, as in [cap_findings()].
#' @param ... Not used.
#' @rdname cap_convergence
#' @export
plot.cap_convergence <- function(x, y = NULL, ..., lang = "en") {
  check_dots("plot", ...)
  if (is.null(x$beta$none)) {
    cap_abort_input("There is no slope to plot: fewer than three units, or all start at one score.")
  }
  x <- sides_in(lang, x)
  e <- x$ends
  per <- if (x$run$form == "log") x$run$years else 1
  side <- x$side[e$rows]
  labels <- c(label = x$label, rest = x$rest)
  labels[x$keys[names(labels)] == "group.the_rest"] <- say(lang, "plot_key.rest")
  labels <- unname(c(labels, say(lang, "plot_key.neither")))
  points <- data.frame(
    from = e$from, change = (e$to - e$from) / per,
    side = factor(labels[match(side, c(1L, 0L, -1L))], levels = unique(labels))
  )
  b <- x$beta$none
  centre <- group_figures(cbind(points$from, points$change), NULL, list(seq_len(nrow(points))))[, "mean"]
  lines <- data.frame(
    slope = c(b$coef[2L], b$null[["mean"]]),
    intercept = c(b$coef[1L], centre[2L] - b$null[["mean"]] * centre[1L]),
    line = c("fitted", "nobody catches up")
  )
  top <- e$limits[2L]
  reach <- range(points$from)
  ceiling <- data.frame(from = reach, change = (top - reach) / per)
  colours <- stats::setNames(c(cap_palette[["orange"]], cap_palette[["blue"]], grey_rest), labels)
  ggplot2::ggplot(points, ggplot2::aes(.data$from, .data$change)) +
    zero_line("y") +
    ggplot2::geom_line(data = ceiling, colour = cap_palette[["charcoal"]], linewidth = 0.5, linetype = "dotted") +
    ggplot2::geom_point(ggplot2::aes(colour = .data$side, shape = .data$side), size = 1.8) +
    ggplot2::geom_abline(
      data = lines, linewidth = 0.7, colour = cap_palette[["charcoal"]],
      ggplot2::aes(slope = .data$slope, intercept = .data$intercept, linetype = .data$line)
    ) +
    ggplot2::scale_colour_manual(values = colours) +
    ggplot2::scale_shape_manual(values = stats::setNames(c(17, 16, 4), labels)) +
    ggplot2::scale_linetype_manual(values = c(fitted = "solid", "nobody catches up" = "dashed")) +
    ggplot2::scale_x_continuous(labels = number_axis(lang)) +
    ggplot2::scale_y_continuous(labels = number_axis(lang)) +
    plot_labels(
      say(lang, "plot_title.convergence",
        from = x$pair$editions$from, to = x$pair$editions$to, kind = how_compared(x$pair)
      ),
      c(
        say(lang, "plot_note.convergence", slope = b$coef[[2L]], null = b$null[["mean"]]),
        say(lang, "plot_note.convergence_verdict", verdict = words_of("verdict", x$verdict)[[1L]])
      ),
      x = start_label(x, lang),
      y = say(lang, if (x$run$form == "log") "plot_axis.change_log" else "plot_axis.change"),
      colour = NULL, shape = NULL
    ) +
    ggplot2::guides(linetype = "none") +
    cap_theme(legend.position = "top", legend.justification = "left", legend.margin = ggplot2::margin(0, 0, 0, 0))
}

# What the axis of starting scores shows.
start_label <- function(x, lang) {
  score <- term("plot_axis.start", from = x$pair$editions$from)
  if (x$run$form == "log") score <- term("plot_axis.start_log", score = score)
  if (x$pair$like_for_like) score <- term("plot_axis.start_weights", score = score, to = x$pair$editions$to)
  text_in(lang, score)
}

how_compared <- function(pair) term(if (pair$like_for_like) "change_kind.like_for_like" else "plot_key.as_published")

#' @param y Not used.
#' @param group For the plot: a group of `by`, or `"(all)"`.
#' @param x For the plot: a `cap_decompose`.
#' @param lang For the plot: the language of texts, as in [cap_findings()].
#' @param ... Not used.
#' @rdname cap_decompose
#' @export
plot.cap_decompose <- function(x, y = NULL, group = "(all)", ..., lang = "en") {
  check_dots("plot", ...)
  at <- if (is.character(group) && length(group) == 1L) match(group, names(x$members))
  if (length(at) != 1L || is.na(at)) {
    cap_abort_input("{.arg group} must be one of {.val {names(x$members)}}.")
  }
  x$label <- group_labels(names(x$members), x$groups, lang)
  x$pair$framework <- if (!is.null(x$pair$framework)) framework_in(lang, x$pair$framework)
  row <- decomposed_groups(x)[at, ]
  if (is.na(row$within)) {
    cap_abort_input("{.val {group}} has no unit with a score and users at both editions, so its change has no parts.")
  }
  plot_shift_share(x, row, x$effects[[at]], lang)
}

plot_shift_share <- function(x, row, effects, lang) {
  parts <- if (length(x$pair$code) > 1L) seq_along(x$pair$code)[-1L] else 1L
  within <- vapply(parts, function(p) compensated_sum(effects$within[, p]), 0)
  other <- c(row$composition, row$interaction, row$turnover)
  keep <- c(TRUE, x$form == "laspeyres", abs(row$turnover) > 0)
  steps <- c(within, other[keep])
  moved <- c(say(lang, "plot_key.moved"), say(lang, "plot_key.both"), say(lang, "plot_key.turnover"))
  labels <- c(
    if (length(parts) > 1L) part_labels(x$pair, x$pair$code[parts]) else say(lang, "plot_key.improved"),
    moved[keep], say(lang, "plot_key.change")
  )
  fill <- c(rep(cap_palette[["blue"]], length(within)), rep(cap_palette[["orange"]], sum(keep)), grey_rest)
  plot_parts(steps, row$change, fill, lang, upright = FALSE) +
    ggplot2::scale_y_reverse(breaks = seq_along(labels), labels = labels, expand = ggplot2::expansion(0.04)) +
    ggplot2::scale_x_continuous(labels = number_axis(lang), expand = ggplot2::expansion(c(0.05, 0.14))) +
    plot_labels(
      say(lang, "plot_title.shift_share", group = row$label, from = x$pair$editions$from, to = x$pair$editions$to),
      c(
        say(lang, if (x$weighted) "plot_note.shift_share_users" else "plot_note.shift_share",
          mean_from = row$mean_from, mean_to = row$mean_to, max = x$pair$scale, kind = how_compared(x$pair)
        ),
        if (length(parts) > 1L) say(lang, "plot_note.shift_share_parts")
      ),
      x = say(lang, "plot_axis.points"), y = NULL
    ) +
    cap_theme(panel.grid.major.y = ggplot2::element_blank())
}

#' @param y Not used.
#' @param x For the plot: a `cap_mobility`.
#' @param lang For the plot: the language of texts, as in [cap_findings()].
#' @param ... Not used.
#' @rdname cap_mobility
#' @export
plot.cap_mobility <- function(x, y = NULL, ..., lang = "en") {
  check_dots("plot", ...)
  moves <- tier_moves(x)
  table <- transition_table(x)
  table <- table[table$n > 0L, ]
  k <- length(x$labels)
  bars <- flow_bars(x)
  flows <- flow_bands(table, bars)
  colours <- stats::setNames(tier_colours(k), x$labels)
  ggplot2::ggplot() +
    ggplot2::geom_polygon(
      data = flows, ggplot2::aes(.data$x, .data$y, group = .data$flow, fill = .data$tier_from),
      alpha = 0.7, colour = grey_rest, linewidth = 0.2
    ) +
    ggplot2::geom_rect(
      data = bars, colour = "white", linewidth = 0.4,
      ggplot2::aes(xmin = .data$x - 0.06, xmax = .data$x + 0.06, ymin = .data$low, ymax = .data$high, fill = .data$tier)
    ) +
    ggplot2::geom_text(
      data = bars, size = 3.2, colour = cap_palette[["charcoal"]],
      ggplot2::aes(
        x = .data$x + ifelse(.data$x == 1, -0.09, 0.09), y = (.data$low + .data$high) / 2,
        label = text_in(lang, terms("plot_key.tier_count", tier = .data$tier, n = .data$n)), hjust = ifelse(.data$x == 1, 1, 0)
      )
    ) +
    ggplot2::scale_fill_manual(values = colours, guide = "none") +
    ggplot2::scale_x_continuous(
      breaks = 1:2, labels = text_in(lang, terms("plot_axis.edition", edition = unlist(x$pair$editions))),
      limits = c(0.55, 2.45), expand = c(0, 0)
    ) +
    ggplot2::scale_y_continuous(breaks = NULL) +
    plot_labels(
      say(lang, "plot_title.mobility",
        from = x$pair$editions$from, to = x$pair$editions$to, kind = how_compared(x$pair)
      ),
      say(lang, "plot_note.mobility", up = moves[["up"]], down = moves[["down"]], stayed = moves[["stayed"]]),
      x = NULL, y = NULL
    ) +
    cap_theme(panel.grid.major = ggplot2::element_blank())
}

#' @param y Not used.
#' @param title,ylab Of the plot, in place of its own.
#' @param lang For the plot: the language of texts, as in [cap_findings()].
#' @rdname cap_sen
#' @export
plot.cap_sen <- function(x, y = NULL, title = NULL, ylab = NULL, ..., lang = "en") {
  check_dots("plot", ...)
  f <- x$figures
  points <- sen_points(x)
  band <- sen_band(x, points)
  out <- ggplot2::ggplot(points, ggplot2::aes(.data$time, .data$value))
  if (!is.na(f$low)) {
    out <- out + ggplot2::geom_ribbon(
      data = band, ggplot2::aes(x = .data$time, ymin = .data$low, ymax = .data$high),
      inherit.aes = FALSE, fill = cap_tint, alpha = 0.6
    )
  }
  single <- is.null(x$units)
  shade <- if (single) cap_palette[["charcoal"]] else grey_rest
  if (!single) {
    out <- out + ggplot2::geom_line(ggplot2::aes(group = .data$unit), colour = shade, linewidth = 0.3)
  }
  many <- length(unique(points$time)) > 12L
  # The fan of few values would dwarf them: the values set the axis.
  seen <- range(points$value, band$line)
  out +
    ggplot2::geom_point(colour = shade, size = if (single && !many) 2.2 else 1) +
    ggplot2::geom_line(data = band, ggplot2::aes(y = .data$line), colour = cap_palette[["blue"]], linewidth = 0.9) +
    ggplot2::scale_x_continuous(breaks = if (many) ggplot2::waiver() else unique(points$time)) +
    ggplot2::scale_y_continuous(labels = number_axis(lang)) +
    ggplot2::coord_cartesian(ylim = seen + c(-0.1, 0.1) * diff(seen)) +
    plot_labels(
      title %||% say(lang, "plot_title.sen"), sen_notes(x, lang),
      x = NULL, y = ylab %||% say(lang, "plot_axis.value")
    ) +
    cap_theme()
}

#' @export
plot.cap_kendall <- function(x, y = NULL, ...) {
  plot(cap_sen(trend_matrix_of(x), x$time, weights = x$weights), ...)
}
