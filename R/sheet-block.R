# Blocks: the named columns of equal length that sheets are made of.

has_header <- function(block) {
  any(!vapply(block$columns, function(x) is.null(x$header), logical(1)))
}

# The row of the first values.
first_row <- function(block) block$row + has_header(block)

last_column <- function(block) block$col + length(block$columns) - 1L

# One column of a block. `formula` makes it formulas with `values` as computed
# results: one template for all, or one for each of them (sheet-references.R says what
# they may refer to). `urls` makes it links that show `values`. `format`
# is one format, or a list of them with `which` saying which each cell has.
# A missing value is written as `shorthand`; "" leaves the cell empty, as
# charts want it. `width` overrides the width that the text asks for.
column <- function(values, header = NULL, format = NULL, which = NULL,
                   header_format = NULL, formula = NULL, urls = NULL,
                   shorthand = "[x]", width = NULL,
                   kind = column_kind(values, formula, urls)) {
  if (is.factor(values)) values <- as.character(values)
  values <- switch(kind,
    number = as.double(values),
    formula = if (is.character(values)) values else as.double(values),
    as.character(values)
  )
  if (!is.null(urls) && length(urls) != length(values)) {
    cap_abort_input("A column of links needs as many {.arg urls} as {.arg values}.")
  }
  if (is.list(format) && !inherits(format, "cap_format") &&
    length(which) != length(values)) {
    cap_abort_input("{.arg which} must name a format for each of {length(values)} cell{?s}.")
  }
  if (length(formula) > 1L && length(formula) != length(values)) {
    cap_abort_input("A column of formulas needs one for all or one for each of {length(values)} cell{?s}.")
  }
  list(
    kind = kind, values = values, header = header, format = format,
    which = as.integer(which), header_format = header_format,
    formula = formula, urls = urls, shorthand = shorthand, width = width
  )
}

column_kind <- function(values, formula = NULL, urls = NULL) {
  if (!is.null(urls)) {
    "link"
  } else if (!is.null(formula)) {
    "formula"
  } else if (is.numeric(values)) {
    "number"
  } else {
    "string"
  }
}

# Columns side by side from one cell on, a list named by what references call them. A
# block whose columns have headers starts with them. `table` makes it an Excel table of
# that name; one without rows cannot be a table and is written as headers alone. `name`
# is what references call the block: by default its table's, "scores" of "tbl_scores".
# `fit = FALSE` keeps its texts from widening the sheet's columns.
block <- function(sheet, row, col, columns, header_format = NULL, table = NULL,
                  banded = FALSE, autofilter = FALSE, fit = TRUE, name = sub("^tbl_", "", table)) {
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
  list(
    sheet = sheet, row = as.integer(row), col = as.integer(col),
    n_rows = sizes[[1L]], columns = columns, name = if (length(name) > 0L) name,
    table = if (sizes[[1L]] > 0L) table, banded = banded,
    autofilter = autofilter, fit = fit
  )
}

# The header of numbers stands on the right, as they do.
header_right <- function(format) {
  if (is.null(format) || !is.null(format$h_align)) {
    return(format)
  }
  format$h_align <- "right"
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

# A sheet and how it prints. `widths` are for the columns from A on, NA for the
# width that the text asks for; `heights` is named by row. `freeze` is how many
# rows and columns stay; `fit` is pages wide and high, 0 for as many as needed.
# `repeat_rows` is c(first, last), `print_area` c(first row, first column, last
# row, last column), `page_breaks` are rows that start a page.
sheet <- function(name, tab_color = NULL, widths = NULL, heights = NULL,
                  freeze = c(0L, 0L), landscape = FALSE, paper = "A4",
                  fit = c(1L, 0L), margins = NULL, repeat_rows = NULL,
                  print_area = NULL, footer = NULL, gridlines = TRUE,
                  right_to_left = FALSE, protect = FALSE, page_breaks = NULL,
                  keep = NULL, zoom = NULL, max_width = 60) {
  list(
    name = name, tab_color = tab_color, widths = widths, heights = heights,
    freeze = freeze, landscape = landscape,
    paper = choose(paper, c("A4", "Letter"), "paper"), fit = fit,
    margins = margins, repeat_rows = repeat_rows, print_area = print_area,
    footer = footer, gridlines = gridlines, right_to_left = right_to_left,
    protect = protect, page_breaks = page_breaks, keep = keep, zoom = zoom,
    max_width = max_width
  )
}
