# The sheets Trend, Moves between tiers and Convergence: like for like first, what was
# published beside it, and every change of method marked.

# Figures, once an index -------------------------------------------------------

# list(series, convergence, mobility), each NULL where `analyses` hold none.
trend_figures <- function(analyses, index) {
  pairs <- analyses[names(analyses) %in% c("cap_convergence", "cap_mobility")]
  for (class in names(pairs)) check_pair(pairs[[class]]$pair, index, class)
  list(
    series = series_figures(analyses[["cap_trend"]], index), convergence = pairs[["cap_convergence"]],
    mobility = pairs[["cap_mobility"]]
  )
}

# The later scores of a change are those of the index.
check_pair <- function(pair, index, class) {
  if (!identical(as.character(pair$editions$to), as.character(index$edition[1L]))) {
    stop_other_index(class, paste0("A change in it ends in ", pair$editions$to, "."), index)
  }
  check_known_scores(pair$unit, pair$to[, 1L], pair$scale, index, class)
  invisible(pair)
}

# Editions up to that of the index: list(units, editions, time, method, changed,
# scores: units x editions on the scale of the index, conf, levels, tests).
series_figures <- function(x, index) {
  if (is.null(x)) {
    return(NULL)
  }
  data <- x$data
  last <- match(as.character(index$edition[1L]), as.character(data$editions))
  if (is.na(last)) {
    stop_other_index("cap_trend", paste("It has the editions", paste(data$editions, collapse = ", ")), index)
  }
  scores <- matrix(data$scores[, seq_len(last), 1L], length(data$units))
  check_known_scores(data$units, scores[, last], x$scale, index, "cap_trend")
  first <- x$levels$item == data$codes[1L]
  tests <- x$tests[x$tests$item == data$codes[1L], ]
  list(
    units = data$units, editions = data$editions[seq_len(last)], time = data$time[seq_len(last)],
    changed = breaks_of(data$method[seq_len(last)]), scores = scores * root_max(index$framework) / x$scale,
    conf = data$conf, levels = x$levels[first, ], tests = tests, factor = root_max(index$framework) / x$scale
  )
}

# Published scores are rounded, and may differ from computed ones or lack some.
check_known_scores <- function(unit, score, scale, index, class) {
  index$scores[!index$unit %in% unit[!is.na(score)], index$framework$root] <- NA
  check_same_scores(unit, 100 * score / scale, index, class, tolerance = 1)
  invisible(unit)
}

# Like for like ----------------------------------------------------------------

# Overall scores of units at the edition before, as answered then and weighed now:
# list(from, unit, start, end, published) or NULL. From the bridge, else from a change
# that was given.
fair_start <- function(context) shared(context, "fair start", make_fair_start(context))

make_fair_start <- function(context) {
  if (!is.null(context$bridge)) {
    t <- bridge_overall(context$bridge)
    return(list(
      from = context$bridge$editions$from, unit = t$unit, start = t$score_to - t$answers, end = t$score_to,
      published = t$score_from
    ))
  }
  given <- context$analyses$trend
  pair <- (given$mobility %||% given$convergence)$pair
  if (is.null(pair) || !pair$like_for_like) {
    return(NULL)
  }
  factor <- root_max(context$index$framework) / pair$scale
  list(
    from = pair$editions$from, unit = pair$unit, start = unname(pair$from[, 1L]) * factor,
    end = unname(pair$to[, 1L]) * factor, published = unname(pair$published) * factor
  )
}

# Rows of the series that are like the last edition: of its method, or bridged.
fair_rows <- function(s, fair) {
  last <- length(s$editions)
  same <- max(c(1L, which(s$changed)))
  bridged <- if (is.null(fair)) NA else match(as.character(fair$from), as.character(s$editions))
  list(same = seq.int(same, last), bridged = if (!is.na(bridged) && bridged < same) bridged)
}

# The sheet Trend --------------------------------------------------------------

trend_sheet <- function(context) {
  s <- context$analyses$trend$series
  fair <- fair_start(context)
  if (context$kind == "unit") unit_trend(context, s, fair) else group_trend(context, s, fair)
}

