#' Is a group of countries catching up?
#'
#' Three signs and one verdict: whether countries with low scores gained more
#' (beta), whether scores lie closer together (sigma), and whether the gap of a
#' group to the others narrowed.
#'
#' @param panel,from,to As in [cap_decompose()].
#' @param group Who should catch up: the name of a grouping of one group
#'   (`"ldc"`, default; `"lldc"`, `"sids"`), the others being the rest; or a data
#'   frame `unit, group`. With two groups in it units in neither count for beta and
#'   sigma only. The lower side at `from`, by the mean that the verdict takes, is
#'   always the one that may catch up: where a single group stands above the rest,
#'   the question is asked of the rest, and the findings say so.
#' @param users Internet users, as in [cap_regions()]; `NULL` for none.
#' @param form `"level"` (default): the change on the score. `"log"`: the change
#'   of logs a year on the log of the score, for scores above 0 only.
#' @param cluster Groups of units whose changes may depend on one another, as
#'   `by` in [cap_regions()]; `NULL` for none.
#' @param years Years between the editions; by default their difference.
#' @param noise Share of the variance of countries' changes that is passing
#'   noise, in the simulated null (see Beta).
#' @param n Simulations of the null.
#' @param conf Confidence of intervals; 1 - `conf` is the level of the tests.
#'
#' @section Beta:
#' Least squares of \eqn{x_1 - x_0} (level) or \eqn{(\ln x_1 - \ln x_0) / T} (log)
#' on \eqn{x_0} or \eqn{\ln x_0}, unweighted and weighted by the users at `from`;
#' with classic, HC0 to HC3 and cluster-robust standard errors (t with n - 2
#' degrees of freedom, G - 1 for G clusters) and the wild cluster bootstrap of a
#' slope of 0, whose signs are enumerated up to 12 clusters. Speed
#' \eqn{\lambda = -\ln(1 + b) / T} (level) or \eqn{-\ln(1 + b T) / T} (log) and
#' half-life \eqn{\ln 2 / \lambda}, where \eqn{-1 < b < 0} (level) or
#' \eqn{-1/T < b < 0}.
#'
#' A slope below 0 alone shows nothing: passing noise in the first edition and the
#' ceiling of the scale give one when nobody catches up. The **null** is simulated:
#' true levels spread as the scores less the noise, all changes independent of the
#' level, scores cut to 0 and the scale, with the observed means. `noise = 1`
#' takes every change beyond the common one as passing, the most that regression
#' to the mean can do; 0 leaves the ceiling alone. `slope_null` is its mean,
#' `slope_corrected` the slope less it (with its own speed and half-life), `p_null`
#' the share of simulated slopes as low: one-sided, while the tests of sigma and gap
#' are two-sided. Random numbers follow [set.seed()]; a `p_null` of p has a Monte
#' Carlo error of about \eqn{\sqrt{p(1-p)/n_{sim}}}, so near 0.001 take more
#' simulations than the default.
#'
#' **What the null does not cover.** On scores well spread over a scale the slope of
#' the null comes mostly from the cut at the ceiling, and hardly changes with
#' `noise`. Where every unit wins the same share of its distance to the top, the
#' slope is below 0, the spread falls and every gap narrows, with no unit at the
#' ceiling: all three signs then show. They are signs of catching up in points, not
#' in shares of what was open.
#'
#' **Sigma and gap under the null.** The same simulated scores have a spread and a
#' gap: their means are `null` in `"signs"`, and `p_null` is the share of the
#' simulations in which the spread falls, or the gap narrows, as much. A common
#' change cut at the ceiling brings both down by itself, so that their own tests, of
#' no change, can refuse where nobody catches up. Three signs that agree are no
#' three independent confirmations: read `p_null` beside them. With `noise` near 1
#' the simulated groups draw together too, which makes the null of the gap, and so
#' its `p_null`, a little too small.
#'
#' @section Sigma:
#' Of the scores (or logs) of the units in both editions, with variances of
#' divisor N: T1 = var0/var1 with F(N - 2, N - 2), two-sided, for reproduction only,
#' since it takes the two as independent; T2 =
#' \eqn{(N - 2.5) \ln[1 + (v_0 - v_1)^2 / 4 / (v_0 v_1 - c^2)]}, chi-squared with 1
#' degree of freedom; T3 = \eqn{\sqrt N (v_0 / v_1 - 1) / (2 \sqrt{1 - \pi^2})},
#' normal, one-sided, \eqn{\pi} the slope of \eqn{x_1} on \eqn{x_0} (no value where
#' \eqn{|\pi| \ge 1}); and Pitman and Morgan's t with N - 2. Coefficients of
#' variation (`cv`, weighted `cv_users`), Gini, Theil and the distance from the 10th
#' to the 90th percentile (`p90_p10`) are of the scores.
#'
#' @section Gap:
#' D is the mean of the group less that of the rest, over units with a score at
#' both ends, simple and weighted by users. The standard error of its change is
#' linearised and keeps the covariance of the same countries; t has Welch's degrees
#' of freedom from Kish's effective numbers, at least 1 a group. Years to close the
#' gap are counted from `to` at the pace of the change, with Fieller's interval;
#' the upper end is `Inf` where the interval of the change holds 0. A group that
#' overtakes the rest has caught up where the gap on the other side is narrower than
#' that before; where it is as wide or wider the sign of the gap is not shown, and
#' `years` is `Inf` as there is no gap left to close. `"editions"`
#' has the gap at every edition of the panel, over the units of the two editions
#' compared, and `"gap_trend"` its slope over them, as published: changes of method
#' are in it.
#'
#' @section Verdict:
#' *catching up* when the slope is below the null (`p_null`), the variance falls
#' (T2 or Pitman-Morgan) and the gap narrows (its interval excludes 0); *falling
#' behind* when the gap widens and the variance rises, so shown; otherwise *not
#' shown*. Beta and sigma are those of countries, unweighted; the gap is weighted
#' where users are given. No sign counts with a p below the least that so many units
#' allow: 1/n! for the slope, \eqn{2/2^n} for the spread, 2 of the ways to pick the
#' group for the gap; four units show neither sigma nor gap at 5 per cent.
#'
#' @section Missing values:
#' Units without a score at one end are left out. Fewer than three units have no
#' beta and sigma, one unit in the group or rest no interval, one starting score
#' for all no slope: those figures are `NA`, the sign is not shown, and the
#' findings say why. Where all changes are alike, or all scores on one line, nothing
#' scatters: standard errors are 0, intervals a point, statistics may be `Inf`, p is
#' `NA` and the sign not shown. That is arithmetic, not evidence. Units of a data
#' frame `group` that the panel lacks are named in the findings.
#' @section Errors:
#' `cap_error_input` as in [cap_decompose()]; for a `group` that is no single group
#' or a pair of them, has no unit in the panel or all; for logs of scores of 0 or
#' less, naming the units; for units in two clusters.
#' @return An object of class `cap_convergence`; its `verdict` is a string.
#'   `as.data.frame()` and `cap_table()` give, for `table =`
#'   * `"signs"`: `sign, estimate, reference, low, high, p, null, p_null, shows`:
#'     for beta the slope and that of the null, for sigma the standard deviations
#'     after and before, for the gap its change, with its interval; `null`, `p_null`:
#'     the same figure if nobody caught up, and its one-sided p.
#'   * `"beta"`: `weights, se_type, n, intercept, slope, se, t, df, p, low, high,
#'     speed, half_life, slope_null, slope_corrected, speed_corrected,
#'     half_life_corrected, p_null, p_floor`; `se_type`
#'     `"wild"` has `p` of the bootstrap and, in `p_floor`, the least it can be.
#'   * `"sigma"`: `measure, value_from, value_to, statistic, df, p`.
#'   * `"gap"`: `weights, n_group, n_rest, gap_from, gap_to, change, se, df, low,
#'     high, p, years, years_low, years_high`.
#'   * `"editions"`: `edition, weights, n_group, n_rest, gap, se, low, high`.
#'   * `"gap_trend"`: `weights, editions, slope, low, high, conf_actual` (points a
#'     year, as [cap_sen()]), `s, tau, p, p_min` (as [cap_kendall()]) of the gaps of
#'     `"editions"`.
#' @references Barro, R. and Sala-i-Martin, X. (1992), *Journal of Political
#'   Economy* 100. Quah, D. (1993), *Scandinavian Journal of Economics* 95.
#'   MacKinnon, J. and White, H. (1985), *Journal of Econometrics* 29. Cameron, A.,
#'   Gelbach, J. and Miller, D. (2008), *Review of Economics and Statistics* 90.
#'   Carree, M. and Klomp, L. (1997), *Review of Economics and Statistics* 79.
#'   Lichtenberg, F. (1994), *Economica* 61. Pitman, E. (1939) and Morgan, W.
#'   (1939), *Biometrika* 31. Fieller, E. (1954), *Journal of the Royal Statistical
#'   Society B* 16.
#' @export
#' @examples
#' gci <- function(year) {
#'   cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
#' }
#' set.seed(1)
#' catching_up <- cap_convergence(list(gci(2020), gci(2024)), n = 499)
#' catching_up
#' as.data.frame(catching_up, table = "gap")
#' # The gap of the least developed countries over five editions, as published
#' published <- cap_convergence(cap_panel(gci_overall), 2020, 2024, n = 499)
#' subset(as.data.frame(published, table = "editions"), weights == "users")
cap_convergence <- function(panel, from = NULL, to = NULL, group = "ldc",
                            users = cap_users(panel_editions(panel)), form = c("level", "log"),
                            cluster = "itu_region", years = NULL, noise = 1, n = 1999, conf = 0.95) {
  form <- choose(form, c("level", "log"), "form")
  check_number(noise, "noise", 0, 1)
  check_count(n, "n", least = 99, most = 1e6)
  check_number(conf, "conf", 0.5, 0.9999)
  pair <- change_pair(panel, from, to)
  years <- pair_years(pair, years)
  weight <- pair_users(pair, users)
  side <- lower_side(gap_sides(pair, group, "group"), pair, weight)
  ends <- convergence_ends(pair, form)
  clusters <- cluster_numbers(pair$unit[ends$rows], cluster)
  run <- list(noise = noise, n = n, conf = conf, years = years, form = form)
  weights <- c("none", if (!is.null(users)) "users")
  beta <- stats::setNames(lapply(weights, function(w) {
    if (w == "users") {
      fit_beta(ends, clusters, weight$from[ends$rows], run)
    } else {
      fit_beta(ends, clusters, NULL, run, null_groups(ends, weight, side$group, form))
    }
  }), weights)
  gap <- stats::setNames(lapply(weights, function(w) {
    gap_change(pair, if (w == "users") weight else list(), side$group, run)
  }), weights)
  out <- new_result("cap_convergence",
    framework = pair$framework, pair = pair, run = run, ends = ends, label = side$label, rest = side$rest, keys = side$keys,
    side = side$group, leads = side$leads, unmatched = side$unmatched, n_clusters = length(unique(clusters)), weighted = !is.null(users),
    beta = beta, sigma = sigma_change(pair, ends, weight), gap = gap,
    editions = edition_gaps(pair, users, side$group, conf)
  )
  out$signs <- convergence_signs(out)
  out$verdict <- convergence_verdict(out$signs)
  out
}

