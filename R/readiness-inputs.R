# What cap_readiness() is given, checked and laid out as rows x items.

# list(answers, arrays, aggregate, score, twin): answers to the framework asked
# for, the weighted tree, its rules, and the scores of an index as they are.
readiness_input <- function(answers, framework, weights, twin) {
  index <- if (inherits(answers, "cap_index")) answers
  answers <- if (is.null(index)) check_answers(answers) else index$answers
  framework <- if (is.null(framework)) answers$framework else cap_framework(framework)
  own <- !is.null(index) && is.null(weights) && identical(framework$items, answers$framework$items)
  answers <- answers_for(answers, framework)
  check_on_scale(answers)
  weights <- if (own) index$spec$weights else as_weights(weights, framework)
  list(
    answers = answers, arrays = weighted_arrays(weights, framework), weights = weights,
    aggregate = if (own) index$spec$aggregate else level_rules("arithmetic", framework),
    score = if (own) 100 * index$scores[, framework$root] / root_max(framework),
    twin = level_rules(stats::setNames(list(twin), framework$levels[1L]), framework)
  )
}

# The same answers read through another framework on the same items.
answers_for <- function(answers, framework) {
  if (identical(answers$framework, framework)) {
    return(answers)
  }
  from <- answers$framework
  codes <- leaf_codes(framework)
  at <- match(codes, leaf_codes(from))
  if (anyNA(at)) {
    cap_abort_input(c(
      "{.arg answers} are to {.val {from$id}} and lack items of {.val {framework$id}}: {some_items(codes[is.na(at)])}.",
      "i" = "Read them with {.code cap_answers(data, \"{framework$id}\")}."
    ))
  }
  scale <- function(f, k) f$items[f$leaves[k], c("min", "max", "direction")]
  other <- rowSums(scale(from, at) != scale(framework, seq_along(codes))) > 0
  check_none(codes[other], "{.arg answers} are on another scale than {.val {framework$id}} has for {some_items(bad)}.")
  off <- answers$off_scale
  answers$off_scale <- data.frame(row = off$row, column = match(off$column, at))[off$column %in% at, ]
  answers$values <- answers$values[, at, drop = FALSE]
  if (!is.null(answers$sources)) answers$sources <- answers$sources[, at, drop = FALSE]
  answers$framework <- framework
  answers
}

# A step of each item: one for all, or by name; the others keep the usual one.
as_steps <- function(step, usual, framework) {
  if (is.null(step)) {
    return(usual)
  }
  check_not_integer64(step, "step")
  if (!is.numeric(step) || !all(is.finite(step) & step > 0) || is.null(names(step)) && length(step) != 1L) {
    cap_abort_input("{.arg step} must be one number above 0, or numbers named by item.")
  }
  if (is.null(names(step))) {
    return(rep(as.double(step), length(usual)))
  }
  check_items(names(step), leaf_codes(framework), "step", framework)
  replace(usual, match(names(step), leaf_codes(framework)), as.double(step))
}

# Cells ------------------------------------------------------------------------

# list(value, lowest, highest, applies, missing, ungraded, reliability), rows x
# items but the scale (a figure an item): values in points, of which more is
# better; reliability NA without a grade and NULL without evidence.
readiness_cells <- function(answers, not_applicable, evidence, reliability) {
  framework <- answers$framework
  direction <- framework$items$direction[framework$leaves]
  lowest <- as.double(leaf_min(framework))
  highest <- as.double(leaf_max(framework))
  value <- answers$values
  for (k in which(direction < 0)) value[, k] <- lowest[k] + highest[k] - value[, k]
  applies <- !marked_cells(not_applicable, answers, "not_applicable")
  check_applicable(applies, answers)
  missing <- is.na(value) & applies
  trust <- if (!is.null(evidence)) graded_cells(evidence, answers, reliability)
  ungraded <- if (is.null(trust)) matrix(FALSE, nrow(value), ncol(value)) else is.na(trust) & applies & !missing
  list(
    value = value, lowest = lowest, highest = highest, applies = applies,
    missing = missing, ungraded = ungraded, reliability = trust
  )
}

marked_cells <- function(table, answers, arg) {
  out <- matrix(FALSE, nrow(answers$values), ncol(answers$values))
  if (!is.null(table)) out[match_cells(table, answers, arg)$at] <- TRUE
  out
}

