# Languages: one table of sentences and words each (inst/findings/<lang>.csv),
# and how each writes numbers (inst/findings/languages.csv).

# code, templates (by key), labels and patterns (of the data, by their English), decimal, thousands, zero_is_one (French says "0
# pays" in the singular), right_to_left. `lang` is a code or a translation.
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
      "There are no sentences in language {.val {lang}}; there are in {.val {shipped_languages()}}.",
      "i" = "{.fn cap_translate} writes a workbook for a translator, {.fn cap_read_translation} reads it back."
    ))
  }
  language_cache[[lang]] <- new_language(lang, shipped_templates(lang), shipped_labels(lang))
}

# A label of the data (a region, an item, a framework, a rule) in the language.
# What its table does not have stays as it is; what is made of several labels,
# such as "geometric (shift = 0.01)", is translated piece by piece.
label_in <- function(lang, label) labels_in(find_language(lang), label)

labels_in <- function(language, label) {
  if (length(language$labels) + length(language$patterns$text) == 0L) {
    return(label)
  }
  label <- as.character(label)
  found <- unname(language$labels[label])
  open <- which(is.na(found) & !is.na(label))
  found[open] <- vapply(label[open], made_label, "", language = language)
  found
}

# A label alone, never piece by piece: what users may have named themselves.
known_label <- function(lang, label) {
  label <- as.character(label)
  found <- unname(find_language(lang)$labels[label])
  ifelse(is.na(found), label, found)
}

# The whole, else its sentences, else what stands between commas and brackets.
made_label <- function(text, language) {
  whole <- matched_label(text, language)
  if (!is.na(whole)) {
    return(whole)
  }
  sentences <- endsWith(text, ".")
  at <- gregexpr(if (sentences) "[^ ].*?[.](?= [A-Z]|$)" else "[^ ,;()](?:[^,;()]|[,;](?! ))*", text, perl = TRUE)
  pieces <- regmatches(text, at)[[1L]]
  bare <- trimws(pieces)
  found <- unname(language$labels[bare])
  open <- is.na(found)
  found[open] <- vapply(bare[open], matched_label, "", language = language)
  open <- is.na(found)
  found[open] <- bare[open]
  between <- regmatches(text, at, invert = TRUE)[[1L]]
  known <- !is.na(language$labels[between])
  between[known] <- language$labels[between[known]]
  paste0(between, c(paste0(found, substring(pieces, nchar(bare) + 1L)), ""), collapse = "")
}

# By the first pattern of the table that fits; NA when none does. A pattern is a
# label with blanks, {name} for a label and {name|0} for a number.
matched_label <- function(text, language) {
  patterns <- language$patterns
  if (grepl(written_figure, text)) {
    return(with_marks(text, language))
  }
  for (i in which(startsWith(text, patterns$lead))) {
    groups <- regmatches(text, regexec(patterns$regex[[i]], text, perl = TRUE))[[1L]][-1L]
    if (length(groups) > 0L) {
      return(fill_pattern(patterns$text[[i]], patterns$blanks[[i]], groups, language))
    }
  }
  NA_character_
}

fill_pattern <- function(text, blanks, groups, language) {
  number <- endsWith(blanks, "|0}")
  groups[number] <- with_marks(groups[number], language)
  groups[!number] <- labels_in(language, groups[!number])
  at <- gregexpr("\\{[^}]*\\}", text)
  regmatches(text, at) <- list(groups[match(regmatches(text, at)[[1L]], blanks)])
  text
}

# A signed number, one from 0 to 1, or one with an exponent: no code looks like it.
written_figure <- "^([-+][0-9][0-9,]*[.][0-9]+|0[.][0-9]+|1[.]0+|[0-9.]+e[-+]?[0-9]+)$"

# "1,234.5" with the marks of the language.
with_marks <- function(number, language) {
  gsub("\\s", language$thousands, gsub(".", language$decimal, gsub(",", " ", number), fixed = TRUE))
}

# Labels with blanks as regular expressions; `lead` is what comes before the
# first blank.
label_patterns <- function(labels) {
  from <- names(labels)
  at <- gregexpr("\\{[^}]*\\}", from)
  blanks <- regmatches(from, at)
  regex <- vapply(seq_along(from), function(i) {
    literal <- gsub("([][{}()+*^$|\\\\?.])", "\\\\\\1", regmatches(from[i], at[i], invert = TRUE)[[1L]])
    number <- endsWith(blanks[[i]], "|0}")
    groups <- ifelse(number, "([-+]?[0-9]+(?:,[0-9]{3})*(?:[.][0-9]+)?(?:e[-+]?[0-9]+)?)", "(.*[^.])")
    # A pattern that begins with a blank must not take a list for one label.
    if (startsWith(from[i], "{") && !number[1L]) groups[1L] <- "([^,;()]+)"
    paste0("^", paste0(literal, c(groups, ""), collapse = ""), "$")
  }, "")
  list(from = from, regex = regex, blanks = blanks, lead = sub("\\{.*$", "", from), text = unname(labels))
}

# Numbers as the language writes them, with the decimals they need.
number_in <- function(lang, x) {
  language <- find_language(lang)
  trimws(format(x, digits = 6L, decimal.mark = language$decimal, big.mark = language$thousands))
}

groups_in <- function(lang, groups) {
  groups$label <- known_label(lang, groups$label)
  groups
}

framework_in <- function(lang, framework) {
  for (field in c("title", "levels", "source", "note")) framework[[field]] <- known_label(lang, framework[[field]])
  framework$items$label <- known_label(lang, framework$items$label)
  if (!is.null(framework$bands)) framework$bands$name <- known_label(lang, framework$bands$name)
  framework
}

language_cache <- new.env(parent = emptyenv())

# Templates that a language lacks are in English; `missing` names them.
new_language <- function(code, templates, labels, rules = language_rules(code)) {
  english <- shipped_templates("en")
  missing <- setdiff(names(english), names(templates))
  templates <- c(templates, english[missing])
  made <- grepl("{", names(labels), fixed = TRUE)
  list(
    code = code, templates = templates, labels = labels[!made], patterns = label_patterns(labels[made]),
    decimal = rules$decimal, thousands = rules$thousands, zero_is_one = rules$zero_is_one == "yes", right_to_left = rules$right_to_left == "yes", missing = missing
  )
}

# How a language writes numbers; one that is not in the table writes as English.
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

read_findings_file <- function(name, folder = "findings") {
  utils::read.csv(
    system.file(folder, name, package = "cybercap"),
    encoding = "UTF-8", colClasses = "character", na.strings = character()
  )
}
