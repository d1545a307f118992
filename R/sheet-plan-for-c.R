# A plan as C takes it (src/xlsx/plan.h): zero-based positions, colours as numbers.

# One of the words of src/xlsx/words.c, or nothing for the first of them.
check_word <- function(x, which) {
  words <- core_words(paste0("xlsx_", which))
  if (!is.null(x) && (!is.character(x) || length(x) != 1L || !x %in% words)) {
    cap_abort_input("In a plan, {.field {which}} must be one of {.or {.val {words}}}, not {.val {x}}.")
  }
  invisible(x)
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
      cap_abort_input(c("The plan has no sheet {.val {name}}.", "i" = "It has {.val {known}}."))
    }
    found - 1
  }
}

range_for_c <- function(cells, at) {
  if (is.null(cells)) {
    return(NULL)
  }
  as.double(c(at(cells$sheet), c(cells$rows[[1L]], cells$cols[[1L]], cells$rows[[2L]], cells$cols[[2L]]) - 1))
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
  check_word(format$h_align, "h_align")
  check_word(format$v_align, "v_align")
  check_word(format$top, "border")
  check_word(format$bottom, "border")
  check_word(format$reading_order, "reading_order")
  format
}

sheet_for_c <- function(sheet, at) {
  own <- sheet$print_area
  list(
    name = sheet$name, tab_color = color_code(sheet$tab_color), widths = widths_for_c(sheet$width),
    heights = heights_for_c(sheet$height), freeze_row = sheet$freeze[[1L]], freeze_col = sheet$freeze[[2L]],
    landscape = sheet$landscape, letter = sheet$paper == "Letter",
    fit = !is.null(sheet$fit), fit_width = sheet$fit[1L], fit_height = sheet$fit[2L],
    margins_given = !is.null(sheet$margins), margin_left = sheet$margins[1L], margin_right = sheet$margins[2L],
    margin_top = sheet$margins[3L], margin_bottom = sheet$margins[4L],
    repeat_first = sheet$repeat_rows[1L] - 1, repeat_rows = diff(sheet$repeat_rows[1:2]) + 1,
    print_area = if (!is.null(own)) range_for_c(cells(sheet$name, own[c(1L, 3L)], own[c(2L, 4L)]), at),
    footer = sheet$footer, hide_gridlines = !sheet$gridlines, right_to_left = sheet$right_to_left,
    protect = sheet$protect, page_breaks = if (!is.null(sheet$page_breaks)) as.double(sheet$page_breaks - 1),
    zoom = sheet$zoom
  )
}

widths_for_c <- function(width) {
  lapply(which(!is.na(width)), function(i) list(first = i - 1, last = i - 1, width = width[[i]]))
}

heights_for_c <- function(height) {
  rows <- as.integer(names(height))
  lapply(seq_along(height), function(i) list(row = rows[[i]] - 1L, height = height[[i]]))
}

block_for_c <- function(block, at) {
  list(
    sheet = at(block$sheet), row = block$row - 1, col = block$col - 1, n_rows = block$n_rows,
    columns = lapply(block$columns, column_for_c), table = block$table, autofilter = block$autofilter
  )
}

column_for_c <- function(column) {
  list(
    kind = check_word(column$kind, "kind"), values = column$values, urls = column$urls,
    formula = column$formula, shorthand = column$shorthand,
    header = column$header, header_format = column$header_id, format = column$format_id
  )
}

chart_for_c <- function(chart, at) {
  chart$sheet <- at(chart$sheet)
  chart$row <- chart$row - 1
  chart$col <- chart$col - 1
  check_word(chart$kind, "chart")
  check_word(chart$legend, "legend")
  chart$series <- lapply(chart$series, series_for_c, at = at)
  chart
}

series_for_c <- function(series, at) {
  for (name in c("values", "categories", "name_cell")) series[[name]] <- range_for_c(series[[name]], at)
  for (name in c("fill_color", "line_color", "label_color")) series[[name]] <- color_code(series[[name]])
  for (name in c("marker", "labels", "span")) check_word(series[[name]], name)
  series
}

rule_for_c <- function(rule, at) {
  rule$range <- range_for_c(rule$range, at)
  check_word(rule$kind, "rule")
  check_word(rule$compare, "compare")
  for (name in c("color", "mid_color", "max_color")) rule[[name]] <- color_code(rule[[name]])
  rule
}

validation_for_c <- function(validation, at) {
  validation$range <- range_for_c(validation$range, at)
  validation$source <- range_for_c(validation$source, at)
  check_word(validation$kind, "validation")
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
xlsx_clean_text <- function(x) .Call(C_xlsx_clean_text, as.character(x))
