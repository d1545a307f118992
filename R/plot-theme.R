# The look of every plot: theme, titles and notes, numbers on axes, grids, zero lines.

# `...` are elements that a plot has in its own way.
cap_theme <- function(...) {
  ggplot2::theme_minimal(base_size = 11) +
    ggplot2::theme(
      panel.grid.minor = ggplot2::element_blank(),
      plot.background = ggplot2::element_rect(fill = "white", colour = NA),
      plot.title = ggplot2::element_text(face = "bold", size = 12),
      plot.subtitle = ggplot2::element_text(colour = cap_palette[["charcoal"]], size = 10),
      plot.title.position = "plot"
    ) +
    ggplot2::theme(...)
}

# The words around a plot, within a figure 7 inches wide: a title, and notes below it,
# of which each begins a line. `...` are those of axes and legends.
plot_labels <- function(title, notes = NULL, ..., width = 98L) {
  notes <- unlist(lapply(notes, strwrap, width))
  ggplot2::labs(title = wrap_title(title), subtitle = if (length(notes) > 0L) paste(notes, collapse = "\n"), ...)
}

# Titles break at a comma if they can.
wrap_title <- function(title) {
  if (nchar(title) > 61L) title <- sub("^(.*), ", "\\1,\n", title)
  lines <- strsplit(title, "\n", fixed = TRUE)[[1L]]
  paste(wrap_lines(lines, 62L), collapse = "\n")
}

# Each text broken into lines shorter than `width`.
wrap_lines <- function(text, width) {
  vapply(text, function(one) paste(strwrap(one, width), collapse = "\n"), "", USE.NAMES = FALSE)
}

# What an axis writes beside its breaks, in a language: numbers, and shares in per cent.
number_axis <- function(lang) function(v) number_in(lang, v)
percent_axis <- function(lang) function(v) percent_in(lang, v)

# Shares in per cent, with that many digits or those that they need.
percent_in <- function(lang, share, digits = NULL) {
  shown <- if (is.null(digits)) number_in(lang, 100 * share) else text_in(lang, figure(100 * share, digits))
  text_in(lang, terms("list.percent", share = shown))
}

no_grid <- function(axis) {
  blank <- list(ggplot2::element_blank())
  do.call(ggplot2::theme, stats::setNames(blank, paste0("panel.grid.major.", axis)))
}

zero_line <- function(axis, linewidth = 0.3) {
  colour <- cap_palette[["charcoal"]]
  if (axis == "x") {
    ggplot2::geom_vline(xintercept = 0, colour = colour, linewidth = linewidth)
  } else {
    ggplot2::geom_hline(yintercept = 0, colour = colour, linewidth = linewidth)
  }
}

# The parts of a change as bars, each from where the one before ends, and last the change
# itself; `fill` has the colour of each bar. Bars stand upright or lie.
plot_parts <- function(steps, change, fill, lang, upright = TRUE) {
  placed <- function(...) {
    aes <- ggplot2::aes(...)
    if (!upright) names(aes) <- paste0(chartr("xy", "yx", substr(names(aes), 1L, 1L)), substring(names(aes), 2L))
    aes
  }
  ends <- cumsum(steps)
  from <- c(0, ends[-length(ends)], 0)
  to <- c(ends, change)
  bars <- data.frame(
    at = seq_along(to), low = pmin(from, to), high = pmax(from, to), fill = fill,
    text = text_in(lang, figure(c(steps, change), sign = TRUE))
  )
  ggplot2::ggplot(bars) +
    zero_line(if (upright) "y" else "x", 0.4) +
    ggplot2::geom_segment(
      data = data.frame(at = seq_along(ends), level = ends), colour = cap_palette[["charcoal"]], linewidth = 0.3,
      placed(x = .data$at - 0.3, xend = .data$at + 1.3, y = .data$level, yend = .data$level)
    ) +
    ggplot2::geom_rect(placed(
      xmin = .data$at - 0.3, xmax = .data$at + 0.3, ymin = .data$low, ymax = .data$high, fill = .data$fill
    )) +
    ggplot2::geom_text(
      placed(x = .data$at, y = .data$high, label = .data$text), size = 3.4,
      hjust = if (upright) 0.5 else -0.2, vjust = if (upright) -0.5 else 0.5
    ) +
    ggplot2::scale_fill_identity()
}
