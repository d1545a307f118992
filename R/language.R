# Languages: one table of sentences and words each (inst/findings/<lang>.csv),
# and how each writes numbers (inst/findings/languages.csv).

# The template `key` filled in: every text of a brief that is no data.
say <- function(lang, key, ...) fill_template(find_language(lang), finding(key, ...))

# code, templates (by key), labels (of the data, by their English), decimal, thousands, zero_is_one (French says "0
# pays" in the singular), right_to_left. `lang` is a code or a translation.
find_language <- function(lang) {
  if (inherits(lang, "cap_translation")) {
    return(lang$language)
  }
  cached <- language_cache[[lang]]
  if (!is.null(cached)) {
    return(cached)
  }
  if (!lang %in% shipped_languages()) {
    cap_abort_input(c(
      "There are no sentences in language {.val {lang}}; there are in {.val {shipped_languages()}}.",
      "i" = "{.fn cap_translate} writes a workbook for a translator, {.fn cap_read_translation} reads it back."
    ))
  }
  language_cache[[lang]] <- new_language(lang, shipped_templates(lang), shipped_labels(lang))
}

# A label of the data (a region, an item, a framework) in the language; one that
# its table does not have stays as it is.
label_in <- function(lang, label) {
  labels <- find_language(lang)$labels
  if (length(labels) == 0L) {
    return(label)
  }
  found <- unname(labels[label])
  ifelse(is.na(found), label, found)
}

# Numbers as the language writes them, with the decimals they need.
number_in <- function(lang, x) {
  language <- find_language(lang)
  trimws(format(x, digits = 6L, decimal.mark = language$decimal, big.mark = language$thousands))
}

groups_in <- function(lang, groups) {
  groups$label <- label_in(lang, groups$label)
  groups
}

framework_in <- function(lang, framework) {
  for (field in c("title", "levels", "source", "note")) framework[[field]] <- label_in(lang, framework[[field]])
  framework$items$label <- label_in(lang, framework$items$label)
  if (!is.null(framework$bands)) framework$bands$name <- label_in(lang, framework$bands$name)
  framework
}

language_cache <- new.env(parent = emptyenv())

new_language <- function(code, templates, labels) {
  rules <- read_findings_file("languages.csv")
  rules <- rules[rules$code == code, ]
  list(
    code = code, templates = templates, labels = labels, decimal = rules$decimal, thousands = rules$thousands,
    zero_is_one = rules$zero_is_one == "yes", right_to_left = rules$right_to_left == "yes"
  )
}

shipped_languages <- function() {
  files <- list.files(system.file("findings", package = "cybercap"), pattern = "^[a-z]{2}[.]csv$")
  sort(sub("[.]csv$", "", files), method = "radix")
}

shipped_templates <- function(lang) {
  table <- read_findings_file(paste0(lang, ".csv"))
  stats::setNames(table$text, table$key)
}

# Labels of the shipped data by their English form; English needs none.
shipped_labels <- function(lang) {
  if (lang == "en") {
    return(character())
  }
  table <- read_findings_file(paste0("labels-", lang, ".csv"))
  stats::setNames(table$text, table$label)
}

read_findings_file <- function(name) {
  utils::read.csv(
    system.file("findings", name, package = "cybercap"),
    encoding = "UTF-8", colClasses = "character", na.strings = character()
  )
}