# NULL for a unit without a score in the series.
unit_trend <- function(context, s, fair) {
  at <- match(context$code, s$units)
  if (is.na(at) || all(is.na(s$scores[at, ]))) {
    return(NULL)
  }
  lang <- context$lang
  own <- s$scores[at, ]
  like <- unit_like(s, fair, context$code, own)
  peers <- peer_medians(context, s)
  unit <- shown_names(context, context$code)
  has_peers <- !is.na(peers$label)
  peer_head <- say(lang, "head.median_published", group = peers$label)
  columns <- c(edition_columns(lang, s), list(
    like = column(like, say(lang, "head.like_scores"), styles$score, width = 14),
    own = column(own, say(lang, "head.as_published"), styles$score, width = 14),
    peers = if (has_peers) column(peers$median, peer_head, styles$score, width = 18, shorthand = "[c]"),
    n = if (has_peers) column(peers$n, say(lang, "head.countries"), styles$whole, width = 11, shorthand = "[c]"),
    method = method_column(lang, s)
  ))
  analysis_sheet(context, say(lang, "sheet.trend"),
    words = list(
      title = say(lang, "title.trend", scope = shorten(unit), edition = context$edition_label),
      describes = say(lang, "describe.trend"), notes = say(lang, "note.trend")
    ),
    found = unit_trend_findings(context, s, fair, own, like),
    parts = list(
      series = table_part(columns, "tbl_trend"),
      chart = chart_part(TIME_ROWS, function(name, row) {
        title <- say(lang, "chart.trend_unit", scope = unit)
        frame <- chart_frame(name, row, TIME_ROWS, "trend$method", title, say(lang, "alt.trend", scope = unit))
        time_chart(context, s, frame,
          series = list(
            time_series(own, "own", say(lang, "head.as_published"), cap_palette[["charcoal"]], "square", line = FALSE),
            time_series(like, "like", say(lang, "head.like_scores"), cap_palette[["blue"]], "circle", line = TRUE),
            if (has_peers) {
              time_series(peers$median, "peers", peer_head, cap_palette[["orange"]], "diamond", line = FALSE)
            }
          )
        )
      })
    ),
    landscape = FALSE
  )
}

unit_like <- function(s, fair, unit, own) {
  rows <- fair_rows(s, fair)
  out <- rep(NA_real_, length(s$editions))
  out[rows$bridged] <- fair$start[match(unit, fair$unit)]
  # one edition is like nothing but itself
  if (length(rows$same) > 1L || any(!is.na(out))) out[rows$same] <- own[rows$same]
  out
}

# Medians of the unit's group as published, to one decimal, NA for groups under 5.
peer_medians <- function(context, s) {
  groups <- context$groups
  group <- groups$group[groups$unit == context$code][1L]
  shared(context, paste("trend peers", group), {
    members <- which(s$units %in% groups$unit[groups$group %in% group])
    figures <- group_figures(s$scores, NULL, list(members))
    small <- figures[, "n"] < MIN_GROUP
    list(
      label = groups$label[match(group, groups$group)], n = ifelse(small, NA_real_, figures[, "n"]),
      median = ifelse(small, NA_real_, round_half_up(figures[, "median"], 1L))
    )
  })
}

# The edition and its time, which is one column where they are the same.
edition_columns <- function(lang, s) {
  number <- suppressWarnings(as.numeric(as.character(s$editions)))
  if (identical(number, s$time)) {
    list(time = year_column(number, say(lang, "head.edition"), 10))
  } else {
    list(
      edition = column(as.character(s$editions), say(lang, "head.edition"), width = 14),
      time = year_column(s$time, say(lang, "head.time"), 10)
    )
  }
}

# Years are names rather than quantities, and stand on the left with their header.
year_column <- function(years, header, width) {
  column(years, header, styles$plain_number, header_format = styles$header, width = width)
}

