#' Trends of groups over editions
#'
#' Means and medians of groups at every edition, simple and weighted by internet
#' users, with standard errors; the change between two editions, like for like
#' first; a slope and a test over all editions that claim no more than so few
#' editions can show; and the same series linked across changes of method.
#'
#' @param panel From [cap_panel()] or [cap_bridge()]; a list of indices and data
#'   frames of published scores, as [cap_panel()] takes them; or one such data
#'   frame.
#' @param by Groups, as in [cap_regions()]. The group `"(all)"`, every unit, is
#'   added.
#' @param users Internet users, as in [cap_regions()]; `NULL` for simple figures
#'   only.
#' @param from,to The two editions of the change. By default the first and the
#'   last of those that have an index in `panel`, if there are two (so that the
#'   change is like for like), else of all.
#' @param time Times of the editions in their order, where these are no numbers.
#' @param conf Confidence of the intervals.
#' @param n Draws of the country bootstrap; 0 for none. `set.seed()` governs
#'   them.
#' @param ... Not used.
#'
#' @details
#' **Levels.** With scores x and users u, \eqn{m = \sum u_i x_i / \sum u_i},
#' \eqn{Var(m) = n/(n-1) \sum z_i^2}, \eqn{z_i = u_i (x_i - m) / \sum u}: the
#' linearised variance of a ratio, which for the simple mean is
#' \eqn{s^2/n}. Intervals take Student's t with \eqn{n_{eff} - 1} degrees of
#' freedom, at least 1, \eqn{n_{eff} = (\sum u)^2 / \sum u^2}. The index is a
#' census of countries: read every standard error as that of a model of which
#' these countries are one draw. Intervals
#' are not cut at the ends of the scale. A median is the least score with more than half
#' of the weight (units, or users) at or below it, or the mean of two where
#' exactly half lies on each side.
#'
#' **Change.** Over the units with scores (and users) at both editions, with
#' \eqn{z_i = z_i(to) - z_i(from)} in the variance above: the covariance of the
#' same countries is kept. Each end has its own users; degrees of freedom
#' are \eqn{n_{eff} - 1}, at least 1, of the end with the smaller \eqn{n_{eff}}. *Like for like*: where
#' `panel` holds an index of both editions, the start is the earlier edition's
#' items under the later edition's weights (see [cap_bridge()]), and the published
#' change is the sum of `answers` (the change like for like), `weights` and
#' `items`, each the mean over units with their users. Where it does not, `kind`
#' is `"one method"` if both editions have the same method, else `"published"`:
#' what units did is then mixed with what the index changed, and pillars should
#' not be read across a move of items.
#'
#' **Tests.** The Theil-Sen slope of the group's means over the editions with its
#' actual confidence ([cap_sen()]), and the regional Kendall test of the group's
#' units ([cap_kendall()]), by joint permutation of the editions, with `p_min`,
#' the least p that so many editions allow. Weighted by users: those of the last
#' edition. All editions are as published; `breaks` counts changes of method.
#'
#' **Linking.** Each edition before a change of method is put on the scale of the
#' edition after it, by the units that both have, backwards from the last, so that
#' an edition is linked to the already linked scores of the next one: by the
#' mean (\eqn{x + \mu_Y - \mu_X}), linear (\eqn{\mu_Y + \sigma_Y / \sigma_X (x - \mu_X)}),
#' or equipercentile (the score of the same percentile rank, ranks at the middle
#' of ties and interpolated; Kolen and Brennan 2014). It takes for granted that
#' the world did not move between the two editions: mean linking sets the mean
#' change of the linking units to 0 by construction, and all three remove common progress
#' with the change of method. Only differences between groups are left to
#' read. Linear linking may leave the scale.
#'
#' **Country bootstrap.** \eqn{m^* = \sum g_i u_i x_i / \sum g_i u_i},
#' \eqn{g_i \sim Exp(1)}: Dirichlet weights over the units (Rubin 1981), one for
#' all editions of a unit. It gives the percentile intervals `boot_low` and
#' `boot_high`, and the standard errors of medians. For n units its variance is
#' about (n-1)/(n+1) of the linearised one.
#'
#' @section Missing values:
#' Units without a score are left out of that edition, and of the change if they
#' lack one at either end. Units without users, or with 0, are left out of
#' weighted figures. `users_covered` is the share of the users of all units of
#' the group (in `by` or in `panel`) that have a score. A group with one unit has
#' means but no standard error, interval or influence (`NA`); a group without
#' units has `NA` throughout. Fewer than three editions have no test (`NA`), two
#' a slope without interval.
#' @section Errors:
#' `cap_error_input` for what is no panel, fewer than two editions, editions that
#' the panel lacks or in the wrong order, editions that are no numbers without
#' `time`, and malformed `by` or `users`.
#' @return An object of class `cap_trend`. `as.data.frame()` and `cap_table()`
#'   give, for `table =`
#'   * `"levels"`, a row a group, item and edition: `group, label, item, edition,
#'     method, break` (the method is not that of the edition before), `n, mean, se, median,
#'     se_median, mean_weighted, se_weighted, df, low, high` (of the weighted
#'     mean, or of the simple one without users), `boot_low, boot_high,
#'     median_weighted, se_median_weighted, n_eff, top_unit, top_share, users,
#'     users_covered`.
#'   * `"changes"` (the default of `cap_table()`), a row a group, item and weighting: `group, label, item,
#'     weights` (`"users"` or `"none"`), `from, to, kind, n, mean_from, mean_to,
#'     change, se, df, low, high, boot_low, boot_high, published, answers,
#'     by_weights, by_items` (the split; `NA` without a bridge).
#'   * `"tests"`: `group, label, item, weights, editions, breaks, slope, low,
#'     high, conf_actual, n, s, tau, p, p_min, method`; `n` counts units.
#'   * `"linked"`: `group, label, item, linking` (`"raw"`, `"mean"`, `"linear"`,
#'     `"equipercentile"`), `edition, mean, mean_weighted`.
#'   * `"influence"`: `group, label, item, edition, unit, mean, mean_without,
#'     influence`: the unit whose removal moves the mean (weighted, if there are
#'     users) most.
#' @references Kish, L. (1965), *Survey Sampling*. Kolen, M. and Brennan, R.
#'   (2014), *Test Equating, Scaling, and Linking*. Lumley, T. (2010), *Complex
#'   Surveys*. Rubin, D. (1981), *Annals of Statistics* 9. Wolter, K. (2007),
#'   *Introduction to Variance Estimation*.
#' @seealso [cap_decompose()] for what a change is made of, [cap_convergence()]
#'   for who catches up.
#' @export
#' @examples
#' gci <- function(year) {
#'   cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
#' }
#' panel <- cap_panel(gci(2020), gci(2024), published = subset(gci_overall, edition < 2020))
#' trend <- cap_trend(panel, n = 500)
#' subset(as.data.frame(trend, table = "changes"), item == "GCI" & weights == "users")
#' cap_table(trend, table = "tests")
#' plot(trend)
cap_trend <- function(panel, by = "itu_region", users = cap_users(trend_editions(panel)), from = NULL, to = NULL,
                      time = NULL, n = 2000, conf = 0.95) {
  check_number(conf, "conf", 0.5, 0.9999)
  check_count(n, "n", least = 0, most = 1e6)
  if (n == 1) cap_abort_input("{.arg n} must be 0, for none, or 2 at least; 1000 is little.")
  source <- trend_source(panel)
  ends <- change_ends(source, from, to)
  groups <- as_groups(by, units = unique(source$table$unit))
  data <- trend_scores(source, groups, time)
  data$users <- trend_users(data, users, ends)
  data$conf <- conf
  change <- change_scores(source, data, ends)
  key <- random_key()
  boot <- bootstrap_groups(data, change, n, key)
  levels <- trend_levels(data, boot)
  new_result("cap_trend",
    framework = NULL, scale = source$scale, data = data, unmatched = unmatched_units(by, unique(source$table$unit)),
    ends = ends, kind = change$kind, key = key, n = n, weighted = !is.null(users),
    levels = levels, changes = trend_changes(data, change, boot), tests = trend_tests(data, levels),
    linked = trend_linked(data), influence = trend_influence(data)
  )
}

