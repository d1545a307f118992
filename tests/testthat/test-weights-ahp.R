# A full matrix from its upper triangle, row by row.
pairwise <- function(items, upper) {
  n <- length(items)
  a <- diag(n)
  dimnames(a) <- list(items, items)
  a[lower.tri(a)] <- upper
  a <- t(a)
  a[lower.tri(a)] <- 1 / t(a)[lower.tri(a)]
  a
}
consistent <- function(w) outer(w, w, "/")
quietly <- function(code) suppressWarnings(code, classes = "cap_warning")

# Saaty (1990), European Journal of Operational Research 48: buying a house.
house <- function() {
  pairwise(
    c("size", "transport", "area", "age", "yard", "modern", "state", "finance"),
    c(5, 3, 7, 6, 6, 1/3, 1/4, 1/3, 5, 3, 3, 1/5, 1/7, 6, 3, 4, 6, 1/5,
      1/3, 1/4, 1/7, 1/8, 1/2, 1/5, 1/6, 1/5, 1/6, 1/2)
  )
}

test_that("pairwise() fills both triangles", {
  a <- pairwise(c("x", "y", "z"), c(2, 3, 5))
  expect_identical(a["x", ], c(x = 1, y = 2, z = 3))
  expect_identical(a["y", "z"], 5)
  expect_equal(a * t(a), matrix(1, 3, 3), ignore_attr = TRUE)
})

test_that("Saaty's textbook matrices are met", {
  # Saaty (1977), J. Math. Psych. 15: wealth of seven nations
  wealth <- pairwise(
    c("US", "USSR", "China", "France", "UK", "Japan", "Germany"),
    c(4, 9, 6, 6, 5, 5, 7, 5, 5, 3, 4, 1/5, 1/5, 1/7, 1/5, 1, 1/3, 1/3, 1/3, 1/3, 2)
  )
  w <- cap_weights_ahp(wealth)
  expect_lt(max(abs(weights(w) - c(.427, .230, .021, .052, .052, .123, .094))), 1.1e-3)
  expect_equal(w$lambda, 7.61, tolerance = 1e-3)
  expect_identical(w$ri, 1.32)
  expect_warning(w <- cap_weights_ahp(house()), class = "cap_warning", "CR = 0.17.*area over state 6")
  expect_lt(max(abs(weights(w) - c(.173, .054, .188, .018, .031, .036, .167, .333))), 6e-4)
  expect_equal(c(w$lambda, w$cr), c(9.669, 0.169), tolerance = 1e-3)
  expect_equal(w$ci, (w$lambda - 8) / 7)
})

test_that("weights and lambda agree with eigen()", {
  for (seed in 1:20) {
    n <- 2 + seed %% 9
    a <- withr::with_seed(seed, pairwise(paste0("i", 1:n), sample(c(1/(9:2), 1:9), n * (n - 1) / 2, TRUE)))
    w <- quietly(cap_weights_ahp(a))
    e <- eigen(a)
    v <- Re(e$vectors[, which.max(Re(e$values))])
    expect_equal(unname(weights(w)), v / sum(v), tolerance = 1e-11)
    expect_equal(w$lambda, max(Re(e$values)), tolerance = 1e-11)
    g <- quietly(cap_weights_ahp(a, method = "geometric"))
    row <- exp(rowMeans(log(a)))
    expect_equal(weights(g), row / sum(row), tolerance = 1e-13)
    expect_equal(g$cr, w$cr)
    by <- rev(rownames(a))
    expect_equal(weights(quietly(cap_weights_ahp(a[by, by])))[rownames(a)], weights(w), tolerance = 1e-12)
    # columns in an order of their own are matched by name
    expect_equal(weights(quietly(cap_weights_ahp(a[, by]))), weights(w), tolerance = 1e-14)
    inverse <- 1 / weights(quietly(cap_weights_ahp(t(a), method = "geometric")))
    expect_equal(inverse / sum(inverse), weights(g), tolerance = 1e-12)
  }
})

