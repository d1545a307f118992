# The sheets of a form for answers: the first one and one for each branch.

answer_sheets <- function(form) {
  form$figures <- form_figures(form)
  items <- lapply(form$layout, function(s) item_sheet(form, s))
  sheets <- c(
    list(form_start_sheet(form)), items, list(score_sheet(form)),
    if (!is.null(form$framework$stages)) list(stages_sheet(form))
  )
  list(
    sheets = sheets, table = answer_table(form), asked = refer(vapply(form$layout, `[[`, "", "block"), "answer"),
    filled = sum(!is.na(form$values) | !form$applies)
  )
}

# A row for each item's answer.
answer_table <- function(form) {
  framework <- form$framework
  do.call(rbind, lapply(form$layout, function(s) {
    data.frame(
      sheet = s$name, item = leaf_codes(framework)[s$items], label = framework$items$label[framework$leaves[s$items]],
      value = form$values[s$items]
    )
  }))
}

# A branch ---------------------------------------------------------------------

item_sheet <- function(form, s) {
  columns <- item_sheet_columns(form, s, form_styles())[item_columns_of(form)]
  rows <- form_first_row + seq_along(s$items) - 1L
  form_sheet(form, s$name, s$title,
    list(block(s$name, form_first_row - 1L, 1L, columns, table = paste0("tbl_", s$block), autofilter = TRUE)),
    print_area = c(1L, 1L, max(rows), match("check", names(columns))), heights = row_heights(columns, rows),
    validations = item_validations(form, s),
    rules = list(text_rule(refer(s$block, "check"), form$words[["to_answer"]], sheet_format(italic = TRUE)))
  )
}

item_sheet_columns <- function(form, s, look) {
  framework <- form$framework
  k <- s$items
  leaf <- framework$leaves[k]
  items <- framework$items[leaf, ]
  figures <- form$figures
  words <- form$words
  shown <- function(values, head, width, format, ...) {
    column(values, words[[head]], format, header_format = look$header, width = width, ...)
  }
  input <- function(values, head, width, format = look$input) {
    shown(ifelse(is.na(values), "", values), head, width, format)
  }
  side <- function(values, head, formula = NULL, format = look$number) {
    column(values, words[[head]], format, header_format = look$side_header, width = 12, formula = formula)
  }
  formulas <- item_formulas(form)
  list(
    code = shown(items$code, "code", min(18, max(8, text_width(items$code) + 2)), look$top),
    area = shown(item_area(framework, leaf), "area", 20, look$wrapped),
    question = shown(items$label, "question", 34, look$question),
    help = shown(item_help(form, k), "help", 40, look$help),
    answer = shown(form$values[k], "answer", 11, look$answer, shorthand = ""),
    apart = shown(ifelse(form$applies[k], "", words[["not_applicable"]]), "apart", 13, list(look$closed, look$input),
      which = 1L + (items$optional == 1)
    ),
    evidence = input(form$evidence[k], "evidence", 30),
    grade = input(form$grade[k], "grade", 10, look$short_input),
    source = input(source_in(form$lang, form$source[k]), "source", 15),
    comment = input(form$comment[k], "comment", 30, look$second_input),
    check = shown(answer_state_words(form, k), "check", 14, look$wrapped, formula = formulas[["check"]]),
    from = side(items$min, "from"), to = side(items$max, "to"), better = side(items$direction, "better"),
    optional = side(items$optional, "optional"),
    weight = side(form$share[leaf], "weight", format = look$weight),
    answered = side(figures$answered[k], "answered", formulas[["answered"]]),
    applies = side(figures$applies[k], "applies", formulas[["applies"]]),
    level = side(figures$level[k], "level", formulas[["level"]]),
    share = side(figures$share[k], "share", formulas[["share"]], look$weight)
  )
}

# Formulas ---------------------------------------------------------------------

# What each row works out from its answer.
item_formulas <- function(form) {
  word <- function(key) formula_text(form$words[[key]])
  on_scale <- "IF(ISNUMBER({answer}),AND({answer}>={from},{answer}<={to}),FALSE)"
  list(
    answered = paste0("IF(OR(", on_scale, ",{applies}=0),1,0)"),
    # NA() and other errors that were pasted in are not TRUE of ISTEXT()
    applies = if ("apart" %in% item_columns_of(form)) {
      paste0("IF(ISTEXT({apart}),IF(TRIM({apart})=", word("not_applicable"), ",1-{optional},1),1)")
    },
    level = paste0("IF(", on_scale, ",IF({better}>0,{answer},{from}+{to}-{answer}),{from})"),
    share = "({level}-{from})/({to}-{from})",
    check = paste0(
      "IF({applies}=0,", word("not_applicable"), ",IF({answered}=1,", word("answered_word"),
      ",IF(ISNUMBER({answer}),", word("off_scale"), ",IF(ISBLANK({answer}),", word("to_answer"), ",",
      word("not_a_number"), "))))"
    )
  )
}

