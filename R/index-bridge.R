#' What a published change is made of
#'
#' Editions differ in method, so a published change mixes what countries did
#' with what the index changed. The bridge splits each unit's change exactly:
#' published change = answers + weights + items.
#'
#' @param from,to Indices of the earlier and the later edition, each of one
#'   edition, computed by the arithmetic rule.
#' @param match How items of the two frameworks belong together: a data frame
#'   `from`, `to` of codes; by default items of the same `concept` (see
#'   [cap_framework()]), so that child online protection, TS4 in 2020 and OS4 in
#'   2024, is one item that moved.
#'
#' @details
#' With item values v (0 to 1) and points w (what full marks of the item bring
#' to the level), over matched items:
#' \describe{
#'   \item{answers}{\eqn{\sum w_{to} (v_{to} - v_{from})}: the change **like for
#'     like**, the earlier edition's items under the later edition's weights.}
#'   \item{weights}{\eqn{\sum (w_{to} - w_{from}) v_{from}}, for items that
#'     stayed under the same parent.}
#'   \item{items}{the same for items that moved to another parent, and the points
#'     of items added, less those of items dropped.}
#' }
#' The parts add up to the change at the root and at each level that both
#' frameworks have, and pillars add up to the root where they do in the index.
#'
#' @section Missing values:
#' Where an answer is missing the weights are those that the unit's own score
#' used (see [cap_index()]), and an item that is answered in one edition only
#' counts as added or dropped for that unit, in `items`. Units and levels without
#' a score at either end have `NA`.
#' @return An object of class `cap_bridge`. `as.data.frame()` gives
#'   `unit, level, item, score_from, score_to, published, answers, weights,
#'   items` for the units that both have.
#' @section Errors:
#' `cap_error_input` for indices of several editions, rules other than
#' arithmetic, different scales (of the root, or of a level: the condition has its codes
#' in `items`), no unit or item in common, and codes in `match`
#' that a framework lacks or that stand twice.
#' @export
#' @examples
#' gci <- function(year) {
#'   cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
#' }
#' bridge <- cap_bridge(gci(2020), gci(2024))
#' subset(as.data.frame(bridge), unit == "CHL" & level == "overall")
cap_bridge <- function(from, to, match = NULL) {
  check_bridge_end(from, "from")
  check_bridge_end(to, "to")
  units <- intersect(to$unit, from$unit)
  if (length(units) == 0L) {
    cap_abort_input("{.arg from} and {.arg to} have no unit in common.")
  }
  if (root_max(from$framework) != root_max(to$framework)) {
    cap_abort_input(c(
      "{.arg from} and {.arg to} must be on one scale.",
      "x" = "{.arg from} runs to {root_max(from$framework)}, {.arg to} to {root_max(to$framework)}."
    ))
  }
  leaf_from <- match_items(from$framework, to$framework, match)
  node_from <- match(to$framework$items$code, from$framework$items$code)
  node_from[to$framework$root] <- from$framework$root
  node_from[to$framework$leaves] <- NA
  check_node_maxima(from$framework$items, to$framework$items, node_from)
  at_from <- match(units, from$unit)
  at_to <- match(units, to$unit)
  parts <- .Call(
    C_bridge_split,
    weighted_arrays(from$spec$weights, from$framework),
    weighted_arrays(to$spec$weights, to$framework),
    from$scores[at_from, , drop = FALSE], to$scores[at_to, , drop = FALSE],
    as.integer(leaf_from), as.integer(node_from)
  )
  new_result("cap_bridge",
    framework = to$framework,
    editions = list(from = last_edition(from), to = last_edition(to)),
    table = bridge_table(units, from, to, at_from, at_to, node_from, parts),
    matched = matched_items(from$framework, to$framework, leaf_from),
    left_out = list(from = setdiff(from$unit, units), to = setdiff(to$unit, units))
  )
}

check_bridge_end <- function(x, arg) {
  check_index(x, arg)
  editions <- unique(x$edition)
  if (length(editions) != 1L) {
    cap_abort_input("{.arg {arg}} must hold one edition, not {.val {editions}}.")
  }
  if (!all(x$spec$aggregate == "arithmetic")) {
    cap_abort_input(c(
      "{.arg {arg}} must be computed by the arithmetic rule.",
      "i" = "Other rules have no exact split into answers, weights and items."
    ))
  }
  invisible(x)
}

# A pillar of 1 and one of 10 points differ where nothing changed. (Items are
# compared by their shares.)
check_node_maxima <- function(from, to, node_from) {
  at <- which(!is.na(node_from))
  before <- from$max[node_from[at]]
  off <- !is_same_maximum(to$max[at], before)
  if (any(off)) {
    maxima <- paste(format_maximum(before), "in `from`,", format_maximum(to$max[at]), "in `to`")
    stop_unlike_maxima("The two ends of a bridge", to$code[at][off], to$level[at][off], maxima[off])
  }
  invisible(from)
}

