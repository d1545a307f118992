# What the linter's rules ask a workbook.

# Sheets that readers see and that hold cells.
worksheets <- function(book) which(!book$sheets$hidden & book$sheets$kind %in% "worksheet")

# The text of one cell of each sheet, "" for none.
text_at <- function(book, sheets, row, col = 1) {
  cells <- book$cells[book$cells$row %in% row & book$cells$col %in% col, ]
  text <- cells$text[match(sheets, cells$sheet)]
  ifelse(is.na(text), "", trimws(text))
}

# Commas outside quoted sheet names.
split_areas <- function(ref) {
  trimws(regmatches(ref, gregexpr("('([^']|'')*'|[^,'])+", ref, perl = TRUE))[[1L]])
}

# list(sheet, range) of "'It''s'!A1" or "Name!A1"; sheet is NA without one.
split_sheet <- function(ref) {
  if (grepl("^'", ref)) {
    list(sheet = gsub("''", "'", sub("^'(([^']|'')*)'!.*$", "\\1", ref)), range = sub("^'([^']|'')*'!", "", ref))
  } else if (grepl("!", ref, fixed = TRUE)) {
    list(sheet = sub("!.*$", "", ref), range = sub("^[^!]*!", "", ref))
  } else {
    list(sheet = NA_character_, range = ref)
  }
}

real_charts <- function(book) Filter(function(x) !x$picture, book$charts)
