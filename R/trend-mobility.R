#' How far countries change places
#'
#' Rank correlations between two editions, moves between tiers, and how far ranks
#' shift.
#'
#' @param panel,from,to As in [cap_decompose()]; two indices are compared like for
#'   like.
#' @param tiers Classes of the overall score: a data frame `label, lower` or lower
#'   bounds, best first or not, on the scale of the panel (a score below all is in
#'   a class of its own); or one whole number k for k classes of equal size in each
#'   edition. By default the bands of the later index, or those of GCI 2024 where
#'   the overall score is the item `"GCI"`, which [cap_panel()] gives to scores
#'   without a column `item` and without an index beside them; else 5 classes of
#'   equal size.
#' @param ties How ties are ranked, among the units that both editions have:
#'   `"average"` (default) and `"min"` leave as many places as units; `"dense"`,
#'   the rule of the published GCI ranks, does not: where more units tie later,
#'   as at the top of the scale, most units get a dense rank nearer 1 without
#'   passing anyone, so that shifts of dense ranks have a direction of their own.
#' @param conf Confidence of intervals.
#' @param vary What varies in the intervals of ranks, as in [cap_robustness()]; not
#'   answers.
#' @param n Draws for the intervals of ranks; 0 for none. `set.seed()` governs
#'   them.
#'
#' @details
#' **Correlations** of the two editions' scores, with intervals by Fisher's z of
#' standard error \eqn{1/\sqrt{n-3}} (Pearson),
#' \eqn{\sqrt{(1 + \rho^2/2)/(n-3)}} (Spearman) and \eqn{\sqrt{0.437/(n-4)}}
#' (Kendall's tau-b). For
#' correlations scores tie that agree to 1e-11 of the largest; for ranks those
#' that agree to two decimals of a scale up to 100, as published ranks do.
#'
#' **Transitions**: the share of the units of a tier that are in each tier later.
#' Shorrocks' mobility is \eqn{(K - \mathrm{tr} P)/(K - 1)} over the K tiers that
#' have a unit at the start: 0 when nobody moves, 1 when the rows of P are alike.
#' A span of two years has fewer moves than one of four: compare spans of one
#' length only.
#'
#' **Ranks** are as uncertain as scores: a shift by a place or two is seldom a
#' move. Given two indices, both ends are scored again with `n` draws of what
#' varies, the same draw at both ends, and ranked. A unit's ranks have percentile
#' intervals, and a shift counts as firm where it has one direction in at least
#' `conf` of the draws. Published scores have no such intervals (`NA`).
#'
#' Given two indices, the start is the earlier
#' edition's items under the later weights, and the moves as published stand
#' beside it in the findings.
#'
#' @section Missing values:
#' Units without a score at one end are left out and counted. Fewer than two units
#' or scores that are all alike have no correlation, and correlations of 1 or -1
#' and fewer than four units (five for Kendall) no interval (`NA`). Rows of tiers
#' without a unit are `NA`; fewer than two such tiers have no Shorrocks index.
#' @section Errors:
#' `cap_error_input` as in [cap_decompose()], where no unit is in both editions,
#' and for tiers that are no bounds.
#' @return An object of class `cap_mobility`. `as.data.frame()` and
#'   `cap_table()` give, for `table =`
#'   * `"units"`: `unit, score_from, score_to, rank_from, rank_to, rank_change`
#'     (less than 0: nearer the top), `tier_from, tier_to, rank_from_low,
#'     rank_from_high, rank_to_low, rank_to_high, p_nearer, p_further` (shares of
#'     the draws in which the unit is nearer the top later, or further).
#'   * `"transitions"`: `tier_from, tier_to, n, share`, a row a pair of tiers; what `cap_table()` gives
#'     by default, as a matrix.
#'   * `"summary"`: `measure, estimate, low, high, n` of `pearson`, `spearman`,
#'     `kendall`, `rank_change` (mean of the absolute), `shorrocks`, `up`, `down`
#'     and `stayed` (units by tier), the last three as published, and
#'     `firm_nearer` and `firm_further` (units whose shift of rank is firm).
#' @references Shorrocks, A. (1978), *Econometrica* 46. Bonett, D. and Wright, T.
#'   (2000), *Psychometrika* 65. Fieller, E., Hartley, H. and Pearson, E. (1957),
#'   *Biometrika* 44.
#' @export
#' @examples
#' gci <- function(year) {
#'   cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
#' }
#' moves <- cap_mobility(list(gci(2020), gci(2024)))
#' moves
#' as.data.frame(moves, table = "summary")
#' plot(moves)
cap_mobility <- function(panel, from = NULL, to = NULL, tiers = NULL,
                         ties = c("average", "min", "dense"),
                         vary = list(weights = cap_vary_weights()), n = 1000, conf = 0.95) {
  ties <- choose(ties, c("average", "min", "dense"), "ties")
  check_number(conf, "conf", 0.5, 0.9999)
  check_count(n, "n", least = 0, most = 1e5)
  pair <- change_pair(panel, from, to)
  rows <- which(!is.na(pair$from[, 1L]) & !is.na(pair$to[, 1L]))
  if (length(rows) == 0L) {
    cap_abort_input("No unit has a score in both editions, {.val {as.character(unlist(pair$editions))}}.")
  }
  scores <- cbind(unname(pair$from[rows, 1L]), unname(pair$to[rows, 1L]), unname(pair$published[rows]))
  classes <- mobility_tiers(tiers, pair)
  tier <- apply(scores, 2L, tier_of, classes = classes, max = pair$scale)
  tier <- matrix(tier, length(rows))
  labels <- classes$label
  ranks <- ranks_within(scores[, 1:2, drop = FALSE], c(0L, length(rows)), ties, pair$scale)
  simulated <- simulate_ranks(pair, pair$unit[rows], vary, n, ties)
  new_result("cap_mobility",
    framework = pair$framework, pair = pair, unit = pair$unit[rows], scores = scores, ranks = ranks, tier = tier,
    labels = labels, ties = ties, conf = conf, relative = !is.null(classes$k),
    correlations = associations(scores[, 1L], scores[, 2L], conf),
    moves = .Call(C_transitions, tier[, 1L], tier[, 2L], length(labels)),
    n = if (is.null(simulated)) 0 else n, intervals = rank_intervals(simulated, length(rows), conf),
    absent = setdiff(pair$unit, pair$unit[rows])
  )
}