# What the check says of each item as filled in.
answer_state_words <- function(form, k) {
  words <- form$words
  ifelse(!form$applies[k], words[["not_applicable"]],
    ifelse(is.na(form$values[k]), words[["to_answer"]], words[["answered_word"]])
  )
}

# Help -------------------------------------------------------------------------

# The user's own words, what the answers mean, the scale, and what stages ask for.
item_help <- function(form, k) {
  framework <- form$framework
  leaf <- framework$leaves[k]
  vapply(seq_along(k), function(i) {
    paste(c(
      if (!is.na(form$help[leaf[i]])) form$help[leaf[i]],
      scale_help(form, k[i]),
      if (framework$items$direction[leaf[i]] < 0) say(form$lang, "form.help_less"),
      if (framework$items$optional[leaf[i]] == 1) say(form$lang, "form.help_optional"),
      gate_help(form, framework$items$code[leaf[i]])
    ), collapse = "\n")
  }, "")
}

scale_help <- function(form, k) {
  scale <- form$scales[[form$scales_of[k]]]
  known <- form$levels$value %in% scale$values
  if (any(known)) {
    number <- form_figure(form$levels$value[known], form$lang)
    return(paste(number, form$levels$meaning[known], collapse = "; "))
  }
  if (scale$closed) {
    return(scale_words(form, scale, "form.help_levels"))
  }
  if (length(scale$values) == 0L) {
    return(scale_words(form, scale, "form.help_number"))
  }
  reversed <- form$framework$items$direction[form$framework$leaves[k]] < 0
  scale_words(form, scale, if (reversed) "form.help_between" else "form.help_share")
}

# A text about a scale: where it begins and ends, and its second value.
scale_words <- function(form, scale, key) {
  number <- function(x) form_figure(x, form$lang)
  say(form$lang, key, from = number(scale$min), middle = number(scale$values[2L]), to = number(scale$max))
}

# "ready to design 3, ready to establish 4": what the stages ask of the item.
gate_help <- function(form, code) {
  gates <- form$framework$gates
  gates <- gates[gates$item == code & is.na(gates$framework), ]
  if (NROW(gates) == 0L) {
    return(NULL)
  }
  gates <- gates[order(gates$stage), ]
  labels <- form$framework$stages$label[match(gates$stage, form$framework$stages$stage)]
  say(form$lang, "form.help_gates", gates = paste(labels, form_figure(gates$min, form$lang), collapse = ", "))
}

# Drop-downs -------------------------------------------------------------------

# The different scales of a framework: list(min, max, closed, values): closed
# scales take the values only, others any number between.
form_scales <- function(form) {
  framework <- form$framework
  low <- leaf_min(framework)
  high <- leaf_max(framework)
  step <- level_steps(framework, NULL)
  key <- paste(format(low, digits = 17), format(high, digits = 17), step)
  first <- which(!duplicated(key))
  scales <- lapply(first, function(k) {
    values <- if ((high[k] - low[k]) / step[k] <= 20) seq(low[k], high[k], by = step[k]) else numeric()
    list(min = low[k], max = high[k], closed = step[k] == 1 && length(values) > 0L, values = values)
  })
  attr(scales, "of") <- match(key, key[first])
  scales
}

item_validations <- function(form, s) {
  scale <- form$scales_of[s$items]
  run <- rle(scale)
  last <- cumsum(run$lengths)
  first <- last - run$lengths + 1L
  answers <- Map(function(from, to, i) {
    scale_validation(form, refer(s$block, "answer", c(from, to)), i)
  }, first, last, run$values)
  open <- which(form$framework$items$optional[form$framework$leaves[s$items]] == 1)
  names <- intersect(c("grade", "source", if (length(open) > 0L) "apart"), item_columns_of(form))
  lists <- lapply(names, function(name) {
    valid_list(refer(s$block, name, if (name == "apart") open), list_cells(name),
      warn_only = name == "source", input_message = switch(name,
        grade = say(form$lang, "form.message_grade"), source = say(form$lang, "form.message_source"),
        say(form$lang, "form.message_apart")
      ),
      error_title = say(form$lang, "form.error_title"), error_message = say(form$lang, "form.error_list")
    )
  })
  c(answers, lists)
}

scale_validation <- function(form, range, i) {
  scale <- form$scales[[i]]
  title <- say(form$lang, "form.error_title")
  if (length(scale$values) == 0L) {
    said <- scale_words(form, scale, "form.error_number")
    return(valid_number(range, scale$min, scale$max, error_title = title, error_message = said, input_message = said))
  }
  message <- scale_words(form, scale, if (scale$closed) "form.error_levels" else "form.error_between")
  valid_list(range, list_cells(i),
    warn_only = !scale$closed, error_title = title, error_message = message, input_message = message
  )
}
