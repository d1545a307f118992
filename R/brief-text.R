#' The text of a brief
#'
#' A brief as Markdown, for a manuscript: its title, the status line, the
#' findings and the tables, the same as in the workbook and in its language.
#'
#' @param x A brief of [cap_brief()].
#' @param parts Which parts to give, in this order: `"title"`, `"status"`,
#'   `"findings"`, `"table"` (the first one), `"alt"` (what the chart shows, for
#'   those who cannot see it), or the name of any other table of the
#'   workbook (`print(x$plan)` lists them), such as `"tbl_change"`: the name of its
#'   sheet as a heading, and the table; one of two columns of text, such as
#'   `"tbl_notes"`, as a list. A table that other briefs have and this one has not
#'   is left out.
#' @param heading Level of the title's heading, 1 to 5, those of sheets being one
#'   lower; 0 for the text of headings alone.
#' @return A string of class `knit_asis`: knitr takes it as it is, `cat()` shows
#'   it.
#' @section Errors:
#' `cap_error_input` for what is no brief, and for parts that are neither the five
#' nor a table of a brief; the message lists the tables that there are.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' brief <- cap_brief(gci, "FJI", release = "final")
#' cat(cap_brief_text(brief), "\n")
#' cat(cap_brief_text(brief, "tbl_notes", heading = 2))
cap_brief_text <- function(x, parts = c("title", "status", "findings", "table"), heading = 1) {
  if (!inherits(x, "cap_brief")) {
    cap_abort_input("{.arg x} must be a brief of {.fn cap_brief}, not {.obj_type_friendly {x}}.")
  }
  known <- c("title", "status", "findings", "table", "alt")
  tables <- unlist(lapply(x$plan$blocks, `[[`, "table"))
  if (!is.character(parts) || length(parts) == 0L || !all(parts %in% c(known, tables, brief_tables))) {
    cap_abort_input(c(
      "{.arg parts} must be some of {.val {known}}, or names of tables.",
      "i" = "This brief has {.val {tables}}."
    ))
  }
  check_count(heading, "heading", 0, 5)
  text <- lapply(parts, function(part) switch(part,
    title = markdown_heading(x$plan$properties$title, heading),
    status = paste0("*", escape_markdown(x$plan$properties$comments), "*"),
    findings = paste0("- ", escape_markdown(x$findings$text), collapse = "\n"),
    table = markdown_table(x, first_table(x)),
    alt = escape_markdown(first_chart(x)$alt_text),
    table_section(x, part, heading)
  ))
  structure(paste(unlist(text), collapse = "\n\n"), class = "knit_asis")
}

# Tables that a brief may have, by what it is of and what was given. Those of several
# readiness results have the name of the framework at the end.
brief_tables <- paste0("tbl_", c(
  "pillars", "regions", "figures", "tiers", "indicators", "indicators_regions", "groups", "scores", "change",
  "moves_counts", "moves_tiers", "moves", "sensitivity", "sensitivity_scores", "sensitivity_run",
  "stages", "gates", "stages_reached", "steps", "trend", "trend_change", "trend_tests",
  "convergence", "gap", "gap_editions", "methods", "notes", "changes", "contents"
))

markdown_heading <- function(text, level) {
  text <- escape_markdown(text)
  if (level == 0) text else paste(strrep("#", level), text)
}

first_table <- function(x) {
  first <- x$plan$sheets[[1L]]$name
  Filter(function(b) identical(b$sheet, first) && !is.null(b$table), x$plan$blocks)[[1L]]
}

# A sheet's name and its table; NULL when there is none.
table_section <- function(x, name, heading) {
  block <- Filter(function(b) identical(b$table, name), x$plan$blocks)
  if (length(block) == 0L) {
    return(NULL)
  }
  level <- if (heading == 0) 0 else heading + 1
  c(markdown_heading(block[[1L]]$sheet, level), markdown_table(x, block[[1L]]))
}

# A block as a spreadsheet shows it, without the columns that its reader fills in.
markdown_table <- function(x, block) {
  shown <- lapply(block$columns, shown_column, formats = x$plan$formats, mark = brief_decimal(x))
  filled <- vapply(shown, function(cells) any(nzchar(cells) & !is.na(cells)), NA)
  columns <- block$columns[filled]
  shown <- unname(shown[filled])
  text <- vapply(columns, function(col) col$kind != "number", NA)
  if (length(shown) == 2L && all(text)) {
    return(paste0("- **", escape_markdown(shown[[1L]]), "** ", escape_markdown(shown[[2L]]), collapse = "\n"))
  }
  headers <- vapply(columns, function(col) col$header %||% "", "")
  rows <- c(list(headers), do.call(Map, c(list(c), shown)))
  width <- column_shares(headers, shown, text)
  if (isNamespaceLoaded("knitr") && knitr::pandoc_to("docx")) word_table(rows, text, width) else pipe_table(rows, text, width)
}