# The two ends of beta and sigma: units with both scores, on the scale of `form`,
# and the limits of the scale.
convergence_ends <- function(pair, form) {
  x0 <- unname(pair$from[, 1L])
  x1 <- unname(pair$to[, 1L])
  rows <- which(!is.na(x0) & !is.na(x1))
  x0 <- x0[rows]
  x1 <- x1[rows]
  limits <- c(min(0, x0, x1), max(pair$scale, x0, x1))
  if (form == "log") {
    if (any(x0 <= 0 | x1 <= 0)) {
      cap_abort_input(c(
        "Logs need scores above 0; they are not for {some_units(pair$unit[rows][x0 <= 0 | x1 <= 0])}.",
        "i" = "Use {.code form = \"level\"}."
      ))
    }
    x0 <- log(x0)
    x1 <- log(x1)
    limits <- c(-Inf, log(limits[2L]))
  }
  list(rows = rows, from = x0, to = x1, limits = limits)
}

# list(group, label, rest, keys, unmatched): 1 for units of the group, 0 for the rest, -1
# for neither; units that a table of groups names and the scores lack.
gap_sides <- function(pair, group, arg) {
  groups <- as_groups(group, arg, units = pair$unit)
  keys <- sort(unique(groups$group), method = "radix")
  if (length(keys) > 2L) {
    cap_abort_input(c(
      "{.arg {arg}} must say whose gap it is: one group, or two.",
      "x" = "It has {length(keys)}: {some_of(keys)}.",
      "i" = "For one of them give {.code data.frame(unit, group)} with the rows of that group."
    ))
  }
  of <- function(key) pair$unit %in% groups$unit[groups$group == key]
  label <- function(key) groups$label[match(key, groups$group)]
  label_key <- function(key) groups$key[match(key, groups$group)]
  present <- !is.na(pair$from[, 1L]) & !is.na(pair$to[, 1L])
  side <- ifelse(of(keys[1L]), 1L, 0L)
  if (length(keys) == 2L) {
    check_one_group(groups, arg, pair$unit)
    sides <- lapply(keys, function(key) which(of(key) & present))
    mean <- group_figures(pair$from[, 1L, drop = FALSE], NULL, sides)[, "mean"]
    if (isTRUE(mean[2L] < mean[1L])) keys <- rev(keys)
    side <- ifelse(of(keys[1L]), 1L, ifelse(of(keys[2L]), 0L, -1L))
  }
  for (which in 1:0) {
    if (!any(side == which & present)) {
      who <- c("rest", "group")[which + 1L]
      cap_abort_input(c(
        "There is no {who} to compare: {.arg {arg}} leaves it no unit with a score at both editions.",
        "i" = "Give a group that holds some of the units, or two groups."
      ))
    }
  }
  list(
    group = side, label = label(keys[1L]),
    rest = if (length(keys) == 2L) label(keys[2L]) else say("en", "group.the_rest"),
    keys = c(label = label_key(keys[1L]), rest = if (length(keys) == 2L) label_key(keys[2L]) else "group.the_rest"),
    unmatched = unmatched_units(group, pair$unit)
  )
}

