# The brief of the world or of a group of units.

group_content <- function(context) {
  facts <- group_facts(context)
  title <- self_assessed(context, group_title(context, facts))
  found <- Filter(Negate(is.null), group_findings(context, facts))
  found <- do.call(findings, c(list(context$lang), utils::head(found, 5L)))
  front <- if (context$kind == "world") world_front else region_front
  list(
    title = title, findings = found, table = facts$summary,
    sheets = self_assessed_charts(context, c(
      list(
        front(context, facts, title, found),
        group_indicators(context, facts),
        if (context$kind == "world") indicators_by_region(context),
        group_groups(context, facts),
        group_scores(context, facts)
      ),
      analysis_sheets(context, facts)
    )),
    notes = group_notes(context)
  )
}

# The figures that the findings name and no other table of the first sheet has.
group_figure_rows <- function(context, facts) {
  lang <- context$lang
  change <- facts$change
  framework <- context$index$framework
  root <- framework$root
  rbind(
    if (context$kind == "world") {
      figure_row(
        text_in(lang, terms("figure.median_pillar", pillar = framework$items$label[facts$pillars])),
        facts$stats[facts$pillars, "median"], facts$stats[facts$pillars, "n"]
      )
    },
    if (context$kind == "group") {
      rbind(
        figure_row(say(lang, "figure.median", group = context$label), facts$stats[root, "median"], facts$n),
        figure_row(say(lang, "figure.median_world"), facts$world[root, "median"], facts$world[root, "n"])
      )
    },
    if (!is.null(change)) {
      rbind(
        figure_row(say(lang, "figure.like", from = change$from), change$answers, change$n, "change"),
        figure_row(say(lang, "figure.published", from = change$from), change$published, change$n, "change"),
        figure_row(say(lang, "figure.higher"), change$up, change$n, "whole")
      )
    },
    if (facts$missing > 0L) figure_row(say(lang, "figure.missing"), facts$missing, facts$n_rows, "whole"),
    if (facts$unscored > 0L) figure_row(say(lang, "figure.unscored"), facts$unscored, facts$n_rows, "whole")
  )
}

# Figures ----------------------------------------------------------------------

group_facts <- function(context) {
  index <- context$index
  framework <- index$framework
  rows <- context$rows
  stats <- group_figures(index$scores, NULL, list(rows))
  world <- group_figures(index$scores, NULL, list(seq_along(index$unit)))
  states <- item_states(index, rows)
  pillars <- pillar_nodes(framework)
  n <- unname(stats[framework$root, "n"])
  facts <- list(
    n = n, n_rows = length(rows), unscored = length(rows) - n, stats = stats, world = world,
    missing = sum(is.na(index$answers$values[rows, ])), change = group_change(context), steps = common_steps(context),
    states = states, gap = which.max(states$not), pillars = pillars,
    bands = if (!is.null(framework$bands)) tabulate(index_bands(index)[rows], nrow(framework$bands)),
    world_bands = if (!is.null(framework$bands)) tabulate(index_bands(index), nrow(framework$bands)),
    groups = brief_groups(context)
  )
  facts$summary <- if (context$kind == "world") world_summary(context, facts) else region_summary(context, facts)
  facts
}

# The groups that a brief shows, within its scope, with their statistics.
brief_groups <- function(context) {
  index <- context$index
  unit <- index$unit[context$rows]
  sets <- list(Region = context$groups)
  if (any(unit %in% country_table()$iso3)) {
    sets$Development <- do.call(rbind, lapply(c("ldc", "lldc", "sids"), shipped_groups))
    sets$Income <- shipped_groups("income")
    sets[["Sub-region"]] <- shipped_groups("subregion")
  }
  if (context$kind == "group") sets$Region <- NULL
  sets <- Filter(function(set) any(set$unit %in% unit), sets)
  sets <- lapply(sets, groups_in, lang = context$lang)
  sets <- c(sets, list(All = same_label(unit, context$label)))
  users <- context$users %||% rep(NA_real_, length(index$unit))
  tables <- Map(function(set, kind) set_figures(index, set, kind, context$rows, users), sets, names(sets))
  out <- do.call(rbind, tables)
  rownames(out) <- NULL
  out
}

