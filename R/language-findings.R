# Finding sentences: keys with numbers here, sentences in one table of templates
# a language (inst/findings/<lang>.csv).

# One finding: a template key and what fills it. Numbers stay numbers; the
# template says how they are written.
finding <- function(key, ...) list(key = key, values = lapply(list(...), bare_value))

bare_value <- function(x) if (is.null(attributes(x))) x else unname(x)

# Sentences for the findings that are not NULL.
findings <- function(lang, ...) {
  list <- Filter(Negate(is.null), list(...))
  language <- find_language(lang)
  list <- lapply(list, words_in, language = language)
  new_findings(
    key = vapply(list, `[[`, "", "key"),
    text = vapply(list, function(f) fill_template(language, f), ""),
    numbers = lapply(list, `[[`, "values")
  )
}

# Words that fill a sentence are labels of the data: of items, groups, methods.
words_in <- function(finding, language) {
  words <- vapply(finding$values, is.character, NA)
  finding$values[words] <- lapply(finding$values[words], labels_in, language = language)
  finding
}

new_findings <- function(key, text, numbers) {
  structure(
    list(key = key, text = text, numbers = numbers),
    row.names = seq_along(key), class = c("cap_findings", "data.frame")
  )
}

# `{name}` is filled as text, `{name|0.0}` as a number with that many decimals,
# `{name|+0.0}` with its sign, `{name?one:many}` by whether the language counts
# the number as one.
fill_template <- function(language, finding) {
  template <- language$templates[finding$key]
  if (is.na(template)) {
    cap_abort_input("There is no template for the finding {.val {finding$key}}.")
  }
  parsed <- parsed_template(template[[1L]])
  pieces <- parsed$pieces
  if (length(parsed$marks) == 0L) {
    return(template[[1L]])
  }
  # All at once: what fills one blank may look like another.
  for (mark in parsed$marks) pieces[mark$at] <- fill_mark(mark, finding$values, language)
  paste(pieces, collapse = "")
}

# Each template is taken apart once.
parsed_template <- function(template) {
  parsed <- template_cache[[template]]
  if (is.null(parsed)) {
    parsed <- parse_template(template)
    template_cache[[template]] <- parsed
  }
  parsed
}

template_cache <- new.env(parent = emptyenv())

# list(pieces, marks): the text in pieces, and what each piece that is a blank
# asks for.
parse_template <- function(template) {
  at <- gregexpr("\\{[^}]*\\}", template)
  blanks <- regmatches(template, at)[[1L]]
  between <- regmatches(template, at, invert = TRUE)[[1L]]
  pieces <- character(length(between) + length(blanks))
  pieces[seq(1L, by = 2L, length.out = length(between))] <- between
  list(pieces = pieces, marks = Map(parse_mark, blanks, 2L * seq_along(blanks), USE.NAMES = FALSE))
}

parse_mark <- function(blank, at) {
  inside <- substr(blank, 2L, nchar(blank) - 1L)
  name <- sub("[|?].*$", "", inside)
  rest <- substring(inside, nchar(name) + 2L)
  kind <- substr(inside, nchar(name) + 1L, nchar(name) + 1L)
  switch(if (nzchar(kind)) kind else "text",
    "?" = list(at = at, name = name, kind = "choice", forms = strsplit(rest, ":", fixed = TRUE)[[1L]]),
    "|" = list(
      at = at, name = name, kind = "number",
      digits = nchar(sub("^[^.]*[.]?", "", rest)), sign = startsWith(rest, "+")
    ),
    list(at = at, name = name, kind = "text")
  )
}

fill_mark <- function(mark, values, language) {
  value <- values[[mark$name]]
  if (is.null(value)) {
    cap_abort_input("A finding lacks the value {.field {mark$name}} of its template.")
  }
  switch(mark$kind,
    choice = mark$forms[if (counts_as_one(value, language)) 1L else 2L],
    text = kept_together(if (is.numeric(value)) plain_number(value, language) else as.character(value), language),
    number = if (is.na(value)) {
      language$templates[["word.not_available"]]
    } else {
      kept_together(format_number(value, mark$digits, mark$sign, language$thousands, language$decimal), language)
    }
  )
}

# In text from right to left, signs and dates would change sides: a mark that is
# not seen (U+200E) keeps them as they are.
kept_together <- function(text, language) {
  if (language$right_to_left && grepl("^([-+][0-9]|[0-9]+-[0-9])", text)) paste0("\u200e", text) else text
}

# French says "0 pays" and "1,5 point" in the singular; as printed, so 1.96 is 2.0.
counts_as_one <- function(value, language) {
  !is.na(value) && (value == 1 || (language$zero_is_one && round_half_up(abs(value), 1L) < 2))
}

# With all its digits: an edition, a correlation.
plain_number <- function(x, language) {
  format(x, digits = 15L, scientific = 10L, trim = TRUE, decimal.mark = language$decimal)
}

# Numbers as printed everywhere: halves away from zero by the package's one
# rounding rule (src/base/rounding.h), so that text, ranks and cells agree.
format_number <- function(x, digits = 1L, sign = FALSE, big = ",", decimal = ".") {
  x <- unname(x)
  rounded <- round_half_up(x, digits)
  text <- fixed_digits(abs(rounded), digits, big, decimal)
  mark <- ifelse(rounded < 0, "-", if (sign) ifelse(rounded > 0, "+", "") else "")
  text <- paste0(mark, text, recycle0 = TRUE)
  text[is.na(x)] <- "not available"
  text
}

# What is at least 0, whole part and decimals apart: whatever the locale's mark.
fixed_digits <- function(x, digits, big, decimal) {
  whole <- trunc(x)
  text <- sprintf("%.0f", whole)
  long <- which(whole >= 1000 & is.finite(whole))
  if (length(long) > 0L) text[long] <- gsub("(?<=[0-9])(?=([0-9]{3})+$)", big, text[long], perl = TRUE)
  if (digits == 0L) {
    return(text)
  }
  part <- sprintf("%0*.0f", as.integer(digits), floor((x - whole) * 10^digits + 0.5))
  ifelse(is.finite(x), paste0(text, decimal, part, recycle0 = TRUE), text)
}

# The template `key` filled in: every text of a brief that is no data.
say <- function(lang, key, ...) fill_template(find_language(lang), finding(key, ...))
