# The frame of a form's sheets: styles, status line, notes and heights.

# The first row of a table, below title, status line and header.
form_first_row <- 5L

# Tinted cells are those to fill in; they alone are unlocked.
form_styles <- function() {
  ruled <- function(...) sheet_format(v_align = "top", bottom = "thin", bottom_color = "#C9D7E5", ...)
  input <- function(tint, ...) ruled(unlocked = TRUE, background = tint, ...)
  list(
    header = sheet_format(bold = TRUE, wrap = TRUE, v_align = "middle", background = "#12436D", color = "#FFFFFF"),
    side_header = sheet_format(wrap = TRUE, v_align = "middle", background = "#E8F0F7", color = "#3D3D3D", size = 9),
    top = ruled(), plain = sheet_format(), wrapped = ruled(wrap = TRUE),
    question = ruled(wrap = TRUE, bold = TRUE),
    help = ruled(wrap = TRUE, color = "#3D3D3D", size = 9),
    answer = input(cap_tint, h_align = "center", bold = TRUE),
    input = input("#EAF1F8", wrap = TRUE),
    second_input = input("#DCE8F3", wrap = TRUE),
    closed = ruled(wrap = TRUE),
    short_input = input("#DCE8F3", h_align = "center"),
    number = ruled(num_format = "General", h_align = "center"),
    weight = ruled(num_format = "0.000", h_align = "center"),
    points = ruled(num_format = "0.0", h_align = "center"),
    result = sheet_format("0.0", bold = TRUE, h_align = "left"),
    result_text = sheet_format(bold = TRUE, h_align = "left"),
    percent = sheet_format("0", h_align = "right"),
    score = sheet_format("0.0", h_align = "right"),
    bold = sheet_format(bold = TRUE), small = styles$small
  )
}

# A sheet of a form, with its title in A1 and the status line in A2.
# `...` are further arguments of sheet(), before those of a sheet with a table.
form_sheet <- function(form, name, title, blocks, rules = NULL, validations = NULL, ...) {
  head <- form_first_row - 1L
  with_table <- list(landscape = TRUE, freeze = c(head, 0L), repeat_rows = c(head, head))
  look <- list(paper = form$paper, gridlines = FALSE, protect = TRUE, margins = c(0.4, 0.4, 0.5, 0.6))
  list(
    sheet = do.call(sheet, c(list(name), utils::modifyList(with_table, list(...), keep.null = TRUE), look)),
    blocks = c(
      list(text_block(name, 1L, title, styles$heading), text_block(name, 2L, form_status_line(form), styles$small)),
      blocks
    ),
    rules = rules, validations = validations
  )
}

# A note below a table, in lines as wide as this.
note_lines <- function(text, columns) {
  width <- sum(vapply(columns, `[[`, 0, "width"))
  unlist(lapply(text, strwrap, width = 1.15 * width)) # it is set smaller
}

# Points for the rows of a table to fill in: room for two lines, and for what
# stands there.
row_heights <- function(columns, rows) {
  points <- vapply(columns, function(x) {
    if (!is.character(x$values) || !isTRUE(x$format$wrap)) {
      return(rep(15, length(rows)))
    }
    is_small <- identical(x$format$font_size, 9)
    pmin(line_count(x$values, x$width * if (is_small) 1.2 else 1), 27) * if (is_small) 12.5 else 15
  }, numeric(length(rows)))
  points <- apply(matrix(points, length(rows)), 1L, max)
  stats::setNames(as.list(c(32, pmax(points, 30) + 3)), c(rows[1L] - 1L, rows))
}

# Each number with the digits that it needs itself.
form_figure <- function(x, lang) vapply(x, plain_number, "", language = find_language(lang))

form_status_line <- function(form) {
  framework <- form$framework
  paste(c(
    say(form$lang, "form.line_status", status = form_status(form)),
    if (nzchar(framework$source)) say(form$lang, "form.line_source", source = framework$source),
    if (in_doubt(framework$status)) {
      say(form$lang, "form.line_framework", status = status_in(form$lang, framework$status))
    },
    if (length(unreal_stages(framework)) > 0L) {
      say(form$lang, "form.line_stages", status = words_of("framework_status", unreal_stages(framework)))
    },
    say(form$lang, "form.disclaimer")
  ), collapse = " \u00b7 ")
}

# What the reader of a form sees first: whose framework, and that it is a
# self-assessment. Frameworks that are not official say so here.
form_title <- function(form) {
  framework <- form$framework
  official <- !in_doubt(framework$status)
  prefix <- switch(form$status,
    draft = say(form$lang, "form.prefix_draft"), verification = say(form$lang, "form.prefix_verification"), ""
  )
  key <- if (form$kind == "weights") {
    if (official) "form.title_weights" else "form.title_weights_status"
  } else {
    if (official) "form.title" else "form.title_status"
  }
  paste0(prefix, say(form$lang, key, title = framework$title, status = status_in(form$lang, framework$status)))
}

# Line breaks as a workbook keeps them; tabs, which LibreOffice drops, as blanks.
plain_text <- function(x) {
  gsub("\t", " ", gsub("\r", "\n", gsub("\r\n", "\n", x, fixed = TRUE), fixed = TRUE), fixed = TRUE)
}

# Statuses of stages that are neither published nor the user's own.
unreal_stages <- function(framework) setdiff(stage_marks(framework), framework$status)

# What a stage's title must say: that it is recalled, a proposal or made up.
stage_marks <- function(framework) {
  status <- unique(framework$stages$status)
  status[in_doubt(status)]
}
