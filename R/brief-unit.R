# The brief of one unit: its own figures, and of others only group medians.

CHART_ROWS <- 23L

country_content <- function(context) {
  facts <- country_facts(context)
  title <- self_assessed(context, country_title(context, facts))
  found <- do.call(findings, c(list(context$lang), country_findings(context, facts)))
  table <- pillar_table(context$lang, facts)
  list(
    title = title, findings = found, table = table,
    sheets = self_assessed_charts(context, c(
      list(
        country_front(context, facts, title, found, table),
        country_indicators(context, facts),
        if (!is.null(facts$change)) country_change(context, facts)
      ),
      analysis_sheets(context, facts)
    )),
    notes = country_notes(context, facts)
  )
}

country_title <- function(context, facts) {
  name <- shorten(facts$name)
  if (is.null(context$index$framework$bands)) {
    return(say(context$lang, "title.country_plain",
      name = name, score = facts$score, max = facts$max, edition = context$edition_label
    ))
  }
  say(context$lang, "title.country",
    name = name, tier = tier_label(context$lang, context$index$framework, facts$band),
    score = facts$score, max = facts$max, edition = context$edition_label
  )
}

# The figures beside the country's own that the findings name, and the world's.
country_figures <- function(context, facts) {
  lang <- context$lang
  index <- context$index
  root <- index$framework$root
  world <- which(!is.na(index$scores[, root]))
  missing <- sum(is.na(facts$items$value))
  sub <- facts$subregion
  distance <- threshold_finding(context, facts)$values$points
  rbind(
    if (!is.null(distance)) figure_row(say(lang, "figure.bound"), distance),
    if (!is.na(facts$median)) {
      figure_row(say(lang, "figure.median", group = facts$peers$label), facts$median, length(facts$peers$rows))
    },
    if (!is.null(sub)) figure_row(say(lang, "figure.median", group = sub$label), sub$median, sub$n),
    if (length(world) >= MIN_GROUP && !setequal(world, facts$peers$rows)) {
      figure_row(say(lang, "figure.median_world"), group_median(index, world)[root], length(world))
    },
    if (missing > 0L) figure_row(say(lang, "figure.missing"), missing, style = "whole"),
    if (missing > 0L) figure_row(say(lang, "figure.coverage"), 100 * index$coverage[facts$row, root], style = "whole")
  )
}

# Figures ----------------------------------------------------------------------

country_facts <- function(context) {
  index <- context$index
  framework <- index$framework
  row <- context$rows
  frame <- shared(context, "country frame", country_frame(index))
  peers <- country_peers(context, "region", context$groups)
  states <- item_states(index, row)
  by_pillar <- function(state) vapply(frame$pillars$node, function(p) sum(states[[state]][frame$items$node == p]), 0)
  node <- frame$pillars$node
  brings <- unit_points(index, row, frame)
  list(
    row = row, name = context$label,
    score = index$scores[row, framework$root], max = root_max(framework),
    band = index_bands(index)[row], peers = peers,
    pillars = with_columns(frame$pillars,
      score = index$scores[row, node], median = peers$medians[node], room = brings$room,
      in_place = by_pillar("in_place"), partly = by_pillar("partly"), not = by_pillar("not")
    ),
    median = peers$medians[framework$root],
    subregion = subregion_facts(context, peers),
    items = country_items(index, row, peers, states, frame$items, brings),
    change = country_bridge(context)
  )
}

# What the pillars and items of every country have in common.
country_frame <- function(index) {
  framework <- index$framework
  leaves <- framework$leaves
  pillars <- pillar_nodes(framework)
  above <- pillar_of(framework, leaves)
  points <- node_points(index)
  list(
    points = points,
    pillars = data.frame(
      node = pillars, code = framework$items$code[pillars], label = framework$items$label[pillars],
      max = framework$items$max[pillars]
    ),
    items = data.frame(
      node = ifelse(is.na(above), leaves, above), pillar = leaf_pillars(framework),
      code = framework$items$code[leaves], label = framework$items$label[leaves],
      weighs = points[leaves], adds = leaves_add_up(index)
    )
  )
}

# A data frame with more columns; of a brief's many, data.frame() takes too long.
with_columns <- function(frame, ...) {
  columns <- list(...)
  frame[names(columns)] <- lapply(columns, unname)
  frame
}

