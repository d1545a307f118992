# A workbook as the linter reads it: every part of the package parsed once, then
# plain tables of sheets, cells, styles, charts, links and properties, whoever
# wrote it. What cannot be parsed is kept in `broken`; nothing here judges.

MOST_UNPACKED <- 500e6

read_workbook <- function(path) {
  folder <- tempfile("workbook")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  entries <- workbook_entries(path)
  package <- list(
    path = path, file = basename(path), size = file.size(path), entries = entries,
    docs = list(), broken = character()
  )
  package <- parse_parts(package, folder)
  package$rels <- read_relationships(package)
  main <- main_part(package)
  book <- read_properties(package)
  book$main <- main
  book$names <- read_defined_names(book$docs[[main]])
  book$view <- first_attributes(book$docs[[main]], "workbookView", "activeTab")
  book$styles <- read_styles(book)
  book$sheets <- read_sheet_list(book)
  book <- read_sheets(book)
  book$cells$font <- cell_style(book, "font")
  book$cells$fill <- cell_style(book, "fill")
  book$cells$open <- book$styles$open[book$cells$style + 1L] %in% TRUE
  book$regions <- data_regions(book)
  book$charts <- read_charts(book)
  book$marks <- read_marks(book$properties[["keywords"]])
  book$language <- book_language(book)
  book
}

# Package ----------------------------------------------------------------------

workbook_entries <- function(path) {
  list <- tryCatch(suppressWarnings(utils::unzip(path, list = TRUE)), error = function(e) NULL)
  if (is.null(list) || nrow(list) == 0L || !any(grepl("[.]rels$", list$Name))) {
    cap_abort_io(c(
      "{.path {path}} cannot be read as a workbook.",
      "i" = "It must be an {.file .xlsx} file that is whole and has no password."
    ))
  }
  if (sum(list$Length) > MOST_UNPACKED) {
    cap_abort_io("{.path {path}} would unpack to {format_number(sum(list$Length) / 1e6, 0L)} MB and is not opened.")
  }
  # names that are no text are found missing later
  iconv(list$Name, "UTF-8", "UTF-8", sub = "?")
}

parse_parts <- function(package, folder) {
  # no name may lead out of the folder
  safe <- !grepl("(^|[/\\\\])[.][.]([/\\\\]|$)|^[/\\\\]|^[A-Za-z]:", package$entries)
  wanted <- unique(package$entries[safe & grepl("[.](xml|rels|vml)$", package$entries, ignore.case = TRUE)])
  tryCatch(suppressWarnings(utils::unzip(package$path, files = wanted, exdir = folder)), error = function(e) NULL)
  package$docs <- lapply(stats::setNames(file.path(folder, wanted), wanted), function(f) {
    tryCatch(suppressWarnings(xml2::read_xml(f, options = "NOCDATA")), error = function(e) NULL)
  })
  package$broken <- c(names(Filter(is.null, package$docs)), package$entries[!safe])
  # legacy drawings need not be well-formed
  package$broken <- grep("[.]vml$", package$broken, value = TRUE, invert = TRUE, ignore.case = TRUE)
  package$docs <- Filter(Negate(is.null), package$docs)
  package
}

first_attributes <- function(doc, name, attributes) {
  node <- all_nodes(doc, name)
  values <- lapply(attributes, function(a) if (length(node) > 0L) xml2::xml_attr(node[[1L]], a) else NA_character_)
  stats::setNames(values, attributes)
}

# A data frame of equally long columns, made many times faster than data.frame().
frame <- function(...) list2DF(list(...))

is_true <- function(x) !is.na(x) & x %in% c("1", "true", "on")

# from, id, type, target, external, part (the place of an internal target).
read_relationships <- function(package) {
  parts <- grep("[.]rels$", names(package$docs), value = TRUE)
  tables <- lapply(parts, function(part) {
    nodes <- all_nodes(package$docs[[part]], "Relationship")
    from <- sub("[.]rels$", "", sub("(^|/)_rels/", "\\1", part))
    target <- xml2::xml_attr(nodes, "Target")
    external <- xml2::xml_attr(nodes, "TargetMode") %in% "External"
    frame(
      from = rep(from, length(nodes)), id = xml2::xml_attr(nodes, "Id"),
      type = basename(as.character(xml2::xml_attr(nodes, "Type"))), target = target, external = external,
      part = ifelse(external, NA_character_, resolve_part(from, target))
    )
  })
  empty <- frame(
    from = character(), id = character(), type = character(), target = character(),
    external = logical(), part = character()
  )
  do.call(rbind, c(list(empty), tables))
}

