# The brief of the world or of a group of units.

group_content <- function(context) {
  facts <- group_facts(context)
  title <- group_title(context, facts)
  found <- Filter(Negate(is.null), group_findings(context, facts))
  found <- do.call(findings, c(list(context$lang), utils::head(found, 5L)))
  front <- if (context$kind == "world") world_front else region_front
  list(
    title = title, findings = found, table = facts$summary, compared = group_compared(context, facts),
    sheets = list(
      front(context, facts, title, found),
      group_indicators(context, facts),
      group_groups(context, facts),
      group_scores(context, facts)
    ),
    notes = group_notes(context, facts)
  )
}

# The figures beside the group's own that the findings name.
group_compared <- function(context, facts) {
  change <- group_change(context)
  root <- context$index$framework$root
  framework <- context$index$framework
  Filter(Negate(is.null), list(
    "Median of each pillar" = if (context$kind == "world") {
      medians <- format_number(facts$stats[facts$pillars, "median"], 1L)
      paste0(paste(framework$items$label[facts$pillars], medians, collapse = "; "), ".")
    },
    "The world beside it" = if (context$kind == "group") {
      paste0("Median ", format_number(facts$world[root, "median"], 1L), " (n = ", facts$world[root, "n"], ").")
    },
    "Mean difference since the last edition" = if (!is.null(change)) {
      paste0(
        "Like for like ", format_number(change$answers, 1L, sign = TRUE), ", published ",
        format_number(change$published, 1L, sign = TRUE), " (n = ", change$n, ", ", change$up, " higher)."
      )
    }
  ))
}

# Figures -----------------------------------------------------------------------

group_facts <- function(context) {
  index <- context$index
  framework <- index$framework
  rows <- context$rows
  stats <- group_figures(index$scores, NULL, list(rows))
  world <- group_figures(index$scores, NULL, list(seq_along(index$unit)))
  states <- item_states(index, rows)
  pillars <- pillar_nodes(framework)
  facts <- list(
    n = unname(stats[framework$root, "n"]), n_rows = length(rows), stats = stats, world = world,
    states = states, gap = which.max(states$not), pillars = pillars,
    bands = if (!is.null(framework$bands)) tabulate(index_bands(index)[rows], nrow(framework$bands)),
    world_bands = if (!is.null(framework$bands)) tabulate(index_bands(index), nrow(framework$bands)),
    groups = brief_groups(context)
  )
  facts$summary <- group_summary(context, facts)
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
  sets <- c(sets, list(All = same_label(unit, context$label)))
  users <- match_users(index, context$users) %||% rep(NA_real_, length(index$unit))
  tables <- Map(function(set, kind) set_figures(index, set, kind, context$rows, users), sets, names(sets))
  out <- do.call(rbind, tables)
  rownames(out) <- NULL
  out
}

set_figures <- function(index, set, kind, rows, users) {
  keys <- unique(set[c("group", "label")])
  keys <- keys[order(keys$label, method = "radix"), ]
  members <- lapply(keys$group, function(g) {
    rows[index$unit[rows] %in% set$unit[set$group == g] & !is.na(index$scores[rows, index$framework$root])]
  })
  keep <- lengths(members) > 0L
  root <- index$scores[, index$framework$root, drop = FALSE]
  figures <- group_figures(root, users, members[keep])
  data.frame(
    kind = rep(kind, sum(keep)), group = keys$label[keep], figures,
    top_unit = index$unit[figures[, "top"]]
  )
}

group_summary <- function(context, facts) {
  if (context$kind == "world") world_summary(context, facts) else region_summary(context, facts)
}

