#' Weights from the data: entropy, CRITIC, components, optimised
#'
#' Weights that the spread and the correlations of the items suggest. They say
#' what the data do, not what matters: set them beside an expert panel's or a
#' framework's own.
#'
#' @param x From [cap_answers()]; from [cap_index()], for the scores of a level;
#'   a numeric matrix, units in rows and named items in columns; or a data frame
#'   of such columns, in which `unit`, `iso3` and `edition` are not items.
#' @param method The rule, see Details.
#' @param within With answers or an index: `"parent"` (or `TRUE`) weighs the
#'   items below each parent among themselves, so that the result attaches to
#'   an index; `"all"` (or `FALSE`) weighs all answered items, or all of the
#'   level, together: weights without a framework.
#' @param level With an index: the level whose scores are weighed; by default
#'   the one below the root. Other levels keep the index's weights.
#' @param edition With answers or an index: the edition to use. By default
#'   units of all editions are taken together.
#' @param missing `"error"` names the items with missing values; `"complete"`
#'   leaves out the units that have any.
#' @param scale For `"sd"`, `"critic"` and `"optimised"`: put each item on
#'   (x - min) / (max - min) first? By default `TRUE` for CRITIC, `FALSE` for the
#'   others.
#' @param correlation For `"critic"` and `"pca"`.
#' @param factors For `"pca"`: how many components are kept. `NULL` or
#'   `"kaiser"`: those with an eigenvalue of 1 or more. A whole number (within
#'   parents: at most the number of items). A number between 0 and 1: the
#'   fewest that explain that share of the variance. `"handbook"`: each that
#'   explains more than 10 %, and more until they explain over 60 % together.
#'   `"jolliffe"`: eigenvalue of 0.7 or more.
#' @param normalise For `"pca"`: Kaiser's normalisation in the rotation?
#' @param target For `"optimised"`: named numbers of 0 or more, one for each
#'   item, or for all items of a parent: the importance that each should have,
#'   on any scale. `NULL` for equal.
#' @param importance For `"optimised"`: what importance is. `"linear"`: Pearson's
#'   R^2 of item and index. `"nonlinear"`: the share of the index's variance
#'   that a cubic of the item explains (exact for items of up to four values).
#'
#' @details
#' With n units and items k, weights w_k sum to 1:
#' * `equal`: all the same; the values are not looked at.
#' * `entropy`: \eqn{w_k \propto 1 - E_k}, \eqn{E_k = -\sum_i p_{ik} \ln p_{ik} /
#'   \ln n}, \eqn{p = x / \sum x}, 0 ln 0 = 0. Free of the scale of an item, not
#'   of its origin.
#' * `sd`: the standard deviation (n - 1).
#' * `critic`: \eqn{C_k = s_k \sum_j (1 - r_{kj})}.
#' * `pca`: components of the correlation matrix; those kept are rotated by
#'   varimax; squared loadings divided by their factor's sum \eqn{V_f} over all
#'   items, taken in the factor where the item loads most, times
#'   \eqn{V_f / \sum V}, rescaled to 1.
#' * `optimised`: \eqn{w \ge 0} that make the importances of the items for the
#'   index \eqn{\sum w_k x_k}, divided by their sum, as near to the target as
#'   can be (least squares; Levenberg-Marquardt from several fixed starts). A
#'   local optimum may be all that is found; what is reported is what the
#'   weights give. Importance has no sign: see the correlations.
#'
#' Answers and scores of an index enter as shares of the item's maximum, higher
#' is better. Within parents the tree is weighed from below: a parent's score
#' uses the weights just found.
#'
#' @section Degenerate data:
#' One item weighs 1. An item that is the same for all units weighs 0 by `sd`
#' and `entropy` and is refused by name by the others (and by `sd` with `scale`);
#' when no item varies, all methods but `equal` refuse. Entropy refuses
#' negative values and items that are 0 for all units. CRITIC refuses items
#' that are all perfectly correlated with each other. Two units, collinear
#' items and more items than units have the result of the formulas; the
#' findings say so. One unit is refused.
#' @section Errors:
#' `cap_error_input`, naming items, for missing, infinite or non-numeric values
#' and the cases above; `cap_error_numeric` when the formulas have no value.
#'
#' @return An object of classes `cap_weights_data` and `cap_weights`, see
#'   [cap_weights()]. `as.data.frame()` gives `parent, item, weight, se, low,
#'   high` (the last three `NA`). `cap_table()` gives `parent, item, weight` and
#'   what the method rests on: `entropy`; `sd`; `information` (CRITIC);
#'   `factor, loading, communality, item_rest, alpha_without`; `importance,
#'   target, ratio, correlation`. `details$by` is a list by parent, for `pca`
#'   with `eigenvalues, explained, loadings, variance, n_factors, alpha,
#'   alpha_raw, alpha_without, alpha_raw_without, correlation`, for `optimised`
#'   with `objective, importance, target, converged, iterations`; where there is
#'   one parent, or none, `details` holds the same at its top.
#' @references
#' OECD/JRC (2008), *Handbook on Constructing Composite Indicators*, steps 4
#' and 6. Nicoletti, G., Scarpetta, S. and Boylaud, O. (2000), OECD Economics
#' Department Working Paper 226. Kaiser, H. (1958), *Psychometrika* 23.
#' Cronbach, L. (1951), *Psychometrika* 16. Diakoulaki, D., Mavrotas, G. and
#' Papayannakis, L. (1995), *Computers and Operations Research* 22. Hwang, C.
#' and Yoon, K. (1981), *Multiple Attribute Decision Making*. Paruolo, P.,
#' Saisana, M. and Saltelli, A. (2013), *Journal of the Royal Statistical
#' Society A* 176. Becker, W., Saisana, M., Paruolo, P. and Vandecasteele, I.
#' (2017), *Ecological Indicators* 80.
#' @export
#' @examples
#' answers <- cap_answers(subset(gci_items, edition == 2024), "gci-2024")
#' w <- cap_weights_data(answers, "critic")
#' w
#' head(as.data.frame(cap_index(answers, w), level = "overall"))
#' cap_weights_data(cap_index(answers), "pca", factors = 2)
cap_weights_data <- function(x, method = c("equal", "entropy", "sd", "critic", "pca", "optimised"),
                             within = c("parent", "all"), level = NULL, edition = NULL,
                             missing = c("error", "complete"), scale = NULL,
                             correlation = c("pearson", "spearman"), factors = NULL,
                             normalise = TRUE, target = NULL,
                             importance = c("linear", "nonlinear")) {
  method <- choose(method, data_methods(), "method")
  if (is.logical(within) && length(within) == 1L && !is.na(within)) within <- if (within) "parent" else "all"
  within <- choose(within, c("parent", "all"), "within")
  spec <- list(
    method = method,
    missing = choose(missing, c("error", "complete"), "missing"),
    scale = if (is.null(scale)) method == "critic" else check_flag(scale, "scale"),
    spearman = choose(correlation, c("pearson", "spearman"), "correlation") == "spearman",
    factors = factor_rule(factors),
    normalise = check_flag(normalise, "normalise"),
    degree = if (choose(importance, c("linear", "nonlinear"), "importance") == "linear") 1L else 3L
  )
  panel <- data_panel(x, level, edition, "x", look = method != "equal", missing = spec$missing)
  spec$target <- check_target(target, panel, within, method)
  if (is.null(panel$framework) || within == "all") {
    return(plain_data_weights(panel, spec))
  }
  tree_data_weights(panel, spec)
}

