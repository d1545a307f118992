#' What a change of a weighted mean is made of
#'
#' The mean score of a region, weighted by internet users, changes because
#' countries improve, because shares of users shift to countries with other scores, and
#' because countries enter or leave. Three further splits say how much of the
#' inequality of scores lies between groups.
#'
#' @param panel From [cap_panel()] or [cap_bridge()]; or a list of two indices,
#'   the earlier and the later; or a data frame of scores, `unit, edition, value`.
#'   Two indices, also within a panel, are compared like for like (below).
#' @param from,to Editions of `panel`. By default the first and the last of those
#'   that have an index in `panel`, if there are two (so that the change is like
#'   for like), else of all.
#' @param by Groups, as in [cap_regions()]. Units in none form the group
#'   `"(rest)"`.
#' @param users Internet users, as in [cap_regions()]; `NULL` for simple means.
#' @param form `"midpoint"` (default): weights and scores are the mean of both
#'   ends, and nothing is left over. `"laspeyres"`: those of the start, with an
#'   interaction.
#'
#' @details
#' With users u, shares \eqn{w = u / \sum u} among the units present at both
#' ends, and scores x, the change of their mean m is
#' \deqn{\Delta m = \sum \bar w_i \Delta x_i + \sum (\bar x_i - \bar m) \Delta w_i,}
#' bars the mean of both ends: `within` (countries improved) and `composition`
#' (shares of users shifted between countries; nobody moves). Centring by the mean
#' leaves the total as it is and lets a country's term say whether its share grew
#' at the expense of lower or of higher scores.
#' The Laspeyres form is \eqn{\sum w_0 \Delta x + \sum (x_0 - m_0) \Delta w + \sum \Delta w \Delta x}.
#' A unit enters or leaves where it has a score and users at one end only; its
#' `turnover` is \eqn{w_1 (x_1 - m_1)} or \eqn{-w_0 (x_0 - m_0)}, with w its share
#' of all users of that edition and m the mean of the units present at both. The
#' terms add up to the published weighted means, exactly, over units and over the
#' parts of the score (pillars), where these add up to it at both ends.
#'
#' **Inequality**, with \eqn{s_i = w_i x_i / m} and \eqn{S_r}, \eqn{W_r} sums of s
#' and w in group r: Theil \eqn{T = \sum s_i \ln(x_i / m) = \sum S_r \ln(m_r / m) + \sum S_r T_r};
#' mean log deviation \eqn{\sum w_i \ln(m / x_i)}, which has no value (`NA`) where
#' a score is 0; GE(2), half the squared coefficient of variation, which always
#' has one; Gini \eqn{\sum \sum w_i w_j |x_i - x_j| / 2m}, whose `overlap` is what
#' is left because groups overlap. They need each unit in one group only.
#'
#' **Like for like.** Editions differ in method. Given two indices (or their
#' bridge) the start is the earlier edition's items under the later weights (see
#' [cap_bridge()]), and `published` is the change of the mean as published. Given
#' published scores alone the findings say that the change mixes the two, and
#' pillars should not be read across a move of items.
#'
#' **Standard errors** are linearised, as those of [cap_trend()], and keep the
#' covariance of the same units: each sum of terms is made of weighted means of
#' scores and of changes. The index is a census: read them as those of a model of
#' which these units, with their users, are one draw.
#'
#' @section Missing values:
#' A unit is present at an end where it has a score and users above 0. Units
#' without users at both ends are left out and named. A group without a unit that
#' is present at both ends has a change but no split (`NA`); all measures of
#' inequality are `NA` where the mean is 0. Standard errors need two units present
#' at both ends, at either end for the change and the turnover, and are `NA` with
#' fewer.
#' @section Errors:
#' `cap_error_input` for what is no panel, fewer than two editions, editions that
#' the panel lacks or in the wrong order, and where no unit has users.
#' @return An object of class `cap_decompose`. `as.data.frame()` and
#'   `cap_table()` give, for `table =`
#'   * `"groups"`: `group, label, n_from, n_to, n_both, mean_from, mean_to,
#'     change, within, composition, interaction, turnover, published`, and
#'     standard errors `se_change, se_within, se_composition, se_interaction,
#'     se_turnover`; the row `"(all)"` has every unit, weighted by the users of
#'     the world.
#'   * `"parts"`: `group, label, item, mean_from, mean_to, change, within,
#'     composition, interaction, turnover` and the same standard errors, a row a
#'     group and part of the score, whose effects sum to the group's.
#'   * `"units"`: `group, unit, item, score_from, score_to, within, composition,
#'     interaction, turnover`, a row a unit of a group and a part of the score;
#'     within a group and item the effects sum to the group's.
#'   * `"inequality"`: `edition, measure, total, between, within, overlap`.
#' @references Marshall, A. and Edgeworth, F., as in Fisher, I. (1922), *The
#'   Making of Index Numbers*. Melitz, M. and Polanec, S. (2015), *RAND Journal of
#'   Economics* 46. Theil, H. (1967), *Economics and Information Theory*.
#'   Shorrocks, A. (1980), *Econometrica* 48. Bhattacharya, N. and Mahalanobis, B.
#'   (1967), *Journal of the American Statistical Association* 62.
#' @export
#' @examples
#' gci <- function(year) {
#'   cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
#' }
#' parts <- cap_decompose(list(gci(2020), gci(2024)))
#' parts
#' as.data.frame(parts, table = "inequality")
#' plot(parts)
cap_decompose <- function(panel, from = NULL, to = NULL, by = "itu_region",
                          users = cap_users(panel_editions(panel)), form = c("midpoint", "laspeyres")) {
  form <- choose(form, core_words("shift_form"), "form")
  pair <- change_pair(panel, from, to)
  weight <- pair_users(pair, users)
  groups <- partition(pair$unit, as_groups(by, units = pair$unit))
  members <- c(
    list("(all)" = seq_along(pair$unit)),
    lapply(split(groups$unit, groups$group)[unique(groups$group)], function(u) sort(match(u, pair$unit)))
  )
  present <- list(from = is_present(pair$from, weight$from), to = is_present(pair$to, weight$to))
  split <- lapply(members, function(rows) split_change(pair, weight, rows, form))
  new_result("cap_decompose",
    framework = pair$framework, pair = pair, form = form, weighted = !is.null(users),
    groups = groups, label = group_labels(names(members), groups), members = members, effects = split,
    published = if (pair$like_for_like) published_changes(pair, weight, members),
    present = present, unmatched = unmatched_units(by, pair$unit),
    inequality = inequality_table(pair, weight, groups)
  )
}

