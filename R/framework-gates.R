# Stages and gates of a framework: read and checked once, then handed to the
# core as compressed arrays.

# What the core asks of a framework's stages (struct cap_gates), or NULL when
# it has none. Stages stand by position: the first holds always and is number 0
# of the core. Values:
#   n_items, n_stages, n_groups
#   stage, label, status    number, label and status of each stage
#   cap                     upper edge of its scores, in points; NA is none
#   group_stage, group_k    position of the stage that a group guards (1 is the
#                           second stage of the table); members that must hold
#   group                   name of each group
#   group_start             n_groups + 1 offsets into the members, from 0
#   item, minimum           members: column of the answers, from 1, and the
#                           least value, on the item's own scale (of direction
#                           -1: of the least plus the largest answer less x)
#   external                ids of other frameworks whose stage is asked: column
#                           n_leaves + j holds the stage (its number, not its
#                           position) reached in external[j], NA unknown
framework_gates <- function(framework) {
  stages <- framework$stages
  if (is.null(stages)) {
    return(NULL)
  }
  gates <- framework$gates
  external <- external_gates(framework)
  group <- group_key(gates)
  first <- which(!duplicated(group))
  first <- first[order(gates$stage[first])]
  member <- order(match(group, group[first]))
  columns <- c(leaf_codes(framework), paste("\r", external, recycle0 = TRUE))
  asked <- ifelse(is.na(gates$framework), gates$item, paste("\r", gates$framework))
  list(
    n_items = length(columns), n_stages = nrow(stages), n_groups = length(first),
    stage = stages$stage, label = stages$label, status = stages$status, cap = stages$cap,
    group_stage = match(gates$stage[first], stages$stage) - 1L,
    group_k = as.integer(gates$k[first]), group = gates$group[first],
    group_start = as.integer(c(0L, cumsum(tabulate(match(group, group[first]), length(first))))),
    item = match(asked[member], columns), minimum = gates$min[member], external = external
  )
}

group_key <- function(gates) paste(gates$stage, gates$group, sep = "\r")

# Number of members of each row's group.
group_size <- function(gates) {
  group <- match(group_key(gates), group_key(gates))
  tabulate(group, nrow(gates))[group]
}

# Ids of the other frameworks whose stage a gate asks for, in order of the table.
external_gates <- function(framework) {
  id <- framework$gates$framework
  as.character(unique(id[!is.na(id)]))
}

# Stages -----------------------------------------------------------------------

# Stages in ascending order, the first of which holds always: a table whose
# lowest stage has gates gets a stage 0 below it.
tidy_stages <- function(stages, gates, max, status) {
  if (is.null(stages)) {
    return(NULL)
  }
  check_data_frame(stages, "stages")
  check_columns(stages, "stage", "stages")
  shown <- as_code(stages[["stage"]])
  stage <- as_figure(stages[["stage"]], "stage", shown)
  if (length(stage) == 0L) {
    return(NULL)
  }
  if (anyNA(stage) || is.unsorted(stage, strictly = TRUE)) {
    cap_abort_input("Stages must be numbers in ascending order, each once: {some_of(stages[['stage']], 10L)}.")
  }
  if (any(stage < 0 | stage != floor(stage) | stage > 1e6)) {
    cap_abort_input("Stages must be whole numbers from 0 to a million: {some_of(stages[['stage']], 10L)}.")
  }
  label <- as_code(stages[["label"]] %||% shown)
  label[is.na(label)] <- shown[is.na(label)]
  check_once(label, "stages", "labels")
  own_status <- as_code(stages[["status"]] %||% rep(NA, length(stage)))
  own_status[is.na(own_status)] <- status
  out <- data.frame(
    stage = as.integer(stage), label = label,
    cap = as_figure(stages[["cap"]] %||% rep(NA, length(stage)), "cap", paste("stage", shown)),
    status = own_status
  )
  check_caps(out, max)
  out <- with_base_stage(out, gates)
  out$cap <- cap_at_most_above(out$cap)
  out
}

# A stage without a cap has that of the next stage that has one: reaching a
# higher stage must not lower a score.
cap_at_most_above <- function(cap) {
  for (s in rev(seq_along(cap))[-1L]) {
    if (is.na(cap[s])) cap[s] <- cap[s + 1L]
  }
  cap
}

