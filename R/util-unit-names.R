# Names of units, as the United Nations writes them.

# A unit without a name in the table is shown by its code; a translation into a
# language in which the United Nations does not write has the English names.
unit_names <- function(unit, lang = "en", names = NULL) {
  table <- names %||% country_names_table()
  if (inherits(lang, "cap_translation")) {
    lang <- if (lang$language$code %in% base::names(table)) lang$language$code else "en"
  }
  if (!lang %in% base::names(table)) {
    cap_abort_input("There are no unit names in language {.val {lang}}.")
  }
  found <- table[[lang]][match(unit, table$iso3)]
  ifelse(is.na(found), unit, found)
}

country_names_table <- function() cybercap::country_names

country_table <- function() cybercap::countries

# Letters of Latin-1 without their accents: from A with grave accent on, 32 capitals
# and as many small ones.
plain_letters <- function(text) {
  capitals <- "AAAAAA?CEEEEIIII?NOOOOO??UUUUY??"
  accented <- intToUtf8(c(0xC0:0xDF, 0xE0:0xFF))
  chartr(accented, paste0(capitals, tolower(capitals)), enc2utf8(text))
}
