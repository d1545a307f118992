#' What may vary in a robustness or sensitivity analysis
#'
#' Each function names one assumption that a Monte Carlo replicate may change:
#' a factor for the `vary` list of [cap_robustness()] and [cap_sensitivity()].
#' Nothing varies unless it is named, and what varied is printed with every
#' result. Where a factor has alternatives, each is equally likely, and the
#' index's own choice is the first of them.
#'
#' @param method How weights vary, see Details.
#' @param amount For `"noise"`: the largest relative change, 0 to 1, by default
#'   0.25, plus or minus 25 %. For `"dirichlet"`: the concentration, above 0; by
#'   default found from the standard errors of the index's expert weights. One
#'   number, or numbers named by level of the parents' children (`c(pillar =
#'   0.1, indicator = 0.25)`).
#' @param level Levels whose weights vary, or whose items may be left out; by
#'   default all weights, and the lowest level's items. Give several
#'   `cap_vary_weights()` with different levels to tell their effects apart.
#' @param experts For `"experts"`: weights from [cap_weights_expert()]; by default
#'   those of the index.
#' @param label What the factor is called in tables and sentences; by default
#'   its name in `vary`.
#'
#' @details
#' **Weights.** With w the index's weights of the children of a parent (sum 1),
#' in every replicate anew, and divided by their sum:
#' \describe{
#'   \item{noise}{\eqn{w (1 + u)}, u uniform on plus or minus `amount`.}
#'   \item{dirichlet}{Dirichlet(\eqn{\kappa w}): mean w, variance
#'     \eqn{w(1-w)/(\kappa+1)}. The default concentration is, for each parent,
#'     \eqn{\kappa = \sum w(1-w)/\sum se^2 - 1}.}
#'   \item{experts}{as many experts as the parent has, drawn with replacement
#'     from its own and pooled as they were (the bootstrap of the experts); each
#'     parent's experts are drawn by themselves.}
#'   \item{simplex}{uniform over all weights that sum to 1: no opinion at all.}
#' }
#' A child of weight 0 stays at 0 under every method.
#'
#' @return An object of class `cap_vary`.
#' @section Errors:
#' `cap_error_input` for arguments out of range. Whether a factor can act on an
#' index is checked where the two meet: [cap_robustness()] and
#' [cap_sensitivity()] refuse one that cannot (no missing value to fill, a rule
#' that is the index's own, weights below which there is one child).
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*,
#'   step 7. Saisana, M., Saltelli, A. and Tarantola, S. (2005), *JRSS A* 168.
#' @name cap_vary
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' set.seed(1)
#' cap_robustness(gci, n = 2000, vary = list(
#'   weights = cap_vary_weights("noise", 0.25),
#'   rule = cap_vary_aggregate("geometric")
#' ))
NULL

#' @rdname cap_vary
#' @export
cap_vary_weights <- function(method = c("noise", "dirichlet", "experts", "simplex"),
                             amount = NULL, level = NULL, experts = NULL, label = NULL) {
  method <- choose(method, core_words("varied_weights"), "method")
  if (method == "noise") amount <- amount %||% 0.25
  if (!is.null(amount)) check_amount(amount, method)
  if (!is.null(experts)) {
    if (method != "experts" || !inherits(experts, "cap_weights_expert")) {
      cap_abort_input("{.arg experts} is for {.val experts} and comes from {.fn cap_weights_expert}.")
    }
  }
  new_vary("weights", label, method = method, amount = amount, level = check_level_names(level), experts = experts)
}

check_amount <- function(amount, method) {
  if (method %in% c("experts", "simplex")) {
    cap_abort_input("{.arg amount} is for {.val noise} and {.val dirichlet}, not for {.val {method}}.")
  }
  check_not_integer64(amount, "amount")
  most <- if (method == "noise") 1 else .Machine$double.xmax
  low <- if (method == "noise") "from 0 to 1" else "above 0 and finite"
  fine <- is.numeric(amount) && length(amount) > 0L && !anyNA(amount) && all(amount >= 0 & amount <= most) &&
    (method == "noise" || all(amount > 0)) && (length(amount) == 1L || !is.null(names(amount))) &&
    !anyDuplicated(names(amount))
  if (!fine) {
    cap_abort_input(c(
      "{.arg amount} of {.val {method}} must be {low}: one number, or numbers named by level.",
      "x" = "It is {.val {amount}}."
    ))
  }
  invisible(amount)
}

check_level_names <- function(level) {
  if (!is.null(level) && (!is.character(level) || anyNA(level) || length(level) == 0L)) {
    cap_abort_input("{.arg level} must name levels of the framework, not be {.obj_type_friendly {level}}.")
  }
  invisible(level)
}

new_vary <- function(stage, label, ...) {
  if (!is.null(label)) check_string(label, "label")
  structure(list(stage = stage, label = label, ...), class = "cap_vary")
}