published_scale <- function(pair) if (is.null(pair$framework)) 100 else root_max(pair$framework)

# list(label, lower), best first, or list(label, k).
mobility_tiers <- function(tiers, pair) {
  equal <- function(k) list(label = paste0("Q", k:1, " of ", k), k = k)
  if (is.null(tiers)) {
    bands <- pair$framework$bands
    if (is.null(bands) && identical(pair$code[1L], "GCI")) bands <- cap_framework("gci-2024")$bands
    if (is.null(bands)) {
      return(equal(5L))
    }
    tiers <- data.frame(label = bands$label, lower = bands$lower * (pair$scale / published_scale(pair)))
  }
  check_not_integer64(tiers, "tiers")
  if (is.numeric(tiers) && length(tiers) == 1L) {
    check_count(tiers, "tiers", least = 2, most = 100)
    return(equal(as.integer(tiers)))
  }
  if (is.numeric(tiers)) tiers <- data.frame(label = paste("from", tiers), lower = tiers)
  check_data_frame(tiers, "tiers")
  check_columns(tiers, c("label", "lower"), "tiers")
  lower <- tiers[["lower"]]
  if (!is.numeric(lower) || length(lower) == 0L || any(!is.finite(lower)) || anyDuplicated(lower)) {
    cap_abort_input("The lower bounds of {.arg tiers} must be finite numbers that differ.")
  }
  by <- order(lower, decreasing = TRUE)
  label <- as.character(tiers[["label"]])[by]
  lower <- lower[by]
  if (anyDuplicated(label) || anyNA(label)) {
    cap_abort_input("The labels of {.arg tiers} must differ.")
  }
  scores <- c(pair$from[, 1L], pair$to[, 1L], pair$published)
  if (anyNA(bands_within(scores[!is.na(scores)], lower, pair$scale))) {
    label <- c(label, paste("below", format(lower[length(lower)], trim = TRUE)))
    lower <- c(lower, -Inf)
  }
  list(label = label, lower = lower)
}

