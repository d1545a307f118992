# What the linter's rules ask a workbook.

# Sheets that readers see and that hold cells.
worksheets <- function(book) which(!book$sheets$hidden & book$sheets$kind %in% "worksheet")

# Where a sheet has its title, and its status.
TITLE_CELL <- "A1"
STATUS_CELL <- "A2"

# The text of one cell of each sheet, "" for none.
text_at <- function(book, sheets, cell) {
  cells <- book$cells[book$cells$ref %in% cell, ]
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
