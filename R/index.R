#' Scores, ranks and tiers at every level
#'
#' Computes an index from answers and weights: the score of a parent is
#' \eqn{s_p = A(\{w_k, s_k / max_k\}) \, max_p} over its children k, from the
#' answered items up to the root, for every unit and edition in one pass.
#'
#' @param answers From [cap_answers()].
#' @param weights From [cap_weights()], or a named numeric vector or data frame
#'   as there; by default the framework's own.
#' @param aggregate The rule A (see Rules): one for all levels, or one for each
#'   level that has children, from the root down or named by level, such as
#'   `c(overall = "geometric")`; levels that are not named stay arithmetic. A
#'   rule with parameters is a list, such as `list("generalised_mean", r = -1)`,
#'   also as an entry: `list(overall = list("generalised_mean", r = -1))`.
#' @param missing What a missing answer does: `"error"` names the cells;
#'   `"zero"` gives no points without evidence; `"renormalise"` weighs what is
#'   observed.
#' @param min_coverage With `missing = "renormalise"`: a level whose observed
#'   share of the weight is lower has no score (`NA`).
#' @param ties How ties are ranked: `"dense"` (1, 2, 2, 3; the GCI 2020 rule),
#'   `"min"` (1, 2, 2, 4) or `"average"` (1, 2.5, 2.5, 4).
#'
#' @details
#' An item of direction -1 scores its maximum less the answer.
#' **Ranks** are within an edition, over units with a score. With M the maximum
#' of the root and `u = 100 / M` they are on the key
#' `floor(100 * u * score + 0.5 + 1e-7)`: scores that agree to a ten-thousandth
#' of M tie, for M = 100 to two decimals. All levels use the root's M.
#' **Tiers** are the framework's bands: the first whose lower bound holds,
#' `u * score + 1e-9 >= u * lower`; only the root has them. **Coverage** is the share
#' of the weight below a level that rests on an answer and enters its score.
#'
#' @section Rules:
#' With s the children's shares of their maximum and w their weights (sum 1):
#' \describe{
#'   \item{`"arithmetic"`}{\eqn{\sum w s}, the GCI's own rule.}
#'   \item{`"geometric"`}{\eqn{\prod s^w}; 0 stays 0. With `shift` (a share of
#'     the maximum) \eqn{\prod (s + shift)^w - shift}, and the findings say so.}
#'   \item{`"harmonic"`}{\eqn{1 / \sum (w / s)}; 0 when an s is 0.}
#'   \item{`"generalised_mean"`}{\eqn{(\sum w s^r)^{1/r}} with exponent `r`:
#'     1 arithmetic, 0 geometric, -1 harmonic, `-Inf` the least, `Inf` the
#'     largest share; 0 when r <= 0 and an s is 0.}
#'   \item{`"minimum"`, `"median"`}{The least share; the lower weighted median:
#'     the least s up to which half of the weight lies.}
#'   \item{`"mazziotta_pareto"`}{\eqn{M - sign \, S (S / M)}, with M the mean
#'     and \eqn{S^2 = \sum w (s - M)^2}; 0 when M = 0. `sign = 1` (default)
#'     penalises imbalance, -1 adds it; `sample = TRUE` takes \eqn{S^2} times
#'     n/(n - 1) for n children. Not clipped: where shares lie near 0 the
#'     penalty may exceed the mean, and the score is then negative.}
#'   \item{`"bottleneck"`}{\eqn{\sum w (m + 1 - e^{-(s - m)})}, m the least
#'     share: what lies above the weakest counts less and less.}
#'   \item{`"owa"`}{\eqn{\sum v_j s_{(j)}}, \eqn{s_{(1)}} the largest share and
#'     v the ordered weights, `weights`, scaled to sum 1, as many as a parent
#'     has children that weigh more than 0; the children's own weights are not
#'     used. With `weighted = TRUE` they are (Torra's weighted OWA) and v may
#'     have any length.}
#'   \item{`"copeland"`}{C is the number of units that a unit outranks less the
#'     number that outrank it: j is outranked where i is better on more than
#'     half of the weight of the children observed in both, equals counting
#'     half. The share is \eqn{(C + n - 1) / (2 (n - 1))} among n units.}
#'   \item{`"kemeny"`}{The order of units that agrees most with all pairs; the
#'     share is \eqn{(n - position) / (n - 1)}. Units with the same values share
#'     their places. Up to ten different units the order is exact, and where
#'     several orders are optimal the position is the mean over all of them;
#'     beyond, a local search from the Copeland order, which may miss the
#'     optimum: the findings then say "not proven optimal" and `index$notes`
#'     names the levels; its ties are settled in order of the units' codes (in
#'     the C locale).}
#' }
#' Copeland and Kemeny compare the units of one edition, so a score depends on
#' the other units; one unit alone has no score (`NA`). Units below
#' `min_coverage` are not compared. A missing child counts for nothing under
#' every rule: the weights of the others are rescaled. So does a child of
#' weight 0.
#'
#' @return An object of class `cap_index`: its `spec`, the answers and the
#'   scores and coverage of every node. `as.data.frame()` gives
#'   `unit, edition, level, item, score, max, coverage, rank, tier` (`tier` a
#'   factor, best first), made when asked for; `level =`, such as `"overall"` or
#'   `c("overall", "pillar")`, keeps some levels, `edition =` some editions.
#'   `cap_table()` has a row a unit, its pillars side by side.
#'   `update()` changes the spec and computes again.
#' @section Errors:
#' `cap_error_input` for missing answers (with `missing = "error"`) and for
#' values off the scale, naming unit, edition and item; for rules, levels and
#' parameters that do not exist or are out of range. `cap_error_numeric` for a
#' mean that does not exist: the geometric, harmonic or generalised mean of a
#' negative score (as `"mazziotta_pareto"` may give), naming unit and level.
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*,
#'   step 6. ITU (2024), *Global Cybersecurity Index 2024*, 5th edition.
#'   Mazziotta, M. and Pareto, A. (2016), *Social Indicators Research* 127.
#'   Acs, Z., Autio, E. and Szerb, L. (2014), *Research Policy* 43.
#'   Yager, R. (1988), *IEEE Transactions on Systems, Man, and Cybernetics* 18.
#'   Torra, V. (1997), *International Journal of Intelligent Systems* 12.
#'   Saari, D. and Merlin, V. (1996), *Economic Theory* 8. Kemeny, J. (1959),
#'   *Daedalus* 88. Munda, G. and Nardo, M. (2009), *Applied Economics* 41.
#' @export
#' @examples
#' answers <- cap_answers(subset(gci_items, edition == 2024), "gci-2024")
#' gci <- cap_index(answers)
#' gci
#' head(as.data.frame(gci, level = "overall"))
#' table(as.data.frame(gci)$tier)
#' # Pillars that cannot make up for one another
#' update(gci, aggregate = c(overall = "geometric"))
#' update(gci, aggregate = list(overall = list("generalised_mean", r = -1)))
cap_index <- function(answers, weights = NULL, aggregate = "arithmetic",
                      missing = c("error", "zero", "renormalise"),
                      min_coverage = 0, ties = c("dense", "min", "average")) {
  check_answers(answers)
  spec <- list(
    weights = as_weights(weights, answers$framework),
    aggregate = level_rules(aggregate, answers$framework),
    missing = choose(missing, core_words("missing"), "missing"),
    min_coverage = check_number(min_coverage, "min_coverage", 0, 1),
    ties = choose(ties, core_words("rank"), "ties")
  )
  if (min_coverage > 0 && spec$missing != "renormalise") {
    cap_abort_input("{.arg min_coverage} applies to {.code missing = \"renormalise\"} only, not to {.val {spec$missing}}.")
  }
  check_on_scale(answers)
  if (spec$missing == "error") check_complete(answers)
  new_index(answers, spec)
}

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

