# The sheets Readiness and Next steps, and the workbook of a readiness: stages with
# what they ask for, and what a unit could do next.

# Figures of a readiness, once an index ----------------------------------------

# list(x, framework, status, doubt, rows: of its edition; unit, gates: a row a unit and
# member, unit by unit; members, law).
readiness_figures <- function(x, index) {
  check_official(unique(c(x$framework$status, x$gates$status)), x$framework, index, "cap_readiness")
  if (is.null(x$gates)) {
    stop_no_stages(x$framework, arg = "analyses")
  }
  edition <- if (index$edition[1L] %in% x$edition) index$edition[1L] else last_edition(x)
  rows <- which(x$edition == edition)
  gates <- gates_table(x)
  members <- length(x$gates$item)
  list(
    x = x, framework = x$framework, edition = edition, status = readiness_status(x), doubt = status_in_doubt(x),
    rows = rows, unit = x$unit[rows], gates = gates, members = members, stage = x$stage[rows],
    law = if (!is.null(x$law)) {
      list(
        chance = stage_chances(x$law)[rows, , drop = FALSE], at_least = x$law$at_least[rows, , drop = FALSE],
        lower = x$law$lower[rows, , drop = FALSE], upper = x$law$upper[rows, , drop = FALSE]
      )
    }
  )
}

# The status to print where the framework, or its stages, are not official; else NULL.
status_in_doubt <- function(x) {
  status <- c(x$framework$status, x$gates$status)
  doubtful <- status[in_doubt(status)]
  if (length(doubtful) > 0L) doubtful[[1L]]
}

# The same of the framework of an index, in the language of the brief.
framework_in_doubt <- function(context) {
  status <- context$index$framework$status
  if (in_doubt(status)) status_in(context$lang, status)
}

# Gates of one row of the readiness.
gate_rows <- function(r, at) r$gates[(r$rows[at] - 1L) * r$members + seq_len(r$members), ]

# A workbook of its own --------------------------------------------------------

# The index of the same answers, which says what is in scope.
readiness_index <- function(x, analyses) {
  given <- setdiff(names(analyses), "cap_actions")
  if (length(given) > 0L) {
    cap_abort_input("{.arg analyses}: results of {.fn {given}} go with the brief of an index, not with that of a readiness.")
  }
  cap_index(x$answers, x$given$input$weights, missing = "zero")
}

# The context of the index with the readiness, and named by its framework.
readiness_context <- function(context, x) {
  r <- readiness_figures(x, context$index)
  context$readiness <- r
  title <- context$index$framework$title
  context$edition_label <- say(context$lang, "edition.plain", index = title, edition = r$edition)
  context
}

readiness_content <- function(context) {
  lang <- context$lang
  r <- readiness_in(lang, context$readiness)
  first <- readiness_sheet(context$readiness, context)
  at <- which(r$unit %in% context$index$unit[context$rows])
  scope <- if (context$kind == "unit") shown_names(context, context$code) else context$label
  steps <- if (context$kind == "unit") unit_steps_sheet(context) else group_steps_sheet(context, common_steps(context))
  list(
    title = readiness_title(context, r, at, scope), findings = first$found, table = stages_table(r$x)[r$rows[at], ],
    sheets = list(first, steps), methods = framework_methods(context),
    notes = if (context$kind == "unit") say(lang, "note.others")
  )
}

# The sheet --------------------------------------------------------------------

# NULL for a unit that the readiness does not know.
readiness_sheet <- function(r, context, many = FALSE) {
  at <- which(r$unit %in% context$index$unit[context$rows])
  if (length(at) == 0L) {
    return(NULL)
  }
  lang <- context$lang
  r <- readiness_in(lang, r)
  name <- readiness_tab(r, lang, many)
  suffix <- if (many) paste0("_", table_suffix(r$framework$id))
  tables <- paste0(c("tbl_stages", "tbl_gates", "tbl_stages_reached"), suffix)
  make <- if (context$kind == "unit") unit_readiness else group_readiness
  make(context, r, at, name, tables)
}

