measure <- function(x, name) {
  t <- as.data.frame(x, table = "summary")
  t[t$measure == name, ]
}

test_that("Shorrocks' index of the worked example is 0.45", {
  count <- rbind(c(7, 2, 1), c(1, 7, 2), c(0, 3, 7))
  at <- which(count > 0, arr.ind = TRUE)
  from <- rep(at[, 1], count[count > 0])
  to <- rep(at[, 2], count[count > 0])
  level <- c(90, 50, 10)
  data <- data.frame(
    unit = sprintf("U%02d", seq_along(from)), edition = rep(c(2020, 2024), each = 30), value = level[c(from, to)]
  )
  tiers <- data.frame(label = c("low", "high", "mid"), lower = c(0, 80, 40))
  x <- cap_mobility(data, tiers = tiers)
  expect_equal(measure(x, "shorrocks")$estimate, 0.45)
  moves <- as.data.frame(x, table = "transitions")
  expect_equal(moves$share, c(0.7, 0.2, 0.1, 0.1, 0.7, 0.2, 0, 0.3, 0.7))
  expect_identical(levels(moves$tier_from), c("high", "mid", "low"))
  expect_identical(measure(x, "up")$estimate, 4)
  expect_identical(measure(x, "down")$estimate, 5)
})

test_that("correlations are R's, with intervals by Fisher's z", {
  x <- cap_mobility(five_editions(), 2017, 2024)
  t <- as.data.frame(x)
  for (method in c("pearson", "spearman", "kendall")) {
    expect_equal(measure(x, method)$estimate, stats::cor(t$score_from, t$score_to, method = method), tolerance = 1e-9)
  }
  n <- nrow(t)
  r <- measure(x, "spearman")
  expect_equal(r$low, tanh(atanh(r$estimate) - stats::qnorm(0.975) * sqrt((1 + r$estimate^2 / 2) / (n - 3))), tolerance = 1e-9)
  tau <- measure(x, "kendall")
  expect_equal(tau$high, tanh(atanh(tau$estimate) + stats::qnorm(0.975) * sqrt(0.437 / (n - 4))), tolerance = 1e-9)
  r <- measure(x, "pearson")
  expect_equal(c(r$low, r$high), as.vector(stats::cor.test(t$score_from, t$score_to)$conf.int), tolerance = 1e-9)
})

test_that("tiers are the index's own, like for like, with the published moves beside", {
  x <- cap_mobility(like_for_like())
  t <- as.data.frame(x)
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  bridge <- bridge[bridge$level == "overall", ]
  band <- function(s) findInterval(s + 1e-9, c(20, 55, 85, 95))
  start <- bridge$score_to - bridge$answers
  expect_identical(measure(x, "up")$estimate, as.double(sum(band(bridge$score_to) > band(start))))
  expect_identical(measure(x, "up_published")$estimate, as.double(sum(band(bridge$score_to) > band(bridge$score_from))))
  expect_identical(as.character(t$tier_to), as.character(overall(gci(2024))$tier[match(t$unit, overall(gci(2024))$unit)]))
  expect_equal(measure(x, "rank_change")$estimate, mean(abs(t$rank_to - t$rank_from)))
  expect_match(said(x), "As published [0-9]+ moved up")
  # the same bounds for a panel of published scores
  p <- cap_mobility(five_editions(), 2020, 2024)
  expect_identical(p$labels, x$labels)
  expect_match(said(p), "differ in method", fixed = TRUE)
  expect_output(print(x), "cap_mobility")
})

