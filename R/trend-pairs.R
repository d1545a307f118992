# Scores of the same units at two editions: what decompositions, convergence and
# mobility read. Like for like where the indices are at hand, else as published.

# list(unit, code, from, to, published, editions, scale, method, method_words, like_for_like,
# left_out, framework, panel, indices): `from` and `to` are matrices of units x
# codes, the root first and then the parts that add up to it; `published` is the
# root at the earlier edition as published, where `from` is like for like;
# `indices` are those of the two ends, where they are at hand.
change_pair <- function(panel, from = NULL, to = NULL) {
  source <- change_source(panel)
  ends <- change_ends(source, from, to)
  bridge <- if (inherits(source, "cap_bridge")) source else bridge_of(source$indices, ends)
  if (is.null(bridge)) panel_pair(source, ends) else bridge_pair(bridge, ends, source)
}

# The bridge of the indices of two editions; NULL where one has none or they have
# no exact split (another rule, other items): the change is then as published, and
# is said to be.
bridge_of <- function(indices, ends) {
  ends <- indices[match(as.character(unlist(ends)), names(indices))]
  if (length(ends) == 2L && !any(vapply(ends, is.null, NA))) {
    tryCatch(bridge_with_indices(unname(ends)), cap_error_input = function(e) NULL)
  }
}

bridge_with_indices <- function(indices) {
  bridge <- cap_bridge(indices[[1L]], indices[[2L]])
  bridge$indices <- indices
  bridge
}

# A cap_bridge for one and for two indices of one edition each, else a cap_panel.
change_source <- function(panel, arg = "panel") {
  if (inherits(panel, c("cap_bridge", "cap_panel"))) {
    return(panel)
  }
  if (inherits(panel, "cap_index") || is.data.frame(panel)) {
    return(cap_panel(panel))
  }
  if (is.list(panel) && length(panel) == 2L && all(vapply(panel, inherits, NA, "cap_index"))) {
    editions <- lapply(unname(panel), function(x) unique(x$edition))
    if (all(lengths(editions) == 1L)) panel <- panel[order(unlist(editions))]
    return(bridge_with_indices(unname(panel)))
  }
  stop_no_scores(panel, arg, "two editions")
}

stop_no_scores <- function(x, arg, n) {
  cap_abort_input(c(
    "{.arg {arg}} must hold scores of {n} or more, not {.obj_type_friendly {x}}.",
    "i" = "Give a {.fn cap_panel}, an index or a data frame {.field unit}, {.field edition}, {.field value}.",
    "i" = "For like for like give two indices: {.code list(earlier, later)} or {.code cap_bridge(earlier, later)}."
  ))
}

stop_no_users <- function(edition) {
  cap_abort_input(c(
    "{.arg users} has no internet users of the units of {.arg panel} in edition {some_editions(edition)}.",
    "i" = "Give {.field unit}, {.field edition} and {.field users}, or {.code users = NULL} for simple figures."
  ))
}

source_editions <- function(source) {
  if (inherits(source, "cap_bridge")) unlist(source$editions, use.names = FALSE) else unique(source$table$edition)
}

panel_editions <- function(panel) source_editions(change_source(panel))

# The two editions of a change: like for like first, so that where neither is named
# and the source holds indices of two editions or more, their first and last.
change_ends <- function(source, from, to) {
  editions <- source_editions(source)
  indexed <- editions[as.character(editions) %in% names(source$indices)]
  if (is.null(from) && is.null(to) && length(indexed) > 1L) {
    return(list(from = indexed[1L], to = indexed[length(indexed)]))
  }
  chosen_editions(editions, from, to)
}

# The two editions, by default the first and the last.
chosen_editions <- function(editions, from, to) {
  if (length(editions) < 2L) {
    cap_abort_input("{.arg panel} must hold two editions; it holds {.val {editions}} only.")
  }
  pick <- function(x, arg, default) {
    if (is.null(x)) {
      return(default)
    }
    if (is.atomic(x)) x <- as.character(x)
    editions[match(check_edition(x, as.character(editions), "`panel`", arg), as.character(editions))]
  }
  out <- list(from = pick(from, "from", editions[1L]), to = pick(to, "to", editions[length(editions)]))
  if (match(out$from, editions) >= match(out$to, editions)) {
    given <- as.character(unlist(out))
    cap_abort_input("{.arg from} must be an earlier edition than {.arg to}; they are {.val {given}}.")
  }
  out
}

# On the scale of the panel that the indices come from.
bridge_pair <- function(bridge, ends, source) {
  table <- bridge$table
  root <- root_code(bridge$framework)
  scale <- source$scale %||% root_max(bridge$framework)
  factor <- scale / root_max(bridge$framework)
  unit <- sort(unique(table$unit), method = "radix")
  wide <- function(value) wide_scores(table$unit, table$item, value * factor, unit, root)
  end <- wide(table$score_to)
  start <- wide(table$score_to - table$answers)
  parts <- adding_parts(start, end, table$level[match(colnames(end), table$item)], scale)
  list(
    unit = unit, code = parts, from = start[, parts, drop = FALSE], to = end[, parts, drop = FALSE],
    published = wide(table$score_from)[, root], editions = ends, scale = scale, method = NULL,
    like_for_like = TRUE, left_out = unlist(bridge$left_out, use.names = FALSE), framework = bridge$framework,
    panel = if (inherits(source, "cap_panel")) source, indices = bridge$indices
  )
}

