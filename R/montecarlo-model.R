# The model that a Monte Carlo recomputes: an index's edition, bound to what may
# vary. The core takes it as src/core/montecarlo/pipeline.h describes.

# list(model, factors, nominal, rows): `model` for C; `factors` a list of
# list(name, label, stage, choices); `nominal` the index's own scores and ranks.
bind_model <- function(index, vary, edition = NULL) {
  check_index(index)
  rows <- rows_of_edition(index, edition)
  vary <- as_vary(vary)
  framework <- index$framework
  base <- list(
    index = index, framework = framework, rows = rows,
    values = from_zero(index$answers$values[rows, , drop = FALSE], framework$arrays),
    unit = index$unit[rows], item = leaf_codes(framework)
  )
  missing <- bind_missing(base, vary_at(vary, "missing"))
  normalise <- bind_normalise(base, missing, vary_at(vary, "normalise"))
  answers <- bind_answers(base, missing, normalise, vary_at(vary, "answers"))
  recipes <- bind_recipes(base, vary_at(vary, "aggregate"))
  check_layers_differ(normalise, missing, vary_at(vary, "normalise"))
  factors <- lapply(unname(vary), function(one) {
    switch(one$stage,
      weights = factor_of(base, one, weights = bind_weights(base, one)),
      normalise = factor_of(base, one, choices = normalise$labels),
      aggregate = factor_of(base, one, choices = recipes$labels),
      missing = factor_of(base, one, choices = missing$labels),
      drop = bind_drop(base, one),
      answers = factor_of(base, one)
    )
  })
  check_own_weights(factors, framework)
  list(
    model = list(
      arrays = weighted_arrays(index$spec$weights, framework), n_rows = length(rows),
      n_missing = length(missing$labels), n_normalise = length(normalise$labels),
      layers = answers$layers, p_down = answers$p_down, p_up = answers$p_up,
      recipes = recipes$recipes, min_coverage = as.double(index$spec$min_coverage),
      rank = index$spec$ties, factors = lapply(factors, `[[`, "core")
    ),
    factors = factors, rows = rows
  )
}

rows_of_edition <- function(index, edition) {
  edition <- edition %||% last_edition(index)
  check_edition(edition, index$edition, "the index")
  which(index$edition == edition)
}

# A named list of factors, at most one a stage but for weights.
as_vary <- function(vary) {
  if (inherits(vary, "cap_vary")) vary <- list(vary)
  if (!is.list(vary) || length(vary) == 0L || !all(vapply(vary, inherits, NA, "cap_vary"))) {
    cap_abort_input(c(
      "{.arg vary} must be a list of what may vary, from the {.code cap_vary_} functions.",
      "i" = "Such as {.code vary = list(weights = cap_vary_weights(\"noise\", 0.25))}."
    ))
  }
  stage <- vapply(vary, `[[`, "", "stage")
  given <- names(vary) %||% rep("", length(vary))
  given[is.na(given)] <- ""
  labels <- vapply(vary, function(v) v$label %||% "", "")
  unnamed <- !nzchar(labels) & !nzchar(given)
  names(vary) <- ifelse(nzchar(labels), labels, ifelse(nzchar(given), given, stage))
  check_not_dummy(names(vary), "vary")
  check_once(names(vary), "vary", "factors")
  twice <- unique(stage[duplicated(stage) & stage != "weights"])
  check_none(twice, "{.arg vary} has more than one factor for {.val {bad}}; put the alternatives into one.")
  for (k in seq_along(vary)) vary[[k]][c("name", "unnamed")] <- list(names(vary)[k], unnamed[k])
  vary
}

# The one factor of a stage, or NULL.
vary_at <- function(vary, stage) Find(function(v) v$stage == stage, vary)

stop_idle_factor <- function(name, why) {
  cap_abort_input(c("{.arg vary}: the factor {.val {name}} cannot change anything: {why}.", "i" = "Leave it out."))
}