# Shares of the page's width, in characters: room for the longest word (those of the
# header are bold), and what is left for the columns with long texts.
column_shares <- function(headers, shown, text, page = 100) {
  longest <- function(x) max(nchar(x), 3L, na.rm = TRUE)
  longest_word <- function(x) longest(unlist(strsplit(x, "[ /-]")))
  word <- ceiling(pmax(1.25 * vapply(headers, longest_word, 0L), vapply(shown, longest_word, 0L))) + 3
  wanted <- ifelse(text, pmax(pmin(vapply(shown, longest, 0L), 40L) - word, 0), 0)
  room <- max(page - sum(word), 0)
  unname(word + floor(wanted * min(1, room / max(sum(wanted), 1))))
}

# Pandoc makes the columns as wide as the dashes below their headers.
pipe_table <- function(rows, text, width) {
  lines <- vapply(rows, function(cells) paste0("| ", paste(escape_markdown(cells), collapse = " | "), " |"), "")
  rule <- paste0("|", paste0(ifelse(text, ":", ""), strrep("-", width), ifelse(text, "", ":"), collapse = "|"), "|")
  paste(c(lines[1L], rule, lines[-1L]), collapse = "\n")
}

# A table in the words of Word (ECMA-376, part 1, 17.4): of pandoc's own, letters are
# too large for as many columns. Widths in twentieths of a point: a page has 6.5 inches.
word_table <- function(rows, text, width, blue = sub("#", "", cap_palette[["blue"]])) {
  twips <- floor(9360 * width / sum(width))
  line <- function(cells, head) {
    paste0(
      "<w:tr><w:trPr><w:cantSplit/>", if (head) "<w:tblHeader/>", "</w:trPr>",
      paste0(
        "<w:tc><w:tcPr><w:tcW w:w=\"", twips, "\" w:type=\"dxa\"/>", if (head) "<w:vAlign w:val=\"bottom\"/>",
        "</w:tcPr><w:p><w:pPr><w:spacing w:before=\"20\" w:after=\"20\"/><w:jc w:val=\"", ifelse(text, "left", "right"),
        "\"/></w:pPr><w:r><w:rPr>", if (head) paste0("<w:b/><w:color w:val=\"", blue, "\"/>"),
        "<w:sz w:val=\"18\"/></w:rPr><w:t xml:space=\"preserve\">", escape_xml(cells), "</w:t></w:r></w:p></w:tc>",
        collapse = ""
      ), "</w:tr>"
    )
  }
  border <- function(side) paste0("<w:", side, " w:val=\"single\" w:sz=\"4\" w:color=\"BFBFBF\"/>")
  paste0(
    "```{=openxml}\n<w:tbl><w:tblPr><w:tblW w:w=\"", sum(twips), "\" w:type=\"dxa\"/><w:tblBorders>",
    border("top"), border("bottom"), border("insideH"), "</w:tblBorders><w:tblLayout w:type=\"fixed\"/>",
    "<w:tblCellMar><w:left w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"60\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>",
    paste0("<w:gridCol w:w=\"", twips, "\"/>", collapse = ""), "</w:tblGrid>\n",
    paste(Map(line, rows, seq_along(rows) == 1L), collapse = "\n"), "</w:tbl>\n```"
  )
}

escape_xml <- function(text) {
  text <- gsub("<", "&lt;", gsub("&", "&amp;", text, fixed = TRUE), fixed = TRUE)
  gsub("[[:cntrl:]]+", " ", gsub(">", "&gt;", text, fixed = TRUE))
}

shown_column <- function(column, formats, mark) {
  if (column$kind != "number") {
    return(ifelse(is.na(column$values), column$shorthand, as.character(column$values)))
  }
  id <- c(column$format_id, 0L)[1L]
  code <- c(if (id > 0L) formats[[id]]$num_format, "0")[1L]
  first <- strsplit(code, ";", fixed = TRUE)[[1L]][1L]
  digits <- if (grepl(".", first, fixed = TRUE)) nchar(sub("^[^.]*[.](0*).*$", "\\1", first)) else 0L
  text <- format_number(column$values, digits, startsWith(first, "+"), big = "", decimal = mark)
  ifelse(is.na(column$values), column$shorthand, text)
}

# What Markdown or YAML would take for their own marks, as entities: a backslash
# before a bracket would begin a formula in some outputs.
escape_markdown <- function(text) {
  text <- gsub("[\r\n]+", " ", text)
  at <- gregexpr("[]&\\\\`*_{}[<>#|~^$@\"']", text)
  regmatches(text, at) <- lapply(regmatches(text, at), function(mark) {
    sprintf("&#%d;", vapply(mark, utf8ToInt, 0L, USE.NAMES = FALSE))
  })
  # "1. " or "- " would begin a list
  text <- gsub("^(\\s*[0-9]+)[.](?=\\s)", "\\1&#46;", text, perl = TRUE)
  text <- gsub("^(\\s*)-(?=\\s)", "\\1&#45;", text, perl = TRUE)
  gsub("^(\\s*)\\+(?=\\s)", "\\1&#43;", text, perl = TRUE)
}