with_base_stage <- function(stages, gates) {
  lowest <- stages$stage[1L]
  gated <- if (is.data.frame(gates)) suppressWarnings(as.numeric(as_code(gates[["stage"]])))
  is_gated <- lowest %in% gated
  if (!is_gated) {
    return(stages)
  }
  if (lowest == 0L) {
    cap_abort_input("Stage 0 holds always and can have no gates.")
  }
  rbind(data.frame(stage = 0L, label = say("en", "stage.none"), cap = NA_real_, status = stages$status[1L]), stages)
}

check_caps <- function(stages, max) {
  cap <- stages$cap
  check_each(
    is.na(cap) | is.finite(cap) & cap > 0 & cap <= max, stages$stage,
    "The cap of a stage must be a number above 0, up to {max}, the maximum of the root, or empty", "of"
  )
  falling <- which(diff(cap[!is.na(cap)]) <= 0) + 1L
  check_none(stages$stage[!is.na(cap)][falling], c(
    "The cap of a stage must be above that of the stages below it.",
    "x" = "It is not for stage {some_of(bad)}."
  ))
  invisible(stages)
}

# Gates ------------------------------------------------------------------------

tidy_gates <- function(gates, stages, items, id) {
  if (is.null(gates)) {
    if (is.null(stages)) {
      return(NULL)
    }
    gates <- data.frame(stage = 0, group = "", k = 0, item = "", min = 0)[0L, ]
  }
  check_data_frame(gates, "gates")
  check_columns(gates, c("stage", "group", "k", "item", "min"), "gates")
  other <- as_code(gates[["framework"]] %||% rep(NA, nrow(gates)))
  item <- as_code(gates[["item"]])
  check_one_thing(item, other)
  item[!is.na(other)] <- other[!is.na(other)]
  figure <- function(column) as_figure(gates[[column]], column, item)
  out <- data.frame(
    stage = figure("stage"), group = as_code(gates[["group"]]), k = figure("k"),
    item = item, min = figure("min"), framework = other
  )
  out$group[is.na(out$group)] <- ""
  check_gate_items(out, items)
  check_external(out, id)
  check_gate_groups(out, stages)
  check_gate_minima(out, items)
  check_nested(out)
  out
}

check_one_thing <- function(item, other) {
  check_none(item[!is.na(item) & !is.na(other) & item != other], c(
    "A gate is on an item or on the stage of another framework, not on both.",
    "x" = "With {.field framework} and {.field item}: {some_items(bad)}.",
    "i" = "Leave {.field item} empty where {.field framework} is given."
  ))
  invisible(item)
}

check_gate_items <- function(gates, items) {
  own <- is.na(gates$framework)
  check_none(gates$item[own & !gates$item %in% items$code], c(
    "Gates must be on items of the framework.",
    "x" = "Unknown: {some_items(bad)}."
  ))
  check_none(gates$item[own & gates$item %in% items$parent], c(
    "Gates must be on items that are answered.",
    "x" = "Levels above them: {some_items(bad)}."
  ))
  invisible(gates)
}

# A framework that ships is looked into; one of the user's own is not at hand.
check_external <- function(gates, id) {
  other <- gates[!is.na(gates$framework), ]
  if (id %in% other$framework) {
    cap_abort_input("A gate must not ask for a stage of its own framework, {.val {id}}: lower stages hold anyway.")
  }
  for (name in intersect(unique(other$framework), shipped_ids())) {
    known <- shipped_stages(name)$stage[-1L]
    check_none(setdiff(other$min[other$framework == name], known), c(
      "A gate asks for a stage that {.val {name}} does not have: {some_of(bad)}.",
      "i" = "Stages above its lowest: {if (length(known) > 0L) some_of(known, 20L) else 'none'}."
    ))
  }
  invisible(gates)
}

shipped_stages <- function(id) {
  read <- function(table) {
    path <- file.path(frameworks_folder(), id, paste0(table, ".csv"))
    if (file.exists(path)) read_utf8_csv(path)
  }
  tidy_stages(read("stages"), read("gates"), max = Inf, status = "")
}

