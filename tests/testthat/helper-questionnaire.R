# Forms filled in by editing their XML, as a spreadsheet would, and read by a second
# program.

# A form in a file that is gone when the test ends.
written_form <- function(framework, ..., frame = parent.frame()) {
  path <- withr::local_tempfile(fileext = ".xlsx", .local_envir = frame)
  cap_questionnaire(framework, ..., path = path, release = dated())
  path
}

# Changes the text of one part of a workbook.
edit_part <- function(path, part, change) {
  folder <- withr::local_tempdir()
  utils::unzip(path, exdir = folder)
  file <- file.path(folder, part)
  text <- readChar(file, file.size(file), useBytes = TRUE)
  Encoding(text) <- "UTF-8"
  changed <- change(text)
  stopifnot(!identical(changed, text))
  writeBin(charToRaw(enc2utf8(changed)), file)
  path <- file.path(normalizePath(dirname(path)), basename(path))
  unlink(path)
  withr::with_dir(folder, utils::zip(path, list.files(recursive = TRUE, all.files = TRUE), flags = "-qX"))
  path
}

sheet_part <- function(path, sheet) {
  paste0("xl/worksheets/sheet", match(sheet, readxl::excel_sheets(path)), ".xml")
}

escape_xml <- function(x) gsub("<", "&lt;", gsub("&", "&amp;", x, fixed = TRUE), fixed = TRUE)

# A cell's XML with another content; its style stays.
cell_xml <- function(old, at, value) {
  style <- regmatches(old, regexpr(" s=\"[0-9]+\"", old))
  open <- paste0("<c r=\"", at, "\"", style)
  if (is.logical(value) && !is.na(value)) {
    paste0(open, " t=\"b\"><v>", as.integer(value), "</v></c>")
  } else if (is.numeric(value)) {
    paste0(open, "><v>", format(value, digits = 17), "</v></c>")
  } else if (is.na(value)) {
    paste0(open, "/>")
  } else {
    paste0(open, " t=\"inlineStr\"><is><t xml:space=\"preserve\">", escape_xml(value), "</t></is></c>")
  }
}

# `cells` is a list of values named by cell.
fill_cells <- function(path, sheet, cells) {
  edit_part(path, sheet_part(path, sheet), function(xml) {
    for (at in names(cells)) {
      pattern <- paste0("<c r=\"", at, "\"[^>]*?(/>|>(?s:.*?)</c>)")
      found <- regexpr(pattern, xml, perl = TRUE)
      stopifnot(found > 0)
      old <- regmatches(xml, found)
      regmatches(xml, found) <- cell_xml(old, at, cells[[at]])
    }
    xml
  })
}

# Fills in answers (named by item) of a form that was just planned.
fill_answers <- function(path, form, values, column = NULL) {
  table <- as.data.frame(form)
  values <- as.list(values)
  values <- values[!is.na(values)]
  rows <- table[match(names(values), table$item), ]
  stopifnot(!anyNA(rows$cell))
  if (!is.null(column)) rows$cell <- sub("^[A-Z]+", column, rows$cell)
  for (sheet in unique(rows$sheet)) {
    at <- rows$sheet == sheet
    path <- fill_cells(path, sheet, stats::setNames(values[at], rows$cell[at]))
  }
  path
}

# All cells of the first sheet, from A1 on.
first_sheet <- function(path, col_types) {
  once_a_file(path, paste("first sheet as", col_types), as.data.frame(readxl::read_excel(
    path, 1, range = readxl::cell_limits(c(1, 1), c(NA, NA)), col_names = FALSE, col_types = col_types, .name_repair = "minimal"
  )))
}

# The cell to the right of a label on the first sheet.
beside <- function(path, label, right = 1L) {
  all <- first_sheet(path, "list")
  row <- which(vapply(all[[1]], function(x) identical(as.character(x), unname(label)), NA))
  all[[1L + right]][[row]]
}
beside_cell <- function(path, label) {
  paste0("B", which(first_sheet(path, "text")[[1]] == label))
}

