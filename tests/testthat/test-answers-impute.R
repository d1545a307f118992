# EM for a multivariate normal, the slow way: one row at a time.
em_twin <- function(x, steps = 2000) {
  s <- apply(x, 2, stats::sd, na.rm = TRUE)
  m <- colMeans(x, na.rm = TRUE)
  z <- sweep(sweep(x, 2, m), 2, s, "/")
  n <- nrow(z)
  p <- ncol(z)
  mu <- rep(0, p)
  sigma <- diag(p)
  for (step in seq_len(steps)) {
    filled <- z
    extra <- matrix(0, p, p)
    for (i in seq_len(n)) {
      gone <- is.na(z[i, ])
      if (!any(gone)) next
      if (all(gone)) {
        filled[i, ] <- mu
        extra <- extra + sigma
        next
      }
      b <- sigma[gone, !gone, drop = FALSE] %*% solve(sigma[!gone, !gone, drop = FALSE])
      filled[i, gone] <- mu[gone] + b %*% (z[i, !gone] - mu[!gone])
      extra[gone, gone] <- extra[gone, gone] + sigma[gone, gone] - b %*% sigma[!gone, gone, drop = FALSE]
    }
    old <- sigma
    mu <- colMeans(filled)
    sigma <- (crossprod(sweep(filled, 2, mu)) + extra) / n
    if (max(abs(sigma - old)) < 1e-12) break
  }
  list(value = sweep(sweep(filled, 2, s, "*"), 2, m, "+"), mean = m + s * mu, cov = sigma * outer(s, s))
}

correlated <- function(n, p, gaps, seed) {
  withr::with_seed(seed, {
    x <- (matrix(stats::rnorm(n * p), n) + stats::rnorm(n)) %*% diag(10^(seq_len(p) - 2), p)
    colnames(x) <- paste0("i", seq_len(p))
    rownames(x) <- sprintf("U%03d", seq_len(n))
    x[stats::runif(n * p) < gaps] <- NA
    x
  })
}

test_that("EM agrees with a slow plain-R EM", {
  for (seed in 1:4) {
    x <- correlated(40, 4, 0.2, seed)
    got <- cap_impute(x, "em", tolerance = 1e-12)
    twin <- em_twin(x)
    model <- attr(got, "imputation")$all
    expect_true(model$converged)
    size <- rep(10^(1:4 - 2), each = 40)
    expect_lt(max(abs(got - twin$value) / size), 1e-7)
    expect_equal(model$mean, twin$mean, tolerance = 1e-6)
    expect_equal(model$cov, twin$cov, tolerance = 1e-6)
    record <- as.data.frame(cap_table(got))
    expect_identical(nrow(record), sum(is.na(x)))
    expect_identical(record$value, got[cbind(record$unit, record$item)])
    expect_true(all(record$spread > 0))
    expect_identical(got[!is.na(x)], x[!is.na(x)])
  }
})

test_that("complete data are unchanged and order does not matter", {
  full <- correlated(30, 4, 0, 9)
  x <- correlated(30, 4, 0.15, 9)
  groups <- data.frame(unit = rownames(x), group = rep(c("g", "h"), 15))
  for (method in c("mean", "median", "group_mean", "knn", "em")) {
    by <- if (method == "group_mean") groups
    same <- cap_impute(full, method, by = by)
    expect_identical(as.vector(same), as.vector(full))
    expect_identical(nrow(as.data.frame(cap_table(same))), 0L)
    got <- cap_impute(x, method, by = by)
    turned <- cap_impute(x[30:1, 4:1], method, by = by)
    expect_equal(as.vector(turned[30:1, 4:1]), as.vector(got), tolerance = 1e-6, info = method)
    expect_identical(got[!is.na(x)], x[!is.na(x)])
    expect_false(anyNA(got))
  }
})

test_that("means, medians and group means agree with plain R", {
  x <- data.frame(unit = LETTERS[1:6], region = c("n", "n", "n", "s", "s", NA), v = c(1, 2, NA, 10, NA, NA))
  expect_equal(cap_impute(x, "mean")$v[c(3, 5, 6)], rep(13 / 3, 3))
  expect_equal(cap_impute(x, "median")$v[c(3, 5, 6)], rep(2, 3))
  got <- cap_impute(x, "group_mean", by = "region")
  expect_equal(got$v, c(1, 2, 1.5, 10, 10, NA))
  expect_equal(as.data.frame(cap_table(got))$spread, c(stats::sd(1:2), NA))
  expect_match(paste(cap_findings(got)$text, collapse = " "), "1 value has nothing to be filled from and stays missing")
  expect_output(print(got), "cap_imputed")
  expect_error(cap_impute(x, "group_mean"), "by", class = "cap_error_input")
  twice <- data.frame(unit = c("A", "A"), group = c("g", "h"))
  expect_error(cap_impute(x, "group_mean", by = twice), "A in more than one group", class = "cap_error_input")
})