method_column <- function(lang, s) {
  words <- c(say(lang, "word.method_same"), say(lang, "word.method_changed"))
  shown <- words[s$changed + 1L]
  shown[1L] <- NA
  text_column(shown, say(lang, "head.method"), 16, shorthand = "[z]")
}

unit_trend_findings <- function(context, s, fair, own, like) {
  rows <- fair_rows(s, fair)
  last <- length(own)
  from <- rows$bridged
  findings(
    context$lang,
    if (length(from) > 0L && !is.na(like[from]) && !is.na(own[last])) {
      finding("trend_unit.like",
        from = s$editions[from], to = s$editions[last], start = like[from], end = own[last],
        before = fair$published[match(context$code, fair$unit)]
      )
    } else if (length(rows$same) > 1L) {
      finding("trend_unit.same",
        from = s$editions[rows$same[1L]], to = s$editions[last], start = own[rows$same[1L]], end = own[last]
      )
    },
    breaks_finding(s)
  )
}

breaks_finding <- function(s) {
  if (any(s$changed)) finding("trend_brief.breaks", editions = paste(s$editions[s$changed], collapse = ", "))
}

# Groups -----------------------------------------------------------------------

group_trend <- function(context, s, fair) {
  lang <- context$lang
  members <- trend_members(context, s)
  own <- simple_levels(s$scores[members, , drop = FALSE], s$conf)
  if (all(own$n == 0L)) {
    return(NULL)
  }
  like <- group_like(context, s, fair, own)
  own$weighted <- weighted_levels(context, s)
  change <- group_change_table(context, s, fair, members)
  limits <- c(say(lang, "head.low_like", conf = 100 * s$conf), say(lang, "head.high_like", conf = 100 * s$conf))
  blue <- cap_palette[["blue"]]
  charcoal <- cap_palette[["charcoal"]]
  tests <- group_tests(context, s)
  columns <- c(edition_columns(lang, s), group_trend_columns(lang, s, own, like))
  analysis_sheet(context, say(lang, "sheet.trend"),
    words = list(
      title = say(lang, "title.trend", scope = shorten(context$label), edition = context$edition_label),
      describes = say(lang, "describe.trend"),
      notes = c(say(lang, "note.trend"), say(lang, "note.trend_limits"))
    ),
    found = group_trend_findings(context, s, change),
    parts = list(
      series = table_part(columns, "tbl_trend"),
      chart = chart_part(TIME_ROWS, function(name, row) {
        title <- say(lang, "chart.trend_group", scope = shorten(context$label))
        frame <- chart_frame(name, row, TIME_ROWS, "trend$method", title, say(lang, "alt.trend", scope = context$label))
        time_chart(context, s, frame,
          series = list(
            time_series(own$mean, "mean", say(lang, "head.mean_published"), charcoal, "square", line = FALSE),
            time_series(like$mean, "like", say(lang, "head.mean_like"), blue, "circle", line = TRUE),
            time_series(like$low, "like_low", limits[1L], blue, "none", line = TRUE, dashed = TRUE),
            time_series(like$high, "like_high", limits[2L], blue, "none", line = TRUE, dashed = TRUE)
          )
        )
      }),
      change = if (!is.null(change)) change_part(lang, s, change),
      tests = if (nrow(tests) > 0L) tests_part(lang, s, tests)
    )
  )
}

# Rows of the series that belong to the scope.
trend_members <- function(context, s) {
  if (context$kind == "world") {
    return(seq_along(s$units))
  }
  which(s$units %in% context$groups$unit[context$groups$group == context$code])
}

# The levels like for like: of the units at both ends of the bridge, of all in editions
# of one method.
group_like <- function(context, s, fair, own) {
  rows <- fair_rows(s, fair)
  out <- own[c("mean", "low", "high")]
  keep <- if (length(rows$same) > 1L) rows$same else integer()
  if (length(rows$bridged) > 0L) {
    both <- fair_members(context, fair)
    out[rows$bridged, ] <- simple_levels(cbind(fair$start[both]), s$conf)[c("mean", "low", "high")]
    out[length(s$editions), ] <- simple_levels(cbind(fair$end[both]), s$conf)[c("mean", "low", "high")]
    keep <- c(rows$bridged, rows$same)
  }
  out[!seq_along(s$editions) %in% keep, ] <- NA_real_
  out
}

