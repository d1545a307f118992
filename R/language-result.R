#' Findings and tables of a result
#'
#' Every result of the package carries its findings, in sentences, and its
#' tables. The same findings feed `print()`, the first sheet of a brief and a
#' manuscript.
#'
#' @param x A result: what any `cap_` function returned.
#' @param table The name of a table, as under Value in the help of the function
#'   that made `x`; by default the first, or for `cap_table()` the one that
#'   `print()` shows. An unknown name is an error that lists the known ones.
#' @param ... For `cap_table()` and `as.data.frame()` of an index `level` and
#'   `edition`, what to keep; of a robustness `k`, the ranks of the table `"top"`.
#' @param lang The language of the sentences, of the caption and of names of
#'   units: `"en"`, `"fr"`, or a translation read by [cap_read_translation()].
#'   Columns keep their names.
#' @section Errors:
#' `cap_error_input` for what is no result, for an unknown table or argument, and
#' for a language without sentences.
#' @return `cap_findings()`: a data frame of class `cap_findings` with `key`
#'   (the template), `text` (the sentence) and `numbers` (a list of what fills
#'   it). `cap_table()`: a data frame of class `cap_table` with a caption, which
#'   knitr prints as a table.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' cap_findings(gci)
#' head(cap_table(gci))
cap_findings <- function(x, ...) UseMethod("cap_findings")

#' @rdname cap_findings
#' @export
cap_table <- function(x, table = NULL, ..., lang = "en") {
  found <- find_table(x, table, lang, ..., printed = TRUE)
  new_table(found$shown, found$caption, lang)
}

#' @param row.names,optional Not used.
#' @rdname cap_findings
#' @export
as.data.frame.cap_result <- function(x, row.names = NULL, optional = FALSE, ..., table = NULL) {
  find_table(x, table, "en", ...)$rows
}

# A result of the package: a list with a class of its own.
new_result <- function(class, ...) structure(list(...), class = c(class, "cap_result"))

stop_no_result <- function(x) {
  cap_abort_input("{.arg x} must be a result of cybercap, not {.obj_type_friendly {x}}: it has neither findings nor tables.")
}

#' @export
cap_findings.default <- function(x, ...) {
  stop_no_result(x)
}

# The tables of a result by their names. What a method takes beside `lang` are
# arguments of cap_table() and as.data.frame() for its class.
result_tables <- function(x, lang, ...) UseMethod("result_tables")

#' @export
result_tables.default <- function(x, lang, ...) {
  stop_no_result(x)
}

# A table that is made when it is asked for: `rows` are the data, `shown` is what
# a reader sees of them under `caption`. print() shows the one that is `printed`,
# else the first.
lazy_table <- function(rows, caption, shown = rows, printed = FALSE) environment()

find_table <- function(x, table, lang, ..., printed = FALSE) {
  check_table_arguments(x, ...)
  tables <- result_tables(x, lang, ...)
  first <- if (printed) which(vapply(tables, function(each) each$printed, NA)) else 1L
  table <- table %||% names(tables)[[c(first, 1L)[[1L]]]]
  tables[[choose(table, names(tables), "table")]]
}

# A misspelt argument would silently give another table. data.frame() hands over
# `stringsAsFactors`.
check_table_arguments <- function(x, ...) {
  methods <- mget(paste0("result_tables.", c(class(x), "default")), topenv(), ifnotfound = list(NULL))
  known <- c(names(formals(drop_null(methods)[[1L]])), "stringsAsFactors")
  unknown <- list(...)[!rlang::names2(list(...)) %in% known]
  do.call(check_dots, c("cap_table", unknown))
  invisible(x)
}

# `caption` is a text.
new_table <- function(x, caption, lang = "en") {
  structure(x, caption = text_in(lang, caption), class = c("cap_table", "data.frame"))
}

