#' Benefit of the Doubt: every unit under its own best weights
#'
#' Each unit is scored with the weights that suit it best among those under
#' which no unit scores above 1. A unit that still scores low has no excuse in
#' the weights.
#'
#' @inheritParams cap_weights_data
#' @param bounds Limits on the share (pie share) of each item in a unit's own
#'   score: `NULL` for none; `c(lower, upper)` for all items; or a data frame
#'   `item, lower, upper` (items not named: 0 to 1).
#' @param edition With answers or an index: the edition to use; needed when
#'   there are several.
#'
#' @details
#' For unit i: maximise \eqn{\sum_k w_k x_{ik}} subject to \eqn{\sum_k w_k x_{jk}
#' \le 1} for all units j, \eqn{w \ge 0}, and with bounds \eqn{l_k \le w_k x_{ik}
#' / \sum_m w_m x_{im} \le u_k}. The scale of an item changes its weights in
#' inverse proportion and no score. Without bounds at least one unit scores 1
#' and an item that a unit leads makes it a benchmark. The weights of a unit
#' need not be unique; its score is.
#'
#' Solved by the package lpSolve, each item divided by its largest value.
#' Answers and scores of an index enter as shares of the item's maximum.
#' @section Degenerate data:
#' A unit with 0 in all items scores 0 and has no weights (`NA`). An item that
#' is 0 for all units has weight 0.
#' @section Errors:
#' `cap_error_input` for missing, infinite or negative values (naming the
#' items), data without a positive value, bounds out of order, and bounds that
#' a unit cannot meet (naming it): the lower ones sum to more than 1, the upper
#' ones of the items where it has more than 0 to less than 1, or an item where
#' it has 0 has a lower one.
#' @return An object of class `cap_bod`. `as.data.frame()` gives `unit, score`
#'   and the weights, in columns named by the items; `weights()` the matrix of
#'   weights, units x items.
#' @references Melyn, W. and Moesen, W. (1991), Public Economics Research Paper
#'   17, KU Leuven. Cherchye, L., Moesen, W., Rogge, N. and Van Puyenbroeck, T.
#'   (2007), *Social Indicators Research* 82. Cherchye, L. et al. (2008),
#'   *Journal of the Operational Research Society* 59 (pie shares).
#' @export
#' @examplesIf requireNamespace("lpSolve", quietly = TRUE)
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' cap_bod(gci)
cap_bod <- function(x, bounds = NULL, level = NULL, edition = NULL,
                            missing = c("error", "complete")) {
  rlang::check_installed("lpSolve", "for Benefit of the Doubt weights.")
  missing <- choose(missing, c("error", "complete"), "missing")
  panel <- data_panel(x, level, edition, "x", missing = missing)
  if (length(unique(panel$edition)) > 1L) {
    cap_abort_input("{.arg x} has {length(unique(panel$edition))} editions: say which by {.arg edition}.")
  }
  check_once(panel$unit, "x", "units")
  values <- panel$values
  clash <- intersect(colnames(values), c("unit", "score"))
  if (length(clash) > 0L) cap_abort_input("An item may not be called {.val {clash}}: the result has a column of that name.", items = clash)
  check_not_negative(values, NA, "Benefit of the Doubt needs")
  if (!any(values > 0)) {
    cap_abort_input("No unit has a value above 0: there is no benchmark.")
  }
  limits <- share_limits(bounds, colnames(values))
  check_feasible(values, limits, panel$unit)
  found <- solve_bod(values, limits)
  new_result("cap_bod",
    framework = panel$framework, unit = panel$unit, edition = unique(panel$edition),
    score = found$score, weight = found$weight, bounds = limits,
    bounded = !is.null(bounds), values = values, dropped = panel$dropped
  )
}

# A matrix lower, upper by item.
share_limits <- function(bounds, items) {
  limits <- cbind(lower = rep(0, length(items)), upper = 1)
  rownames(limits) <- items
  if (is.null(bounds)) {
    return(limits)
  }
  check_not_integer64(bounds, "bounds")
  if (is.data.frame(bounds)) {
    check_columns(bounds, c("item", "lower", "upper"), "bounds")
    code <- as_code(bounds[["item"]])
    check_items(code, items, "bounds", "`x`")
    limits[code, ] <- cbind(as_figure(bounds[["lower"]], "lower", code), as_figure(bounds[["upper"]], "upper", code))
  } else {
    if (!is.numeric(bounds) || length(bounds) != 2L) {
      cap_abort_input("{.arg bounds} must be two numbers, or a data frame {.field item}, {.field lower}, {.field upper}.")
    }
    limits[] <- rep(bounds, each = length(items))
  }
  are_shares <- limits[, 1L] >= 0 & limits[, 2L] <= 1 & limits[, 1L] <= limits[, 2L]
  check_each(are_shares, items, "{.arg bounds} must be shares, 0 <= lower <= upper <= 1")
  limits
}

