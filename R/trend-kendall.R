#' Kendall's test of trend, for few and irregular editions
#'
#' The Mann-Kendall test of one series, or of many units over the same editions
#' (the regional Kendall test), plain or weighted. With few editions p is exact,
#' and the least p that the number of editions allows stands beside it: four
#' editions of one series cannot reach 5 per cent, whatever they show.
#'
#' @param x A numeric vector, one series; or a matrix or data frame of numbers
#'   with units in rows and editions in columns.
#' @param time Times of the values, or of the columns: numbers, dates, or text
#'   that reads as numbers; by default the names of the columns where these are
#'   numbers, else 1, 2, and so on. Any order and any gaps.
#' @param method `"exact"`, or `"normal"` for the normal approximation.
#' @param weights For a matrix: a weight of 0 or more for each unit, such as
#'   internet users; by the names of the rows if named, else in their order.
#' @param alternative `"two.sided"`, `"greater"` (rising) or `"less"` (falling).
#' @param ... Not used.
#'
#' @details
#' \eqn{S = \sum_{i<j} sign(x_j - x_i)}, and with groups of t equal values and u
#' equal times
#' \deqn{Var S = \frac{1}{18}[n(n-1)(2n+5) - \sum t(t-1)(2t+5) - \sum u(u-1)(2u+5)]
#'   + \frac{\sum t(t-1)(t-2) \sum u(u-1)(u-2)}{9n(n-1)(n-2)}
#'   + \frac{\sum t(t-1) \sum u(u-1)}{2n(n-1)},}
#' \eqn{z = (S - sign S) / \sqrt{Var S}}. `tau` is tau-b, S over the geometric
#' mean of the pairs not tied in value and those not tied in time; `tau_a` in
#' `cap_table()` is S over all pairs. Pairs at equal times count in neither
#' direction.
#'
#' **Ties**: in the order of the values of a series, neighbours tie when their
#' gap is at most 1e-12 of the largest absolute value, so 0.1 + 0.2 ties with
#' 0.3; times too.
#'
#' **Exact p of a series**: from all orders of the values, for up to 50 values
#' without ties (Mahonian numbers) and up to 10 with ties of values or times (the
#' permutation distribution given the ties); beyond, p is normal and `method`
#' says so. Two-sided is \eqn{P(|S| \ge |s|)}.
#'
#' **Units** (Helsel and Frans 2006): \eqn{S = \sum_g w_g S_g}. Units share what
#' happened in an edition, so they are not independent. For up to 7 editions p is
#' from all n! permutations of the editions' labels, the same for all units,
#' which keeps that dependence. Beyond, and with `"normal"`, z uses the variance
#' with the covariances of Dietz and Killeen (1981), missing values at the mean
#' rank (Hirsch and Slack 1984); `var_s` is this variance in both cases. z has a
#' correction for continuity when all weights are equal. The element
#' `independent` has the variance, z and p that take units as independent, for
#' comparison with other programs only.
#'
#' **Heterogeneity**: \eqn{\sum (z_g - \bar z)^2} of the units'
#' \eqn{z_g = S_g / \sqrt{Var S_g}}, against its distribution under the same
#' joint permutations for up to 7 editions, else chi-square with the number of
#' units less 1 degrees of freedom, which takes the units as independent.
#'
#' **p_min** is the least p that this many values, and their ties, allow: 2/n!
#' without ties (1/n! one-sided), multiplied by the number of orders that ties
#' make alike; for units, alike are editions with the same values in all of them.
#' p is never below it, also when normal. (It is a lower bound for units, and for
#' 11 or more values with ties in both values and times.)
#'
#' Editions of an index that differ in method mix what units did with what the
#' index changed; the test does not know. See [cap_bridge()].
#'
#' @section Missing values:
#' Missing values of a series are left out. In a matrix, pairs with a missing
#' value do not count; in permutations a gap moves with the label of its edition.
#' Editions without any value are left out. Units without a weight (missing or 0)
#' are tested alone, not in the sum. When all values are equal, S, z and the
#' variance are 0, p is 1 and tau is `NA`. All of it is said in the findings.
#' @section Errors:
#' `cap_error_input` for values that are no numbers or infinite, for fewer than
#' three values (or editions with a value), for a missing time or one for the
#' wrong number of values, for columns of a matrix at equal times (merge or
#' choose one), for units named twice, and for weights that are negative, for
#' other units or all 0.
#' @return An object of class `cap_kendall`. `as.data.frame()` gives one row:
#'   `s, var_s, z, tau, p, p_min, n, method`, with n the number of values or
#'   editions. `cap_table()` adds `tau_a` and, for a matrix, a row a unit. The
#'   elements `heterogeneity` (`statistic, df, p, method`) and `independent`
#'   (`var_s, z, p`) are data frames, or `NULL` for a series. `plot()` is that of
#'   [cap_sen()].
#' @references Mann, H. (1945), *Econometrica* 13. Kendall, M. (1975), *Rank
#'   Correlation Methods*. Dietz, E. and Killeen, T. (1981), *Journal of the
#'   American Statistical Association* 76. Hirsch, R. and Slack, J. (1984), *Water
#'   Resources Research* 20. Gilbert, R. (1987), *Statistical Methods for
#'   Environmental Pollution Monitoring*, ch. 16. Helsel, D. and Frans, L. (2006),
#'   *Environmental Science & Technology* 40.
#' @seealso [cap_sen()] for the slope.
#' @export
#' @examples
#' kenya <- subset(gci_overall, iso3 == "KEN")
#' cap_kendall(100 * kenya$value / kenya$max, kenya$edition)
#'
#' # East Africa over five editions; users as weights
#' east <- subset(gci_overall, iso3 %in% c("KEN", "UGA", "TZA", "RWA", "BDI"))
#' scores <- tapply(100 * east$value / east$max, list(east$iso3, east$edition), mean)
#' cap_kendall(scores)
#' users <- cap_users(2024)
#' cap_kendall(scores, weights = setNames(users$users, users$unit)[rownames(scores)])
cap_kendall <- function(x, time = NULL, method = c("exact", "normal"), weights = NULL,
                        alternative = c("two.sided", "greater", "less"), ...) {
  method <- choose(method, c("exact", "normal"), "method")
  alternative <- choose(alternative, core_words("alternative"), "alternative")
  data <- trend_data(x, time, weights)
  check_three(data)
  options <- list(normal = method == "normal", alternative = alternative)
  found <- if (is.null(data$units)) {
    list(test = .Call(C_kendall_series, data$x, data$time, options))
  } else {
    .Call(C_kendall_units, data$x, data$weights %||% rep(1, nrow(data$x)), options)
  }
  structure(
    c(data, list(
      test = kendall_row(t(found$test), data$units),
      each = if (!is.null(found$units)) kendall_row(named_columns(found$units, found$test)),
      heterogeneity = heterogeneity_row(found$region),
      independent = independent_row(found$region), n_units = found$region[["units"]],
      asked = method, alternative = alternative
    )),
    class = c("cap_kendall", "cap_result")
  )
}