# Class of each score, 1 the best; a bound holds as everywhere in the package.
tier_of <- function(scores, classes, max) {
  if (!is.null(classes$k)) {
    return(.Call(C_equal_classes, as.double(scores), classes$k))
  }
  lower <- classes$lower
  lower[lower == -Inf] <- -1e300
  bands_within(scores, lower, max)
}

# Rows pearson, spearman, kendall of estimate, low, high, n. `size`: the sizes of x and
# of y by which rounding is told from order; their own largest by default.
associations <- function(x, y, conf, size = NULL) {
  f <- na_figure(.Call(C_association, as.double(x), as.double(y), size, conf))
  data.frame(
    measure = rownames(f), estimate = f[, "estimate"], low = f[, "low"], high = f[, "high"], n = as.integer(f[, "n"]),
    row.names = NULL
  )
}

# Units that moved up, down or stayed, from one column of tiers to the last but
# the published one.
tier_moves <- function(x, column = 1L) {
  step <- x$tier[, column] - x$tier[, 2L]
  c(up = sum(step > 0L), down = sum(step < 0L), stayed = sum(step == 0L))
}

# Units whose rank shifts in one direction in nearly all draws.
firm_shifts <- function(x) {
  c(firm_nearer = sum(x$intervals$p_nearer >= x$conf), firm_further = sum(x$intervals$p_further >= x$conf))
}

#' @export
result_tables.cap_mobility <- function(x, lang, ...) {
  ends <- function(key) term(key, from = x$pair$editions$from, to = x$pair$editions$to)
  moves <- ends(if (x$pair$like_for_like) "caption.mobility_like" else "caption.mobility")
  list(
    units = lazy_table(mobility_units(x), ends("caption.mobility_units")),
    transitions = lazy_table(transition_table(x), moves, transition_matrix(x), printed = TRUE),
    summary = lazy_table(mobility_summary(x), ends("caption.mobility_summary"))
  )
}

transition_matrix <- function(x) {
  k <- length(x$labels)
  count <- x$moves$count
  colnames(count) <- x$labels
  table <- data.frame(tier_from = x$labels, n = as.integer(rowSums(count)), check.names = FALSE)
  cbind(table, as.data.frame(structure(as.integer(count), dim = c(k, k), dimnames = dimnames(count))))
}

mobility_units <- function(x) {
  tier <- function(column) factor(x$labels[x$tier[, column]], levels = x$labels)
  data.frame(
    unit = x$unit, score_from = x$scores[, 1L], score_to = x$scores[, 2L],
    rank_from = x$ranks[, 1L], rank_to = x$ranks[, 2L], rank_change = x$ranks[, 2L] - x$ranks[, 1L],
    tier_from = tier(1L), tier_to = tier(2L), x$intervals
  )
}

transition_table <- function(x) {
  k <- length(x$labels)
  tier <- function(at) factor(x$labels[at], levels = x$labels)
  data.frame(
    tier_from = tier(rep(seq_len(k), each = k)), tier_to = tier(rep(seq_len(k), k)),
    n = as.integer(t(x$moves$count)), share = na_figure(as.vector(t(x$moves$share)))
  )
}

mobility_summary <- function(x) {
  moves <- tier_moves(x)
  figure <- c(
    rank_change = mean(abs(x$ranks[, 2L] - x$ranks[, 1L])), shorrocks = na_figure(x$moves$shorrocks), moves,
    if (ncol(x$scores) == 3L) stats::setNames(tier_moves(x, 3L), paste0(names(moves), "_published")),
    if (x$n > 0) firm_shifts(x)
  )
  rbind(x$correlations, data.frame(
    measure = names(figure), estimate = unname(figure), low = NA_real_, high = NA_real_, n = length(x$unit)
  ))
}

