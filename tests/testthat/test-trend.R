trend_of_six <- function(...) {
  d <- six()
  cap_trend(d[c("unit", "edition", "value")], six_regions(), d[c("unit", "edition", "users")], ..., n = 200)
}
trend_of_five <- function() {
  once("trend", withr::with_seed(1, cap_trend(
    cap_panel(gci(2020), gci(2024), published = gci_overall[gci_overall$edition < 2020, ]), n = 200
  )))
}
root_rows <- function(x, what, weights = NULL) {
  t <- as.data.frame(x, table = what)
  t <- t[t$item == "GCI", ]
  if (is.null(weights)) t else t[t$weights == weights, ]
}

test_that("the worked example comes out to the digits given", {
  x <- trend_of_six()
  levels <- as.data.frame(x)
  expect_equal(levels$group, rep(c("A", "B", "(all)"), each = 2))
  expect_equal(levels$mean_weighted,
    c(43.3333333333, 52.2222222222, 69.2857142857, 75.24, 61.5, 66.6083333333), tolerance = 1e-11)
  expect_equal(levels$se_weighted,
    c(8.55266906574, 7.77189665952, 12.4092918727, 13.1561657961, 8.91947307861, 8.72008564474), tolerance = 1e-11)
  expect_equal(levels$n_eff[1:2], c(2.5714286, 2.6557377), tolerance = 1e-7)
  changes <- root_rows(x, "changes", "users")
  expect_equal(changes$change, c(8.88888888889, 5.95428571429, 5.10833333333), tolerance = 1e-11)
  expect_equal(changes$se, c(1.01992047172, 0.964449070809, 0.985692388605), tolerance = 1e-11)
  expect_equal(changes$df[1], 11 / 7)
  expect_equal(changes$high - changes$change, qt(0.975, changes$df) * changes$se)
  expect_equal(levels$users, c(60, 90, 140, 150, 200, 240))
  expect_equal(levels$users_covered, rep(1, 6))
  expect_equal(levels[["break"]], rep(c(FALSE, TRUE), 3))
})

test_that("without users figures are the textbook's", {
  d <- six()
  x <- cap_trend(d[1:3], six_regions(), users = NULL, n = 0)
  a <- d$value[d$unit %in% c("A", "B", "C") & d$edition == 2020]
  row <- as.data.frame(x)[1, ]
  expect_equal(row$mean, mean(a))
  expect_equal(row$se, sd(a) / sqrt(3))
  expect_equal(row$df, 2)
  expect_equal(c(row$low, row$high), as.vector(t.test(a)$conf.int))
  expect_true(all(is.na(as.data.frame(x)[c("mean_weighted", "se_weighted", "users", "boot_low", "se_median")])))
  change <- as.data.frame(x, table = "changes")
  expect_equal(unique(change$weights), "none")
  paired <- t.test(d$value[7:12], d$value[1:6], paired = TRUE)
  all <- change[change$group == "(all)", ]
  expect_equal(c(all$low, all$high), as.vector(paired$conf.int))
  expect_equal(
    as.data.frame(cap_trend(d[1:3], six_regions(), transform(d, users = 1), n = 0))$se_weighted,
    as.data.frame(x)$se
  )
})

