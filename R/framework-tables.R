# The tables that a framework is read from: where they lie, codes and figures.

# A column of codes as text, with blanks as NA.
as_code <- function(x) {
  x <- enc2utf8(as.character(x))
  broken <- !validUTF8(x) & !is.na(x)
  x[broken] <- iconv(x[broken], "UTF-8", "UTF-8", sub = "\ufffd")
  x <- trimws(x)
  x[!is.na(x) & !nzchar(x)] <- NA_character_
  x
}

as_figure <- function(x, column, code) {
  x <- as_code(x)
  x[x %in% "NA"] <- NA # as write.csv() writes a missing figure
  number <- suppressWarnings(as.numeric(x))
  text <- !is.na(x) & nzchar(trimws(as.character(x))) & is.na(number)
  check_none(code[text], "Column {.field {column}} is not a number for {some_items(bad)}.")
  number
}

item_columns <- c(
  "code", "parent", "label", "weight", "min", "max", "direction", "concept", "status", "optional"
)

framework_tables <- c("items", "bands", "stages", "gates", "prerequisites")

framework_parts <- c(
  "id", "title", "edition", "status", "source", "levels", "note", "scale", framework_tables
)

frameworks_folder <- function() {
  system.file("frameworks", package = "cybercap", mustWork = TRUE)
}

shipped_ids <- function() {
  sort(list.files(frameworks_folder()), method = "radix")
}

# A file without fields has the defaults.
read_dcf_fields <- function(path) {
  if (file.size(path) == 0) {
    return(list())
  }
  tryCatch(
    {
      lines <- read_utf8_lines(path)
      connection <- textConnection(lines, encoding = "bytes")
      on.exit(close(connection))
      fields <- read.dcf(connection)
      values <- fields[1L, ]
      Encoding(values) <- "UTF-8"
      stats::setNames(as.list(values), tolower(colnames(fields)))
    },
    error = function(e) stop_unreadable(path, e)
  )
}

# All columns as text, the same in any locale, with or without a byte order mark.
# Codes such as "01", "T" or "NA" are text; figures are read by as_figure().
read_utf8_csv <- function(path) {
  tryCatch(
    {
      lines <- read_utf8_lines(path)
      connection <- textConnection(lines, encoding = "bytes")
      on.exit(close(connection))
      utils::read.csv(connection,
        na.strings = "", encoding = "UTF-8", check.names = FALSE,
        strip.white = TRUE, colClasses = "character"
      )
    },
    error = function(e) stop_unreadable(path, e)
  )
}

read_utf8_lines <- function(path) {
  lines <- readLines(path, encoding = "UTF-8", warn = FALSE)
  Encoding(lines) <- "UTF-8"
  if (length(lines) == 0L || !any(nzchar(lines))) {
    cap_abort_input("The file {.path {path}} is empty.")
  }
  lines[1L] <- sub("^\ufeff", "", lines[1L])
  lines
}

stop_unreadable <- function(path, e) {
  if (inherits(e, "cap_error")) rlang::cnd_signal(e)
  cap_abort_input(c("{.path {path}} cannot be read.", "x" = "{conditionMessage(e)}"), arg = "path")
}
