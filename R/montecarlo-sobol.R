#' Sobol indices of a function
#'
#' How much of the variance of a function's result is due to each of its factors:
#' alone (first order) and with all its interactions (total). For any vectorised
#' R function on \eqn{[0,1]^d}; for an index and its choices see
#' `cap_sensitivity()`.
#'
#' @param f A function: takes a matrix with a row a point and d named columns,
#'   every value inside (0, 1), and gives a numeric vector with a value a row.
#'   Other distributions come from `qnorm()` and the like; K equally likely
#'   choices from `floor(u * K)`.
#' @param d The number of factors, or their names.
#' @param n Rows of the design in all. They are shared out evenly among the
#'   shifts, so the number is rounded up to a multiple of `shifts`; best is a
#'   multiple that is a power of 2. `f` is evaluated at n (d + 2) points.
#' @param names Names of the factors, if `d` is a number; else `X1`, `X2`, ...
#' @param conf Level of the intervals.
#' @param shifts Independent randomisations of the design, from which the
#'   intervals come.
#' @param ... Passed on to `f`.
#'
#' @details
#' A and B are independent samples of the factors, \eqn{A_B^{(j)}} is A with
#' column j from B. With m the mean and V the variance of the results at A and B
#' together (divisor: their number),
#' \deqn{S_j = \frac{1}{nV} \sum (y_B - m)(y_{A_B^{(j)}} - y_A), \quad
#'   T_j = \frac{1}{2nV} \sum (y_A - y_{A_B^{(j)}})^2,}
#' the first-order index of Saltelli et al. (2010), centred by m, and the total
#' index of Jansen (1999). A constant added to the results changes nothing.
#' Indices are not clipped: noise may bring one below 0 or above 1, and it is
#' printed as it is.
#'
#' **Design.** Up to 20 factors: a Sobol sequence of 2d columns moved by `shifts`
#' independent random vectors modulo 1 (Cranley and Patterson 1976). More
#' factors: independent Latin hypercubes (McKay et al. 1979); the findings say so.
#'
#' **Intervals.** Rows of one design are not exchangeable, but the shifts are
#' independent: the interval is the index plus and minus Student's t with
#' `shifts - 1` degrees of freedom times the jackknife's standard error over the
#' shifts (Efron and Tibshirani 1993). One shift has no interval (`NA`).
#'
#' **Dummy.** A factor that does not exist, estimated from A and B alone
#' (Khorashadi Zadeh et al. 2017): its indices are 0 but for noise, and show what
#' the sample cannot tell from 0.
#'
#' **Calls of `f`.** A shift has d + 2 blocks of `n / shifts` rows: A, B and each
#' \eqn{A_B^{(j)}}. A call gets as many blocks of one shift as fit in 65,536
#' rows, at least one.
#'
#' **Randomness.** `set.seed()` governs the design; the generator of R advances
#' by one number, beside what `f` itself draws.
#'
#' @section Missing values:
#' `f` may give none: `NA`, `NaN` and infinite results are errors. Where the
#' result does not vary (largest less smallest at most 1e-12 of the largest size)
#' there are no indices: they are `NA`, and a finding says so.
#' @section Errors:
#' `cap_error_input` for arguments of the wrong kind, and for an `f` that fails,
#' gives something other than one finite number (up to 1e150 in size) a row; the
#' condition's `points` are the rows of the call at fault (up to five).
#' @return An object of class `cap_sobol`. `as.data.frame()` gives
#'   `factor, first, first_low, first_high, total, total_low, total_high`; with
#'   `table = "convergence"` the same after `n` rows, for an eighth, a quarter, a
#'   half and all of the rows. `cap_table()` has a row more, for the dummy.
#'   `$sum` is the sum of the first-order indices with its interval, `$variance`
#'   V, `$n` the rows, `$evaluations` the points at which `f` was evaluated.
#' @references Sobol', I. (1993), *Mathematical Modelling and Computational
#'   Experiments* 1. Saltelli, A. et al. (2010), *Computer Physics
#'   Communications* 181. Jansen, M. (1999), *Computer Physics Communications*
#'   117. Cranley, R. and Patterson, T. (1976), *SIAM Journal on Numerical
#'   Analysis* 13. McKay, M., Beckman, R. and Conover, W. (1979),
#'   *Technometrics* 21. Efron, B. and Tibshirani, R. (1993), *An Introduction to
#'   the Bootstrap*. Khorashadi Zadeh, F. et al. (2017), *Environmental Modelling
#'   and Software* 91.
#' @export
#' @examples
#' # Which of three pillars' weights moves the distance between two countries?
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' table <- as.data.frame(gci)
#' shares <- function(unit) table$score[table$unit == unit & table$item %in% c("LS", "TS", "OS")] / 20
#' gap <- shares("KEN") - shares("TUN")
#' distance <- function(u) drop(u %*% gap) / rowSums(u)
#' set.seed(1)
#' cap_sobol(distance, c("legal", "technical", "organisational"), n = 1024)
cap_sobol <- function(f, d, n = 4096, names = NULL, conf = 0.95, shifts = 16, ...) {
  if (!is.function(f)) {
    cap_abort_input("{.arg f} must be a function, not {.obj_type_friendly {f}}.")
  }
  factors <- factor_names(d, names)
  check_count(n, "n", most = 2^30)
  check_count(shifts, "shifts", most = 1e4)
  check_conf(conf)
  rows <- ceiling(n / shifts)
  ends <- unique(as.integer(ceiling(rows / c(8, 4, 2, 1))))
  tally <- tally_shifts(function(x) f(x, ...), factors, rows, shifts, ends)
  estimates <- lapply(seq_along(ends), function(k) {
    sobol_estimates(matrix(tally$stats[, k, ], ncol = shifts), factors, conf, tally)
  })
  last <- estimates[[length(ends)]]
  structure(
    c(last, list(
      convergence = do.call(rbind, Map(function(end, estimate) {
        cbind(n = end * shifts, estimate$indices)
      }, ends, estimates)),
      constant = if (tally$constant) tally$range[1L],
      asked = n, n = rows * shifts, rows = rows, shifts = shifts,
      evaluations = rows * shifts * (length(factors) + 2L), conf = conf,
      design = if (length(factors) <= most_quasi) "quasi" else "latin"
    )),
    class = c("cap_sobol", "cap_result")
  )
}

