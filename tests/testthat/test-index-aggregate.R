flat_framework <- function(m, weight = rep(1, m)) {
  cap_framework(data.frame(
    code = c("R", paste0("I", seq_len(m))), parent = c("", rep("R", m)), weight = c(NA, weight)
  ))
}

# Scores of the root for a matrix of shares, one row a unit.
flat_scores <- function(x, aggregate, weight = rep(1, ncol(x)), ..., edition = 1L) {
  colnames(x) <- paste0("I", seq_len(ncol(x)))
  data <- data.frame(iso3 = sprintf("U%03d", seq_len(nrow(x))), edition = edition, x)
  index <- cap_index(
    cap_answers(data, flat_framework(ncol(x), weight), item = NULL),
    aggregate = aggregate, missing = if (anyNA(x)) "renormalise" else "error", ...
  )
  out <- as.data.frame(index, level = "overall")
  out$score[match(data$iso3, out$unit)] / 100
}

simple_rules <- list(
  arithmetic = "arithmetic", geometric = "geometric", harmonic = "harmonic",
  minimum = "minimum", median = "median", penalised = "mazziotta_pareto",
  power = list("generalised_mean", r = -2), root = list("generalised_mean", r = 0.5),
  shifted = list("geometric", shift = 0.1), reward = list("mazziotta_pareto", sign = -1),
  sample = list("mazziotta_pareto", sample = TRUE), bottleneck = "bottleneck"
)

test_that("rules agree with their definitions in plain R, with gaps too", {
  withr::local_seed(11)
  for (round in 1:6) {
    m <- sample(1:7, 1)
    x <- matrix(round(stats::runif(20 * m), 2), 20, m)
    x[stats::runif(length(x)) < 0.1] <- 0
    if (round %% 2 == 0) x[stats::runif(length(x)) < 0.2] <- NA
    w <- stats::runif(m, 0.2, 3)
    for (name in names(simple_rules)) {
      twin <- apply(x, 1, twin_rule, w = w, rule = name)
      expect_equal(flat_scores(x, simple_rules[[name]], w), twin, tolerance = 1e-10, info = name)
    }
  }
})

test_that("Copeland agrees with pairs counted one by one", {
  withr::local_seed(12)
  for (gaps in c(0, 0.3)) {
    x <- matrix(sample(c(0, 0.5, 1), 30 * 6, replace = TRUE), 30)
    x[stats::runif(length(x)) < gaps] <- NA
    w <- c(1, 2, 3, 1, 2, 0)
    p <- twin_outranking(x, w)
    scored <- rowSums(!is.na(x[, w > 0, drop = FALSE])) > 0
    n <- sum(scored)
    sign <- (p > 0.5 + 1e-9) - (p < 0.5 - 1e-9)
    points <- rowSums(sign[, scored])
    twin <- ifelse(scored, (points + n - 1) / (2 * (n - 1)), NA)
    expect_equal(flat_scores(x, "copeland", w), twin, tolerance = 1e-12)
    # order of rows does not matter
    turned <- rev(seq_len(nrow(x)))
    expect_identical(flat_scores(x[turned, ], "copeland", w), flat_scores(x, "copeland", w)[turned])
  }
})

test_that("Kemeny is the best of all orders for few units", {
  withr::local_seed(13)
  orders <- as.matrix(expand.grid(rep(list(1:5), 5)))
  orders <- orders[apply(orders, 1, anyDuplicated) == 0, ]
  for (round in 1:6) {
    x <- matrix(if (round > 3) sample(c(0, 0.5, 1), 15, TRUE) else stats::runif(15), 5)
    margin <- 2 * twin_outranking(x, c(1, 2, 2.5)) - 1
    value <- apply(orders, 1, function(o) sum(margin[o, o][upper.tri(margin)]))
    best <- orders[value > max(value) - 1e-9, , drop = FALSE]
    place <- rowMeans(apply(best, 1, order))
    expect_equal(flat_scores(x, "kemeny", c(1, 2, 2.5)), (5 - place) / 4, tolerance = 1e-10)
  }
})

test_that("a Kemeny order that is not proven says so, and equals stay equal", {
  withr::local_seed(14)
  x <- matrix(stats::runif(15 * 4), 15)
  x[15, ] <- x[3, ]
  colnames(x) <- paste0("I", 1:4)
  answers <- cap_answers(
    data.frame(iso3 = sprintf("U%02d", 1:15), edition = 1L, x), flat_framework(4), item = NULL
  )
  index <- cap_index(answers, aggregate = "kemeny")
  expect_identical(index$notes$unproven, "R")
  expect_match(paste(cap_findings(index)$text, collapse = " "), "not proven optimal", fixed = TRUE)
  expect_true("index.kemeny" %in% cap_findings(index)$key)
  score <- as.data.frame(index, level = "overall")$score
  expect_equal(score[3], score[15], tolerance = 1e-12)
  few <- cap_index(cap_answers(
    data.frame(iso3 = sprintf("U%02d", 1:10), edition = 1L, x[1:10, ]), flat_framework(4), item = NULL
  ), aggregate = "kemeny")
  expect_identical(few$notes$unproven, character())
  expect_false("index.kemeny" %in% cap_findings(few)$key)
})