set_figures <- function(index, set, kind, rows, users) {
  keys <- unique(set[c("group", "label")])
  keys <- keys[name_order(keys$label), ]
  members <- lapply(keys$group, function(g) {
    rows[index$unit[rows] %in% set$unit[set$group == g] & !is.na(index$scores[rows, index$framework$root])]
  })
  keep <- lengths(members) > 0L
  root <- index$scores[, index$framework$root, drop = FALSE]
  figures <- group_figures(root, users, members[keep])
  data.frame(kind = rep(kind, sum(keep)), group = keys$label[keep], figures)
}


# Tier counts by region with the world below; without bands the quartiles alone.
world_summary <- function(context, facts) {
  groups <- facts$groups[facts$groups$kind %in% c("Region", "All"), ]
  out <- data.frame(group = groups$group, n = as.integer(groups$n))
  bands <- context$index$framework$bands
  if (!is.null(bands)) {
    regions <- tier_counts(context$index, context$rows, context$groups)
    counts <- rbind(regions$counts, facts$bands)
    at <- match(out$group, c(regions$label, context$label))
    at[nrow(out)] <- nrow(counts) # whatever the groups are called
    out[bands$label] <- as.data.frame(counts[at, , drop = FALSE])
  }
  out$median <- groups$median
  out$q1 <- groups$q1
  out$q3 <- groups$q3
  out
}

region_summary <- function(context, facts) {
  framework <- context$index$framework
  lowest <- vapply(facts$pillars, function(p) lowest_item(context, facts, p), "")
  data.frame(
    pillar = c(framework$items$label[facts$pillars], say(context$lang, "word.overall")),
    median = facts$stats[c(facts$pillars, framework$root), "median"],
    q1 = facts$stats[c(facts$pillars, framework$root), "q1"],
    q3 = facts$stats[c(facts$pillars, framework$root), "q3"],
    world = facts$world[c(facts$pillars, framework$root), "median"],
    lowest = c(lowest, "")
  )
}

# The item of a pillar with the lowest mean share of its points.
lowest_item <- function(context, facts, pillar) {
  framework <- context$index$framework
  leaves <- framework$leaves
  below <- pillar_of(framework, leaves)
  inside <- leaves[ifelse(is.na(below), leaves, below) == pillar]
  share <- facts$stats[inside, "mean"] / framework$items$max[inside]
  if (all(is_whole(share), na.rm = TRUE)) {
    return("")
  }
  framework$items$label[inside[which.min(share)]]
}

group_title <- function(context, facts) {
  framework <- context$index$framework
  name <- shorten(context$label)
  if (is.null(facts$bands)) {
    return(say(context$lang, "title.group_plain",
      name = name, median = facts$stats[framework$root, "median"], max = root_max(framework),
      edition = context$edition_label
    ))
  }
  say(context$lang, "title.group",
    name = name, top = sum(facts$bands[seq_len(n_top(framework))]), n = facts$n,
    tiers = top_tiers(context$lang, framework), edition = context$edition_label
  )
}

# The upper tiers of a title: never all of them.
n_top <- function(framework) if (nrow(framework$bands) > 3L) 2L else 1L

top_tiers <- function(lang, framework) {
  top <- utils::head(framework$bands$label, n_top(framework))
  numbers <- sub("^T", "", top)
  if (length(top) == 1L) {
    tier_short(lang, top)
  } else if (all(grepl("^T[0-9]+$", top))) {
    say(lang, "tier.two", first = numbers[1L], second = numbers[2L])
  } else {
    say(lang, "word.and", first = top[1L], second = top[2L])
  }
}

# Findings ---------------------------------------------------------------------

