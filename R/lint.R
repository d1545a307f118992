#' Check a workbook
#'
#' What a careful reader would object to in a workbook, before it is sent: merged
#' cells, tables without a name, charts without a text for those who cannot see
#' them, broken links, numbers in a sentence that stand in no table, titles, status
#' lines or properties of a draft in a final file, another country's name in a
#' country's file, and so on. It reads any `.xlsx` file, whoever wrote it, and changes
#' nothing. What [cap_brief()], [cap_whatif()] and [cap_questionnaire()] write gives no
#' finding, where the file has the name that they give it: a name of your own should
#' say that a draft is one.
#'
#' @param path A workbook, `.xlsx` or `.xlsm`.
#' @param ... Must be empty.
#' @param names A data frame `unit`, `name` of further names of units that a
#'   country's file must not hold, beside those of [country_names]; units of
#'   one's own have no others.
#' @param rules Which rules to check; `NULL` for all. Their names are those of
#'   the column `rule`.
#' @param lang Language of the findings.
#' @return An object of class `cap_check`. `as.data.frame()` has one row a
#'   finding: `rule`; `severity` (`"fault"`: misleads or breaks; `"advice"`:
#'   harder to read); `sheet` (empty for the workbook); `cell` (the first one
#'   concerned, or empty); `what`; `advice`.
#' @details
#' A workbook says of itself that it is a brief among the keywords of its
#' properties; then it must hold values only, and a country's file no other
#' country: names in six languages (as `country_names` has them) and ISO codes
#' are looked for as whole words in cells, charts, properties, names, headers and
#' comments (not what a respondent wrote into a form of [cap_questionnaire()]). A
#' longer name goes before a shorter one inside it, so that Papua New Guinea is not
#' Guinea; names of regions, organisations, addresses and links do
#' not count. Russian and Arabic names are found as listed, not declined. A
#' workbook of another's making is taken for a country's file when its title
#' begins with a country's name and a colon.
#'
#' Live workbooks and forms say so in the same place: they may compute, and their cells
#' that compute or wait for an entry may stand outside tables.
#'
#' Numbers in the sentences of the first sheet are read with the decimal mark of
#' the file's language; without one, in any reading. Each must stand in a table,
#' rounded as the sentence has it, or in the text of one. Contrast is that of
#' WCAG 2.1 between colours that the file states: cells, conditional formats and
#' labels of charts; a table style that Excel brings itself is not known.
#'
#' Needs the package xml2.
#' @section Errors:
#' `cap_error_io` for a file that is not there, is no workbook or is broken as a
#' whole; a part that cannot be read is a finding (rule `broken`).
#' `cap_error_input` for rules that do not exist.
#' @export
#' @examplesIf rlang::is_installed("xml2")
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' path <- tempfile(fileext = ".xlsx")
#' cap_brief(gci, "FJI", release = "final", path = path)
#' cap_check_brief(path)
cap_check_brief <- function(path, ..., names = NULL, rules = NULL, lang = "en") {
  check_dots("cap_check_brief", ...)
  check_string(path, "path")
  known <- lint_rules()
  if (is.null(rules)) rules <- base::names(known)
  unknown <- setdiff(rules, base::names(known))
  if (!is.character(rules) || length(unknown) > 0L) {
    cap_abort_input(c(
      "{.arg rules} must be names of rules, not {some_of(unknown)}.",
      "i" = "There are {.val {base::names(known)}}."
    ))
  }
  find_language(lang) # refuses one without sentences before any work
  check_files(path, folders = FALSE)
  rlang::check_installed("xml2", "to read workbooks.")
  book <- read_workbook(path)
  book$own_names <- name_table(names)
  table <- do.call(rbind, lapply(unique(rules), function(name) flaw_table(name, known[[name]], book, lang)))
  structure(
    list(file = book$file, sheets = nrow(book$sheets), rules = unique(rules), table = table, lang = lang),
    class = c("cap_check", "cap_result")
  )
}

