# A user's own minimums for the stages of a framework: a profile (a minimum for
# each item and stage), or the indicators of each stage below an item.

# The parts of a framework, as cap_framework() takes them.
framework_fields <- function(framework) {
  parts <- framework[setdiff(framework_parts, "levels")]
  parts[["levels"]] <- c(framework$levels, framework$spare_levels)
  parts[["words"]] <- framework$words
  parts
}

apply_profile <- function(framework, profile) {
  stages <- staged(framework, "profile")[-1L, ]
  check_table(profile, "profile")
  check_columns(profile, c("param", stages$label), "profile")
  param <- as_code(profile[["param"]])
  check_profile_items(param, framework)
  minimum <- lapply(stages$label, function(label) as_figure(profile[[label]], label, param))
  check_profile_minima(minimum, stages$label, param, framework)
  parts <- framework_fields(framework)
  parts$stages$status <- "own"
  parts$gates <- do.call(rbind, Map(function(stage, min) {
    data.frame(stage = stage, group = "profile", k = length(param), item = param, min = min)
  }, stages$stage, minimum))
  parts$words[["gate:profile"]] <- term("gate.profile")
  new_framework(parts)
}

staged <- function(framework, arg) {
  if (is.null(framework$stages) || nrow(framework$stages) < 2L) {
    stop_no_stages(framework, arg = arg)
  }
  framework$stages
}

check_profile_items <- function(param, framework) {
  codes <- leaf_codes(framework)
  again <- param[duplicated(param)]
  unknown <- setdiff(param, codes)
  absent <- setdiff(codes, param)
  if (length(again) + length(unknown) + length(absent) > 0L) {
    cap_abort_input(c(
      "{.arg profile} must have each answered item of {.val {framework$id}} once, in column {.field param}.",
      "x" = if (length(absent) > 0L) "Absent: {some_items(absent)}.",
      "x" = if (length(unknown) > 0L) "Unknown: {some_items(unknown)}.",
      "x" = if (length(again) > 0L) "More than once: {some_items(again)}."
    ))
  }
  invisible(param)
}

check_profile_minima <- function(minimum, label, param, framework) {
  max <- leaf_max(framework)[match(param, leaf_codes(framework))]
  for (s in seq_along(minimum)) {
    check_none(param[is.na(minimum[[s]]) | minimum[[s]] < 0 | minimum[[s]] > max], c(
      "Minimums of {.arg profile} must be numbers from 0 to the maximum of the item.",
      "x" = "Column {.field {label[s]}}: not for {some_items(bad)}."
    ))
    check_none(param[s > 1L & minimum[[s]] < minimum[[max(s - 1L, 1L)]]], c(
      "The stages of {.arg profile} must be nested: no minimum below that of the stage before.",
      "x" = "{.field {label[s]}} is below {.field {label[s - 1L]}} for {some_items(bad)}."
    ))
  }
  invisible(minimum)
}

# Items with indicators become parents of them: each is answered 0 or 1, and a
# stage asks for all of its own. Items without are answered as before.
apply_indicators <- function(framework, indicators) {
  stages <- staged(framework, "indicators")
  check_table(indicators, "indicators")
  check_columns(indicators, c("item", "stage"), "indicators")
  check_rows(indicators, "indicators")
  below <- indicator_items(indicators)
  check_stage_indicators(below, framework, stages)
  parts <- framework_fields(framework)
  opened <- parts$items$code %in% below$parent
  parts$items$max[opened] <- 100
  parts$items$min[opened] <- 0
  parts$items <- rbind(parts$items[item_columns], below[item_columns])
  parts$levels <- c(parts$levels, setdiff(c("indicator", "sub-indicator"), parts$levels)[1L])
  parts$gates <- gates_of_indicators(parts$gates, below)
  parts$stages$status[parts$stages$stage %in% below$stage] <- "own"
  parts$prerequisites <- drop_prerequisites(parts$prerequisites, below$parent)
  parts$words[["gate:indicators"]] <- term("gate.indicators")
  new_framework(parts)
}

# Rows of items, with the stage of each; the weights of one stage of an item sum
# to 1.
indicator_items <- function(indicators) {
  item <- as_code(indicators[["item"]])
  stage <- as_figure(indicators[["stage"]], "stage", item)
  place <- paste(item, stage, sep = ".")
  number <- stats::ave(seq_along(place), place, FUN = seq_along)
  code <- as_code(indicators[["code"]] %||% paste(place, number, sep = "."))
  label <- as_code(indicators[["label"]] %||% code)
  label[is.na(label)] <- code[is.na(label)]
  data.frame(
    code = code, parent = item, label = label,
    weight = 1 / stats::ave(number, place, FUN = length), min = 0, max = 1,
    direction = 1, concept = code, status = "own", optional = 0, stage = stage
  )
}

check_stage_indicators <- function(below, framework, stages) {
  check_none(setdiff(below$parent, leaf_codes(framework)), c(
    "{.arg indicators} must be of answered items of {.val {framework$id}}.",
    "x" = "They are not: {some_items(bad)}."
  ))
  above <- stages$stage[-1L]
  check_none(below$parent[!below$stage %in% above], c(
    "Indicators belong to one of the stages {some_of(above, 20L)}; the lowest holds without any.",
    "x" = "Those of {some_items(bad)} do not."
  ))
  invisible(below)
}

# Groups that asked for each of their items now ask for the indicators of their
# stage instead.
gates_of_indicators <- function(gates, below) {
  opened <- gates$item %in% below$parent
  check_none(gates$item[opened & gates$k < group_size(gates)], c(
    "Items that a gate group asks for among others cannot have indicators.",
    "x" = "Asked for so: {some_items(bad)}."
  ))
  whole <- gates$k == group_size(gates)
  kept <- gates[!opened, ]
  kept$k <- ifelse(whole[!opened], group_size(kept), kept$k)
  own <- data.frame(
    stage = below$stage, group = "indicators", k = 0, item = below$code, min = 1,
    framework = NA_character_
  )
  own$k <- group_size(own)
  rbind(kept, own)
}

drop_prerequisites <- function(prerequisites, item) {
  kept <- prerequisites[!(prerequisites$item %in% item | prerequisites$requires %in% item), ]
  if (NROW(kept) > 0L) kept
}