resolve_part <- function(from, target) {
  path <- ifelse(startsWith(target, "/"), substring(target, 2L), paste0(dirname(from), "/", target))
  path <- utils::URLdecode(gsub("(^|/)[.](?=/)", "\\1", path, perl = TRUE))
  path <- sub("^/+", "", gsub("/+", "/", path))
  while (any(up <- grepl("(^|/)[^/]+/[.][.]/", path) & !is.na(path))) {
    path[up] <- sub("[^/]+/[.][.]/", "", path[up])
  }
  sub("#.*$", "", path)
}

main_part <- function(package) {
  main <- targets_of(package, "", "officeDocument")
  root <- if (length(main) == 1L) package$docs[[main]]
  if (is.null(root) || xml2::xml_name(root) != "workbook" || length(all_nodes(root, "sheet")) == 0L) {
    cap_abort_io(c(
      "{.path {package$path}} has no workbook part that can be read.",
      "i" = "It is broken, or a document of another kind."
    ))
  }
  main
}

# Workbook ---------------------------------------------------------------------

read_properties <- function(package) {
  core <- package$docs[[c(targets_of(package, "", "core-properties"), "")[1L]]]
  fields <- c(
    "title", "subject", "creator", "keywords", "description", "contentStatus", "lastModifiedBy", "category", "language"
  )
  package$properties <- vapply(fields, function(field) {
    node <- all_nodes(core, field)
    if (length(node) == 0L) "" else trimws(xml2::xml_text(node[[1L]]))
  }, "")
  package
}

read_defined_names <- function(doc) {
  nodes <- all_nodes(doc, "definedName")
  local <- as.integer(as.character(xml2::xml_attr(nodes, "localSheetId")))
  frame(
    name = as.character(xml2::xml_attr(nodes, "name")), local = local + 1L,
    text = as.character(xml2::xml_text(nodes))
  )
}

read_sheet_list <- function(book) {
  nodes <- all_nodes(book$docs[[book$main]], "sheet")
  nodes <- nodes[xml2::xml_name(xml2::xml_parent(nodes)) == "sheets"]
  related <- "string(@*[local-name()='id' and namespace-uri()!=''])"
  id <- vapply(nodes, function(node) xml2::xml_find_chr(node, related), "")
  rels <- book$rels[book$rels$from == book$main, ]
  state <- xml2::xml_attr(nodes, "state")
  frame(
    name = xml2::xml_attr(nodes, "name"), hidden = state %in% c("hidden", "veryHidden"),
    part = rels$part[match(id, rels$id)], kind = rels$type[match(id, rels$id)]
  )
}

read_shared_strings <- function(book) {
  doc <- book$docs[[c(targets_of(book, book$main, "sharedStrings"), "")[1L]]]
  if (is.null(doc)) {
    return(character())
  }
  # readings of East Asian text are not shown
  xml2::xml_remove(all_nodes(doc, "rPh"))
  xml2::xml_text(all_nodes(doc, "si"))
}

# Sheets -----------------------------------------------------------------------

read_sheets <- function(book) {
  shared <- read_shared_strings(book)
  read <- lapply(seq_len(nrow(book$sheets)), function(i) read_sheet(book, i, shared))
  gather <- function(what) do.call(rbind, lapply(read, `[[`, what))
  for (what in c("cells", "merged", "links", "tables", "rules", "hidden", "texts")) book[[what]] <- gather(what)
  book$layout <- lapply(read, `[[`, "layout")
  book
}

read_sheet <- function(book, i, shared) {
  doc <- book$docs[[c(stats::na.omit(book$sheets$part[i]), "")[1L]]]
  uri <- if (is.null(doc)) "" else xml2::xml_find_chr(doc, "namespace-uri(/*)")
  ns <- c(m = if (nzchar(uri)) uri else "none")
  find <- function(xpath) nodes_at(doc, xpath, ns)
  refs <- function(nodes, name = "ref") as.character(xml2::xml_attr(nodes, name))
  merged <- refs(find("//m:mergeCell"))
  cells <- read_cells(find, shared)
  cells$sheet <- rep(i, nrow(cells))
  list(
    cells = cells,
    merged = frame(sheet = rep(i, length(merged)), ref = merged),
    links = read_links(book, i, find("//m:hyperlink")),
    tables = read_tables(book, i),
    rules = read_rules(i, doc),
    hidden = read_hidden(i, find),
    texts = sheet_texts(book, i, doc),
    layout = read_layout(doc)
  )
}