# The group of a country: group, label, rows, the medians of all nodes and, where
# it is large enough, the share of it with each item in place.
country_peers <- function(context, kind, groups) {
  index <- context$index
  peers <- peer_rows(index, context$rows, groups)
  c(peers, shared(context, paste("peers", kind, peers$group), list(
    medians = group_median(index, peers$rows),
    share = if (length(peers$rows) >= MIN_GROUP) {
      100 * item_states(index, peers$rows)$in_place / length(peers$rows)
    } else {
      rep(NA_real_, length(index$framework$leaves))
    }
  )))
}

# Medians of all nodes over a group; NA when the group is too small to show. To
# one decimal as printed: the median of an odd group is some country's own
# score, and its further digits would tell whose.
group_median <- function(index, rows) {
  if (length(rows) < MIN_GROUP) {
    return(rep(NA_real_, ncol(index$scores)))
  }
  round_half_up(group_figures(index$scores, NULL, list(rows))[, "median"], 1L)
}

subregion_facts <- function(context, peers) {
  groups <- shared(context, "subregions", groups_in(context$lang, shipped_groups("subregion")))
  own <- country_peers(context, "subregion", groups)
  if (length(own$rows) < MIN_GROUP || identical(sort(own$rows), sort(peers$rows))) {
    return(NULL)
  }
  list(label = own$label, n = length(own$rows), median = own$medians[context$index$framework$root])
}

# `open`: what is not, or not wholly, in place and weighs something, or has no answer.
country_items <- function(index, row, peers, states, frame, brings) {
  leaves <- index$framework$leaves
  room <- (1 - index$scores[row, leaves] / index$framework$items$max[leaves]) * frame$weighs
  source <- rep("", length(leaves))
  if (!is.null(index$answers$sources)) {
    code <- index$answers$sources[row, ]
    source[code > 0L] <- index$answers$source_labels[code]
  }
  with_columns(frame,
    state = names(states)[max.col(as.matrix(states), "first")], value = index$answers$values[row, ],
    points = brings$points, max = brings$max, left = brings$left, open = is.na(room) | !reaches(0, room, root_max(index$framework)),
    room = ifelse(is.na(room), 0, room), share = peers$share, source = source
  )
}

country_bridge <- function(context) {
  if (is.null(context$bridge)) {
    return(NULL)
  }
  table <- context$bridge$table
  table <- table[table$unit == context$code & !is.na(table$published), ]
  if (nrow(table) > 0L) table
}

pillar_table <- function(lang, facts) {
  p <- facts$pillars
  data.frame(
    pillar = c(p$label, say(lang, "word.overall")), score = c(p$score, facts$score), max = c(p$max, facts$max),
    median = c(p$median, facts$median),
    gap = c(p$score - p$median, facts$score - facts$median),
    in_place = c(p$in_place, sum(p$in_place)), partly = c(p$partly, sum(p$partly)),
    not = c(p$not, sum(p$not))
  )
}

# Findings: something good first, at most five ---------------------------------

country_findings <- function(context, facts) {
  found <- list(
    strength_finding(facts), threshold_finding(context, facts), growth_finding(facts), peers_finding(facts),
    missing_finding(context, facts) %||% change_finding(context, facts), planned_finding(context)
  )
  utils::head(Filter(Negate(is.null), found), 5L)
}

# Said before anything else that is not the score itself.
missing_finding <- function(context, facts) {
  n <- sum(is.na(facts$items$value))
  if (n == 0L) {
    return(NULL)
  }
  coverage <- context$index$coverage[facts$row, context$index$framework$root]
  finding("unit.missing", n = n, coverage = 100 * coverage)
}

strength_finding <- function(facts) {
  p <- facts$pillars
  p <- p[!is.na(p$score), ]
  if (nrow(p) < 2L || facts$score <= 0 || all_full(p, facts$max)) {
    return(NULL)
  }
  if (even_pillars(p)) {
    return(finding("unit.even", score = p$score[1L], max = p$max[1L]))
  }
  share <- shown_share(p)
  best <- which(share == max(share))
  finding(if (length(best) > 1L) "unit.strengths" else "unit.strength",
    pillar = paste(p$label[best], collapse = ", "), score = p$score[best[1L]], max = p$max[best[1L]]
  )
}

# In whole per cent of their maximum, as near as a sentence should tell pillars apart.
shown_share <- function(pillars) round_half_up(100 * pillars$score / pillars$max, 0L)

