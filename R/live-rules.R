# What workbooks write as formulas in place of what the core computes: one place for each,
# by the core's names. Live workbooks and forms write what stands here and nothing else.

# For each register of the core a row a name: `write` gives the formula, or `none` says why
# there is none. Registers: rules of aggregation (src/core/index/rules.c), what a missing
# answer does, how ties are ranked, and the entries that decide about bounds, bands,
# gates, stages and rounding (src/init.c). Of a rule `none` is told to whoever asks for it;
# `needs_positive` says of its parameters whether it has no value for negative shares, and
# `may_be_negative` that it may give them.
live_rules <- function() {
  one_unit <- "It depends on all units, of which a workbook may hold one."
  list(
    aggregate = list(
      arithmetic = list(write = function(x, p) formula_mean(x)),
      geometric = list(write = function(x, p) formula_geometric(x, p$shift), needs_positive = function(p) TRUE),
      harmonic = list(write = function(x, p) formula_harmonic(x), needs_positive = function(p) TRUE),
      generalised_mean = list(
        write = function(x, p) formula_power(x, p$r), needs_positive = function(p) is.finite(p$r) && p$r != 1
      ),
      minimum = list(write = function(x, p) formula_least(x)),
      median = list(write = function(x, p) formula_median(x)),
      mazziotta_pareto = list(write = function(x, p) formula_penalised(x, p$sign, p$sample), may_be_negative = TRUE),
      bottleneck = list(write = function(x, p) formula_bottleneck(x)),
      owa = list(none = "Its weights belong to places in the order of the shares, not to the items."),
      copeland = list(none = "It compares each unit with all others, pair by pair."),
      kemeny = list(none = "It searches all orders of the units for the best one.")
    ),
    missing = list(
      error = list(write = formula_complete), zero = list(write = formula_complete),
      renormalise = list(write = formula_observed)
    ),
    rank = list(dense = list(none = one_unit), min = list(none = one_unit), average = list(none = one_unit)),
    decision = list(
      bound_holds = list(write = formula_reaches),
      bound_slack = list(write = formula_plus),
      band = list(write = formula_band),
      gates_hold = list(write = formula_gates),
      stage_reach = list(write = formula_stage),
      stage_next = list(none = "Forms show which stage is reached, not what lacks to the next."),
      stage_probability = list(none = "It is a sum over all answers that may be true."),
      round_half_up = list(write = formula_round)
    )
  )
}

# Rules of aggregation ---------------------------------------------------------

# A rule over the ranges `weight` (summing to 1) and `share`, cells of the shares
# one by one in `cell`; `present` is the range of 1 and 0 for what has a share.
# SUMPRODUCT takes whole ranges in every spreadsheet, without array formulas.
rule_formula <- function(rule, weight, share, cell, present = NULL) {
  used <- if (is.null(present)) weight else paste0("(", weight, "*", present, ")")
  total <- sum_product(weight, present)
  parts <- list(
    weight = weight, share = share, cell = cell, present = present, used = used, total = total,
    # Shares of what is used, 1 for the rest: logs and quotients stay finite.
    safe = function(shift = "") paste0("((", share, shift, ")*(", used, ">0)+(", used, "=0))"),
    per_total = if (!is.null(present)) paste0("/", total) else ""
  )
  out <- live_rules()$aggregate[[rule$rule]]$write(parts, rule$parameters)
  # Weights that are not filled in are 0: then there is nothing to divide by.
  if (rule$rule == "arithmetic" || !is.null(present)) out else paste0("IF(", total, ">0,", out, ",0)")
}

# The sum of products over ranges; several sets of them are added.
sum_product <- function(...) {
  ranges <- Filter(length, list(...))
  paste0("SUMPRODUCT(", do.call(paste, c(ranges, sep = ",")), ")", collapse = "+")
}

formula_mean <- function(x) paste0(sum_product(x$weight, x$present, x$share), x$per_total)

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
  half <- formula_reaches(below, "0.5", slack("weight"))
  paste0("MIN(", paste0("IF(", half, ",", x$cell, ",1E9)", collapse = ","), ")")
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