group_findings <- function(context, facts) {
  framework <- context$index$framework
  all <- facts$groups[facts$groups$kind == "All", ]
  pillars <- facts$stats[facts$pillars, "median"] / framework$items$max[facts$pillars]
  best <- facts$pillars[which.max(pillars)]
  low <- facts$pillars[which.max((1 - pillars) * node_points(context$index)[facts$pillars])]
  stats <- facts$stats[framework$root, ]
  list(
    if (length(facts$pillars) > 1L && best != low) {
      finding(if (facts$n > 1L) "group.pillars" else "group.pillars_one",
        best = framework$items$label[best], best_median = facts$stats[best, "median"],
        low = framework$items$label[low], low_median = facts$stats[low, "median"],
        max = framework$items$max[best], low_max = framework$items$max[low]
      )
    },
    if (facts$states$not[facts$gap] > 0) {
      finding(if (facts$n_rows > 1L) "group.gap" else "group.gap_one",
        item = framework$items$label[framework$leaves[facts$gap]],
        n = facts$states$not[facts$gap], of = facts$n_rows
      )
    },
    finding(median_key(context, facts),
      median = stats[["median"]], q1 = stats[["q1"]], q3 = stats[["q3"]],
      mean = stats[["mean"]], n = facts$n, world = facts$world[framework$root, "median"],
      n_world = facts$world[framework$root, "n"]
    ),
    group_data_finding(facts),
    if (!is.na(all$mean_weighted) && facts$n > 2L) {
      finding("group.users",
        weighted = all$mean_weighted, mean = all$mean, share = 100 * all$top_two_share,
        n_without = all$n_without_users
      )
    },
    if (!is.null(facts$change)) {
      do.call(finding, c(if (facts$change$n > 1L) "group.change" else "group.change_one", facts$change))
    },
    common_step_finding(facts$steps)
  )
}

# Three countries or fewer have no quartiles worth a word, and one no median.
median_key <- function(context, facts) {
  many <- c("one", "few", "few", "many")[min(facts$n, 4L)]
  if (context$kind == "world") {
    switch(many, one = "group.median_world_one", few = "group.median_world_few", "group.median")
  } else {
    switch(many, one = "group.median_one", few = "group.median_few", "group.median_beside")
  }
}

group_change <- function(context) {
  if (is.null(context$bridge)) {
    return(NULL)
  }
  table <- bridge_overall(context$bridge)
  table <- table[table$unit %in% context$index$unit[context$rows] & !is.na(table$published), ]
  if (nrow(table) == 0L) {
    return(NULL)
  }
  means <- mean_changes(table)
  list(
    from = context$bridge$editions$from, n = nrow(table), answers = means[["answers"]],
    published = means[["published"]],
    up = sum(is_change(table$answers, root_max(context$bridge$framework)) & table$answers > 0)
  )
}

# Derived answers are counted on the last line of the sheet.
group_data_finding <- function(facts) {
  if (facts$missing > 0L && facts$unscored > 0L) {
    finding("group.missing", missing = facts$missing, unscored = facts$unscored)
  } else if (facts$missing > 0L) {
    finding("group.missing_answers", missing = facts$missing)
  } else if (facts$unscored > 0L) {
    finding("group.missing_scores", unscored = facts$unscored)
  }
}

# Sheets -----------------------------------------------------------------------

world_front <- function(context, facts, title, found) {
  lang <- context$lang
  name <- front_name(context)
  table <- facts$summary
  bands <- context$index$framework$bands
  start <- front_rows(found, LANDSCAPE_WIDTH)
  columns <- last_row_bold(world_columns(context, table))
  groups <- seq_len(nrow(table) - 1L)
  figures <- group_figure_rows(context, facts)
  below <- start + nrow(table) + 2L
  at <- below + figures_height(figures)
  end <- at + 16L
  list(
    sheet = front_sheet(name, end + 1L, length(columns), landscape = TRUE),
    describes = if (is.null(bands)) say(lang, "describe.world_plain") else say(lang, "describe.world"),
    blocks = c(
      front_text(context, name, title, found, LANDSCAPE_WIDTH),
      list(
        block(name, start, 1L, columns, styles$header, table = "tbl_regions"),
        text_block(name, end, front_line(context, facts), styles$small)
      ),
      figures_blocks(lang, name, below, figures)
    ),
    charts = if (!is.null(bands) && length(groups) > 0L) {
      list(tier_chart(
        chart_frame(name, at, 15L, "regions$q3", say(lang, "chart.tiers_by_region"), say(lang, "alt.tiers_by_region")),
        labels = refer("regions", "group", groups), values = refer("regions", tier_key(seq_len(nrow(bands))), groups),
        bands = bands, lang = lang
      ))
    }
  )
}

