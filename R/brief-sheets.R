# What all briefs share: the head of the first sheet, plain table sheets,
# and the sheets Methods, Notes and Contents.

# Plan ------------------------------------------------------------------------

brief_plan <- function(context, content) {
  sheets <- Filter(Negate(is.null), content$sheets)
  cleaned <- count_cleaned(sheets) + cleaned_names(context)
  sheets <- c(sheets, list(
    methods_sheet(context, content$compared),
    notes_sheet(context, content$notes, cleaned)
  ))
  sheets <- c(sheets, list(contents_sheet(context, sheets)))
  plan(
    sheets = lapply(sheets, `[[`, "sheet"),
    blocks = unlist(lapply(sheets, `[[`, "blocks"), recursive = FALSE),
    charts = unlist(lapply(sheets, `[[`, "charts"), recursive = FALSE) %||% list(),
    conditionals = unlist(lapply(sheets, `[[`, "rules"), recursive = FALSE) %||% list(),
    properties = list(
      title = paste0(context$status$prefix, content$title),
      subject = paste0(context$index$framework$title, "; status: ", context$status$label),
      author = "Computed with cybercap; not a publication of the ITU",
      company = "", keywords = brief_keywords(context),
      comments = status_line(context), status = context$status$label, created = context$created
    )
  )
}

status_line <- function(context) {
  framework <- context$index$framework
  # ASCII in the source; a middle dot in the workbook.
  paste(
    c(
      paste0("Status: ", context$status$label),
      paste0("Source: ", if (nzchar(framework$source)) framework$source else framework$title),
      "Computed with cybercap; not a publication of the ITU",
      if (!framework$status %in% c("official", "own")) paste0("Framework: ", framework$status)
    ),
    collapse = " \u00b7 "
  )
}

stamp_date <- function(context) {
  format(as.POSIXct(context$created, origin = "1970-01-01", tz = "UTC"), "%Y-%m-%d")
}

level_title <- function(framework) {
  level <- framework$levels[2L]
  paste0(toupper(substr(level, 1L, 1L)), substring(level, 2L))
}

# First sheet -------------------------------------------------------------------

# Characters of a finding's line on an upright and a lying A4 page.
LINE_WIDTH <- 122L
LANDSCAPE_WIDTH <- 165L

finding_lines <- function(found, width = LINE_WIDTH) {
  unlist(lapply(found$text, strwrap, width = width, initial = "\u2022 ", prefix = "   "))
}

# The row of the table's header: below title, status line and findings.
front_rows <- function(found, width = LINE_WIDTH) 5L + length(finding_lines(found, width))

front_text <- function(context, name, title, found, width = LINE_WIDTH) {
  lines <- finding_lines(found, width)
  list(
    text_block(name, 1L, paste0(context$status$prefix, title), title_style(context$status$prefix, title)),
    text_block(name, 2L, status_line(context), styles$small),
    text_block(name, 4L, lines, styles$text)
  )
}

# A long title is set smaller, so that the page holds it.
title_style <- function(...) {
  if (nchar(paste0(...)) > 74L) styles$long_title else styles$title
}

front_sheet <- function(name, last_row, last_col, start, landscape = FALSE) {
  sheet(name,
    tab_color = cap_palette[["blue"]], fit = c(1L, 1L), landscape = landscape,
    print_area = c(1L, 1L, last_row, last_col), gridlines = FALSE
  )
}

last_row_bold <- function(columns) {
  lapply(columns, function(x) {
    n <- length(x$values)
    plain <- x$format %||% sheet_format()
    x$format <- list(plain, sheet_format_with(plain, bold = TRUE, top = "thin", top_color = "#12436D"))
    x$which <- c(rep(1L, n - 1L), 2L)
    x
  })
}

# Table sheets --------------------------------------------------------------------

# Title in A1, status in A2, one table from A4 on. `rules` makes conditional
# formats from a function of sheet and column.
table_sheet <- function(context, name, title, describes, columns, table,
                        rules = NULL, landscape = TRUE) {
  n <- length(columns[[1L]]$values)
  at <- function(sheet, col) cells(sheet, 4L + seq_len(n), col)
  list(
    sheet = sheet(name,
      freeze = c(4L, 0L), landscape = landscape, repeat_rows = c(4L, 4L),
      fit = c(1L, 0L)
    ),
    describes = describes,
    blocks = list(
      text_block(name, 1L, paste0(context$status$prefix, title), styles$heading),
      text_block(name, 2L, status_line(context), styles$small),
      block(name, 4L, 1L, columns, styles$header, table = table, autofilter = TRUE)
    ),
    rules = if (!is.null(rules)) rules(at)
  )
}

# Methods, notes, contents ------------------------------------------------------------

methods_sheet <- function(context, compared) {
  rows <- Filter(Negate(is.null), c(method_rows(context), compared))
  columns <- list(
    column(names(rows), "What", styles$wrapped, width = 26),
    column(unlist(rows), "How", styles$wrapped, width = 95)
  )
  table_sheet(context, "Methods", paste0("How the figures were made, ", context$edition_label),
    "How the figures were made, with versions and checksums", columns, "tbl_methods",
    landscape = TRUE
  )
}

