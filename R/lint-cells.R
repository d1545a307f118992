# Rules of the linter on cells, tables and formulas.

# Parts that are no XML, or that the archive does not give out.
find_broken <- function(book) {
  unread <- stats::na.omit(setdiff(book$sheets$part, names(book$docs)))
  c(
    lapply(unique(c(book$broken, unread)), function(part) flaw(NA, "", finding("check.broken", part = part))),
    lapply(which(is.na(book$sheets$part)), function(i) flaw(i, "", finding("check.no_part")))
  )
}

find_merged <- function(book) {
  at <- frame(sheet = book$merged$sheet, cell = sub(":.*$", "", book$merged$ref), ref = book$merged$ref)
  flaws_by_sheet(at, function(own) finding("check.merged", n = nrow(own), cells = first_of(own$ref)))
}

find_untitled <- function(book) {
  sheets <- worksheets(book)
  lapply(sheets[!nzchar(text_at(book, sheets, TITLE_CELL))], function(i) flaw(i, TITLE_CELL, finding("check.title")))
}

# "Table1" in the languages in which spreadsheets name their tables.
default_table <- paste0(
  "^(table|tableau|tabelle|tabla|tabela|tabel|tabella|taulukko|",
  "\u0442\u0430\u0431\u043b\u0438\u0446\u0430|\u8868|\u062c\u062f\u0648\u0644)_?[0-9]+$"
)

find_unnamed <- function(book) {
  regions <- book$regions
  if (is_live(book)) {
    regions <- regions[!vapply(seq_len(nrow(regions)), function(k) works(book, regions[k, ]), NA), ]
  }
  if (nrow(regions) == 0L) {
    return(list())
  }
  cell <- cell_name(regions$first_row, regions$first_col)
  range <- range_names(regions)
  unnamed <- which(is.na(regions$name))
  default <- which(grepl(default_table, tolower(regions$name)))
  c(
    lapply(unnamed, function(k) flaw(regions$sheet[k], cell[k], finding("check.no_table", range = range[k]))),
    lapply(default, function(k) {
      flaw(regions$sheet[k], cell[k], finding("check.default_name", table = regions$name[k]))
    })
  )
}

# What-if workbooks and forms: there, cells that compute or wait for an entry may
# stand outside tables.
is_live <- function(book) any(book$marks$file %in% c("what-if", "form"))

works <- function(book, region) {
  own <- book$cells$sheet == region$sheet & in_area(book$cells$row, book$cells$col, region)
  is.na(region$name) && any(own & (!is.na(book$cells$formula) | book$cells$open))
}

range_names <- function(ranges) {
  mapply(range_name, ranges$first_row, ranges$first_col, ranges$last_row, ranges$last_col, USE.NAMES = FALSE)
}

# The cells of a region's header, and what the table says they are.
find_headers <- function(book) {
  unlist(lapply(which(book$regions$headed), function(k) header_flaws(book, book$regions[k, ])), recursive = FALSE)
}

header_flaws <- function(book, region) {
  cols <- seq(region$first_col, region$last_col)
  row <- book$cells[book$cells$sheet == region$sheet & book$cells$row %in% region$first_row, ]
  shown <- row$text[match(cols, row$col)]
  shown <- ifelse(is.na(shown), "", trimws(shown))
  cell <- cell_name(region$first_row, cols)
  blank <- !nzchar(shown) | (!is.na(region$name) & grepl("^(column|colonne|spalte|columna)[0-9]+$", tolower(shown)))
  again <- nzchar(shown) & duplicated(tolower(shown))
  stated <- if (!is.na(region$name)) unlist(book$tables$columns[book$tables$name %in% region$name][1L])
  differs <- !blank & length(stated) == length(cols) & !same_header(stated, shown)
  c(
    lapply(which(blank), function(i) flaw(region$sheet, cell[i], finding("check.blank_header"))),
    lapply(which(again), function(i) flaw(region$sheet, cell[i], finding("check.twin_header", header = shown[i]))),
    lapply(which(differs), function(i) {
      flaw(region$sheet, cell[i], finding("check.other_header", header = shown[i], stated = stated[i]))
    })
  )
}

# Tables write line breaks as a code, and spaces of any width are one.
same_header <- function(stated, shown) {
  if (length(stated) != length(shown)) {
    return(TRUE)
  }
  flat <- function(x) trimws(gsub("[[:space:]]+", " ", gsub("_x000a_|_x000d_", " ", x, ignore.case = TRUE)))
  flat(stated) == flat(shown)
}

# Text that is a number, in a column of numbers. A column of nothing else, to the
# left of the numbers, holds codes.
find_numbers_as_text <- function(book) {
  found <- lapply(seq_len(nrow(book$regions)), function(k) texts_as_numbers(book, book$regions[k, ]))
  found <- do.call(rbind, found)
  flaws_by_sheet(found, function(own) finding("check.number_as_text", n = nrow(own), cells = first_of(own$cell)))
}

texts_as_numbers <- function(book, region) {
  cells <- book$cells[book$cells$sheet == region$sheet & in_area(book$cells$row, book$cells$col, region), ]
  cells <- cells[cells$kind != "empty" & cells$row >= region$first_row + region$headed, ]
  number <- cells$kind == "number" | cells$kind == "logical"
  like <- cells$kind == "text" & is.na(cells$formula) & grepl(number_like, cells$text, perl = TRUE)
  first_number <- min(cells$col[number], Inf)
  mixed <- cells$col %in% cells$col[number]
  only <- !cells$col %in% cells$col[!like] & cells$col > min(first_number, region$first_col)
  wrong <- like & (mixed | only)
  frame(sheet = cells$sheet[wrong], cell = cells$ref[wrong])
}

number_like <- "^\\s*[+-]?(\\d+|\\d{1,3}([ ,.'\u00a0\u202f]\\d{3})+)([.,]\\d+)?\\s*%?\\s*$"

# Text that becomes a formula when the file is exported and opened again.
find_injection <- function(book) {
  cells <- book$cells
  risky <- cells$kind == "text" & is.na(cells$formula) & grepl("^\\s*([=@]|[+-].*[(|!])", cells$text, perl = TRUE)
  at <- frame(sheet = cells$sheet, cell = cells$ref, text = cells$text)[risky, ]
  flaws_by_sheet(at, function(own) finding("check.injection", n = nrow(own), text = strtrim(own$text[1L], 40L)))
}

find_errors <- function(book) {
  cells <- book$cells
  wrong <- cells$kind == "error" | (!is.na(cells$formula) & grepl("#REF!", cells$formula, fixed = TRUE))
  at <- frame(
    sheet = cells$sheet, cell = cells$ref, text = ifelse(cells$kind == "error", cells$text, "#REF!")
  )[wrong, ]
  flaws_by_sheet(at, function(own) finding("check.error", n = nrow(own), cells = first_of(paste(own$cell, own$text))))
}

formula_cells <- function(book) {
  is_formula <- !is.na(book$cells$formula)
  frame(sheet = book$cells$sheet, cell = book$cells$ref, cached = book$cells$cached)[is_formula, ]
}

find_uncached <- function(book) {
  at <- formula_cells(book)
  flaws_by_sheet(at[!at$cached, ], function(own) finding("check.uncached", n = nrow(own), cells = first_of(own$cell)))
}

# A brief holds values only; other workbooks may compute.
find_formulas <- function(book) {
  if (!identical(book$marks$file, "brief")) {
    return(list())
  }
  flaws_by_sheet(formula_cells(book), function(own) finding("check.formula", n = nrow(own), cells = first_of(own$cell)))
}
