# Faults that several functions meet, each worded once. `arg` is the argument at fault;
# `whose` is text ("the index", "`x`") or a framework, which is called by its id.

id_of <- function(whose) if (is.list(whose)) paste0("\"", whose$id, "\"") else whose

check_items <- function(item, known, arg, whose) {
  unknown <- setdiff(item, known)
  if (length(unknown) > 0L || anyNA(item)) {
    cap_abort_input(c(
      "{.arg {arg}} names items that {id_of(whose)} lacks: {some_items(unknown)}.",
      "i" = "Items: {some_of(known, 8L)}."
    ))
  }
  check_once(item, arg, "items")
}

check_has_items <- function(item, needed, arg) {
  check_none(setdiff(needed, item), "{.arg {arg}} lacks the {cli::qty(length(bad))}item{?s} {some_items(bad)}.")
  invisible(item)
}

check_units <- function(unit, known, arg, whose) {
  check_none(setdiff(unit, known), c(
    "{.arg {arg}} must name units of {whose}; not there: {some_units(bad)}.",
    "i" = if (length(known) > 0L) "Units: {some_of(known)}."
  ))
  invisible(unit)
}

check_edition <- function(edition, known, whose, arg = "edition") {
  if (length(edition) != 1L || !edition %in% known) {
    cap_abort_input(c(
      "{.arg {arg}} must be one edition of {whose}: {.or {.val {as.character(unique(known))}}}.",
      "x" = "It is {some_editions(edition)}."
    ))
  }
  invisible(edition)
}

check_levels <- function(level, known, arg = "level") {
  check_none(setdiff(level, known), "{.arg {arg}} must be among the levels {.val {known}}, not {.val {bad}}.")
  invisible(level)
}

# `what` is a field of the condition, "units" or "items", or any other plural.
check_once <- function(x, arg, what) {
  twice <- unique(x[duplicated(x) & !is.na(x)])
  if (length(twice) > 0L) {
    at <- if (what %in% c("units", "items")) stats::setNames(list(as.character(twice)), what)
    rlang::inject(cap_abort_input("{.arg {arg}} has {what} more than once: {some_of(twice)}.", !!!at))
  }
  invisible(x)
}

# Nothing is at fault; else the message, whose marks may name what is: `bad`.
check_none <- function(bad, message, ..., .envir = rlang::caller_env()) {
  if (length(bad) > 0L) cap_abort_input(message, ..., .envir = rlang::env(.envir, bad = bad))
  invisible(bad)
}

# `rule`, which may hold marks, is true of each item or unit.
check_each <- function(holds, of, rule, what = "items", .envir = rlang::caller_env()) {
  check_none(of[!holds %in% TRUE], paste0(rule, "; not so for {some_", what, "(bad)}."), .envir = .envir)
  invisible(holds)
}

check_amounts <- function(x, item, what, finite = TRUE) {
  rule <- paste0(what, " must be numbers of 0 or more", if (!finite) " (or {.code Inf})")
  check_each(x >= 0 & (is.finite(x) | !finite), item, rule)
  invisible(x)
}

# Users or weights of units, of which squares are taken.
check_sizes <- function(x, unit, what) {
  check_each(is.na(x) | x >= 0 & x <= 1e100, unit, paste(what, "must be from 0 to 1e100"), "units")
  invisible(x)
}

check_rows <- function(x, arg) {
  if (nrow(x) == 0L) cap_abort_input("{.arg {arg}} has no rows.")
  invisible(x)
}

# A column that says for each row whose it is.
check_filled <- function(x, column, arg) {
  if (anyNA(x)) {
    cap_abort_input("Column {.field {column}} of {.arg {arg}} is empty in {sum(is.na(x))} row{?s} (row {some_of(which(is.na(x)))}).")
  }
  invisible(x)
}

check_one_group <- function(groups, arg, units = groups$unit) {
  twice <- intersect(groups$unit[duplicated(groups$unit)], units)
  check_none(twice, "{.arg {arg}} puts {some_units(bad)} in more than one group.")
  invisible(groups)
}

stop_no_stages <- function(framework, arg = NULL) {
  cap_abort_input(c(
    "{.val {framework$id}} has no stages.", "x" = if (!is.null(arg)) "{.arg {arg}} is for frameworks with stages."
  ))
}

stop_no_bands <- function(framework, ...) {
  cap_abort_input(c("{.val {framework$id}} has no bands, so there are no tiers.", ...))
}

check_files <- function(path, folders = TRUE) {
  absent <- !file.exists(path) | (!folders & dir.exists(path))
  if (any(absent)) cap_abort_io("There is no file {.path {some_of(path[absent])}}.", arg = "path")
  invisible(path)
}

# Where a workbook goes: into a folder under the `name` given, or where `path` says.
as_xlsx_path <- function(path, name = NULL) {
  check_string(path, "path")
  if (!is.null(name) && dir.exists(path)) {
    return(file.path(path, name))
  }
  if (!grepl("[.]xlsx$", path, ignore.case = TRUE)) {
    cap_abort_input(c(
      "{.arg path} must end in {.file .xlsx}{if (!is.null(name)) ' or be an existing folder'}.",
      "x" = "It is {.path {path}}."
    ))
  }
  path
}
