#' A framework as a form to fill in
#'
#' Writes a framework as a workbook that a colleague without R fills in: a first
#' sheet with whose answers they are, how to fill in, progress and a provisional
#' result; a sheet for each branch below the root with the questions, drop-downs,
#' evidence, source and comment; what the score and the stages rest on; the lists
#' of the drop-downs; and what the form is. The same for experts who give weights.
#' [cap_read_questionnaire()] reads it back.
#'
#' @param framework A framework or what [cap_framework()] takes.
#' @param answers From [cap_answers()] or [cap_index()]: answers of `unit` to fill in, of its last
#'   edition.
#' @param unit The code of the unit, or the name of the expert. May be left out
#'   when `answers` hold one unit, and for an empty form.
#' @param kind `"answers"`, or `"weights"`: for experts who divide 100 points among
#'   the items below each parent.
#' @param pairs With `kind = "weights"`: also ask for pairwise judgements, for
#'   [cap_weights_ahp()], of the items of parents with 3 to 7 of them.
#' @param edition What the edition of the answers is filled in with; by default
#'   that of `answers`, else the framework's where that is a year.
#' @param evidence,not_applicable,external Also filled in: data frames as
#'   [cap_read_questionnaire()] returns and [cap_readiness()] takes; `evidence`
#'   has `unit`, `item` and any of `grade`, `evidence`, `source`, `comment` (and
#'   `edition`); `external` has `unit`, `framework`, `stage` (and `edition`).
#' @param levels What the answers mean: a character vector named by answer, such
#'   as `c("0" = "absent", "1" = "implicit")`; shown in the help of each item that
#'   has the answer on its list. By default the framework's `scale`.
#' @param help A data frame `item`, `text`: your own words beside the questions,
#'   such as the official wording.
#' @param release What the form says of itself, from [cap_release()]: status
#'   (`"draft"`, `"verification"` or `"final"`), version and time stamp. Or a status
#'   alone, such as `"final"`.
#' @param style Contact and paper, from [cap_style()].
#' @param lang Language of the form: a code, or a translation from
#'   [cap_read_translation()]. Labels of the shipped frameworks follow it; codes, and what
#'   you give, stay as they are.
#' @param path A file that ends in `.xlsx`, or an existing folder (the name is
#'   then made of framework, kind, unit, status and version). `NULL` plans the
#'   form and writes nothing.
#' @param overwrite Whether an existing file may be replaced; it is replaced
#'   whole or not at all.
#'
#' @details
#' Items stand on the sheet of the branch of the root that they belong to; items
#' right below the root stand on a sheet of their own. The list of an item holds
#' its levels where its scale and its gates are whole numbers, else the ends and
#' the middle of its scale, between which any number may be typed; scales of more
#' than 21 levels take a number. `optional` items have a cell of their own for "not applicable".
#'
#' The provisional score is the weighted arithmetic mean of the framework, live: an
#' empty answer has no points, as in `cap_index(missing = "zero")`, and items that
#' do not apply leave both sides of the fraction, as in [cap_readiness()]. Tier and
#' stage follow from it and from the gates as there. Formulas carry the values that
#' cybercap computed.
#'
#' Everything but the tinted cells is locked, without a password: a protection
#' against accidents. Column widths and filters stay free. No sheet is hidden.
#'
#' Numbers are stored with 16 significant digits; text with up to 32,766
#' characters, with line breaks as line feeds and tabs as blanks; control characters are
#' replaced.
#' `cap_findings()` counts what was replaced or cut.
#'
#' @section Missing values:
#' A missing answer is an empty cell; it is counted as not answered.
#' @section Errors:
#' `cap_error_input` for arguments that do not fit: answers to another framework, a
#' unit that `answers` lack, unknown items, grades that are not A to D, an
#' embargo, a change log, other languages; a weights form of a framework in which no parent has two items.
#' `cap_error_io` for a file that exists, a folder that cannot be written and a
#' full disk: an existing file stays as it was.
#' @return An object of class `cap_questionnaire`, invisibly when a file was
#'   written: `plan`, `path`, `framework`, `kind`; `as.data.frame()` has a row for
#'   each cell to fill in for an item: `sheet, cell, item, label, value`.
#' @seealso [cap_read_questionnaire()]
#' @export
#' @examples
#' path <- tempfile(fileext = ".xlsx")
#' form <- cap_questionnaire("cirt-readiness", path = path)
#' form
#' # With the answers of the last edition
#' gci <- cap_answers(subset(gci_items, edition == 2024), "gci-2024")
#' cap_questionnaire("gci-2024", gci, "FJI", release = "verification", path = path, overwrite = TRUE)
#' cap_read_questionnaire(path, "gci-2024")
cap_questionnaire <- function(framework, answers = NULL, unit = NULL, kind = c("answers", "weights"), pairs = FALSE,
                              edition = NULL, evidence = NULL, external = NULL, not_applicable = NULL,
                              levels = NULL, help = NULL, release = cap_release("draft"), style = cap_style(),
                              lang = "en", path = NULL, overwrite = FALSE) {
  framework <- cap_framework(framework)
  shown <- framework_in(lang, framework)
  kind <- choose(kind, c("answers", "weights"), "kind")
  release <- check_no_changes(as_release(release, setdiff(release_statuses, "embargoed")), "a form")
  check_style(style)
  check_flag(overwrite, "overwrite")
  check_flag(pairs, "pairs")
  given <- list(
    answers = answers, evidence = evidence, not_applicable = not_applicable, external = external, levels = levels
  )
  check_form_parts(kind, pairs, given)
  form <- list(
    framework = shown, original = framework, share = tree_shares(cap_weights(framework), framework),
    kind = kind, pairs = pairs, lang = lang, status = release$status, version = release$version,
    created = release$created %||% default_stamp(), contact = style$contact, paper = style$paper,
    words = form_words(lang), help = form_help(help, framework)
  )
  form <- c(form, if (kind == "answers") {
    given_answers(framework, lang, unit, edition, given)
  } else {
    list(unit = given_unit(unit), values = NULL)
  })
  form$layout <- form_layout(form)
  form$scales <- form_scales(form)
  form$scales_of <- attr(form$scales, "of")
  form$lists <- form_lists(form)
  content <- if (kind == "answers") answer_sheets(form) else weight_sheets(form)
  new_questionnaire(form, content, path, overwrite)
}