even_pillars <- function(pillars) {
  share <- shown_share(pillars)
  share <- share[!is.na(share)]
  length(share) > 1L && max(share) == min(share)
}

all_full <- function(pillars, max) all(reaches(pillars$score, pillars$max, max))

# Points to the nearest bound of the tiers, above or below.
threshold_finding <- function(context, facts) {
  framework <- context$index$framework
  bands <- framework$bands
  if (is.null(bands) || is.na(facts$band)) {
    return(finding("unit.score", score = facts$score, max = facts$max))
  }
  own <- tier_label(context$lang, framework, facts$band)
  below <- facts$score - bands$lower[facts$band]
  above <- if (facts$band > 1L) bands$lower[facts$band - 1L] - facts$score else Inf
  if (reaches(facts$score, facts$max, facts$max) && !anyNA(facts$items$value)) {
    return(finding("unit.full", tier = own, max = facts$max))
  }
  if (above <= below || facts$band == nrow(bands)) {
    return(finding("unit.below",
      tier = own, score = facts$score, max = facts$max, points = above,
      bound = bands$lower[facts$band - 1L], next_tier = tier_label(context$lang, framework, facts$band - 1L)
    ))
  }
  finding("unit.above",
    tier = own, score = facts$score, max = facts$max, points = below, bound = bands$lower[facts$band]
  )
}

growth_finding <- function(facts) {
  p <- facts$pillars
  if (all_full(p, facts$max)) {
    return(finding("unit.complete", max = facts$max))
  }
  # Points of the root, so that heavy pillars and items count for more.
  room <- points_key(p$room, facts$max)
  if (!any(room > 0, na.rm = TRUE)) {
    return(NULL) # what is missing may be room, or not
  }
  even <- even_pillars(p)
  if (even && facts$score > 0) {
    # said of the pillars already
    return(growth_item(facts$items, facts$max))
  }
  most <- if (even) which(!is.na(room)) else which(room == max(room, na.rm = TRUE))
  if (length(most) > 1L) growth_tied(p[most, ], facts$max) else growth_pillar(p[most, ], facts$items, facts$max)
}

growth_item <- function(items, max) {
  item <- items[which.max(points_key(items$left, max)), ]
  if (nrow(item) > 0L && points_key(item$left, max) > 0) finding("unit.growth_item", item = item$label, points = item$left)
}

# Pillars that have as much left.
growth_tied <- function(p, top) {
  names <- paste(p$label, collapse = ", ")
  alike <- function(x) all(reaches(x, max(x), top))
  if (alike(p$score) && alike(p$max)) {
    finding("unit.growths", pillar = names, score = p$score[1L], max = p$max[1L])
  } else {
    finding("unit.growths_apart", pillar = names)
  }
}

growth_pillar <- function(p, items, max) {
  inside <- items[items$node == p$node, ]
  item <- inside[which.max(points_key(inside$left, max)), ]
  if (nrow(item) == 0L || points_key(item$left, max) == 0) {
    finding("unit.growth_pillar", pillar = p$label, score = p$score, max = p$max)
  } else if (is.na(item$max) && item$code == p$code) {
    finding("unit.growth_item", item = item$label, points = item$left)
  } else if (is.na(item$max)) {
    finding("unit.growth_gain",
      pillar = p$label, score = p$score, max = p$max, item = item$label, points = item$left
    )
  } else if (item$code == p$code) {
    finding("unit.growth_one", item = item$label, points = item$points, of = item$max)
  } else {
    finding("unit.growth",
      pillar = p$label, score = p$score, max = p$max, item = item$label, points = item$points, of = item$max
    )
  }
}

peers_finding <- function(facts) {
  if (is.na(facts$median)) {
    return(NULL)
  }
  sub <- facts$subregion
  finding(if (is.null(sub)) "unit.peers" else "unit.peers_two",
    region = facts$peers$label, n = length(facts$peers$rows), median = facts$median,
    gap = facts$score - facts$median, sub = sub$label %||% "", n_sub = sub$n %||% 0,
    median_sub = sub$median %||% 0
  )
}

change_finding <- function(context, facts) {
  if (is.null(facts$change)) {
    return(NULL)
  }
  row <- facts$change[facts$change$item == root_code(context$index$framework), ]
  if (nrow(row) == 0L) {
    return(NULL)
  }
  finding("unit.change",
    from = context$bridge$editions$from, answers = row$answers, published = row$published,
    weights = row$weights, items = row$items
  )
}

