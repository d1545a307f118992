# The sheets of the live workbook. Rows of units are the same on Scores, Answers
# and Workings.

# Weights ----------------------------------------------------------------------

weights_sheet <- function(context, live) {
  lang <- context$lang
  items <- live$index$framework$items
  node <- live$layout$order[-1L]
  parent <- live$index$framework$arrays$parent[node]
  weight <- live$weight[node]
  group <- match(parent, live$layout$order)
  total <- as.numeric(tapply(weight, group, sum)[as.character(group)])
  sums <- say(lang, "word.sums_to_one")
  rescaled <- say(lang, "word.rescaled")
  fill_in <- say(lang, "word.fill_in")
  filled <- "COUNTIFS({$group},${group},{$yours},\">=0\")=COUNTIF({$group},${group})"
  columns <- list(
    within = column(items$label[parent], say(lang, "head.within"), width = wide_enough(items$label[parent], 26, whole = TRUE)),
    code = column(items$code[node], say(lang, "head.code")),
    item = column(items$label[node], say(lang, "head.item")),
    computed = column(weight, say(lang, "head.weight_computed"), styles$weight, width = 11),
    yours = column(weight, say(lang, "head.weight_yours"), input_format("0.000", h_align = "right"), width = 11),
    total = column(total, say(lang, "head.weight_total"), styles$weight,
      width = 11, formula = "SUMIF({$group},${group},{$yours})"
    ),
    used = column(weight, say(lang, "head.weight_used"), styles$weight,
      width = 11, formula = paste0("IF(AND(", filled, ",${total}>0),${yours}/${total},\"[x]\")")
    ),
    changed = column(rep("", length(node)), say(lang, "head.weight_changed"), styles$indented,
      header_format = styles$header_indented, width = 12,
      formula = paste0("IF(${yours}=${computed},\"\",", formula_text(say(lang, "word.changed")), ")")
    ),
    check = column(rep(sums, length(node)), say(lang, "head.check"), styles$indented,
      header_format = styles$header_indented, width = wide_enough(c(sums, rescaled, fill_in), 26, whole = TRUE),
      formula = paste0(
        "IF(ISNUMBER(${used}),IF(ABS(${total}-1)<", formula_slack(slack("share")), ",",
        formula_text(sums), ",", formula_text(rescaled), "),", formula_text(fill_in), ")"
      )
    ),
    group = column(group, say(lang, "head.weight_group"), styles$whole, width = 9)
  )
  out <- table_sheet(context, live$sheet$weights, say(lang, "title.whatif_weights", edition = context$edition_label),
    say(lang, "describe.whatif_weights"), columns, "tbl_weights",
    hint = say(lang, "whatif.reset"), rules = list(
      text_rule("weights$changed", say(lang, "word.changed"), changed_format()),
      text_rule("weights$check", say(lang, "word.fill_in"), changed_format())
    )
  )
  out$validations <- list(valid_number("weights$yours", 0, 1e6,
    refuse_blank = TRUE, error_title = say(lang, "word.weights_check"),
    error_message = say(lang, "whatif.weight_limits")
  ))
  out$names <- list(weights_computed = "weights$computed", weights_yours = "weights$yours")
  out
}

# Scores -----------------------------------------------------------------------

scores_sheet <- function(context, live) {
  lang <- context$lang
  framework <- live$index$framework
  pillars <- match(pillar_nodes(framework), live$layout$order)
  label <- framework$items$label[live$layout$order[pillars]]
  columns <- c(
    unit_columns(lang, live, live$labels),
    score_tiers(context, live),
    list(
      computed = column(live$score, say(lang, "head.score_computed"), styles$score, width = 11),
      change = column(0 * live$score, say(lang, "head.change"), styles$change,
        width = 11, formula = difference("${yours}", "${computed}")
      ),
      yours = column(live$score, say(lang, "head.score_yours"), styles$score, width = 11, formula = live_score(live, 1L))
    ),
    stats::setNames(lapply(seq_along(pillars), function(k) {
      score <- live$index$scores[, pillar_nodes(framework)[k]]
      column(score, say(lang, "head.pillar_yours", pillar = label[k]), styles$score,
        width = wide_enough(label[k], 14), formula = live_score(live, pillars[k])
      )
    }), pillars_of(framework))
  )
  out <- table_sheet(context, live$sheet$scores, say(lang, "title.whatif_scores", edition = context$edition_label),
    say(lang, "describe.whatif_scores"), columns, "tbl_scores", rules = change_rules("scores$change")
  )
  out$sheet$freeze <- c(TABLE_ROW, 1L)
  out$names <- list(score_computed = "scores$computed", score_yours = "scores$yours")
  out
}

