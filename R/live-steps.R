# Next steps of the live workbook: what raising each item would bring, computed
# by the whole index anew, and what the items that are picked bring together.

STEPS_HEAD <- 15L

# Rows of the values above the table; the second is for a unit that can be chosen.
steps_at <- c(
  unit = 5L, row = 6L, computed = 7L, yours = 8L, points = 9L, cost = 10L, score = 11L, tier = 12L, words = 13L
)
STEPS_VALUE <- 5L # beside the labels, which run over the columns to the left

# Positions of the items listed: all in a group's file; of a unit what it has not
# in full.
listed_items <- function(live) {
  leaves <- which(live$layout$is_leaf)
  leaves <- leaves[order(live$layout$leaf[leaves])]
  if (live$one_unit) leaves[!live$cached$present[1L, leaves] | live$cached$share[1L, leaves] < 1] else leaves
}

# The cell of one of the values above the table.
step_cell <- function(which) paste0("{step_", which, "$value}")

steps_sheet <- function(context, live) {
  lang <- context$lang
  name <- live$sheet$steps
  listed <- listed_items(live)
  title <- say(lang, "title.whatif_steps", edition = context$edition_label)
  how <- if (length(listed) > 0L) say(lang, "whatif.steps_how") else say(lang, "whatif.steps_none")
  out <- list(
    sheet = sheet(name, landscape = TRUE, fit = c(1L, 0L), repeat_rows = c(STEPS_HEAD, STEPS_HEAD)),
    describes = say(lang, "describe.whatif_steps"),
    blocks = c(
      list(
        text_block(name, 1L, paste0(context$status$prefix, title), styles$heading),
        text_block(name, 2L, status_line(context), styles$small),
        text_block(name, 3L, how, styles$small)
      ),
      step_keys(context, live)
    )
  )
  if (length(listed) == 0L) {
    return(out)
  }
  columns <- priced_columns(context, live, listed)
  out$blocks <- c(out$blocks, list(
    block(name, STEPS_HEAD, 1L, columns, styles$header, table = "tbl_next_steps", autofilter = TRUE)
  ))
  ends <- scale_ends(live$index$framework)
  item <- live$layout$leaf[listed]
  out$validations <- c(
    lapply(seq_along(listed), function(i) {
      scale <- sort(c(ends$none[item[i]], ends$full[item[i]]))
      valid_number(refer("next_steps", "raised_to", i), scale[1L], scale[2L],
        error_title = say(lang, "head.raised_to"), error_message = say(lang, "whatif.answer_limits")
      )
    }),
    list(
      valid_number("next_steps$cost", 0, 1e12,
        error_title = say(lang, "head.your_cost"), error_message = say(lang, "whatif.cost_limits")
      ),
      valid_list("next_steps$pick", "step_words$value:other")
    ),
    if (!live$one_unit) list(valid_list("step_unit$value", "scores$unit"))
  )
  out$rules <- list(text_rule("next_steps$pick", say(lang, "word.yes"), changed_format()))
  out$names <- list(picks = "next_steps$pick", costs = "next_steps$cost", raised_to = "next_steps$raised_to")
  out
}

