# Finding sentences: keys with what fills them here, sentences in one table of
# templates a language (inst/findings/<lang>.csv).

# A text that is not yet said: the key of a template and what fills it. That is data
# (a number, a code, a label of the user's), which stays as it is, or a text again: a
# term, a figure() or a listed().
term <- function(key, ...) structure(list(key = key, values = lapply(list(...), bare_value)), class = "cap_term")

# A list of terms, one for each element of what fills them.
terms <- function(key, ...) unname(Map(function(...) term(key, ...), ...))

# A term that is a sentence.
finding <- term

# The sentence that counts what `...` holds, one vector under the name of its blank, and
# lists the first of it; NULL where it holds nothing.
finding_if_any <- function(key, ..., most = 5L) {
  held <- list(...)
  n <- length(held[[1L]])
  if (n > 0L) do.call(finding, c(key, n = n, lapply(held, first_of, most)))
}

bare_value <- function(x) if (is.null(attributes(x)) || is_text(x)) x else unname(x)

# Numbers within a text that the template does not format; without `digits` as R writes
# them, with an exponent where that is shorter.
figure <- function(x, digits = 1L, sign = FALSE) {
  structure(list(x = x, digits = digits, sign = sign), class = "cap_figure")
}

# "1.2 to 3.4".
range_words <- function(low, high, digits, sign = FALSE) {
  term("range.to", low = figure(low, digits, sign), high = figure(high, digits, sign))
}

# The first `n` of several texts, with the number of the others.
first_of <- function(x, n = 5L, by = "list.comma") structure(list(x = unique(x), n = n, by = by), class = "cap_listed")

# All of them, also those that are alike.
listed <- function(x, by = "list.comma") structure(list(x = x, n = Inf, by = by), class = "cap_listed")

# A label of the shipped data, by its key; `label` where a language has none.
label_term <- function(key, label) structure(list(key = key, label = label), class = "cap_label")

# A list of texts: the words of a domain (rules, statuses, sources) for codes of the
# package. What the domain does not have is data.
words_of <- function(domain, code) {
  text <- as.list(as.character(code))
  key <- paste0(domain, ".", gsub("[^a-z0-9]+", "_", code), recycle0 = TRUE)
  known <- key %in% names(find_language("en")$templates)
  text[known] <- lapply(key[known], term)
  text
}

is_text <- function(x) inherits(x, c("cap_term", "cap_figure", "cap_listed", "cap_label"))

# Texts in a language: a character vector as long as `x`, which may be a list of
# texts of any kind. Strings are data.
text_in <- function(lang, x) texts_in(find_language(lang), x)

texts_in <- function(language, x) {
  if (inherits(x, "cap_term")) {
    return(fill_template(language, x))
  }
  if (inherits(x, "cap_figure")) {
    return(kept_together(figure_in(language, x), language))
  }
  if (inherits(x, "cap_listed")) {
    return(list_in(language, x))
  }
  if (inherits(x, "cap_label")) {
    return(if (is.na(language$labels[x$key])) x$label else language$labels[[x$key]])
  }
  if (is.list(x)) {
    return(vapply(x, texts_in, "", language = language))
  }
  if (is.numeric(x)) kept_together(plain_number(x, language), language) else as.character(x)
}

figure_in <- function(language, x) {
  if (is.null(x$digits)) {
    return(format(x$x, trim = TRUE, decimal.mark = language$decimal))
  }
  format_number(x$x, x$digits, x$sign, language$thousands, language$decimal, not_available(language))
}

not_available <- function(language) language$templates[["word.not_available"]]

list_in <- function(language, x) {
  shown <- texts_in(language, utils::head(x$x, x$n))
  # What stands between the two blanks of its template stands between the texts.
  text <- paste(shown, collapse = parsed_template(language$templates[[x$by]])$pieces[3L])
  more <- length(x$x) - length(shown)
  if (more > 0L) fill_template(language, term("list.more", items = text, n = more)) else text
}

# In English where R itself writes them.
#' @export
as.character.cap_term <- function(x, ...) text_in("en", x)

#' @export
print.cap_term <- function(x, ...) {
  cat(text_in("en", x), "\n", sep = "")
  invisible(x)
}

# The template `key` filled in: every text of a brief that is no data.
say <- function(lang, key, ...) fill_template(find_language(lang), term(key, ...))