data_methods <- function() c(core_words("spread"), "pca", "optimised")

# As cap_factors_rule in src/core/weights/principal_components.h.
factor_rule <- function(factors) {
  rule <- function(name, figure = 0) list(rule = name, figure = figure)
  if (is.null(factors)) {
    return(rule("kaiser"))
  }
  if (is.character(factors)) {
    return(rule(choose(factors, setdiff(core_words("factors"), c("number", "share")), "factors")))
  }
  check_number(factors, "factors", .Machine$double.eps)
  if (factors < 1) {
    return(rule("share", factors))
  }
  if (factors != round(factors)) {
    cap_abort_input("{.arg factors} must be a whole number, or a share below 1, not {factors}.")
  }
  rule("number", factors)
}

# Reading ----------------------------------------------------------------------

# What the data methods work on: list(values, a matrix units x items with
# column names; unit, edition; framework, nodes of the columns and `base`, the
# node weights to start from, or NULL; answers to score the tree from; dropped
# units). `look`: are the values used?
data_panel <- function(x, level, edition, arg, look = TRUE, missing = "error") {
  if (!is.null(level) && !inherits(x, "cap_index")) {
    cap_abort_input("{.arg level} is for an index; {.arg {arg}} is {.obj_type_friendly {x}}.")
  }
  panel <- if (inherits(x, "cap_answers")) {
    answers_panel(x)
  } else if (inherits(x, "cap_index")) {
    index_panel(x, level)
  } else if (is.data.frame(x)) {
    frame_panel(x, arg)
  } else {
    matrix_panel(x, arg)
  }
  panel <- panel_edition(panel, edition, arg)
  if (look) complete_panel(panel, missing, arg) else panel
}