test_that("both ends are ranked under the same draw, and intervals hold the ranks of the index", {
  set.seed(7)
  x <- cap_mobility(like_for_like(), n = 400, ties = "dense")
  t <- as.data.frame(x)
  expect_true(all(t$rank_from_low <= t$rank_from & t$rank_from <= t$rank_from_high))
  expect_gt(mean(t$rank_to_low <= t$rank_to & t$rank_to <= t$rank_to_high), 0.95)
  # the scores of both ends are those of the bridge
  both <- ends_as_one(gci(2020), gci(2024), t$unit)
  expect_equal(overall(both)$score, c(t$score_from, t$score_to), tolerance = 1e-12)
  # by hand: the same draws of weights at both ends, ranked in plain R
  set.seed(7)
  draws <- cap_robustness(both, 400, vary = list(weights = cap_vary_weights()), keep = TRUE)$draws$scores
  n <- nrow(t)
  dense <- function(s) match(floor(100 * s + 0.5 + 1e-7), sort(unique(floor(100 * s + 0.5 + 1e-7)), decreasing = TRUE))
  from <- apply(draws[, 1:n], 1, dense)
  to <- apply(draws[, n + 1:n], 1, dense)
  expect_equal(t$p_nearer, rowMeans(to < from))
  expect_equal(t$p_further, rowMeans(to > from))
  expect_equal(t$rank_to_high, apply(to, 1, function(r) sort(r)[ceiling(0.975 * 400)]))
  firm <- measure(x, "firm_nearer")$estimate
  expect_identical(firm, as.double(sum(t$p_nearer >= 0.95)))
  expect_gt(firm, 0)
  set.seed(7)
  expect_identical(as.data.frame(cap_mobility(rev(like_for_like()), n = 400, ties = "dense")), t)
  # nobody moves when nothing changed, whatever the weights
  same <- gci_items[gci_items$edition == 2024, ]
  same$edition <- 2028L
  still <- cap_mobility(list(gci(2024), cap_index(cap_answers(same, "gci-2024"))), n = 50)
  expect_identical(as.data.frame(still)$p_nearer, numeric(194))
  expect_identical(as.data.frame(still)$p_further, numeric(194))
})

test_that("ranks without indices or draws have no interval, and say so", {
  none <- list(cap_mobility(five_editions(), 2020, 2024), cap_mobility(like_for_like(), n = 0))
  for (x in none) {
    expect_true(all(is.na(as.data.frame(x)$p_nearer)))
    expect_false("firm_nearer" %in% as.data.frame(x, table = "summary")$measure)
    expect_match(said(x), "Ranks have no interval here", fixed = TRUE)
  }
  expect_error(cap_mobility(like_for_like(), n = -1), class = "cap_error_input")
  expect_error(cap_mobility(like_for_like(), vary = list(cap_vary_answers())), class = "cap_error_input")
})

test_that("answers on other scales, reversed or missing are put under the later framework", {
  set.seed(3)
  framework <- function(max, id) {
    cap_framework(data.frame(
      code = c("R", "a", "b", "c"), parent = c("", "R", "R", "R"), weight = c(1, 1, 2, 3), max = c(10, max),
      direction = c(1, 1, -1, 1)
    ))
  }
  early <- framework(c(1, 1, 1), "early")
  later <- framework(c(5, 4, 2), "later")
  make <- function(framework, edition, max) {
    data <- expand.grid(iso3 = c("x", "y", "z", "w"), item = c("a", "b", "c"), stringsAsFactors = FALSE)
    data$value <- stats::runif(12) * max[match(data$item, c("a", "b", "c"))]
    data$value[if (edition == 2020) c(2, 7) else 3] <- NA
    data$edition <- edition
    cap_index(cap_answers(data, framework), missing = "renormalise")
  }
  ends <- list(make(early, 2020, c(1, 1, 1)), make(later, 2024, c(5, 4, 2)))
  t <- as.data.frame(cap_mobility(ends, n = 20))
  both <- as.data.frame(ends_as_one(ends[[1]], ends[[2]], t$unit))
  expect_equal(both$score[both$item == "R"], c(t$score_from, t$score_to), tolerance = 1e-12)
})

