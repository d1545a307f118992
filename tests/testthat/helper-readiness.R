# Small frameworks with gates, and readiness in plain R by its definitions.

# A framework of one branch a pair of items; stages from 0, gates as given.
gated <- function(codes, gates, max = 4, caps = NULL, weight = 1, ...) {
  branch <- paste0("D", (seq_along(codes) + 1) %/% 2)
  stages <- 0:max(gates$stage)
  cap_framework(list(
    id = "own", status = "illustrative",
    items = data.frame(
      code = c("R", unique(branch), codes), parent = c("", rep("R", length(unique(branch))), branch),
      max = c(100, rep(100, length(unique(branch))), rep_len(max, length(codes))), weight = weight
    ),
    stages = data.frame(stage = stages, label = paste("level", stages), cap = caps %||% rep(NA, length(stages))),
    gates = gates, ...
  ))
}

gate <- function(stage, group, k, item, min) data.frame(stage, group, k, item, min)

wide_answers <- function(values, framework, units = sprintf("U%02d", seq_len(nrow(values)))) {
  cap_answers(cbind(data.frame(iso3 = units), as.data.frame(values)), framework, item = NULL)
}

grades_of <- function(answers, grade) {
  table <- as.data.frame(answers)
  data.frame(unit = table$unit, item = table$item, grade = rep_len(grade, nrow(table)))
}

# The stage of each row of levels; the columns are named by item.
twin_stages <- function(x, gates) {
  x <- as.matrix(x)
  stage <- integer(nrow(x))
  holds <- rep(TRUE, nrow(x))
  for (s in seq_len(max(gates$stage))) {
    of_stage <- gates[gates$stage == s, ]
    for (g in split(of_stage, of_stage$group)) {
      holds <- holds & rowSums(x[, g$item, drop = FALSE] >= rep(g$min, each = nrow(x))) >= g$k[1]
    }
    stage[holds] <- s
  }
  stage
}

# Probability of each level 0..max of one answer.
twin_levels <- function(value, reliability, max) {
  p <- rep(0, max + 1)
  if (is.na(reliability) || is.na(value)) {
    return(p + 1 / (max + 1))
  }
  p[value + 1] <- reliability
  near <- intersect(c(value - 1, value + 1), 0:max)
  p[near + 1] <- (1 - reliability) / length(near)
  p
}

# P(stage = 0, 1, ...) by adding up every combination of levels; with a
# correlation by the midpoint rule over the common factor.
twin_law <- function(value, reliability, gates, max, correlation = 0) {
  levels <- mapply(twin_levels, value, reliability, MoreArgs = list(max = max))
  all <- as.matrix(do.call(expand.grid, rep(list(0:max), length(value))))
  colnames(all) <- names(value)
  stage <- twin_stages(all, gates)
  nodes <- if (correlation > 0) seq(-8.5, 8.5, length.out = 3001) else 0
  weight <- stats::dnorm(nodes) / sum(stats::dnorm(nodes))
  total <- 0
  chance <- matrix(1, length(nodes), nrow(all))
  for (k in seq_along(value)) {
    below <- c(0, cumsum(levels[, k])) # P(level < l)
    cut <- stats::qnorm(pmin(below, 1))
    given <- outer(nodes, cut, function(f, z) stats::pnorm((z - sqrt(correlation) * f) / sqrt(1 - correlation)))
    point <- given[, -1, drop = FALSE] - given[, -ncol(given), drop = FALSE]
    chance <- chance * point[, all[, k] + 1, drop = FALSE]
  }
  joint <- colSums(chance * weight)
  vapply(0:max(gates$stage), function(s) sum(joint[stage == s]), 0)
}

# Random gates on items, nested by stage in AND groups, with k of n that share.
random_gates <- function(codes, max, stages = 2) {
  base <- sample(0:max, length(codes), replace = TRUE)
  do.call(rbind, lapply(seq_len(stages), function(s) {
    required <- sample(length(codes), sample(1:2, 1))
    some <- sample(length(codes), sample(2:length(codes), 1))
    some2 <- sample(length(codes), sample(2:length(codes), 1))
    base <<- pmin(max, base + sample(0:1, length(codes), replace = TRUE))
    rbind(
      gate(s, "all", length(required), codes[required], base[required]),
      gate(s, "some", sample(length(some), 1), codes[some], sample(1:max, length(some), TRUE)),
      gate(s, "more", sample(length(some2), 1), codes[some2], sample(1:max, length(some2), TRUE))
    )
  }))
}

# Three nested stages with k of n on shared items, the same every time.
random_gates_fixed <- function() {
  codes <- letters[1:5]
  rbind(
    gate(1, "all", 1, "a", 1), gate(1, "some", 2, c("b", "c", "d"), c(1, 2, 1)),
    gate(2, "all", 2, c("a", "e"), c(2, 1)), gate(2, "some", 2, codes[2:5], 3),
    gate(3, "all", 3, c("a", "b", "e"), c(3, 3, 2)), gate(3, "any", 1, c("c", "d"), 4)
  )
}
