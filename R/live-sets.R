# Sets of raises that cap_actions() lists for a unit, priced with one's own costs:
# a sheet of the raises with their costs, and a sheet of the sets.

# NULL without actions; else `raises` (item, its number among the items listed,
# from, to, cost, share) and `member`, raises x sets.
live_sets <- function(actions, live, context) {
  if (is.null(actions)) {
    return(NULL)
  }
  if (!live$one_unit) {
    cap_abort_input(c(
      "Results of {.fn cap_actions} in {.arg analyses} go into the file of one unit.",
      "i" = "Name it: {.code scope = {.val {live$index$unit[1L]}}}."
    ))
  }
  check_same_unit(actions, live, context)
  table <- actions$alternatives
  table <- table[table$unit == live$index$unit & as.character(table$edition) == as.character(context$edition), ]
  if (nrow(table) == 0L) {
    return(NULL)
  }
  key <- paste(table$item, table$to)
  raises <- table[!duplicated(key), c("item", "label", "from", "to", "cost")]
  item <- match(raises$item, leaf_codes(live$index$framework))
  ends <- scale_ends(live$index$framework)
  raises$share <- (raises$to - ends$none[item]) / (ends$full[item] - ends$none[item])
  raises$leaf <- item
  raises$number <- match(item, live$layout$leaf[listed_items(live)])
  plans <- sort(unique(table$plan))
  member <- vapply(plans, function(p) 1 * (unique(key) %in% key[table$plan == p]), numeric(nrow(raises)))
  list(
    raises = raises, member = matrix(member, nrow(raises)), n = length(plans),
    target = target_label(context$lang, table$target[1L], live$index$framework)
  )
}

# A tier by its name, a stage as it stands.
target_label <- function(lang, target, framework) {
  band <- match(target, framework$bands$label)
  if (is.na(band)) as.character(target) else tier_label(lang, framework, band)
}

check_same_unit <- function(actions, live, context) {
  rows <- actions$rows
  here <- rows$unit == live$index$unit & as.character(rows$edition) == as.character(context$edition)
  if (!any(here)) {
    cap_abort_input(c(
      "The result of {.fn cap_actions} in {.arg analyses} has no steps of {.val {live$index$unit}} in edition {.val {context$edition}}.",
      "i" = "It has those of {some_of(unique(rows$unit))}."
    ), units = live$index$unit)
  }
  table <- actions$alternatives[actions$alternatives$unit == live$index$unit, ]
  leaf <- match(table$item, leaf_codes(live$index$framework))
  now <- live$index$answers$values[1L, leaf]
  other <- is.na(leaf) | is.na(now) != is.na(table$from) | (!is.na(now) & !is_same_value(now, table$from))
  if (any(other & as.character(table$edition) == as.character(context$edition), na.rm = TRUE)) {
    cap_abort_input(c(
      "The result of {.fn cap_actions} in {.arg analyses} must be of the same answers as the index.",
      "x" = "Other answers: {some_items(table$item[other])}."
    ))
  }
  invisible(actions)
}

raises_sheet <- function(context, live) {
  lang <- context$lang
  raises <- live$sets$raises
  columns <- c(
    list(
      code = column(raises$item, say(lang, "head.code")),
      item = column(item_label(context$index$framework, raises$item), say(lang, "head.item")),
      from = column(raises$from, say(lang, "head.answer_now"), styles$value, width = 10),
      to = column(raises$to, say(lang, "head.raised_to"), styles$value, width = 10),
      cost = column(raises$cost, say(lang, "head.your_cost"), input_format("#,##0.##", h_align = "right"), width = 12),
      number = column(raises$number, say(lang, "head.number_steps"), styles$whole, width = 10),
      share = column(raises$share, say(lang, "head.share_raised"), styles$weight, width = 10)
    ),
    stats::setNames(lapply(seq_len(live$sets$n), function(k) {
      column(live$sets$member[, k], say(lang, "head.set_number", n = k), styles$whole, width = 7)
    }), set_of(seq_len(live$sets$n)))
  )
  out <- table_sheet(context, live$sheet$raises, say(lang, "title.whatif_raises", edition = context$edition_label),
    say(lang, "describe.whatif_raises"), columns, "tbl_raises", hint = say(lang, "whatif.raises_how")
  )
  out$validations <- list(valid_number("raises$cost", 0, 1e12,
    error_title = say(lang, "head.your_cost"), error_message = say(lang, "whatif.cost_limits")
  ))
  out
}

alternatives_sheet <- function(context, live) {
  lang <- context$lang
  sets <- live$sets
  said <- paste0(sets$raises$item, " ", format_number(sets$raises$to, 2L))
  cost <- as.numeric(sets$raises$cost %*% sets$member)
  of_sets <- 2L + length(listed_items(live)) + seq_len(sets$n)
  score <- live$scenario$share[of_sets, 1L] * root_max(live$index$framework) # what C makes of each set
  share <- paste0("{", refer("step_workings", share_of(1L), of_sets), "}")
  lowest <- say(lang, "word.lowest_cost")
  columns <- c(
    list(
      set = column(seq_len(sets$n), say(lang, "head.set"), styles$whole, width = 6),
      raises = column(apply(sets$member == 1, 2L, function(m) paste(said[m], collapse = "; ")), say(lang, "head.raises"),
        sheet_format(wrap = TRUE, indent = 1),
        header_format = styles$header_indented, width = 52
      ),
      count = column(colSums(sets$member), say(lang, "head.raises_count"), styles$whole, width = 9),
      cost = column(cost, say(lang, "head.your_cost"), sheet_format("#,##0.0#", h_align = "right"),
        width = 12, formula = paste0("SUMPRODUCT({raises$cost},INDEX(", all_sets(live), ",0,${set}))")
      ),
      points = column(score - live$score, say(lang, "head.points_gained"), styles$change,
        width = 10, formula = difference("${score}", step_cell("yours"))
      ),
      score = column(score, say(lang, "head.score_yours"), styles$score, width = 10, formula = paste0(
        "IF(", weights_ok, "=1,INDEX(", share, ",${set})*",
        formula_number(root_max(live$index$framework)), ",\"[x]\")"
      ))
    ),
    if (!is.null(live$tier)) {
      list(tier = column(live_tier(live$index$framework, score, lang), say(lang, "head.tier_yours"), styles$indented,
        header_format = styles$header_indented, width = 24, formula = live_tier_formula(context, live, "${score}")
      ))
    },
    list(least = column(ifelse(meets(min(cost), cost), lowest, ""), say(lang, "head.least"), styles$indented,
      header_format = styles$header_indented, width = 22,
      formula = paste0(
        "IF(", formula_reaches("MIN({$cost})", "${cost}", slack("bound")), ",", formula_text(lowest), ",\"\")"
      )
    ))
  )
  out <- table_sheet(context, live$sheet$alternatives,
    say(lang, "title.whatif_alternatives", target = sets$target, edition = context$edition_label),
    say(lang, "describe.whatif_alternatives"), columns, "tbl_alternatives",
    hint = say(lang, "whatif.sets_how", sheet = live$sheet$raises)
  )
  out$rules <- list(text_rule("alternatives$least", lowest, changed_format()))
  out
}