# One rule a level that has children: names, named by level, with the attribute
# `parameters`, a list of the given parameters of each. What this returns it also
# takes.
level_rules <- function(aggregate, framework) {
  levels <- framework$levels[seq_len(max(framework$depth))]
  given <- split_rules(aggregate)
  if (is.null(names(given))) {
    if (!length(given) %in% c(1L, length(levels))) {
      cap_abort_input(c(
        "{.arg aggregate} must be one rule, or one for each of the {length(levels)} level{?s} with children, from the root down.",
        "x" = "It has {length(given)} rules."
      ))
    }
    chosen <- rep_len(given, length(levels))
  } else {
    unknown <- setdiff(names(given), levels)
    if (length(unknown) > 0L || anyDuplicated(names(given))) {
      cap_abort_input(c(
        "{.arg aggregate} must name levels that have children, each once: {.val {levels}}.",
        "x" = "It names {.val {names(given)}}."
      ))
    }
    chosen <- rep_len(list("arithmetic"), length(levels))
    chosen[match(names(given), levels)] <- given
  }
  parsed <- lapply(chosen, parse_rule)
  structure(
    vapply(parsed, `[[`, "", "rule"),
    names = levels,
    parameters = stats::setNames(lapply(parsed, `[[`, "parameters"), levels)
  )
}

