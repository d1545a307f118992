# The sheets of the live workbook. Rows of units are the same on Scores, Answers
# and Workings: the first on row FIRST_ROW.

# Weights ----------------------------------------------------------------------

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
        "IF(ISNUMBER($G{r}),IF(ABS($F{r}-1)<", formula_slack(slack("share")), ",", formula_text(sums), ",", formula_text(rescaled), "),",
        formula_text(fill_in), ")"
      )
    ),
    column(group, say(lang, "head.weight_group"), styles$whole, width = 9)
  )
  out <- table_sheet(context, name, say(lang, "title.whatif_weights", edition = context$edition_label),
    say(lang, "describe.whatif_weights"), columns, "tbl_weights",
    hint = say(lang, "whatif.reset"), rules = function(at) {
      list(
        text_rule(at(name, 8L), say(lang, "word.changed"), changed_format()),
        text_rule(at(name, 9L), say(lang, "word.fill_in"), changed_format())
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

# Scores -----------------------------------------------------------------------

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

# Answers ----------------------------------------------------------------------

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

# Workings ---------------------------------------------------------------------

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

# Methods and notes ------------------------------------------------------------

whatif_methods <- function(context, live) {
  lang <- context$lang
  index <- live$index
  framework <- index$framework
  rows <- Filter(Negate(is.null), list(
    c(say(lang, "method.framework"), say(lang, "method.whatif_framework",
      title = framework$title, edition = context$edition, status = status_in(lang, framework$status),
      n = live$n, items = length(framework$leaves), weights = live$layout$n - 1L
    )),
    c(say(lang, "method.rule"), say(lang, "method.whatif_rule",
      rule = listed(unique(rule_words(index$spec$aggregate))),
      max = root_max(framework),
      weights = index$spec$weights$method
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