answers_panel <- function(x) {
  check_on_scale(x, "x")
  index <- cap_index(x, missing = "renormalise")
  nodes <- x$framework$leaves
  c(shares_of(index, nodes), list(
    unit = x$unit, edition = x$edition, framework = x$framework, nodes = nodes,
    base = x$framework$items$weight, answers = x
  ))
}

index_panel <- function(x, level) {
  framework <- x$framework
  level <- level %||% framework$levels[2L]
  check_string(level, "level")
  check_levels(level, framework$levels[-1L])
  nodes <- which(framework$items$level == level)
  c(shares_of(x, nodes), list(
    unit = x$unit, edition = x$edition, framework = framework, nodes = nodes,
    base = x$spec$weights$node_weight
  ))
}

shares_of <- function(index, nodes) {
  items <- index$framework$items
  values <- sweep(index$scores[, nodes, drop = FALSE], 2L, items$max[nodes], "/")
  list(values = matrix(values, nrow(values), dimnames = list(NULL, items$code[nodes])))
}

frame_panel <- function(x, arg) {
  check_not_integer64(x, arg)
  id <- names(x) %in% c("unit", "iso3", "edition")
  label <- intersect(c("unit", "iso3"), names(x))
  check_none(names(x)[!id & !vapply(x, is.numeric, NA)], c(
    "Items must be numbers; {cli::qty(length(bad))}column{?s} {.field {bad}} of {.arg {arg}} {?is/are} not.",
    "i" = "Columns {.field unit}, {.field iso3} and {.field edition} are not items; leave others out."
  ))
  values <- as.matrix(as.data.frame(x)[!id])
  unit <- if (length(label) > 0L) as_code(x[[label[1L]]])
  panel <- matrix_panel(values, arg, unit)
  panel$edition <- if ("edition" %in% names(x)) tidy_edition(x[["edition"]])
  panel
}

matrix_panel <- function(x, arg, unit = rownames(x)) {
  check_not_integer64(x, arg)
  if (!is.matrix(x) || !is.numeric(x)) {
    cap_abort_input(
      "{.arg {arg}} must be answers, an index, a numeric matrix or a data frame of units x items, not {.obj_type_friendly {x}}."
    )
  }
  if (nrow(x) == 0L || ncol(x) == 0L) {
    cap_abort_input("{.arg {arg}} has {nrow(x)} unit{?s} and {cli::qty(ncol(x))}{ncol(x)} item{?s}: there is nothing to weigh.")
  }
  names <- colnames(x) %||% paste0("item", seq_len(ncol(x)))
  if (anyNA(names) || any(!nzchar(names))) {
    cap_abort_input("Every column of {.arg {arg}} must have a name: weights belong to items by name.")
  }
  check_once(names, arg, "items")
  values <- matrix(as.double(x), nrow(x), dimnames = list(NULL, names))
  infinite <- names[colSums(is.infinite(values)) > 0]
  check_none(infinite, "{.arg {arg}} has infinite values in {some_items(bad)}: no method has a result for them.")
  list(values = values, unit = unit %||% as.character(seq_len(nrow(x))))
}

panel_edition <- function(panel, edition, arg) {
  if (is.null(edition)) {
    return(panel)
  }
  if (is.null(panel$edition)) {
    cap_abort_input("{.arg edition} is given and {.arg {arg}} has no editions.")
  }
  if (length(edition) == 0L) cap_abort_input("{.arg edition} names no edition of {.arg {arg}}.")
  for (one in edition) check_edition(one, panel$edition, paste0("`", arg, "`"))
  panel_rows(panel, which(panel$edition %in% edition))
}

panel_rows <- function(panel, rows) {
  panel$rows <- (panel$rows %||% seq_len(nrow(panel$values)))[rows]
  panel$values <- panel$values[rows, , drop = FALSE]
  panel$unit <- panel$unit[rows]
  panel$edition <- panel$edition[rows]
  panel
}