# ref, row, col, kind (number, text, logical, error, empty), text, number, formula,
# cached (whether a formula has a value), style.
read_cells <- function(find, shared) {
  nodes <- find("//m:sheetData/m:row/m:c")
  n <- length(nodes)
  at <- as.character(xml2::xml_attr(nodes, "r"))
  if (anyNA(at)) at <- place_cells(nodes, at)
  place <- cell_places(at)
  type <- as.character(xml2::xml_attr(nodes, "t"))
  type[is.na(type)] <- "n"
  own <- cell_child(nodes, at, find, "v")
  formula <- cell_child(nodes, at, find, "f")
  value <- own
  string <- type == "s" & !is.na(own)
  value[string] <- shared[suppressWarnings(as.integer(own[string])) + 1L]
  inline <- type == "inlineStr"
  value[inline] <- xml2::xml_text(nodes[inline])
  kind <- c(n = "number", s = "text", str = "text", inlineStr = "text", b = "logical", e = "error", d = "text")[type]
  kind[is.na(value) | !nzchar(value)] <- "empty"
  style <- suppressWarnings(as.integer(xml2::xml_attr(nodes, "s")))
  frame(
    ref = at, row = place$row, col = place$col, kind = unname(kind), text = ifelse(kind == "empty", "", value),
    number = suppressWarnings(ifelse(kind == "number", as.numeric(value), NA_real_)), formula = formula,
    cached = !is.na(own) & (nzchar(own) | type == "str"), style = ifelse(is.na(style), 0L, style)
  )
}

# The text of a child of each cell; NA where there is none.
cell_child <- function(nodes, at, find, child) {
  out <- rep(NA_character_, length(nodes))
  found <- find(paste0("//m:sheetData/m:row/m:c/m:", child))
  if (length(found) == 0L) {
    return(out)
  }
  owner <- xml2::xml_attr(find(paste0("//m:sheetData/m:row/m:c[m:", child, "]")), "r")
  if (anyNA(owner) || length(owner) != length(found)) {
    return(xml2::xml_text(xml2::xml_find_first(nodes, paste0("*[local-name()='", child, "']"))))
  }
  out[match(owner, at)] <- xml2::xml_text(found)
  out
}

# Cells without a reference stand after the one before.
place_cells <- function(nodes, at) {
  row <- vapply(nodes, function(node) {
    parent <- xml2::xml_parent(node)
    given <- xml2::xml_attr(parent, "r")
    if (is.na(given)) xml2::xml_find_num(parent, "count(preceding-sibling::*)") + 1 else as.numeric(given)
  }, 0)
  col <- vapply(nodes, function(node) xml2::xml_find_num(node, "count(preceding-sibling::*)") + 1, 0)
  ifelse(is.na(at), cell_name(row, col), at)
}

# list(row, col) of references such as "B7" or "$B$7"; NA for what is none.
cell_places <- function(ref) {
  ref <- gsub("$", "", toupper(ref), fixed = TRUE)
  ok <- grepl("^[A-Z]{1,3}[0-9]{1,7}$", ref)
  letters_of <- as.character(ifelse(ok, sub("[0-9]+$", "", ref), "A"))
  known <- unique(letters_of)
  value <- vapply(strsplit(known, ""), function(x) Reduce(function(a, b) a * 26 + b, match(x, LETTERS), 0), 0)
  col <- value[match(letters_of, known)]
  row <- suppressWarnings(as.numeric(sub("^[A-Z]+", "", ref)))
  good <- ok & !is.na(row) & row >= 1 & row <= 1048576 & col <= 16384
  list(row = ifelse(good, row, NA_real_), col = ifelse(good, col, NA_real_))
}

# data frame first_row, last_row, first_col, last_col of ranges ("A1:B2", "A1",
# "A:B", "2:5"); NA for what is none.
area_corners <- function(range) {
  range <- gsub("$", "", toupper(range), fixed = TRUE)
  first <- sub(":.*$", "", range)
  last <- sub("^.*:", "", range)
  whole_col <- grepl("^[A-Z]{1,3}:[A-Z]{1,3}$", range)
  whole_row <- grepl("^[0-9]+:[0-9]+$", range)
  a <- cell_places(ifelse(whole_col, paste0(first, "1"), ifelse(whole_row, paste0("A", first), first)))
  b <- cell_places(ifelse(whole_col, paste0(last, "1048576"), ifelse(whole_row, paste0("XFD", last), last)))
  frame(first_row = a$row, last_row = b$row, first_col = a$col, last_col = b$col)
}

