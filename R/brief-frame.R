# What all briefs share: the head of the first sheet, plain table sheets,
# and the sheets Methods, Notes and Contents.

# Plan -------------------------------------------------------------------------

# Document properties; `file` says which of our workbooks it is.
brief_properties <- function(context, title, file) {
  lang <- context$lang
  list(
    title = paste0(context$status$prefix, title),
    subject = say(lang, "property.subject", framework = context$index$framework$title, status = context$status$label),
    author = say(lang, "line.disclaimer"), company = "", keywords = brief_keywords(context, file),
    comments = status_line(context), status = context$status$label, created = context$created
  )
}

status_line <- function(context) shared(context, "status line", make_status_line(context))

make_status_line <- function(context) {
  lang <- context$lang
  framework <- context$index$framework
  # ASCII in the source; a middle dot in the workbook.
  paste(c(
    say(lang, "line.status", status = context$status$label),
    say(lang, "line.source", source = if (nzchar(framework$source)) framework$source else framework$title),
    say(lang, "line.disclaimer"),
    if (in_doubt(framework$status)) say(lang, "line.framework", status = status_in(lang, framework$status))
  ), collapse = " \u00b7 ")
}

# The last line of a first sheet: where the answers come from, when, whom to ask.
# `marked` is a named count of the sources that are not observed.
answers_line <- function(context, observed, marked, missing) {
  lang <- context$lang
  counts <- c(
    say(lang, "line.observed", n = observed),
    text_in(lang, terms("line.marked", n = marked, source = words_of("source", names(marked)))),
    if (missing > 0L) say(lang, "line.missing", n = missing)
  )
  paste(c(
    say(lang, "line.answers", counts = paste(counts, collapse = ", ")),
    say(lang, "line.made", date = stamp_day(context$created)),
    if (!is.null(context$contact)) say(lang, "line.contact", contact = context$contact)
  ), collapse = " ")
}

level_title <- function(framework) {
  level <- framework$levels[2L]
  paste0(toupper(substr(level, 1L, 1L)), substring(level, 2L))
}

# First sheet ------------------------------------------------------------------

# Characters of a finding's line on an upright and a lying A4 page, and figures on the
# latter.
LINE_WIDTH <- 122L
LANDSCAPE_WIDTH <- 165L
LANDSCAPE_FIGURES <- 135L

finding_lines <- function(found, width = LINE_WIDTH) {
  lines <- unlist(lapply(unbroken_n(found$text), strwrap, width = width, initial = "\u2022 ", prefix = "   "))
  gsub("n\u00a0=\u00a0", "n = ", lines, fixed = TRUE)
}

# "n = 5" stays on one line, which must not begin with "=".
unbroken_n <- function(text) gsub("n = ", "n\u00a0=\u00a0", text, fixed = TRUE)

# The row of the table's header: below title, status line and findings.
front_rows <- function(found, width = LINE_WIDTH) 5L + length(finding_lines(found, width))

front_text <- function(context, name, title, found, width = LINE_WIDTH) {
  lines <- finding_lines(found, width)
  list(
    text_block(name, 1L, paste0(context$status$prefix, title), title_style(context$status$prefix, title)),
    text_block(name, 2L, status_lines(context, width), styles$small),
    text_block(name, 4L, lines, styles$text)
  )
}

# On the spare line below too when it is long: a page of that many characters of a
# finding holds a fifth more of these smaller ones.
status_lines <- function(context, width) {
  line <- status_line(context)
  if (set_width(line) * styles$small$font_size / 11 <= width / 1.1) {
    return(line)
  }
  lines <- strwrap(line, 1.2 * width)
  c(lines[1L], if (length(lines) > 1L) paste(lines[-1L], collapse = " "))
}

# A long title is set smaller, so that the page holds it.
title_style <- function(...) if (nchar(paste0(...)) > 74L) styles$long_title else styles$title