# `label` and `choices` are texts; the name of one that the user left unnamed is that of
# its stage.
factor_of <- function(base, vary, choices = NULL, node = NULL, weights = no_weights) {
  list(
    name = vary$name, unnamed = vary$unnamed, label = vary_words(vary, base$framework), stage = vary$stage,
    choices = choices,
    core = c(list(stage = vary$stage, n_choices = length(choices), node = node), weights)
  )
}

# Weights ----------------------------------------------------------------------

bind_weights <- function(base, vary) {
  framework <- base$framework
  items <- framework$items
  weight <- node_shares(base$index)
  parent <- framework$arrays$parent
  level <- vary$level
  check_levels(level, framework$levels[-1L])
  check_levels(names(vary$amount), framework$levels[-1L], "amount")
  below <- which(!is.na(parent) & weight > 0)
  parents <- sort(unique(parent[below]))
  child_level <- vapply(parents, function(p) items$level[which(parent == p)[1L]], "")
  chosen <- is.null(level) | child_level %in% level
  stray <- setdiff(names(vary$amount), level %||% framework$levels)
  check_none(stray, "{.arg amount} is given for {.val {bad}}, which {.arg level} leaves out.")
  if (!is.null(names(vary$amount))) chosen <- chosen & child_level %in% names(vary$amount)
  several <- vapply(parents, function(p) sum(parent[below] == p) > 1L, NA)
  node <- parents[chosen & several]
  if (length(node) == 0L) stop_idle_factor(vary$name, "no parent there has two children of weight above 0")
  levels <- child_level[chosen & several]
  switch(vary$method,
    noise = ,
    simplex = plain_parents(vary, node, levels),
    dirichlet = concentrations(vary, node, levels, base, weight),
    experts = expert_parents(vary, node, base)
  )
}

amounts_of <- function(amount, levels) {
  if (is.null(names(amount))) rep(as.double(amount), length(levels)) else as.double(amount[levels])
}

weights_core <- function(kind, node, amount, shares = NULL, pool = "mean", trim = 0) {
  list(kind = kind, parents = list(node = node, amount = amount, shares = shares), pool = pool, trim = trim)
}

no_weights <- weights_core("noise", integer(), double())

plain_parents <- function(vary, node, levels) {
  if (vary$method == "simplex") {
    return(weights_core(vary$method, node, rep(0, length(node))))
  }
  amount <- amounts_of(vary$amount, levels)
  if (all(amount == 0)) stop_idle_factor(vary$name, "its noise is 0")
  weights_core(vary$method, node, amount)
}

# The concentration that gives the experts' standard errors on average.
concentrations <- function(vary, node, levels, base, weight) {
  if (!is.null(vary$amount)) {
    return(weights_core(vary$method, node, amounts_of(vary$amount, levels)))
  }
  table <- as.data.frame(base$index$spec$weights)
  code <- base$framework$items$code
  se <- table$se[match(code, table$item)]
  amount <- vapply(node, function(p) {
    child <- which(base$framework$arrays$parent == p & weight > 0)
    .Call(C_concentration, as.double(weight[child]), as.double(se[child]))
  }, 0)
  check_none(code[node[!(is.finite(amount) & amount > 0)]], c(
    "{.val dirichlet} needs a concentration, {.arg amount}: the weights below {some_items(bad)} have no standard errors.",
    "i" = "Weights from {.fn cap_weights_expert} have them."
  ))
  weights_core(vary$method, node, amount)
}

expert_parents <- function(vary, node, base) {
  given <- vary$experts %||% base$index$spec$weights
  if (!inherits(given, "cap_weights_expert")) {
    cap_abort_input(c(
      "{.val experts} needs the experts: {.arg experts}, or an index with weights from {.fn cap_weights_expert}.",
      "i" = "Without them, {.val noise} or {.val dirichlet} vary weights."
    ))
  }
  code <- base$framework$items$code
  experts <- given$details$experts
  check_items(unique(c(experts$parent, experts$item)), code, "experts", base$framework)
  several <- table(unique(experts[c("parent", "expert")])$parent)
  node <- node[code[node] %in% names(several)[several > 1L]]
  if (length(node) == 0L) stop_idle_factor(vary$name, "no parent there was weighted by two experts")
  shares <- lapply(node, function(p) {
    child <- code[which(base$framework$arrays$parent == p)]
    here <- experts[experts$parent == code[p], ]
    who <- unique(here$expert)
    x <- matrix(here$share[match(
      paste(rep(who, length(child)), rep(child, each = length(who)), sep = "\r"),
      paste(here$expert, here$item, sep = "\r")
    )], length(who))
    # an item that no expert was asked about keeps no weight
    replace(x, is.na(x), 0)
  })
  weights_core(vary$method, node, rep(0, length(node)), shares,
    pool = given$details$pool, trim = as.double(given$details$trim %||% 0)
  )
}

