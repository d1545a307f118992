#' The text of a brief
#'
#' A brief as Markdown, for a manuscript: its title, the status line, the
#' findings and the table, the same as in the workbook.
#'
#' @param x A brief of [cap_brief()].
#' @param parts Which parts to give, in this order.
#' @param heading Level of the title's heading, 1 to 6; 0 for a line in bold.
#' @return A string of class `knit_asis`: knitr takes it as it is, `cat()` shows it.
#' @section Errors:
#' `cap_error_input` for what is no brief, and for parts that there are not.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' cat(cap_brief_text(cap_brief(gci, "FJI", status = "final")))
cap_brief_text <- function(x, parts = c("title", "status", "findings", "table"), heading = 1) {
  if (!inherits(x, "cap_brief")) {
    cap_abort_input("{.arg x} must be a brief of {.fn cap_brief}, not {.obj_type_friendly {x}}.")
  }
  known <- c("title", "status", "findings", "table")
  if (!is.character(parts) || length(parts) == 0L || !all(parts %in% known)) {
    cap_abort_input("{.arg parts} must be some of {.val {known}}.")
  }
  check_count(heading, "heading", 0, 6)
  text <- vapply(parts, function(part) switch(part,
    title = brief_heading(x, heading),
    status = paste0("*", escape_markdown(x$plan$properties$comments), "*"),
    findings = paste0("- ", escape_markdown(x$findings$text), collapse = "\n"),
    table = markdown_table(shown_table(x))
  ), "")
  structure(paste0(paste(text, collapse = "\n\n"), "\n"), class = "knit_asis")
}

brief_heading <- function(x, level) {
  title <- escape_markdown(x$plan$properties$title)
  if (level == 0) paste0("**", title, "**") else paste(strrep("#", level), title)
}

# The first table of the first sheet as a spreadsheet shows it: a data frame of
# texts with `right`, which columns hold numbers.
shown_table <- function(x) {
  first <- x$plan$sheets[[1L]]$name
  block <- Filter(function(b) identical(b$sheet, first) && !is.null(b$table), x$plan$blocks)[[1L]]
  columns <- lapply(block$columns, shown_column, formats = x$plan$formats, mark = brief_decimal(x))
  names(columns) <- vapply(block$columns, `[[`, "", "header")
  structure(
    as.data.frame(columns, check.names = FALSE, optional = TRUE),
    right = vapply(block$columns, function(col) col$kind == "number", NA)
  )
}

brief_decimal <- function(x) {
  rules <- read_findings_file("languages.csv")
  lang <- read_marks(x$plan$properties$keywords)$lang
  c(rules$decimal[rules$code == lang], ".")[1L]
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

markdown_table <- function(table) {
  right <- attr(table, "right")
  row <- function(cells) paste0("| ", paste(escape_markdown(cells), collapse = " | "), " |")
  rule <- paste0("|", paste(ifelse(right, "---:", ":---"), collapse = "|"), "|")
  body <- vapply(seq_len(nrow(table)), function(i) row(unlist(table[i, ])), "")
  paste(c(row(names(table)), rule, body), collapse = "\n")
}

# What Markdown would take for its own marks.
escape_markdown <- function(text) {
  text <- gsub("([\\\\`*_{}\\[\\]<>#|~^$@])", "\\\\\\1", text, perl = TRUE)
  text <- gsub("^(\\s*)([-+](?=\\s)|\\d+(?=[.)]))", "\\1\\\\\\2", text, perl = TRUE)
  gsub("[\r\n]+", " ", text)
}
