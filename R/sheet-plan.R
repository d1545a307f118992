# Plans of workbooks: plain data that C writes (src/xlsx/plan.h). Rows and
# columns count from 1 here; plan_for_c() makes the zero-based form. Everything
# is immutable: a sheet's blocks can be made once and shared by many plans.

# ---- constructors -----------------------------------------------------------

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

# One column of a block. `formula` makes it formulas with `values` as computed
# results ({r} is the row), `urls` makes it links that show `values`. `format`
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

# Columns side by side from one cell on. A block whose columns have headers
# starts with them. `table` makes it an Excel table of that name; one without
# rows cannot be a table and is written as headers alone. `fit = FALSE` keeps
# its texts from widening the sheet's columns.
block <- function(sheet, row, col, columns, header_format = NULL, table = NULL,
                  banded = FALSE, autofilter = FALSE, fit = TRUE) {
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
    n_rows = sizes[[1L]], columns = unname(columns),
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

# A rectangle of cells: cells("Scores", 2:6, 3)
cells <- function(sheet, rows, cols) {
  list(sheet = sheet, rows = range(rows), cols = range(cols))
}

# One series of a chart. `span = "tick"` draws a short stroke across the bar's
# end (bar charts); "to_zero" a stroke from the point to 0 (scatter).
series <- function(values, categories = NULL, name = NULL, fill = NULL,
                   line = NULL, no_fill = FALSE, no_line = FALSE,
                   line_width = NULL, dashed = FALSE, marker = "auto",
                   marker_size = NULL, labels = "none", label_format = NULL,
                   label_color = NULL, label_text = NULL, span = "none") {
  list(
    values = values, categories = categories,
    # a name that begins with "=" would be read as a reference
    name = if (is.character(name)) sub("^=", " =", name),
    name_cell = if (is.list(name)) name, fill_color = fill, line_color = line,
    no_fill = no_fill, no_line = no_line, line_width = line_width,
    dashed = dashed, marker = marker, marker_size = marker_size,
    labels = labels, label_format = label_format, label_color = label_color,
    label_text = label_text, span = span
  )
}

# An axis; `limits` is c(min, max). `low` keeps its labels off points below 0.
axis <- function(title = NULL, limits = NULL, unit = NULL, num_format = NULL,
                 reversed = FALSE, hidden = FALSE, gridlines = TRUE, low = FALSE) {
  list(
    title = title, fixed = !is.null(limits), min = limits[1L], max = limits[2L],
    major_unit = unit, num_format = num_format, reversed = reversed,
    hidden = hidden, no_gridlines = !gridlines, low = low
  )
}

# A chart that covers `n_rows` x `n_cols` whole cells from one cell on. In
# scatter charts `category` is the x axis. `alt` says type, variables, message
# and where the numbers are.
chart <- function(sheet, row, col, n_rows, n_cols, kind, title, alt, series,
                  category = axis(), value = axis(), legend = "none",
                  gap = NULL, overlap = NULL) {
  list(
    sheet = sheet, row = as.integer(row), col = as.integer(col),
    n_rows = as.integer(n_rows), n_cols = as.integer(n_cols), kind = kind,
    title = title, alt_text = alt, series = series, category = category,
    value = value, legend = legend, gap = gap, overlap = overlap
  )
}

# Horizontal bars with a reference value each, as a hollow bar around them that
# ends at the reference: exact, in the legend, the same in Excel and LibreOffice
# and in grey print. `bars` and `marks` are ranges of the same length, `marks` NULL for
# bars alone; the first category is on top.
bars_with_marks <- function(sheet, row, col, n_rows, n_cols, title, alt, labels,
                            bars, marks, bar_name, mark_name, limits,
                            unit = NULL, num_format = "0", axis_title = NULL) {
  chart(
    sheet, row, col, n_rows, n_cols,
    kind = "bar", title = title, alt = alt,
    series = c(
      list(series(bars, labels, bar_name,
        fill = cap_palette[["blue"]], labels = "inside_base",
        label_format = "0.0", label_color = "#FFFFFF"
      )),
      if (!is.null(marks)) {
        list(series(marks, labels, mark_name,
          no_fill = TRUE, line = cap_palette[["orange"]], line_width = 2.25
        ))
      }
    ),
    category = axis(reversed = TRUE),
    value = axis(axis_title, limits, unit, num_format),
    legend = if (is.null(marks)) "none" else "bottom", gap = 60, overlap = if (!is.null(marks)) 100
  )
}

# Bars beside each other with their numbers at the end, the first category on top, and a
# legend where there are several series. `values` gives the cells of the k-th one.
plain_bars <- function(sheet, row, col, n_rows, n_cols, title, alt, labels, values, names,
                       fills = cap_palette[["blue"]], label_format = "0", limits = NULL, unit = NULL) {
  chart(sheet, row, col, n_rows, n_cols,
    kind = "bar", title = title, alt = alt,
    series = lapply(seq_along(names), function(k) {
      series(values(k), labels, names[[k]], fill = fills[[k]], labels = "outside_end", label_format = label_format)
    }),
    category = axis(reversed = TRUE), value = axis(NULL, limits, unit, "0"),
    legend = if (length(names) > 1L) "bottom" else "none", gap = 60
  )
}

# Stacked bars, the first category on top; each series in its own shade of `fills`,
# its numbers in a colour that stands out from it. `values` gives the cells of the
# k-th series.
stacked_bars <- function(sheet, row, col, n_rows, n_cols, title, alt, labels, values, names, fills,
                         line = "#FFFFFF", limits = NULL) {
  chart(sheet, row, col, n_rows, n_cols,
    kind = "bar_stacked", title = title, alt = alt,
    series = lapply(seq_along(names), function(k) {
      series(values(k), labels, names[[k]],
        fill = fills[[k]], line = line, labels = "center", label_format = "0;;",
        label_color = if (text_on(fills[[k]]) == "white") "#FFFFFF" else "#000000"
      )
    }),
    category = axis(reversed = TRUE), value = axis(NULL, limits, num_format = "0"),
    legend = "bottom", gap = 50, overlap = 100
  )
}

# ---- rules ------------------------------------------------------------------

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
  list(
    range = range, kind = "cell", compare = compare, min = value[[1L]],
    max = value[[length(value)]], format = format
  )
}

