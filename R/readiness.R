#' Readiness: stages with gates, and how sure they are
#'
#' A mean hides the missing mandate. `cap_readiness()` reads answers through the
#' gates of a framework: the stage of each unit is the highest whose gates, and
#' those of all lower stages, hold. Beside it stand the score, the same score
#' held under the cap of the stage, what lacks to the next stage, and, with
#' graded evidence, the probability of each stage.
#'
#' @param answers From [cap_answers()], or an index from [cap_index()].
#' @param framework A framework with stages or bands, or what [cap_framework()]
#'   takes; by default that of the answers. It may be another one on the same
#'   items, such as `"support-profile"` for answers to `"gci-2024"`.
#' @param evidence `NULL`: the answers are certain. Or a data frame with columns
#'   `unit` (or `iso3`), `item`, `grade`, and `edition` if it matters: the grade
#'   of the evidence behind each answer, a name of `reliability`. An answer
#'   without a row or grade is without evidence: its level may be any.
#' @param n Monte Carlo draws, where they are needed; see Probabilities.
#' @param correlation Correlation, 0 to 1, of the errors of a unit's answers (one
#'   assessor may err throughout in one direction).
#' @param external Stages reached in other frameworks that gates ask for: a
#'   result of `cap_readiness()` for that framework, a data frame `unit`,
#'   `framework`, `stage` (and `edition`), or a list of these. Unknown stages
#'   widen the interval of the stage.
#' @param not_applicable A data frame with columns `unit`, `item` (and
#'   `edition`): items that do not apply to a unit.
#' @param weights Weights for the score, as in [cap_index()].
#' @param twin The rule of the non-compensatory twin of the score, as in
#'   [cap_index()]; it joins the branches below the root.
#' @param reliability For each grade the probability that the level is as
#'   answered. The defaults: A audited, B documented, C self-declared, D desk
#'   research.
#' @param step How far apart the levels of an item are: one number, or named by
#'   item. By default 1 where the scale and the gates of the item are whole
#'   numbers, else half of its scale (absent, partly in place, in place).
#' @param method `"best"` (see Probabilities), or `"simulation"` for Monte Carlo
#'   whatever the structure.
#'
#' @details
#' \describe{
#'   \item{Stage}{\eqn{\max\{s : G_1 = \dots = G_s = 1\}}; a gate group holds when
#'     at least k of its items have \eqn{x_i \ge \tau_i} (with a tolerance of
#'     1e-9). An item of direction -1 counts as the least plus the largest
#'     answer less the answer. Where a framework has bands and no stages, the
#'     bands are the stages, lowest first.}
#'   \item{Score}{\eqn{R}, the weighted mean of the tree, 0 to 100; the gated
#'     score \eqn{R^* = \min(R, u_s)} stays strictly under the cap u of the
#'     stage, if the stage has one. The stage is found first: never read it
#'     back from a score.}
#'   \item{Deficit}{\eqn{\sum_i \max(0, \tau_i - x_i)} over what the next stage
#'     asks, in steps of a level (points of the item): all items of an AND
#'     group, an item once; of k of n the k that lack least. Groups that share
#'     items are added one by one; [cap_actions()] finds the least set.}
#'   \item{Attainment}{The mean of \eqn{\min(1, x_i / \tau_i)} over the same
#'     items, 1 where \eqn{\tau_i = 0}.}
#'   \item{Twin}{The same scores of branches joined by a rule under which a
#'     strong branch cannot make up for a weak one (`"geometric"`, `"harmonic"`,
#'     `"minimum"`, `"bottleneck"`, `"mazziotta_pareto"`, ...).}
#' }
#' Levels are ordinal; a mean of them, as R is, takes the distance between levels
#' for the same everywhere. `cap_table(x, "domains")` has the least, median and
#' largest level beside it.
#'
#' @section Probabilities:
#' An answer of grade g is at its level with probability \eqn{r_g}; the rest is
#' half on either neighbouring level, all on the one at an end of the scale.
#' Without evidence every level is equally likely. From this
#' \eqn{q_i(t) = P(x_i \ge t)}, and as levels are ordered, reaching stage s asks
#' of each item of an AND group the largest of its minimums up to s: a product.
#' k-of-n groups are counted item by item (the Poisson-binomial law), together
#' where they share items. So with `correlation = 0` the law is exact. Otherwise
#' the levels follow a one-factor Gaussian copula,
#' \eqn{z_i = \sqrt\rho F + \sqrt{1 - \rho} e_i}, integrated over F by
#' Gauss-Hermite quadrature, above 0.8 by Gauss-Legendre panels around the steps
#' that the factor then has, to 1e-10; at 1 all items move together and the law is
#' exact again. Where the counts of groups that share items are too many, and for
#' bands, the law is simulated with `n` draws (Philox4x32-10, governed by
#' `set.seed()`). `error` is then the standard error; for a quadrature its last
#' change. `lower` and `upper` bound P(stage >= s) under any dependence (Frechet;
#' Rueger for k of n; for bands the range of the score). The 90 % set holds the
#' likeliest stages that together reach 0.9. Units whose sets overlap should not
#' be ranked.
#' A stage in another framework that is not known counts as any of its stages,
#' equally likely, here as in the bounds; `stage_low` and `stage_high` show what is
#' left open.
#' @section Missing values:
#' Nothing is `NaN`. A missing answer is no evidence: it stands at the least
#' level in `stage`, `score`, `deficit` and `attainment`, and `stage_low` to
#' `stage_high` is the range of the stage over all levels of answers that are
#' missing or, when `evidence` is given, without a grade, and over unknown
#' stages in other frameworks. Items that are not applicable leave both sides of
#' the fraction: score and gates rest on the others, k of n becomes
#' min(k, remaining). A gate can be left without items only where the framework marks
#' them all `optional`; it then holds. All are counted in the
#' findings and in `cap_table(x)`.
#'
#' @return An object of class `cap_readiness`. `as.data.frame()` gives a row for
#'   each unit and edition: `unit, edition, framework, status, score, gated,
#'   stage, stage_label, deficit, attainment, stage_low, stage_high, failing`
#'   (`failing`: items that the next stage still asks for; `status` of the
#'   framework). Stages are the framework's numbers; those of a framework with
#'   neither stages nor bands are `NA`. `table =` gives
#'   \describe{
#'     \item{`"stages"`}{this; in `cap_table()` with `twin`, `progress` (stage plus the share
#'       of what the next one asks that is met), `score_low` and `score_high`
#'       (over all that is missing or without a grade), counts of `missing`,
#'       `ungraded`, `not_applicable` cells, `stage_status` (of the stages of
#'       the framework), and with evidence `probability` of the stage and
#'       `likely`, the 90 % set.}
#'     \item{`"probabilities"`}{`unit, edition, framework, status, stage,
#'       stage_label, probability, at_least, lower, upper, error, likely, way`.}
#'     \item{`"gates"`}{a row for each gate and item: `unit, edition, framework,
#'       status, stage, group, k, n, holds, item, minimum, value, state` (met,
#'       not met, unknown, not applicable).}
#'     \item{`"domains"`}{a row for each branch: `unit, edition, framework,
#'       status, item, label, score, low, median, high, items`: score 0 to 100,
#'       levels of its items.}
#'   }
#' @section Errors:
#' `cap_error_input`, naming argument, item and unit, for answers that do not fit
#' the framework or lie off the scale; unknown grades, items and frameworks;
#' cells given twice; reliabilities, correlations and draws out of range; items
#' declared not applicable that the framework does not leave open, and units to
#' which no item applies.
#' @references ENISA (2022), *CSIRT Maturity Framework*. OECD/JRC (2008),
#'   *Handbook on Constructing Composite Indicators*. Frechet, M. (1951),
#'   *Annales de l'Universite de Lyon* A 14. Rueger, B. (1978), *Metrika* 25.
#'   Salmon, J. et al. (2011), *Proc. SC11*. Acs, Z., Autio, E. and Szerb, L.
#'   (2014), *Research Policy* 43.
#' @export
#' @examples
#' gci <- cap_answers(subset(gci_items, edition == 2024), "gci-2024")
#' support <- cap_readiness(gci, "support-profile")
#' support
#' subset(as.data.frame(support), unit == "KEN")
#' # All answers documented (grade B)
#' graded <- transform(subset(gci_items, edition == 2024), grade = "B")
#' sure <- cap_readiness(gci, "support-profile", evidence = graded)
#' subset(cap_table(sure, "probabilities"), unit == "KEN")
cap_readiness <- function(answers, framework = NULL, evidence = NULL, n = 1e4,
                          correlation = 0, external = NULL, not_applicable = NULL,
                          weights = NULL, twin = "geometric",
                          reliability = c(A = 0.97, B = 0.9, C = 0.75, D = 0.6),
                          step = NULL, method = c("best", "simulation")) {
  check_not_integer64(step, "step")
  spec <- list(
    n = as.double(check_count(n, "n", most = 1e9)),
    correlation = check_number(correlation, "correlation", 0, 1),
    reliability = check_reliability(reliability),
    method = choose(method, c("best", "simulation"), "method")
  )
  input <- readiness_input(answers, framework, weights, twin)
  cells <- readiness_cells(input$answers, not_applicable, evidence, spec$reliability)
  outside <- external_stages(external, input$answers)
  scores <- readiness_scores(input, cells)
  gates <- readiness_gates(input$answers$framework)
  x <- structure(
    c(
      list(
        framework = input$answers$framework, spec = c(spec, input["twin"]),
        unit = input$answers$unit, edition = input$answers$edition,
        gates = gates, answers = input$answers, by_bands = is_banded(input$answers$framework),
        external = outside, given = list(input = input, cells = cells, step = step)
      ),
      scores
    ),
    class = c("cap_readiness", "cap_result")
  )
  if (is.null(gates)) {
    return(x)
  }
  figures <- stage_figures(x, cells)
  x[names(figures)] <- figures
  if (!is.null(evidence)) x$law <- stage_law(x, cells, input, step)
  x
}