test_that("consistent judgements give their weights, CR 0", {
  for (n in 1:15) {
    w <- stats::setNames((n:1)^2 / sum((1:n)^2), paste0("i", 1:n))
    for (method in c("eigenvector", "geometric")) {
      got <- cap_weights_ahp(consistent(w), method = method)
      expect_equal(weights(got), w, tolerance = 1e-14)
      expect_lt(got$cr, 1e-12)
      expect_equal(got$lambda, n, tolerance = 1e-14)
    }
  }
  two <- cap_weights_ahp(pairwise(c("a", "b"), 9))
  expect_identical(c(two$lambda, two$ci, two$ri, two$cr), c(2, 0, 0, 0))
  expect_equal(weights(two), c(a = 0.9, b = 0.1), tolerance = 1e-15)
  one <- cap_weights_ahp(matrix(1, dimnames = list("a", "a")))
  expect_identical(c(one$cr, weights(one)), c(0, a = 1), ignore_attr = TRUE)
  expect_match(input_error(cap_weights_ahp(matrix(1, 16, 16))), "16 items")
})

test_that("inconsistent judgements warn and name what breaks transitivity", {
  a <- consistent(c(a = 5, b = 4, c = 3, d = 2, e = 1))
  a["b", "d"] <- 1 / 9
  a["d", "b"] <- 9
  w <- NULL
  warning <- expect_warning(w <- cap_weights_ahp(list(TOP = a)), class = "cap_warning")
  text <- gsub("\n", " ", cli::ansi_strip(conditionMessage(warning)))
  expect_match(text, "below TOP.*d over b 9 .the others imply 0.5.")
  expect_identical(lengths(gregexpr("the others imply", text)), 3L)
  expect_named(w$cr, "TOP")
  expect_gt(w$cr, 0.1)
  worst <- w$details$judgements[1, ]
  expect_equal(c(worst$value, worst$implied), c(9, 0.5), tolerance = 1e-13)
  expect_equal(worst$deviation, log(18), tolerance = 1e-13)
  expect_true(all(c("b", "d") %in% unlist(w$details$triads[c("a", "b", "c")])))
  expect_output(print(w), "RI = 1.12")
  expect_no_warning(cap_weights_ahp(consistent(c(a = 5, b = 4, c = 3))))
})

test_that("a tree of matrices, with a framework and without", {
  p <- pairwise(c("P1", "P2"), 3)
  q <- pairwise(c("Q2", "Q1"), 4)
  top <- pairwise(c("P", "Q"), 2)
  w <- cap_weights_ahp(list(P = p, Q = q, IDX = top), small())
  expect_equal(weights(w)[c("P", "Q", "P1", "P2", "Q1", "Q2")],
    c(P = 2 / 3, Q = 1 / 3, P1 = 0.75, P2 = 0.25, Q1 = 0.2, Q2 = 0.8),
    tolerance = 1e-14
  )
  expect_named(w$lambda, c("P", "Q", "IDX"))
  expect_identical(w$cr, c(P = 0, Q = 0, IDX = 0))
  part <- cap_weights_ahp(list(Q = q), small())
  expect_equal(weights(part)[c("P", "P1")], c(P = 0.75, P1 = 0.25))
  expect_output(print(part), "kept below 2 parents")
  # one matrix finds its parent
  expect_equal(weights(cap_weights_ahp(q, small())), weights(part))
  expect_named(cap_weights_ahp(q, small())$cr, "Q")
  free <- cap_weights_ahp(list(P = p, Q = q))
  expect_identical(as.data.frame(free)$parent, c("P", "P", "Q", "Q"))
  expect_equal(weights(free), c(P1 = 0.75, P2 = 0.25, Q2 = 0.8, Q1 = 0.2), tolerance = 1e-14)
  answers <- cap_answers(small_answers(), small())
  expect_equal(
    as.data.frame(cap_index(answers, w)),
    as.data.frame(cap_index(answers, c(P = 2, Q = 1, P1 = 3, P2 = 1, Q1 = 1, Q2 = 4))),
    tolerance = 1e-13
  )
  frame <- as.data.frame(p)
  expect_equal(weights(cap_weights_ahp(frame)), weights(cap_weights_ahp(p)))
  rownames(frame) <- NULL
  expect_equal(weights(cap_weights_ahp(tibble::as_tibble(frame))), weights(cap_weights_ahp(p)))
})