check_own_weights <- function(factors, framework) {
  nodes <- unlist(lapply(factors, function(f) f$core$parents$node))
  check_none(framework$items$code[unique(nodes[duplicated(nodes)])], c(
    "Two factors of {.arg vary} change the weights below {some_items(bad)}.",
    "i" = "Give each its own {.arg level}."
  ))
  invisible(factors)
}

# Missing answers --------------------------------------------------------------

# list(labels, values, spread, policy): each a list with an element a choice,
# the index's own first.
bind_missing <- function(base, vary) {
  own <- own_missing(base)
  if (is.null(vary)) {
    return(own)
  }
  gaps <- own$gaps
  if (!any(gaps)) stop_idle_factor(vary$name, "the index has no missing or filled answer")
  bare <- replace(own$values[[1L]], gaps, NA_real_)
  for (one in vary$methods) {
    if (list(missing_words(one)) %in% own$labels) next
    filled <- fill_gaps(one, bare, base)
    own$labels <- c(own$labels, list(missing_words(one)))
    own$values <- c(own$values, list(filled$values))
    own$spread <- c(own$spread, list(if (vary$spread) filled$spread))
    own$policy <- c(own$policy, filled$policy)
  }
  if (vary$spread) own$spread[1L] <- list(own$own_spread)
  if (length(own$labels) == 1L && is.null(own$spread[[1L]])) {
    stop_idle_factor(vary$name, "its one alternative is what the index does")
  }
  own
}

own_missing <- function(base) {
  record <- attr(base$index$answers, "imputed")$record
  gaps <- is.na(base$values)
  spread <- NULL
  policy <- base$index$spec$missing
  label <- words_of("missing", policy)
  if (!is.null(record) && nrow(record) > 0L) {
    here <- record[record$edition == base$index$edition[base$rows[1L]], ]
    at <- cbind(match(here$unit, base$unit), match(here$item, base$item))
    gaps[at] <- TRUE
    stretch <- leaf_max(base$framework) / (leaf_max(base$framework) - leaf_min(base$framework))
    spread <- replace(matrix(0, nrow(gaps), ncol(gaps)), at, here$spread * stretch[at[, 2L]])
    if (nrow(here) > 0L) label <- list(term("choice.filled", method = words_of("imputation", here$method[[1L]])))
  }
  list(
    labels = label, values = list(base$values), spread = list(NULL), policy = policy,
    gaps = gaps, own_spread = spread
  )
}

fill_gaps <- function(one, bare, base) {
  if (one[[1L]] %in% c("zero", "renormalise")) {
    return(list(values = bare, spread = NULL, policy = one[[1L]]))
  }
  dimnames(bare) <- list(base$unit, base$item)
  filled <- do.call(cap_impute, c(list(bare, one[[1L]]), one[-1L]))
  values <- matrix(as.double(filled), nrow(bare))
  left <- which(is.na(values), arr.ind = TRUE)
  if (nrow(left) > 0L) {
    cap_abort_input(c(
      "{.val {one[[1L]]}} leaves {nrow(left)} missing answer{?s} of {some_items(base$item[left[, 2L]])}.",
      "i" = "Choose another method, or {.val zero} or {.val renormalise}."
    ), units = unique(base$unit[left[, 1L]]))
  }
  max <- leaf_max(base$framework)
  values <- pmin(pmax(values, 0), rep(max, each = nrow(values)))
  record <- attr(filled, "imputed")$record
  spread <- matrix(0, nrow(bare), ncol(bare))
  spread[cbind(match(record$unit, base$unit), match(record$item, base$item))] <- record$spread
  list(values = values, spread = spread, policy = "error")
}