# A result with the names of the two sides in a language.
sides_in <- function(lang, x) {
  x$label <- labels_in(lang, x$keys[["label"]], x$label)
  x$rest <- labels_in(lang, x$keys[["rest"]], x$rest)
  x
}

# The lower side is who may catch up: by the mean that the verdict's gap has, the
# sides are swapped where the group stands above the rest at the start. `leads` says
# so where it was asked about.
lower_side <- function(side, pair, weight) {
  gap <- pair_gap(pair, weight, side$group)[["gap_from"]]
  side$leads <- FALSE
  if (isTRUE(gap > 0)) {
    side$leads <- side$keys[["rest"]] %in% "group.the_rest"
    side[c("label", "rest")] <- side[c("rest", "label")]
    side$keys[] <- rev(side$keys)
    side$group <- ifelse(side$group == -1L, -1L, 1L - side$group)
  }
  side
}

# Numbers from 1 without gaps; NULL for none.
cluster_numbers <- function(unit, cluster) {
  if (is.null(cluster)) {
    return(NULL)
  }
  groups <- partition(unit, as_groups(cluster, "cluster", units = unit))
  check_one_group(groups, "cluster")
  of <- groups$group[match(unit, groups$unit)]
  match(of, unique(of))
}

most_exact_clusters <- 12L
wild_draws <- 9999

