# OECD/JRC (2008), Handbook on Constructing Composite Indicators, Table A.2:
# the Technology Achievement Index, first 23 countries.
tai <- function() {
  data.frame(
    unit = c(
      "FIN", "USA", "SWE", "JPN", "KOR", "NLD", "GBR", "CAN", "AUS", "SGP", "DEU", "NOR", "IRL", "BEL",
      "NZL", "AUT", "FRA", "ISR", "ESP", "ITA", "CZE", "HUN", "SVN"
    ),
    patents = c(
      187, 289, 271, 994, 779, 189, 82, 31, 75, 8, 235, 103, 106, 72, 103, 165, 205, 74, 42, 13, 28, 26, 105
    ),
    royalties = c(
      125.6, 130, 156.6, 64.6, 9.8, 151.2, 134, 38.6, 18.2, 25.5, 36.8, 20.2, 110.3, 73.9, 13, 14.8, 33.6,
      43.6, 8.6, 9.8, 4.2, 6.2, 4
    ),
    internet = c(
      200.2, 179.1, 125.8, 49, 4.8, 136, 57.4, 108, 125.9, 72.3, 41.2, 193.6, 48.6, 58.9, 146.7, 84.2, 36.4,
      43.2, 21, 30.4, 25, 21.6, 20.3
    ),
    exports = c(
      50.7, 66.2, 59.7, 80.8, 66.7, 50.9, 61.9, 48.7, 16.2, 74.9, 64.2, 19, 53.6, 47.6, 15.4, 50.3, 58.9, 45,
      53.4, 51, 51.7, 63.5, 49.5
    ),
    telephones = c(
      3.08, 3, 3.1, 3, 2.97, 3.02, 3.02, 2.94, 2.94, 2.95, 2.94, 3.12, 2.97, 2.91, 2.86, 2.99, 2.97, 2.96,
      2.86, 3, 2.75, 2.73, 2.84
    ),
    electricity = c(
      4.15, 4.07, 4.14, 3.86, 3.65, 3.77, 3.73, 4.18, 3.94, 3.83, 3.75, 4.39, 3.68, 3.86, 3.91, 3.79, 3.8,
      3.74, 3.62, 3.65, 3.68, 3.46, 3.71
    ),
    schooling = c(
      10, 12, 11.4, 9.5, 10.8, 9.4, 9.4, 11.6, 10.9, 7.1, 10.2, 11.9, 9.4, 9.3, 11.7, 8.4, 7.9, 9.6, 7.3, 7.2,
      9.5, 9.1, 7.1
    ),
    university = c(
      27.4, 13.9, 15.3, 10, 23.2, 9.5, 14.9, 14.2, 25.3, 24.2, 14.4, 11.2, 12.3, 13.6, 13.1, 13.6, 12.6, 11,
      15.6, 13, 8.2, 7.7, 10.6
    )
  )
}

some_matrix <- function(n = 30, k = 5, seed = 1) {
  withr::with_seed(seed, {
    x <- matrix(stats::runif(n * k), n) + stats::runif(n)
    colnames(x) <- letters[seq_len(k)]
    x
  })
}

# Weights within a parent sum to 1.
expect_sums <- function(w) {
  table <- as.data.frame(w)
  expect_equal(as.vector(tapply(table$weight, table$parent, sum)), rep(1, length(unique(table$parent))))
}

test_that("the Handbook's components and weights are met", {
  # Tables 16 to 18; the printed data are rounded, and so are the figures
  w <- cap_weights_data(tai(), "pca", factors = 4)
  expect_equal(w$details$eigenvalues, c(3.3, 1.7, 1, 0.9, 0.5, 0.3, 0.2, 0.1), tolerance = 0.06, ignore_attr = TRUE)
  expect_lt(max(abs(100 * w$details$explained - c(41.9, 21.8, 12.3, 11.1, 6, 3.7, 2.2, 0.9))), 0.15)
  expect_lt(max(abs(w$details$variance - c(2.64, 1.39, 1.19, 1.76))), 0.03)
  printed <- c(0.17, 0.15, 0.11, 0.07, 0.08, 0.12, 0.14, 0.16)
  expect_lt(max(abs(weights(w) - printed)), 0.0065)
  expect_identical(names(weights(w)), names(tai())[-1])
  loadings <- w$details$loadings
  expect_lt(max(abs(abs(loadings[c("internet", "electricity", "schooling"), 1]) - c(0.79, 0.82, 0.88))), 0.02)
  expect_lt(max(abs(abs(loadings["exports", 1:2]) - c(0.64, 0.56))), 0.02)
  expect_identical(weights(cap_weights_data(tai(), "pca", factors = "handbook")), weights(w))
  # Table 11
  expect_equal(w$details$alpha, 0.70, tolerance = 0.01)
  expect_lt(max(abs(w$details$alpha_without - c(0.704, 0.645, 0.636, 0.774, 0.603, 0.624, 0.662, 0.706))), 0.003)
  expect_match(cap_findings(w)$text, "without exports, Cronbach's alpha would be 0.77", fixed = TRUE, all = FALSE)
})