# Normalisation ----------------------------------------------------------------

# list(labels, layers, again): layers[[m + (k - 1) * n_missing]] are the values of
# the m-th choice of filling and the k-th of normalising; again[[...]] normalises
# moved answers alike.
bind_normalise <- function(base, missing, vary) {
  same <- function(x) x
  if (is.null(vary)) {
    return(list(labels = list(term("choice.as_answered")), layers = missing$values, again = rep(list(same), length(missing$values))))
  }
  raw <- if (!is.null(vary$data)) raw_values(base, vary$data)
  labels <- if (is.null(raw)) list(term("choice.as_answered"))
  layers <- if (is.null(raw)) missing$values else list()
  again <- if (is.null(raw)) rep(list(same), length(layers)) else list()
  if (!is.null(raw) && length(missing$labels) > 1L) {
    cap_abort_input(c(
      "Missing answers and a normalisation of other {.arg data} cannot vary together.",
      "i" = "Fill the {.arg data} first, or normalise the answers themselves."
    ))
  }
  for (one in vary$methods) {
    label <- list(choice_words("normalisation", c(one, vary$args)))
    if (label %in% labels) next
    labels <- c(labels, label)
    for (values in if (is.null(raw)) missing$values else list(raw)) {
      done <- normalise_answers(values, c(one, vary$args), base)
      layers <- c(layers, list(done$values))
      again <- c(again, list(if (is.null(raw)) done$again else stop_moved_data))
    }
  }
  list(labels = labels, layers = layers, again = again)
}

stop_moved_data <- function(x) {
  cap_abort_input(c(
    "Answers cannot vary where other {.arg data} are normalised in their place.",
    "i" = "Leave out {.fn cap_vary_answers}, or normalise the answers themselves."
  ))
}

raw_values <- function(base, data) {
  panel <- indicator_panel(data)
  at <- match(base$unit, panel$unit)
  item <- match(base$item, panel$item)
  if (anyNA(at) || anyNA(item) || anyDuplicated(panel$unit)) {
    cap_abort_input(c(
      "{.arg data} of {.fn cap_vary_normalise} must have one row for each unit and a column for each item of the index.",
      "x" = if (anyNA(at)) "Units without a row: {some_units(base$unit[is.na(at)])}.",
      "x" = if (anyNA(item)) "Items without a column: {some_items(base$item[is.na(item)])}."
    ))
  }
  raw <- unname(panel$values[at, item, drop = FALSE])
  gaps <- which(is.na(raw) & !is.na(base$values), arr.ind = TRUE)
  if (nrow(gaps) > 0L) {
    cap_abort_input(c(
      paste(
        "{.arg data} of {.fn cap_vary_normalise} lacks values that the index has:",
        "{some_cells(base$unit[gaps[, 1L]], NA, base$item[gaps[, 2L]])}."
      ),
      "i" = "Fill them, as the answers were."
    ))
  }
  raw
}

# The core turns items of direction -1 around, so they are handed over turned.
normalise_answers <- function(values, spec, base) {
  leaves <- base$framework$leaves
  max <- rep(leaf_max(base$framework), each = nrow(values))
  direction <- base$framework$items$direction[leaves]
  turned <- rep(direction < 0, each = nrow(values))
  dimnames(values) <- list(base$unit, base$item)
  arguments <- spec[-1L]
  if (is.null(arguments$direction)) arguments$direction <- stats::setNames(direction, base$item)
  ended <- spec[[1L]] != "zscore" && !identical(spec$form, "ratio") && !identical(spec$form, "difference")
  if (ended) arguments$range <- arguments$range %||% c(0, 1)
  object <- do.call(cap_normalise, c(list(values, spec[[1L]]), arguments))
  on_scale <- function(y) {
    if (spec[[1L]] == "zscore" && is.null(arguments$range)) y <- 0.5 + y / 6
    max * ifelse(turned, 1 - y, y)
  }
  list(
    values = on_scale(object$values),
    again = function(x) {
      if (spec[[1L]] %in% ranked_methods) {
        cap_abort_input(c(
          paste(
            "Answers, or the spread of filled ones, cannot vary where {.val {spec[[1L]]}} normalises them:",
            "ranks stand on all units' answers."
          ),
          "i" = "Leave out {.fn cap_vary_answers} and {.code spread = TRUE}, or this method."
        ))
      }
      dimnames(x) <- list(base$unit, base$item)
      on_scale(stats::predict(object, x)$values)
    }
  )
}

