# Rules of the linter on sheets: names, what is hidden, where the cursor stands,
# how it prints, how large the file is.

MOST_BYTES <- 1e6

find_sheet_names <- function(book) {
  names <- book$sheets$name
  # Excel counts UTF-16 units
  units <- vapply(names, function(x) sum(1L + (utf8ToInt(enc2utf8(x)) > 0xFFFF)), 0L)
  long <- which(units > 31L)
  bad <- which(grepl("[][*?:/\\\\]|^'|'$|^\\s*$", names))
  again <- which(duplicated(tolower(names)))
  c(
    lapply(long, function(i) flaw(i, "", finding("check.long_name", n = units[i]))),
    lapply(bad, function(i) flaw(i, "", finding("check.bad_name", name = names[i]))),
    lapply(again, function(i) flaw(i, "", finding("check.twin_name", name = names[i])))
  )
}

# Sheets, and rows and columns within what stands on a sheet.
find_hidden <- function(book) {
  sheets <- lapply(which(book$sheets$hidden), function(i) flaw(i, "", finding("check.hidden_sheet")))
  hidden <- book$hidden
  cells <- book$cells[book$cells$kind != "empty", ]
  most <- function(values, by) vapply(hidden$sheet, function(i) max(values[by == i], 0, na.rm = TRUE), 0)
  last <- ifelse(hidden$what == "row", most(cells$row, cells$sheet), most(cells$col, cells$sheet))
  inside <- hidden[hidden$first <= last, ]
  by <- split(inside, paste(inside$sheet, inside$what))
  c(sheets, lapply(unname(by), function(own) {
    row <- own$what[1L] == "row"
    cell <- if (row) cell_name(own$first[1L], 1) else cell_name(1, own$first[1L])
    n <- sum(own$last - own$first + 1)
    flaw(own$sheet[1L], cell, if (row) finding("check.hidden_row", n = n) else finding("check.hidden_column", n = n))
  }))
}

# Every sheet opens at its top with the cursor in A1, the workbook on its first.
find_cursor <- function(book) {
  sheets <- worksheets(book)
  off <- Filter(function(i) !opens_at_top(book$layout[[i]]), sheets)
  active <- suppressWarnings(as.integer(book$view$activeTab))
  first <- which(!book$sheets$hidden)[1L]
  active <- if (is.na(active)) 1L else active + 1L
  together <- which(vapply(book$layout, `[[`, NA, "selected"))
  c(
    lapply(off, function(i) flaw(i, book$layout[[i]]$active, finding("check.cursor"))),
    if (!identical(active, first)) list(flaw(first, "", finding("check.first_sheet"))),
    if (length(together) > 1L) list(flaw(together[1L], "", finding("check.grouped", n = length(together))))
  )
}

opens_at_top <- function(layout) {
  pane <- layout$pane
  scrolled <- !is.na(layout$top_left) && layout$top_left != HOME
  if (!is.na(pane$topLeftCell) && pane$state %in% c("frozen", "frozenSplit")) {
    split <- suppressWarnings(as.numeric(c(pane$ySplit, pane$xSplit)))
    split[is.na(split)] <- 0
    scrolled <- scrolled || pane$topLeftCell != cell_name(split[1L] + 1, split[2L] + 1)
  }
  layout$active == HOME && !scrolled
}

# One page wide; a table that may run over a page repeats its header.
find_print <- function(book) {
  flaws <- lapply(worksheets(book), function(i) {
    layout <- book$layout[[i]]
    if (!any(book$cells$sheet == i & book$cells$kind != "empty")) {
      return(NULL)
    }
    wide <- layout$fit && (is.na(layout$pages_wide) || layout$pages_wide == "1")
    one_page <- layout$fit && (is.na(layout$pages_high) || layout$pages_high == "1")
    list(
      if (!wide) flaw(i, "", finding("check.print_width")),
      if (!one_page && !repeats_header(book, i)) flaw(i, "", finding("check.print_rows"))
    )
  })
  drop_null(unlist(flaws, recursive = FALSE))
}

repeats_header <- function(book, i) {
  regions <- book$regions[book$regions$sheet %in% i & book$regions$headed, ]
  if (NROW(regions) == 0L) {
    return(TRUE)
  }
  titles <- book$names$text[book$names$name == "_xlnm.Print_Titles" & book$names$local %in% i]
  rows <- sub("^.*!", "", unlist(lapply(titles, split_areas)))
  rows <- area_corners(grep("[0-9]", rows, value = TRUE))
  any(outer(rows$first_row, regions$first_row, `<=`) & outer(rows$last_row, regions$first_row, `>=`), na.rm = TRUE)
}

find_size <- function(book) {
  if (book$size > MOST_BYTES) list(flaw(NA, "", finding("check.size", size = book$size / 1e6))) else list()
}
