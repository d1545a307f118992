#' Scores, ranks and tiers at every level
#'
#' Computes an index from answers and weights: the score of a parent is
#' \eqn{s_p = A(\{w_k, s_k / max_k\}) \, max_p} over its children k, from the
#' answered items up to the root, for every unit and edition in one pass.
#'
#' @param answers From [cap_answers()].
#' @param weights From [cap_weights()], or a named numeric vector or data frame
#'   as there; by default the framework's own.
#' @param aggregate The rule A: one name for all levels, or one for each level
#'   that has children, from the root down. Now: `"arithmetic"`,
#'   \eqn{\sum w_k s_k / max_k}, the GCI's own rule.
#' @param missing What a missing answer does: `"error"` names the cells;
#'   `"zero"` gives no points without evidence; `"renormalise"` weighs what is
#'   observed.
#' @param min_coverage With `missing = "renormalise"`: a level whose observed
#'   share of the weight is lower has no score (`NA`).
#' @param rank How ties are ranked: `"dense"` (1, 2, 2, 3; the GCI 2020 rule),
#'   `"min"` (1, 2, 2, 4) or `"average"` (1, 2.5, 2.5, 4).
#'
#' @details
#' An item of direction -1 scores its maximum less the answer.
#' **Ranks** are within an edition, over units with a score, on the key
#' `floor(100 * score + 0.5 + 1e-7)`: scores that agree to two decimals tie.
#' **Tiers** are the framework's bands: the first whose lower bound holds,
#' `score + 1e-9 >= lower`; only the root has them. **Coverage** is the share
#' of the weight below a level that rests on an answer and enters its score.
#'
#' @return An object of class `cap_index`: its `spec`, the answers and the
#'   scores and coverage of every node. `as.data.frame()` gives
#'   `unit, edition, level, code, score, max, coverage, rank, tier` (`tier` a
#'   factor, best first), made when asked for; `level =` keeps some levels.
#'   `update()` changes the spec and computes again.
#' @section Errors:
#' `cap_error_input` for missing answers (with `missing = "error"`) and for
#' values off the scale, naming unit, edition and item.
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*,
#'   step 6. ITU (2024), *Global Cybersecurity Index 2024*, 5th edition.
#' @export
#' @examples
#' answers <- cap_answers(subset(gci_items, edition == 2024), "gci-2024")
#' gci <- cap_index(answers)
#' gci
#' head(as.data.frame(gci, level = "overall"))
#' table(as.data.frame(gci)$tier)
cap_index <- function(answers, weights = NULL, aggregate = "arithmetic",
                      missing = c("error", "zero", "renormalise"),
                      min_coverage = 0, rank = c("dense", "min", "average")) {
  check_answers(answers)
  spec <- list(
    weights = as_weights(weights, answers$framework),
    aggregate = level_rules(aggregate, answers$framework),
    missing = choose(missing, missing_policies, "missing"),
    min_coverage = check_number(min_coverage, "min_coverage", 0, 1),
    rank = choose(rank, rank_methods, "rank")
  )
  if (min_coverage > 0 && spec$missing != "renormalise") {
    cap_abort_input("{.arg min_coverage} applies to {.code missing = \"renormalise\"} only, not to {.val {spec$missing}}.")
  }
  refuse_off_scale(answers)
  if (spec$missing == "error") refuse_missing(answers)
  new_index(answers, spec)
}

missing_policies <- c("error", "zero", "renormalise")
rank_methods <- c("dense", "min", "average")

check_answers <- function(answers, arg = "answers") {
  if (!inherits(answers, "cap_answers")) {
    what <- if (inherits(answers, "cap_result")) paste("a", class(answers)[[1L]]) else NULL
    cap_abort_input(c(
      "{.arg {arg}} must come from {.fn cap_answers}, not be {what %||% cli::format_inline('{.obj_type_friendly {answers}}')}.",
      "i" = "It checks a data frame against a framework: {.code cap_answers(data, \"gci-2024\")}."
    ))
  }
  invisible(answers)
}

level_rules <- function(aggregate, framework) {
  n <- max(framework$depth)
  if (!is.character(aggregate) || !length(aggregate) %in% c(1L, n) || anyNA(aggregate)) {
    cap_abort_input(
      "{.arg aggregate} must be one rule, or one for each of the {n} level{?s} that {?has/have} children, from the root down."
    )
  }
  unknown <- setdiff(aggregate, aggregation_rules)
  if (length(unknown) > 0L) {
    cap_abort_input("{.arg aggregate} must be one of {.or {.val {aggregation_rules}}}, not {.val {unknown}}.")
  }
  rep_len(aggregate, n)
}

# As registered in src/core/aggregate.c.
aggregation_rules <- "arithmetic"

