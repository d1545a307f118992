panel_of <- function(n = 30, gaps = 0.1, seed = 4) {
  withr::with_seed(seed, {
    x <- matrix(round(stats::rexp(n * 4, 0.1) + 1, 1), n, dimnames = list(sprintf("U%02d", seq_len(n)), letters[1:4]))
    x[stats::runif(n * 4) < gaps] <- NA
    x
  })
}

# The formulas in plain R, for direction 1.
twin <- function(x, method) {
  r <- rank(x, na.last = "keep", ties.method = "min")
  lo <- min(x, na.rm = TRUE)
  hi <- max(x, na.rm = TRUE)
  m <- mean(x, na.rm = TRUE)
  switch(method,
    minmax = (x - lo) / (hi - lo), distance_to_max = 1 - (hi - x) / (hi - lo),
    zscore = (x - m) / stats::sd(x, na.rm = TRUE), rank = r, borda = r - 1,
    percentile_rank = (r - 1) / (sum(!is.na(x)) - 1), share_of_max = x / hi,
    above_below_mean = ifelse(x / m > 1.2, 1, ifelse(x / m < 0.8, -1, 0)),
    categorical = {
      b <- stats::quantile(x, c(0.15, 0.25, 0.65, 0.85, 0.95), na.rm = TRUE, type = 7)
      vapply(x, function(v) sum(v >= b) / 5, 0)
    }
  )
}
plain <- c(
  "minmax", "distance_to_max", "zscore", "rank", "borda", "percentile_rank",
  "share_of_max", "above_below_mean", "categorical"
)

test_that("every method agrees with plain R, whatever the order", {
  for (seed in 1:5) {
    x <- panel_of(seed = seed)
    for (method in plain) {
      got <- as.matrix(cap_normalise(x, method))
      expect_equal(got, apply(x, 2, twin, method), tolerance = 1e-13, info = method)
      turned <- x[rev(seq_len(nrow(x))), c(3, 1, 4, 2)]
      expect_equal(as.matrix(cap_normalise(turned, method))[rownames(x), colnames(x)], got, tolerance = 1e-12)
    }
  }
})

test_that("direction turns the best into the highest", {
  x <- panel_of()
  for (method in setdiff(plain, "share_of_max")) {
    both <- as.matrix(cap_normalise(x, method, direction = c(b = -1)))
    up <- as.matrix(cap_normalise(x, method))
    expect_identical(both[, -2], up[, -2])
    expect_true(stats::cor(both[, 2], x[, 2], use = "complete", method = "spearman") < 0)
  }
  down <- as.matrix(cap_normalise(x, "minmax", direction = -1))
  expect_equal(down, 1 - as.matrix(cap_normalise(x, "minmax")), tolerance = 1e-14)
  framework <- small()
  items <- subset(small_answers(), select = c("iso3", "item", "value"))
  wide <- stats::reshape(items, idvar = "iso3", timevar = "item", direction = "wide")
  names(wide) <- sub("value.", "", names(wide), fixed = TRUE)
  answers <- cap_answers(small_answers(), framework)
  expect_identical(
    as.matrix(cap_normalise(answers, "minmax")), as.matrix(cap_normalise(wide, "minmax", direction = framework))
  )
})

test_that("any range, goalposts and clipping", {
  x <- data.frame(unit = c("A", "B", "C"), i = c(2, 4, 10), j = c(1, 5, 3))
  value <- function(...) as.matrix(cap_normalise(x, ...))[, "i"]
  expect_identical(value("minmax", range = c(0, 100)), c(A = 0, B = 25, C = 100))
  expect_identical(value("minmax", range = c(-1, 1)), c(A = -1, B = -0.5, C = 1))
  gp <- data.frame(item = "i", lower = 0, upper = 8)
  expect_identical(value("minmax", goalposts = gp), c(A = 0.25, B = 0.5, C = 1.25))
  expect_identical(value("minmax", goalposts = gp, clip = TRUE), c(A = 0.25, B = 0.5, C = 1))
  expect_identical(value("minmax", goalposts = c(0, 8)), c(A = 0.25, B = 0.5, C = 1.25))
  expect_match(cap_findings(cap_normalise(x, goalposts = gp))$text[2], "1 value lies beyond the ends of the scale and was left there: C i.")
  expect_identical(value("rank", range = c(0, 10)), c(A = 0, B = 5, C = 10))
  expect_identical(value("borda", range = c(1, 7)), c(A = 1, B = 4, C = 7))
  expect_identical(unname(value("zscore", range = c(1, 7))[c(1, 3)]), c(1, 7))
  # the income index of the Human Development Report: goalposts 100 and 75,000
  hdi <- cap_normalise(data.frame(unit = "X", gni = 16000), "log_goalposts", goalposts = c(100, 75000))
  expect_equal(as.data.frame(hdi)$value, (log(16000) - log(100)) / (log(75000) - log(100)), tolerance = 1e-14)
  answers <- gci_answers(2024)
  scaled <- as.matrix(cap_normalise(answers, goalposts = "scale"))
  expect_equal(unname(scaled), unname(answers$values), tolerance = 1e-15)
})

