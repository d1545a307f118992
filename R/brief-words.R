# Short titles and the size of a group that may be shown.

MIN_GROUP <- 5L

# A name that would push the score out of the title is cut there.
shorten <- function(name, most = 55L) {
  ifelse(nchar(name) > most, paste0(substr(name, 1L, most - 1L), "\u2026"), name)
}

front_name <- function(context) {
  substr(with_status(context, say(context$lang, "sheet.brief")), 1L, 31L)
}

# The status of a framework, in a word.
status_in <- function(lang, status) text_in(lang, words_of("framework_status", status))

# A framework that is recalled, proposed or illustrative says so: in the title, on
# the tab and in the chart.
with_status <- function(context, text, key = "whatif.with_status") {
  status <- context$index$framework$status
  if (in_doubt(status)) say(context$lang, key, text = text, status = status_in(context$lang, status)) else text
}