refuse_off_scale <- function(answers) {
  off <- answers$off_scale
  if (nrow(off) > 0L) {
    shown <- off_scale_labels(off, answers, answers$framework)
    cap_abort_input(c(
      "{nrow(off)} answer{?s} {?is/are} off the scale of {?its/their} item: {some_of(shown)}.",
      "i" = "{.fn cap_audit} shows them; correct them before scoring."
    ))
  }
}

refuse_missing <- function(answers) {
  if (!anyNA(answers$values)) {
    return(invisible())
  }
  at <- which(is.na(answers$values), arr.ind = TRUE)
  shown <- cell_label(
    answers$unit[at[, 1L]], answers$edition[at[, 1L]], leaf_codes(answers$framework)[at[, 2L]]
  )
  cap_abort_input(c(
    "{nrow(at)} answer{?s} {?is/are} missing: {some_of(shown)}.",
    "i" = "Supply them, or say what a missing answer does: {.code missing = \"zero\"} or {.code missing = \"renormalise\"}."
  ))
}

new_index <- function(answers, spec) {
  arrays <- weighted_arrays(spec$weights, answers$framework)
  computed <- score_panel(arrays, answers$values, spec)
  structure(
    list(
      framework = answers$framework,
      spec = spec,
      answers = answers,
      unit = answers$unit,
      edition = answers$edition,
      scores = computed$scores,
      coverage = computed$coverage
    ),
    class = c("cap_index", "cap_result")
  )
}

weighted_arrays <- function(weights, framework) {
  arrays <- framework$arrays
  arrays$weight <- weights$node_weight
  arrays
}

score_panel <- function(arrays, values, spec) {
  .Call(
    C_index_scores, arrays, values, spec$aggregate,
    match(spec$missing, missing_policies) - 1L, as.double(spec$min_coverage)
  )
}

# Ranks of the given nodes, rows x nodes, within editions.
index_ranks <- function(x, nodes = seq_along(x$framework$depth)) {
  .Call(
    C_rank_panel, x$scores[, nodes, drop = FALSE], edition_segments(x),
    match(x$spec$rank, rank_methods) - 1L
  )
}

# Band number of the root score of each row, 1 the best; NA without bands.
index_bands <- function(x) band_of(x$scores[, x$framework$root], x$framework)

band_of <- function(score, framework) {
  if (is.null(framework$bands)) {
    return(rep(NA_integer_, length(score)))
  }
  .Call(C_band, as.double(score), as.double(framework$bands$lower))
}

tier_factor <- function(band, framework) {
  labels <- framework$bands$label %||% character()
  factor(labels[band], levels = labels)
}

#' @param x,object A `cap_index`.
#' @param row.names,optional Not used.
#' @param level Levels to keep, such as `"overall"` or `c("overall", "pillar")`.
#' @param ... For `update()`: arguments of `cap_index()` to change.
#' @rdname cap_index
#' @export
as.data.frame.cap_index <- function(x, row.names = NULL, optional = FALSE, ..., level = NULL) {
  framework <- x$framework
  nodes <- seq_along(framework$depth)
  if (!is.null(level)) {
    unknown <- setdiff(level, framework$levels)
    if (length(unknown) > 0L) {
      cap_abort_input("{.arg level} must be among {.val {framework$levels}}, not {.val {unknown}}.")
    }
    nodes <- nodes[framework$items$level %in% level]
  }
  n <- length(x$unit)
  k <- length(nodes)
  flat <- function(m) as.vector(t(m[, nodes, drop = FALSE]))
  band <- rep(NA_integer_, n * k)
  is_root <- nodes == framework$root
  if (any(is_root)) band[which(rep(is_root, n))] <- index_bands(x)
  list2DF(list(
    unit = rep(x$unit, each = k),
    edition = rep(x$edition, each = k),
    level = rep(framework$items$level[nodes], n),
    code = rep(framework$items$code[nodes], n),
    score = na_figure(flat(x$scores)),
    max = rep(framework$items$max[nodes], n),
    coverage = flat(x$coverage),
    rank = na_figure(as.vector(t(index_ranks(x, nodes)))),
    tier = tier_factor(band, framework)
  ))
}

#' @rdname cap_index
#' @export
update.cap_index <- function(object, ...) {
  changes <- list(...)
  known <- names(formals(cap_index))
  unknown <- setdiff(names(changes), known)
  if (length(unknown) > 0L || (length(changes) > 0L && is.null(names(changes)))) {
    unknown <- unknown[nzchar(unknown)]
    cap_abort_input(c(
      "{.fn update} takes {.arg {known}} by name.",
      "x" = if (length(unknown) > 0L) "Not: {.arg {unknown}}." else "An argument has no name."
    ))
  }
  spec <- c(list(answers = object$answers), object$spec)
  spec[names(changes)] <- changes
  if (!"min_coverage" %in% names(changes) && !identical(spec$missing, "renormalise")) {
    spec$min_coverage <- 0
  }
  do.call(cap_index, spec)
}

