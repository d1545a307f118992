#' Theil-Sen slope with its actual confidence
#'
#' The median of the slopes between all pairs of values, for irregular times, of
#' one series or of units pooled, with an interval from the order of the slopes.
#' Few values cannot have every confidence: the widest interval of four is of
#' 91.7 per cent. The confidence that an interval really has is given with it.
#'
#' @inheritParams cap_kendall
#' @param conf The confidence asked for, above 0 and below 1.
#' @param method Of the interval: `"auto"` is exact for up to 10 values, else
#'   normal; `"exact"`; `"normal"`.
#' @param weights For a matrix: weights of the units, as in [cap_kendall()].
#' @param intercept `"conover"`: median of x less slope times median of time
#'   (Conover 1980); `"residual"`: the median of x less slope times time.
#'
#' @details
#' The slopes are \eqn{(x_j - x_i) / (t_j - t_i)} of all N pairs at different
#' times (times that tie as in [cap_kendall()] have none), the slope is their
#' median, in units of x per unit of time.
#'
#' **Exact interval**: from the M-th to the (N + 1 - M)-th slope in order, with
#' the largest M of confidence \eqn{1 - 2 P(S \ge N - 2M + 2)} not below `conf`,
#' where S is Kendall's under no trend; the whole range (M = 1) when n allows no
#' more. For up to 50 values, 10 where times tie; beyond it is normal.
#'
#' **Normal interval** (Hollander and Wolfe 1973; Gilbert 1987): with
#' \eqn{C = z \sqrt{Var S}}, the slopes of rank (N - C)/2 and (N + C)/2 + 1, with
#' linear interpolation between ranks. Its actual confidence is given as `conf`,
#' unless it is the whole range.
#'
#' **Units pooled**: the median of all slopes within units (regional Sen slope).
#' With weights that differ, each slope has the weight of its unit and the slope
#' is the lower weighted median: the least at which the weights up to it reach
#' half of all. The intercept is the median, weighted alike, of the units'
#' intercepts at that slope. The interval holds the slopes b for which the joint
#' test of [cap_kendall()], of x less b times time, gives p above 1 - `conf`: by
#' permutation for up to 7 editions, beyond from \eqn{S / \sqrt{Var S}} with
#' covariances. Its actual confidence is 1 less the larger p just beyond its ends.
#' Where the editions are too few to refuse any slope, it is the range of all.
#'
#' Slopes of a long series are selected, not sorted: 5,000 values have 12.5
#' million of them and take a few megabytes.
#'
#' @section Missing values:
#' Missing values of a series are left out; in a matrix, pairs with a missing
#' value have no slope. Two values have a slope and no interval (`NA`,
#' `conf_actual` 0).
#' @section Errors:
#' `cap_error_input` as in [cap_kendall()], for fewer than two values at
#' different times, for a matrix without two values of any unit with a weight,
#' and for `conf` out of range. `cap_error_numeric` for slopes beyond the
#' largest number.
#' @return An object of class `cap_sen`. `as.data.frame()` gives one row: `slope,
#'   intercept, low, high, conf_actual` (a share). `cap_table()` adds `n`,
#'   `slopes` (their number) and `method`, and for a matrix a row a unit.
#'   `plot()` draws the values, the line and its interval.
#' @references Theil, H. (1950), *Indagationes Mathematicae* 12. Sen, P. (1968),
#'   *Journal of the American Statistical Association* 63. Hollander, M. and Wolfe,
#'   D. (1973), *Nonparametric Statistical Methods*. Conover, W. (1980),
#'   *Practical Nonparametric Statistics*. Hirsch, R., Slack, J. and Smith, R.
#'   (1982), *Water Resources Research* 18. Gilbert, R. (1987), *Statistical
#'   Methods for Environmental Pollution Monitoring*, ch. 16.
#' @export
#' @examples
#' kenya <- subset(gci_overall, iso3 == "KEN")
#' cap_sen(100 * kenya$value / kenya$max, kenya$edition)
#' as.data.frame(cap_sen(c(10, 15, 14, 20)))
cap_sen <- function(x, time = NULL, conf = 0.95, method = c("auto", "exact", "normal"), weights = NULL,
                    intercept = c("conover", "residual"), ...) {
  method <- choose(method, core_words("interval"), "method")
  intercept <- choose(intercept, c("conover", "residual"), "intercept")
  check_conf(conf)
  data <- trend_data(x, time, weights)
  rule <- list(conf = conf, interval = method, of_residuals = intercept == "residual")
  found <- if (is.null(data$units)) {
    .Call(C_sen, data$x, data$time, NULL, rule)
  } else {
    .Call(C_sen, data$x, data$time, data$weights %||% rep(1, nrow(data$x)), rule)
  }
  if (found[["slopes"]] == 0) stop_no_slope(data)
  each <- lapply(seq_along(data$units), function(g) .Call(C_sen, data$x[g, ], data$time, NULL, rule))
  structure(
    c(data, list(
      figures = sen_row(t(found)),
      each = if (!is.null(data$units)) sen_row(do.call(rbind, each)), conf = conf
    )),
    class = c("cap_sen", "cap_result")
  )
}