world_columns <- function(context, table) {
  lang <- context$lang
  bands <- context$index$framework$bands
  tiers <- if (!is.null(bands)) {
    heads <- tier_long(lang, bands)
    columns <- lapply(seq_len(nrow(bands)), function(b) {
      column(table[[bands$label[b]]], heads[b], styles$whole, width = 13)
    })
    stats::setNames(columns, tier_key(seq_len(nrow(bands))))
  }
  c(
    list(
      group = column(table$group, say(lang, "head.group"), width = 33),
      n = column(table$n, say(lang, "head.countries"), styles$whole, width = 10)
    ),
    tiers,
    list(
      median = column(table$median, say(lang, "head.median_score"), styles$score, width = 9),
      q1 = column(table$q1, say(lang, "head.lower_quartile"), styles$score, width = 9),
      q3 = column(table$q3, say(lang, "head.upper_quartile"), styles$score, width = 9)
    )
  )
}

region_front <- function(context, facts, title, found) {
  lang <- context$lang
  name <- front_name(context)
  bands <- context$index$framework$bands
  table <- facts$summary
  start <- front_rows(found)
  columns <- last_row_bold(region_columns(context, table))
  figures <- group_figure_rows(context, facts)
  below <- start + nrow(table) + 2L
  at <- below + figures_height(figures)
  blocks <- c(
    front_text(context, name, title, found),
    list(block(name, start, 1L, columns, styles$header, table = "tbl_pillars")),
    figures_blocks(lang, name, below, figures)
  )
  charts <- NULL
  if (!is.null(bands)) {
    blocks <- c(blocks, list(
      block(name, at, 1L, tier_shares(context, facts), styles$header, table = "tbl_tiers", fit = FALSE)
    ))
    charts <- list(share_chart(name, at + nrow(bands) + 2L, context))
    at <- at + nrow(bands) + 2L + 22L
  }
  end <- at + 1L
  list(
    sheet = front_sheet(name, end + 1L, length(columns)),
    describes = if (is.null(bands)) say(lang, "describe.region_plain") else say(lang, "describe.region"),
    blocks = c(blocks, list(text_block(name, end, front_line(context, facts), styles$small))),
    charts = charts
  )
}

region_columns <- function(context, table) {
  lang <- context$lang
  list(
    pillar = column(table$pillar, level_title(context$index$framework), width = 36),
    median = column(table$median, say(lang, "head.median_points"), styles$score, width = 11),
    q1 = column(table$q1, say(lang, "head.lower_quartile"), styles$score, width = 11),
    q3 = column(table$q3, say(lang, "head.upper_quartile"), styles$score, width = 11),
    world = column(table$world, say(lang, "head.median_world"), styles$score, width = 11),
    lowest = column(table$lowest, say(lang, "head.lowest"), styles$indented_wrapped,
      header_format = styles$header_indented, width = 40, shorthand = ""
    )
  )
}

# Tiers of the group beside the world: a row a tier, so that the table stays
# narrow.
tier_shares <- function(context, facts) {
  lang <- context$lang
  share <- function(n) 100 * n / sum(n)
  list(
    tier = column(tier_long(lang, context$index$framework$bands), say(lang, "head.tier")),
    n = column(facts$bands, say(lang, "head.countries_here"), styles$whole),
    n_world = column(facts$world_bands, say(lang, "head.countries_world"), styles$whole),
    share = column(share(facts$bands), say(lang, "head.share"), styles$score),
    share_world = column(share(facts$world_bands), say(lang, "head.share_world"), styles$score)
  )
}

share_chart <- function(name, at, context) {
  lang <- context$lang
  alt <- say(lang, "alt.tier_shares", group = context$label)
  plain_bars(chart_frame(name, at, 22L, "pillars$lowest", say(lang, "chart.tier_shares"), alt),
    labels = "tiers$tier", values = c("tiers$share", "tiers$share_world"),
    names = c(context$label, say(lang, "word.world")), fills = c(cap_palette[["blue"]], grey_rest)
  )
}

