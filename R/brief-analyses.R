# The analyses beside the index in a brief: what was given, checked and laid out
# once an index (all scopes share it), and the form that their sheets have.

# list(sensitivity, readiness, trend, actions), each NULL or what its own file
# says. Depends on the index and the analyses alone.
brief_analyses <- function(index, robustness = NULL, readiness = NULL, trend = NULL, actions = NULL) {
  list(
    sensitivity = if (!is.null(robustness)) sensitivity_figures(robustness, index),
    readiness = lapply(as_results(readiness, "cap_readiness", "readiness"), readiness_figures, index),
    trend = trend_figures(as_results(trend, trend_classes, "trend"), index),
    actions = if (!is.null(actions)) actions_figures(actions, index)
  )
}

# One result or a list of them, as a list.
as_results <- function(x, classes, arg) {
  if (is.null(x)) {
    return(NULL)
  }
  if (inherits(x, "cap_result")) x <- list(x)
  fits <- is.list(x) && length(x) > 0L && all(vapply(x, inherits, NA, classes))
  if (!fits) {
    cap_abort_input("{.arg {arg}} must come from {.or {.fn {classes}}}, or be a list of such results.")
  }
  unname(x)
}

# The sheets of what was given, in the order that readers look for them.
analysis_sheets <- function(context, facts) {
  given <- context$analyses
  is_unit <- context$kind == "unit"
  c(
    if (!is_unit) list(moves_sheet(context)),
    if (!is.null(given$sensitivity)) list(sensitivity_sheet(context)),
    lapply(given$readiness, readiness_sheet, context = context, many = length(given$readiness) > 1L),
    list(if (is_unit) unit_steps_sheet(context, facts) else group_steps_sheet(context, facts$steps)),
    if (!is.null(given$trend$series)) list(trend_sheet(context)),
    if (context$kind == "world" && !is.null(given$trend$convergence)) list(convergence_sheet(context))
  )
}

# Findings of the sheets that have some, named by sheet.
findings_by_sheet <- function(sheets) {
  sheets <- Filter(function(s) !is.null(s$found), sheets)
  stats::setNames(lapply(sheets, `[[`, "found"), vapply(sheets, function(s) s$sheet$name, ""))
}