test_that("the change is like for like, and its split adds up to the published one", {
  x <- trend_of_five()
  expect_equal(unlist(x$ends), c(from = 2020, to = 2024))
  changes <- as.data.frame(x, table = "changes")
  expect_equal(unique(changes$kind), "like for like")
  expect_equal(changes$answers, changes$change)
  expect_equal(changes$published, changes$answers + changes$by_weights + changes$by_items, tolerance = 1e-10)
  # a plain twin, from the bridge
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  users <- cap_users(c(2020, 2024))
  region <- countries$iso3[countries$itu_region == "AFR"]
  b <- bridge[bridge$item == "CDS" & bridge$unit %in% region & !is.na(bridge$published), ]
  u <- sapply(c(2020, 2024), function(e) {
    now <- users[users$edition == e, ]
    now$users[match(b$unit, now$unit)]
  })
  b <- b[rowSums(is.na(u)) == 0, ]
  u <- u[rowSums(is.na(u)) == 0, ]
  start <- weighted.mean(b$score_to - b$answers, u[, 1])
  row <- changes[changes$group == "AFR" & changes$item == "CDS" & changes$weights == "users", ]
  expect_equal(row$mean_from, start)
  expect_equal(row$change, weighted.mean(b$score_to, u[, 2]) - start)
  expect_equal(row$by_items, weighted.mean(b$items, u[, 1]))
  z <- u[, 2] * (b$score_to - row$mean_to) / sum(u[, 2]) - u[, 1] * (b$score_to - b$answers - start) / sum(u[, 1])
  expect_equal(row$se, sqrt(nrow(b) / (nrow(b) - 1) * sum(z^2)))
  # parts of the score add up to it
  africa <- changes[changes$group == "AFR" & changes$weights == "users", ]
  expect_equal(sum(africa$change[africa$item != "GCI"]), africa$change[africa$item == "GCI"], tolerance = 1e-9)
})

test_that("levels, slope and test agree with the functions that they stand for", {
  x <- trend_of_five()
  regions <- cap_regions(gci(2024))
  theirs <- subset(as.data.frame(regions), item == "GCI")
  ours <- root_rows(x, "levels")
  ours <- ours[ours$edition == 2024 & ours$group != "(all)", ]
  for (column in c("mean", "median", "mean_weighted", "se_weighted", "n_eff", "top_unit", "top_share")) {
    expect_equal(ours[[column]], theirs[[column]], tolerance = 1e-12, info = column)
  }
  europe <- root_rows(x, "levels")
  europe <- europe[europe$group == "EUR", ]
  test <- root_rows(x, "tests", "users")
  test <- test[test$group == "EUR", ]
  sen <- as.data.frame(cap_sen(europe$mean_weighted, europe$edition))
  expect_equal(unlist(test[c("slope", "low", "high", "conf_actual")]), unlist(sen[c("slope", "low", "high", "conf_actual")]))
  expect_equal(test$conf_actual, 1 - 2 / 120)
  tests <- root_rows(x, "tests")
  expect_true(all(tests$p >= 2 / 120 - 1e-12 & tests$p >= tests$p_min))
  expect_equal(unique(tests$breaks), 4L)
  expect_true(all(is.na(as.data.frame(x, table = "tests")$p[as.data.frame(x, table = "tests")$editions < 3])))
})

test_that("linking moves editions at a break only, and mean linking takes out the common change", {
  wide <- cbind(c(1, 2, 3, 9), c(2, 4, 5, 11), c(20, 30, 40, 70), c(21, 33, 44, NA))
  mean_linked <- link_series(wide, c("a", "a", "b", "b"), "mean")
  expect_equal(mean_linked[, 3:4], wide[, 3:4])
  expect_equal(mean_linked[, 2], wide[, 2] + mean(wide[, 3]) - mean(wide[, 2]))
  expect_equal(mean_linked[, 1], wide[, 1] + mean(wide[, 3]) - mean(wide[, 2]))
  linear <- link_series(wide, c("a", "a", "b", "b"), "linear")
  expect_equal(sd(linear[, 2]), sd(wide[, 3]))
  expect_equal(link_series(wide, rep("a", 4), "linear"), wide)
  expect_equal(link_series(wide, letters[1:4], "raw"), wide)
  apart <- rbind(c(1, NA), c(NA, 2))
  expect_equal(link_series(apart, c("a", "b"), "mean"), rbind(c(NA, NA), c(NA, 2)))
  d <- six()
  linked <- as.data.frame(trend_of_six(), table = "linked")
  all <- linked[linked$group == "(all)" & linked$linking == "mean", ]
  expect_equal(all$mean[1], all$mean[2])
  expect_match(said(trend_of_six()), "+8.8 from 2020 to 2024 as published and 0.0 with mean linking", fixed = TRUE)
})