# A list of rules, named by level or not named at all.
split_rules <- function(aggregate) {
  known <- attr(aggregate, "parameters")
  if (!is.null(known)) {
    return(stats::setNames(Map(c, unname(as.list(aggregate)), unname(known)), names(aggregate)))
  }
  if (is_one_rule(aggregate)) {
    return(list(aggregate))
  }
  if (length(aggregate) == 0L || !(is.character(aggregate) || is.list(aggregate))) {
    cap_abort_input("{.arg aggregate} must name rules, such as {.val arithmetic}, not be {.obj_type_friendly {aggregate}}.")
  }
  as.list(aggregate)
}

# list("generalised_mean", r = -1): a name, and then its parameters.
is_one_rule <- function(x) {
  is.list(x) && length(x) > 1L && identical(nzchar(names(x) %||% ""), c(FALSE, rep(TRUE, length(x) - 1L)))
}

parse_rule <- function(x) {
  name <- if (length(x) > 0L) x[[1L]]
  register <- aggregation_rules()
  if (!is.character(name) || length(name) != 1L || !name %in% names(register)) {
    cap_abort_input("{.arg aggregate} must be one of {.or {.val {names(register)}}}, not {.val {name}}.")
  }
  parameters <- as.list(x)[-1L]
  known <- names(register[[name]])
  unknown <- setdiff(names(parameters) %||% rep("", length(parameters)), known)
  if (length(unknown) > 0L || anyDuplicated(names(parameters))) {
    cap_abort_input(c(
      if (length(known) == 0L) {
        "The rule {.val {name}} takes no parameters."
      } else {
        "The rule {.val {name}} takes {cli::qty(length(known))}the parameter{?s} {.arg {known}}, by name."
      },
      "x" = "Given: {.val {names(parameters) %||% as.character(parameters)}}."
    ))
  }
  for (p in names(parameters)) {
    value <- parameters[[p]]
    check_not_integer64(value, p)
    if (!(is.numeric(value) || is.logical(value)) || length(value) == 0L || anyNA(value)) {
      cap_abort_input("The parameter {.arg {p}} of the rule {.val {name}} must be a number, not {.obj_type_friendly {value}}.")
    }
  }
  check_none(setdiff(known[is.na(register[[name]])], names(parameters)), c(
    "The rule {.val {name}} needs {.arg {bad}}.",
    "i" = "Give it in a list: {.code list(\"{name}\", {bad} = ...)}."
  ))
  list(rule = name, parameters = lapply(parameters, as.double))
}

# The register of src/core/index/rules.c: named numbers, the parameters' defaults, for
# each rule.
aggregation_rules <- function() {
  rules <- .Call(C_rules)
  stats::setNames(rules$parameters, rules$name)
}

# "geometric (shift = 0.01)": a list of texts, one a level.
rule_words <- function(aggregate) {
  parameters <- attr(aggregate, "parameters") %||% vector("list", length(aggregate))
  unname(Map(function(rule, given) with_parameters(words_of("rule", rule), given), aggregate, parameters))
}

# A method with its parameters in brackets.
with_parameters <- function(method, given, digits = 6L) {
  if (length(given) == 0L) {
    return(method[[1L]])
  }
  value <- lapply(unname(given), function(v) if (is.numeric(v)) signif(v, digits) else as.character(v))
  parameters <- terms("list.parameter", name = words_of("parameter", names(given)), value = value)
  term("list.detail", what = method, detail = listed(parameters, by = "list.semicolon"))
}

