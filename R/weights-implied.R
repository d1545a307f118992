#' The weights that published scores imply
#'
#' Given item values and the published scores of their parents, finds the
#' weights that turn the one into the other, and the units that do not fit:
#' candidates for data faults (see [cap_audit()]).
#'
#' @param answers From [cap_answers()].
#' @param scores Published scores: a data frame `unit` (or `iso3`), `edition`,
#'   `value` and, where they are not overall scores on 100, `item` and `max`.
#' @param threshold A residual, in points, up to which no unit is set aside.
#' @param mads Nor up to as many median absolute deviations of the residuals.
#'
#' @details
#' For each parent with published scores, \eqn{\min ||X w - y||} over
#' \eqn{w \ge 0}, \eqn{\sum w = max} of the parent, with X the items' shares of
#' their maxima and y the scores in points, by active sets (Lawson and Hanson
#' 1974, chapter 23) with a singular value decomposition at each step. While the
#' largest residual exceeds `max(threshold, mads * MAD)`, that unit is set aside
#' and the fit repeated. A parent above the pillars is fitted to the published
#' scores of its children. Parents without published scores keep the framework's
#' weights and are listed.
#'
#' Items that the units cannot tell apart (they move together, or do not move)
#' share their weight evenly and are named.
#'
#' @section Missing values:
#' Units with a missing answer or score are left out of that parent and counted.
#' @return An object of class `cap_weights` (and `cap_weights_implied`):
#'   `weights()` and `as.data.frame()` as in [cap_weights()]. `$parents` gives
#'   one row a parent: `parent, max, n_used, n_aside, rank, condition, largest`;
#'   `$residuals` `unit, edition, item, residual, set_aside`; `$unclear` the
#'   items that cannot be told apart.
#' @section Errors:
#' `cap_error_input` for tables without the columns named above or without a
#' score of the framework's parents; `cap_error_numeric` when no fixed weights
#' explain the scores.
#' @references Lawson, C. and Hanson, R. (1974), *Solving Least Squares
#'   Problems*.
#' @export
#' @examples
#' answers <- cap_answers(subset(gci_items, edition == 2020), "gci-2020")
#' implied <- cap_weights_implied(answers, gci_scores)
#' implied
#' head(as.data.frame(implied))
cap_weights_implied <- function(answers, scores, threshold = 1e-4, mads = 10) {
  check_answers(answers)
  check_number(threshold, "threshold", min = 0)
  check_number(mads, "mads", min = 0)
  framework <- answers$framework
  scores <- as_scores(scores, "scores", root_code(framework))
  check_score_codes(scores, list(answers), "scores")
  shares <- published_shares(answers, scores)
  inner <- setdiff(seq_along(framework$depth), framework$leaves)
  fits <- lapply(inner, function(node) implied_parent(framework, node, shares, threshold, mads))
  fitted <- !vapply(fits, is.null, NA)
  if (!any(fitted)) {
    cap_abort_input(c(
      "{.arg scores} has no score of a parent in {.val {framework$id}} for these units and editions.",
      "i" = "Parents: {some_of(framework$items$code[inner], 8L)}."
    ))
  }
  weight <- framework$items$weight
  for (fit in fits[fitted]) weight[fit$children] <- fit$weight
  result <- new_weights(framework, weight, term("weights_method.implied"),
    details = list(kept = framework$items$code[inner[!fitted]]), subclass = "cap_weights_implied"
  )
  result$parents <- do.call(rbind, lapply(fits[fitted], `[[`, "figures"))
  result$residuals <- do.call(rbind, lapply(fits[fitted], residual_table, answers = answers))
  result$unclear <- unlist(lapply(fits[fitted], `[[`, "unclear"))
  result
}

# Shares of every node, rows x nodes: items from the answers, parents as
# published (NA where they are not).
#' @export
result_tables.cap_weights_implied <- function(x, lang, ...) {
  list(weights = lazy_table(x$table, term("caption_class.weights_implied")))
}

published_shares <- function(answers, scores) {
  framework <- answers$framework
  max <- framework$items$max
  shares <- t(t(observed_scores(answers)$scores) / max)
  row_key <- paste(answers$unit, answers$edition, sep = "\r")
  for (node in setdiff(seq_along(max), framework$leaves)) {
    own <- scores[scores$item == framework$items$code[node], ]
    at <- match(row_key, paste(own$unit, own$edition, sep = "\r"))
    shares[, node] <- own$value[at] / own$max[at]
  }
  shares
}

implied_parent <- function(framework, node, shares, threshold, mads) {
  children <- which(framework$arrays$parent == node)
  complete <- !is.na(rowSums(shares[, c(node, children), drop = FALSE]))
  if (!any(complete)) {
    return(NULL)
  }
  max <- framework$items$max[node]
  code <- framework$items$code[node]
  fit <- tryCatch(
    .Call(
      C_implied_weights, shares[, children, drop = FALSE], shares[, node] * max,
      list(total = max, threshold = threshold, mads = mads)
    ),
    cap_error_numeric = function(e) {
      cap_abort_numeric(c(
        "The scores of {.val {code}} cannot be explained by fixed weights of its items.",
        "i" = "More than half of the units would have to be set aside: are both of one edition, and {code} the sum of these items?"
      ), arg = "scores", items = code)
    }
  )
  fit$children <- children
  fit$code <- code
  fit$unclear <- framework$items$code[children][fit$unclear]
  fit$figures <- data.frame(parent = code, max = max, as.list(fit$figures))
  fit
}

residual_table <- function(fit, answers) {
  seen <- !is.nan(fit$residual)
  data.frame(
    unit = answers$unit[seen], edition = answers$edition[seen], item = fit$code,
    residual = fit$residual[seen], set_aside = fit$aside[seen] > 0L
  )
}

#' @export
cap_findings.cap_weights_implied <- function(x, ..., lang = "en") {
  aside <- x$residuals[x$residuals$set_aside, ]
  findings(
    lang,
    finding("implied.fit",
      parents = nrow(x$parents), largest = figure(signif(max(x$parents$largest), 2L), NULL), framework = title_in(lang, x$framework)
    ),
    finding(if (nrow(aside) > 0L) "implied.aside" else "implied.none_aside",
      n = nrow(aside), cells = first_of(cell_label(aside$unit, aside$edition, aside$item))
    ),
    if (length(x$unclear) > 0L) finding("implied.unclear", items = first_of(x$unclear, 10L)),
    if (length(x$details$kept) > 0L) finding("implied.kept", parents = first_of(x$details$kept))
  )
}