complete_panel <- function(panel, missing, arg) {
  gaps <- is.na(panel$values)
  if (!any(gaps)) {
    return(panel)
  }
  count <- colSums(gaps)
  count <- count[count > 0]
  if (missing == "error") {
    where <- some_of(paste0(names(count), " (", count, ")"))
    cap_abort_input(c(
      "{sum(gaps)} value{?s} {?is/are} missing in {.arg {arg}}, in {cli::qty(length(count))}item{?s} {where}.",
      "i" = "Impute them, leave the items out, or use complete units only: {.code missing = \"complete\"}."
    ), items = names(count), units = panel$unit[rowSums(gaps) > 0])
  }
  whole <- which(rowSums(gaps) == 0)
  if (length(whole) == 0L) {
    cap_abort_input("No unit of {.arg {arg}} is complete; most is missing in {some_items(names(sort(-count)))}.")
  }
  dropped <- panel$unit[-whole]
  panel <- panel_rows(panel, whole)
  panel$dropped <- dropped
  panel
}

check_target <- function(target, panel, within, method) {
  if (is.null(target)) {
    return(invisible(target))
  }
  if (method != "optimised") {
    cap_abort_input("{.arg target} is for {.code method = \"optimised\"}, not {.val {method}}.")
  }
  check_not_integer64(target, "target")
  if (!is.numeric(target) || is.null(names(target))) {
    cap_abort_input("{.arg target} must be named numbers: importance belongs to items by name.")
  }
  known <- if (is.null(panel$framework) || within == "all") {
    colnames(panel$values)
  } else {
    panel$framework$items$code
  }
  check_items(names(target), known, "target", "`x`")
  check_amounts(target, names(target), "{.arg target}")
  invisible(target)
}

# All items of a block have a target, or none.
block_target <- function(target, items) {
  found <- items %in% names(target)
  if (!any(found)) {
    return(rep(1, length(items)))
  }
  check_none(items[!found], c(
    "{.arg target} must have targets for {some_items(bad)} too.",
    "i" = "Name all items that are weighed together, or none of them."
  ))
  if (sum(target[items]) == 0) {
    cap_abort_input("In {.arg target} {some_items(items)} are all 0.")
  }
  unname(target[items])
}

# Weighing ---------------------------------------------------------------------

plain_data_weights <- function(panel, spec) {
  block <- weigh_block(panel$values, spec, NA_character_)
  new_plain_weights(
    stats::setNames(block$weight, colnames(panel$values)), data_method_name(spec),
    details = data_details(list(all = block), panel, spec), subclass = "cap_weights_data"
  )
}

# From the deepest parents up; scores above use the weights found below.
tree_data_weights <- function(panel, spec) {
  framework <- panel$framework
  items <- framework$items
  weight <- panel$base
  weighed <- if (is.null(panel$answers)) panel$nodes else which(!is.na(items$parent))
  parents <- match(unique(items$parent[weighed]), items$code)
  parents <- parents[order(-framework$depth[parents], parents)]
  blocks <- list()
  deepest <- -1L
  for (p in parents) {
    below <- which(items$parent %in% items$code[p])
    if (!is.null(panel$answers) && spec$method != "equal" && framework$depth[p] != deepest) {
      deepest <- framework$depth[p]
      index <- cap_index(panel$answers, new_weights(framework, weight, term("weights_method.own")), missing = "renormalise")
      all <- shares_of(index, seq_along(items$code))$values
      panel$shares <- all[panel$rows %||% seq_len(nrow(all)), , drop = FALSE]
    }
    code <- items$code[below]
    values <- if (spec$method == "equal") {
      matrix(0, 1L, length(code), dimnames = list(NULL, code))
    } else if (is.null(panel$answers)) {
      panel$values[, code, drop = FALSE]
    } else {
      panel$shares[, code, drop = FALSE]
    }
    block <- weigh_block(values, spec, items$code[p], capped = TRUE)
    weight[below] <- block$weight
    blocks[[items$code[p]]] <- block
  }
  blocks <- blocks[items$code[items$code %in% names(blocks)]]
  new_weights(framework, weight, data_method_name(spec),
    details = data_details(blocks, panel, spec), subclass = "cap_weights_data"
  )
}

data_method_name <- function(spec) words_of("weights_method", spec$method)[[1L]]

