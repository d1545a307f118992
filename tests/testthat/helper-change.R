# The worked example of six countries in two regions, and what it is cut from.
six <- function() {
  data.frame(
    unit = rep(LETTERS[1:6], 2), edition = rep(c(2020, 2024), each = 6),
    value = c(20, 40, 60, 50, 80, 90, 35, 50, 70, 55, 88, 95),
    users = c(10, 30, 20, 60, 50, 30, 20, 45, 25, 65, 52, 33)
  )
}
six_regions <- function() data.frame(unit = LETTERS[1:6], group = rep(c("A", "B"), each = 3))
like_for_like <- function() list(gci(2020), gci(2024))
five_editions <- function() once("five", cap_panel(gci_overall))
said <- function(x) paste(cap_findings(x)$text, collapse = "\n")
no_nan <- function(x) expect_false(any(is.nan(unlist(x[vapply(x, is.double, NA)]))))
