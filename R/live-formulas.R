# The score as a spreadsheet computes it: shares (0 to 1) of all nodes of the
# tree, one column a node, by formulas over the answers and the weights.

# Layout -----------------------------------------------------------------------

# The nodes from the root down, level by level, so that the children of a parent
# stand side by side. `children` gives the positions of each, first and last;
# `gaps` whether formulas must weigh what is observed.
live_layout <- function(index) {
  framework <- index$framework
  parent <- framework$arrays$parent
  order <- framework$root
  at <- 0L
  children <- list()
  while (at < length(order)) {
    at <- at + 1L
    below <- which(parent == order[at])
    if (length(below) > 0L) children[[at]] <- c(length(order) + 1L, length(order) + length(below))
    order <- c(order, below)
  }
  list(
    order = order, n = length(order), children = children[seq_along(order)],
    is_leaf = order %in% framework$leaves, leaf = match(order, framework$leaves),
    gaps = index$spec$missing == "renormalise" && anyNA(index$answers$values)
  )
}

# Names of the columns of workings: a node's share, with gaps also whether it has a
# score, and its coverage; and its weight in the row above them.
share_of <- function(position) paste0("share_", position)
present_of <- function(position) paste0("present_", position)
coverage_of <- function(position) paste0("coverage_", position)
weight_of <- function(position) paste0("weight_", position)

# Cells of the row that a formula stands in: one by one, and from the first to the last.
row_cells <- function(columns) paste0("${", columns, "}")
row_range <- function(columns) paste(unique(row_cells(columns[c(1L, length(columns))])), collapse = ":")

# Nodes ------------------------------------------------------------------------

# Formulas of the inner node at a position: share, present, coverage.
node_formulas <- function(layout, position, index) {
  span <- layout$children[[position]]
  span <- span[1L]:span[2L]
  weight <- paste0("{", refer("", weight_of(span[1L]), to = weight_of(span[length(span)])), "}")
  share <- row_range(share_of(span))
  cells <- row_cells(share_of(span))
  rule <- node_rule(index, layout$order[position])
  if (!layout$gaps) {
    return(list(share = rule_formula(rule, weight, share, cells)))
  }
  present <- row_range(present_of(span))
  coverage <- row_range(coverage_of(span))
  own <- row_cells(present_of(position))
  reached <- row_cells(coverage_of(position))
  used <- paste0("SUMPRODUCT(", weight, ",", present, ")")
  enough <- if (index$spec$min_coverage > 0) {
    paste0(",", formula_plus(reached, slack("share")), ">=", formula_number(index$spec$min_coverage))
  }
  list(
    share = paste0("IF(", own, "=1,", rule_formula(rule, weight, share, cells, present), ",0)"),
    present = paste0("IF(AND(", used, ">0", enough, "),1,0)"),
    coverage = paste0("SUMPRODUCT(", weight, ",", present, ",", coverage, ")")
  )
}

node_rule <- function(index, node) {
  depth <- index$framework$depth[node] + 1L
  rule <- index$spec$aggregate[[depth]]
  given <- attr(index$spec$aggregate, "parameters")[[depth]] %||% list()
  list(rule = rule, parameters = utils::modifyList(as.list(aggregation_rules()[[rule]]), given))
}

# Rules ------------------------------------------------------------------------

# A rule over the ranges `weight` (summing to 1) and `share`, cells of the shares
# one by one in `cell`; `present` is the range of 1 and 0 for what has a share.
# SUMPRODUCT takes whole ranges in every spreadsheet, without array formulas.
rule_formula <- function(rule, weight, share, cell, present = NULL) {
  used <- if (is.null(present)) weight else paste0("(", weight, "*", present, ")")
  parts <- list(
    weight = weight, share = share, cell = cell, used = used,
    comma = paste(c(weight, present), collapse = ","),
    # Shares of what is used, 1 for the rest: logs and quotients stay finite.
    safe = function(shift = "") paste0("((", share, shift, ")*(", used, ">0)+(", used, "=0))"),
    total = paste0("SUMPRODUCT(", paste(c(weight, present), collapse = ","), ")"),
    per_total = if (!is.null(present)) paste0("/SUMPRODUCT(", weight, ",", present, ")") else ""
  )
  out <- rule_writers[[rule$rule]](parts, rule$parameters)
  # Weights that are not filled in are 0: then there is nothing to divide by.
  if (rule$rule == "arithmetic" || !is.null(present)) out else paste0("IF(", parts$total, ">0,", out, ",0)")
}

rule_writers <- list(
  arithmetic = function(x, p) formula_mean(x),
  geometric = function(x, p) formula_geometric(x, p$shift),
  harmonic = function(x, p) formula_harmonic(x),
  generalised_mean = function(x, p) formula_power(x, p$r),
  minimum = function(x, p) formula_least(x),
  median = function(x, p) formula_median(x),
  mazziotta_pareto = function(x, p) formula_penalised(x, p$sign, p$sample),
  bottleneck = function(x, p) formula_bottleneck(x)
)

formula_mean <- function(x) paste0("SUMPRODUCT(", x$comma, ",", x$share, ")", x$per_total)

# Shares lie far within 1E9: what is not used cannot be the least or largest.
formula_least <- function(x) paste0("SUMPRODUCT(MIN(", x$share, "+1E9*(", x$used, "=0)))")
formula_largest <- function(x) paste0("SUMPRODUCT(MAX(", x$share, "-1E9*(", x$used, "=0)))")

formula_geometric <- function(x, shift) {
  plus <- if (shift > 0) paste0("+", formula_number(shift)) else ""
  minus <- if (shift > 0) paste0("-", formula_number(shift)) else ""
  paste0(
    "IF(", formula_least(x), plus, ">0,",
    "EXP(SUMPRODUCT(", x$used, "*LN(", x$safe(plus), "))", x$per_total, ")", minus, ",0)"
  )
}

