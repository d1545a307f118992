# The first sheet of a live workbook: how to use it, key figures, tiers.

# How the file is used, in a few lines.
front_how <- function(context, live) {
  findings(
    context$lang,
    finding("whatif.how_weights", sheet = live$sheet$weights),
    finding("whatif.how_follow", sheet = live$sheet$scores),
    finding("whatif.how_steps", sheet = live$sheet$steps),
    finding("whatif.how_reset", sheet = live$sheet$weights),
    finding("whatif.how_locked")
  )
}

front_keys <- function(context, live, name, row) {
  lang <- context$lang
  ok <- paste0(weights_ok(live), "=1")
  changed <- fixed_range(weight_rows(live), 8L, live$sheet$weights)
  good <- say(lang, "word.weights_ok")
  left <- sheet_format(h_align = "left", bold = TRUE)
  scores <- function(col) fixed_range(unit_rows(live), col, live$sheet$scores)
  c(
    key_line(name, row, say(lang, "word.weights_changed"), 0, paste0("SUMPRODUCT((", changed, "<>\"\")*1)"), left),
    key_line(
      name, row + 1L, say(lang, "word.weights_check"), good,
      paste0("IF(", ok, ",", formula_text(good), ",", formula_text(say(lang, "word.weights_bad")), ")"), left
    ),
    if (live$one_unit && !is.null(live$tier)) {
      c(
        key_line(name, row + 2L, say(lang, "word.tier_computed"), live$tier, format = left),
        key_line(
          name, row + 3L, say(lang, "word.tier_yours"), live$tier,
          fixed_range(FIRST_ROW, 4L, live$sheet$scores), left
        )
      )
    },
    if (!live$one_unit && !is.null(live$tier)) {
      key_line(name, row + 2L, say(lang, "word.tier_moves"), 0, paste0(
        "IF(", ok, ",SUMPRODUCT((", scores(3L), "<>", scores(4L), ")*1),\"[x]\")"
      ), left)
    }
  )
}

# The row of the table's header, below these lines and the keys.
front_start <- function(context, live) {
  front_rows(front_how(context, live)) + length(front_keys(context, live, live$sheet$front, 1L)) / 2L + 1L
}

whatif_front <- function(context, live) {
  lang <- context$lang
  name <- live$sheet$front
  how <- front_how(context, live)
  title <- whatif_title(context, live)
  start <- front_start(context, live)
  by_tier <- !live$one_unit && !is.null(live$tier)
  columns <- if (by_tier) tier_count_columns(context, live) else level_columns(context, live, start)
  at <- start + length(columns[[1L]]$values) + 2L
  front_chart <- if (by_tier) whatif_tier_chart else whatif_level_chart
  list(
    sheet = front_sheet(name, at + CHART_ROWS, length(columns), start),
    describes = say(lang, "describe.whatif"),
    blocks = c(
      front_text(context, name, title, how),
      front_keys(context, live, name, front_rows(how)),
      list(block(name, start, 1L, columns, styles$header, table = "tbl_what_if"))
    ),
    charts = list(front_chart(context, live, name, start, at)),
    rules = change_rules(cells(name, start + seq_along(columns[[1L]]$values), if (by_tier) 5L else 4L)),
    names = list(whatif_front = cells(name, start + seq_along(columns[[1L]]$values), 1L:2L))
  )
}

# Where the bands stand: on the first sheet of a group's file.
live_bands <- function(context, live) {
  n <- nrow(live$index$framework$bands)
  if (live$one_unit) {
    return(list(sheet = live$sheet$tiers, rows = FIRST_ROW + c(0L, n - 1L)))
  }
  list(sheet = live$sheet$front, rows = front_start(context, live) + c(1L, n))
}

# The first band whose lower bound holds, from the cells of the bands.
live_tier_formula <- function(context, live, score) {
  at <- live_bands(context, live)
  lower <- fixed_range(at$rows, 2L, at$sheet)
  label <- fixed_range(at$rows, 1L, at$sheet)
  paste0(
    "IF(ISNUMBER(", score, "),IF(", score, "+1E-9>=MIN(", lower, "),",
    "INDEX(", label, ",1+SUMPRODUCT((", lower, ">", score, "+1E-9)*1)),",
    formula_text(say(context$lang, "word.below_all_tiers")), "),\"[x]\")"
  )
}

# Differences that show at one decimal stand out.
change_rules <- function(range) {
  list(cell_rule(range, "greater", 0.05, changed_format()), cell_rule(range, "less", -0.05, changed_format()))
}

