#' Next steps: the least-cost raises that reach a stage or tier
#'
#' For each unit the set of item raises that reaches the next, or a named, stage
#' or tier at the least cost, with the proof that none costs less; in the order
#' in which they can be taken; and the alternatives to it. It shows where a
#' unit's potential growth lies. What a raise takes in the country, and what it
#' is worth beyond the score, it does not know.
#'
#' @param x From [cap_readiness()], whose gates the raises must meet, or from
#'   [cap_index()] with a framework that has bands and the arithmetic mean at all
#'   levels, whose score must reach the lower bound of the tier. (A readiness of
#'   a framework with bands and no stages is read like an index.)
#' @param target `"next"`: for each unit the stage or tier above its own. Or one
#'   stage (its number or label) or tier (its label or name) for all units.
#' @param costs What a raise costs, at least 0: `NULL`, 1 a step for every item;
#'   numbers named by item, the cost of a step (items without one cost 1); or a
#'   data frame `item`, `cost` and, if steps differ, `level`: the cost of the
#'   step that ends at that answer. An item with levels can be raised to these
#'   only. `Inf`: the item cannot be raised (that far).
#' @param prerequisites What must stand before an item is raised: a data frame
#'   `item`, `requires` and, if you like, `min`; by default that of the framework
#'   (a data frame without rows is none). See Prerequisites.
#' @param step How far apart the levels are to which an item can be raised: one
#'   number, in answers, or numbers named by item. By default 1 for items answered
#'   in whole levels or points (the scale is longer than 1, or the gates ask for
#'   whole numbers only), and else a tenth of the scale: published indicators are
#'   shares of many questions, of which halves would be too coarse. For answers
#'   that are absent, partly or in place give 0.5, for yes and no 1.
#' @param cost_per `"step"`: a raise costs its steps. `"item"`: it costs the same
#'   however far it goes.
#' @param alternatives How many sets of raises to list for each unit, the best
#'   included: 200 at most; 1 for the best alone.
#' @param unit Codes of the units to look at; by default all.
#' @param max_nodes Most partial plans to look at for each unit; beyond, the best
#'   that was found is given with its distance from the bound.
#' @param ... Not used.
#'
#' @details
#' A **step** is a move to the next multiple of `step` above the least answer; a
#' step that is begun counts as a whole, so that a raise from 0.37 to 0.5 with
#' steps of 0.1 counts two. Where gates are to be met, items are raised to what
#' gates (and prerequisites) ask, and no further.
#'
#' With cost \eqn{c_i(l)} of raising item i to level l, the set minimises
#' \eqn{\sum c_i(l_i)} such that in each gate group of the stages up to the
#' target at least k items reach their minimum, or that
#' \eqn{s + \sum w_i (l_i - x_i) + 10^{-9}} reaches the lower bound of the tier,
#' w the points of the overall score through the tree; and that prerequisites
#' hold. It is found by branch and bound and, unless `max_nodes` stops it, proven
#' to be of least cost; typical problems of 60 items take milliseconds. Sets of
#' equal cost are in order of the number of raises, then of codes (in the C
#' locale: the set that raises the first item where they differ, or raises it
#' higher, comes first).
#'
#' The steps are **ordered** by prerequisite; among those that can be taken, by
#' the probability gained for their cost where the readiness has evidence
#' (\eqn{\Delta \log q / c}, q the probability that the item passes what is asked
#' of it; an item that cannot pass comes first), then by score gained for their
#' cost, then by code.
#'
#' **Alternatives** are sets from which no raise can be left out or lowered, in
#' the order above.
#'
#' @section Prerequisites:
#' An item may be raised only when each item that it requires is at `min` or
#' above in the same plan, raised or as it stands; and so on for what is raised
#' on that account. `min` is in answers (for items of which less is better: the
#' least plus the largest answer less the answer); where it is not given, it is
#' the largest minimum that a gate up to the target sets for the required item,
#' or else that item's maximum. What is not raised asks for nothing. Items that
#' do not apply to a unit are not required of it.
#'
#' @section Missing values:
#' A missing answer stands at the least level, as in [cap_readiness()] and
#' [cap_index()] with `missing = "zero"`, and `from` is `NA`. With
#' `missing = "renormalise"` it has no weight until it is observed: the item is
#' not raised. A unit without a score has no steps, and is said not to. Items that
#' are not applicable leave the gates and the score.
#'
#' @return An object of class `cap_actions`. `as.data.frame()` gives a row for
#'   each raise: `unit, edition, framework, target, rank, item, label, from, to,
#'   cost, gate, score_gain, p_gain, prerequisite`. `gate`: what it helps to
#'   meet, groups as stage:group or `score`; `score_gain`: points that the overall
#'   score (of an index on its own scale, of a readiness 0 to 100) gains with it,
#'   after the raises before it (`NA` under rules that compare units);
#'   `p_gain`: what the probability of the target gains in the same way (`NA`
#'   without evidence, and for tiers; a raised answer keeps its grade, and without
#'   one has the least reliable); `prerequisite`: raises that must come before.
#'   `cap_table(x, table = )` gives
#'   \describe{
#'     \item{`"steps"`}{the same.}
#'     \item{`"plans"`}{a row for each unit and edition: `unit, edition,
#'       framework, status, from, target, outcome` (`steps`, `reached`,
#'       `unreachable`), `reason`, `raises`, `cost`, `optimal`, `bound`, `gap` (of
#'       the cost over the bound, as a share of the cost), `nodes`, `same_cost`
#'       (other listed sets of the same cost), `alternatives` (sets listed
#'       besides the best) and `cut` (there are, or may be, more).}
#'     \item{`"alternatives"`}{a row for each raise of each set: `unit, edition,
#'       framework, target, plan` (1 the best), `plan_cost, item, label, from,
#'       to, cost`.}
#'   }
#' @section Errors:
#' `cap_error_input` for a target that the framework does not have, negative
#' costs, unknown items in any table, prerequisites that form a cycle (with its
#' codes), steps that are not above 0 or that give more than 254 levels, and an
#' index with another rule than the arithmetic mean. A target that a unit cannot
#' reach is no error: `reason` says why.
#' @references Land, A. and Doig, A. (1960), *Econometrica* 28. Held, M., Wolfe,
#'   P. and Crowder, H. (1974), *Mathematical Programming* 6. Nemhauser, G. and
#'   Ullmann, Z. (1969), *Management Science* 15.
#' @seealso [cap_readiness()], [cap_index()]
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' steps <- cap_actions(gci, unit = c("KEN", "FJI"))
#' steps
#' # Which support could be absorbed next, when training is cheap
#' support <- cap_readiness(gci, "support-profile")
#' cap_actions(support, unit = "FJI", costs = c(CDS1 = 0.2, CDS2 = 0.2))
cap_actions <- function(x, target = "next", costs = NULL, prerequisites = NULL, step = NULL,
                        cost_per = c("step", "item"), alternatives = 200, unit = NULL,
                        max_nodes = 1e5, ...) {
  rlang::check_dots_empty()
  case <- actions_case(x)
  rows <- actions_rows(case, unit)
  goal <- actions_goal(case, target)
  spec <- list(
    cost_per = choose(cost_per, c("step", "item"), "cost_per"),
    step = action_steps(case, step),
    costs = action_costs(case, costs),
    requires = action_requirements(case, prerequisites),
    alternatives = as.double(check_count(alternatives, "alternatives", most = 200)),
    max_nodes = as.double(check_count(max_nodes, "max_nodes", most = 1e9))
  )
  spec$grid <- level_grid(case, spec)
  plans <- lapply(rows, function(row) plan_row(case, goal, spec, row))
  new_result("cap_actions",
    framework = case$framework, status = case$status, statuses = case$statuses, target = target, by_score = goal$by_score,
    spec = spec, rows = plan_table(case, goal, rows, plans), reasons = lapply(plans, `[[`, "reason"),
    steps = step_table(case, goal, spec, rows, plans),
    alternatives = alternative_table(case, goal, rows, plans)
  )
}