text_rule <- function(range, text, format) {
  list(range = range, kind = "text", text = text, format = format)
}

# A drop-down of the cells of `source`, or a number between two limits.
valid_list <- function(range, source, ...) {
  list(range = range, kind = "list", source = source, ...)
}

valid_number <- function(range, min, max, whole = FALSE, ...) {
  list(range = range, kind = if (whole) "whole" else "decimal", min = min, max = max, ...)
}

# ---- references -------------------------------------------------------------

# 'It''s'!: the one place that quotes a sheet's name.
quote_sheet <- function(name) {
  paste0("'", gsub("'", "''", name, fixed = TRUE), "'")
}

# A text within a formula, its own quotes doubled.
formula_text <- function(x) paste0("\"", gsub("\"", "\"\"", x, fixed = TRUE), "\"")

# A number as a formula holds it.
formula_number <- function(x) trimws(formatC(x, digits = 15L, format = "g", decimal.mark = "."))

# $C$5:$C$9 with the sheet in front, if one is given.
fixed_range <- function(rows, cols, sheet = NULL) {
  first <- paste0("$", column_letters(min(cols)), "$", min(rows))
  last <- paste0("$", column_letters(max(cols)), "$", max(rows))
  paste0(if (!is.null(sheet)) paste0(quote_sheet(sheet), "!"), if (first == last) first else paste0(first, ":", last))
}

link_to <- function(sheet, cell = "A1") {
  paste0("internal:", quote_sheet(sheet), "!", cell)
}

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

# ---- plans ------------------------------------------------------------------

# Puts a workbook together: gives formats their ids and columns their widths.
# `names` is a named list of cells(); `properties` has title, subject, author,
# company, keywords, comments, status, created. Without `created` the time is
# that of SOURCE_DATE_EPOCH or of the writing.
plan <- function(sheets, blocks, charts = list(), conditionals = list(),
                 validations = list(), names = list(), properties = list()) {
  ids <- new_format_ids()
  blocks <- lapply(blocks, function(x) {
    x$columns <- lapply(x$columns, number_formats, ids = ids)
    x
  })
  conditionals <- lapply(conditionals, function(x) {
    x$format <- ids$id(x$format)
    x
  })
  out <- list(
    sheets = sheets, blocks = blocks, charts = charts,
    conditionals = conditionals, validations = validations, names = names,
    properties = properties, formats = ids$formats()
  )
  wrap <- vapply(out$formats, function(x) isTRUE(x$wrap), NA)
  indent <- vapply(out$formats, function(x) as.double(x$indent %||% 0), 0)
  on <- split(blocks, vapply(blocks, `[[`, "", "sheet"))
  out$sheets <- lapply(sheets, function(s) fit_sheet(s, on[[s$name]], wrap, indent))
  structure(out, class = "cap_plan")
}

