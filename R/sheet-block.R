# Blocks: the named columns of equal length that sheets are made of.

has_header <- function(block) any(!vapply(block$columns, function(x) is.null(x$header), logical(1)))

# The row of the first values.
first_row <- function(block) block$row + has_header(block)

last_column <- function(block) block$col + length(block$columns) - 1L

# One column of a block. `formula` makes it formulas with `values` as computed
# results: one template for all, or one for each of them (sheet-references.R says what
# they may refer to). `width` overrides the width that the text asks for. `...` are
# further properties: `urls` makes links of it that show `values`; `format` may be a list
# of which `which` says the one that each cell has; a missing value is written as
# `shorthand`, "" leaves the cell empty, as charts want it.
column <- function(values, header = NULL, format = NULL, formula = NULL, width = NULL, ...) {
  rest <- with_properties(column_properties, list(...), "column")
  if (is.factor(values)) values <- as.character(values)
  n <- length(values)
  if (!is.null(rest$urls) && length(rest$urls) != n) {
    cap_abort_input("A column of links needs as many {.arg urls} as {.arg values}.")
  }
  if (is.list(format) && !inherits(format, "cap_format") && length(rest$which) != n) {
    cap_abort_input("{.arg which} must name a format for each of {n} cell{?s}.")
  }
  if (length(formula) > 1L && length(formula) != n) {
    cap_abort_input("A column of formulas needs one for all or one for each of {n} cell{?s}.")
  }
  kind <- if (!is.null(rest$urls)) "link" else if (!is.null(formula)) "formula" else if (is.numeric(values)) "number" else "string"
  is_text <- kind %in% c("link", "string") || is.character(values)
  rest$which <- as.integer(rest$which)
  c(list(
    kind = kind, values = if (is_text) as.character(values) else as.double(values), header = header, format = format,
    formula = formula, width = width
  ), rest)
}

column_properties <- list(which = NULL, header_format = NULL, urls = NULL, shorthand = "[x]")

# Columns side by side from one cell on, a list named by what references call them. A
# block whose columns have headers starts with them. `table` makes it an Excel table of
# that name; one without rows cannot be a table and is written as headers alone. `...`
# are further properties: `name`, by which references call the block, is by default its
# table's ("scores" of "tbl_scores"); `fit = FALSE` keeps its texts from widening the
# sheet's columns.
block <- function(sheet, row, col, columns, header_format = NULL, table = NULL, ...) {
  rest <- with_properties(block_properties, list(...), "block")
  sizes <- lengths(lapply(columns, `[[`, "values"))
  if (length(columns) == 0L || length(unique(sizes)) != 1L) {
    cap_abort_input(c(
      "The columns of a block must have equal lengths.",
      "x" = "Block at {.val {cell_name(row, col)}} of {.val {sheet}} has {sizes}."
    ))
  }
  right <- header_right(header_format)
  columns <- lapply(columns, function(x) {
    if (is.null(x$header_format)) {
      x$header_format <- if (is.character(x$values)) header_format else right
    }
    x
  })
  if (!is.null(table)) columns <- distinct_headers(columns)
  if (is.null(rest$name) && !is.null(table)) rest$name <- sub("^tbl_", "", table)
  c(list(
    sheet = sheet, row = as.integer(row), col = as.integer(col), n_rows = sizes[[1L]], columns = columns,
    table = if (sizes[[1L]] > 0L) table
  ), rest)
}

block_properties <- list(autofilter = FALSE, fit = TRUE, name = NULL)

# The header of numbers stands on the right, as they do.
header_right <- function(format) {
  if (!is.null(format) && is.null(format$h_align)) format$h_align <- "right"
  format
}

# Headers as a table takes them: one line, 255 characters, no two alike.
distinct_headers <- function(columns) {
  headers <- vapply(columns, function(x) x$header %||% "", "")
  if (!all(nzchar(headers))) {
    return(columns)
  }
  headers <- substr(gsub("[[:space:]]+", " ", headers), 1L, 240L)
  if (anyDuplicated(tolower(headers))) {
    again <- stats::ave(seq_along(headers), tolower(headers), FUN = seq_along)
    headers <- paste0(headers, ifelse(again > 1L, paste0(" (", again, ")"), ""))
  }
  Map(function(x, header) {
    x$header <- header
    x
  }, columns, headers)
}

# Lines of text below each other that run over the columns to the right.
text_block <- function(sheet, row, text, format = NULL, col = 1L, fit = FALSE) {
  block(sheet, row, col, list(column(as.character(text), format = format)), fit = fit)
}

# A sheet and how it looks and prints. `widths` are for the columns from A on, NA for the
# width that the text asks for; `heights` is named by row. `freeze` is how many rows and
# columns stay; `fit` is pages wide and high, 0 for as many as needed. `repeat_rows` is
# c(first, last), `print_area` c(first row, first column, last row, last column),
# `page_breaks` are rows that start a page.
sheet <- function(name, ...) {
  out <- with_properties(sheet_properties, list(...), "sheet")
  choose(out$paper, c("A4", "Letter"), "paper")
  c(list(name = name), out)
}

sheet_properties <- list(
  tab_color = NULL, widths = NULL, heights = NULL, freeze = c(0L, 0L), landscape = FALSE, paper = "A4", fit = c(1L, 0L),
  margins = NULL, repeat_rows = NULL, print_area = NULL, footer = NULL, gridlines = TRUE, right_to_left = FALSE,
  protect = FALSE, page_breaks = NULL, keep = NULL, zoom = NULL, max_width = 60
)