named_columns <- function(x, from) {
  colnames(x) <- names(from)
  x
}

# Figures of the core as columns; `units` is NULL for series.
kendall_row <- function(figures, units = NULL) {
  labels <- if (is.null(units)) {
    c("exact", "normal")
  } else {
    c("exact, joint permutation", "normal, with covariances")
  }
  out <- as.data.frame(figures)
  out$tau <- na_figure(out$tau)
  out$tau_a <- na_figure(out$tau_a)
  out$n <- as.integer(out$n)
  out$method <- labels[2L - out$exact]
  out$exact <- NULL
  out
}

heterogeneity_row <- function(region) {
  if (is.null(region) || is.nan(region[["heterogeneity"]])) {
    return(NULL)
  }
  data.frame(
    statistic = region[["heterogeneity"]], df = region[["heterogeneity_df"]], p = region[["heterogeneity_p"]],
    method = if (region[["heterogeneity_exact"]] == 1) "exact, joint permutation" else "chi-square, units independent"
  )
}

# What programs without covariances print.
independent_row <- function(region) {
  if (!is.null(region)) {
    data.frame(var_s = region[["var_independent"]], z = region[["z_independent"]], p = region[["p_independent"]])
  }
}

# Input of trends --------------------------------------------------------------

check_three <- function(data) {
  n <- length(known_times(data))
  if (n < 3L) {
    what <- if (is.null(data$units)) "values" else "editions with a value"
    cap_abort_input(c(
      "A test of trend needs three {what} at least; there {cli::qty(n)}{?is/are} {n}.",
      "i" = "Two points have a slope; see {.fn cap_sen}."
    ))
  }
  invisible(data)
}