test_that("influence names the unit that moves the mean most", {
  t <- as.data.frame(trend_of_six(), table = "influence")
  row <- t[t$group == "A" & t$edition == 2020, ]
  expect_equal(row$unit, "C")
  expect_equal(row$mean_without, 35)
  expect_equal(row$influence, 20 * (60 - 130 / 3) / 40)
})

test_that("the bootstrap is reproducible and close to the linearised figures", {
  d <- six()
  one <- withr::with_seed(3, trend_of_six())
  two <- withr::with_seed(3, trend_of_six())
  expect_identical(one$levels, two$levels)
  expect_false(identical(one$levels$boot_low, trend_of_six()$levels$boot_low))
  x <- root_rows(trend_of_five(), "levels")
  inside <- x$mean_weighted > x$boot_low & x$mean_weighted < x$boot_high
  expect_true(all(inside))
})

test_that("order of rows, tibbles, factors and editions as text do not matter", {
  d <- six()
  plain <- withr::with_seed(1, trend_of_six())
  again <- function(d, g = six_regions()) {
    withr::with_seed(1, cap_trend(d[c("unit", "edition", "value")], g, d[c("unit", "edition", "users")], n = 200))
  }
  for (table in c("levels", "changes", "tests", "linked", "influence")) {
    expect_equal(again(shuffled(d), shuffled(six_regions()))[[table]], plain[[table]])
    expect_equal(again(transform(d, unit = factor(unit)), transform(six_regions(), group = factor(group)))[[table]], plain[[table]])
  }
  skip_if_not_installed("tibble")
  expect_equal(again(tibble::as_tibble(d))$levels, plain$levels)
})

test_that("few units, editions and users have defined results", {
  d <- six()
  one <- cap_trend(d[d$unit == "A", 1:3], data.frame(unit = c("A", "Z"), group = c("A", "Z")), d[c(1, 2, 4)], n = 50)
  levels <- as.data.frame(one)
  expect_equal(levels$mean_weighted[levels$group == "A"], c(20, 35))
  expect_true(all(is.na(levels[levels$group == "A", c("se", "se_weighted", "low", "high", "boot_low", "df", "se_median")])))
  expect_equal(levels$n[levels$group == "Z"], c(0L, 0L))
  changes <- as.data.frame(one, table = "changes")
  expect_equal(changes$change[changes$group == "A" & changes$weights == "users"], 15)
  expect_true(all(is.na(changes[c("se", "low", "high", "boot_low")])))
  expect_true(all(is.na(changes$change[changes$group == "Z"])))
  expect_match(said(one), "no interval; 1 unit with both", fixed = TRUE)
  expect_match(said(one), "Fewer than three editions have no test of trend")
  expect_match(said(one), "Z: no unit has a score at both 2020 and 2024", fixed = TRUE)
  for (table in one[c("levels", "changes", "tests", "linked", "influence")]) no_nan(table)

  # no users in region B
  none <- transform(d, users = ifelse(unit %in% c("D", "E", "F"), 0, users))
  x <- cap_trend(d[1:3], six_regions(), none[c(1, 2, 4)], n = 50)
  levels <- as.data.frame(x)
  expect_true(all(is.na(levels$mean_weighted[levels$group == "B"])))
  expect_equal(levels$mean[levels$group == "B"], c(220 / 3, 238 / 3))
  for (table in x[c("levels", "changes", "tests", "linked", "influence")]) no_nan(table)

  # everything at an end of the scale
  flat <- cap_trend(transform(d, value = ifelse(unit < "D", 0, 100))[1:3], six_regions(), d[c(1, 2, 4)], n = 50)
  expect_equal(root_rows(flat, "changes", "none")$change, c(0, 0, 0))
  expect_equal(root_rows(flat, "changes", "users")$se[1:2], c(0, 0))
  for (table in flat[c("levels", "changes", "tests", "linked", "influence")]) no_nan(table)
})