# Gives each different format a number from 1 on; 0 is "no format". Most formats
# come again just as they were, and need no key then.
new_format_ids <- function() {
  keys <- character()
  formats <- list()
  known <- new.env(parent = emptyenv())
  number <- function(format) {
    key <- format_key(format)
    at <- match(key, keys)
    if (is.na(at)) {
      at <- length(keys) + 1L
      keys[[at]] <<- key
      formats[[at]] <<- unclass(format)
    }
    at
  }
  list(
    id = function(format) {
      if (length(format) == 0L) {
        return(0L)
      }
      hash <- rlang::hash(format)
      at <- known[[hash]]
      if (is.null(at)) {
        at <- number(format)
        known[[hash]] <- at
      }
      at
    },
    formats = function() formats
  )
}

format_key <- function(format) {
  format <- unclass(format)[order(names(format), method = "radix")]
  paste(names(format), unlist(format), sep = "=", collapse = ";")
}

number_formats <- function(column, ids) {
  format <- column$format
  column$format_id <- if (is.list(format) && !inherits(format, "cap_format")) {
    vapply(format, ids$id, 0L)[column$which]
  } else {
    ids$id(format)
  }
  column$header_id <- ids$id(column$header_format)
  column
}

has_header <- function(block) {
  any(!vapply(block$columns, function(x) is.null(x$header), logical(1)))
}

# ---- to C -------------------------------------------------------------------

