# How sure ranks and their shifts are: both ends of a change are scored again and
# again with the same draw of what varies, and ranked within each.

# list(ranks_from, ranks_to, of, n): a row a unit of `units`; NULL without indices.
simulate_ranks <- function(pair, units, vary, n, ties) {
  if (is.null(pair$indices) || n == 0) {
    return(NULL)
  }
  both <- ends_as_one(pair$indices[[1L]], pair$indices[[2L]], units)
  scores <- t(cap_robustness(both, n, vary = vary, threads = 1, keep = TRUE)$draws$scores)
  size <- length(units)
  ranks <- ranks_within(scores, c(0L, size, 2L * size), ties, root_max(both$framework))
  list(from = ranks[seq_len(size), , drop = FALSE], to = ranks[size + seq_len(size), , drop = FALSE])
}

# One index of one edition that holds every unit twice, like for like: first with
# the earlier answers, then with the later ones, both under the later framework and
# weights. Where one end lacks an answer both have the later one, as in cap_bridge().
ends_as_one <- function(from, to, units) {
  end <- leaf_shares(to, units)
  leaf <- match_items(from$framework, to$framework, NULL)
  start <- leaf_shares(from, units)[, leaf, drop = FALSE]
  lacks <- is.na(start) | is.na(end)
  start[lacks] <- end[lacks]
  answers <- to$answers
  answers$values <- shares_as_values(rbind(start, end), to$framework)
  answers$unit <- c(paste(units, "from"), paste(units, "to"))
  answers$edition <- rep(last_edition(to), 2L * length(units))
  answers$sources <- NULL
  new_index(answers, to$spec)
}

# What each answer reached of its item's points, 0 to 1, whatever its direction.
leaf_shares <- function(index, units) {
  leaves <- index$framework$leaves
  shares <- index$scores[match(units, index$unit), leaves, drop = FALSE]
  t(t(shares) / index$framework$items$max[leaves])
}

shares_as_values <- function(shares, framework) {
  leaves <- framework$leaves
  reversed <- framework$items$direction[leaves] < 0
  shares[, reversed] <- 1 - shares[, reversed]
  min <- framework$arrays$min[leaves]
  t(t(shares) * (framework$items$max[leaves] - min) + min)
}

# A row a unit: intervals of its ranks, and the share of the draws in which it
# stands nearer the top later, and further from it.
rank_intervals <- function(simulated, size, conf) {
  none <- matrix(NA_real_, size, 0L)
  f <- na_figure(.Call(C_rank_shifts, simulated$from %||% none, simulated$to %||% none, conf))
  data.frame(
    rank_from_low = f[, "from_low"], rank_from_high = f[, "from_high"], rank_to_low = f[, "to_low"],
    rank_to_high = f[, "to_high"], p_nearer = f[, "nearer"], p_further = f[, "further"]
  )
}
