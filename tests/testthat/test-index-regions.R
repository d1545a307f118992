test_that("the worked example of weighted means is met", {
  # two regions, two editions, one item scored 0 to 100; exact arithmetic
  data <- data.frame(
    iso3 = rep(c("A1", "A2", "A3", "B1", "B2", "B3"), 2), edition = rep(c(2020, 2024), each = 6),
    X = c(20, 40, 60, 50, 80, 90, 35, 50, 70, 55, 88, 95)
  )
  users <- transform(data[1:2], users = c(10, 30, 20, 60, 50, 30, 20, 45, 25, 65, 52, 33))
  framework <- cap_framework(data.frame(code = c("R", "X"), parent = c("", "R"), max = 100))
  by <- data.frame(unit = rep(unique(data$iso3), 2), group = c(rep(c("A", "B"), each = 3), rep("All", 6)))
  index <- cap_index(cap_answers(data, framework, item = NULL))
  table <- as.data.frame(cap_regions(index, by, users))
  table <- table[table$item == "R", ]
  expect_identical(table$group, rep(c("A", "B", "All"), 2)[order(rep(1:2, each = 3), rep(c(1, 3, 2), 2))])
  row <- function(group, edition) table[table$group == group & table$edition == edition, ]
  expect_figures <- function(group, edition, mean, se) {
    expect_equal(row(group, edition)$mean_weighted, mean, tolerance = 1e-11)
    expect_equal(row(group, edition)$se_weighted, se, tolerance = 1e-11)
  }
  expect_figures("A", 2020, 43.3333333333, 8.55266906574)
  expect_figures("A", 2024, 52.2222222222, 7.77189665952)
  expect_figures("B", 2020, 69.2857142857, 12.4092918727)
  expect_figures("B", 2024, 75.24, 13.1561657961)
  expect_figures("All", 2020, 61.5, 8.91947307861)
  expect_figures("All", 2024, 66.6083333333, 8.72008564474)
  expect_equal(row("A", 2020)$n_eff, 2.5714286, tolerance = 1e-7)
  expect_equal(row("A", 2024)$n_eff, 2.6557377, tolerance = 1e-7)
  expect_identical(row("A", 2020)$top_unit, "A2")
  expect_equal(row("A", 2020)$top_share, 0.5)
})

test_that("the table has the fixed shape", {
  table <- as.data.frame(cap_regions(gci(2024)))
  expect_identical(names(table), c(
    "edition", "group", "item", "n", "mean", "median", "q1", "q3", "min", "max",
    "mean_weighted", "se_weighted", "n_eff", "top_unit", "top_share", "n_without_users"
  ))
  expect_identical(nrow(table), 6L * 26L)
  expect_identical(sum(table$n[table$item == "GCI"]), 194L)
  world <- as.data.frame(cap_regions(gci(2024), by = "world"))
  expect_identical(round(world$mean[1], 1), 65.8)
})

test_that("units without users are those of the rule", {
  left_out <- function(edition, scored) {
    users <- cap_users(edition)
    none <- users$unit[is.na(users$users)]
    sort(c(intersect(scored, none), setdiff(scored, users$unit)))
  }
  expected <- list(
    "2014" = c("PLW", "PRK"), "2017" = c("PLW", "PRK", "VAT"), "2018" = c("PRK", "VAT"),
    "2020" = c("PRK", "VAT", "WSM"),
    "2024" = c("PRK", "SDN", "TKM", "TUV", "VAT", "VUT", "WSM")
  )
  for (edition in names(expected)) {
    scored <- gci_overall$iso3[gci_overall$edition == edition & !is.na(gci_overall$value)]
    expect_identical(left_out(as.numeric(edition), scored), expected[[edition]])
  }
  regions <- cap_regions(gci(2024), by = "world")
  expect_identical(as.data.frame(regions)$n_without_users[1], 7L)
  text <- paste(cap_findings(regions)$text, collapse = " ")
  expect_match(text, "7 units have no figure of internet users", fixed = TRUE)
  expect_match(text, "PRK, SDN, TKM, TUV, VAT, VUT, WSM", fixed = TRUE)
})

