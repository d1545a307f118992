# A rating on a scale of its own that follows the index, at other years.
rating <- function(years = c(2017, 2019, 2021), noise = 5) {
  units <- sort(unique(gci_overall$iso3))
  withr::with_seed(3, {
    level <- stats::runif(length(units), 250, 900)
    do.call(rbind, lapply(years, function(y) {
      data.frame(unit = units, edition = y, value = level + 3 * (y - 2017) + stats::rnorm(length(units), 0, noise))
    }))
  })
}
published <- function(...) cap_panel(gci_overall[gci_overall$edition %in% c(...), ])

test_that("correlations of levels and changes are R's", {
  other <- gci_overall[gci_overall$edition %in% c(2017, 2018), ]
  other$value <- 300 + 50 * other$value^2
  other$max <- NULL
  withr::with_seed(2, other$value <- other$value + stats::rnorm(nrow(other), 0, 8))
  x <- cap_compare_series(published(2017, 2018), other)
  units <- as.data.frame(x, table = "units")
  t <- as.data.frame(x)
  expect_identical(t$kind, rep(c("level", "level", "change"), each = 3L))
  for (method in c("pearson", "spearman", "kendall")) {
    for (year in c(2017, 2018)) {
      u <- units[units$edition == year, ]
      expect_equal(
        t$estimate[t$kind == "level" & t$edition == year & t$measure == method],
        stats::cor(u$score, u$other, method = method), tolerance = 1e-9
      )
    }
    wide <- merge(units[units$edition == 2017, ], units[units$edition == 2018, ], by = "unit")
    expect_equal(
      t$estimate[t$kind == "change" & t$measure == method],
      stats::cor(round(wide$score.y - wide$score.x, 9), wide$other.y - wide$other.x, method = method), tolerance = 1e-9
    )
  }
  expect_false(any(t$interpolated))
})

test_that("agreement is Bland and Altman's on standard scores", {
  x <- cap_compare_series(published(2017), rating(2017))
  u <- as.data.frame(x, table = "units")
  a <- as.data.frame(x, table = "agreement")
  z <- as.vector(scale(u$score)) - as.vector(scale(u$other))
  expect_equal(u$difference, z, tolerance = 1e-9)
  expect_equal(a$sd, stats::sd(z), tolerance = 1e-9)
  expect_equal(a$sd, sqrt(2 * (1 - stats::cor(u$score, u$other))), tolerance = 1e-9)
  expect_equal(a$limit, stats::qnorm(0.975) * stats::sd(z), tolerance = 1e-9)
  expect_identical(a$n_beyond, sum(abs(z) > a$limit))
  expect_identical(a$n_beyond, sum(u$beyond))
})

test_that("gaps are paired Welch tests of the standard scores", {
  x <- cap_compare_series(published(2017), rating(2017))
  u <- as.data.frame(x, table = "units")
  g <- as.data.frame(x, table = "gaps")
  in_group <- u$unit %in% countries$iso3[countries$ldc]
  d <- u$z_other - u$z
  welch <- stats::t.test(d[in_group], d[!in_group])
  expect_equal(g$difference, unname(welch$estimate[1] - welch$estimate[2]), tolerance = 1e-9)
  expect_equal(c(g$low, g$high), as.vector(welch$conf.int), tolerance = 1e-9)
  expect_equal(g$gap, mean(u$z[in_group]) - mean(u$z[!in_group]), tolerance = 1e-9)
  none <- cap_compare_series(published(2017), rating(2017), by = NULL)
  expect_identical(nrow(as.data.frame(none, table = "gaps")), 0L)
})

test_that("interpolation is linear, marked, and widens limits and gaps", {
  other <- rating(c(2017, 2019, 2021))
  x <- cap_compare_series(published(2014, 2017, 2018, 2020, 2024), other)
  expect_identical(x$time, c(2017, 2018, 2020))
  u <- as.data.frame(x, table = "units")
  expect_identical(unique(u$interpolated[u$edition == 2017]), FALSE)
  expect_identical(unique(u$interpolated[u$edition == 2018]), TRUE)
  at <- function(year) other$value[other$edition == year][match(u$unit[u$edition == 2018], other$unit[other$edition == year])]
  expect_equal(u$other[u$edition == 2018], (at(2017) + at(2019)) / 2, tolerance = 1e-12)
  a <- as.data.frame(x, table = "agreement")
  # the variance of a year's change, in the middle of two years
  change <- function(from, to) {
    v <- function(y) other$value[other$edition == y][match(x$unit, other$unit[other$edition == y])]
    v(to) - v(from)
  }
  s2 <- (sum((change(2017, 2019) - mean(change(2017, 2019)))^2) + sum((change(2019, 2021) - mean(change(2019, 2021)))^2)) / 2 /
    (2 * (length(x$unit) - 1))
  sd_other <- stats::sd(u$other[u$edition == 2018])
  expect_equal(a$sd_interpolation, c(0, sqrt(s2 / 2) / sd_other, a$sd_interpolation[3]), tolerance = 1e-9)
  expect_equal(a$limit, stats::qnorm(0.975) * sqrt(a$sd^2 + a$sd_interpolation^2), tolerance = 1e-12)
  expect_match(said(x), "Interpolated in the other series, linear in time: 2018, 2020", fixed = TRUE)
  expect_match(said(x), "Editions of the first series differ in method", fixed = TRUE)
  own <- cap_compare_series(published(2017, 2018), other, interpolate = FALSE)
  expect_identical(own$time, 2017)
  expect_output(print(x), "cap_compare_series")
})

