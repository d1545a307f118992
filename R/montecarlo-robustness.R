#' How firm ranks and tiers are
#'
#' Computes an index again and again under other assumptions (Monte Carlo) and
#' counts: how often each unit has each rank and tier, and how often it stands
#' above each other. Every probability comes with its Monte Carlo error.
#'
#' @param index From [cap_index()].
#' @param n Replicates, at least 1.
#' @param vary A list of what may vary: [cap_vary_weights()] and its like.
#' @param threads Threads; by default the option `cap.threads`, else 2 (1 on one
#'   core, in a forked process and within `OMP_THREAD_LIMIT`). The result is the
#'   same for any number.
#' @param keep Keep the scores of every replicate (`x$draws$scores`, replicates x
#'   units) and which alternative each factor took (`x$draws$choices`)? Needs
#'   `8 * n * units` bytes. Without it memory does not depend on `n`; it grows with
#'   the square of the units (some 400 MB for 5,000).
#' @param edition The edition; by default the index's last.
#' @param allow_failed What a replicate without result does (a geometric mean of
#'   a negative score, say): stop with an error, or with `TRUE` be left out and
#'   counted.
#' @param chunks Parts to split the replicates into, run by
#'   `future.apply::future_lapply()` under the plan that you set with
#'   `future::plan()`, and merged.
#' @param range Two numbers: run only replicates `range[1]` to `range[2]` of the
#'   `n`; merge the parts with [cap_merge()].
#' @param key The key of a run (`x$key`), to run parts of the same run in several
#'   processes; by default one is drawn from R's generator, so [set.seed()]
#'   governs, and the generator advances by one draw.
#'
#' @details
#' Replicate r depends on the key and on r alone (Philox4x32-10 random numbers),
#' and all that is kept are counts: so the result has the same bits for any
#' number of threads, chunks and machines, and for a repetition after the same
#' `set.seed()`, on one build.
#'
#' Per replicate the index is computed anew from what was drawn: scores, ranks
#' by the index's own rule (see [cap_index()]) and tiers. **Probabilities** are
#' shares of the replicates in which the unit has a score; their **standard
#' error** is \eqn{\sqrt{p(1-p)/N}}, the error of the Monte Carlo alone. Where p is
#' 0 or 1 in the replicates that is 0, which is not certainty: what happened in none
#' of N replicates has a probability under 3/N (at 95 %).
#' **Intervals of ranks** are the smallest ranks that 5 %, 50 % and 95 % of the
#' replicates do not exceed; **quantiles of scores** are read from a grid of a
#' ten-thousandth of the maximum. The **rank shift** is the mean absolute
#' difference between a unit's rank and its nominal rank.
#'
#' Two units **cannot be told apart** when the probability that one stands above
#' the other (ties counting half) is between 5 % and 95 %. That is not
#' transitive, so groups are the longest runs in the nominal order of which
#' every pair is such; a unit can be in several.
#'
#' A tier is read from the score as it is, a rank from the score rounded to two
#' decimals, as in [cap_index()]: a score of 94.9991 prints as 95.00 and is below a
#' border at 95. A unit that has no score in a replicate (`missing = "renormalise"`
#' with an item left out, say) has no rank there, and the others are ranked without
#' it; the findings name such units.
#'
#' What such figures say is how much the chosen assumptions matter, each
#' alternative being taken as equally good; they are no statement about
#' errors that were not varied.
#'
#' @return An object of class `cap_robustness`. `as.data.frame()` gives a row a
#'   unit: `unit, edition, score, rank, tier` (nominal), `rank_low, rank_median,
#'   rank_high` (5, 50, 95 %), `rank_inside` (is the nominal rank in that
#'   interval?), `score_low, score_median, score_high`, `p_tier` (of the nominal
#'   tier) and `se_tier`, for each tier `p_<tier>` and `se_<tier>`, `rank_shift`
#'   and `scored` (replicates in which the unit has a score). Tier columns are
#'   left out for frameworks without bands.
#'
#'   Its tables: `"units"` (these), `"tiers"` (long: unit, tier, p, se),
#'   `"pairs"` (that cannot be told apart: unit, other, p_above, p_tied, se),
#'   `"groups"`, `"top"` (P(rank <= k) with `k =`), `"factors"` (what varied, its
#'   alternatives, how often each was taken and the mean rank shift under it).
#'
#'   `x$rank_frequency` (units x ranks) holds the probability of each rank,
#'   `x$dominance` (units x units; `NULL` for more than 4,000 units) the
#'   probability that the unit of the row stands above that of the column, ties
#'   not counting; `NA` for units without a score in some replicate.
#' @section Errors:
#' `cap_error_input` for arguments out of range and for factors that cannot
#' change anything; `cap_error_numeric` naming replicate, unit and level where a
#' rule has no value, unless `allow_failed`.
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*,
#'   step 7. Saisana, M., Saltelli, A. and Tarantola, S. (2005), *JRSS A* 168.
#'   Salmon, J. and others (2011), Parallel random numbers: as easy as 1, 2, 3,
#'   *Proceedings of SC11*.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' set.seed(1)
#' r <- cap_robustness(gci, n = 5000, vary = list(weights = cap_vary_weights("noise", 0.25)))
#' r
#' head(as.data.frame(r)[c("unit", "tier", "p_tier", "se_tier")])
#' cap_table(r, "top", k = 10)
cap_robustness <- function(index, n = 1e5, vary = list(weights = cap_vary_weights()), edition = NULL,
                           threads = NULL, keep = FALSE, allow_failed = FALSE, chunks = 1,
                           range = NULL, key = NULL) {
  check_count(n, "n", most = 2^53)
  check_flag(keep, "keep")
  check_flag(allow_failed, "allow_failed")
  check_count(chunks, "chunks")
  range <- as_replicates(range, n)
  threads <- as_threads(threads)
  bound <- bind_model(index, vary, edition)
  key <- if (is.null(key)) random_key() else as_key(key)
  task <- list(
    bound = bound, key = key, threads = threads, keep = keep, allow_failed = allow_failed,
    nominal = nominal_of(index, bound$rows), lower = as.double(index$framework$bands$lower)
  )
  parts <- split_range(range, chunks)
  done <- if (length(parts) == 1L) {
    list(run_replicates(parts[[1L]], task, progress = TRUE))
  } else {
    rlang::check_installed("future.apply", "to run chunks with `future.apply::future_lapply()`.")
    future.apply::future_lapply(parts, run_replicates,
      task = task, future.seed = NULL, future.packages = "cybercap"
    )
  }
  merge_parts(lapply(done, new_robustness, task = task, index = index, n = n))
}

