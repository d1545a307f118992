# The provisional figures of a form: what its formulas give, computed here and by
# the core, written as their cached values.

# list(level, share, applies, answered, node_share, node_applies, node_left): items by
# column of the answers, nodes of the tree; `node_left` is the weight of what applies
# right below.
form_figures <- function(form) {
  framework <- form$framework
  low <- as.double(leaf_min(framework))
  high <- as.double(leaf_max(framework))
  better <- framework$items$direction[framework$leaves]
  missing <- is.na(form$values)
  level <- ifelse(missing, low, ifelse(better > 0, form$values, low + high - form$values))
  nodes <- form_nodes(form, ifelse(better > 0, level, low + high - level))
  list(
    level = level, share = (level - low) / (high - low), applies = as.numeric(form$applies),
    answered = as.numeric(!missing | !form$applies),
    node_share = ifelse(is.na(nodes), 0, nodes / framework$items$max), node_applies = as.numeric(!is.na(nodes)),
    node_left = as.vector(observed_weights(framework$arrays, t(nodes))$observed)
  )
}

# Scores of all nodes: an empty answer at the least level, what does not apply left
# out, as readiness_scores() counts.
form_nodes <- function(form, values) {
  framework <- form$original
  values[!form$applies] <- NaN
  spec <- list(aggregate = level_rules("arithmetic", framework), missing = "renormalise", min_coverage = 0)
  as.vector(score_panel(framework$arrays, matrix(values, 1L), spec)$scores)
}

# For each row of form_gates() whether it is met, counts, and its group holds.
gate_cells <- function(form, gates) {
  core <- readiness_gates(form$original)
  input <- gate_input(form)
  found <- .Call(C_gates_hold, core, input$value, input$applies)
  group <- rep(seq_len(core$n_groups), diff(core$group_start))
  column <- ifelse(is.na(gates$column), length(form$applies) + match(gates$framework, core$external), gates$column)
  member <- match(
    paste(gates$stage, gates$group, column, sep = "\r"),
    paste(core$stage[core$group_stage[group] + 1L], core$group[group], core$item, sep = "\r")
  )
  list(
    met = as.numeric(found$met[member]), counts = as.numeric(c(form$applies, rep(TRUE, length(core$external)))[column]),
    holds = as.numeric(found$holds[group[member]])
  )
}

# One row for the core: levels of the items, and stages of other frameworks.
gate_input <- function(form) {
  outside <- outside_stages(form)
  applies <- c(form$applies, rep(TRUE, length(outside)))
  list(value = t(c(form$figures$level, outside)), applies = if (!all(applies)) t(applies))
}

# Stages reached in other frameworks, the least where none is given.
outside_stages <- function(form) {
  stage <- form$external
  unknown <- is.na(stage)
  stage[unknown] <- vapply(external_gates(form$framework)[unknown], external_least, 0)
  as.double(stage)
}

# Rows of gates with the number of their group and the column of their item.
form_gates <- function(framework) {
  gates <- framework$gates
  gates <- gates[order(gates$stage), ]
  key <- group_key(gates)
  gates$group_no <- match(key, unique(key))
  gates$column <- ifelse(is.na(gates$framework), match(gates$item, leaf_codes(framework)), NA)
  rownames(gates) <- NULL
  gates
}

# The label of the stage that is reached.
stage_reached <- function(form) {
  input <- gate_input(form)
  stage <- .Call(C_stage_reach, readiness_gates(form$original), input$value, input$applies)
  form$framework$stages$label[stage + 1L]
}

# The least stage of another framework, which one that is not known counts as.
external_least <- function(id) min(external_range(id, 0))

# The stages of another framework; of one that does not ship those up to what gates
# ask for.
external_range <- function(id, minimum) {
  if (id %in% shipped_ids()) cap_framework(id)$stages$stage %||% 0 else seq.int(0, max(minimum))
}