# Units of the scope at both ends of the bridge.
fair_members <- function(context, fair) {
  which(fair$unit %in% context$index$unit[context$rows] & !is.na(fair$start) & !is.na(fair$end))
}

# What a trend calls the scope.
trend_group <- function(context) if (context$kind == "world") "(all)" else context$code

# The mean weighted by users, where the trend has this group and users.
weighted_levels <- function(context, s) {
  levels <- s$levels[s$levels$group == trend_group(context), ]
  s$factor * levels$mean_weighted[match(s$editions, levels$edition)]
}

group_trend_columns <- function(lang, s, own, like) {
  conf <- 100 * s$conf
  list(
    like = column(like$mean, say(lang, "head.mean_like"), styles$score, width = 12),
    like_low = column(like$low, say(lang, "head.low_like", conf = conf), styles$score, width = 12),
    like_high = column(like$high, say(lang, "head.high_like", conf = conf), styles$score, width = 12),
    mean = column(own$mean, say(lang, "head.mean_published"), styles$score, width = 12),
    low = column(own$low, say(lang, "head.low_published", conf = conf), styles$score, width = 12),
    high = column(own$high, say(lang, "head.high_published", conf = conf), styles$score, width = 12),
    median = column(own$median, say(lang, "head.median"), styles$score, width = 10),
    weighted = if (!all(is.na(own$weighted))) {
      column(own$weighted, say(lang, "head.user_mean"), styles$score, width = 16)
    },
    n = column(own$n, say(lang, "head.countries"), styles$whole, width = 11), method = method_column(lang, s)
  )
}

# The change to the last edition over the units with both scores: like for like, and
# as published. NULL with one edition.
group_change_table <- function(context, s, fair, members) {
  last <- length(s$editions)
  if (is.null(fair)) {
    if (last < 2L) {
      return(NULL)
    }
    kind <- if (s$changed[last]) "published" else "like"
    start <- s$scores[members, last - 1L]
    return(cbind(kind = kind, from = s$editions[last - 1L], simple_change(start, s$scores[members, last], s$conf)))
  }
  both <- fair_members(context, fair)
  if (length(both) == 0L) {
    return(NULL)
  }
  to <- fair$end[both]
  cbind(kind = c("like", "published"), from = fair$from, rbind(
    simple_change(fair$start[both], to, s$conf), simple_change(fair$published[both], to, s$conf)
  ))
}

change_part <- function(lang, s, change) {
  words <- c(like = say(lang, "head.like_scores"), published = say(lang, "head.as_published"))
  table_part(list(
    column(unname(words[change$kind]), say(lang, "head.change_of"), width = wide_enough(words, 16, whole = TRUE)),
    column(change$start, say(lang, "head.mean_in", edition = change$from[1L]), styles$score, width = 14),
    column(change$end, say(lang, "head.mean_in", edition = s$editions[length(s$editions)]), styles$score, width = 14),
    column(change$change, say(lang, "head.difference"), styles$change, width = 12),
    column(change$low, say(lang, "head.limit_low", conf = 100 * s$conf), styles$change, width = 12),
    column(change$high, say(lang, "head.limit_high", conf = 100 * s$conf), styles$change, width = 12),
    column(change$n, say(lang, "head.countries_both"), styles$whole, width = 12)
  ), "tbl_trend_change", say(lang, "heading.change"))
}

group_tests <- function(context, s) {
  tests <- s$tests[s$tests$group == trend_group(context) & s$tests$weights == "none", ]
  tests[!is.na(tests$p), ]
}

