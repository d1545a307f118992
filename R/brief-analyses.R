# The analyses beside the index in a brief: what was given, checked and laid out
# once an index (all scopes share it), and the form that their sheets have.

analysis_classes <- c("cap_robustness", "cap_readiness", "cap_trend", "cap_convergence", "cap_mobility", "cap_actions")

# One result or a list of them as a list named by their classes, each once, and the
# readiness once a framework. `classes` are those that the file has sheets for.
as_analyses <- function(analyses, classes = analysis_classes) {
  if (is.null(analyses)) analyses <- list()
  is_one <- inherits(analyses, "cap_result")
  if (is_one) analyses <- list(analyses)
  if (!is.list(analyses) || is.object(analyses)) {
    cap_abort_input("{.arg analyses} must be a list of results of {.or {.fn {classes}}}, not {.obj_type_friendly {analyses}}.")
  }
  class <- vapply(analyses, function(x) intersect(class(x), classes)[1L], "")
  strange <- which(is.na(class))
  if (length(strange) > 0L) {
    place <- if (is_one) "analyses" else analysis_place(analyses, strange[1L])
    cap_abort_input(c(
      "{.arg analyses} must hold results of {.or {.fn {classes}}}.",
      "x" = "{.code {place}} is {.obj_type_friendly {analyses[[strange[1L]]]}}."
    ))
  }
  check_each_once(analyses, class)
  stats::setNames(analyses, class)
}

check_each_once <- function(analyses, class) {
  framework <- vapply(analyses, function(x) if (inherits(x, "cap_readiness")) x$framework$id else "", "")
  again <- which(duplicated(data.frame(class, framework)))
  if (length(again) > 0L) {
    second <- again[1L]
    first <- match(TRUE, class == class[second] & framework == framework[second])
    cap_abort_input(c(
      "{.arg analyses} holds two results of {.fn {class[second]}}{if (nzchar(framework[second])) ' by one framework'}.",
      "x" = "They are {.code {analysis_place(analyses, first)}} and {.code {analysis_place(analyses, second)}}."
    ))
  }
  invisible(analyses)
}

# As the user would call it.
analysis_place <- function(analyses, i) {
  name <- names(analyses)[i]
  if (is.null(name) || !nzchar(name)) paste0("analyses[[", i, "]]") else paste0("analyses$", name)
}

# list(sensitivity, readiness, trend, actions), each NULL or what its own file
# says. Depends on the index and the analyses alone.
brief_analyses <- function(index, analyses) {
  robustness <- analyses[["cap_robustness"]]
  actions <- analyses[["cap_actions"]]
  readiness <- unname(analyses[names(analyses) == "cap_readiness"])
  list(
    sensitivity = if (!is.null(robustness)) sensitivity_figures(robustness, index),
    readiness = lapply(readiness, readiness_figures, index), trend = trend_figures(analyses, index),
    actions = if (!is.null(actions)) actions_figures(actions, index)
  )
}

# The sheets of what was given, in the order that readers look for them.
analysis_sheets <- function(context, facts) {
  given <- context$analyses
  is_unit <- context$kind == "unit"
  c(
    if (!is_unit) list(moves_sheet(context)),
    if (!is.null(given$sensitivity)) list(if (is_unit) unit_sensitivity(context) else group_sensitivity(context)),
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