#' @export
cap_findings.cap_mobility <- function(x, ..., lang = "en") {
  moves <- tier_moves(x)
  summary <- mobility_summary(x)
  of <- function(measure) summary[summary$measure == measure, ]
  shift <- x$ranks[, 2L] - x$ranks[, 1L]
  most <- order(-abs(shift), x$unit, method = "radix")[1L]
  s <- of("spearman")
  do.call(findings, c(list(lang), pair_findings(x$pair), list(
    if (is.na(s$estimate)) {
      finding("mobility.no_order", n = length(x$unit))
    } else {
      finding("mobility.order",
        spearman = s$estimate, tau = of("kendall")$estimate, n = s$n,
        interval = interval_words(s, x$conf), interval_tau = interval_words(of("kendall"), x$conf)
      )
    },
    finding("mobility.tiers",
      up = moves[["up"]], down = moves[["down"]], stayed = moves[["stayed"]],
      shorrocks = figure(of("shorrocks")$estimate, 2L),
      classes = if (x$relative) term("mobility.classes") else term("mobility.bands")
    ),
    if (ncol(x$scores) == 3L) {
      published <- tier_moves(x, 3L)
      finding("mobility.published",
        up = published[["up"]], down = published[["down"]], stayed = published[["stayed"]]
      )
    },
    finding("mobility.ranks",
      mean = of("rank_change")$estimate, rule = words_of("ties", x$ties), n = sum(shift != 0), of = length(shift)
    ),
    if (x$n > 0) {
      firm <- firm_shifts(x)
      finding("mobility.firm",
        nearer = firm[["firm_nearer"]], further = firm[["firm_further"]], of = length(shift), n = x$n,
        conf = 100 * x$conf
      )
    } else {
      finding("mobility.unsure")
    },
    if (shift[most] != 0) {
      finding("mobility.most", unit = x$unit[most], from = rank_text(x$ranks[most, 1L]), to = rank_text(x$ranks[most, 2L]))
    },
    finding_if_any("mobility.absent", units = x$absent)
  )))
}

# Ranks that average a tie may end in a half.
rank_text <- function(rank) figure(rank, if (rank == round(rank)) 0L else 1L)

interval_words <- function(row, conf) change_interval(row$low, row$high, conf, 2L, sign = FALSE)

# Bars of units at both ends, the best tier on top, with gaps so that each shows.
flow_bars <- function(x) {
  gap <- 0.03 * length(x$unit)
  ends <- list(rowSums(x$moves$count), colSums(x$moves$count))
  do.call(rbind, lapply(1:2, function(end) {
    n <- rev(ends[[end]])
    high <- cumsum(n) + gap * (seq_along(n) - 1L)
    out <- data.frame(
      x = end, at = rev(seq_along(n)), tier = factor(rev(x$labels), levels = x$labels), n = n, low = high - n, high = high
    )
    out[out$n > 0, ]
  }))
}

# One smooth band a pair of tiers, stacked within the bars in order.
flow_bands <- function(table, bars) {
  base <- function(end, tier) bars$low[match(paste(end, tier), paste(bars$x, bars$tier))]
  stacked <- function(n, within) {
    by <- order(within, -as.integer(table$tier_from), -as.integer(table$tier_to))
    start <- numeric(length(n))
    start[by] <- stats::ave(n[by], within[by], FUN = function(v) cumsum(v) - v)
    start
  }
  left <- base(1, table$tier_from) + stacked(table$n, as.integer(table$tier_from))
  right <- base(2, table$tier_to) + stacked(table$n, as.integer(table$tier_to))
  along <- seq(0, 1, length.out = 30L)
  ease <- along^2 * (3 - 2 * along)
  do.call(rbind, lapply(seq_len(nrow(table)), function(i) {
    low <- left[i] + (right[i] - left[i]) * ease
    data.frame(
      flow = i, tier_from = table$tier_from[i], x = 1.06 + 0.88 * c(along, rev(along)), y = c(low, rev(low + table$n[i]))
    )
  }))
}