check_gate_groups <- function(gates, stages) {
  stray <- !gates$stage %in% stages$stage
  if (any(stray)) {
    cap_abort_input(c(
      "Gates must belong to a stage of the table {.field stages}.",
      "x" = "Gates on {some_items(gates$item[stray])} belong to {some_of(gates$stage[stray])}."
    ))
  }
  check_none(setdiff(stages$stage[-1L], gates$stage), c(
    "Every stage above the lowest needs a gate.",
    "x" = "None for stage {some_of(bad)}: it would hold for everybody."
  ))
  group <- group_key(gates)
  again <- duplicated(paste(group, gates$item, gates$framework, sep = "\r"))
  check_none(gates$item[again], "A gate group has each of its items once; given again: {some_items(bad)}.")
  size <- group_size(gates)
  k <- gates$k
  impossible <- is.na(k) | k < 1 | k > size | k != floor(k) | k != k[match(group, group)]
  check_none(gates$item[impossible], c(
    "A gate group asks for {.field k} of its items, from 1 to their number and the same in each row.",
    "x" = "It does not at {some_items(bad)}."
  ))
  invisible(gates)
}

# A minimum at or below the least answer always holds. Profiles may have such
# minima, but not nothing else at a stage.
check_gate_minima <- function(gates, items) {
  check_amounts(gates$min, gates$item, "The minimums of gates")
  max <- ifelse(is.na(gates$framework), items$max[match(gates$item, items$code)], Inf)
  above <- gates$min > max
  if (any(above)) {
    shown <- paste0(gates$item, " (", gates$min, " of ", max, ")")[above]
    cap_abort_input(c(
      "A gate must not ask for more than the maximum of its item: the stage could not be reached.",
      "x" = "Above it: {some_of(shown)}."
    ), items = gates$item[above])
  }
  asks <- !is.na(gates$framework) | gates$min > items$min[match(gates$item, items$code)]
  idle <- setdiff(gates$stage, gates$stage[asks])
  check_none(idle, "Stage {some_of(bad)} asks for nothing above the least answer: it would hold for everybody.")
  invisible(gates)
}

# Items that a stage requires one by one must not be asked less of later on.
check_nested <- function(gates) {
  all_of <- gates[gates$k == group_size(gates), ]
  all_of <- all_of[order(all_of$stage), ]
  fault <- character()
  asked <- paste(all_of$item, all_of$framework, sep = "\r")
  for (own in split(all_of, factor(asked, unique(asked)))) {
    least <- tapply(own$min, own$stage, max)
    falls <- which(least < cummax(least))
    if (length(falls) > 0L) {
      fault <- c(fault, stats::setNames(paste0(own$item[1L], " at stage ", names(least)[falls]), rep(own$item[1L], length(falls))))
    }
  }
  if (length(fault) > 0L) {
    cap_abort_input(c(
      "A later stage must not ask less of an item than an earlier one.",
      "x" = "Less is asked of {some_of(fault)}."
    ), items = unique(names(fault)))
  }
  invisible(gates)
}

# Prerequisites ----------------------------------------------------------------

# data frame item, requires: what must stand before an item is raised.
tidy_prerequisites <- function(prerequisites, items) {
  if (is.null(prerequisites)) {
    return(NULL)
  }
  check_data_frame(prerequisites, "prerequisites")
  check_columns(prerequisites, c("item", "requires"), "prerequisites")
  out <- data.frame(
    item = as_code(prerequisites[["item"]]), requires = as_code(prerequisites[["requires"]])
  )
  leaves <- setdiff(items$code, items$parent)
  check_none(setdiff(c(out$item, out$requires), leaves), c(
    "Prerequisites must be between answered items of the framework.",
    "x" = "They are not: {some_items(bad)}."
  ))
  cycle <- prerequisite_cycle(out)
  check_none(cycle, c("Prerequisites must not form a cycle.", "x" = "Cycle: {bad}."), items = unique(cycle))
  unique(out)
}

# Codes of one cycle, closed; none when there is an order. Items that require
# nothing that is left are taken away until none are, or only cycles and what
# rests on them.
prerequisite_cycle <- function(edges) {
  repeat {
    free <- !edges$requires %in% edges$item
    if (!any(free)) break
    edges <- edges[!free, ]
  }
  if (nrow(edges) == 0L) {
    return(character())
  }
  path <- edges$item[1L]
  repeat {
    following <- edges$requires[match(path[length(path)], edges$item)]
    at <- match(following, path)
    path <- c(path, following)
    if (!is.na(at)) {
      return(path[at:length(path)])
    }
  }
}
