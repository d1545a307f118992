#' Plots of a readiness
#'
#' `type = "ladder"`: a row a unit, a step a stage. The stage reached is filled,
#' with graded evidence every step in the shade of its probability; a line shows
#' from which to which stage missing answers leave room. Above 30 units: how many
#' are at each stage, with evidence also how many are expected there.
#' `type = "gates"`, for one unit: what each stage asks of each item, and whether
#' it is met.
#'
#' @param x From [cap_readiness()].
#' @param type `"ladder"` or `"gates"`.
#' @param unit Codes of units, by default all; for `"gates"` one.
#' @param edition The edition to show; the last one by default.
#' @param ... Not used.
#' @param lang The language of texts and names of units, as in [cap_findings()].
#' @return A ggplot object.
#' @section Errors:
#' `cap_error_input` for units and editions that the result lacks, and for
#' frameworks without stages.
#' @export
#' @examples
#' gci <- cap_answers(subset(gci_items, edition == 2024), "gci-2024")
#' support <- cap_readiness(gci, "support-profile")
#' plot(support, unit = c("KEN", "RWA", "UGA", "TZA", "BDI", "SSD"))
#' plot(support, type = "gates", unit = "KEN")
plot.cap_readiness <- function(x, type = c("ladder", "gates"), unit = NULL, edition = NULL, ..., lang = "en") {
  check_dots("plot", ...)
  type <- choose(type, c("ladder", "gates"), "type")
  if (is.null(x$gates)) {
    stop_no_stages(x$framework)
  }
  x <- labelled_readiness(lang, x)
  edition <- edition %||% last_edition(x)
  check_edition(edition, x$edition, "the readiness")
  rows <- edition_rows(x, edition)
  check_units(unit, x$unit[rows], "unit", paste("the readiness in edition", edition))
  if (!is.null(unit)) rows <- rows[x$unit[rows] %in% unit]
  if (type == "gates") {
    if (length(unit) != 1L) cap_abort_input("{.arg unit} must name one unit for the gates.")
    return(plot_gates(x, rows, lang))
  }
  if (length(rows) > most_rungs) plot_steps(x, rows, lang) else plot_ladder(x, rows, lang)
}

most_rungs <- 30L

# How many units are at each stage.
plot_steps <- function(x, rows, lang) {
  steps <- data.frame(stage = factor(step_labels(x), levels = step_labels(x)))
  steps$n <- tabulate(x$stage[rows] + 1L, x$gates$n_stages)
  out <- ggplot2::ggplot(steps, ggplot2::aes(.data$stage, .data$n)) +
    ggplot2::geom_col(fill = cap_palette[["blue"]], width = 0.7) +
    ggplot2::geom_text(ggplot2::aes(label = .data$n), vjust = -0.5, size = 3.2) +
    ggplot2::scale_y_continuous(expand = ggplot2::expansion(mult = c(0, 0.12))) +
    plot_labels(
      say(lang, "plot_title.stages", framework = x$framework$title),
      c(
        say(lang, "plot_note.stages", status = readiness_status(x), n = length(rows)),
        if (!is.null(x$law)) say(lang, "plot_note.stages_expected")
      ),
      x = NULL, y = say(lang, "plot_axis.units")
    ) +
    cap_theme(panel.grid.major.x = ggplot2::element_blank(), axis.text.x = ggplot2::element_text(size = 8, vjust = 1))
  if (is.null(x$law)) {
    return(out)
  }
  steps$expected <- expected_stages(x$law, rows)
  out + ggplot2::geom_point(
    data = steps, ggplot2::aes(y = .data$expected), shape = 23, size = 3, fill = cap_palette[["orange"]],
    colour = "white", position = ggplot2::position_nudge(x = 0.22)
  )
}

# "2" and its label below, narrow.
step_labels <- function(x) {
  paste0(x$gates$stage, "\n", wrap_lines(x$gates$label, 15L))
}

plot_ladder <- function(x, rows, lang) {
  sorted <- rows[order(-x$stage[rows], -x$score[rows], x$unit[rows], method = "radix")]
  names <- unit_names(x$unit[sorted], lang)
  steps <- ladder_steps(x, sorted, factor(names, levels = rev(unique(names))))
  uncertain <- !is.null(x$law)
  steps$label <- if (uncertain) percent_label(lang, steps$share) else ifelse(steps$here, format_number(steps$score, 0L), "")
  out <- ggplot2::ggplot(steps, ggplot2::aes(.data$stage, .data$name)) +
    ggplot2::geom_tile(ggplot2::aes(fill = .data$share), width = 0.94, height = 0.84, colour = "#D9D9D9", linewidth = 0.2) +
    ggplot2::geom_text(ggplot2::aes(label = .data$label, colour = .data$share > 0.55), size = 3) +
    ggplot2::scale_fill_gradient(low = "white", high = cap_palette[["blue"]], limits = c(0, 1), guide = "none") +
    ggplot2::scale_colour_manual(values = c("FALSE" = "black", "TRUE" = "white"), guide = "none") +
    ggplot2::scale_x_discrete(position = "top", drop = FALSE) +
    plot_labels(
      say(lang, "plot_title.ladder", framework = x$framework$title), ladder_notes(x, uncertain, lang),
      x = NULL, y = NULL, width = 80L
    ) +
    cap_theme(panel.grid = ggplot2::element_blank(), axis.text.x = ggplot2::element_text(size = 8, vjust = 0))
  open <- steps[steps$here & steps$low < steps$high, ]
  if (nrow(open) > 0L) {
    out <- out + ggplot2::geom_segment(
      data = open, colour = cap_palette[["orange"]], linewidth = 1.1,
      ggplot2::aes(x = .data$low, xend = .data$high, yend = .data$name), position = ggplot2::position_nudge(y = -0.36)
    )
  }
  out + if (uncertain) {
    ggplot2::geom_point(
      data = steps[steps$here, ], shape = 18, size = 2, colour = cap_palette[["orange"]],
      position = ggplot2::position_nudge(x = -0.4)
    )
  }
}

