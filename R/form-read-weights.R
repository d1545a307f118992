# Weights of forms: points below each parent, and pairwise judgements.

weight_heads <- c("code", "question", "points", "comment")

read_weight_forms <- function(forms, framework) {
  each <- lapply(forms, read_weight_form, framework = framework)
  items <- settle_duplicates(do.call(rbind, lapply(each, `[[`, "items")))
  other <- do.call(rbind, lapply(each, `[[`, "other"))
  columns <- c("file", "sheet", "cell", "unit", "item", "value", "number", "state", "action")
  kept <- items[items$kept & !is.na(items$unit), ]
  comments <- kept[nzchar(kept$comment), ]
  judgements <- stats::setNames(lapply(each, `[[`, "judgements"), vapply(each, `[[`, "", "unit"))
  judgements <- Filter(function(j) length(j) > 0L, judgements[!is.na(names(judgements))])
  cells <- rbind(items[columns], other[columns], report_totals(kept, framework)[columns])
  new_report(framework, "weights", cells, list(
    experts = data.frame(expert = kept$unit, item = kept$item, value = kept$number),
    comments = data.frame(expert = comments$unit, item = comments$item, comment = comments$comment),
    judgements = if (length(judgements) > 0L) judgements,
    respondents = do.call(rbind, lapply(each, `[[`, "respondent"))
  ))
}

read_weight_form <- function(form, framework) {
  fields <- read_fields(form)
  unit <- field_code(fields$unit$value)
  found <- find_rows(form, "points", weight_heads)
  rows <- item_rows(found)
  codes <- framework$items$code[unlist(lapply(form$form$layout, `[[`, "child"))]
  items <- do.call(rbind, lapply(codes, function(code) read_points(form, found, rows, code, unit)))
  items$edition <- ""
  pairs <- read_pairs(form, unit)
  list(
    unit = unit, items = items, judgements = pairs$judgements,
    other = rbind(
      report_unit(form, fields, unit), report_sheets(form, unit, found, weight_heads),
      report_relabelled(form, found, rows, codes, unit),
      report_unknown(form, found, rows, codes, unit, "points", "The form asks for no such code"), pairs$cells
    ),
    respondent = data.frame(
      file = form$file, unit = unit, position = field_text(fields$position), date = field_text(fields$date)
    )
  )
}

read_points <- function(form, found, rows, code, unit) {
  node <- match(code, form$form$framework$items$code)
  sheet <- Filter(function(s) node %in% s$child, form$form$layout)[[1L]]$name
  read_rows(form, found, rows, report_place(unit, sheet, item = code), "points",
    judge = function(at) judge_points(at("points")),
    texts = function(at) list(comment = cell_text(at("comment")))
  )
}

judge_points <- function(cell) {
  read <- read_number(cell, BUDGET)
  if (read$state == "missing") {
    verdict(NA_real_, "missing", "Ask for points; 0 if the item should not count.")
  } else if (is.na(read$value)) {
    verdict(NA_real_, read$state, read$why)
  } else if (read$value < 0 || read$value > BUDGET) {
    verdict(NA_real_, "off the list", "Points are from 0 to 100: it was not read.")
  } else {
    verdict(read$value, read$state, read$why)
  }
}

# Parents whose points do not add up to 100 though all are given.
report_totals <- function(kept, framework) {
  parent <- framework$items$parent[match(kept$item, framework$items$code)]
  out <- lapply(split(seq_len(nrow(kept)), paste(kept$unit, parent, sep = "\r")), function(at) {
    total <- sum(kept$number[at])
    if (is.na(total) || abs(total - BUDGET) < BUDGET_SLACK) {
      return(NULL)
    }
    first <- kept[at[1L], ]
    first$cell <- NA_character_
    first$item <- parent[at[1L]]
    first$value <- format(total, digits = 15)
    first$number <- total
    first$state <- "total is not 100"
    first$action <- "The points below this item do not add up to 100: their shares are used. Ask if they are meant so."
    first
  })
  do.call(rbind, out) %||% kept[0L, ]
}

