#' Forms that were filled in, read back
#'
#' Reads forms of [cap_questionnaire()], as they come back from Excel or
#' LibreOffice, and reports every cell: what was read, and what is missing, off the
#' list or changed. Nothing is guessed in silence.
#'
#' @param path The path of one or several `.xlsx` files, or of a folder of them.
#' @param framework The framework that was asked, or what [cap_framework()] takes.
#'
#' @details
#' Rows are found by their codes and columns by their headers, so sorted, moved,
#' hidden or filtered rows, renamed sheets and further columns do no harm; they are
#' reported where something is amiss. States of a cell:
#' \describe{
#'   \item{ok}{Read as it stands.}
#'   \item{recognised}{A number written as text, such as `"0,5"`, `"0.5 "`, or
#'     `"50 %"` where full marks are 1: read, and to be checked.}
#'   \item{missing}{Empty, or its row or sheet is not in the file.}
#'   \item{not applicable}{Declared so, where the framework leaves it open.}
#'   \item{off the list}{Not an answer that the list offers. A number on the item's
#'     scale between two levels is kept all the same; one off the scale, an unknown
#'     grade or stage is not.}
#'   \item{not a number}{Text, a date, TRUE or FALSE, or what may mean two numbers
#'     (`"1,000"`): not read.}
#'   \item{changed question}{The question, or an end of its scale, is not as in the
#'     framework. The answer is read.}
#'   \item{changed sheet}{A sheet or column is renamed or not there.}
#'   \item{unknown item}{A row whose code the framework does not have, or none.}
#'   \item{duplicate}{The item is answered again, in the same file or in another of
#'     the same unit and edition. Equal answers count once; of different ones none
#'     is read.}
#'   \item{total is not 100}{Points of an expert that do not add up; they are kept,
#'     as [cap_weights_expert()] divides by their sum.}
#' }
#' Several files of one unit and edition are put together, item by item.
#'
#' A form says which language it is in, and is read in that one: questions are compared
#' with the framework's in that language, and sources chosen from its list come back as
#' [cap_answers()] calls them. A form in a translation of one's own carries the words that
#' this takes, so that the translation need not be at hand.
#'
#' Numbers come back to the last digit where they have up to 15 significant digits.
#' Those of 16 or 17 come back within one part in 1e15: workbooks are written with
#' 16 digits here and may be with 15 elsewhere.
#'
#' @section Missing values:
#' Cells that are not read are missing answers (`NA`), and counted. No response is
#' not 0.
#' @section Errors:
#' `cap_error_io` for a file that is not there; `cap_error_input` for a folder without
#' any, files that cannot be read or are no form of
#' cybercap, a form of another framework or edition (naming both), forms for answers
#' and for weights together. A file without a unit is reported and its answers are
#' left out.
#' @return An object of class `cap_questionnaire_report`. `as.data.frame()` gives
#'   one row for each cell: `file, sheet, cell, unit, item, value` (as it stands, as
#'   text), `number` (as read), `state, action` (what to do).
#'   `cap_table()` gives the cells to look at, those that are neither ok nor not
#'   applicable; `cap_table(x, "cells")` all of them. Elements:
#'   * `answers`: [cap_answers()] for [cap_index()] or [cap_readiness()], `NULL`
#'     where no unit is known;
#'   * `evidence`: `unit, edition, item, grade, evidence, source, comment`, the rows
#'     in which something is given, for [cap_readiness()] and [cap_questionnaire()];
#'   * `not_applicable` (`unit, edition, item`) and `external` (`unit, edition,
#'     framework, stage`), likewise;
#'   * `respondents`: `file, unit, edition, name, respondent, position, date`;
#'   * of forms for weights instead `experts` (`expert, item, value`) for
#'     [cap_weights_expert()], `comments` (`expert, item, comment`) and `judgements`
#'     for [cap_weights_ahp()], `NULL` where no pair was asked.
#' @seealso [cap_questionnaire()]
#' @export
#' @examplesIf requireNamespace("readxl", quietly = TRUE)
#' path <- tempfile(fileext = ".xlsx")
#' gci <- cap_answers(subset(gci_items, edition == 2024), "gci-2024")
#' cap_questionnaire("gci-2024", gci, unit = "KEN", path = path)
#' read <- cap_read_questionnaire(path, "gci-2024")
#' read
#' cap_index(read$answers)
cap_read_questionnaire <- function(path, framework) {
  framework <- cap_framework(framework)
  rlang::check_installed("readxl", reason = "to read forms that were filled in.")
  files <- form_files(path)
  forms <- lapply(files, read_form, framework = framework)
  kind <- unique(vapply(forms, `[[`, "", "kind"))
  if (length(kind) > 1L) {
    cap_abort_input(c(
      "Forms for answers and for weights are read one kind at a time.",
      "x" = "For weights: {some_of(files[vapply(forms, `[[`, '', 'kind') == 'weights'])}."
    ))
  }
  if (kind == "weights") read_weight_forms(forms, framework) else read_answer_forms(forms, framework)
}