#' @rdname cap_vary
#' @param methods Alternatives: names of methods, or a list of them in which
#'   `list(method, ...)` gives arguments too. For `cap_vary_normalise()` methods
#'   of [cap_normalise()]; for `cap_vary_missing()` `"zero"`, `"renormalise"` or
#'   methods of [cap_impute()].
#' @param data Raw indicators (a matrix with unit and item names, or a data
#'   frame as for [cap_normalise()]) that the answers were made from. The
#'   alternatives are then made from these, and are all there are.
#' @param ... For `cap_vary_normalise()`: arguments for [cap_normalise()] under
#'   every method.
#' @details
#' **Normalisation.** The answers, or `data`, are normalised by each method to
#' the items' own scale, 0 to the maximum. Z-scores have no ends: their mean is
#' put at the middle of the scale and 3 standard deviations at its ends, and
#' they are not clipped.
#' @export
cap_vary_normalise <- function(methods, data = NULL, ..., label = NULL) {
  methods <- as_choices(methods, core_words("normalisation"))
  args <- list(...)
  known <- setdiff(names(formals(cap_normalise)), c("x", "method", "unit", "edition", "over", "base", "..."))
  for (given in c(list(args), lapply(methods, `[`, -1L))) check_argument_names(given, known, "cap_normalise")
  new_vary("normalise", label, methods = methods, data = data, args = args)
}

# A list of list(name, argument = ...).
as_choices <- function(methods, known, arg = "methods") {
  if (is_one_rule(methods)) methods <- list(methods)
  if (!(is.character(methods) || is.list(methods)) || length(methods) == 0L) {
    cap_abort_input("{.arg {arg}} must name alternatives, such as {.val {known[[1L]]}}, not be {.obj_type_friendly {methods}}.")
  }
  lapply(as.list(methods), function(one) {
    name <- if (length(one) > 0L) one[[1L]]
    if (!is.character(name) || length(name) != 1L || !name %in% known) {
      cap_abort_input("{.arg {arg}} must be among {.or {.val {known}}}, not {.val {name}}.")
    }
    as.list(one)
  })
}

check_not_dummy <- function(name, arg) {
  if ("(dummy)" %in% name) {
    cap_abort_input("A factor of {.arg {arg}} cannot be called {.val (dummy)}: tables use that name.")
  }
  invisible(name)
}

check_argument_names <- function(given, known, call) {
  check_none(setdiff(names(given) %||% rep("", length(given)), known), c(
    "{.fn {call}} has no argument {.arg {bad}} that could be given here.",
    "i" = "By name: {.arg {known}}."
  ))
  invisible(given)
}

# "knn (k = 5)": a choice of list(name, argument = ...) as a text.
choice_words <- function(domain, one) with_parameters(words_of(domain, one[[1L]]), one[-1L], 4L)

#' @rdname cap_vary
#' @param rules Alternatives to the index's rule, each as the argument
#'   `aggregate` of [cap_index()]: a name such as `"geometric"`, a list with
#'   parameters, or (in a list) rules named by level.
#' @details
#' **Aggregation.** Each of `rules` applies as `update(index, aggregate = rule)`
#' would.
#' @export
cap_vary_aggregate <- function(rules, label = NULL) {
  if (is_one_rule(rules) || !is.null(names(rules))) rules <- list(rules)
  if (!(is.character(rules) || is.list(rules)) || length(rules) == 0L) {
    cap_abort_input("{.arg rules} must name aggregation rules, such as {.val geometric}, not be {.obj_type_friendly {rules}}.")
  }
  new_vary("aggregate", label, rules = as.list(rules))
}

missing_methods <- function() c(setdiff(core_words("missing"), "error"), "mean", "median", "knn", "em")

#' @rdname cap_vary
#' @param spread Whether filled cells vary too: normally, with the standard
#'   deviation that [cap_impute()] gives, kept on the scale.
#' @details
#' **Missing answers.** The alternatives to what the index does (`missing`, or
#' the filling of [cap_impute()]) act on the cells that have no answer.
#' @export
cap_vary_missing <- function(methods = c("zero", "renormalise", "mean"), spread = FALSE, label = NULL) {
  check_flag(spread, "spread")
  methods <- as_choices(methods, missing_methods())
  known <- c("k", "max_iterations", "tolerance", "ridge")
  for (one in methods) check_argument_names(one[-1L], known, "cap_impute")
  new_vary("missing", label, methods = methods, spread = spread)
}

#' @rdname cap_vary
#' @param items Codes that may be left out, one at a time; by default all of
#'   `level`.
#' @details
#' **Items.** In a replicate nothing is left out, or one item (or one parent
#' with all below it); the weights of its siblings then share its weight.
#' @export
cap_vary_drop <- function(level = NULL, items = NULL, label = NULL) {
  if (!is.null(items) && (!is.character(items) || anyNA(items) || length(items) == 0L)) {
    cap_abort_input("{.arg items} must name codes of the framework, not be {.obj_type_friendly {items}}.")
  }
  if (!is.null(items) && !is.null(level)) {
    cap_abort_input("Give {.arg items} or {.arg level}, not both.")
  }
  new_vary("drop", label, level = check_level_names(level), items = items)
}