# Unit, scores and totals above the table.
step_keys <- function(context, live) {
  lang <- context$lang
  name <- live$sheet$steps
  bold <- sheet_format("0.0", bold = TRUE, h_align = "left")
  signed <- sheet_format("+0.0;-0.0;0.0", bold = TRUE, h_align = "left")
  line <- function(which, label, values, formula = NULL, format = bold) {
    value <- column(values, format = format, formula = formula)
    key_line(name, steps_at[[which]], label, value, STEPS_VALUE, paste0("step_", which))
  }
  score <- live$score[1L]
  tier <- live$tier[1L]
  root <- function(k) scenario_score(live, k)
  ok <- paste0("AND(", weights_ok, "=1,", chosen_row(live), ">0)")
  any_listed <- length(listed_items(live)) > 0L
  unit_format <- if (live$one_unit) bold else input_format(bold = TRUE)
  yes_no <- list(value = column(say(lang, "word.yes")), other = column(say(lang, "word.no")))
  c(
    line("unit", say(lang, "head.unit"), live$labels[1L], format = unit_format),
    if (!live$one_unit) {
      line("row", say(lang, "word.unit_row"), 1, paste0(
        "SUMPRODUCT(EXACT({scores$unit},", step_cell("unit"), ")*(ROW({scores$unit})-", TABLE_ROW, "))"
      ), sheet_format("0", h_align = "left"))
    },
    line("computed", say(lang, "head.score_computed"), score, of_unit(live, "{scores$computed}")),
    line("yours", say(lang, "head.score_yours"), score, paste0("IF(", ok, ",", root(1L), ",\"[x]\")")),
    line("points", say(lang, "word.points_picked"), 0, difference(step_cell("score"), step_cell("yours")), signed),
    line("cost", say(lang, "word.cost_picked"), 0, if (any_listed) {
      paste0("SUMIF({next_steps$pick},", step_cell("words"), ",{next_steps$cost})")
    }, sheet_format("#,##0.##", bold = TRUE, h_align = "left")),
    line("score", say(lang, "word.score_picked"), score, paste0("IF(", ok, ",", root(2L), ",\"[x]\")")),
    if (!is.null(live$tier)) {
      line("tier", say(lang, "word.tier_picked"), tier, live_tier_formula(context, live, step_cell("score")))
    },
    list(
      text_block(name, steps_at[["words"]], say(lang, "word.choices"), styles$text),
      block(name, steps_at[["words"]], STEPS_VALUE, yes_no, fit = FALSE, name = "step_words")
    )
  )
}

# Which row of units is looked at: the chosen one.
chosen_row <- function(live) if (live$one_unit) "1" else step_cell("row")

# The chosen unit's value in a range with rows of units.
of_unit <- function(live, range, more = "") {
  row <- chosen_row(live)
  paste0("IF(", row, ">0,INDEX(", range, ",MAX(1,", row, ")", more, "),\"[x]\")")
}

priced_columns <- function(context, live, listed) {
  lang <- context$lang
  framework <- live$index$framework
  node <- live$layout$order[listed]
  item <- live$layout$leaf[listed]
  ends <- scale_ends(framework)
  pillar <- leaf_pillars(framework)[item]
  value <- live$index$answers$values[1L, item]
  points <- step_points(live, listed)
  cost <- unname(live$costs[item])
  answers <- paste0("{", refer("answers", answer_of(1L), to = answer_of(length(framework$leaves))), "}")
  indent <- function(x, header, ...) column(x, header, styles$indented, header_format = styles$header_indented, ...)
  list(
    number = column(seq_along(listed), say(lang, "head.number"), styles$whole, width = 6),
    pillar = indent(pillar, level_title(framework), width = 28),
    code = column(framework$items$code[node], say(lang, "head.code")),
    item = column(framework$items$label[node], say(lang, "head.item")),
    answer = column(value, say(lang, "head.answer_now"), styles$value,
      width = 12, formula = of_unit(live, answers, ",${answer_column}")
    ),
    raised_to = column(ends$full[item], say(lang, "head.raised_to"), input_format("0.00", h_align = "right"), width = 12),
    points = column(points, say(lang, "head.points_gained"), styles$change, width = 12, formula = points_formula(live)),
    cost = column(cost, say(lang, "head.your_cost"), input_format("#,##0.##", h_align = "right"), width = 12),
    points_per_cost = column(ifelse(cost > 0, points / cost, NA), say(lang, "head.points_per_cost"), styles$value,
      width = 12, shorthand = "[z]",
      formula = "IF(AND(ISNUMBER(${points}),ISNUMBER(${cost})),IF(${cost}>0,${points}/${cost},\"[z]\"),\"[z]\")"
    ),
    pick = column(rep(say(lang, "word.no"), length(listed)), say(lang, "head.pick"), input_format(h_align = "center"),
      header_format = header_format(h_align = "center"), width = 12
    ),
    scale_from = column(ends$none[item], say(lang, "head.scale_from"), styles$value, width = 9),
    scale_to = column(ends$full[item], say(lang, "head.scale_to"), styles$value, width = 9),
    share_now = column(live$cached$share[1L, listed], say(lang, "head.share_now"), styles$weight,
      width = 9, formula = formula_share("${answer}", "${scale_from}", "${scale_to}")
    ),
    share_raised = column(rep(1, length(listed)), say(lang, "head.share_raised"), styles$weight,
      width = 9, formula = formula_share("${raised_to}", "${scale_from}", "${scale_to}", "${share_now}")
    ),
    answer_column = column(item, say(lang, "head.answer_column"), styles$whole, width = 9)
  )
}