as_replicates <- function(range, n) {
  if (is.null(range)) {
    return(c(1, n))
  }
  check_not_integer64(range, "range")
  if (!is.numeric(range) || length(range) != 2L || anyNA(range) || any(range != floor(range)) ||
    range[[1L]] < 1 || range[[2L]] > n || range[[1L]] > range[[2L]]) {
    cap_abort_input(c(
      "{.arg range} must be the first and the last replicate to run, between 1 and {.arg n} = {n}.",
      "x" = "It is {range}."
    ))
  }
  as.double(range)
}

as_threads <- function(threads) {
  threads <- threads %||% getOption("cap.threads") %||% min(2L, max(1L, parallel::detectCores(), na.rm = TRUE))
  check_count(threads, "threads", most = 1024)
  as.integer(threads)
}

random_key <- function() .Call(C_random_key)

as_key <- function(key) {
  check_not_integer64(key, "key")
  if (!is.numeric(key) || length(key) != 2L || anyNA(key) || any(key < 0 | key >= 2^32 | key != floor(key))) {
    cap_abort_input("{.arg key} must be the element {.field key} of a result: two whole numbers under 2^32.")
  }
  as.double(key)
}

nominal_of <- function(index, rows) {
  root <- index$framework$root
  score <- index$scores[rows, root]
  data.frame(
    unit = index$unit[rows], score = ifelse(is.nan(score), NA_real_, score),
    rank = na_figure(index_ranks(index, root)[rows]), band = index_bands(index)[rows]
  )
}