# Result -----------------------------------------------------------------------

kendall_columns <- c("s", "var_s", "z", "tau", "p", "p_min", "n", "method")

#' @export
result_tables.cap_kendall <- function(x, lang, ...) {
  caption <- term(if (is.null(x$units)) "caption.kendall" else "caption.kendall_units")
  shown <- all_and_each(x, x$test, append(kendall_columns, "tau_a", 4L), lang)
  list(test = lazy_table(x$test[kendall_columns], caption, shown))
}

#' @export
cap_findings.cap_kendall <- function(x, ..., lang = "en") {
  do.call(findings, c(list(lang), if (is.null(x$units)) series_findings(x) else units_findings(x)))
}

side_text <- function(x) {
  switch(x$alternative,
    two.sided = term("side.two"), greater = term("side.rising"), less = term("side.falling")
  )
}

# p never rounds up to a stronger claim than its digits carry.
p_text <- function(p) {
  if (isTRUE(p < 0.0001)) term("p.below", p = figure(0.0001, 4L)) else figure(p, 4L)
}

series_findings <- function(x) {
  test <- x$test
  c(
    list(
      if (is.na(test$tau)) {
        finding("kendall.constant", n = test$n)
      } else {
        finding("kendall.series",
          n = test$n, s = test$s, tau = test$tau, p = p_text(test$p), method = words_of("law", test$method), side = side_text(x)
        )
      }
    ),
    verdict_findings(x, term("trend_of.values")),
    list(
      if (x$asked == "exact" && test$method == "normal") finding("kendall.beyond", n = test$n),
      if (x$missing > 0L) finding("kendall.missing", n = x$missing)
    )
  )
}

# The floor comes before any word on the trend.
verdict_findings <- function(x, what) {
  test <- x$test
  if (is.na(test$tau)) {
    return(NULL)
  }
  list(
    if (test$p_min > 0.05) {
      finding("kendall.floor", n = test$n, what = what, p_min = p_text(test$p_min))
    } else if (test$p <= 0.05) {
      finding("kendall.shown", direction = if (test$s > 0) term("kendall.rises") else term("kendall.falls"), p_min = p_text(test$p_min))
    } else {
      finding("kendall.not_shown", p_min = p_text(test$p_min))
    }
  )
}

units_findings <- function(x) {
  test <- x$test
  carries <- weighing(x)
  least <- min(x$each$p_min)
  c(
    list(
      if (is.na(test$tau)) {
        finding("kendall.constant_units", n = test$n)
      } else {
        finding("kendall.units",
          units = x$n_units, n = test$n, tau = test$tau, p = p_text(test$p), method = words_of("law", test$method),
          side = side_text(x), up = sum(x$each$s[carries] > 0), down = sum(x$each$s[carries] < 0)
        )
      }
    ),
    verdict_findings(x, term("trend_of.editions")),
    list(
      if (test$var_s > 0 && x$independent$var_s > 0 && x$n_units > 1) {
        finding("kendall.dependence", ratio = test$var_s / x$independent$var_s)
      },
      if (!is.null(x$heterogeneity)) {
        finding("kendall.heterogeneity",
          verdict = if (x$heterogeneity$p <= 0.05) term("kendall.differ") else term("kendall.alike"),
          p = p_text(x$heterogeneity$p), method = words_of("law", x$heterogeneity$method)
        )
      },
      if (least > 0.05) finding("kendall.unit_floor", p_min = p_text(least)),
      if (x$missing > 0L) finding("kendall.gaps", n = x$missing, units = sum(rowSums(is.na(x$x)) > 0)),
      finding_if_any("kendall.unweighted", units = x$units[!carries])
    )
  )
}

# The data of a result as they were given: a vector, or a matrix with names.
trend_matrix_of <- function(x) {
  if (!is.null(x$units)) rownames(x$x) <- x$units
  x$x
}
