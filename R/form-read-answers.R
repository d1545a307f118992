# Answers of forms: every item's row found by its code, read and judged.

answer_heads <- c("code", "question", "answer", "apart", "evidence", "grade", "source", "comment", "from", "to")

read_answer_forms <- function(forms, framework) {
  each <- lapply(forms, read_answer_form, framework = framework)
  items <- settle_duplicates(do.call(rbind, lapply(each, `[[`, "items")))
  other <- do.call(rbind, lapply(each, `[[`, "other"))
  columns <- c("file", "sheet", "cell", "unit", "item", "value", "number", "state", "action")
  kept <- items[items$kept & !is.na(items$unit), ]
  new_report(framework, "answers", rbind(items[columns], other[columns]), list(
    answers = report_answers(kept, framework),
    evidence = report_evidence(items),
    not_applicable = plain_rows(kept[kept$closed, ], c("unit", "edition", "item")),
    external = do.call(rbind, lapply(each, `[[`, "external")),
    respondents = do.call(rbind, lapply(each, `[[`, "respondent"))
  ))
}

plain_rows <- function(x, columns) {
  out <- x[columns]
  out$edition <- tidy_edition(out$edition)
  rownames(out) <- NULL
  out
}

report_answers <- function(kept, framework) {
  if (nrow(kept) == 0L) {
    return(NULL)
  }
  data <- data.frame(unit = kept$unit, edition = kept$edition, item = kept$item, value = kept$number)
  has_source <- nzchar(kept$source)
  if (any(has_source)) data$source <- ifelse(has_source & !is.na(data$value), trimws(kept$source), NA)
  cap_answers(data, framework, unit = "unit")
}

# Rows in which evidence, its grade, a source or a comment is given.
report_evidence <- function(items) {
  columns <- c("grade", "evidence", "source", "comment")
  given <- Reduce(`|`, lapply(items[columns], nzchar))
  rows <- items[given & !is.na(items$unit), ]
  rows <- rows[!duplicated(rows[c("unit", "edition", "item")]), ]
  out <- plain_rows(rows, c("unit", "edition", "item", columns))
  out[columns] <- lapply(out[columns], function(x) ifelse(nzchar(x), x, NA_character_))
  out
}

# One form ---------------------------------------------------------------------

read_answer_form <- function(form, framework) {
  fields <- read_fields(form)
  unit <- field_code(fields$unit$value)
  edition <- trimws(cell_text(fields$edition$value))
  if (!nzchar(edition)) edition <- if (nzchar(framework$edition)) framework$edition else "1"
  heads <- intersect(answer_heads, item_columns_of(form$form))
  found <- find_rows(form, "answer", heads)
  rows <- item_rows(found)
  items <- do.call(rbind, lapply(seq_along(framework$leaves), function(k) read_item(form, found, rows, k, unit)))
  codes <- leaf_codes(framework)
  items$edition <- edition
  outside <- read_external(form, fields, unit, edition)
  list(
    items = items,
    other = rbind(
      report_unit(form, fields, unit), outside$cells, report_sheets(form, unit, found, heads),
      report_moved(form, found, rows, unit), report_changed(form, found, rows, unit),
      report_unknown(form, found, rows, codes, unit, "answer", "The framework has no such code"),
      report_side(form, found, rows, unit)
    ),
    external = outside$table,
    respondent = data.frame(
      file = form$file, unit = unit, edition = tidy_edition(edition), name = field_text(fields$name),
      respondent = field_text(fields$respondent), position = field_text(fields$position), date = field_text(fields$date)
    )
  )
}

field_text <- function(field) {
  text <- trimws(cell_text(field$value))
  if (nzchar(text)) text else NA_character_
}

field_code <- function(x) {
  code <- if (is.numeric(x) && !is.na(x)) format_code(x) else as_code(cell_text(x))
  if (is.na(code)) NA_character_ else code
}

# Which row of which sheet holds each code: data frame sheet (number in `found`),
# row, code.
item_rows <- function(found) {
  out <- do.call(rbind, lapply(seq_along(found), function(i) {
    data.frame(sheet = rep(i, length(found[[i]]$rows)), row = found[[i]]$rows, code = found[[i]]$code)
  }))
  out %||% data.frame(sheet = integer(), row = integer(), code = character())
}