# Methods that change no value are no choices.
check_layers_differ <- function(normalise, missing, vary) {
  if (is.null(vary)) {
    return(invisible(normalise))
  }
  first <- seq(1L, length(normalise$layers), by = length(missing$labels))
  values <- function(k) as.vector(normalise$layers[[k]])
  same <- function(k) isTRUE(all.equal(values(k), values(1L), tolerance = slack("spread")))
  if (all(vapply(first, same, NA))) stop_idle_factor(vary$name, "all its methods give the same values")
  invisible(normalise)
}

# Answers ----------------------------------------------------------------------

bind_answers <- function(base, missing, normalise, vary) {
  n <- length(missing$labels)
  layers <- lapply(seq_along(normalise$layers), function(k) {
    m <- (k - 1L) %% n + 1L
    list(
      value = normalise$layers[[k]], down = NULL, up = NULL,
      spread = spread_alike(missing$spread[[m]], missing$values[[m]], normalise$again[[k]]),
      missing = missing$policy[[m]]
    )
  })
  if (is.null(vary)) {
    return(list(layers = layers, p_down = NULL, p_up = NULL))
  }
  base$values[missing$gaps] <- NA_real_ # what was filled in is no answer
  moved <- moved_answers(base, vary)
  for (k in seq_along(layers)) {
    m <- (k - 1L) %% n + 1L
    for (side in c("down", "up")) {
      x <- missing$values[[m]]
      x[!is.na(base$values)] <- moved[[side]][!is.na(base$values)]
      layers[[k]][[side]] <- normalise$again[[k]](x)
    }
  }
  list(layers = layers, p_down = moved$p_down, p_up = moved$p_up)
}

# The spread of filled cells on the scale to which `again` normalises: half the
# distance of one standard deviation down and up.
spread_alike <- function(spread, values, again) {
  if (is.null(spread)) {
    return(NULL)
  }
  spread[is.na(spread)] <- 0
  abs(again(values + spread) - again(values - spread)) / 2
}

moved_answers <- function(base, vary) {
  x <- base$values
  max <- matrix(leaf_max(base$framework), nrow(x), ncol(x), byrow = TRUE)
  step <- max * rep(item_figures(vary$step, base$item, "step", 0.5, base$framework), each = nrow(x))
  p <- answer_probabilities(base, vary)
  p[is.na(x)] <- 0
  at_bottom <- !is.na(x) & x <= 0
  at_top <- !is.na(x) & x >= max
  if (all(p == 0)) stop_idle_factor(vary$name, "no answer has a probability above 0 to be wrong")
  list(
    down = pmax(x - step, 0), up = pmin(x + step, max),
    p_down = ifelse(at_bottom, 0, ifelse(at_top, p, p / 2)),
    p_up = ifelse(at_top, 0, ifelse(at_bottom, p, p / 2))
  )
}