test_that("groups of experts: judgements or priorities", {
  a <- pairwise(c("P1", "P2"), 2)
  b <- pairwise(c("P2", "P1"), 1 / 8)
  w <- cap_weights_ahp(list(Ann = a, Bob = b), small())
  expect_equal(weights(w)[["P1"]], 0.8, tolerance = 1e-14)
  row <- as.data.frame(w)[as.data.frame(w)$item == "P1", ]
  expect_equal(row$se, sqrt(1 / 2 * sum((c(2 / 3, 8 / 9) - mean(c(2 / 3, 8 / 9)))^2)), tolerance = 1e-13)
  expect_equal(c(row$low, row$high), quantile(c(2 / 3, 8 / 9), c(0.25, 0.75)), ignore_attr = TRUE, tolerance = 1e-13)
  expect_identical(w$details$experts$expert, c("Ann", "Bob"))
  expect_equal(weights(cap_weights_ahp(list(a, b))), c(P1 = 0.8, P2 = 0.2), tolerance = 1e-14)
  nested <- cap_weights_ahp(list(P = list(Ann = a, Bob = b), Q = pairwise(c("Q1", "Q2"), 1)), small())
  by_expert <- cap_weights_ahp(list(
    Ann = list(P = a, Q = pairwise(c("Q1", "Q2"), 1)), Bob = list(P = b)
  ), small())
  expect_equal(weights(nested), weights(by_expert))
  expect_equal(weights(nested)[["P1"]], 0.8, tolerance = 1e-14)
  expect_equal(
    weights(cap_weights_ahp(list(Ann = list(P = a), Bob = list(P = b)))), c(P1 = 0.8, P2 = 0.2),
    tolerance = 1e-14
  )
  apart <- cap_weights_ahp(list(Ann = list(P = a), Bob = list(Q = pairwise(c("Q1", "Q2"), 3))), small())
  expect_equal(weights(apart)[c("P1", "Q1")], c(P1 = 2 / 3, Q1 = 3 / 4))
  withr::local_seed(1)
  group <- lapply(1:5, function(e) pairwise(letters[1:4], sample(c(1/(5:2), 1:5), 6, TRUE)))
  judged <- quietly(cap_weights_ahp(group, method = "geometric"))
  ranked <- quietly(cap_weights_ahp(group, method = "geometric", pool = "priorities"))
  expect_equal(weights(judged), weights(ranked), tolerance = 1e-13)
  expect_equal(ranked$cr, max(ranked$details$experts$cr))
  own <- sapply(group, function(m) quietly(cap_weights_ahp(m))$cr)
  expect_equal(ranked$details$experts$cr, own, tolerance = 1e-12)
  expect_equal(weights(judged), weights(quietly(cap_weights_ahp(rev(group), method = "geometric"))), tolerance = 1e-14)
  expect_match(input_error(cap_weights_ahp(list(P = list(a, pairwise(c("P1", "P3"), 2))))), "same items")
})

test_that("gaps are completed by Harker's method", {
  # Harker (1987): x over y 2, y over z 2
  a <- pairwise(c("x", "y", "z"), c(2, NA, 2))
  for (method in c("eigenvector", "geometric")) {
    w <- cap_weights_ahp(a, method = method)
    expect_equal(weights(w), c(x = 4, y = 2, z = 1) / 7, tolerance = 1e-14)
    expect_equal(w$lambda, 3)
  }
  expect_identical(w$details$parents$gaps, 1)
  expect_output(print(w), "1 gap was completed")
  half <- pairwise(c("x", "y", "z"), c(2, 4, 2))
  half[lower.tri(half)] <- NA
  expect_equal(weights(cap_weights_ahp(half)), weights(w), tolerance = 1e-14)
  apart <- pairwise(c("x", "y", "z"), c(2, NA, NA))
  expect_match(input_error(cap_weights_ahp(apart)), "joins z to x")
  expect_match(input_error(cap_weights_ahp(list(E1 = a, E2 = apart), pool = "priorities")), "expert E2")
  expect_equal(weights(cap_weights_ahp(list(E1 = a, E2 = apart))), weights(w), tolerance = 1e-14)
})

