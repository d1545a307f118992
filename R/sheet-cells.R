# Letters of cells and ranges, and values written into formulas.

# A rectangle of cells: cells("Scores", 2:6, 3)
cells <- function(sheet, rows, cols) list(sheet = sheet, rows = range(rows), cols = range(cols))

# 'It''s'!: the one place that quotes a sheet's name.
quote_sheet <- function(name) paste0("'", gsub("'", "''", name, fixed = TRUE), "'")

# A text within a formula, its own quotes doubled; its braces are no reference.
formula_text <- function(x) {
  paste0("\"", gsub("{", "\"&CHAR(123)&\"", gsub("\"", "\"\"", x, fixed = TRUE), fixed = TRUE), "\"")
}

# A number as a formula holds it.
formula_number <- function(x) trimws(formatC(x, digits = 15L, format = "g", decimal.mark = "."))

# $C$5:$C$9 with the sheet in front, if one is given.
fixed_range <- function(rows, cols, sheet = NULL) {
  first <- paste0("$", column_letters(min(cols)), "$", min(rows))
  last <- paste0("$", column_letters(max(cols)), "$", max(rows))
  paste0(if (!is.null(sheet)) paste0(quote_sheet(sheet), "!"), if (first == last) first else paste0(first, ":", last))
}

# The cell that a sheet opens at.
HOME <- "A1"

link_to <- function(sheet, cell = HOME) paste0("internal:", quote_sheet(sheet), "!", cell)

column_letters <- function(col) {
  vapply(as.integer(col), function(n) {
    out <- ""
    while (n > 0L) {
      out <- paste0(LETTERS[(n - 1L) %% 26L + 1L], out)
      n <- (n - 1L) %/% 26L
    }
    out
  }, "")
}

cell_name <- function(row, col) paste0(column_letters(col), row)

range_name <- function(row, col, last_row, last_col) {
  first <- cell_name(row, col)
  last <- cell_name(last_row, last_col)
  if (first == last) first else paste0(first, ":", last)
}