# Input ------------------------------------------------------------------------

# A cap_panel, with the element `bridge` where only a bridge was given.
trend_source <- function(panel) {
  if (inherits(panel, "cap_panel")) {
    return(panel)
  }
  if (inherits(panel, "cap_bridge")) {
    return(bridge_panel(panel))
  }
  if (inherits(panel, "cap_index") || is.data.frame(panel)) {
    return(cap_panel(panel))
  }
  is_part <- function(x) inherits(x, "cap_index") || is.data.frame(x)
  if (is.list(panel) && length(panel) > 0L && all(vapply(panel, is_part, NA))) {
    return(do.call(cap_panel, panel))
  }
  stop_no_scores(panel, "panel", "two editions")
}

trend_editions <- function(panel) unique(trend_source(panel)$table$edition)

bridge_panel <- function(bridge) {
  t <- bridge$table
  part <- function(end, score) {
    data.frame(
      unit = t$unit, edition = bridge$editions[[end]], level = t$level, item = t$item, score = score,
      max = bridge$framework$items$max[match(t$item, bridge$framework$items$code)],
      is_root = t$item == root_code(bridge$framework), method = say("en", "panel.method_edition", edition = bridge$editions[[end]])
    )
  }
  table <- rbind(part("from", t$score_from), part("to", t$score_to))
  new_result("cap_panel",
    table = table[!is.na(table$score), ], scale = root_max(bridge$framework), bridge = bridge
  )
}

