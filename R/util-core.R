# Figures and rules of the core by name: what it decides, R does not decide again.

registers <- new.env(parent = emptyenv())

# Each register is read once.
from_core <- function(name, read) {
  if (is.null(registers[[name]])) registers[[name]] <- read()
  registers[[name]]
}

# What rounding is forgiven; see src/base/tolerance.h for names and reasons.
slack <- function(name) from_core("tolerances", function() .Call(C_tolerances))[[name]]

# The words of an enumeration, in the order of the core (src/glue/registers.c lists them):
# .Call entries take and give them, and never a number for one.
core_words <- function(name) {
  all <- from_core("enums", function() .Call(C_enums))
  stopifnot(name %in% names(all))
  all[[name]]
}

# Numbers as printed: halves away from zero, those that binary numbers just miss too
# (src/base/rounding.h).
round_half_up <- function(x, digits = 0L) {
  storage.mode(x) <- "double"
  .Call(C_round_half_up, x, digits)
}

# "none", "part" or "whole" for shares from 0 to 1 and NA, by rows and columns as given.
share_state <- function(share) {
  storage.mode(share) <- "double"
  .Call(C_share_state, share)
}

is_whole <- function(share) share_state(share) == "whole"