# Labels in the language of the brief.
readiness_in <- function(lang, r) {
  own <- labelled_readiness(lang, r$x)
  r$gates$group <- own$gates$group[match(r$gates$group, r$x$gates$group)]
  r$x <- own
  r$framework <- own$framework
  r$status <- text_in(lang, r$status)
  if (!is.null(r$doubt)) r$doubt <- status_in(lang, r$doubt)
  r
}

readiness_tab <- function(r, lang, many) {
  plain <- if (many) "sheet.readiness_of" else "sheet.readiness"
  key <- if (is.null(r$doubt)) plain else "sheet.readiness_status"
  name <- say(lang, key, status = r$doubt, framework = r$framework$id)
  substr(chartr("[]:*?/\\", "_______", name), 1L, 31L)
}

# Letters that tell tables of two frameworks apart.
table_suffix <- function(id) gsub("[^a-z]", "", chartr("0123456789", "abcdefghij", tolower(id)))

unit_readiness <- function(context, r, at, name, tables) {
  lang <- context$lang
  gates <- gate_rows(r, at)
  stages <- unit_stages(r, at, gates)
  unit <- shown_names(context, r$unit[at])
  analysis_sheet(context, name,
    words = readiness_words(context, r, at, unit),
    found = unit_readiness_findings(context, r, at, gates),
    parts = list(
      table_part(unit_stage_columns(context, r, stages), tables[1L]),
      if (nrow(stages) > 1L) {
        chart_part(8L + nrow(stages), function(name, row) {
          gate_chart(context, r, unit, name, row, sub("^tbl_", "", tables[1L]), nrow(stages))
        })
      },
      table_part(unit_gate_columns(context, r, gates), tables[2L], say(lang, "heading.gates"))
    )
  )
}

readiness_words <- function(context, r, at, scope) {
  lang <- context$lang
  list(
    title = readiness_title(context, r, at, scope),
    describes = say(lang, "describe.readiness", framework = r$framework$title),
    notes = if (!is.null(r$doubt)) {
      say(lang, "note.readiness_status", framework = r$framework$title, status = r$status)
    },
    methods = readiness_methods(context, r)
  )
}

readiness_title <- function(context, r, at, scope) {
  official <- is.null(r$doubt)
  if (context$kind != "unit") {
    key <- if (official) "title.readiness_group" else "title.readiness_group_status"
    return(say(context$lang, key, group = shorten(scope), framework = r$framework$title, status = r$status))
  }
  say(context$lang, if (official) "title.readiness_unit" else "title.readiness_unit_status",
    unit = shorten(scope), stage = stage_number(r$x, r$stage[at]), label = stage_label(r$x, r$stage[at]),
    framework = r$framework$title, status = r$status
  )
}

# A row a stage: its number and label, whether its own gates hold, whether it is
# reached, and how many of the items that it asks for are met.
unit_stages <- function(r, at, gates) {
  number <- r$x$gates$stage
  of <- match(gates$stage, number)
  count <- function(state) tabulate(of[gates$state == state], length(number))
  has <- function(holds) tabulate(of[gates$holds == holds], length(number)) > 0L
  asked <- tabulate(of, length(number)) > 0L
  data.frame(
    number = number, label = r$x$gates$label, reached = seq_along(number) <= r$stage[at] + 1L,
    holds = ifelse(!asked, NA, ifelse(has("not met"), "not met", ifelse(has("unknown"), "unknown", "met"))),
    met = count("met"), unknown = count("unknown"), not = count("not met")
  )
}

unit_stage_columns <- function(context, r, stages) {
  lang <- context$lang
  row <- match(context$index$unit[context$rows], r$unit)
  holds <- state_word(stages$holds, gate_words(lang))
  reached <- c(say(lang, "word.reached"), say(lang, "word.not_reached"))
  c(
    list(
      stage = column(stages$number, say(lang, "head.stage"), styles$whole, width = 8),
      label = text_column(stages$label, say(lang, "head.stage_label"), 38),
      gates = column(holds, say(lang, "head.gates"), shorthand = "[z]", width = 12),
      reached = column(reached[2L - stages$reached], say(lang, "head.reached"), width = 13),
      met = column(stages$met, say(lang, "head.items_met"), styles$whole, width = 10),
      unknown = column(stages$unknown, say(lang, "head.items_unknown"), styles$whole, width = 10),
      not = column(stages$not, say(lang, "head.items_not"), styles$whole, width = 10)
    ),
    if (!is.null(r$law)) {
      list(
        column(100 * r$law$chance[row, ], say(lang, "head.stage_chance"), styles$score, width = 12),
        column(100 * r$law$at_least[row, ], say(lang, "head.stage_at_least"), styles$score, width = 12),
        column(100 * r$law$lower[row, ], say(lang, "head.stage_lower"), styles$score, width = 12),
        column(100 * r$law$upper[row, ], say(lang, "head.stage_upper"), styles$score, width = 12)
      )
    }
  )
}