test_that("users are per cent times population at the nearest year", {
  users <- cap_users(c(2020, 2024))
  expect_identical(names(users), c("unit", "edition", "users", "population_year", "percent_year"))
  one <- function(unit, year, column) {
    internet_users[internet_users$iso3 == unit & internet_users$year == year, column]
  }
  ken <- users[users$unit == "KEN" & users$edition == 2024, ]
  expect_identical(ken$population_year, 2023)
  expect_equal(ken$users, one("KEN", 2023, "population") * one("KEN", ken$percent_year, "internet_users_pct") / 100)
  # the rule, slowly: nearest of -5 to +3 years, the earlier of two
  for (unit in c("AFG", "ERI", "TUV", "VUT", "SOM", "CHL", "USA", "PRK")) {
    for (year in c(2020, 2023)) {
      x <- internet_users[internet_users$iso3 == unit & !is.na(internet_users$internet_users_pct), ]
      x <- x[x$year >= year - 5 & x$year <= year + 3, ]
      x <- x[order(abs(x$year - year), x$year), ]
      mine <- users[users$unit == unit & users$edition == if (year == 2023) 2024 else year, ]
      expect_equal(mine$percent_year, if (nrow(x) > 0) x$year[1] else NA_real_)
    }
  }
  expect_identical(cap_users(2024, year = 2023), cap_users(2024))
  expect_identical(attr(cap_users("2020"), "row.names"), seq_len(nrow(cap_users("2020"))))
  expect_error(cap_users(2024, year = c(1, 2)), class = "cap_error_input")
  expect_true(all(is.na(cap_users("pilot")$users)))
})

test_that("random groups agree with plain R", {
  withr::local_seed(31)
  framework <- cap_framework(data.frame(code = c("R", "X"), parent = c("", "R"), max = 100))
  for (round in 1:20) {
    n <- sample(1:40, 1)
    data <- data.frame(iso3 = sprintf("U%02d", seq_len(n)), edition = 1L, X = round(stats::runif(n, 0, 100), 2))
    data$X[stats::runif(n) < 0.15] <- NA
    if (all(is.na(data$X))) data$X[1] <- 50
    users <- data.frame(unit = data$iso3, edition = 1L, users = round(stats::runif(n, 0, 1e8)))
    users$users[stats::runif(n) < 0.2] <- NA
    users$users[stats::runif(n) < 0.1] <- 0
    by <- unique(data.frame(unit = sample(data$iso3, 2 * n, TRUE), group = sample(letters[1:4], 2 * n, TRUE)))
    index <- cap_index(cap_answers(data, framework, item = NULL), missing = "renormalise")
    table <- as.data.frame(cap_regions(index, shuffled(by, round), shuffled(users, round)))
    table <- table[table$item == "R", ]
    expect_identical(table$group, sort(unique(by$group)))
    for (group in table$group) {
      members <- sort(by$unit[by$group == group])
      at <- match(members, data$iso3)
      twin <- twin_group(data$X[at], users$users[at])
      ours <- table[table$group == group, ]
      expect_equal(unlist(ours[names(twin)]), twin, tolerance = 1e-12)
      if (!is.na(ours$top_unit)) {
        scored <- ifelse(is.na(data$X[at]), NA, users$users[at])
        expect_identical(ours$top_unit, members[which.max(scored)])
      }
    }
  }
})

test_that("equal users weigh nothing, and their unit does not matter", {
  units <- gci(2024)$unit
  one <- data.frame(unit = units, edition = 2024, users = 1)
  table <- as.data.frame(cap_regions(gci(2024), users = one))
  expect_equal(table$mean_weighted, table$mean, tolerance = 1e-13)
  expect_equal(table$n_eff, as.numeric(table$n), tolerance = 1e-12)
  million <- as.data.frame(cap_regions(gci(2024), users = transform(one, users = 1e6)))
  expect_equal(million[names(million) != "users"], table, tolerance = 1e-12)
})

test_that("groups may be shipped, own, overlapping, in any form", {
  reference <- as.data.frame(cap_regions(gci(2024)))
  own <- data.frame(unit = countries$iso3, group = countries$itu_region)
  same <- function(by) expect_identical(as.data.frame(cap_regions(gci(2024), by)), reference)
  same(own)
  same(shuffled(own))
  same(rbind(own, own))
  same(own[2:1])
  same(transform(own, group = factor(group, rev(unique(group)))))
  same(data.frame(iso3 = own$unit, group = own$group, note = 1))
  same(tibble::as_tibble(own))
  ldc <- sum(countries$ldc[countries$iso3 %in% gci(2024)$unit])
  both <- as.data.frame(cap_regions(gci(2024), c("ldc", "world")))
  expect_identical(both$n[both$item == "GCI"], c(ldc, 194L))
  for (by in c("ldc", "lldc", "sids", "income", "subregion")) {
    table <- as.data.frame(cap_regions(gci(2024), by))
    expect_true(all(table$n[table$item == "GCI"] > 0))
    expect_false(anyNA(table$group))
    expect_match(cap_findings(cap_regions(gci(2024), by))$text[1], "weighted by internet users", fixed = TRUE)
  }
})