new_questionnaire <- function(form, content, path, overwrite) {
  sheets <- c(content$sheets, list(lists_sheet(form), about_sheet(form)))
  plan <- form_plan(form, sheets)
  content$table$cell <- unlist(lapply(content$asked, cell_names, plan = plan))
  out <- structure(
    list(
      plan = plan, path = NULL, framework = form$original, kind = form$kind,
      title = form_title(form), lang = form$lang,
      table = content$table[c("sheet", "cell", "item", "label", "value")], filled = content$filled,
      cleaned = count_cleaned(sheets)
    ),
    class = c("cap_questionnaire", "cap_result")
  )
  if (is.null(path)) {
    return(out)
  }
  out$path <- form_path(path, form)
  write_plan(out$plan, out$path, overwrite)
  invisible(out)
}

# What only one kind of form has.
check_form_parts <- function(kind, pairs, parts) {
  given <- names(parts)[!vapply(parts, is.null, NA)]
  if (kind == "weights" && length(given) > 0L) {
    cap_abort_input("A form for weights has no {.arg {given}}; give {.code kind = \"answers\"} for those.")
  }
  if (kind == "answers" && pairs) {
    cap_abort_input("{.arg pairs} goes with {.code kind = \"weights\"}.")
  }
  invisible(kind)
}

# What is filled in ------------------------------------------------------------

