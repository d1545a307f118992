# Implied weights: the published GCI first, then properties and refusals.

implied <- function(year) cap_weights_implied(gci_answers(year), gci_scores)

test_that("all 40 weights of the GCI come back, and one unit is set aside", {
  for (year in c(2020, 2024)) {
    w <- implied(year)
    points <- gci_weights[gci_weights$edition == year, ]
    expect_lt(max(abs(20 * weights(w)[points$item] - points$points)), 1e-6)
    expect_equal(unname(weights(w)[c("LS", "TS", "OS", "CDS", "CS")]), rep(0.2, 5), tolerance = 1e-9)
  }
  aside <- implied(2020)$residuals
  aside <- aside[aside$set_aside, ]
  expect_identical(aside$unit, "AFG")
  expect_identical(aside$item, "LS")
  expect_false(any(implied(2024)$residuals$set_aside))
  expect_length(implied(2024)$unclear, 0)
})

test_that("without trimming the faulty figure moves the legal pillar", {
  kept <- cap_weights_implied(gci_answers(2020), gci_scores, threshold = 1e6)
  expect_equal(round(20 * unname(weights(kept)[c("LS1", "LS2")]), 3), c(8.784, 11.214), tolerance = 2e-3)
  expect_false(any(kept$residuals$set_aside))
})

test_that("order of rows changes nothing, and the weights give the scores", {
  scores <- gci_scores[sample(nrow(gci_scores)), ]
  expect_identical(
    as.data.frame(cap_weights_implied(gci_answers(2024), scores)), as.data.frame(implied(2024))
  )
  index <- cap_index(gci_answers(2024), implied(2024))
  expect_equal(as.data.frame(index)$score, as.data.frame(gci(2024))$score, tolerance = 1e-7)
})

test_that("items that move together are named and share their weight", {
  framework <- cap_framework(data.frame(
    code = c("R", "a", "b", "c"), parent = c("", "R", "R", "R"), weight = c(NA, 1, 1, 2)
  ))
  data <- data.frame(iso3 = LETTERS[1:6], a = c(0, 1, 0.5, 1, 0, 1), c = c(1, 0, 0.5, 1, 0, 0.5))
  data$b <- data$a
  answers <- cap_answers(data, framework, edition = NULL, item = NULL)
  scores <- subset(as.data.frame(cap_index(answers)), item == "R")
  names(scores)[names(scores) == "score"] <- "value"
  w <- cap_weights_implied(answers, scores)
  expect_setequal(w$unclear, c("a", "b"))
  expect_equal(unname(weights(w)), c(0.25, 0.25, 0.5), tolerance = 1e-10)
  expect_match(paste(cap_findings(w)$text, collapse = " "), "a, b", fixed = TRUE)
})

test_that("parents without scores keep their weights and are said", {
  w <- cap_weights_implied(gci_answers(2024), subset(gci_scores, item == "LS"))
  expect_identical(weights(w)[["TS1"]], weights(cap_weights("gci-2024"))[["TS1"]])
  expect_match(paste(cap_findings(w)$text, collapse = " "), "GCI, TS, OS, CDS, CS", fixed = TRUE)
})

test_that("what cannot be fitted is refused", {
  expect_error(cap_weights_implied(1, gci_scores), class = "cap_error_input")
  expect_error(cap_weights_implied(gci_answers(2024), 1), class = "cap_error_input")
  expect_error(
    cap_weights_implied(gci_answers(2024), subset(gci_scores, edition == 2020)),
    "no score of a parent", class = "cap_error_input"
  )
  set.seed(1)
  noise <- transform(gci_scores, value = value + runif(nrow(gci_scores)))
  expect_error(
    cap_weights_implied(gci_answers(2024), noise, mads = 1e-6), "fixed weights",
    class = "cap_error_numeric"
  )
})