# What is read -----------------------------------------------------------------

# A readiness or an index as rows x items, in points of which more is better:
# value (missing at the least), missing, locked (cannot be raised), skip (not in
# the score), lowest and highest an item; score; arrays and aggregate for scores;
# gates, stage (position) and external values of a readiness with stages.
actions_case <- function(x) {
  if (inherits(x, "cap_readiness")) {
    return(readiness_case(x))
  }
  if (!inherits(x, "cap_index")) {
    cap_abort_input(c(
      "{.arg x} must come from {.fn cap_readiness} or {.fn cap_index}, not be {.obj_type_friendly {x}}.",
      "i" = "Next steps lead to a stage of the one or a tier of the other."
    ))
  }
  framework <- x$framework
  cells <- readiness_cells(x$answers, NULL, NULL, NULL)
  skip <- cells$missing & x$spec$missing == "renormalise"
  c(new_case(x, cells, skip), list(
    score = x$scores[, framework$root], max = root_max(framework),
    arrays = weighted_arrays(x$spec$weights, framework), aggregate = x$spec$aggregate
  ))
}

readiness_case <- function(x) {
  if (is.null(x$gates)) {
    cap_abort_input("{.val {x$framework$id}} has neither stages nor bands, so there is no target to reach.")
  }
  cells <- x$given$cells
  input <- x$given$input
  case <- c(
    new_case(x, cells, skip = !cells$applies),
    list(score = x$score, max = 100, arrays = input$arrays, aggregate = input$aggregate)
  )
  case$status <- readiness_status(x)
  case$statuses <- unique(c(x$framework$status, x$gates$status))
  if (!x$by_bands) {
    case$gates <- x$gates
    case$stage <- x$stage
    case$outside <- x$external$low
    case$readiness <- if (!is.null(x$law)) x
  }
  case
}