tests_part <- function(lang, s, tests) {
  table_part(list(
    column(tests$editions, say(lang, "head.editions"), styles$whole, width = 10),
    column(tests$breaks, say(lang, "head.method_changes"), styles$whole, width = 14),
    column(s$factor * tests$slope, say(lang, "head.slope"), styles$value, width = 14),
    column(s$factor * tests$low, say(lang, "head.slope_low"), styles$value, width = 12),
    column(s$factor * tests$high, say(lang, "head.slope_high"), styles$value, width = 12),
    column(100 * tests$conf_actual, say(lang, "head.conf_actual"), styles$score, width = 12),
    column(tests$tau, say(lang, "head.tau"), styles$value, width = 10),
    column(tests$p, say(lang, "head.p"), styles$p_value, width = 10),
    column(tests$p_min, say(lang, "head.p_min"), styles$p_value, width = 12)
  ), "tbl_trend_tests", say(lang, "heading.tests"))
}

group_trend_findings <- function(context, s, change) {
  like <- change[change$kind == "like", ]
  published <- change[change$kind == "published", ]
  to <- s$editions[length(s$editions)]
  findings(
    context$lang,
    if (NROW(like) > 0L && NROW(published) > 0L) {
      finding("trend_group.like",
        from = like$from, to = to, change = like$change, n = like$n, published = published$change
      )
    } else if (NROW(like) > 0L) {
      finding("trend_group.same", from = like$from, to = to, change = like$change, n = like$n)
    } else if (NROW(published) > 0L) {
      finding("trend_group.published", from = published$from, to = to, change = published$change, n = published$n)
    },
    if (NROW(like) > 0L && !is.na(like$low)) {
      key <- if (like$low <= 0 && like$high >= 0) "trend_group.open" else "trend_group.shown"
      finding(key, low = like$low, high = like$high, conf = 100 * s$conf)
    },
    breaks_finding(s)
  )
}

# Charts over time -------------------------------------------------------------

# Values over time, in that column of the block "trend".
time_series <- function(values, column, name, color, marker, line, dashed = FALSE) {
  list(values = values, column = column, name = name, color = color, marker = marker, line = line, dashed = dashed)
}

# `series` are time_series() or NULL. Points are where there are editions; what may not be
# joined has no line, and lines end where a value is missing.
TIME_ROWS <- 17L
marker_sizes <- list(none = NULL, square = 10, circle = 6, diamond = 9)

time_chart <- function(context, s, frame, series) {
  lang <- context$lang
  drawn <- unlist(lapply(Filter(Negate(is.null), series), function(one) {
    lapply(runs_of(!is.na(one$values)), function(run) {
      series(refer("trend", one$column, run), refer("trend", "time", run), one$name,
        line_color = if (one$line) one$color, fill_color = one$color, no_line = !one$line, dashed = one$dashed,
        line_width = if (one$dashed) 1 else 2.25, marker = one$marker, marker_size = marker_sizes[[one$marker]]
      )
    })
  }), recursive = FALSE)
  span <- range(s$time)
  edge <- max(1, ceiling(diff(span) / 20))
  chart(frame, "scatter", drawn,
    category = axis(NULL, c(floor(span[1L]) - edge, ceiling(span[2L]) + edge), major_unit = edge, num_format = "0", no_gridlines = TRUE),
    value = axis(say(lang, "head.score"), c(0, root_max(context$index$framework)), num_format = "0"),
    legend = "bottom"
  )
}

# Positions of TRUE, in runs without a gap.
runs_of <- function(ok) {
  at <- which(ok)
  unname(split(at, cumsum(c(TRUE, diff(at) != 1L))[seq_along(at)]))
}

# Moves between tiers ----------------------------------------------------------