test_that("p is never below what the editions allow, and three rising editions cannot reach 5 per cent", {
  rising <- data.frame(
    unit = rep(LETTERS[1:6], 3), edition = rep(c(2017, 2018, 2020), each = 6), value = c(1:6, 11:16, 21:26)
  )
  x <- cap_trend(rising, six_regions(), users = NULL, n = 0)
  tests <- as.data.frame(x, table = "tests")
  expect_equal(tests$p, rep(1 / 3, 3))
  expect_equal(tests$p_min, rep(1 / 3, 3))
  expect_match(said(x), "so few editions cannot show a trend at 5 %", fixed = TRUE)
  # a missing edition of a group
  gap <- rising[!(rising$unit < "D" & rising$edition == 2018), ]
  tests <- as.data.frame(cap_trend(gap, six_regions(), users = NULL, n = 0), table = "tests")
  expect_equal(tests$editions, c(2L, 3L, 3L))
  expect_equal(is.na(tests$p), c(TRUE, FALSE, FALSE))
  expect_match(
    said(cap_trend(gap, six_regions(), users = NULL, n = 0)),
    "A, as published: simple mean +6.67 a year over 2 editions (no interval)", fixed = TRUE
  )
})

test_that("a bridge, two indices and a panel of them tell the same change", {
  bridge <- cap_trend(cap_bridge(gci(2020), gci(2024)), n = 0)
  listed <- cap_trend(list(gci(2020), gci(2024)), n = 0)
  columns <- c("group", "item", "change", "se", "published", "by_weights")
  key <- function(x) {
    t <- as.data.frame(x, table = "changes")[columns]
    t <- t[t$item == "GCI", ]
    rownames(t) <- NULL
    t
  }
  expect_equal(key(bridge), key(listed))
  five <- trend_of_five()
  expect_equal(key(listed)$change, key(five)$change)
  published <- cap_trend(five_editions(), n = 0)
  expect_equal(unlist(published$ends), c(from = 2014, to = 2024))
  expect_equal(published$kind, "published")
  expect_match(said(published), "across a change of method")
})

test_that("two editions of one index are of one method: nothing to split or to link", {
  answers <- small_answers()
  later <- transform(answers, edition = 2026L, value = ifelse(item == "P1", 1, value))
  index <- cap_index(cap_answers(rbind(answers, later), small()))
  groups <- data.frame(unit = c("AAA", "BBB", "CCC"), group = "g")
  x <- cap_trend(cap_panel(index), groups, NULL, n = 20)
  expect_equal(x$kind, "one method")
  changes <- as.data.frame(x, table = "changes")
  expect_equal(changes$published, changes$change)
  expect_true(all(is.na(changes$answers)))
  linked <- as.data.frame(x, table = "linked")
  for (linking in unique(linked$linking)) {
    expect_equal(linked$mean[linked$linking == linking], linked$mean[linked$linking == "raw"])
  }
  expect_no_match(said(x), "Linked|another method")
  expect_no_message(ggplot2::ggplot_build(plot(x)))
})

test_that("faulty input is refused with a classed error that says what to do", {
  d <- six()
  expect_match(input_error(cap_trend(1)), "two editions or more")
  expect_match(input_error(cap_trend(d[d$edition == 2020, 1:3], six_regions(), NULL)), "must hold two editions")
  expect_match(input_error(cap_trend(d[1:3], six_regions(), NULL, from = 2019)), "must be one edition")
  expect_match(input_error(cap_trend(d[1:3], six_regions(), NULL, from = 2024, to = 2020)), "earlier edition")
  expect_match(input_error(cap_trend(d[1:3], six_regions(), NULL, n = 1)), "n")
  expect_match(input_error(cap_trend(d[1:3], six_regions(), NULL, conf = 1)), "conf")
  expect_match(input_error(cap_trend(d[1:3], six_regions(), transform(d, users = 0))), "no internet users")
  expect_match(input_error(cap_trend(d[1:3], "planet", NULL)), "planet")
  words <- transform(d, edition = paste("edition", edition))
  expect_match(input_error(cap_trend(words[1:3], six_regions(), NULL)), "Give their times")
  expect_match(input_error(cap_trend(words[1:3], six_regions(), NULL, time = c(2, 1))), "rising")
  expect_equal(as.data.frame(cap_trend(words[1:3], six_regions(), NULL, time = c(0, 4)), table = "tests")$slope[3], 8.8333333 / 4,
    tolerance = 1e-7)
  taken <- transform(six_regions(), group = ifelse(group == "A", "(all)", "B"))
  expect_match(input_error(cap_trend(d[1:3], taken, NULL)), "another name")
  expect_match(input_error(cap_trend(words[1:3], six_regions(), time = c(0, 4))), "no internet users")
  expect_match(input_error(plot(trend_of_six(), item = "XX")), "item")
  expect_match(input_error(as.data.frame(trend_of_six(), table = "all")), "table")
})

