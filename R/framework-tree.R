# The tree of a framework's items: arrays for the core, its root and its leaves.

compile_arrays <- function(items, weight = items$weight) {
  list(
    parent = match(items$parent, items$code), weight = as.numeric(weight),
    max = as.numeric(items$max), direction = as.integer(items$direction),
    min = as.numeric(items$min)
  )
}

# Strings are checked above; cycles and zero weights are seen by the core.
compile_tree <- function(arrays, items) {
  tryCatch(.Call(C_framework_compile, arrays), cap_error_input = function(e) {
    stop_tree(e, arrays, items)
  })
}

stop_tree <- function(e, arrays, items) {
  row <- as.integer(e$cell[["row"]])
  on_cycle <- cycle_through(arrays$parent, row)
  if (length(on_cycle) > 0L) {
    cap_abort_input(c(
      "The parents of a framework must not form a cycle.",
      "x" = "Cycle: {items$code[c(on_cycle, on_cycle[1L])]}."
    ), items = items$code[on_cycle])
  }
  if (is.na(row)) {
    rlang::cnd_signal(e)
  }
  below <- which(arrays$parent == row)
  children <- items$code[below]
  if (any(arrays$weight[below] > 0)) {
    cap_abort_input(c(
      "The weights below {.val {items$code[row]}} are too large to add up.",
      "x" = "Weights of {some_items(children)}.",
      "i" = "Weights may be on any scale: divide them all."
    ))
  }
  cap_abort_input(c(
    "The items below {.val {items$code[row]}} weigh nothing together.",
    "x" = "All weights are 0: {some_items(children)}.",
    "i" = "Give at least one of them a weight above 0."
  ))
}

cycle_through <- function(parent, row) {
  if (is.na(row)) {
    row <- 1L # no root at all: every item is on a cycle or below one
    for (step in seq_along(parent)) row <- parent[row]
    if (is.na(row)) {
      return(integer())
    }
  }
  path <- row
  at <- parent[row]
  while (!is.na(at) && !at %in% path) {
    path <- c(path, at)
    at <- parent[at]
  }
  if (!is.na(at) && at == row) path else integer()
}

root_max <- function(framework) framework$items$max[framework$root]

root_code <- function(framework) framework$items$code[framework$root]

leaf_codes <- function(framework) framework$items$code[framework$leaves]

leaf_max <- function(framework) framework$items$max[framework$leaves]

stop_rootless <- function(items) {
  parent <- match(items$parent, items$code)
  on_cycle <- items$code[cycle_through(parent, NA)]
  cap_abort_input(c(
    "A framework has one root: one item without a parent.",
    "x" = "Every item has a parent; cycle: {c(on_cycle, on_cycle[1L])}."
  ))
}