test_that("units are compared within their edition", {
  x <- matrix(c(0.9, 0.1, 0.5, 0.4, 0.3, 0.8, 0.2, 0.6), 4)
  data <- data.frame(iso3 = c("A", "B", "A", "B"), edition = c(1, 1, 2, 2), I1 = x[, 1], I2 = x[, 2])
  both <- cap_index(cap_answers(data, flat_framework(2), item = NULL), aggregate = "copeland")
  for (e in 1:2) {
    one <- cap_index(cap_answers(data[data$edition == e, ], flat_framework(2), item = NULL), aggregate = "copeland")
    expect_identical(both$scores[both$edition == e, 1], one$scores[, 1])
  }
  alone <- cap_index(cap_answers(data[-1, ], flat_framework(2), item = NULL), aggregate = "copeland")
  expect_identical(sum(is.na(as.data.frame(alone, level = "overall")$score)), 1L)
  expect_true("index.alone" %in% cap_findings(alone)$key)
})

test_that("rules are given for all levels, by position or by name", {
  answers <- gci_answers(2024)
  root <- function(...) overall(cap_index(answers, ...))$score
  by_name <- root(aggregate = c(overall = "geometric"))
  expect_identical(root(aggregate = c("geometric", "arithmetic")), by_name)
  expect_identical(root(aggregate = list("geometric", "arithmetic")), by_name)
  expect_identical(root(aggregate = c(pillar = "arithmetic", overall = "geometric")), by_name)
  expect_equal(root(aggregate = list(overall = list("generalised_mean", r = 0))), by_name)
  expect_identical(
    root(aggregate = list("generalised_mean", r = -1)),
    root(aggregate = list(list("generalised_mean", r = -1), list("generalised_mean", r = -1)))
  )
  expect_equal(root(aggregate = list("generalised_mean", r = 1)), overall(gci(2024))$score, tolerance = 1e-13)
  expect_equal(root(aggregate = list("owa", weights = 1, weighted = TRUE)), overall(gci(2024))$score, tolerance = 1e-13)
  expect_true(all(root(aggregate = "harmonic") <= root(aggregate = "geometric") + 1e-9))
  expect_true(all(root(aggregate = "geometric") <= root() + 1e-9))
  # full marks are full marks
  full <- overall(gci(2024))$score == 100
  for (rule in simple_rules) expect_equal(root(aggregate = rule)[full], rep(100, sum(full)))
})

test_that("the spec keeps rules and parameters, and says them", {
  index <- update(gci(2024), aggregate = list(overall = list("geometric", shift = 0.01)))
  expect_identical(update(index), index)
  expect_identical(update(index, ties = "min")$scores, index$scores)
  expect_identical(update(index, aggregate = "arithmetic")$scores, gci(2024)$scores)
  expect_match(paste(cap_findings(index)$text, collapse = " "), "geometric (shift = 0.01), arithmetic", fixed = TRUE)
  expect_error(cap_bridge(gci(2020), index), class = "cap_error_input")
})

# Each rule of the register with parameters for `m` children, so that a new one is held
# to what holds for all.
every_rule <- function(m) {
  given <- list(generalised_mean = list(r = 2), owa = list(weights = rep(1 / m, m)))
  names <- names(get("aggregation_rules", asNamespace("cybercap"))())
  lapply(names, function(name) c(list(name), given[[name]]))
}

test_that("order of items and scale of weights do not matter", {
  withr::local_seed(15)
  x <- matrix(sample(c(0, 0.25, 0.5, 1), 12 * 5, TRUE), 12)
  w <- c(1, 2, 3, 4, 5)
  turned <- c(3, 1, 5, 2, 4)
  for (rule in c(simple_rules, every_rule(5))) {
    reference <- flat_scores(x, rule, w)
    expect_equal(flat_scores(x[, turned], rule, w[turned]), reference, tolerance = 1e-10)
    expect_equal(flat_scores(x, rule, 7 * w), reference, tolerance = 1e-10)
  }
})

test_that("rules, levels and parameters are checked", {
  answers <- gci_answers(2024)
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_index(answers, aggregate = "geometrical")
    cap_index(answers, aggregate = rep("arithmetic", 3))
    cap_index(answers, aggregate = c(pillars = "geometric"))
    cap_index(answers, aggregate = c(overall = "geometric", overall = "harmonic"))
    cap_index(answers, aggregate = character())
    cap_index(answers, aggregate = 1)
    cap_index(answers, aggregate = "generalised_mean")
    cap_index(answers, aggregate = list("generalised_mean", r = "2"))
    cap_index(answers, aggregate = list("generalised_mean", r = 1:2))
    cap_index(answers, aggregate = list("generalised_mean", power = 2))
    cap_index(answers, aggregate = list("harmonic", r = 2))
    cap_index(answers, aggregate = list("geometric", shift = -1))
    cap_index(answers, aggregate = list("mazziotta_pareto", sign = 0))
    cap_index(answers, aggregate = list("owa", weights = c(1, 2)))
    cap_index(answers, aggregate = c("geometric", "mazziotta_pareto"))
  })
  e <- tryCatch(cap_index(answers, aggregate = c("geometric", "mazziotta_pareto")), error = identity)
  expect_s3_class(e, "cap_error_numeric")
  expect_error(cap_index(answers, aggregate = NA_character_), class = "cap_error_input")
  expect_error(cap_index(answers, aggregate = list(list())), class = "cap_error_input")
  expect_error(cap_index(answers, aggregate = NULL), class = "cap_error_input")
})

test_that("a penalty that exceeds the mean is counted", {
  index <- update(gci(2024), aggregate = c(pillar = "mazziotta_pareto"))
  expect_true("index.outside" %in% cap_findings(index)$key)
  expect_false("index.outside" %in% cap_findings(gci(2024))$key)
})