new_case <- function(x, cells, skip) {
  framework <- x$framework
  value <- cells$value
  value[cells$missing] <- cells$lowest[col(value)[cells$missing]]
  list(
    unit = x$unit, edition = x$edition, framework = framework,
    status = words_of("framework_status", framework$status)[[1L]], statuses = framework$status,
    codes = leaf_codes(framework), order = order(leaf_codes(framework), method = "radix"),
    value = value, missing = cells$missing, skip = skip, lowest = cells$lowest,
    highest = cells$highest
  )
}

actions_rows <- function(case, unit) {
  if (is.null(unit)) {
    return(seq_along(case$unit))
  }
  unit <- as_code(unit)
  if (length(unit) == 0L) {
    cap_abort_input("{.arg unit} names no unit; leave it out for all units of {.arg x}.")
  }
  check_units(unit, case$unit, "unit", "`x`")
  which(case$unit %in% unit)
}

# Where to ---------------------------------------------------------------------

# list(by_score, at: the target of each row, from: where it is, label of both,
# outcome "reached" where nothing is left to do). Stages count from 0, the lowest;
# tiers from 1, the best.
actions_goal <- function(case, target) {
  check_not_integer64(target, "target")
  if (length(target) != 1L || is.na(target) || !(is.character(target) || is.numeric(target))) {
    cap_abort_input("{.arg target} must be {.val next} or one stage or tier, not {.obj_type_friendly {target}}.")
  }
  if (is.null(case$gates)) tier_goal(case, target) else stage_goal(case, target)
}

stage_goal <- function(case, target) {
  gates <- case$gates
  top <- gates$n_stages - 1L
  at <- if (identical(target, "next")) {
    pmin(case$stage + 1L, top)
  } else {
    rep(target_position(target, gates$stage, gates$label, "stages", case) - 1L, length(case$unit))
  }
  list(
    by_score = FALSE, at = at, reached = case$stage >= at, is_top = case$stage == top & at == top,
    from = gates$label[case$stage + 1L], label = gates$label[at + 1L]
  )
}

tier_goal <- function(case, target) {
  bands <- case$framework$bands
  if (is.null(bands)) {
    stop_no_bands(case$framework, "i" = "{.fn cap_readiness} reads stages.")
  }
  if (!all(case$aggregate == "arithmetic")) {
    cap_abort_input(c(
      "Next steps towards a tier need the arithmetic mean at all levels.",
      "x" = "The rule is {.val {setdiff(case$aggregate, 'arithmetic')}}.",
      "i" = "Take it with {.code update(index, aggregate = \"arithmetic\")}."
    ))
  }
  lower <- bands$lower * (case$max / root_max(case$framework))
  now <- bands_within(case$score, lower, case$max)
  below <- nrow(bands) + 1L
  at <- if (identical(target, "next")) {
    pmax(ifelse(is.na(now), below, now) - 1L, 1L)
  } else {
    rep(target_position(target, bands$label, bands$name, "tiers", case), length(case$unit))
  }
  list(
    by_score = TRUE, at = at, reached = !is.na(now) & now <= at, is_top = now %in% 1L & at == 1L, from = bands$label[now],
    label = bands$label[at], points = lower[at] - case$score
  )
}

target_position <- function(target, codes, labels, what, case) {
  target <- as.character(target)
  at <- match(target, as.character(codes), match(target, labels))
  if (is.na(at)) {
    shown <- if (what == "stages") paste0(codes, " (", labels, ")") else codes
    cap_abort_input(c(
      "{.arg target} must be {.val next} or one of the {what} of {.val {case$framework$id}}, not {.val {target}}.",
      "i" = "Its {what}: {some_of(shown, 10L)}."
    ))
  }
  at
}