# Every rule: a function of the workbook as read_workbook() gives it, how severe
# a finding is, and the template that says what to do. A new rule is a function
# and a line here.
lint_rules <- function() {
  rule <- function(run, severity, advice) list(run = run, severity = severity, advice = advice)
  list(
    broken = rule(find_broken, "fault", "advice.broken"),
    merged = rule(find_merged, "fault", "advice.merged"),
    title = rule(find_untitled, "fault", "advice.title"),
    table_name = rule(find_unnamed, "fault", "advice.table_name"),
    header = rule(find_headers, "fault", "advice.header"),
    number_as_text = rule(find_numbers_as_text, "fault", "advice.number_as_text"),
    injection = rule(find_injection, "fault", "advice.injection"),
    error = rule(find_errors, "fault", "advice.error"),
    uncached = rule(find_uncached, "fault", "advice.uncached"),
    formula = rule(find_formulas, "fault", "advice.formula"),
    chart_title = rule(find_chart_titles, "fault", "advice.chart_title"),
    alt_text = rule(find_alt_texts, "fault", "advice.alt_text"),
    chart_range = rule(find_chart_ranges, "fault", "advice.chart_range"),
    chart_kind = rule(find_chart_kinds, "advice", "advice.chart_kind"),
    icons = rule(find_icons, "fault", "advice.icons"),
    contrast = rule(find_contrast, "fault", "advice.contrast"),
    red_green = rule(find_red_green, "advice", "advice.red_green"),
    link = rule(find_links, "fault", "advice.link"),
    relationship = rule(find_relationships, "fault", "advice.relationship"),
    extra = rule(find_extras, "fault", "advice.extra"),
    name = rule(find_names, "fault", "advice.name"),
    sheet_name = rule(find_sheet_names, "fault", "advice.sheet_name"),
    hidden = rule(find_hidden, "fault", "advice.hidden"),
    cursor = rule(find_cursor, "advice", "advice.cursor"),
    print = rule(find_print, "advice", "advice.print"),
    size = rule(find_size, "advice", "advice.size"),
    property = rule(find_properties, "fault", "advice.property"),
    status = rule(find_status, "fault", "advice.status"),
    status_place = rule(find_status_places, "fault", "advice.status_place"),
    number = rule(find_numbers, "fault", "advice.number"),
    unit = rule(find_units, "fault", "advice.unit")
  )
}

flaw_table <- function(name, rule, book, lang) {
  language <- find_language(lang)
  flaws <- rule$run(book)
  at <- vapply(flaws, function(x) as.integer(x$sheet), 0L)
  sheet <- book$sheets$name[at]
  frame(
    rule = rep(name, length(flaws)), severity = rep(rule$severity, length(flaws)),
    sheet = ifelse(is.na(sheet), "", sheet), cell = vapply(flaws, function(x) as.character(x$cell), ""),
    what = vapply(flaws, function(x) fill_template(language, x$found), ""),
    advice = rep(fill_template(language, finding(rule$advice)), length(flaws))
  )
}

#' @export
result_tables.cap_check <- function(x, lang, ...) {
  list(flaws = lazy_table(x$table, say(x$lang, "title.check", file = x$file)))
}

SHOWN_FLAWS <- 15L

#' @export
cap_findings.cap_check <- function(x, ...) {
  table <- utils::head(x$table, SHOWN_FLAWS)
  place <- paste0(table$sheet, ifelse(nzchar(table$sheet) & nzchar(table$cell), "!", ""), table$cell)
  found <- c(
    list(if (nrow(x$table) == 0L) {
      finding("check.none", file = x$file, rules = length(x$rules), sheets = x$sheets)
    } else {
      finding("check.some", file = x$file, n = nrow(x$table), rules = length(unique(x$table$rule)))
    }),
    lapply(seq_len(nrow(table)), function(i) {
      if (nzchar(place[i])) {
        finding("check.at", place = place[i], what = table$what[i])
      } else {
        finding("check.whole", what = table$what[i])
      }
    }),
    list(if (nrow(x$table) > SHOWN_FLAWS) finding("check.more", n = nrow(x$table) - SHOWN_FLAWS))
  )
  do.call(findings, c(list(x$lang), found))
}
