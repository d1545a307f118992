# A framework from its parts: items, tree, levels, bands, stages and gates.

new_framework <- function(parts) {
  check_not_integer64(parts, "framework")
  if (!is.data.frame(parts[["items"]])) {
    cap_abort_input("A framework needs a data frame {.field items} with columns {.field code} and {.field parent}.")
  }
  check_item_columns(parts[["items"]])
  status <- as_field(parts[["status"]], "own")
  items <- tidy_items(parts[["items"]], status)
  check_codes(items)
  arrays <- compile_arrays(items)
  compiled <- compile_tree(arrays, items)
  n_levels <- max(compiled$depth) + 1L
  levels <- level_names(parts[["levels"]], n_levels)
  items$level <- levels[compiled$depth + 1L]
  root <- which(is.na(arrays$parent))
  stages <- tidy_stages(parts[["stages"]], parts[["gates"]], items$max[root], status)
  id <- as_field(parts[["id"]], "own")
  usual <- usual_words(parts, levels, stages)
  new_result("cap_framework",
    id = id,
    title = as_field(parts[["title"]], items$label[root]),
    edition = as_field(parts[["edition"]], ""),
    status = status,
    source = as_field(parts[["source"]], ""),
    note = as_field(parts[["note"]], ""),
    scale = as_field(parts[["scale"]], ""),
    levels = levels[seq_len(n_levels)],
    spare_levels = levels[-seq_len(n_levels)], # for indicators below
    items = items,
    bands = tidy_bands(parts[["bands"]], items$max[root]),
    stages = stages,
    gates = tidy_gates(parts[["gates"]], stages, items, id),
    prerequisites = tidy_prerequisites(parts[["prerequisites"]], items),
    arrays = arrays,
    depth = compiled$depth,
    root = root,
    leaves = compiled$leaf_node,
    words = c(parts[["words"]], usual[setdiff(names(usual), names(parts[["words"]]))])
  )
}

check_item_columns <- function(items) {
  other <- setdiff(names(items), item_columns)
  meant <- item_columns[match(tolower(trimws(other)), item_columns)]
  # a swapped or doubled letter: the same letters as a column that is not given
  letters_of <- function(x) vapply(strsplit(tolower(x), ""), function(l) paste(sort(unique(l)), collapse = ""), "")
  absent <- setdiff(item_columns, names(items))
  meant <- ifelse(is.na(meant), absent[match(letters_of(other), letters_of(absent))], meant)
  if (any(!is.na(meant))) {
    cap_abort_input(c(
      "Columns of items are not as they must be written: {.field {other[!is.na(meant)]}}.",
      "i" = "Write {.field {meant[!is.na(meant)]}}."
    ))
  }
  invisible(items)
}

as_field <- function(x, default) {
  if (is.null(x) || is.na(x[[1L]])) default else as.character(x[[1L]])
}

tidy_items <- function(items, status) {
  check_columns(items, c("code", "parent"), "items")
  if (nrow(items) == 0L) {
    cap_abort_input("The framework has no items.")
  }
  column <- function(name, default) {
    x <- items[[name]] %||% rep(NA, nrow(items))
    x[is.na(x)] <- default[is.na(x)]
    x
  }
  code <- as_code(items[["code"]])
  parent <- as_code(items[["parent"]])
  if (!"NA" %in% code) parent[parent %in% "NA"] <- NA
  leaf <- !code %in% parent
  text <- function(name) as_code(column(name, rep(NA_character_, length(code))))
  label <- text("label")
  concept <- text("concept")
  label[is.na(label)] <- code[is.na(label)]
  concept[is.na(concept)] <- code[is.na(concept)]
  figure <- function(name) as_figure(items[[name]] %||% rep(NA, nrow(items)), name, code)
  weight <- if (is.null(items[["weight"]])) rep(1, nrow(items)) else figure("weight")
  max <- figure("max")
  max[is.na(max)] <- ifelse(leaf, 1, 100)[is.na(max)]
  min <- figure("min")
  min[is.na(min) | !leaf] <- 0
  direction <- figure("direction")
  direction[is.na(direction)] <- 1
  own_status <- text("status")
  own_status[is.na(own_status)] <- status
  optional <- figure("optional")
  optional[is.na(optional)] <- 0
  data.frame(
    code = code, parent = parent, label = label, weight = weight, min = min, max = max,
    direction = direction, concept = concept, status = own_status, optional = optional
  )
}

