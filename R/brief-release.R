#' The release of a brief, a live workbook or a form
#'
#' What such a file says of itself: how far it has come, its version, when it was made
#' and what earlier versions of it said. [cap_brief()], [cap_briefs()], [cap_whatif()]
#' and [cap_questionnaire()] take it as `release`, or a status alone, as text.
#'
#' @param status `"draft"`, `"verification"`, `"embargoed"` (needs `embargo_until`; not
#'   for forms) or `"final"`; said in the titles, the status line, the document
#'   properties and, where `path` is a folder, the file name.
#' @param version A version label.
#' @param embargo_until A date, with `status = "embargoed"`. A brief that is made later
#'   than that day is warned of.
#' @param created Time stamp (date-time, date or seconds since 1970) of the document;
#'   by default the environment variable `SOURCE_DATE_EPOCH`, else now, both when the
#'   file is made. The same stamp gives the same bytes.
#' @param changes Earlier versions of a brief for its sheet Change log: a data frame
#'   `version`, `date` (a date or a text such as `"2024-09-12"`, `"2024-09"` or `"2024"`;
#'   `NA` for none), `text`. This version is added as its last row, unless its last row
#'   is this version's. Live workbooks and forms have no such sheet and refuse it.
#' @return An object of class `cap_release`, a list of the arguments: `created` in
#'   seconds since 1970 or `NULL`, `embargo_until` as text or `NULL`.
#' @section Errors:
#' `cap_error_input` for another status, an embargo without a date or a date without an
#' embargo, dates that cannot be read, and changes without a version or text, with a
#' version twice, or with this version before the last row.
#' @seealso [cap_style()] for how a file looks.
#' @export
#' @examples
#' cap_release("verification", version = "0.9")
#' log <- data.frame(version = "0.9", date = "2024-08-01", text = "Sent for verification.")
#' release <- cap_release("final", created = "2024-09-12", changes = log)
#' release
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' cap_brief(gci, "FJI", release = release)$title
#' # A status alone
#' cap_brief(gci, "FJI", release = "final")$title
cap_release <- function(status = c("draft", "verification", "embargoed", "final"), version = "1.0",
                        embargo_until = NULL, created = NULL, changes = NULL) {
  status <- choose(status, release_statuses, "status")
  check_string(version, "version")
  structure(
    list(
      status = status, version = version, embargo_until = embargo_day(status, embargo_until),
      created = if (!is.null(created)) as_stamp(created),
      changes = if (!is.null(changes)) change_log(changes, version)
    ),
    class = "cap_release"
  )
}

release_statuses <- c("draft", "verification", "embargoed", "final")

#' @export
print.cap_release <- function(x, ...) {
  cat("<cap_release> ", x$status, ", version ", x$version, sep = "")
  if (!is.null(x$embargo_until)) cat(", embargoed until", x$embargo_until)
  if (!is.null(x$created)) cat(", made on", stamp_text(x$created))
  if (!is.null(x$changes)) cat(", after", paste(x$changes$version, collapse = ", "))
  cat("\n")
  invisible(x)
}

# A release, or a status alone; `statuses` are those that the file can have.
as_release <- function(release, statuses = release_statuses) {
  is_release <- inherits(release, "cap_release")
  if (!is_release && !is.character(release)) {
    cap_abort_input(
      "{.arg release} must come from {.fn cap_release}, or be a status such as {.val final}, not {.obj_type_friendly {release}}."
    )
  }
  status <- choose(if (is_release) release$status else release, statuses, "release")
  if (is_release) release else cap_release(status)
}

# Only a brief has a sheet for them.
check_no_changes <- function(release, what) {
  if (!is.null(release$changes)) {
    cap_abort_input("{.arg release} has {.arg changes}, but {what} has no sheet Change log.")
  }
  invisible(release)
}

# A release in the language of a brief: its status in words, what stands before the title.
brief_status <- function(lang, release) {
  status <- release$status
  version <- release$version
  until <- release$embargo_until
  label <- switch(status,
    draft = "status.draft", verification = "status.verification", embargoed = "status.embargoed", final = "status.final"
  )
  prefix <- c(draft = "prefix.draft", verification = "prefix.verification", embargoed = "prefix.embargoed")
  list(
    status = status, version = version, until = until, label = say(lang, label, until = until, version = version),
    prefix = if (status == "final") "" else paste0(say(lang, prefix[[status]]), " ")
  )
}

# The day that an embargo ends, NULL without one. As text it must be written with its year
# first: "31/12/24" has three readings.
embargo_day <- function(status, until) {
  if (status != "embargoed") {
    if (!is.null(until)) {
      cap_abort_input("{.arg embargo_until} goes with {.code status = \"embargoed\"}, not with {.val {status}}.")
    }
    return(NULL)
  }
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

# Earlier versions of a brief as the user gave them, to be ended by `version`: columns
# version, date, text.
change_log <- function(changes, version) {
  check_data_frame(changes, "changes")
  check_columns(changes, c("version", "date", "text"), "changes")
  log <- data.frame(
    version = as_code(changes[["version"]]), date = change_dates(changes[["date"]]), text = as_code(changes[["text"]])
  )
  for (column in c("version", "text")) check_filled(log[[column]], column, "changes")
  check_once(log$version, "changes", "versions")
  if (version %in% utils::head(log$version, -1L)) {
    cap_abort_input("Version {.val {version}} is this brief's: it must stand last in {.arg changes}, or not at all.")
  }
  log
}

# Dates, or text as of dates: a year, a month or a day. NA where there is none.
change_dates <- function(date) {
  if (inherits(date, c("Date", "POSIXt"))) {
    return(format(date, "%Y-%m-%d"))
  }
  date <- trimws(as_code(date))
  date[!nzchar(date)] <- NA
  day <- paste0(date, substring("0000-01-01", nchar(date) + 1L))
  bad <- !is.na(date) & (!grepl("^[0-9]{4}(-[0-9]{2}){0,2}$", date) | is.na(as.Date(day, "%Y-%m-%d", optional = TRUE)))
  if (any(bad)) {
    cap_abort_input(c(
      "Dates of {.arg changes} must be like {.val 2024-09-12}, {.val 2024-09} or {.val 2024}, or missing.",
      "x" = "{cli::qty(sum(bad))}Row{?s} {some_of(which(bad))}: {some_of(date[bad])}."
    ))
  }
  date
}

# When a file is made, in seconds since 1970, unless its release says so.
default_stamp <- function() {
  epoch <- Sys.getenv("SOURCE_DATE_EPOCH")
  created <- if (nzchar(epoch)) suppressWarnings(as.numeric(epoch)) else Sys.time()
  if (is.na(created)) {
    cap_abort_input("The environment variable {.envvar SOURCE_DATE_EPOCH} must be seconds since 1970, not {.val {epoch}}.")
  }
  as_stamp(created)
}

# A date, date-time or number in seconds since 1970.
as_stamp <- function(created) {
  check_not_integer64(created, "created")
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

stamp_day <- function(seconds) stamp_text(seconds, "%Y-%m-%d")

brief_path <- function(path, context) {
  as_xlsx_path(path, brief_file(context$index$framework, context$code, context$status))
}

# The name of a brief's file, safe on every system.
brief_file <- function(framework, code, status) {
  gsub("[^A-Za-z0-9._-]+", "-", paste0(framework$id, "-", code, "-", status$status, "-v", status$version, ".xlsx"))
}