check_reliability <- function(reliability) {
  check_not_integer64(reliability, "reliability")
  grades <- names(reliability)
  if (!is.numeric(reliability) || is.null(grades) || anyNA(grades) || anyDuplicated(grades) || !all(nzchar(grades))) {
    cap_abort_input("{.arg reliability} must be numbers named by grade, such as {.code c(A = 0.97, B = 0.9)}.")
  }
  check_each(reliability >= 0 & reliability <= 1, grades, "{.arg reliability} must be from 0 to 1", "of")
  invisible(reliability)
}

# Stages -----------------------------------------------------------------------

is_banded <- function(framework) is.null(framework$stages) && !is.null(framework$bands)

# Gates for the core, with caps on the scale of the score; for bands one gate on
# the score itself. NULL without stages and bands.
readiness_gates <- function(framework) {
  gates <- if (is_banded(framework)) band_gates(framework) else framework_gates(framework)
  if (is.null(gates)) {
    return(NULL)
  }
  gates$cap <- as.double(100 * gates$cap / root_max(framework))
  gates$minimum <- as.double(gates$minimum)
  gates$item <- as.integer(gates$item)
  gates$group_stage <- as.integer(gates$group_stage)
  gates$group_k <- as.integer(gates$group_k)
  gates
}

# Bands from the lowest, which holds always; below the lowest bound, if that is
# above 0, there is a stage without a band.
band_gates <- function(framework) {
  bands <- framework$bands[rev(seq_len(nrow(framework$bands))), ]
  below <- bands$lower[1L] > 0
  label <- c(if (below) say("en", "readiness.below_bands"), bands$label)
  lower <- if (below) bands$lower else bands$lower[-1L]
  n <- length(lower)
  list(
    n_items = 1L, n_stages = n + 1L, n_groups = n, stage = seq.int(0L, n), label = label,
    status = rep(framework$status, n + 1L), cap = c(lower, NA_real_),
    group_stage = seq_len(n), group_k = rep(1L, n), group = rep(say("en", "gate.score"), n),
    group_start = seq.int(0L, n), item = rep(1L, n),
    minimum = 100 * lower / root_max(framework), external = character()
  )
}