# One weighting of beta: coefficients, standard errors, bootstrap and null; NULL
# where there is no slope.
fit_beta <- function(ends, clusters, users, run, groups = NULL) {
  use <- if (is.null(users)) rep(TRUE, length(ends$from)) else !is.na(users) & users > 0
  x0 <- ends$from[use]
  if (sum(use) < 3L || diff(range(x0)) <= slack("spread") * max(abs(x0), 1)) {
    return(NULL)
  }
  w <- if (!is.null(users)) users[use] / mean(users[use])
  change <- ends$to[use] - x0
  per <- if (run$form == "log") run$years else 1
  cluster <- if (!is.null(clusters)) match(clusters[use], unique(clusters[use]))
  n_clusters <- length(unique(cluster))
  data <- list(
    x = cbind(1, x0, deparse.level = 0L), y = change / per, w = w, cluster = cluster, n_clusters = n_clusters
  )
  fit <- .Call(C_regression, data$x, data$y, data$w, data$cluster, data$n_clusters)
  wild <- if (n_clusters > 1L) {
    .Call(C_regression_wild, data, list(
      column = 2L, most_exact = most_exact_clusters, draws = wild_draws, key = random_key()
    ))
  }
  simulated <- list(
    noise = run$noise, floor = ends$limits[1L], ceiling = ends$limits[2L], n = run$n, key = random_key()
  )
  null <- .Call(C_convergence_null, x0, ends$to[use], w, simulated, groups)
  list(
    n = sum(use), n_clusters = n_clusters, coef = fit$coef, se = na_figure(fit$se[2L, ]),
    leverage = max(fit$leverage), wild = wild, null = null / c(rep(per, 4L), rep(1, 6L))
  )
}

# The two sides of the gap, for the simulations of its null.
null_groups <- function(ends, weight, side, form) {
  users <- lapply(weight, function(w) as.double(w[ends$rows]))
  list(side = as.integer(side[ends$rows]), users_from = users$from, users_to = users$to, logs = form == "log")
}

