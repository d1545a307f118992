# Conditions: every error of the package is classed and says what to do.

#' Errors that a script can read
#'
#' Every error has a class and carries what its text says, in full, so that a script
#' that reads 194 forms does not have to parse texts.
#'
#' @details
#' All are of class `cap_error`, and `cap_error_input` (what was given), `cap_error_numeric`
#' (no result can be computed), `cap_error_io` (files and folders) or `cap_error_memory`.
#' `tryCatch()` gives the condition, a list:
#'
#' * `arg`: the argument that the text names as at fault; `NA` where it names none, as for
#'   a fault inside a framework. `"..."` and `"argument 2"` are of a function that takes several.
#' * `column`: the column of that argument, or `NA`.
#' * `units`, `items`, `edition`: the codes of what is at fault, all of them, where the text
#'   shows the first five; of length 0 where none is. Where cells are at fault, such as
#'   answers off their scale, the three have one element for each.
#' * `cell`: `row` and `column` in the matrix that the C core was given, where it found the
#'   fault itself.
#' * `message`, `call`, `parent`: as of any error of package rlang.
#'
#' @name cap_error
#' @examples
#' data <- subset(gci_items, edition == 2024)
#' data$value[c(1, 20, 300:305)] <- 200
#' fault <- tryCatch(cap_answers(data, "gci-2024"), cap_error_input = identity)
#' fault$arg
#' data.frame(unit = fault$units, edition = fault$edition, item = fault$items)
#' # In a loop over files: what is wrong with each, or the answers.
#' read <- function(data) {
#'   tryCatch(cap_answers(data, "gci-2024"), cap_error = function(e) e[c("arg", "column", "items")])
#' }
#' read(data[c("iso3", "value")])
NULL

cap_abort_input <- function(message, ..., .envir = rlang::caller_env()) {
  cap_abort(message, "cap_error_input", ..., .envir = .envir)
}

cap_abort_numeric <- function(message, ..., .envir = rlang::caller_env()) {
  cap_abort(message, "cap_error_numeric", ..., .envir = .envir)
}

cap_abort_io <- function(message, ..., .envir = rlang::caller_env()) {
  cap_abort(message, "cap_error_io", ..., .envir = .envir)
}

# The condition is shown without R's own call of an internal function: users see the
# function that they called. What the text says of the fault, the condition carries as
# data: the argument and the column that it names first, and in full the units, items and
# editions that it lists by `some_units()` and its like. Fields in `...` win.
cap_abort <- function(message, class, ..., .envir) {
  fields <- list(
    arg = first_mark(message, "\\{\\.arg %s\\}", .envir),
    column = first_mark(message, "(?:Column |column\\{\\?s\\} )\\{\\.field %s\\}|\\{\\.field %s\\} of \\{\\.arg ", .envir)
  )
  lists <- fault_lists(.envir)
  message[] <- vapply(message, cli::format_inline, "", .envir = lists)
  fields[c("units", "items", "edition")] <- lists$listed
  given <- list(...)
  fields[names(given)] <- given
  rlang::inject(rlang::abort(message,
    class = c(class, "cap_error"), !!!fields,
    call = public_call(), use_cli_format = TRUE, .frame = .envir
  ))
}

# What the first mark of a message that fits `pattern` holds, each `%s` of which is text
# or an expression in braces; NA for none. What helps ("i") names arguments that are not
# at fault.
first_mark <- function(message, pattern, envir) {
  text <- paste(message[rlang::names2(message) != "i"], collapse = "\n")
  found <- regmatches(text, regexec(gsub("%s", "(?:\\{([^{}]*)\\}|([^{}]*))", pattern, fixed = TRUE), text, perl = TRUE))[[1L]]
  held <- which(nzchar(found))[-1L]
  if (length(held) == 0L) {
    return(NA_character_)
  }
  if (held[1L] %% 2L == 0L) as.character(eval(str2lang(found[held[1L]]), envir)) else found[held[1L]]
}

# Where a message is filled in: `some_units(unit)`, `some_items(item)`, `some_editions(edition)`
# and `some_cells(unit, edition, item)` give its text the first few, as some_of() does, and
# keep them all in `listed`. Fields of cells are of one length, an element a cell.
fault_lists <- function(envir) {
  lists <- rlang::new_environment(
    list(listed = list(units = character(), items = character(), edition = character())),
    parent = envir
  )
  keep <- function(...) {
    for (name in ...names()) lists$listed[[name]] <- c(lists$listed[[name]], as.character(list(...)[[name]]))
  }
  lists$some_units <- function(unit) {
    keep(units = unique(unit))
    some_of(unit)
  }
  lists$some_items <- function(item) {
    keep(items = unique(item))
    some_of(item)
  }
  lists$some_editions <- function(edition) {
    keep(edition = unique(edition))
    some_of(edition)
  }
  lists$some_cells <- function(unit, edition, item = NULL) {
    keep(units = unit, edition = rep_len(edition, length(unit)), items = item)
    some_of(cell_label(unit, edition, item))
  }
  lists
}

