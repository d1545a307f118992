# The sheets of the live workbook. Rows of units are the same on Scores, Answers
# and Workings: the first on row FIRST_ROW.

# Cells to fill in are on a tint, what differs from the original on a darker one.
input_format <- function(num_format = NULL, ...) {
  sheet_format(num_format, unlocked = TRUE, background = cap_tier_ramp[[4L]], ...)
}

changed_format <- sheet_format(bold = TRUE, background = cap_tier_ramp[[3L]])

whatif_plan <- function(context, live) {
  sheets <- Filter(Negate(is.null), list(
    whatif_front(context, live), weights_sheet(context, live), scores_sheet(context, live),
    answers_sheet(context, live), steps_sheet(context, live),
    if (!is.null(live$sets)) alternatives_sheet(context, live),
    if (!is.null(live$sets)) raises_sheet(context, live),
    if (live$one_unit && !is.null(live$tier)) tiers_sheet(context, live),
    workings_sheet(context, live), step_workings_sheet(context, live)
  ))
  cleaned <- count_cleaned(sheets) + cleaned_names(context)
  sheets <- c(sheets, list(
    whatif_methods(context, live), notes_sheet(context, whatif_notes(context, live), cleaned)
  ))
  sheets <- finish_parts(context$lang, c(sheets, list(contents_sheet(context, sheets))))
  part <- function(name) unlist(lapply(sheets, `[[`, name), recursive = FALSE) %||% list()
  plan(
    sheets = lapply(sheets, function(s) utils::modifyList(s$sheet, list(protect = TRUE))),
    blocks = part("blocks"), charts = part("charts"), conditionals = part("rules"),
    validations = part("validations"), names = part("names"),
    properties = brief_properties(context, whatif_title(context, live), "what-if")
  )
}

# One line of label and value, not part of a table.
key_line <- function(sheet, row, label, values, formula = NULL, format = NULL, col = 2L) {
  list(
    text_block(sheet, row, label, styles$text),
    block(sheet, row, col, list(column(values, format = format, formula = formula)), fit = FALSE)
  )
}

# 1 when every weight can be used: on the workings, beside the weights.
weights_ok <- function(live) fixed_range(WEIGHTS_ROW, 2L, live$sheet$workings)

# ---- first sheet ----------------------------------------------------------------

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

# The row of the table's header, below these lines and the keys.
front_start <- function(context, live) {
  front_rows(front_how(context, live)) + length(front_keys(context, live, live$sheet$front, 1L)) / 2L + 1L
}