# Tables and words -------------------------------------------------------------

#' @export
result_tables.cap_actions <- function(x, lang, ...) {
  title <- title_in(lang, x$framework)
  list(
    steps = lazy_table(x$steps, term("caption.steps", title = title)),
    plans = lazy_table(x$rows, term("caption.plans", title = title)),
    alternatives = lazy_table(x$alternatives, term("caption.alternatives", title = title))
  )
}

#' @export
cap_findings.cap_actions <- function(x, ..., lang = "en") {
  rows <- x$rows
  n <- function(outcome) sum(rows$outcome == outcome)
  planned <- rows[rows$outcome == "steps", ]
  framework <- framework_in(lang, x$framework)
  do.call(findings, c(
    list(lang),
    list(finding("actions.counts", steps = n("steps"), reached = n("reached"), unreachable = n("unreachable"))),
    if (nrow(planned) <= 3L) lapply(seq_len(nrow(planned)), function(i) unit_steps_finding(x, planned[i, ], framework, lang)),
    list(
      if (nrow(planned) > 3L) common_finding(x, nrow(planned), framework),
      unreachable_finding(x),
      proof_finding(planned),
      if (sum(planned$same_cost > 0L) > 0L) finding("actions.same", n = sum(planned$same_cost > 0L)),
      if (sum(planned$cut) > 0L && x$spec$alternatives > 1) {
        finding("actions.cut", n = sum(planned$cut), most = x$spec$alternatives)
      },
      finding("actions.costs", costs = cost_words(x), status = x$status)
    )
  ))
}

unit_steps_finding <- function(x, row, framework, lang) {
  steps <- x$steps[x$steps$unit == row$unit & x$steps$edition == row$edition, ]
  text <- terms("actions.raise",
    label = item_label(framework, steps$item), item = steps$item, from = level_words(steps$from), to = level_words(steps$to)
  )
  finding("actions.unit",
    unit = unit_names(row$unit, lang), edition = row$edition, n = row$raises,
    target = goal_label(x, framework, row$target), cost = row$cost,
    from = if (is.na(row$from)) term("actions.below_all") else goal_label(x, framework, row$from),
    steps = first_of(text, 6L)
  )
}

level_words <- function(value) {
  lapply(value, function(v) if (is.na(v)) term("actions.no_answer") else round_half_up(v, 2L))
}

item_label <- function(framework, code) framework$items$label[match(code, framework$items$code)]

# A stage by its label in the language of `framework`; tiers are codes.
goal_label <- function(x, framework, label) {
  if (x$by_score) label else framework$stages$label[match(label, x$framework$stages$label)]
}

common_finding <- function(x, n, framework) {
  steps <- x$steps
  counts <- sort(table(steps$item), decreasing = TRUE)
  codes <- sort(names(counts)[counts == max(counts)], method = "radix")
  finding("actions.common",
    n = max(counts), of = n, items = first_of(terms("list.detail", what = item_label(framework, codes), detail = codes), 3L),
    cost = middle(x$rows$cost[x$rows$outcome == "steps"])
  )
}

unreachable_finding <- function(x) {
  at <- which(x$rows$outcome == "unreachable")
  if (length(at) > 0L) {
    units <- terms("list.detail", what = x$rows$unit[at], detail = x$reasons[at])
    finding("actions.unreachable", n = length(at), units = first_of(units, 3L))
  }
}

proof_finding <- function(planned) {
  if (nrow(planned) == 0L) {
    return(NULL)
  }
  open <- !planned$optimal
  if (!any(open)) {
    return(finding("actions.proven", n = nrow(planned)))
  }
  finding("actions.unproven", n = sum(open), of = nrow(planned), gap = 100 * max(planned$gap[open]))
}

cost_words <- function(x) {
  own <- any(lengths(x$spec$costs$levels) > 0L) || any(x$spec$costs$step != 1)
  step <- unique(x$spec$step)
  per_item <- x$spec$cost_per == "item"
  key <- if (own) {
    if (per_item) "actions.cost_given_item" else "actions.cost_given_step"
  } else {
    if (per_item) "actions.cost_one_item" else "actions.cost_one_step"
  }
  term(key, of = if (length(step) == 1L) term("actions.cost_of", step = signif(step, 7L)) else "")
}
