# Charts of a sheet: series, axes, and the three kinds of bars.

# One series of a chart: where its values and categories stand, its name or the cell that
# holds it, and how it looks.
series <- function(values, categories = NULL, name = NULL, ...) {
  c(
    list(
      values = values, categories = categories,
      # a name that begins with "=" would be read as a reference
      name = if (is.character(name)) sub("^=", " =", name), name_cell = if (is.list(name)) name
    ),
    with_properties(series_properties, list(...), "series")
  )
}

# `span = "tick"` draws a short stroke across the bar's end (bar charts); "to_zero" a
# stroke from the point to 0 (scatter).
series_properties <- list(
  fill_color = NULL, line_color = NULL, no_fill = FALSE, no_line = FALSE, line_width = NULL, dashed = FALSE,
  marker = "auto", marker_size = NULL, labels = "none", label_format = NULL, label_color = NULL, label_text = NULL,
  span = "none"
)

# An axis; `limits` is c(min, max). `low` keeps its labels off points below 0.
axis <- function(title = NULL, limits = NULL, ...) {
  look <- with_properties(axis_properties, list(...), "axis")
  c(list(title = title, fixed = !is.null(limits), min = limits[1L], max = limits[2L]), look)
}

axis_properties <- list(
  major_unit = NULL, num_format = NULL, reversed = FALSE, hidden = FALSE, no_gridlines = FALSE, low = FALSE
)

# Where a chart stands and what it says: `n_rows` whole cells from one cell down and so many
# `across`, or as far as the column of a reference; `alt` says type, variables, message and
# where the numbers are.
chart_frame <- function(sheet, row, n_rows, across, title, alt, col = 1L) {
  list(
    sheet = sheet, row = as.integer(row), col = as.integer(col), n_rows = as.integer(n_rows),
    n_cols = across, title = title, alt_text = alt
  )
}

# In scatter charts `category` is the x axis. `bars` are their gap and overlap, in
# percent of a bar.
chart <- function(frame, kind, series, category = axis(), value = axis(), legend = "none", bars = list()) {
  c(frame, list(
    kind = kind, series = series, category = category, value = value, legend = legend, gap = bars$gap,
    overlap = bars$overlap
  ))
}

# Horizontal bars with a reference value each, as a hollow bar around them that
# ends at the reference: exact, in the legend, the same in Excel and LibreOffice
# and in grey print. `bars` and `marks` are ranges of the same length, `marks` NULL for
# bars alone; the first category is on top.
bars_with_marks <- function(frame, labels, bars, marks, bar_name, mark_name, value) {
  chart(frame, "bar",
    series = c(
      list(series(bars, labels, bar_name,
        fill_color = cap_palette[["blue"]], labels = "inside_base", label_format = "0.0", label_color = "#FFFFFF"
      )),
      if (!is.null(marks)) {
        list(series(marks, labels, mark_name,
          no_fill = TRUE, line_color = cap_palette[["orange"]], line_width = 2.25
        ))
      }
    ),
    category = axis(reversed = TRUE), value = value, legend = if (is.null(marks)) "none" else "bottom",
    bars = list(gap = 60, overlap = if (!is.null(marks)) 100)
  )
}

# Bars beside each other with their numbers at the end, the first category on top, and a
# legend where there are several series. `values` are the cells of each.
plain_bars <- function(frame, labels, values, names, fills = cap_palette[["blue"]], label_format = "0",
                       value = axis(num_format = "0")) {
  chart(frame, "bar",
    series = lapply(seq_along(names), function(k) {
      series(values[[k]], labels, names[[k]], fill_color = fills[[k]], labels = "outside_end", label_format = label_format)
    }),
    category = axis(reversed = TRUE), value = value, legend = if (length(names) > 1L) "bottom" else "none",
    bars = list(gap = 60)
  )
}

# Stacked bars, the first category on top; each series in its own shade of `fills`,
# its numbers in a colour that stands out from it. `values` are the cells of each series.
stacked_bars <- function(frame, labels, values, names, fills, line = "#FFFFFF", limits = NULL) {
  chart(frame, "bar_stacked",
    series = lapply(seq_along(names), function(k) {
      series(values[[k]], labels, names[[k]],
        fill_color = fills[[k]], line_color = line, labels = "center", label_format = "0;;",
        label_color = if (text_on(fills[[k]]) == "white") "#FFFFFF" else "#000000"
      )
    }),
    category = axis(reversed = TRUE), value = axis(NULL, limits, num_format = "0"), legend = "bottom",
    bars = list(gap = 50, overlap = 100)
  )
}