# Differences that show at one decimal stand out.
change_rules <- function(range) {
  list(cell_rule(range, "greater", 0.05, changed_format), cell_rule(range, "less", -0.05, changed_format))
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

tier_labels <- function(lang, framework) tier_label(lang, framework, seq_len(nrow(framework$bands)))

# The overall score and the pillars: of the one unit, or the mean of all.
level_columns <- function(context, live, start) {
  lang <- context$lang
  framework <- live$index$framework
  nodes <- c(framework$root, pillar_nodes(framework))
  value <- colMeans(live$index$scores[, nodes, drop = FALSE], na.rm = TRUE)
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

difference <- function(a, b) paste0("IF(AND(ISNUMBER(", a, "),ISNUMBER(", b, ")),", a, "-", b, ",\"[x]\")")

whatif_tier_chart <- function(context, live, name, start, at) {
  rows <- start + seq_len(nrow(live$index$framework$bands))
  two_bars(context, name, at, rows, 3:4,
    title = say(context$lang, "chart.whatif_tiers"), alt = say(context$lang, "alt.whatif_tiers"), num_format = "0"
  )
}

whatif_level_chart <- function(context, live, name, start, at) {
  framework <- live$index$framework
  pillars <- pillar_nodes(framework)
  level <- framework$levels[2L]
  shown <- utils::head(seq_along(pillars), MOST_LEVELS)
  two_bars(context, name, at, start + 1L + shown, 2:3,
    title = say(context$lang, "chart.whatif_levels", level = level),
    alt = say(context$lang, "alt.whatif_levels", level = level),
    limits = c(0, max(framework$items$max[pillars])), num_format = "0.0"
  )
}

# With more a chart cannot be read.
MOST_LEVELS <- 12L

# As computed in grey, with the weights given in blue.
two_bars <- function(context, name, at, rows, cols, title, alt, num_format, limits = NULL) {
  labels <- cells(name, rows, 1L)
  bar <- function(col, words, fill, text) {
    series(cells(name, rows, col), labels, words,
      fill = fill, labels = "outside_end", label_format = num_format, label_color = text
    )
  }
  chart(name, at, 1L, CHART_ROWS, 5L,
    kind = "bar", title = with_status(context, title), alt = alt,
    series = list(
      bar(cols[1L], say(context$lang, "word.computed"), grey_rest, "#3D3D3D"),
      bar(cols[2L], say(context$lang, "word.yours"), cap_palette[["blue"]], cap_palette[["blue"]])
    ),
    category = axis(reversed = TRUE), value = axis(NULL, limits, num_format = "0", gridlines = FALSE),
    legend = "bottom", gap = 60
  )
}

# ---- weights ----------------------------------------------------------------------

# Rows of the weights, in order of the layout; the root has none.
weight_rows <- function(live) FIRST_ROW - 1L + seq_len(live$layout$n - 1L)
unit_rows <- function(live) c(FIRST_ROW, live$last)

weights_sheet <- function(context, live) {
  lang <- context$lang
  name <- live$sheet$weights
  items <- live$index$framework$items
  node <- live$layout$order[-1L]
  parent <- live$index$framework$arrays$parent[node]
  weight <- live$weight[node]
  group <- match(parent, live$layout$order)
  total <- as.numeric(tapply(weight, group, sum)[as.character(group)])
  rows <- range(weight_rows(live))
  groups <- paste0("$J$", rows[1L], ":$J$", rows[2L])
  yours <- paste0("$E$", rows[1L], ":$E$", rows[2L])
  sums <- say(lang, "word.sums_to_one")
  rescaled <- say(lang, "word.rescaled")
  fill_in <- say(lang, "word.fill_in")
  filled <- paste0("COUNTIFS(", groups, ",$J{r},", yours, ",\">=0\")=COUNTIF(", groups, ",$J{r})")
  columns <- list(
    column(items$label[parent], say(lang, "head.within"), width = wide_enough(items$label[parent], 26, whole = TRUE)),
    column(items$code[node], say(lang, "head.code")),
    column(items$label[node], say(lang, "head.item")),
    column(weight, say(lang, "head.weight_computed"), styles$weight, width = 11),
    column(weight, say(lang, "head.weight_yours"), input_format("0.000", h_align = "right"), width = 11),
    column(total, say(lang, "head.weight_total"), styles$weight,
      width = 11, formula = paste0("SUMIF(", groups, ",$J{r},", yours, ")")
    ),
    column(weight, say(lang, "head.weight_used"), styles$weight,
      width = 11, formula = paste0("IF(AND(", filled, ",$F{r}>0),$E{r}/$F{r},\"[x]\")")
    ),
    column(rep("", length(node)), say(lang, "head.weight_changed"), styles$indented,
      header_format = styles$header_indented, width = 12,
      formula = paste0("IF($E{r}=$D{r},\"\",", formula_text(say(lang, "word.changed")), ")")
    ),
    column(rep(sums, length(node)), say(lang, "head.check"), styles$indented,
      header_format = styles$header_indented, width = wide_enough(c(sums, rescaled, fill_in), 26, whole = TRUE),
      formula = paste0(
        "IF(ISNUMBER($G{r}),IF(ABS($F{r}-1)<1E-9,", formula_text(sums), ",", formula_text(rescaled), "),",
        formula_text(fill_in), ")"
      )
    ),
    column(group, say(lang, "head.weight_group"), styles$whole, width = 9)
  )
  out <- table_sheet(context, name, say(lang, "title.whatif_weights", edition = context$edition_label),
    say(lang, "describe.whatif_weights"), columns, "tbl_weights",
    hint = say(lang, "whatif.reset"), rules = function(at) {
      list(
        text_rule(at(name, 8L), say(lang, "word.changed"), changed_format),
        text_rule(at(name, 9L), say(lang, "word.fill_in"), changed_format)
      )
    }
  )
  out$validations <- list(valid_number(cells(name, weight_rows(live), 5L), 0, 1e6,
    refuse_blank = TRUE, error_title = say(lang, "word.weights_check"),
    error_message = say(lang, "whatif.weight_limits")
  ))
  out$names <- list(
    weights_computed = cells(name, weight_rows(live), 4L), weights_yours = cells(name, weight_rows(live), 5L)
  )
  out
}

# ---- scores -----------------------------------------------------------------------

scores_sheet <- function(context, live) {
  lang <- context$lang
  framework <- live$index$framework
  name <- live$sheet$scores
  pillars <- match(pillar_nodes(framework), live$layout$order)
  yours <- function(position) live_score(live, position, live$sheet$workings)
  label <- framework$items$label[live$layout$order[pillars]]
  columns <- c(
    list(
      column(live$labels, say(lang, "head.unit")),
      column(live$index$unit, say(lang, "head.code"))
    ),
    score_tiers(context, live),
    list(
      column(live$score, say(lang, "head.score_computed"), styles$score, width = 11),
      column(0 * live$score, say(lang, "head.change"), styles$change,
        width = 11, formula = difference("$G{r}", "$E{r}")
      ),
      column(live$score, say(lang, "head.score_yours"), styles$score, width = 11, formula = yours(1L))
    ),
    lapply(seq_along(pillars), function(k) {
      score <- live$index$scores[, pillar_nodes(framework)[k]]
      column(score, say(lang, "head.pillar_yours", pillar = label[k]), styles$score,
        width = wide_enough(label[k], 14), formula = yours(pillars[k])
      )
    })
  )
  out <- table_sheet(context, name, say(lang, "title.whatif_scores", edition = context$edition_label),
    say(lang, "describe.whatif_scores"), columns, "tbl_scores",
    rules = function(at) change_rules(at(name, 6L))
  )
  out$sheet$freeze <- c(TABLE_ROW, 1L)
  out$names <- list(score_computed = cells(name, unit_rows(live), 5L), score_yours = cells(name, unit_rows(live), 7L))
  out
}

# Points of a node from its share, when weights and answers give one.
live_score <- function(live, position, sheet) {
  ref <- function(col) paste0(quote_sheet(sheet), "!$", column_letters(col), "{r}")
  max <- formula_number(live$index$framework$items$max[live$layout$order[position]])
  has <- if (live$layout$gaps) paste0(",", ref(present_column(live$layout, position)), "=1")
  paste0(
    "IF(AND(", weights_ok(live), "=1", has, "),", ref(share_column(live$layout, position)), "*", max, ",\"[x]\")"
  )
}

# Without tiers the columns stay, so that scores stand where they always do.
score_tiers <- function(context, live) {
  lang <- context$lang
  heads <- c(say(lang, "head.tier_computed"), say(lang, "head.tier_yours"))
  if (is.null(live$tier)) {
    none <- rep("[z]", live$n)
    return(list(column(none, heads[1L], width = 10), column(none, heads[2L], width = 10)))
  }
  list(
    column(live$tier, heads[1L], width = 22),
    column(live$tier, heads[2L], width = 22, formula = live_tier_formula(context, live, "$G{r}"))
  )
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

# Where the bands stand: on the first sheet of a group's file.
live_bands <- function(context, live) {
  n <- nrow(live$index$framework$bands)
  if (live$one_unit) {
    return(list(sheet = live$sheet$tiers, rows = FIRST_ROW + c(0L, n - 1L)))
  }
  list(sheet = live$sheet$front, rows = front_start(context, live) + c(1L, n))
}

tiers_sheet <- function(context, live) {
  lang <- context$lang
  bands <- live$index$framework$bands
  columns <- list(
    column(tier_labels(lang, live$index$framework), say(lang, "head.tier"), width = 41),
    column(bands$lower, say(lang, "head.lower_bound"), styles$score, width = 14)
  )
  table_sheet(context, live$sheet$tiers, say(lang, "title.whatif_tiers", edition = context$edition_label),
    say(lang, "describe.whatif_tiers"), columns, "tbl_tiers",
    landscape = FALSE
  )
}

# ---- answers ------------------------------------------------------------------------

answers_sheet <- function(context, live) {
  lang <- context$lang
  values <- live$index$answers$values
  columns <- c(
    list(
      column(live$table$name, say(lang, "head.unit")),
      column(live$index$unit, say(lang, "head.code"))
    ),
    lapply(seq_len(ncol(values)), function(k) {
      column(values[, k], leaf_codes(live$index$framework)[k], styles$value, width = 8)
    })
  )
  out <- table_sheet(context, live$sheet$answers, say(lang, "title.whatif_answers", edition = context$edition_label),
    say(lang, "describe.whatif_answers"), columns, "tbl_answers"
  )
  out$sheet$freeze <- c(TABLE_ROW, 1L)
  out
}

# The ends of an item's scale: where it has no points and where it has all.
scale_ends <- function(framework) {
  reversed <- framework$items$direction[framework$leaves] < 0
  list(
    none = ifelse(reversed, leaf_max(framework), leaf_min(framework)),
    full = ifelse(reversed, leaf_min(framework), leaf_max(framework))
  )
}

# ---- workings -------------------------------------------------------------------------

workings_sheet <- function(context, live) {
  lang <- context$lang
  ends <- scale_ends(live$index$framework)
  leaf <- function(position) {
    k <- live$layout$leaf[position]
    answer <- paste0(quote_sheet(live$sheet$answers), "!$", column_letters(2L + k), "{r}")
    none <- formula_number(ends$none[k])
    list(
      share = paste0(
        "IF(ISNUMBER(", answer, "),(", answer, "-", none, ")/(", formula_number(ends$full[k]), "-", none, "),0)"
      ),
      present = paste0("IF(ISNUMBER(", answer, "),1,0)")
    )
  }
  columns <- c(
    list(
      column(live$table$name, say(lang, "head.unit")),
      column(live$index$unit, say(lang, "head.code"))
    ),
    share_columns(context, live, leaf, live$cached)
  )
  out <- table_sheet(context, live$sheet$workings, say(lang, "title.whatif_workings", edition = context$edition_label),
    say(lang, "describe.whatif_workings"), columns, "tbl_workings",
    hint = character() # the row below the status holds the weights in use
  )
  out$blocks <- c(out$blocks, weights_in_use(context, live, live$sheet$workings))
  out$sheet$freeze <- c(TABLE_ROW, 1L)
  out$names <- list(weights_ok = cells(live$sheet$workings, WEIGHTS_ROW, 2L))
  out
}

# Columns of shares, and with gaps of presence and coverage; `leaf` gives the
# formulas of a leaf, `cached` what C computed.
share_columns <- function(context, live, leaf, cached) {
  layout <- live$layout
  codes <- live$index$framework$items$code[layout$order]
  formulas <- lapply(seq_len(layout$n), function(p) {
    if (!layout$is_leaf[p]) {
      return(node_formulas(layout, p, live$index))
    }
    own <- leaf(p)
    # What is answered is covered.
    own$coverage <- own$present
    own
  })
  of <- function(kind, header) {
    lapply(seq_len(layout$n), function(p) {
      column(cached[[kind]][, p], header(codes[p]), styles$weight, width = 10, formula = formulas[[p]][[kind]])
    })
  }
  c(
    of("share", identity),
    if (layout$gaps) {
      c(
        of("present", function(code) say(context$lang, "head.present", code = code)),
        of("coverage", function(code) say(context$lang, "head.coverage_of", code = code))
      )
    }
  )
}

# The row of weights over the shares: a weight that cannot be used counts as 0.
weights_in_use <- function(context, live, sheet) {
  rows <- weight_rows(live)
  used <- fixed_range(rows, 7L, live$sheet$weights)
  cell <- vapply(rows, fixed_range, "", cols = 7L, sheet = live$sheet$weights)
  weight <- live$weight[live$layout$order[-1L]]
  list(
    text_block(sheet, WEIGHTS_ROW, say(context$lang, "word.weights_in_use"), styles$small),
    block(sheet, WEIGHTS_ROW, 2L, list(
      column(1, format = styles$whole, formula = paste0("IF(COUNT(", used, ")=", length(rows), ",1,0)"))
    ), fit = FALSE),
    block(sheet, WEIGHTS_ROW, 2L + 2L, lapply(seq_along(rows), function(i) {
      column(weight[i], format = styles$weight, formula = paste0("N(", cell[i], ")"))
    }), fit = FALSE)
  )
}

# ---- methods and notes --------------------------------------------------------------------

whatif_methods <- function(context, live) {
  lang <- context$lang
  index <- live$index
  framework <- index$framework
  rows <- Filter(Negate(is.null), list(
    c(say(lang, "method.framework"), say(lang, "method.whatif_framework",
      title = framework$title, edition = context$edition, status = label_in(lang, framework$status),
      n = live$n, items = length(framework$leaves), weights = live$layout$n - 1L
    )),
    c(say(lang, "method.rule"), say(lang, "method.whatif_rule",
      rule = paste(label_in(lang, unique(rule_labels(index$spec$aggregate))), collapse = ", "),
      max = root_max(framework),
      weights = label_in(lang, index$spec$weights$method)
    )),
    c(say(lang, "method.whatif_weights_name"), say(lang, "method.whatif_weights")),
    c(say(lang, "method.missing"), switch(index$spec$missing,
      error = say(lang, "method.whatif_missing_error"),
      zero = say(lang, "method.whatif_missing_zero", n = sum(is.na(index$answers$values))),
      renormalise = say(lang, "method.whatif_missing_weigh",
        n = sum(is.na(index$answers$values)), least = 100 * index$spec$min_coverage
      )
    )),
    if (!is.null(live$tier)) c(say(lang, "method.tiers"), say(lang, "method.whatif_tiers")),
    c(say(lang, "method.steps"), say(lang, "method.whatif_steps")),
    c(say(lang, "method.protection"), say(lang, "method.whatif_protection")),
    c(say(lang, "method.recalculation"), say(lang, "method.whatif_recalculation")),
    c(say(lang, "method.software"), say(lang, "method.whatif_software",
      version = as.character(utils::packageVersion("cybercap"))
    )),
    c(say(lang, "method.checksums"), say(lang, "method.whatif_checksums",
      answers = rlang::hash(list(index$answers$unit, index$answers$values)),
      weights = rlang::hash(stats::weights(index$spec$weights))
    )),
    c(say(lang, "method.stamp"), stamp_text(context$created))
  ))
  columns <- list(
    column(vapply(rows, `[[`, "", 1L), say(lang, "head.what"), styles$wrapped, width = 26),
    column(vapply(rows, `[[`, "", 2L), say(lang, "head.how"), styles$wrapped, width = 95)
  )
  table_sheet(
    context, say(lang, "sheet.whatif_methods"), say(lang, "title.whatif_methods", edition = context$edition_label),
    say(lang, "describe.whatif_methods"), columns, "tbl_methods"
  )
}

whatif_notes <- function(context, live) {
  lang <- context$lang
  c(
    say(lang, "note.whatif_exercise"),
    if (live$one_unit) say(lang, "note.whatif_one_unit"),
    if (anyNA(live$index$answers$values)) say(lang, "note.whatif_missing"),
    if (!is.null(context$contact)) say(lang, "note.whatif_contact", contact = context$contact)
  )
}