# c(speed, half_life) a year; NA where the slope has none.
beta_speed <- function(slope, run) {
  na_figure(.Call(C_convergence_speed, slope, as.double(run$years), run$form == "log"))
}

sigma_change <- function(pair, ends, weight) {
  tests <- na_figure(.Call(C_sigma_convergence, ends$from, ends$to))
  scores <- lapply(pair[c("from", "to")], function(x) unname(x[ends$rows, 1L]))
  own <- vapply(scores, relative_spread, double(4L))
  variance <- tests[c("var_from", "var_to")]
  rows <- rbind(
    sd = sqrt(variance), variance = variance, own,
    if (!is.null(weight$from)) {
      users <- lapply(weight, `[`, ends$rows)
      rbind(cv_users = mapply(relative_spread, scores, users[names(scores)])["cv", ])
    }
  )
  list(tests = tests, spread = data.frame(
    measure = rownames(rows), value_from = na_figure(unname(rows[, 1L])), value_to = na_figure(unname(rows[, 2L]))
  ))
}

# Spread of scores: by their mean, which needs scores of 0 or more, and between the
# 10th and the 90th percentile.
relative_spread <- function(scores, users = NULL) {
  out <- c(cv = NA_real_, gini = NA_real_, theil = NA_real_, p90_p10 = diff(quantiles(scores, c(0.1, 0.9))))
  if (any(scores < 0)) {
    return(out)
  }
  f <- .Call(C_inequality, scores, users, rep(1L, length(scores)), 1L)
  total <- f$split[1L, ]
  out[1:3] <- c(f$cv, total[c("gini", "theil")])
  out
}

# What C_gap_change gives of a group and the rest at both ends.
pair_gap <- function(pair, weight, side) {
  .Call(C_gap_change, unname(pair$from[, 1L]), unname(pair$to[, 1L]), weight$from, weight$to, as.integer(side))
}

gap_change <- function(pair, weight, side, run) {
  g <- pair_gap(pair, weight, side)
  size <- max(abs(g[c("gap_from", "gap_to")]))
  interval <- t_interval(g[["change"]], g[["se_change"]], g[["df"]], run$conf, size)
  closing <- .Call(C_gap_closing, g, as.double(run$years), run$conf)
  c(na_figure(g), unlist(interval[c("low", "high", "p")]), na_figure(closing))
}

# The gap at every edition of the panel, as published or, for two indices, like
# for like.
edition_gaps <- function(pair, users, side, conf) {
  at <- function(edition, scores, weight, name) {
    g <- .Call(C_gap_change, scores, scores, weight, weight, as.integer(side))
    interval <- t_interval(g[["gap_to"]], g[["se_to"]], g[["df"]], conf)
    data.frame(
      edition = edition, weights = name, n_group = as.integer(g[["n_group"]]), n_rest = as.integer(g[["n_rest"]]),
      gap = na_figure(g[["gap_to"]]), se = na_figure(g[["se_to"]]), interval[c("low", "high")]
    )
  }
  table <- if (is.null(pair$panel)) {
    data.frame(
      unit = rep(pair$unit, 2L), edition = rep(unlist(pair$editions), each = length(pair$unit)),
      score = c(pair$from[, 1L], pair$to[, 1L])
    )
  } else {
    pair$panel$table[pair$panel$table$is_root, ]
  }
  do.call(rbind, lapply(unique(table$edition), function(edition) {
    t <- table[table$edition == edition, ]
    scores <- t$score[match(pair$unit, t$unit)]
    weight <- if (!is.null(users)) match_users(list(unit = pair$unit, edition = rep(edition, length(pair$unit))), users)
    rbind(at(edition, scores, NULL, "none"), if (!is.null(users)) at(edition, scores, weight, "users"))
  }))
}

# Signs and verdict ------------------------------------------------------------

