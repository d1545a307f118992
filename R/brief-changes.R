# The sheet Change log: what each version of a brief changed, this one last.

# Columns version, date, text; `changes` as the user gave it.
brief_changes <- function(changes, lang, status, created) {
  this <- say(lang, "changes.this", status = status$label)
  now <- data.frame(version = status$version, date = stamp_day(created), text = this)
  if (is.null(changes)) {
    return(now)
  }
  check_table(changes, "changes")
  check_columns(changes, c("version", "date", "text"), "changes")
  log <- data.frame(
    version = as_code(changes[["version"]]), date = change_dates(changes[["date"]]), text = as_code(changes[["text"]])
  )
  blank <- which(is.na(log$version) | is.na(log$text))
  if (length(blank) > 0L) {
    cap_abort_input("{.arg changes} lacks a version or text in row{?s} {blank}.")
  }
  again <- duplicated(log$version)
  if (any(again)) {
    cap_abort_input("{.arg changes} has versions more than once: {some_of(log$version[again])}.")
  }
  if (status$version %in% utils::head(log$version, -1L)) {
    cap_abort_input(c(
      "Version {.val {status$version}} is this brief's: it must stand last in {.arg changes}, or not at all."
    ))
  }
  if (status$version %in% log$version) log else rbind(log, now)
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

changes_sheet <- function(context) {
  lang <- context$lang
  log <- context$changes
  table_sheet(context, say(lang, "sheet.changes"), say(lang, "title.changes"), say(lang, "describe.changes"), list(
    column(log$version, say(lang, "head.version"), width = 14),
    column(log$date, say(lang, "head.date"), width = 14),
    column(log$text, say(lang, "head.changed"), styles$wrapped, width = 95)
  ), "tbl_changes")
}
