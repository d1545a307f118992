# Plots of comparisons of indices.

#' @param y Not used.
#' @param edition The edition to plot; the last one by default.
#' @param most Units to name: those with the largest shifts.
#' @param x For the plot: a `cap_compare`.
#' @param lang For the plot: the language of texts, as in [cap_findings()].
#' @rdname cap_compare
#' @export
plot.cap_compare <- function(x, y = NULL, edition = NULL, most = 5L, ..., lang = "en") {
  check_dots("plot", ...)
  edition <- edition %||% last_edition(x)
  check_edition(edition, x$edition, "the comparison")
  check_number(most, "most", 0)
  table <- as.data.frame(x)
  table <- table[table$edition == edition, ]
  table$from <- rep(table$rank[table$index == x$indices[1L]], each = length(x$indices))
  table <- table[table$index != x$indices[1L], ]
  table$index <- factor(table$index, levels = x$indices[-1L])
  order <- order(table$index, -abs(table$rank_shift), table$unit, method = "radix")
  place <- stats::ave(seq_along(order), table$index[order], FUN = seq_along)
  named <- table[order[place <= most], ]
  named <- named[named$rank_shift != 0, ]
  first <- x$indices[1L]
  ggplot2::ggplot(table, ggplot2::aes(.data$from, .data$rank_shift)) +
    ggplot2::geom_hline(yintercept = 0, colour = cap_palette[["charcoal"]], linewidth = 0.3) +
    ggplot2::geom_segment(ggplot2::aes(xend = .data$from, yend = 0), colour = grey_rest, linewidth = 0.3) +
    ggplot2::geom_point(colour = cap_palette[["blue"]], size = 1.4) +
    ggplot2::geom_text(data = named, ggplot2::aes(label = .data$unit), size = 3, vjust = -0.6) +
    ggplot2::facet_wrap(ggplot2::vars(.data$index)) +
    ggplot2::scale_y_reverse(expand = ggplot2::expansion(0.1)) +
    plot_labels(
      say(lang, "plot_title.compare", index = first, edition = edition), say(lang, "plot_note.compare", index = first),
      x = say(lang, "plot_axis.rank_by", index = first), y = say(lang, "plot_axis.rank_shift")
    ) +
    cap_theme()
}