split_range <- function(range, chunks) {
  n <- range[[2L]] - range[[1L]] + 1
  chunks <- min(chunks, n)
  ends <- range[[1L]] - 1 + floor(n * seq_len(chunks) / chunks)
  Map(c, c(range[[1L]], ends[-chunks] + 1), ends)
}

# The replicates of a range. One call counts fewer than 2^32.
run_replicates <- function(range, task, progress = FALSE) {
  total <- range[[2L]] - range[[1L]] + 1
  bar <- if (progress) start_bar("Replicates", total)
  on.exit(end_bar(bar))
  parts <- lapply(split_range(range, ceiling(total / 2^31)), function(part) {
    before <- part[[1L]] - range[[1L]]
    size <- part[[2L]] - part[[1L]] + 1
    report <- if (progress) function(share) cli::cli_progress_update(set = before + share * size, id = bar)
    run_counts(task, part[[1L]], size, report)
  })
  list(
    range = range, counts = Reduce(add_counts, lapply(parts, `[[`, "counts")),
    draws = bind_draws(lapply(parts, `[[`, "draws"))
  )
}

run_counts <- function(task, first, n, report) {
  rank <- task$nominal$rank
  units <- nrow(task$nominal)
  run <- list(
    key = task$key, first = first - 1, n = n, threads = task$threads, allow_failed = task$allow_failed,
    lower = task$lower, nominal_rank = ifelse(is.na(rank), 0L, as.integer(2 * rank)),
    compare = units <= most_compared, keep = task$keep
  )
  found <- tryCatch(
    .Call(C_robustness, task$bound$model, run, report),
    cap_error_numeric = function(e) stop_failed(e, task)
  )
  counts <- found$counts
  counts$rank <- matrix(counts$rank, ncol = units)
  counts$tier <- matrix(counts$tier, units)
  counts$above <- if (run$compare) matrix(counts$above, units)
  list(counts = counts, draws = if (task$keep) shape_draws(found, task))
}

shape_draws <- function(found, task) {
  with_choices <- Filter(function(f) length(f$choices) > 0L, task$bound$factors)
  kept <- matrix(found$kept$choice, nrow = length(with_choices))
  columns <- lapply(seq_along(with_choices), function(k) text_in("en", with_choices[[k]]$choices)[kept[k, ] + 1L])
  names(columns) <- vapply(with_choices, `[[`, "", "name")
  scores <- t(found$kept$score)
  scores[is.nan(scores)] <- NA_real_
  list(
    scores = structure(scores, dimnames = list(NULL, task$nominal$unit)),
    choices = structure(columns, row.names = seq_len(nrow(scores)), class = "data.frame")
  )
}

bind_draws <- function(draws) {
  if (any(vapply(draws, is.null, NA))) {
    return(NULL)
  }
  list(
    scores = do.call(rbind, lapply(draws, `[[`, "scores")),
    choices = do.call(rbind, lapply(draws, `[[`, "choices"))
  )
}

# Beyond so many units the matrix of pairs would take gigabytes.
most_compared <- 4000L

stop_failed <- function(e, task, allow = TRUE) {
  where <- task$nominal$unit[e$cell[["row"]]]
  cap_abort_numeric(c(
    "A replicate has no result{if (!is.na(where)) paste0(': unit ', where)}: {rlang::cnd_message(e)}.",
    "i" = if (allow) "Count and leave out such replicates with {.code allow_failed = TRUE}, or vary other rules or methods.",
    "i" = if (!allow) "Vary other rules or methods."
  ), units = where[!is.na(where)])
}

add_counts <- function(x, y) {
  plain <- intersect(c("rank", "tier", "above", "beyond", "choice", "choice_shift", "failed"), names(x))
  x[plain] <- Map(`+`, x[plain], y[plain])
  x$score <- Map(add_grid, x$score, y$score)
  x
}

# Counts on a grid, from the point `first` on.
add_grid <- function(x, y) {
  if (length(x$counts) == 0L) {
    return(y)
  }
  if (length(y$counts) == 0L) {
    return(x)
  }
  first <- min(x$first, y$first)
  counts <- double(max(x$first + length(x$counts), y$first + length(y$counts)) - first)
  for (one in list(x, y)) {
    at <- one$first - first + seq_along(one$counts)
    counts[at] <- counts[at] + one$counts
  }
  list(first = first, counts = counts)
}