# Step workings ----------------------------------------------------------------

# Scenarios of the chosen unit, a row each: as it stands, with what is picked,
# with each item raised alone, and with each set of raises. `raised` is 0, -1, the
# item's number, and from -2 down the sets.
scenarios <- function(live) {
  c(0L, -1L, seq_along(listed_items(live)), -1L - seq_len(live$sets$n %||% 0L))
}

# Root score of the k-th scenario; "[x]" where it has none.
scenario_score <- function(live, k) {
  cell <- function(column) paste0("{", refer("step_workings", column, k), "}")
  score <- paste0(cell(share_of(1L)), "*", formula_number(root_max(live$index$framework)))
  if (!live$layout$gaps) {
    return(score)
  }
  paste0("IF(", cell(present_of(1L)), "=1,", score, ",\"[x]\")")
}

# The same of the item of a row, less the score as it stands.
points_formula <- function(live) {
  max <- formula_number(root_max(live$index$framework))
  rows <- 2L + seq_along(listed_items(live))
  item <- function(column) paste0("INDEX({", refer("step_workings", column, rows), "},${number})")
  now <- step_cell("yours")
  has <- if (live$layout$gaps) paste0(",", item(present_of(1L)), "=1")
  paste0("IF(AND(ISNUMBER(", now, ")", has, "),", item(share_of(1L)), "*", max, "-", now, ",\"[x]\")")
}

# Answers of the scenarios as they are first written: nothing is picked.
scenario_values <- function(live) {
  listed <- listed_items(live)
  item <- live$layout$leaf[listed]
  values <- live$index$answers$values[rep(1L, length(scenarios(live))), , drop = FALSE]
  values[cbind(2L + seq_along(listed), item)] <- scale_ends(live$index$framework)$full[item]
  for (k in seq_len(live$sets$n %||% 0L)) {
    inside <- live$sets$raises[live$sets$member[, k] == 1, ]
    values[2L + length(listed) + k, inside$leaf] <- inside$to
  }
  values
}

step_points <- function(live, listed) {
  shares <- live$scenario
  root <- ifelse(shares$present[, 1L] == 1, shares$share[, 1L], NA) * root_max(live$index$framework)
  root[2L + seq_along(listed)] - root[1L]
}

step_workings_sheet <- function(context, live) {
  lang <- context$lang
  listed <- listed_items(live)
  yes <- step_cell("words")
  step <- function(i, column) paste0("{", refer("next_steps", column, i), "}")
  leaf <- function(position) {
    i <- match(position, listed)
    if (is.na(i)) {
      now <- function(column) paste0("{", refer("workings", column, 1L), "}")
      return(list(share = now(share_of(position)), present = if (live$layout$gaps) now(present_of(position))))
    }
    raised <- paste0("OR(${raised}=", i, ",AND(${raised}=-1,", step(i, "pick"), "=", yes, "))")
    now <- step(i, "share_now")
    if (i %in% live$sets$raises$number) now <- paste0("IF(${raised}<-1,", set_share(live, i, now), ",", now, ")")
    list(
      share = paste0("IF(", raised, ",", step(i, "share_raised"), ",", now, ")"),
      present = paste0(
        "IF(OR(ISNUMBER(", step(i, "answer"), "),AND(", raised, ",ISNUMBER(", step(i, "raised_to"), "))),1,0)"
      )
    )
  }
  columns <- c(
    list(
      scenario = column(c(
        say(lang, "word.as_it_stands"), say(lang, "word.as_picked"),
        live$index$framework$items$code[live$layout$order[listed]],
        vapply(seq_len(live$sets$n %||% 0L), function(k) say(lang, "head.set_number", n = k), "")
      ), say(lang, "head.scenario")),
      raised = column(scenarios(live), say(lang, "head.raised"), sheet_format("0", h_align = "right"), width = 9)
    ),
    share_columns(context, live, leaf, live$scenario)
  )
  title <- say(lang, "title.whatif_step_workings", edition = context$edition_label)
  out <- table_sheet(context, live$sheet$step_workings, title,
    say(lang, "describe.whatif_step_workings"), columns, "tbl_step_workings",
    hint = character() # the row below the status holds the weights in use
  )
  out$blocks <- c(out$blocks, weights_in_use(context, live, out$blocks[[length(out$blocks)]]))
  out$sheet$freeze <- c(TABLE_ROW, 1L)
  out
}
