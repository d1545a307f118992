test_that("the worked example of shift-share is met, and adds up", {
  table <- as.data.frame(cap_decompose(six(), by = six_regions(), users = six()))
  expect_identical(table$group, c("(all)", "A", "B"))
  expect_equal(table$change, c(5.10833333333, 8.88888888889, 5.95428571429), tolerance = 1e-11)
  expect_equal(table$within, c(7.72083333333, 10.9722222222, 6.05571428571), tolerance = 1e-11)
  expect_equal(table$composition, c(-2.6125, -2.08333333333, -0.101428571429), tolerance = 1e-11)
  expect_identical(table$interaction, c(0, 0, 0))
  expect_identical(table$turnover, c(0, 0, 0))
  table <- as.data.frame(cap_decompose(six(), by = six_regions(), users = six(), form = "laspeyres"))
  expect_equal(table$within[1:2], c(7.5, 10.8333333333), tolerance = 1e-11)
  expect_equal(table$composition[1:2], c(-2.83333333333, -2.22222222222), tolerance = 1e-11)
  expect_equal(table$interaction[1:2], c(0.441666666667, 0.277777777778), tolerance = 1e-11)
})

test_that("the worked example of the Theil index is met", {
  table <- as.data.frame(cap_decompose(six(), by = six_regions(), users = six()), table = "inequality")
  theil <- table[table$measure == "theil", ]
  expect_equal(theil$total, c(0.0559772104872, 0.0434182429934), tolerance = 1e-11)
  expect_equal(theil$between, c(0.019996436318, 0.0144892429552), tolerance = 1e-11)
  expect_equal(theil$within, c(0.0359807741692, 0.0289290000382), tolerance = 1e-11)
  expect_lt(max(abs(table$between + table$within + table$overlap - table$total)), 1e-14)
})

# Units, parts, regions: every sum, to 1e-12 of a scale of 100.
sums_up <- function(x) {
  units <- as.data.frame(x, table = "units")
  groups <- as.data.frame(x)
  # a group without a unit at both ends has no split
  split <- !is.na(groups$within)
  expect_identical(split, groups$n_both > 0L)
  groups <- groups[split, ]
  units <- units[units$group %in% groups$group, ]
  units$all <- units$within + units$composition + units$interaction + units$turnover
  root <- x$pair$code[1L]
  for (effect in c("within", "composition", "interaction", "turnover")) {
    by_part <- tapply(units[[effect]], list(units$group, units$item), sum)[groups$group, , drop = FALSE]
    expect_lt(max(abs(by_part[, root] - groups[[effect]])), 1e-12)
    if (ncol(by_part) > 1L) {
      parts <- rowSums(by_part[, colnames(by_part) != root, drop = FALSE])
      expect_lt(max(abs(parts - groups[[effect]])), 1e-11)
    }
  }
  total <- tapply(units$all[units$item == root], units$group[units$item == root], sum)[groups$group]
  expect_lt(max(abs(total - groups$change)), 1e-12)
}

test_that("by ITU region, pillar and country all adds up, like for like and as published", {
  for (form in c("midpoint", "laspeyres")) {
    x <- cap_decompose(like_for_like(), form = form)
    expect_length(x$pair$code, 6L)
    sums_up(x)
    sums_up(cap_decompose(five_editions(), 2020, 2024, form = form))
    sums_up(cap_decompose(five_editions(), 2014, 2017, form = form))
  }
})

test_that("means are those of cap_regions, like for like is that of the bridge", {
  table <- as.data.frame(cap_decompose(like_for_like()))
  regions <- function(year) {
    t <- as.data.frame(cap_regions(gci(year)))
    t[t$item == "GCI", ]
  }
  expect_equal(table$mean_to[-1], regions(2024)$mean_weighted, tolerance = 1e-12)
  expect_equal(table$published[-1], regions(2024)$mean_weighted - regions(2020)$mean_weighted, tolerance = 1e-9)
  simple <- as.data.frame(cap_decompose(like_for_like(), by = "world", users = NULL))
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  root <- bridge[bridge$level == "overall", ]
  expect_equal(simple$change, rep(mean(root$answers), 2), tolerance = 1e-12)
  expect_equal(simple$published, rep(mean(root$published), 2), tolerance = 1e-12)
  expect_equal(simple$composition, c(0, 0))
  x <- cap_decompose(cap_bridge(gci(2020), gci(2024)))
  expect_identical(as.data.frame(x), table)
  expect_identical(as.data.frame(cap_decompose(rev(like_for_like()))), table)
})

test_that("a panel that holds both indices is compared like for like", {
  panel <- cap_panel(gci(2020), gci(2024), published = gci_overall[gci_overall$edition < 2020, ])
  panel$indices <- list("2020" = gci(2020), "2024" = gci(2024))
  expect_identical(
    as.data.frame(cap_decompose(panel, 2020, 2024)), as.data.frame(cap_decompose(like_for_like()))
  )
  expect_match(said(cap_decompose(panel, 2018, 2024)), "differ in method", fixed = TRUE)
})