# Groups of the units that are in the panel, in order, and one for the rest.
partition <- function(units, groups) {
  groups <- groups[groups$unit %in% units, ]
  rest <- setdiff(units, groups$unit)
  groups <- groups[order(groups$group, groups$unit, method = "radix"), ]
  rbind(groups, data.frame(
    unit = rest, group = rep("(rest)", length(rest)), label = rep(say("en", "group.rest"), length(rest)),
    key = rep("group.rest", length(rest))
  ))
}

# What groups are called in a language; what is in no group's row is all of them.
group_labels <- function(keys, groups, lang = "en") {
  at <- match(keys, groups$group)
  ifelse(is.na(at), say(lang, "group.all"), labels_in(lang, groups$key[at], groups$label[at]))
}

split_change <- function(pair, weight, rows, form) {
  .Call(
    C_shift_share, unname(pair$from), unname(pair$to), weight$from, weight$to,
    as.integer(rows), form
  )
}

# Change of each group's mean as published, with the users of each end.
published_changes <- function(pair, weight, members) {
  vapply(members, function(rows) {
    means <- .Call(
      C_shift_share, matrix(pair$published), unname(pair$to[, 1L, drop = FALSE]),
      weight$from, weight$to, as.integer(rows), "midpoint"
    )
    means$mean_to - means$mean_from
  }, 0)
}

# NULL where a unit is in several groups.
inequality_table <- function(pair, weight, groups) {
  if (anyDuplicated(groups$unit)) {
    return(NULL)
  }
  number <- match(groups$group, unique(groups$group))[match(pair$unit, groups$unit)]
  do.call(rbind, lapply(c("from", "to"), function(end) {
    scores <- pair[[end]][, 1L]
    if (any(scores < 0, na.rm = TRUE)) {
      return(NULL)
    }
    f <- .Call(C_inequality, unname(scores), weight[[end]], as.integer(number), length(unique(groups$group)))
    figures <- na_figure(f$split)
    data.frame(
      edition = rep(pair$editions[[end]], ncol(figures)), measure = colnames(figures), total = figures[1L, ],
      between = figures[2L, ], within = figures[3L, ], overlap = figures[4L, ], row.names = NULL
    )
  }))
}

#' @export
result_tables.cap_decompose <- function(x, lang, ...) {
  ends <- function(key, ...) term(key, from = x$pair$editions$from, to = x$pair$editions$to, ...)
  mean <- if (x$weighted) term("mean.by_users") else term("mean.simple")
  caption <- ends(if (x$pair$like_for_like) "caption.decompose_like" else "caption.decompose", mean = mean)
  list(
    groups = lazy_table(decomposed_groups(x), caption, telling_parts(x)),
    parts = lazy_table(decomposed_parts(x), ends("caption.decompose_items")),
    units = lazy_table(decomposed_units(x), ends("caption.decompose_units")),
    inequality = lazy_table(x$inequality %||% data.frame(
      edition = x$pair$editions$from[0L], measure = character(), total = double(),
      between = double(), within = double(), overlap = double()
    ), term("caption.inequality"))
  )
}

telling_parts <- function(x) {
  table <- decomposed_groups(x)
  idle <- c("label", if (x$form == "midpoint") c("interaction", "se_interaction"), if (is.null(x$published)) "published")
  table[setdiff(names(table), idle)]
}