# Tier counts by region with the world below; without bands the quartiles alone.
world_summary <- function(context, facts) {
  groups <- facts$groups[facts$groups$kind %in% c("Region", "All"), ]
  out <- data.frame(group = groups$group, n = as.integer(groups$n))
  bands <- context$index$framework$bands
  if (!is.null(bands)) {
    band <- index_bands(context$index)
    regions <- tier_counts(context$index, context$rows, context$groups)
    counts <- rbind(regions$counts, tabulate(band, nrow(bands)))
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
    pillar = c(framework$items$label[facts$pillars], "Overall"),
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
  if (all(is.na(share))) {
    return("")
  }
  framework$items$label[inside[which.min(share)]]
}

group_title <- function(context, facts) {
  framework <- context$index$framework
  lead <- if (is.null(facts$bands)) {
    paste0("median ", format_number(facts$stats[framework$root, "median"], 1L), " of ", format_number(root_max(framework), 0L))
  } else {
    paste0(sum(facts$bands[1:2], na.rm = TRUE), " of ", facts$n, " countries are in ", top_tiers(framework))
  }
  paste0(shorten(context$label), ": ", lead, ", ", context$edition_label)
}

top_tiers <- function(framework) {
  top <- utils::head(framework$bands$label, 2L)
  if (all(grepl("^T[0-9]+$", top))) {
    paste0("Tiers ", paste(sub("^T", "", top), collapse = "-"))
  } else {
    paste(top, collapse = " and ")
  }
}

# Findings ------------------------------------------------------------------------

group_findings <- function(context, facts) {
  framework <- context$index$framework
  all <- facts$groups[facts$groups$kind == "All", ]
  pillars <- facts$stats[facts$pillars, "median"] / framework$items$max[facts$pillars]
  best <- facts$pillars[which.max(pillars)]
  low <- facts$pillars[which.max((1 - pillars) * node_points(context$index)[facts$pillars])]
  stats <- facts$stats[framework$root, ]
  c(
    list(
      if (length(facts$pillars) > 1L && best != low) {
        finding("group.pillars",
          best = framework$items$label[best], best_median = facts$stats[best, "median"],
          low = framework$items$label[low], low_median = facts$stats[low, "median"],
          max = framework$items$max[best], low_max = framework$items$max[low]
        )
      },
      if (facts$states$not[facts$gap] > 0) {
        finding("group.gap",
          item = framework$items$label[framework$leaves[facts$gap]],
          n = facts$states$not[facts$gap], of = facts$n_rows
        )
      },
      finding(if (context$kind == "world") "group.median" else "group.median_beside",
        median = stats[["median"]], q1 = stats[["q1"]], q3 = stats[["q3"]],
        mean = stats[["mean"]], n = facts$n, world = facts$world[framework$root, "median"],
        n_world = facts$world[framework$root, "n"]
      ),
      group_data_finding(context, facts),
      if (!is.na(all$mean_weighted)) {
        finding("group.users",
          weighted = all$mean_weighted, mean = all$mean, share = 100 * all$top_two_share,
          n_without = all$n_without_users
        )
      }
    ),
    list(group_change_finding(context))
  )
}

group_change_finding <- function(context) {
  change <- group_change(context)
  if (!is.null(change)) do.call(finding, c("group.change", change))
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
  list(
    from = context$bridge$editions$from, n = nrow(table), answers = mean(table$answers),
    published = mean(table$published),
    up = sum(is_change(table$answers) & table$answers > 0)
  )
}

# Derived answers are counted on the last line of the sheet.
group_data_finding <- function(context, facts) {
  missing <- sum(is.na(context$index$answers$values[context$rows, ]))
  unscored <- facts$n_rows - facts$n
  if (missing + unscored > 0L) finding("group.missing", missing = missing, unscored = unscored)
}

# Sheets ---------------------------------------------------------------------------

world_front <- function(context, facts, title, found) {
  name <- "Brief"
  table <- facts$summary
  bands <- context$index$framework$bands
  start <- front_rows(found, LANDSCAPE_WIDTH)
  tiers <- if (!is.null(bands)) {
    lapply(seq_len(nrow(bands)), function(b) {
      column(table[[bands$label[b]]], paste0(tier_short(bands$label[b]), ", ", bands$name[b]), styles$whole, width = 13)
    })
  }
  columns <- last_row_bold(c(
    list(
      column(table$group, "Group", width = 33),
      column(table$n, "Countries", styles$whole, width = 10)
    ),
    tiers,
    list(
      column(table$median, "Median score", styles$score, width = 9),
      column(table$q1, "Lower quartile", styles$score, width = 9),
      column(table$q3, "Upper quartile", styles$score, width = 9)
    )
  ))
  width <- length(columns)
  n <- nrow(table) - 1L
  at <- start + nrow(table) + 2L
  end <- at + 19L
  list(
    sheet = front_sheet(name, end + 1L, width, start, landscape = TRUE),
    describes = paste0("Findings", if (is.null(bands)) " and groups" else ", tiers by region and the chart", ", on one page"),
    blocks = c(
      front_text(context, name, title, found, LANDSCAPE_WIDTH),
      list(
        block(name, start, 1L, columns, styles$header, table = "tbl_regions"),
        text_block(name, end, front_line(context, facts), styles$small)
      )
    ),
    charts = if (!is.null(bands) && n > 0L) {
      list(tier_chart(
        name, at, 18L, width, "Countries in each tier, by region", "countries",
        labels = cells(name, start + seq_len(n), 1L),
        values = function(b) cells(name, start + seq_len(n), 2L + b), bands = bands
      ))
    }
  )
}

# Stacked bars of tiers, the strongest first, each series in its tier's shade.
tier_chart <- function(name, at, height, width, title, unit, labels, values, bands, limits = NULL) {
  colours <- tier_colours(nrow(bands))
  chart(name, at, 1L, height, width,
    kind = "bar_stacked", title = title,
    alt = paste0("Stacked bar chart: ", title, ", in ", unit, "; the numbers are in the table above."),
    series = lapply(seq_len(nrow(bands)), function(b) {
      series(values(b), labels, paste(tier_short(bands$label[b]), bands$name[b], sep = ", "),
        fill = colours[b], line = "#FFFFFF", labels = "center", label_format = "0;;",
        label_color = if (text_on(colours[b]) == "white") "#FFFFFF" else "#000000"
      )
    }),
    category = axis(reversed = TRUE), value = axis(NULL, limits, num_format = "0"),
    legend = "bottom", gap = 50, overlap = 100
  )
}

tier_short <- function(label) sub("^T([0-9]+)$", "Tier \\1", label)

region_front <- function(context, facts, title, found) {
  name <- "Brief"
  bands <- context$index$framework$bands
  table <- facts$summary
  start <- front_rows(found)
  columns <- last_row_bold(list(
    column(table$pillar, level_title(context$index$framework), width = 28),
    column(table$median, "Median, points", styles$score, width = 11),
    column(table$q1, "Lower quartile", styles$score, width = 11),
    column(table$q3, "Upper quartile", styles$score, width = 11),
    column(table$world, "Median, world", styles$score, width = 11),
    column(table$lowest, "Lowest indicator", styles$indented, header_format = styles$header_indented, width = 40, shorthand = "")
  ))
  at <- start + nrow(table) + 2L
  shares <- if (!is.null(bands)) tier_shares(context, facts)
  blocks <- c(
    front_text(context, name, title, found),
    list(block(name, start, 1L, columns, styles$header, table = "tbl_pillars"))
  )
  charts <- NULL
  if (!is.null(bands)) {
    blocks <- c(blocks, list(
      block(name, at, 1L, shares$columns, styles$header, table = "tbl_tiers", fit = FALSE)
    ))
    tier_rows <- at + seq_len(nrow(bands))
    charts <- list(share_chart(name, at + nrow(bands) + 2L, tier_rows, context))
    at <- at + nrow(bands) + 2L + 22L
  }
  end <- at + 1L
  list(
    sheet = front_sheet(name, end + 1L, 6L, start),
    describes = paste0(
      "Findings and pillars", if (!is.null(bands)) ", tiers beside the world and the chart", ", on one page"
    ),
    blocks = c(blocks, list(text_block(name, end, front_line(context, facts), styles$small))),
    charts = charts
  )
}

# Tiers of the group beside the world: a row a tier, so that the table stays
# narrow.
tier_shares <- function(context, facts) {
  bands <- context$index$framework$bands
  share <- function(n) 100 * n / sum(n)
  list(columns = list(
    column(paste0(tier_short(bands$label), ", ", bands$name), "Tier"),
    column(facts$bands, "Countries here", styles$whole),
    column(facts$world_bands, "Countries, world", styles$whole),
    column(share(facts$bands), "Share, %", styles$score),
    column(share(facts$world_bands), "Share, world, %", styles$score)
  ))
}

share_chart <- function(name, at, rows, context) {
  chart(name, at, 1L, 22L, 6L,
    kind = "bar", title = "Share of countries in each tier, per cent",
    alt = paste0(
      "Bar chart of the share of countries in each tier, ", context$label,
      " beside the world; the numbers are in the table above."
    ),
    series = list(
      series(cells(name, rows, 4L), cells(name, rows, 1L), context$label,
        fill = cap_palette[["blue"]], labels = "outside_end", label_format = "0"
      ),
      series(cells(name, rows, 5L), cells(name, rows, 1L), "World",
        fill = grey_rest, labels = "outside_end", label_format = "0"
      )
    ),
    category = axis(reversed = TRUE), value = axis(NULL, NULL, num_format = "0"),
    legend = "bottom", gap = 60
  )
}

front_line <- function(context, facts) {
  values <- context$index$answers$values[context$rows, , drop = FALSE]
  derived <- derived_items(context$index$answers, context$rows)$n
  missing <- sum(is.na(values))
  paste0(
    "Answers: ", format_number(length(values) - missing - derived, 0L), " observed, ",
    format_number(derived, 0L), " derived", if (missing > 0L) paste0(", ", missing, " missing [x]"), ". ",
    "Made ", stamp_date(context), ".", if (!is.null(context$contact)) paste0(" Contact: ", context$contact)
  )
}

group_indicators <- function(context, facts) {
  framework <- context$index$framework
  states <- facts$states
  n <- facts$n_rows
  columns <- list(
    column(leaf_pillars(framework), level_title(framework)),
    column(leaf_codes(framework), "Code"),
    column(framework$items$label[framework$leaves], "Indicator"),
    column(states$in_place, "Countries in place", styles$whole, width = 11),
    column(states$partly, "Partly", styles$whole, width = 9),
    column(states$not, "Not in place", styles$whole, width = 9),
    if (any(states$unanswered > 0)) column(states$unanswered, "No answer [x]", styles$whole, width = 9),
    column(100 * states$in_place / n, "In place, % of countries", styles$whole, width = 13),
    column(leaf_points(context$index), "Maximum points", styles$weight, width = 11)
  )
  columns <- Filter(Negate(is.null), columns)
  share <- length(columns) - 1L
  table_sheet(context, "Indicators",
    paste0(context$label, ": indicators, number of countries, ", context$edition_label),
    "Each indicator: how many countries have it in place, partly or not", columns, "tbl_indicators",
    rules = function(at) list(data_bar(at("Indicators", share), 0, 100))
  )
}

group_groups <- function(context, facts) {
  g <- facts$groups
  columns <- list(
    column(g$kind, "Grouping"),
    column(g$group, "Group"),
    column(g$n, "Countries", styles$whole, width = 10),
    column(g$mean, "Mean", styles$score, width = 8),
    column(g$median, "Median", styles$score, width = 8),
    column(g$q1, "Lower quartile", styles$score, width = 9),
    column(g$q3, "Upper quartile", styles$score, width = 9),
    column(g$mean_weighted, "The average internet user's country [note\u00a01]", styles$score, width = 19),
    column(g$se_weighted, "Standard error", styles$score, width = 9),
    column(100 * g$top_two_share, "Share of users in the two largest, %", styles$whole, width = 14),
    column(g$n_eff, "Effective number", styles$score, width = 10),
    column(g$n_without_users, "Without users", styles$whole, width = 9)
  )
  table_sheet(context, "Groups",
    paste0(context$label, ": overall score by group, ", context$edition_label),
    "Groups of countries: means, medians, quartiles, weighted by internet users",
    columns, "tbl_groups"
  )
}

group_scores <- function(context, facts) {
  index <- context$index
  framework <- index$framework
  rows <- context$rows
  name <- shown_names(context, index$unit[rows])
  band <- index_bands(index)[rows]
  order <- name_order(name)
  if (context$kind == "group" && !is.null(framework$bands)) {
    order <- order[order(band[order], na.last = TRUE)]
  }
  rows <- rows[order]
  pillars <- lapply(facts$pillars, function(p) {
    column(index$scores[rows, p], framework$items$label[p], styles$score, width = 14)
  })
  columns <- c(
    list(
      column(name[order], "Country"),
      column(index$unit[rows], "Code")
    ),
    if (!is.null(framework$bands)) {
      list(tier_column(framework, band[order]))
    },
    list(column(index$scores[rows, framework$root], "Score", styles$score, width = 8)),
    pillars,
    if (any(index$coverage[rows, framework$root] < 1 - 1e-9)) {
      list(column(100 * index$coverage[rows, framework$root], "Coverage, %", styles$whole, width = 10))
    },
    if (context$ranks) {
      list(column(index_ranks(index, framework$root)[rows, 1L], "Rank (research use)", styles$whole, width = 10))
    }
  )
  by_tier <- context$kind == "group" && !is.null(framework$bands)
  title <- if (by_tier) ": countries by tier, alphabetical within a tier, " else ": scores, alphabetical, "
  table_sheet(context, "Scores", paste0(context$label, title, context$edition_label),
    paste0(if (!is.null(framework$bands)) "Tier, score" else "Score", " and pillar scores of each country"),
    columns, "tbl_scores"
  )
}

# The name of each tier on its shade; no shade without a tier.
tier_column <- function(framework, band) {
  bands <- framework$bands
  shown <- paste0(tier_short(bands$label), ", ", bands$name)[band]
  column(shown, "Tier",
    format = tier_styles(nrow(bands)), which = ifelse(is.na(band), nrow(bands) + 1L, band)
  )
}

tier_styles <- function(n) {
  shades <- grDevices::colorRampPalette(cap_tier_ramp)(n)
  c(lapply(shades, function(shade) sheet_format(background = shade)), list(sheet_format()))
}

group_notes <- function(context, facts) {
  without <- users_missing(context$index, match_users(context$index, context$users) %||% rep(NA_real_, length(context$index$unit)))
  without <- intersect(unlist(without), context$index$unit[context$rows])
  ungrouped <- setdiff(context$index$unit[context$rows], context$groups$unit)
  c(
    paste0(
      "The average internet user's country is the mean weighted by internet users (per cent of the population ",
      "online times population, World Bank); a few large countries carry most of it, so the simple mean and the ",
      "median stand beside it. The effective number is Kish's. The standard error is that of a model for which ",
      "these countries are one draw: the index is a census, not a sample."
    ),
    if (length(without) > 0L && length(without) < length(context$rows)) {
      paste0(
        length(without), " without a figure of internet users, left out of the weighted mean: ",
        paste(sort(shown_names(context, without), method = "radix"), collapse = ", "), "."
      )
    },
    if (length(ungrouped) > 0L && context$kind == "world") {
      paste0(length(ungrouped), " in no region: ", paste(shown_names(context, ungrouped), collapse = ", "), ".")
    },
    if (!is.null(context$bridge)) like_for_like_note(context)
  )
}
