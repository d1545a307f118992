# The sheet Sensitivity: what other choices would do to scores and tiers. It is no
# sampling error and no doubt about a tier, so it stands on a sheet of its own.

MOST_BARS <- 25L
FIRM_SHARE <- 0.95

# list(unit, score, low, median, high, p, se: units x tiers or NULL, own, rank: units
# x 3, scored, run): the rows of the index.
sensitivity_figures <- function(x, index) {
  if (!identical(x$framework$id, index$framework$id) || !identical(x$edition, index$edition[1L])) {
    stop_other_index("cap_robustness", paste0("It is of ", x$framework$id, ", edition ", x$edition, "."), index)
  }
  check_same_scores(x$nominal$unit, 100 * x$nominal$score / root_max(x$framework), index, "cap_robustness")
  at <- match(index$unit, x$nominal$unit)
  scores <- score_quantiles(x)[at, , drop = FALSE]
  p <- if (!is.null(x$framework$bands)) tier_probabilities(x)[at, , drop = FALSE]
  scored <- scored_of(x)[at]
  band <- x$nominal$band[at]
  list(
    score = x$nominal$score[at], low = scores[, 1L], median = scores[, 2L], high = scores[, 3L], scored = scored,
    band = band, p = p, se = if (!is.null(p)) share_error(p, scored),
    own = if (!is.null(p)) p[cbind(seq_along(at), band)],
    rank = rank_quantiles(x)[at, , drop = FALSE],
    run = list(n = replicates_of(x), failed = x$counts$failed, key = x$key, factors = x$factors)
  )
}


# One unit ---------------------------------------------------------------------

unit_sensitivity <- function(context) {
  lang <- context$lang
  s <- context$analyses$sensitivity
  row <- context$rows
  tiers <- !is.null(s$p)
  unit <- shown_names(context, context$index$unit[row])
  analysis_sheet(context, say(lang, "sheet.sensitivity"),
    words = list(
      title = say(lang, "title.sensitivity", scope = unit, edition = context$edition_label),
      describes = say(lang, "describe.sensitivity"), methods = sensitivity_methods(context, s)
    ),
    found = unit_sensitivity_findings(context, s, row),
    parts = list(
      tiers = if (tiers) {
        table_part(list(
          tier = column(tier_names(context), say(lang, "head.tier"), width = 36),
          share = column(100 * s$p[row, ], say(lang, "head.share_of_replicates"), styles$score, width = 16),
          error = column(100 * s$se[row, ], say(lang, "head.monte_carlo_error"), styles$weight, width = 20)
        ), "tbl_sensitivity")
      },
      chart = if (tiers) {
        chart_part(15L, function(name, at) unit_tier_chart(context, unit, name, at))
      },
      scores = table_part(
        score_columns(context, s, row), "tbl_sensitivity_scores", if (tiers) say(lang, "heading.scores")
      ),
      bars = if (!tiers && !reaches(s$low[row], s$high[row], root_max(context$index$framework))) {
        chart_part(6L, function(name, at) score_chart(context, name, at, "sensitivity_scores", 1L))
      },
      run = shared(context, "sensitivity, run of a unit", run_part(context, s))
    ),
    landscape = FALSE
  )
}

unit_sensitivity_findings <- function(context, s, row) {
  lang <- context$lang
  n <- s$scored[row]
  own <- s$own[row]
  findings(
    lang,
    if (!is.null(own) && !is.na(own)) {
      tier <- tier_names(context)[s$band[row]]
      if (own >= 1) {
        finding("sensitivity_unit.always", n = n, tier = tier)
      } else {
        finding("sensitivity_unit.tier", n = n, tier = tier, share = 100 * own, se = 100 * s$se[row, s$band[row]])
      }
    },
    finding(if (printed_alike(s$low[row], s$high[row])) "sensitivity_unit.score_fixed" else "sensitivity_unit.score",
      low = s$low[row], high = s$high[row], median = s$median[row], score = s$score[row]
    ),
    meaning_finding(s)
  )
}

printed_alike <- function(low, high) round_half_up(low, 1L) == round_half_up(high, 1L)