# list(units, editions, time, codes, top, scores, method, members, labels): scores
# is an array units x editions x codes, the overall score and its parts; top the most
# that each can be.
trend_scores <- function(source, groups, time) {
  table <- source$table
  codes <- level_codes(table)
  editions <- unique(table$edition)
  units <- sort(unique(c(table$unit, groups$unit)), method = "radix")
  table <- table[table$item %in% codes, ]
  scores <- array(NA_real_, c(length(units), length(editions), length(codes)))
  scores[cbind(match(table$unit, units), match(table$edition, editions), match(table$item, codes))] <- table$score
  keys <- sort(unique(groups$group), method = "radix")
  if ("(all)" %in% keys) {
    cap_abort_input("{.val (all)} is the group of every unit; give that group of {.arg by} another name.")
  }
  members <- lapply(keys, function(key) sort(match(unique(groups$unit[groups$group == key]), units)))
  labels <- groups$label[match(keys, groups$group)]
  all_key <- if (say("en", "group.all") %in% labels) "group.all_units" else "group.all"
  list(
    units = units, editions = editions, time = edition_times(editions, time), codes = codes, scores = scores,
    top = vapply(codes, function(code) max(table$max[table$item == code]), 0, USE.NAMES = FALSE),
    method = vapply(editions, function(e) table$method[table$edition == e][1L], "", USE.NAMES = FALSE),
    members = stats::setNames(c(members, list(seq_along(units))), c(keys, "(all)")),
    labels = c(labels, labels_in("en", all_key, "")),
    label_keys = stats::setNames(c(groups$key[match(keys, groups$group)], all_key), c(keys, "(all)"))
  )
}

# The root, and the codes of the level below it: the one with the fewest.
level_codes <- function(table) {
  root <- table$item[table$is_root][1L]
  below <- unique(table[!table$is_root & !is.na(table$level), c("level", "item")])
  below <- Filter(function(codes) length(codes) > 1L, split(below$item, below$level))
  c(root, if (length(below) > 0L) sort(unique(below[[which.min(lengths(below))]]), method = "radix"))
}

edition_times <- function(editions, time) {
  check_not_integer64(time, "time")
  out <- if (is.null(time)) suppressWarnings(as.numeric(as.character(editions))) else time
  if (is.null(time) && anyNA(out)) {
    cap_abort_input(c(
      "The editions {.val {as.character(editions)}} are no numbers.",
      "i" = "Give their times, in this order, with {.arg time}."
    ))
  }
  rising <- is.numeric(out) && all(is.finite(out)) && !is.unsorted(out, strictly = TRUE)
  if (!rising || length(out) != length(editions)) {
    cap_abort_input("{.arg time} must be one rising number for each of the editions {.val {as.character(editions)}}.")
  }
  as.double(out)
}