front_sheet <- function(name, last_row, last_col, landscape = FALSE) {
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

# Figures of a first sheet that the findings name: rows what, value, n (countries), and
# the style of the value.
figure_row <- function(what, value, n = NA_real_, style = "score") {
  plain_frame(what = what, value = unname(value), n = unname(n), style = style)
}

figures_blocks <- function(lang, name, row, figures) {
  if (is.null(figures)) {
    return(NULL)
  }
  known <- unique(figures$style)
  list(block(name, row, 1L, list(
    column(figures$what, say(lang, "head.figure"), styles$wrapped_low),
    column(figures$value, say(lang, "head.value"), styles[known], which = match(figures$style, known)),
    column(figures$n, say(lang, "head.countries"), styles$whole, shorthand = "[z]")
  ), styles$header, table = "tbl_figures", fit = FALSE))
}

# A data frame of columns of equal lengths: data.frame() takes too long, as for with_columns().
plain_frame <- function(...) structure(list(...), class = "data.frame", row.names = seq_along(..1))

# Rows that they take, with an empty one below.
figures_height <- function(figures) if (is.null(figures)) 0L else nrow(figures) + 2L

# Table sheets -----------------------------------------------------------------

# The header of a table sheet; its hint stands above it.
TABLE_ROW <- 4L

# Title in A1, status in A2, one table from A4 on, and if there is a `hint` on its use
# that in A3. `rules` are conditional formats.
table_sheet <- function(context, name, title, describes, columns, table, ...) {
  rest <- with_properties(list(rules = NULL, landscape = TRUE, hint = NULL), list(...), "table sheet")
  across <- text_room(max(sum(part_widths(columns)), LANDSCAPE_FIGURES))
  top <- if (is.null(rest$hint)) status_lines(context, across) else c(status_line(context), rest$hint)
  list(
    sheet = sheet(name,
      freeze = c(TABLE_ROW, 0L), landscape = rest$landscape, repeat_rows = c(TABLE_ROW, TABLE_ROW),
      fit = c(1L, 0L)
    ),
    describes = describes,
    blocks = list(
      text_block(name, 1L, paste0(context$status$prefix, title), styles$heading),
      text_block(name, 2L, top, styles$small),
      block(name, TABLE_ROW, 1L, columns, styles$header, table = table, autofilter = TRUE)
    ),
    rules = rest$rules
  )
}

# Methods, notes, contents -----------------------------------------------------

# `words` are the keys of its name, its title and what the contents say of it.
methods_sheet <- function(context, rows, words = c("sheet.methods", "title.methods", "describe.methods")) {
  lang <- context$lang
  columns <- list(
    column(rows$what, say(lang, "head.what"), styles$wrapped, width = 26),
    column(rows$how, say(lang, "head.how"), styles$wrapped, width = 95)
  )
  title <- say(lang, words[[2L]], edition = context$edition_label)
  table_sheet(context, say(lang, words[[1L]]), title, say(lang, words[[3L]]), columns, "tbl_methods")
}

# One row of the sheet Methods; none without a text.
method_row <- function(what, how) if (!is.null(how)) plain_frame(what = what, how = how)

framework_methods <- function(context) {
  lang <- context$lang
  framework <- context$index$framework
  rbind(
    method_row(say(lang, "method.framework"), say(lang, "method.framework_text",
      title = framework$title, edition = context$edition, status = status_in(lang, framework$status)
    )),
    method_row(say(lang, "method.source"), if (nzchar(framework$source)) framework$source)
  )
}

index_methods <- function(context) {
  lang <- context$lang
  index <- context$index
  framework <- index$framework
  rbind(
    framework_methods(context),
    method_row(say(lang, "method.weights"), say(lang, "method.weights_text",
      n = length(framework$leaves), method = index$spec$weights$method, sheet = say(lang, "sheet.indicators")
    )),
    method_row(say(lang, "method.score"), say(lang, "method.score_text",
      level = framework$levels[2L], max = root_max(framework),
      rule = listed(unique(rule_words(index$spec$aggregate)))
    )),
    method_row(say(lang, "method.missing"), missing_method(lang, index)),
    method_row(say(lang, "method.tiers"), tiers_method(lang, framework$bands)),
    method_row(say(lang, "method.states"), say(lang, "method.states_text")),
    method_row(say(lang, "method.medians"), say(lang, "method.medians_text")),
    method_row(say(lang, "sheet.change"), if (!is.null(context$bridge)) {
      say(lang, "method.change_text", from = context$bridge$editions$from, to = context$edition)
    }),
    method_row(say(lang, "method.rounding"), say(lang, "method.rounding_text")),
    method_row(say(lang, "method.ranks"), say(lang, if (context$ranks) "method.ranks_text" else "method.no_ranks",
      ties = words_of("ties", index$spec$ties)
    ))
  )
}

# What made the file, from what.
file_methods <- function(context) {
  lang <- context$lang
  answers <- context$index$answers
  version <- as.character(utils::packageVersion("cybercap"))
  software <- if (uses_random_numbers(context)) "method.software_random" else "method.software_text"
  checksum <- function(x) paste0("xxhash128 ", rlang::hash(x))
  rbind(
    method_row(say(lang, "method.software"), say(lang, software, version = version)),
    method_row(say(lang, "method.answers_checksum"), checksum(list(answers$unit, answers$values))),
    method_row(say(lang, "method.weights_checksum"), checksum(stats::weights(context$index$spec$weights))),
    method_row(say(lang, "method.stamp"), stamp_text(context$created))
  )
}

missing_method <- function(lang, index) {
  switch(index$spec$missing,
    error = say(lang, "method.missing_error"),
    zero = say(lang, "method.missing_zero"),
    renormalise = say(lang, "method.missing_renormalise", coverage = 100 * index$spec$min_coverage)
  )
}

tiers_method <- function(lang, bands) {
  if (is.null(bands)) {
    return(NULL)
  }
  bounds <- terms("method.tier",
    tier = tier_short(lang, bands$label), name = bands$name, lower = number_in(lang, bands$lower)
  )
  say(lang, "method.tiers_text", bounds = listed(bounds, by = "list.semicolon"))
}

like_for_like_note <- function(context) {
  lang <- context$lang
  moved <- context$bridge$matched[context$bridge$matched$change != "kept", ]
  if (nrow(moved) == 0L) {
    return(say(lang, "note.like_for_like", to = context$edition))
  }
  say(lang, "note.like_for_like_moved", to = context$edition, items = describe_moves(moved))
}

notes_sheet <- function(context, notes, cleaned) {
  lang <- context$lang
  framework <- context$index$framework
  notes <- c(
    notes,
    if (nzchar(framework$note)) framework$note,
    say(lang, "note.designations"), say(lang, "note.terms"), say(lang, "note.shorthand"), untranslated_note(lang),
    if (sum(cleaned) > 0L) {
      say(lang, "note.cleaned", replaced = cleaned[["replaced"]], cut = cleaned[["cut"]])
    }
  )
  numbers <- text_in(lang, terms("word.note_n", n = seq_along(notes)))
  columns <- list(
    column(numbers, say(lang, "head.note"), styles$wrapped, width = 10),
    column(notes, say(lang, "head.text"), styles$wrapped, width = 110)
  )
  table_sheet(
    context, say(lang, "sheet.notes"), say(lang, "title.notes"), say(lang, "describe.notes"), columns, "tbl_notes"
  )
}

# A translation may lack texts; the package's own languages lack none.
untranslated_note <- function(lang) {
  language <- find_language(lang)
  n <- length(language$missing)
  if (n > 0L) say(lang, "note.untranslated", n = n, of = length(language$templates))
}

contents_sheet <- function(context, sheets) {
  lang <- context$lang
  names <- vapply(sheets, function(s) s$sheet$name, "")
  columns <- list(
    column(names, say(lang, "head.sheet"), urls = link_to(names), width = 26),
    column(vapply(sheets, `[[`, "", "describes"), say(lang, "head.holds"), width = 80)
  )
  table_sheet(
    context, say(lang, "sheet.contents"), say(lang, "sheet.contents"), say(lang, "describe.contents"),
    columns, "tbl_contents"
  )
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

# Widths of the columns of a table, near enough for lines of text above it.
part_widths <- function(columns) {
  vapply(columns, function(x) as.double(x$width %||% min(60, max(8, nchar(x$values), na.rm = TRUE) + 2)), 0)
}

# Characters of a line of text over that width: letters are narrower than figures.
text_room <- function(width) floor(1.1 * max(76, min(155, width)))

# Whether a figure in the file comes from a simulation.
uses_random_numbers <- function(context) {
  given <- context$analyses
  simulated <- vapply(c(given$readiness, list(context$readiness)), function(r) any(r$x$law$way == "simulation"), NA)
  !is.null(given$sensitivity) || any(simulated) || context$kind == "world" && !is.null(given$trend$convergence)
}

# Rows that one page holds in a legible size, below title and status.
page_rows <- function(landscape) if (landscape) 42L else 60L

# Of columns that stand below each other, from the first on.
widest <- function(widths) {
  vapply(seq_len(max(0L, lengths(widths))), function(k) max(unlist(lapply(widths, function(w) w[k])), na.rm = TRUE), 0)
}