test_that("CRITIC's own example is met", {
  # Diakoulaki, Mavrotas and Papayannakis (1995)
  firms <- data.frame(
    profit = c(61, 20.7, 16.3, 9, 5.4, 4, -6.1, -34.6), share = c(1.08, 0.26, 1.98, 3.29, 2.77, 4.12, 3.52, 3.31),
    productivity = c(4.33, 4.34, 2.53, 1.65, 2.33, 1.21, 2.10, 0.98)
  )
  w <- weights(cap_weights_data(firms, "critic"))
  expect_equal(w, c(profit = 0.20222554, share = 0.48090173, productivity = 0.31687273), tolerance = 1e-7)
  twin <- function(x, method, scale) {
    r <- stats::cor(x, method = method)
    s <- if (scale) apply(x, 2, function(v) stats::sd((v - min(v)) / diff(range(v)))) else apply(x, 2, stats::sd)
    s * rowSums(1 - r) / sum(s * rowSums(1 - r))
  }
  for (method in c("pearson", "spearman")) {
    for (scale in c(TRUE, FALSE)) {
      w <- weights(cap_weights_data(firms, "critic", correlation = method, scale = scale))
      expect_equal(w, twin(as.matrix(firms), method, scale), tolerance = 1e-12)
    }
  }
})

test_that("entropy and sd are the formulas", {
  x <- some_matrix()
  x[3, 2] <- 0
  p <- sweep(x, 2, colSums(x), "/")
  e <- -colSums(ifelse(p > 0, p * log(p), 0)) / log(nrow(x))
  w <- cap_weights_data(x, "entropy")
  expect_equal(weights(w), (1 - e) / sum(1 - e), tolerance = 1e-10)
  expect_equal(sort(cap_table(w)$entropy), sort(unname(e)), tolerance = 1e-12)
  s <- apply(x, 2, stats::sd)
  expect_equal(weights(cap_weights_data(x, "sd")), s / sum(s), tolerance = 1e-12)
  expect_equal(weights(cap_weights_data(x)), c(a = 0.2, b = 0.2, c = 0.2, d = 0.2, e = 0.2))
})

test_that("components agree with plain R", {
  x <- some_matrix(60, 7, 3)
  for (method in c("pearson", "spearman")) {
    for (normalise in c(TRUE, FALSE)) {
      w <- cap_weights_data(x, "pca", factors = 3, correlation = method, normalise = normalise)
      e <- eigen(stats::cor(x, method = method))
      raw <- e$vectors[, 1:3] %*% diag(sqrt(e$values[1:3]))
      rotated <- unclass(stats::varimax(raw, normalise, eps = 1e-14)$loadings)
      share <- colSums(rotated^2) / sum(rotated^2)
      pick <- max.col(rotated^2)
      twin <- (sweep(rotated^2, 2, colSums(rotated^2), "/")[cbind(1:7, pick)]) * share[pick]
      expect_equal(unname(weights(w)), twin / sum(twin), tolerance = 1e-6)
      expect_equal(w$details$eigenvalues, e$values, tolerance = 1e-12)
      expect_equal(sort(unname(w$details$variance)), sort(colSums(rotated^2)), tolerance = 1e-6)
      expect_equal(unname(rowSums(w$details$loadings^2)), rowSums(raw^2), tolerance = 1e-12)
    }
  }
  w <- cap_weights_data(x, "pca")
  expect_identical(w$details$n_factors, as.integer(max(1, sum(eigen(stats::cor(x))$values >= 1))))
  v <- stats::cov(x)
  raw <- function(v) nrow(v) / (nrow(v) - 1) * (1 - sum(diag(v)) / sum(v))
  expect_equal(w$details$alpha_raw, raw(v), tolerance = 1e-12)
  expect_equal(unname(w$details$alpha_raw_without), vapply(1:7, function(k) raw(v[-k, -k]), 0), tolerance = 1e-12)
  expect_equal(w$details$alpha, raw(stats::cor(x)), tolerance = 1e-12)
  kept <- function(factors) cap_weights_data(x, "pca", factors = factors)$details$n_factors
  share <- cumsum(eigen(stats::cor(x))$values) / 7
  expect_identical(kept(0.8), which(share >= 0.8)[1])
  expect_identical(kept(1), 1L)
  expect_gte(kept("jolliffe"), kept("kaiser"))
})