given_unit <- function(unit) {
  if (is.null(unit)) {
    return(NA_character_)
  }
  if (!is.atomic(unit) || length(unit) != 1L || is.na(as_code(unit))) {
    cap_abort_input("{.arg unit} must be one code, not {.obj_type_friendly {unit}}.")
  }
  if (is.numeric(unit)) format_code(unit) else as_code(unit)
}

# list(unit, edition, values, applies, grade, evidence, source, comment, external,
# levels): of one unit, in order of the answers' columns. `given` are the arguments
# answers, evidence, not_applicable, external and levels of the form.
given_answers <- function(framework, lang, unit, edition, given) {
  answers <- form_answers(given$answers, framework)
  unit <- given_unit(unit)
  row <- form_row(answers, unit)
  if (!is.null(answers) && is.na(unit)) unit <- answers$unit[row]
  n <- length(framework$leaves)
  values <- if (is.null(row)) rep(NA_real_, n) else answers$values[row, ]
  if (is.null(edition)) edition <- if (is.null(row)) year_of(framework$edition) else answers$edition[row]
  if (!is.atomic(edition) || length(edition) != 1L) {
    cap_abort_input("{.arg edition} must be one year or label, not {.obj_type_friendly {edition}}.")
  }
  cells <- form_cells(framework, unit, edition, values)
  details <- form_evidence(given$evidence, cells, answer_sources(answers, row, n))
  applies <- !marked_cells(given$not_applicable, cells, "not_applicable")[1L, ]
  check_open(applies, framework)
  values[!applies] <- NA
  c(
    list(
      unit = unit, edition = edition, values = values, applies = applies,
      external = form_external(given$external, framework, unit),
      levels = form_levels(given$levels, framework, lang)
    ),
    details
  )
}

# The edition of a framework, if it is a year.
year_of <- function(edition) if (grepl("^[12][0-9]{3}$", edition)) edition else ""

form_answers <- function(answers, framework) {
  if (is.null(answers)) {
    return(NULL)
  }
  if (inherits(answers, "cap_index")) answers <- answers$answers
  check_answers(answers)
  answers <- answers_for(answers, framework)
  check_on_scale(answers)
  answers
}

# The row of the unit's last edition.
form_row <- function(answers, unit) {
  if (is.null(answers)) {
    return(NULL)
  }
  if (is.na(unit)) {
    if (length(unique(answers$unit)) > 1L) {
      cap_abort_input(c(
        "{.arg answers} hold {length(unique(answers$unit))} units: say which {.arg unit} the form is for.",
        "i" = "Units: {some_of(answers$unit)}."
      ))
    }
    return(length(answers$unit))
  }
  check_units(unit, answers$unit, "unit", "`answers`")
  max(which(answers$unit == unit))
}

answer_sources <- function(answers, row, n) {
  code <- if (is.null(row) || is.null(answers$sources)) rep(0L, n) else answers$sources[row, ]
  code[code == 0L] <- NA
  as.character(answers$source_labels)[code]
}

# What match_cells() looks into: one unit.
form_cells <- function(framework, unit, edition, values) {
  structure(
    list(
      framework = framework, unit = unit, edition = tidy_edition(edition), values = matrix(values, 1L),
      sources = NULL
    ),
    class = c("cap_answers", "cap_result")
  )
}

form_evidence <- function(evidence, cells, source) {
  n <- ncol(cells$values)
  out <- list(
    grade = rep(NA_character_, n), evidence = rep(NA_character_, n), source = source, comment = rep(NA_character_, n)
  )
  if (is.null(evidence)) {
    return(out)
  }
  found <- match_cells(evidence, cells, "evidence")
  check_grades(evidence, evidence_grades)
  for (column in intersect(names(out), names(evidence))) {
    text <- plain_text(as.character(evidence[[column]])[found$from])
    filled <- !is.na(text)
    out[[column]][found$at[filled, 2L]] <- text[filled]
  }
  out$grade <- as_code(out$grade)
  out
}

check_open <- function(applies, framework) {
  closed <- !applies & framework$items$optional[framework$leaves] == 0
  if (any(closed)) stop_closed(leaf_codes(framework)[closed], framework)
  invisible(applies)
}