check_complete <- function(answers) {
  if (!anyNA(answers$values)) {
    return(invisible(answers))
  }
  at <- which(is.na(answers$values), arr.ind = TRUE)
  off <- list(unit = answers$unit[at[, 1L]], edition = answers$edition[at[, 1L]], item = leaf_codes(answers$framework)[at[, 2L]])
  cap_abort_input(c(
    "{nrow(at)} answer{?s} {?is/are} missing: {some_cells(off$unit, off$edition, off$item)}.",
    "i" = "Supply them, or say what a missing answer does: {.code missing = \"zero\"} or {.code missing = \"renormalise\"}."
  ), arg = "answers")
}

new_index <- function(answers, spec) {
  arrays <- weighted_arrays(spec$weights, answers$framework)
  computed <- tryCatch(
    score_panel(arrays, answers$values, spec, edition_segments(answers)),
    cap_error_numeric = function(e) stop_negative(e, answers, spec)
  )
  new_result("cap_index",
    framework = answers$framework, spec = spec, answers = answers, unit = answers$unit,
    edition = answers$edition, scores = computed$scores, coverage = computed$coverage,
    notes = list(unproven = answers$framework$items$code[computed$unproven])
  )
}

weighted_arrays <- function(weights, framework) {
  arrays <- framework$arrays
  arrays$weight <- weights$node_weight
  arrays
}

# What counts where answers are missing: list(observed, weight), rows x nodes; see
# src/core/index/aggregate.h.
observed_weights <- function(arrays, scores) .Call(C_observed_weights, arrays, scores)

score_panel <- function(arrays, values, spec, segments = c(0L, nrow(values))) {
  .Call(
    C_index_scores, arrays, from_zero(values, arrays), segments,
    list(
      rules = spec$aggregate, parameters = attr(spec$aggregate, "parameters") %||% list(),
      missing = spec$missing, min_coverage = spec$min_coverage
    )
  )
}

stop_negative <- function(e, answers, spec) {
  row <- e$cell[["row"]]
  node <- e$cell[["column"]]
  framework <- answers$framework
  rule <- spec$aggregate[[framework$depth[node] + 1L]]
  cap_abort_numeric(c(
    paste0(
      "The rule {.val {rule}} has no value where a score below is negative: ",
      "{some_cells(answers$unit[row], answers$edition[row], framework$items$code[node])}."
    ),
    "i" = "{.val mazziotta_pareto} below may give one; use another rule on one of the levels."
  ))
}

# Ranks of the given nodes, rows x nodes, within editions.
index_ranks <- function(x, nodes = seq_along(x$framework$depth)) {
  ranks_within(x$scores[, nodes, drop = FALSE], edition_segments(x), x$spec$ties, root_max(x$framework))
}

# Band number of the root score of each row, 1 the best; NA without bands.
index_bands <- function(x) band_of(x$scores[, x$framework$root], x$framework)

band_of <- function(score, framework) {
  if (is.null(framework$bands)) {
    return(rep(NA_integer_, length(score)))
  }
  bands_within(score, framework$bands$lower, root_max(framework))
}

tier_factor <- function(band, framework) {
  labels <- framework$bands$label %||% character()
  factor(labels[band], levels = labels)
}

#' @export
result_tables.cap_index <- function(x, lang, level = NULL, edition = NULL, ...) {
  rows <- if (is.null(edition)) seq_along(x$unit) else which(x$edition %in% edition)
  list(scores = lazy_table(
    level_scores(x, level, rows),
    term("caption.index", title = title_in(lang, x$framework)),
    pillar_scores(x, rows, lang)
  ))
}

# A row a unit, with its pillars.
pillar_scores <- function(x, rows, lang) {
  framework <- x$framework
  pillars <- pillar_nodes(framework)
  out <- data.frame(unit = x$unit[rows], name = unit_names(x$unit[rows], lang), edition = x$edition[rows])
  if (!is.null(framework$bands)) out$tier <- tier_factor(index_bands(x)[rows], framework)
  out$score <- na_figure(x$scores[rows, framework$root])
  out$coverage <- x$coverage[rows, framework$root]
  # A pillar may be coded as one of these columns is named.
  codes <- utils::tail(make.unique(c(names(out), framework$items$code[pillars])), length(pillars))
  out[codes] <- as.data.frame(na_figure(x$scores[rows, pillars, drop = FALSE]))
  out
}

