ishigami <- function(u) {
  x <- pi * (2 * u - 1)
  sin(x[, 1]) + 7 * sin(x[, 2])^2 + 0.1 * x[, 3]^4 * sin(x[, 1])
}
# Ishigami and Homma (1990), a = 7, b = 0.1: the closed form.
ishigami_truth <- local({
  v1 <- 0.5 * (1 + 0.1 * pi^4 / 5)^2
  v2 <- 49 / 8
  v13 <- 0.01 * pi^8 * (1 / 18 - 1 / 50)
  list(first = c(v1, v2, 0) / (v1 + v2 + v13), total = c(v1 + v13, v2, v13) / (v1 + v2 + v13))
})

g_function <- function(a) {
  force(a)
  function(u) apply(u, 1, function(row) prod((abs(4 * row - 2) + a) / (1 + a)))
}
# Saltelli and Sobol' (1995): V_j = 1 / (3 (1 + a_j)^2), V = prod(1 + V_j) - 1.
g_truth <- function(a) {
  part <- 1 / (3 * (1 + a)^2)
  v <- prod(1 + part) - 1
  list(first = part / v, total = part * prod(1 + part) / (1 + part) / v)
}

sobol <- function(seed, ...) withr::with_seed(seed, cap_sobol(...))
table_of <- function(x) as.data.frame(x)
estimates <- function(x) unlist(x$indices[c("first", "total")], use.names = FALSE)

test_that("Ishigami and Sobol's g-function: errors fall with n, and stay small", {
  a <- c(0, 1, 4.5, 9)
  cases <- list(
    list(f = ishigami, d = 3, truth = unlist(ishigami_truth)),
    list(f = g_function(a), d = 4, truth = unlist(g_truth(a)))
  )
  for (case in cases) {
    error <- function(n) {
      sqrt(mean(vapply(1:5, function(seed) mean((estimates(sobol(seed, case$f, case$d, n)) - case$truth)^2), 0)))
    }
    errors <- vapply(c(128, 1024, 8192), error, 0)
    # Random rows would fall by 2.8 at each step.
    expect_lt(errors[2], errors[1] / 2.8)
    expect_lt(errors[3], errors[2] / 2.8)
    expect_lt(errors[3], 0.004)
  }
})

test_that("intervals hold the exact indices at the stated rate", {
  hits <- function(conf) {
    rowMeans(vapply(1:120, function(seed) {
      x <- sobol(seed, ishigami, 3, 512, conf = conf)$indices
      c(
        x$first_low <= ishigami_truth$first & ishigami_truth$first <= x$first_high,
        x$total_low <= ishigami_truth$total & ishigami_truth$total <= x$total_high
      )
    }, logical(6)))
  }
  # Binomial: four standard deviations of 120.
  expect_true(all(abs(hits(0.95) - 0.95) < 4 * sqrt(0.95 * 0.05 / 120)))
  expect_true(all(abs(hits(0.5) - 0.5) < 4 * sqrt(0.5 * 0.5 / 120)))
})

test_that("additive functions, pure interactions and one factor are what they are", {
  additive <- sobol(1, function(u) u[, 1] + 2 * u[, 2], 2, 4096)
  expect_equal(additive$indices$first, c(0.2, 0.8), tolerance = 0.01)
  expect_equal(additive$indices$total, c(0.2, 0.8), tolerance = 0.01)
  expect_true("sobol.additive" %in% cap_findings(additive)$key)
  pure <- sobol(1, function(u) (u[, 1] - 0.5) * (u[, 2] - 0.5), 2, 4096)
  expect_true(all(abs(pure$indices$first) < 0.04))
  expect_equal(pure$indices$total, c(1, 1), tolerance = 0.01)
  expect_true("sobol.interactions" %in% cap_findings(pure)$key)
  expect_match(paste(cap_findings(pure)$text, collapse = " "), "whose effect alone cannot be told from 0")
  one <- sobol(1, function(u) exp(u[, 1]), 1, 4096)
  expect_equal(estimates(one), c(1, 1), tolerance = 0.01)
})