convergence_signs <- function(x) {
  b <- x$beta$none
  s <- x$sigma$tests
  g <- x$gap[[length(x$gap)]]
  floors <- sign_floors(x)
  p <- pmax(sign_p(x), floors)
  sure <- stats::setNames(!is.na(p) & p < 1 - x$run$conf, names(p))
  slope <- if (is.null(b)) NA_real_ else b$coef[2L]
  narrows <- abs(g[["gap_to"]]) < abs(g[["gap_from"]])
  shown <- function(holds, words) if (isTRUE(holds)) words else "not shown"
  null <- function(name) if (is.null(b)) NA_real_ else na_figure(b$null[[name]])
  data.frame(
    sign = c("beta", "sigma", "gap"),
    estimate = c(slope, na_figure(sqrt(s[["var_to"]])), g[["change"]]),
    reference = c(if (is.null(b)) NA_real_ else b$null[["mean"]], na_figure(sqrt(s[["var_from"]])), 0),
    low = c(NA_real_, NA_real_, g[["low"]]), high = c(NA_real_, NA_real_, g[["high"]]),
    p = unname(p), null = c(null("mean"), null("spread"), null("gap")),
    p_null = ifelse(is.na(p), NA_real_, pmax(c(p[["beta"]], null("p_spread"), null("p_gap")), floors)),
    shows = c(
      shown(slope < 0 && sure[["beta"]], "catching up"),
      shown(sure[["sigma"]], if (isTRUE(s[["var_to"]] < s[["var_from"]])) "catching up" else "falling behind"),
      if (overtook(g) && !isTRUE(narrows)) {
        "not shown"
      } else {
        shown(
          sure[["gap"]] && (g[["low"]] > 0 || g[["high"]] < 0),
          if (isTRUE(narrows)) "catching up" else "falling behind"
        )
      }
    )
  )
}

# The group has passed the rest: neither sign of catching up nor of falling behind
# where the gap on the other side is as wide.
overtook <- function(g) isTRUE(g[["gap_from"]] * g[["gap_to"]] < 0)

# p of the three signs, none where nothing scatters.
sign_p <- function(x) {
  b <- x$beta$none
  s <- x$sigma$tests
  g <- x$gap[[length(x$gap)]]
  scatters <- !is.null(b) && !is.na(t_interval(b$coef[2L], b$se[["classic"]], b$n - 2, x$run$conf)$p)
  c(
    beta = if (scatters) b$null[["p"]] else NA_real_,
    sigma = if (is.na(s[["p2"]])) NA_real_ else min(s[["p2"]], s[["p"]]),
    gap = g[["p"]]
  )
}

# The least p that so many units allow.
sign_floors <- function(x) {
  g <- x$gap[[length(x$gap)]]
  .Call(C_sign_floors, as.integer(c(x$sigma$tests[["n"]], g[["n_group"]], g[["n_rest"]])))
}

convergence_verdict <- function(signs) {
  shows <- stats::setNames(signs$shows, signs$sign)
  if (all(shows == "catching up")) {
    "catching up"
  } else if (all(shows[c("sigma", "gap")] == "falling behind")) {
    "falling behind"
  } else {
    "not shown"
  }
}

# Tables -----------------------------------------------------------------------

#' @export
result_tables.cap_convergence <- function(x, lang, ...) {
  ends <- function(key, ...) term(key, from = x$pair$editions$from, to = x$pair$editions$to, ...)
  caption <- ends("caption.convergence", group = sides_in(lang, x)$label, verdict = words_of("verdict", x$verdict))
  list(
    signs = lazy_table(x$signs, caption),
    beta = lazy_table(beta_table(x), ends("caption.beta")),
    sigma = lazy_table(sigma_table(x), ends("caption.sigma")),
    gap = lazy_table(gap_table(x), ends("caption.gap")),
    editions = lazy_table(x$editions, term("caption.gap_editions")),
    gap_trend = lazy_table(gap_trend(x), term("caption.gap_trend"))
  )
}

convergence_tables <- c("signs", "beta", "sigma", "gap", "editions", "gap_trend")

beta_table <- function(x) {
  do.call(rbind, lapply(names(x$beta), function(weights) {
    b <- x$beta[[weights]]
    types <- c(core_words("standard_error"), "wild")
    if (is.null(b)) {
      b <- list(n = NA_integer_, n_clusters = NA_integer_, coef = c(NA_real_, NA_real_), se = rep(NA_real_, 6L))
      b$null <- c(mean = NA_real_, p = NA_real_)
    }
    df <- c(rep(b$n - 2, 5L), b$n_clusters - 1, NA)
    se <- unname(c(b$se, NA))
    df[is.na(se)] <- NA
    test <- t_interval(b$coef[2L], se, df, x$run$conf)
    p <- test$p
    p[7L] <- if (is.null(b$wild)) NA_real_ else na_figure(b$wild[["p"]])
    speed <- beta_speed(b$coef[2L], x$run)
    corrected <- b$coef[2L] - b$null[["mean"]]
    speed_corrected <- beta_speed(corrected, x$run)
    data.frame(
      weights = weights, se_type = types, n = as.integer(b$n), intercept = b$coef[1L], slope = b$coef[2L],
      se = se, t = test$t, df = df, p = p, low = test$low, high = test$high,
      speed = speed[["speed"]], half_life = speed[["half_life"]], slope_null = b$null[["mean"]],
      slope_corrected = corrected, speed_corrected = speed_corrected[["speed"]],
      half_life_corrected = speed_corrected[["half_life"]], p_null = b$null[["p"]],
      p_floor = c(rep(NA_real_, 6L), if (is.null(b$wild)) NA_real_ else na_figure(b$wild[["floor"]]))
    )
  }))
}