test_that("optimised weights match importance and report what they give", {
  x <- some_matrix(80, 6, 5)
  w <- cap_weights_data(x, "optimised")
  r2 <- as.vector(stats::cor(x, x %*% weights(w))^2)
  expect_equal(unname(w$details$importance), r2 / sum(r2), tolerance = 1e-10)
  expect_equal(w$details$objective, sum((r2 / sum(r2) - 1 / 6)^2), tolerance = 1e-9)
  expect_lt(w$details$objective, 1e-18)
  expect_true(w$details$converged)
  expect_equal(sum(weights(w)), 1)
  target <- c(f = 3, a = 1, b = 1, c = 1, d = 2, e = 1)
  w <- cap_weights_data(x, "optimised", target = target)
  # rms gap; an item's share of importance cannot be pushed to any value
  r2 <- as.vector(stats::cor(x, x %*% weights(w))^2)
  gap <- function(r2) sum((r2 / sum(r2) - target[colnames(x)] / sum(target))^2)
  expect_equal(w$details$objective, gap(r2), tolerance = 1e-9)
  twin <- stats::optim(rep(0, 6), function(t) gap(as.vector(stats::cor(x, x %*% exp(t))^2)),
    method = "BFGS", control = list(maxit = 2000, reltol = 1e-15)
  )
  expect_lte(w$details$objective, twin$value + 1e-8)
  # a cubic explains what a cubic regression explains
  w <- cap_weights_data(x, "optimised", importance = "nonlinear")
  y <- x %*% weights(w)
  r2 <- apply(x, 2, function(v) summary(stats::lm(y ~ stats::poly(v, 3)))$r.squared)
  expect_equal(unname(w$details$ratio), unname(r2), tolerance = 1e-10)
  # scaled first, the importances are of the scaled index
  z <- sweep(x, 2, 10^(1:6), "*")
  w <- cap_weights_data(z, "optimised", scale = TRUE)
  scaled <- apply(z, 2, function(v) (v - min(v)) / diff(range(v)))
  r2 <- as.vector(stats::cor(scaled, scaled %*% weights(w))^2)
  expect_equal(unname(w$details$ratio), r2, tolerance = 1e-9)
})

test_that("answers are weighed within parents and attach to an index", {
  answers <- gci_answers(2024)
  published <- weights(cap_weights("gci-2024"))
  for (method in c("equal", "entropy", "sd", "critic", "pca", "optimised")) {
    w <- cap_weights_data(answers, method)
    expect_s3_class(w, "cap_weights_data")
    expect_identical(names(weights(w)), names(published))
    expect_sums(w)
    index <- cap_index(answers, w)
    expect_false(anyNA(index$scores))
    permuted <- rev(weights(w))
    expect_equal(cap_index(answers, permuted)$scores, index$scores, tolerance = 1e-14)
    expect_identical(cap_index(answers, w)$spec$weights$method, w$method)
  }
  w <- cap_weights_data(answers, "sd")
  wide <- answers$values
  colnames(wide) <- leaf_codes(answers$framework)
  s <- apply(wide[, c("LS1", "LS2")], 2, stats::sd)
  expect_equal(weights(w)[c("LS1", "LS2")], s / sum(s), tolerance = 1e-12)
  # the level above rests on the weights just found below
  pillars <- cap_index(answers, w)$scores[, pillar_nodes(answers$framework)] / 20
  s <- apply(pillars, 2, stats::sd)
  codes <- answers$framework$items$code[pillar_nodes(answers$framework)]
  expect_equal(unname(weights(w)[codes]), unname(s / sum(s)), tolerance = 1e-12)
})

