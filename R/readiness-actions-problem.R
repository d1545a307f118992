# The problem of one unit as the core takes it (src/core/readiness/next_steps.h), and why a
# target cannot be reached.

# Levels, costs, prerequisites -------------------------------------------------

action_steps <- function(case, step) {
  range <- case$highest - case$lowest
  whole <- function(v) v == floor(v)
  gates <- case$framework$gates
  is_whole <- whole(as.double(gates$min))
  in_levels <- (range > 1 | case$codes %in% gates$item) & !case$codes %in% gates$item[!is_whole]
  out <- ifelse(whole(case$lowest) & whole(case$highest) & in_levels, 1, range / 10)
  out <- as_steps(step, out, case$framework)
  check_none(case$codes[range / out > 254], c(
    "An item can have 254 steps at most; with {.arg step} there are more for {some_items(bad)}.",
    "i" = "Take larger steps."
  ))
  out
}

# Levels of each item's scale: multiples of its step, or those that have a cost.
level_grid <- function(case, spec) {
  lapply(seq_along(case$codes), function(k) {
    own <- spec$costs$levels[[k]]
    if (!is.null(own)) {
      return(own$level)
    }
    n <- ceiling((case$highest[k] - case$lowest[k]) / spec$step[k] - slack("step"))
    pmin(case$lowest[k] + spec$step[k] * seq_len(n), case$highest[k])
  })
}

# list(step: cost of a step of each item, levels: for items with own levels a
# data frame level, cost, else NULL).
action_costs <- function(case, costs) {
  step <- rep(1, length(case$codes))
  levels <- vector("list", length(case$codes))
  if (is.null(costs)) {
    return(list(step = step, levels = levels))
  }
  check_not_integer64(costs, "costs")
  if (!is.data.frame(costs)) {
    if (!is.numeric(costs) || is.null(names(costs))) {
      cap_abort_input("{.arg costs} must be numbers named by item or a data frame {.field item}, {.field cost}.")
    }
    costs <- data.frame(item = names(costs), cost = unname(costs))
  }
  check_columns(costs, c("item", "cost"), "costs")
  item <- as_code(costs[["item"]])
  cost <- as_figure(costs[["cost"]], "cost", item)
  check_amounts(cost, item, "{.arg costs}", finite = FALSE)
  if (is.null(costs[["level"]])) {
    check_items(item, case$codes, "costs", case$framework)
    step[match(item, case$codes)] <- cost
    return(list(step = step, levels = levels))
  }
  level <- as_figure(costs[["level"]], "level", item)
  check_items(unique(item), case$codes, "costs", case$framework)
  at <- match(item, case$codes)
  is_answer <- level >= case$lowest[at] & level <= case$highest[at]
  check_each(is_answer, item, "The {.field level} of {.arg costs} must be an answer to the item")
  check_none(item[duplicated(paste(at, level))], "{.arg costs} has a level more than once for {some_items(bad)}.")
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
  check_table(table, "prerequisites")
  edges <- tidy_prerequisites(table, case$framework$items)
  own <- list(item = as_code(table[["item"]]), requires = as_code(table[["requires"]]))
  first <- match(paste(edges$item, edges$requires, sep = "\r"), paste(own$item, own$requires, sep = "\r"))
  min <- if (is.null(table[["min"]])) NA_real_ else as_figure(table[["min"]], "min", own$item)
  out <- data.frame(
    item = match(edges$item, case$codes), requires = match(edges$requires, case$codes),
    min = rep_len(min, length(own$item))[first]
  )
  is_answer <- is.na(out$min) | out$min >= case$lowest[out$requires] & out$min <= case$highest[out$requires]
  check_each(
    is_answer, case$codes[out$requires], "The {.field min} of {.arg prerequisites} must be an answer to the required item"
  )
  out
}

# One unit ---------------------------------------------------------------------