# One block of items that are weighed together: list(items, weight, table, ...).
weigh_block <- function(values, spec, parent, capped = FALSE) {
  items <- colnames(values)
  target <- if (spec$method == "optimised") block_target(spec$target, items)
  if (length(items) == 1L) {
    if (spec$method == "entropy") check_not_negative(values, parent, "Entropy weights need")
    return(list(items = items, weight = 1, table = list2DF(list(item = items, weight = 1))))
  }
  if (spec$method != "equal" && nrow(values) < 2L) {
    cap_abort_input("Weights from data need 2 units or more; there is {nrow(values)}.")
  }
  block <- tryCatch(
    switch(spec$method,
      pca = weigh_pca(values, spec, parent, capped),
      optimised = weigh_optimised(values, spec, target),
      weigh_spread(values, spec)
    ),
    # The core knows the first cell at fault; the user gets all items by name.
    cap_error_numeric = function(e) stop_no_weights(e, values, spec, parent),
    cap_error_input = function(e) stop_no_weights(e, values, spec, parent)
  )
  c(list(items = items), block)
}

stop_no_weights <- function(e, values, spec, parent) {
  if (spec$method == "entropy") {
    check_not_negative(values, parent, "Entropy weights need")
    check_each_item(values, function(v) all(v == 0), parent, "Entropy is not defined for items that are 0 for all units:")
  }
  huge <- function(v) any(abs(v) > 1e150)
  check_each_item(values, huge, parent, "Values over 1e150 in size cannot be weighed; they are in")
  if (!is.na(e$cell[["column"]] %||% NA)) {
    check_each_item(values, function(v) .Call(C_is_constant, v), parent, paste0(
      "An item that is the same for all units has no weight by ", as.character(data_method_name(spec)), "; leave out"
    ))
  }
  if (inherits(e, "cap_error_input")) {
    stop(e)
  }
  where <- if (is.na(parent)) some_of(colnames(values)) else paste0("the items of ", parent)
  reason <- sub("\n.*$", "", cli::ansi_strip(conditionMessage(e)))
  cap_abort_numeric(c("No weights for {where} by {data_method_name(spec)}.", "x" = "{reason}"))
}

check_each_item <- function(values, fails, parent, message) {
  under <- if (is.na(parent)) "" else paste0(" (below ", parent, ")")
  check_none(colnames(values)[apply(values, 2L, fails)], "{message} {some_items(bad)}{under}.")
  invisible(values)
}

check_not_negative <- function(values, parent, needs) {
  check_each_item(values, function(v) any(v < 0), parent, paste(needs, "values of 0 or more; negative in"))
}

weigh_spread <- function(values, spec) {
  found <- .Call(C_weights_spread, values, list(method = spec$method, min_max = spec$scale, spearman = spec$spearman))
  table <- list(item = colnames(values), weight = found$weight)
  figure <- c(entropy = "entropy", sd = "sd", critic = "information")[spec$method]
  if (!is.na(figure)) table[[figure]] <- if (spec$method == "entropy") 1 - found$information else found$information
  list(weight = found$weight, table = list2DF(table))
}

weigh_pca <- function(values, spec, parent, capped) {
  items <- colnames(values)
  k <- length(items)
  figure <- spec$factors$figure
  if (figure > k && !capped) {
    cap_abort_input("{.arg factors} is {figure}; there {cli::qty(k)}{?is/are} {k} item{?s}.")
  }
  found <- .Call(C_weights_factor, values, list(
    rule = spec$factors$rule, figure = min(figure, k), spearman = spec$spearman,
    raw_rotate = !spec$normalise
  ))
  kept <- seq_len(found$counts[1L])
  loadings <- found$loading[, kept, drop = FALSE]
  dimnames(loadings) <- list(items, paste0("F", kept))
  named <- function(v) stats::setNames(na_figure(v), items)
  table <- list2DF(list(
    item = items, weight = found$weight, factor = found$factor,
    loading = loadings[cbind(seq_len(k), found$factor)], communality = found$communality,
    item_rest = na_figure(found$deleted[, 3L]), alpha_without = na_figure(found$deleted[, 1L])
  ))
  list(
    weight = found$weight, table = table, eigenvalues = found$eigenvalue,
    explained = found$eigenvalue / k, n_factors = length(kept), loadings = loadings,
    variance = stats::setNames(found$variance[kept], colnames(loadings)),
    share = stats::setNames(found$variance[kept] / sum(found$variance[kept]), colnames(loadings)),
    communality = named(found$communality),
    correlation = matrix(found$correlation, k, dimnames = list(items, items)),
    alpha = na_figure(found$alphas[1L]), alpha_raw = na_figure(found$alphas[2L]),
    alpha_without = named(found$deleted[, 1L]), alpha_raw_without = named(found$deleted[, 2L]),
    item_rest = named(found$deleted[, 3L]), converged = found$counts[2L] == 1
  )
}