test_that("series follow a unit over its editions", {
  x <- data.frame(
    unit = rep(c("A", "B"), each = 4), edition = rep(c(2014, 2017, 2018, 2024), 2),
    v = c(2, NA, 6, NA, NA, 1, NA, NA)
  )[c(8, 3, 1, 5, 2, 7, 4, 6), ]
  at <- function(y, unit, edition) y$v[y$unit == unit & y$edition == edition]
  linear <- cap_impute(x, "linear")
  expect_equal(at(linear, "A", 2017), 5)
  expect_identical(at(linear, "A", 2024), NA_real_)
  last <- cap_impute(x, "last")
  expect_identical(at(last, "A", 2017), 2)
  expect_identical(at(last, "A", 2024), 6)
  expect_identical(at(last, "B", 2024), 1)
  expect_identical(at(last, "B", 2014), NA_real_)
  expect_error(cap_impute(x[-2], "last"), class = "cap_error_input")
  expect_error(cap_impute(transform(x, edition = paste0("e", edition)), "linear"), "numbers", class = "cap_error_input")
})

test_that("nearest neighbours agree with plain R", {
  x <- correlated(25, 4, 0.15, 2)
  s <- apply(x, 2, stats::sd, na.rm = TRUE)
  got <- cap_impute(x, "knn", k = 3)
  for (cell in which(is.na(x))) {
    i <- row(x)[cell]
    k <- col(x)[cell]
    far <- apply(x, 1, function(other) sqrt(mean(((other - x[i, ]) / s)^2, na.rm = TRUE)))
    donors <- setdiff(order(far), c(i, which(is.na(x[, k])), which(is.nan(far))))
    expect_equal(got[cell], mean(x[donors[1:3], k]))
  }
  tied <- data.frame(unit = LETTERS[1:4], a = c(0, 1, -1, 9), b = c(NA, 10, 20, 60))
  expect_equal(cap_impute(tied, "knn", k = 1)$b[1], 15)
})

test_that("answers keep their class, their scale and say what is imputed", {
  data <- gci_items[gci_items$edition == 2024, ]
  gone <- withr::with_seed(1, sample(nrow(data), 300))
  data$value[gone] <- NA
  answers <- cap_answers(data, "gci-2024")
  for (method in c("mean", "knn", "em")) {
    got <- cap_impute(answers, method)
    frame <- as.data.frame(got)
    before <- as.data.frame(answers)
    was_gone <- is.na(before$value)
    expect_identical(frame$value[!was_gone], before$value[!was_gone])
    expect_true(all(frame$source[was_gone] == "imputed"))
    expect_true(all(frame$value >= 0 & frame$value <= 1))
    record <- as.data.frame(cap_table(got))
    expect_identical(nrow(record), 300L)
    expect_identical(record$value, frame$value[was_gone])
    expect_s3_class(cap_index(got), "cap_index")
  }
  clipped <- record[!is.na(record$unclipped), ]
  expect_gt(nrow(clipped), 0)
  expect_true(all(clipped$value == pmin(pmax(clipped$unclipped, 0), 1) & clipped$value != clipped$unclipped))
  expect_match(paste(cap_findings(got)$text, collapse = " "), "put on its end", fixed = TRUE)
  expect_match(paste(cap_findings(got)$text, collapse = " "), "EM, edition 2024: converged", fixed = TRUE)
})

test_that("singular covariances have a ridge or an error", {
  wide <- correlated(6, 10, 0, 5)
  wide[2, 3] <- NA
  got <- suppressWarnings(cap_impute(wide, "em"))
  expect_false(anyNA(got))
  expect_identical(attr(got, "imputation")$all$ridge, 1e-3)
  expect_match(paste(cap_findings(got)$text, collapse = " "), "ridge 0.001", fixed = TRUE)
  expect_error(cap_impute(wide, "em", ridge = 0), "singular", class = "cap_error_numeric")
  x <- correlated(40, 3, 0, 6)
  x <- cbind(x, twice = 2 * x[, 1])
  x[3, "i2"] <- NA
  x[5, "twice"] <- NA
  got <- cap_impute(x, "em")
  expect_equal(got[[5, "twice"]], 2 * x[[5, 1]], tolerance = 0.02)
  expect_identical(attr(got, "imputation")$all$ridge, 1e-3)
})

test_that("degenerate panels and slow runs are said", {
  x <- data.frame(unit = c("A", "B", "C"), i = c(1, NA, 4), none = NA_real_, flat = c(2, 2, NA))
  expect_error(cap_impute(x, "em"), "none of none", class = "cap_error_numeric")
  got <- cap_impute(x[-3], "em")
  expect_identical(got$flat, c(2, 2, 2))
  expect_equal(got$i[2], 2.5, tolerance = 1e-6)
  expect_identical(cap_impute(x, "mean")$none, x$none)
  expect_warning(
    cap_impute(correlated(40, 4, 0.3, 1), "em", max_iterations = 2), "did not converge",
    class = "cap_warning_convergence"
  )
  expect_error(cap_impute(x, "knn", k = 0), class = "cap_error_input")
  expect_error(cap_impute(x, "mean", by = "i"), class = "cap_error_input")
  expect_error(cap_impute(x, "em", tolerance = 0), class = "cap_error_input")
  whole <- data.frame(unit = LETTERS[1:3], v = c(1L, NA, 4L), w = 1:3)
  expect_identical(cap_impute(whole, "mean")$w, 1:3)
})

test_that("editions are filled from their own units unless asked", {
  x <- data.frame(unit = rep(c("A", "B"), 2), edition = rep(1:2, each = 2), v = c(1, NA, 5, 9))
  expect_identical(cap_impute(x, "mean")$v[2], 1)
  expect_identical(cap_impute(x, "mean", over = "panel")$v[2], 5)
})