formula_harmonic <- function(x) {
  paste0("IF(", formula_least(x), ">0,", x$total, "/SUMPRODUCT(", x$used, "/", x$safe(), "),0)")
}

# Relative to the term that weighs most, so that no power overflows.
formula_power <- function(x, r) {
  if (is.infinite(r)) {
    return(if (r < 0) formula_least(x) else formula_largest(x))
  }
  if (r == 0) {
    return(formula_geometric(x, 0))
  }
  if (r == 1) {
    return(formula_mean(x))
  }
  if (r == -1) {
    return(formula_harmonic(x))
  }
  base <- if (r > 0) formula_largest(x) else formula_least(x)
  power <- formula_number(r)
  paste0(
    "IF(", base, ">0,", base, "*(SUMPRODUCT(", x$used, "*(", x$safe(), "/", base, ")^(", power, "))", x$per_total,
    ")^(1/(", power, ")),0)"
  )
}

# The least share up to which half of the weight lies.
formula_median <- function(x) {
  below <- paste0("SUMPRODUCT(", x$used, "*(", x$share, "<=", x$cell, "))", x$per_total)
  paste0("MIN(", paste0("IF(", formula_plus(below, slack("weight")), ">=0.5,", x$cell, ",1E9)", collapse = ","), ")")
}

formula_penalised <- function(x, sign, sample) {
  mean <- formula_mean(x)
  n <- paste0("SUMPRODUCT((", x$used, ">0)*1)")
  variance <- paste0("SUMPRODUCT(", x$used, "*(", x$share, "-", mean, ")^2)", x$per_total)
  if (sample > 0) variance <- paste0("IF(", n, ">1,", n, "/(", n, "-1),0)*", variance)
  paste0("IF(", mean, "=0,0,", mean, if (sign > 0) "-" else "+", variance, "/ABS(", mean, "))")
}

formula_bottleneck <- function(x) {
  least <- formula_least(x)
  paste0(least, "+SUMPRODUCT(", x$used, "*(1-EXP(", least, "-", x$share, ")))", x$per_total)
}

# What a spreadsheet cannot say ------------------------------------------------

LONGEST_FORMULA <- 8000L
# Beyond these a power under- or overflows, or loses digits.
EXPONENTS <- c(0.05, 30)

# Refused before anything is written.
check_expressible <- function(index, layout) {
  rules <- index$spec$aggregate
  odd <- !rules %in% names(rule_writers)
  if (any(odd)) {
    cap_abort_input(c(
      "No formula of a spreadsheet gives the rule {.val {unique(unname(rules[odd]))}}.",
      "x" = "It is the rule of {.val {names(rules)[odd]}}.",
      "i" = "A live workbook can have {.or {.val {names(rule_writers)}}}; {.fn cap_brief} takes every rule."
    ))
  }
  r <- as.numeric(unlist(lapply(attr(rules, "parameters"), `[[`, "r")))
  far <- r[is.finite(r) & r != 0 & (abs(r) < EXPONENTS[1L] | abs(r) > EXPONENTS[2L])]
  if (length(far) > 0L) {
    cap_abort_input(c(
      "A spreadsheet cannot compute the rule {.val generalised_mean} to nine digits with {.arg r} of {far}.",
      "i" = "Take {.arg r} from {EXPONENTS[1L]} to {EXPONENTS[2L]} in size, or 0, {.code -Inf} or {.code Inf}."
    ))
  }
  check_never_negative(rules)
  for (position in which(!layout$is_leaf)) {
    longest <- longest_formula(node_formulas(layout, position, index), layout)
    if (longest > LONGEST_FORMULA) {
      code <- index$framework$items$code[layout$order[position]]
      rule <- node_rule(index, layout$order[position])$rule
      cap_abort_input(c(
        "The rule {.val {rule}} over the children of {.val {code}} makes a formula of {longest} characters.",
        "x" = "Excel takes 8,192.",
        "i" = "Group the items under more parents, or take the arithmetic mean at this level."
      ), items = code)
    }
  }
  invisible(index)
}

# Characters of the longest of a node's formulas in the last row of a sheet, with the
# letters of its columns.
longest_formula <- function(formulas, layout) {
  positions <- seq_len(layout$n)
  names <- c("unit", "code", share_of(positions), present_of(positions), coverage_of(positions))
  stub <- function(names, col) {
    block("", 1L, col, stats::setNames(lapply(names, function(x) column(0)), names), name = names[1L])
  }
  blocks <- blocks_by_name(list(stub(names, 1L), stub(weight_of(positions), match(share_of(1L), names))))
  letters <- vapply(unlist(formulas), resolve_template, "", block = blocks[[1L]], named = blocks)
  max(nchar(gsub("{r}", "1048576", letters, fixed = TRUE)))
}

# Means that a negative share does not have, above the rule that may give one.
check_never_negative <- function(rules) {
  r <- vapply(attr(rules, "parameters"), function(p) p$r %||% NA_real_, 0)
  has_none <- rules %in% c("geometric", "harmonic") | rules == "generalised_mean" & is.finite(r) & r != 1
  deepest <- max(0L, which(rules == "mazziotta_pareto"))
  barred <- rules[has_none & seq_along(rules) < deepest]
  if (length(barred) > 0L) {
    cap_abort_input(c(
      "Changed weights may give a negative score, of which {.val {unique(unname(barred))}} has no value.",
      "x" = "{.val mazziotta_pareto} below it may give one.",
      "i" = "A live workbook takes either rule, or {.val mazziotta_pareto} above the others."
    ))
  }
  invisible(rules)
}
