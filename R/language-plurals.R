# Plural forms: which of a language's forms goes with a number, by the rules of
# Unicode's CLDR (https://unicode.org/reports/tr35/tr35-numbers.html), which stand in
# inst/findings/languages.csv, such as "one: i = 1 and v = 0". What no rule takes is
# "other".

plural_categories <- c("zero", "one", "two", "few", "many", "other")

# Rules taken apart: a list, named by category, of alternatives, each a list of
# conditions that hold together. NULL for a text that is no such rules.
parse_plural <- function(text) {
  rules <- strsplit(text, "; *")[[1L]]
  category <- sub(":.*$", "", rules)
  known <- grepl(":", rules, fixed = TRUE) & category %in% setdiff(plural_categories, "other")
  if (!all(known) || anyDuplicated(category)) {
    return(NULL)
  }
  alternatives <- lapply(strsplit(sub("^[^:]*: *", "", rules), " or ", fixed = TRUE), function(either) {
    lapply(strsplit(either, " and ", fixed = TRUE), function(all) lapply(trimws(all), parse_condition))
  })
  is_broken <- function(all) length(all) == 0L || any(vapply(all, is.null, NA))
  if (any(lengths(alternatives) == 0L) || any(vapply(unlist(alternatives, recursive = FALSE), is_broken, NA))) {
    return(NULL)
  }
  stats::setNames(alternatives, category)
}

# "i % 10 = 2..4": operand, modulus (Inf for none), whether it must differ, ranges.
parse_condition <- function(text) {
  form <- "^([nivwft])(?: % ([0-9]+))? (=|!=) ([0-9]+(?:[.][.][0-9]+)?(?:, *[0-9]+(?:[.][.][0-9]+)?)*)$"
  parts <- regmatches(text, regexec(form, text, perl = TRUE))[[1L]]
  if (length(parts) == 0L) {
    return(NULL)
  }
  ranges <- strsplit(parts[5L], ", *")[[1L]]
  list(
    operand = parts[2L], modulus = if (nzchar(parts[3L])) as.numeric(parts[3L]) else Inf, differs = parts[4L] == "!=",
    low = as.numeric(sub("[.][.].*$", "", ranges)), high = as.numeric(sub("^.*[.][.]", "", ranges))
  )
}

# The category of a number printed with so many decimals (NULL: all that it has).
plural_category <- function(rules, x, digits = NULL) {
  if (is.na(x)) {
    return("other")
  }
  operands <- plural_operands(x, digits)
  holds <- function(condition) {
    value <- operands[[condition$operand]]
    if (is.finite(condition$modulus)) value <- value %% condition$modulus
    # A range holds whole numbers only.
    within <- value >= condition$low & value <= condition$high & value == floor(value)
    xor(any(within), condition$differs)
  }
  for (category in names(rules)) {
    fits <- vapply(rules[[category]], function(all) all(vapply(all, holds, NA)), NA)
    if (any(fits)) {
      return(category)
    }
  }
  "other"
}

# n: the number as printed, without its sign; i: its whole part; v and f: number and
# value of its decimals; w and t: the same without zeros at the end.
plural_operands <- function(x, digits) {
  printed <- if (is.null(digits)) format(abs(x), digits = 15L, scientific = FALSE) else format_number(abs(x), digits, big = "")
  decimals <- if (grepl(".", printed, fixed = TRUE)) sub("^.*[.]", "", printed) else ""
  short <- sub("0+$", "", decimals)
  figure_of <- function(text) if (nzchar(text)) as.numeric(text) else 0
  n <- as.numeric(printed)
  list(n = n, i = floor(n), v = nchar(decimals), f = figure_of(decimals), w = nchar(short), t = figure_of(short))
}

# The forms that a language with these rules has.
plural_forms <- function(text) c(names(parse_plural(text)), "other")
