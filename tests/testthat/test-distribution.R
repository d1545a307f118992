# A Monte Carlo in parts: chunks, other processes, and merging.

index <- toy(gaps = toy_gaps, missing = "zero")
vary <- list(w = cap_vary_weights("dirichlet", 5), m = cap_vary_missing("mean", spread = TRUE), r = cap_vary_aggregate("minimum"))
part <- function(range = NULL, n = 3000, ..., seed = 1) {
  withr::with_seed(seed, cap_robustness(index, n, vary, range = range, threads = 1, ...))
}
whole <- part(keep = TRUE)

test_that("parts merge to one run, in any order, with draws in order", {
  cuts <- list(c(1, 1), c(2, 1000), c(1001, 2990), c(2991, 3000))
  parts <- lapply(cuts, function(r) part(r, keep = TRUE, key = whole$key))
  merged <- cap_merge(parts)
  same_result(merged, whole)
  expect_identical(merged, whole)
  same_result(cap_merge(parts[[3]], parts[[1]], parts[[4]], parts[[2]]), whole)
  # merged parts merge
  same_result(cap_merge(cap_merge(parts[[4]], parts[[2]]), cap_merge(parts[[1]], parts[[3]])), whole)
  expect_identical(cap_merge(whole), whole)
  expect_identical(part(c(1001, 2990), keep = TRUE)$draws$scores, whole$draws$scores[1001:2990, ])
})

test_that("gaps between parts are kept and said", {
  merged <- cap_merge(part(c(2001, 3000), keep = TRUE), part(c(1, 500), keep = TRUE), part(c(501, 600), keep = TRUE))
  expect_equal(merged$ranges, cbind(from = c(1, 2001), to = c(600, 3000)))
  expect_identical(merged$draws$scores, whole$draws$scores[c(1:600, 2001:3000), ])
  expect_identical(merged$draws$choices$m, whole$draws$choices$m[c(1:600, 2001:3000)])
  expect_equal(as.data.frame(merged)$scored, rep(1600, 7))
  f <- cap_findings(merged)
  expect_match(f$text[f$key == "robustness.part"], "1,600 of 3,000", fixed = TRUE)
  filled <- cap_merge(merged, part(c(601, 2000), keep = TRUE))
  same_result(filled, whole)
  # the gap is no one's, its neighbours are
  expect_error(cap_merge(merged, part(c(600, 2000))), class = "cap_error_input")
  expect_error(cap_merge(merged, part(c(601, 2001))), class = "cap_error_input")
  # draws that only some parts have would be lost
  mixed <- function() cap_merge(part(c(1, 10), keep = TRUE), part(c(11, 20)))
  expect_error(mixed(), "another `keep`", class = "cap_error_input")
})

test_that("parts of another run are refused", {
  first <- part(c(1, 100))
  other <- function(range = c(101, 200), seed = 1, n = 3000, of = index, with = vary, ...) {
    withr::with_seed(seed, cap_robustness(of, n, with, range = range, ...))
  }
  values <- toy_values(gaps = toy_gaps)
  # another answer that changes no nominal score on two decimals, nor any rank
  values["C", "P1"] <- values["C", "P1"] + if (values["C", "P1"] < 1) 1e-7 else -1e-7
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_merge(first, first)
    cap_merge(first, other(c(50, 150)))
    cap_merge(first, other(seed = 2))
    cap_merge(first, other(n = 4000))
    cap_merge(first, other(with = vary[-1]))
    cap_merge(first, other(with = replace(vary, "w", list(cap_vary_weights("dirichlet", 6)))))
    cap_merge(first, other(of = update(index, ties = "min")))
    cap_merge(first, other(of = cap_index(answers_of(values), missing = "zero")))
    cap_merge(first, other(of = update(index, weights = c(P = 3.0001, Q = 2))))
    cap_merge()
    cap_merge(list())
    cap_merge(1, first)
    cap_merge(index)
    cap_merge(list(first, "a"))
  })
  # other bands are another index
  bands <- data.frame(label = c("high", "low"), lower = c(50, 0))
  others <- cap_index(answers_of(toy_values(gaps = toy_gaps), cap_framework(list(items = toy_items(), bands = bands))), missing = "zero")
  expect_error(cap_merge(first, other(of = others)), class = "cap_error_input")
  lower <- data.frame(label = c("high", "middle", "low"), lower = c(60, 45, 20))
  others <- cap_index(answers_of(toy_values(gaps = toy_gaps), cap_framework(list(items = toy_items(), bands = lower))), missing = "zero")
  expect_error(cap_merge(first, other(of = others)), class = "cap_error_input")
})

