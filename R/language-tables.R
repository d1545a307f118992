# Languages: what the package says in each, by key (inst/findings/<lang>.csv), what the
# shipped data are called, by code (inst/findings/labels/<lang>.csv), and how each
# writes and counts (inst/findings/languages.csv).

# code, templates and labels (by key), decimal, thousands, plural (rules, as
# parse_plural() has them), right_to_left, missing (keys whose template is English).
# `lang` is a code or a translation.
find_language <- function(lang) {
  if (inherits(lang, "cap_translation")) {
    return(lang$language)
  }
  if (!is.character(lang) || length(lang) != 1L || is.na(lang)) {
    cap_abort_input("{.arg lang} must be one code such as {.val en}, or a translation, not {.obj_type_friendly {lang}}.")
  }
  cached <- language_cache[[lang]]
  if (!is.null(cached)) {
    return(cached)
  }
  if (!lang %in% shipped_languages()) {
    cap_abort_input(c(
      "{.arg lang} must be a language that has sentences, not {.val {lang}}; there are sentences in {.val {shipped_languages()}}.",
      "i" = "{.fn cap_translate} writes a workbook for a translator, {.fn cap_read_translation} reads it back."
    ))
  }
  language_cache[[lang]] <- new_language(lang, shipped_templates(lang), shipped_labels(lang))
}

language_cache <- new.env(parent = emptyenv())

# Labels in a language by their keys, of the shipped data or of a template (the group of
# all); `label` where the key is NA or the language has no translation.
labels_in <- function(lang, key, label) {
  language <- find_language(lang)
  key <- as.character(key)
  found <- unname(language$labels[key])
  found <- ifelse(is.na(found), unname(language$templates[key]), found)
  ifelse(is.na(found), label, found)
}

# Numbers as the language writes them, with the decimals they need.
number_in <- function(lang, x) {
  language <- find_language(lang)
  trimws(format(x, digits = 6L, decimal.mark = language$decimal, big.mark = language$thousands))
}

# Templates that a language lacks are in English; `missing` names them.
new_language <- function(code, templates, labels, rules = language_rules(code)) {
  english <- shipped_templates("en")
  missing <- setdiff(names(english), names(templates))
  list(
    code = code, templates = c(templates, english[missing]), labels = labels,
    decimal = rules$decimal, thousands = rules$thousands, plural = parse_plural(rules$plural), plural_text = rules$plural,
    right_to_left = rules$right_to_left == "yes", missing = missing
  )
}

# How a language writes and counts; one that is not in the table does as English.
language_rules <- function(code) {
  rules <- read_findings_file("languages.csv")
  known <- rules[match(code, rules$code, nomatch = match("en", rules$code)), ]
  if (known$code != code) known$code <- known$name <- code
  known
}

shipped_languages <- function() {
  files <- list.files(system.file("findings", package = "cybercap"), pattern = "^[a-z]{2}[.]csv$")
  sort(sub("[.]csv$", "", files), method = "radix")
}

shipped_templates <- function(lang) text_by_key(paste0(lang, ".csv"))

# English labels stand in the data themselves.
shipped_labels <- function(lang) {
  if (lang == "en") character() else text_by_key(file.path("labels", paste0(lang, ".csv")))
}

text_by_key <- function(file) {
  table <- read_findings_file(file)
  stats::setNames(table$text, table$key)
}

read_findings_file <- function(name, folder = "findings") {
  utils::read.csv(
    system.file(folder, name, package = "cybercap"),
    encoding = "UTF-8", colClasses = "character", na.strings = character()
  )
}