# sheet, cell, location (inside), target and mode of the relationship.
read_links <- function(book, i, nodes) {
  id <- vapply(nodes, function(node) xml2::xml_find_chr(node, "string(@*[local-name()='id'])"), "")
  rels <- book$rels[book$rels$from %in% book$sheets$part[i], ]
  frame(
    sheet = rep(i, length(nodes)), cell = as.character(xml2::xml_attr(nodes, "ref")),
    location = as.character(xml2::xml_attr(nodes, "location")), id = as.character(id),
    target = rels$target[match(id, rels$id)]
  )
}

read_tables <- function(book, i) {
  parts <- intersect(targets_of(book, stats::na.omit(book$sheets$part[i]), "table"), names(book$docs))
  tables <- lapply(parts, function(part) {
    doc <- book$docs[[part]]
    root <- xml2::xml_root(doc)
    columns <- all_nodes(doc, "tableColumn")
    range <- area_corners(xml2::xml_attr(root, "ref"))
    out <- cbind(frame(sheet = i, name = xml2::xml_attr(root, "displayName")), range)
    out$headed <- !is_false(xml2::xml_attr(root, "headerRowCount"))
    out$columns <- list(as.character(xml2::xml_attr(columns, "name")))
    out
  })
  do.call(rbind, tables)
}

# Conditional formats: range, type, dxf, colours and whether they are icons.
read_rules <- function(i, doc) {
  nodes <- all_nodes(doc, "cfRule")
  if (length(nodes) == 0L) {
    return(NULL)
  }
  # one by one: of a set of nodes xml2 gives each parent once
  parent <- lapply(nodes, xml2::xml_parent)
  # the newer form names its range in a child
  range <- vapply(seq_along(nodes), function(k) {
    given <- xml2::xml_attr(parent[[k]], "sqref")
    if (is.na(given)) xml2::xml_find_chr(parent[[k]], "string(*[local-name()='sqref'])") else given
  }, "")
  out <- frame(
    sheet = rep(i, length(nodes)), range = range, type = as.character(xml2::xml_attr(nodes, "type")),
    dxf = suppressWarnings(as.integer(xml2::xml_attr(nodes, "dxfId"))) + 1L
  )
  out$icons <- vapply(nodes, function(node) length(all_nodes(node, "iconSet")) > 0L, NA)
  out$colors <- lapply(nodes, function(node) xml2::xml_find_all(node, ".//*[local-name()='color']"))
  out
}

# Rows and columns that are hidden, as first and last.
read_hidden <- function(i, find) {
  rows <- find("//m:sheetData/m:row[@hidden or @ht]")
  gone <- is_true(xml2::xml_attr(rows, "hidden")) | as.character(xml2::xml_attr(rows, "ht")) %in% c("0", "0.0")
  rows <- as.numeric(as.character(xml2::xml_attr(rows, "r")))[gone]
  cols <- find("//m:cols/m:col")
  width <- suppressWarnings(as.numeric(as.character(xml2::xml_attr(cols, "width"))))
  off <- is_true(xml2::xml_attr(cols, "hidden")) | (!is.na(width) & width == 0)
  frame(
    sheet = rep(i, length(rows) + sum(off)),
    what = rep(c("row", "column"), c(length(rows), sum(off))),
    first = c(rows, as.numeric(as.character(xml2::xml_attr(cols, "min")))[off]),
    last = c(rows, as.numeric(as.character(xml2::xml_attr(cols, "max")))[off])
  )
}

# View and print set-up of one sheet.
read_layout <- function(doc) {
  view <- first_attributes(doc, "sheetView", c("topLeftCell", "tabSelected"))
  pane <- first_attributes(doc, "pane", c("topLeftCell", "activePane", "state", "xSplit", "ySplit"))
  selections <- all_nodes(doc, "selection")
  panes <- as.character(xml2::xml_attr(selections, "pane"))
  panes[is.na(panes)] <- "topLeft"
  active <- if (is.na(pane$activePane)) "topLeft" else pane$activePane
  cell <- as.character(xml2::xml_attr(selections, "activeCell"))[panes == active]
  cell <- cell[!is.na(cell)]
  fit <- first_attributes(doc, "pageSetUpPr", "fitToPage")
  page <- first_attributes(doc, "pageSetup", c("fitToWidth", "fitToHeight"))
  list(
    top_left = view$topLeftCell, selected = is_true(view$tabSelected), active = c(cell, HOME)[1L],
    pane = pane, fit = is_true(fit$fitToPage), pages_wide = page$fitToWidth, pages_high = page$fitToHeight
  )
}

