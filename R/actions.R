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
    alternatives = check_count(alternatives, "alternatives", 200),
    max_nodes = check_count(max_nodes, "max_nodes", 1e9)
  )
  plans <- lapply(rows, function(row) plan_row(case, goal, spec, row))
  structure(
    list(
      framework = case$framework, status = case$status, target = target, by_score = goal$by_score,
      spec = spec, rows = plan_table(case, goal, rows, plans),
      steps = step_table(case, goal, spec, rows, plans),
      alternatives = alternative_table(case, goal, rows, plans)
    ),
    class = c("cap_actions", "cap_result")
  )
}

check_count <- function(x, arg, most) {
  check_number(x, arg, 1, most)
  if (x != floor(x)) cap_abort_input("{.arg {arg}} must be a whole number, not {x}.")
  as.double(x)
}

# What is read ----------------------------------------------------------------

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
  new_case(x, framework, cells,
    skip = skip, score = x$scores[, framework$root], scale = 1,
    arrays = weighted_arrays(x$spec$weights, framework), aggregate = x$spec$aggregate
  )
}

readiness_case <- function(x) {
  if (is.null(x$gates)) {
    cap_abort_input("{.val {x$framework$id}} has neither stages nor bands, so there is no target to reach.")
  }
  cells <- x$given$cells
  case <- new_case(x, x$framework, cells,
    skip = !cells$applies, score = x$score, scale = 100 / root_max(x$framework),
    arrays = x$given$input$arrays, aggregate = x$given$input$aggregate
  )
  case$status <- readiness_status(x)
  if (!x$by_bands) {
    case$gates <- x$gates
    case$stage <- x$stage
    case$outside <- x$external$low
    case$readiness <- if (!is.null(x$law)) x
  }
  case
}

new_case <- function(x, framework, cells, skip, score, scale, arrays, aggregate) {
  value <- cells$value
  value[cells$missing] <- cells$lowest[col(value)[cells$missing]]
  list(
    unit = x$unit, edition = x$edition, framework = framework, status = framework$status,
    codes = leaf_codes(framework), order = order(leaf_codes(framework), method = "radix"),
    value = value, missing = cells$missing, skip = skip, lowest = cells$lowest,
    highest = cells$highest, score = score, scale = scale, arrays = arrays, aggregate = aggregate
  )
}

actions_rows <- function(case, unit) {
  if (is.null(unit)) {
    return(seq_along(case$unit))
  }
  unit <- as_code(unit)
  unknown <- setdiff(unit, case$unit)
  if (length(unknown) > 0L || length(unit) == 0L) {
    cap_abort_input("{.arg unit} must name units of {.arg x}; it lacks {some_of(unknown)}.")
  }
  which(case$unit %in% unit)
}

# Overall scores of rows with other values; NA under rules that compare units.
scores_with <- function(case, rows, value) {
  if (any(case$aggregate %in% c("copeland", "kemeny"))) {
    return(rep(NA_real_, length(rows)))
  }
  down <- case$framework$items$direction[case$framework$leaves] < 0
  for (k in which(down)) value[, k] <- case$lowest[k] + case$highest[k] - value[, k]
  value[case$skip[rows, , drop = FALSE]] <- NaN
  spec <- list(aggregate = case$aggregate, missing = "renormalise", min_coverage = 0)
  case$scale * score_panel(case$arrays, value, spec)$scores[, case$framework$root]
}

# Where to --------------------------------------------------------------------