has_libreoffice <- function() nzchar(Sys.which("soffice"))

# Converts files by LibreOffice into a folder; `recalculate` makes it work out every
# formula anew, which it does not do by itself.
libreoffice <- function(files, to, folder, recalculate = FALSE) {
  profile <- file.path(tempdir(), if (recalculate) "office-recalculating" else "office")
  settings <- file.path(profile, "user", "registrymodifications.xcu")
  if (recalculate && !file.exists(settings)) {
    dir.create(dirname(settings), recursive = TRUE)
    writeLines(c(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<oor:items xmlns:oor=\"http://openoffice.org/2001/registry\">",
      "<item oor:path=\"/org.openoffice.Office.Calc/Formula/Load\">",
      "<prop oor:name=\"OOXMLRecalcMode\" oor:op=\"fuse\"><value>0</value></prop></item>",
      "</oor:items>"
    ), settings)
  }
  # R's own library path would hide LibreOffice's from it
  status <- withr::with_envvar(c(LD_LIBRARY_PATH = NA), system2("soffice", c(
    "--headless", paste0(
      "-env:UserInstallation=file://", profile
    ), "--convert-to", to, "--outdir", shQuote(folder), shQuote(files)
  ), stdout = FALSE, stderr = FALSE, timeout = 300))
  stopifnot(status == 0)
  out <- file.path(folder, paste0(tools::file_path_sans_ext(basename(files)), ".", to))
  stopifnot(file.exists(out))
  out
}

# A deep framework of one's own: items right below the root, a mixed branch, items
# that begin above 0, less is better, optional ones, k-of-n gates, bands.
deep_framework <- function(...) {
  items <- data.frame(
    code = c("R", "X", "A", "B", "A1", "A2", "AA", "AA1", "AA2", "B1", "B2", "BB", "BB1", "Y"),
    parent = c("", "R", "R", "R", "A", "A", "A", "AA", "AA", "B", "B", "B", "BB", "R"),
    weight = c(NA, 2, 3, 4, 1, 2.5, 1, 1, 3, 1, 1, 2, 1, 1),
    max = c(100, 1, 50, 20, 4, 4, 10, 5, 10, 1, 30, 100, 4, 3),
    min = c(0, 0, 0, 0, 0, 1, 0, 1, 2.5, 0, 0, 0, 0, 0),
    direction = c(1, 1, 1, 1, 1, 1, 1, -1, 1, -1, 1, 1, 1, 1),
    optional = c(0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0)
  )
  items$label <- paste("Label of", items$code)
  gates <- rbind(
    gate(1, "any", 1, c("A1", "AA1", "B1"), c(2, 3, 0.5)), gate(2, "two", 2, c("A1", "A2", "BB1"), c(3, 3, 2)),
    gate(2, "all", 1, "X", 0.5), gate(3, "top", 2, c("AA2", "Y"), c(8, 3))
  )
  cap_framework(list(
    id = "deep", title = "A deep one", edition = "2024", items = items, gates = gates,
    stages = data.frame(stage = 0:3, label = c("start", "one", "two", "three"), cap = c(40, 60, 80, NA)),
    bands = data.frame(label = c("high", "middle", "low"), lower = c(70, 35.5, 10)), ...
  ))
}

# Random answers to every item, some missing: named by item.
random_values <- function(framework, seed, missing = 0.2) {
  items <- as.data.frame(framework)
  items <- items[!items$code %in% items$parent, ]
  withr::with_seed(seed, {
    x <- items$min + (items$max - items$min) * sample(c(0, 0.25, 0.5, 0.75, 1), nrow(items), replace = TRUE)
    x[stats::runif(nrow(items)) < missing] <- NA
  })
  stats::setNames(x, items$code)
}

long_answers <- function(values, framework, unit = "AAA") {
  cap_answers(data.frame(unit = unit, item = names(values), value = unname(values)), framework, unit = "unit")
}

# A workbook that is no form.
demo_book <- function() plan(list(sheet("Other")), list(text_block("Other", 1L, c("Code", "LS1"))))