weigh_optimised <- function(values, spec, target) {
  found <- .Call(C_weights_optimised, values, as.double(target), list(degree = spec$degree, min_max = spec$scale))
  items <- colnames(values)
  target <- target / sum(target)
  table <- list2DF(list(
    item = items, weight = found$weight, importance = found$importance, target = target, ratio = found$ratio,
    correlation = na_figure(found$correlation)
  ))
  named <- function(v) stats::setNames(v, items)
  list(
    weight = found$weight, table = table, objective = found$optimum[1L],
    importance = named(found$importance), ratio = named(found$ratio), target = named(target),
    converged = found$optimum[4L] == 1, iterations = found$optimum[2L], starts = found$optimum[3L]
  )
}

data_details <- function(blocks, panel, spec) {
  columns <- unique(unlist(lapply(blocks, function(b) names(b$table))))
  parent <- if (is.null(panel$framework) || identical(names(blocks), "all")) NA_character_ else names(blocks)
  table <- c(
    list(parent = rep(parent, lengths(lapply(blocks, `[[`, "items")))),
    stats::setNames(lapply(columns, function(column) {
      unlist(lapply(blocks, function(b) b$table[[column]] %||% rep(NA_real_, length(b$items))), use.names = FALSE)
    }), columns)
  )
  table <- list2DF(table)
  by <- lapply(blocks, function(b) b[setdiff(names(b), "table")])
  c(
    list(
      method = spec$method, n_units = length(panel$unit), editions = unique(panel$edition),
      dropped = panel$dropped, table = table, by = by
    ),
    if (length(by) == 1L) by[[1L]][setdiff(names(by[[1L]]), "weight")]
  )
}

# Findings and table -----------------------------------------------------------

#' @export
result_tables.cap_weights_data <- function(x, lang, ...) {
  table <- x$details$table
  list(weights = lazy_table(
    x$table, term("caption.weights_data", method = x$method, n = x$details$n_units),
    table[order(table$parent, -table$weight, method = "radix", na.last = FALSE), ]
  ))
}

#' @export
cap_findings.cap_weights_data <- function(x, ..., lang = "en") {
  details <- x$details
  zero <- x$table$item[x$table$weight == 0]
  by_block <- unlist(lapply(names(details$by), function(name) {
    block_findings(details$by[[name]], if (name == "all") term("weights_data.all_items") else name, details)
  }), recursive = FALSE)
  base <- NextMethod()
  own <- do.call(findings, c(list(lang), list(
    finding("weights_data.size", method = x$method, units = details$n_units, items = nrow(details$table)),
    finding_if_any("weights_data.zero", items = zero),
    finding_if_any("weights_data.dropped", units = details$dropped)
  ), by_block))
  new_findings(c(base$key, own$key), c(base$text, own$text), c(base$numbers, own$numbers))
}

block_findings <- function(block, where, details) {
  items <- length(block$items)
  if (items < 2L) {
    return(NULL)
  }
  crowded <- if (details$method %in% c("critic", "pca", "optimised") && items >= details$n_units) {
    finding("weights_data.crowded", where = where, items = items, units = details$n_units)
  }
  c(list(crowded), switch(details$method,
    pca = pca_findings(block, where, items),
    optimised = list(finding(
      if (block$converged) "weights_data.optimum" else "weights_data.not_converged",
      where = where, gap = 100 * max(abs(block$importance - block$target)), n = block$iterations
    ))
  ))
}

pca_findings <- function(block, where, items) {
  without <- block$alpha_without
  top <- which.max(without)
  against <- block$items[which(block$item_rest < 0)]
  list(
    finding("weights_data.components",
      where = where, n = block$n_factors, items = items, share = 100 * sum(block$explained[seq_len(block$n_factors)]),
      alpha = block$alpha, raw = block$alpha_raw
    ),
    if (length(top) == 1L && isTRUE(without[top] > block$alpha + 0.005)) {
      finding("weights_data.alpha", where = where, item = block$items[top], alpha = without[top])
    },
    if (length(against) > 0L) {
      finding("weights_data.against", where = where, n = length(against), items = first_of(against))
    },
    if (!block$converged) finding("weights_data.rotation", where = where)
  )
}