unit_gate_columns <- function(context, r, gates) {
  lang <- context$lang
  list(
    column(gates$stage, say(lang, "head.stage"), styles$whole, width = 8),
    text_column(item_names(context, r, gates$item), say(lang, "head.gate_item")),
    column(state_word(gates$holds, gate_words(lang)), say(lang, "head.gate"), width = 12),
    column(state_word(gates$state, item_words(lang)), say(lang, "head.state"), width = 13),
    column(gates$value, say(lang, "head.answer"), styles$value, width = 10),
    column(gates$minimum, say(lang, "head.minimum"), styles$value, width = 10),
    text_column(gates$group, say(lang, "head.gate_name"), 16),
    text_column(needed_words(lang, gates$k, gates$n), say(lang, "head.needed"), 12)
  )
}

gate_words <- function(lang) {
  c(met = say(lang, "word.held"), "not met" = say(lang, "word.not_held"), unknown = say(lang, "word.unknown"))
}

item_words <- function(lang) {
  c(
    met = say(lang, "word.met"), "not met" = say(lang, "word.not_met"), unknown = say(lang, "word.unknown"),
    "not applicable" = say(lang, "word.not_applicable")
  )
}

state_word <- function(state, words) unname(words[match(state, names(words))])

# "2 of 3", said once for each pair.
needed_words <- function(lang, k, n) {
  pair <- paste(k, n)
  first <- which(!duplicated(pair))
  words <- vapply(first, function(i) say(lang, "word.k_of_n", needed = k[i], n = n[i]), "")
  words[match(pair, pair[first])]
}

# What a gate looks at: an item, the score itself, or a stage in another framework.
item_names <- function(context, r, items) {
  lang <- context$lang
  out <- item_labels(r$framework, items)
  other <- items %in% r$x$gates$external
  out[other] <- vapply(items[other], function(id) say(lang, "word.stage_in", framework = id), "")
  out
}

gate_chart <- function(context, r, unit, name, row, table, n) {
  lang <- context$lang
  title <- if (is.null(r$doubt)) say(lang, "chart.gates") else say(lang, "chart.gates_status", status = r$doubt)
  stacked_bars(chart_frame(name, row, 8L + n, refer(table, "not"), title, say(lang, "alt.gates", unit = unit)),
    labels = refer(table, "label"), values = refer(table, c("met", "unknown", "not")),
    names = c(say(lang, "head.items_met"), say(lang, "head.items_unknown"), say(lang, "head.items_not")),
    fills = tier_colours(3L), line = "#3D3D3D"
  )
}

unit_readiness_findings <- function(context, r, at, gates) {
  x <- r$x
  row <- r$rows[at]
  stage <- r$stage[at]
  top <- x$gates$n_stages - 1L
  following <- min(stage + 1L, top)
  missing <- lacking_items(gates, x$gates$stage[following + 1L])
  low <- x$stage_low[row]
  high <- x$stage_high[row]
  findings(
    context$lang,
    finding("readiness_unit.stage",
      stage = stage_number(x, stage), label = stage_label(x, stage), top = x$gates$stage[top + 1L]
    ),
    if (stage == top) {
      finding("readiness_unit.top")
    } else if (nrow(missing) > 0L) {
      finding("readiness_unit.asks",
        stage = stage_number(x, following), label = stage_label(x, following),
        items = first_names(unique(item_names(context, r, missing$item)))
      )
    },
    if (low < high) finding("readiness_unit.open", low = stage_number(x, low), high = stage_number(x, high)),
    if (!is.null(r$law) && stage < top) {
      finding("readiness_unit.chance",
        stage = stage_number(x, following), p = 100 * r$law$at_least[at, following + 1L],
        lower = 100 * r$law$lower[at, following + 1L], upper = 100 * r$law$upper[at, following + 1L]
      )
    },
    if (!is.null(r$doubt)) finding("readiness_brief.status", framework = r$framework$title, status = r$status)
  )
}

