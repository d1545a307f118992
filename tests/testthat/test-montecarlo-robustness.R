# cap_robustness(): exact answers, replicate by replicate, and the edges. What
# each factor draws is tested in test-montecarlo-vary.R.

run <- function(index, vary = list(cap_vary_weights("noise", 0.5)), n = 2000, seed = 1, ...) {
  withr::with_seed(seed, cap_robustness(index, n, vary, ...))
}
discrete <- list(
  drop = cap_vary_drop("pillar"), missing = cap_vary_missing(c("zero", "mean")),
  normalise = cap_vary_normalise(c("minmax", "rank")), rule = cap_vary_aggregate(c("geometric", "minimum"))
)

# Scores of every combination of `discrete`, from cap_index() on answers that
# plain R filled and normalised.
enumerated <- function() {
  gaps <- toy_values(gaps = toy_gaps)
  items <- toy_items()
  at <- match(toy_leaves, items$code)
  max <- rep(items$max[at], each = nrow(gaps))
  turned <- rep(items$direction[at] < 0, each = nrow(gaps))
  means <- matrix(colMeans(gaps, na.rm = TRUE), 7, 7, byrow = TRUE)
  filled <- ifelse(is.na(gaps), means, gaps)
  scaled <- function(x, how) {
    better <- x * (1 - 2 * turned)
    share <- apply(better, 2, function(v) {
      if (how == "minmax") {
        return((v - min(v, na.rm = TRUE)) / (max(v, na.rm = TRUE) - min(v, na.rm = TRUE)))
      }
      (rank(v, ties.method = "min", na.last = "keep") - 1) / (sum(!is.na(v)) - 1)
    })
    out <- max * (turned + (1 - 2 * turned) * share)
    dimnames(out) <- dimnames(gaps)
    out
  }
  all <- expand.grid(
    drop = c("all kept", "without P", "without Q"), missing = c("renormalise", "zero", "mean"),
    normalise = c("as answered", "minmax", "rank"), rule = c("arithmetic", "geometric", "minimum"),
    stringsAsFactors = FALSE
  )
  scores <- lapply(seq_len(nrow(all)), function(k) {
    x <- if (all$missing[k] == "mean") filled else gaps
    if (all$normalise[k] != "as answered") x <- scaled(x, all$normalise[k])
    index <- cap_index(answers_of(x),
      aggregate = all$rule[k], missing = sub("mean", "error", all$missing[k]),
      weights = switch(all$drop[k], "without P" = c(P = 0, Q = 1), "without Q" = c(P = 1, Q = 0))
    )
    as.data.frame(index, level = "overall")$score
  })
  list(choices = all, scores = do.call(rbind, scores))
}
exact <- enumerated()
discrete_index <- toy(gaps = toy_gaps, missing = "renormalise")

