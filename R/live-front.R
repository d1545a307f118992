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
  ok <- paste0(weights_ok, "=1")
  good <- say(lang, "word.weights_ok")
  left <- sheet_format(h_align = "left", bold = TRUE)
  line <- function(at, label, value, formula = NULL) {
    key_line(name, row + at, label, column(value, format = left, formula = formula))
  }
  c(
    line(0L, say(lang, "word.weights_changed"), 0, "SUMPRODUCT(({weights$changed}<>\"\")*1)"),
    line(1L, say(lang, "word.weights_check"), good, paste0(
      "IF(", ok, ",", formula_text(good), ",", formula_text(say(lang, "word.weights_bad")), ")"
    )),
    if (live$one_unit && !is.null(live$tier)) {
      c(
        line(2L, say(lang, "word.tier_computed"), live$tier),
        line(3L, say(lang, "word.tier_yours"), live$tier, "{scores$tier_yours[1]}")
      )
    },
    if (!live$one_unit && !is.null(live$tier)) {
      line(2L, say(lang, "word.tier_moves"), 0, paste0(
        "IF(", ok, ",SUMPRODUCT(({scores$tier_computed}<>{scores$tier_yours})*1),\"[x]\")"
      ))
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
  columns <- if (by_tier) tier_count_columns(context, live) else level_columns(context, live)
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
    charts = list(front_chart(context, live, name, at)),
    rules = change_rules("what_if$change"),
    names = list(whatif_front = refer("what_if", names(columns)[1L], to = names(columns)[2L]))
  )
}

# The first band whose lower bound holds, from the cells of the bands: those of a
# group's file stand on its first sheet.
live_tier_formula <- function(context, live, score) {
  bands <- if (live$one_unit) "tiers" else "what_if"
  lower <- paste0("{", refer(bands, "lower"), "}")
  label <- paste0("{", refer(bands, "tier"), "}")
  below <- formula_text(say(context$lang, "word.below_all_tiers"))
  found <- formula_band(score, lower, label, below, root_max(live$index$framework))
  paste0("IF(ISNUMBER(", score, "),", found, ",\"[x]\")")
}

# Differences that show at one decimal stand out.
change_rules <- function(range) {
  list(cell_rule(range, "greater", 0.05, changed_format()), cell_rule(range, "less", -0.05, changed_format()))
}

# The overall score and the pillars: of the one unit, or the mean of all.
level_columns <- function(context, live) {
  lang <- context$lang
  framework <- live$index$framework
  nodes <- c(framework$root, pillar_nodes(framework))
  scores <- live$index$scores[, nodes, drop = FALSE]
  value <- na_figure(group_figures(scores, NULL, list(seq_len(nrow(scores))))[, "mean"])
  yours <- refer("scores", "yours", to = c("yours", pillars_of(framework))[length(nodes)])
  one <- paste0("INDEX({", yours, "},0,ROWS({$level[1]}:${level}))")
  head <- if (live$one_unit) {
    c(say(lang, "head.score_computed"), say(lang, "head.score_yours"))
  } else {
    c(say(lang, "head.mean_computed"), say(lang, "head.mean_yours"))
  }
  list(
    level = column(framework$items$label[nodes], say(lang, "head.level"), width = 41),
    computed = column(value, head[1L], styles$score, width = 14),
    yours = column(value, head[2L], styles$score,
      width = 14,
      formula = paste0("IF(COUNT(", one, ")>0,AVERAGE(", one, "),\"[x]\")")
    ),
    change = column(0 * value, say(lang, "head.change"), styles$change,
      width = 14, formula = difference("{yours}", "{computed}")
    ),
    maximum = column(framework$items$max[nodes], say(lang, "head.maximum_points"), styles$whole, width = 17)
  )
}

# Tiers with how many units are in each, as computed and with the weights given.
tier_count_columns <- function(context, live) {
  lang <- context$lang
  bands <- live$index$framework$bands
  labels <- tier_labels(lang, live$index$framework)
  counts <- tabulate(match(live$tier, labels), nrow(bands))
  list(
    tier = column(labels, say(lang, "head.tier"), width = 41),
    lower = column(bands$lower, say(lang, "head.lower_bound"), styles$score, width = 14),
    computed = column(counts, say(lang, "head.units_computed"), styles$whole, width = 14),
    yours = column(counts, say(lang, "head.units_yours"), styles$whole,
      width = 14, formula = "SUMPRODUCT(EXACT({scores$tier_yours},${tier})*1)"
    ),
    change = column(0 * counts, say(lang, "head.change"), sheet_format("+0;-0;0", h_align = "right"),
      width = 14, formula = "{yours}-{computed}"
    )
  )
}

whatif_level_chart <- function(context, live, name, at) {
  framework <- live$index$framework
  pillars <- pillar_nodes(framework)
  level <- framework$levels[2L]
  shown <- utils::head(seq_along(pillars), MOST_LEVELS)
  title <- with_status(context, say(context$lang, "chart.whatif_levels", level = level))
  alt <- say(context$lang, "alt.whatif_levels", level = level)
  frame <- chart_frame(name, at, CHART_ROWS, refer("what_if", "maximum"), title, alt)
  two_bars(context$lang, frame, 1L + shown, "level", "0.0", limits = c(0, max(framework$items$max[pillars])))
}

whatif_tier_chart <- function(context, live, name, at) {
  rows <- seq_len(nrow(live$index$framework$bands))
  title <- with_status(context, say(context$lang, "chart.whatif_tiers"))
  frame <- chart_frame(name, at, CHART_ROWS, refer("what_if", "change"), title, say(context$lang, "alt.whatif_tiers"))
  two_bars(context$lang, frame, rows, "tier", "0")
}

# As computed in grey, with the weights given in blue; `labels` is the column that names
# the bars.
two_bars <- function(lang, frame, rows, labels, num_format, limits = NULL) {
  bar <- function(column, words, fill, text) {
    series(refer("what_if", column, rows), refer("what_if", labels, rows), words,
      fill_color = fill, labels = "outside_end", label_format = num_format, label_color = text
    )
  }
  chart(frame, "bar",
    series = list(
      bar("computed", say(lang, "word.computed"), grey_rest, "#3D3D3D"),
      bar("yours", say(lang, "word.yours"), cap_palette[["blue"]], cap_palette[["blue"]])
    ),
    category = axis(reversed = TRUE), value = axis(NULL, limits, num_format = "0", no_gridlines = TRUE),
    legend = "bottom", bars = list(gap = 60)
  )
}

# With more a chart cannot be read.
MOST_LEVELS <- 12L

tier_labels <- function(lang, framework) tier_label(lang, framework, seq_len(nrow(framework$bands)))