test_that("discrete factors agree with the full table of their choices", {
  K <- c(3, 2, 4)
  value <- function(i, j, k) 2 * i + 3 * (j == 1) * k + i * k^2
  f <- function(u) value(floor(u[, 1] * K[1]), floor(u[, 2] * K[2]), floor(u[, 3] * K[3]))
  all <- expand.grid(i = 0:2, j = 0:1, k = 0:3)
  y <- value(all$i, all$j, all$k)
  var0 <- function(x) mean((x - mean(x))^2)
  explained <- function(by) var0(ave(y, by)) / var0(y)
  first <- c(explained(all$i), explained(all$j), explained(all$k))
  others <- list(all[c("j", "k")], all[c("i", "k")], all[c("i", "j")])
  total <- 1 - vapply(others, function(o) explained(interaction(o)), 0)
  x <- sobol(2, f, 3, 2^14, conf = 0.999)$indices
  expect_true(all(x$first_low < first & first < x$first_high & x$first_high - x$first_low < 0.1))
  expect_true(all(x$total_low < total & total < x$total_high & x$total_high - x$total_low < 0.1))
})

test_that("adding a constant or changing the unit changes no index", {
  plain <- estimates(sobol(3, ishigami, 3, 500))
  changed <- function(change) estimates(sobol(3, function(u) change(ishigami(u)), 3, 500))
  expect_equal(changed(function(y) y + 1000), plain, tolerance = 1e-11)
  expect_equal(changed(function(y) y + 1e6), plain, tolerance = 1e-8)
  expect_equal(changed(function(y) y * 1e-6), plain, tolerance = 1e-12)
  expect_equal(changed(function(y) y * 1e-200), plain, tolerance = 1e-12)
  expect_equal(changed(function(y) -y * 1e140), plain, tolerance = 1e-12)
})

test_that("a factor that f ignores has 0, and the dummy's interval holds 0", {
  x <- sobol(1, function(u) ishigami(u[, 2:4]), 4, 1024)
  expect_identical(unlist(x$indices[1, -1], use.names = FALSE), rep(0, 6))
  expect_true("sobol.idle" %in% cap_findings(x)$key)
  held <- vapply(1:100, function(seed) {
    dummy <- sobol(seed, ishigami, 3, 256)$dummy
    c(
      dummy$first_low <= 0 & dummy$first_high >= 0,
      dummy$total_low <= 0 & dummy$total_high >= 0
    )
  }, logical(2))
  expect_true(all(abs(rowMeans(held) - 0.95) < 4 * sqrt(0.95 * 0.05 / 100)))
})

# The estimators of the help page, from the points that f saw.
test_that("a slow twin gives the same figures", {
  seen <- list()
  f <- function(u) {
    seen[[length(seen) + 1]] <<- u
    ishigami(u)
  }
  x <- sobol(5, f, 3, 40, shifts = 4)
  expect_length(seen, 4)
  values <- lapply(seen, function(u) matrix(ishigami(u), 10))
  for (u in seen) {
    blocks <- lapply(0:4, function(k) u[10 * k + 1:10, ])
    for (j in 1:3) {
      mixed <- blocks[[1]]
      mixed[, j] <- blocks[[2]][, j]
      expect_identical(blocks[[2 + j]], mixed)
    }
  }
  twin <- function(values) {
    y <- do.call(rbind, values)
    m <- mean(y[, 1:2])
    v <- mean((y[, 1:2] - m)^2)
    c(
      vapply(3:5, function(k) mean((y[, 2] - m) * (y[, k] - y[, 1])), 0),
      vapply(3:5, function(k) mean((y[, k] - y[, 1])^2) / 2, 0)
    ) / v
  }
  all <- twin(values)
  without <- vapply(1:4, function(g) twin(values[-g]), numeric(6))
  half <- qt(0.975, 3) * sqrt(3 / 4 * rowSums((without - rowMeans(without))^2))
  expect_equal(estimates(x), all, tolerance = 1e-12)
  expect_equal(unlist(x$indices[c("first_low", "total_low")], use.names = FALSE), all - half, tolerance = 1e-10)
  expect_equal(unlist(x$indices[c("first_high", "total_high")], use.names = FALSE), all + half, tolerance = 1e-10)
  expect_equal(x$sum[["sum"]], sum(all[1:3]), tolerance = 1e-12)
})

