# The sheet Change log: what each version of a brief changed, this one last.

# Earlier versions of a brief (or NULL), with this one as the last row: columns version,
# date, text.
brief_changes <- function(log, lang, status, created) {
  if (status$version %in% log$version) {
    return(log)
  }
  this <- say(lang, "changes.this", status = status$label)
  rbind(log, data.frame(version = status$version, date = stamp_day(created), text = this))
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