ladder_notes <- function(x, uncertain, lang) {
  room <- any(x$stage_low < x$stage_high)
  c(
    say(lang, "plot_note.status", status = readiness_status(x)),
    paste(c(
      say(lang, if (uncertain) "plot_note.ladder_probability" else "plot_note.ladder_stage"),
      if (room) say(lang, "plot_note.ladder_room")
    ), collapse = " ")
  )
}

ladder_steps <- function(x, rows, name) {
  k <- x$gates$n_stages
  n <- length(rows)
  above <- rep(seq_len(k) - 1L, n) - rep(x$stage[rows], each = k)
  here <- above == 0L
  passed <- ifelse(above < 0L, 0.2, 0)
  share <- if (is.null(x$law)) here + passed else as.vector(t(stage_chances(x$law)[rows, , drop = FALSE]))
  label <- step_labels(x)
  data.frame(
    name = rep(name, each = k), stage = factor(rep(label, n), levels = label), share = share, here = here,
    low = rep(x$stage_low[rows] + 1, each = k), high = rep(x$stage_high[rows] + 1, each = k),
    score = rep(x$score[rows], each = k)
  )
}

# "43 %", and nothing under half a per cent.
percent_label <- function(lang, share) {
  ifelse(share < 0.005, "", ifelse(share > 0.995 & share < 1, paste0(">", percent_in(lang, 0.99)), percent_in(lang, share, 0L)))
}

plot_gates <- function(x, row, lang) {
  table <- as.data.frame(cap_table(x, "gates"))
  if (nrow(table) == 0L) {
    cap_abort_input("{.val {x$framework$id}} has no gates to plot: its only stage holds always.")
  }
  table <- table[table$unit == x$unit[row] & table$edition == x$edition[row], ]
  labels <- gate_labels(x, lang)
  table$item <- factor(labels[match(table$item, gate_names(x))], levels = rev(labels))
  at <- match(table$stage, x$gates$stage)
  step <- step_labels(x)
  table$step <- factor(step[at], levels = step[-1L])
  states <- text_in(lang, words_of("word", gate_states))
  table$state <- factor(states[match(table$state, gate_states)], levels = states)
  few <- text_in(lang, terms("word.k_of_n", needed = table$k, n = table$n))
  table$asked <- paste0(vapply(table$minimum, number_in, "", lang = lang), ifelse(table$k < table$n, paste0("\n", few), ""))
  fills <- c(cap_palette[["blue"]], "white", grey_rest, "#F2F2F2")
  ggplot2::ggplot(table, ggplot2::aes(.data$step, .data$item, fill = .data$state)) +
    ggplot2::geom_tile(width = 0.94, height = 0.88, colour = cap_palette[["charcoal"]], linewidth = 0.2) +
    ggplot2::geom_text(ggplot2::aes(label = .data$asked, colour = .data$state), size = 2.5, lineheight = 0.85, show.legend = FALSE) +
    ggplot2::scale_fill_manual(values = stats::setNames(fills, states), drop = TRUE) +
    ggplot2::scale_colour_manual(values = stats::setNames(c("white", "black", "black", grey_rest), states)) +
    ggplot2::scale_x_discrete(position = "top", drop = FALSE) +
    plot_labels(
      say(lang, "plot_title.gates", framework = x$framework$title, unit = unit_names(x$unit[row], lang)),
      c(
        say(lang, "plot_note.gates",
          status = readiness_status(x), stage = stage_number(x, x$stage[row]), label = stage_label(x, x$stage[row])
        ),
        say(lang, "plot_note.gates_asked")
      ),
      x = NULL, y = NULL, fill = NULL
    ) +
    cap_theme(
      panel.grid = ggplot2::element_blank(), legend.position = "bottom",
      axis.text.x = ggplot2::element_text(size = 8, vjust = 0), axis.text.y = ggplot2::element_text(size = 8)
    )
}

gate_states <- c("met", "not met", "unknown", "not applicable")

gate_labels <- function(x, lang) {
  codes <- gate_names(x)
  items <- x$framework$items
  label <- items$label[match(codes, items$code)]
  external <- is.na(label)
  label[external] <- text_in(lang, terms("word.stage_in", framework = codes[external]))
  own <- ifelse(label == codes | external, label, paste(codes, label))
  ifelse(nchar(own) > 44L, paste0(substr(own, 1L, 41L), "..."), own)
}