decomposed_groups <- function(x) {
  count <- function(present) vapply(x$members, function(rows) sum(present[rows]), 0L, USE.NAMES = FALSE)
  whole <- decomposed_part(x, 1L)
  cbind(
    whole[c("group", "label")],
    data.frame(
      n_from = count(x$present$from), n_to = count(x$present$to), n_both = count(x$present$from & x$present$to)
    ),
    whole[c("mean_from", "mean_to", "change", shift_sums)],
    data.frame(
      published = if (is.null(x$published)) rep(NA_real_, length(x$label)) else na_figure(unname(x$published))
    ),
    whole[shift_errors]
  )
}

decomposed_parts <- function(x) {
  out <- do.call(rbind, lapply(seq_along(x$pair$code), function(p) decomposed_part(x, p)))
  out <- out[order(match(out$group, names(x$members)), match(out$item, x$pair$code)), ]
  rownames(out) <- NULL
  out
}

shift_sums <- c("within", "composition", "interaction", "turnover")
shift_errors <- paste0("se_", c("change", shift_sums))

# A row a group, of one part of the score.
decomposed_part <- function(x, part) {
  total <- function(effect) {
    vapply(x$effects, function(e) na_figure(compensated_sum(e[[effect]][, part])), 0, USE.NAMES = FALSE)
  }
  mean_at <- function(end) {
    vapply(x$effects, function(e) na_figure(e[[paste0("mean_", end)]][part]), 0, USE.NAMES = FALSE)
  }
  sums <- lapply(stats::setNames(nm = shift_sums), total)
  errors <- vapply(x$effects, function(e) na_figure(e$se[part, ]), double(length(shift_errors)), USE.NAMES = FALSE)
  cbind(
    data.frame(
      group = names(x$members), label = x$label, item = x$pair$code[part],
      mean_from = mean_at("from"), mean_to = mean_at("to"), change = mean_at("to") - mean_at("from")
    ),
    as.data.frame(sums),
    stats::setNames(as.data.frame(t(errors)), shift_errors)
  )
}

# Sums of a printed table are compensated, as in the core.
compensated_sum <- function(v) if (length(v) == 0L) NaN else .Call(C_compensated_sum, as.double(v))

decomposed_units <- function(x) {
  pair <- x$pair
  k <- length(pair$code)
  tables <- Map(function(key, rows, e) {
    flat <- function(m) na_figure(as.vector(t(unname(m))))
    data.frame(
      group = rep(key, k * length(rows)), unit = rep(pair$unit[rows], each = k), item = rep(pair$code, length(rows)),
      score_from = flat(pair$from[rows, , drop = FALSE]), score_to = flat(pair$to[rows, , drop = FALSE]),
      within = flat(e$within), composition = flat(e$composition),
      interaction = flat(e$interaction), turnover = flat(e$turnover)
    )
  }, names(x$members), x$members, x$effects)
  out <- do.call(rbind, unname(tables))
  rownames(out) <- NULL
  out
}

#' @export
cap_findings.cap_decompose <- function(x, ..., lang = "en") {
  x$label <- group_labels(names(x$members), x$groups, lang)
  groups <- decomposed_groups(x)
  none <- !x$present$from & !x$present$to
  once <- xor(x$present$from, x$present$to)
  do.call(findings, c(
    list(lang),
    pair_findings(x$pair),
    lapply(seq_len(nrow(groups)), function(i) group_split_finding(x, groups[i, ])),
    inequality_findings(x),
    list(
      finding_if_any("decompose.turnover", units = x$pair$unit[once], most = 10L),
      finding_if_any("decompose.absent", units = x$pair$unit[none], most = 10L),
      if (length(x$pair$code) == 1L) finding("decompose.root_only"),
      unmatched_finding(x$unmatched, "by")
    )
  ))
}

group_split_finding <- function(x, row) {
  common <- list(
    group = row$label, change = row$change, mean = mean_words(x), n = row$n_both
  )
  if (is.na(row$change)) {
    return(finding("decompose.empty", group = row$label))
  }
  if (is.na(row$within)) {
    return(do.call(finding, c("decompose.unsplit", common)))
  }
  key <- if (is.na(row$published)) "decompose.group" else "decompose.group_published"
  do.call(finding, c(key, common, list(
    within = row$within, composition = row$composition, turnover = row$turnover,
    interaction = if (x$form == "laspeyres") term("decompose.interaction", x = row$interaction) else "",
    published = row$published,
    error = if (is.na(row$se_within)) "" else term("decompose.error", se = row$se_within)
  )))
}

inequality_findings <- function(x) {
  table <- x$inequality
  if (is.null(table)) {
    return(list(finding("decompose.overlapping")))
  }
  known <- function(measure) {
    rows <- table[table$measure == measure, ]
    if (nrow(rows) == 2L && !anyNA(rows$total)) rows
  }
  share <- function(rows) ifelse(rows$total > 0, 100 * rows$between / rows$total, 0)
  theil <- known("theil")
  list(
    if (!is.null(theil)) {
      finding("decompose.theil",
        from = theil$edition[1L], to = theil$edition[2L], before = theil$total[1L], after = theil$total[2L],
        share_before = share(theil)[1L], share_after = share(theil)[2L]
      )
    } else {
      finding("decompose.no_inequality")
    },
    if (!is.null(theil) && is.null(known("mld"))) finding("decompose.zeros")
  )
}
