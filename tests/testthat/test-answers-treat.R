shape_twin <- function(x) {
  x <- x[!is.na(x)]
  n <- length(x)
  d <- x - mean(x)
  m2 <- mean(d^2)
  c(
    sqrt(n * (n - 1)) / (n - 2) * mean(d^3) / m2^1.5,
    (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (mean(d^4) / m2^2 - 3) + 6)
  )
}

# One point at a time, on the side of the skew.
winsorise_twin <- function(x, most = 5) {
  sorted <- sort(x)
  low <- 0
  high <- 0
  for (step in 0:most) {
    bounds <- c(sorted[low + 1], sorted[length(sorted) - high])
    y <- pmin(pmax(x, bounds[1]), bounds[2])
    s <- shape_twin(y)
    if (!(abs(s[1]) > 2 && s[2] > 3.5)) return(y)
    if (s[1] > 0) high <- high + 1 else low <- low + 1
  }
  NULL
}

test_that("winsorising agrees with plain R, in any order", {
  outcomes <- character()
  for (seed in 1:60) {
    x <- withr::with_seed(seed, {
      x <- round(exp(stats::rnorm(40, 0, stats::runif(1, 0.3, 2))), sample(0:2, 1))
      # three equal outliers, more than two points can treat
      if (seed %% 3 == 0) x <- c(1:37, 900, 900, 900)[sample(40)]
      if (seed %% 2 == 0) x <- -x
      x[sample(which(abs(x) < 900), 4)] <- NA
      x
    })
    most <- if (seed %% 3 == 0) 2 + seed %% 2 else 5
    frame <- data.frame(unit = sprintf("U%02d", 1:40), x = x)
    got <- cap_treat(frame, max_points = most)
    report <- attr(got, "treatment")
    outcomes <- c(outcomes, report$what)
    expect_equal(c(report$skewness_before, report$kurtosis_before), shape_twin(x), tolerance = 1e-10)
    want <- winsorise_twin(x, most)
    if (is.null(want)) {
      expect_identical(report$what, "log")
    } else {
      expect_equal(got$x, want)
    }
    turned <- cap_treat(frame[40:1, ], max_points = most)
    expect_equal(rev(turned$x), got$x, tolerance = 1e-13)
    record <- as.data.frame(cap_table(got))
    changed <- which(!is.na(x) & got$x != x)
    expect_setequal(record$unit, frame$unit[changed])
    expect_identical(record$from, x[match(record$unit, frame$unit)])
    expect_identical(record$to, got$x[match(record$unit, frame$unit)])
  }
  expect_true(all(c("unchanged", "points", "log") %in% outcomes))
})

test_that("quantiles, fences, logs and powers agree with plain R", {
  x <- withr::with_seed(3, matrix(exp(stats::rnorm(60)), 30, dimnames = list(NULL, c("a", "b"))))
  q <- stats::quantile(x[, 1], c(0.025, 0.975))
  expect_equal(as.vector(cap_treat(x, "percentile")[, 1]), pmin(pmax(x[, 1], q[1]), q[2]))
  q <- stats::quantile(x[, 1], c(0.25, 0.75))
  fences <- q + c(-1.5, 1.5) * diff(q)
  expect_equal(as.vector(cap_treat(x, "tukey")[, 1]), pmin(pmax(x[, 1], fences[1]), fences[2]))
  expect_equal(as.vector(cap_treat(x, "log")), as.vector(log(x)))
  expect_equal(as.vector(cap_treat(x, "log", items = "a")), c(log(x[, 1]), x[, 2]))
  shifted <- as.vector(cap_treat(x - 3, "log")[, "a"])
  expect_equal(shifted, log(x[, 1] - min(x[, 1]) + 0.01 * diff(range(x[, 1]))), tolerance = 1e-12)
  expect_equal(as.vector(cap_treat(x, "boxcox", lambda = 0.3)), as.vector((x^0.3 - 1) / 0.3))
  likelihood <- function(lambda, v) {
    y <- if (abs(lambda) < 1e-12) log(v) else (v^lambda - 1) / lambda
    -length(v) / 2 * log(mean((y - mean(y))^2)) + (lambda - 1) * sum(log(v))
  }
  best <- stats::optimize(likelihood, c(-2, 2), v = x[, 1], maximum = TRUE, tol = 1e-9)$maximum
  expect_equal(attr(cap_treat(x, "boxcox"), "treatment")$lambda[1], best, tolerance = 1e-5)
})

test_that("the same shape comes back, and nothing becomes constant", {
  x <- data.frame(unit = sprintf("U%d", 1:30), flat = 4, spike = c(9, rep(0, 29)), whole = 1:30)
  got <- cap_treat(tibble::as_tibble(x), "tukey")
  expect_s3_class(got, "tbl_df")
  expect_identical(got$spike, x$spike)
  expect_identical(got$whole, x$whole)
  expect_match(paste(cap_findings(got)$text, collapse = " "), "flat, spike")
  expect_output(print(got), "cap_treated")
  expect_identical(attr(cap_treat(x, log = FALSE), "treatment")$what, c("constant", "gave up", "unchanged"))
  m <- as.matrix(x[-1])
  expect_true(is.matrix(cap_treat(m)))
  expect_identical(dimnames(cap_treat(m)), dimnames(m))
  two <- cap_treat(m[1:2, ])
  expect_identical(as.vector(two), as.vector(m[1:2, ]))
  expect_output(print(two[1, , drop = FALSE]), "flat")
})

test_that("answers stay on their scale, their source is named", {
  answers <- gci_answers(2024)
  got <- cap_treat(answers, "percentile", probs = c(0.1, 0.9))
  expect_s3_class(got, "cap_answers")
  frame <- as.data.frame(got)
  changed <- frame$value != as.data.frame(answers)$value
  expect_gt(sum(changed), 0)
  expect_true(all(frame$source[changed] == "treated"))
  expect_identical(nrow(as.data.frame(cap_table(got))), sum(changed))
  expect_error(cap_treat(answers, "log"), "scale of their own", class = "cap_error_input")
})

test_that("editions are treated together or alone", {
  x <- data.frame(unit = rep(sprintf("U%02d", 1:12), 2), edition = rep(1:2, each = 12), i = c(1:11, 400, 101:112))
  alone <- cap_treat(x, over = "edition")
  expect_identical(alone$i[12], 11)
  expect_identical(attr(alone, "treatment")$edition, c("1", "2"))
  expect_identical(attr(cap_treat(x), "treatment")$edition, "all")
})

test_that("bad arguments are named", {
  x <- data.frame(unit = c("A", "B", "C"), i = c(1, 2, 4))
  refused <- function(pattern, ...) expect_error(cap_treat(x, ...), pattern, class = "cap_error_input")
  refused("probs", "percentile", probs = c(0.9, 0.1))
  refused("fence", "tukey", fence = -1)
  refused("skewness", skewness = 0)
  refused("max_points", max_points = NA)
  refused("lacks: k", items = "k")
  refused("lambda", "boxcox", lambda = Inf)
  refused("log", log = NA)
  expect_error(cap_treat(x, "boxcox", lambda = 1e5), "At B i", class = "cap_error_numeric")
})