# Users of units x editions, NULL for none.
trend_users <- function(data, users, ends) {
  if (is.null(users)) {
    return(NULL)
  }
  n <- length(data$units)
  k <- length(data$editions)
  found <- match_users(list(unit = rep(data$units, k), edition = rep(data$editions, each = n)), users)
  if (!any(found > 0, na.rm = TRUE)) stop_no_users(data$editions)
  found <- matrix(found, n, k)
  lacks <- Filter(function(e) !any(found[, match(e, data$editions)] > 0, na.rm = TRUE), unname(ends))
  if (length(lacks) > 0L) {
    stop_no_users(unlist(lacks))
  }
  found
}

users_in <- function(data, edition) {
  if (!is.null(data$users)) data$users[, match(edition, data$editions)]
}

# list(kind, start, end, published, parts): units x codes at the two ends, absent
# where a unit lacks one; `published` is the start as published, `parts` what weights
# and items add to the change like for like, where there is a bridge.
change_scores <- function(source, data, ends) {
  at <- match(unlist(ends), data$editions)
  take <- function(e) matrix(data$scores[, e, ], length(data$units))
  published <- take(at[1L])
  end <- take(at[2L])
  both <- !is.na(published) & !is.na(end)
  bridge <- source$bridge %||% bridge_of(source$indices, ends)
  out <- list(ends = ends, start = published, end = end, published = published)
  if (is.null(bridge)) {
    out$kind <- if (data$method[at[1L]] == data$method[at[2L]]) "one method" else "published"
  } else {
    out$kind <- "like for like"
    factor <- source$scale / root_max(bridge$framework)
    wide <- function(column) {
      t <- bridge$table
      m <- matrix(NA_real_, length(data$units), length(data$codes))
      known <- t$item %in% data$codes & t$unit %in% data$units
      m[cbind(match(t$unit[known], data$units), match(t$item[known], data$codes))] <- t[[column]][known] * factor
      m
    }
    out$parts <- list(by_weights = wide("weights"), by_items = wide("items"))
    out$start <- end - wide("answers")
    both <- both & !is.na(out$start)
  }
  out$start[!both] <- out$end[!both] <- out$published[!both] <- NA_real_
  out
}

# Figures ----------------------------------------------------------------------

# For each group an array figure x column x (estimate, se, low, high): columns are
# editions within codes, then the two ends of the change of each code; pairs, the
# changes, follow.
bootstrap_groups <- function(data, change, draws, key) {
  n <- length(data$units)
  k <- length(data$codes)
  ends <- do.call(cbind, lapply(seq_len(k), function(c) cbind(change$start[, c], change$end[, c])))
  users <- if (!is.null(data$users)) {
    u0 <- users_in(data, change$ends$from)
    u1 <- users_in(data, change$ends$to)
    none <- !(u0 > 0 & u1 > 0) | is.na(u0) | is.na(u1)
    u0[none] <- u1[none] <- NA_real_
    cbind(
      matrix(data$users, n, length(data$editions) * k),
      matrix(c(u0, u1), n, 2L * k)
    )
  }
  first <- length(data$editions) * k
  pairs <- first + seq_len(2L * k)
  # Streams go by the groups' order, all first: a new group leaves it as it was.
  members <- rev(data$members)
  out <- .Call(
    C_bootstrap, cbind(matrix(data$scores, n), ends), users, unname(members), as.integer(pairs),
    list(n = draws, conf = data$conf, key = key)
  )
  stats::setNames(rev(out), names(data$members))
}

# One part of one bootstrap figure at columns: groups fastest.
boot_at <- function(boot, figure, part, columns) {
  one <- function(b) b[figure, columns, part]
  na_figure(as.vector(t(matrix(unlist(lapply(boot, one)), nrow = length(columns)))))
}