tier_names <- function(context) {
  shared(context, "tiers, long", tier_long(context$lang, context$index$framework$bands))
}

unit_tier_chart <- function(context, unit, name, at) {
  lang <- context$lang
  alt <- say(lang, "alt.sensitivity_unit", unit = unit)
  plain_bars(chart_frame(name, at, 15L, "sensitivity_scores$median", say(lang, "chart.sensitivity_unit"), alt),
    labels = "sensitivity$tier", values = "sensitivity$share", names = unit,
    label_format = "0.0", value = axis(limits = c(0, 100), major_unit = 20, num_format = "0")
  )
}

# The world or a group ---------------------------------------------------------

group_sensitivity <- function(context) {
  lang <- context$lang
  s <- context$analyses$sensitivity
  shown <- sensitivity_rows(context, s)
  rows <- shown$rows
  tiers <- !is.null(s$p)
  analysis_sheet(context, say(lang, "sheet.sensitivity"),
    words = list(
      title = say(lang, "title.sensitivity", scope = shorten(context$label), edition = context$edition_label),
      describes = say(lang, "describe.sensitivity"), methods = sensitivity_methods(context, s)
    ),
    found = group_sensitivity_findings(context, s),
    parts = list(
      run = run_part(context, s),
      chart = if (shown$bars > 0L) {
        chart_part(5L + shown$bars, function(name, at) {
          draw <- if (tiers) group_tier_chart else score_chart
          draw(context, name, at, "sensitivity", shown$bars)
        })
      },
      units = table_part(
        c(score_columns(context, s, rows), tier_share_columns(context, s, rows), rank_columns(context, s, rows)),
        "tbl_sensitivity", say(lang, "heading.sensitivity_units"),
        rules = if (tiers) list(heat_map(refer("sensitivity", tier_key(1L), to = tier_key(ncol(s$p))), 0, 100))
      )
    )
  )
}

# Those that the chart shows first: of which the tier holds least often, or the
# scores spread most; both parts alphabetical.
sensitivity_rows <- function(context, s) {
  rows <- context$rows[!is.na(s$low[context$rows])]
  moves <- if (is.null(s$p)) (s$high - s$low)[rows] else 1 - s$own[rows]
  least <- if (is.null(s$p)) 0 else 1 - FIRM_SHARE
  loose <- which(moves > least)
  loose <- utils::head(loose[order(-moves[loose], context$index$unit[rows][loose], method = "radix")], MOST_BARS)
  by <- name_order(shown_names(context, context$index$unit[rows]))
  list(rows = rows[c(by[by %in% loose], by[!by %in% loose])], bars = length(loose))
}

group_tier_chart <- function(context, name, at, table, bars) {
  lang <- context$lang
  rows <- seq_len(bars)
  bands <- context$index$framework$bands
  title <- say(lang, "chart.sensitivity_group")
  last <- refer(table, tier_key(nrow(bands)))
  tier_chart(chart_frame(name, at, 5L + bars, last, title, say(lang, "alt.sensitivity_group")),
    labels = refer(table, "unit", rows), values = refer(table, tier_key(seq_len(nrow(bands))), rows),
    bands = bands, lang = lang, limits = c(0, 100)
  )
}

group_sensitivity_findings <- function(context, s) {
  own <- s$own[context$rows]
  own <- own[!is.na(own)]
  findings(
    context$lang,
    if (length(own) > 0L) {
      finding("sensitivity_group.tiers", firm = sum(own >= FIRM_SHARE), n = length(own))
    },
    meaning_finding(s)
  )
}

rank_columns <- function(context, s, rows) {
  lang <- context$lang
  if (context$ranks) {
    list(
      rank_low = column(s$rank[rows, 1L], say(lang, "head.rank_low"), styles$whole, width = 11),
      rank_median = column(s$rank[rows, 2L], say(lang, "head.rank_median"), styles$whole, width = 11),
      rank_high = column(s$rank[rows, 3L], say(lang, "head.rank_high"), styles$whole, width = 11)
    )
  }
}