test_that("each kept replicate is what cap_index() makes of its choices", {
  x <- run(discrete_index, discrete, n = 4000, keep = TRUE)
  name <- names(exact$choices)
  expect_setequal(names(x$draws$choices), name)
  key <- function(d) do.call(paste, c(unname(as.list(d[name])), sep = "|"))
  at <- match(key(x$draws$choices), key(exact$choices))
  expect_false(anyNA(at))
  expect_setequal(at, seq_len(nrow(exact$choices)))
  expect_lt(max(abs(x$draws$scores - exact$scores[at, ])), 1e-9)
  # combinations are equally likely, and what is counted is what was kept
  expect_identical(unlike_share(tabulate(at, nrow(exact$choices)), 4000, 1 / nrow(exact$choices)), 0L)
  ranks <- t(apply(x$draws$scores, 1, plain_ranks))
  expect_equal(x$rank_frequency, sapply(1:7, function(r) colMeans(ranks == r)), ignore_attr = TRUE)
  above <- sapply(1:7, function(j) colMeans(ranks < ranks[, j]))
  expect_equal(x$dominance, above, ignore_attr = TRUE)
  tiers <- apply(x$draws$scores, 1, plain_tiers, lower = c(60, 45, 25))
  expect_equal(cap_table(x, "tiers")$p, as.vector(t(sapply(1:3, function(t) rowMeans(tiers == t)))))
  table <- as.data.frame(x)
  nominal <- plain_ranks(table$score)
  shift <- abs(ranks - rep(nominal, each = 4000))
  expect_equal(table$rank_shift, colMeans(shift), ignore_attr = TRUE)
  expect_identical(table$rank, nominal)
  low <- apply(ranks, 2, stats::quantile, probs = c(0.05, 0.5, 0.95), type = 1)
  expect_equal(t(table[c("rank_low", "rank_median", "rank_high")]), low, ignore_attr = TRUE)
  expect_identical(table$rank_inside, nominal >= low[1, ] & nominal <= low[3, ])
  middle <- apply(x$draws$scores, 2, stats::quantile, probs = c(0.05, 0.5, 0.95), type = 1)
  expect_lt(max(abs(t(table[c("score_low", "score_median", "score_high")]) - middle)), 0.005 + 1e-9)
  # mean rank shift under each alternative
  factors <- cap_table(x, "factors")
  for (k in seq_len(nrow(factors))) {
    here <- x$draws$choices[[factors$factor[k]]] == factors$choice[k]
    expect_identical(factors$draws[k], as.numeric(sum(here)))
    expect_equal(factors$rank_shift[k], mean(shift[here, ]))
  }
})

test_that("counts of a discrete design agree with its full enumeration", {
  x <- run(discrete_index, discrete, n = 50000)
  ranks <- t(apply(exact$scores, 1, plain_ranks))
  share <- function(event) colMeans(event)
  expect_identical(unlike_share(round(x$rank_frequency * 50000), 50000, sapply(1:7, function(r) share(ranks == r))), 0L)
  expect_identical(unlike_share(round(x$dominance * 50000), 50000, sapply(1:7, function(j) share(ranks < ranks[, j]))), 0L)
  tiers <- t(apply(exact$scores, 1, plain_tiers, lower = c(60, 45, 25)))
  p <- matrix(cap_table(x, "tiers")$p, 7, byrow = TRUE)
  expect_identical(unlike_share(round(p * 50000), 50000, sapply(1:3, function(t) share(tiers == t))), 0L)
})

test_that("kept scores are those of update() when only rules and items vary", {
  index <- gci(2024)
  x <- run(index, list(r = cap_vary_aggregate(list("minimum", c(overall = "minimum"))), d = cap_vary_drop("pillar")), 60, keep = TRUE)
  w <- stats::weights(index)
  rules <- stats::setNames(
    list("arithmetic", "minimum", c(overall = "minimum")),
    cap_table(x, "factors")$choice[1:3]
  )
  for (k in which(!duplicated(x$draws$choices))) {
    choice <- x$draws$choices[k, ]
    gone <- sub("all kept|without ", "", choice$d)
    again <- update(index, aggregate = rules[[choice$r]], weights = if (nzchar(gone)) replace(w, gone, 0) else w)
    expect_equal(x$draws$scores[k, ], again$scores[, index$framework$root], tolerance = 1e-11, ignore_attr = TRUE)
  }
})