# What gates look at, rows x items of the gates: the least, and over all that is
# unknown the lowest and the highest values.
gate_values <- function(x, cells) {
  if (x$by_bands) {
    return(list(value = cbind(x$score), low = cbind(x$score_low), high = cbind(x$score_high), applies = NULL))
  }
  unknown <- cells$missing | cells$ungraded
  fill <- function(rows, figure) {
    out <- cells$value
    out[rows] <- figure[col(out)[rows]]
    out
  }
  outside <- x$external
  applies <- if (!all(cells$applies)) cbind(cells$applies, matrix(TRUE, nrow(cells$value), ncol(outside$low)))
  list(
    value = cbind(fill(cells$missing, cells$lowest), outside$low),
    low = cbind(fill(unknown, cells$lowest), outside$low),
    high = cbind(fill(unknown, cells$highest), outside$high), applies = applies
  )
}

stage_figures <- function(x, cells) {
  gates <- x$gates
  values <- gate_values(x, cells)
  reach <- function(value) .Call(C_stage_reach, gates, value, values$applies)
  stage <- reach(values$value)
  gap <- .Call(C_stage_next, gates, values$value, values$applies, stage, x$score)
  c(
    list(stage = stage, stage_low = reach(values$low), stage_high = reach(values$high), values = values),
    gap[c("gated", "deficit", "attainment", "met", "asked")]
  )
}

