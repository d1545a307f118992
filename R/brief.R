#' Excel briefs for policymakers
#'
#' Writes a workbook for the world, a group of countries or one country: a first
#' sheet of one page with findings in words, a table and a chart, then indicators,
#' groups, scores or the change since the last edition, a sheet for each analysis
#' that is given, next steps, methods, notes and a change log. It holds values only.
#' Tiers lead and ranks are off; like for like is the change that leads; a country's
#' file holds no other country's figures.
#'
#' @param index From [cap_index()]; its last edition is briefed. Or from
#'   [cap_readiness()], for a workbook of the readiness alone (see Readiness).
#' @param scope `"world"`, the code of a unit, or the code or label of a group of
#'   `by` (such as `"AFR"`); looked for in this order.
#' @param previous The index of the edition before, for the change since then;
#'   by default an earlier edition of `index`, if it holds one.
#' @param analyses A list of results on the same index, in any order (see Analyses);
#'   or one such result.
#' @param by Groups, as in [cap_regions()]; the first one of a unit is its
#'   region.
#' @param users Internet users, as in [cap_regions()]; `NULL` for none.
#' @param audience Who may read it: `"country"` (default for a unit) shows the
#'   unit's own figures and, of others, medians and shares of groups of at least
#'   5 (smaller ones are suppressed); `"region"`, `"public"` and `"internal"` are
#'   for groups and the world.
#' @param release What the file says of itself, from [cap_release()]: status, version,
#'   embargo, time stamp and change log. Or a status alone, such as `"final"`.
#' @param style How it looks, from [cap_style()].
#' @param names A data frame `unit`, `name` of names that replace the United
#'   Nations' ones.
#' @param ranks Whether the world's Scores sheet gives ranks (research use).
#' @param lang Language of all texts and names: `"en"`, `"fr"` or a translation
#'   read by [cap_read_translation()].
#' @param path A file that ends in `.xlsx`, or an existing folder (the name is
#'   then made of framework, scope, status and version). `NULL` plans the brief
#'   and writes nothing.
#' @param overwrite Whether an existing file may be replaced; it is replaced
#'   whole or not at all.
#' @section Analyses:
#' Each result is known by its class, and makes sheets of its own:
#' * [cap_robustness()]: Sensitivity. A country's file has the share of replicates in
#'   each tier and no ranks; ranks stand in the world's with `ranks = TRUE`.
#' * [cap_readiness()]: Readiness. Several, of different frameworks, have a sheet each.
#' * [cap_trend()], [cap_convergence()] and [cap_mobility()], with the edition of the
#'   index as their last: Trend, for the world Convergence, and for groups Moves
#'   between tiers (which needs no more than a bridge).
#' * [cap_actions()]: Next steps. Without it a country's sheet lists what is not or
#'   partly in place, most points first; what the framework states as prerequisites
#'   stands before what requires it.
#' @section Like for like:
#' Scores of an earlier edition are comparable only under the items and weights of the
#' later one: `previous`, or a change in `analyses` that was made from two indices, gives
#' them. Without either, scores are as published, and points on both sides of a change
#' of method are not joined.
#' @section Readiness:
#' A framework that is not official (nor the user's own) stays out of the brief of an
#' index: `cap_brief(readiness, scope)` makes a workbook of its own, whose titles,
#' sheets and charts give the status of the framework and say self-assessment.
#' @section Missing values:
#' A missing answer is marked `[x]`, never 0. Countries of a group without a response are
#' named on Notes. In a country's file figures of groups under 5 are suppressed, `[c]`,
#' on every sheet. An analysis that does not know the country makes no sheet.
#' @return An object of class `cap_brief`, invisibly when a file was written:
#'   `plan` (print it to see sheets and blocks), `findings` (of the first sheet),
#'   `sheet_findings` (a list of those on the sheets of analyses), `table` (what the
#'   first table shows), `title` (without the status), `path` (`NULL` without a file).
#'   [as.data.frame()] and [cap_table()] give `table`. Scores, medians `median`,
#'   quartiles `q1` and `q3`, and maxima `max` are in points of the level:
#'   * of a unit a row a pillar and one overall: `pillar`, `score`, `max`, `median` (of
#'     its group) and `gap` to it, both `NA` for fewer than 5; indicators `in_place`,
#'     `partly`, `not`;
#'   * of a group a row a pillar and one overall: `pillar`, `median`, `q1`, `q3`, `world`
#'     (the world's median), `lowest` (the indicator with the lowest mean share of its
#'     points, or `""`);
#'   * of the world a row a group and one of all: `group`, `n` (countries with a score),
#'     countries in each tier (a column named by its label; none without tiers),
#'     `median`, `q1`, `q3`;
#'   * of a readiness a row a unit, as in [cap_readiness()].
#' @section Errors:
#' `cap_error_input` for a scope that neither units nor groups have, a group
#' without a scored unit, `ranks = TRUE` outside the world's brief, audiences
#' that do not fit the scope, analyses of another index, edition or class, two of one
#' class, a readiness that is not official beside an index; `cap_error_io` for a file that exists, a folder
#' that cannot be written and a full disk: an existing file stays as it was.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' path <- tempfile(fileext = ".xlsx")
#' brief <- cap_brief(gci, "FJI", release = "final", path = path)
#' cap_findings(brief)
#' # What other weights would do, on a sheet of its own
#' set.seed(1)
#' cap_brief(gci, "FJI", analyses = cap_robustness(gci, n = 1000))$plan
cap_brief <- function(index, scope = "world", previous = NULL, analyses = list(), by = "itu_region",
                      users = cap_users(unique(index$edition)), audience = NULL, release = cap_release("draft"),
                      style = cap_style(), names = NULL, ranks = FALSE, lang = "en", path = NULL, overwrite = FALSE) {
  own <- if (inherits(index, "cap_readiness")) index
  if (!is.null(own)) index <- readiness_index(own, as_analyses(analyses))
  check_index(index)
  check_string(scope, "scope")
  check_flag(ranks, "ranks")
  check_flag(overwrite, "overwrite")
  given <- mget(common_arguments, environment())
  common <- shared(index, "common", brief_common(index, given))
  context <- brief_context(common, scope, audience, ranks)
  if (!is.null(own)) context <- readiness_context(context, own)
  content <- if (!is.null(own)) {
    readiness_content(context)
  } else if (context$kind == "unit") {
    country_content(context)
  } else {
    group_content(context)
  }
  plan <- brief_plan(context, content)
  brief <- structure(
    list(
      plan = plan, findings = content$findings, sheet_findings = findings_by_sheet(content$sheets),
      table = content$table, title = content$title, path = NULL
    ),
    class = c("cap_brief", "cap_result")
  )
  if (is.null(path)) {
    return(brief)
  }
  brief$path <- brief_path(path, context)
  write_plan(plan, brief$path, overwrite)
  invisible(brief)
}

