# The first sheet of a form, its lists, and what it is.

# First sheet ------------------------------------------------------------------

form_start_sheet <- function(form) {
  name <- own_sheet_names(form$lang)[["start"]]
  look <- form_styles()
  at <- start_rows(form)
  weighs <- form$kind == "weights"
  whose <- if (weighs) say(form$lang, "form.whose_weights") else say(form$lang, "form.whose")
  progress <- if (weighs) weight_progress(form, name, at$progress) else progress_blocks(form, name, at$progress)
  widths <- c(36, 34, 12, 12, 14, 10, 10)
  out <- form_sheet(form, name, form_title(form), list(),
    widths = widths, landscape = FALSE, freeze = c(0L, 0L), repeat_rows = NULL,
    print_area = c(1L, 1L, progress$last, length(widths)), fit = c(1L, 1L), tab_color = cap_palette[["blue"]]
  )
  out$blocks <- c(
    list(
      text_block(name, 1L, form_title(form), title_style(form_title(form))),
      text_block(name, 2L, start_status(form), styles$small),
      text_block(name, at$fields - 1L, whose, styles$heading),
      text_block(name, at$notes - 1L, say(form$lang, "form.how"), styles$heading),
      text_block(name, at$notes, start_notes(form), styles$text)
    ),
    field_blocks(form, name, at$fields, look), result_blocks(form, name, at$result, look), progress$blocks
  )
  out$validations <- field_validations(form)
  out$rules <- progress$rules
  rows <- at$fields + seq_along(start_fields(form)) - 1L
  out$sheet$heights <- stats::setNames(as.list(c(32, rep(18, length(rows)))), c(at$progress, rows))
  out
}

field_blocks <- function(form, name, row, look) {
  fields <- start_fields(form)
  input <- function(i) {
    value <- fields[[i]]$value
    is_year <- fields[[i]]$key == "edition" && is.character(value) && grepl("^[0-9]{1,9}$", value)
    value <- if (is.na(value)) "" else if (is_year) as.numeric(value) else value
    format <- sheet_format_with(look$input, h_align = "left", v_align = "middle")
    list(block(name, row + i - 1L, field_columns[["value"]], list(value = column(value, format = format)),
      name = paste0("field_", i)
    ))
  }
  c(
    list(
      text_block(name, row, vapply(fields, `[[`, "", "label"), sheet_format_with(look$bold, v_align = "middle")),
      text_block(name, row, vapply(fields, `[[`, "", "hint"),
        sheet_format_with(look$small, indent = 1, v_align = "middle"), col = field_columns[["hint"]]
      )
    ),
    unlist(lapply(seq_along(fields), input), recursive = FALSE)
  )
}

field_validations <- function(form) {
  keys <- vapply(start_fields(form), `[[`, "", "key")
  lapply(grep("^external:", keys), function(i) {
    valid_list(field_cell(i), list_cells(keys[i]),
      error_title = say(form$lang, "form.error_title"), error_message = say(form$lang, "form.error_list")
    )
  })
}

# The provisional result -------------------------------------------------------

result_blocks <- function(form, name, row, look) {
  labels <- result_labels(form)
  if (length(labels) == 0L) {
    return(NULL)
  }
  framework <- form$framework
  score <- form$figures$node_share[framework$root] * root_max(framework)
  reached <- formula_stage(
    "{gates$holds}", "{gates$stage}", "{list_stage$stage}", "{list_stage$stage_name}", nrow(framework$stages)
  )
  live <- function(values, formula, format) column(values, format = format, formula = formula)
  figure <- list(
    score = function() live(score, score_cell(form, framework$root, "score"), look$result),
    tier = function() live(form_tier(form, score), form_tier_formula(form, "{$result_score}"), look$result_text),
    stage = function() live(stage_reached(form), reached, look$result_text)
  )
  results <- lapply(figure[names(labels)], function(make) make())
  names(results) <- paste0("result_", names(labels))
  c(
    list(
      text_block(name, row - 1L, say(form$lang, "form.result"), styles$heading),
      text_block(name, row, unname(labels), look$bold),
      text_block(name, row, say(form$lang, "form.result_of", max = root_max(framework)), look$small,
        col = field_columns[["hint"]]
      )
    ),
    lapply(seq_along(results), function(i) {
      block(name, row + i - 1L, field_columns[["value"]], results[i], name = names(results)[i])
    })
  )
}

