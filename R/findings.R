# Finding sentences: keys with numbers here, sentences in one table of templates
# a language (inst/findings/<lang>.csv).

# One finding: a template key and what fills it. Numbers stay numbers; the
# template says how they are written.
finding <- function(key, ...) list(key = key, values = lapply(list(...), unname))

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
  template <- unname(template)
  at <- gregexpr("\\{[^}]*\\}", template)
  marks <- regmatches(template, at)[[1L]]
  # All at once: what fills one blank may look like another.
  regmatches(template, at) <- list(vapply(marks, fill_mark, "", finding$values, language))
  template
}

fill_mark <- function(mark, values, language) {
  inside <- substr(mark, 2L, nchar(mark) - 1L)
  name <- sub("[|?].*$", "", inside)
  value <- values[[name]]
  if (is.null(value)) {
    cap_abort_input("A finding lacks the value {.field {name}} of its template.")
  }
  if (grepl("?", inside, fixed = TRUE)) {
    forms <- strsplit(sub("^[^?]*[?]", "", inside), ":", fixed = TRUE)[[1L]]
    return(if (counts_as_one(value, language)) forms[1L] else forms[2L])
  }
  if (!grepl("|", inside, fixed = TRUE)) {
    return(kept_together(if (is.numeric(value)) plain_number(value, language) else as.character(value), language))
  }
  spec <- sub("^[^|]*[|]", "", inside)
  digits <- nchar(sub("^[^.]*[.]?", "", spec))
  if (is.na(value)) {
    return(language$templates[["word.not_available"]])
  }
  kept_together(format_number(value, digits, startsWith(spec, "+"), language$thousands, language$decimal), language)
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
  sub(".", language$decimal, format(x, digits = 15L, scientific = 10L, trim = TRUE), fixed = TRUE)
}

# Numbers as printed everywhere: halves away from zero by the package's one
# rounding rule (src/core/rank.h), so that text, ranks and cells agree.
format_number <- function(x, digits = 1L, sign = FALSE, big = ",", decimal = ".") {
  x <- unname(x)
  rounded <- round_half_up(x, digits)
  text <- formatC(abs(rounded), format = "f", digits = digits, big.mark = big, decimal.mark = decimal)
  mark <- ifelse(rounded < 0, "-", if (sign) ifelse(rounded > 0, "+", "") else "")
  text <- paste0(mark, text, recycle0 = TRUE)
  text[is.na(x)] <- "not available"
  text
}

round_half_up <- function(x, digits = 0L) {
  sign(x) * floor(abs(x) * 10^digits + 0.5 + 1e-7) / 10^digits
}