# A row a unit and node of the levels.
level_scores <- function(x, level, rows) {
  framework <- x$framework
  nodes <- seq_along(framework$depth)
  if (!is.null(level)) {
    check_levels(level, framework$levels)
    nodes <- nodes[framework$items$level %in% level]
  }
  n <- length(rows)
  k <- length(nodes)
  flat <- function(m) as.vector(t(m[rows, nodes, drop = FALSE]))
  band <- rep(NA_integer_, n * k)
  is_root <- nodes == framework$root
  if (any(is_root)) band[which(rep(is_root, n))] <- index_bands(x)[rows]
  list2DF(list(
    unit = rep(x$unit[rows], each = k), edition = rep(x$edition[rows], each = k),
    level = rep(framework$items$level[nodes], n),
    item = rep(framework$items$code[nodes], n), score = na_figure(flat(x$scores)),
    max = rep(framework$items$max[nodes], n), coverage = flat(x$coverage),
    rank = na_figure(as.vector(t(index_ranks(x, nodes)[rows, , drop = FALSE]))),
    tier = tier_factor(band, framework)
  ))
}

#' @param object A `cap_index`.
#' @param ... For `update()`: arguments of `cap_index()` to change.
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

# An index of some of its rows; its scores do not depend on the others'.
index_rows <- function(x, rows) {
  x$answers$unit <- x$answers$unit[rows]
  x$answers$edition <- x$answers$edition[rows]
  x$answers$values <- x$answers$values[rows, , drop = FALSE]
  if (!is.null(x$answers$sources)) x$answers$sources <- x$answers$sources[rows, , drop = FALSE]
  x$unit <- x$unit[rows]
  x$edition <- x$edition[rows]
  x$scores <- x$scores[rows, , drop = FALSE]
  x$coverage <- x$coverage[rows, , drop = FALSE]
  x
}

last_edition <- function(x) x$edition[length(x$edition)]

#' @export
cap_findings.cap_index <- function(x, ..., lang = "en") {
  editions <- unique(x$edition)
  x$framework <- framework_in(lang, x$framework)
  per_edition <- unlist(
    lapply(editions, function(e) edition_findings(x, e)), recursive = FALSE
  )
  incomplete <- sum(!is_whole(x$coverage[, x$framework$root]))
  derived <- derived_items(x$answers)
  do.call(findings, c(
    list(lang), per_edition,
    list(
      if (incomplete > 0L) {
        finding("index.missing",
          n = incomplete, policy = words_of("missing", x$spec$missing),
          lowest = 100 * min(x$coverage[, x$framework$root]),
          unscored = sum(is.na(x$scores[, x$framework$root]))
        )
      },
      if (derived$n > 0L) {
        finding("index.derived", n = derived$n, items = first_of(derived$items))
      },
      kemeny_finding(x),
      alone_finding(x),
      outside_finding(x),
      finding("index.rules",
        rank = words_of("ties", x$spec$ties), rule = listed(unique(rule_words(x$spec$aggregate))),
        weights = weights_words(x), policy = words_of("missing", x$spec$missing),
        status = words_of("framework_status", x$framework$status)
      )
    )
  ))
}

# Whose weights these are.
weights_words <- function(x) {
  if (is_framework_weights(x$spec$weights)) term("weights_method.its_own") else x$spec$weights$method
}

kemeny_finding <- function(x) {
  codes <- x$notes$unproven
  if (length(codes) > 0L) {
    finding("index.kemeny", codes = first_of(codes), units = max(table(x$edition)))
  }
}

# A penalty may exceed the mean that it is taken from.
outside_finding <- function(x) {
  top <- root_max(x$framework)
  within <- reaches(x$scores, 0, top) & reaches(rep(x$framework$items$max, each = nrow(x$scores)), x$scores, top)
  n <- sum(!within & !is.na(x$scores))
  if (n > 0L) finding("index.outside", n = n, lowest = min(x$scores[, x$framework$root], na.rm = TRUE))
}

# Scores that are missing though all is observed: nothing to compare a unit with.
alone_finding <- function(x) {
  alone <- sum(is.na(x$scores) & is_whole(x$coverage))
  if (alone > 0L) {
    finding("index.alone", n = alone, rules = words_of("rule", intersect(c("copeland", "kemeny"), x$spec$aggregate)))
  }
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
    edition = edition, counts = terms("list.count_of", what = x$framework$bands$label, n = counts), n = below
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