test_that("countries that a shipped grouping does not class are counted", {
  unclassed <- intersect(countries$iso3[is.na(countries$wb_income_group)], gci(2024)$unit)
  expect_gt(length(unclassed), 0)
  text <- cap_findings(cap_regions(gci(2024), "income"))$text
  expect_true(any(grepl(paste(length(unclassed), "units? (is|are) in no group"), text)))
  expect_false(any(grepl("NA, 2024", text, fixed = TRUE)))
})

test_that("units without a region and groups without units are counted, not lost", {
  by <- data.frame(unit = c("AFG", "ALB", "ZZZ", "AGO"), group = c("G", "G", "H", NA))
  regions <- cap_regions(gci(2024), by)
  table <- as.data.frame(regions)
  expect_identical(table$n[table$item == "GCI"], c(2L, 0L))
  expect_true(all(is.na(table$mean[table$group == "H"])))
  expect_false(any(is.nan(unlist(table[vapply(table, is.double, NA)]))))
  text <- paste(cap_findings(regions)$text, collapse = " ")
  expect_match(text, "192 units are in no group", fixed = TRUE)
  expect_match(text, "1 unit of the grouping is not in the index: ZZZ", fixed = TRUE)
  expect_match(text, "H, 2024: no unit with a score.", fixed = TRUE)
  expect_output(print(regions), "cap_regions")
})

test_that("one unit, no users and zero users are said, not hidden", {
  by <- data.frame(unit = c("AFG", "PRK"), group = c("one", "none"))
  regions <- cap_regions(gci(2024), by)
  table <- overall(regions)
  expect_identical(table$group, c("none", "one"))
  expect_true(all(is.na(table$se_weighted)))
  expect_true(is.na(table$mean_weighted[1]))
  expect_true(is.na(table$top_unit[1]))
  text <- cap_findings(regions)$text
  expect_match(text[1], "no internet users, so no weighted mean", fixed = TRUE)
  expect_match(text[2], "one unit with users, AFG: 18.4, no standard error", fixed = TRUE)
  zero <- data.frame(unit = gci(2024)$unit, edition = 2024, users = 0)
  table <- overall(cap_regions(gci(2024), "world", zero))
  expect_identical(table$n_without_users, 194L)
  expect_true(is.na(table$mean_weighted))
  without <- cap_regions(gci(2024), "world", users = NULL)
  expect_true(is.na(overall(without)$mean_weighted))
  expect_match(cap_findings(without)$text[1], "no weighted mean", fixed = TRUE)
  none <- cap_regions(gci(2024), "world", zero[0, ])
  expect_match(cap_findings(none)$text[1], "no weighted mean", fixed = TRUE)
  expect_output(print(none), "cap_regions")
})

test_that("groups follow editions", {
  items <- as.data.frame(cap_framework("gci-2024"))
  framework <- cap_framework(items[items$code != "OS4", ])
  data <- gci_items[!gci_items$item %in% c("OS4", "TS4") & gci_items$iso3 %in% c("AFG", "CHL", "KEN"), ]
  index <- cap_index(cap_answers(data, framework))
  table <- overall(cap_regions(index, "world"))
  expect_identical(table$edition, c(2020L, 2024L))
  one <- cap_index(cap_answers(data[data$edition == 2024, ], framework))
  expect_equal(table[2, ], overall(cap_regions(one, "world")), ignore_attr = "row.names")
})

test_that("bad groups and users are refused by name", {
  index <- gci(2024)
  users <- data.frame(unit = c("KEN", "FJI"), edition = 2024, users = c(1, 2))
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_regions(gci_items)
    cap_regions(index, "continent")
    cap_regions(index, character())
    cap_regions(index, list())
    cap_regions(index, data.frame(country = "KEN", group = "A"))
    cap_regions(index, data.frame(unit = "KEN"))
    cap_regions(index, data.frame(unit = "KEN", group = NA))
    cap_regions(index, data.frame(unit = c("KEN", NA), group = "A"))
    cap_regions(index, users = 5)
    cap_regions(index, users = users[-3])
    cap_regions(index, users = users[-1])
    cap_regions(index, users = transform(users, users = -users))
    cap_regions(index, users = transform(users, users = Inf))
    cap_regions(index, users = transform(users, users = "many"))
    cap_regions(index, users = rbind(users, users))
  })
  expect_no_error(cap_regions(index, "world", transform(users, users = c(NA, NaN))))
})