stage_label <- function(x, position) x$gates$label[position + 1L]

#' @export
result_tables.cap_readiness <- function(x, lang, ...) {
  caption <- function(table) {
    term("caption.readiness",
      title = title_in(lang, x$framework), status = readiness_status(x), table = words_of("readiness_table", table)
    )
  }
  list(
    stages = lazy_table(readiness_units(x), caption("stages"), stages_table(x)),
    probabilities = lazy_table(probabilities_table(x), caption("probabilities")),
    gates = lazy_table(gates_table(x), caption("gates")),
    domains = lazy_table(domains_table(x), caption("domains"))
  )
}

readiness_units <- function(x) {
  n <- length(x$unit)
  none <- is.null(x$gates)
  data.frame(
    unit = x$unit, edition = x$edition, framework = rep(x$framework$id, n),
    status = rep(x$framework$status, n), score = x$score,
    gated = if (none) x$score else x$gated,
    stage = if (none) rep(NA_integer_, n) else stage_number(x, x$stage),
    stage_label = if (none) rep(NA_character_, n) else stage_label(x, x$stage),
    deficit = if (none) rep(NA_real_, n) else x$deficit,
    attainment = if (none) rep(NA_real_, n) else x$attainment,
    stage_low = if (none) rep(NA_integer_, n) else stage_number(x, x$stage_low),
    stage_high = if (none) rep(NA_integer_, n) else stage_number(x, x$stage_high),
    failing = if (none) rep("", n) else failing_gates(x)
  )
}

# What the next stage still asks for: codes of an AND group, and for k of n how
# many more of which.
failing_gates <- function(x) text_in("en", failing_words(x))

# What the next stage still asks of each row: a list of texts.
failing_words <- function(x) {
  members <- gate_members(x)
  lapply(seq_along(x$unit), function(row) {
    next_groups <- which(x$gates$group_stage == x$stage[row] + 1L)
    listed(unique(unlist(lapply(next_groups, function(g) failing_group(x, members, row, g)), recursive = FALSE)))
  })
}

failing_group <- function(x, members, row, group) {
  at <- members$group == group
  if (members$held$holds[row, group]) {
    return(NULL)
  }
  met <- members$held$met[row, at]
  applies <- members$applies[row, at]
  lacking <- members$held$k[row, group] - sum(met)
  names <- members$name[at][applies & !met]
  if (lacking == length(names)) names else list(term("readiness.lacking", n = lacking, items = listed(names)))
}

# Members of all groups: group, name, what the core says that holds (C_gates_hold), and
# rows x members whether they apply.
gate_members <- function(x) {
  gates <- x$gates
  applies <- x$values$applies %||% matrix(TRUE, nrow(x$values$value), ncol(x$values$value))
  name <- as.list(gate_names(x)[gates$item])
  own <- gates$item > length(gate_names(x)) - length(gates$external)
  name[own] <- terms("readiness.other_stage", framework = name[own], stage = gates$minimum[own])
  list(
    group = rep(seq_len(gates$n_groups), diff(gates$group_start)), name = name,
    held = .Call(C_gates_hold, gates, x$values$value, x$values$applies),
    applies = applies[, gates$item, drop = FALSE]
  )
}

# Names of what gates look at: items, then other frameworks.
gate_names <- function(x) {
  if (x$by_bands) root_code(x$framework) else c(leaf_codes(x$framework), x$gates$external)
}

# Tables -----------------------------------------------------------------------

stages_table <- function(x) {
  out <- readiness_units(x)
  out$twin <- x$twin
  out$score_low <- x$score_low
  out$score_high <- x$score_high
  out$progress <- if (is.null(x$gates)) NA_real_ else stage_progress(x)
  out$missing <- as.integer(rowSums(x$given$cells$missing))
  out$ungraded <- as.integer(rowSums(x$given$cells$ungraded))
  out$not_applicable <- as.integer(rowSums(!x$given$cells$applies))
  out$stage_status <- if (is.null(x$gates)) NA_character_ else x$gates$status[x$stage + 1L]
  if (!is.null(x$law)) {
    out$probability <- stage_chances(x$law)[cbind(seq_along(x$unit), x$stage + 1L)]
    out$likely <- likely_label(x)
  }
  out[c(setdiff(names(out), "failing"), "failing")]
}

