# One series or many units over time, as Kendall's and Sen's methods take them.

# list(x, time, units, weights, missing): a vector with its times, or a matrix
# with its columns in the order of their times.
trend_data <- function(x, time, weights) {
  check_not_integer64(x, "x")
  check_not_integer64(time, "time")
  check_not_integer64(weights, "weights")
  if (is.data.frame(x)) x <- frame_matrix(x)
  if (is.logical(x) && all(is.na(x))) storage.mode(x) <- "double"
  if (!is.numeric(x) || is.factor(x) || length(dim(x)) > 2L) {
    cap_abort_input("{.arg x} must hold numbers: a vector, or units by editions; it is {.obj_type_friendly {x}}.")
  }
  if (length(dim(x)) == 2L) trend_matrix(x, time, weights) else trend_vector(x, time, weights)
}

# Editions with a value of a unit that carries weight, or values.
known_times <- function(data) {
  if (is.null(data$units)) {
    return(data$time[!is.na(data$x)])
  }
  data$time[colSums(!is.na(data$x[weighing(data), , drop = FALSE])) > 0]
}

weighing <- function(data) {
  if (is.null(data$weights)) rep(TRUE, length(data$units)) else !is.na(data$weights) & data$weights > 0
}

# The first column of text, if any, names the units.
frame_matrix <- function(x) {
  x <- as.data.frame(x)
  text <- vapply(x, function(column) is.character(column) || is.factor(column), NA)
  if (length(text) > 0L && text[[1L]]) {
    names <- as_code(x[[1L]])
    x <- as.matrix(x[-1L])
    rownames(x) <- names
    return(x)
  }
  named <- .row_names_info(x) > 0L
  x <- as.matrix(x)
  if (!named) rownames(x) <- NULL
  x
}

trend_matrix <- function(x, time, weights) {
  units <- rownames(x) %||% paste("unit", seq_len(nrow(x)))
  if (nrow(x) == 0L || ncol(x) == 0L) {
    cap_abort_input("{.arg x} has no {if (nrow(x) == 0L) 'unit' else 'edition'}.")
  }
  if (anyNA(units)) cap_abort_input("{.arg x} has {sum(is.na(units))} row{?s} without the name of a unit.")
  check_once(units, "x", "units")
  time <- trend_time(time %||% column_times(x), ncol(x), "columns")
  order <- order(time)
  gap <- diff(time[order])
  check_none(time[order][which(gap <= slack("tie") * max(abs(time)))], c(
    "Editions of units must be at different times.",
    "x" = "More than one column at {some_of(bad)}.",
    "i" = "Merge the columns, or choose one."
  ))
  infinite <- rowSums(is.infinite(x)) > 0
  check_none(units[infinite], "{.arg x} must be finite; it is not for {some_units(bad)}.")
  x <- matrix(as.double(x), nrow(x))[, order, drop = FALSE]
  list(
    x = x, time = time[order], units = units, missing = sum(is.na(x)),
    weights = trend_weights(weights, units)
  )
}

trend_vector <- function(x, time, weights) {
  if (!is.null(weights)) {
    cap_abort_input("{.arg weights} are for the units of a matrix; {.arg x} is one series.")
  }
  x <- as.double(x)
  time <- trend_time(time %||% seq_along(x), length(x), "values")
  check_none(which(is.infinite(x)), "{.arg x} must be finite; it is not at position {some_of(bad)}.")
  list(x = x, time = time, missing = sum(is.na(x)))
}

column_times <- function(x) {
  times <- suppressWarnings(as.numeric(colnames(x)))
  if (length(times) == 0L || anyNA(times)) seq_len(ncol(x)) else times
}

# The figures of all units together, then of each unit where there are several.
all_and_each <- function(x, all, columns, lang) {
  if (is.null(x$units)) {
    return(all[columns])
  }
  out <- cbind(data.frame(unit = c(say(lang, "word.all_units"), x$units)), rbind(all[columns], x$each[columns]))
  if (!is.null(x$weights)) out$weight <- c(NA, x$weights)
  row.names(out) <- NULL
  out
}

trend_time <- function(time, n, what) {
  if (is.factor(time)) time <- as.character(time)
  numbers <- suppressWarnings(as.numeric(time))
  if (length(numbers) != n) {
    cap_abort_input("{.arg time} must have one time for each of the {n} {what} of {.arg x}; it has {length(numbers)}.")
  }
  check_none(which(!is.finite(numbers)), "{.arg time} must be numbers without gaps; it is not at position {some_of(bad)}.")
  numbers
}

trend_weights <- function(weights, units) {
  if (is.null(weights)) {
    return(NULL)
  }
  if (!is.numeric(weights)) {
    cap_abort_input("{.arg weights} must be numbers, not {.obj_type_friendly {weights}}.")
  }
  if (!is.null(names(weights))) {
    lacking <- setdiff(units, names(weights))
    if (length(lacking) > 0L || anyDuplicated(names(weights)[names(weights) %in% units])) {
      cap_abort_input(c(
        "{.arg weights} must name each unit once.",
        "x" = if (length(lacking) > 0L) "No weight for {some_units(lacking)}.",
        "i" = "Give NA or 0 for a unit that is to carry no weight."
      ))
    }
    weights <- weights[units]
  }
  if (length(weights) != length(units)) {
    cap_abort_input("{.arg weights} must be one for each of the {length(units)} units; there are {length(weights)}.")
  }
  check_sizes(weights, units, "{.arg weights}")
  if (!any(weights > 0, na.rm = TRUE)) {
    cap_abort_input("{.arg weights} are 0 or missing for all units; give a weight to one at least.")
  }
  as.double(unname(weights))
}