read_item <- function(form, found, rows, k, unit) {
  sheet <- Filter(function(s) k %in% s$items, form$form$layout)[[1L]]$name
  place <- report_place(unit, sheet, item = leaf_codes(form$form$framework)[k])
  read_rows(form, found, rows, place, "answer",
    judge = function(at) judge_answer(form, k, at("answer"), at("apart")),
    texts = function(at) answer_texts(form, at)
  )
}

# What stands beside an answer.
answer_texts <- function(form, at) {
  grade <- toupper(trimws(cell_text(at("grade"))))
  list(
    evidence = cell_text(at("evidence")), grade = if (grade %in% evidence_grades) grade else "",
    source = source_from(form$form$lang, cell_text(at("source"))), comment = cell_text(at("comment"))
  )
}

# The rows of the report on one item: one for each row of its code, or one on the
# sheet where it should be, that of `place`, which says that there is none. `judge` and `texts` take a
# function that gives the cell below a header; `head` is that of what is judged.
read_rows <- function(form, found, rows, place, head, judge, texts) {
  mine <- which(rows$code == place$item)
  if (length(mine) == 0L) {
    gone <- verdict(NA_real_, "missing", "The row of this item is not in the file: ask again.")
    return(item_row(form, place, "", gone, list()))
  }
  do.call(rbind, lapply(mine, function(i) {
    f <- found[[rows$sheet[i]]]
    at <- function(head) if (is.na(f$at[head])) NA else f$cells[rows$row[i], f$at[[head]]][[1L]]
    cell <- if (is.na(f$at[head])) NA_character_ else cell_name(rows$row[i], f$at[[head]])
    item_row(form, report_place(place$unit, f$sheet, cell, place$item), cell_text(at(head)), judge(at), texts(at))
  }))
}

# What a cell says: `closed` where the item does not apply.
verdict <- function(number, state, action = "", closed = FALSE) {
  list(number = number, state = state, action = action, closed = closed)
}

item_row <- function(form, place, value, found, text) {
  out <- report_row(form, place, value, found$number, found$state, found$action)
  out$closed <- found$closed
  for (head in c("grade", "evidence", "source", "comment")) out[[head]] <- text[[head]] %||% ""
  out
}

# list(number, state, action, closed): what an answer's two cells say.
judge_answer <- function(form, k, answer, apart) {
  framework <- form$form$framework
  leaf <- framework$leaves[k]
  low <- framework$items$min[leaf]
  high <- framework$items$max[leaf]
  scale <- paste(format(low, digits = 15), "to", format(high, digits = 15))
  open <- framework$items$optional[leaf] == 1
  if (open && is_closed_word(form, apart)) {
    both <- nzchar(trimws(cell_text(answer)))
    return(verdict(NA_real_, "not applicable",
      if (both) "It is declared not applicable and has an answer, which was not read: keep one of them." else "",
      closed = TRUE
    ))
  }
  if (is_closed_word(form, answer)) {
    if (open) {
      elsewhere <- "Read as not applicable; choose it in the column for that."
      return(verdict(NA_real_, "recognised", elsewhere, closed = TRUE))
    }
    return(verdict(NA_real_, "off the list", "The framework does not leave this item open: it needs an answer."))
  }
  read <- read_number(answer, high)
  if (read$state == "missing") {
    return(verdict(NA_real_, "missing", "Ask for an answer; no response is not zero."))
  }
  if (is.na(read$value)) {
    return(verdict(NA_real_, read$state, read$why))
  }
  value <- snap(read$value, c(low, high))
  if (value < low || value > high) {
    return(verdict(NA_real_, "off the list", paste0("Not on the scale, ", scale, ": it was not read.")))
  }
  levels <- level_list(form, k)
  if (length(levels) > 0L && !any(is_same_value(value, levels))) {
    between <- paste0("Between two levels of the scale, ", scale, ": it was read; choose a level.")
    return(verdict(value, "off the list", between))
  }
  verdict(value, read$state, read$why)
}