# Members of the gates of a stage that are not held, where they are not met themselves.
lacking_items <- function(gates, stage) {
  gates[gates$stage == stage & gates$holds != "met" & gates$state %in% c("not met", "unknown"), ]
}

# Six names at most; the table has them all.
first_names <- function(names, most = 6L) {
  listed(c(utils::head(names, most), if (length(names) > most) "\u2026"), by = "list.semicolon")
}

# Groups -----------------------------------------------------------------------

group_readiness <- function(context, r, at, name, tables) {
  lang <- context$lang
  x <- r$x
  counts <- tabulate(r$stage[at] + 1L, x$gates$n_stages)
  analysis_sheet(context, name,
    words = readiness_words(context, r, at, context$label),
    found = group_readiness_findings(context, r, at, counts),
    parts = list(
      table_part(last_row_bold(list(
        stage = column(c(x$gates$stage, NA), say(lang, "head.stage"), styles$whole, shorthand = "", width = 8),
        label = text_column(c(x$gates$label, say(lang, "word.overall")), say(lang, "head.stage_label"), 38),
        n = column(c(counts, length(at)), say(lang, "head.countries"), styles$whole, width = 12),
        share = column(c(100 * counts / length(at), 100), say(lang, "head.share"), styles$score, width = 12)
      )), tables[1L]),
      chart_part(8L + length(counts), function(name, row) {
        stage_chart(context, r, name, row, sub("^tbl_", "", tables), length(counts))
      }),
      table_part(group_gate_columns(context, r, at), tables[2L], say(lang, "heading.gates_group")),
      table_part(stage_list_columns(context, r, at), tables[3L], say(lang, "heading.stages_reached"))
    )
  )
}

group_gate_columns <- function(context, r, at) {
  lang <- context$lang
  one <- gate_rows(r, at[1L])
  key <- paste(one$stage, one$group, sep = "\r")
  first <- which(!duplicated(key))
  cell <- outer(first, (r$rows[at] - 1L) * r$members, `+`)
  holds <- matrix(r$gates$holds[cell], length(first))
  items <- split(item_names(context, r, one$item), factor(key, key[first]))
  items <- text_in(lang, lapply(unname(items), listed, by = "list.semicolon"))
  list(
    stage = column(one$stage[first], say(lang, "head.stage"), styles$whole, width = 8),
    items = text_column(items, say(lang, "head.items"), 60, styles$indented_wrapped),
    held = column(rowSums(holds == "met"), say(lang, "head.countries_held"), styles$whole, width = 12),
    not_held = column(rowSums(holds == "not met"), say(lang, "head.countries_not_held"), styles$whole, width = 12),
    unknown = column(rowSums(holds == "unknown"), say(lang, "head.countries_unknown"), styles$whole, width = 12),
    needed = text_column(needed_words(lang, one$k[first], one$n[first]), say(lang, "head.needed"), 12),
    group = text_column(one$group[first], say(lang, "head.gate_name"), 18)
  )
}

stage_list_columns <- function(context, r, at) {
  lang <- context$lang
  x <- r$x
  name <- shown_names(context, r$unit[at])
  at <- at[name_order(name)]
  list(
    column(stage_number(x, r$stage[at]), say(lang, "head.stage"), styles$whole, width = 8),
    text_column(shown_names(context, r$unit[at]), say(lang, "head.country"), 38),
    column(stage_number(x, x$stage_low[r$rows[at]]), say(lang, "head.stage_low"), styles$whole, width = 12),
    column(stage_number(x, x$stage_high[r$rows[at]]), say(lang, "head.stage_high"), styles$whole, width = 12)
  )
}

