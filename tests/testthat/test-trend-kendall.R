three <- rbind(X1 = c(20, 35, 30, 55, 60), X2 = c(40, 38, 50, 52, 70), X3 = c(10, 12, 12, 30, 25))
years <- c(2014, 2017, 2018, 2020, 2024)
sulfate <- data.frame(
  date = c(
    89.6, 89.8, 90.1, 90.3, 90.6, 90.8, 91.1, 91.3, 91.6, 91.8, 92.1, 92.6, 93.1, 93.6, 94.1, 94.6, 95.1,
    95.6, 95.8, 96.1, 96.3, 96.6, 96.8
  ),
  value = c(
    480, 450, 490, 520, 485, 510, 510, 530, 510, 560, 560, 540, 590, 550, 600, 700, 570, 610, 650, 620, 830,
    720, 590
  )
)
row_of <- function(...) as.data.frame(cap_kendall(...))

# Every order of n, in rows.
orders <- function(n) {
  if (n == 1L) {
    return(matrix(1L))
  }
  rest <- orders(n - 1L)
  do.call(rbind, lapply(seq_len(n), function(first) cbind(first, ifelse(rest >= first, rest + 1L, rest))))
}
twin_s <- function(x, time) {
  signs <- sign(outer(x, x, "-")) * sign(outer(time, time, "-"))
  sum(signs[upper.tri(signs)], na.rm = TRUE)
}

test_that("published series are met to the digits given", {
  up <- function(x) row_of(x, alternative = "greater")
  expect_equal(up(c(10, 15, 14, 20))$p, 1 / 6) # Gilbert 1987, table A18
  x <- c(44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1)
  y <- c(2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8)
  found <- row_of(y, x) # Hollander and Wolfe 1973
  expect_equal(found$s, 16)
  expect_equal(found$tau, 4 / 9)
  expect_equal(found$p, 21671 / 181440, tolerance = 1e-14)
  a <- c(rep(2.5, 4), 5, 6.5, 6.5, rep(10, 5), rep(14, 3), 16, 17)
  b <- c(1, 1, 1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 2, 2)
  found <- row_of(a, b) # Kendall 1976, example 3.4
  expect_equal(found$s, 34)
  expect_equal(found$var_s, 344.558823529, tolerance = 1e-11)
  expect_equal(found$s / found$tau, 83.4266144585, tolerance = 1e-11)
  found <- cap_kendall(sulfate$value, sulfate$date) # US EPA 2009, example 17-6
  table <- as.data.frame(found)
  expect_equal(table$s, 194)
  expect_equal(table$var_s, 1428)
  expect_equal(table$z, 5.107322, tolerance = 1e-6)
  expect_equal(table$p, 3.267574e-07, tolerance = 1e-6)
  expect_equal(cap_table(found)$tau_a, 0.7667984, tolerance = 1e-7)
})

test_that("exact tables are those of the literature", {
  # a series of n with S = s: the identity with neighbours swapped
  tail_of <- function(n, s) {
    x <- seq_len(n)
    while (twin_s(x, seq_len(n)) > s) {
      k <- which(diff(x) > 0)[1L]
      x[c(k, k + 1L)] <- x[c(k + 1L, k)]
    }
    row_of(x, alternative = "greater")$p
  }
  expect_tails <- function(n, s, p) {
    expect_equal(vapply(s, tail_of, 0, n = n), p, tolerance = 1e-14)
  }
  expect_tails(3, c(3, 1), c(1 / 6, 1 / 2))
  expect_tails(4, c(6, 4, 2), c(1 / 24, 1 / 6, 3 / 8))
  expect_tails(5, c(10, 8, 6, 4, 2), c(1 / 120, 1 / 24, 7 / 60, 29 / 120, 49 / 120))
  expect_tails(6, seq(15, 3, -2), c(1, 6, 20, 49, 98, 169, 259) / 720)
  expect_tails(7, seq(21, 11, -2), c(1 / 5040, 1 / 720, 3 / 560, 19 / 1260, 29 / 840, 49 / 720))
  expect_tails(8, c(28, 16, 14), c(1 / 40320, 41 / 1344, 313 / 5760))
  expect_tails(9, 16, 21671 / 362880)
  expect_tails(10, c(23, 21, 19), c(5287 / 226800, 3761 / 103680, 5459 / 100800))
})

