# Parts of an analysis' sheet: tables, charts, and the sheet that holds them.

# Title in A1, status in A2, findings, and then the parts (tables and charts) below
# each other. `words` are its title, what the contents say of it, and the notes and
# methods that go to those sheets.
analysis_sheet <- function(context, name, words, found, parts, landscape = TRUE) {
  parts <- Filter(Negate(is.null), parts)
  fitted <- Filter(function(p) p$is_table && p$fit, parts)
  across <- text_room(sum(widest(lapply(fitted, function(p) part_widths(p$columns)))))
  lines <- finding_lines(found, across)
  long <- length(lines) + sum(vapply(parts, `[[`, 0L, "height") + 1L) > page_rows(landscape)
  # On several pages the charts come first, and no page break cuts a part that a page holds.
  if (long) parts <- parts[order(vapply(parts, `[[`, NA, "is_table"))]
  height <- vapply(parts, `[[`, 0L, "height")
  row <- 5L + length(lines) + cumsum(c(0L, height + 1L))[seq_along(parts)]
  built <- Map(function(part, at) part$build(name, at), parts, row)
  # the row of the last one's header, below its heading
  header <- row[length(row)] + !is.null(parts[[length(parts)]]$heading)
  last <- row[length(row)] + height[length(height)]
  list(
    sheet = sheet(name,
      landscape = landscape, fit = c(1L, as.integer(!long)), repeat_rows = if (long) rep(header, 2L),
      print_area = c(1L, 1L, last, max(vapply(parts, function(p) length(p$columns), 0L), 6L)),
      keep = if (long) Map(function(at, n) c(at, at + n - 1L), row, height)
    ),
    describes = words$describes, found = found, notes = words$notes, methods = words$methods,
    blocks = c(
      list(
        text_block(name, 1L, paste0(context$status$prefix, words$title), styles$heading),
        text_block(name, 2L, status_lines(context, across), styles$small),
        text_block(name, 4L, lines, styles$text)
      ),
      unlist(lapply(built, `[[`, "blocks"), recursive = FALSE)
    ),
    charts = unlist(lapply(built, `[[`, "charts"), recursive = FALSE),
    rules = unlist(lapply(built, `[[`, "rules"), recursive = FALSE)
  )
}

# A table, with a line above it where a sheet has several. `rules` are conditional
# formats; `fit = FALSE` lets long texts run on to the right.
table_part <- function(columns, table, heading = NULL, rules = NULL, fit = TRUE) {
  columns <- Filter(Negate(is.null), columns)
  n <- length(columns[[1L]]$values)
  list(
    is_table = TRUE, fit = fit, columns = columns, heading = heading, height = n + 1L + !is.null(heading),
    build = function(name, row) {
      list(
        blocks = c(
          if (!is.null(heading)) list(text_block(name, row, heading, styles$subheading)),
          list(block(name, row + !is.null(heading), 1L, columns, styles$header, table = table, fit = fit))
        ),
        rules = rules
      )
    }
  )
}

# A chart of so many rows, drawn by `make(name, row)`.
chart_part <- function(height, make) {
  list(
    is_table = FALSE, columns = NULL, height = as.integer(height),
    build = function(name, row) list(charts = list(make(name, row)))
  )
}

# Text that stands to the right of numbers.
text_column <- function(values, header, width = NULL, format = styles$indented, ...) {
  column(values, header, format, header_format = styles$header_indented, width = width, ...)
}

# Codes of items with their labels, for a sentence or a cell.
item_labels <- function(framework, codes) {
  found <- framework$items$label[match(codes, framework$items$code)]
  ifelse(is.na(found), codes, found)
}

# The same for each of a list, in one cell each.
joined_labels <- function(framework, codes) {
  vapply(codes, function(some) paste(item_labels(framework, some), collapse = "; "), "")
}

# Frameworks that are recalled, proposals or illustrative stay out of the brief of
# another framework.
check_official <- function(status, framework, index, class) {
  doubtful <- unique(status[in_doubt(status)])
  if (length(doubtful) > 0L && !identical(framework$id, index$framework$id)) {
    cap_abort_input(c(
      "The result of {.fn {class}} in {.arg analyses} is by {.val {framework$id}}, a framework that is not official: {doubtful}.",
      "i" = "It comes in a workbook of its own: {.code cap_brief(readiness, scope)}, a readiness in place of the index."
    ))
  }
  invisible(status)
}

# The same units with the same scores, on a scale to 100, within a tolerance.
check_same_scores <- function(unit, score, index, class, tolerance = slack("same_score")) {
  at <- match(unit, index$unit)
  own <- 100 * index$scores[at, index$framework$root] / root_max(index$framework)
  if (all(is.na(at))) stop_other_index(class, "They have no unit in common.", index)
  off <- which(!is.na(at) & (is.na(own) != is.na(score) | abs(own - score) > tolerance))
  if (length(off) > 0L) {
    stop_other_index(class, paste("Scores differ for", some_of(unit[off])), index, units = unit[off])
  }
  invisible(unit)
}

# `class` is that of the analysis, of the name of the function that made it.
stop_other_index <- function(class, what, index, ...) {
  edition <- index$edition[1L]
  cap_abort_input(c(
    "The result of {.fn {class}} in {.arg analyses} must be of the brief's index: {.val {index$framework$id}}, edition {.val {edition}}.",
    "x" = "{what}"
  ), ...)
}

# Names of the columns of tiers, from the strongest on.
tier_key <- function(band) paste0("tier_", band)

# Stacked bars of tiers, the strongest first, each series in its tier's shade.
tier_chart <- function(frame, labels, values, bands, lang, limits = NULL) {
  stacked_bars(frame, labels, values,
    names = tier_long(lang, bands), fills = tier_colours(nrow(bands)), limits = limits
  )
}