# Sentences for the findings that are not NULL.
findings <- function(lang, ...) {
  list <- Filter(Negate(is.null), list(...))
  language <- find_language(lang)
  list <- lapply(list, function(f) {
    f$values <- lapply(f$values, function(v) if (is.numeric(v)) v else text_of_blank(v, language))
    f
  })
  new_findings(
    key = vapply(list, `[[`, "", "key"),
    text = vapply(list, function(f) fill_template(language, f), ""),
    numbers = lapply(list, `[[`, "values")
  )
}

new_findings <- function(key, text, numbers) {
  structure(
    list(key = key, text = text, numbers = numbers),
    row.names = seq_along(key), class = c("cap_findings", "data.frame")
  )
}

# Templates --------------------------------------------------------------------

# `{name}` is filled as text, `{name|0.0}` as a number with that many decimals,
# `{name|+0.0}` with its sign, `{name?one:country|other:countries}` by the plural
# category of the number as it is printed.
fill_template <- function(language, text) {
  template <- language$templates[text$key]
  if (is.na(template)) {
    cap_abort_input("There is no template for the finding {.val {text$key}}.")
  }
  parsed <- parsed_template(template[[1L]])
  pieces <- parsed$pieces
  if (length(parsed$marks) == 0L) {
    return(template[[1L]])
  }
  # All at once: what fills one blank may look like another.
  for (mark in parsed$marks) pieces[mark$at] <- fill_mark(mark, text$values, language)
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
# asks for. A choice goes by the digits with which its number is printed.
parse_template <- function(template) {
  at <- gregexpr("\\{[^}]*\\}", template)
  blanks <- regmatches(template, at)[[1L]]
  between <- regmatches(template, at, invert = TRUE)[[1L]]
  pieces <- character(length(between) + length(blanks))
  pieces[seq(1L, by = 2L, length.out = length(between))] <- between
  marks <- Map(parse_mark, blanks, 2L * seq_along(blanks), USE.NAMES = FALSE)
  printed <- Filter(function(mark) mark$kind == "number", marks)
  names(printed) <- vapply(printed, `[[`, "", "name")
  list(pieces = pieces, marks = lapply(marks, function(mark) {
    if (mark$kind == "choice") mark$digits <- printed[[mark$name]]$digits
    mark
  }))
}

parse_mark <- function(blank, at) {
  inside <- substr(blank, 2L, nchar(blank) - 1L)
  name <- sub("[|?].*$", "", inside)
  rest <- substring(inside, nchar(name) + 2L)
  kind <- substr(inside, nchar(name) + 1L, nchar(name) + 1L)
  switch(if (nzchar(kind)) kind else "text",
    "?" = list(at = at, name = name, kind = "choice", forms = parse_forms(rest)),
    "|" = list(
      at = at, name = name, kind = "number",
      digits = nchar(sub("^[^.]*[.]?", "", rest)), sign = startsWith(rest, "+")
    ),
    list(at = at, name = name, kind = "text")
  )
}

# "one:country|other:countries", named by category.
parse_forms <- function(text) {
  forms <- strsplit(text, "|", fixed = TRUE)[[1L]]
  stats::setNames(sub("^[^:]*:", "", forms), sub(":.*$", "", forms))
}

fill_mark <- function(mark, values, language) {
  value <- values[[mark$name]]
  if (is.null(value)) {
    cap_abort_input("A finding lacks the value {.field {mark$name}} of its template.")
  }
  switch(mark$kind,
    choice = chosen_form(mark, value, language),
    text = text_of_blank(value, language),
    number = texts_in(language, figure(value, mark$digits, mark$sign))
  )
}

# Several texts that fill one blank are listed.
text_of_blank <- function(value, language) {
  text <- texts_in(language, value)
  if (length(text) == 1L) kept_together(text, language) else list_in(language, listed(text))
}

# A category without a form of its own takes that of all others.
chosen_form <- function(mark, value, language) {
  category <- plural_category(language$plural, value, mark$digits)
  mark$forms[[if (category %in% names(mark$forms)) category else "other"]]
}

# In text from right to left, signs and dates would change sides: a mark that is
# not seen (U+200E) keeps them as they are.
kept_together <- function(text, language) {
  if (!language$right_to_left) {
    return(text)
  }
  ifelse(grepl("^([-+][0-9]|[0-9]+-[0-9])", text), paste0("\u200e", text), text)
}