# The overall score and the pillars: of the one unit, or the mean of all.
level_columns <- function(context, live, start) {
  lang <- context$lang
  framework <- live$index$framework
  nodes <- c(framework$root, pillar_nodes(framework))
  scores <- live$index$scores[, nodes, drop = FALSE]
  value <- na_figure(group_figures(scores, NULL, list(seq_len(nrow(scores))))[, "mean"])
  yours <- fixed_range(unit_rows(live), 7L + c(0L, length(nodes) - 1L), live$sheet$scores)
  one <- paste0("INDEX(", yours, ",0,ROWS($A$", start + 1L, ":$A{r}))")
  head <- if (live$one_unit) {
    c(say(lang, "head.score_computed"), say(lang, "head.score_yours"))
  } else {
    c(say(lang, "head.mean_computed"), say(lang, "head.mean_yours"))
  }
  list(
    column(framework$items$label[nodes], say(lang, "head.level"), width = 41),
    column(value, head[1L], styles$score, width = 14),
    column(value, head[2L], styles$score,
      width = 14,
      formula = paste0("IF(COUNT(", one, ")>0,AVERAGE(", one, "),\"[x]\")")
    ),
    column(0 * value, say(lang, "head.change"), styles$change, width = 14, formula = difference("C{r}", "B{r}")),
    column(framework$items$max[nodes], say(lang, "head.maximum_points"), styles$whole, width = 17)
  )
}

# Tiers with how many units are in each, as computed and with the weights given.
tier_count_columns <- function(context, live) {
  lang <- context$lang
  bands <- live$index$framework$bands
  labels <- tier_labels(lang, live$index$framework)
  counts <- tabulate(match(live$tier, labels), nrow(bands))
  list(
    column(labels, say(lang, "head.tier"), width = 41),
    column(bands$lower, say(lang, "head.lower_bound"), styles$score, width = 14),
    column(counts, say(lang, "head.units_computed"), styles$whole, width = 14),
    column(counts, say(lang, "head.units_yours"), styles$whole, width = 14, formula = paste0(
      "SUMPRODUCT(EXACT(", fixed_range(unit_rows(live), 4L, live$sheet$scores), ",$A{r})*1)"
    )),
    column(0 * counts, say(lang, "head.change"), sheet_format("+0;-0;0", h_align = "right"),
      width = 14, formula = "D{r}-C{r}"
    )
  )
}

whatif_level_chart <- function(context, live, name, start, at) {
  framework <- live$index$framework
  pillars <- pillar_nodes(framework)
  level <- framework$levels[2L]
  shown <- utils::head(seq_along(pillars), MOST_LEVELS)
  title <- with_status(context, say(context$lang, "chart.whatif_levels", level = level))
  frame <- chart_frame(name, at, CHART_ROWS, 5L, title, say(context$lang, "alt.whatif_levels", level = level))
  two_bars(context$lang, frame, start + 1L + shown, 2:3, "0.0", limits = c(0, max(framework$items$max[pillars])))
}

whatif_tier_chart <- function(context, live, name, start, at) {
  rows <- start + seq_len(nrow(live$index$framework$bands))
  title <- with_status(context, say(context$lang, "chart.whatif_tiers"))
  frame <- chart_frame(name, at, CHART_ROWS, 5L, title, say(context$lang, "alt.whatif_tiers"))
  two_bars(context$lang, frame, rows, 3:4, "0")
}

# As computed in grey, with the weights given in blue.
two_bars <- function(lang, frame, rows, cols, num_format, limits = NULL) {
  labels <- cells(frame$sheet, rows, 1L)
  bar <- function(col, words, fill, text) {
    series(cells(frame$sheet, rows, col), labels, words,
      fill = fill, labels = "outside_end", label_format = num_format, label_color = text
    )
  }
  chart(frame, "bar",
    series = list(
      bar(cols[1L], say(lang, "word.computed"), grey_rest, "#3D3D3D"),
      bar(cols[2L], say(lang, "word.yours"), cap_palette[["blue"]], cap_palette[["blue"]])
    ),
    category = axis(reversed = TRUE), value = axis(NULL, limits, num_format = "0", gridlines = FALSE),
    legend = "bottom", bars = list(gap = 60)
  )
}

# With more a chart cannot be read.
MOST_LEVELS <- 12L

tier_labels <- function(lang, framework) tier_label(lang, framework, seq_len(nrow(framework$bands)))