test_that("set.seed() alone governs, and R's generator advances by one", {
  expect_identical(sobol(1, ishigami, 3, 64), sobol(1, ishigami, 3, 64))
  expect_false(identical(estimates(sobol(1, ishigami, 3, 64)), estimates(sobol(2, ishigami, 3, 64))))
  after <- withr::with_seed(9, {
    cap_sobol(ishigami, 3, 64)
    runif(1)
  })
  expect_identical(after, withr::with_seed(9, runif(2)[2]))
})

test_that("columns, names and figures are as documented", {
  x <- sobol(1, ishigami, c("a", "b", "c"), 1000)
  table <- as.data.frame(x)
  expect_named(table, c("factor", "first", "first_low", "first_high", "total", "total_low", "total_high"))
  expect_identical(table$factor, c("a", "b", "c"))
  expect_identical(estimates(x), estimates(sobol(1, ishigami, 3, 1000, names = c("a", "b", "c"))))
  expect_identical(as.data.frame(sobol(1, ishigami, 3, 16))$factor, c("X1", "X2", "X3"))
  expect_identical(c(x$n, x$rows, x$evaluations), c(1008, 63, 1008 * 5))
  expect_match(paste(cap_findings(x)$text, collapse = " "), "raised from 1,000 to 1,008")
  path <- as.data.frame(x, table = "convergence")
  expect_identical(unique(path$n), c(8, 16, 32, 63) * 16)
  expect_equal(path[path$n == 1008, -1], table, ignore_attr = TRUE)
  expect_identical(cap_table(x)$factor, c("a", "b", "c", "(dummy)"))
  expect_s3_class(x, c("cap_sobol", "cap_result"), exact = TRUE)
  extra <- function(u, power) u[, 1]^power
  expect_equal(estimates(sobol(1, extra, 1, 64, power = 3)), estimates(sobol(1, function(u) u[, 1]^3, 1, 64)))
})

test_that("f is called with few, whole blocks inside the open cube", {
  sizes <- integer()
  f <- function(u) {
    sizes <<- c(sizes, nrow(u))
    stopifnot(is.matrix(u), all(u > 0 & u < 1), identical(colnames(u), c("X1", "X2")))
    u[, 1]
  }
  sobol(1, f, 2, 4096)
  expect_identical(sizes, rep(1024L, 16))
  sizes <- integer()
  sobol(1, f, 2, 2^17, shifts = 2)
  expect_identical(sizes, rep(65536L, 8))
  sizes <- integer()
  sobol(1, f, 2, 60000, shifts = 2)
  expect_identical(sizes, rep(c(60000L, 60000L), 2))
})

test_that("small designs and many factors are defined", {
  for (n in 1:3) {
    x <- sobol(1, ishigami, 3, n)
    expect_identical(x$n, 16)
    expect_true(all(is.finite(as.matrix(x$indices[-1]))))
  }
  for (d in c(20, 21, 41)) {
    x <- sobol(1, function(u) u[, 1] + 2 * u[, d], d, 1024)
    expect_identical(x$design, if (d == 20) "quasi" else "latin")
    expect_equal(x$indices$total[c(1, d)], c(0.2, 0.8), tolerance = 0.15)
    expect_true(all(x$indices$total[-c(1, d)] == 0))
  }
  expect_match(paste(cap_findings(x)$text, collapse = " "), "ends at 20 factors")
})

test_that("one shift has indices and no intervals, and says so", {
  x <- sobol(1, ishigami, 3, 4096, shifts = 1)
  expect_equal(estimates(x), unlist(ishigami_truth), tolerance = 0.02, ignore_attr = TRUE)
  expect_true(all(is.na(x$indices[c("first_low", "first_high", "total_low", "total_high")])))
  expect_false(any(vapply(x$indices, function(column) any(is.nan(column)), NA)))
  expect_true("sobol.one_shift" %in% cap_findings(x)$key)
  expect_s3_class(plot(x), "ggplot")
})

