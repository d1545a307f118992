# The score as a spreadsheet computes it: shares (0 to 1) of all nodes of the
# tree, one column a node, by formulas over the answers and the weights.

# Layout -----------------------------------------------------------------------

# The nodes from the root down, level by level, so that the children of a parent
# stand side by side. `children` gives the positions of each, first and last;
# `missing` what formulas do about missing answers, `gaps` whether they must weigh what
# is observed.
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
  missing <- if (anyNA(index$answers$values)) index$spec$missing else "error"
  list(
    order = order, n = length(order), children = children[seq_along(order)],
    is_leaf = order %in% framework$leaves, leaf = match(order, framework$leaves),
    missing = missing, gaps = missing == "renormalise"
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

# Formulas of the inner node at a position: share, with gaps also present and coverage.
node_formulas <- function(layout, position, index) {
  span <- layout$children[[position]]
  span <- span[1L]:span[2L]
  live_rules()$missing[[layout$missing]]$write(list(
    rule = node_rule(index, layout$order[position]), min_coverage = index$spec$min_coverage,
    weight = paste0("{", refer("", weight_of(span[1L]), to = weight_of(span[length(span)])), "}"),
    share = row_range(share_of(span)), cell = row_cells(share_of(span)), present = row_range(present_of(span)),
    coverage = row_range(coverage_of(span)), own_present = row_cells(present_of(position)),
    own_coverage = row_cells(coverage_of(position))
  ))
}

node_rule <- function(index, node) {
  depth <- index$framework$depth[node] + 1L
  rule <- index$spec$aggregate[[depth]]
  given <- attr(index$spec$aggregate, "parameters")[[depth]] %||% list()
  list(rule = rule, parameters = utils::modifyList(as.list(aggregation_rules()[[rule]]), given))
}

# What a spreadsheet cannot say ------------------------------------------------

LONGEST_FORMULA <- 8000L
# Beyond these a power under- or overflows, or loses digits.
EXPONENTS <- c(0.05, 30)

# Refused before anything is written.
check_expressible <- function(index, layout) {
  rules <- index$spec$aggregate
  table <- live_rules()$aggregate
  has_formula <- names(table)[vapply(table, function(row) is.function(row$write), NA)]
  odd <- rules[!rules %in% has_formula]
  if (length(odd) > 0L) {
    why <- unlist(lapply(table[unique(odd)], `[[`, "none"))
    cap_abort_input(c(
      "No formula of a spreadsheet gives the rule {.val {unique(unname(odd))}}.",
      "x" = "It is the rule of {.val {names(odd)}}.", stats::setNames(why, rep("x", length(why))),
      "i" = "A live workbook can have {.or {.val {has_formula}}}; {.fn cap_brief} takes every rule."
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
    block("", 1L, col, stats::setNames(rep(list(column(0)), length(names)), names), name = names[1L])
  }
  blocks <- blocks_by_name(list(stub(names, 1L), stub(weight_of(positions), match(share_of(1L), names))))
  letters <- vapply(unlist(formulas), resolve_template, "", block = blocks[[1L]], named = blocks)
  max(nchar(gsub("{r}", "1048576", letters, fixed = TRUE)))
}

# Means that a negative share does not have, above the rule that may give one.
check_never_negative <- function(rules) {
  rows <- live_rules()$aggregate[rules]
  needs_positive <- mapply(function(row, given) {
    !is.null(row$needs_positive) && row$needs_positive(given)
  }, rows, attr(rules, "parameters"))
  may_be_negative <- vapply(rows, function(row) isTRUE(row$may_be_negative), NA)
  barred <- rules[needs_positive & seq_along(rules) < max(0L, which(may_be_negative))]
  if (length(barred) > 0L) {
    giving <- unique(unname(rules[may_be_negative]))
    cap_abort_input(c(
      "Changed weights may give a negative score, of which {.val {unique(unname(barred))}} has no value.",
      "x" = "{.val {giving}} below it may give one.",
      "i" = "A live workbook takes either rule, or {.val {giving}} above the others."
    ))
  }
  invisible(rules)
}
