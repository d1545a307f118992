#' The live workbook: other weights, and next steps with one's own costs
#'
#' Writes a workbook whose scores and tiers are formulas: change a weight in its
#' unlocked cell and scores, tiers and the chart follow, in any spreadsheet and
#' without R. Each formula carries the value that was computed here, so the file
#' reads right before anything is recalculated.
#'
#' @param index From [cap_index()]; its last edition is used.
#' @param scope,audience,release,style,names,lang As in [cap_brief()]. With a unit as
#'   `scope` the file holds that unit alone.
#' @param analyses For a unit: next steps from [cap_actions()] of the same index;
#'   the sets of raises that it lists come as a sheet of their own, priced with
#'   the costs that are filled in.
#' @param by Groups, as in [cap_regions()], for a group as `scope`.
#' @param units Codes of the units of the scope to keep; by default all.
#' @param costs What raising an item costs, at least 0, as numbers named by item:
#'   the first values of the cells for costs on the sheet Next steps. Items without
#'   one cost 1. The sheets of alternatives begin with the costs of the next steps.
#' @inheritParams cap_brief
#'
#' @details
#' The sheets: **What-if** says how to use the file and shows the tiers (for a
#' unit its scores) as computed and with the weights filled in; **Weights** has
#' the original weights, which stay, beside those to change; **Scores** and
#' **Answers** hold the units; **Next steps** what raising an item brings, with
#' one's own costs, and what the items picked bring together; **Workings** and
#' **Step workings** the shares that the formulas go through.
#'
#' **Weights** may be on any scale: they are divided by their sum within the
#' parent, as in [cap_weights()], and a check stands beside each. While a weight
#' is blank, negative or no number, or all of a parent are 0, scores read `[x]`.
#' Copy the original weights over the others to begin again.
#'
#' **Answers** are locked: they are the record. What a better answer would bring
#' is asked on Next steps, item by item. Where answers are missing and the index
#' renormalises, so do the formulas, with its minimum coverage.
#'
#' **Next steps** computes the whole index anew for each item, so that points are
#' right under every rule, and points of several items together need not be the
#' sum of each alone. In a group's file the unit is chosen from a list.
#'
#' All cells but those to fill in are locked, without a password: protection
#' against accidents, not of secrets. The formulas are for the arithmetic,
#' geometric, harmonic and generalised mean, the minimum, the median,
#' `"mazziotta_pareto"` and `"bottleneck"`. With changed weights they agree with
#' `cap_index()` on those weights to nine decimals.
#' @return As [cap_brief()], an object of class `cap_brief`, invisibly when a file
#'   was written. `as.data.frame()` gives `unit, name, score, tier` of the units
#'   in the file, as computed (`tier` only with bands).
#' @section Errors:
#' `cap_error_input` for a rule that a spreadsheet cannot express (`"owa"`,
#' `"copeland"`, `"kemeny"`) or that may have no value when weights change, for
#' units that the scope lacks, costs that are negative or name no item, next steps
#' without the unit, a `release` with `changes`, and as in [cap_brief()]; `cap_error_io` as there.
#' @seealso [cap_brief()], [cap_actions()], [cap_weights()]
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' path <- tempfile(fileext = ".xlsx")
#' cap_findings(cap_whatif(gci, "FJI", release = "final", path = path))
cap_whatif <- function(index, scope = "world", analyses = list(), by = "itu_region", audience = NULL,
                       release = cap_release("draft"), style = cap_style(), names = NULL, units = NULL,
                       costs = NULL, lang = "en", path = NULL, overwrite = FALSE) {
  check_index(index)
  check_string(scope, "scope")
  check_flag(overwrite, "overwrite")
  actions <- as_analyses(analyses, "cap_actions")[["cap_actions"]]
  release <- check_no_changes(as_release(release), "a live workbook")
  given <- list(by = by, release = release, style = style, names = names, lang = lang)
  common <- brief_common(index_edition(index, last_edition(index)), given)
  context <- brief_context(common, scope, audience, ranks = FALSE)
  context$rows <- whatif_rows(context, units)
  live <- live_facts(context, costs, actions)
  plan <- whatif_plan(context, live)
  whatif <- structure(
    list(
      plan = plan, findings = whatif_findings(context, live), table = live$table,
      title = whatif_title(context, live), path = NULL
    ),
    class = c("cap_brief", "cap_result")
  )
  if (is.null(path)) {
    return(whatif)
  }
  context$code <- paste0(context$code, "-what-if")
  whatif$path <- brief_path(path, context)
  write_plan(plan, whatif$path, overwrite)
  invisible(whatif)
}

# Rows of the units in the file, in the order of their names.
whatif_rows <- function(context, units) {
  rows <- context$rows
  if (!is.null(units)) {
    given <- unique(as_code(units))
    if (length(given) == 0L) cap_abort_input("{.arg units} names no unit.")
    check_units(given, context$index$unit[rows], "units", context$code)
    rows <- rows[context$index$unit[rows] %in% given]
  }
  rows[name_order(shown_names(context, context$index$unit[rows]))]
}