test_that("targets and references in their three forms", {
  x <- data.frame(unit = c("A", "B", "C"), i = c(2, 4, 10))
  value <- function(...) unname(as.matrix(cap_normalise(x, ...))[, "i"])
  expect_equal(value("distance_to_target", target = 6), c(0, 0.5, 2))
  expect_equal(value("distance_to_target", target = 6, clip = TRUE), c(0, 0.5, 1))
  expect_equal(value("distance_to_target", target = 5, form = "ratio"), c(0.4, 0.8, 2))
  expect_equal(value("distance_to_reference", reference = "B"), c(0, 1, 4))
  expect_equal(value("distance_to_reference", reference = "B", form = "difference"), c(-0.5, 0, 1.5))
  expect_equal(value("distance_to_reference", reference = "B", form = "ratio", direction = -1), c(2, 1, 0.4))
  expect_equal(value("distance_to_reference", reference = c(i = 4)), c(0, 1, 4))
})

test_that("editions: by themselves, from the base, over the panel", {
  x <- data.frame(unit = rep(c("A", "B"), 2), edition = rep(c(2020, 2024), each = 2), i = c(1, 3, 2, 5))
  value <- function(...) as.data.frame(cap_normalise(x, ...))$value
  expect_identical(value("minmax"), c(0, 1, 0, 1))
  expect_identical(value("base_year"), c(0, 1, 0.5, 2))
  expect_identical(value("base_year", base = 2024), c(-1 / 3, 1 / 3, 0, 1))
  expect_identical(value("panel_global"), c(0, 0.5, 0.25, 1))
  expect_identical(value("minmax", over = "panel"), value("panel_global"))
  expect_equal(value("base_year", form = "ratio"), c(1, 1, 2, 5 / 3))
  expect_equal(value("base_year", form = "difference", direction = -1), c(0, 0, -1, -2 / 3))
  expect_equal(value("zscore", over = "base"), (x$i - 2) / sqrt(2))
  expect_identical(value("rank", over = "panel"), c(1, 3, 2, 4))
  expect_identical(as.data.frame(cap_normalise(x[4:1, ], "base_year"))$value, rev(c(0, 1, 0.5, 2)))
  frame <- as.data.frame(cap_normalise(x, "base_year"))
  expect_identical(names(frame), c("unit", "edition", "item", "value", "raw"))
  expect_identical(names(as.data.frame(cap_normalise(x), table = "wide")), c("unit", "edition", "i"))
})

test_that("a new panel is normalised alike", {
  x <- panel_of(gaps = 0)
  for (method in setdiff(plain, c("rank", "borda", "percentile_rank"))) {
    n <- cap_normalise(x, method, direction = c(a = -1), range = if (method == "minmax") c(1, 7))
    expect_identical(as.matrix(stats::predict(n, x[5:1, 4:1])), as.matrix(n)[5:1, ], info = method)
  }
  expect_identical(n$parameters$item, letters[1:4])
  expect_equal(n$parameters$mean, unname(colMeans(x)), tolerance = 1e-14)
  expect_equal(n$parameters$sd, unname(apply(x, 2, stats::sd)), tolerance = 1e-14)
  expect_error(stats::predict(cap_normalise(x, "rank"), x), class = "cap_error_input")
  expect_error(stats::predict(n, x[, 1:3]), "lacks the item d", class = "cap_error_input")
})