test_that("noise on one pillar of two has its closed form", {
  items <- data.frame(
    code = c("R", "A", "B", "A1", "A2", "B1"), parent = c("", "R", "R", "A", "A", "B"), max = c(100, 1, 1, 1, 1, 1)
  )
  bands <- data.frame(label = c("up", "down"), lower = c(52, 0))
  values <- rbind(X = c(1, 0, 0.5), Y = c(0.54, 0.54, 0.5), Z = c(0, 1, 0.46))
  colnames(values) <- c("A1", "A2", "B1")
  index <- cap_index(answers_of(values, cap_framework(list(items = items, bands = bands))))
  f <- 0.4
  n <- 200000
  x <- run(index, list(cap_vary_weights("noise", f, level = "indicator")), n)
  # V / U <= z for U, V uniform on 1 - f to 1 + f
  ratio <- function(z) {
    low <- 1 - f
    high <- 1 + f
    less <- (pmin(z, 1) * high - low)^2 / (2 * pmin(z, 1))
    more <- (high - low)^2 - (high - pmax(z, 1) * low)^2 / (2 * pmax(z, 1))
    ifelse(z < low / high, 0, ifelse(z > high / low, 1, ifelse(z <= 1, less, more) / (high - low)^2))
  }
  # X scores 50 W + 25, W the share of A1: above s where A2 weighs less than 1 / w - 1
  x_above <- function(s) ratio(50 / (s - 25) - 1)
  up <- x_above(52 - 1e-9)
  tier <- cap_table(x, "tiers")
  expect_identical(unlike_share(round(tier$p[tier$unit == "X"] * n), n, c(up, 1 - up)), 0L)
  # ranked on two decimals: X is above Y's 52.00 from 52.005 on
  above <- x_above(52.005)
  tied <- x_above(51.995) - above
  expect_identical(unlike_share(round(x$dominance["X", "Y"] * n), n, above), 0L)
  expect_identical(unlike_share(round(x$dominance["Y", "X"] * n), n, 1 - above - tied), 0L)
  # X and Z move against each other: 50 W + 25 > 50 (1 - W) + 23
  expect_identical(unlike_share(round(x$dominance["X", "Z"] * n), n, x_above(49.005)), 0L, tolerance = 0)
  expect_identical(x$rank_frequency["Y", "3"] < 0.5, TRUE)
  q <- as.data.frame(x)[1, c("score_low", "score_median", "score_high")]
  expect_equal(1 - x_above(unlist(q)), c(0.05, 0.5, 0.95), tolerance = 0.02, ignore_attr = TRUE)
  expect_equal(as.data.frame(x)$score_low[2], 52)
})

# Bits --------------------------------------------------------------------------

test_that("threads and repetition change no bit; seeds do", {
  skip_on_cran()
  index <- toy(gaps = toy_gaps, missing = "zero")
  vary <- list(
    w = cap_vary_weights("dirichlet", 5), m = cap_vary_missing("mean", spread = TRUE),
    d = cap_vary_drop(), r = cap_vary_aggregate("minimum")
  )
  one <- run(index, vary, 9001, threads = 1, keep = TRUE)
  for (threads in c(2, 4)) same_result(run(index, vary, 9001, threads = threads, keep = TRUE), one)
  same_result(run(index, vary, 9001, threads = 1, keep = TRUE), one)
  expect_false(identical(run(index, vary, 9001, seed = 2)$counts, one$counts))
  withr::with_options(list(cap.threads = 1), same_result(run(index, vary, 9001, keep = TRUE), one))
  # keeping changes nothing but what is kept
  expect_identical(run(index, vary, 9001)$counts, one$counts)
  # nor does the order of units and items, but for their order
  values <- toy_values(gaps = toy_gaps)
  other <- cap_index(answers_of(values[7:1, 7:1]), missing = "zero")
  expect_identical(as.data.frame(run(other, vary, 500)), as.data.frame(run(index, vary, 500)))
})

test_that("the caller's generator advances by one draw, whatever the run", {
  index <- toy()
  after <- withr::with_seed(7, {
    stats::runif(1)
    stats::runif(1)
  })
  vary <- list(a = cap_vary_weights(), b = cap_vary_drop())
  for (n in c(1, 5000)) {
    expect_identical(withr::with_seed(7, {
      cap_robustness(index, n, vary, threads = 2)
      stats::runif(1)
    }), after)
    expect_identical(withr::with_seed(7, {
      cap_sensitivity(index, vary, n)
      stats::runif(1)
    }), after)
  }
  key <- run(index, vary, 10)$key
  withr::local_seed(7)
  before <- .Random.seed
  x <- cap_robustness(index, 10, vary, key = key)
  expect_identical(.Random.seed, before)
  # an input fault draws nothing
  expect_error(cap_robustness(index, 10, list(cap_vary_missing())), class = "cap_error_input")
  expect_error(cap_robustness(index, 0, vary), class = "cap_error_input")
  expect_identical(.Random.seed, before)
  same_result(x, run(index, vary, 10))
})