# Stages reached in other frameworks, in order of external_gates(); NA unknown.
form_external <- function(external, framework, unit) {
  asked <- external_gates(framework)
  out <- rep(NA_real_, length(asked))
  for (table in external_tables(external)) {
    at <- match(table$framework, asked)
    if (is.na(at)) {
      id <- table$framework
      cap_abort_input("{.arg external} has stages of {.val {id}}, which no gate of {.val {framework$id}} asks for.")
    }
    mine <- which(table$unit %in% unit)
    if (length(mine) > 0L) out[at] <- table$low[mine[length(mine)]]
  }
  out
}

# data frame value, meaning; by default as the framework says, in the language.
form_levels <- function(levels, framework, lang) {
  if (is.null(levels)) {
    return(scale_levels(framework_in(lang, framework)$scale))
  }
  value <- suppressWarnings(as.numeric(names(levels)))
  if (!is.character(levels) || length(value) == 0L || anyNA(value) || anyDuplicated(value) || anyNA(levels)) {
    cap_abort_input(c(
      "{.arg levels} must be words named by answer, each once.",
      "i" = "Such as {.code c(\"0\" = \"absent\", \"1\" = \"implicit\")}."
    ))
  }
  if (any(value < min(leaf_min(framework)) | value > max(leaf_max(framework)))) {
    cap_abort_input("{.arg levels} names answers that no item of {.val {framework$id}} has: {some_of(names(levels))}.")
  }
  data.frame(value = value, meaning = unname(levels))
}

# Own help text of each item, in order of the items; NA none.
form_help <- function(help, framework) {
  out <- rep(NA_character_, nrow(framework$items))
  if (is.null(help)) {
    return(out)
  }
  check_table(help, "help")
  check_columns(help, c("item", "text"), "help")
  item <- as_code(help[["item"]])
  check_items(item, framework$items$code, "help", framework)
  out[match(item, framework$items$code)] <- plain_text(as.character(help[["text"]]))
  out
}

# The file ---------------------------------------------------------------------

form_path <- function(path, form) {
  name <- paste(c(
    form$framework$id, if (form$kind == "weights") "weights" else "form", if (!is.na(form$unit)) form$unit,
    if (form$status != "final") c(form$status, paste0("v", form$version))
  ), collapse = "-")
  as_xlsx_path(path, paste0(gsub("[^A-Za-z0-9._-]+", "-", name), ".xlsx"))
}

form_plan <- function(form, sheets) {
  subject <- say(form$lang, "form.subject", framework = form$framework$title, status = form_status(form))
  plan_of_parts(finish_parts(form$lang, sheets), list(
    title = form_title(form), subject = subject, author = say(form$lang, "form.disclaimer"), company = "",
    keywords = form_keywords(form), comments = form_status_line(form), status = form_status(form),
    created = form$created
  ))
}

form_keywords <- function(form) {
  one_unit <- form$kind == "answers" && !is.na(form$unit)
  marked_keywords(say(form$lang, "form.keywords", framework = form$framework$id), c(
    file = "form", if (one_unit) c(kind = "unit", scope = form$unit, audience = "country"),
    status = form$status, lang = find_language(form$lang)$code
  ))
}


#' @export
result_tables.cap_questionnaire <- function(x, lang, ...) list(items = lazy_table(x$table, term("caption_class.questionnaire")))

#' @export
cap_findings.cap_questionnaire <- function(x, ..., lang = "en") {
  findings(
    lang,
    finding("questionnaire.size",
      title = x$title, n = nrow(x$table), sheets = length(unique(x$table$sheet)), filled = x$filled
    ),
    status_finding(x$framework),
    if ("illustrative" %in% x$framework$stages$status) finding("framework.illustrative"),
    if (sum(x$cleaned) > 0) {
      finding("questionnaire.cleaned", replaced = x$cleaned[["replaced"]], cut = x$cleaned[["cut"]])
    }
  )
}