test_that("ranks and tiers are the same on any scale of the panel", {
  on <- function(scale) cap_mobility(cap_panel(gci(2020), gci(2024), scale = scale), n = 0)
  one <- as.data.frame(on(1))
  hundred <- as.data.frame(on(100))
  same <- c("rank_from", "rank_to", "tier_from", "tier_to")
  expect_identical(one[same], hundred[same])
  published <- function(scale) as.data.frame(cap_mobility(cap_panel(gci_overall, scale = scale), 2020, 2024))
  expect_identical(published(1)[same], published(100)[same])
})

test_that("order and scale do not matter; a uniform rise moves no rank", {
  shuffled <- gci_overall[rev(seq_len(nrow(gci_overall))), ]
  a <- cap_mobility(gci_overall, 2018, 2020)
  expect_equal(as.data.frame(cap_mobility(tibble::as_tibble(shuffled), 2018, 2020)), as.data.frame(a), ignore_attr = TRUE)
  data <- transform(six(), value = rep(c(10, 20, 30, 40, 50, 60), 2) + rep(c(0, 7), each = 6))
  x <- cap_mobility(data, tiers = 3)
  expect_identical(unique(as.data.frame(x)$rank_change), 0)
  expect_identical(measure(x, "shorrocks")$estimate, 0)
  expect_identical(measure(x, "spearman")$estimate, 1)
  expect_true(is.na(measure(x, "spearman")$low))
})

test_that("one unit, ties and gaps have results", {
  for (x in list(
    cap_mobility(six()[c(1, 7), ]), cap_mobility(transform(six(), value = 50)),
    cap_mobility(six()[-1, ]), cap_mobility(transform(six(), value = c(0, 100)), tiers = c(0, 50))
  )) {
    for (what in c("units", "transitions", "summary")) no_nan(as.data.frame(x, table = what))
    expect_no_match(said(x), "NaN|NA ")
    expect_s3_class(ggplot2::ggplot_build(plot(x)), "ggplot_built")
  }
  expect_match(said(cap_mobility(six()[-1, ])), "1 unit has no score at one of the editions and is left out: A", fixed = TRUE)
  expect_match(said(cap_mobility(transform(six(), value = 50))), "The order has no correlation", fixed = TRUE)
  low <- cap_mobility(six(), tiers = c(50, 70))
  expect_identical(low$labels, c("from 70", "from 50", "below 50"))
})

test_that("what has no mobility is refused", {
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_mobility(six()[c(1, 8), ])
    cap_mobility(six(), tiers = 1)
    cap_mobility(six(), tiers = c(1, NA))
    cap_mobility(six(), tiers = data.frame(label = "a"))
    cap_mobility(six(), tiers = data.frame(label = c("a", "a"), lower = 1:2))
    cap_mobility(six(), ties = "best")
  })
})

test_that("the flow shows every unit once", {
  x <- cap_mobility(like_for_like())
  bars <- flow_bars(x)
  expect_equal(as.vector(tapply(bars$n, bars$x, sum)), c(194, 194))
  table <- as.data.frame(x, table = "transitions")
  bands <- flow_bands(table[table$n > 0, ], bars)
  ends <- bands[bands$x > 1.93, ]
  height <- tapply(ends$y, ends$flow, function(y) diff(range(y)))
  expect_equal(as.vector(height), as.double(table$n[table$n > 0]))
})

test_that("by default ranks leave no direction to the rule of ties", {
  x <- cap_mobility(like_for_like(), n = 100)
  t <- as.data.frame(x)
  expect_equal(t$rank_to, rank(-round(t$score_to + 1e-7, 2)))
  expect_equal(sum(t$rank_change), 0)
  # dense ranks: units that tie at the top draw all others nearer
  dense <- as.data.frame(cap_mobility(like_for_like(), n = 0, ties = "dense"))
  expect_lt(sum(dense$rank_change), 0)
  half <- cap_mobility(transform(six(), value = c(10, 20, 30, 40, 50, 60, 60, 20, 20, 40, 50, 55)), n = 0)
  expect_match(said(half), "from rank 6 to 1.", fixed = TRUE)
})