# NULL where there are no tiers, or nothing to compare like for like.
moves_sheet <- function(context) {
  m <- moves_of(context)
  if (is.null(m)) {
    return(NULL)
  }
  lang <- context$lang
  step <- m$from - m$to
  moved <- which(step != 0L)
  kinds <- c(say(lang, "word.higher_tier"), say(lang, "word.lower_tier"), say(lang, "word.same_tier"))
  n <- c(sum(step > 0L), sum(step < 0L), sum(step == 0L))
  analysis_sheet(context, say(lang, "sheet.moves"),
    words = list(
      title = say(lang, "title.moves", scope = shorten(context$label), from = m$editions$from, to = m$editions$to),
      describes = say(lang, "describe.moves")
    ),
    found = findings(
      lang,
      finding("moves.counts",
        from = m$editions$from, to = m$editions$to, up = n[1L], down = n[2L], same = n[3L], n = sum(n)
      ),
      finding(if (m$like_for_like) "moves.like" else "moves.published", from = m$editions$from, to = m$editions$to)
    ),
    parts = list(
      counts = table_part(list(
        column(kinds, say(lang, "head.move"), width = 32),
        column(n, say(lang, "head.countries"), styles$whole, width = 14)
      ), "tbl_moves_counts"),
      tiers = table_part(tier_move_columns(lang, m), "tbl_moves_tiers", say(lang, "heading.moves_tiers"),
        rules = list(heat_map(
          refer("moves_tiers", tier_key(1L), to = tier_key(length(m$labels))), 0, max(1, table(m$from, m$to))
        ))
      ),
      chart = chart_part(14L, function(name, row) moves_chart(context, m, name, row)),
      moved = if (length(moved) > 0L) {
        table_part(moved_columns(context, m, moved, kinds), "tbl_moves", say(lang, "heading.moved"))
      }
    )
  )
}

# list(unit, from, to: numbers of tiers, the best 1, labels, short: labels without names,
# editions, like_for_like).
moves_of <- function(context) {
  given <- context$analyses$trend$mobility
  if (!is.null(given)) {
    rows <- which(given$unit %in% context$index$unit[context$rows])
    return(if (length(rows) > 0L) {
      list(
        unit = given$unit[rows], from = given$tier[rows, 1L], to = given$tier[rows, 2L],
        labels = class_names(context, given$labels), short = tier_short(context$lang, given$labels),
        editions = given$pair$editions, like_for_like = given$pair$like_for_like
      )
    })
  }
  framework <- context$index$framework
  fair <- fair_start(context)
  if (is.null(fair) || is.null(framework$bands)) {
    return(NULL)
  }
  both <- fair_members(context, fair)
  if (length(both) == 0L) {
    return(NULL)
  }
  labels <- tier_long(context$lang, framework$bands)
  tier <- function(score) {
    band <- band_of(score, framework)
    ifelse(is.na(band), length(labels) + 1L, band)
  }
  from <- tier(fair$start[both])
  to <- tier(fair$end[both])
  short <- tier_short(context$lang, framework$bands$label)
  if (any(c(from, to) > length(labels))) {
    labels <- c(labels, say(context$lang, "word.below_tiers"))
    short <- c(short, say(context$lang, "word.below_tiers"))
  }
  list(
    unit = fair$unit[both], from = from, to = to, labels = labels, short = short,
    editions = list(from = fair$from, to = context$edition), like_for_like = TRUE
  )
}

# Names of tiers where the classes are the framework's.
class_names <- function(context, labels) {
  bands <- context$index$framework$bands
  at <- match(labels, bands$label)
  out <- tier_short(context$lang, labels)
  if (!all(is.na(at))) out[!is.na(at)] <- tier_long(context$lang, bands)[at[!is.na(at)]]
  out
}

tier_move_columns <- function(lang, m) {
  tiers <- seq_along(m$labels)
  count <- table(factor(m$from, tiers), factor(m$to, tiers))
  c(
    list(
      tier = column(m$labels, say(lang, "head.tier"), width = 32),
      from = column(tabulate(m$from, length(tiers)), countries_in(lang, m, "from"), styles$whole, width = 14),
      to = column(tabulate(m$to, length(tiers)), countries_in(lang, m, "to"), styles$whole, width = 14)
    ),
    stats::setNames(lapply(tiers, function(k) {
      column(as.vector(count[, k]), say(lang, "head.moved_to", tier = m$short[k], to = m$editions$to),
        styles$whole, width = 13
      )
    }), tier_key(tiers))
  )
}

countries_in <- function(lang, m, end) {
  like <- end == "from" && m$like_for_like
  say(lang, if (like) "head.countries_like" else "head.countries_in", edition = m$editions[[end]])
}