# print(): findings first, then the top of the table, on one screen.
#' @export
print.cap_result <- function(x, ..., n = 6L, lang = "en") {
  cat(format_heading(x, lang), "\n", sep = "")
  print(cap_findings(x, lang = lang))
  table <- cap_table(x, lang = lang)
  if (nrow(table) > 0L) {
    shown <- utils::head(as.data.frame(table), n)
    shown <- shown[setdiff(names(shown), off_screen(x))]
    numeric <- vapply(shown, is.double, NA)
    shown[numeric] <- lapply(shown[numeric], signif_shown)
    if (n > 0L) print(shown, row.names = FALSE)
    if (nrow(table) > n) cat("# ", say(lang, "print.more", n = nrow(table) - n), "\n", sep = "")
  }
  invisible(x)
}

# Columns that are too long for a screen, or that the findings above tell.
off_screen <- function(x) {
  c(
    "explanation",
    if (inherits(x, "cap_check")) c("what", "advice"),
    if (inherits(x, c("cap_readiness", "cap_actions"))) c("framework", "status"),
    if (inherits(x, "cap_readiness")) {
      c(
        "attainment", "stage_low", "stage_high", "twin", "score_low", "score_high", "progress", "missing", "ungraded",
        "not_applicable", "stage_status"
      )
    }
  )
}

signif_shown <- function(x) {
  round(x, if (all(abs(x) <= 1, na.rm = TRUE)) 3L else 2L)
}

format_heading <- function(x, lang = "en") {
  titled <- if (inherits(x, c("cap_framework", "cap_brief"))) x else x$framework
  paste0("<", class(x)[[1L]], ">", if (!is.null(titled)) paste0(" ", title_in(lang, titled)))
}

# The title of a framework, or of what bears a text as title.
title_in <- function(lang, x) UseMethod("title_in", x)

title_in.default <- function(lang, x) text_in(lang, x$title)

#' @export
print.cap_findings <- function(x, ...) {
  for (text in x$text) {
    cat(strwrap(text, width = getOption("width") - 2L, initial = "* ", prefix = "  "), sep = "\n")
  }
  invisible(x)
}

#' @export
print.cap_table <- function(x, ...) {
  cat("# ", attr(x, "caption"), "\n", sep = "")
  print(as_plain(x), row.names = FALSE)
  invisible(x)
}

#' @export
as.data.frame.cap_table <- function(x, ...) as_plain(x)

as_plain <- function(x) {
  attr(x, "caption") <- NULL
  class(x) <- "data.frame"
  x
}

#' @export
summary.cap_result <- function(object, ..., lang = "en") {
  structure(
    list(
      heading = format_heading(object, lang), findings = cap_findings(object, lang = lang),
      table = cap_table(object, lang = lang), lang = lang
    ),
    class = "summary.cap_result"
  )
}

#' @export
print.summary.cap_result <- function(x, ...) {
  cat(x$heading, "\n", sep = "")
  print(x$findings)
  cat("# ", attr(x$table, "caption"), "\n", sep = "")
  print(utils::head(as_plain(x$table), 20L), row.names = FALSE)
  if (nrow(x$table) > 20L) cat("# ", say(x$lang, "print.more_rows", n = nrow(x$table) - 20L), "\n", sep = "")
  invisible(x)
}

# Methods for generics of packages that are only suggested; see zzz.R.
as_tibble.cap_result <- function(x, ...) {
  rlang::check_installed("tibble")
  tibble::as_tibble(as.data.frame(x, ...))
}

tidy.cap_result <- function(x, ...) {
  if (rlang::is_installed("tibble")) as_tibble.cap_result(x, ...) else as.data.frame(x, ...)
}

knit_print.cap_result <- function(x, ...) {
  text <- paste0("- ", cap_findings(x)$text, collapse = "\n")
  table <- knitr::kable(utils::head(as_plain(cap_table(x)), 10L), digits = 2L)
  knitr::asis_output(paste0("\n", text, "\n\n", paste(table, collapse = "\n"), "\n"))
}

knit_print.cap_table <- function(x, ...) {
  table <- knitr::kable(as_plain(x), digits = 2L, caption = attr(x, "caption"), row.names = FALSE)
  knitr::asis_output(paste0("\n", paste(table, collapse = "\n"), "\n"))
}

knit_print.cap_findings <- function(x, ...) {
  knitr::asis_output(paste0("\n", paste0("- ", x$text, collapse = "\n"), "\n"))
}