check_codes <- function(items) {
  code <- items$code
  check_filled(code, "code", "items")
  check_once(code, "items", "items")
  unknown <- !is.na(items$parent) & !items$parent %in% code
  if (any(unknown)) {
    cap_abort_input(c(
      "Every parent must be the code of an item.",
      "x" = "Unknown: {some_of(items$parent[unknown])}, parent of {some_items(code[unknown])}."
    ))
  }
  roots <- code[is.na(items$parent)]
  if (length(roots) > 1L) {
    cap_abort_input(c(
      "A framework has one root: one item without a parent.",
      "x" = "Without a parent: {some_items(roots)}."
    ))
  }
  if (length(roots) == 0L) stop_rootless(items)
  check_each(items$direction %in% c(1, -1), code, "The direction must be 1 or -1")
  check_none(code[items$direction %in% -1 & code %in% items$parent], c(
    "Only answered items can have direction -1.",
    "x" = "Levels above them: {some_items(bad)}."
  ))
  check_each(is.finite(items$max) & items$max > 0, code, "The maximum must be a number above 0")
  check_each(
    items$min >= 0 & items$min < items$max, code, "The least answer must be 0 or more and below the maximum"
  )
  check_each(items$optional %in% c(0, 1), code, "Column {.field optional} must be 0 or 1")
  check_amounts(ifelse(is.na(items$parent), 0, items$weight), code, "Weights")
  if (nrow(items) == 1L) {
    cap_abort_input("The framework has a root, {.val {code}}, and nothing below it.", items = code)
  }
  invisible(items)
}

level_names <- function(levels, n_levels) {
  if (is.null(levels) || all(is.na(levels))) {
    return(texts_in(find_language("en"), usual_levels(n_levels)))
  }
  levels <- trimws(unlist(strsplit(as.character(levels), ",", fixed = TRUE)))
  if (length(levels) < n_levels || anyDuplicated(levels) || any(!nzchar(levels))) {
    cap_abort_input("The framework is {n_levels} levels deep and needs as many different level names; it has {.val {levels}}.")
  }
  levels
}

# What the levels of a framework that does not name them are called.
usual_levels <- function(n_levels) {
  deeper <- lapply(seq_len(n_levels), function(n) term("level.deeper", n = n))[-(1:5)]
  c(
    list(
      term("level.overall"), term("level.pillar"), term("level.indicator"), term("level.question"),
      term("level.sub_question")
    ),
    deeper
  )[seq_len(n_levels)]
}

# The names in a framework that are the package's words and not the user's: terms,
# named by what they name.
usual_words <- function(parts, levels, stages) {
  of_levels <- if (is.null(parts[["levels"]]) || all(is.na(parts[["levels"]]))) {
    stats::setNames(usual_levels(length(levels)), paste0("level:", levels))
  }
  has_base <- NROW(stages) > NROW(parts[["stages"]])
  c(of_levels, if (has_base) list("stage:0" = term("stage.none")))
}

# Best band first, whichever way the table was given.
tidy_bands <- function(bands, max) {
  if (is.null(bands)) {
    return(NULL)
  }
  check_data_frame(bands, "bands")
  check_columns(bands, c("label", "lower"), "bands")
  label <- as_code(bands[["label"]])
  lower <- as_figure(bands[["lower"]], "lower", label)
  if (length(label) == 0L) {
    return(NULL)
  }
  check_filled(label, "label", "bands")
  check_once(label, "bands", "labels")
  check_each(is.finite(lower) & lower <= max, label, "The lower bound of a band must be a number up to {max}", "of")
  steps <- diff(lower)
  if (any(steps == 0) || length(unique(sign(steps))) > 1L) {
    wrong <- label[-1L][steps == 0 | sign(steps) != sign(lower[length(lower)] - lower[1L])]
    cap_abort_input(c(
      "Bands must stand in order of their lower bounds.",
      "x" = "Out of order: {some_of(wrong)}."
    ))
  }
  name <- as_code(bands[["name"]] %||% label)
  out <- data.frame(label = label, name = ifelse(is.na(name), label, name), lower = lower)
  out <- out[order(-lower), ]
  rownames(out) <- NULL
  out
}