test_that("without editions named the change is like for like, in every function, on any scale", {
  before <- gci_overall[gci_overall$edition < 2020, ]
  panel <- cap_panel(gci(2020), gci(2024), published = before)
  expect_identical(as.data.frame(cap_decompose(panel)), as.data.frame(cap_decompose(like_for_like())))
  expect_identical(cap_trend(panel, n = 0)$ends, cap_decompose(panel)$pair$editions)
  expect_identical(cap_mobility(panel, n = 0)$pair$editions, cap_decompose(panel)$pair$editions)
  expect_identical(unlist(cap_decompose(panel, to = 2020)$pair$editions, use.names = FALSE), c(2014L, 2020L))
  expect_identical(unlist(cap_decompose(five_editions())$pair$editions, use.names = FALSE), c(2014L, 2024L))
  small <- cap_decompose(cap_panel(gci(2020), gci(2024), published = before, scale = 1))
  sums_up(small)
  expect_equal(as.data.frame(small)$within, as.data.frame(cap_decompose(panel))$within / 100, tolerance = 1e-12)
})

# A twin of the standard errors: what each sum gains when a unit counts for a
# little more at both ends.
shift_errors_twin <- function(data, users, form) {
  sums <- c("change", "within", "composition", "interaction", "turnover")
  of <- function(users) {
    as.matrix(as.data.frame(cap_decompose(data, by = "world", users = users, form = form))[1, sums])
  }
  units <- unique(data$unit)
  z <- t(vapply(units, function(unit) {
    more <- less <- users
    more$users[more$unit == unit] <- more$users[more$unit == unit] * (1 + 1e-5)
    less$users[less$unit == unit] <- less$users[less$unit == unit] * (1 - 1e-5)
    (of(more) - of(less))[1, ] / 2e-5
  }, double(5)))
  stays <- vapply(units, function(u) sum(data$unit == u) == 2, NA)
  n <- c(length(units), rep(sum(stays), 3), length(units))
  sqrt(n / (n - 1) * colSums(z^2))
}

test_that("standard errors are those of linearised sums", {
  table <- as.data.frame(cap_decompose(six(), by = six_regions(), users = six()))
  expect_equal(table$se_change, c(0.985692388605, 1.01992047172, 0.964449070809), tolerance = 1e-11)
  expect_identical(table$se_turnover, c(0, 0, 0))
  gaps <- six()[-c(1, 8), ]
  for (form in c("midpoint", "laspeyres")) {
    x <- cap_decompose(gaps, by = "world", users = six(), form = form)
    errors <- as.data.frame(x)[1, paste0("se_", c("change", "within", "composition", "interaction", "turnover"))]
    expect_equal(unlist(errors), shift_errors_twin(gaps, six(), form), tolerance = 1e-6, ignore_attr = TRUE)
  }
  trend <- as.data.frame(cap_trend(like_for_like(), n = 0), table = "changes")
  trend <- trend[trend$item == "GCI" & trend$weights == "users", ]
  whole <- as.data.frame(cap_decompose(like_for_like()))
  closed <- whole$n_from == whole$n_both & whole$n_to == whole$n_both
  same <- match(whole$group[closed], trend$group)
  expect_gte(sum(closed), 3)
  expect_equal(whole$se_change[closed], trend$se[same], tolerance = 1e-10)
})

test_that("parts of the score add up to the groups, with their own errors", {
  x <- cap_decompose(like_for_like())
  parts <- as.data.frame(x, table = "parts")
  whole <- as.data.frame(x)
  root <- parts[parts$item == "GCI", ]
  shared <- intersect(names(parts), names(whole))
  expect_equal(root[shared], whole[shared], ignore_attr = TRUE)
  pillars <- parts[parts$item != "GCI", ]
  for (effect in c("change", "within", "composition", "turnover")) {
    sums <- as.vector(tapply(pillars[[effect]], pillars$group, sum)[whole$group])
    expect_equal(sums, whole[[effect]], tolerance = 1e-10)
  }
  legal <- as.data.frame(cap_decompose(like_for_like()), table = "units")
  legal <- legal[legal$item == "LS" & legal$group == "EUR", ]
  expect_equal(parts$within[parts$item == "LS" & parts$group == "EUR"], sum(legal$within), tolerance = 1e-12)
})

test_that("findings say what the method did, and who is left out", {
  expect_match(said(cap_decompose(like_for_like())), "Like for like, 2020 to 2024", fixed = TRUE)
  text <- said(cap_decompose(five_editions(), 2020, 2024))
  expect_match(text, "differ in method", fixed = TRUE)
  expect_match(text, "4 units have a score and users at one end only: SDN, TKM, TUV, VUT", fixed = TRUE)
  expect_match(text, "3 units have no score, or no users, at either end and are left out: PRK, VAT, WSM", fixed = TRUE)
  expect_match(text, "mean log deviation has no value", fixed = TRUE)
  expect_match(text, "the overall score alone", fixed = TRUE)
  expect_output(print(cap_decompose(like_for_like())), "cap_decompose")
})

