# What workbooks write as formulas in place of what the core computes, one place for
# each: the rules of aggregation by the core's names, bounds, bands, gates and stages.
# What rounding is forgiven is an argument. No workbook writes ranks: they depend on all
# units, whoever is shown.

# What rounding is forgiven: of the bounds of bands and gates, of sums of shares, and of
# the half of the weight that a median asks for.
forgiven <- c(bound = 1e-9, share = 1e-9, weight = 1e-12)

# Rules of aggregation ---------------------------------------------------------

# A row for each rule of the core's register (src/core/index/rules.c): `write` gives its
# formula from the parts below and its parameters; without one, `none` says why, to whoever
# asks for a live workbook. `needs_positive` says of its parameters whether it has no
# value for negative shares, `may_be_negative` that it may give them.
live_rules <- list(
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
)

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
  out <- live_rules[[rule$rule]]$write(parts, rule$parameters)
  # Weights that are not filled in are 0: then there is nothing to divide by.
  if (rule$rule == "arithmetic" || !is.null(present)) out else paste0("IF(", parts$total, ">0,", out, ",0)")
}

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
formula_median <- function(x, slack = forgiven[["weight"]]) {
  below <- paste0("SUMPRODUCT(", x$used, "*(", x$share, "<=", x$cell, "))", x$per_total)
  paste0("MIN(", paste0("IF(", formula_reaches(below, "0.5", slack), ",", x$cell, ",1E9)", collapse = ","), ")")
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

# Bounds, bands, gates and stages ----------------------------------------------

# Whether a value reaches a bound.
formula_reaches <- function(value, bound, slack) paste0(formula_plus(value, slack), ">=", bound)

# The label of the first band that a score reaches, else `below`. Bands stand from the
# best down or, `rising`, from the lowest up.
formula_band <- function(score, lower, label, below, slack, rising = FALSE) {
  reached <- formula_plus(score, slack)
  least <- if (rising) sub("}", "[1]}", lower, fixed = TRUE) else paste0("MIN(", lower, ")")
  found <- if (rising) {
    paste0("LOOKUP(", reached, ",", lower, ",", label, ")")
  } else {
    paste0("INDEX(", label, ",1+SUMPRODUCT((", lower, ">", reached, ")*1))")
  }
  paste0("IF(", reached, ">=", least, ",", found, ",", below, ")")
}

# Whether a gate's value reaches its minimum, 0 where its item does not count.
formula_met <- function(value, minimum, counts, slack) {
  paste0("IF(", formula_reaches(value, minimum, slack), ",", counts, ",0)")
}

# Whether a group of gates holds: as many are met as it asks for, or as there are that
# count. `group` is that of the row among all `groups`.
formula_holds <- function(group, groups, met, counts, asked) {
  paste0(
    "IF(SUMIF(", groups, ",", group, ",", met, ")>=MIN(", asked, ",SUMIF(", groups, ",", group, ",", counts, ")),1,0)"
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