# Edges -------------------------------------------------------------------------

test_that("arguments are checked", {
  index <- toy()
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_robustness(1)
    cap_robustness(index, 0)
    cap_robustness(index, 1.5)
    cap_robustness(index, NA)
    cap_robustness(index, Inf)
    cap_robustness(index, "10")
    cap_robustness(index, 10, NULL)
    cap_robustness(index, 10, list())
    cap_robustness(index, 10, "noise")
    cap_robustness(index, 10, list(cap_vary_weights(), 1))
    cap_robustness(index, 10, threads = 0)
    cap_robustness(index, 10, keep = NA)
    cap_robustness(index, 10, allow_failed = "yes")
    cap_robustness(index, 10, chunks = 0)
    cap_robustness(index, 10, range = c(1, 11))
    cap_robustness(index, 10, range = c(0, 5))
    cap_robustness(index, 10, range = c(5, 4))
    cap_robustness(index, 10, range = 5)
    cap_robustness(index, 10, key = 1)
    cap_robustness(index, 10, key = c(1, 2^32))
    cap_robustness(index, 10, edition = 2020)
    cap_robustness(index, 10, edition = NA)
    cap_table(run(index, n = 10), "rows")
    cap_table(run(index, n = 10), "top", k = 0)
    cap_table(run(toy(bands = FALSE), n = 10), "tiers")
  })
})

test_that("one replicate, one unit, two units and tied units have results", {
  x <- run(toy(), n = 1)
  expect_true(all(x$rank_frequency %in% 0:1))
  expect_identical(as.data.frame(x)$scored, rep(1, 7))
  one <- toy(units = 1)
  x <- run(one, list(cap_vary_weights(), cap_vary_aggregate("minimum")), 100, keep = TRUE)
  expect_identical(dim(x$draws$scores), c(100L, 1L))
  table <- as.data.frame(x)
  expect_identical(unlist(table[c("rank_low", "rank_median", "rank_high", "rank_shift")], use.names = FALSE), c(1, 1, 1, 0))
  expect_identical(unname(x$dominance), matrix(0))
  expect_identical(nrow(cap_table(x, "pairs")), 0L)
  expect_identical(nrow(cap_table(x, "groups")), 0L)
  expect_output(print(x), "cap_robustness")
  two <- run(toy(units = 2), n = 500)
  expect_equal(unname(rowSums(two$rank_frequency)), c(1, 1))
  values <- toy_values()[rep(1, 4), ]
  rownames(values) <- LETTERS[1:4]
  tied <- run(cap_index(answers_of(values)), n = 100)
  expect_identical(as.data.frame(tied)$rank_high, rep(1, 4))
  expect_true(all(tied$dominance == 0))
  expect_identical(cap_table(tied, "groups")$n, 4L)
  expect_identical(nrow(cap_table(tied, "pairs")), 6L)
  expect_identical(cap_table(tied, "pairs")$p_tied, rep(1, 6))
  average <- run(cap_index(answers_of(values), ties = "average"), n = 100)
  expect_identical(as.data.frame(average)$rank_median, rep(2.5, 4))
  expect_identical(average$rank_frequency[, "2.5"], c(A = 1, B = 1, C = 1, D = 1))
  # Copeland among one has no score: nothing is counted, and it is said
  nothing <- run(update(one, aggregate = "copeland"), n = 20)
  expect_identical(as.data.frame(nothing)$scored, 0)
  expect_false(any(vapply(as.data.frame(nothing), function(v) any(is.nan(v)), NA)))
  expect_true("robustness.unscored" %in% cap_findings(nothing)$key)
})