test_that("order, tibbles, factors and the scale of users do not matter", {
  users <- cap_users(c(2020, 2024))
  reference <- as.data.frame(cap_decompose(gci_overall, 2020, 2024, users = users))
  shuffled <- gci_overall[rev(seq_len(nrow(gci_overall))), ]
  other_way <- cap_decompose(shuffled, 2020, 2024, users = users[rev(seq_len(nrow(users))), ])
  expect_equal(as.data.frame(other_way), reference, tolerance = 1e-13)
  thousands <- transform(users, users = users / 1000)
  tibbles <- cap_decompose(tibble::as_tibble(gci_overall), "2020", 2024, users = tibble::as_tibble(thousands))
  expect_equal(as.data.frame(tibbles), reference, tolerance = 1e-13)
  expect_equal(
    as.data.frame(cap_decompose(transform(six(), unit = factor(unit)), by = six_regions(), users = six())),
    as.data.frame(cap_decompose(six(), by = six_regions(), users = six()))
  )
  # one user each is no weight
  expect_equal(
    as.data.frame(cap_decompose(six(), by = six_regions(), users = transform(six(), users = 1))),
    as.data.frame(cap_decompose(six(), by = six_regions(), users = NULL))
  )
})

test_that("a group without users or without common units has no split, and says so", {
  users <- six()
  users$users[users$unit %in% c("A", "B", "C") & users$edition == 2024] <- 0
  x <- cap_decompose(six(), by = six_regions(), users = users)
  table <- as.data.frame(x)
  no_nan(table)
  no_nan(as.data.frame(x, table = "units"))
  expect_identical(table$n_to[table$group == "A"], 0L)
  expect_true(is.na(table$change[table$group == "A"]))
  expect_match(said(x), "A: no unit with a score and users", fixed = TRUE)
  expect_no_match(said(x), "NaN|not available")
  expect_error(plot(x, group = "A"), class = "cap_error_input")
  # one country that left, one that came
  data <- six()[c(1, 8), ]
  x <- cap_decompose(data, by = "world", users = NULL)
  no_nan(as.data.frame(x))
  expect_equal(as.data.frame(x)$change, c(30, 30))
  expect_identical(as.data.frame(x)$within, c(NA_real_, NA_real_))
  expect_match(said(x), "no unit is present at both ends", fixed = TRUE)
})

test_that("one country, all tied, all zero and scores at the ends have results", {
  one <- cap_decompose(six()[c(1, 7), ], by = "world", users = six())
  expect_equal(as.data.frame(one)$within, c(15, 15))
  tied <- cap_decompose(transform(six(), value = 50), by = six_regions(), users = six())
  expect_equal(as.data.frame(tied)$change, c(0, 0, 0))
  expect_equal(as.data.frame(tied, table = "inequality")$total, rep(0, 8))
  zero <- cap_decompose(transform(six(), value = 0), by = six_regions(), users = six())
  expect_true(all(is.na(as.data.frame(zero, table = "inequality")$total)))
  no_nan(as.data.frame(zero, table = "inequality"))
  expect_match(said(zero), "Inequality has no value", fixed = TRUE)
  ends <- cap_decompose(transform(six(), value = rep(c(0, 100), 6)), by = six_regions(), users = six())
  expect_true(is.na(as.data.frame(ends, table = "inequality")$total[2]))
  expect_false(is.na(as.data.frame(ends, table = "inequality")$total[3]))
})

test_that("units in several groups have no inequality between groups; those in none are the rest", {
  x <- cap_decompose(like_for_like(), by = c("ldc", "sids"))
  expect_identical(nrow(as.data.frame(x, table = "inequality")), 0L)
  expect_match(said(x), "Units are in several groups", fixed = TRUE)
  x <- cap_decompose(like_for_like(), by = "ldc")
  expect_identical(as.data.frame(x)$group, c("(all)", "LDC", "(rest)"))
  sums_up(x)
})

test_that("what cannot be decomposed is refused", {
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_decompose(5)
    cap_decompose(six()[1:6, ])
    cap_decompose(six(), from = 2024, to = 2020, users = NULL)
    cap_decompose(six(), from = 2019, users = NULL)
    cap_decompose(six(), users = transform(six(), users = 0))
    cap_decompose(six(), users = NULL, by = "continent")
    cap_decompose(six(), users = NULL, form = "paasche")
    cap_decompose(list(gci(2024)))
    plot(cap_decompose(six(), users = NULL), group = "X")
  })
})

test_that("the waterfall ends at the change", {
  x <- cap_decompose(like_for_like())
  data <- ggplot2::ggplot_build(plot(x, group = "AFR"))$data
  bars <- data[[3]]
  table <- as.data.frame(x)
  expect_equal(max(bars$xmax), max(table$within[table$group == "AFR"], table$change[table$group == "AFR"]), tolerance = 1e-9)
  expect_equal(bars$xmax[nrow(bars)] + bars$xmin[nrow(bars)], table$change[table$group == "AFR"], tolerance = 1e-9)
})
