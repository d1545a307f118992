# Numbers as text: by the one rounding rule, with the marks of a language.

# With all its digits: an edition, a correlation.
plain_number <- function(x, language) {
  format(x, digits = 15L, scientific = 10L, trim = TRUE, decimal.mark = language$decimal)
}

# Numbers as printed everywhere: halves away from zero by the package's one
# rounding rule (src/core/index/rank.h), so that text, ranks and cells agree.
format_number <- function(x, digits = 1L, sign = FALSE, big = ",", decimal = ".", missing = "not available") {
  x <- unname(x)
  rounded <- round_half_up(x, digits)
  text <- fixed_digits(abs(rounded), digits, big, decimal)
  mark <- ifelse(rounded < 0, "-", if (sign) ifelse(rounded > 0, "+", "") else "")
  text <- paste0(mark, text, recycle0 = TRUE)
  text[is.na(x)] <- missing
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