# Stage plus the share of what the next one asks that is met: under the next.
stage_progress <- function(x) {
  stage_number(x, x$stage) + ifelse(x$asked > 0, x$met / x$asked, 0)
}

# "2, 3": the stages of the 90 % set.
likely_label <- function(x) {
  set <- likely_stages(x$law)
  vapply(seq_len(nrow(set)), function(row) paste(x$gates$stage[set[row, ]], collapse = ", "), "")
}

probabilities_table <- function(x) {
  if (is.null(x$law)) {
    cap_abort_input(c(
      "There are no probabilities: the answers were taken as certain.",
      "i" = "Give {.arg evidence} to {.fn cap_readiness}: a grade for each answer."
    ))
  }
  k <- x$gates$n_stages
  n <- length(x$unit)
  flat <- function(m) as.vector(t(m))
  data.frame(
    unit = rep(x$unit, each = k), edition = rep(x$edition, each = k), framework = x$framework$id,
    status = x$framework$status, stage = rep(x$gates$stage, n), stage_label = rep(x$gates$label, n),
    probability = flat(stage_chances(x$law)), at_least = flat(x$law$at_least),
    lower = flat(x$law$lower), upper = flat(x$law$upper), error = flat(x$law$error),
    likely = flat(likely_stages(x$law)), way = rep(x$law$way, each = k)
  )
}

gates_table <- function(x) {
  if (is.null(x$gates)) {
    stop_no_stages(x$framework)
  }
  members <- gate_members(x)
  gates <- x$gates
  n <- length(x$unit)
  group <- members$group
  item <- gates$item
  cells <- n * length(item)
  flat <- function(m) as.vector(t(m))
  applies <- members$applies
  possible <- .Call(C_gates_hold, gates, x$values$high, x$values$applies)
  certain <- .Call(C_gates_hold, gates, x$values$low, x$values$applies)
  known <- function(part) ifelse(certain[[part]], "met", ifelse(possible[[part]], "unknown", "not met"))
  state <- ifelse(applies, known("met"), "not applicable")
  holds <- known("holds")
  value <- x$values$value[, item, drop = FALSE]
  value[!applies | state == "unknown" & x$values$low[, item, drop = FALSE] < x$values$high[, item, drop = FALSE]] <- NA
  data.frame(
    unit = rep(x$unit, each = length(item)), edition = rep(x$edition, each = length(item)),
    framework = rep(x$framework$id, cells), status = rep(x$framework$status, cells),
    stage = rep(gates$stage[gates$group_stage[group] + 1L], n), group = rep(gates$group[group], n),
    k = flat(certain$k[, group, drop = FALSE]), n = flat(certain$n[, group, drop = FALSE]),
    holds = flat(holds[, group, drop = FALSE]), item = rep(gate_names(x)[item], n),
    minimum = rep(gates$minimum, n), value = flat(value), state = flat(state)
  )
}

domains_table <- function(x) {
  branches <- pillar_nodes(x$framework)
  of <- match(pillar_of(x$framework, x$framework$leaves), branches)
  n <- length(x$unit)
  k <- length(branches)
  level <- x$answers$values
  level[!x$given$cells$applies] <- NA
  over <- function(f) {
    vapply(seq_along(branches), function(b) {
      apply(level[, of == b, drop = FALSE], 1L, function(v) if (all(is.na(v))) NA_real_ else f(v[!is.na(v)]))
    }, numeric(n))
  }
  flat <- function(m) as.vector(t(matrix(m, n)))
  data.frame(
    unit = rep(x$unit, each = k), edition = rep(x$edition, each = k), framework = x$framework$id,
    status = x$framework$status, item = rep(x$framework$items$code[branches], n),
    label = rep(x$framework$items$label[branches], n), score = flat(x$branches),
    low = flat(over(min)), median = flat(over(middle)), high = flat(over(max)),
    items = flat(over(length))
  )
}

# Findings ---------------------------------------------------------------------

