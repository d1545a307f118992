# What the indicators bring to the overall score of one unit, under the rules of its
# index: points that add up to the score, and the gain that is left in each.

# list(points, max, left: an item each; room: a pillar each). `max` and `points` are NA
# where the rules above an item do not add up, all where its answer is missing; `left`
# and `room` are what the overall score gains when that item, or all answered items of
# that pillar, alone were at their best answer.
unit_points <- function(index, row, frame) {
  framework <- index$framework
  scores <- index$scores[row, ]
  share <- scores[framework$leaves] / framework$items$max[framework$leaves]
  points <- if (anyNA(scores)) {
    arrays <- weighted_arrays(index$spec$weights, framework)
    node_points(index, as.vector(observed_weights(arrays, unname(t(scores)))$weight))
  } else {
    frame$points
  }
  max <- ifelse(frame$items$adds & !is.na(share), points[framework$leaves], NA_real_)
  node <- frame$pillars$node
  below_full <- 1 - scores[node] / framework$items$max[node]
  if (all(frame$items$adds)) {
    return(list(points = max * share, max = max, left = max - max * share, room = below_full * points[node]))
  }
  answered <- which(!is.na(share))
  of_pillar <- frame$items$node[answered]
  gain <- raised_gains(index, row, c(answered, lapply(node, function(p) answered[of_pillar == p])))
  left <- rep(NA_real_, length(share))
  left[answered] <- gain[seq_along(answered)]
  room <- gain[length(answered) + seq_along(node)]
  # where no part alone brings anything, or none can be told, by the weights
  if (!any(points_key(room, root_max(framework)) > 0, na.rm = TRUE)) room <- below_full * frame$points[node]
  room[is.na(scores[node])] <- NA_real_
  list(points = max * share, max = max, left = left, room = room)
}

# Whether all rules above each item are weighted sums, so that its points add up.
leaves_add_up <- function(index) {
  framework <- index$framework
  parameters <- attr(index$spec$aggregate, "parameters")
  adds <- vapply(seq_along(index$spec$aggregate), function(level) {
    rule <- index$spec$aggregate[[level]]
    rule == "arithmetic" || rule == "generalised_mean" && parameters[[level]]$r == 1
  }, NA)
  node <- framework$leaves
  out <- rep(TRUE, length(node))
  while (any(node != framework$root)) {
    node <- ifelse(node == framework$root, node, framework$arrays$parent[node])
    out <- out & adds[framework$depth[node] + 1L]
  }
  out
}

# The gain of the overall score when the items of each set alone are at their best
# answer, in one call of the core; NA for rules that compare a unit with others, and
# where a rule has no value.
raised_gains <- function(index, row, sets) {
  framework <- index$framework
  if (compares_units(index)) {
    return(rep(NA_real_, length(sets)))
  }
  best <- best_answers(framework, leaf_codes(framework))
  values <- index$answers$values[rep(row, length(sets) + 1L), , drop = FALSE]
  for (k in seq_along(sets)) values[k, sets[[k]]] <- best[sets[[k]]]
  tryCatch(
    {
      score <- score_panel(weighted_arrays(index$spec$weights, framework), values, index$spec)$scores[, framework$root]
      score[seq_along(sets)] - score[length(score)]
    },
    cap_error_numeric = function(e) append(raised_gains(index, row, sets[-e$cell[["row"]]]), NA_real_, e$cell[["row"]] - 1L)
  )
}

# Rules by which a score depends on the other units.
compares_units <- function(index) any(index$spec$aggregate %in% c("copeland", "kemeny"))