# list(by_score, at: the target of each row, from: where it is, label of both,
# outcome "reached" where nothing is left to do). Stages count from 0, the lowest;
# tiers from 1, the best.
actions_goal <- function(case, target) {
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
    cap_abort_input("{.val {case$framework$id}} has no bands, so there is no tier to reach; {.fn cap_readiness} reads stages.")
  }
  if (!all(case$aggregate == "arithmetic")) {
    cap_abort_input(c(
      "Next steps towards a tier need the arithmetic mean at all levels.",
      "x" = "The rule is {.val {setdiff(case$aggregate, 'arithmetic')}}.",
      "i" = "Take it with {.code update(index, aggregate = \"arithmetic\")}."
    ))
  }
  now <- band_of(case$score / case$scale, case$framework)
  below <- nrow(bands) + 1L
  at <- if (identical(target, "next")) {
    pmax(ifelse(is.na(now), below, now) - 1L, 1L)
  } else {
    rep(target_position(target, bands$label, bands$name, "tiers", case), length(case$unit))
  }
  list(
    by_score = TRUE, at = at, reached = !is.na(now) & now <= at, is_top = now %in% 1L & at == 1L, from = bands$label[now],
    label = bands$label[at], need = case$scale * bands$lower[at] - 1e-9 - case$score
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

# Levels, costs, prerequisites ------------------------------------------------

action_steps <- function(case, step) {
  range <- case$highest - case$lowest
  whole <- function(v) v == floor(v)
  gates <- case$framework$gates
  is_whole <- whole(as.double(gates$min))
  in_levels <- (range > 1 | case$codes %in% gates$item) & !case$codes %in% gates$item[!is_whole]
  out <- ifelse(whole(case$lowest) & whole(case$highest) & in_levels, 1, range / 10)
  if (is.null(step)) {
    return(out)
  }
  if (!is.numeric(step) || length(step) == 0L || any(!is.finite(step) | step <= 0)) {
    cap_abort_input("{.arg step} must be one number above 0, or numbers named by item.")
  }
  if (is.null(names(step))) {
    if (length(step) != 1L) cap_abort_input("{.arg step} must be one number, or numbers named by item.")
    out[] <- step
  } else {
    refuse_other_items(names(step), case, "step")
    out[match(names(step), case$codes)] <- step
  }
  fine <- range / out > 254
  if (any(fine)) {
    cap_abort_input(c(
      "An item can have 254 steps at most; with {.arg step} there are more for {some_of(case$codes[fine])}.",
      "i" = "Take larger steps."
    ))
  }
  out
}

refuse_other_items <- function(items, case, arg) {
  unknown <- setdiff(items, case$codes)
  if (length(unknown) > 0L) {
    cap_abort_input(c(
      "{.arg {arg}} names items that {.val {case$framework$id}} does not have: {some_of(unknown)}.",
      "i" = "Items that are answered: {some_of(case$codes)}."
    ))
  }
  if (anyDuplicated(items)) {
    cap_abort_input("{.arg {arg}} names an item more than once: {some_of(items[duplicated(items)])}.")
  }
}

# list(step: cost of a step of each item, levels: for items with own levels a
# data frame level, cost, else NULL).
action_costs <- function(case, costs) {
  step <- rep(1, length(case$codes))
  levels <- vector("list", length(case$codes))
  if (is.null(costs)) {
    return(list(step = step, levels = levels))
  }
  if (!is.data.frame(costs)) {
    if (!is.numeric(costs) || is.null(names(costs))) {
      cap_abort_input("{.arg costs} must be numbers named by item or a data frame {.field item}, {.field cost}.")
    }
    costs <- data.frame(item = names(costs), cost = unname(costs))
  }
  check_columns(costs, c("item", "cost"), "costs")
  item <- as_code(costs[["item"]])
  cost <- as_figure(costs[["cost"]], "cost", item)
  bad <- is.na(cost) | cost < 0
  if (any(bad)) {
    cap_abort_input("{.arg costs} must be numbers of 0 or more (or {.code Inf}); they are not for {some_of(item[bad])}.")
  }
  if (is.null(costs[["level"]])) {
    refuse_other_items(item, case, "costs")
    step[match(item, case$codes)] <- cost
    return(list(step = step, levels = levels))
  }
  level <- as_figure(costs[["level"]], "level", item)
  refuse_other_items(unique(item), case, "costs")
  at <- match(item, case$codes)
  off <- is.na(level) | level < case$lowest[at] | level > case$highest[at]
  if (any(off)) {
    cap_abort_input("The {.field level} of {.arg costs} must be an answer to the item; it is not for {some_of(item[off])}.")
  }
  again <- duplicated(paste(at, level))
  if (any(again)) {
    cap_abort_input("{.arg costs} has a level more than once for {some_of(item[again])}.")
  }
  down <- case$framework$items$direction[case$framework$leaves][at] < 0
  level[down] <- (case$lowest + case$highest)[at[down]] - level[down]
  for (k in unique(at)) {
    own <- which(at == k)
    own <- own[order(level[own])]
    levels[[k]] <- data.frame(level = level[own], cost = cost[own])
  }
  list(step = step, levels = levels)
}

# data frame item, requires (columns of the answers), min (NA: as asked).
action_requirements <- function(case, prerequisites) {
  table <- prerequisites %||% case$framework$prerequisites
  if (is.null(table)) {
    return(data.frame(item = integer(), requires = integer(), min = numeric()))
  }
  check_data_frame(table, "prerequisites")
  edges <- tidy_prerequisites(table, case$framework$items)
  own <- list(item = as_code(table[["item"]]), requires = as_code(table[["requires"]]))
  first <- match(paste(edges$item, edges$requires, sep = "\r"), paste(own$item, own$requires, sep = "\r"))
  min <- if (is.null(table[["min"]])) NA_real_ else as_figure(table[["min"]], "min", own$item)
  out <- data.frame(
    item = match(edges$item, case$codes), requires = match(edges$requires, case$codes),
    min = rep_len(min, length(own$item))[first]
  )
  off <- !is.na(out$min) & (out$min < case$lowest[out$requires] | out$min > case$highest[out$requires])
  if (any(off)) {
    cap_abort_input("The {.field min} of {.arg prerequisites} must be an answer to the required item; it is not for {some_of(case$codes[out$requires[off]])}.")
  }
  out
}

# One unit --------------------------------------------------------------------

# list(outcome, reason, levels: rows x plans of target values, plans' costs, ...)
plan_row <- function(case, goal, spec, row) {
  if (goal$by_score && is.na(case$score[row])) {
    return(list(outcome = "unreachable", reason = "no score: too few answers"))
  }
  if (goal$reached[row]) {
    return(list(outcome = "reached", reason = if (goal$is_top[row]) "at the highest already" else "reached already"))
  }
  problem <- action_problem(case, goal, spec, row)
  found <- .Call(C_actions_solve, problem$core, spec$alternatives + 1, spec$max_nodes)
  figures <- as.list(stats::setNames(found$figures, c("most_gain", "proven", "complete", "bound", "nodes")))
  if (length(found$cost) == 0L) {
    return(list(
      outcome = "unreachable", nodes = figures$nodes,
      reason = blocked_reason(case, goal, problem, found$blocked, figures$most_gain, row)
    ))
  }
  listed <- seq_len(min(length(found$cost), spec$alternatives))
  at <- problem$core$level_start[-length(problem$core$level_start)] + found$level[, listed, drop = FALSE] + 1L
  list(
    outcome = "steps", reason = "", problem = problem, plan_cost = found$cost[listed],
    value = matrix(problem$core$value[at], ncol = length(listed)),
    cost = matrix(problem$core$cost[at], ncol = length(listed)),
    raised = found$level[, listed, drop = FALSE] > 0L,
    optimal = figures$proven > 0, bound = figures$bound, nodes = figures$nodes,
    same_cost = sum(abs(found$cost[listed][-1L] - found$cost[1L]) <= 1e-9 * max(1, found$cost[1L])),
    cut = length(found$cost) > length(listed) || figures$complete == 0
  )
}

# The arrays of src/core/actions.h, items in order of their codes and then what
# gates look at outside; `item`: columns of the answers.
action_problem <- function(case, goal, spec, row) {
  gates <- row_gates(case, goal, row)
  requires <- row_requirements(case, gates, spec$requires, row)
  gain <- if (goal$by_score) row_gains(case, row)
  levels <- lapply(case$order, function(k) {
    asked <- c(gates$minimum[gates$item == k], requires$min[requires$requires == k])
    item_levels(case, spec, k, row, asked, by_score = goal$by_score)
  })
  outside <- lapply(case$outside[row, ], function(v) list(value = v, cost = 0))
  levels <- c(levels, outside)
  value <- unlist(lapply(levels, `[[`, "value"))
  n_levels <- lengths(lapply(levels, `[[`, "value"))
  position <- seq_along(levels)
  position[c(case$order, setdiff(position, seq_along(case$order)))] <- position
  column <- rep(case$order, n_levels[seq_along(case$order)])
  list(
    item = case$order, gates = gates, requires = requires,
    core = list(
      level_start = as.integer(c(0L, cumsum(n_levels))), value = as.double(value),
      cost = as.double(unlist(lapply(levels, `[[`, "cost"))),
      gain = if (goal$by_score) as.double(pmax(value - case$value[row, column], 0, na.rm = TRUE) * gain[column]),
      need = if (goal$by_score) goal$need[row] else 0,
      group_stage = gates$group_stage, group_k = gates$group_k, group_start = gates$group_start,
      item = position[gates$item], minimum = as.double(gates$minimum),
      stage = if (goal$by_score) 0L else as.integer(goal$at[row]),
      raised = position[requires$item], required = position[requires$requires],
      required_minimum = as.double(requires$min)
    )
  )
}

# The gates up to the target as they apply to a row: items that do not apply
# leave their groups.
row_gates <- function(case, goal, row) {
  gates <- case$gates
  if (is.null(gates)) {
    return(list(
      group_stage = integer(), group_k = integer(), group_start = 0L, item = integer(),
      minimum = numeric(), group = integer()
    ))
  }
  group <- rep(seq_len(gates$n_groups), diff(gates$group_start))
  skip <- c(case$skip[row, ], rep(FALSE, length(gates$external)))
  keep <- gates$group_stage[group] <= goal$at[row] & !skip[gates$item]
  size <- tabulate(group[keep], gates$n_groups)
  groups <- which(size > 0L)
  list(
    group_stage = gates$group_stage[groups], group_k = pmin(gates$group_k[groups], size[groups]),
    group_start = as.integer(c(0L, cumsum(size[groups]))), item = gates$item[keep],
    minimum = gates$minimum[keep], group = groups
  )
}

row_requirements <- function(case, gates, requires, row) {
  requires <- requires[!case$skip[row, requires$item] & !case$skip[row, requires$requires], ]
  asked <- vapply(requires$requires, function(k) {
    minima <- gates$minimum[gates$item == k]
    if (length(minima) > 0L) max(minima) else case$highest[k]
  }, 0)
  requires$min <- ifelse(is.na(requires$min), asked, requires$min)
  requires
}

# Points of the overall score for a point of each item.
row_gains <- function(case, row) {
  n <- length(case$codes)
  value <- matrix(case$value[row, ], n, n, byrow = TRUE)
  high <- value
  diag(high) <- case$highest
  diag(value) <- case$lowest
  rows <- rep(row, n)
  gain <- scores_with(case, rows, high) - scores_with(case, rows, value)
  gain[is.na(gain) | gain < 1e-12] <- 0
  gain / (case$highest - case$lowest)
}

# Levels that an item can be raised to in a row, and what they cost: list(value,
# cost), first where it stands.
item_levels <- function(case, spec, k, row, asked, by_score) {
  now <- case$value[row, k]
  here <- list(value = if (case$missing[row, k] && case$skip[row, k]) NaN else now, cost = 0)
  if (case$skip[row, k]) {
    return(here)
  }
  own <- spec$costs$levels[[k]]
  step <- spec$step[k]
  grid <- if (is.null(own)) {
    case$lowest[k] + step * seq_len(ceiling((case$highest[k] - case$lowest[k]) / step - 1e-9))
  } else {
    own$level
  }
  grid <- pmin(grid, case$highest[k])
  if (is.null(own)) {
    to <- if (by_score) c(grid, asked) else asked
  } else {
    to <- if (by_score) grid else grid[findInterval(asked - 1e-9, grid, left.open = TRUE) + 1L]
  }
  to <- sort(unique(to[!is.na(to) & to > now + 1e-9]))
  to <- to[c(TRUE, diff(to) > 1e-9)[seq_along(to)]]
  cost <- if (is.null(own)) {
    begun <- ceiling((to - case$lowest[k]) / step - 1e-9) - floor((now - case$lowest[k]) / step + 1e-9)
    (if (spec$cost_per == "item") pmin(begun, 1) else begun) * spec$costs$step[k]
  } else {
    on_way <- outer(to + 1e-9, own$level, ">=") & rep(own$level > now + 1e-9, each = length(to))
    if (spec$cost_per == "item") {
      cummax(own$cost[match(to, own$level)])
    } else {
      vapply(seq_along(to), function(j) sum(own$cost[on_way[j, ]]), 0)
    }
  }
  cost[is.nan(cost)] <- 0
  open <- is.finite(cost)
  list(value = c(here$value, to[open]), cost = c(0, cost[open]))
}

# Why a target cannot be reached.
blocked_reason <- function(case, goal, problem, blocked, most_gain, row) {
  if (goal$by_score) {
    return(paste0(
      "all raises together bring ", format_number(most_gain, 2L), " of the ",
      format_number(goal$need[row] + 1e-9, 2L), " points needed; ", stuck_items(case, problem)
    ))
  }
  gates <- problem$gates
  groups <- which(blocked)
  if (length(groups) == 0L) {
    return("prerequisites exclude one another")
  }
  member <- rep(seq_along(gates$group), diff(gates$group_start))
  text <- vapply(groups, function(g) {
    at <- which(member == g)
    items <- vapply(at, function(m) stuck_member(case, problem, m, row), "")
    paste0("gate ", gate_label(case, gates$group[g]), " (", paste(items[nzchar(items)], collapse = "; "), ")")
  }, "")
  paste(text, collapse = "; ")
}

top_value <- function(problem, position) problem$core$value[problem$core$level_start[position + 1L]]

stuck_member <- function(case, problem, m, row) {
  k <- problem$gates$item[m]
  minimum <- problem$gates$minimum[m]
  if (k > length(case$codes)) {
    id <- case$gates$external[k - length(case$codes)]
    held <- case$outside[row, k - length(case$codes)] >= minimum
    return(if (held) "" else paste0("needs stage ", minimum, " of ", id))
  }
  top <- top_value(problem, match(k, problem$item))
  code <- case$codes[k]
  if (case$value[row, k] + 1e-9 >= minimum) {
    ""
  } else if (top + 1e-9 >= minimum) {
    paste0(code, ", whose prerequisites cannot be met")
  } else if (top > case$value[row, k]) {
    paste0(code, ", which can be raised to ", format(top), " of ", format(minimum), " at most")
  } else {
    paste0(code, ", which cannot be raised to ", format(minimum))
  }
}

stuck_items <- function(case, problem) {
  n <- length(problem$item)
  at_top <- diff(problem$core$level_start)[seq_len(n)] == 1L
  stuck <- case$codes[problem$item[at_top]]
  if (length(stuck) == 0L) "no item can be raised further" else paste0("not to be raised further: ", some_of(stuck))
}

gate_label <- function(case, group) {
  stage <- case$gates$stage[case$gates$group_stage[group] + 1L]
  name <- case$gates$group[group]
  ifelse(nzchar(name), paste0(stage, ":", name), as.character(stage))
}

# Tables ----------------------------------------------------------------------

plan_table <- function(case, goal, rows, plans) {
  get <- function(name, default) {
    vapply(plans, function(p) p[[name]] %||% default, default)
  }
  cost <- vapply(plans, function(p) p$plan_cost[1L] %||% NA_real_, 0)
  bound <- get("bound", NA_real_)
  cost[get("outcome", "") == "reached"] <- 0
  data.frame(
    unit = case$unit[rows], edition = case$edition[rows], framework = rep(case$framework$id, length(rows)),
    status = rep(case$status, length(rows)), from = goal$from[rows], target = goal$label[rows],
    outcome = get("outcome", ""), reason = get("reason", ""),
    raises = vapply(plans, function(p) if (is.null(p$raised)) 0L else sum(p$raised[, 1L]), 0L), cost = cost,
    optimal = get("optimal", NA), bound = bound,
    gap = ifelse(cost > 0, pmax(0, 1 - bound / cost), ifelse(is.na(bound), NA_real_, 0)),
    nodes = get("nodes", 0), same_cost = get("same_cost", 0L),
    alternatives = vapply(plans, function(p) max(0L, length(p$plan_cost) - 1L), 0L), cut = get("cut", FALSE)
  )
}

# A row for each raise of the given plan of each row: row, item (column), from,
# to, cost; `which` "best" or "all".
plan_raises <- function(rows, plans, case, all = FALSE) {
  parts <- lapply(seq_along(rows), function(j) {
    p <- plans[[j]]
    if (p$outcome != "steps") {
      return(NULL)
    }
    raised <- if (all) p$raised else p$raised[, 1L, drop = FALSE]
    at <- which(raised, arr.ind = TRUE)
    at <- at[at[, 1L] <= length(case$codes), , drop = FALSE]
    list(
      j = rep(j, nrow(at)), plan = at[, 2L], item = p$problem$item[at[, 1L]],
      to = p$value[at], cost = p$cost[at], plan_cost = p$plan_cost[at[, 2L]]
    )
  })
  field <- function(name) unlist(lapply(parts, `[[`, name), use.names = FALSE)
  out <- list(
    j = field("j") %||% integer(), plan = field("plan") %||% integer(), item = field("item") %||% integer(),
    to = field("to") %||% numeric(), cost = field("cost") %||% numeric(), plan_cost = field("plan_cost") %||% numeric()
  )
  out$row <- rows[out$j]
  out
}

# Values as answered: of direction -1 turned back.
as_answered <- function(case, item, value) {
  down <- case$framework$items$direction[case$framework$leaves][item] < 0
  ifelse(down, (case$lowest + case$highest)[item] - value, value)
}

answered_from <- function(case, row, item) {
  now <- as_answered(case, item, case$value[cbind(row, item)])
  ifelse(case$missing[cbind(row, item)], NA_real_, now)
}

labels_of <- function(case, item) case$framework$items$label[case$framework$leaves][item]

alternative_table <- function(case, goal, rows, plans) {
  r <- plan_raises(rows, plans, case, all = TRUE)
  data.frame(
    unit = case$unit[r$row], edition = case$edition[r$row], framework = rep(case$framework$id, length(r$row)),
    target = goal$label[r$row], plan = r$plan, plan_cost = r$plan_cost, item = case$codes[r$item],
    label = labels_of(case, r$item), from = answered_from(case, r$row, r$item),
    to = as_answered(case, r$item, r$to), cost = r$cost
  )
}

step_table <- function(case, goal, spec, rows, plans) {
  r <- plan_raises(rows, plans, case)
  r$alone <- gains_alone(case, r)
  r$log_gain <- log_pass_gain(case, goal, r)
  ordered <- unlist(lapply(split(seq_along(r$j), factor(r$j, seq_along(rows))), function(at) {
    at[order_steps(case, r, at, plans[[r$j[at[1L]]]]$problem$requires)]
  }), use.names = FALSE)
  r <- lapply(r, `[`, ordered %||% integer())
  gains <- gains_in_order(case, goal, r)
  data.frame(
    unit = case$unit[r$row], edition = case$edition[r$row], framework = rep(case$framework$id, length(r$row)),
    target = goal$label[r$row], rank = sequence(tabulate(r$j)[unique(r$j)]), item = case$codes[r$item],
    label = labels_of(case, r$item), from = answered_from(case, r$row, r$item),
    to = as_answered(case, r$item, r$to), cost = r$cost, gate = step_gates(case, goal, r, plans),
    score_gain = gains$score, p_gain = gains$p, prerequisite = step_prerequisites(case, r, plans)
  )
}

# Points that each raise would bring on its own.
gains_alone <- function(case, r) {
  value <- case$value[r$row, , drop = FALSE]
  before <- scores_with(case, r$row, value)
  value[cbind(seq_along(r$row), r$item)] <- r$to
  scores_with(case, r$row, value) - before
}

# Raises that can be taken, again and again: the best of them for its cost.
order_steps <- function(case, r, at, requires) {
  item <- r$item[at]
  edge <- requires[requires$item %in% item & requires$requires %in% item, ]
  # to nine digits, so that equal gains tie
  worth <- function(gain) signif(ifelse(is.na(gain), 0, ifelse(gain <= 0, gain, gain / r$cost[at])), 9L)
  by_rank <- order(-worth(r$log_gain[at]), -worth(r$alone[at]), match(item, case$order))
  taken <- integer()
  while (length(taken) < length(at)) {
    waits <- item %in% edge$item[!edge$requires %in% item[taken]]
    taken <- c(taken, setdiff(by_rank, c(taken, which(waits)))[1L])
  }
  taken
}

# Values after the raises up to each, and before the first: list(row, value,
# raised, of: the position of each raise among them).
values_in_order <- function(case, r) {
  first <- !duplicated(r$j)
  of <- seq_along(r$j) + cumsum(first)
  row <- integer(length(r$j) + sum(first))
  row[of] <- r$row
  row[of[first] - 1L] <- r$row[first]
  value <- case$value[row, , drop = FALSE]
  raised <- matrix(FALSE, nrow(value), ncol(value))
  for (k in seq_along(of)) {
    if (!first[k]) {
      value[of[k], ] <- value[of[k] - 1L, ]
      raised[of[k], ] <- raised[of[k] - 1L, ]
    }
    value[of[k], r$item[k]] <- r$to[k]
    raised[of[k], r$item[k]] <- TRUE
  }
  list(row = row, value = value, raised = raised, of = of)
}

gains_in_order <- function(case, goal, r) {
  v <- values_in_order(case, r)
  gained <- function(figure) figure[v$of] - figure[v$of - 1L]
  list(
    score = gained(scores_with(case, v$row, v$value)),
    p = if (is.null(case$readiness)) rep(NA_real_, length(r$j)) else gained(target_chance(case, goal, v))
  )
}

# Rows of a readiness with evidence, with other values: list(x, cells) as
# stage_law() and gate_pass() take them. A raised answer without a grade has the
# least reliable.
raised_readiness <- function(case, v) {
  x <- case$readiness
  cells <- x$given$cells
  pick <- function(m) if (!is.null(m)) m[v$row, , drop = FALSE]
  trust <- pick(cells$reliability)
  trust[v$raised & is.na(trust)] <- min(x$spec$reliability)
  value <- pick(cells$value)
  value[v$raised] <- v$value[v$raised]
  outside <- x$external
  outside[c("low", "high", "unknown")] <- lapply(outside[c("low", "high", "unknown")], pick)
  outside$at_least <- lapply(outside$at_least, pick)
  rows <- list(
    framework = x$framework, spec = x$spec, gates = x$gates, by_bands = FALSE, external = outside,
    values = list(applies = pick(x$values$applies))
  )
  list(x = rows, cells = list(value = value, reliability = trust, lowest = cells$lowest, highest = cells$highest))
}

target_chance <- function(case, goal, v) {
  if (length(v$row) == 0L) {
    return(numeric())
  }
  after <- raised_readiness(case, v)
  law <- stage_law(after$x, after$cells, NULL, case$readiness$given$step)
  law$at_least[cbind(seq_along(v$row), goal$at[v$row] + 1L)]
}

# What the log of the probability that an item passes gains by its raise, over
# the minimums that it then meets; NA without evidence.
log_pass_gain <- function(case, goal, r) {
  n <- length(r$j)
  if (is.null(case$readiness) || n == 0L) {
    return(rep(NA_real_, n))
  }
  pass_with <- function(value, raised) {
    after <- raised_readiness(case, list(row = r$row, value = value, raised = raised))
    levels <- c(
      after$cells[c("lowest", "highest")],
      list(step = level_steps(case$framework, case$readiness$given$step))
    )
    gate_pass(after$x, after$cells, levels)
  }
  value <- case$value[r$row, , drop = FALSE]
  raised <- matrix(FALSE, n, ncol(value))
  before <- pass_with(value, raised)
  value[cbind(seq_len(n), r$item)] <- r$to
  raised[cbind(seq_len(n), r$item)] <- TRUE
  after <- pass_with(value, raised)
  gates <- case$gates
  stage <- gates$group_stage[rep(seq_len(gates$n_groups), diff(gates$group_start))]
  vapply(seq_len(n), function(k) {
    met <- which(gates$item == r$item[k] & stage <= goal$at[r$row[k]] & gates$minimum <= r$to[k] + 1e-9)
    if (length(met) == 0L) 0 else log(min(after[k, met])) - log(min(before[k, met]))
  }, 0)
}

# Groups that a raise helps to meet: minimums that it crosses.
step_gates <- function(case, goal, r, plans) {
  if (goal$by_score) {
    return(rep("score", length(r$j)))
  }
  vapply(seq_along(r$j), function(k) {
    gates <- plans[[r$j[k]]]$problem$gates
    now <- case$value[r$row[k], r$item[k]]
    member <- which(gates$item == r$item[k] & gates$minimum > now + 1e-9 & gates$minimum <= r$to[k] + 1e-9)
    group <- findInterval(member - 1L, gates$group_start)
    paste(unique(gate_label(case, gates$group[group])), collapse = ", ")
  }, "")
}

step_prerequisites <- function(case, r, plans) {
  vapply(seq_along(r$j), function(k) {
    requires <- plans[[r$j[k]]]$problem$requires
    needed <- intersect(requires$requires[requires$item == r$item[k]], r$item[r$j == r$j[k]])
    paste(case$codes[sort(needed)], collapse = ", ")
  }, "")
}

#' @export
as.data.frame.cap_actions <- function(x, row.names = NULL, optional = FALSE, ...) x$steps

#' @export
cap_table.cap_actions <- function(x, table = c("steps", "plans", "alternatives"), ..., lang = "en") {
  table <- choose(table, c("steps", "plans", "alternatives"), "table")
  title <- x$framework$title
  switch(table,
    steps = new_table(x$steps, paste0(title, ": next steps, in order")),
    plans = new_table(x$rows, paste0(title, ": next steps of each unit, as a whole")),
    alternatives = new_table(x$alternatives, paste0(title, ": sets of next steps, in order of cost"))
  )
}

# In words ----------------------------------------------------------------------

#' @export
cap_findings.cap_actions <- function(x, ..., lang = "en") {
  rows <- x$rows
  n <- function(outcome) sum(rows$outcome == outcome)
  planned <- rows[rows$outcome == "steps", ]
  do.call(findings, c(
    list(lang),
    list(finding("actions.counts", steps = n("steps"), reached = n("reached"), unreachable = n("unreachable"))),
    if (nrow(planned) <= 3L) lapply(seq_len(nrow(planned)), function(i) unit_steps_finding(x, planned[i, ], lang)),
    list(
      if (nrow(planned) > 3L) common_finding(x, nrow(planned)),
      unreachable_finding(rows),
      proof_finding(planned),
      if (sum(planned$same_cost > 0L) > 0L) finding("actions.same", n = sum(planned$same_cost > 0L)),
      if (sum(planned$cut) > 0L && x$spec$alternatives > 1) {
        finding("actions.cut", n = sum(planned$cut), most = x$spec$alternatives)
      },
      finding("actions.costs", costs = cost_words(x), status = x$status)
    )
  ))
}

unit_steps_finding <- function(x, row, lang) {
  steps <- x$steps[x$steps$unit == row$unit & x$steps$edition == row$edition, ]
  text <- paste0(steps$label, " (", steps$item, ") from ", shown_level(steps$from), " to ", shown_level(steps$to))
  finding("actions.unit",
    unit = unit_names(row$unit, lang), edition = row$edition, n = row$raises,
    target = row$target, from = if (is.na(row$from)) "below all" else row$from, cost = row$cost,
    steps = some_of(text, 6L)
  )
}

shown_level <- function(value) {
  ifelse(is.na(value), "no answer", format(round_half_up(value, 2L), trim = TRUE, drop0trailing = TRUE))
}

common_finding <- function(x, n) {
  steps <- x$steps
  counts <- sort(table(steps$item), decreasing = TRUE)
  codes <- sort(names(counts)[counts == max(counts)], method = "radix")
  finding("actions.common",
    n = max(counts), of = n, code = codes[1L], item = steps$label[match(codes[1L], steps$item)],
    cost = stats::median(x$rows$cost[x$rows$outcome == "steps"])
  )
}

unreachable_finding <- function(rows) {
  rows <- rows[rows$outcome == "unreachable", ]
  if (nrow(rows) > 0L) {
    finding("actions.unreachable", n = nrow(rows), units = some_of(paste0(rows$unit, " (", rows$reason, ")"), 3L))
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
  paste0(
    if (own) "as given, " else "1 ", "for each ",
    if (x$spec$cost_per == "item") "raised item" else "step",
    if (length(step) == 1L) paste0(" of ", format(step)) else ""
  )
}

#' Plot of next steps
#'
#' For one unit the raises in order, each from where the item stands to where it
#' is raised, with what it costs. For several units how many of them have each
#' item among their next steps.
#'
#' @param x From [cap_actions()].
#' @param unit Code of a unit; not needed when there is one.
#' @param edition The edition; the last one by default.
#' @param ... Not used.
#' @param lang Language of the names of units.
#' @return A ggplot object.
#' @section Errors:
#' `cap_error_input` for a unit or edition that the result lacks, and where there
#' are no steps to show.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' steps <- cap_actions(gci, unit = c("KEN", "FJI", "TON"), alternatives = 1)
#' plot(steps)
#' plot(steps, unit = "TON")
plot.cap_actions <- function(x, unit = NULL, edition = NULL, ..., lang = "en") {
  edition <- edition %||% x$rows$edition[nrow(x$rows)]
  rows <- x$rows[x$rows$edition == edition, ]
  if (nrow(rows) == 0L) {
    cap_abort_input("The next steps have no edition {.val {edition}}; they have {.val {unique(x$rows$edition)}}.")
  }
  if (is.null(unit) && nrow(rows) == 1L) unit <- rows$unit
  steps <- x$steps[x$steps$edition == edition, ]
  if (is.null(unit)) {
    return(plot_common_steps(x, rows, steps, edition))
  }
  check_string(unit, "unit")
  if (!unit %in% rows$unit) {
    cap_abort_input("The next steps have no unit {.val {unit}} in edition {.val {edition}}.")
  }
  plot_unit_steps(x, rows[rows$unit == unit, ], steps[steps$unit == unit, ], lang)
}

refuse_no_steps <- function(steps, what) {
  if (nrow(steps) == 0L) {
    cap_abort_input("There are no steps to plot: {what}.")
  }
}

plot_unit_steps <- function(x, row, steps, lang) {
  refuse_no_steps(steps, if (row$outcome == "reached") "the target is reached" else row$reason)
  items <- x$framework$items[match(steps$item, x$framework$items$code), ]
  range <- items$max - items$min
  down <- items$direction < 0
  share <- function(v) ifelse(down, items$max - v, v - items$min) / range
  bars <- data.frame(
    rank = factor(steps$rank, levels = rev(steps$rank)),
    from = ifelse(is.na(steps$from), 0, share(steps$from)), to = share(steps$to),
    text = paste0(shown_level(steps$from), " to ", shown_level(steps$to), ", cost ", shown_level(steps$cost))
  )
  names <- paste0(steps$rank, ". ", vapply(steps$label, function(l) paste(strwrap(l, 36L), collapse = "\n"), ""))
  ggplot2::ggplot(bars, ggplot2::aes(y = .data$rank)) +
    ggplot2::geom_segment(
      ggplot2::aes(x = .data$from, xend = .data$to, yend = .data$rank), colour = cap_tint, linewidth = 3
    ) +
    ggplot2::geom_point(ggplot2::aes(x = .data$from), colour = cap_palette[["blue"]], fill = "white", shape = 21, size = 3, stroke = 1) +
    ggplot2::geom_point(ggplot2::aes(x = .data$to), colour = cap_palette[["blue"]], size = 3.4) +
    ggplot2::geom_text(
      ggplot2::aes(x = 1.05, label = .data$text), hjust = 0, size = 3.1, colour = cap_palette[["charcoal"]]
    ) +
    ggplot2::scale_x_continuous(
      limits = c(0, 1.45), breaks = seq(0, 1, 0.25), labels = function(v) paste0(100 * v, " %"),
      expand = ggplot2::expansion(c(0.02, 0))
    ) +
    ggplot2::scale_y_discrete(labels = stats::setNames(names, steps$rank)) +
    ggplot2::labs(
      title = wrap_title(paste0(unit_names(row$unit, lang), ": next steps, ", x$framework$title)),
      subtitle = paste(strwrap(paste0(
        "From ", if (is.na(row$from)) "below all" else row$from, " to ", row$target, " at cost ", shown_level(row$cost),
        if (row$optimal) ", the least possible" else ", not proven least",
        ". Open: where the item stands; filled: where it is raised. Framework status: ", x$status
      ), 84L), collapse = "\n"),
      x = "share of the item's scale", y = NULL
    ) +
    cap_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(), axis.title.x = ggplot2::element_text(hjust = 0.3))
}

plot_common_steps <- function(x, rows, steps, edition) {
  refuse_no_steps(steps, "no unit has a target left that it can reach")
  n <- sum(rows$outcome == "steps")
  counts <- table(steps$item)
  counts <- utils::head(sort(counts, decreasing = TRUE), 20L)
  label <- steps$label[match(names(counts), steps$item)]
  bars <- data.frame(
    label = factor(paste0(label, " (", names(counts), ")"), levels = rev(paste0(label, " (", names(counts), ")"))),
    n = as.integer(counts)
  )
  short <- bars$n < 0.08 * max(bars$n)
  ggplot2::ggplot(bars, ggplot2::aes(.data$n, .data$label)) +
    ggplot2::geom_col(fill = cap_palette[["blue"]], width = 0.7) +
    ggplot2::geom_text(
      ggplot2::aes(label = .data$n), size = 3.1, hjust = ifelse(short, -0.3, 1.3),
      colour = ifelse(short, "black", "white")
    ) +
    ggplot2::scale_y_discrete(labels = function(l) vapply(l, function(s) paste(strwrap(s, 44L), collapse = "\n"), "")) +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(c(0, 0.05))) +
    ggplot2::labs(
      title = wrap_title(paste0("Most frequent next steps, ", x$framework$title)),
      subtitle = paste0(
        "Units with the item among their next steps, of ", n, " that have any; edition ", edition,
        "\nFramework status: ", x$status
      ),
      x = "units", y = NULL
    ) +
    cap_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
}