# Context ----------------------------------------------------------------------

common_arguments <- c("previous", "analyses", "by", "users", "release", "style", "names", "lang")

# What every brief of an index needs, whatever its scope: the edition briefed, the
# groups (`by` as given, `groups` in the language), the users of each unit, the bridge
# from the edition before, names, status and time stamp, figures of the analyses.
# `given` are those arguments of cap_brief(), by name.
brief_common <- function(index, given) {
  analyses <- as_analyses(given$analyses)
  release <- as_release(given$release)
  check_style(given$style)
  by <- as_groups(given$by, units = index$unit)
  lang <- given$lang
  previous <- given$previous
  editions <- unique(index$edition)
  if (is.null(previous) && length(editions) > 1L) {
    previous <- index_edition(index, editions[length(editions) - 1L])
  }
  current <- index_edition(index, last_edition(index))
  common <- list(
    index = current, by = by, groups = groups_in(lang, by),
    users = match_users(current, given$users), lang = lang,
    names = name_table(given$names),
    bridge = if (!is.null(previous)) cap_bridge(earlier_index(previous, current), current),
    edition = last_edition(index), edition_label = edition_label(lang, current),
    status = brief_status(lang, release), created = release$created %||% default_stamp(),
    contact = given$style$contact, paper = given$style$paper, shared = index$shared
  )
  warn_embargo(common$status, common$created)
  common$index$framework <- framework_in(lang, current$framework)
  common$changes <- brief_changes(release$changes, lang, common$status, common$created)
  common$analyses <- brief_analyses(common$index, analyses)
  common
}

# Scores by other weights or rules than the framework's are not its scores.
edition_label <- function(lang, index) {
  root <- root_code(index$framework)
  edition <- last_edition(index)
  own_rules <- !all(unlist(index$spec$aggregate) == "arithmetic")
  key <- if (is_framework_weights(index$spec$weights)) {
    if (own_rules) "edition.own_rules" else "edition.plain"
  } else {
    if (own_rules) "edition.own_both" else "edition.own_weights"
  }
  say(lang, key, index = root, edition = edition)
}

# The edition before, not the same or a later one.
earlier_index <- function(previous, current) {
  check_index(previous, "previous")
  before <- last_edition(previous)
  now <- last_edition(current)
  if (is.numeric(before) && is.numeric(now) && before >= now || identical(before, now)) {
    cap_abort_input("{.arg previous} must be of an earlier edition than {.val {now}}, not {.val {before}}.")
  }
  index_edition(previous, before)
}

# An index of one of its editions.
index_edition <- function(x, edition) {
  if (length(unique(x$edition)) == 1L) {
    return(x)
  }
  index_rows(x, edition_rows(x, edition))
}

name_table <- function(names) {
  if (is.null(names)) {
    return(NULL)
  }
  check_table(names, "names")
  check_columns(names, c(unit_column(names, "names"), "name"), "names")
  given <- as.character(names[["name"]])
  out <- data.frame(
    unit = as_code(names[[unit_column(names, "names")]]), name = xlsx_clean_text(given)$text, given = given
  )
  blank <- is.na(out$name) | !nzchar(trimws(out$name))
  if (any(blank)) {
    cap_abort_input("{.arg names} has no name for {some_units(out$unit[blank])}.")
  }
  check_once(out$unit, "names", "units")
  out
}

#' @export
cap_findings.cap_brief <- function(x, ...) x$findings

#' @export
result_tables.cap_brief <- function(x, lang, ...) list(table = lazy_table(as_plain(x$table), x$title))
