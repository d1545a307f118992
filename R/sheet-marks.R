# What a workbook says of itself to a program, among the keywords of its document
# properties: "cybercap:kind=unit, cybercap:scope=FJI, ...".

brief_keywords <- function(context, file) {
  marks <- c(
    file = file, kind = context$kind, scope = context$code, audience = context$audience,
    status = context$status$status, lang = find_language(context$lang)$code
  )
  marked_keywords(say(context$lang, "property.keywords", framework = context$index$framework$id), marks)
}

# A code may hold any character, a keyword no comma.
marked_keywords <- function(words, marks) {
  marks <- substr(vapply(marks, utils::URLencode, "", reserved = TRUE), 1L, 60L)
  paste(c(words, paste0("cybercap:", names(marks), "=", marks)), collapse = ", ")
}

# The same read back: named strings, none for a workbook of another's making.
read_marks <- function(keywords) {
  at <- regmatches(keywords, gregexpr("cybercap:[a-z]+=[^,; ]*", keywords))[[1L]]
  values <- sub("^[^=]*=", "", at)
  stats::setNames(lapply(values, utils::URLdecode), sub("^cybercap:([a-z]+)=.*$", "\\1", at))
}
