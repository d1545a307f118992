# A flaw that the linter found.

# A finding: the sheet's number (NA for the workbook), the first cell ("" for
# none) and the sentence.
flaw <- function(sheet, cell, found) list(sheet = sheet, cell = cell, found = found)

# One flaw a sheet for many cells: `say_it` makes the finding of the sheet's
# rows of `at` (sheet, cell); none where `at` is NULL.
flaws_by_sheet <- function(at, say_it) {
  if (is.null(at)) {
    return(list())
  }
  lapply(unname(split(at, at$sheet)), function(own) flaw(own$sheet[1L], own$cell[1L], say_it(own)))
}