test_that("the least p is printed and p is never below it", {
  least <- vapply(3:6, function(n) row_of(seq_len(n))$p_min, 0)
  expect_equal(least, c(1 / 3, 1 / 12, 1 / 60, 1 / 360))
  for (n in 3:60) {
    for (method in c("exact", "normal")) {
      found <- row_of(seq_len(n), method = method)
      expect_gte(found$p, found$p_min)
      expect_gt(found$p_min, 0)
    }
  }
  text <- paste(cap_findings(cap_kendall(1:4))$text, collapse = " ")
  expect_match(text, "4 values cannot show a trend at 5 %: the least p that they allow is 0.0833", fixed = TRUE)
  expect_no_match(text, "significan|The trend rises")
  expect_match(paste(cap_findings(cap_kendall(1:5))$text, collapse = " "), "The trend rises", fixed = TRUE)
})

test_that("ties and equal times agree with every order", {
  withr::local_seed(4)
  for (round in 1:30) {
    n <- sample(3:6, 1)
    x <- sample(1:4, n, TRUE)
    time <- sample(years, n, TRUE)
    s <- apply(orders(n), 1, function(o) twin_s(x[o], time))
    found <- row_of(x, time)
    expect_equal(found$s, twin_s(x, time))
    expect_equal(found$p, mean(abs(s) >= abs(found$s)))
    expect_equal(found$p_min, mean(abs(s) >= max(abs(s))))
    expect_equal(found$var_s, mean(s^2))
  }
})

test_that("p beyond tables agrees with R's own test", {
  withr::local_seed(5)
  for (n in c(11, 30, 49)) {
    x <- stats::rnorm(n) + seq_len(n) / n
    theirs <- stats::cor.test(x, seq_len(n), method = "kendall", exact = TRUE)
    expect_equal(row_of(x)$p, theirs$p.value, tolerance = 1e-10)
    expect_equal(row_of(x)$tau, unname(theirs$estimate))
  }
  x <- sample(1:20, 300, TRUE)
  time <- sample(1:100, 300, TRUE)
  expect_equal(row_of(x, time)$tau, stats::cor(x, time, method = "kendall"))
  expect_identical(row_of(x, time)$method, "normal")
})

test_that("the worked region is met", {
  found <- cap_kendall(three, years)
  expect_identical(names(as.data.frame(found)), c("s", "var_s", "z", "tau", "p", "p_min", "n", "method"))
  expect_equal(cap_table(found)$s, c(23, 8, 8, 7))
  expect_equal(cap_table(found)$var_s, c(121, 50 / 3, 50 / 3, 47 / 3))
  expect_equal(found$independent$var_s, 49)
  expect_equal(found$independent$z, 22 / 7)
  expect_equal(found$independent$p, 0.00167307, tolerance = 1e-5)
  expect_equal(row_of(three, years)$p, 4 / 120)
  expect_equal(row_of(three, years)$p_min, 2 / 120)
  expect_equal(row_of(three, years, method = "normal")$p, 0.0455003, tolerance = 1e-6)
  weighted <- cap_kendall(three, years, weights = c(1, 4, 2))
  expect_equal(as.data.frame(weighted)$s, 54)
  expect_equal(as.data.frame(weighted)$p, 4 / 120)
  expect_equal(weighted$independent$var_s, 346)
  expect_equal(as.data.frame(weighted)$var_s, 667.3333, tolerance = 1e-7)
})

