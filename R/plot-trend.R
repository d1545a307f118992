#' @param y Not used.
#' @param code For the plot: the score to show, the overall one by default.
#' @rdname cap_trend
#' @export
plot.cap_trend <- function(x, y = NULL, code = NULL, ...) {
  code <- code %||% x$data$codes[1L]
  if (!is.character(code) || length(code) != 1L || !code %in% x$data$codes) {
    cap_abort_input("{.arg code} must be one of {.val {x$data$codes}}.")
  }
  levels <- x$levels[x$levels$code == code, ]
  panels <- levels$label[!duplicated(levels$group)]
  points <- trend_points(x, levels, panels)
  change <- trend_like_for_like(x, code, panels)
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
    clipped_ends(points, trend_limits(x, code, points)) +
    ggplot2::geom_segment(
      data = change, ggplot2::aes(x = .data$from, xend = .data$to, y = .data$start, yend = .data$end),
      colour = cap_palette[["orange"]], linewidth = 0.9
    ) +
    ggplot2::geom_point(data = points[!is.na(points$value), ], colour = cap_palette[["blue"]], size = 2) +
    ggplot2::scale_x_continuous(
      breaks = unique(points$time), labels = x$data$editions[match(unique(points$time), x$data$time)],
      guide = ggplot2::guide_axis(check.overlap = TRUE)
    ) +
    ggplot2::coord_cartesian(ylim = trend_limits(x, code, points)) +
    ggplot2::labs(title = wrap_title(trend_title(x, levels)), subtitle = trend_subtitle(x), x = NULL, y = "points") +
    cap_theme() +
    ggplot2::theme(
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
trend_like_for_like <- function(x, code, panels) {
  table <- x$changes[x$changes$code == code & x$changes$weights == (if (x$weighted) "users" else "none"), ]
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
trend_limits <- function(x, code, points) {
  top <- x$data$top[match(code, x$data$codes)]
  seen <- range(points$value, points$simple, na.rm = TRUE)
  c(min(0, seen[1L]), max(if (is.na(top)) x$scale else top, seen[2L]))
}

# The editions that have the score: parts may be known for a few only.
trend_title <- function(x, levels) {
  code <- levels$code[1L]
  what <- if (code == x$data$codes[1L]) "overall score" else paste("score", code)
  known <- x$data$editions[x$data$editions %in% levels$edition]
  paste0("Mean ", what, " of groups, ", known[1L], " to ", last_of(known))
}

trend_subtitle <- function(x) {
  paste0(
    if (x$weighted) "Blue: weighted by internet users" else "Blue: simple mean",
    ", with ", format_number(100 * x$data$conf, 0L), " % intervals",
    if (any(x$levels$low < 0 | x$levels$high > x$scale, na.rm = TRUE)) " (triangle: goes on)",
    if (x$weighted) ". White dots: simple mean",
    if (x$kind == "like for like") ".\nOrange: like for like, on the later method",
    if (any(breaks_of(x$data$method))) paste0(
      if (x$kind == "like for like") ". " else ".\n",
      "Dotted: the method changes; points on its two sides do not compare"
    )
  )
}
