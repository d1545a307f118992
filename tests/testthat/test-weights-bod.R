skip_if_not_installed("lpSolve")

panel <- function(n = 12, k = 3, seed = 2) {
  withr::with_seed(seed, data.frame(
    unit = sprintf("U%02d", seq_len(n)), matrix(stats::runif(n * k), n, dimnames = list(NULL, letters[seq_len(k)]))
  ))
}

test_that("a worked example by hand is met", {
  # the frontier runs from A (1, 0.2) over B (0.8, 0.8) to C (0.1, 1); D lies
  # on the ray through B at half of it, E is under C
  x <- data.frame(unit = LETTERS[1:5], p = c(1, 0.8, 0.1, 0.4, 0.05), q = c(0.2, 0.8, 1, 0.4, 0.5))
  bod <- as.data.frame(cap_bod(x))
  expect_identical(names(bod), c("unit", "score", "p", "q"))
  expect_equal(bod$score, c(1, 1, 1, 0.5, 0.5))
  # shares of exactly one half: 2 w_q x_q of each unit, over the best of it
  bod <- cap_bod(x, c(0.5, 0.5))
  w <- weights(bod)
  expect_equal(w[, "p"] * x$p, w[, "q"] * x$q, ignore_attr = TRUE)
  half <- function(i) {
    v <- (x$p / x$p[i] + x$q / x$q[i]) / 2
    1 / max(v)
  }
  expect_equal(bod$score, vapply(1:5, half, 0))
})

test_that("scores are feasible, and no weights by chance do better", {
  x <- panel()
  for (bounds in list(NULL, c(0.2, 0.6))) {
    bod <- cap_bod(x, bounds)
    w <- weights(bod)
    m <- as.matrix(x[-1])
    expect_true(all(w >= 0))
    expect_lte(max(m %*% t(w)), 1 + 1e-9)
    expect_equal(bod$score, rowSums(m * w), tolerance = 1e-9)
    share <- m * w / bod$score
    expect_true(all(share >= min(bounds, 0) - 1e-9 & share <= max(bounds, if (is.null(bounds)) 1) + 1e-9))
    chance <- withr::with_seed(1, matrix(stats::rexp(3 * 3000), 3))
    for (i in seq_len(nrow(m))) {
      part <- m[i, ] * chance
      part <- sweep(part, 2, colSums(part), "/")
      ok <- if (is.null(bounds)) rep(TRUE, ncol(part)) else apply(part, 2, min) >= 0.2 & apply(part, 2, max) <= 0.6
      trial <- sweep(chance[, ok], 2, apply(m %*% chance[, ok], 2, max), "/")
      expect_lte(max(m[i, ] %*% trial), bod$score[i] + 1e-9)
    }
    if (is.null(bounds)) expect_equal(max(bod$score), 1)
  }
})

test_that("order and the scale of an item change no score", {
  x <- panel(15, 4)
  reference <- cap_bod(x)
  score <- function(y, ...) {
    bod <- cap_bod(y, ...)
    bod$score[match(x$unit, bod$unit)]
  }
  expect_equal(score(x[15:1, ]), reference$score)
  expect_equal(score(x[c(1, 5:2)]), reference$score)
  expect_equal(score(transform(x, a = 1e6 * a, b = b / 1e5)), reference$score)
  expect_equal(score(tibble::as_tibble(x)), reference$score)
  limits <- data.frame(item = c("b", "a"), lower = c(0.1, 0.2), upper = c(0.5, 0.4))
  bounded <- score(x, bounds = limits)
  expect_true(all(bounded <= reference$score + 1e-9))
  expect_equal(score(transform(x, a = 1e6 * a), bounds = limits[2:1, ]), bounded)
  # a leader in an item is a benchmark
  expect_equal(reference$score[vapply(x[-1], which.max, 0L)], rep(1, 4))
  m <- as.matrix(x[-1])
  rownames(m) <- x$unit
  expect_equal(cap_bod(m)$score, reference$score)
})

test_that("levels of an index and answers are scored", {
  bod <- cap_bod(gci(2024))
  expect_s3_class(bod, c("cap_bod", "cap_result"), exact = TRUE)
  table <- as.data.frame(bod)
  expect_identical(names(table), c("unit", "score", "LS", "TS", "OS", "CDS", "CS"))
  full <- overall(gci(2024))
  expect_true(all(table$score[match(full$unit[full$score >= 100 - 1e-9], table$unit)] == 1))
  expect_true(all(table$score + 1e-9 >= (full$score / 100)[match(table$unit, full$unit)]))
  expect_output(print(bod), "cap_bod")
  expect_match(cap_findings(bod)$text[1], "score 1 under their own best weights", fixed = TRUE)
})

test_that("zeros are defined", {
  x <- data.frame(unit = c("A", "B", "C"), p = c(1, 0, 0.5), q = c(0.5, 0, 1), r = 0)
  bod <- cap_bod(x)
  expect_equal(bod$score, c(1, 0, 1))
  expect_true(all(is.na(weights(bod)["B", ])))
  expect_identical(unname(weights(bod)[c("A", "C"), "r"]), c(0, 0))
  expect_match(cap_findings(bod)$text, "1 unit has 0 in all items, so 0 and no weights: B", fixed = TRUE, all = FALSE)
  expect_equal(cap_bod(x[1, ])$score, 1)
  expect_equal(cap_bod(x[c("unit", "p")])$score, c(1, 0, 0.5))
  gaps <- transform(x, p = c(1, NA, 0.5))
  expect_identical(cap_bod(gaps, missing = "complete")$unit, c("A", "C"))
})

test_that("bad input is refused by name", {
  x <- data.frame(unit = c("A", "B", "C"), p = c(1, 0, 0.5), q = c(0.5, 0.2, 1))
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_bod(transform(x, p = -p))
    cap_bod(transform(x, p = c(1, NA, 1)))
    cap_bod(transform(x, p = 0, q = 0))
    cap_bod(transform(x, unit = "A"))
    cap_bod(cbind(x, score = 1))
    cap_bod(x, 0.5)
    cap_bod(x, c(0.6, 0.4))
    cap_bod(x, c(0.6, 0.9))
    cap_bod(x, c(0.1, 0.9))
    cap_bod(x, c(0, 0.4))
    cap_bod(x, c(0, 0.9))
    cap_bod(x, data.frame(item = "z", lower = 0, upper = 1))
    cap_bod(x, data.frame(item = "p", lower = 0))
    cap_bod(cbind(x, edition = c(1, 1, 2)))
  })
})