# list(outcome, reason, levels: rows x plans of target values, plans' costs, ...)
plan_row <- function(case, goal, spec, row) {
  if (goal$by_score && is.na(case$score[row])) {
    return(list(outcome = "unreachable", reason = term("blocked.no_score")))
  }
  if (goal$reached[row]) {
    return(list(outcome = "reached", reason = term(if (goal$is_top[row]) "blocked.at_top" else "blocked.reached")))
  }
  problem <- action_problem(case, goal, spec, row)
  found <- .Call(
    C_next_steps_solve, problem$core, list(most_plans = spec$alternatives + 1, most_nodes = spec$max_nodes)
  )
  figures <- as.list(found$figures)
  if (length(found$cost) == 0L) {
    return(list(
      outcome = "unreachable", nodes = figures$nodes,
      reason = blocked_reason(case, goal, problem, found$blocked, figures$most_gain * case$max / 100, row)
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
    same_cost = sum(abs(found$cost[listed][-1L] - found$cost[1L]) <= slack("bound") * max(1, found$cost[1L])),
    cut = length(found$cost) > length(listed) || figures$complete == 0
  )
}

# The arrays of src/core/readiness/next_steps.h, items in order of their codes and then what
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
  unit <- 100 / case$max # the core has scores from 0 to 100
  list(
    item = case$order, gates = gates, requires = requires,
    core = list(
      level_start = as.integer(c(0L, cumsum(n_levels))), value = as.double(value),
      cost = as.double(unlist(lapply(levels, `[[`, "cost"))),
      gain = if (goal$by_score) as.double(unit * pmax(value - case$value[row, column], 0, na.rm = TRUE) * gain[column]),
      need = if (goal$by_score) unit * (goal$points[row] - bound_slack(case$max)) else 0,
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
  if (nrow(requires) == 0L) {
    return(requires)
  }
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
  gain[is.na(gain) | gain < slack("spread") * case$max / 100] <- 0
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
  grid <- spec$grid[[k]]
  to <- if (by_score) {
    c(grid, if (is.null(own)) asked)
  } else if (is.null(own)) {
    asked
  } else {
    vapply(asked, function(a) grid[meets(grid, a)][1L], 0)
  }
  to <- to[!is.na(to) & !meets(now, to)]
  if (length(to) == 0L) {
    return(here)
  }
  if (length(asked) > 0L) {
    to <- sort(to)
    to <- to[c(TRUE, !meets(to[-length(to)], to[-1L]))]
  }
  cost <- if (is.null(own)) {
    begun <- ceiling((to - case$lowest[k]) / step - slack("step")) -
      floor((now - case$lowest[k]) / step + slack("step"))
    (if (spec$cost_per == "item") pmin(begun, 1) else begun) * spec$costs$step[k]
  } else {
    on_way <- outer(to, own$level, meets) & rep(!meets(now, own$level), each = length(to))
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

# Why a target cannot be reached, as a text.
blocked_reason <- function(case, goal, problem, blocked, most_gain, row) {
  if (goal$by_score) {
    return(term("blocked.points",
      most = figure(most_gain, 2L), need = figure(goal$points[row], 2L), why = stuck_items(case, problem)
    ))
  }
  gates <- problem$gates
  groups <- which(blocked)
  if (length(groups) == 0L) {
    return(term("blocked.circle"))
  }
  member <- rep(seq_along(gates$group), diff(gates$group_start))
  listed(lapply(groups, function(g) {
    items <- drop_null(lapply(which(member == g), function(m) stuck_member(case, problem, m, row)))
    term("blocked.gate", gate = gate_text(case, gates$group[g]), items = listed(items, by = "list.semicolon"))
  }), by = "list.semicolon")
}

top_value <- function(problem, position) problem$core$value[problem$core$level_start[position + 1L]]

stuck_member <- function(case, problem, m, row) {
  k <- problem$gates$item[m]
  minimum <- problem$gates$minimum[m]
  if (k > length(case$codes)) {
    id <- case$gates$external[k - length(case$codes)]
    held <- case$outside[row, k - length(case$codes)] >= minimum
    return(if (!held) term("blocked.stage", stage = minimum, framework = id))
  }
  top <- top_value(problem, match(k, problem$item))
  code <- case$codes[k]
  if (meets(case$value[row, k], minimum)) {
    NULL
  } else if (meets(top, minimum)) {
    # it could be raised: others of the gate are what stands in the way
    if (k %in% problem$requires$item) term("blocked.prerequisites", item = code)
  } else if (top > case$value[row, k]) {
    term("blocked.top", item = code, top = signif(top, 7L), minimum = signif(minimum, 7L))
  } else {
    term("blocked.item", item = code, minimum = signif(minimum, 7L))
  }
}

stuck_items <- function(case, problem) {
  n <- length(problem$item)
  at_top <- diff(problem$core$level_start)[seq_len(n)] == 1L
  stuck <- case$codes[problem$item[at_top]]
  if (length(stuck) == 0L) term("blocked.all") else term("blocked.items", items = first_of(stuck))
}

# "1:sponsor": stage and name of a group of gates.
gate_code <- function(case, group) {
  stage <- gate_stage(case, group)
  name <- case$gates$group[group]
  ifelse(nzchar(name), paste0(stage, ":", name), as.character(stage))
}

gate_stage <- function(case, group) case$gates$stage[case$gates$group_stage[group] + 1L]

gate_text <- function(case, group) {
  name <- case$gates$group[group]
  if (!nzchar(name)) {
    return(gate_stage(case, group))
  }
  term("blocked.group", stage = gate_stage(case, group), group = label_of(case$framework, "gate:", name, name))
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
  (case$max / root_max(case$framework)) * score_panel(case$arrays, value, spec)$scores[, case$framework$root]
}
