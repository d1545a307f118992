#' Weights of a framework
#'
#' The weight of each item within its parent. Weights are tied to item codes by
#' name, never by position.
#'
#' @param framework A framework or what [cap_framework()] takes.
#' @param values Weights to use instead of the framework's own: a named numeric
#'   vector, or a data frame with columns `item` and `weight` (or `points`).
#'   Name all children of a parent or none of them; parents that are not named
#'   keep the framework's weights. Any scale: they are divided by their sum
#'   within the parent.
#' @section Errors:
#' `cap_error_input` naming codes that are unknown, missing or given twice,
#' negative weights, and parents whose children all weigh 0.
#' @return An object of class `cap_weights`. `weights()` gives a named numeric
#'   vector (sum 1 within a parent); `as.data.frame()` gives
#'   `parent, item, weight, se, low, high`, the last three `NA` unless experts
#'   are behind the weights.
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*,
#'   step 6.
#' @export
#' @examples
#' w <- cap_weights("gci-2024")
#' weights(w)[c("LS1", "LS2")]
#' equal <- cap_weights("gci-2024", c(LS1 = 1, LS2 = 1))
#' weights(equal)[c("LS1", "LS2")]
cap_weights <- function(framework, values = NULL) {
  framework <- cap_framework(framework)
  items <- framework$items
  weight <- items$weight
  if (!is.null(values)) {
    given <- named_weights(values)
    check_weight_names(given, framework)
    weight[match(names(given), items$code)] <- given
  }
  new_weights(framework, weight, term(if (is.null(values)) "weights_method.framework" else "weights_method.own"))
}

# Weights of a framework's nodes, in node order and on any scale. `interval`, a list of
# `se`, `low` and `high`, belongs to the weights within their parent (sum 1), in node
# order; `details` is what else the method found; `subclass` its own class, for findings
# and tables.
new_weights <- function(framework, weight, method, interval = list(), details = list(), subclass = NULL) {
  items <- framework$items
  arrays <- compile_arrays(items, weight)
  share <- tryCatch(.Call(C_framework_weights, arrays), cap_error_input = function(e) {
    stop_tree(e, arrays, items)
  })
  below <- which(!is.na(items$parent))
  new_result(c(subclass, "cap_weights"),
    framework = framework, method = method,
    table = data.frame(
      parent = items$parent[below], item = items$code[below],
      weight = share[below], weight_interval(interval, nrow(items))[below, ], row.names = NULL
    ),
    node_weight = as.numeric(weight), details = details
  )
}

# Weights of items that belong to no framework, named and summing to 1.
new_plain_weights <- function(weight, method, interval = list(), details = list(), subclass = NULL) {
  new_result(c(subclass, "cap_weights"),
    framework = NULL, method = method,
    table = data.frame(
      parent = NA_character_, item = names(weight), weight = as.double(weight),
      weight_interval(interval, length(weight))
    ),
    details = details
  )
}

weight_interval <- function(interval, n) {
  of <- function(name) rep_len(as.double(interval[[name]] %||% NA), n)
  data.frame(se = of("se"), low = of("low"), high = of("high"))
}

# Points of the root that full marks of each node bring: the product of the
# weights on the way up.
node_points <- function(index, share = node_shares(index)) {
  framework <- index$framework
  points <- rep(root_max(framework), length(share))
  node <- seq_along(share)
  while (any(node != framework$root)) {
    points <- points * share[node]
    node <- ifelse(node == framework$root, node, framework$arrays$parent[node])
  }
  points
}

# Weight of each node within its parent, 1 at the root, in node order.
node_shares <- function(index) tree_shares(index$spec$weights, index$framework)

tree_shares <- function(weights, framework) {
  share <- c(stats::weights(weights), stats::setNames(1, root_code(framework)))
  unname(share[framework$items$code])
}

named_weights <- function(values) {
  check_not_integer64(values, "values")
  if (is.data.frame(values)) {
    column <- intersect(c("weight", "points"), names(values))
    check_columns(values, "item", "values")
    if (length(column) == 0L) check_columns(values, "weight", "values")
    values <- stats::setNames(values[[column[1L]]], as.character(values$item))
  }
  if (!is.numeric(values) || is.null(names(values)) || anyNA(names(values))) {
    cap_abort_input(c(
      "{.arg values} must be a named numeric vector or a data frame {.field item}, {.field weight}, not {.obj_type_friendly {values}}.",
      "i" = "Weights belong to items by name, not by position."
    ))
  }
  values
}

check_weight_names <- function(given, framework) {
  items <- framework$items
  code <- names(given)
  check_items(code, items$code[!is.na(items$parent)], "values", framework)
  parents <- items$parent[match(code, items$code)]
  check_none(setdiff(items$code[items$parent %in% parents], code), c(
    "{.arg values} must have weights for {some_items(bad)} too.",
    "i" = "Name all items below a parent, or none of them."
  ))
  check_amounts(given, code, "{.arg values}")
  invisible(given)
}

# What cap_index() takes: weights, or values for the answers' framework.
as_weights <- function(weights, framework) {
  if (is.null(weights)) {
    return(cap_weights(framework))
  }
  if (!inherits(weights, "cap_weights")) {
    return(cap_weights(framework, weights))
  }
  if (identical(weights$framework$items$code, framework$items$code)) {
    return(weights)
  }
  check_within_parents(weights, framework)
  cap_weights(framework, stats::setNames(weights$table$weight, weights$table$item))
}

# Weights found over the items of several parents say what the parents weigh too;
# within the framework's parents they would be another index.
check_within_parents <- function(weights, framework) {
  items <- weights$table$item
  parent <- framework$items$parent[match(items, framework$items$code)]
  if (all(is.na(weights$table$parent)) && length(unique(parent[!is.na(parent)])) > 1L) {
    cap_abort_input(c(
      "These weights are over items of several levels' branches together ({some_of(unique(parent), 3L)}).",
      "i" = "Find them within each parent, or give {.code weights(w)} to take their shares within parents."
    ))
  }
  invisible(weights)
}

#' @importFrom stats weights
#' @export
weights.cap_weights <- function(object, ...) {
  stats::setNames(object$table$weight, object$table$item)
}

#' @export
result_tables.cap_weights <- function(x, lang, ...) list(weights = lazy_table(x$table, term("caption_class.weights")))

#' @export
cap_findings.cap_weights <- function(x, ..., lang = "en") {
  table <- x$table
  top <- which.max(table$weight)
  findings(
    lang,
    origin_finding(x, lang),
    finding("weights.largest",
      item = table$item[top], weight = table$weight[top],
      parent = if (is.na(table$parent[top])) term("word.all_items") else table$parent[top]
    )
  )
}

origin_finding <- function(x, lang) finding("weights.origin", framework = weighed_title(x, lang), method = x$method)

# What the weights are of.
weighed_title <- function(x, lang) {
  if (is.null(x$framework)) term("weights.given_items") else title_in(lang, x$framework)
}

# The caption of one of the tables of weights.
weights_caption <- function(x, table, lang) {
  title <- if (is.null(x$framework)) term("weights.given_items_title") else title_in(lang, x$framework)
  if (table == "weights") {
    term("caption.weights", title = title, method = x$method)
  } else {
    term("caption.weights_table", title = title, method = x$method, table = words_of("weights_table", table))
  }
}

# Whether these are the weights that the framework itself has.
is_framework_weights <- function(weights) identical(weights$method, term("weights_method.framework"))