stage_chart <- function(context, r, name, row, tables, n) {
  lang <- context$lang
  title <- if (is.null(r$doubt)) say(lang, "chart.stages") else say(lang, "chart.stages_status", status = r$doubt)
  alt <- say(lang, "alt.stages", group = context$label)
  plain_bars(chart_frame(name, row, 8L + n, refer(tables[2L], "unknown"), title, alt),
    labels = refer(tables[1L], "label", seq_len(n)), values = refer(tables[1L], "n", seq_len(n)), names = context$label
  )
}

group_readiness_findings <- function(context, r, at, counts) {
  x <- r$x
  most <- which.max(counts)
  open <- sum(x$stage_low[r$rows[at]] < x$stage_high[r$rows[at]])
  findings(
    context$lang,
    finding("readiness_group.most",
      n = counts[most], of = length(at), stage = x$gates$stage[most], label = x$gates$label[most]
    ),
    if (open > 0L) finding("readiness_group.open"),
    if (!is.null(r$doubt)) finding("readiness_brief.status", framework = r$framework$title, status = r$status)
  )
}


readiness_methods <- function(context, r) {
  lang <- context$lang
  spec <- r$x$spec
  text <- if (is.null(r$law)) {
    say(lang, "method.readiness", framework = r$framework$title, status = r$status)
  } else {
    say(lang, "method.readiness_evidence",
      framework = r$framework$title, status = r$status,
      grades = terms("list.pair", name = names(spec$reliability), value = unname(spec$reliability)),
      correlation = number_in(lang, spec$correlation)
    )
  }
  method_row(say(lang, "method.name_readiness", framework = r$framework$id), text)
}

# Next steps -------------------------------------------------------------------

# list(framework, plans, steps) of the edition of the index.
actions_figures <- function(x, index) {
  check_official(x$statuses, x$framework, index, "cap_actions")
  check_own_answers(x, index)
  edition <- if (index$edition[1L] %in% x$rows$edition) index$edition[1L] else last_edition(x$rows)
  list(
    framework = x$framework, by_score = x$by_score, plans = x$rows[x$rows$edition == edition, ],
    steps = x$steps[x$steps$edition == edition, ]
  )
}

# Steps on the framework of the index begin at its answers.
check_own_answers <- function(x, index) {
  if (!identical(x$framework$id, index$framework$id)) {
    return(invisible(x))
  }
  if (!index$edition[1L] %in% x$rows$edition) {
    stop_other_index("cap_actions", paste0("It is of the edition ", last_edition(x$rows), "."), index)
  }
  steps <- x$steps[x$steps$edition == index$edition[1L], ]
  at <- cbind(match(steps$unit, index$unit), match(steps$item, leaf_codes(index$framework)))
  now <- index$answers$values[at]
  off <- !is.na(at[, 1L]) & (is.na(now) != is.na(steps$from) | !is_same_value(now, steps$from) & !is.na(now))
  if (any(off, na.rm = TRUE)) {
    stop_other_index(
      "cap_actions", paste("Answers differ for", some_of(steps$unit[which(off)])), index,
      units = steps$unit[which(off)], items = steps$item[which(off)]
    )
  }
  invisible(x)
}

# From the actions where they lead somewhere, else from the index; NULL where
# everything is in place.
unit_steps_sheet <- function(context, facts = NULL) {
  a <- context$analyses$actions
  unit <- context$index$unit[context$rows]
  plan <- a$plans[a$plans$unit == unit, ]
  steps <- if (NROW(plan) > 0L && plan$outcome == "steps") {
    planned_steps(context, unit)
  } else if (!is.null(context$readiness)) {
    gate_steps(context)
  } else {
    open_steps(context, facts)
  }
  if (nrow(steps) == 0L) {
    return(NULL)
  }
  lang <- context$lang
  own <- context$readiness$doubt
  if (!is.null(own)) own <- status_in(lang, own)
  name <- steps_tab(lang, own)
  doubt <- own %||% framework_in_doubt(context)
  analysis_sheet(context, name,
    words = list(
      title = say(lang, if (is.null(doubt)) "title.steps" else "title.steps_status",
        unit = shorten(shown_names(context, unit)), edition = context$edition_label, status = doubt
      ),
      describes = say(lang, "describe.steps")
    ),
    found = steps_findings(context, plan, steps),
    parts = list(steps = table_part(step_columns(lang, steps), "tbl_steps"))
  )
}

