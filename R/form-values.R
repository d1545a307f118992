# The provisional figures of a form: what its formulas give, computed here and by
# the core, written as their cached values.

# list(level, share, applies, answered, node_share, node_applies): items by column
# of the answers, nodes of the tree.
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
    node_share = ifelse(is.na(nodes), 0, nodes / framework$items$max), node_applies = as.numeric(!is.na(nodes))
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

# The figures of gates: for each row of form_gates(), whether it is met and counts.
gate_figures <- function(form, gates) {
  figures <- form$figures
  own <- !is.na(gates$column)
  counts <- ifelse(own, figures$applies[gates$column], 1)
  outside <- outside_stages(form)[match(gates$framework, external_gates(form$framework))]
  value <- ifelse(own, figures$level[gates$column], outside)
  met <- counts * (value + 1e-9 >= gates$min)
  met_in <- stats::ave(met, gates$group_no, FUN = sum)
  counts_in <- stats::ave(counts, gates$group_no, FUN = sum)
  list(met = as.numeric(met), counts = counts, holds = as.numeric(met_in >= pmin(gates$k, counts_in)))
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
  outside <- outside_stages(form)
  applies <- c(form$applies, rep(TRUE, length(outside)))
  stage <- .Call(
    C_stage_reach, readiness_gates(form$original), t(c(form$figures$level, outside)), if (!all(applies)) t(applies)
  )
  form$framework$stages$label[stage + 1L]
}

# The least stage of another framework, which one that is not known counts as.
external_least <- function(id) min(external_range(id, 0))

# The stages of another framework; of one that does not ship those up to what gates
# ask for.
external_range <- function(id, minimum) {
  if (id %in% shipped_ids()) cap_framework(id)$stages$stage %||% 0 else seq.int(0, max(minimum))
}