# As CAP_SOBOL_MOST_QUASI in src/core/montecarlo/sobol.h.
most_quasi <- 20L

factor_names <- function(d, names) {
  if (is.numeric(d)) {
    check_count(d, "d", most = 1e4)
    if (is.null(names)) {
      return(paste0("X", seq_len(d)))
    }
    check_factor_names(names, "names")
    if (length(names) != d) {
      cap_abort_input("{.arg names} must name the {d} factor{?s} of {.arg d}, not {length(names)}.")
    }
    return(names)
  }
  if (!is.character(d)) {
    cap_abort_input("{.arg d} must be the number of factors or their names, not {.obj_type_friendly {d}}.")
  }
  if (!is.null(names)) {
    cap_abort_input("{.arg d} holds names already; leave out {.arg names}.")
  }
  check_factor_names(d, "d")
  d
}

check_factor_names <- function(x, arg) {
  check_not_dummy(x, arg)
  if (!is.character(x) || length(x) == 0L || anyNA(x) || !all(nzchar(x))) {
    cap_abort_input("{.arg {arg}} must be non-empty strings, one a factor.")
  }
  check_once(x, arg, "factors")
  invisible(x)
}

# list(stats, constant, range): for each shift and number of rows the sums from
# which the indices come; see src/core/montecarlo/sobol.h.
tally_shifts <- function(f, factors, rows, shifts, ends) {
  key <- random_key()
  stats <- array(0, c(6L + 3L * length(factors), length(ends), shifts))
  range <- NULL
  bar <- start_bar("Evaluating", shifts)
  on.exit(end_bar(bar))
  for (shift in seq_len(shifts)) {
    design <- .Call(C_sobol_design, list(key = key, replicate = shift, n = rows, d = length(factors)))
    y <- shift_results(f, design, factors)
    if (shift == 1L) {
      centre <- mean(y[, 1:2])
      scale <- max(abs(y - centre))
      if (scale == 0) scale <- 1
    }
    range <- range(c(range, y))
    stats[, , shift] <- .Call(C_sobol_tally, y, centre, scale, ends)
    cli::cli_progress_update(id = bar)
  }
  list(
    stats = stats, range = range, scale = scale,
    constant = range[2L] - range[1L] <= slack("spread") * max(abs(range))
  )
}

most_rows <- 65536

# Results of f at one shift: a row a point, columns A, B, A_B^(1), ...
shift_results <- function(f, design, factors) {
  n <- nrow(design$a)
  blocks <- seq_len(length(factors) + 2L)
  call <- (blocks - 1L) %/% max(1, most_rows %/% n)
  y <- lapply(split(blocks, call), function(blocks) {
    x <- do.call(rbind, lapply(blocks, design_block, design))
    colnames(x) <- factors
    call_function(f, x)
  })
  matrix(unlist(y, use.names = FALSE), n)
}

design_block <- function(block, design) {
  x <- if (block == 2L) design$b else design$a
  if (block > 2L) x[, block - 2L] <- design$b[, block - 2L]
  x
}