test_that("a unit's own gap is filled, or left out", {
  other <- rating(c(2017, 2018, 2019))
  other <- other[!(other$unit == "KEN" & other$edition == 2018), ]
  filled <- as.data.frame(cap_compare_series(published(2018), other), table = "units")
  expect_identical(filled$unit[filled$interpolated], "KEN")
  left <- as.data.frame(cap_compare_series(published(2018), other, interpolate = FALSE), table = "units")
  expect_false("KEN" %in% left$unit)
  expect_false(any(left$interpolated))
})

test_that("two indices are taken like for like, with the published change", {
  x <- cap_compare_series(like_for_like(), rating(c(2020, 2024)))
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  bridge <- bridge[bridge$level == "overall", ]
  u <- as.data.frame(x, table = "units")
  start <- u[u$edition == 2020, ]
  expect_equal(start$score, (bridge$score_to - bridge$answers)[match(start$unit, bridge$unit)], tolerance = 1e-12)
  expect_match(said(x), "Like for like, 2020 to 2024", fixed = TRUE)
})

test_that("a series agrees with itself; order and scale do not matter", {
  self <- cap_compare_series(published(2017, 2018), transform(gci_overall[c("iso3", "edition", "value")], value = value * 7 + 3))
  expect_equal(as.data.frame(self)$estimate, rep(1, 9))
  expect_true(all(is.na(as.data.frame(self)$low[as.data.frame(self)$measure != "none"])))
  expect_lt(max(as.data.frame(self, table = "agreement")$sd), 1e-7)
  other <- rating()
  a <- cap_compare_series(published(2017, 2018), other)
  b <- cap_compare_series(published(2017, 2018), tibble::as_tibble(other[rev(seq_len(nrow(other))), ]))
  thousand <- cap_compare_series(published(2017, 2018), transform(other, value = value / 1000 - 4))
  for (what in c("correlations", "agreement", "gaps")) {
    expect_equal(as.data.frame(b, table = what), as.data.frame(a, table = what))
    expect_equal(as.data.frame(thousand, table = what), as.data.frame(a, table = what), tolerance = 1e-9)
  }
})

test_that("reliability corrects levels, and no further than 1", {
  x <- cap_compare_series(published(2017), gci_overall, reliability = c(0.8, 0.5))
  t <- as.data.frame(x)
  expect_identical(t$corrected, c(1, 1, 1))
  x <- cap_compare_series(published(2017), rating(2017), reliability = c(0.8, 0.5))
  t <- as.data.frame(x)
  expect_equal(t$corrected, t$estimate / sqrt(0.4))
  expect_match(said(x), "corrected for reliability", fixed = TRUE)
})

test_that("constant series, one unit and no group have results without NaN", {
  flat <- transform(six(), value = 5)
  pair <- six_regions()
  cases <- list(
    cap_compare_series(six(), flat, by = pair),
    cap_compare_series(six()[c(1, 7), ], six(), by = NULL),
    cap_compare_series(six()[c(1, 2, 7, 8), ], six(), by = NULL),
    cap_compare_series(six(), six()[1:6, ], by = pair)
  )
  for (x in cases) {
    for (what in c("correlations", "agreement", "gaps", "units")) no_nan(as.data.frame(x, table = what))
    expect_no_match(said(x), "NaN|NA ")
  }
  expect_match(said(cases[[1]]), "one is the same for all", fixed = TRUE)
  expect_error(plot(cases[[1]]), class = "cap_error_input")
})

test_that("what cannot be compared is refused", {
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_compare_series(six(), 5)
    cap_compare_series(six(), transform(six(), edition = "first"))
    cap_compare_series(six(), transform(six(), edition = edition + 20))
    cap_compare_series(six(), transform(six(), edition = edition + 1), interpolate = FALSE)
    cap_compare_series(six(), transform(six(), unit = paste0(unit, 2)))
    cap_compare_series(six(), six(), reliability = 2)
    cap_compare_series(six(), six()[c("unit", "edition")])
  })
})

test_that("the plot shows every unit of every edition", {
  x <- cap_compare_series(published(2017, 2018), rating())
  built <- ggplot2::ggplot_build(plot(x))
  points <- Filter(function(d) "shape" %in% names(d), built$data)[[1]]
  expect_identical(nrow(points), nrow(as.data.frame(x, table = "units")))
})

test_that("an external series may have any scale", {
  own <- subset(gci_overall, edition >= 2018)
  other <- data.frame(unit = own$iso3, edition = own$edition, value = 5 * own$value / own$max)
  low <- cap_compare_series(cap_panel(own), other)
  high <- cap_compare_series(cap_panel(own), transform(other, value = 180 * value))
  expect_equal(as.data.frame(high), as.data.frame(low))
  expect_equal(as.data.frame(high, table = "units")$other, 180 * as.data.frame(low, table = "units")$other)
})