trend_levels <- function(data, boot) {
  labels <- breaks_of(data$method)
  ordered_rows(lapply(seq_along(data$codes), function(c) {
    at <- which(colSums(!is.na(matrix(data$scores[, , c], length(data$units)))) > 0)
    do.call(rbind, lapply(at, function(e) {
      figures <- level_figures(data, e, c)
      column <- (c - 1L) * length(data$editions) + e
      boot_of <- function(figure, part) boot_at(boot, figure, part, column)
      main <- if (is.null(data$users)) "mean" else "mean_weighted"
      cbind(
        data.frame(
          group = names(data$members), label = data$labels, item = data$codes[c], edition = data$editions[e],
          method = data$method[e], "break" = labels[e], check.names = FALSE
        ),
        figures[c("n", "mean", "se")],
        data.frame(median = figures$median, se_median = boot_of("median", "se")),
        figures[c("mean_weighted", "se_weighted", "df", "low", "high")],
        data.frame(
          boot_low = boot_of(main, "low"), boot_high = boot_of(main, "high"),
          median_weighted = boot_of("median_weighted", "estimate"),
          se_median_weighted = boot_of("median_weighted", "se")
        ),
        figures[c("n_eff", "top_unit", "top_share", "users", "users_covered")]
      )
    }))
  }), data)
}

# The method differs from that of the edition before.
breaks_of <- function(method) c(FALSE, method[-1L] != method[-length(method)])

ordered_rows <- function(tables, data) {
  table <- do.call(rbind, tables)
  table <- table[order(match(table$group, names(data$members)), match(table$item, data$codes)), ]
  rownames(table) <- NULL
  table
}

# A row a group, of one edition and code.
level_figures <- function(data, e, c) {
  x <- data$scores[, e, c]
  users <- users_in(data, data$editions[e])
  rows <- unname(data$members)
  simple <- group_figures(cbind(x), rep(1, length(x)), rows)
  weighted <- group_figures(cbind(x), users, rows)
  all <- group_figures(cbind(numeric(length(x))), users, rows)
  column <- function(m, name) na_figure(unname(m[, name]))
  main <- if (is.null(users)) simple else weighted
  df <- column(main, "df")
  interval <- t_interval(main[, "mean_weighted"], main[, "se_weighted"], df, data$conf)
  known <- column(all, "users")
  data.frame(
    n = as.integer(simple[, "n"]), mean = column(simple, "mean"), se = column(simple, "se_weighted"),
    median = column(simple, "median"),
    mean_weighted = column(weighted, "mean_weighted"), se_weighted = column(weighted, "se_weighted"),
    df = df, low = interval$low, high = interval$high, n_eff = column(main, "n_eff"),
    top_unit = data$units[weighted[, "top"]], top_share = column(weighted, "top_share"),
    users = if (is.null(users)) NA_real_ else column(weighted, "users"),
    users_covered = ifelse(known > 0, column(weighted, "users") / known, NA_real_)
  )
}

weightings <- function(data) c(if (!is.null(data$users)) "users", "none")

trend_changes <- function(data, change, boot) {
  first <- length(data$codes) * length(data$editions) + 2L * length(data$codes)
  ordered_rows(lapply(weightings(data), function(weights) {
    figure <- if (weights == "users") "mean_weighted" else "mean"
    do.call(rbind, lapply(seq_along(data$codes), function(c) {
      of <- vapply(data$members, change_figures, double(12L), data = data, change = change, c = c, weights = weights)
      cbind(
        data.frame(
          group = names(data$members), label = data$labels, item = data$codes[c], weights = weights,
          from = change$ends$from, to = change$ends$to, kind = change$kind
        ),
        n = as.integer(of[1L, ]),
        as.data.frame(t(na_figure(of[2:8, , drop = FALSE]))),
        data.frame(
          boot_low = boot_at(boot, figure, "low", first + c), boot_high = boot_at(boot, figure, "high", first + c)
        ),
        as.data.frame(t(na_figure(of[9:12, , drop = FALSE])))
      )
    }))
  }), data)
}