test_that("the joint test agrees with a slow twin", {
  withr::local_seed(6)
  for (round in 1:12) {
    m <- sample(2:5, 1)
    n <- sample(3:5, 1)
    x <- matrix(sample(c(NA, 1:6), m * n, TRUE), m)
    w <- sample(c(0.5, 1, 2), m, TRUE)
    if (any(colSums(!is.na(x)) == 0)) next
    each <- apply(orders(n), 1, function(o) apply(x[, o, drop = FALSE], 1, twin_s, time = seq_len(n)))
    s <- drop(w %*% each)
    found <- cap_kendall(x, weights = w)
    expect_equal(found$test$s, sum(w * apply(x, 1, twin_s, time = seq_len(n))))
    expect_equal(found$test$p, mean(abs(s) >= abs(found$test$s) - 1e-9))
    expect_equal(found$test$var_s, mean(s^2))
    sd <- sqrt(found$each$var_s)
    h <- apply((each / sd)[sd > 0, , drop = FALSE], 2, function(z) sum((z - mean(z))^2))
    if (sum(sd > 0) > 1) {
      expect_equal(found$heterogeneity$statistic, h[1])
      expect_equal(found$heterogeneity$p, mean(h >= h[1] - 1e-9))
    }
  }
})

test_that("covariances agree with Dietz and Killeen term by term", {
  withr::local_seed(8)
  n <- 9
  x <- matrix(stats::rnorm(4 * n), 4)
  x[2, 3] <- x[4, 8] <- NA
  ranks <- t(apply(x, 1, function(v) ifelse(is.na(v), (sum(!is.na(v)) + 1) / 2, rank(v, na.last = "keep"))))
  size <- rowSums(!is.na(x))
  total <- 0
  for (g in 1:4) {
    for (h in 1:4) {
      k <- sign(outer(x[g, ], x[g, ], "-") * outer(x[h, ], x[h, ], "-"))
      k <- sum(k[upper.tri(k)], na.rm = TRUE)
      total <- total + (k + 4 * sum(ranks[g, ] * ranks[h, ]) - n * (size[g] + 1) * (size[h] + 1)) / 3
    }
  }
  found <- row_of(x)
  expect_equal(found$var_s, total)
  expect_identical(found$method, "normal, with covariances")
  expect_equal(found$p, 2 * stats::pnorm(-(abs(found$s) - 1) / sqrt(total)))
})

test_that("order, scale and equal weights do not matter", {
  base <- row_of(three, years)
  expect_equal(row_of(three, years, weights = c(1, 1, 1)), base)
  scaled <- row_of(three, years, weights = c(3, 3, 3))
  expect_equal(scaled[c("z", "tau", "p")], base[c("z", "tau", "p")])
  expect_equal(row_of(three[3:1, 5:1], rev(years)), base)
  expect_equal(row_of(1000 * three - 7, years), base)
  named <- c(X3 = 2, X1 = 1, other = 9, X2 = 4)
  expect_equal(row_of(three, years, weights = named), row_of(three, years, weights = c(1, 4, 2)))
  frame <- data.frame(unit = factor(rownames(three)), three)
  expect_equal(cap_table(cap_kendall(frame, years)), cap_table(cap_kendall(three, years)))
  one <- row_of(three[1, , drop = FALSE], years)
  columns <- setdiff(names(one), "method")
  expect_equal(one[columns], row_of(three[1, ], years)[columns])
})

test_that("noise of the last digits does not order values", {
  x <- c(0.1 + 0.2, 0.3, 0.5, 0.4)
  expect_false(x[1] == x[2])
  expect_equal(row_of(x), row_of(c(0.3, 0.3, 0.5, 0.4)))
  expect_equal(row_of(1:4, x), row_of(1:4, c(0.3, 0.3, 0.5, 0.4)))
  expect_equal(row_of(rbind(x)), row_of(rbind(c(0.3, 0.3, 0.5, 0.4))))
})