band_names <- function(bands) ifelse(bands$name == bands$label, bands$label, paste0(bands$label, " (", bands$name, ")"))

# The band of a score in words.
form_tier <- function(form, score) {
  band <- band_of(score, form$framework)
  if (is.na(band)) form$words[["no_tier"]] else band_names(form$framework$bands)[band]
}

form_tier_formula <- function(form, score) {
  below <- formula_text(form$words[["no_tier"]])
  top <- root_max(form$framework)
  formula_band(score, "{list_band$band_lower}", "{list_band$band_name}", below, top, rising = TRUE)
}

# Progress ---------------------------------------------------------------------

progress_blocks <- function(form, name, row) {
  look <- form_styles()
  words <- form$words
  figures <- form$figures
  framework <- form$framework
  layout <- form$layout
  of_sheet <- function(f) vapply(layout, f, 0)
  total <- row + length(layout) + 1L
  of <- of_sheet(function(s) sheet_maximum(form, s))
  parts <- lapply(layout, function(s) sheet_formulas(form, s))
  questions <- of_sheet(function(s) length(s$items))
  answered <- of_sheet(function(s) sum(figures$answered[s$items]))
  share <- of_sheet(function(s) sheet_share(form, s))
  left <- function(questions, answered) {
    ifelse(questions == answered, words[["complete"]], paste0(words[["left_to_do"]], " ", questions - answered))
  }
  left_formula <- function(questions, answered) {
    paste0(
      "IF(", questions, "=", answered, ",", formula_text(words[["complete"]]), ",", formula_text(words[["left_to_do"]]),
      "&\" \"&(", questions, "-", answered, "))"
    )
  }
  root <- figures$node_share[framework$root] * root_max(framework)
  shown <- function(...) form_column(form, ...)
  columns <- list(
    branch = column(vapply(layout, `[[`, "", "title"), words[["branch"]], sheet_format(color = "#12436D", wrap = TRUE),
      header_format = look$header, urls = link_to(vapply(layout, `[[`, "", "name")), width = 36
    ),
    left = shown("left_head", left(questions, answered), look$plain, 34, left_formula("{questions}", "{answered}")),
    questions = shown("questions", questions, look$percent, 11),
    answered = shown("answered_head", answered, look$percent, 11, vapply(parts, `[[`, "", "answered")),
    percent = shown("percent", 100 * answered / questions, look$percent, 11, "100*{answered}/{questions}"),
    score = shown("score", share * of, look$score, 10, vapply(parts, `[[`, "", "score")),
    of = shown("of", of, sheet_format("General", h_align = "right"), 10)
  )
  bold <- sheet_format(bold = TRUE, top = "thin", top_color = "#12436D")
  sums <- function(value, formula = NULL, num_format = "0") {
    column(value, format = sheet_format_with(bold, num_format = num_format, h_align = "right"), formula = formula)
  }
  # no column is called as one of the rows above, which {$questions} means here
  totals <- list(
    total = column(words[["total"]], format = bold),
    all_left = column(left(sum(questions), sum(answered)),
      format = bold, formula = left_formula("{all_questions}", "{all_answered}")
    ),
    all_questions = sums(sum(questions), "SUM({$questions})"),
    all_answered = sums(sum(answered), "SUM({$answered})"),
    all_percent = sums(100 * sum(answered) / sum(questions), "100*{all_answered}/{all_questions}"),
    root = sums(root, score_cell(form, framework$root, "score"), "0.0"),
    maximum = sums(root_max(framework), num_format = "General")
  )
  note <- strwrap(say(form$lang, "form.provisional"), width = start_width + 30L)
  list(
    blocks = list(
      text_block(name, row - 1L, say(form$lang, "form.progress"), styles$heading),
      block(name, row, 1L, columns, name = "progress"),
      block(name, total, 1L, totals, name = "progress_total"),
      text_block(name, total + 2L, note, look$small)
    ),
    rules = list(data_bar(c("progress$percent", "progress_total$all_percent"))), last = total + 1L + length(note)
  )
}