# The levels of an item that takes no number between them.
level_list <- function(form, k) {
  framework <- form$form$framework
  if (level_steps(framework, NULL)[k] == 1) seq(leaf_min(framework)[k], leaf_max(framework)[k]) else numeric()
}

# An end of the scale that lost its 16th digit is that end.
snap <- function(x, to) {
  near <- abs(x - to) <= slack("digit") * abs(to)
  if (any(near)) to[near][1L] else x
}

is_closed_word <- function(form, x) {
  words <- tolower(c(form$form$words[["not_applicable"]], "not applicable", "n/a", "[z]"))
  is.character(x) && tolower(trimws(x)) %in% words
}

# Duplicates -------------------------------------------------------------------

# `kept` marks the row that counts for each unit, edition and item. Answers that
# stand more than once count once if they are equal, and not at all otherwise.
settle_duplicates <- function(items) {
  items$kept <- TRUE
  key <- paste(items$unit, items$edition, items$item, sep = "\r")
  for (at in split(seq_len(nrow(items)), factor(key, unique(key)))) {
    if (length(at) == 1L || is.na(items$unit[at[1L]])) next
    items[at, ] <- settle_one(items[at, ])
  }
  items
}

settle_one <- function(rows) {
  given <- !is.na(rows$number) | rows$closed
  if (!any(given)) {
    rows$kept <- seq_len(nrow(rows)) == 1L
    return(rows)
  }
  first <- which(given)[1L]
  answer <- ifelse(rows$closed, "closed", format(rows$number, digits = 15))
  if (length(unique(answer[given])) > 1L) {
    rows$state[given] <- "duplicate"
    places <- describe_places(rows[given, ])
    rows$action[given] <- paste0("Different answers stand in ", places, ": none was read; keep one.")
    rows$number <- NA_real_
    rows$closed <- FALSE
    rows$kept <- seq_len(nrow(rows)) == first
    return(rows)
  }
  again <- given & seq_len(nrow(rows)) != first
  rows$state[again] <- "duplicate"
  rows$action[again] <- paste0("The same answer stands in ", describe_places(rows[first, ]), " and counts once.")
  empty <- !given & rows$state == "missing"
  rows$state[empty] <- "ok"
  rows$action[empty] <- paste0("Empty here; answered in ", describe_places(rows[first, ]), ".")
  rows$kept <- seq_len(nrow(rows)) == first
  rows
}

describe_places <- function(rows) paste0(rows$file, " (", rows$sheet, " ", rows$cell, ")", collapse = ", ")

# Other cells ------------------------------------------------------------------

report_unit <- function(form, fields, unit) {
  if (!is.na(unit)) {
    return(NULL)
  }
  report_row(form, report_place(NA_character_, fields$unit$sheet, fields$unit$cell), "", NA_real_, "missing",
    "Write whose answers these are (the code on the first sheet): those of this file were left out."
  )
}

# Stages reached in other frameworks: list(table, cells).
read_external <- function(form, fields, unit, edition) {
  framework <- form$form$framework
  table <- data.frame(unit = character(), edition = edition[0L], framework = character(), stage = numeric())
  cells <- NULL
  for (id in external_gates(framework)) {
    field <- fields[[paste0("external:", id)]]
    read <- read_number(field$value)
    known <- external_range(id, framework$gates$min[framework$gates$framework %in% id])
    fine <- !is.na(read$value) && read$value %in% known
    state <- if (read$state == "missing") {
      "ok" # not known
    } else if (fine || is.na(read$value)) {
      read$state
    } else {
      "off the list"
    }
    ask <- paste0("Choose a stage of ", id, ": ", paste(known, collapse = ", "), ".")
    cells <- rbind(cells, report_row(form, report_place(unit, field$sheet, field$cell), cell_text(field$value),
      if (fine) read$value else NA_real_, state, if (state %in% c("ok", "recognised")) read$why else ask
    ))
    if (fine && !is.na(unit)) {
      table <- rbind(table, data.frame(unit = unit, edition = edition, framework = id, stage = read$value))
    }
  }
  table$edition <- tidy_edition(table$edition)
  list(table = table, cells = cells)
}

