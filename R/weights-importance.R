#' What the weights say and what they do
#'
#' One table of every item and level: its nominal weight within its parent, its
#' effective weight in the whole index, how closely the index follows it, and
#' how far experts disagreed about it. The gap between what a weight says and
#' what it does.
#'
#' @param index From [cap_index()].
#' @param edition The edition to look at; the last one by default.
#'
#' @details
#' \describe{
#'   \item{nominal}{weight within the parent (sum 1).}
#'   \item{effective}{product of the weights up to the root: share of the index's
#'     points (the items' sum to 1).}
#'   \item{correlation}{Pearson's correlation of the item with the index.}
#'   \item{importance}{first-order variance share (correlation ratio), the share
#'     of the index's variance that a function of this item explains:
#'     \eqn{\eta^2 = \sum (m(x_i) - \bar y)^2 / \sum (y_i - \bar y)^2}, m a local
#'     linear fit by a Gaussian kernel of bandwidth \eqn{1.06 s n^{-1/5}}.}
#'   \item{realised}{importance divided by its sum over the items of the level:
#'     beside `effective`, what the weight does beside what it says.}
#'   \item{se}{standard error of the nominal weight over the experts; `NA`
#'     without experts.}
#' }
#' Items that vary together each carry the variance of the others, so the
#' importances of a level may sum to more than 1.
#'
#' @section Missing values:
#' Units without a score of the item or the index are left out (`n`). An item
#' that does not vary has `NA` correlation and importance.
#' @section Errors:
#' `cap_error_input` for what is no index and for an edition that the index lacks.
#' @return An object of class `cap_importance`. `as.data.frame()` gives
#'   `level, item, parent, label, nominal, effective, correlation, importance,
#'   realised, se, n`.
#' @references Paruolo, P., Saisana, M. and Saltelli, A. (2013), Ratings and
#'   rankings: voodoo or science?, *Journal of the Royal Statistical Society A*
#'   176. Silverman, B. (1986), *Density Estimation*.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' importance <- cap_importance(gci)
#' importance
#' plot(importance)
cap_importance <- function(index, edition = NULL) {
  check_index(index)
  edition <- edition %||% last_edition(index)
  check_edition(edition, index$edition, "the index")
  rows <- edition_rows(index, edition)
  framework <- index$framework
  nodes <- setdiff(seq_along(framework$depth), framework$root)
  figures <- .Call(
    C_importance, index$scores[rows, nodes, drop = FALSE], index$scores[rows, framework$root]
  )
  w <- as.data.frame(index$spec$weights)
  at <- match(framework$items$code[nodes], w$item)
  table <- data.frame(
    level = framework$items$level[nodes], item = framework$items$code[nodes],
    parent = framework$items$parent[nodes], label = framework$items$label[nodes],
    nominal = w$weight[at], effective = node_points(index)[nodes] / root_max(framework),
    correlation = na_figure(figures[, "correlation"]), importance = na_figure(figures[, "ratio"]),
    se = w$se[at], n = as.integer(figures[, "n"])
  )
  total <- tapply(table$importance, table$level, sum, na.rm = TRUE)
  table$realised <- table$importance / as.vector(total[table$level])
  table <- table[c(
    "level", "item", "parent", "label", "nominal", "effective", "correlation", "importance",
    "realised", "se", "n"
  )]
  new_result("cap_importance", framework = framework, edition = edition, table = table)
}

#' @export
result_tables.cap_importance <- function(x, lang, ...) {
  list(items = lazy_table(x$table, term("caption.importance", title = title_in(lang, x$framework))))
}

# The items of the lowest level, where weights are given to answers.
importance_leaves <- function(x) {
  x$table[x$table$item %in% leaf_codes(x$framework) & !is.na(x$table$importance), ]
}

#' @export
cap_findings.cap_importance <- function(x, ..., lang = "en") {
  items <- framework_in(lang, x$framework)$items
  x$table$label <- items$label[match(x$table$item, items$code)]
  leaves <- importance_leaves(x)
  constant <- x$table$item[is.na(x$table$importance)]
  gap <- leaves$realised - leaves$effective
  more <- leaves[which.max(gap), ]
  less <- leaves[which.min(gap), ]
  extreme <- function(key, row) {
    finding(key, label = row$label, code = row$item, effective = 100 * row$effective, realised = 100 * row$realised)
  }
  findings(
    lang,
    if (nrow(leaves) > 1L) extreme("importance.more", more),
    if (nrow(leaves) > 1L) extreme("importance.less", less),
    finding_if_any("importance.constant", items = constant)
  )
}