test_that("weights of zero stay zero, and extreme amounts have results", {
  index <- toy(weights = c(P1 = 0, P2 = 1, P3 = 1, S1 = 1, S2 = 0))
  same <- function(vary) {
    x <- run(index, vary, 300, keep = TRUE)
    # P1 plays no part: another answer changes nothing
    values <- toy_values()
    values[, "P1"] <- rev(values[, "P1"])
    other <- cap_index(answers_of(values), weights = index$spec$weights)
    expect_identical(run(other, vary, 300, keep = TRUE)$draws, x$draws)
    expect_false(anyNA(x$draws$scores))
    x$draws$scores
  }
  for (method in c("noise", "simplex")) same(list(cap_vary_weights(method)))
  same(list(cap_vary_weights("noise", 1)))
  same(list(cap_vary_weights("dirichlet", 10), cap_vary_drop()))
  # a huge concentration is the index, a tiny one puts all weight on one child
  nominal <- as.data.frame(index, level = "overall")$score
  expect_lt(max(abs(t(same(list(cap_vary_weights("dirichlet", 1e12)))) - nominal)), 1e-3)
  few <- same(list(cap_vary_weights("dirichlet", 1e-6, level = "pillar")))
  pillars <- as.data.frame(index, level = "pillar")
  ends <- 100 * matrix(pillars$score / pillars$max, 7, byrow = TRUE)
  expect_lt(max(pmin(abs(t(few) - ends[, 1]), abs(t(few) - ends[, 2]))), 1e-6)
  expect_identical(unlike_share(sum(abs(few[, 1] - ends[1, 1]) < 1e-6), 300, 0.6), 0L)
  tiny <- run(index, list(cap_vary_weights("dirichlet", 1e-300)), 100, keep = TRUE)
  expect_false(anyNA(tiny$draws$scores))
  # items of weight 0 are not among those left out
  expect_false("without P1" %in% cap_table(run(index, list(cap_vary_drop()), 20), "factors")$choice)
  # an item that is all of its pillar takes the pillar with it
  gone <- run(index, list(cap_vary_drop(items = "S1")), 20, keep = TRUE)
  without <- update(index, weights = replace(stats::weights(index), "S", 0))
  k <- match("without S1", gone$draws$choices$drop)
  expect_equal(gone$draws$scores[k, ], without$scores[, index$framework$root], ignore_attr = TRUE)
})

test_that("frameworks without bands, several editions and hostile codes work", {
  x <- run(toy(bands = FALSE))
  expect_false(any(grepl("tier", names(as.data.frame(x)))))
  expect_output(print(x), "pairs")
  expect_false(any(grepl("tier", cap_findings(x)$key)))
  data <- rbind(
    data.frame(unit = LETTERS[1:7], edition = 2020L, toy_values()[7:1, ]),
    data.frame(unit = LETTERS[1:7], edition = 2024L, toy_values())
  )
  both <- cap_index(cap_answers(data, toy_framework(), unit = "unit", item = NULL))
  expect_identical(as.data.frame(run(both)), as.data.frame(run(toy())))
  expect_true("robustness.edition" %in% cap_findings(run(both))$key)
  early <- run(both, edition = 2020)
  expect_identical(as.data.frame(early)$edition, rep(2020L, 7))
  expect_identical(as.data.frame(early)$score, rev(as.data.frame(run(both))$score))
  values <- toy_values()
  rownames(values) <- c("NA", "a b", "'\"", "{x}", "\u00e9", "%s", "<b>")
  odd <- run(cap_index(answers_of(values)), list(w = cap_vary_weights(), m = cap_vary_normalise("zscore")))
  table <- as.data.frame(odd)
  plain <- as.data.frame(run(toy(), list(w = cap_vary_weights(), m = cap_vary_normalise("zscore"))))
  at <- match(table$unit, rownames(values))
  expect_false(anyNA(at))
  expect_equal(table[-1], plain[at, -1], ignore_attr = TRUE)
  expect_setequal(rownames(odd$dominance), rownames(values))
  expect_output(print(odd), "[{]x[}]")
  for (name in c("units", "tiers", "pairs", "groups", "top", "factors")) expect_s3_class(cap_table(odd, name), "cap_table")
})

