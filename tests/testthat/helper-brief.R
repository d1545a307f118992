# Briefs written once for all tests, and readers of what stands in the files.

brief_day <- "2024-09-12"

# A release of that day.
dated <- function(..., created = brief_day) cap_release(..., created = created)

# list(brief, path) of one brief of the shipped data, in a file of its own.
shipped_brief <- function(scope, year = 2024, previous = NULL, ...) {
  once(
    paste("brief", scope, year, !is.null(previous), ...),
    write_brief(gci(year), scope, previous = previous, release = dated("final"), ...)
  )
}
with_change <- function(scope, ...) shipped_brief(scope, previous = gci(2020), ...)

# The file lives as long as the session: many tests read the same one.
write_brief <- function(index, scope, ..., release = dated(), path = tempfile(fileext = ".xlsx")) {
  brief <- cap_brief(index, scope, ..., release = release, path = path)
  list(brief = brief, path = brief$path)
}

# What is read from a file is kept under its content, so that each file is
# unpacked once and a file that has changed is read anew.
once_a_file <- function(path, what, value) once(paste(what, tools::md5sum(path)), value)

# All parts of a workbook as text, named by their place in the archive.
xml_parts <- function(path) once_a_file(path, "parts", unpacked_parts(path))
unpacked_parts <- function(path) {
  folder <- withr::local_tempdir()
  files <- utils::unzip(path, exdir = folder)
  parts <- vapply(files, function(f) readChar(f, file.size(f), useBytes = TRUE), "")
  Encoding(parts) <- "UTF-8"
  names(parts) <- substring(files, nchar(folder) + 2L)
  parts
}

between <- function(text, pattern) regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
attribute <- function(xml, name) sub(paste0("(?s)^.*? ", name, "=\"([^\"]*)\".*$"), "\\1", xml, perl = TRUE)

# The tables of a workbook: name, sheet and range.
xlsx_tables <- function(path) once_a_file(path, "tables", listed_tables(path))
listed_tables <- function(path) {
  parts <- xml_parts(path)
  sheets <- readxl::excel_sheets(path)
  tables <- lapply(seq_along(sheets), function(i) {
    rels <- parts[paste0("xl/worksheets/_rels/sheet", i, ".xml.rels")]
    files <- if (!is.na(rels)) between(rels, "tables/table[0-9]+[.]xml")
    xml <- parts[paste0("xl/", files)]
    data.frame(
      name = attribute(xml, "displayName"), ref = attribute(xml, "ref"),
      sheet = rep(sheets[i], length(xml))
    )
  })
  do.call(rbind, tables)
}

shorthand <- c("[x]", "[z]", "[c]")

# One table as a data frame, by its name; shorthand is NA.
read_table <- function(path, name) cells_of(path, name, na = shorthand, guess_max = 1e4)

cells_of <- function(path, table, ...) {
  tables <- xlsx_tables(path)
  at <- tables[tables$name == table, ]
  stopifnot(nrow(at) == 1)
  once_a_file(path, toString(c(table, ...)), as.data.frame(readxl::read_excel(path, at$sheet, range = at$ref, ...)))
}

all_tables <- function(path) {
  names <- xlsx_tables(path)$name
  stats::setNames(lapply(names, read_table, path = path), names)
}

# The same with all cells as text, so that shorthand can be seen.
read_text <- function(path, name) cells_of(path, name, col_types = "text")

# All texts of a sheet, NA for empty cells.
sheet_text <- function(path, sheet) {
  once_a_file(path, paste("text of", sheet), unlist(
    readxl::read_excel(path, sheet, col_names = FALSE, col_types = "text", .name_repair = "minimal"), use.names = FALSE
  ))
}

cell <- function(path, sheet, at) {
  readxl::read_excel(path, sheet, range = at, col_names = "x", col_types = "text", trim_ws = FALSE)$x
}

# Numbers that a sentence states, with as many decimals as it states them. What
# was filled in as text (names of pillars, tiers, groups) is taken out first.
stated_numbers <- function(text, values) {
  words <- Filter(function(v) is.character(v) && nzchar(v), values)
  for (word in unlist(words)[order(-nchar(unlist(words)))]) text <- sub(word, "", text, fixed = TRUE)
  text <- sub("^Since [0-9]+,", "", text)
  between(text, "[+-]?[0-9][0-9,]*([.][0-9]+)?")
}

# Whether a number as printed is a cell of one of the tables, rounded, or stands
# in the text of one. One without a sign says how far, not which way.
stands_in <- function(stated, tables) {
  digits <- nchar(sub("^[^.]*[.]?", "", stated))
  value <- as.numeric(gsub("[+,]", "", stated))
  cells <- unlist(tables, recursive = FALSE)
  numbers <- unlist(Filter(is.numeric, cells), use.names = FALSE)
  if (!grepl("^[+-]", stated)) numbers <- abs(numbers)
  text <- unlist(Filter(is.character, cells), use.names = FALSE)
  any(abs(round_half_up(numbers, digits) - value) < 1e-9, na.rm = TRUE) ||
    stated %in% unlist(lapply(text, between, pattern = "[+-]?[0-9][0-9,]*([.][0-9]+)?"))
}

# The tree of a made-up framework: `branches` under the root, `items` under each.
tree_items <- function(branches, items, label = identity) {
  branch <- sprintf("B%02d", seq_len(branches))
  leaf <- paste0(rep(branch, each = items), "i", seq_len(items))
  data.frame(
    code = c("IDX", branch, leaf), parent = c("", rep("IDX", branches), rep(branch, each = items)),
    label = label(c("Index", paste("Branch", seq_len(branches)), paste("Item", leaf))),
    max = c(100, rep(20, branches), rep(1, length(leaf)))
  )
}

# Answers of some units to any framework, the same every time.
made_answers <- function(framework, units = sprintf("U%02d", 1:6), seed = 1, gaps = 0) {
  items <- as.data.frame(framework)
  leaves <- setdiff(items$code, items$parent)
  data <- expand.grid(iso3 = units, item = leaves, stringsAsFactors = FALSE)
  withr::with_seed(seed, {
    data$value <- sample(c(0, 0.25, 0.5, 1), nrow(data), replace = TRUE)
    if (gaps > 0) data$value[sample(nrow(data), gaps)] <- NA
  })
  data$value <- data$value * items$max[match(data$item, items$code)]
  data$edition <- 2024L
  data
}
