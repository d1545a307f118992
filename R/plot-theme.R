# The look of every plot: theme, titles, grids and zero lines.

cap_theme <- function() {
  ggplot2::theme_minimal(base_size = 11) +
    ggplot2::theme(
      panel.grid.minor = ggplot2::element_blank(),
      plot.background = ggplot2::element_rect(fill = "white", colour = NA),
      plot.title = ggplot2::element_text(face = "bold", size = 12),
      plot.subtitle = ggplot2::element_text(colour = cap_palette[["charcoal"]], size = 10),
      plot.title.position = "plot"
    )
}

# Titles stay within a figure 7 inches wide; they break at a comma if they can.
wrap_title <- function(title) {
  if (nchar(title) > 61L) title <- sub("^(.*), ", "\\1,\n", title)
  lines <- strsplit(title, "\n", fixed = TRUE)[[1L]]
  paste(unlist(lapply(lines, strwrap, width = 62L)), collapse = "\n")
}

no_grid <- function(axis) {
  blank <- list(ggplot2::element_blank())
  do.call(ggplot2::theme, stats::setNames(blank, paste0("panel.grid.major.", axis)))
}

zero_line <- function(axis) {
  colour <- cap_palette[["charcoal"]]
  if (axis == "x") {
    ggplot2::geom_vline(xintercept = 0, colour = colour, linewidth = 0.3)
  } else {
    ggplot2::geom_hline(yintercept = 0, colour = colour, linewidth = 0.3)
  }
}
