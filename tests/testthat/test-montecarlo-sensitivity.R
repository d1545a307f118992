# cap_sensitivity(): exact indices of discrete designs, and what is said of them.

sens <- function(index, vary, n = 1024, seed = 1, ...) withr::with_seed(seed, cap_sensitivity(index, vary, n, ...))
items <- toy_items()

# Exact first-order and total indices of `y` over the full table of choices.
exact_indices <- function(y, choices) {
  v <- mean((y - mean(y))^2)
  first <- vapply(choices, function(c) mean((stats::ave(y, c) - mean(y))^2) / v, 0)
  total <- vapply(names(choices), function(k) {
    others <- interaction(choices[setdiff(names(choices), k)], drop = TRUE)
    mean((y - stats::ave(y, others))^2) / v
  }, 0)
  data.frame(first = first, total = total, row.names = NULL)
}

test_that("indices of a discrete design are the exact ones, within their intervals", {
  index <- toy(gaps = toy_gaps, missing = "renormalise")
  vary <- list(
    d = cap_vary_drop("pillar"), m = cap_vary_missing(c("zero", "mean")), r = cap_vary_aggregate(c("geometric", "minimum"))
  )
  all <- expand.grid(
    d = c("", "P", "Q"), m = c("none", "zero", "mean"), r = c("arithmetic", "geometric", "minimum"),
    stringsAsFactors = FALSE
  )
  gaps <- plain_share(items, toy_values(gaps = toy_gaps))
  filled <- ifelse(is.na(gaps), rep(colMeans(gaps, na.rm = TRUE), each = 7), gaps)
  filled <- matrix(filled, 7, dimnames = dimnames(gaps))
  w <- stats::setNames(items$weight, items$code)
  scores <- t(vapply(seq_len(nrow(all)), function(k) {
    plain_scores(items, if (all$m[k] == "mean") filled else gaps,
      if (nzchar(all$d[k])) replace(w, all$d[k], 0) else w,
      rule = all$r[k], zero = all$m[k] == "zero"
    )
  }, double(7)))
  ranks <- t(apply(scores, 1, plain_ranks))
  nominal <- plain_ranks(plain_scores(items, gaps, w))
  outputs <- c(
    list(rowMeans(abs(ranks - rep(nominal, each = nrow(all))))),
    lapply(1:7, function(i) scores[, i]), lapply(1:7, function(i) ranks[, i])
  )
  truth <- do.call(rbind, lapply(outputs, exact_indices, choices = all))
  x <- sens(index, vary, 8192, conf = 0.9999)
  table <- as.data.frame(x)
  expect_identical(table$factor, rep(c("d", "m", "r"), 15))
  expect_identical(table$unit, rep(c(NA, LETTERS[1:7], LETTERS[1:7]), each = 3))
  expect_identical(table$output, rep(c("rank_shift", "score", "rank"), c(3, 21, 21)))
  still <- is.nan(truth$first)
  expect_identical(is.na(table$first), still)
  inside <- function(part) {
    table[[paste0(part, "_low")]] <= truth[[part]] + 1e-9 & truth[[part]] <= table[[paste0(part, "_high")]] + 1e-9
  }
  expect_true(all(inside("first")[!still]))
  expect_true(all(inside("total")[!still]))
  # intervals are not so wide that they hold anything
  expect_lt(max(table$total_high - table$total_low, na.rm = TRUE), 0.5)
  expect_gt(max(truth$total - truth$first, na.rm = TRUE), 0.1)
  expect_identical(cap_table(x, "units")$score_driver, vapply(1:7, function(i) c("d", "m", "r")[which.max(table$total[3 * i + 1:3])], ""))
})

test_that("the interval of a dummy holds 0, and so does that of a factor without effect", {
  # all below S weighs nothing in the end: its weights change no score
  index <- toy(weights = c(S = 0, Q1 = 1, Q2 = 1))
  vary <- list(pillars = cap_vary_weights("noise", 0.5, level = "pillar"), idle = cap_vary_weights("noise", 0.5, level = "question"))
  x <- sens(index, vary, 2048)
  table <- as.data.frame(x)
  idle <- table[table$factor == "idle" & !is.na(table$first), ]
  expect_gt(nrow(idle), 7)
  expect_true(all(idle$total_low <= 1e-9 & idle$total_high >= -1e-9))
  expect_true(all(abs(idle$total) < 1e-9))
  expect_true("sensitivity.weak" %in% cap_findings(x)$key)
  shift <- cap_table(x, "shift")
  dummy <- shift[shift$factor == "(dummy)", ]
  expect_true(dummy$first_low < 0 && dummy$first_high > 0)
  # over seeds, the interval holds 0 as often as it says
  hits <- vapply(1:60, function(seed) {
    d <- cap_table(sens(index, vary, 512, seed), "shift")[3, ]
    d$first_low <= 0 && d$first_high >= 0
  }, NA)
  expect_gt(mean(hits), 0.95 - 4 * sqrt(0.95 * 0.05 / 60))
})

