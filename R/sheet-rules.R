# Rules on cells: conditional formats, and what a cell lets in.

data_bar <- function(range, min = 0, max = 100, color = cap_tint) {
  list(range = range, kind = "data_bar", min = min, max = max, color = color)
}

# Two or three colours over as many limits.
color_scale <- function(range, limits, colors = rev(cap_tier_ramp)[c(1L, 5L)]) {
  n <- length(colors)
  if (!n %in% 2:3 || length(limits) != n) {
    cap_abort_input("A colour scale needs two or three colours and as many limits.")
  }
  list(
    range = range, kind = paste0("scale_", n), min = limits[[1L]],
    mid = if (n == 3L) limits[[2L]], max = limits[[n]], color = colors[[1L]],
    mid_color = if (n == 3L) colors[[2L]], max_color = colors[[n]]
  )
}

# Shares in light steps of one hue, under black text.
heat_map <- function(range, least, most) {
  color_scale(range, c(least, (least + most) / 2, most), rev(cap_tier_ramp)[c(1L, 3L, 5L)])
}

# `format` where the number compares so: "equal", "not_equal", "greater",
# "greater_equal", "less", "less_equal", "between" (then two values).
cell_rule <- function(range, compare, value, format) {
  most <- value[[length(value)]]
  list(range = range, kind = "cell", compare = compare, min = value[[1L]], max = most, format = format)
}

text_rule <- function(range, text, format) {
  list(range = range, kind = "text", text = text, format = format)
}

# A drop-down of the cells of `source`, or a number between two limits.
valid_list <- function(range, source, ...) list(range = range, kind = "list", source = source, ...)

valid_number <- function(range, min, max, whole = FALSE, ...) {
  list(range = range, kind = if (whole) "whole" else "decimal", min = min, max = max, ...)
}