# The arithmetic mean of children that stand in several ranges; `total` is the cell that
# holds the weight of those that count.
formula_mean_of <- function(weight, counts, share, total) {
  paste0("IF(", total, ">0,(", sum_product(weight, counts, share), ")/", total, ",0)")
}

# Missing answers --------------------------------------------------------------

# Formulas of a node over its children: `x` has its rule, the weights, shares and cells as
# in rule_formula(), and for what is observed the ranges `present` and `coverage`, the
# node's own cells of both, and the least coverage that gives a score.
formula_complete <- function(x) list(share = rule_formula(x$rule, x$weight, x$share, x$cell))

formula_observed <- function(x) {
  enough <- if (x$min_coverage > 0) {
    paste0(",", formula_reaches(x$own_coverage, formula_number(x$min_coverage), slack("share")))
  }
  list(
    share = paste0("IF(", x$own_present, "=1,", rule_formula(x$rule, x$weight, x$share, x$cell, x$present), ",0)"),
    present = paste0("IF(AND(", sum_product(x$weight, x$present), ">0", enough, "),1,0)"),
    coverage = sum_product(x$weight, x$present, x$coverage)
  )
}

# The share that an answer is of its scale, from `none` of it to `full` marks.
formula_share <- function(answer, none, full, otherwise = "0") {
  paste0("IF(ISNUMBER(", answer, "),(", answer, "-", none, ")/(", full, "-", none, "),", otherwise, ")")
}

# Bounds, bands, gates, stages and rounding ------------------------------------

# Whether a value reaches a bound, of which it may lack the slack.
formula_reaches <- function(value, bound, slack) paste0(formula_plus(value, slack), ">=", bound)

# A cell or an expression and what is forgiven: "{score}+1E-9".
formula_plus <- function(value, slack) paste0(value, "+", formula_slack(slack))

# As spreadsheets write a small number: 1E-9.
formula_slack <- function(slack) sub("E-0", "E-", toupper(formula_number(slack)), fixed = TRUE)

# The label of the first band that a score of an index of that maximum reaches, else
# `below`. Bands stand from the best down or, `rising`, from the lowest up.
formula_band <- function(score, lower, label, below, max, rising = FALSE) {
  reached <- formula_plus(score, bound_slack(max))
  least <- if (rising) sub("}", "[1]}", lower, fixed = TRUE) else paste0("MIN(", lower, ")")
  found <- if (rising) {
    paste0("LOOKUP(", reached, ",", lower, ",", label, ")")
  } else {
    paste0("INDEX(", label, ",1+SUMPRODUCT((", lower, ">", reached, ")*1))")
  }
  paste0("IF(", reached, ">=", least, ",", found, ",", below, ")")
}

# list(met, holds) of a row of gates: whether its value reaches the minimum (0 where its
# item does not count), and whether as many of its group are met as it asks for, or as
# there are that count. `all` are the ranges of group, met and counts.
formula_gates <- function(value, minimum, counts, asked, group, all) {
  of_group <- function(range) paste0("SUMIF(", all$group, ",", group, ",", range, ")")
  list(
    met = paste0("IF(", formula_reaches(value, minimum, slack("bound")), ",", counts, ",0)"),
    holds = paste0("IF(", of_group(all$met), ">=MIN(", asked, ",", of_group(all$counts), "),1,0)")
  )
}

# The stage below the first one that lacks a gate; gates stand in order of stages, and
# `of` is the stage of each. The last of `n` stages when all hold.
formula_stage <- function(holds, of, stages, labels, n) {
  paste0(
    "IF(COUNTIF(", holds, ",0)=0,INDEX(", labels, ",", n, "),",
    "INDEX(", labels, ",MATCH(INDEX(", of, ",MATCH(0,", holds, ",0)),", stages, ",0)-1))"
  )
}

formula_round <- function(value, digits) paste0("ROUND(", value, ",", digits, ")")