panel_pair <- function(panel, ends) {
  table <- panel$table
  root <- table$item[table$is_root][1L]
  rows <- lapply(ends, function(e) table[table$edition == e, ])
  unit <- sort(unique(unlist(lapply(rows, `[[`, "unit"))), method = "radix")
  codes <- intersect(rows$from$item, rows$to$item)
  wide <- function(t) {
    t <- t[t$item %in% codes, ]
    wide_scores(t$unit, t$item, t$score, unit, root, codes)
  }
  start <- wide(rows$from)
  end <- wide(rows$to)
  parts <- adding_parts(start, end, rows$to$level[match(colnames(end), rows$to$item)], panel$scale)
  list(
    unit = unit, code = parts, from = start[, parts, drop = FALSE], to = end[, parts, drop = FALSE],
    published = NULL, editions = ends, scale = panel$scale,
    method = vapply(rows, function(r) r$method[r$is_root][1L], ""), method_words = panel$method_words,
    like_for_like = FALSE,
    left_out = character(), framework = NULL, panel = panel, indices = NULL
  )
}

# Units x codes, the root first.
wide_scores <- function(unit, code, value, units, root, codes = unique(code)) {
  codes <- c(root, sort(setdiff(codes, root), method = "radix"))
  out <- matrix(NA_real_, length(units), length(codes), dimnames = list(units, codes))
  out[cbind(match(unit, units), match(code, codes))] <- value
  out
}

# The root and the codes of the highest level whose scores add up to it, at both
# ends; the root alone where none does.
adding_parts <- function(from, to, level, scale) {
  codes <- colnames(to)
  adds_up <- function(part) {
    gap <- c(rowSums(from[, part, drop = FALSE]) - from[, 1L], rowSums(to[, part, drop = FALSE]) - to[, 1L])
    known <- c(from[, 1L], to[, 1L])
    !anyNA(gap[!is.na(known)]) && all(abs(gap[!is.na(known)]) < slack("sum") * scale)
  }
  levels <- split(codes[-1L], level[-1L])
  levels <- Filter(function(part) length(part) > 1L && adds_up(part), levels)
  c(codes[1L], if (length(levels) > 0L) levels[[which.min(lengths(levels))]])
}

# list(from, to) of users of each unit, NULLs for none given.
pair_users <- function(pair, users) {
  if (is.null(users)) {
    return(list(from = NULL, to = NULL))
  }
  at <- function(edition) match_users(list(unit = pair$unit, edition = rep(edition, length(pair$unit))), users)
  out <- lapply(pair$editions, at)
  for (end in names(out)) {
    if (!any(out[[end]] > 0, na.rm = TRUE)) {
      stop_no_users(pair$editions[[end]])
    }
  }
  out
}

# Units with a score and, where users are given, with users, at an end.
is_present <- function(scores, users) {
  !is.na(scores[, 1L]) & (if (is.null(users)) TRUE else !is.na(users) & users > 0)
}

# Years between the two editions.
pair_years <- function(pair, years) {
  if (!is.null(years)) {
    return(check_number(years, "years", min = least_positive))
  }
  ends <- suppressWarnings(as.numeric(c(as.character(pair$editions$from), as.character(pair$editions$to))))
  if (anyNA(ends)) {
    cap_abort_input(c(
      "The editions {.val {as.character(unlist(pair$editions))}} are no years.",
      "i" = "Say how many years lie between them with {.arg years}."
    ))
  }
  ends[2L] - ends[1L]
}

# What every comparison of two editions says of its method.
pair_findings <- function(pair) {
  both <- !is.na(pair$from[, 1L]) & !is.na(pair$to[, 1L])
  ends <- list(from = pair$editions$from, to = pair$editions$to)
  list(
    if (pair$like_for_like) {
      finding("change.like_for_like",
        from = ends$from, to = ends$to, n = sum(both),
        answers = mean(pair$to[both, 1L] - pair$from[both, 1L]),
        published = mean((pair$to[, 1L] - pair$published)[both])
      )
    } else if (pair$method[[1L]] != pair$method[[2L]]) {
      method <- method_words(pair$method_words, unname(pair$method))
      finding("change.break", from = ends$from, to = ends$to, before = method[[1L]], after = method[[2L]])
    },
    finding_if_any("change.left_out", units = pair$left_out)
  )
}

# Units that a user's table of groups names and the scores lack; a shipped grouping
# names the world.
unmatched_units <- function(groups, units) {
  if (is.data.frame(groups)) setdiff(as_groups(groups)$unit, units) else character()
}

unmatched_finding <- function(units, arg) {
  if (length(units) > 0L) finding("change.unmatched", n = length(units), arg = arg, units = first_of(units))
}

# Label of a node of the index: its own where the framework is known.
part_labels <- function(pair, codes) {
  items <- pair$framework$items
  found <- items$label[match(codes, items$code)]
  ifelse(is.na(found %||% rep(NA, length(codes))), codes, found)
}
