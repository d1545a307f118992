# Rules of the linter on what leads out of a cell or out of the file.

find_links <- function(book) {
  cells <- lapply(seq_len(NROW(book$links)), function(k) cell_link(book, book$links[k, ]))
  c(drop_null(cells), formula_links(book), drawing_links(book))
}

cell_link <- function(book, link) {
  at <- function(found) flaw(link$sheet, sub(":.*$", "", link$cell), found)
  if (nzchar(link$id)) {
    if (is.na(link$target)) {
      return(at(finding("check.link_lost")))
    }
    return(if (!link_allowed(book, link$target)) at(finding("check.link", target = strtrim(link$target, 80L))))
  }
  if (is.na(link$location) || !leads_inside(book, link$location)) {
    at(finding("check.link", target = strtrim(if (is.na(link$location)) "" else link$location, 80L)))
  }
}

# Web and mail addresses, and places in the workbook.
link_allowed <- function(book, target) {
  if (startsWith(target, "#")) {
    return(leads_inside(book, utils::URLdecode(substring(target, 2L))))
  }
  grepl("^https?://[^/[:space:]]+|^mailto:[^@[:space:]]+@[^@[:space:]]+", target, ignore.case = TRUE)
}

# A cell of a sheet that is there and that is not beyond what stands on it, or a
# name that leads to one.
leads_inside <- function(book, location, depth = 0L) {
  at <- split_sheet(location)
  sheet <- match(tolower(at$sheet), tolower(book$sheets$name))
  range <- area_corners(at$range)
  if (is.na(at$sheet) && !anyNA(range)) {
    return(TRUE) # on the same sheet
  }
  if (is.na(sheet) || anyNA(range)) {
    target <- book$names$text[match(tolower(at$range), tolower(book$names$name))]
    return(!is.na(target) && depth < 5L && leads_inside(book, target, depth + 1L))
  }
  if (book$sheets$hidden[sheet]) {
    return(FALSE)
  }
  cells <- book$cells[book$cells$sheet == sheet & book$cells$kind != "empty", ]
  range$first_row <= max(cells$row, 1, na.rm = TRUE) && range$first_col <= max(cells$col, 1, na.rm = TRUE)
}

# HYPERLINK("...") with its address written out.
formula_links <- function(book) {
  pattern <- "(?i)hyperlink\\(\\s*\"([^\"]*)\""
  cells <- book$cells[!is.na(book$cells$formula) & grepl(pattern, book$cells$formula, perl = TRUE), ]
  target <- sub(paste0("(?s)^.*?", pattern, ".*$"), "\\1", cells$formula, perl = TRUE)
  bad <- !vapply(target, link_allowed, NA, book = book)
  lapply(which(bad), function(i) {
    flaw(cells$sheet[i], cells$ref[i], finding("check.link", target = strtrim(target[i], 80L)))
  })
}

# Links on charts and pictures.
drawing_links <- function(book) {
  rels <- book$rels[book$rels$type == "hyperlink" & !book$rels$from %in% book$sheets$part, ]
  bad <- !vapply(rels$target, function(x) !is.na(x) && link_allowed(book, x), NA)
  lapply(which(bad), function(i) flaw(NA, "", finding("check.link", target = strtrim(rels$target[i], 80L))))
}

# Parts that are referred to and not there, and references to no relationship.
find_relationships <- function(book) {
  rels <- book$rels[!book$rels$external & book$rels$type != "hyperlink", ]
  lost <- rels[is.na(rels$part) | !tolower(rels$part) %in% tolower(book$entries), ]
  lapply(seq_len(nrow(lost)), function(i) {
    flaw(NA, "", finding("check.relationship", from = lost$from[i], target = lost$target[i]))
  })
}

# What a brief has none of: macros, links to other files, embedded objects,
# connections, scripts.
find_extras <- function(book) {
  active <- paste0(
    "vbaProject|externalLinks/[^_/]|embeddings/|activeX/|ctrlProps/|macrosheets/|dialogsheets/|",
    "connections[.]xml|queryTables/|customUI|webextensions/|model/item"
  )
  parts <- grep(active, book$entries, value = TRUE, ignore.case = TRUE)
  outside <- book$rels[book$rels$external & book$rels$type != "hyperlink", ]
  commands <- book$cells[!is.na(book$cells$formula), ]
  reaching <- "\\[[0-9]+\\]|^[^'\"]*[|]'|\\bDDE\\(|WEBSERVICE\\("
  commands <- commands[grepl(reaching, commands$formula, ignore.case = TRUE), ]
  at <- frame(sheet = commands$sheet, cell = commands$ref)
  c(
    lapply(parts, function(p) flaw(NA, "", finding("check.extra_part", part = p))),
    lapply(seq_len(nrow(outside)), function(i) {
      flaw(NA, "", finding("check.extra_link", target = strtrim(outside$target[i], 80L)))
    }),
    flaws_by_sheet(at, function(own) finding("check.extra_formula", n = nrow(own), cells = first_of(own$cell)))
  )
}

# Defined names that lead nowhere.
find_names <- function(book) {
  lost <- book$names[grepl("#REF!", book$names$text, fixed = TRUE), ]
  lapply(seq_len(nrow(lost)), function(i) {
    flaw(NA, "", finding("check.name", name = lost$name[i], text = strtrim(lost$text[i], 80L)))
  })
}