#' @rdname cap_vary
#' @param p Probability that an answer is one step off: one number, or numbers
#'   named by evidence grade.
#' @param step Size of a step, as a share of the item's maximum, over 0 and at
#'   most 1; one number, or named by item.
#' @param evidence A data frame with columns `unit`, `item` and `grade`, for
#'   probabilities by grade; answers without grade use `default`.
#' @param default Probability where there is no grade.
#' @details
#' **Answers.** Each answer moves one step down or up, each with probability
#' p/2 (p to the one side at the ends of the scale), and stays on the scale.
#' Default probabilities by grade: A audited 0.03, B documented 0.10, C
#' self-declared 0.25, D desk research 0.40. Where answers are normalised, the
#' moved answer is normalised by what was measured on the answers as given;
#' methods that rank cannot be combined with this.
#' @export
cap_vary_answers <- function(p = c(A = 0.03, B = 0.10, C = 0.25, D = 0.40), step = 0.5,
                             evidence = NULL, default = NULL, label = NULL) {
  check_not_integer64(p, "p")
  check_not_integer64(step, "step")
  if (!is.numeric(p) || length(p) == 0L || anyNA(p) || any(p < 0 | p > 1)) {
    cap_abort_input("{.arg p} must be probabilities between 0 and 1.")
  }
  if (!is.numeric(step) || length(step) == 0L || anyNA(step) || any(step <= 0 | step > 1)) {
    cap_abort_input("{.arg step} must be a share of the item's maximum, over 0 and at most 1.")
  }
  if (length(p) > 1L || !is.null(names(p))) {
    if (is.null(evidence)) {
      cap_abort_input(c(
        "Probabilities by grade need {.arg evidence}: a data frame {.field unit}, {.field item}, {.field grade}.",
        "i" = "For one probability for all answers: {.code cap_vary_answers(p = 0.1)}."
      ))
    }
    if (is.null(names(p)) || anyDuplicated(names(p))) {
      cap_abort_input("{.arg p} must be named by grade, each once.")
    }
  } else if (!is.null(evidence)) {
    cap_abort_input("With {.arg evidence}, {.arg p} must be named by grade.")
  }
  if (!is.null(default)) check_number(default, "default", 0, 1)
  new_vary("answers", label, p = p, step = step, evidence = evidence, default = default)
}

#' @export
print.cap_vary <- function(x, ...) {
  cat("<cap_vary> ", text_in("en", vary_words(x)), "\n", sep = "")
  invisible(x)
}

# What varies, as a text; levels as the framework calls them.
vary_words <- function(x, framework = NULL) {
  level <- function(name) if (is.null(framework)) name else label_of(framework, "level:", name, name)
  varied <- switch(x$stage,
    weights = varied_weights(x, level),
    normalise = term("vary.normalise", methods = listed(lapply(x$methods, choice_words, domain = "normalisation"))),
    aggregate = term("vary.aggregate", rules = listed(lapply(x$rules, varied_rule, level = level))),
    missing = term(if (x$spread) "vary.missing_spread" else "vary.missing",
      methods = listed(lapply(x$methods, missing_words))
    ),
    drop = term("vary.drop"),
    answers = term("vary.answers", steps = listed(lapply(unname(x$step), signif, 3L)))
  )
  if (!is.null(x$level)) {
    return(term("vary.at_level", varied = varied, level = listed(level(x$level))))
  }
  if (is.null(x$items)) varied else term("vary.of_items", varied = varied, items = first_of(x$items))
}

varied_weights <- function(x, level) {
  amount <- amount_words(x$amount, x$method, level)
  switch(x$method,
    noise = term("vary.noise", amount = amount),
    dirichlet = if (is.null(x$amount)) term("vary.dirichlet") else term("vary.concentration", amount = amount),
    experts = term("vary.experts"),
    simplex = term("vary.simplex")
  )
}

amount_words <- function(amount, method, level) {
  shown <- if (method == "noise") terms("list.percent", share = signif(100 * amount, 4L)) else lapply(unname(amount), signif, 4L)
  listed(if (is.null(names(amount))) shown else terms("list.pair", name = level(names(amount)), value = shown))
}

# Filling is named as by cap_impute(), the policies as by cap_index().
missing_words <- function(one) {
  choice_words(if (one[[1L]] %in% core_words("missing")) "missing" else "imputation", one)
}

# One rule, or one for each level.
varied_rule <- function(rule, level) {
  if (is_one_rule(rule)) {
    return(choice_words("rule", rule))
  }
  inner <- lapply(as.list(rule), function(r) choice_words("rule", as.list(r)))
  listed(if (is.null(names(rule))) inner else terms("list.pair", name = level(names(inner)), value = inner), by = "list.slash")
}
