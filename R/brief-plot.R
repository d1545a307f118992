#' Plot the chart of a brief
#'
#' The first chart of a brief's workbook as a ggplot, with the same figures,
#' words and colours: bars, and reference values as diamonds.
#'
#' @param x A brief of [cap_brief()].
#' @param ... Not used.
#' @return A ggplot.
#' @section Errors:
#' `cap_error_input` for a brief without a chart of bars on its first sheet.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' plot(cap_brief(gci, "FJI"))
plot.cap_brief <- function(x, ...) {
  check_dots("plot", ...)
  chart <- first_chart(x)
  if (is.null(chart)) {
    cap_abort_input("The first sheet of this brief has no chart of bars to plot.")
  }
  data <- do.call(rbind, lapply(chart$series, chart_points, plan = x$plan))
  bars <- data[!data$mark, ]
  marks <- data[data$mark & !is.na(data$value), ]
  fills <- stats::setNames(bars$fill, bars$name)[unique(bars$name)]
  stacked <- chart$kind == "bar_stacked"
  place <- if (stacked) ggplot2::position_stack(reverse = TRUE) else ggplot2::position_dodge(0.7)
  out <- ggplot2::ggplot(bars, ggplot2::aes(.data$value, .data$label)) +
    ggplot2::geom_col(ggplot2::aes(fill = .data$name), position = place, width = 0.6, na.rm = TRUE) +
    ggplot2::scale_fill_manual(name = NULL, values = fills, breaks = names(fills)) +
    ggplot2::labs(title = wrap_title(chart$title), x = NULL, y = NULL) +
    cap_theme() +
    ggplot2::theme(
      panel.grid.major.y = ggplot2::element_blank(), legend.position = "bottom",
      legend.justification = "left", legend.margin = ggplot2::margin()
    )
  if (chart$value$fixed) out <- out + ggplot2::coord_cartesian(xlim = c(chart$value$min, chart$value$max))
  if (length(fills) == 1L) out <- out + bar_labels(bars, brief_decimal(x), chart$value$max)
  if (nrow(marks) == 0L) {
    return(if (length(fills) == 1L) out + ggplot2::guides(fill = "none") else out)
  }
  out +
    ggplot2::geom_point(
      data = marks, ggplot2::aes(shape = .data$name), size = 3.5, fill = cap_palette[["orange"]], colour = "white"
    ) +
    ggplot2::scale_shape_manual(name = NULL, values = 23)
}

first_chart <- function(x) {
  first <- x$plan$sheets[[1L]]$name
  charts <- Filter(function(c) identical(c$sheet, first) && startsWith(c$kind, "bar"), x$plan$charts)
  if (length(charts) > 0L) charts[[1L]]
}

# label (the first on top), value, name, fill and whether it is a reference.
chart_points <- function(series, plan) {
  label <- plan_cells(plan, series$categories)
  label <- factor(label, levels = rev(unique(label)))
  data.frame(
    label = label, value = plan_cells(plan, series$values), name = series$name %||% "",
    fill = series$fill_color %||% grey_rest, mark = isTRUE(series$no_fill)
  )
}

# What a plan writes into a column of cells.
plan_cells <- function(plan, range) {
  holds <- function(b) {
    identical(b$sheet, range$sheet) && b$row < range$rows[1L] && range$rows[2L] <= b$row + b$n_rows &&
      b$col <= range$cols[1L] && range$cols[1L] < b$col + length(b$columns)
  }
  block <- Filter(holds, plan$blocks)[[1L]]
  block$columns[[range$cols[1L] - block$col + 1L]]$values[seq(range$rows[1L], range$rows[2L]) - block$row]
}

# Inside long bars, behind short ones.
bar_labels <- function(bars, decimal, max) {
  bars <- bars[!is.na(bars$value), ]
  short <- bars$value < 0.1 * (max %||% max(bars$value, 0))
  ggplot2::geom_text(
    data = bars, ggplot2::aes(label = format_number(.data$value, 1L, decimal = decimal)),
    hjust = ifelse(short, -0.15, 1.15), colour = ifelse(short, "black", text_on(bars$fill)), size = 3.2
  )
}

# The decimal mark of a workbook of ours, as its plan says its language.
brief_decimal <- function(x) language_rules(read_marks(x$plan$properties$keywords)$lang)$decimal