# Where the rows of a table (unit, item and perhaps edition) stand in the
# answers: list(at, a two-column matrix, and `from`, the row of the table).
# Units and editions that are not there are left out; items must be known.
match_cells <- function(table, answers, arg) {
  check_table(table, arg)
  unit <- unit_column(table, arg)
  check_columns(table, "item", arg)
  codes <- leaf_codes(answers$framework)
  item <- as_code(table[["item"]])
  column <- match(item, codes)
  check_items(unique(item), codes, arg, answers$framework)
  units <- row_units(table, unit)
  edition <- if (!is.null(table[["edition"]])) as.character(tidy_edition(table[["edition"]]))
  rows <- split(seq_along(answers$unit), factor(answers$unit, unique(answers$unit)))[units]
  from <- rep(seq_along(rows), lengths(rows))
  row <- unlist(rows, use.names = FALSE)
  keep <- if (is.null(edition)) rep(TRUE, length(row)) else edition[from] == as.character(answers$edition)[row]
  at <- cbind(row, column[from])[keep, , drop = FALSE]
  from <- from[keep]
  again <- duplicated(at)
  if (any(again)) {
    twice <- unique(at[again, , drop = FALSE])
    cap_abort_input(paste(
      "{.arg {arg}} has cells more than once:",
      "{some_cells(answers$unit[twice[, 1L]], answers$edition[twice[, 1L]], codes[twice[, 2L]])}."
    ))
  }
  if (nrow(table) > 0L && nrow(at) == 0L) {
    cap_abort_input("No unit and edition of {.arg {arg}} is in {.arg answers}: {some_units(units)}.")
  }
  stray <- setdiff(units, answers$unit)
  if (length(stray) > 0L) {
    warn_classed(c(
      "{.arg {arg}} has units that {.arg answers} lack: {some_of(stray)}.",
      "i" = "Their rows are left out; if they are meant to count, correct the codes."
    ))
  }
  list(at = at, from = from)
}

row_units <- function(table, column) {
  coded <- code_units(table[[column]])
  coded$units[coded$code]
}

check_applicable <- function(applies, answers) {
  framework <- answers$framework
  optional <- framework$items$optional[framework$leaves] > 0
  closed <- if (any(optional)) leaf_codes(framework)[!optional & colSums(!applies) > 0] else character()
  if (length(closed) > 0L) stop_closed(closed, framework)
  check_gates_left(applies, answers, optional)
  nothing <- rowSums(applies) == 0L
  if (any(nothing)) {
    cap_abort_input(
      "No item applies to {some_cells(answers$unit[nothing], answers$edition[nothing])}: there is nothing to read.",
      arg = "not_applicable"
    )
  }
  invisible(applies)
}

# Items that the framework does not leave open were declared not applicable.
stop_closed <- function(codes, framework) {
  cap_abort_input(c(
    "{.val {framework$id}} does not leave open whether all items of {.arg not_applicable} apply.",
    "x" = "Declared not applicable: {some_items(codes)}.",
    "i" = "Items that its table marks {.field optional} may be left out; others apply to all."
  ))
}

# What must be there cannot be declared away: a gate all of whose items do not
# apply holds only where the framework marks them optional.
check_gates_left <- function(applies, answers, optional) {
  gates <- framework_gates(answers$framework)
  for (g in seq_len(gates$n_groups %||% 0L)) {
    items <- gates$item[seq(gates$group_start[g] + 1L, gates$group_start[g + 1L])]
    if (any(items > ncol(applies)) || all(optional[items])) next
    emptied <- rowSums(applies[, items, drop = FALSE]) == 0L
    if (any(emptied)) {
      stage <- gates$stage[gates$group_stage[g] + 1L]
      codes <- leaf_codes(answers$framework)[items]
      cap_abort_input(c(
        paste(
          "{.arg not_applicable} leaves nothing of a gate of stage {stage} ({some_items(codes)})",
          "for {some_units(answers$unit[emptied])}."
        ),
        "i" = "A stage cannot be reached without them; only items that the framework marks {.field optional} can be left out so."
      ))
    }
  }
  invisible(applies)
}

# Reliability of each cell, NA without a grade.
graded_cells <- function(evidence, answers, reliability) {
  check_table(evidence, "evidence")
  check_columns(evidence, "grade", "evidence")
  out <- matrix(NA_real_, nrow(answers$values), ncol(answers$values))
  cells <- match_cells(evidence, answers, "evidence")
  check_grades(evidence, names(reliability))
  out[cells$at] <- reliability[as_code(evidence[["grade"]])[cells$from]]
  out
}