# Full marks of a sheet: of its branch, or of the items right below the root.
sheet_maximum <- function(form, s) {
  framework <- form$framework
  if (!is.na(s$node)) {
    return(framework$items$max[s$node])
  }
  root_max(framework) * sum(form$share[framework$leaves[s$items]])
}

sheet_share <- function(form, s) {
  if (!is.na(s$node)) {
    return(form$figures$node_share[s$node])
  }
  share <- ifelse(form$applies[s$items], form$figures$share[s$items], NA)
  weight <- form$share[form$framework$leaves[s$items]]
  mean <- group_figures(cbind(share), weight, list(seq_along(share)))[, "mean_weighted"]
  if (is.na(mean)) 0 else mean
}

sheet_formulas <- function(form, s) {
  range <- function(column) paste0("{", refer(s$block, column), "}")
  list(
    answered = paste0("SUM(", range("answered"), ")"),
    score = if (!is.na(s$node)) {
      score_cell(form, s$node, "score")
    } else {
      weight <- sum_product(range("weight"), range("applies"))
      points <- sum_product(range("weight"), range("applies"), range("share"))
      paste0("IF(", weight, ">0,{of}*", points, "/", weight, ",0)")
    }
  )
}

# Lists ------------------------------------------------------------------------

# The lists of the drop-downs and what formulas look up: named, each list(header,
# values).
form_lists <- function(form) {
  framework <- form$framework
  words <- form$words
  named <- function(key, values) stats::setNames(list(list(header = words[[key]], values = values)), key)
  if (form$kind == "weights") {
    return(c(
      if (form$pairs) named("outweighs", unname(words[c("first", "second", "equal")])),
      if (form$pairs) named("times", as.numeric(1:9))
    ) %||% list())
  }
  asked <- external_gates(framework)
  bands <- framework$bands[rev(seq_len(NROW(framework$bands))), ] # lowest first
  gates <- framework$gates
  c(
    scale_lists(form),
    if (has_grades(framework)) {
      c(
        named("grade", evidence_grades),
        named("grade_meaning", unname(words[paste0("grade_", tolower(evidence_grades))]))
      )
    },
    named("source", source_in(form$lang, form_sources)),
    if ("apart" %in% item_columns_of(form)) named("apart", words[["not_applicable"]]),
    if (!is.null(framework$bands)) c(named("band_lower", bands$lower), named("band_name", band_names(bands))),
    if (!is.null(framework$stages)) {
      c(named("stage", as.numeric(framework$stages$stage)), named("stage_name", framework$stages$label))
    },
    stats::setNames(lapply(asked, function(id) {
      list(
        header = say(form$lang, "form.external", framework = id),
        values = as.numeric(external_range(id, gates$min[gates$framework %in% id]))
      )
    }), if (length(asked) > 0L) paste0("external:", asked))
  )
}

scale_lists <- function(form) {
  lists <- lapply(seq_along(form$scales), function(i) {
    scale <- form$scales[[i]]
    if (length(scale$values) == 0L) {
      return(NULL)
    }
    from <- form_figure(scale$min, form$lang)
    list(
      header = say(form$lang, "form.head_scale", from = from, to = form_figure(scale$max, form$lang)),
      values = scale$values, meaning = form$levels$meaning[match(scale$values, form$levels$value)]
    )
  })
  names(lists) <- paste0("scale_", seq_along(lists))
  lists <- Filter(Negate(is.null), lists)
  out <- list()
  for (name in names(lists)) {
    out[[name]] <- lists[[name]][c("header", "values")]
    if (any(!is.na(lists[[name]]$meaning))) {
      out[[paste0(name, "_meaning")]] <- list(header = form$words[["meaning"]], values = lists[[name]]$meaning)
    }
  }
  out
}

