# The sheet Change log: what each version of a brief changed, this one last.

# Columns version, date, text; `changes` as the user gave it.
brief_changes <- function(changes, lang, status, created) {
  today <- stamp_text(created, "%Y-%m-%d")
  now <- data.frame(version = status$version, date = today, text = say(lang, "changes.this", status = status$label))
  if (is.null(changes)) {
    return(now)
  }
  check_data_frame(changes, "changes")
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

# As written by hand, or dates; NA where there is none.
change_dates <- function(date) {
  if (inherits(date, c("Date", "POSIXct"))) format(date, "%Y-%m-%d") else as_code(date)
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