stop_no_slope <- function(data) {
  if (is.null(data$units)) {
    times <- known_times(data)
    n <- length(times)
    if (n > 1L) {
      cap_abort_input("A slope needs values at different times; all {n} values are at the time {.val {times[[1L]]}}.")
    }
    cap_abort_input("A slope needs two values at different times; there {cli::qty(n)}{?is/are} {n} value{?s}.")
  }
  cap_abort_input("A slope needs two values of one unit with a weight; no unit has them.")
}

sen_row <- function(figures) {
  out <- as.data.frame(figures)
  out[] <- lapply(out, na_figure)
  out$n <- as.integer(out$n)
  out$method <- ifelse(is.na(out$low), "none", ifelse(out$exact == 1, "exact", "normal"))
  out$exact <- NULL
  out
}

sen_columns <- c("slope", "intercept", "low", "high", "conf_actual")

#' @export
result_tables.cap_sen <- function(x, lang, ...) {
  caption <- term(if (is.null(x$units)) "caption.sen" else "caption.sen_units")
  shown <- all_and_each(x, x$figures, c(sen_columns, "n", "slopes", "method"), lang)
  list(slope = lazy_table(x$figures[sen_columns], caption, shown))
}

# Four digits that count: slopes have any unit.
slope_text <- function(x) trimws(formatC(x, digits = 4L, format = "fg", big.mark = ""))

slope_figure <- function(x) if (is.na(x)) NA_real_ else as.numeric(slope_text(x))

#' @export
cap_findings.cap_sen <- function(x, ..., lang = "en") {
  f <- x$figures
  what <- if (is.null(x$units)) term("trend_of.values") else term("trend_of.editions")
  interval <- !is.na(f$low)
  short <- f$conf_actual < x$conf - slack("share")
  carries <- if (is.null(x$units)) logical() else weighing(x)
  findings(
    lang,
    finding(if (interval) "sen.slope" else "sen.no_interval",
      slope = slope_figure(f$slope), n = f$n, what = what, low = slope_figure(f$low), high = slope_figure(f$high),
      conf_actual = 100 * f$conf_actual, method = words_of("law", f$method)
    ),
    if (interval && short) {
      finding("sen.short", conf = 100 * x$conf, n = f$n, what = what, conf_actual = 100 * f$conf_actual)
    },
    if (interval && !short) {
      finding(if (f$low <= 0 && f$high >= 0) "sen.zero" else "sen.away", side = if (f$low > 0) term("sen.above") else term("sen.below"))
    },
    if (!is.null(x$units)) {
      finding("sen.units",
        units = sum(carries & !is.na(x$each$slope)), up = sum(x$each$slope[carries] > 0, na.rm = TRUE),
        down = sum(x$each$slope[carries] < 0, na.rm = TRUE)
      )
    },
    if (x$missing > 0L && is.null(x$units)) finding("sen.missing", n = x$missing),
    finding_if_any("sen.unweighted", units = x$units[!carries])
  )
}

sen_points <- function(x) {
  units <- x$units %||% ""
  out <- data.frame(
    unit = rep(units, times = length(x$time)),
    time = rep(x$time, each = length(units)), value = as.vector(x$x)
  )
  out[!is.na(out$value), ]
}

# The lines of the slope and of its ends turn about one point of the line.
sen_band <- function(x, points) {
  f <- x$figures
  time <- range(points$time)
  centre <- middle(points$time)
  time <- sort(unique(c(time, centre)))
  line <- f$intercept + f$slope * time
  at <- f$intercept + f$slope * centre
  ends <- cbind(at + f$low * (time - centre), at + f$high * (time - centre))
  data.frame(time = time, line = line, low = pmin(ends[, 1L], ends[, 2L]), high = pmax(ends[, 1L], ends[, 2L]))
}

# What the plot shows, below its title.
sen_notes <- function(x, lang) {
  f <- x$figures
  slope <- slope_figure(f$slope)
  c(
    if (is.na(f$low)) {
      say(lang, "plot_note.sen_alone", slope = slope)
    } else {
      say(lang, "plot_note.sen",
        slope = slope, low = slope_figure(f$low), high = slope_figure(f$high), conf = 100 * f$conf_actual
      )
    },
    if (!is.null(x$units)) say(lang, "plot_note.sen_pooled", n = length(x$units))
  )
}