new_robustness <- function(part, task, index, n) {
  framework <- index$framework
  new_result("cap_robustness",
    framework = framework, edition = index$edition[task$bound$rows[1L]],
    editions = length(unique(index$edition)), rank_rule = index$spec$ties,
    nominal = task$nominal, key = task$key, n = n,
    ranges = matrix(part$range, 1L, dimnames = list(NULL, c("from", "to"))),
    factors = lapply(task$bound$factors, function(f) f[c("name", "unnamed", "label", "stage", "choices")]),
    fingerprint = fingerprint(list(task$bound$model, task$lower)), counts = part$counts, draws = part$draws
  )
}

# Equal for equal models, in any process: version 2 writes vectors out in full,
# whatever R knows about them; the first bytes name the version of R.
fingerprint <- function(x) {
  bytes <- serialize(x, NULL, version = 2L)
  bytes[seq_len(14L)] <- as.raw(0L) # in place: these may be many
  rlang::hash(bytes)
}

#' Put the parts of a Monte Carlo together
#'
#' @param ... Results of [cap_robustness()] over different `range`s of one run
#'   (same index, `vary` and `key`), or one list of them.
#' @return One `cap_robustness` over all their replicates: bit by bit what one run
#'   over these replicates gives.
#' @section Errors:
#' `cap_error_input` for parts of another run (another key, index or `vary`) and
#' for replicates that two parts have in common.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' set.seed(1)
#' first <- cap_robustness(gci, n = 2000, range = c(1, 1000))
#' rest <- cap_robustness(gci, n = 2000, range = c(1001, 2000), key = first$key)
#' cap_merge(first, rest)
cap_merge <- function(...) {
  parts <- list(...)
  if (length(parts) == 1L && !inherits(parts[[1L]], "cap_result")) parts <- parts[[1L]]
  if (length(parts) == 0L || !all(vapply(parts, inherits, NA, "cap_robustness"))) {
    cap_abort_input("{.arg ...} must be results of {.fn cap_robustness}, or a list of them.")
  }
  merge_parts(unname(parts))
}

merge_parts <- function(parts) {
  first <- parts[[1L]]
  for (k in seq_along(parts)[-1L]) check_same_run(first, parts[[k]], k)
  ranges <- do.call(rbind, lapply(parts, `[[`, "ranges"))
  sorted <- ranges[order(ranges[, "from"]), , drop = FALSE]
  check_no_overlap(sorted)
  first$counts <- Reduce(add_counts, lapply(parts, `[[`, "counts"))
  first$ranges <- join_ranges(sorted)
  first$draws <- merge_draws(parts)
  with_matrices(first)
}

check_no_overlap <- function(sorted) {
  at <- which(sorted[-1L, "from"] <= sorted[-nrow(sorted), "to"])
  if (length(at) > 0L) {
    from <- sorted[at[[1L]] + 1L, "from"]
    to <- min(sorted[at[[1L]] + 0:1, "to"])
    cap_abort_input(c(
      "Two parts have replicates in common: {format_number(from, 0L)} to {format_number(to, 0L)}.",
      "i" = "Leave one of them out; each replicate counts once."
    ))
  }
  invisible(sorted)
}

check_same_run <- function(x, y, k) {
  what <- if (!identical(x$key, y$key)) {
    "another key"
  } else if (!identical(x$fingerprint, y$fingerprint) || !identical(x$nominal, y$nominal)) {
    "another index or another {.arg vary}"
  } else if (!identical(x$n, y$n)) {
    "another {.arg n}"
  } else if (!identical(is.null(x$draws), is.null(y$draws))) {
    "another {.arg keep}"
  }
  if (!is.null(what)) {
    cap_abort_input(c(
      paste0("Part {k} belongs to another run than part 1: it has ", what, "."),
      "i" = "Run the parts with the same index, {.arg vary} and {.arg n}, and with {.code key = first$key}."
    ))
  }
  invisible(x)
}

join_ranges <- function(sorted) {
  starts <- c(TRUE, sorted[-1L, "from"] > sorted[-nrow(sorted), "to"] + 1)
  ends <- c(which(starts)[-1L] - 1L, nrow(sorted))
  cbind(from = unname(sorted[starts, "from"]), to = unname(sorted[ends, "to"]))
}

