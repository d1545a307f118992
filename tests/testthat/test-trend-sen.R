three <- rbind(X1 = c(20, 35, 30, 55, 60), X2 = c(40, 38, 50, 52, 70), X3 = c(10, 12, 12, 30, 25))
years <- c(2014, 2017, 2018, 2020, 2024)
row_of <- function(...) as.data.frame(cap_sen(...))
twin_slopes <- function(x, time) {
  slopes <- outer(x, x, "-") / outer(time, time, "-")
  sort(slopes[upper.tri(slopes) & outer(time, time, "!=")])
}

test_that("published slopes and intervals are met", {
  date <- c(
    89.6, 89.8, 90.1, 90.3, 90.6, 90.8, 91.1, 91.3, 91.6, 91.8, 92.1, 92.6, 93.1, 93.6, 94.1, 94.6, 95.1,
    95.6, 95.8, 96.1, 96.3, 96.6, 96.8
  )
  sulfate <- c(
    480, 450, 490, 520, 485, 510, 510, 530, 510, 560, 560, 540, 590, 550, 600, 700, 570, 610, 650, 620, 830,
    720, 590
  )
  found <- row_of(sulfate, date) # US EPA 2009, example 17-6
  expect_identical(names(found), c("slope", "intercept", "low", "high", "conf_actual"))
  expect_equal(found$slope, 26.6666667, tolerance = 1e-8)
  expect_equal(found$intercept, -1909.3333333, tolerance = 1e-9)
  expect_equal(found$low, 20, tolerance = 1e-7)
  expect_equal(found$high, 35.71182, tolerance = 2e-7)
  expect_equal(row_of(c(10, 15, 14, 20))$slope, 2.9166667, tolerance = 2e-8) # Gilbert 1987
  expect_equal(cap_table(cap_sen(three, years))$slope, c(19 / 6, 4.5, 19 / 6, 1.6785714), tolerance = 1e-7)
  expect_equal(row_of(three, years, weights = c(1, 4, 2))$slope, 3)
})

test_that("the confidence is the actual one", {
  conf <- function(n, ...) row_of(seq_len(n)^2, ...)$conf_actual
  expect_equal(conf(4), 1 - 2 / 24)
  expect_equal(conf(5), 1 - 2 / 120)
  expect_equal(conf(5, conf = 0.9), 1 - 10 / 120)
  five <- cap_sen(three[1, ], years)
  expect_equal(unlist(as.data.frame(five)[c("low", "high")], use.names = FALSE), range(twin_slopes(three[1, ], years)))
  second <- row_of(three[1, ], years, conf = 0.9)
  expect_equal(c(second$low, second$high), twin_slopes(three[1, ], years)[c(2, 9)])
  four <- paste(cap_findings(cap_sen(c(10, 15, 14, 20)))$text, collapse = " ")
  expect_match(four, "An interval of 95.0 % does not exist for 4 values: the widest there is has 91.7 %", fixed = TRUE)
  expect_no_match(four, "interval is|interval holds")
  expect_equal(conf(4, method = "normal"), 1 - 2 / 24)
})

test_that("random series agree with all slopes in plain R", {
  withr::local_seed(9)
  for (round in 1:40) {
    n <- sample(c(2:12, 30, 60), 1)
    x <- if (round %% 2) stats::rnorm(n) else sample(5, n, TRUE)
    time <- if (round %% 3) cumsum(sample(3, n, TRUE)) else sample(n, n, TRUE)
    slopes <- twin_slopes(x, time)
    if (length(slopes) == 0) next
    at <- sample(n)
    found <- row_of(x[at], time[at])
    expect_equal(found$slope, stats::median(slopes))
    expect_equal(found$intercept, stats::median(x) - found$slope * stats::median(time))
    expect_equal(row_of(x, time, intercept = "residual")$intercept, stats::median(x - found$slope * time))
    exact <- row_of(x, time, method = "exact")
    if (!is.na(exact$low)) expect_lte(exact$low, exact$slope)
  }
})

test_that("the slopes of a long series are selected right", {
  withr::local_seed(10)
  for (x in list(stats::rnorm(700), sample(3, 700, TRUE), rep(1:2, 350), c(stats::rcauchy(699), 1e9))) {
    slopes <- twin_slopes(x, seq_along(x))
    found <- row_of(x)
    expect_equal(found$slope, stats::median(slopes))
    c <- stats::qnorm(0.975) * sqrt(as.data.frame(cap_kendall(x))$var_s)
    at <- function(rank) {
      k <- floor(rank)
      slopes[k] + (rank - k) * (slopes[k + 1] - slopes[k])
    }
    expect_equal(found$low, at((length(slopes) - c) / 2))
    expect_equal(found$high, at((length(slopes) + c) / 2 + 1))
  }
})

