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
#' brief <- cap_brief(gci, "FJI", status = "final")
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

# A block as a spreadsheet shows it.
markdown_table <- function(x, block) {
  shown <- lapply(block$columns, shown_column, formats = x$plan$formats, mark = brief_decimal(x))
  text <- vapply(block$columns, function(col) col$kind != "number", NA)
  if (length(shown) == 2L && all(text)) {
    return(paste0("- **", escape_markdown(shown[[1L]]), "** ", escape_markdown(shown[[2L]]), collapse = "\n"))
  }
  headers <- vapply(block$columns, function(col) col$header %||% "", "")
  row <- function(cells) paste0("| ", paste(escape_markdown(cells), collapse = " | "), " |")
  # room for the longest word of the header, or pandoc gives every column the same
  width <- vapply(seq_along(shown), function(k) {
    words <- nchar(strsplit(headers[k], " ", fixed = TRUE)[[1L]])
    as.integer(max(words, min(max(nchar(shown[[k]])), 20L), 3L) + 3L)
  }, 0L)
  rule <- paste0("|", paste0(ifelse(text, ":", ""), strrep("-", width), ifelse(text, "", ":"), collapse = "|"), "|")
  body <- do.call(mapply, c(shown, list(FUN = function(...) row(c(...)))))
  paste(c(row(headers), rule, unname(body)), collapse = "\n")
}

brief_decimal <- function(x) {
  rules <- read_findings_file("languages.csv")
  lang <- read_marks(x$plan$properties$keywords)$lang
  c(rules$decimal[rules$code %in% lang], ".")[1L]
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
