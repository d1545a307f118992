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
#' @param audience Who may read it: `"country"` (default for a unit) shows the
#'   unit's own figures and, of others, medians and shares of groups of at least
#'   5 (smaller ones are suppressed); `"region"`, `"public"` and `"internal"` are
#'   for groups and the world.
#' @param status `"draft"`, `"verification"`, `"embargoed"` (needs
#'   `embargo_until`) or `"final"`; said in the titles, the status line, the
#'   document properties and, when `path` is a folder, the file name.
#' @param version A version label.
#' @param lang Language of all texts and names: `"en"`, `"fr"` or a translation
#'   read by [cap_read_translation()].
#' @param previous The index of the edition before, for the change since then;
#'   by default an earlier edition of `index`, if it holds one.
#' @param by Groups, as in [cap_regions()]; the first one of a unit is its
#'   region.
#' @param users Internet users, as in [cap_regions()].
#' @param names A data frame `unit`, `name` of names that replace the United
#'   Nations' ones.
#' @param contact A line that says whom to ask.
#' @param embargo_until A date, with `status = "embargoed"`; one before the day of
#'   `created` is warned of.
#' @param ranks Whether the world's Scores sheet gives ranks (research use).
#' @param robustness From [cap_robustness()], of the same index: the sheet
#'   Sensitivity. A country's file has the share of replicates in each tier and no
#'   ranks; ranks stand in the world's with `ranks = TRUE`.
#' @param readiness From [cap_readiness()], or a list of such results for several
#'   frameworks: a sheet Readiness each.
#' @param trend From [cap_trend()], [cap_convergence()] or [cap_mobility()], or a list
#'   of them, with the edition of the index as their last: the sheets Trend, for the
#'   world Convergence, and for groups Moves between tiers (which needs no more than a
#'   bridge).
#' @param actions From [cap_actions()]: the sheet Next steps. Without it a country's
#'   sheet lists what is not or partly in place, most points first; what the
#'   framework states as prerequisites stands before what requires it.
#' @param changes Earlier versions of the file for the sheet Change log: a data frame
#'   `version`, `date` (a date or a text such as `"2024-09-12"`, `"2024-09"` or `"2024"`;
#'   `NA` for none), `text`. This version is added as its last row, unless its last
#'   row is this version's.
#' @param paper Format of the printed pages.
#' @param ... Must be empty.
#' @param path A file that ends in `.xlsx`, or an existing folder (the name is
#'   then made of framework, scope, status and version). `NULL` plans the brief
#'   and writes nothing.
#' @param overwrite Whether an existing file may be replaced; it is replaced
#'   whole or not at all.
#' @param created Time stamp (date-time, date or seconds since 1970) of the
#'   document; default the environment variable `SOURCE_DATE_EPOCH`, else now.
#'   The same stamp gives the same bytes.
#' @section Like for like:
#' Scores of an earlier edition are comparable only under the items and weights of the
#' later one: `previous`, or a change in `trend` that was made from two indices, gives
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
#' that do not fit the scope, analyses of another index or edition, a readiness that is
#' not official beside an index, malformed `changes`; `cap_error_io` for a file that exists, a folder
#' that cannot be written and a full disk: an existing file stays as it was.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' path <- tempfile(fileext = ".xlsx")
#' brief <- cap_brief(gci, "FJI", status = "final", path = path)
#' cap_findings(brief)
#' # What other weights would do, on a sheet of its own
#' set.seed(1)
#' cap_brief(gci, "FJI", robustness = cap_robustness(gci, n = 1000))$plan
cap_brief <- function(index, scope = "world", audience = NULL,
                      status = c("draft", "verification", "embargoed", "final"),
                      version = "1.0", lang = "en", ..., previous = NULL,
                      by = "itu_region", users = cap_users(unique(index$edition)),
                      names = NULL, contact = NULL, embargo_until = NULL,
                      ranks = FALSE, robustness = NULL, readiness = NULL, trend = NULL, actions = NULL,
                      changes = NULL, paper = c("A4", "Letter"),
                      path = NULL, overwrite = FALSE, created = NULL) {
  own <- if (inherits(index, "cap_readiness")) index
  if (!is.null(own)) index <- readiness_index(own, list(robustness = robustness, readiness = readiness, trend = trend))
  check_index(index)
  refuse_dots("cap_brief", ...)
  check_string(scope, "scope")
  check_flag(ranks, "ranks")
  check_flag(overwrite, "overwrite")
  common <- shared(index, "common", brief_common(
    index, status, version, lang, previous, by, users, names, contact, embargo_until, created,
    robustness, readiness, trend, actions, changes, paper
  ))
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

# Context -------------------------------------------------------------------

# What every brief of an index needs, whatever its scope: the edition briefed, the
# groups (`by` as given, `groups` in the language), the users of each unit, the bridge
# from the edition before, names, status and time stamp.
brief_common <- function(index, status, version, lang, previous, by, users, names, contact,
                         embargo_until, created, robustness = NULL, readiness = NULL, trend = NULL,
                         actions = NULL, changes = NULL, paper = "A4") {
  check_string(version, "version")
  check_string(contact, "contact", allow_null = TRUE)
  own_groups <- is.data.frame(by) # whose labels are the user's words
  by <- as_groups(by, units = index$unit)
  editions <- unique(index$edition)
  if (is.null(previous) && length(editions) > 1L) {
    previous <- index_edition(index, editions[length(editions) - 1L])
  }
  current <- index_edition(index, last_edition(index))
  common <- list(
    index = current, by = by, groups = if (own_groups) by else groups_in(lang, by), own_groups = own_groups,
    users = match_users(current, users), lang = lang,
    names = name_table(names),
    bridge = if (!is.null(previous)) cap_bridge(earlier_index(previous, current), current),
    edition = last_edition(index), edition_label = edition_label(lang, current),
    status = brief_status(lang, status, version, embargo_until), created = stamp(created),
    contact = contact, paper = choose(paper, c("A4", "Letter"), "paper"), shared = index$shared
  )
  warn_embargo(common$status, common$created)
  common$index$framework <- framework_in(lang, current$framework)
  common$changes <- brief_changes(changes, lang, common$status, common$created)
  common$analyses <- brief_analyses(common$index, robustness, readiness, trend, actions)
  common
}

brief_context <- function(common, scope, audience, ranks) {
  context <- c(find_scope(common$index, scope, common$by), common)
  context$label <- scope_label(context)
  context$audience <- brief_audience(audience, context$kind)
  context$ranks <- brief_ranks(ranks, context$kind)
  context
}

# The name of the world, a group or a unit, in the language of the brief.
scope_label <- function(context) {
  switch(context$kind,
    world = say(context$lang, "word.world"),
    group = if (context$own_groups) context$label else label_in(context$lang, context$label),
    unit = shown_names(context, context$code)
  )
}

# Scores by other weights or rules than the framework's are not its scores.
edition_label <- function(lang, index) {
  root <- root_code(index$framework)
  edition <- last_edition(index)
  own_weights <- index$spec$weights$method != "framework"
  own_rules <- !all(unlist(index$spec$aggregate) == "arithmetic")
  if (own_weights && own_rules) {
    say(lang, "edition.own_both", index = root, edition = edition)
  } else if (own_weights) {
    say(lang, "edition.own_weights", index = root, edition = edition)
  } else if (own_rules) {
    say(lang, "edition.own_rules", index = root, edition = edition)
  } else {
    say(lang, "edition.plain", index = root, edition = edition)
  }
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

# kind, code, label and rows (of the index); refused where there is no score.
find_scope <- function(index, scope, groups) {
  found <- locate_scope(index, scope, groups)
  if (is.null(found)) {
    cap_abort_input(c(
      "{.arg scope} {.val {scope}} is neither a unit of the index nor a group of {.arg by}.",
      "i" = "Groups: {.val {unique(groups$group)}}; units such as {.val {index$unit[1L]}}; or {.val world}."
    ))
  }
  root <- index$framework$root
  if (all(is.na(index$scores[found$rows, root]))) {
    switch(found$kind,
      world = cap_abort_input("No unit has an overall score, so there is no brief to write."),
      unit = cap_abort_input(c(
        "{.val {scope}} has no overall score, so there is no brief to write.",
        "i" = "Its answers cover {format_number(100 * index$coverage[found$rows, root], 0)} % of the weight."
      )),
      group = cap_abort_input("Group {.val {found$code}} has no unit with a score in the index.")
    )
  }
  found
}

# The same for any scope; NULL for one that is not there.
locate_scope <- function(index, scope, groups) {
  if (scope == "world") {
    return(list(kind = "world", code = "world", rows = seq_along(index$unit)))
  }
  if (scope %in% index$unit) {
    return(list(kind = "unit", code = scope, rows = which(index$unit == scope)))
  }
  group <- c(groups$group, groups$group)[match(scope, c(groups$group, groups$label))]
  if (!is.na(group)) {
    members <- groups[groups$group == group, ]
    list(kind = "group", code = group, label = members$label[1L], rows = which(index$unit %in% members$unit))
  }
}

name_table <- function(names) {
  if (is.null(names)) {
    return(NULL)
  }
  check_data_frame(names, "names")
  check_columns(names, c(unit_column(names, "names"), "name"), "names")
  given <- as.character(names[["name"]])
  out <- data.frame(
    unit = as_code(names[[unit_column(names, "names")]]), name = xlsx_clean_text(given)$text, given = given
  )
  blank <- is.na(out$name) | !nzchar(trimws(out$name))
  if (any(blank)) {
    cap_abort_input("{.arg names} has no name for {some_of(out$unit[blank])}.")
  }
  if (anyDuplicated(out$unit)) {
    cap_abort_input("{.arg names} names more than once: {some_of(out$unit[duplicated(out$unit)])}.")
  }
  out
}

# A user's own names go before those of the United Nations.
shown_names <- function(context, unit) {
  own <- context$names$name[match(unit, context$names$unit)]
  if (is.null(own)) own <- rep(NA_character_, length(unit))
  ifelse(is.na(own), unit_names(unit, context$lang), own)
}

brief_status <- function(lang, status, version, embargo_until) {
  status <- choose(status, c("draft", "verification", "embargoed", "final"), "status")
  until <- NULL
  if (status != "embargoed" && !is.null(embargo_until)) {
    cap_abort_input("{.arg embargo_until} goes with {.code status = \"embargoed\"}, not with {.val {status}}.")
  }
  if (status == "embargoed") {
    until <- embargo_day(embargo_until)
  }
  list(
    status = status, version = version, until = until,
    label = switch(status,
      draft = say(lang, "status.draft", version = version),
      verification = say(lang, "status.verification", version = version),
      embargoed = say(lang, "status.embargoed", until = until, version = version),
      final = say(lang, "status.final", version = version)
    ),
    prefix = switch(status,
      draft = paste0(say(lang, "prefix.draft"), " "),
      verification = paste0(say(lang, "prefix.verification"), " "),
      embargoed = paste0(say(lang, "prefix.embargoed"), " "),
      final = ""
    )
  )
}

# As text, a day must be written with its year first: "31/12/24" has three readings.
embargo_day <- function(until) {
  day <- if (inherits(until, c("Date", "POSIXt"))) format(until, "%Y-%m-%d") else trimws(as.character(until))
  if (length(day) != 1L || !grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", day) || is.na(as.Date(day, "%Y-%m-%d"))) {
    cap_abort_input(c(
      "{.code status = \"embargoed\"} needs {.arg embargo_until}, one date such as {.val 2024-12-31}.",
      "x" = if (length(day) == 1L) "{.val {day}} is none."
    ))
  }
  day
}

# Whoever reads it would take it for released.
warn_embargo <- function(status, created) {
  made <- stamp_day(created)
  if (!is.null(status$until) && status$until < made) {
    warn_classed(c(
      "The embargo ends on {status$until}, before {made}, the day of the brief.",
      "i" = "Give {.arg embargo_until} a later day, or {.code status = \"final\"} when it is released."
    ))
  }
}

brief_audience <- function(audience, kind) {
  fits <- if (kind == "unit") c("country", "internal") else c("public", "region", "internal")
  if (is.null(audience)) {
    return(if (kind == "group") "region" else fits[[1L]])
  }
  choose(audience, fits, "audience")
}

brief_ranks <- function(ranks, kind) {
  if (ranks && kind != "world") {
    cap_abort_input("Ranks stand in no country's and no region's file: {.code ranks = TRUE} is for {.code scope = \"world\"}.")
  }
  ranks
}

# Seconds since 1970.
stamp <- function(created) {
  if (is.null(created)) {
    epoch <- Sys.getenv("SOURCE_DATE_EPOCH")
    created <- if (nzchar(epoch)) suppressWarnings(as.numeric(epoch)) else Sys.time()
    if (is.na(created)) {
      cap_abort_input("The environment variable {.envvar SOURCE_DATE_EPOCH} must be seconds since 1970, not {.val {epoch}}.")
    }
  }
  if (is.logical(created)) created <- NA
  seconds <- tryCatch(
    if (is.character(created)) as.POSIXct(created, tz = "UTC") else created,
    error = function(e) NA
  )
  if (inherits(seconds, "Date")) seconds <- as.POSIXct(format(seconds), tz = "UTC")
  seconds <- suppressWarnings(floor(as.numeric(seconds)))
  if (length(seconds) != 1L || !is.finite(seconds) || seconds <= 0) {
    cap_abort_input("{.arg created} must be one date, date-time or number of seconds after 1970-01-01.")
  }
  seconds
}

# Such seconds as a reader reads them.
stamp_text <- function(seconds, format = "%Y-%m-%d %H:%M:%S UTC") {
  format(as.POSIXct(seconds, origin = "1970-01-01", tz = "UTC"), format)
}

brief_path <- function(path, context) {
  check_string(path, "path")
  if (dir.exists(path)) {
    return(file.path(path, brief_file(context$index$framework, context$code, context$status)))
  }
  if (!grepl("[.]xlsx$", path, ignore.case = TRUE)) {
    cap_abort_input(c(
      "{.arg path} must end in {.file .xlsx} or be an existing folder.",
      "x" = "It is {.path {path}}."
    ))
  }
  path
}

# The name of a brief's file, safe on every system.
brief_file <- function(framework, code, status) {
  gsub("[^A-Za-z0-9._-]+", "-", paste0(framework$id, "-", code, "-", status$status, "-v", status$version, ".xlsx"))
}

#' @export
cap_findings.cap_brief <- function(x, ...) x$findings

#' @export
as.data.frame.cap_brief <- function(x, row.names = NULL, optional = FALSE, ...) as_plain(x$table)

#' @export
cap_table.cap_brief <- function(x, ...) new_table(x$table, x$title)

# Figures of the scope ----------------------------------------------------------

# "Tier 4 (Evolving)" for the band of a score.
tier_label <- function(lang, framework, band) {
  label <- tier_short(lang, framework$bands$label)[band]
  name <- framework$bands$name[band]
  full <- vapply(
    seq_along(band), function(i) say(lang, "tier.named", tier = label[i], name = name[i]), ""
  )
  ifelse(is.na(band), say(lang, "tier.none"), ifelse(name == framework$bands$label[band], label, full))
}

# "Tier 4" for the label T4; other labels stay.
tier_short <- function(lang, label) {
  label <- as.character(label)
  numbered <- grepl("^T[0-9]+$", label)
  label[numbered] <- vapply(
    sub("^T", "", label[numbered]), function(n) say(lang, "tier.numbered", n = n), ""
  )
  label
}

# "Tier 4, Evolving": in tables and charts.
tier_long <- function(lang, bands) {
  vapply(seq_len(nrow(bands)), function(b) {
    short <- tier_short(lang, bands$label[b])
    if (bands$name[b] == bands$label[b]) short else say(lang, "tier.listed", tier = short, name = bands$name[b])
  }, "")
}

# How many of `rows` have each item in place, partly, not, and unanswered. A full answer
# on a scale that begins above 0 may come out a rounding error short of it.
item_states <- function(index, rows) {
  framework <- index$framework
  value <- from_zero(index$answers$values[rows, , drop = FALSE], framework$arrays)
  reached <- t(t(value) / leaf_max(framework))
  reversed <- framework$items$direction[framework$leaves] < 0
  reached[, reversed] <- 1 - reached[, reversed]
  data.frame(
    in_place = colSums(reached >= 1 - 1e-9, na.rm = TRUE),
    partly = colSums(reached > 1e-9 & reached < 1 - 1e-9, na.rm = TRUE),
    not = colSums(reached <= 1e-9, na.rm = TRUE),
    unanswered = colSums(is.na(reached))
  )
}

state_words <- function(lang) {
  c(
    in_place = say(lang, "word.in_place"), partly = say(lang, "word.partly"), not = say(lang, "word.not"),
    unanswered = "[x]"
  )
}

leaf_points <- function(index) node_points(index)[index$framework$leaves]

leaf_pillars <- function(framework) {
  pillar <- pillar_of(framework, framework$leaves)
  framework$items$label[ifelse(is.na(pillar), framework$leaves, pillar)]
}

# Names in the order that a reader looks them up: accents do not count.
name_order <- function(names) {
  plain <- chartr("\u0622\u0623\u0625", "\u0627\u0627\u0627", plain_letters(names)) # so do hamza and madda on an alef
  order(tolower(plain), names, method = "radix")
}

# Letters of Latin-1 without their accents: from A with grave accent on, 32 capitals
# and as many small ones.
plain_letters <- function(text) {
  capitals <- "AAAAAA?CEEEEIIII?NOOOOO??UUUUY??"
  accented <- intToUtf8(c(0xC0:0xDF, 0xE0:0xFF))
  chartr(accented, paste0(capitals, tolower(capitals)), enc2utf8(text))
}