# Items that stand on another sheet than the form had them on.
report_moved <- function(form, found, rows, unit) {
  codes <- leaf_codes(form$form$framework)
  home <- character(length(codes))
  for (s in form$form$layout) home[s$items] <- s$name
  places <- vapply(found, `[[`, "", "sheet")
  known <- rows[rows$code %in% codes, ]
  moved <- known[places[known$sheet] != home[match(known$code, codes)], ]
  do.call(rbind, lapply(unique(moved$sheet), function(i) {
    report_row(form, report_place(unit, places[i]), some_of(moved$code[moved$sheet == i]), NA_real_, "changed sheet",
      "These items stand on another sheet than in the form, or it was renamed; they were read."
    )
  }))
}

# Questions and ends of scales that are not as in the framework.
report_changed <- function(form, found, rows, unit) {
  framework <- form$form$framework
  codes <- leaf_codes(framework)
  known <- which(rows$code %in% codes)
  do.call(rbind, lapply(known, function(i) {
    f <- found[[rows$sheet[i]]]
    item <- framework$items[framework$leaves[match(rows$code[i], codes)], ]
    wanted <- list(question = item$label, from = item$min, to = item$max)
    do.call(rbind, lapply(names(wanted), function(head) {
      if (is.na(f$at[head])) {
        return(NULL)
      }
      cell <- f$cells[rows$row[i], f$at[[head]]][[1L]]
      same <- if (head == "question") {
        plain_question(cell_text(cell)) == plain_question(item$label)
      } else {
        isTRUE(abs(read_number(cell)$value - wanted[[head]]) <= slack("spread") * item$max)
      }
      if (!same) changed_row(form, f, rows[i, ], head, unit, wanted[[head]], "the answer is to that")
    }))
  }))
}

changed_row <- function(form, f, row, head, unit, wanted, ask) {
  cell <- f$cells[row$row, f$at[[head]]][[1L]]
  report_row(form, report_place(unit, f$sheet, cell_name(row$row, f$at[[head]]), row$code), cell_text(cell), NA_real_,
    "changed question", paste0("In the framework: ", wanted, ". Ask whether ", ask, ".")
  )
}

# A question as a workbook holds it, blanks of any length being one.
plain_question <- function(x) trimws(gsub("[[:space:]]+", " ", xlsx_clean_text(x)$text))

# Rows whose code is none that the form asks for, and rows with content but no code.
report_unknown <- function(form, found, rows, codes, unit, head, why) {
  do.call(rbind, lapply(which(!rows$code %in% codes), function(i) {
    f <- found[[rows$sheet[i]]]
    coded <- nzchar(rows$code[i])
    code <- if (coded) rows$code[i] else NA_character_
    place <- report_place(unit, f$sheet, cell_name(rows$row[i], f$at[["code"]]), code)
    report_row(form, place,
      if (is.na(f$at[head])) "" else f$text[rows$row[i], f$at[[head]]], NA_real_, "unknown item",
      if (coded) {
        paste0(why, ": the row was not read. If a code was changed, put it back.")
      } else {
        "A row without a code: it was not read."
      }
    )
  }))
}

# Grades and marks of not applicable that are not on their lists.
report_side <- function(form, found, rows, unit) {
  framework <- form$form$framework
  codes <- leaf_codes(framework)
  do.call(rbind, lapply(which(rows$code %in% codes), function(i) {
    f <- found[[rows$sheet[i]]]
    open <- framework$items$optional[framework$leaves[match(rows$code[i], codes)]] == 1
    one <- function(head, wrong, action) {
      if (is.na(f$at[head])) {
        return(NULL)
      }
      text <- trimws(f$text[rows$row[i], f$at[[head]]])
      if (!nzchar(text) || !wrong(text)) {
        return(NULL)
      }
      place <- report_place(unit, f$sheet, cell_name(rows$row[i], f$at[[head]]), rows$code[i])
      report_row(form, place, text, NA_real_, "off the list", action)
    }
    rbind(
      one("grade", function(x) !toupper(x) %in% evidence_grades, "Grades are A to D: this one was not read."),
      one("apart", function(x) !(open && is_closed_word(form, x)), if (open) {
        "Choose from the list, or leave the cell empty: it was not read."
      } else {
        "The framework does not leave this item open: it was not read."
      })
    )
  }))
}