test_that("pooled slopes agree with plain R", {
  withr::local_seed(11)
  for (round in 1:20) {
    x <- matrix(sample(c(NA, 1:20), 30, TRUE), 6)
    w <- sample(c(0, 1, 2, 5), 6, TRUE)
    each <- lapply(seq_len(6), function(g) twin_slopes(x[g, ], years))
    slopes <- unlist(each)
    expect_equal(row_of(x, years)$slope, stats::median(slopes))
    if (length(unique(w[w > 0])) < 2) next
    weights <- rep(w, lengths(each))
    sorted <- order(slopes)
    reached <- cumsum(weights[sorted]) >= sum(weights) / 2
    expect_equal(row_of(x, years, weights = w)$slope, slopes[sorted][which(reached)[1]])
  }
})

test_that("the pooled interval inverts the joint test", {
  found <- row_of(three, years)
  reject <- function(slope) as.data.frame(cap_kendall(three - rep(slope * years, each = 3), years))$p
  expect_lte(reject(found$low - 0.01), 0.05 + 1e-12)
  expect_lte(reject(found$high + 0.01), 0.05 + 1e-12)
  outside <- max(reject(found$low - 0.01), reject(found$high + 0.01))
  expect_equal(found$conf_actual, 1 - outside)
  four <- row_of(three[, 1:4], years[1:4])
  expect_equal(four$conf_actual, 1 - 2 / 24)
  expect_equal(c(four$low, four$high), range(unlist(apply(three[, 1:4], 1, twin_slopes, years[1:4]))))
  inside <- seq(found$low, found$high, length.out = 9)[2:8]
  expect_true(all(vapply(inside, reject, 0) > 0.05))
  line <- row_of(rbind(1:5, 2:6))
  expect_equal(line, data.frame(slope = 1, intercept = 0.5, low = 1, high = 1, conf_actual = 1 - 2 / 120))
})

test_that("order, scale and equal weights do not matter", {
  base <- row_of(three, years)
  expect_equal(row_of(three, years, weights = c(1, 1, 1)), base)
  expect_equal(row_of(three, years, weights = c(7, 7, 7)), base)
  expect_equal(row_of(three[3:1, 5:1], rev(years)), base)
  columns <- c("slope", "low", "high")
  expect_equal(row_of(10 * three + 3, years)[columns], 10 * base[columns])
  expect_equal(row_of(three, as.character(years)), base)
})

test_that("degenerate data have defined results or classed errors", {
  local_messages()
  two <- cap_sen(c(1, 3))
  none <- data.frame(slope = 2, intercept = -1, low = NA_real_, high = NA_real_, conf_actual = 0)
  expect_equal(as.data.frame(two), none)
  expect_match(paste(cap_findings(two)$text, collapse = " "), "no interval", fixed = TRUE)
  flat <- row_of(c(2, 2, 2, 2, 2))
  expect_equal(c(flat$slope, flat$low, flat$high, flat$intercept), c(0, 0, 0, 2))
  expect_equal(row_of(rep(4, 20))$slope, 0)
  expect_match(input_error(cap_sen(5)), "two values at different times; there is 1 value", fixed = TRUE)
  expect_match(input_error(cap_sen(c(NA, NA))), "there are 0 values", fixed = TRUE)
  expect_error(cap_sen(c(1, 2), c(3, 3)), class = "cap_error_input")
  expect_error(cap_sen(rbind(c(1, NA), c(NA, 2))), class = "cap_error_input")
  expect_error(cap_sen(1:5, conf = 1), class = "cap_error_input")
  expect_error(cap_sen(1:5, conf = NA), class = "cap_error_input")
  expect_error(cap_sen(c(-1e308, 1e308)), class = "cap_error_numeric")
  pooled <- list(cap_sen(rbind(c(1, 2), c(NA, 3))), cap_sen(three, years, weights = c(1, NA, 0)))
  for (x in c(list(two, cap_sen(rep(4, 20))), pooled)) {
    expect_output(print(x))
    expect_s3_class(plot(x), "ggplot")
  }
})

test_that("values at one time are refused as such", {
  expect_error(cap_sen(1:3, time = c(1, 1, 1)), "all 3 values are at the time", class = "cap_error_input")
})
