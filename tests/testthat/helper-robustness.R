# A toy index, and the Monte Carlo of an index in plain R: another generator,
# another way to rank, to aggregate and to count.

# Four levels, one branch deeper than the others, two reversed items.
toy_items <- function() {
  data.frame(
    code = c("IDX", "P", "Q", "P1", "P2", "P3", "Q1", "Q2", "S", "S1", "S2"),
    parent = c("", "IDX", "IDX", "P", "P", "P", "Q", "Q", "Q", "S", "S"),
    weight = c(NA, 3, 2, 1, 2, 1, 2, 1, 1, 3, 1),
    max = c(100, 20, 30, 1, 2, 3, 1, 2, 10, 4, 1),
    direction = c(1, 1, 1, 1, -1, 1, 1, 1, 1, 1, -1)
  )
}
toy_leaves <- c("P1", "P2", "P3", "Q1", "Q2", "S1", "S2")
toy_framework <- function(bands = TRUE) {
  bands <- if (bands) data.frame(label = c("high", "middle", "low"), lower = c(60, 45, 25))
  cap_framework(list(items = toy_items(), bands = bands))
}

# Answers at 0, 1/4, ... of the maximum, which a linear congruence scatters; those
# to three items stay off the ends of their scales.
toy_values <- function(units = 7, gaps = NULL) {
  x <- matrix((seq_len(units * 7) * 37) %% 64 %/% 13, units, dimnames = list(LETTERS[seq_len(units)], toy_leaves)) / 4
  x[, c("P2", "Q2", "S2")] <- 0.1 + 0.7 * x[, c("P2", "Q2", "S2")]
  x <- x * rep(toy_items()$max[match(toy_leaves, toy_items()$code)], each = units)
  if (!is.null(gaps)) x[gaps] <- NA
  x
}
toy_gaps <- cbind(c(1, 2, 4, 4, 6), c(1, 5, 2, 6, 4))

answers_of <- function(values, framework = toy_framework()) {
  data <- data.frame(unit = rownames(values), edition = 2024L, values, check.names = FALSE)
  cap_answers(data, framework, unit = "unit", item = NULL)
}
toy <- function(..., units = 7, gaps = NULL, bands = TRUE) {
  cap_index(answers_of(toy_values(units, gaps), toy_framework(bands)), ...)
}

toy_panel <- function(experts = 6) {
  items <- toy_items()
  asked <- items$code[items$parent %in% c("IDX", "P", "S")]
  data <- expand.grid(expert = paste0("e", seq_len(experts)), item = asked, stringsAsFactors = FALSE)
  data$value <- 1 + (seq_len(nrow(data)) * 29) %% 31
  data
}

# Plain R -------------------------------------------------------------------------

# Mean of the columns of `s` (NA is left out) by a rule.
plain_mean <- function(s, w, rule) {
  s <- s[, w > 0, drop = FALSE]
  w <- w[w > 0]
  seen <- !is.na(s)
  mass <- as.vector(seen %*% w)
  s0 <- replace(s, !seen, 1)
  weights <- seen * rep(w, each = nrow(s))
  out <- switch(rule,
    arithmetic = rowSums(weights * s0) / mass,
    geometric = exp(rowSums(weights * log(s0)) / mass),
    harmonic = mass / rowSums(weights / s0),
    minimum = apply(replace(s, !seen, Inf), 1, min)
  )
  replace(out, mass == 0, NA)
}

# Scores of the root: `share` units x leaves of the maximum, more is better.
plain_scores <- function(items, share, weight, rule = "arithmetic", zero = FALSE) {
  if (zero) share[is.na(share)] <- 0
  visit <- function(code) {
    below <- items$code[items$parent %in% code]
    if (length(below) == 0) {
      return(share[, code])
    }
    s <- vapply(below, visit, double(nrow(share)))
    plain_mean(matrix(s, nrow(share)), weight[below], rule)
  }
  root <- items$code[!nzchar(items$parent)]
  visit(root) * items$max[items$code == root]
}

plain_share <- function(items, values) {
  at <- match(colnames(values), items$code)
  max <- rep(items$max[at], each = nrow(values))
  turned <- rep(items$direction[at] < 0, each = nrow(values))
  (turned * max + (1 - 2 * turned) * values) / max
}

plain_ranks <- function(score, method = "dense") {
  key <- floor(100 * score + 0.5 + 1e-7)
  switch(method,
    dense = match(key, sort(unique(key), decreasing = TRUE)) + 0,
    rank(-key, ties.method = method, na.last = "keep") + 0
  )
}

plain_tiers <- function(score, lower) {
  1 + rowSums(outer(score + 1e-9, lower, `<`))
}

# `draw()` gives the scores of one replicate.
plain_run <- function(n, seed, draw, nominal, lower = double(), method = "dense") {
  scores <- withr::with_seed(seed, t(vapply(seq_len(n), function(r) draw(), double(length(nominal)))))
  if (length(nominal) == 1L) scores <- t(scores)
  ranks <- t(apply(scores, 1, plain_ranks, method = method))
  if (length(nominal) == 1L) ranks <- t(ranks)
  list(
    n = n, scores = scores, ranks = ranks, lower = lower, nominal = plain_ranks(nominal, method),
    tiers = if (length(lower) > 0) matrix(apply(scores, 1, plain_tiers, lower = lower), ncol = n)
  )
}