# Sheets -----------------------------------------------------------------------

country_front <- function(context, facts, title, found, table) {
  lang <- context$lang
  name <- front_name(context)
  start <- front_rows(found)
  region <- if (is.na(facts$peers$label)) say(lang, "word.region") else facts$peers$label
  suppressed <- suppressed_mark(facts)
  columns <- list(
    pillar = column(table$pillar, level_title(context$index$framework), width = 29),
    score = column(table$score, say(lang, "head.score_points"), styles$score, width = 9),
    max = column(table$max, say(lang, "head.maximum"), styles$whole, width = 11),
    median = column(table$median, say(lang, "head.median_of", group = region), styles$score,
      width = 11, shorthand = suppressed
    ),
    gap = column(table$gap, say(lang, "head.gap"), styles$change, width = 10, shorthand = suppressed),
    in_place = column(table$in_place, say(lang, "head.items_in_place"), styles$whole, width = 9),
    partly = column(table$partly, say(lang, "word.partly"), styles$whole, width = 9),
    not = column(table$not, say(lang, "word.not"), styles$whole, width = 9)
  )
  columns <- last_row_bold(columns)
  figures <- country_figures(context, facts)
  below <- start + nrow(table) + 2L
  at <- below + figures_height(figures)
  chart <- country_chart(context, facts, name, at)
  end <- at + CHART_ROWS + 1L
  list(
    sheet = front_sheet(name, end + 2L, length(columns)),
    describes = say(lang, "describe.country"),
    blocks = c(
      front_text(context, name, title, found),
      list(
        block(name, start, 1L, columns, styles$header, table = "tbl_pillars"),
        text_block(name, end, country_last_line(context, facts), styles$small)
      ),
      figures_blocks(context$lang, name, below, figures)
    ),
    charts = list(chart)
  )
}

# A group that is too small to show, or no group at all.
suppressed_mark <- function(facts) if (length(facts$peers$rows) > 0L) "[c]" else "[z]"

country_chart <- function(context, facts, name, at) {
  lang <- context$lang
  level <- context$index$framework$levels[2L]
  beside <- !is.na(facts$median)
  of_pillars <- function(column) refer("pillars", column, seq_len(nrow(facts$pillars)))
  alt <- say(lang, if (beside) "alt.profile_beside" else "alt.profile",
    name = facts$name, level = level, group = facts$peers$label
  )
  bars_with_marks(chart_frame(name, at, CHART_ROWS, "pillars$not", say(lang, "chart.profile", level = level), alt),
    labels = of_pillars("pillar"), bars = of_pillars("score"), marks = if (beside) of_pillars("median"),
    bar_name = facts$name,
    mark_name = if (beside) say(lang, "chart.median_of", group = facts$peers$label, n = length(facts$peers$rows)),
    value = axis(limits = c(0, max(facts$pillars$max)), major_unit = 5, num_format = "0")
  )
}

country_last_line <- function(context, facts) {
  items <- facts$items
  answered <- items$source[!is.na(items$value)]
  marked <- table(answered[answered %in% not_observed])
  answers_line(context,
    observed = sum(!answered %in% not_observed), marked = marked, missing = sum(is.na(items$value))
  )
}

country_indicators <- function(context, facts) {
  lang <- context$lang
  items <- facts$items
  peers <- if (length(facts$peers$rows) > 0L) facts$peers$label else say(lang, "word.the_region")
  name <- say(lang, "sheet.indicators")
  # points that do not apply, rather than those of a missing answer
  no_points <- if (all(items$adds)) "[x]" else "[z]"
  longest <- max(0, items$max, items$left, na.rm = TRUE)
  columns <- list(
    pillar = column(items$pillar, level_title(context$index$framework)),
    code = column(items$code, say(lang, "head.code")),
    item = column(items$label, say(lang, "head.indicator")),
    state = column(unname(state_words(lang)[items$state]), say(lang, "head.state")),
    answer = column(items$value, answer_header(lang, context$index$framework), styles$value, width = 14),
    points = column(items$points, say(lang, "head.points"), styles$weight, width = 9, shorthand = no_points),
    max = column(items$max, say(lang, "head.maximum_points"), styles$weight, width = 11, shorthand = no_points),
    left = column(items$left, say(lang, "head.points_left"), styles$weight, width = 9,
      shorthand = if (compares_units(context$index)) "[z]" else "[x]"
    ),
    share = column(items$share, say(lang, "head.share_in", group = peers), styles$whole,
      width = 16, shorthand = suppressed_mark(facts)
    ),
    source = column(source_mark(lang, items$source), say(lang, "head.source"), styles$indented,
      header_format = styles$header_indented, width = 18
    )
  )
  table_sheet(context, name,
    say(lang, "title.country_indicators", name = shorten(facts$name), edition = context$edition_label),
    say(lang, "describe.country_indicators"), columns, "tbl_indicators",
    rules = if (longest > 0) list(data_bar("indicators$left", 0, longest))
  )
}

