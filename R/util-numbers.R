# Numbers as users give them. Whatever comes in as numbers passes through here, so
# that what R would take for other numbers is refused by name.

# The doubles of `x`; `arg` is the argument, or the column, that it is of.
as_numbers <- function(x, arg) {
  check_not_integer64(x, arg)
  as.double(x)
}

# integer64 (of databases, data.table and bit64) keeps whole numbers in the bits of
# doubles: taken for doubles they are all about 0, and nothing tells. `x` may be a
# table or a list, whose columns and elements are then looked at and named.
check_not_integer64 <- function(x, arg) {
  at <- find_integer64(x)
  if (length(at) == 0L) {
    return(invisible(x))
  }
  fault <- if (identical(at, "")) {
    "{.arg {arg}} must hold plain numbers, not {.cls integer64}."
  } else {
    "{.field {at}} of {.arg {arg}} must hold plain numbers, not {.cls integer64}."
  }
  cap_abort_input(c(
    fault,
    "i" = "Convert with package {.pkg bit64} loaded, {.code library(bit64); as.double(x)}: without it other numbers come out."
  ))
}

# Names of what is of class integer64 in a table or a list, "" for `x` itself.
find_integer64 <- function(x) {
  if (inherits(x, "integer64")) {
    return("")
  }
  if (!is.data.frame(x) && (!is.list(x) || is.object(x))) {
    return(NULL)
  }
  names <- names(x) %||% rep("", length(x))
  names <- ifelse(nzchar(names), names, paste("element", seq_along(x)))
  at <- Map(function(element, name) {
    inside <- find_integer64(element)
    paste0(name, ifelse(nzchar(inside), "$", ""), inside, recycle0 = TRUE)
  }, unclass(x), names)
  unlist(at, use.names = FALSE)
}

# The least length of time or of a scale that is taken for one: what is asked for is
# above 0.
least_positive <- 1e-9
# A column of a table; one without any figure may be of logical NA.
check_figures <- function(x, column, arg, finite = FALSE) {
  is_plain <- is.numeric(x) || is.logical(x) && all(is.na(x))
  if (!is_plain || finite && any(is.infinite(x))) {
    kind <- if (!is_plain) cli::format_inline(", not {.cls {class(x)}}")
    cap_abort_input("Column {.field {column}} of {.arg {arg}} must hold {if (finite) 'finite '}numbers{kind}.")
  }
  invisible(x)
}

check_number <- function(x, arg, min = -Inf, max = Inf) {
  check_not_integer64(x, arg)
  if (!is.numeric(x) || length(x) != 1L) {
    cap_abort_input("{.arg {arg}} must be one number from {min} to {max}, not {.obj_type_friendly {x}}.")
  }
  if (is.na(x) || x < min || x > max) {
    cap_abort_input("{.arg {arg}} must be one number from {min} to {max}, not {x}.")
  }
  invisible(x)
}

check_conf <- function(conf) {
  check_number(conf, "conf", 0, 1)
  if (conf == 0 || conf == 1) cap_abort_input("{.arg conf} must lie between 0 and 1, such as 0.95, not at {conf}.")
  invisible(conf)
}

check_count <- function(x, arg, least = 1, most = 2^31 - 1) {
  check_not_integer64(x, arg)
  if (!is.numeric(x) || length(x) != 1L || is.na(x) || x != floor(x) || x < least || x > most) {
    above <- is.numeric(x) && length(x) == 1L && isTRUE(x > most)
    bounds <- if (above || most < 2^31 - 1) "from {least} to {format(most, scientific = FALSE)}" else "of at least {least}"
    cap_abort_input(c(
      paste0("{.arg {arg}} must be a whole number ", bounds, "."),
      "x" = if (is.numeric(x) && length(x) == 1L) "It is {x}." else "It is {.obj_type_friendly {x}}."
    ))
  }
  invisible(x)
}