# Two counts of one event are as like as they would be in all but about one of
# two million runs, which is five standard errors: given their sum, one of them
# is hypergeometric, exactly.
unlike_counts <- function(k1, n1, k2, n2) {
  low <- stats::phyper(k1, n1, n2, k1 + k2)
  high <- stats::phyper(k1 - 1, n1, n2, k1 + k2, lower.tail = FALSE)
  sum(pmin(low, high) < 2.9e-7)
}
# The same against an exact probability.
unlike_share <- function(k, n, p) {
  # rounding of p must not make the certain impossible
  p <- pmin(pmax(p, 0), 1)
  low <- stats::pbinom(k, n, p)
  high <- stats::pbinom(k - 1, n, p, lower.tail = FALSE)
  sum(pmin(low, high) < 2.9e-7)
}

# All that a result says against the plain run.
expect_agrees <- function(x, plain) {
  table <- as.data.frame(x)
  n <- sum(x$ranges[, "to"] - x$ranges[, "from"] + 1)
  units <- nrow(table)
  expect_identical(table$scored, rep(as.numeric(n), units))
  values <- as.numeric(colnames(x$rank_frequency))
  ranks <- vapply(values, function(v) colSums(plain$ranks == v), double(units))
  expect_identical(unlike_counts(round(x$rank_frequency * n), n, matrix(ranks, units), plain$n), 0L)
  top <- unique(pmax(1L, round(units * c(0.2, 0.5))))
  found <- cap_table(x, "top", k = top)
  found <- found[match(table$unit, found$unit), ]
  for (k in top) {
    expect_identical(unlike_counts(round(found[[paste0("p_top_", k)]] * n), n, colSums(plain$ranks <= k), plain$n), 0L)
  }
  above <- vapply(seq_len(units), function(j) colSums(plain$ranks < plain$ranks[, j]), double(units))
  expect_identical(unlike_counts(round(x$dominance * n), n, above, plain$n), 0L)
  if (!is.null(plain$tiers)) {
    tier <- cap_table(x, "tiers")
    count <- vapply(seq_along(plain$lower), function(t) rowSums(plain$tiers == t), double(units))
    p <- matrix(tier$p, units, byrow = TRUE)
    expect_identical(unlike_counts(round(p * n), n, matrix(count, units), plain$n), 0L)
    expect_equal(tier$se, sqrt(tier$p * (1 - tier$p) / n), tolerance = 1e-12)
  }
  expect_quantiles(table[c("rank_low", "rank_median", "rank_high")], plain$ranks, n, 1e-9)
  step <- cap_grid(x)
  expect_quantiles(table[c("score_low", "score_median", "score_high")], plain$scores, n, step)
  shift <- abs(plain$ranks - rep(plain$nominal, each = plain$n))
  # the larger of both variances: what is rare may be lacking in one
  away <- abs(outer(plain$nominal, values, `-`))
  variance <- rowSums(x$rank_frequency * away^2) - rowSums(x$rank_frequency * away)^2
  error <- sqrt(pmax(variance, apply(shift, 2, stats::var)) * (1 / n + 1 / plain$n))
  expect_true(all(abs(table$rank_shift - colMeans(shift)) <= 5 * error + 1e-12))
}

cap_grid <- function(x) x$framework$items$max[[x$framework$root]] / 1e4

# The distribution of the plain run reaches 5, 50 and 95 % where the quantiles
# say, within five standard errors.
expect_quantiles <- function(found, draws, n, step) {
  p <- c(0.05, 0.5, 0.95)
  error <- 5 * sqrt(p * (1 - p) * (1 / n + 1 / nrow(draws)))
  bad <- 0
  for (k in 1:3) {
    at <- rep(found[[k]], each = nrow(draws))
    bad <- bad + sum(colMeans(draws <= at + step) < p[k] - error[k]) + sum(colMeans(draws < at - step) > p[k] + error[k])
  }
  expect_identical(bad, 0)
}

# What two runs have in common, whatever was said of how they were run.
same_result <- function(x, y) {
  parts <- c("nominal", "key", "n", "ranges", "counts", "rank_frequency", "dominance", "draws", "factors")
  expect_identical(x[parts], y[parts])
  expect_identical(as.data.frame(x), as.data.frame(y))
}

# Runs code in another R and waits, at most a minute, for the file that it
# writes. Gives its process id once `code` has written it to `ready`.
child_r <- function(code, folder) {
  script <- tempfile("child", folder, ".R")
  writeLines(c("library(cybercap)", code), script)
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), R_TESTS = "")
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", script), wait = FALSE, stdout = FALSE, stderr = FALSE)
}
wait_for <- function(path, seconds = 60) {
  for (i in seq_len(10 * seconds)) {
    if (file.exists(path) && file.size(path) > 0) {
      return(TRUE)
    }
    Sys.sleep(0.1)
  }
  FALSE
}