check_grades <- function(evidence, known) {
  grade <- as_code(evidence[["grade"]])
  bad <- !is.na(grade) & !grade %in% known
  if (any(bad)) {
    unit <- row_units(evidence, unit_column(evidence, "evidence"))[bad]
    item <- as_code(evidence[["item"]])[bad]
    cap_abort_input(c(
      "Grades of {.arg evidence} must be {.or {.val {known}}}, or empty.",
      "x" = "They are not: {some_of(grade[bad])} at {some_cells(unit, NA, item)}."
    ))
  }
  invisible(evidence)
}

# Scores -----------------------------------------------------------------------

# list(score, score_low, score_high, twin, branches): 0 to 100; missing answers
# at the least level, and for low and high all unknown ones at either end.
readiness_scores <- function(input, cells) {
  framework <- input$answers$framework
  points <- function(rule, unknown, level) {
    value <- cells$value
    value[unknown] <- level[col(value)[unknown]]
    node_scores(input, cells, value, rule)
  }
  unknown <- cells$missing | cells$ungraded
  share <- 100 / framework$items$max
  of_root <- function(nodes) nodes[, framework$root] * share[framework$root]
  nodes <- points(input$aggregate, cells$missing, cells$lowest)
  scored <- !is.null(input$score) && all(cells$applies)
  score <- of_root(nodes)
  if (scored) score <- ifelse(is.na(input$score), score, input$score)
  list(
    score = na_figure(score),
    score_low = of_root(points(input$aggregate, unknown, cells$lowest)),
    score_high = of_root(points(input$aggregate, unknown, cells$highest)),
    twin = na_figure(of_root(points(input$twin, cells$missing, cells$lowest))),
    branches = na_figure(t(t(nodes) * share)[, pillar_nodes(framework), drop = FALSE])
  )
}

# Scores of all nodes from values in points (more is better), of which there may
# be several sets, one below the other.
node_scores <- function(input, cells, value, rule) {
  framework <- input$answers$framework
  n <- nrow(cells$value)
  times <- nrow(value) / n
  direction <- framework$items$direction[framework$leaves]
  for (k in which(direction < 0)) value[, k] <- cells$lowest[k] + cells$highest[k] - value[, k]
  if (!all(cells$applies)) value[!cells$applies[rep(seq_len(n), times), ]] <- NaN
  starts <- edition_segments(input$answers)
  segment <- as.integer(c(outer(starts[-length(starts)], n * (seq_len(times) - 1L), `+`), n * times))
  score_panel(input$arrays, value, list(aggregate = rule, missing = "renormalise", min_coverage = 0), segment)$scores
}

# Other frameworks -------------------------------------------------------------

# Stages in the frameworks that gates ask for: list(low, high, rows x frameworks;
# unknown, the same, logical; stages, the numbers of each; at_least, for each
# rows x its stages or NULL).
external_stages <- function(external, answers) {
  framework <- answers$framework
  asked <- external_gates(framework)
  tables <- external_tables(external)
  ids <- unique(unlist(lapply(tables, function(t) t$framework)))
  check_none(setdiff(ids, asked), c(
    "{.arg external} has stages of frameworks that no gate of {.val {framework$id}} asks for: {some_of(bad)}.",
    "i" = if (length(asked) > 0L) "Its gates ask for {.val {asked}}." else "Its gates are on its own items only."
  ))
  found <- lapply(asked, function(id) external_one(id, tables, answers))
  figures <- function(name, type) vapply(found, `[[`, rep(type, length(answers$unit)), name)
  shape <- function(m) matrix(m, length(answers$unit), length(asked))
  list(
    low = shape(figures("low", 0)), high = shape(figures("high", 0)), unknown = shape(figures("unknown", NA)),
    stages = lapply(found, `[[`, "stages"), at_least = lapply(found, `[[`, "at_least"),
    status = unique(unlist(lapply(tables, function(t) t$status)))
  )
}

external_tables <- function(external) {
  if (is.null(external)) {
    return(list())
  }
  if (!is.list(external) || is.data.frame(external) || inherits(external, "cap_result")) {
    external <- list(external)
  }
  unlist(lapply(external, external_table), recursive = FALSE)
}

