# Plots of weights: of experts, and what weights really do.

#' @export
plot.cap_weights_expert <- function(x, ..., lang = "en") {
  check_dots("plot", ...)
  x$framework <- framework_in(lang, x$framework)
  items <- x$framework$items
  label <- function(code) factor(code, levels = rev(items$code))
  shares <- x$details$experts
  codes <- x$details$parents$parent
  named <- items$label[match(codes, items$code)]
  shares$panel <- factor(named[match(shares$parent, codes)], levels = unique(named))
  shares$item <- label(shares$item)
  pooled <- as.data.frame(x)
  pooled <- pooled[pooled$parent %in% codes, ]
  pooled$panel <- factor(named[match(pooled$parent, codes)], levels = unique(named))
  pooled$item <- label(pooled$item)
  ggplot2::ggplot(shares, ggplot2::aes(.data$share, .data$item)) +
    ggplot2::geom_boxplot(outlier.shape = NA, width = 0.6, colour = "grey45", fill = "grey92") +
    ggplot2::geom_point(
      position = ggplot2::position_jitter(width = 0, height = 0.15, seed = 1),
      size = 0.9, alpha = 0.5, colour = cap_palette[["blue"]]
    ) +
    ggplot2::geom_point(
      data = pooled, ggplot2::aes(.data$weight, .data$item), shape = 23, size = 2.6, fill = "white"
    ) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel), scales = "free_y") +
    ggplot2::scale_x_continuous(labels = number_axis(lang)) +
    plot_labels(
      say(lang, "plot_title.experts", framework = x$framework$title, method = x$method),
      say(lang, "plot_note.experts"),
      x = NULL, y = NULL
    ) +
    cap_theme()
}

#' @rdname plot.cap_index
#' @export
plot.cap_importance <- function(x, ..., lang = "en") {
  check_dots("plot", ...)
  x$framework <- framework_in(lang, x$framework)
  kinds <- c(say(lang, "plot_key.weight"), say(lang, "plot_key.importance"))
  leaves <- importance_leaves(x)
  leaves$label <- x$framework$items$label[match(leaves$item, x$framework$items$code)]
  leaves$label <- factor(leaves$label, levels = rev(leaves$label))
  long <- rbind(
    data.frame(label = leaves$label, share = 100 * leaves$effective, kind = kinds[1L]),
    data.frame(label = leaves$label, share = 100 * leaves$realised, kind = kinds[2L])
  )
  ggplot2::ggplot(leaves, ggplot2::aes(y = .data$label)) +
    ggplot2::geom_segment(
      ggplot2::aes(x = 100 * .data$effective, xend = 100 * .data$realised, yend = .data$label),
      colour = grey_rest, linewidth = 1
    ) +
    ggplot2::geom_point(
      data = long, size = 2.6,
      ggplot2::aes(x = .data$share, colour = .data$kind, shape = .data$kind)
    ) +
    ggplot2::scale_colour_manual(values = stats::setNames(cap_palette[c("blue", "orange")], kinds)) +
    ggplot2::scale_shape_manual(values = stats::setNames(c(16, 18), kinds)) +
    ggplot2::expand_limits(x = 0) +
    ggplot2::scale_x_continuous(labels = number_axis(lang)) +
    plot_labels(
      say(lang, "plot_title.importance", framework = x$framework$title), say(lang, "plot_note.importance"),
      x = say(lang, "plot_axis.per_cent"), y = NULL, colour = NULL, shape = NULL
    ) +
    cap_theme() +
    ggplot2::theme(legend.position = "top", legend.justification = "right")
}