front_line <- function(context, facts) {
  cells <- facts$n_rows * length(context$index$framework$leaves)
  derived <- derived_items(context$index$answers, context$rows)$n
  answers_line(context,
    observed = cells - facts$missing - derived, marked = c(derived = derived), missing = facts$missing
  )
}

group_indicators <- function(context, facts) {
  lang <- context$lang
  framework <- context$index$framework
  states <- facts$states
  columns <- list(
    pillar = column(leaf_pillars(framework), level_title(framework)),
    code = column(leaf_codes(framework), say(lang, "head.code")),
    item = column(framework$items$label[framework$leaves], say(lang, "head.indicator")),
    in_place = column(states$in_place, say(lang, "head.countries_in_place"), styles$whole, width = 11),
    partly = column(states$partly, say(lang, "word.partly"), styles$whole, width = 9),
    not = column(states$not, say(lang, "word.not"), styles$whole, width = 9),
    unanswered = if (any(states$unanswered > 0)) {
      column(states$unanswered, say(lang, "head.no_answer"), styles$whole, width = 9)
    },
    share = column(100 * states$in_place / facts$n_rows, say(lang, "head.share_in_place"), styles$whole, width = 13),
    points = column(leaf_points(context$index), say(lang, "head.maximum_points"), styles$weight, width = 11)
  )
  columns <- Filter(Negate(is.null), columns)
  table_sheet(context, say(lang, "sheet.indicators"), scope_title(context, "title.group_indicators"),
    say(lang, "describe.group_indicators"), columns, "tbl_indicators",
    rules = list(data_bar("indicators$share", 0, 100))
  )
}

# Share of each region's countries with each indicator in place, as a heat map; NULL
# without regions.
indicators_by_region <- function(context) {
  lang <- context$lang
  index <- context$index
  framework <- index$framework
  keys <- unique(context$groups[c("group", "label")])
  keys <- keys[name_order(keys$label), ]
  members <- lapply(keys$group, function(g) which(index$unit %in% context$groups$unit[context$groups$group == g]))
  keys <- keys[lengths(members) > 0L, ]
  members <- members[lengths(members) > 0L]
  if (length(members) == 0L) {
    return(NULL)
  }
  share <- lapply(c(members, list(seq_along(index$unit))), function(rows) {
    100 * item_states(index, rows)$in_place / length(rows)
  })
  heads <- Map(function(label, n) unbroken_n(say(lang, "head.group_n", group = label, n = n)),
    c(keys$label, context$label), c(lengths(members), length(index$unit))
  )
  columns <- c(
    list(
      pillar = column(leaf_pillars(framework), level_title(framework)),
      item = column(framework$items$label[framework$leaves], say(lang, "head.indicator"))
    ),
    stats::setNames(
      Map(function(values, head) column(values, head, styles$whole, width = 13), share, heads),
      c(paste0("region_", seq_along(members)), "all")
    )
  )
  table_sheet(context, say(lang, "sheet.indicators_regions"), scope_title(context, "title.indicators_regions"),
    say(lang, "describe.indicators_regions"), columns, "tbl_indicators_regions",
    rules = list(heat_map("indicators_regions$region_1:all", 0, 100))
  )
}

group_groups <- function(context, facts) {
  lang <- context$lang
  g <- facts$groups
  columns <- list(
    column(unname(grouping_words(lang)[g$kind]), say(lang, "head.grouping")),
    column(g$group, say(lang, "head.group")),
    column(g$n, say(lang, "head.countries"), styles$whole, width = 10),
    column(g$mean, say(lang, "head.mean"), styles$score, width = 8),
    column(g$median, say(lang, "head.median"), styles$score, width = 8),
    column(g$q1, say(lang, "head.lower_quartile"), styles$score, width = 9),
    column(g$q3, say(lang, "head.upper_quartile"), styles$score, width = 9),
    column(g$mean_weighted, say(lang, "head.users_country"), styles$score, width = 19),
    column(g$se_weighted, say(lang, "head.standard_error"), styles$score, width = 9),
    column(100 * g$top_two_share, say(lang, "head.top_two"), styles$whole, width = 14),
    column(g$n_eff, say(lang, "head.effective"), styles$score, width = 10),
    column(g$n_without_users, say(lang, "head.without_users"), styles$whole, width = 9)
  )
  title <- scope_title(context, "title.groups")
  table_sheet(context, say(lang, "sheet.groups"), title, say(lang, "describe.groups"), columns, "tbl_groups")
}