method_rows <- function(context) {
  index <- context$index
  framework <- index$framework
  bands <- framework$bands
  list(
    "Framework" = paste0(framework$title, ", edition ", context$edition, "; status: ", framework$status, "."),
    "Source" = if (nzchar(framework$source)) framework$source,
    "Items and weights" = paste0(
      length(framework$leaves), " items; weights: ", index$spec$weights$method,
      "; the points of each item are on the sheet Indicators."
    ),
    "Score" = paste0(
      "Weighted aggregation of the items within each ", framework$levels[2L], ", then of these, by the rule ",
      paste(unique(rule_labels(index$spec$aggregate)), collapse = ", "), "; points of ",
      format_number(root_max(framework), 0L), ". A score is commitment, not security."
    ),
    "Missing answers" = switch(index$spec$missing,
      error = "None: an index with missing answers is refused.",
      zero = "No evidence, no points.",
      renormalise = paste0("Weights of the observed items are rescaled; minimum coverage ", index$spec$min_coverage, ".")
    ),
    "Tiers" = if (!is.null(bands)) {
      bounds <- paste0(tier_short(bands$label), " (", bands$name, ") from ", format_number(bands$lower, 0L))
      paste0(paste(bounds, collapse = "; "), ". Lower bounds belong to the tier.")
    },
    "In place, partly, not" = "In place: the item reaches its maximum; not in place: 0; partly: between.",
    "Medians and quartiles" = "Over countries with a score; quantiles interpolate between ordered values (type 7).",
    "Since the last edition" = if (!is.null(context$bridge)) {
      paste0(
        "Editions differ in method. Like for like: the answers of ", context$bridge$editions$from,
        " under the weights of ", context$edition, "; the published difference is the sum of answers, weights and items."
      )
    },
    "Rounding" = "Halves away from zero; scores tie when they agree to two decimals. Rounded parts may not add up to their rounded sum.",
    "Ranks" = if (context$ranks) paste0("Research use; ties: ", index$spec$rank, ".") else "None: countries are compared with the tiers.",
    "Software" = paste0("cybercap ", utils::packageVersion("cybercap"), "; no random numbers were used."),
    "Checksum of the answers" = paste0("xxhash128 ", rlang::hash(list(index$answers$unit, index$answers$values))),
    "Checksum of the weights" = paste0("xxhash128 ", rlang::hash(stats::weights(index$spec$weights))),
    "Time stamp" = format(as.POSIXct(context$created, origin = "1970-01-01", tz = "UTC"), "%Y-%m-%d %H:%M:%S UTC")
  )
}

like_for_like_note <- function(context) {
  moved <- context$bridge$matched[context$bridge$matched$change != "kept", ]
  paste0(
    "Like for like: what the difference would be had both editions used the items and weights of ", context$edition,
    ". The published difference also holds what the change of method brings.",
    if (nrow(moved) > 0L) paste0(" Items that changed place: ", describe_moves(moved), ".")
  )
}

notes_sheet <- function(context, notes, cleaned) {
  framework <- context$index$framework
  notes <- c(
    notes,
    if (nzchar(framework$note)) framework$note,
    paste0(
      "Names of countries are those of the United Nations, or the user's own. The designations employed do not ",
      "imply any opinion on the legal status of any country, territory, city or area, or of its authorities, or ",
      "on the delimitation of its frontiers or boundaries."
    ),
    "Computed with cybercap; not a publication of the ITU. Figures remain under the terms of their sources.",
    "Shorthand: [x] not available, [z] not applicable, [c] suppressed, [e] estimated, [d] derived, [r] revised.",
    if (sum(cleaned) > 0L) {
      paste0(cleaned[["replaced"]], " characters that a workbook cannot hold were replaced and ", cleaned[["cut"]], " texts cut.")
    }
  )
  columns <- list(
    column(paste0("[note ", seq_along(notes), "]"), "Note", styles$wrapped, width = 10),
    column(notes, "Text", styles$wrapped, width = 110)
  )
  table_sheet(context, "Notes", "Notes and names", "Notes, names and shorthand", columns, "tbl_notes")
}

contents_sheet <- function(context, sheets) {
  names <- vapply(sheets, function(s) s$sheet$name, "")
  columns <- list(
    column(names, "Sheet", urls = link_to(names), width = 26),
    column(vapply(sheets, `[[`, "", "describes"), "What it holds", width = 80)
  )
  table_sheet(context, "Contents", "Contents", "This list", columns, "tbl_contents")
}

# The same of the user's names of units in scope, cleaned when they were read.
cleaned_names <- function(context) {
  used <- context$names$given[context$names$unit %in% context$index$unit[context$rows]]
  cleaned <- xlsx_clean_text(as.character(used))
  c(replaced = sum(cleaned$n_replaced), cut = sum(cleaned$n_cut))
}

# How many characters were replaced and texts cut when the cells are written.
count_cleaned <- function(sheets) {
  text <- unlist(lapply(sheets, function(s) {
    lapply(s$blocks, function(b) lapply(b$columns, function(x) if (x$kind != "number") x$values))
  }))
  cleaned <- xlsx_clean_text(as.character(text))
  c(replaced = sum(cleaned$n_replaced), cut = sum(cleaned$n_cut))
}