form_files <- function(path) {
  if (!is.character(path) || length(path) == 0L || anyNA(path)) {
    cap_abort_input("{.arg path} must be paths of files, or of one folder, not {.obj_type_friendly {path}}.")
  }
  check_files(path)
  files <- unlist(lapply(path, function(p) {
    if (!dir.exists(p)) {
      return(p)
    }
    found <- list.files(p, pattern = "[.]xlsx$", ignore.case = TRUE, full.names = TRUE)
    sort(found[!grepl("^[~.]", basename(found))], method = "radix")
  }))
  if (length(files) == 0L) {
    cap_abort_input("There is no {.file .xlsx} file in {.path {path}}.", arg = "path")
  }
  unique(files)
}

# One file ---------------------------------------------------------------------

# list(file, kind, lang, words, sheets (cells by name), fields, form): `form` as
# cap_questionnaire() lays it out.
read_form <- function(path, framework) {
  sheets <- tryCatch(readxl::excel_sheets(path), error = function(e) stop_unreadable(path, e))
  cells <- stats::setNames(lapply(sheets, function(s) read_form_cells(path, s)), sheets)
  about <- read_about(cells)
  check_same_framework(about, cells, framework, path)
  kind <- about[["kind"]] %||% "answers"
  lang <- form_language(about, framework)
  form <- list(
    framework = framework_in(lang, framework), kind = kind, lang = lang, words = form_words(lang), pairs = FALSE
  )
  form$external <- rep(NA_real_, length(external_gates(framework)))
  form$layout <- form_layout(form)
  list(file = basename(path), kind = kind, about = about, cells = cells, form = form)
}

# The language that a form is written in; of one that does not say, or whose texts
# are nowhere, English.
form_language <- function(about, framework) {
  code <- about[["language"]]
  carried_language(about, framework) %||% if (isTRUE(code %in% shipped_languages())) code else "en"
}

# The fields of the sheet that says what a form is, wherever it stands and whatever
# it is called; NULL without one.
read_about <- function(cells) {
  for (x in cells) {
    at <- find_about(x)
    if (length(at) > 0L) {
      rows <- seq(at[1L], nrow(x))
      keys <- cells_text(x[rows, field_columns[["label"]]])
      filled <- seq_len(match("", c(keys, "")) - 1L)
      return(stats::setNames(as.list(cells_text(x[rows[filled], field_columns[["value"]]])), keys[filled]))
    }
  }
  NULL
}

check_same_framework <- function(about, cells, framework, path) {
  if (is.null(about)) {
    heads <- form_heads("en")
    known <- unlist(lapply(cells, function(x) {
      if (any(cells_text(x) == heads[["answer"]])) intersect(cells_text(x), leaf_codes(framework))
    }))
    if (2 * length(known) < length(framework$leaves)) {
      cap_abort_input(c(
        "{.path {path}} is no form of cybercap, or its sheet {.val {own_sheet_names('en')[['about']]}} is gone.",
        "i" = "{.fn cap_questionnaire} writes forms."
      ))
    }
    return(invisible(about))
  }
  label <- function(id, edition) paste0(id, if (nzchar(edition %||% "")) paste0(", edition ", edition))
  asked <- label(about[["framework"]], about[["edition"]])
  given <- label(framework$id, framework$edition)
  if (asked != given) {
    cap_abort_input(c(
      "{.path {path}} is a form of another framework or edition.",
      "x" = "It asks {.val {asked}}; {.arg framework} is {.val {given}}."
    ))
  }
  invisible(about)
}

# The report -------------------------------------------------------------------

#' @export
result_tables.cap_questionnaire_report <- function(x, lang, ...) {
  cells <- x$cells
  fine <- cells$state %in% c("ok", "not applicable")
  list(
    cells = lazy_table(cells, term("caption.cells")),
    attention = lazy_table(`rownames<-`(cells[!fine, ], NULL), term("caption.attention"), printed = TRUE)
  )
}

#' @export
cap_findings.cap_questionnaire_report <- function(x, ..., lang = "en") {
  cells <- x$cells
  n <- function(state) sum(cells$state == state)
  asked <- cells[!is.na(cells$item) & cells$state %in% c(
    "ok", "recognised", "missing", "not applicable", "off the list", "not a number", "duplicate"
  ), ]
  changed <- c("changed question", "changed sheet", "unknown item", "duplicate", "total is not 100")
  counts <- vapply(changed, n, 0L)
  findings(
    lang,
    finding("report.size",
      files = length(unique(cells$file)), units = length(unique(cells$unit[!is.na(cells$unit)])),
      framework = title_in(lang, x$framework), read = sum(!is.na(asked$number)), n = nrow(asked)
    ),
    if (anyNA(cells$unit)) finding("report.no_unit", files = first_of(cells$file[is.na(cells$unit)])),
    if (any(asked$state == "missing")) finding("report.missing", n = sum(asked$state == "missing")),
    if (n("not applicable") > 0L) finding("report.not_applicable", n = n("not applicable")),
    if (n("recognised") > 0L) finding("report.recognised", n = n("recognised")),
    if (n("off the list") + n("not a number") > 0L) {
      finding(
        "report.refused", n = n("off the list") + n("not a number"), off = n("off the list"), text = n("not a number")
      )
    },
    if (sum(counts) > 0L) {
      finding("report.changed",
        n = sum(counts),
        states = terms("list.count", n = counts[counts > 0L], what = words_of("cell_state", changed[counts > 0L]))
      )
    },
    if (nrow(cells) > 0L && all(cells$state %in% c("ok", "not applicable"))) finding("report.whole")
  )
}
