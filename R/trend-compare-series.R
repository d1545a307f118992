#' Two indices over common editions
#'
#' Sets an index beside another series of scores of the same units, such as an
#' external security rating: do they agree on levels, on changes, and on the gap
#' between groups?
#'
#' @param panel Scores of the first series: from [cap_panel()], an index, or a data
#'   frame `unit, edition, value`; or two indices, `list(earlier, later)`, which are
#'   taken like for like (see [cap_decompose()]), with the published change beside.
#' @param other Scores of the second, likewise; on any scale, and with any editions
#'   that are years.
#' @param by One group, whose gap to the rest is compared, or two, as `group` in
#'   [cap_convergence()]; `NULL` for none.
#' @param interpolate Whether the other series is interpolated where a unit lacks it
#'   at an edition of `panel`.
#' @param reliability Reliability of the two series, from 0 to 1: correlations of
#'   levels are also given as \eqn{r / \sqrt{rel_1 rel_2}}, at most 1 in size.
#' @param conf Confidence of intervals and of the limits of agreement.
#'
#' @details
#' Within each edition both series are standardised over the units that both have.
#'
#' * **Levels**: Pearson, Spearman and Kendall (tau-b) with intervals as in
#'   [cap_mobility()].
#' * **Changes**: the same of the changes between adjacent common editions.
#' * **Agreement** (Bland and Altman): the differences of the standard scores have
#'   mean 0 and standard deviation \eqn{\sqrt{2(1 - r)}}; units beyond the limits
#'   \eqn{\pm z \, sd} are named. Standard scores cannot show that one series is
#'   higher than the other: they have no common unit.
#' * **Gap**: mean standard score of the group less that of the rest, in each
#'   series, and their difference with a standard error that keeps the covariance of
#'   the same units (as in [cap_convergence()]).
#'
#' **Interpolation** fills a unit's gap in the other series, linear in time between its
#' nearest scores, never beyond them, and is marked. What it does not know has the variance of a Brownian bridge,
#' \eqn{\sigma^2 d e / (d + e)} at d years from one score and e from the other,
#' \eqn{\sigma^2} being the variance of a year's change about the mean of all units;
#' it is added to the limits of agreement and to the standard error of gaps.
#' Changes with an interpolated end are smoother than real ones: their correlation is
#' given and marked, and counts for little.
#'
#' @section Missing values:
#' Units without both scores at an edition are left out of it. An edition where one
#' series is the same for all, or with fewer than two units, has no figures (`NA`).
#' @section Errors:
#' `cap_error_input` for what is no series, editions that are no years, and no
#' common edition.
#' @return An object of class `cap_compare_series`. `as.data.frame()` and
#'   `cap_table()` give, for `table =`
#'   * `"correlations"`: `kind` (`"level"`, `"change"`), `from` (`NA` for levels),
#'     `edition, measure, estimate, low, high, n, corrected, interpolated`.
#'   * `"agreement"`: `edition, n, sd, sd_interpolation, limit, n_beyond,
#'     interpolated`.
#'   * `"gaps"`: `edition, n_group, n_rest, gap, gap_other, difference, se, df, low,
#'     high, interpolated`, in standard deviations; `difference` is the gap in the
#'     other series less that in the first, above 0 where the group stands better in
#'     the other.
#'   * `"units"`: `unit, edition, score, other, z, z_other, difference, beyond,
#'     interpolated`.
#' @references Bland, J. and Altman, D. (1986), *Lancet* 327. Spearman, C. (1904),
#'   *American Journal of Psychology* 15.
#' @export
#' @examples
#' # Score of 2020 and 2024 against users in per cent, which are of other years
#' online <- subset(internet_users, year %in% c(2018, 2022) & !is.na(internet_users_pct))
#' online <- data.frame(unit = online$iso3, edition = online$year, value = online$internet_users_pct)
#' both <- cap_compare_series(cap_panel(subset(gci_overall, edition >= 2018)), online)
#' both
#' plot(both)
cap_compare_series <- function(panel, other, by = "ldc", interpolate = TRUE,
                               reliability = c(1, 1), conf = 0.95) {
  check_flag(interpolate, "interpolate")
  check_number(conf, "conf", 0.5, 0.9999)
  check_not_integer64(reliability, "reliability")
  if (!is.numeric(reliability) || length(reliability) != 2L || !all(reliability > 0 & reliability <= 1) %in% TRUE) {
    cap_abort_input("{.arg reliability} must be two numbers above 0 and at most 1.")
  }
  first <- series_matrix(panel, "panel")
  second <- series_matrix(other, "other")
  unit <- intersect(first$unit, second$unit)
  at <- series_editions(first, second, interpolate)
  if (length(unit) == 0L) {
    cap_abort_input("{.arg panel} and {.arg other} have no unit in common.")
  }
  value <- .Call(C_series_at, second$time, second$scores[unit, , drop = FALSE], at)
  own <- second$scores[unit, match(at, second$time), drop = FALSE]
  filled <- is.na(own) & !is.na(value$value)
  if (!interpolate) value$value[filled] <- NA_real_
  x <- unname(first$scores[unit, match(at, first$time), drop = FALSE])
  filled <- unname(filled & !is.na(x) & interpolate)
  editions <- lapply(seq_along(at), function(k) {
    z <- .Call(C_series_standardise, x[, k], value$value[, k])
    c(lapply(z, na_figure), list(variance = value$variance[, k], filled = filled[, k]))
  })
  side <- if (!is.null(by)) gap_of_series(unit, by, x, value$value)
  new_result("cap_compare_series",
    framework = NULL, unit = unit, time = at, interpolated = colSums(filled) > 0, x = x, y = na_figure(value$value),
    editions = editions, side = side, reliability = reliability, conf = conf, per_year = value$per_year,
    unmatched = side$unmatched,
    absent = list(panel = setdiff(second$unit, unit), other = setdiff(first$unit, unit)),
    methods = first$methods[match(at, first$time)], pair = first$pair
  )
}