sigma_table <- function(x) {
  s <- x$sigma$tests
  n <- s[["n"]]
  spread <- x$sigma$spread
  tests <- data.frame(
    measure = c("T1", "T2", "T3", "Pitman-Morgan"), value_from = NA_real_, value_to = NA_real_,
    statistic = s[c("t1", "t2", "t3", "t")], df = c(n - 2, 1, NA, n - 2), p = s[c("p1", "p2", "p3", "p")],
    row.names = NULL
  )
  rbind(data.frame(spread, statistic = NA_real_, df = NA_real_, p = NA_real_), tests)
}

gap_table <- function(x) {
  do.call(rbind, lapply(names(x$gap), function(weights) {
    g <- x$gap[[weights]]
    data.frame(
      weights = weights, n_group = as.integer(g[["n_group"]]), n_rest = as.integer(g[["n_rest"]]),
      gap_from = g[["gap_from"]], gap_to = g[["gap_to"]], change = g[["change"]], se = g[["se_change"]],
      df = g[["df"]], low = g[["low"]], high = g[["high"]], p = g[["p"]],
      years = g[["years"]], years_low = g[["years_low"]], years_high = g[["years_high"]]
    )
  }))
}

# Slope and test of the gaps over all editions, a row a weighting.
gap_trend <- function(x) {
  do.call(rbind, lapply(unique(x$editions$weights), function(weights) {
    t <- x$editions[x$editions$weights == weights & !is.na(x$editions$gap), ]
    time <- suppressWarnings(as.numeric(as.character(t$edition)))
    sen <- if (anyNA(time)) rep(NA_real_, 4L) else sen_figures(t$gap, time, x$run$conf)
    none <- list(s = NA_real_, tau = NA_real_, p = NA_real_, p_min = NA_real_)
    test <- if (nrow(t) > 2L) cap_kendall(t$gap)$test else none
    data.frame(
      weights = weights, editions = nrow(t), slope = sen[1L], low = sen[2L], high = sen[3L], conf_actual = sen[4L],
      s = test$s, tau = test$tau, p = test$p, p_min = test$p_min
    )
  }))
}

# Findings ---------------------------------------------------------------------

#' @export
cap_findings.cap_convergence <- function(x, ..., lang = "en") {
  x <- sides_in(lang, x)
  do.call(findings, c(
    list(lang, verdict_finding(x), if (x$leads) finding("convergence.leads", group = x$rest, from = x$pair$editions$from)),
    pair_findings(x$pair), beta_findings(x), list(sigma_finding(x)), gap_findings(x),
    list(null_finding(x), unmatched_finding(x$unmatched, "group"), ceiling_finding(x), editions_finding(x), gap_trend_finding(x))
  ))
}

verdict_finding <- function(x) {
  words <- list(beta = term("sign.beta"), sigma = term("sign.sigma"), gap = term("sign.gap"))
  of <- function(kind) {
    at <- x$signs$shows == kind
    if (any(at)) listed(words[x$signs$sign[at]]) else term("word.none")
  }
  finding("convergence.verdict",
    group = x$label, rest = x$rest, verdict = words_of("verdict", x$verdict), from = x$pair$editions$from, to = x$pair$editions$to,
    up = of("catching up"), down = of("falling behind"), open = of("not shown")
  )
}

means_words <- function(weighted) if (weighted) term("means.users") else term("means.simple")

p_words <- function(p) {
  if (isTRUE(p < 0.001)) term("p.below", p = figure(0.001, 3L)) else figure(p, 3L)
}