change_figures <- function(rows, data, change, c, weights) {
  u0 <- if (weights == "users") users_in(data, change$ends$from)[rows]
  u1 <- if (weights == "users") users_in(data, change$ends$to)[rows]
  if (!is.null(u0)) u0[is.na(u1) | !u1 > 0] <- NA_real_
  of <- function(from, to, last = u1) .Call(C_mean_change, from[rows, c], to[rows, c], u0, last)
  main <- of(change$start, change$end)
  interval <- t_interval(main[["change"]], main[["se"]], main[["df"]], data$conf)
  published <- of(change$published, change$end)[["change"]]
  parts <- if (is.null(change$parts)) c(NA_real_, NA_real_) else mean_parts(change, rows, c, u0)
  c(
    main[c("n", "mean_from", "mean_to", "change", "se", "df")], low = interval$low, high = interval$high,
    published = published, answers = if (is.null(change$parts)) NA_real_ else main[["change"]],
    by_weights = parts[[1L]], by_items = parts[[2L]]
  )
}

# Means of what weights and items add, with the users of the start, over the units
# of the change.
mean_parts <- function(change, rows, c, u0) {
  absent <- is.na(change$start[rows, c])
  part <- function(name) ifelse(absent, NA_real_, change$parts[[name]][rows, c])
  .Call(C_mean_change, part("by_weights"), part("by_items"), u0, u0)[c("mean_from", "mean_to")]
}

# Tests, links, influence ------------------------------------------------------

trend_tests <- function(data, levels) {
  keys <- expand.grid(
    weights = weightings(data), code = seq_along(data$codes), group = seq_along(data$members), stringsAsFactors = FALSE
  )
  series <- Map(function(weights, c, g) {
    rows <- levels[levels$group == names(data$members)[g] & levels$item == data$codes[c], ]
    list(
      at = match(rows$edition, data$editions), means = if (weights == "users") rows$mean_weighted else rows$mean
    )
  }, keys$weights, keys$code, keys$group)
  used <- lapply(series, function(s) s$at[!is.na(s$means)])
  sen <- vapply(series, function(s) sen_figures(s$means, data$time[s$at], data$conf), double(4L))
  kendall <- Map(function(weights, c, g, s) {
    kendall_figures(data, data$members[[g]], s$at, c, weights)
  }, keys$weights, keys$code, keys$group, series)
  figure <- function(name) vapply(kendall, `[[`, 0, name)
  out <- data.frame(
    group = names(data$members)[keys$group], label = data$labels[keys$group], item = data$codes[keys$code],
    weights = keys$weights, editions = lengths(used),
    breaks = vapply(used, function(at) sum(breaks_of(data$method[at])[-1L]), 0L),
    slope = sen[1L, ], low = sen[2L, ], high = sen[3L, ], conf_actual = sen[4L, ],
    n = as.integer(figure("n")), s = figure("s"), tau = figure("tau"), p = figure("p"), p_min = figure("p_min"),
    method = vapply(kendall, `[[`, "", "method")
  )
  ordered_rows(list(out), data)
}

# c(slope, low, high, conf_actual).
sen_figures <- function(means, time, conf) {
  if (sum(!is.na(means)) < 2L) {
    return(rep(NA_real_, 4L))
  }
  f <- cap_sen(means, time, conf = conf)$figures
  c(f$slope, f$low, f$high, if (is.na(f$low)) NA_real_ else f$conf_actual)
}

# Users as weights are those of the last edition.
kendall_figures <- function(data, rows, at, c, weights) {
  scores <- matrix(data$scores[rows, at, c], length(rows))
  weight <- if (weights == "users") data$users[rows, length(data$editions)] else rep(1, length(rows))
  keep <- !is.na(weight) & weight > 0 & rowSums(!is.na(scores)) > 0
  out <- list(n = sum(keep), s = NA_real_, tau = NA_real_, p = NA_real_, p_min = NA_real_, method = NA_character_)
  if (sum(colSums(!is.na(scores[keep, , drop = FALSE])) > 0) >= 3L) {
    found <- cap_kendall(scores[keep, , drop = FALSE], data$time[at], weights = weight[keep])
    out[-1L] <- found$test[names(out)[-1L]]
    out$n <- found$n_units
  }
  out
}

linkings <- function() c("raw", core_words("equating"))