test_that("a result that does not vary has no indices, and says so", {
  for (f in list(function(u) rep(0, nrow(u)), function(u) rep(0.1, nrow(u)), function(u) (u[, 1] + 1e3) - u[, 1])) {
    x <- sobol(1, f, 2, 100)
    figures <- unlist(x$indices[-1])
    expect_true(all(is.na(figures)) && !any(is.nan(figures)))
    expect_true("sobol.constant" %in% cap_findings(x)$key)
    expect_error(plot(x), class = "cap_error_input")
    expect_output(print(x), "nothing varies")
  }
})

test_that("faults of f are classed and say which rows", {
  local_messages()
  expect_match(input_error(cap_sobol(function(u) 1, 2, 160)), "rows 1 to 40 it gave 1 value")
  expect_match(input_error(cap_sobol(function(u) rep("a", nrow(u)), 2, 160)), "character vector")
  expect_match(input_error(cap_sobol(function(u) as.list(u[, 1]), 2)), "a list")
  expect_match(input_error(cap_sobol(function(u) NULL, 2)), "NULL")
  for (value in c(NA, NaN, Inf, -Inf, 1e200)) {
    f <- function(u) replace(u[, 1], c(3, 7), value)
    e <- expect_error(cap_sobol(f, 2, 160), class = "cap_error_input")
    message <- gsub("[[:space:]]+", " ", cli::ansi_strip(conditionMessage(e)))
    expect_match(message, "2 of 40 rows: 3, 7. ", fixed = TRUE)
    expect_match(message, "at X1 = 0[.][0-9]+, X2 = 0[.]")
    expect_identical(dim(e$points), c(2L, 2L))
  }
  e <- expect_error(cap_sobol(function(u) stop("no {such} thing"), 2), class = "cap_error_input")
  expect_identical(conditionMessage(e$parent), "no {such} thing")
  stopped <- tryCatch(cap_sobol(function(u) rlang::interrupt(), 2), interrupt = function(i) "stopped")
  expect_identical(stopped, "stopped")
})

test_that("arguments are checked", {
  f <- function(u) u[, 1]
  faults <- list(
    quote(cap_sobol(3, 2)), quote(cap_sobol(f, 0)), quote(cap_sobol(f, 1.5)), quote(cap_sobol(f, TRUE)),
    quote(cap_sobol(f, NA_real_)), quote(cap_sobol(f, character())), quote(cap_sobol(f, c("a", "a"))),
    quote(cap_sobol(f, c("a", NA))), quote(cap_sobol(f, 2, names = "a")), quote(cap_sobol(f, "a", names = "a")),
    quote(cap_sobol(f, 2, names = 1:2)), quote(cap_sobol(f, 2, n = 0)), quote(cap_sobol(f, 2, n = 2.5)),
    quote(cap_sobol(f, 2, n = Inf)), quote(cap_sobol(f, 2, n = NA)), quote(cap_sobol(f, 2, conf = 1)),
    quote(cap_sobol(f, 2, conf = 0)), quote(cap_sobol(f, 2, conf = 95)), quote(cap_sobol(f, 2, shifts = 0))
  )
  for (fault in faults) expect_error(eval(fault), class = "cap_error_input")
  expect_error(as.data.frame(sobol(1, f, 1, 16), table = "x"), class = "cap_error_input")
})

test_that("an index below zero is printed as it is", {
  x <- sobol(4, ishigami, 3, 64)
  expect_lt(min(x$indices$first), 0)
  expect_output(print(x), "-0[.]")
  expect_match(paste(cap_findings(x)$text, collapse = " "), "left as it is: X3")
})

test_that("plots show the largest total on top", {
  shown <- ggplot2::ggplot_build(plot(sobol(1, function(u) u[, 1] + 3 * u[, 2], c("small", "large"), 256)))
  expect_identical(shown$layout$panel_params[[1]]$y$get_labels(), c("small", "large"))
})

test_that("the variance is that of the results, on their scale", {
  linear <- function(u) 1000 * drop(u %*% c(1, 2, 3))
  set.seed(1)
  expect_equal(cap_sobol(linear, 3, n = 4096)$variance, 1e6 * 14 / 12, tolerance = 0.02)
})
