# The rule that every number of a finding stands in a table.

find_numbers <- function(book) {
  lines <- finding_texts(book)
  if (nrow(lines) == 0L) {
    return(list())
  }
  readings <- if (is.null(book$language)) number_marks else list(unlist(book$language[c("decimal", "thousands")]))
  shown <- shown_numbers(book, readings)
  drop_null(lapply(seq_len(nrow(lines)), function(k) {
    strange <- numbers_without_cell(lines$text[k], readings, shown)
    if (length(strange) > 0L) {
      flaw(lines$sheet[k], lines$cell[k], finding("check.number", n = length(strange), numbers = first_of(strange)))
    }
  }))
}

# The ways to write a number: decimal mark and mark of thousands.
number_marks <- list(c(".", ","), c(",", "\u00a0"), c(",", "."))

# The title and the sentences of the first sheet above its first table: all below
# the status line in a brief, those with a bullet or a full stop in other
# workbooks, and no title in those of another's making. A line that goes on in the
# next row is one with it.
finding_texts <- function(book) {
  first <- worksheets(book)[1L]
  regions <- book$regions[book$regions$sheet %in% first, ]
  end <- min(regions$first_row, Inf)
  ours <- !is.null(book$marks$file)
  brief <- identical(book$marks$file, "brief")
  cells <- book$cells[
    book$cells$sheet %in% first & book$cells$kind == "text" & book$cells$row < end & (book$cells$row > 2 | ours),
  ]
  cells <- cells[cells$row != 2, ]
  # cells of one column follow each other
  cells <- cells[order(cells$col, cells$row), ]
  bullet <- grepl("^\\s*[\u2022\u25cf\u25aa\u2013*-]\\s", cells$text)
  goes_on <- grepl("^\\s+", cells$text) & !bullet
  sentence <- cumsum(!goes_on)
  text <- vapply(split(cells$text, sentence), function(x) paste(trimws(x), collapse = " "), "")
  head <- cells[!duplicated(sentence), ]
  out <- frame(sheet = head$sheet, cell = head$ref, text = unname(text))
  out[brief | head$row == 1 | bullet[!duplicated(sentence)] | grepl("[.]$", out$text), ]
}

# What tables show: numbers, and those in their texts. Without any table, all
# that is no sentence.
shown_numbers <- function(book, readings) {
  cells <- book$cells[book$cells$kind %in% c("number", "text"), ]
  regions <- book$regions
  inside <- rep(FALSE, nrow(cells))
  for (k in seq_len(NROW(regions))) {
    inside <- inside | (cells$sheet == regions$sheet[k] & in_area(cells$row, cells$col, regions[k, ]))
  }
  cells <- cells[inside, ]
  values <- cells$number[cells$kind == "number"]
  percent <- book$styles$percent[cells$style[cells$kind == "number"] + 1L] %in% TRUE
  token <- unique(number_tokens(grep("[0-9]", cells$text[cells$kind == "text"], value = TRUE)))
  list(
    values = c(values, 100 * values[percent]),
    texts = unlist(lapply(readings, function(marks) read_tokens(token, marks)$value))
  )
}

# Numbers of texts as they are written. Digits within codes, versions, dates,
# ranges and standards are not numbers.
number_tokens <- function(text) {
  pattern <- paste0(
    "(*UCP)(?<![\\p{L}\\p{N}_/.,:'\u2019])(?:[+\u2212-]|(?<!-))",
    "\\d(?:[\\d.,\u00a0\u202f]*\\d)?(?![\\p{L}\\p{N}_/]|[:-]\\p{N})"
  )
  unlist(regmatches(text, gregexpr(pattern, text, perl = TRUE)))
}

# Their values with these marks: value, decimals, whether there is a sign; NA for
# what is no number then.
read_tokens <- function(token, marks) {
  decimal <- mark_class(marks[[1L]])
  thousands <- mark_class(marks[[2L]])
  form <- paste0("^[+\u2212-]?(\\d{1,3}(", thousands, "\\d{3})+|\\d+)(", decimal, "\\d+)?$")
  plain <- sub("\u2212", "-", sub(decimal, ".", gsub(thousands, "", token, perl = TRUE), perl = TRUE), fixed = TRUE)
  plain[!grepl(form, token, perl = TRUE)] <- NA_character_
  frame(value = as.numeric(plain), digits = nchar(sub("^[^.]*[.]?", "", plain)), signed = grepl("^[+-]", plain))
}

# Spaces that do not break are one mark.
mark_class <- function(mark) {
  if (mark %in% c("\u00a0", "\u202f", " ")) "[\u00a0\u202f]" else paste0("[", mark, "]")
}

# Those of a text that no cell shows in any reading. One that can only be read
# with another language's marks is none of them.
numbers_without_cell <- function(text, readings, shown) {
  token <- number_tokens(text)
  known <- vapply(readings, function(marks) stands_among(read_tokens(token, marks), shown), logical(length(token)))
  number <- vapply(number_marks, function(marks) !is.na(read_tokens(token, marks)$value), logical(length(token)))
  dim(known) <- c(length(token), length(readings))
  dim(number) <- c(length(token), length(number_marks))
  unique(token[rowSums(number) > 0 & rowSums(known) == 0])
}

# Rounded to as many decimals; one without a sign says how far, not which way.
stands_among <- function(stated, shown) {
  vapply(seq_len(nrow(stated)), function(k) {
    if (is.na(stated$value[k])) {
      return(FALSE)
    }
    cells <- c(round_half_up(shown$values, stated$digits[k]), shown$texts)
    if (!stated$signed[k]) cells <- abs(cells)
    any(is_same_value(cells, stated$value[k]))
  }, NA)
}