# In the order of the replicates, whatever the order of the parts.
merge_draws <- function(parts) {
  draws <- bind_draws(lapply(parts, `[[`, "draws"))
  if (is.null(draws)) {
    return(NULL)
  }
  replicate <- unlist(lapply(parts, function(p) {
    unlist(apply(p$ranges, 1L, function(r) seq(r[[1L]], r[[2L]]), simplify = FALSE))
  }))
  by <- order(replicate)
  choices <- draws$choices[by, , drop = FALSE]
  rownames(choices) <- NULL
  list(scores = draws$scores[by, , drop = FALSE], choices = choices)
}

# The shares that users ask for by name.
with_matrices <- function(x) {
  unit <- x$nominal$unit
  scored <- scored_of(x)
  x$rank_frequency <- t(x$counts$rank) / na_zero(scored)
  dimnames(x$rank_frequency) <- list(unit, rank_values(x))
  n <- replicates_of(x)
  x$dominance <- if (!is.null(x$counts$above)) {
    always <- ifelse(scored == n & n > 0, 1, NA)
    structure(x$counts$above / na_zero(n) * outer(always, always), dimnames = list(unit, unit))
  }
  x
}

scored_of <- function(x) colSums(x$counts$rank)

# Replicates that gave a result.
replicates_of <- function(x) sum(x$ranges[, "to"] - x$ranges[, "from"] + 1) - x$counts$failed

na_zero <- function(x) replace(x, x == 0, NA_real_)

rank_values <- function(x) {
  n <- nrow(x$counts$rank)
  if (x$rank_rule == "average") (seq_len(n) + 1) / 2 else seq_len(n)
}

# Tables -----------------------------------------------------------------------

#' @export
result_tables.cap_robustness <- function(x, lang, k = 10, ...) {
  list(
    units = lazy_table(robustness_units(x), term("caption.robustness")),
    tiers = lazy_table(tier_table(x), term("caption.tier_chances")),
    pairs = lazy_table(pair_table(x), term("caption.pairs")),
    groups = lazy_table(group_table(x), term("caption.alike_groups")),
    top = lazy_table(top_table(x, k), term("caption.top", ranks = listed(k))),
    factors = lazy_table(factor_table(x), term("caption.factors"))
  )
}

robustness_units <- function(x) {
  nominal <- x$nominal
  ranks <- rank_quantiles(x)
  scores <- score_quantiles(x)
  out <- data.frame(
    unit = nominal$unit, edition = rep(x$edition, nrow(nominal)), score = nominal$score, rank = nominal$rank,
    tier = tier_factor(nominal$band, x$framework),
    rank_low = ranks[, 1L], rank_median = ranks[, 2L], rank_high = ranks[, 3L],
    rank_inside = nominal$rank >= ranks[, 1L] & nominal$rank <= ranks[, 3L],
    score_low = scores[, 1L], score_median = scores[, 2L], score_high = scores[, 3L]
  )
  if (is.null(x$framework$bands)) {
    out$tier <- NULL
  } else {
    out <- cbind(out, tier_columns(x))
  }
  out$rank_shift <- mean_rank_shifts(x)
  out$scored <- scored_of(x)
  # a band may be labelled as a column is
  stats::setNames(out, make.unique(names(out), sep = "_"))
}

# Smallest rank whose share of the replicates reaches each of 5, 50 and 95 %.
rank_quantiles <- function(x) {
  at <- count_quantiles(x$counts$rank, interval_probabilities)
  matrix(as.double(rank_values(x))[at], nrow(at))
}

score_quantiles <- function(x) {
  step <- root_max(x$framework) / 10000
  t(vapply(x$counts$score, function(one) {
    (one$first + count_quantiles(cbind(one$counts), interval_probabilities) - 1) * step
  }, double(3L)))
}

interval_probabilities <- c(0.05, 0.5, 0.95)