test_that("units that lose their score are counted, not dropped", {
  gaps <- toy_values()
  gaps["A", c("P1", "P2", "P3")] <- NA
  gaps["B", ] <- NA
  index <- cap_index(answers_of(gaps), missing = "renormalise", min_coverage = 0.3)
  x <- run(index, list(d = cap_vary_drop("pillar")), 600, keep = TRUE)
  table <- as.data.frame(x)
  # A has no score without Q; B never has one
  lost <- x$draws$choices$d == "without Q"
  expect_identical(is.na(x$draws$scores[, "A"]), lost)
  expect_identical(table$scored[1:3], c(as.numeric(sum(!lost)), 0, 600))
  expect_true(all(is.na(table[2, c("score", "rank", "rank_low", "score_median", "p_tier", "p_high", "rank_shift")])))
  expect_false(any(vapply(table, function(v) any(is.nan(v)), NA)))
  expect_equal(unname(rowSums(x$rank_frequency)[c(1, 3)]), c(1, 1))
  expect_true(all(is.na(x$dominance["A", ])) && !anyNA(x$dominance[3:7, 3:7]))
  expect_false(any(is.nan(x$dominance)) || any(is.nan(x$rank_frequency)))
  text <- cap_findings(x)$text[cap_findings(x)$key == "robustness.unscored"]
  expect_match(text, "2 units .*A, B")
  expect_false(any(c("A", "B") %in% unlist(cap_table(x, "pairs")[c("unit", "other")])))
})

test_that("a replicate without result stops the run, or is counted", {
  vary <- list(n = cap_vary_normalise("zscore", range = c(-1, 1)), r = cap_vary_aggregate("geometric"), w = cap_vary_weights())
  index <- toy()
  local_messages()
  expect_snapshot(error = TRUE, {
    run(index, vary, 400, threads = 1)
    withr::with_seed(1, cap_sensitivity(index, vary, 64))
  })
  text <- tryCatch(run(index, vary, 400, threads = 2), cap_error_numeric = conditionMessage)
  expect_identical(text, tryCatch(run(index, vary, 400, threads = 1), cap_error_numeric = conditionMessage))
  x <- run(index, vary, 400, allow_failed = TRUE, keep = TRUE)
  failed <- x$draws$choices$n != "as answered" & x$draws$choices$r == "geometric"
  expect_gt(sum(failed), 50)
  expect_identical(x$counts$failed, as.numeric(sum(failed)))
  expect_identical(rowSums(is.na(x$draws$scores)), 7 * failed)
  expect_identical(as.data.frame(x)$scored, rep(as.numeric(sum(!failed)), 7))
  expect_true("robustness.failed" %in% cap_findings(x)$key)
  expect_equal(sum(cap_table(x, "factors")$draws[1:2]), sum(!failed))
  # all of them fail
  worst <- update(index, aggregate = "geometric")
  z <- cap_vary_normalise(list(list("zscore", range = c(-2, 0)), list("zscore", range = c(-1, 0))), data = toy_values())
  x <- run(worst, list(n = z), 50, allow_failed = TRUE)
  expect_identical(as.data.frame(x)$scored, rep(0, 7))
  expect_false(any(is.nan(x$dominance)) || any(is.nan(x$rank_frequency)))
  expect_false(any(vapply(as.data.frame(x), function(v) any(is.nan(v)), NA)))
  expect_output(print(x), "50 replicates had no result")
})

