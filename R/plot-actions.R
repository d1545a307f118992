#' Plot of next steps
#'
#' For one unit the raises in order, each from where the item stands to where it
#' is raised, with what it costs. For several units how many of them have each
#' item among their next steps.
#'
#' @param x From [cap_actions()].
#' @param unit Code of a unit; not needed when there is one.
#' @param edition The edition; the last one by default.
#' @param ... Not used.
#' @param lang The language of texts and names of units, as in [cap_findings()].
#' @return A ggplot object.
#' @section Errors:
#' `cap_error_input` for a unit or edition that the result lacks, and where there
#' are no steps to show.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' steps <- cap_actions(gci, unit = c("KEN", "FJI", "TON"), alternatives = 1)
#' plot(steps)
#' plot(steps, unit = "TON")
plot.cap_actions <- function(x, unit = NULL, edition = NULL, ..., lang = "en") {
  check_dots("plot", ...)
  edition <- edition %||% x$rows$edition[nrow(x$rows)]
  check_edition(edition, x$rows$edition, "the next steps")
  rows <- x$rows[x$rows$edition == edition, ]
  if (is.null(unit) && nrow(rows) == 1L) unit <- rows$unit
  steps <- x$steps[x$steps$edition == edition, ]
  if (is.null(unit)) {
    return(plot_common_steps(x, rows, steps, edition, lang))
  }
  check_string(unit, "unit")
  check_units(unit, rows$unit, "unit", paste0("the next steps (edition ", edition, ")"))
  plot_unit_steps(x, rows[rows$unit == unit, ], steps[steps$unit == unit, ], lang)
}

check_has_steps <- function(steps, what) {
  if (nrow(steps) == 0L) cap_abort_input("There are no steps to plot: {what}.")
  invisible(steps)
}

plot_unit_steps <- function(x, row, steps, lang) {
  check_has_steps(steps, if (row$outcome == "reached") "the target is reached" else row$reason)
  framework <- framework_in(lang, x$framework)
  items <- framework$items[match(steps$item, framework$items$code), ]
  range <- items$max - items$min
  down <- items$direction < 0
  share <- function(v) ifelse(down, items$max - v, v - items$min) / range
  bars <- data.frame(
    rank = factor(steps$rank, levels = rev(steps$rank)),
    from = ifelse(is.na(steps$from), 0, share(steps$from)), to = share(steps$to),
    text = text_in(lang, terms("plot_key.raise",
      from = level_words(steps$from), to = level_words(steps$to), cost = level_words(steps$cost)
    ))
  )
  names <- paste0(steps$rank, ". ", wrap_lines(items$label, 36L))
  ggplot2::ggplot(bars, ggplot2::aes(y = .data$rank)) +
    ggplot2::geom_segment(
      ggplot2::aes(x = .data$from, xend = .data$to, yend = .data$rank), colour = cap_tint, linewidth = 3
    ) +
    ggplot2::geom_point(ggplot2::aes(x = .data$from), colour = cap_palette[["blue"]], fill = "white", shape = 21, size = 3, stroke = 1) +
    ggplot2::geom_point(ggplot2::aes(x = .data$to), colour = cap_palette[["blue"]], size = 3.4) +
    ggplot2::geom_text(
      ggplot2::aes(x = 1.05, label = .data$text), hjust = 0, size = 3.1, colour = cap_palette[["charcoal"]]
    ) +
    ggplot2::scale_x_continuous(
      limits = c(0, 1.45), breaks = seq(0, 1, 0.25), labels = percent_axis(lang),
      expand = ggplot2::expansion(c(0.02, 0))
    ) +
    ggplot2::scale_y_discrete(labels = stats::setNames(names, steps$rank)) +
    plot_labels(
      say(lang, "plot_title.steps", unit = unit_names(row$unit, lang), framework = framework$title),
      say(lang, if (row$optimal) "plot_note.steps" else "plot_note.steps_unproven",
        from = if (is.na(row$from)) term("actions.below_all") else goal_label(x, framework, row$from),
        to = goal_label(x, framework, row$target), cost = level_words(row$cost), status = x$status
      ),
      x = say(lang, "plot_axis.scale"), y = NULL, width = 84L
    ) +
    cap_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(), axis.title.x = ggplot2::element_text(hjust = 0.3))
}

plot_common_steps <- function(x, rows, steps, edition, lang) {
  check_has_steps(steps, "no unit has a target left that it can reach")
  n <- sum(rows$outcome == "steps")
  counts <- table(steps$item)
  counts <- utils::head(sort(counts, decreasing = TRUE), 20L)
  framework <- framework_in(lang, x$framework)
  label <- paste0(item_label(framework, names(counts)), " (", names(counts), ")")
  bars <- data.frame(label = factor(label, levels = rev(label)), n = as.integer(counts))
  short <- bars$n < 0.08 * max(bars$n)
  ggplot2::ggplot(bars, ggplot2::aes(.data$n, .data$label)) +
    ggplot2::geom_col(fill = cap_palette[["blue"]], width = 0.7) +
    ggplot2::geom_text(
      ggplot2::aes(label = .data$n), size = 3.1, hjust = ifelse(short, -0.3, 1.3),
      colour = ifelse(short, "black", "white")
    ) +
    ggplot2::scale_y_discrete(labels = function(l) wrap_lines(l, 44L)) +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(c(0, 0.05))) +
    plot_labels(
      say(lang, "plot_title.common_steps", framework = framework$title),
      c(say(lang, "plot_note.common_steps", n = n, edition = edition), say(lang, "plot_note.framework_status", status = x$status)),
      x = say(lang, "plot_axis.units"), y = NULL
    ) +
    cap_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
}
