# Formats of cells: named properties, as libxlsxwriter knows them.

# The format of cells; what is not given is Excel's default. Equal formats
# become one when a plan is made.
sheet_format <- function(num_format = NULL, bold = FALSE, italic = FALSE,
                         size = NULL, color = NULL, background = NULL,
                         h_align = NULL, v_align = NULL, wrap = FALSE,
                         indent = NULL, top = NULL, bottom = NULL,
                         top_color = NULL, bottom_color = NULL,
                         unlocked = FALSE, reading_order = NULL) {
  given <- list(
    num_format = num_format, bold = bold, italic = italic, font_size = size,
    font_color = color, background = background, h_align = h_align,
    v_align = v_align, wrap = wrap, indent = indent, top = top,
    bottom = bottom, top_color = top_color, bottom_color = bottom_color,
    unlocked = unlocked, reading_order = reading_order
  )
  given <- given[!vapply(given, function(x) is.null(x) || isFALSE(x), logical(1))]
  structure(given, class = "cap_format")
}

# `format` with some properties changed: sheet_format_with(f, bold = TRUE)
sheet_format_with <- function(format, ...) {
  changed <- sheet_format(...)
  structure(utils::modifyList(unclass(format %||% list()), unclass(changed)), class = "cap_format")
}