tier_columns <- function(x) {
  p <- tier_probabilities(x)
  se <- share_error(p, scored_of(x))
  label <- colnames(p)
  own <- cbind(seq_len(nrow(p)), x$nominal$band)
  both <- matrix(rbind(p, se), nrow(p))
  colnames(both) <- as.vector(rbind(paste0("p_", label), paste0("se_", label)))
  cbind(data.frame(p_tier = p[own], se_tier = se[own]), as.data.frame(both))
}

# Units x tiers, best first; scores under all bands are in none.
tier_probabilities <- function(x) {
  label <- x$framework$bands$label
  p <- x$counts$tier[, seq_along(label), drop = FALSE] / na_zero(scored_of(x))
  structure(p, dimnames = list(x$nominal$unit, label))
}

mean_rank_shifts <- function(x) {
  na_figure(.Call(C_mean_rank_shifts, x$counts$rank, as.double(rank_values(x)), as.double(x$nominal$rank)))
}

tier_table <- function(x) {
  if (is.null(x$framework$bands)) {
    stop_no_bands(x$framework)
  }
  p <- tier_probabilities(x)
  n <- scored_of(x)
  data.frame(
    unit = rep(rownames(p), each = ncol(p)), tier = tier_factor(rep(seq_len(ncol(p)), nrow(p)), x$framework),
    p = as.vector(t(p)), se = as.vector(t(share_error(p, n)))
  )
}

# Where a unit stands in the nominal order: by rank, then by code.
nominal_order <- function(x) {
  by <- order(x$nominal$rank, x$nominal$unit, method = "radix", na.last = NA)
  scored <- scored_of(x)
  always <- scored == replicates_of(x) & scored > 0
  by[always[by]]
}

# P(above) with ties counting half, both in the nominal order.
standing <- function(x) {
  if (is.null(x$dominance)) {
    cap_abort_input("Pairs are compared among at most {most_compared} units; there are {nrow(x$nominal)}.")
  }
  by <- nominal_order(x)
  n <- na_zero(replicates_of(x))
  counts <- x$counts$above[by, by, drop = FALSE]
  tied <- (n - counts - t(counts)) / n # counts are whole: no tie is exactly 0
  above <- counts / n
  list(unit = x$nominal$unit[by], above = above, tied = tied, p = above + tied / 2)
}

alike <- function(p) p >= 0.05 & p <= 0.95

pair_table <- function(x) {
  s <- standing(x)
  at <- which(upper.tri(s$p) & alike(s$p), arr.ind = TRUE)
  at <- at[order(at[, 1L], at[, 2L]), , drop = FALSE]
  above <- s$above[at]
  data.frame(
    unit = s$unit[at[, 1L]], other = s$unit[at[, 2L]], p_above = above,
    p_tied = s$tied[at], se = share_error(above, replicates_of(x))
  )
}

# Longest runs in the nominal order of which every pair is alike.
group_table <- function(x) {
  s <- standing(x)
  n <- length(s$unit)
  apart <- !alike(s$p)
  end <- integer(n)
  reach <- 0L
  for (i in seq_len(n)) {
    reach <- max(reach, i)
    while (reach < n && !any(apart[i:reach, reach + 1L])) reach <- reach + 1L
    end[i] <- reach
  }
  longest <- which(end > seq_len(n) & c(TRUE, end[-1L] > end[-n])[seq_len(n)])
  data.frame(
    group = seq_along(longest), n = end[longest] - longest + 1L,
    first = s$unit[longest], last = s$unit[end[longest]],
    units = vapply(longest, function(i) paste(s$unit[i:end[i]], collapse = ", "), "")
  )
}

top_table <- function(x, k) {
  check_not_integer64(k, "k")
  if (!is.numeric(k) || length(k) == 0L || anyNA(k) || any(k < 1)) {
    cap_abort_input("{.arg k} must be ranks of 1 or more.")
  }
  n <- scored_of(x)
  value <- rank_values(x)
  out <- data.frame(unit = x$nominal$unit, rank = x$nominal$rank)
  for (one in k) {
    p <- colSums(x$counts$rank[value <= one, , drop = FALSE]) / na_zero(n)
    out[[paste0("p_top_", one)]] <- p
    out[[paste0("se_top_", one)]] <- share_error(p, n)
  }
  out[order(out$rank, out$unit, method = "radix"), ]
}