steps_tab <- function(lang, doubt) {
  substr(if (is.null(doubt)) say(lang, "sheet.steps") else say(lang, "sheet.steps_status", status = doubt), 1L, 31L)
}

# Columns part, item, label, from, to, gain (points), requires (labels).
planned_steps <- function(context, unit) {
  a <- context$analyses$actions
  framework <- framework_in(context$lang, a$framework)
  own <- a$steps[a$steps$unit == unit, ]
  needs <- strsplit(own$prerequisite, ", ", fixed = TRUE)
  first <- own$item %in% unlist(needs)
  # What others wait for comes first; the order within both parts is that of the steps.
  own <- own[order(!first), ]
  data.frame(
    part = step_parts(framework, own$item), label = item_labels(framework, own$item), from = own$from, to = own$to,
    gain = own$score_gain,
    requires = joined_labels(framework, needs[order(!first)])
  )
}

# What is not, or not wholly, in place: most points first, after what others need.
open_steps <- function(context, facts) {
  items <- facts$items
  items <- items[items$open, ]
  framework <- context$index$framework
  left <- points_key(ifelse(is.na(items$left), 0, items$left), root_max(framework))
  # where raising one alone brings nothing, by what it weighs
  items <- items[order(-left, -points_key(items$room, root_max(framework)), items$code, method = "radix"), ]
  ordered <- after_prerequisites(items$code, framework$prerequisites)
  items <- items[ordered$order, ]
  data.frame(
    part = items$pillar, label = items$label, from = items$value, to = best_answers(framework, items$code),
    gain = items$left, requires = joined_labels(framework, ordered$requires)
  )
}

# What full marks ask: the largest answer, or 0 where less is better.
best_answers <- function(framework, codes) {
  at <- match(codes, leaf_codes(framework))
  down <- framework$items$direction[framework$leaves] < 0
  ifelse(down, leaf_min(framework), leaf_max(framework))[at]
}

# Items of the gates of the next stage that are not met.
gate_steps <- function(context) {
  r <- readiness_in(context$lang, context$readiness)
  at <- match(context$index$unit[context$rows], r$unit)
  gates <- gate_rows(r, at)
  next_stage <- r$x$gates$stage[min(r$stage[at] + 2L, r$x$gates$n_stages)]
  gates <- lacking_items(gates, next_stage)
  gates <- gates[!duplicated(gates$item), ]
  ordered <- after_prerequisites(gates$item, r$framework$prerequisites)
  gates <- gates[ordered$order, ]
  data.frame(
    part = step_parts(r$framework, gates$item), label = item_names(context, r, gates$item), from = gates$value,
    to = gates$minimum, gain = rep(NA_real_, nrow(gates)),
    requires = joined_labels(r$framework, ordered$requires)
  )
}

step_parts <- function(framework, codes) {
  node <- match(codes, framework$items$code)
  pillar <- rep(NA_integer_, length(node))
  pillar[!is.na(node)] <- pillar_of(framework, node[!is.na(node)])
  framework$items$label[ifelse(is.na(pillar), node, pillar)]
}

# The items as they are, but no item before one of them that it requires, and those
# that others require first. list(order, requires: codes among the items).
after_prerequisites <- function(codes, prerequisites) {
  edge <- prerequisites[prerequisites$item %in% codes & prerequisites$requires %in% codes, ]
  taken <- take_in_turn(order(!codes %in% edge$requires), codes, edge)
  list(order = taken, requires = lapply(codes[taken], function(code) edge$requires[edge$item == code]))
}