# "KEN 2024 LS1"; without edition or item where there is none.
cell_label <- function(unit, edition, item = NULL) {
  row <- ifelse(is.na(rep_len(edition, length(unit))), unit, paste(unit, edition))
  if (is.null(item)) row else paste(row, item)
}

# The outermost call of a function that this package exports, of those that called one
# another down to here; a function that was only waiting for its argument is none of them
# (`cap_brief(index, release = cap_release("x"))`). The caller of a method is its generic's,
# so that without such a call all frames are searched. NULL when there is none, so that no
# internal function is shown.
public_call <- function() {
  exports <- grep("^cap_", getNamespaceExports("cybercap"), value = TRUE)
  public <- mget(exports, envir = asNamespace("cybercap"))
  for (i in c(callers_of(sys.nframe(), sys.parents()), seq_len(sys.nframe()))) {
    is_called <- vapply(public, identical, NA, sys.function(i))
    if (any(is_called)) {
      call <- sys.call(i)
      if (is.function(call[[1L]])) call[[1L]] <- as.name(exports[is_called][[1L]])
      return(call)
    }
  }
  NULL
}

# A frame and its callers, outermost first. A function that C called has no caller among
# the frames, and R names itself as its parent: it was the one before that called C.
callers_of <- function(frame, parents) {
  if (frame > 0L) {
    caller <- if (parents[frame] < frame) parents[frame] else frame - 1L
    c(callers_of(caller, parents), frame)
  }
}

warn_classed <- function(message, .envir = rlang::caller_env()) {
  cli::cli_warn(message, class = "cap_warning", call = public_call(), .envir = .envir)
}

# Called by the C glue; `status` as cap_status in src/base/status.h.
core_abort <- function(status, message, row, column) {
  class <- switch(status,
    "cap_error_memory", "cap_error_input", "cap_error_numeric", "cap_error_io"
  )
  cap_abort(c("{message}", if (status == 1L) {
    c("i" = "Work on fewer units at a time, or on a machine with more memory.")
  }), class %||% "cap_error_input", cell = c(row = row, column = column), .envir = environment())
}

# "a, b, c, d, e and 12 more": the first few of what is at fault.
some_of <- function(x, n = 5L) {
  x <- unique(as.character(x))
  shown <- paste(utils::head(x, n), collapse = ", ")
  if (length(x) > n) paste0(shown, " and ", length(x) - n, " more") else shown
}

`%||%` <- rlang::`%||%`

check_string <- function(x, arg, allow_null = FALSE) {
  if (allow_null && is.null(x)) {
    return(invisible(x))
  }
  if (!is.character(x) || length(x) != 1L || is.na(x) || !nzchar(x)) {
    cap_abort_input("{.arg {arg}} must be one non-empty string.")
  }
  invisible(x)
}

check_flag <- function(x, arg) {
  if (!is.logical(x) || length(x) != 1L || is.na(x)) {
    cap_abort_input("{.arg {arg}} must be {.code TRUE} or {.code FALSE}.")
  }
  invisible(x)
}

# match.arg() with a classed error.
choose <- function(x, choices, arg) {
  if (identical(x, choices)) {
    return(choices[[1L]])
  }
  if (!is.character(x) || length(x) != 1L || !x %in% choices) {
    cap_abort_input(c(
      "{.arg {arg}} must be one of {.or {.val {choices}}}.",
      "x" = if (is.atomic(x) && length(x) == 1L) "It is {.val {x}}." else "It is {.obj_type_friendly {x}}."
    ))
  }
  x
}

# `...` of the function `call` must be empty.
check_dots <- function(call, ...) {
  if (...length() == 0L) {
    return(invisible(call))
  }
  named <- Filter(nzchar, names(list(...)))
  if (length(named) == 0L) {
    cap_abort_input("{.fn {call}} was given more arguments than it has: they must be named as in its help.")
  }
  cap_abort_input("{.fn {call}} has no argument {.arg {named}}.")
}

# NaN from the core is NA in tables.
na_figure <- function(x) {
  x[is.nan(x)] <- NA_real_
  x
}

drop_null <- function(x) Filter(Negate(is.null), x)