trend_linked <- function(data) {
  ordered_rows(lapply(seq_along(data$codes), function(c) {
    scores <- matrix(data$scores[, , c], length(data$units))
    at <- which(colSums(!is.na(scores)) > 0)
    do.call(rbind, lapply(linkings(), function(linking) {
      linked <- link_series(scores[, at, drop = FALSE], data$method[at], linking)
      do.call(rbind, lapply(seq_along(at), function(e) {
        f <- group_figures(cbind(linked[, e]), users_in(data, data$editions[at[e]]), unname(data$members))
        data.frame(
          group = names(data$members), label = data$labels, item = data$codes[c], linking = linking,
          edition = data$editions[at[e]], mean = na_figure(f[, "mean"]), mean_weighted = na_figure(f[, "mean_weighted"])
        )
      }))
    }))
  }), data)
}

# Units x editions of one score, put on the scale of the last edition: editions of
# one method move together, by the units of the two editions at the break.
link_series <- function(scores, method, linking) {
  raw <- scores
  last <- ncol(raw)
  if (linking == "raw" || last < 2L) {
    return(raw)
  }
  breaks <- which(breaks_of(method))
  for (b in rev(breaks)) {
    start <- max(c(1L, breaks[breaks < b]))
    segment <- start:(b - 1L)
    if (!any(!is.na(raw[, b - 1L]) & !is.na(scores[, b]))) {
      scores[, seq_len(b - 1L)] <- NA_real_
      break
    }
    scores[, segment] <- na_figure(.Call(
      C_equate, linking, raw[, b - 1L], scores[, b], as.double(raw[, segment])
    ))
  }
  scores
}

trend_influence <- function(data) {
  ordered_rows(lapply(seq_along(data$codes), function(c) {
    at <- which(colSums(!is.na(matrix(data$scores[, , c], length(data$units)))) > 0)
    do.call(rbind, lapply(at, function(e) {
      users <- users_in(data, data$editions[e])
      f <- .Call(C_group_influence, data$scores[, e, c], users, lapply(unname(data$members), as.integer))
      data.frame(
        group = names(data$members), label = data$labels, item = data$codes[c], edition = data$editions[e],
        unit = data$units[f[, "top"]], mean = na_figure(f[, "mean"]), mean_without = na_figure(f[, "without"]),
        influence = na_figure(f[, "influence"])
      )
    }))
  }), data)
}

# Result -----------------------------------------------------------------------

trend_tables <- c("levels", "changes", "tests", "linked", "influence")

#' @export
result_tables.cap_trend <- function(x, lang, ...) {
  shown <- function(table) x[[table]][setdiff(names(x[[table]]), c("label", idle_changes(x, table)))]
  tables <- c("levels", "changes", "tests", "linked", "influence")
  sapply(tables, simplify = FALSE, function(table) {
    lazy_table(x[[table]], trend_caption(x, table), shown(table), printed = table == "changes")
  })
}

# The caption tells the ends; the parts of a change are those like for like.
idle_changes <- function(x, table) {
  if (table == "changes") {
    c("from", "to", "kind", if (x$kind != "like for like") c("answers", "by_weights", "by_items"))
  }
}

trend_caption <- function(x, what) {
  switch(what,
    changes = term("caption.changes", from = x$ends$from, to = x$ends$to, kind = words_of("change_kind", x$kind)),
    levels = term("caption.levels"),
    tests = term("caption.tests"),
    linked = term("caption.linked"),
    influence = term("caption.influence")
  )
}

# Findings ---------------------------------------------------------------------

# A result with the names of its groups in a language.
labelled_trend <- function(lang, x) {
  for (table in c("levels", "changes", "tests", "influence")) {
    x[[table]]$label <- labels_in(lang, x$data$label_keys[x[[table]]$group], x[[table]]$label)
  }
  x
}

#' @export
cap_findings.cap_trend <- function(x, ..., lang = "en") {
  root <- x$data$codes[1L]
  main <- if (x$weighted) "users" else "none"
  x <- labelled_trend(lang, x)
  changes <- x$changes[x$changes$item == root & x$changes$weights == main, ]
  tests <- x$tests[x$tests$item == root & x$tests$weights == main, ]
  do.call(findings, c(
    list(lang, break_finding(x)),
    lapply(seq_len(nrow(changes)), function(i) trend_change_finding(x, changes[i, ])),
    if (all(is.na(tests$p))) {
      list(finding("trend.too_few"))
    } else {
      lapply(seq_len(nrow(tests)), function(i) trend_test_finding(x, tests[i, ]))
    },
    list(
      influence_finding(x, root), coverage_finding(x, root), linked_finding(x), unmatched_finding(x$unmatched, "by"),
      no_groups_finding(x), finding("trend.census")
    )
  ))
}