call_function <- function(f, x) {
  y <- tryCatch(f(x), error = function(e) {
    cap_abort_input(c(
      "{.arg f} failed for a matrix of {nrow(x)} row{?s}.",
      "i" = "Its columns are {some_of(colnames(x), 10L)}.",
      "i" = "Every value is inside (0, 1); {.arg f} must give a number for each row."
    ), parent = e, points = utils::head(x, 5L))
  })
  check_not_integer64(y, "f")
  if (!is.numeric(y) || length(y) != nrow(x)) {
    cap_abort_input(c(
      "{.arg f} must give a numeric vector with a value for each row of its matrix.",
      "x" = if (is.numeric(y)) {
        "For rows 1 to {nrow(x)} it gave {length(y)} value{?s}."
      } else {
        "For rows 1 to {nrow(x)} it gave {.obj_type_friendly {y}}."
      }
    ), points = utils::head(x, 5L))
  }
  y <- as_numbers(y, "f")
  bad <- which(!is.finite(y) | abs(y) > 1e150)
  if (length(bad) > 0L) {
    at <- x[bad[1L], ]
    shown <- paste0(names(at), " = ", format(at, digits = 4L, trim = TRUE))
    cap_abort_input(c(
      "{.arg f} must give a finite number for each row, up to 1e150 in size.",
      "x" = "It did not for {length(bad)} of {nrow(x)} row{?s}: {some_of(bad)}.",
      "i" = "Row {bad[1L]} gave {y[bad[1L]]}, at {some_of(shown)}."
    ), points = x[utils::head(bad, 5L), , drop = FALSE])
  }
  y
}

# list(indices, dummy, sum, variance) from the sums of each shift, a column each.
sobol_estimates <- function(stats, factors, conf, tally) {
  d <- length(factors)
  fit <- .Call(C_sobol_indices, stats, d, conf)
  if (tally$constant) fit[] <- lapply(fit, function(x) x * NA)
  fit <- lapply(fit, na_figure)
  rows <- function(factor, first, total) {
    data.frame(
      factor = factor,
      first = fit$index[first], first_low = fit$low[first], first_high = fit$high[first],
      total = fit$index[total], total_low = fit$low[total], total_high = fit$high[total]
    )
  }
  list(
    indices = rows(factors, seq_len(d), d + seq_len(d)),
    dummy = rows("(dummy)", 2L * d + 2L, 2L * d + 3L),
    sum = c(sum = fit$index[2L * d + 1L], low = fit$low[2L * d + 1L], high = fit$high[2L * d + 1L]),
    variance = fit$variance * tally$scale^2 # sums are of scaled results
  )
}

#' @export
result_tables.cap_sobol <- function(x, lang, ...) {
  list(
    indices = lazy_table(x$indices, term("caption.sobol", conf = 100 * x$conf), rbind(x$indices, x$dummy)),
    convergence = lazy_table(x$convergence, term("caption.sobol_rows"))
  )
}

#' @export
cap_findings.cap_sobol <- function(x, ..., lang = "en") {
  key <- if (x$design == "quasi") "sobol.quasi" else "sobol.latin"
  size <- finding(key, n = x$n, rows = x$rows, shifts = x$shifts, evaluations = x$evaluations)
  if (!is.null(x$constant)) {
    return(findings(lang, size, finding("sobol.constant", value = signif(x$constant, 6L))))
  }
  do.call(findings, c(
    list(lang), list(size), share_findings(x), doubt_findings(x),
    list(if (x$n != x$asked) finding("sobol.rounded", asked = x$asked, n = x$n, shifts = x$shifts))
  ))
}

share_range <- function(low, high) {
  if (is.na(low)) term("range.none") else range_words(100 * low, 100 * high, 1L)
}

share_findings <- function(x) {
  table <- x$indices
  top <- table[which.max(table$total), ]
  list(
    finding("sobol.top",
      factor = top$factor, first = 100 * top$first, total = 100 * top$total,
      first_range = share_range(top$first_low, top$first_high),
      total_range = share_range(top$total_low, top$total_high)
    ),
    finding(if (isTRUE(x$sum[["high"]] < 1)) "sobol.interactions" else "sobol.additive",
      sum = 100 * x$sum[["sum"]], rest = 100 * (1 - x$sum[["sum"]]),
      range = share_range(x$sum[["low"]], x$sum[["high"]])
    )
  )
}

doubt_findings <- function(x) {
  table <- x$indices
  holds_0 <- function(low, high) !is.na(low) & low <= 0 & high >= 0
  idle <- table$total == 0
  faint <- !idle & holds_0(table$total_low, table$total_high)
  alone <- !idle & !faint & holds_0(table$first_low, table$first_high)
  outside <- table$first < 0 | table$first > 1 | table$total > 1
  named <- function(key, at) {
    if (any(at)) finding(key, n = sum(at), factors = first_of(table$factor[at], 10L))
  }
  list(
    named("sobol.idle", idle), named("sobol.faint", faint), named("sobol.alone", alone),
    named("sobol.outside", outside),
    if (x$shifts == 1L) {
      finding("sobol.one_shift")
    } else {
      finding("sobol.precision",
        half = 50 * max(table$first_high - table$first_low, table$total_high - table$total_low),
        change = 100 * last_change(x$convergence), dummy = 100 * x$dummy$first,
        range = share_range(x$dummy$first_low, x$dummy$first_high)
      )
    }
  )
}

# Largest change of an index from half of the rows to all; 0 where there is no
# half.
last_change <- function(convergence) {
  sizes <- unique(convergence$n)
  figures <- function(n) unlist(convergence[convergence$n == n, c("first", "total")])
  max(abs(figures(max(sizes)) - figures(sizes[max(1L, length(sizes) - 1L)])))
}