test_that("constant items are named, or have the value asked for", {
  x <- data.frame(unit = c("A", "B", "C"), i = 1:3, flat = 2, gap = c(NA, 7, NA))
  for (method in setdiff(core_words("normalisation"), c("log_goalposts", "distance_to_target", "distance_to_reference", "base_year"))) {
    e <- expect_error(cap_normalise(x, method), class = "cap_error_numeric")
    expect_match(conditionMessage(e), "flat, gap are constant", info = method)
  }
  got <- as.matrix(cap_normalise(x, constant = 0.5))
  expect_identical(unname(got[, "flat"]), c(0.5, 0.5, 0.5))
  expect_identical(unname(got[, "gap"]), c(NA, 0.5, NA))
  expect_error(cap_normalise(x, constant = c(flat = 1)), "Item gap is constant", class = "cap_error_numeric")
  expect_identical(unname(as.matrix(cap_normalise(x[c("unit", "flat")], goalposts = c(0, 4)))[, 1]), rep(0.5, 3))
})

test_that("missing values stay missing, empty items are said", {
  x <- data.frame(unit = c("A", "B", "C"), i = c(1, NaN, 3), none = NA_real_)
  n <- cap_normalise(x)
  expect_identical(unname(as.matrix(n)[, "i"]), c(0, NA, 1))
  expect_true(all(is.na(as.matrix(n)[, "none"])))
  expect_match(paste(cap_findings(n)$text, collapse = " "), "1 item has no value and stays missing: none", fixed = TRUE)
  expect_output(print(n), "cap_normalised")
  one <- x[1, ]
  expect_error(cap_normalise(one), "Item i is constant", class = "cap_error_numeric")
})

test_that("data frames in any form give the same", {
  x <- panel_of()
  want <- as.matrix(cap_normalise(x))
  frame <- data.frame(note = "n", unit = rownames(x), x)
  expect_identical(as.matrix(cap_normalise(frame)), want)
  expect_identical(as.matrix(cap_normalise(tibble::as_tibble(frame))), want)
  expect_identical(as.matrix(cap_normalise(as.data.frame(x))), want)
  names(frame)[2] <- "land"
  expect_identical(as.matrix(cap_normalise(frame, unit = "land")), want)
})

test_that("what is wrong is named", {
  x <- data.frame(unit = c("A", "B", "C"), i = c(0, 4, 10), j = c(-1, -5, -3))
  refused <- function(pattern, ..., class = "cap_error_input") {
    expect_error(cap_normalise(...), pattern, class = class)
  }
  refused("must be answers", list())
  refused("matrix of numbers", matrix("a"))
  refused("0 units", x[0, ])
  refused("0 items", x["unit"])
  refused("A i", transform(x, i = c(Inf, 1, 2)))
  refused("more than one row for A", rbind(x, x[1, ]))
  refused("numbers as text in k", transform(x, k = c("1", "2", "3")))
  refused("must be one of", x, "maximum")
  refused("range", x, range = c(1, 0))
  refused("1 or -1; not so for i", x, direction = c(i = 2))
  refused("lacks: k", x, direction = c(k = 1))
  refused("named by item", x, direction = c(1, -1))
  refused("lower must be under the upper", x, goalposts = data.frame(item = "i", lower = 2, upper = 1))
  refused("lower and an upper.*not so for j", x, "log_goalposts", goalposts = data.frame(item = "i", lower = 1, upper = 2))
  refused("A i: 0", x["i"] |> cbind(unit = x$unit), "log_goalposts", goalposts = c(1, 10))
  refused("target.*for i, j", x, "distance_to_target")
  refused("target.*for j", x, "distance_to_target", target = c(i = 1))
  refused("not there: Z", x, "distance_to_reference", reference = "Z")
  refused("has none", x, "base_year")
  refused("clip", x, "zscore", clip = TRUE)
  refused("form", x, form = "ratio")
  refused("share_of_max.*for j", x, "share_of_max", class = "cap_error_numeric")
  refused("mean above 0.*for j", x, "above_below_mean", class = "cap_error_numeric")
  refused("for i, j", x, "distance_to_target", target = c(i = 0, j = -9), class = "cap_error_numeric")
  expect_error(cap_normalise(x, "minmax", colour = 1))
})
