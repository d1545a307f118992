# Formats of cells, and how properties of what a plan holds are given by name.

# The format of cells, by libxlsxwriter's properties; what is not given is Excel's
# default. Equal formats become one when a plan is made.
sheet_format <- function(num_format = NULL, ...) {
  given <- with_properties(format_properties, list(...), "format")
  names(given)[match(c("size", "color"), names(given))] <- c("font_size", "font_color")
  given <- c(list(num_format = num_format), given)
  structure(given[!vapply(given, function(x) is.null(x) || isFALSE(x), NA)], class = "cap_format")
}

format_properties <- list(
  bold = FALSE, italic = FALSE, size = NULL, color = NULL, background = NULL, h_align = NULL, v_align = NULL,
  wrap = FALSE, indent = NULL, top = NULL, bottom = NULL, top_color = NULL, bottom_color = NULL,
  unlocked = FALSE, reading_order = NULL
)

# `format` with some properties changed: sheet_format_with(f, bold = TRUE)
sheet_format_with <- function(format, ...) {
  changed <- sheet_format(...)
  structure(utils::modifyList(unclass(format %||% list()), unclass(changed)), class = "cap_format")
}

# `defaults` with those that are given in their place. A misspelt name would do nothing.
with_properties <- function(defaults, given, what) {
  unknown <- setdiff(rlang::names2(given), names(defaults))
  if (length(unknown) > 0L) {
    cap_abort_input("A {what} of a plan has no {.field {unknown}}; it has {.field {names(defaults)}}.")
  }
  defaults[names(given)] <- given
  defaults
}