test_that("chunks change no bit, whatever the plan", {
  skip_if_not_installed("future.apply")
  for (chunks in c(1, 7, 5000)) expect_identical(part(chunks = min(chunks, 40), keep = TRUE), whole)
  expect_identical(part(chunks = 3, n = 2)$counts, part(n = 2)$counts)
  half <- part(c(11, 1500), chunks = 4)
  expect_identical(half$counts, part(c(11, 1500))$counts)
  skip_on_cran()
  old <- future::plan(future::multisession, workers = 2)
  withr::defer(future::plan(old))
  expect_identical(part(chunks = 7, keep = TRUE), whole)
  after <- withr::with_seed(1, {
    cap_robustness(index, 100, vary, chunks = 2)
    stats::runif(1)
  })
  expect_identical(after, withr::with_seed(1, stats::runif(2)[2]))
  # an error of a worker has its class and its message
  bad <- list(n = cap_vary_normalise("zscore", range = c(-1, 1)), r = cap_vary_aggregate("geometric"))
  expect_error(withr::with_seed(1, cap_robustness(toy(), 500, bad, chunks = 2)), "no result", class = "cap_error_numeric")
})

test_that("chunks of other processes merge, though one was killed and run again", {
  skip_on_cran()
  folder <- withr::local_tempdir()
  path <- function(...) file.path(folder, paste0(...))
  big <- gci(2024)
  spread <- list(w = cap_vary_weights("noise", 0.3), d = cap_vary_drop())
  all <- withr::with_seed(3, cap_robustness(big, 3000, spread, threads = 1))
  saveRDS(list(index = big, vary = spread, key = all$key), path("task.rds"))
  start <- function(k, before = NULL) {
    child_r(c(
      sprintf("task <- readRDS('%s')", path("task.rds")),
      sprintf("writeLines(as.character(Sys.getpid()), '%s')", path("pid", k)),
      before,
      sprintf("range <- c(%d, %d)", 1000 * k - 999, 1000 * k),
      "part <- cap_robustness(task$index, 3000, task$vary, range = range, key = task$key, threads = 1)",
      sprintf("saveRDS(part, '%s'); invisible(file.rename('%s', '%s'))", path(k, ".part"), path(k, ".part"), path(k, ".rds"))
    ), folder)
  }
  start(1)
  # this one is at work on an endless task until it is killed
  start(2, "cap_robustness(task$index, 2^40, task$vary, threads = 1)")
  start(3)
  expect_true(wait_for(path("pid2")))
  expect_true(tools::pskill(as.integer(readLines(path("pid2"))), tools::SIGKILL))
  expect_true(wait_for(path("1.rds")))
  expect_true(wait_for(path("3.rds")))
  expect_false(file.exists(path("2.rds")))
  unlink(path("pid2"))
  part1 <- readRDS(path("1.rds"))
  lacking <- cap_merge(part1, readRDS(path("3.rds")))
  expect_equal(unname(lacking$ranges), cbind(c(1, 2001), c(1000, 3000)))
  start(2)
  expect_true(wait_for(path("2.rds")))
  merged <- cap_merge(lapply(c(2, 3, 1), function(k) readRDS(path(k, ".rds"))))
  same_result(merged, all)
  # what this process makes fits what another one made
  expect_identical(part1$fingerprint, all$fingerprint)
})