# Points of a node from its share, when weights and answers give one.
live_score <- function(live, position) {
  max <- formula_number(live$index$framework$items$max[live$layout$order[position]])
  has <- if (live$layout$gaps) paste0(",{workings$", present_of(position), "[r]}=1")
  paste0("IF(AND(", weights_ok, "=1", has, "),{workings$", share_of(position), "[r]}*", max, ",\"[x]\")")
}

# Without tiers the columns stay, so that scores stand where they always do.
score_tiers <- function(context, live) {
  lang <- context$lang
  tier <- live$tier %||% rep("[z]", live$n)
  width <- if (is.null(live$tier)) 10 else 22
  formula <- if (!is.null(live$tier)) live_tier_formula(context, live, "${yours}")
  list(
    tier_computed = column(tier, say(lang, "head.tier_computed"), width = width),
    tier_yours = column(tier, say(lang, "head.tier_yours"), width = width, formula = formula)
  )
}

tiers_sheet <- function(context, live) {
  lang <- context$lang
  bands <- live$index$framework$bands
  columns <- list(
    tier = column(tier_labels(lang, live$index$framework), say(lang, "head.tier"), width = 41),
    lower = column(bands$lower, say(lang, "head.lower_bound"), styles$score, width = 14)
  )
  table_sheet(context, live$sheet$tiers, say(lang, "title.whatif_tiers", edition = context$edition_label),
    say(lang, "describe.whatif_tiers"), columns, "tbl_tiers", landscape = FALSE
  )
}

# Answers ----------------------------------------------------------------------

# Names of the columns of answers, by their position in the index.
answer_of <- function(k) paste0("answer_", k)

answers_sheet <- function(context, live) {
  lang <- context$lang
  values <- live$index$answers$values
  columns <- c(
    unit_columns(lang, live),
    stats::setNames(lapply(seq_len(ncol(values)), function(k) {
      column(values[, k], leaf_codes(live$index$framework)[k], styles$value, width = 8)
    }), answer_of(seq_len(ncol(values))))
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
    answer <- paste0("{answers$", answer_of(k), "[r]}")
    list(
      share = formula_share(answer, formula_number(ends$none[k]), formula_number(ends$full[k])),
      present = paste0("IF(ISNUMBER(", answer, "),1,0)")
    )
  }
  columns <- c(
    unit_columns(lang, live),
    share_columns(context, live, leaf, live$cached)
  )
  out <- table_sheet(context, live$sheet$workings, say(lang, "title.whatif_workings", edition = context$edition_label),
    say(lang, "describe.whatif_workings"), columns, "tbl_workings",
    hint = character() # the row below the status holds the weights in use
  )
  out$blocks <- c(out$blocks, weights_in_use(context, live, out$blocks[[length(out$blocks)]]))
  out$sheet$freeze <- c(TABLE_ROW, 1L)
  out$names <- list(weights_ok = "workings_ok$ok")
  out
}

# Methods and notes ------------------------------------------------------------

whatif_methods <- function(context, live) {
  lang <- context$lang
  index <- live$index
  framework <- index$framework
  rows <- rbind(
    method_row(say(lang, "method.framework"), say(lang, "method.whatif_framework",
      title = framework$title, edition = context$edition, status = status_in(lang, framework$status),
      n = live$n, items = length(framework$leaves), weights = live$layout$n - 1L
    )),
    method_row(say(lang, "method.rule"), say(lang, "method.whatif_rule",
      rule = listed(unique(rule_words(index$spec$aggregate))), max = root_max(framework),
      weights = index$spec$weights$method
    )),
    method_row(say(lang, "method.whatif_weights_name"), say(lang, "method.whatif_weights")),
    method_row(say(lang, "method.missing"), switch(index$spec$missing,
      error = say(lang, "method.whatif_missing_error"),
      zero = say(lang, "method.whatif_missing_zero", n = sum(is.na(index$answers$values))),
      renormalise = say(lang, "method.whatif_missing_weigh",
        n = sum(is.na(index$answers$values)), least = 100 * index$spec$min_coverage
      )
    )),
    if (!is.null(live$tier)) method_row(say(lang, "method.tiers"), say(lang, "method.whatif_tiers")),
    method_row(say(lang, "method.steps"), say(lang, "method.whatif_steps")),
    method_row(say(lang, "method.protection"), say(lang, "method.whatif_protection")),
    method_row(say(lang, "method.recalculation"), say(lang, "method.whatif_recalculation")),
    method_row(say(lang, "method.software"), say(lang, "method.whatif_software",
      version = as.character(utils::packageVersion("cybercap"))
    )),
    method_row(say(lang, "method.checksums"), say(lang, "method.whatif_checksums",
      answers = rlang::hash(list(index$answers$unit, index$answers$values)),
      weights = rlang::hash(stats::weights(index$spec$weights))
    )),
    method_row(say(lang, "method.stamp"), stamp_text(context$created))
  )
  methods_sheet(context, rows, c("sheet.whatif_methods", "title.whatif_methods", "describe.whatif_methods"))
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