# A unit can have the shares exactly when its own items leave room for 1.
check_feasible <- function(values, limits, unit) {
  has <- values > 0
  lower <- sum(limits[, "lower"])
  upper <- as.vector(has %*% limits[, "upper"])
  without <- !has & rep(limits[, "lower"] > 0, each = nrow(values))
  any_value <- rowSums(has) > 0
  if (lower > 1 + slack("share")) {
    cap_abort_input("The lower bounds sum to {signif(lower, 4)}: no unit, such as {unit[1L]}, can have shares that sum to 1.")
  }
  blocked <- any_value & rowSums(without) > 0
  if (any(blocked)) {
    codes <- colnames(values)[colSums(without[blocked, , drop = FALSE]) > 0]
    many <- sum(blocked)
    cap_abort_input(c(
      paste0(
        "{cli::qty(many)}Unit{?s} {some_units(unit[blocked])} cannot meet {.arg bounds}: ",
        "a share above 0 of an item where {cli::qty(many)}{?it has/they have} 0."
      ),
      "i" = "Items: {some_items(codes)}. Lower their bounds to 0, or leave the units out."
    ))
  }
  short <- any_value & !is_whole(upper)
  if (any(short)) {
    many <- sum(short)
    cap_abort_input(paste0(
      "{cli::qty(many)}Unit{?s} {some_units(unit[short])} cannot meet {.arg bounds}: ",
      "the upper ones of {cli::qty(many)}{?its/their} items sum to less than 1."
    ))
  }
  invisible(values)
}

solve_bod <- function(values, limits) {
  largest <- apply(values, 2L, max)
  used <- which(largest > 0)
  z <- sweep(values[, used, drop = FALSE], 2L, largest[used], "/")
  limits <- limits[used, , drop = FALSE]
  weight <- matrix(0, nrow(values), ncol(values), dimnames = list(NULL, colnames(values)))
  score <- numeric(nrow(values))
  frontier <- unique(z)
  for (i in seq_len(nrow(z))) {
    if (all(z[i, ] == 0)) {
      weight[i, ] <- NA_real_
      next
    }
    w <- best_weights(z[i, ], frontier, limits)
    weight[i, used] <- w / largest[used]
    score[i] <- min(1, sum(w * z[i, ]))
  }
  list(score = score, weight = weight)
}

# v_k = w_k z_k are the parts of the unit's score, so that shares are of them.
best_weights <- function(own, frontier, limits) {
  k <- length(own)
  low <- which(limits[, "lower"] > 0)
  high <- which(limits[, "upper"] < 1 & own > 0)
  rule <- function(at, share) {
    rows <- -outer(share[at], own)
    rows[cbind(seq_along(at), at)] <- rows[cbind(seq_along(at), at)] + own[at]
    rows
  }
  constraints <- rbind(frontier, rule(low, limits[, "lower"]), rule(high, limits[, "upper"]))
  found <- lpSolve::lp(
    "max", own, constraints,
    c(rep("<=", nrow(frontier)), rep(">=", length(low)), rep("<=", length(high))),
    c(rep(1, nrow(frontier)), rep(0, length(low) + length(high)))
  )
  if (found$status != 0L || length(found$solution) != k) {
    cap_abort_numeric("The linear programme of a unit was not solved (lpSolve status {found$status}).")
  }
  found$solution
}

#' @export
result_tables.cap_bod <- function(x, lang, ...) {
  table <- cbind(data.frame(unit = x$unit, score = x$score), as.data.frame(x$weight))
  by <- order(-table$score, table$unit, method = "radix")
  list(units = lazy_table(table, term("caption.bod"), table[by, ]))
}

#' @export
weights.cap_bod <- function(object, ...) {
  matrix(object$weight, nrow(object$weight), dimnames = list(object$unit, colnames(object$weight)))
}

#' @export
cap_findings.cap_bod <- function(x, ..., lang = "en") {
  top <- x$unit[is_whole(x$score)]
  last <- which.min(x$score)
  none <- x$unit[rowSums(x$values > 0) == 0]
  unused <- colnames(x$weight)[colSums(x$weight > 0, na.rm = TRUE) == 0]
  findings(
    lang,
    finding("bod.benchmarks",
      n = length(top), of = length(x$unit), units = if (length(top) > 0L) first_of(top, 8L) else term("word.none"),
      bounds = if (x$bounded) term("bod.bounded") else term("bod.unbounded")
    ),
    finding("bod.spread", mean = mean(x$score), unit = x$unit[last], min = x$score[last]),
    finding_if_any("bod.unused", items = unused),
    finding_if_any("bod.zero", units = none),
    finding_if_any("weights_data.dropped", units = x$dropped)
  )
}