# list(unit, time, scores, methods, pair): overall scores, units x years; `pair` as
# change_pair() gives it for two indices.
series_matrix <- function(x, arg) {
  if (inherits(x, "cap_bridge") || (is.list(x) && is.null(attr(x, "class")))) {
    return(series_pair(change_pair(x)))
  }
  source <- if (inherits(x, "cap_panel")) {
    x
  } else if (inherits(x, "cap_index")) {
    cap_panel(x)
  } else if (is.data.frame(x)) {
    series_panel(x, arg)
  } else {
    stop_no_scores(x, arg, "one edition")
  }
  table <- source$table[source$table$is_root, ]
  time <- suppressWarnings(as.numeric(as.character(table$edition)))
  if (anyNA(time)) {
    cap_abort_input("Editions of {.arg {arg}} must be years: {some_editions(table$edition[is.na(time)])}.")
  }
  unit <- sort(unique(table$unit), method = "radix")
  times <- sort(unique(time))
  scores <- matrix(NA_real_, length(unit), length(times), dimnames = list(unit, NULL))
  scores[cbind(match(table$unit, unit), match(time, times))] <- table$score
  list(unit = unit, time = times, scores = scores, methods = table$method[match(times, time)])
}

series_pair <- function(pair) {
  time <- suppressWarnings(as.numeric(as.character(unlist(pair$editions))))
  if (anyNA(time)) pair_years(pair, NULL) # names the editions
  scores <- cbind(pair$from[, 1L], pair$to[, 1L])
  dimnames(scores) <- list(pair$unit, NULL)
  list(unit = pair$unit, time = time, scores = scores, methods = rep("like for like", 2L), pair = pair)
}

# The scale of an external series is its own: it is standardised anyway.
series_panel <- function(x, arg) {
  check_not_integer64(x, arg)
  check_columns(x, "value", arg)
  check_names_items(x, arg)
  if (!is.null(x[["max"]]) || !is.null(x[["item"]])) {
    return(cap_panel(x))
  }
  check_columns(x, "edition", arg)
  value <- x[["value"]]
  top <- if (is.numeric(value)) max(100, value[is.finite(value)]) else 100
  x <- data.frame(unit = x[[unit_column(x, arg)]], edition = x[["edition"]], value = value, max = top)
  cap_panel(x, scale = top)
}