beta_findings <- function(x) {
  b <- x$beta$none
  if (is.null(b)) {
    return(list(finding("convergence.no_beta", n = length(x$ends$rows))))
  }
  table <- beta_table(x)
  row <- table[table$weights == "none" & table$se_type == "HC3", ]
  per <- if (x$run$form == "log") term("convergence.per_log_point") else term("convergence.per_point")
  list(
    finding("convergence.beta",
      slope = row$slope, per = per, interval = change_interval(row$low, row$high, x$run$conf, 3L),
      n = row$n, null = row$slope_null, p = p_words(x$signs$p[1L]), shows = words_of("verdict", x$signs$shows[1L]),
      share = 100 * x$run$noise, ceiling = 100 * b$null[["ceiling_share"]], actual = 100 * mean(at_ceiling(x))
    ),
    if (!is.na(row$speed_corrected)) {
      finding("convergence.speed", speed = 100 * row$speed_corrected, half_life = row$half_life_corrected)
    },
    if (!is.null(b$wild) && !is.na(b$wild[["p"]])) {
      finding("convergence.wild", n = b$n_clusters, p = p_words(b$wild[["p"]]), floor = p_words(b$wild[["floor"]]))
    },
    if (!is.null(x$beta$users)) {
      finding("convergence.beta_users", slope = x$beta$users$coef[2L], null = x$beta$users$null[["mean"]], n = x$beta$users$n)
    }
  )
}

sigma_finding <- function(x) {
  s <- x$sigma$tests
  if (is.na(s[["t"]])) {
    return(finding("convergence.no_sigma", n = s[["n"]]))
  }
  finding("convergence.sigma",
    from = sqrt(s[["var_from"]]), to = sqrt(s[["var_to"]]), n = s[["n"]], t2 = s[["t2"]],
    p2 = p_words(s[["p2"]]), p = p_words(s[["p"]]), shows = words_of("verdict", x$signs$shows[2L])
  )
}

gap_findings <- function(x) {
  lapply(names(x$gap), function(weights) {
    g <- x$gap[[weights]]
    mean <- means_words(weights == "users")
    if (is.na(g[["change"]])) {
      return(finding("convergence.no_gap", mean = mean, group = x$label))
    }
    span <- function(v) if (is.finite(v)) figure(v, 0L) else term("range.no_end")
    finding("convergence.gap",
      mean = mean, group = x$label, rest = x$rest, from = g[["gap_from"]], to = g[["gap_to"]], change = g[["change"]],
      interval = change_interval(g[["low"]], g[["high"]], x$run$conf, 1L), n = g[["n_group"]], n_rest = g[["n_rest"]],
      years = if (overtook(g)) {
        term("convergence.passed")
      } else if (isTRUE(g[["gap_to"]] == 0)) {
        term("convergence.closed")
      } else if (is.finite(g[["years"]])) {
        term("convergence.closes", years = g[["years"]], range = if (is.na(g[["years_low"]])) {
          term("range.none")
        } else {
          term("range.to", low = span(g[["years_low"]]), high = span(g[["years_high"]]))
        })
      } else {
        term("convergence.never")
      }
    )
  })
}

# What a common change, scatter and the ends of the scale do to spread and gap.
null_finding <- function(x) {
  signs <- x$signs[match(c("sigma", "gap"), x$signs$sign), ]
  if (!anyNA(signs$p_null)) {
    finding("convergence.null",
      sigma = signs$null[1L], gap = signs$null[2L], p_sigma = p_words(signs$p_null[1L]), p_gap = p_words(signs$p_null[2L])
    )
  }
}

# Who stands at the top of the scale, which for log scores has no maximum of its own.
at_ceiling <- function(x) {
  reaches(x$ends$to, x$ends$limits[2L], if (x$run$form == "log") 100 else x$pair$scale)
}

# Who stands at the top cannot gain, which narrows a gap by itself.
ceiling_finding <- function(x) {
  at_top <- at_ceiling(x)
  side <- x$side[x$ends$rows]
  if (any(at_top)) {
    finding("convergence.ceiling",
      n = sum(at_top), edition = x$pair$editions$to, group = x$label, inside = sum(at_top & side == 1L)
    )
  }
}

editions_finding <- function(x) {
  t <- x$editions[x$editions$weights == x$editions$weights[nrow(x$editions)], ]
  if (nrow(t) > 2L) {
    finding("convergence.editions",
      group = x$label, mean = means_words(x$weighted),
      gaps = terms("list.pair", name = t$edition, value = lapply(t$gap, figure, sign = TRUE))
    )
  }
}

gap_trend_finding <- function(x) {
  t <- gap_trend(x)
  t <- t[nrow(t), ]
  if (t$editions > 2L && !is.na(t$slope)) {
    finding("convergence.gap_trend",
      editions = t$editions, mean = means_words(x$weighted), slope = t$slope,
      interval = slope_interval(t), p = p_text(t$p), p_min = p_text(t$p_min)
    )
  }
}
