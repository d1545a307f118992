test_that("tolerances are read by name, and no other name is one", {
  expect_identical(slack("bound"), 1e-9)
  expect_identical(slack("bound"), bound_slack(100))
  expect_gt(length(.Call(C_tolerances)), 8)
  expect_error(slack("no such"))
})

test_that("numbers are rounded by one rule, whatever their form", {
  expect_identical(round_half_up(c(0.5, -0.5, 2.5, NA, Inf)), c(1, -1, 3, NA, Inf))
  expect_identical(round_half_up(c(a = 2.675, b = 1.005), 2L), c(a = 2.68, b = 1.01))
  expect_identical(round_half_up(matrix(1:4, 2)), matrix(c(1, 2, 3, 4), 2))
  expect_identical(round_half_up(numeric()), numeric())
  # as keys of ranks do
  score <- gci(2024)$scores[, 1L]
  key <- 100 * round_half_up(score, 2L)
  expect_identical(match(key, sort(unique(key), decreasing = TRUE)), as.integer(ranks_within(cbind(score), c(0L, 194L), "dense", 100)))
})

test_that("shares are whole or none but for rounding", {
  expect_identical(share_state(c(0, 1e-12, 0.5, 1 - 1e-12, 1, NA)), c("none", "none", "part", "whole", "whole", NA))
  expect_identical(share_state(matrix(c(0L, 1L), 1)), matrix(c("none", "whole"), 1))
  expect_identical(is_whole(c(0.1 + 0.2 + 0.7, 0.999)), c(TRUE, FALSE))
})

test_that("enumerations have words of their own, and another word is refused by name", {
  words <- .Call(C_enums)
  expect_gt(length(words), 30)
  for (name in names(words)) {
    expect_gt(length(words[[name]]), 1)
    expect_identical(anyDuplicated(words[[name]]), 0L, info = name)
  }
  e <- expect_error(ranks_within(cbind(1), c(0L, 1L), "best", 100), class = "cap_error_input")
  expect_match(conditionMessage(e), "`method` must be one of 'dense', 'min', 'average'")
  expect_error(.Call(C_ahp_pool, diag(2), 2L, 0L, "judgements"), "eigenvector", class = "cap_error_input")
})

test_that("a default that lists choices means the first, though the core knows more", {
  f <- function(way = c("min", "average")) choose(way, core_words("rank"), "way")
  expect_identical(f(), "min")
  expect_identical(f("dense"), "dense")
  expect_identical(f(c("dense", "min", "average")), "dense")
  expect_error(f(c("average", "min")), class = "cap_error_input")
  expect_error(f("max"), "dense", class = "cap_error_input")
})

test_that("gates are met and groups hold as the core says", {
  gates <- list(
    n_items = 2L, n_stages = 2L, n_groups = 1L, group_stage = 1L, group_k = 1L, group_start = c(0L, 2L),
    item = 1:2, minimum = c(1, 3), cap = c(NA, NA_real_)
  )
  found <- .Call(C_gates_hold, gates, rbind(c(0.3, 3), c(1 - 1e-12, 0)), rbind(c(TRUE, FALSE), c(TRUE, TRUE)))
  expect_identical(found$met, rbind(c(FALSE, FALSE), c(TRUE, FALSE)))
  expect_identical(drop(found$holds), c(FALSE, TRUE))
  expect_identical(drop(found$n), 1:2)
})
