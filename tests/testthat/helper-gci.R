# What is slow to make is made once a process, when first asked for, and shared
# by all tests. `value` may not be NULL.
made <- new.env()
once <- function(key, value) {
  if (is.null(made[[key]])) made[[key]] <- value
  made[[key]]
}

# The shipped data as indices.
gci <- function(year) {
  once(paste("gci", year), cap_index(cap_answers(gci_items[gci_items$edition == year, ], paste0("gci-", year))))
}
gci_answers <- function(year) gci(year)$answers

gci_overall_copy <- function() {
  utils::read.csv(system.file("extdata", "gci_overall_copy.csv", package = "cybercap", mustWork = TRUE))
}

overall <- function(x) {
  table <- as.data.frame(x)
  table[table$item == "GCI", ]
}

# A small framework of one's own: two pillars, four items, one reversed.
small_items <- function() {
  data.frame(
    code = c("IDX", "P", "Q", "P1", "P2", "Q1", "Q2"),
    parent = c("", "IDX", "IDX", "P", "P", "Q", "Q"),
    weight = c(NA, 3, 1, 1, 3, 1, 1),
    max = c(100, 20, 20, 1, 2, 3, 1),
    direction = c(1, 1, 1, 1, -1, 1, 1)
  )
}
small <- function(...) cap_framework(list(items = small_items(), ...))

small_answers <- function() {
  data.frame(
    iso3 = rep(c("AAA", "BBB", "CCC"), each = 4),
    edition = 2024L,
    item = c("P1", "P2", "Q1", "Q2"),
    value = c(1, 0, 3, 1, 0.5, 1, 1.5, 0.5, 0, 2, 0, 0)
  )
}

# Rows in another order, the same one every time.
shuffled <- function(x, seed = 1) {
  withr::with_seed(seed, x[sample(nrow(x)), , drop = FALSE])
}

# Messages are compared without colour, in one width and language.
local_messages <- function(frame = parent.frame()) {
  local_reproducible_output(width = 100, crayon = FALSE, unicode = FALSE, .env = frame)
}

# The text of a classed error.
input_error <- function(code) {
  e <- expect_error(code, class = "cap_error_input")
  cli::ansi_strip(conditionMessage(e))
}

# The rows of one code.
overall_of <- function(x, code) {
  table <- as.data.frame(x)
  table[table$item == code, ]
}