# Texts of a sheet that are no cells: headers, footers, comments, pictures and
# what validations say.
sheet_texts <- function(book, i, doc) {
  part <- stats::na.omit(book$sheets$part[i])
  own <- function(names) unlist(lapply(names, function(name) as.character(xml2::xml_text(all_nodes(doc, name)))))
  notes <- lapply(c("comments", "threadedComment"), function(type) {
    lapply(book$docs[intersect(targets_of(book, part, type), names(book$docs))], function(d) {
      c(xml2::xml_text(all_nodes(d, "comment")), xml2::xml_text(all_nodes(d, "author")))
    })
  })
  page <- own(c("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"))
  asked <- all_nodes(doc, "dataValidation")
  messages <- lapply(c("prompt", "promptTitle", "error", "errorTitle"), function(a) xml2::xml_attr(asked, a))
  asked <- c(own(c("formula1", "formula2")), as.character(unlist(messages)))
  hints <- as.character(xml2::xml_attr(all_nodes(doc, "hyperlink"), "tooltip"))
  text <- c(page, asked, unlist(notes, use.names = FALSE), hints)
  place <- rep(c("page", "sheet"), c(length(page), length(text) - length(page)))
  keep <- !is.na(text) & nzchar(text)
  frame(sheet = rep(i, sum(keep)), place = place[keep], text = text[keep])
}

# Regions ----------------------------------------------------------------------

# Ranges that hold data: tables, and blocks of at least two rows and columns
# with a number that are in none.
data_regions <- function(book) {
  tables <- book$tables[c("sheet", "name", "first_row", "last_row", "first_col", "last_col", "headed")]
  if (is.null(book$tables)) tables <- NULL
  tables <- tables[!is.na(tables$first_row) & !is.na(tables$last_row), ]
  loose <- lapply(seq_len(nrow(book$sheets)), function(i) loose_regions(book, i))
  none <- frame(
    sheet = integer(), name = character(), first_row = numeric(), last_row = numeric(), first_col = numeric(),
    last_col = numeric(), headed = logical()
  )
  do.call(rbind, c(list(none, tables), loose))
}

loose_regions <- function(book, i) {
  cells <- book$cells[book$cells$sheet == i & book$cells$kind != "empty", ]
  own <- book$tables[book$tables$sheet %in% i, ]
  for (k in seq_len(NROW(own))) cells <- cells[!in_area(cells$row, cells$col, own[k, ]), ]
  cells <- cells[!is.na(cells$row), ]
  key <- function(row, col) row * 20000 + col
  keys <- key(cells$row, cells$col)
  right <- match(key(cells$row, cells$col + 1), keys)
  down <- match(key(cells$row + 1, cells$col), keys)
  across <- match(key(cells$row + 1, cells$col + 1), keys)
  corner <- which(!is.na(right) & !is.na(down) & !is.na(across))
  number <- cells$kind == "number"
  corner <- corner[number[corner] | number[right[corner]] | number[down[corner]] | number[across[corner]]]
  if (length(corner) == 0L) {
    return(NULL)
  }
  inside <- sort(unique(c(corner, right[corner], down[corner], across[corner])))
  rows <- sort(unique(cells$row[inside]))
  run <- cumsum(c(1, diff(rows) > 1))
  regions <- lapply(split(rows, run), function(r) {
    of <- inside[cells$row[inside] %in% r]
    cols <- range(cells$col[of])
    # a header that stands over the block belongs to it
    above <- cells$row == min(r) - 1 & cells$col >= cols[1L] & cells$col <= cols[2L] & cells$kind == "text"
    first <- if (sum(above) >= 2L) min(r) - 1 else min(r)
    top <- cells[cells$row == first & cells$col >= cols[1L] & cells$col <= cols[2L], ]
    frame(
      sheet = i, name = NA_character_, first_row = first, last_row = max(r), first_col = cols[1L],
      last_col = cols[2L], headed = all(top$kind == "text")
    )
  })
  do.call(rbind, regions)
}

in_area <- function(row, col, range) {
  !is.na(row) & row >= range$first_row & row <= range$last_row & col >= range$first_col & col <= range$last_col
}

# Language ---------------------------------------------------------------------

# list(code, decimal, thousands) as the file says; NULL when it does not.
book_language <- function(book) {
  code <- c(book$marks[["lang"]], book$properties[["language"]])
  code <- substr(tolower(code), 1L, 2L)
  rules <- read_findings_file("languages.csv")
  found <- match(code, rules$code)
  found <- found[!is.na(found)]
  if (length(found) > 0L) as.list(rules[found[1L], c("code", "decimal", "thousands")])
}