step_columns <- function(lang, steps) {
  n <- nrow(steps)
  blank <- rep(NA_character_, n)
  list(
    column(seq_len(n), say(lang, "head.step"), styles$whole, width = 7),
    text_column(steps$label, say(lang, "head.indicator"), 38, styles$indented_wrapped),
    column(steps$part, say(lang, "head.part"), styles$wrapped_low, width = 24),
    column(steps$from, say(lang, "head.now"), styles$value, width = 9),
    column(steps$to, say(lang, "head.to"), styles$value, width = 9),
    if (!all(is.na(steps$gain))) column(steps$gain, say(lang, "head.points_gain"), styles$weight, width = 10),
    if (any(nzchar(steps$requires))) {
      text_column(steps$requires, say(lang, "head.requires"), 30, styles$indented_wrapped, shorthand = "")
    },
    text_column(blank, say(lang, "head.body"), 26, styles$fill_in, shorthand = ""),
    text_column(blank, say(lang, "head.cost"), 12, styles$fill_in, shorthand = ""),
    text_column(blank, say(lang, "head.year"), 10, styles$fill_in, shorthand = "")
  )
}

# A target in words: a tier with its name, or the label of a stage.
target_name <- function(context, target) {
  actions <- context$analyses$actions
  framework <- framework_in(context$lang, actions$framework)
  at <- match(target, framework$bands$label)
  if (is.na(at)) goal_label(actions, framework, target) else tier_long(context$lang, framework$bands)[at]
}

steps_findings <- function(context, plan, steps) {
  planned <- NROW(plan) > 0L && plan$outcome == "steps"
  target <- if (NROW(plan) > 0L) target_name(context, plan$target)
  findings(
    context$lang,
    if (planned) {
      finding("steps_unit.planned", n = nrow(steps), target = target)
    } else if (NROW(plan) > 0L && plan$outcome == "reached") {
      finding("steps_unit.reached", target = target)
    } else if (NROW(plan) > 0L) {
      finding("steps_unit.unreachable", target = target)
    },
    if (!planned && any(points_key(steps$gain, root_max(context$index$framework)) > 0, na.rm = TRUE)) {
      most <- which.max(steps$gain)
      finding("steps_unit.most", item = steps$label[most], points = steps$gain[most])
    },
    if (any(nzchar(steps$requires))) finding("steps_unit.first", item = steps$label[1L]),
    finding("steps_unit.fill")
  )
}

# For a first sheet: where the steps that were given lead.
planned_finding <- function(context) {
  plans <- context$analyses$actions$plans
  plan <- plans[plans$unit == context$code & plans$outcome == "steps", ]
  if (NROW(plan) > 0L) finding("steps_unit.planned", n = plan$raises, target = target_name(context, plan$target))
}

common_step_finding <- function(common) {
  if (!is.null(common)) {
    finding("steps_group.common", item = common$label[1L], n = common$count[1L], of = common$of[1L])
  }
}

# What the next steps of a group's countries have in common: label, part, count, of, gain;
# NULL without steps.
common_steps <- function(context) {
  a <- context$analyses$actions
  unit <- context$index$unit[context$rows]
  steps <- a$steps[a$steps$unit %in% unit, ]
  if (NROW(steps) == 0L) {
    return(NULL)
  }
  framework <- framework_in(context$lang, a$framework)
  codes <- leaf_codes(framework)
  count <- tabulate(match(steps$item, codes), length(codes))
  by <- order(-count, seq_along(codes))
  by <- by[count[by] > 0L]
  data.frame(
    label = item_labels(framework, codes[by]), part = step_parts(framework, codes[by]), count = count[by],
    of = sum(a$plans$unit %in% unit & a$plans$outcome == "steps"),
    gain = mean_gains(steps, codes[by])
  )
}

group_steps_sheet <- function(context, common) {
  if (is.null(common)) {
    return(NULL)
  }
  lang <- context$lang
  name <- steps_tab(lang, context$readiness$doubt)
  analysis_sheet(context, name,
    words = list(
      title = say(lang, "title.steps_group", group = shorten(context$label), edition = context$edition_label),
      describes = say(lang, "describe.steps_group")
    ),
    found = findings(lang, common_step_finding(common)),
    parts = list(steps = table_part(list(
      column(common$label, say(lang, "head.indicator")),
      column(common$part, say(lang, "head.part")),
      column(common$count, say(lang, "head.countries_step"), styles$whole, width = 14),
      column(common$of, say(lang, "head.countries_planned"), styles$whole, width = 14),
      if (!all(is.na(common$gain))) column(common$gain, say(lang, "head.mean_points"), styles$weight, width = 12)
    ), "tbl_steps"))
  )
}