moves_chart <- function(context, m, name, row) {
  lang <- context$lang
  alt <- say(lang, "alt.moves", scope = context$label)
  last <- refer("moves_tiers", tier_key(length(m$labels)))
  plain_bars(chart_frame(name, row, 14L, last, say(lang, "chart.moves"), alt),
    labels = "moves_tiers$tier", values = c("moves_tiers$from", "moves_tiers$to"),
    names = c(countries_in(lang, m, "from"), countries_in(lang, m, "to")), fills = c(grey_rest, cap_palette[["blue"]])
  )
}

moved_columns <- function(context, m, moved, kinds) {
  lang <- context$lang
  name <- shown_names(context, m$unit[moved])
  moved <- moved[name_order(name)]
  before <- say(lang, if (m$like_for_like) "head.tier_like" else "head.tier_in", edition = m$editions$from)
  list(
    column(shown_names(context, m$unit[moved]), say(lang, "head.country"), width = 32),
    column(m$short[m$from[moved]], before, width = 14),
    column(m$short[m$to[moved]], say(lang, "head.tier_in", edition = m$editions$to), width = 14),
    column(ifelse(m$from[moved] > m$to[moved], kinds[1L], kinds[2L]), say(lang, "head.move"), width = 13)
  )
}


# Convergence ------------------------------------------------------------------

convergence_sheet <- function(context) {
  x <- context$analyses$trend$convergence
  lang <- context$lang
  x <- sides_in(lang, x)
  many <- length(unique(x$editions$edition)) > 2L
  analysis_sheet(context, say(lang, "sheet.convergence"),
    words = list(
      title = say(lang, "title.convergence", group = x$label, from = x$pair$editions$from, to = x$pair$editions$to),
      describes = say(lang, "describe.convergence"),
      notes = say(lang, "note.convergence", share = 100 * x$run$noise)
    ),
    found = convergence_brief_findings(lang, x),
    parts = list(
      signs = table_part(sign_columns(lang, x), "tbl_convergence"),
      gap = table_part(gap_columns(lang, x), "tbl_gap", say(lang, "heading.gap")),
      chart = chart_part(15L, function(name, row) gap_chart(context, x, name, row)),
      editions = table_part(edition_gap_columns(lang, x), "tbl_gap_editions",
        if (many && !is.null(x$pair$panel)) say(lang, "heading.gap_published") else say(lang, "heading.gap_editions")
      )
    )
  )
}

convergence_brief_findings <- function(lang, x) {
  ends <- list(group = x$label, rest = x$rest, from = x$pair$editions$from, to = x$pair$editions$to)
  gap <- x$gap[[length(x$gap)]]
  findings(
    lang,
    do.call(finding, c(switch(x$verdict,
      "catching up" = "convergence_brief.closer", "falling behind" = "convergence_brief.apart", "convergence_brief.open"
    ), ends)),
    if (!is.na(gap[["change"]])) {
      finding(if (x$weighted) "convergence_brief.gap_users" else "convergence_brief.gap",
        from = ends$from, to = ends$to, before = gap[["gap_from"]], after = gap[["gap_to"]]
      )
    },
    finding(if (x$pair$like_for_like) "convergence_brief.like" else "convergence_brief.published", to = ends$to),
    if (any(at_ceiling(x))) finding("convergence_brief.ceiling"),
    finding("trend_brief.census")
  )
}

sign_columns <- function(lang, x) {
  signs <- x$signs
  conf <- 100 * x$run$conf
  what <- c(beta = say(lang, "word.sign_beta"), sigma = say(lang, "word.sign_sigma"), gap = say(lang, "word.sign_gap"))
  shows <- c(
    "catching up" = say(lang, "word.closer"), "falling behind" = say(lang, "word.apart"),
    "not shown" = say(lang, "word.not_shown")
  )
  list(
    column(unname(what[signs$sign]), say(lang, "head.sign"), styles$wrapped_low, width = 46),
    column(unname(shows[signs$shows]), say(lang, "head.shows"), width = 22),
    column(signs$estimate, say(lang, "head.estimate"), styles$value, width = 12),
    column(signs$reference, say(lang, "head.reference"), styles$value, width = 14),
    column(signs$low, say(lang, "head.limit_low", conf = conf), styles$value, shorthand = "[z]", width = 14),
    column(signs$high, say(lang, "head.limit_high", conf = conf), styles$value, shorthand = "[z]", width = 14),
    column(signs$p, say(lang, "head.p"), styles$p_value, width = 10)
  )
}

