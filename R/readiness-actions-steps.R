# The tables of next steps: raises in order, with what each gains.

plan_table <- function(case, goal, rows, plans) {
  get <- function(name, default) {
    vapply(plans, function(p) p[[name]] %||% default, default)
  }
  cost <- vapply(plans, function(p) p$plan_cost[1L] %||% NA_real_, 0)
  bound <- get("bound", NA_real_)
  cost[get("outcome", "") == "reached"] <- 0
  data.frame(
    unit = case$unit[rows], edition = case$edition[rows], framework = rep(case$framework$id, length(rows)),
    status = rep(text_in("en", case$status), length(rows)), from = goal$from[rows], target = goal$label[rows],
    outcome = get("outcome", ""), reason = text_in("en", lapply(plans, `[[`, "reason")),
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

# The mean gain of the steps of each item, NA where one of them has none.
mean_gains <- function(steps, codes) {
  vapply(codes, function(code) mean(steps$score_gain[steps$item == code]), 0)
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
  worth <- function(gain) {
    worth <- ifelse(is.na(gain), 0, ifelse(gain <= 0, gain, gain / r$cost[at]))
    # on the scale of each, so that costs of very different sizes still tell apart
    positive <- worth > 0 & is.finite(worth)
    worth[positive] <- exp(tied_within(log(worth[positive]), slack("rank")))
    worth
  }
  by_rank <- order(-worth(r$log_gain[at]), -worth(r$alone[at]), match(item, case$order))
  take_in_turn(by_rank, item, requires)
}

# `rank` holds the positions of `item`, best first: the same, but none before one of
# them that it requires.
take_in_turn <- function(rank, item, requires) {
  edge <- requires[requires$item %in% item & requires$requires %in% item, ]
  taken <- integer()
  while (length(taken) < length(item)) {
    waits <- item %in% edge$item[!edge$requires %in% item[taken]]
    taken <- c(taken, setdiff(rank, c(taken, which(waits)))[1L])
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
    met <- which(gates$item == r$item[k] & stage <= goal$at[r$row[k]] & meets(r$to[k], gates$minimum))
    if (length(met) == 0L) 0 else log(min(after[k, met])) - log(min(before[k, met]))
  }, 0)
}

# Groups that a raise helps to meet: minimums that it crosses.
step_gates <- function(case, goal, r, plans) {
  if (goal$by_score) {
    return(rep(say("en", "gate.score"), length(r$j)))
  }
  vapply(seq_along(r$j), function(k) {
    gates <- plans[[r$j[k]]]$problem$gates
    now <- case$value[r$row[k], r$item[k]]
    member <- which(gates$item == r$item[k] & !meets(now, gates$minimum) & meets(r$to[k], gates$minimum))
    group <- findInterval(member - 1L, gates$group_start)
    paste(unique(gate_code(case, gates$group[group])), collapse = ", ")
  }, "")
}

step_prerequisites <- function(case, r, plans) {
  vapply(seq_along(r$j), function(k) {
    requires <- plans[[r$j[k]]]$problem$requires
    if (nrow(requires) == 0L) {
      return("")
    }
    needed <- intersect(requires$requires[requires$item == r$item[k]], r$item[r$j == r$j[k]])
    paste(case$codes[sort(needed)], collapse = ", ")
  }, "")
}
