# Spread and gap when nobody catches up: the model of the null of beta (see
# src/core/no_convergence.h), with the same share of passing noise, simulated for
# the two other signs.

# list(sigma, p_sigma, gap, p_gap): mean standard deviation at the end and mean
# change of the gap in the simulations, and the shares of them in which the spread
# falls, and the gap narrows, as much as it did; NULL where beta has no null.
null_signs <- function(pair, ends, weight, side, run) {
  if (length(ends$from) < 3L || diff(range(ends$from)) <= 1e-12 * max(abs(ends$from), 1)) {
    return(NULL)
  }
  scores <- simulate_ends(ends, run)
  ratio <- column_sd(scores$to) / column_sd(scores$from)
  sd <- vapply(ends[c("from", "to")], function(x) column_sd(cbind(x)), 0)
  seen <- sd[["to"]] / sd[["from"]]
  if (run$form == "log") scores <- lapply(scores, exp)
  real <- lapply(pair[c("from", "to")], function(x) cbind(x[ends$rows, 1L]))
  users <- lapply(weight, `[`, ends$rows)
  gaps <- gap_changes(scores, users, side[ends$rows])
  gap <- gap_changes(real, users, side[ends$rows])
  at_least <- function(hits) (1 + sum(hits)) / (1 + run$n_sim)
  # Narrowing is up where the group stands below, else down.
  up <- if (isTRUE(gap$from < 0)) 1 else -1
  list(
    sigma = sd[["from"]] * mean(ratio), p_sigma = at_least(ratio <= seen + 1e-12),
    gap = na_figure(mean(gaps$change)),
    p_gap = if (is.na(gap$change)) NA_real_ else at_least(up * gaps$change >= up * gap$change - 1e-12)
  )
}

column_sd <- function(x) sqrt(colMeans(x^2) - colMeans(x)^2)

# Gap at the start, and its change, of every column.
gap_changes <- function(scores, users, side) {
  present <- if (is.null(users$from)) TRUE else (users$from > 0 & users$to > 0) %in% TRUE
  gap <- function(end) {
    mean_of <- function(which) {
      rows <- which(present & side == which)
      u <- users[[end]][rows] %||% rep(1, length(rows))
      colSums(scores[[end]][rows, , drop = FALSE] * u) / sum(u)
    }
    mean_of(1L) - mean_of(0L)
  }
  list(from = na_figure(gap("from")), change = na_figure(gap("to") - gap("from")))
}

# list(from, to): units x simulations.
simulate_ends <- function(ends, run) {
  n <- length(ends$from)
  variance <- function(x) mean((x - mean(x))^2)
  change <- variance(ends$to - ends$from)
  noise <- run$noise * change / 2
  theta <- mean(ends$from) + sqrt(1 - min(noise / variance(ends$from), 1)) * (ends$from - mean(ends$from))
  end <- function(target, sd) {
    centre <- theta + null_shift(theta, sd, target, ends$limits)
    drawn <- centre + sd * stats::rnorm(n * run$n_sim)
    matrix(pmin(pmax(drawn, ends$limits[1L]), ends$limits[2L]), n)
  }
  list(
    from = end(mean(ends$from), sqrt(noise)), to = end(mean(ends$to), sqrt(noise + (1 - run$noise) * change))
  )
}

# The common shift that gives the observed mean once scores are cut to the scale.
null_shift <- function(theta, sd, target, limits) {
  reach <- 10 * sd + 1 + 2 * (max(abs(theta - mean(theta))) + abs(target - mean(theta)))
  ends <- c(-2, 2) * reach
  for (step in seq_len(80L)) {
    middle <- mean(ends)
    ends[if (mean(cut_means(theta + middle, sd, limits)) < target) 1L else 2L] <- middle
  }
  mean(ends)
}

# Means of normals that are cut to the limits.
cut_means <- function(centre, sd, limits) {
  if (sd <= 0) {
    return(pmin(pmax(centre, limits[1L]), limits[2L]))
  }
  below <- stats::pnorm(limits[1L], centre, sd)
  above <- stats::pnorm(limits[2L], centre, sd, lower.tail = FALSE)
  at <- function(limit) if (is.finite(limit)) sd * stats::dnorm((limit - centre) / sd) else 0
  end <- function(limit, share) if (is.finite(limit)) limit * share else 0
  centre * (1 - below - above) + end(limits[1L], below) + at(limits[1L]) + end(limits[2L], above) - at(limits[2L])
}