# What the answers run to, and which way.
answer_header <- function(lang, framework) {
  unit_scale <- all(framework$items$max[framework$leaves] == 1)
  reversed <- any(framework$items$direction[framework$leaves] < 0)
  if (unit_scale) {
    say(lang, if (reversed) "head.answer_01_reversed" else "head.answer_01")
  } else {
    say(lang, if (reversed) "head.answer_reversed" else "head.answer")
  }
}

# Marks of the shorthand before what is not observed.
source_mark <- function(lang, source) {
  mark <- c(derived = "[d] ", estimated = "[e] ", imputed = "[e] ", revised = "[r] ")[source]
  ifelse(source == "", "[x]", paste0(ifelse(is.na(mark), "", mark), text_in(lang, words_of("source", source))))
}

country_change <- function(context, facts) {
  lang <- context$lang
  change <- facts$change
  from <- context$bridge$editions$from
  framework <- context$index$framework
  order <- order(change$item != root_code(framework))
  change <- change[order, ]
  parts <- c("answers", "published", "weights", "items")
  # noise of sums that cancel would be shown as +0.0
  change[parts] <- lapply(change[parts], function(x) replace(x, reaches(0, abs(x), root_max(framework)), 0))
  columns <- list(
    column(framework$items$label[match(change$item, framework$items$code)], say(lang, "head.level")),
    column(change$answers, say(lang, "head.like_for_like"), styles$change, width = 14),
    column(change$published, say(lang, "head.published"), styles$change, width = 12),
    column(change$weights, say(lang, "head.of_weights"), styles$change, width = 11),
    column(change$items, say(lang, "head.of_items"), styles$change, width = 18),
    column(change$score_from, say(lang, "head.score_of", edition = from), styles$score, width = 10),
    column(change$score_to, say(lang, "head.score_of", edition = context$edition), styles$score, width = 10)
  )
  table_sheet(context, say(lang, "sheet.change"),
    say(lang, "title.change", name = shorten(facts$name), from = from, to = context$edition),
    say(lang, "describe.change"), columns, "tbl_change"
  )
}

country_notes <- function(context, facts) {
  lang <- context$lang
  c(
    if (!is.null(facts$change)) like_for_like_note(context),
    if (length(facts$peers$rows) > 0L && length(facts$peers$rows) < MIN_GROUP) {
      say(lang, "note.suppressed", least = MIN_GROUP)
    },
    points_note(context, facts),
    if (context$index$framework$status == "official") say(lang, "note.dates"),
    if (!is.na(facts$median)) say(lang, "note.medians"),
    say(lang, "note.others")
  )
}

# Why points are not the plain weights of the framework.
points_note <- function(context, facts) {
  lang <- context$lang
  index <- context$index
  if (compares_units(index)) {
    say(lang, "note.points_compared")
  } else if (!all(facts$items$adds)) {
    say(lang, "note.points_gain", rule = listed(unique(rule_words(index$spec$aggregate))))
  } else if (anyNA(facts$items$value) && index$spec$missing == "renormalise") {
    say(lang, "note.missing")
  }
}

# A framework that is no official one ------------------------------------------

# Recalled, proposed and illustrative frameworks say so, and that the result is a
# self-assessment: in the title and on the tab of the first sheet, and in charts.
self_assessed <- function(context, text) with_status(context, text, "title.self_assessed")

# Sheets of which the charts do not say so yet.
self_assessed_charts <- function(context, sheets) {
  status <- status_in(context$lang, context$index$framework$status)
  lapply(Filter(Negate(is.null), sheets), function(s) {
    s$charts <- lapply(s$charts, function(chart) {
      if (!grepl(status, chart$title, fixed = TRUE)) chart$title <- self_assessed(context, chart$title)
      chart
    })
    s
  })
}
