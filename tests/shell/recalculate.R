# Cells of workbooks as text, and workbooks with some cells changed: for tests
# in which a second program computes the formulas anew.

unpacked <- function(path) {
  folder <- tempfile("book")
  utils::unzip(path, exdir = folder)
  folder
}

read_part <- function(file) {
  text <- readChar(file, file.size(file), useBytes = TRUE)
  Encoding(text) <- "UTF-8"
  text
}

plain <- function(x) {
  for (pair in list(c("&lt;", "<"), c("&gt;", ">"), c("&quot;", "\""), c("&apos;", "'"), c("&amp;", "&"))) {
    x <- gsub(pair[1], pair[2], x, fixed = TRUE)
  }
  x
}

# Files of the sheets, named by the sheets, in the order of the workbook.
sheet_files <- function(folder) {
  book <- read_part(file.path(folder, "xl/workbook.xml"))
  rels <- read_part(file.path(folder, "xl/_rels/workbook.xml.rels"))
  tags <- regmatches(book, gregexpr("<sheet [^>]*>", book))[[1]]
  links <- regmatches(rels, gregexpr("<Relationship [^>]*>", rels))[[1]]
  value <- function(tag, name) sub(paste0("^.* ", name, "=\"([^\"]*)\".*$"), "\\1", tag)
  target <- value(links, "Target")[match(value(tags, "r:id"), value(links, "Id"))]
  stats::setNames(file.path(folder, "xl", target), plain(value(tags, "name")))
}

shared_texts <- function(folder) {
  file <- file.path(folder, "xl/sharedStrings.xml")
  if (!file.exists(file)) {
    return(character())
  }
  text <- regmatches(read_part(file), gregexpr("<si>.*?</si>|<si/>", read_part(file), perl = TRUE))[[1]]
  plain(gsub("<[^>]*>", "", text))
}

# sheet, cell, formula ("" if none), type and value of every cell with a value.
read_cells <- function(path) {
  folder <- unpacked(path)
  on.exit(unlink(folder, recursive = TRUE))
  files <- sheet_files(folder)
  shared <- shared_texts(folder)
  out <- do.call(rbind, lapply(names(files), function(sheet) {
    text <- read_part(files[[sheet]])
    cells <- regmatches(text, gregexpr("<c r=\"[A-Z]+[0-9]+\"[^>/]*>.*?</c>", text, perl = TRUE))[[1]]
    has <- function(tag) grepl(paste0("<", tag, "[ >]"), cells)
    inner <- function(tag) {
      ifelse(has(tag), plain(sub(paste0("^.*?<", tag, "[^>]*>(.*?)</", tag, ">.*$"), "\\1", cells, perl = TRUE)), "")
    }
    data.frame(
      sheet = sheet, cell = sub("^<c r=\"([A-Z]+[0-9]+)\".*$", "\\1", cells),
      formula = inner("f"), value = inner("v"),
      type = ifelse(grepl("^[^>]* t=\"", cells), sub("^[^>]* t=\"([a-z]+)\".*$", "\\1", cells), "n")
    )
  }))
  is_shared <- out$type == "s"
  out$value[is_shared] <- shared[as.integer(out$value[is_shared]) + 1L]
  out
}

# The value of one cell, as text.
cell_value <- function(cells, sheet, cell) cells$value[cells$sheet == sheet & cells$cell == cell]

# The rows of a sheet on which a column has these texts.
rows_of <- function(cells, sheet, column, texts) {
  own <- cells[cells$sheet == sheet & grepl(paste0("^", column, "[0-9]+$"), cells$cell), ]
  as.integer(sub("^[A-Z]+", "", own$cell[match(texts, own$value)]))
}

# A copy of a workbook in which cells have other values: `changes` has sheet, cell
# and value. A text is written in the cell itself, a formula keeps its formula.
write_changed <- function(path, to, changes) {
  folder <- unpacked(path)
  on.exit(unlink(folder, recursive = TRUE))
  files <- sheet_files(folder)
  for (i in seq_len(nrow(changes))) {
    file <- files[[changes$sheet[i]]]
    text <- read_part(file)
    start <- regexpr(paste0("<c r=\"", changes$cell[i], "\"[^>/]*>.*?</c>"), text, perl = TRUE)
    stopifnot(start > 0)
    old <- regmatches(text, start)
    value <- changes$value[i]
    number <- !is.na(suppressWarnings(as.numeric(value)))
    new <- if (number) {
      sub(" t=\"[a-z]+\"", "", sub("<v>.*</v>", paste0("<v>", value, "</v>"), old))
    } else {
      style <- regmatches(old, regexpr(" s=\"[0-9]+\"", old))
      paste0("<c r=\"", changes$cell[i], "\"", style, " t=\"inlineStr\"><is><t>", value, "</t></is></c>")
    }
    stopifnot(new != old)
    regmatches(text, start) <- new
    writeBin(charToRaw(text), file)
  }
  home <- setwd(folder)
  on.exit(setwd(home), add = TRUE, after = FALSE)
  unlink(to)
  stopifnot(utils::zip(to, list.files(".", recursive = TRUE, all.files = TRUE), flags = "-qX") == 0)
  invisible(to)
}

# What differs between the formulas of two readings of one workbook, by more than
# `tolerance` where both are numbers.
differences <- function(expected, found, tolerance = 1e-9) {
  key <- function(x) paste(x$sheet, x$cell)
  expected <- expected[nzchar(expected$formula), ]
  at <- match(key(expected), key(found))
  value <- found$value[at]
  a <- suppressWarnings(as.numeric(expected$value))
  b <- suppressWarnings(as.numeric(value))
  same <- !is.na(at) & found$type[at] != "e" &
    ((expected$value == value) | (!is.na(a) & !is.na(b) & abs(a - b) <= tolerance))
  out <- data.frame(expected[c("sheet", "cell", "formula")], expected = expected$value, found = value)
  out[!same | is.na(same), ]
}