test_that("a level of an index is weighed, the others keep their weights", {
  index <- gci(2024)
  w <- cap_weights_data(index, "critic")
  pillar <- pillar_nodes(index$framework)
  plain <- index$scores[, pillar]
  colnames(plain) <- index$framework$items$code[pillar]
  expect_equal(weights(w)[colnames(plain)], weights(cap_weights_data(plain, "critic")), tolerance = 1e-12)
  leaves <- leaf_codes(index$framework)
  expect_identical(weights(w)[leaves], weights(index)[leaves])
  expect_identical(w, cap_weights_data(index, "critic", level = "pillar"))
  expect_sums(cap_weights_data(index, "sd", level = "indicator"))
  all <- cap_weights_data(index, "sd", level = "indicator", within = "all")
  expect_equal(sum(weights(all)), 1)
  expect_null(all$framework)
  expect_identical(weights(all), weights(cap_weights_data(index$answers, "sd", within = FALSE)))
})

test_that("order, form and scale do not matter", {
  x <- some_matrix()
  frame <- cbind(iso3 = sprintf("U%02d", 1:30), as.data.frame(x), edition = 2024L)
  for (method in c("entropy", "sd", "critic", "pca", "optimised")) {
    w <- weights(cap_weights_data(x, method))
    same <- function(y, tolerance = 1e-8) {
      expect_equal(weights(cap_weights_data(y, method))[colnames(x)], w, tolerance = tolerance)
    }
    same(x[, 5:1])
    same(x[30:1, ])
    same(frame)
    same(tibble::as_tibble(shuffled(frame)))
    if (method %in% c("entropy", "critic", "pca")) same(sweep(x, 2, 10^(1:5), "*"))
    if (method != "entropy") same(rbind(x, x), 1e-6)
  }
  # by its definition the index of optimised weights has no units of measurement
  y <- sweep(x, 2, 10^(1:5), "*")
  w <- weights(cap_weights_data(x, "optimised")) / 10^(1:5)
  expect_equal(weights(cap_weights_data(y, "optimised")), w / sum(w), tolerance = 1e-7)
})

test_that("missing values are refused by item, or their units are left out", {
  x <- some_matrix()
  y <- x
  y[2, "b"] <- NA
  y[5, "d"] <- NaN
  expect_match(input_error(cap_weights_data(y, "sd")), "b (1), d (1)", fixed = TRUE)
  w <- cap_weights_data(y, "sd", missing = "complete")
  expect_equal(weights(w), weights(cap_weights_data(x[-c(2, 5), ], "sd")))
  expect_match(cap_findings(w)$text, "2 units with missing values left out: 2, 5", fixed = TRUE, all = FALSE)
  expect_equal(weights(cap_weights_data(y, "equal")), weights(cap_weights_data(x)))
  y[, "c"] <- NA_real_
  expect_match(input_error(cap_weights_data(y, "sd", missing = "complete")), "No unit of `x` is complete", fixed = TRUE)
  data <- gci_items[gci_items$edition == 2024, ]
  gaps <- cap_answers(transform(data, value = ifelse(iso3 == "KEN" & item == "LS1", NA, value)), "gci-2024")
  expect_match(input_error(cap_weights_data(gaps, "critic")), "LS1 (1)", fixed = TRUE)
  w <- cap_weights_data(gaps, "critic", missing = "complete")
  whole <- cap_weights_data(cap_answers(data[data$iso3 != "KEN", ], "gci-2024"), "critic")
  expect_equal(weights(w), weights(whole), tolerance = 1e-12)
  expect_identical(w$details$dropped, "KEN")
})

test_that("degenerate data have a defined result or a named refusal", {
  x <- some_matrix()
  flat <- cbind(x, z = 0.1 + 0.2)
  expect_identical(weights(cap_weights_data(flat, "sd"))[["z"]], 0)
  expect_identical(weights(cap_weights_data(flat, "entropy"))[["z"]], 0)
  for (method in c("critic", "pca", "optimised")) {
    expect_match(input_error(cap_weights_data(flat, method)), "leave out z", fixed = TRUE)
  }
  expect_match(input_error(cap_weights_data(flat, "sd", scale = TRUE)), "leave out z", fixed = TRUE)
  zero <- cbind(x, y = 0, z = 0)
  expect_match(input_error(cap_weights_data(zero, "entropy")), "y, z", fixed = TRUE)
  expect_match(input_error(cap_weights_data(cbind(x, y = -x[, 1]), "entropy")), "negative in y", fixed = TRUE)
  expect_error(cap_weights_data(zero[, 6:7], "sd"), class = "cap_error_numeric")
  one <- x[, 2, drop = FALSE]
  for (method in data_methods()) expect_identical(weights(cap_weights_data(one, method)), c(b = 1))
  expect_match(input_error(cap_weights_data(x[1, , drop = FALSE], "sd")), "2 units or more", fixed = TRUE)
  same <- cbind(a = 1:4, b = 2 * (1:4))
  expect_error(cap_weights_data(same, "critic"), "perfectly correlated", class = "cap_error_numeric")
  expect_equal(weights(cap_weights_data(same, "pca")), c(a = 0.5, b = 0.5))
  expect_equal(cap_weights_data(same, "pca")$details$alpha, 1)
  expect_equal(weights(cap_weights_data(same, "optimised")), c(a = 2, b = 1) / 3)
  two <- x[1:2, ]
  for (method in c("sd", "entropy", "pca", "optimised")) expect_equal(sum(weights(cap_weights_data(two, method))), 1)
  wide <- some_matrix(4, 9, 2)
  for (method in data_methods()) expect_equal(sum(weights(cap_weights_data(wide, method))), 1)
  expect_match(cap_findings(cap_weights_data(wide, "pca"))$text, "9 items and 4 units", fixed = TRUE, all = FALSE)
  opposite <- cbind(a = 1:4, b = 4:1)
  expect_true(is.na(cap_weights_data(opposite, "pca")$details$alpha))
  expect_equal(sum(weights(cap_weights_data(opposite, "critic"))), 1)
})