#' @export
cap_findings.cap_readiness <- function(x, ..., lang = "en") {
  status <- readiness_status(x)
  official <- all(c(x$framework$status, x$gates$status) == "official")
  x <- labelled_readiness(lang, x)
  do.call(findings, c(
    list(lang),
    list(finding("readiness.status", title = x$framework$title, status = status)),
    if (!official) list(finding("readiness.unofficial")),
    if (is.null(x$gates)) list(finding("readiness.no_stages")) else readiness_stage_findings(x),
    list(finding("readiness.score", mean = mean(x$score), twin = mean(x$twin, na.rm = TRUE), rule = twin_label(x))),
    readiness_gap_findings(x),
    readiness_law_findings(x)
  ))
}

twin_label <- function(x) rule_words(x$spec$twin)[[1L]]

# A readiness whose framework and gates have their labels in a language.
labelled_readiness <- function(lang, x) {
  original <- x$framework
  x$framework <- framework_in(lang, original)
  if (x$by_bands) {
    x$gates$group[] <- say(lang, "gate.score")
    if (x$gates$n_stages > nrow(original$bands)) x$gates$label[1L] <- say(lang, "readiness.below_bands")
  } else if (!is.null(x$gates)) {
    x$gates$label <- x$framework$stages$label
    x$gates$group <- x$framework$gates$group[match(x$gates$group, original$gates$group)]
  }
  x
}

readiness_stage_findings <- function(x) {
  unlist(lapply(unique(x$edition), function(edition) {
    rows <- which(x$edition == edition)
    if (length(rows) <= 3L) lapply(rows, function(row) unit_stage_finding(x, row)) else list(edition_stage_finding(x, edition, rows))
  }), recursive = FALSE)
}

unit_stage_finding <- function(x, row) {
  common <- list(
    unit = x$unit[row], edition = x$edition[row], stage = stage_number(x, x$stage[row]),
    label = stage_label(x, x$stage[row]), score = x$score[row], gated = x$gated[row]
  )
  if (x$stage[row] == x$gates$n_stages - 1L) {
    return(do.call(finding, c("readiness.unit_top", common)))
  }
  do.call(finding, c("readiness.unit", common, list(
    following = stage_label(x, x$stage[row] + 1L), deficit = round(x$deficit[row], 2L), failing = failing_words(x)[[row]]
  )))
}

edition_stage_finding <- function(x, edition, rows) {
  counts <- tabulate(x$stage[rows] + 1L, x$gates$n_stages)
  finding("readiness.edition",
    edition = edition, n = length(rows),
    counts = terms("readiness.count", n = counts, stage = x$gates$stage, label = x$gates$label)
  )
}

readiness_gap_findings <- function(x) {
  cells <- function(key, m) {
    n <- sum(m)
    if (n > 0L) list(finding(key, n = n, units = length(unique(x$unit[rowSums(m) > 0]))))
  }
  staged <- !is.null(x$gates)
  capped <- if (staged) which(x$gated < x$score) else integer()
  open <- if (staged) which(x$stage_low < x$stage_high) else integer()
  unknown <- which(rowSums(x$external$unknown) > 0)
  c(
    list(finding_if_any("readiness.capped", units = x$unit[capped])),
    cells("readiness.missing", x$given$cells$missing), cells("readiness.ungraded", x$given$cells$ungraded),
    cells("readiness.not_applicable", !x$given$cells$applies),
    if (length(unknown) > 0L) {
      list(finding("readiness.external", n = length(unknown), frameworks = first_of(x$gates$external)))
    },
    if (length(x$external$status) > 0L) {
      list(finding("readiness.external_status",
        frameworks = first_of(x$gates$external), status = first_of(words_of("framework_status", x$external$status))
      ))
    },
    list(finding_if_any("readiness.interval", units = x$unit[open]))
  )
}

way_finding <- function(way) {
  switch(way,
    exact = "readiness.exact", quadrature = "readiness.quadrature", simulation = "readiness.simulation"
  )
}

readiness_law_findings <- function(x) {
  if (is.null(x$law)) {
    return(NULL)
  }
  several <- sum(rowSums(likely_stages(x$law)) > 1L)
  ways <- unique(x$law$way)
  c(
    list(finding("readiness.likely", n = length(x$unit), several = several)),
    lapply(ways, function(way) {
      at <- x$law$way == way
      finding(way_finding(way),
        n = sum(at), correlation = x$spec$correlation, draws = x$spec$n,
        error = signif(max(x$law$error[at, ]), 2L)
      )
    })
  )
}
