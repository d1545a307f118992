test_that("intervals and p-values are those of R's t distribution", {
  cases <- expand.grid(estimate = c(-3, 0, 0.2, 40), se = c(0.5, 2), df = c(1, 1.5, 12, 40.25, 193, 2000, Inf))
  for (conf in c(0.5, 0.9, 0.95, 0.9999)) {
    found <- t_interval(cases$estimate, cases$se, cases$df, conf, size = 1)
    half <- stats::qt((1 + conf) / 2, cases$df) * cases$se
    expect_equal(found$low, cases$estimate - half, tolerance = 1e-12)
    expect_equal(found$high, cases$estimate + half, tolerance = 1e-12)
  }
  expect_equal(found$t, cases$estimate / cases$se)
  p <- 2 * stats::pt(-abs(found$t), cases$df)
  expect_lt(min(p[p > 0]), 1e-100)
  shown <- p > 1e-200 # below, R's own tail loses digits
  expect_lt(max(abs(found$p / p - 1)[shown]), 1e-12)
})

test_that("an interval is missing where a figure is, and p where nothing scatters", {
  none <- data.frame(low = NA_real_, high = NA_real_, t = NA_real_, p = NA_real_)
  expect_identical(t_interval(NA_real_, 1, 5, 0.95), none)
  expect_identical(t_interval(1, NA_real_, 5, 0.95), none)
  expect_identical(t_interval(1, 1, NA_real_, 0.95), none)
  expect_identical(t_interval(1, 1, 0, 0.95), none)
  expect_identical(t_interval(1, Inf, 5, 0.95), none)
  expect_identical(t_interval(2, 0, 5, 0.95), data.frame(low = 2, high = 2, t = Inf, p = NA_real_))
  expect_identical(t_interval(0, 0, 5, 0.95)$t, NA_real_)
  expect_identical(is.na(t_interval(1, c(1e-9, 1e-11), 5, 0.95)$p), c(FALSE, TRUE))
  expect_identical(nrow(t_interval(double(), double(), double(), 0.95)), 0L)
})

test_that("quantiles are those of R's type 7, without missing values", {
  withr::local_seed(1)
  p <- c(0, 0.1, 0.25, 0.5, 0.9, 1)
  for (n in c(1, 2, 5, 40)) {
    x <- stats::rnorm(n)
    expect_equal(quantiles(c(x, NA), p), unname(stats::quantile(x, p)), tolerance = 1e-14)
    expect_equal(.Call(C_median_deviation, x), stats::mad(x, constant = 1), tolerance = 1e-14)
  }
  expect_identical(middle(c(7L, 7L, 7L)), 7)
  expect_identical(middle(c(NA, NaN)), NA_real_)
  expect_error(middle(c(1, Inf)), class = "cap_error_input")
})

test_that("quantiles of counts are the least classes that reach the share", {
  counts <- cbind(c(0, 2, 0, 5, 3), c(0, 0, 0, 0, 0), c(25, 975, 0, 0, 0))
  found <- count_quantiles(counts, c(0.05, 0.5, 0.95))
  expect_identical(found, rbind(c(2L, 4L, 5L), NA_integer_, c(2L, 2L, 2L)))
  # a share of 0.025 in binary is a little more than 25 of 1000
  expect_identical(count_quantiles(counts[, 3L, drop = FALSE], (1 - 0.95) / 2)[1L, 1L], 1L)
})

test_that("errors of shares need draws, and ties are what rounding leaves", {
  p <- matrix(c(0, 0.5, 1, 0.1), 2L, dimnames = list(NULL, c("a", "b")))
  expect_equal(share_error(p, c(100, 0)), replace(sqrt(p * (1 - p) / 100), c(2, 4), NA))
  expect_identical(tied_within(c(3, 1, NA, 1 + 1e-12, Inf), 1e-10), c(3, 1, NA, 1, Inf))
})
