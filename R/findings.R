# Finding sentences: keys with numbers here, sentences in one table of templates
# a language (inst/findings/<lang>.csv).

# One finding: a template key and what fills it. Numbers stay numbers; the
# template says how they are written.
finding <- function(key, ...) list(key = key, values = lapply(list(...), unname))

# Sentences for the findings that are not NULL.
findings <- function(lang, ...) {
  list <- Filter(Negate(is.null), list(...))
  templates <- finding_templates(lang)
  new_findings(
    key = vapply(list, `[[`, "", "key"),
    text = vapply(list, function(f) fill_template(templates, f), ""),
    numbers = lapply(list, `[[`, "values")
  )
}

new_findings <- function(key, text, numbers) {
  structure(
    list(key = key, text = text, numbers = numbers),
    row.names = seq_along(key), class = c("cap_findings", "data.frame")
  )
}

finding_templates <- function(lang) {
  cached <- template_cache[[lang]]
  if (!is.null(cached)) {
    return(cached)
  }
  file <- system.file("findings", paste0(lang, ".csv"), package = "cybercap")
  if (!nzchar(file)) {
    available <- sub("[.]csv$", "", list.files(system.file("findings", package = "cybercap")))
    cap_abort_input("There are no sentences in language {.val {lang}}; there are in {.val {available}}.")
  }
  table <- utils::read.csv(file, encoding = "UTF-8", colClasses = "character")
  template_cache[[lang]] <- stats::setNames(table$text, table$key)
}

template_cache <- new.env(parent = emptyenv())

# `{name}` is filled as text, `{name|0.0}` as a number with that many decimals,
# `{name|+0.0}` with its sign, `{name?one:many}` by whether the number is 1.
fill_template <- function(templates, finding) {
  template <- templates[finding$key]
  if (is.na(template)) {
    cap_abort_input("There is no template for the finding {.val {finding$key}}.")
  }
  template <- unname(template)
  at <- gregexpr("\\{[^}]*\\}", template)
  marks <- regmatches(template, at)[[1L]]
  # All at once: what fills one blank may look like another.
  regmatches(template, at) <- list(vapply(marks, fill_mark, "", finding$values))
  template
}

fill_mark <- function(mark, values) {
  inside <- substr(mark, 2L, nchar(mark) - 1L)
  name <- sub("[|?].*$", "", inside)
  value <- values[[name]]
  if (is.null(value)) {
    cap_abort_input("A finding lacks the value {.field {name}} of its template.")
  }
  if (grepl("?", inside, fixed = TRUE)) {
    forms <- strsplit(sub("^[^?]*[?]", "", inside), ":", fixed = TRUE)[[1L]]
    return(if (value == 1) forms[1L] else forms[2L])
  }
  if (!grepl("|", inside, fixed = TRUE)) {
    return(as.character(value))
  }
  spec <- sub("^[^|]*[|]", "", inside)
  format_number(value, nchar(sub("^[^.]*[.]?", "", spec)), sign = startsWith(spec, "+"))
}

# Numbers as printed everywhere: halves away from zero by the package's one
# rounding rule (src/core/rank.h), so that text, ranks and cells agree.
format_number <- function(x, digits = 1L, sign = FALSE, big = ",") {
  x <- unname(x)
  rounded <- round_half_up(x, digits)
  text <- formatC(abs(rounded), format = "f", digits = digits, big.mark = big)
  mark <- ifelse(rounded < 0, "-", if (sign) ifelse(rounded > 0, "+", "") else "")
  text <- paste0(mark, text, recycle0 = TRUE)
  text[is.na(x)] <- "not available"
  text
}

round_half_up <- function(x, digits = 0L) {
  sign(x) * floor(abs(x) * 10^digits + 0.5 + 1e-7) / 10^digits
}