test_that("an interrupt is a true interrupt and leaves no change", {
  skip_on_cran()
  folder <- withr::local_tempdir()
  ready <- file.path(folder, "ready")
  result <- file.path(folder, "result")
  child_r(c(
    "index <- cap_index(cap_answers(gci_items[gci_items$edition == 2024, ], 'gci-2024'))",
    "before <- serialize(index, NULL)",
    "vary <- list(a = cap_vary_weights(), b = cap_vary_drop())",
    "stopped <- function(code) tryCatch({ code; 'finished' }, interrupt = function(i) 'interrupt', error = function(e) 'error')",
    "set.seed(1); usual <- cap_robustness(index, 500, vary)$counts",
    sprintf("writeLines(as.character(Sys.getpid()), '%s')", ready),
    "one <- stopped(cap_robustness(index, 1e8, vary, threads = 2))",
    sprintf("writeLines(as.character(Sys.getpid()), '%s2')", ready),
    "two <- stopped(cap_sensitivity(index, vary, 1e7, threads = 2))",
    "set.seed(1); again <- identical(cap_robustness(index, 500, vary)$counts, usual)",
    "same <- identical(serialize(index, NULL), before)",
    sprintf("writeLines(paste(one, two, again, same), '%s.part')", result),
    sprintf("invisible(file.rename('%s.part', '%s'))", result, result)
  ), folder)
  for (file in c(ready, paste0(ready, "2"))) {
    expect_true(wait_for(file))
    pid <- as.integer(readLines(file))
    Sys.sleep(1.5)
    expect_true(tools::pskill(pid, tools::SIGINT))
  }
  if (!wait_for(result)) tools::pskill(pid, tools::SIGKILL)
  expect_identical(readLines(result), "interrupt interrupt TRUE TRUE")
})

# What a result says ------------------------------------------------------------

test_that("columns are as documented", {
  x <- run(toy())
  expect_identical(names(as.data.frame(x)), c(
    "unit", "edition", "score", "rank", "tier", "rank_low", "rank_median", "rank_high", "rank_inside",
    "score_low", "score_median", "score_high", "p_tier", "se_tier", "p_high", "se_high", "p_middle", "se_middle",
    "p_low", "se_low", "rank_shift", "scored"
  ))
  columns <- function(table) names(as.data.frame(cap_table(x, table)))
  expect_identical(columns("units"), names(as.data.frame(x)))
  expect_identical(columns("tiers"), c("unit", "tier", "p", "se"))
  expect_identical(columns("pairs"), c("unit", "other", "p_above", "p_tied", "se"))
  expect_identical(columns("groups"), c("group", "n", "first", "last", "units"))
  expect_identical(columns("factors"), c("factor", "label", "choice", "draws", "rank_shift"))
  expect_identical(names(cap_table(x, "top", k = c(1, 3))), c("unit", "rank", "p_top_1", "se_top_1", "p_top_3", "se_top_3"))
  expect_equal(cap_table(x, "top", k = 7)$p_top_7, rep(1, 7))
  table <- as.data.frame(x)
  expect_equal(rowSums(table[c("p_high", "p_middle", "p_low")]), rep(1, 7), tolerance = 0.2)
  own <- as.matrix(table[c("p_high", "p_middle", "p_low")])[cbind(1:7, as.integer(table$tier))]
  expect_equal(table$p_tier, own)
  expect_equal(table$se_tier, sqrt(own * (1 - own) / 2000))
})