test_that("factors of scores that add up explain the variance alone", {
  # answers move one by one: a sum of independent parts
  evidence <- function(items) {
    e <- expand.grid(unit = LETTERS[1:7], item = toy_leaves, stringsAsFactors = FALSE)
    transform(e, grade = ifelse(item %in% items, "D", "A"))
  }
  index <- toy()
  x <- sens(index, list(
    a = cap_vary_answers(c(A = 0, D = 0.5), evidence = evidence(c("P1", "P2"))), w = cap_vary_weights("noise", 1e-4)
  ), 2048)
  score <- subset(as.data.frame(x), output == "score")
  sums <- tapply(score$first, score$unit, sum)
  expect_lt(max(abs(sums - 1)), 0.15)
  expect_true(all(score$total[score$factor == "a"] > 0.9))
  expect_true(all(score$total[score$factor == "w"] < 0.01))
  # one factor alone is all there is
  one <- as.data.frame(sens(index, list(cap_vary_weights("simplex")), 2048))
  expect_true(all(abs(one$total - 1) < 0.15 & abs(one$first - 1) < 0.15, na.rm = TRUE))
})

test_that("a constant added to scores changes no index", {
  # A pillar that is the same for all units adds as much to each
  shifted <- function(level) {
    values <- cbind(toy_values(), C = level)
    more <- rbind(items, data.frame(code = "C", parent = "IDX", weight = 5, max = 1, direction = 1))
    cap_index(answers_of(values, cap_framework(list(items = more))))
  }
  vary <- list(i = cap_vary_weights("noise", 0.5, level = "indicator"), r = cap_vary_drop(items = c("P1", "Q2", "S2")))
  low <- as.data.frame(sens(shifted(0), vary))
  high <- as.data.frame(sens(shifted(1), vary))
  score <- low$output == "score"
  expect_equal(low[score, ], high[score, ], tolerance = 1e-8)
  expect_equal(overall_of(shifted(1), "IDX")$score - overall_of(shifted(0), "IDX")$score, rep(50, 7))
})

test_that("threads and repetition change no bit; seeds do", {
  index <- toy(gaps = toy_gaps, missing = "zero")
  vary <- list(w = cap_vary_weights("dirichlet", 5), m = cap_vary_missing("mean", spread = TRUE), d = cap_vary_drop())
  one <- sens(index, vary, 700, threads = 1)
  for (threads in c(1, 2, 4)) expect_identical(sens(index, vary, 700, threads = threads), one)
  expect_false(identical(as.data.frame(sens(index, vary, 700, seed = 2)), as.data.frame(one)))
})

test_that("arguments are checked", {
  index <- toy()
  vary <- list(a = cap_vary_weights(), b = cap_vary_drop())
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_sensitivity(1, vary)
    cap_sensitivity(index, list())
    cap_sensitivity(index, vary, 0)
    cap_sensitivity(index, vary, 1.5)
    cap_sensitivity(index, vary, NA)
    cap_sensitivity(index, vary, 10, n_boot = 1)
    cap_sensitivity(index, vary, 10, conf = 1)
    cap_sensitivity(index, vary, 10, conf = "a")
    cap_sensitivity(index, vary, 10, edition = 2020)
    cap_sensitivity(index, vary, 10, threads = 1.5)
    cap_table(sens(index, vary, 10), "rows")
  })
})

