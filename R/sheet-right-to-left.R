# How the sheets of a language run: their footer, and those that run from right to left.

# Parts of a workbook with what their language gives to each of them.
finish_parts <- function(lang, parts) {
  footer <- paste0("&C", say(lang, "line.footer", page = "&P", pages = "&N"))
  turned <- find_language(lang)$right_to_left
  lapply(parts, function(part) {
    part$sheet$footer <- footer
    if (turned) right_to_left(part) else part
  })
}

# A part (sheet, blocks, charts) turned round: columns from the right,
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
  turn <- if (is.character(column$values)) turned_format else turned_side
  several <- is.list(column$format) && !inherits(column$format, "cap_format")
  column$format <- if (several) lapply(column$format, turn) else turn(column$format)
  column
}

# Text that begins with Latin letters runs from the right, too.
turned_format <- function(format) {
  turned <- turned_side(format)
  sheet_format_with(turned, reading_order = "right_to_left", h_align = turned$h_align %||% "right")
}

# Numbers stand on the right as before; those that stood beside their label still do.
turned_side <- function(format) {
  if (identical(format$h_align, "left")) sheet_format_with(format, h_align = "right") else format
}

# Time runs as before; bars begin where their labels stand.
turned_chart <- function(chart) {
  if (chart$kind %in% c("bar", "bar_stacked")) chart$value$reversed <- !isTRUE(chart$value$reversed)
  chart
}