plan_kinds <- list(
  kind = c("number", "string", "formula", "link"),
  h_align = c("none", "left", "center", "right"),
  v_align = c("none", "", "", "", "top", "middle", "bottom"),
  border = c("none", "thin", "medium", "thick", "hair"),
  chart = c("bar", "bar_stacked", "column", "column_stacked", "line", "scatter"),
  legend = c("none", "right", "top", "bottom"),
  marker = c("auto", "none", "square", "diamond", "triangle", "circle", "long_dash", "x"),
  labels = c(
    "none", "default", "outside_end", "inside_end", "inside_base", "center",
    "right", "left", "above", "below"
  ),
  span = c("none", "tick", "to_zero"),
  rule = c("data_bar", "scale_2", "scale_3", "cell", "text"),
  compare = c("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "between"),
  validation = c("list", "decimal", "whole")
)

# The position from 0 of one of the words above, as in src/xlsx/plan.h.
code_of <- function(x, which) {
  if (is.null(x)) {
    return(0L)
  }
  words <- plan_kinds[[which]]
  words <- words[nzchar(words)]
  if (!is.character(x) || length(x) != 1L || !x %in% words) {
    cap_abort_input("In a plan, {.field {which}} must be one of {.or {.val {words}}}, not {.val {x}}.")
  }
  match(x, plan_kinds[[which]]) - 1L
}

color_code <- function(x) {
  if (is.null(x)) {
    return(NULL)
  }
  if (!is.character(x) || length(x) != 1L || !grepl("^#[0-9A-Fa-f]{6}$", x)) {
    cap_abort_input("In a plan, a colour must look like {.val #12436D}, not {.val {x}}.")
  }
  strtoi(substring(x, 2L), 16L)
}

plan_for_c <- function(plan) {
  at <- sheet_positions(plan)
  list(
    properties = properties_for_c(plan$properties),
    formats = lapply(plan$formats, format_for_c),
    sheets = lapply(plan$sheets, sheet_for_c, at = at),
    blocks = lapply(plan$blocks, block_for_c, at = at),
    charts = lapply(plan$charts, chart_for_c, at = at),
    rules = lapply(plan$conditionals, rule_for_c, at = at),
    validations = lapply(plan$validations, validation_for_c, at = at),
    names = unname(Map(
      function(name, cells) list(name = name, range = range_for_c(cells, at)),
      names(plan$names), plan$names
    )),
    temp_folder = enc2native(tempdir())
  )
}

# A function from a sheet's name to its position from 0.
sheet_positions <- function(plan) {
  known <- vapply(plan$sheets, `[[`, "", "name")
  function(name) {
    found <- match(name, known)
    if (is.na(found)) {
      cap_abort_input(c(
        "The plan has no sheet {.val {name}}.",
        "i" = "It has {.val {known}}."
      ))
    }
    found - 1
  }
}

range_for_c <- function(cells, at) {
  if (is.null(cells)) {
    return(NULL)
  }
  as.double(c(
    at(cells$sheet), cells$rows[[1L]] - 1, cells$cols[[1L]] - 1,
    cells$rows[[2L]] - 1, cells$cols[[2L]] - 1
  ))
}

properties_for_c <- function(properties) {
  created <- properties$created
  if (is.null(created)) {
    epoch <- suppressWarnings(as.numeric(Sys.getenv("SOURCE_DATE_EPOCH")))
    created <- if (is.na(epoch)) Sys.time() else epoch
  }
  if (inherits(created, "Date")) created <- as.POSIXct(format(created), tz = "UTC")
  properties$created <- floor(as.numeric(created))
  properties
}

format_for_c <- function(format) {
  for (name in c("font_color", "background", "top_color", "bottom_color")) {
    format[[name]] <- color_code(format[[name]])
  }
  format$h_align <- code_of(format$h_align, "h_align")
  format$v_align <- code_of(format$v_align, "v_align")
  format$top <- code_of(format$top, "border")
  format$bottom <- code_of(format$bottom, "border")
  format
}

sheet_for_c <- function(sheet, at) {
  own <- sheet$print_area
  list(
    name = sheet$name, tab_color = color_code(sheet$tab_color),
    widths = widths_for_c(sheet$width), heights = heights_for_c(sheet$height),
    freeze_row = sheet$freeze[[1L]], freeze_col = sheet$freeze[[2L]],
    landscape = sheet$landscape, letter = sheet$paper == "Letter",
    fit = !is.null(sheet$fit), fit_width = sheet$fit[1L], fit_height = sheet$fit[2L],
    margins_given = !is.null(sheet$margins), margin_left = sheet$margins[1L],
    margin_right = sheet$margins[2L], margin_top = sheet$margins[3L],
    margin_bottom = sheet$margins[4L],
    repeat_first = sheet$repeat_rows[1L] - 1,
    repeat_rows = diff(sheet$repeat_rows[1:2]) + 1,
    print_area = if (!is.null(own)) {
      range_for_c(cells(sheet$name, own[c(1L, 3L)], own[c(2L, 4L)]), at)
    },
    footer = sheet$footer, hide_gridlines = !sheet$gridlines,
    right_to_left = sheet$right_to_left, protect = sheet$protect,
    page_breaks = if (!is.null(sheet$page_breaks)) as.double(sheet$page_breaks - 1),
    zoom = sheet$zoom
  )
}

widths_for_c <- function(width) {
  lapply(which(!is.na(width)), function(i) {
    list(first = i - 1, last = i - 1, width = width[[i]])
  })
}

heights_for_c <- function(height) {
  rows <- as.integer(names(height))
  lapply(seq_along(height), function(i) list(row = rows[[i]] - 1L, height = height[[i]]))
}

block_for_c <- function(block, at) {
  list(
    sheet = at(block$sheet), row = block$row - 1, col = block$col - 1,
    n_rows = block$n_rows, columns = lapply(block$columns, column_for_c),
    table = block$table, banded = block$banded, autofilter = block$autofilter
  )
}

column_for_c <- function(column) {
  list(
    kind = code_of(column$kind, "kind"), values = column$values,
    urls = column$urls, formula = column$formula, shorthand = column$shorthand,
    header = column$header, header_format = column$header_id,
    format = column$format_id
  )
}

chart_for_c <- function(chart, at) {
  chart$sheet <- at(chart$sheet)
  chart$row <- chart$row - 1
  chart$col <- chart$col - 1
  chart$kind <- code_of(chart$kind, "chart")
  chart$legend <- code_of(chart$legend, "legend")
  chart$series <- lapply(chart$series, series_for_c, at = at)
  chart
}

series_for_c <- function(series, at) {
  for (name in c("values", "categories", "name_cell")) {
    series[[name]] <- range_for_c(series[[name]], at)
  }
  for (name in c("fill_color", "line_color", "label_color")) {
    series[[name]] <- color_code(series[[name]])
  }
  for (name in c("marker", "labels", "span")) {
    series[[name]] <- code_of(series[[name]], name)
  }
  series
}

rule_for_c <- function(rule, at) {
  rule$range <- range_for_c(rule$range, at)
  rule$kind <- code_of(rule$kind, "rule")
  rule$compare <- code_of(rule$compare, "compare")
  for (name in c("color", "mid_color", "max_color")) {
    rule[[name]] <- color_code(rule[[name]])
  }
  rule
}

validation_for_c <- function(validation, at) {
  validation$range <- range_for_c(validation$range, at)
  validation$source <- range_for_c(validation$source, at)
  validation$kind <- code_of(validation$kind, "validation")
  validation
}

# Writes a plan; what an existing file holds stays until the new one is whole.
# Gives, invisibly, the number of cells and of texts that had to be changed.
write_plan <- function(plan, path, overwrite = FALSE) {
  check_string(path, "path")
  check_flag(overwrite, "overwrite")
  invisible(.Call(C_xlsx_write, plan_for_c(plan), enc2native(path.expand(path)), overwrite))
}

# Text as a workbook holds it, and how much had to be replaced or cut: for the
# notes sheet of a brief, which says so.
xlsx_clean_text <- function(x) {
  .Call(C_xlsx_clean_text, as.character(x))
}

# ---- print ------------------------------------------------------------------

#' @noRd
#' @export
print.cap_plan <- function(x, ...) {
  cat(format(x, ...), sep = "\n")
  invisible(x)
}

#' @noRd
#' @export
format.cap_plan <- function(x, ...) {
  title <- x$properties$title
  c(
    paste0("<cap_plan>", if (!is.null(title)) paste0(" ", title)),
    unlist(lapply(x$sheets, describe_sheet, plan = x)),
    paste0(length(x$formats), " formats")
  )
}

describe_sheet <- function(sheet, plan) {
  own <- function(parts) Filter(function(p) identical(p$sheet, sheet$name), parts)
  ranged <- function(parts) Filter(function(p) identical(p$range$sheet, sheet$name), parts)
  c(
    paste0(
      "[", sheet$name, "] ", sheet$paper, " ",
      if (sheet$landscape) "landscape" else "portrait",
      if (any(sheet$freeze > 0)) paste0(", frozen ", paste(sheet$freeze, collapse = "x")),
      if (sheet$protect) ", protected"
    ),
    vapply(own(plan$blocks), describe_block, ""),
    vapply(own(plan$charts), describe_chart, ""),
    vapply(ranged(plan$conditionals), describe_range, ""),
    vapply(ranged(plan$validations), describe_range, "")
  )
}

describe_block <- function(block) {
  headers <- vapply(block$columns, function(x) x$header %||% "", "")
  kinds <- vapply(block$columns, `[[`, "", "kind")
  first <- block$columns[[1L]]$values
  paste0(
    "  ", range_name(
      block$row, block$col, block$row + block$n_rows + has_header(block) - 1L,
      last_column(block)
    ), " ",
    if (!is.null(block$table)) paste0(block$table, " "),
    if (any(nzchar(headers))) {
      paste0(headers, " <", kinds, ">", collapse = ", ")
    } else if (length(kinds) == 1L && is.character(first) && length(first) > 0L) {
      paste0("\"", strtrim(first[[1L]], 60), "\"")
    } else {
      paste0("<", kinds, ">", collapse = ", ")
    }
  )
}

describe_chart <- function(chart) {
  paste0(
    "  ", range_name(
      chart$row, chart$col, chart$row + chart$n_rows - 1L, chart$col + chart$n_cols - 1L
    ), " chart ", chart$kind, " \"", chart$title, "\", ", length(chart$series), " series"
  )
}

describe_range <- function(rule) {
  range <- rule$range
  paste0(
    "  ", range_name(range$rows[[1L]], range$cols[[1L]], range$rows[[2L]], range$cols[[2L]]),
    " ", rule$kind
  )
}