test_that("degenerate data have defined results", {
  constant <- row_of(c(5, 5, 5, 5))
  expect_equal(constant[c("s", "var_s", "z", "p", "p_min")], data.frame(s = 0, var_s = 0, z = 0, p = 1, p_min = 1))
  expect_identical(constant$tau, NA_real_)
  expect_identical(row_of(1:4, c(1, 1, 1, 1))$p, 1)
  flat <- cap_kendall(matrix(5, 2, 4))
  expect_identical(as.data.frame(flat)$p, 1)
  expect_null(flat$heterogeneity)
  opposed <- cap_kendall(rbind(1:4, 4:1))
  expect_identical(as.data.frame(opposed)$p, 1)
  expect_identical(as.data.frame(opposed)$tau, 0)
  gap <- rbind(three, X4 = NA)
  expect_equal(row_of(gap, years), row_of(three, years))
  some <- cap_kendall(three, years, weights = c(1, NA, 0))
  expect_equal(as.data.frame(some)$s, 8)
  expect_match(paste(cap_findings(some)$text, collapse = " "), "2 units have no weight", fixed = TRUE)
  for (x in list(flat, opposed, some, cap_kendall(c(5, 5, 5)))) {
    expect_false(anyNA(cap_findings(x)$text))
    expect_output(print(x))
  }
  expect_equal(row_of(c(1, NA, 2, 3)), row_of(1:3))
})

test_that("faulty input is refused in words", {
  local_messages()
  expect_match(input_error(cap_kendall(c(1, 2))), "three values at least; there are 2", fixed = TRUE)
  expect_match(input_error(cap_kendall(c(NA, NA, NA))), "there are 0", fixed = TRUE)
  expect_match(input_error(cap_kendall(three[, 1:2])), "three editions with a value", fixed = TRUE)
  expect_match(input_error(cap_kendall(letters)), "must hold numbers", fixed = TRUE)
  expect_match(input_error(cap_kendall(c(1, Inf, 2))), "position 2", fixed = TRUE)
  expect_match(input_error(cap_kendall(rbind(A = 1:3, B = c(1, -Inf, 2)))), "not for B", fixed = TRUE)
  expect_match(input_error(cap_kendall(1:3, 1:2)), "has 2", fixed = TRUE)
  expect_match(input_error(cap_kendall(1:3, c(1, NA, 2))), "position 2", fixed = TRUE)
  expect_match(input_error(cap_kendall(three, c(1, 2, 2, 3, 4))), "More than one column at 2", fixed = TRUE)
  expect_match(input_error(cap_kendall(three[c(1, 1, 2), ])), "more than once: X1", fixed = TRUE)
  expect_match(input_error(cap_kendall(1:3, weights = 1:3)), "one series", fixed = TRUE)
  expect_match(input_error(cap_kendall(three, weights = 1:2)), "3 units; there are 2", fixed = TRUE)
  expect_match(input_error(cap_kendall(three, weights = c(1, -1, 1))), "not so for X2", fixed = TRUE)
  expect_match(input_error(cap_kendall(three, weights = c(0, NA, 0))), "0 or missing for all", fixed = TRUE)
  expect_match(input_error(cap_kendall(three, weights = c(X1 = 1))), "No weight for X2, X3", fixed = TRUE)
  expect_error(cap_kendall(1:4, method = "both"), class = "cap_error_input")
  expect_error(cap_kendall(three[0, ]), class = "cap_error_input")
})

test_that("the real editions of 194 countries are tested together", {
  x <- tapply(gci_overall$value / gci_overall$max, list(gci_overall$iso3, gci_overall$edition), mean)
  found <- cap_kendall(x)
  expect_identical(found$time, as.numeric(colnames(x)))
  expect_identical(as.data.frame(found)$n, ncol(x))
  expect_gt(found$test$var_s / found$independent$var_s, 10)
  expect_identical(nrow(cap_table(found)), nrow(x) + 1L)
  expect_s3_class(plot(found), "ggplot")
})

test_that("a row without the name of a unit is refused", {
  x <- matrix(1:6, 2, dimnames = list(c("A", NA), 2020:2022))
  expect_match(input_error(cap_kendall(x)), "1 row without the name")
})
