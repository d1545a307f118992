# Whom a brief is about: the world, a group or a unit; for which audience.

# kind, code, label and rows (of the index); refused where there is no score.
find_scope <- function(index, scope, groups) {
  found <- locate_scope(index, scope, groups)
  if (is.null(found)) {
    stop_unknown_scope(scope, index, groups)
  }
  root <- index$framework$root
  if (all(is.na(index$scores[found$rows, root]))) {
    switch(found$kind,
      world = cap_abort_input("No unit has an overall score, so there is no brief to write."),
      unit = cap_abort_input(c(
        "{.val {scope}} has no overall score, so there is no brief to write.",
        "i" = "Its answers cover {format_number(100 * index$coverage[found$rows, root], 0)} % of the weight."
      ), arg = "scope", units = scope),
      group = cap_abort_input("Group {.val {found$code}} has no unit with a score in the index.")
    )
  }
  found
}

stop_unknown_scope <- function(scope, index, groups) {
  cap_abort_input(c(
    "{.arg scope} names what is neither a unit of the index nor a group of {.arg by}: {some_units(scope)}.",
    "i" = "Groups: {.val {unique(groups$group)}}; units such as {.val {index$unit[1L]}}; or {.val world}."
  ))
}

# The same for any scope; NULL for one that is not there.
locate_scope <- function(index, scope, groups) {
  if (scope == "world") {
    return(list(kind = "world", code = "world", rows = seq_along(index$unit)))
  }
  if (scope %in% index$unit) {
    return(list(kind = "unit", code = scope, rows = which(index$unit == scope)))
  }
  group <- c(groups$group, groups$group)[match(scope, c(groups$group, groups$label))]
  if (!is.na(group)) {
    members <- groups[groups$group == group, ]
    list(
      kind = "group", code = group, label = members$label[1L], label_key = members$key[1L],
      rows = which(index$unit %in% members$unit)
    )
  }
}

# The name of the world, a group or a unit, in the language of the brief.
scope_label <- function(context) {
  switch(context$kind,
    world = say(context$lang, "word.world"),
    group = labels_in(context$lang, context$label_key, context$label),
    unit = shown_names(context, context$code)
  )
}

brief_audience <- function(audience, kind) {
  fits <- if (kind == "unit") c("country", "internal") else c("public", "region", "internal")
  if (is.null(audience)) {
    return(if (kind == "group") "region" else fits[[1L]])
  }
  choose(audience, fits, "audience")
}

brief_ranks <- function(ranks, kind) {
  if (ranks && kind != "world") {
    cap_abort_input("Ranks stand in no country's and no region's file: {.code ranks = TRUE} is for {.code scope = \"world\"}.")
  }
  ranks
}

brief_context <- function(common, scope, audience, ranks) {
  context <- c(find_scope(common$index, scope, common$by), common)
  context$label <- scope_label(context)
  context$audience <- brief_audience(audience, context$kind)
  context$ranks <- brief_ranks(ranks, context$kind)
  context
}