answer_probabilities <- function(base, vary) {
  p <- matrix(NA_real_, length(base$unit), length(base$item))
  if (is.null(vary$evidence)) {
    p[] <- vary$p
    return(p)
  }
  evidence <- vary$evidence
  check_table(evidence, "evidence")
  check_columns(evidence, c("unit", "item", "grade"), "evidence")
  grade <- as_code(evidence[["grade"]])
  unknown <- setdiff(grade, c(names(vary$p), NA))
  check_none(unknown, "{.arg evidence} has grades without a probability in {.arg p}: {some_of(bad)}.")
  unit <- match(as_code(evidence[["unit"]]), base$unit)
  item <- match(as_code(evidence[["item"]]), base$item)
  check_items(unique(as_code(evidence[["item"]])), base$item, "evidence", base$framework)
  if (!is.null(evidence[["edition"]])) unit[evidence[["edition"]] != base$index$edition[base$rows[1L]]] <- NA
  at <- cbind(unit, item)
  known <- !is.na(unit) & !is.na(grade)
  if (anyDuplicated(at[known, , drop = FALSE])) {
    again <- at[known & duplicated(at), , drop = FALSE]
    cap_abort_input("{.arg evidence} grades an answer more than once: {some_cells(base$unit[again[, 1L]], NA, base$item[again[, 2L]])}.")
  }
  p[at[known, , drop = FALSE]] <- vary$p[grade[known]]
  lacking <- which(is.na(p) & !is.na(base$values), arr.ind = TRUE)
  if (nrow(lacking) > 0L && is.null(vary$default)) {
    off <- list(unit = base$unit[lacking[, 1L]], item = base$item[lacking[, 2L]])
    cap_abort_input(c(
      "{nrow(lacking)} answer{?s} {?has/have} no grade in {.arg evidence}: {some_cells(off$unit, NA, off$item)}.",
      "i" = "Add them, or say how sure answers without grade are: {.code default = 0.25}."
    ))
  }
  replace(p, is.na(p), vary$default %||% 0)
}

# Rules and items --------------------------------------------------------------

bind_recipes <- function(base, vary) {
  own <- base$index$spec$aggregate
  rules <- list(own)
  for (rule in vary$rules) {
    found <- level_rules(rule, base$framework)
    if (!any(vapply(rules, same_rules, NA, found))) rules <- c(rules, list(found))
  }
  if (!is.null(vary) && length(rules) == 1L) stop_idle_factor(vary$name, "its rules are the index's own")
  list(
    labels = lapply(rules, rules_words, framework = base$framework),
    recipes = lapply(rules, function(r) list(rules = as.character(r), parameters = unname(attr(r, "parameters"))))
  )
}

same_rules <- function(x, y) identical(in_full(x), in_full(y))

# Rules of the levels with all their parameters, given or by default.
in_full <- function(rules) {
  register <- aggregation_rules()
  Map(function(rule, given) {
    all <- as.list(register[[rule]])
    all[names(given)] <- given
    c(rule, all)
  }, as.character(rules), unname(attr(rules, "parameters")) %||% list(NULL), USE.NAMES = FALSE)
}

rules_words <- function(rules, framework) {
  words <- rule_words(rules)
  if (length(unique(words)) == 1L) {
    return(words[[1L]])
  }
  level <- label_of(framework, "level:", names(rules), names(rules))
  listed(terms("list.pair", name = level, value = words))
}

bind_drop <- function(base, vary) {
  items <- base$framework$items
  weight <- node_shares(base$index)
  check_items(unique(vary$items), items$code, "items", base$framework)
  check_levels(vary$level, base$framework$levels)
  node <- if (!is.null(vary$items)) {
    match(vary$items, items$code)
  } else if (!is.null(vary$level)) {
    which(items$level %in% vary$level)
  } else {
    base$framework$leaves
  }
  acts <- node_points(base$index)[node] > 0 &
    !vapply(node, function(k) is_everything(base$framework, weight, k), NA)
  if (!is.null(vary$items) && any(!acts) && any(acts)) {
    cap_abort_input(c(
      "{.arg items} of {.fn cap_vary_drop}: {some_items(items$code[node[!acts]])} cannot be left out.",
      "i" = "What has no weight changes nothing, and without what has all the weight nothing is left."
    ))
  }
  node <- unique(node[acts])
  if (length(node) == 0L) stop_idle_factor(vary$name, "nothing that has weight can be left out")
  factor_of(base, vary,
    choices = c(list(term("choice.all_kept")), terms("choice.without", item = items$code[node])), node = c(NA_integer_, node)
  )
}

# Whether nothing with weight is left of the index without node k.
is_everything <- function(framework, weight, k) {
  parent <- framework$arrays$parent
  while (!is.na(parent[k])) {
    if (any(which(parent == parent[k] & weight > 0) != k)) {
      return(FALSE)
    }
    k <- parent[k]
  }
  TRUE
}