factor_table <- function(x) {
  n <- replicates_of(x)
  units <- sum(!is.na(x$nominal$rank))
  at <- 0L
  do.call(rbind, lapply(x$factors, function(f) {
    k <- at + seq_along(f$choices)
    at <<- at + length(f$choices)
    taken <- if (length(k) > 0L) x$counts$choice[k] else n
    shift <- if (length(k) > 0L) x$counts$choice_shift[k] / 2 / units else sum(mean_rank_shifts(x) * scored_of(x), na.rm = TRUE) / units
    data.frame(
      factor = f$name, label = text_in("en", f$label), choice = if (length(k) > 0L) text_in("en", f$choices) else NA_character_,
      draws = taken, rank_shift = shift / na_zero(taken)
    )
  }))
}

# Findings ---------------------------------------------------------------------

#' @export
cap_findings.cap_robustness <- function(x, ..., lang = "en") {
  n <- replicates_of(x)
  whole <- sum(x$ranges[, "to"] - x$ranges[, "from"] + 1)
  varied <- lapply(x$factors, function(f) finding("robustness.factor", name = factor_words(list(f)), what = f$label))
  shift <- mean_rank_shifts(x)
  gaps <- sum(scored_of(x) < n)
  do.call(findings, c(
    list(lang),
    list(finding("robustness.run",
      n = n, units = nrow(x$nominal), edition = x$edition, rule = words_of("ties", x$rank_rule)
    )),
    varied,
    list(
      if (!is.null(x$framework$bands)) firm_tiers(x),
      if (all(shift %in% 0)) {
        finding("robustness.no_shift")
      } else if (!all(is.na(shift))) {
        finding("robustness.shift",
          mean = mean(shift, na.rm = TRUE), unit = x$nominal$unit[which.max(shift)], most = max(shift, na.rm = TRUE)
        )
      },
      if (!is.null(x$dominance)) alike_pairs(x),
      outside_interval(x),
      if (whole < x$n) finding("robustness.part", n = whole, total = x$n),
      if (x$counts$failed > 0) finding("robustness.failed", n = x$counts$failed),
      if (gaps > 0L) finding("robustness.unscored", n = gaps, units = first_of(x$nominal$unit[scored_of(x) < n])),
      if (x$editions > 1L) finding("robustness.edition", edition = x$edition, n = x$editions),
      if (sum(x$counts$beyond) > 0) finding("robustness.beyond", n = sum(x$counts$beyond > 0)),
      finding("robustness.error", error = 100 * share_error(0.5, max(n, 1)))
    )
  ))
}

# What factors are called, as texts: a user's own names, or those of their stages.
factor_words <- function(factors) {
  lapply(factors, function(f) if (f$unnamed) words_of("stage_varied", f$name)[[1L]] else f$name)
}

firm_tiers <- function(x) {
  table <- as.data.frame(x)
  firm <- which(table$p_tier >= 0.95)
  loose <- table[which(table$p_tier < 0.95), ]
  loose <- loose[order(loose$p_tier, loose$unit, method = "radix"), ]
  if (nrow(loose) == 0L) {
    return(finding("robustness.tiers_firm", n = length(firm)))
  }
  finding("robustness.tiers",
    firm = length(firm), n = length(firm) + nrow(loose), loose = nrow(loose),
    units = first_of(terms("robustness.loose", unit = loose$unit, tier = as.character(loose$tier), share = 100 * loose$p_tier))
  )
}

alike_pairs <- function(x) {
  s <- standing(x)
  n <- length(s$unit)
  pairs <- n * (n - 1) / 2
  if (pairs == 0) {
    return(NULL)
  }
  groups <- group_table(x)
  found <- sum(upper.tri(s$p) & alike(s$p))
  if (found == 0) {
    return(finding("robustness.pairs_none", pairs = pairs))
  }
  finding("robustness.pairs",
    n = found, pairs = pairs, share = 100 * found / pairs, groups = nrow(groups),
    size = max(groups$n, 1L)
  )
}

outside_interval <- function(x) {
  table <- as.data.frame(x)
  outside <- table$unit[which(!table$rank_inside)]
  finding_if_any("robustness.outside", units = outside)
}