weights_word <- function(lang, weights) {
  unname(c(none = say(lang, "word.simple_mean"), users = say(lang, "word.user_mean"))[weights])
}

gap_columns <- function(lang, x) {
  g <- gap_table(x)
  list(
    column(weights_word(lang, g$weights), say(lang, "head.mean"), width = 46),
    column(g$gap_from, say(lang, "head.gap_in", edition = x$pair$editions$from), styles$change, width = 22),
    column(g$gap_to, say(lang, "head.gap_in", edition = x$pair$editions$to), styles$change, width = 12),
    column(g$change, say(lang, "head.difference"), styles$change, width = 14),
    column(g$low, say(lang, "head.limit_low", conf = 100 * x$run$conf), styles$change, width = 14),
    column(g$high, say(lang, "head.limit_high", conf = 100 * x$run$conf), styles$change, width = 14),
    column(g$n_group, say(lang, "head.countries_of", group = x$label), styles$whole, width = 10),
    column(g$n_rest, say(lang, "head.countries_rest"), styles$whole, width = 10)
  )
}

# A row an edition and mean, those of one mean together, as a chart wants them.
edition_gap_columns <- function(lang, x) {
  e <- gap_rows(x)
  list(
    mean = column(weights_word(lang, e$weights), say(lang, "head.mean"), width = 46),
    edition = year_column(as.numeric(as.character(e$edition)), say(lang, "head.edition"), 22),
    gap = column(e$gap, say(lang, "head.gap_points"), styles$change, width = 12),
    low = column(e$low, say(lang, "head.limit_low", conf = 100 * x$run$conf), styles$change, width = 14),
    high = column(e$high, say(lang, "head.limit_high", conf = 100 * x$run$conf), styles$change, width = 14),
    n_group = column(e$n_group, say(lang, "head.countries_of", group = x$label), styles$whole, width = 14),
    n_rest = column(e$n_rest, say(lang, "head.countries_rest"), styles$whole, width = 10)
  )
}

gap_rows <- function(x) x$editions[order(match(x$editions$weights, c("none", "users"))), ]

# Gaps as published are points; like for like they are joined.
gap_chart <- function(context, x, name, row) {
  lang <- context$lang
  e <- gap_rows(x)
  joined <- x$pair$like_for_like && is.null(x$pair$panel)
  time <- as.numeric(as.character(e$edition))
  colours <- c(none = cap_palette[["blue"]], users = cap_palette[["orange"]])
  markers <- c(none = "circle", users = "diamond")
  title <- say(lang, "chart.gap", group = x$label)
  frame <- chart_frame(name, row, 15L, "gap_editions$n_rest", title, say(lang, "alt.gap", group = x$label))
  chart(frame, "scatter",
    series = unlist(lapply(rev(unique(e$weights)), function(w) {
      lapply(runs_of(e$weights == w & !is.na(e$gap)), function(run) {
        series(refer("gap_editions", "gap", run), refer("gap_editions", "edition", run), weights_word(lang, w),
          fill_color = colours[[w]], line_color = if (joined) colours[[w]], no_line = !joined, line_width = 2.25,
          marker = markers[[w]], marker_size = marker_sizes[[markers[[w]]]]
        )
      })
    }), recursive = FALSE),
    category = axis(NULL, c(min(time) - 1, max(time) + 1), major_unit = 1, num_format = "0", no_gridlines = TRUE, low = TRUE),
    value = axis(say(lang, "head.gap_points"), num_format = "0"), legend = "bottom"
  )
}