# A list of tables, one a framework: framework, unit, edition (as text, NA for
# any), low, high, and of a readiness the law and the stages.
external_table <- function(x) {
  if (inherits(x, "cap_readiness")) {
    if (is.null(x$gates)) {
      stop_no_stages(x$framework, arg = "external")
    }
    return(list(list(
      framework = x$framework$id, unit = x$unit, edition = as.character(x$edition),
      low = stage_number(x, x$stage_low), high = stage_number(x, x$stage_high),
      stages = x$gates$stage, at_least = x$law$at_least, status = text_in("en", readiness_status(x))
    )))
  }
  check_table(x, "external")
  unit <- unit_column(x, "external")
  check_columns(x, c("framework", "stage"), "external")
  id <- as_code(x[["framework"]])
  stage <- suppressWarnings(as.numeric(as.character(x[["stage"]])))
  text <- is.na(stage) & !is.na(as_code(x[["stage"]]))
  bad <- is.na(id) | text | !(is.na(stage) | (stage >= 0 & stage == floor(stage)))
  if (any(bad)) {
    cap_abort_input(c(
      "{.arg external} must have a framework and the whole number of its stage, or none, in each row.",
      "x" = "It has not for {some_units(row_units(x, unit)[bad])}."
    ))
  }
  edition <- if (is.null(x[["edition"]])) rep(NA_character_, nrow(x)) else as.character(tidy_edition(x[["edition"]]))
  lapply(unique(id), function(one) {
    at <- id == one
    list(framework = one, unit = row_units(x, unit)[at], edition = edition[at], low = stage[at], high = stage[at])
  })
}

external_one <- function(id, tables, answers) {
  table <- Filter(function(t) t$framework == id, tables)
  if (length(table) > 1L) {
    cap_abort_input("{.arg external} has stages of {.val {id}} more than once.")
  }
  table <- if (length(table) == 1L) table[[1L]]
  gates <- answers$framework$gates
  minimum <- gates$min[gates$framework %in% id]
  stages <- table$stages %||% if (id %in% shipped_ids()) cap_framework(id)$stages$stage
  stages <- stages %||% seq.int(0, max(minimum, table$low, na.rm = TRUE))
  given <- c(table$low, minimum)
  if (!all(is.na(given) | given %in% stages)) {
    cap_abort_input(c(
      "{.arg external} and gates must name stages of {.val {id}}: {stages}.",
      "x" = "They name {some_of(setdiff(given[!is.na(given)], stages))}."
    ))
  }
  row <- match_external(table, answers, id)
  low <- as.double(table$low)[row] # NA throughout without a table
  high <- as.double(table$high)[row]
  unknown <- is.na(low)
  list(
    low = ifelse(unknown, min(stages), low), high = ifelse(unknown, max(stages), high),
    unknown = unknown, stages = stages,
    at_least = if (!is.null(table$at_least)) table$at_least[row, , drop = FALSE]
  )
}

# The row of the table for each row of the answers: of the same edition, or the
# only one of the unit (frameworks have editions of their own); NA none.
match_external <- function(table, answers, id) {
  if (is.null(table)) {
    return(rep(NA_integer_, length(answers$unit)))
  }
  key <- function(unit, edition) paste(unit, edition, sep = "\r")
  row <- match(key(answers$unit, answers$edition), key(table$unit, table$edition))
  only <- table$unit[!table$unit %in% table$unit[duplicated(table$unit)]]
  alone <- is.na(row) & answers$unit %in% only
  row[alone] <- match(answers$unit[alone], table$unit)
  again <- duplicated(key(table$unit, table$edition)) | (is.na(table$edition) & duplicated(table$unit))
  many <- unique(c(table$unit[again], answers$unit[is.na(row) & answers$unit %in% table$unit]))
  check_none(many, c(
    "{.arg external} has more than one stage in {.val {id}} for {some_units(bad)}.",
    "i" = "Give one a unit, or one for each {.field edition} of the answers."
  ))
  row
}

# As printed: a recalled framework may have illustrative stages.
readiness_status <- function(x) {
  stages <- setdiff(x$gates$status, x$framework$status)
  own <- words_of("framework_status", x$framework$status)[[1L]]
  if (length(stages) == 0L) {
    own
  } else {
    term("framework_status.with_stages", status = own, stages = listed(words_of("framework_status", stages)))
  }
}

# The number that the framework gives to positions from 0.
stage_number <- function(x, position) x$gates$stage[position + 1L]