# For each leaf of `to` the matching leaf of `from`, NA for none.
match_items <- function(from, to, match) {
  code_from <- leaf_codes(from)
  code_to <- leaf_codes(to)
  if (is.null(match)) {
    concept <- function(f) f$items$concept[f$leaves]
    for (f in list(from, to)) {
      twice <- duplicated(concept(f))
      if (any(twice)) {
        cap_abort_input(
          "Concepts must differ within {.val {f$id}}: {some_of(concept(f)[twice])}.", items = leaf_codes(f)[twice]
        )
      }
    }
    leaf <- match(concept(to), concept(from))
  } else {
    check_table(match, "match")
    check_columns(match, c("from", "to"), "match")
    check_items(match$from, code_from, "match", from)
    check_items(match$to, code_to, "match", to)
    leaf <- match(match$from[match(code_to, match$to)], code_from)
  }
  if (all(is.na(leaf))) {
    cap_abort_input("{.val {from$id}} and {.val {to$id}} have no item in common.")
  }
  leaf
}

# data frame from, to, change ("kept", "moved", "added", "dropped").
matched_items <- function(from, to, leaf_from) {
  code_from <- leaf_codes(from)
  parent <- function(f, codes) f$items$parent[match(codes, f$items$code)]
  table <- data.frame(from = code_from[leaf_from], to = leaf_codes(to))
  same <- parent(from, table$from) == parent(to, table$to)
  table$change <- ifelse(is.na(table$from), "added", ifelse(same, "kept", "moved"))
  dropped <- setdiff(code_from, table$from)
  rbind(table, data.frame(
    from = dropped, to = rep(NA_character_, length(dropped)),
    change = rep("dropped", length(dropped))
  ))
}

bridge_table <- function(units, from, to, at_from, at_to, node_from, parts) {
  nodes <- which(!is.na(node_from))
  n <- length(units)
  k <- length(nodes)
  flat <- function(m, at, columns) as.vector(t(m[at, columns, drop = FALSE]))
  score_from <- flat(from$scores, at_from, node_from[nodes])
  score_to <- flat(to$scores, at_to, nodes)
  part <- function(name) na_figure(flat(parts[[name]], seq_len(n), nodes))
  data.frame(
    unit = rep(units, each = k), level = rep(to$framework$items$level[nodes], n),
    item = rep(to$framework$items$code[nodes], n),
    score_from = na_figure(score_from), score_to = na_figure(score_to),
    published = na_figure(score_to - score_from),
    answers = part("answers"), weights = part("weights"), items = part("items")
  )
}

#' @export
result_tables.cap_bridge <- function(x, lang, ...) {
  overall <- bridge_overall(x)
  caption <- term("caption.bridge", from = x$editions$from, to = x$editions$to)
  list(changes = lazy_table(x$table, caption, overall[setdiff(names(overall), c("level", "item"))]))
}

bridge_overall <- function(x) {
  x$table[x$table$item == root_code(x$framework), ]
}

# Means of a bridge's rows: c(answers, weights, items, published).
mean_changes <- function(table) {
  parts <- c("answers", "weights", "items", "published")
  figures <- group_figures(do.call(cbind, table[parts]), NULL, list(seq_len(nrow(table))))
  stats::setNames(figures[, "mean"], parts)
}

# Whether a change is one when printed to one decimal on the scale up to 100.
is_change <- function(x, max) abs(round_half_up(100 * x / max, 1L)) > 0

# Whether the score went one way and the answers the other.
is_reversed <- function(table, max) {
  (100 * table$published / max) * (100 * table$answers / max) < -slack("spread")
}

#' @export
cap_findings.cap_bridge <- function(x, ..., lang = "en") {
  table <- bridge_overall(x)
  table <- table[!is.na(table$published), ]
  means <- mean_changes(table)
  max <- root_max(x$framework)
  reversed <- is_reversed(table, max)
  moved <- x$matched[x$matched$change != "kept", ]
  findings(
    lang,
    finding("bridge.mean",
      n = nrow(table), from = x$editions$from, to = x$editions$to,
      answers = means[["answers"]], published = means[["published"]],
      method = means[["weights"]] + means[["items"]]
    ),
    finding("bridge.up",
      up = sum(is_change(table$answers, max) & table$answers > 0),
      down = sum(is_change(table$answers, max) & table$answers < 0),
      same = sum(!is_change(table$answers, max))
    ),
    finding_if_any("bridge.reversed", units = table$unit[reversed], most = 10L),
    if (nrow(moved) > 0L) finding("bridge.items", items = describe_moves(moved)),
    finding_if_any("bridge.left_out", units = unlist(x$left_out))
  )
}

describe_moves <- function(moved) {
  listed(Map(function(from, to, change) {
    switch(change,
      moved = term("item.moved", from = from, to = to),
      added = term("item.added", item = to),
      dropped = term("item.dropped", item = from)
    )
  }, moved$from, moved$to, moved$change), by = "list.semicolon")
}