# Facts ------------------------------------------------------------------------

# What all sheets are made from: the index of the units in the file, its layout,
# names and the shares that C computed.
live_facts <- function(context, costs, actions) {
  index <- index_rows(context$index, context$rows)
  framework <- index$framework
  layout <- live_layout(index)
  check_expressible(index, layout)
  names <- shown_names(context, index$unit)
  band <- index_bands(index)
  score <- index$scores[, framework$root]
  table <- data.frame(unit = index$unit, name = names, score = score)
  if (!is.null(framework$bands)) table$tier <- tier_factor(band, framework)
  live <- list(
    index = index, layout = layout, weight = node_shares(index), one_unit = context$kind == "unit",
    labels = unit_choices(names, index$unit), table = table, score = score,
    tier = if (!is.null(framework$bands)) live_tier(framework, score, context$lang),
    cached = live_shares(index, layout, index$answers$values),
    costs = step_costs(costs, framework), sheet = whatif_sheet_names(context), n = length(index$unit)
  )
  live$sets <- live_sets(actions, live, context)
  live$scenario <- live_shares(index, layout, scenario_values(live))
  live
}

# Shares, whether there is one, and coverage of all nodes in order of the layout,
# for any answers under the weights and rules of the index.
live_shares <- function(index, layout, values) {
  arrays <- weighted_arrays(index$spec$weights, index$framework)
  computed <- score_panel(arrays, values, index$spec)
  scores <- computed$scores[, layout$order, drop = FALSE]
  share <- t(t(scores) / index$framework$items$max[layout$order])
  list(
    share = ifelse(is.na(share), 0, share), present = 1 * !is.na(share),
    coverage = computed$coverage[, layout$order, drop = FALSE]
  )
}

# Names by which a list finds one unit: with the code where two are alike.
unit_choices <- function(names, unit) {
  again <- names %in% names[duplicated(names)]
  ifelse(again, paste0(names, " [", unit, "]"), names)
}

step_costs <- function(costs, framework) {
  codes <- leaf_codes(framework)
  out <- stats::setNames(rep(1, length(codes)), codes)
  if (is.null(costs)) {
    return(out)
  }
  check_not_integer64(costs, "costs")
  if (!is.numeric(costs) || is.null(names(costs))) {
    cap_abort_input("{.arg costs} must be numbers named by item, not {.obj_type_friendly {costs}}.")
  }
  check_items(names(costs), codes, "costs", framework)
  check_amounts(costs, names(costs), "{.arg costs}")
  out[names(costs)] <- costs
  out
}

# Words ------------------------------------------------------------------------

whatif_sheet_names <- function(context) {
  lang <- context$lang
  list(
    front = with_status(context, say(lang, "sheet.whatif")), weights = say(lang, "sheet.whatif_weights"),
    scores = say(lang, "sheet.whatif_scores"), answers = say(lang, "sheet.whatif_answers"),
    steps = say(lang, "sheet.whatif_steps"), tiers = say(lang, "sheet.whatif_tiers"),
    workings = say(lang, "sheet.whatif_workings"), step_workings = say(lang, "sheet.whatif_step_workings"),
    alternatives = say(lang, "sheet.whatif_alternatives"), raises = say(lang, "sheet.whatif_raises")
  )
}

whatif_findings <- function(context, live) {
  framework <- live$index$framework
  missing <- sum(is.na(live$index$answers$values))
  unscored <- sum(is.na(live$score))
  findings(
    context$lang,
    finding("whatif.holds",
      n = live$n, items = length(framework$leaves), weights = live$layout$n - 1L, edition = context$edition_label
    ),
    finding("whatif.rules",
      rule = listed(unique(rule_words(live$index$spec$aggregate))), weights = live$index$spec$weights$method
    ),
    if (!is.null(live$sets)) finding("whatif.sets", n = live$sets$n, target = live$sets$target),
    if (missing > 0L) finding("whatif.missing", n = missing, policy = words_of("missing", live$index$spec$missing), unscored = unscored)
  )
}

whatif_plan <- function(context, live) {
  sheets <- Filter(Negate(is.null), list(
    whatif_front(context, live), weights_sheet(context, live), scores_sheet(context, live),
    answers_sheet(context, live), steps_sheet(context, live),
    if (!is.null(live$sets)) alternatives_sheet(context, live),
    if (!is.null(live$sets)) raises_sheet(context, live),
    if (live$one_unit && !is.null(live$tier)) tiers_sheet(context, live),
    workings_sheet(context, live), step_workings_sheet(context, live)
  ))
  cleaned <- count_cleaned(sheets) + cleaned_names(context)
  sheets <- c(sheets, list(
    whatif_methods(context, live), notes_sheet(context, whatif_notes(context, live), cleaned)
  ))
  sheets <- finish_parts(context$lang, c(sheets, list(contents_sheet(context, sheets))))
  properties <- brief_properties(context, whatif_title(context, live), "what-if")
  plan_of_parts(sheets, properties, protect = TRUE, paper = context$paper)
}