break_finding <- function(x) {
  at <- which(breaks_of(x$data$method))
  if (length(at) > 0L) finding("trend.break", n = length(at), editions = listed(x$data$editions[at]))
}

last_of <- function(x) x[length(x)]

mean_words <- function(x) if (x$weighted) term("mean.users") else term("mean.simple")

# Codes that no grouping knows leave every group empty.
no_groups_finding <- function(x) {
  scored <- rowSums(!is.na(x$data$scores)) > 0
  grouped <- unlist(x$data$members[names(x$data$members) != "(all)"])
  if (!any(scored[grouped])) finding_if_any("trend.no_groups", units = x$data$units[scored])
}

trend_change_finding <- function(x, row) {
  common <- list(group = row$label, n = row$n, from = row$from, to = row$to, mean = mean_words(x))
  if (is.na(row$change)) {
    return(do.call(finding, c("trend.empty", common)))
  }
  interval <- change_interval(row$low, row$high, x$data$conf, 1L)
  key <- if (x$kind == "like for like") "trend.change_split" else "trend.change"
  do.call(finding, c(key, common, list(
    change = row$change, before = row$mean_from, after = row$mean_to, interval = interval, kind = words_of("change_kind", x$kind),
    published = row$published, by_weights = row$by_weights, by_items = row$by_items
  )))
}

trend_test_finding <- function(x, row) {
  if (is.na(row$slope)) {
    return(NULL)
  }
  common <- list(
    group = row$label, editions = row$editions, slope = row$slope, interval = slope_interval(row), mean = mean_words(x)
  )
  if (is.na(row$p)) {
    return(do.call(finding, c("trend.no_test", common)))
  }
  do.call(finding, c("trend.test", common, list(
    tau = figure(row$tau, 2L), p = p_text(row$p), p_min = p_text(row$p_min), units = row$n,
    caveat = if (row$p_min > 0.05) term("trend.floor") else ""
  )))
}

change_interval <- function(low, high, conf, digits, sign = TRUE) {
  interval <- term("range.interval", conf = figure(100 * conf, 0L), range = range_words(low, high, digits, sign))
  if (is.na(low)) term("range.none") else interval
}

slope_interval <- function(row) {
  range <- range_words(row$low, row$high, 2L, sign = TRUE)
  if (is.na(row$low)) term("range.none") else term("range.confidence", conf = 100 * row$conf_actual, range = range)
}

# The largest influence at the last edition, over the groups of `by`.
influence_finding <- function(x, root) {
  t <- x$influence[x$influence$item == root & x$influence$edition == last_of(x$data$editions), ]
  t <- t[t$group != "(all)" & !is.na(t$influence), ]
  if (nrow(t) == 0L) {
    return(NULL)
  }
  row <- t[which.max(abs(t$influence)), ]
  finding("trend.influence",
    group = row$label, unit = row$unit, edition = row$edition, mean = row$mean, without = row$mean_without,
    what = mean_words(x)
  )
}

coverage_finding <- function(x, root) {
  t <- x$levels[x$levels$item == root & x$levels$group == "(all)" & !is.na(x$levels$users_covered), ]
  if (nrow(t) > 0L) {
    finding("trend.coverage", shares = terms("trend.share", edition = t$edition, share = 100 * t$users_covered))
  }
}

linked_finding <- function(x) {
  if (!any(breaks_of(x$data$method))) {
    return(NULL)
  }
  t <- x$linked[x$linked$group == "(all)" & x$linked$item == x$data$codes[1L], ]
  moved <- function(linking) {
    v <- t$mean[t$linking == linking]
    figure(v[length(v)] - v[1L], 1L, sign = TRUE)
  }
  finding("trend.linked", raw = moved("raw"), mean = moved("mean"), first = t$edition[1L], last = last_of(t$edition))
}