test_that("the plot of a part names the editions that have it", {
  panel <- cap_panel(gci(2020), gci(2024), published = gci_overall[gci_overall$edition < 2020, ])
  x <- cap_trend(panel, by = "ldc", users = NULL, n = 0)
  expect_match(plot(x)$labels$title, "2014 to 2024", fixed = TRUE)
  expect_match(plot(x, item = "LS")$labels$title, "2020 to 2024", fixed = TRUE)
})

test_that("tables, findings and the plot are there, with their caveats", {
  x <- trend_of_five()
  for (what in c("changes", "levels", "tests", "linked", "influence")) {
    expect_s3_class(cap_table(x, table = what), "cap_table")
    no_nan(as.data.frame(x, table = what))
  }
  text <- said(x)
  expect_match(text, "census")
  expect_match(text, "least possible 0.0167", fixed = TRUE)
  expect_match(text, "Africa, like for like")
  expect_no_warning(expect_no_message(built <- ggplot2::ggplot_build(plot(x))))
  expect_equal(nrow(built$layout$layout), 7L)
  expect_no_error(ggplot2::ggplot_build(plot(x, item = "CDS")))
  expect_no_error(ggplot2::ggplot_build(plot(trend_of_six())))
  named <- transform(six_regions(), label = ifelse(group == "A", "All", "B"))
  d <- six()
  shared <- cap_trend(d[1:3], named, NULL, n = 0)
  expect_equal(unique(as.data.frame(shared)$label), c("All", "B", "(all)"))
  expect_no_error(ggplot2::ggplot_build(plot(shared)))
})

test_that("units of a table of groups that the panel lacks are named", {
  by <- data.frame(unit = c("KENYA", "UGA", "TZA"), group = "E")
  expect_match(said(cap_trend(like_for_like(), by = by, n = 0)), "1 unit of by is not among the scores.*KENYA")
  expect_match(said(cap_decompose(like_for_like(), by = by)), "1 unit of by is not among the scores.*KENYA")
})

test_that("codes that no grouping knows, and users of one end only, are named", {
  d <- data.frame(unit = c("x1", "x2", "x3"), edition = rep(c(2020, 2024), each = 3), value = c(10, 20, 30, 20, 35, 40))
  expect_match(said(cap_trend(d, users = NULL, n = 0)), "No unit with a score is in a group.*3 units, x1")
  by <- data.frame(unit = d$unit[1:3], group = "g")
  expect_no_match(said(cap_trend(d, by, users = NULL, n = 0)), "No unit with a score", fixed = TRUE)
  users <- data.frame(unit = d$unit[1:3], edition = 2020, users = 1:3)
  expect_error(cap_trend(d, by, users, n = 0), "internet users .* in edition 2024", class = "cap_error_input")
})

test_that("intervals that leave the scale are marked in the plot", {
  x <- cap_trend(five_editions(), n = 0)
  built <- ggplot2::ggplot_build(plot(x))$data
  marks <- Filter(function(d) "shape" %in% names(d) && any(d$shape %in% c(24, 25)), built)
  wide <- x$levels[x$levels$item == x$data$codes[1], ]
  expect_identical(sum(vapply(marks, nrow, 0L)), sum(wide$low < 0, na.rm = TRUE) + sum(wide$high > 100, na.rm = TRUE))
  expect_gt(sum(wide$low < 0 | wide$high > 100, na.rm = TRUE), 0)
})