grouping_words <- function(lang) {
  vapply(c(
    Region = "word.grouping_region", Development = "word.grouping_development", Income = "word.grouping_income",
    "Sub-region" = "word.grouping_subregion", All = "word.grouping_all"
  ), say, "", lang = lang)
}

# The title of a sheet, which names the world or the group.
scope_title <- function(context, key) {
  say(context$lang, key, name = shorten(context$label), edition = context$edition_label)
}

group_scores <- function(context, facts) {
  lang <- context$lang
  index <- context$index
  framework <- index$framework
  rows <- context$rows
  name <- shown_names(context, index$unit[rows])
  band <- index_bands(index)[rows]
  order <- name_order(name)
  by_tier <- context$kind == "group" && !is.null(framework$bands)
  if (by_tier) order <- order[order(band[order], na.last = TRUE)]
  rows <- rows[order]
  pillars <- lapply(facts$pillars, function(p) {
    column(index$scores[rows, p], framework$items$label[p], styles$score, width = 14)
  })
  columns <- c(
    list(column(name[order], say(lang, "head.country")), column(index$unit[rows], say(lang, "head.code"))),
    if (!is.null(framework$bands)) list(tier_column(lang, framework, band[order])),
    list(column(index$scores[rows, framework$root], say(lang, "head.score"), styles$score, width = 8)),
    pillars,
    if (!all(is_whole(index$coverage[rows, framework$root]))) {
      list(column(100 * index$coverage[rows, framework$root], say(lang, "head.coverage"), styles$whole, width = 10))
    },
    if (context$ranks) {
      list(column(index_ranks(index, framework$root)[rows, 1L], say(lang, "head.rank"), styles$whole, width = 10))
    }
  )
  table_sheet(context, say(lang, "sheet.scores"),
    scope_title(context, if (by_tier) "title.scores_by_tier" else "title.scores"),
    if (is.null(framework$bands)) say(lang, "describe.scores_plain") else say(lang, "describe.scores"),
    columns, "tbl_scores"
  )
}

# The name of each tier on its shade; no shade without a tier.
tier_column <- function(lang, framework, band) {
  n <- nrow(framework$bands)
  shades <- lapply(grDevices::colorRampPalette(cap_tier_ramp)(n), function(shade) sheet_format(background = shade))
  column(tier_long(lang, framework$bands)[band], say(lang, "head.tier"),
    format = c(shades, list(sheet_format())), which = ifelse(is.na(band), n + 1L, band)
  )
}

group_notes <- function(context) {
  lang <- context$lang
  unit <- context$index$unit
  users <- context$users %||% rep(NA_real_, length(unit))
  without <- intersect(unlist(users_missing(context$index, users)), unit[context$rows])
  ungrouped <- setdiff(unit[context$rows], context$groups$unit)
  silent <- silent_units(context)
  listed_names <- function(units) {
    name <- shown_names(context, units)
    paste(name[name_order(name)], collapse = ", ")
  }
  c(
    say(lang, "note.users"),
    if (length(without) > 0L && length(without) < length(context$rows)) {
      say(lang, "note.without_users", n = length(without), units = listed_names(without))
    },
    if (length(ungrouped) > 0L && context$kind == "world") {
      say(lang, "note.ungrouped", n = length(ungrouped), units = listed_names(ungrouped))
    },
    if (length(silent) > 0L) say(lang, "note.no_response", n = length(silent), units = listed_names(silent)),
    if (!is.null(context$bridge)) like_for_like_note(context)
  )
}

# Members of the scope without any answer in this edition, or not in it at all.
silent_units <- function(context) {
  index <- context$index
  inside <- index$unit[context$rows]
  members <- if (context$kind == "group") context$groups$unit[context$groups$group == context$code] else inside
  none <- rowSums(!is.na(index$answers$values[context$rows, , drop = FALSE])) == 0L
  union(inside[none], setdiff(members, index$unit))
}