tier_share_columns <- function(context, s, rows) {
  lang <- context$lang
  if (is.null(s$p)) {
    return(NULL)
  }
  tiers <- tier_short(lang, context$index$framework$bands$label)
  largest <- apply(s$se[rows, , drop = FALSE], 1L, max)
  c(
    stats::setNames(lapply(seq_along(tiers), function(b) {
      column(100 * s$p[rows, b], say(lang, "head.share_tier", tier = tiers[b]), styles$score, width = 11)
    }), tier_key(seq_along(tiers))),
    list(error = column(100 * largest, say(lang, "head.largest_error"), styles$weight, width = 16))
  )
}

meaning_finding <- function(s) finding(if (is.null(s$p)) "sensitivity.meaning_plain" else "sensitivity.meaning")

# Shared -----------------------------------------------------------------------

# Name, score, its quantiles, and the length of the interval, which the chart stacks
# on its lower end.
score_columns <- function(context, s, rows) {
  lang <- context$lang
  list(
    unit = column(shown_names(context, context$index$unit[rows]), say(lang, "head.country"), width = 36),
    score = column(s$score[rows], say(lang, "head.score"), styles$score, width = 9),
    low = column(s$low[rows], say(lang, "head.score_low"), styles$score, width = 12),
    median = column(s$median[rows], say(lang, "head.score_median"), styles$score, width = 12),
    high = column(s$high[rows], say(lang, "head.score_high"), styles$score, width = 12),
    length = column((s$high - s$low)[rows], say(lang, "head.score_length"), styles$score, width = 12)
  )
}

score_chart <- function(context, name, at, table, bars) {
  lang <- context$lang
  of_units <- function(column) refer(table, column, seq_len(bars))
  title <- say(lang, "chart.sensitivity_scores")
  frame <- chart_frame(name, at, 5L + bars, refer(table, "length"), title, say(lang, "alt.sensitivity_scores"))
  chart(frame, "bar_stacked",
    series = list(
      series(of_units("low"), of_units("unit"), say(lang, "head.score_low"), no_fill = TRUE, no_line = TRUE),
      series(of_units("length"), of_units("unit"), say(lang, "head.score_length"), fill_color = cap_palette[["blue"]])
    ),
    category = axis(reversed = TRUE), value = axis(NULL, c(0, root_max(context$index$framework)), num_format = "0"),
    bars = list(gap = 50, overlap = 100)
  )
}

# What varied, how often and from which seed.
run_part <- function(context, s) {
  lang <- context$lang
  run <- s$run
  own <- s$own[context$rows]
  own <- own[!is.na(own)]
  what <- c(
    text_in(lang, terms("word.varied", name = factor_words(run$factors))),
    say(lang, "word.replicates"),
    if (run$failed > 0) say(lang, "word.failed"),
    say(lang, "word.seed"),
    if (context$kind != "unit" && length(own) > 0L) c(say(lang, "word.with_tier"), say(lang, "word.firm"))
  )
  figure <- c(
    text_in(lang, lapply(run$factors, `[[`, "label")), say(lang, "word.count", n = run$n),
    if (run$failed > 0) say(lang, "word.count", n = run$failed),
    paste(format(run$key, scientific = FALSE, trim = TRUE), collapse = " "),
    if (context$kind != "unit" && length(own) > 0L) {
      c(say(lang, "word.count", n = length(own)), say(lang, "word.count", n = sum(own >= FIRM_SHARE)))
    }
  )
  table_part(list(
    column(what, say(lang, "head.what"), styles$wrapped_low, width = 36),
    column(figure, say(lang, "head.how"))
  ), "tbl_sensitivity_run", say(lang, "heading.varied"), fit = FALSE)
}

sensitivity_methods <- function(context, s) {
  shared(context, "methods, sensitivity", make_sensitivity_methods(context, s))
}

make_sensitivity_methods <- function(context, s) {
  lang <- context$lang
  text <- say(lang, "method.sensitivity",
    n = s$run$n, seed = paste(format(s$run$key, scientific = FALSE, trim = TRUE), collapse = " "),
    varied = listed(lapply(s$run$factors, `[[`, "label"), by = "list.semicolon")
  )
  method_row(say(lang, "sheet.sensitivity"), text)
}