# Labels are compared by their beginning: help may follow.
report_relabelled <- function(form, found, rows, codes, unit) {
  items <- form$form$framework$items
  do.call(rbind, lapply(which(rows$code %in% codes), function(i) {
    f <- found[[rows$sheet[i]]]
    label <- items$label[match(rows$code[i], items$code)]
    asked <- f$at["question"]
    if (!is.na(asked) && !startsWith(plain_question(f$text[rows$row[i], asked]), plain_question(label))) {
      changed_row(form, f, rows[i, ], "question", unit, label, "the points are for that")
    }
  }))
}

# Pairs ------------------------------------------------------------------------

# list(judgements, cells): a matrix for each parent with a pair that was judged.
read_pairs <- function(form, unit) {
  words <- form$form$words
  items <- form$form$framework$items
  heads <- c("first_code", "second_code", "outweighs", "times")
  sheets <- lapply(names(form$cells), function(sheet) {
    x <- form$cells[[sheet]]
    text <- matrix(cells_text(x), nrow(x), ncol(x))
    header <- which(apply(text, 1L, function(row) all(words[heads] %in% row)))
    if (length(header) > 0L) list(
      sheet = sheet, cells = x, text = text, header = header[1L],
      at = stats::setNames(match(words[heads], text[header[1L], ]), heads)
    )
  })
  judgements <- list()
  cells <- NULL
  for (s in Filter(Negate(is.null), sheets)) {
    for (row in setdiff(seq_len(nrow(s$cells)), seq_len(s$header))) {
      pair <- read_pair(s, row, items, words)
      if (is.null(pair)) next
      place <- report_place(unit, s$sheet, cell_name(row, s$at[["times"]]), pair$item)
      cells <- rbind(cells, report_row(form, place, pair$value, pair$number, pair$state, pair$action))
      if (pair$state %in% c("ok", "recognised")) judgements <- add_judgement(judgements, pair, items)
    }
  }
  list(judgements = judgements, cells = cells)
}

# One judged pair, NULL for a row without codes.
read_pair <- function(s, row, items, words) {
  codes <- trimws(s$text[row, s$at[c("first_code", "second_code")]])
  if (!any(nzchar(codes))) {
    return(NULL)
  }
  which_one <- tolower(trimws(s$text[row, s$at[["outweighs"]]]))
  given <- s$cells[row, s$at[["times"]]][[1L]]
  times <- read_number(given)
  out <- function(number, state, action = "") {
    list(
      item = paste(codes, collapse = " : "), codes = codes, value = trimws(paste(which_one, cell_text(given))),
      number = number, state = state, action = action
    )
  }
  parent <- items$parent[match(codes, items$code)]
  if (anyNA(parent) || parent[1L] != parent[2L] || codes[1L] == codes[2L]) {
    return(out(NA_real_, "unknown item", "These are not two items of one heading: the row was not read."))
  }
  sides <- tolower(words[c("first", "second", "equal")])
  if (!nzchar(which_one) && times$state == "missing") {
    return(out(NA_real_, "missing", "Not judged; cap_weights_ahp() fills gaps from the other pairs."))
  }
  if (which_one == sides[[3L]] && (times$state == "missing" || times$value %in% 1)) {
    return(out(1, "ok"))
  }
  if (!which_one %in% sides[1:2] || is.na(times$value) || times$value < 1 || times$value > 9) {
    why <- "Choose which item weighs more, and how many times, 1 to 9: the row was not read."
    return(out(NA_real_, "off the list", why))
  }
  out(if (which_one == sides[[1L]]) times$value else 1 / times$value, times$state, times$why)
}

add_judgement <- function(judgements, pair, items) {
  parent <- items$parent[match(pair$codes[1L], items$code)]
  if (is.null(judgements[[parent]])) {
    below <- items$code[items$parent %in% parent]
    judgements[[parent]] <- matrix(NA_real_, length(below), length(below), dimnames = list(below, below))
    diag(judgements[[parent]]) <- 1
  }
  judgements[[parent]][pair$codes[1L], pair$codes[2L]] <- pair$number
  judgements[[parent]][pair$codes[2L], pair$codes[1L]] <- 1 / pair$number
  judgements
}