#' @rdname cap_index
#' @export
weights.cap_index <- function(object, ...) stats::weights(object$spec$weights)

check_index <- function(index, arg = "index") {
  if (!inherits(index, "cap_index")) {
    cap_abort_input("{.arg {arg}} must come from {.fn cap_index}, not be {.obj_type_friendly {index}}.")
  }
  invisible(index)
}

# Row numbers of one edition; the last one by default.
edition_rows <- function(x, edition = NULL) {
  which(x$edition == (edition %||% last_edition(x)))
}

last_edition <- function(x) x$edition[length(x$edition)]

#' @export
cap_findings.cap_index <- function(x, ..., lang = "en") {
  editions <- unique(x$edition)
  per_edition <- unlist(
    lapply(editions, function(e) edition_findings(x, e)), recursive = FALSE
  )
  incomplete <- sum(x$coverage[, x$framework$root] < 1 - 1e-9)
  derived <- derived_items(x$answers)
  do.call(findings, c(
    list(lang), per_edition,
    list(
      if (incomplete > 0L) {
        finding("index.missing",
          n = incomplete, policy = x$spec$missing,
          lowest = 100 * min(x$coverage[, x$framework$root]),
          unscored = sum(is.na(x$scores[, x$framework$root]))
        )
      },
      if (derived$n > 0L) {
        finding("index.derived", n = derived$n, items = some_of(derived$items))
      },
      finding("index.rules",
        rank = x$spec$rank, rule = paste(unique(x$spec$aggregate), collapse = ", "),
        weights = weights_label(x),
        policy = x$spec$missing, status = x$framework$status
      )
    )
  ))
}

# Whose weights these are.
weights_label <- function(x) {
  if (x$spec$weights$method == "framework") "the framework's" else x$spec$weights$method
}

edition_findings <- function(x, edition) {
  rows <- edition_rows(x, edition)
  root <- x$scores[rows, x$framework$root]
  scored <- root[!is.na(root)]
  if (length(scored) == 0L) {
    return(list(finding("index.unscored", edition = edition, n = length(root))))
  }
  stats <- group_figures(x$scores[rows, , drop = FALSE], NULL, list(seq_along(rows)))
  figure <- function(name) stats[x$framework$root, name]
  pillars <- pillar_nodes(x$framework)
  # room in points of the root, so that heavy pillars count for more
  share <- stats[pillars, "mean"] / x$framework$items$max[pillars]
  low <- pillars[which.max((1 - share) * node_points(x)[pillars])]
  c(
    list(finding("index.world",
      edition = edition, n = length(scored), mean = figure("mean"),
      median = figure("median"), min = figure("min"), max = figure("max"),
      scale = root_max(x$framework)
    )),
    if (!is.null(x$framework$bands)) list(tier_finding(x, rows, edition)),
    if (length(pillars) > 1L) {
      list(finding("index.lowest_pillar",
        pillar = x$framework$items$label[low], mean = stats[low, "mean"],
        scale = x$framework$items$max[low], edition = edition
      ))
    }
  )
}

tier_finding <- function(x, rows, edition) {
  band <- index_bands(x)[rows]
  counts <- tabulate(band, nrow(x$framework$bands))
  below <- sum(is.na(band) & !is.na(x$scores[rows, x$framework$root]))
  finding(if (below > 0L) "index.tiers_below" else "index.tiers",
    edition = edition, counts = paste(x$framework$bands$label, counts, collapse = ", "), n = below
  )
}

# Answers marked as derived or estimated, not observed.
derived_items <- function(answers, rows = seq_along(answers$unit)) {
  marks <- which(answers$source_labels %in% c("derived", "estimated", "imputed"))
  if (length(marks) == 0L) {
    return(list(n = 0L, items = character()))
  }
  hit <- matrix(answers$sources[rows, ] %in% marks, length(rows))
  list(n = sum(hit), items = leaf_codes(answers$framework)[colSums(hit) > 0])
}

#' @export
cap_table.cap_index <- function(x, edition = NULL, ..., lang = "en") {
  framework <- x$framework
  edition <- edition %||% unique(x$edition)
  rows <- which(x$edition %in% edition)
  pillars <- pillar_nodes(framework)
  out <- data.frame(unit = x$unit[rows], name = unit_names(x$unit[rows], lang), edition = x$edition[rows])
  if (!is.null(framework$bands)) out$tier <- tier_factor(index_bands(x)[rows], framework)
  out$score <- na_figure(x$scores[rows, framework$root])
  out$coverage <- x$coverage[rows, framework$root]
  # A pillar may be coded as one of these columns is named.
  codes <- utils::tail(make.unique(c(names(out), framework$items$code[pillars])), length(pillars))
  out[codes] <- as.data.frame(na_figure(x$scores[rows, pillars, drop = FALSE]))
  new_table(out, paste0(framework$title, ": scores by unit, tier first; units in alphabetical order"))
}