# Editions of the first series that the second has, or spans.
series_editions <- function(first, second, interpolate) {
  own <- first$time %in% second$time
  spanned <- first$time > min(second$time) & first$time < max(second$time)
  use <- own | (interpolate & spanned)
  if (!any(use)) {
    cap_abort_input(c(
      "{.arg panel} and {.arg other} have no edition in common.",
      "x" = "{.arg panel} has {.val {as.character(first$time)}}, {.arg other} {.val {as.character(second$time)}}.",
      "i" = if (!interpolate && any(spanned)) "{.code interpolate = TRUE} takes editions between two of {.arg other}."
    ))
  }
  first$time[use]
}

gap_of_series <- function(unit, by, x, y) {
  present <- rowSums(!is.na(x) & !is.na(y)) > 0
  centre <- matrix(ifelse(present, rowMeans(x, na.rm = TRUE), NA))
  gap_sides(list(unit = unit, from = centre, to = centre), by, "by")
}

# Tables -----------------------------------------------------------------------

#' @export
result_tables.cap_compare_series <- function(x, lang, ...) {
  list(
    correlations = lazy_table(series_correlations(x), term("caption.series"), rank_correlations(x)),
    agreement = lazy_table(series_agreement(x), term("caption.series_agreement")),
    gaps = lazy_table(series_gaps(x), term("caption.series_gaps")),
    units = lazy_table(series_units(x), term("caption.series_units"))
  )
}

rank_correlations <- function(x) {
  table <- series_correlations(x)
  if (all(x$reliability == 1)) table$corrected <- NULL
  table[table$measure == "spearman", ]
}

largest <- function(x) max(0, abs(x), na.rm = TRUE)

series_correlations <- function(x) {
  k <- length(x$time)
  # of the scores, since their changes carry the rounding of both ends
  size <- c(largest(x$x), largest(x$y))
  row <- function(kind, from, edition, a, b, interpolated) {
    r <- associations(a, b, x$conf, size)
    corrected <- if (kind == "level") pmax(pmin(r$estimate / sqrt(prod(x$reliability)), 1), -1) else NA_real_
    data.frame(kind = kind, from = from, edition = edition, r, corrected = corrected, interpolated = interpolated)
  }
  level <- lapply(seq_len(k), function(e) row("level", NA_real_, x$time[e], x$x[, e], x$y[, e], x$interpolated[e]))
  change <- lapply(seq_len(k - 1L), function(e) {
    row(
      "change", x$time[e], x$time[e + 1L], x$x[, e + 1L] - x$x[, e], x$y[, e + 1L] - x$y[, e],
      x$interpolated[e] || x$interpolated[e + 1L]
    )
  })
  do.call(rbind, c(level, change))
}

# c(n, sd, added, limit): the standard deviation of the differences and of what
# interpolation adds, both in standard scores, and the limit of agreement.
series_limits <- function(x, e) {
  edition <- x$editions[[e]]
  na_figure(.Call(C_series_limit, edition$x, edition$filled, edition$variance, edition$spread[2:3], x$conf))
}

series_agreement <- function(x) {
  do.call(rbind, lapply(seq_along(x$time), function(e) {
    l <- series_limits(x, e)
    z <- x$editions[[e]]
    data.frame(
      edition = x$time[e], n = as.integer(l[["n"]]), sd = l[["sd"]], sd_interpolation = l[["added"]],
      limit = na_figure(l[["limit"]]), n_beyond = sum(abs(z$x - z$y) > l[["limit"]], na.rm = TRUE),
      interpolated = x$interpolated[e]
    )
  }))
}

