# Cells of a form as they come back: what spreadsheets and people make of numbers.

# All cells of a sheet with their types, as a list of lists by row; nothing is
# trimmed or guessed.
read_form_cells <- function(path, sheet) {
  all <- suppressMessages(readxl::read_excel(path,
    sheet = sheet, range = readxl::cell_limits(c(1, 1), c(NA, NA)), col_names = FALSE, col_types = "list",
    trim_ws = FALSE, na = character(), .name_repair = "minimal"
  ))
  matrix(unlist(lapply(all, function(x) lapply(x, first_value)), recursive = FALSE), nrow(all), ncol(all))
}

first_value <- function(x) if (length(x) == 0L) NA else x[[1L]]

# One cell as text; "" when it is empty.
cell_text <- function(x) {
  if (is.null(x) || is.na(x)) {
    return("")
  }
  if (inherits(x, "POSIXct")) {
    return(sub(" 00:00:00$", "", format(x, "%Y-%m-%d %H:%M:%S", tz = "UTC")))
  }
  if (is.numeric(x)) format(x, digits = 15, trim = TRUE, decimal.mark = ".") else plain_text(as.character(x))
}

cells_text <- function(x) vapply(x, cell_text, "")

# The number that stands in a cell: list(value, state, why). States: "ok", "missing",
# "recognised" (a number written as text) and "not a number".
read_number <- function(x, max = Inf) {
  found <- function(value, state, why = "") list(value = value, state = state, why = why)
  if (is.null(x) || is.na(x)) {
    return(found(NA_real_, "missing"))
  }
  if (inherits(x, "POSIXct")) {
    return(found(NA_real_, "not a number", "The cell holds a date: format it as a number and type the answer again."))
  }
  if (is.logical(x)) {
    return(found(NA_real_, "not a number", "The cell holds TRUE or FALSE: type a number."))
  }
  if (is.numeric(x)) {
    return(if (is.finite(x)) found(x, "ok") else found(NA_real_, "not a number", "Type a number."))
  }
  text <- plain_digits(x)
  if (!nzchar(text)) {
    return(found(NA_real_, "missing"))
  }
  value <- text_number(text, max)
  if (is.na(value)) {
    return(found(NA_real_, "not a number", "Type a number, without words or signs."))
  }
  found(value, "recognised", "A number written as text was read; check it, or type it as a number.")
}

# Blanks of all kinds gone from the ends, Arabic and Persian digits as others.
plain_digits <- function(x) {
  blanks <- "[[:space:]\u00a0\u202f\u200e\u200f]+"
  x <- gsub(paste0("^", blanks, "|", blanks, "$"), "", enc2utf8(as.character(x)))
  chartr(intToUtf8(c(0x0660:0x0669, 0x066B, 0x06F0:0x06F9)), "0123456789.0123456789", x)
}

# "0,5" and "0.5" are a half, "50 %" where full marks are 1. What may mean two
# numbers is none: "1,000", "1.000,5", and percent on other scales.
text_number <- function(text, max) {
  percent <- grepl("%$", text)
  if (percent) {
    text <- sub("[[:space:]\u00a0\u202f]*%$", "", text)
    if (max != 1) {
      return(NA_real_)
    }
  }
  two_ways <- grepl("^[+-]?[1-9][0-9]{0,2},[0-9]{3}$", text)
  if (two_ways || !grepl("^[+-]?[0-9]*[.,]?[0-9]*$", text) || !grepl("[0-9]", text)) {
    return(NA_real_)
  }
  value <- as.numeric(sub(",", ".", text, fixed = TRUE))
  if (percent) value / 100 else value
}