test_that("edges have defined results", {
  vary <- list(a = cap_vary_weights(), b = cap_vary_aggregate("minimum"))
  tiny <- sens(toy(), vary, 1)
  expect_true(all(is.na(as.data.frame(tiny)$first_low)))
  expect_false(any(vapply(as.data.frame(tiny), function(v) any(is.nan(v)), NA)))
  expect_output(print(tiny), "cap_sensitivity")
  # one unit and tied units have ranks that do not move
  one <- sens(toy(units = 1), vary, 64)
  expect_true(all(is.na(subset(as.data.frame(one), output != "score")$total)))
  expect_true("sensitivity.nothing" %in% cap_findings(one)$key)
  expect_identical(is.na(cap_table(one, "units")$rank_driver), TRUE)
  values <- toy_values()[rep(1, 3), ]
  rownames(values) <- LETTERS[1:3]
  tied <- sens(cap_index(answers_of(values)), vary, 64)
  expect_true("sensitivity.still" %in% cap_findings(tied)$key)
  expect_output(print(tied), "Nothing moves")
  # two editions: one is taken, and said
  year <- function(edition) data.frame(unit = LETTERS[1:7], edition = edition, toy_values())
  data <- rbind(year(2020L), year(2024L))
  both <- cap_index(cap_answers(data, toy_framework(), unit = "unit", item = NULL))
  expect_identical(as.data.frame(sens(both, vary, 64)), as.data.frame(sens(toy(), vary, 64)))
  expect_true("robustness.edition" %in% cap_findings(sens(both, vary, 64))$key)
})

test_that("units without a score in some rows are no units that do not move", {
  gaps <- toy_values()
  gaps["A", c("P1", "P2", "P3")] <- NA
  index <- cap_index(answers_of(gaps), missing = "renormalise", min_coverage = 0.3)
  x <- sens(index, list(d = cap_vary_drop("pillar"), w = cap_vary_weights()), 256)
  table <- as.data.frame(x)
  expect_true(all(is.na(table$total[table$unit %in% "A"])))
  expect_false(anyNA(table$total[table$unit %in% "C" & table$output == "score"]))
  f <- cap_findings(x)
  expect_false("sensitivity.nothing" %in% f$key)
  expect_match(f$text[f$key == "sensitivity.unscored"], "\\bA\\b")
  expect_no_match(paste(f$text[f$key == "sensitivity.still"], collapse = " "), "\\bA\\b")
})

test_that("tables, findings and print say the same", {
  x <- sens(toy(gaps = toy_gaps, missing = "zero"), list(
    pillars = cap_vary_weights("noise", 0.5, level = "pillar"), filling = cap_vary_missing("mean"),
    rule = cap_vary_aggregate("geometric")
  ), 512)
  table <- as.data.frame(x)
  expect_identical(names(table), c("output", "unit", "factor", "first", "first_low", "first_high", "total", "total_low", "total_high"))
  units <- cap_table(x, "units")
  expect_identical(names(units), c("unit", "rank", "rank_driver", "rank_total", "score_driver", "score_total"))
  for (k in which(!is.na(units$rank_driver))) {
    here <- table[table$unit %in% units$unit[k] & table$output == "rank", ]
    expect_identical(units$rank_driver[k], here$factor[which.max(here$total)])
    expect_identical(units$rank_total[k], max(here$total))
  }
  shift <- cap_table(x, "shift")
  expect_identical(shift$factor, c("pillars", "filling", "rule", "(dummy)"))
  f <- cap_findings(x)
  numbers <- f$numbers[[which(f$key == "sensitivity.shift")]]
  expect_identical(numbers$name, shift$factor[which.max(shift$total[1:3])])
  expect_equal(numbers$total, 100 * max(shift$total[1:3]))
  expect_equal(numbers$alone, 100 * sum(shift$first[1:3]))
  expect_identical(f$numbers[[1]]$evaluations, f$numbers[[1]]$rows * 5)
  local_messages()
  expect_snapshot({
    x
    cap_table(x, "factors")
    cap_table(x, "units")
  })
  file <- withr::local_tempfile()
  saveRDS(x, file)
  expect_identical(readRDS(file), x)
  skip_if_not_installed("tibble")
  expect_identical(as.data.frame(tibble::as_tibble(x)), table)
})

test_that("each unit of the GCI has indices of its own", {
  x <- sens(gci(2024), list(
    pillars = cap_vary_weights("noise", 0.5, level = "pillar"), indicators = cap_vary_weights("noise", 0.5, level = "indicator")
  ), 512)
  table <- as.data.frame(x)
  expect_identical(nrow(table), 2L * (1L + 2L * 194L))
  # full marks everywhere cannot move
  full <- overall(gci(2024))$unit[overall(gci(2024))$score > 100 - 1e-9]
  expect_gt(length(full), 0)
  expect_true(all(is.na(table$total[table$unit %in% full & table$output == "score"])))
  # a variance of at least two decimals' worth belongs to factors
  moved <- table[table$output == "score" & !table$unit %in% full, ]
  expect_false(anyNA(moved$total))
  expect_true(all(abs(tapply(moved$total, moved$unit, sum) - 1) < 0.6))
})
