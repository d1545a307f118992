test_that("weights sum to 1 within each parent and keep the framework's ratios", {
  for (id in c("gci-2020", "gci-2024")) {
    w <- cap_weights(id)
    table <- as.data.frame(w)
    expect_identical(names(table), c("parent", "item", "weight", "se", "low", "high"))
    expect_equal(as.vector(tapply(table$weight, table$parent, sum)), rep(1, 6), tolerance = 1e-14)
    points <- gci_weights[gci_weights$edition == as.integer(sub("gci-", "", id)), ]
    expect_equal(weights(w)[points$item], points$points / 20, ignore_attr = TRUE, tolerance = 1e-9)
    expect_true(all(is.na(table[c("se", "low", "high")])))
    expect_output(print(w), "Weights of Global Cybersecurity Index")
  }
})

test_that("own weights are tied to codes, on any scale", {
  own <- c(P1 = 30, P2 = 10)
  w <- weights(cap_weights(small(), own))
  expect_equal(w[c("P1", "P2")], c(P1 = 0.75, P2 = 0.25))
  expect_equal(w[c("Q1", "Q2")], c(Q1 = 0.5, Q2 = 0.5))
  expect_identical(weights(cap_weights(small(), rev(own))), w)
  expect_identical(weights(cap_weights(small(), c(P1 = 30L, P2 = 10L))), w)
  frame <- data.frame(item = factor(c("P2", "P1")), weight = c(10, 30), note = "x")
  expect_identical(weights(cap_weights(small(), frame)), w)
  names(frame)[2] <- "points"
  expect_identical(weights(cap_weights(small(), tibble::as_tibble(frame))), w)
  expect_equal(weights(cap_weights(small(), 1e-9 * own)), w, tolerance = 1e-14)
  expect_equal(weights(cap_weights(small(), c(P1 = 0, P2 = 5)))[["P1"]], 0)
})

test_that("weights of another order of the same items are matched by name", {
  mixed <- cap_framework(shuffled(small_items()))
  answers <- cap_answers(small_answers(), small())
  own <- cap_weights(mixed, c(P1 = 9, P2 = 1))
  direct <- cap_weights(small(), c(P1 = 9, P2 = 1))
  expect_equal(
    as.data.frame(cap_index(answers, own)), as.data.frame(cap_index(answers, direct)),
    tolerance = 1e-14
  )
})

test_that("bad weights are refused by name", {
  answers <- cap_answers(small_answers(), small())
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_weights(small(), c(P1 = 1))
    cap_weights(small(), c(P1 = 1, P9 = 1))
    cap_weights(small(), c(P1 = 1, P2 = 1, P2 = 2))
    cap_weights(small(), c(P1 = -1, P2 = 2))
    cap_weights(small(), c(P1 = NA, P2 = 2))
    cap_weights(small(), c(P1 = 0, P2 = 0))
    cap_weights(small(), c(1, 2))
    cap_weights(small(), "equal")
    cap_weights(small(), data.frame(item = "P1"))
    cap_weights(small(), data.frame(weight = 1))
    cap_weights(small(), c(IDX = 1))
    cap_index(answers, weights = cap_weights("gci-2024"))
    cap_weights("gci-2024", gci_weights)
  })
})

test_that("two bad weights are spoken of in the plural", {
  expect_match(input_error(cap_weights(small(), c(P1 = -1, P2 = -2))), "not so for P1, P2")
})
