# Tables as users give them.

check_data_frame <- function(x, arg) {
  if (!is.data.frame(x)) {
    cap_abort_input("{.arg {arg}} must be a data frame, not {.obj_type_friendly {x}}.")
  }
  invisible(x)
}

# A table whose columns are all read.
check_table <- function(x, arg) {
  check_data_frame(x, arg)
  check_not_integer64(x, arg)
  invisible(x)
}

check_columns <- function(x, columns, arg) {
  missing <- setdiff(columns, names(x))
  if (length(missing) > 0L) {
    cap_abort_input(c(
      "{.arg {arg}} lacks the {cli::qty(length(missing))}column{?s} {.field {missing}}.",
      "i" = if (length(x) > 0L) "It has {.field {names(x)}}."
    ))
  }
  invisible(x)
}