test_that("bad matrices are refused by name", {
  a <- pairwise(c("P1", "P2"), 2)
  with <- function(i, j, value) {
    a[i, j] <- value
    a
  }
  expect_match(input_error(cap_weights_ahp(with(2, 1, 0.4))), "P1 over P2 is 2 and P2 over P1 is 0.4")
  expect_match(input_error(cap_weights_ahp(with(1, 2, 0))), "P1 over P2 is 0")
  expect_match(input_error(cap_weights_ahp(with(1, 2, -2))), "P1 over P2 is -2")
  expect_match(input_error(cap_weights_ahp(with(1, 2, Inf))), "P1 over P2 is Inf")
  expect_match(input_error(cap_weights_ahp(with(1, 1, 2))), "P1 against itself is 2")
  expect_match(input_error(cap_weights_ahp(with(1, 1, NA))), "P1 against itself")
  expect_match(input_error(cap_weights_ahp(list(P = with(1, 2, 0)), small())), "below P")
  expect_match(input_error(cap_weights_ahp(a[, 1, drop = FALSE])), "square matrix, not 2 by 1")
  expect_match(input_error(cap_weights_ahp(matrix("a", 1, 1))), "numbers")
  expect_match(input_error(cap_weights_ahp(matrix(1, 1, 1), small())), "codes")
  expect_match(input_error(cap_weights_ahp(3)), "matrix or a list")
  expect_match(input_error(cap_weights_ahp(list(a, 3))), "element 2")
  expect_match(input_error(cap_weights_ahp(list(a, pairwise(c("Q1", "Q2"), 2)))), "Name each element")
  expect_match(input_error(cap_weights_ahp(list(Z = a, Q = pairwise(c("Q1", "Q2"), 2)), small())), "lacks: Z")
  expect_match(input_error(cap_weights_ahp(list(Q = a), small())), "Missing: Q1, Q2")
  expect_match(input_error(cap_weights_ahp(pairwise(c("P1", "Q1"), 2), small())), "one parent")
  expect_match(input_error(cap_weights_ahp(pairwise(c("P1", "X1"), 2), small())), "lacks: X1")
  expect_match(input_error(cap_weights_ahp(list(A = a, B = pairwise(c("P1", "P3"), 2)))), "more than once: P1")
  expect_match(input_error(cap_weights_ahp(matrix(1, 2, 2, dimnames = list(c("a", "b"), c("a", "c"))))), "b, c are")
  expect_match(input_error(cap_weights_ahp(a, method = "x")), "method")
  expect_match(input_error(cap_weights_ahp(a, pool = "x")), "pool")
})

test_that("printed reciprocals are mended and counted", {
  a <- pairwise(c("x", "y", "z"), c(3, 7, 2))
  typed <- round(a, 3)
  w <- cap_weights_ahp(typed)
  expect_equal(weights(w), weights(cap_weights_ahp(a)), tolerance = 1e-14)
  expect_identical(w$details$parents$rounded, 2)
  expect_output(print(w), "2 pairs were reciprocal up to rounding")
})

test_that("tables show what is behind the weights", {
  w <- quietly(cap_weights_ahp(house()))
  for (table in c("weights", "parents", "experts", "priorities", "judgements", "triads")) {
    expect_s3_class(cap_table(w, table), "cap_table")
  }
  expect_identical(nrow(w$details$judgements), 28L)
  expect_match(cap_findings(w)$text[2], "CR = 0.169, above 0.10")
  expect_identical(unserialize(serialize(w, NULL)), w)
})

test_that("experts whose errors cancel in the group are still warned about, by name", {
  group <- list(
    A = matrix(c(1, 1 / 3, 5, 3, 1, 1 / 2, 1 / 5, 2, 1), 3),
    B = matrix(c(1, 3, 1 / 5, 1 / 3, 1, 2, 5, 1 / 2, 1), 3)
  )
  for (how in c("judgements", "priorities")) {
    warned <- capture_warnings(w <- cap_weights_ahp(group, pool = how))
    expect_length(warned, 2)
    expect_match(warned[1], "expert A")
    # B's own judgement, as B gave it
    expect_match(warned[2], "expert B.*item1 over item3 5")
    expect_match(paste(cap_findings(w)$text, collapse = " "), "expert B", fixed = TRUE)
  }
})