lists_sheet <- function(form) {
  name <- own_sheet_names(form$lang)[["lists"]]
  columns <- lapply(form$lists, list_column, look = form_styles())
  about <- list_block(names(columns))
  names(columns) <- list_key(names(columns))
  blocks <- lapply(unique(about), function(list) {
    at <- which(about == list)
    block(name, form_first_row - 1L, at[1L], columns[at], table = paste0("tbl_", list))
  })
  form_sheet(form, name, say(form$lang, "form.describe_lists"), blocks)
}

list_column <- function(list, look) {
  values <- list$values
  if (is.character(values)) values <- ifelse(is.na(values), "", values)
  column(values, list$header, if (is.numeric(values)) sheet_format("General", h_align = "left"),
    header_format = look$header, width = min(
      40, max(12, text_width(strsplit(list$header, " ")[[1L]]) + 2, if (is.character(values)) text_width(values) + 2)
    )
  )
}

# About ------------------------------------------------------------------------

form_mark <- "cybercap questionnaire"

about_fields <- function(form) {
  framework <- form$framework
  c(
    form = form_mark, layout = "1", kind = form$kind, framework = framework$id, edition = framework$edition,
    title = framework$title, framework_status = status_in(form$lang, framework$status), source = framework$source,
    note = framework$note, items = rlang::hash(form_identity(form$original)), contact = form$contact,
    language = find_language(form$lang)$code, status = form_status(form), created = stamp_text(form$created),
    software = paste("cybercap", utils::packageVersion("cybercap")), carried_texts(form)
  )
}

# A form in a translation carries the words by which it is read back, with its list of
# sources, and its questions: whoever reads it may not have the translation at hand.
carried_texts <- function(form) {
  if (!inherits(form$lang, "cap_translation")) {
    return(NULL)
  }
  language <- find_language(form$lang)
  words <- setdiff(grep(read_back_keys, names(language$templates), value = TRUE), language$missing)
  items <- form$framework$items
  said <- items$label != form$original$items$label
  c(
    stats::setNames(language$templates[words], sprintf("text:%s", words)),
    stats::setNames(items$label[said], sprintf("label:%s", items$code[said]))
  )
}

read_back_keys <- "^form[.](head_|field_|sheet_|external$|not_applicable$|first$|second$|equal$)|^source[.]"

# The language of a form that carries its texts; the labels are those of `framework`.
carried_language <- function(about, framework) {
  carried <- function(kind) {
    found <- about[startsWith(as.character(names(about)), kind)]
    stats::setNames(as.character(found), substring(as.character(names(found)), nchar(kind) + 1L))
  }
  texts <- carried("text:")
  questions <- carried("label:")
  if (length(texts) + length(questions) == 0L) {
    return(NULL)
  }
  labels <- stats::setNames(questions, paste0(framework$id, "/", names(questions), recycle0 = TRUE))
  structure(list(language = new_language(about[["language"]], texts, labels)), class = "cap_translation")
}

# What makes two frameworks ask the same.
form_identity <- function(framework) {
  as.list(framework$items[c("code", "parent", "label", "min", "max", "direction", "optional")])
}

about_sheet <- function(form) {
  name <- own_sheet_names(form$lang)[["about"]]
  look <- form_styles()
  fields <- about_fields(form)
  fields <- fields[nzchar(fields)]
  notes <- c(
    say(form$lang, "form.about_read"), say(form$lang, "form.about_locked"), say(form$lang, "form.about_numbers"),
    if (form$kind == "answers") say(form$lang, "form.about_names")
  )
  columns <- list(
    field = form_column(form, "field", names(fields), look$wrapped, 32),
    value = form_column(form, "value", unname(fields), look$wrapped, 70)
  )
  form_sheet(form, name, say(form$lang, "form.describe_about"), list(
    block(name, form_first_row - 1L, 1L, columns, table = "tbl_about"),
    text_block(name, form_first_row + length(fields) + 1L, note_lines(notes, columns), look$small)
  ))
}