test_that("pairs and groups are those of the dominance matrix", {
  x <- run(toy(), list(cap_vary_weights("simplex")), 3000)
  above <- x$dominance
  p <- above + (1 - above - t(above)) / 2
  by <- order(x$nominal$rank, x$nominal$unit)
  unit <- x$nominal$unit[by]
  p <- p[by, by]
  close <- p >= 0.05 & p <= 0.95
  pairs <- cap_table(x, "pairs")
  expected <- which(close & upper.tri(close), arr.ind = TRUE)
  expect_setequal(paste(pairs$unit, pairs$other), paste(unit[expected[, 1]], unit[expected[, 2]]))
  expect_gt(nrow(pairs), 0)
  expect_lt(nrow(pairs), 21)
  expect_equal(pairs$p_above, above[cbind(pairs$unit, pairs$other)])
  expect_equal(pairs$p_tied, 1 - pairs$p_above - above[cbind(pairs$other, pairs$unit)])
  # every run of the nominal order, the slow way; the longest are kept
  runs <- list()
  for (i in 1:6) {
    for (j in (i + 1):7) {
      if (all(close[i:j, i:j][upper.tri(diag(j - i + 1))])) runs <- c(runs, list(c(i, j)))
    }
  }
  inside <- vapply(runs, function(a) any(vapply(runs, function(b) b[1] <= a[1] && a[2] <= b[2] && !identical(a, b), NA)), NA)
  longest <- runs[!inside]
  groups <- cap_table(x, "groups")
  expect_identical(groups$units, vapply(longest, function(r) paste(unit[r[1]:r[2]], collapse = ", "), ""))
  expect_identical(groups$n, vapply(longest, function(r) r[2] - r[1] + 1L, 0L))
  finding <- cap_findings(x)
  numbers <- finding$numbers[[which(finding$key == "robustness.pairs")]]
  expect_identical(c(numbers$n, numbers$pairs, numbers$groups, numbers$size), c(nrow(pairs), 21, nrow(groups), max(groups$n)))
})

test_that("findings count what the table shows", {
  x <- run(toy(), list(cap_vary_weights("simplex")), 3000)
  f <- cap_findings(x)
  number <- function(key, name) f$numbers[[which(f$key == key)]][[name]]
  table <- as.data.frame(x)
  expect_identical(number("robustness.tiers", "firm"), sum(table$p_tier >= 0.95))
  expect_identical(number("robustness.tiers", "loose"), sum(table$p_tier < 0.95))
  expect_equal(number("robustness.shift", "mean"), mean(table$rank_shift))
  expect_identical(number("robustness.run", "n"), 3000)
  expect_equal(number("robustness.error", "error"), 50 / sqrt(3000))
  expect_identical("robustness.outside" %in% f$key, !all(table$rank_inside))
  expect_false("robustness.part" %in% f$key)
})

test_that("results print, survive saveRDS and become tibbles", {
  x <- run(toy(gaps = toy_gaps, missing = "renormalise"), discrete, 2000)
  local_messages()
  expect_snapshot({
    x
    summary(x)
    cap_table(x, "factors")
    cap_table(x, "groups")
  })
  file <- withr::local_tempfile()
  saveRDS(x, file)
  expect_identical(readRDS(file), x)
  expect_identical(as.data.frame(readRDS(file)), as.data.frame(x))
  skip_if_not_installed("tibble")
  expect_s3_class(tibble::as_tibble(x), "tbl_df")
  expect_identical(as.data.frame(tibble::as_tibble(x)), as.data.frame(x))
})

test_that("names in vary are the factors' names", {
  index <- toy()
  x <- run(index, list(cap_vary_weights(label = "opinion"), rules = cap_vary_aggregate("minimum"), cap_vary_drop()), 50)
  expect_identical(unique(cap_table(x, "factors")$factor), c("opinion", "rules", "drop"))
  unnamed <- run(index, stats::setNames(list(cap_vary_drop()), NA), 50)
  expect_identical(unique(cap_table(unnamed, "factors")$factor), "drop")
  alone <- run(index, cap_vary_weights(), 50)
  expect_identical(alone$counts, run(index, list(cap_vary_weights()), 50)$counts)
  expect_match(input_error(run(index, list(a = cap_vary_drop(), cap_vary_weights(label = "a")))), "more than once", fixed = TRUE)
})

test_that("shares of ties are whole counts over replicates, never below 0", {
  gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
  set.seed(1)
  pairs <- as.data.frame(cap_table(cap_robustness(gci, n = 1000), "pairs"))
  expect_gt(nrow(pairs), 100)
  expect_true(all(pairs$p_tied >= 0))
  expect_equal(pairs$p_tied * 1000, round(pairs$p_tied * 1000), tolerance = 1e-12)
})
