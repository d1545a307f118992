# Sheets of languages that run from right to left.

# A part of a brief (sheet, blocks, charts) turned round: columns from the right,
# text read and aligned so, bars that grow to the left.
right_to_left <- function(part) {
  part$sheet$right_to_left <- TRUE
  part$blocks <- lapply(part$blocks, function(block) {
    block$columns <- lapply(block$columns, turned_column)
    block
  })
  part$charts <- lapply(part$charts, turned_chart)
  part
}

turned_column <- function(column) {
  if (!is.null(column$header)) column$header_format <- turned_format(column$header_format)
  if (is.character(column$values)) {
    several <- is.list(column$format) && !inherits(column$format, "cap_format")
    column$format <- if (several) lapply(column$format, turned_format) else turned_format(column$format)
  }
  column
}

# Text that begins with Latin letters runs from the right, too.
turned_format <- function(format) {
  sheet_format_with(format, reading_order = 2, h_align = format$h_align %||% "right")
}

# Time runs as before; bars begin where their labels stand.
turned_chart <- function(chart) {
  if (chart$kind %in% c("bar", "bar_stacked")) chart$value$reversed <- !isTRUE(chart$value$reversed)
  chart
}