series_gaps <- function(x) {
  if (is.null(x$side)) {
    return(data.frame(
      edition = double(), n_group = integer(), n_rest = integer(), gap = double(), gap_other = double(),
      difference = double(), se = double(), df = double(), low = double(), high = double(), interpolated = logical()
    ))
  }
  do.call(rbind, lapply(seq_along(x$time), function(e) {
    z <- x$editions[[e]]
    g <- .Call(C_gap_change, z$x, z$y, NULL, NULL, as.integer(x$side$group))
    # means of n units that each carry the variance of interpolation
    se <- .Call(C_gap_error, g, series_limits(x, e)[["added"]])
    interval <- t_interval(g[["change"]], se, g[["df"]], x$conf)
    data.frame(
      edition = x$time[e], n_group = as.integer(g[["n_group"]]), n_rest = as.integer(g[["n_rest"]]),
      gap = na_figure(g[["gap_from"]]), gap_other = na_figure(g[["gap_to"]]), difference = na_figure(g[["change"]]),
      se = na_figure(se), df = na_figure(g[["df"]]), interval[c("low", "high")], interpolated = x$interpolated[e]
    )
  }))
}

series_units <- function(x) {
  rows <- lapply(seq_along(x$time), function(e) {
    z <- x$editions[[e]]
    d <- z$x - z$y
    keep <- !is.na(x$x[, e]) & !is.na(x$y[, e])
    data.frame(
      unit = x$unit, edition = x$time[e], score = x$x[, e], other = x$y[, e], z = z$x, z_other = z$y,
      difference = d, beyond = abs(d) > series_limits(x, e)[["limit"]], interpolated = z$filled
    )[keep, ]
  })
  out <- do.call(rbind, rows)
  rownames(out) <- NULL
  out
}

# Findings ---------------------------------------------------------------------

#' @export
cap_findings.cap_compare_series <- function(x, ..., lang = "en") {
  table <- series_correlations(x)
  table <- table[table$measure == "spearman", ]
  if (!is.null(x$side)) x$side <- sides_in(lang, x$side)
  gaps <- series_gaps(x)
  do.call(findings, c(
    list(lang),
    if (!is.null(x$pair)) pair_findings(x$pair),
    lapply(seq_len(nrow(table)), function(i) series_finding(x, table[i, ])),
    lapply(seq_along(x$time), function(e) agreement_finding(x, e)),
    lapply(seq_len(nrow(gaps)), function(i) series_gap_finding(x, gaps[i, ])),
    list(
      if (any(x$interpolated)) {
        finding("series.interpolated",
          editions = listed(x$time[x$interpolated]), n = sum(x$interpolated)
        )
      },
      if (length(unique(x$methods)) > 1L && length(x$time) > 1L) finding("series.break"),
      unmatched_finding(x$unmatched, "by"),
      finding_if_any("series.absent", units = unlist(x$absent))
    )
  ))
}

series_finding <- function(x, row) {
  span <- if (row$kind == "level") {
    term("series.level", edition = row$edition)
  } else {
    term("series.change", from = row$from, to = row$edition)
  }
  if (is.na(row$estimate)) {
    return(finding("series.none", span = span, n = row$n))
  }
  finding("series.correlation",
    span = span, r = row$estimate, interval = interval_words(row, x$conf), n = row$n,
    mark = term("series.mark",
      corrected = if (!is.na(row$corrected) && any(x$reliability < 1)) term("series.corrected", r = row$corrected) else "",
      interpolated = if (row$interpolated) term("series.filled") else ""
    )
  )
}

agreement_finding <- function(x, e) {
  l <- series_limits(x, e)
  if (is.na(l[["limit"]])) {
    return(NULL)
  }
  z <- x$editions[[e]]
  d <- abs(z$x - z$y)
  beyond <- which(d > l[["limit"]])
  beyond <- beyond[order(-d[beyond], x$unit[beyond], method = "radix")]
  finding("series.agreement",
    edition = x$time[e], limit = l[["limit"]], n = length(beyond), of = l[["n"]], conf = 100 * x$conf,
    units = if (length(beyond) > 0L) term("series.beyond", units = first_of(x$unit[beyond])) else ""
  )
}

series_gap_finding <- function(x, row) {
  if (is.na(row$difference)) {
    return(NULL)
  }
  finding("series.gap",
    group = x$side$label, rest = x$side$rest, edition = row$edition, gap = row$gap, other = row$gap_other,
    difference = row$difference, conf = 100 * x$conf,
    low = figure(row$low, 2L, sign = TRUE), high = figure(row$high, 2L, sign = TRUE)
  )
}