test_that("bad input is refused by name", {
  x <- some_matrix()
  answers <- gci_answers(2024)
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_weights_data("x")
    cap_weights_data(x, "best")
    cap_weights_data(list(1))
    cap_weights_data(cbind(x, a = 1), "sd")
    cap_weights_data(data.frame(a = 1:2, country = c("A", "B")), "sd")
    cap_weights_data(x[0, ], "sd")
    cap_weights_data(cbind(x, z = Inf), "sd")
    cap_weights_data(x, "sd", level = "pillar")
    cap_weights_data(x, "sd", edition = 2024)
    cap_weights_data(answers, "sd", edition = 2020)
    cap_weights_data(gci(2024), "sd", level = "overall")
    cap_weights_data(x, "pca", factors = 6)
    cap_weights_data(x, "pca", factors = 1.5)
    cap_weights_data(x, "pca", factors = "scree")
    cap_weights_data(x, "sd", target = c(a = 1))
    cap_weights_data(x, "optimised", target = 1:5)
    cap_weights_data(x, "optimised", target = c(a = 1, q = 2))
    cap_weights_data(x, "optimised", target = c(a = 1, b = 2))
    cap_weights_data(x, "optimised", target = c(a = 1, b = -2, c = 1, d = 1, e = 1))
    cap_weights_data(x, "optimised", target = c(a = 0, b = 0, c = 0, d = 0, e = 0))
    cap_weights_data(cbind(a = 1:4, b = 2 * (1:4)), "critic")
  })
})

test_that("editions are taken together or one by one", {
  x <- cbind(data.frame(iso3 = rep(c("A", "B", "C"), 2), edition = rep(c(2020, 2024), each = 3)), some_matrix(6, 3))
  both <- cap_weights_data(x, "sd")
  expect_equal(weights(both), weights(cap_weights_data(x[3:5], "sd")))
  expect_equal(weights(cap_weights_data(x, "sd", edition = 2024)), weights(cap_weights_data(x[4:6, 3:5], "sd")))
})

test_that("tables and findings hold what the method rests on", {
  answers <- gci_answers(2024)
  columns <- list(
    equal = NULL, entropy = "entropy", sd = "sd", critic = "information",
    pca = c("factor", "loading", "communality", "item_rest", "alpha_without"),
    optimised = c("importance", "target", "ratio", "correlation")
  )
  for (method in names(columns)) {
    w <- cap_weights_data(answers, method)
    table <- as.data.frame(cap_table(w))
    expect_identical(names(table), c("parent", "item", "weight", columns[[method]]))
    expect_equal(table$weight, unname(weights(w)[table$item]), tolerance = 1e-12)
    expect_identical(names(as.data.frame(w)), c("parent", "item", "weight", "se", "low", "high"))
    expect_output(print(w), "cap_weights_data")
    expect_true(all(nzchar(cap_findings(w)$text)))
  }
})

test_that("weights over the items of several parents do not attach in silence", {
  w <- cap_weights_data(gci_answers(2024), "sd", within = "all")
  expect_error(cap_index(gci_answers(2024), w), "within each parent", class = "cap_error_input")
  expect_s3_class(cap_index(gci_answers(2024), weights(w)), "cap_index")
})

test_that("weights of no edition are refused", {
  expect_match(input_error(cap_weights_data(gci(2024), "equal", edition = integer())), "no edition")
})
