# The profile of weights: nominal, effective, realised.

test_that("the profile of the GCI agrees with plain R", {
  profile <- as.data.frame(cap_importance(gci(2024)))
  scores <- as.data.frame(gci(2024))
  root <- scores$score[scores$item == "GCI"]
  item <- function(code) scores$score[scores$item == code]
  expect_equal(profile$correlation, vapply(profile$item, function(k) cor(item(k), root), 0), ignore_attr = TRUE)
  expect_equal(sum(profile$effective[profile$level == "indicator"]), 1, tolerance = 1e-12)
  expect_equal(sum(profile$effective[profile$level == "pillar"]), 1, tolerance = 1e-12)
  expect_equal(as.vector(tapply(profile$realised, profile$level, sum)), c(1, 1), tolerance = 1e-12)
  points <- gci_weights[gci_weights$edition == 2024, ]
  at <- match(points$item, profile$item)
  expect_equal(profile$effective[at], points$points / 100, tolerance = 1e-9)
  # a slow twin of the local linear fit
  x <- item("TS2")
  width <- 1.06 * sd(x) * length(x)^-0.2
  fit <- vapply(x, function(at) {
    w <- exp(-0.5 * ((x - at) / width)^2)
    unname(coef(lm(root ~ I(x - at), weights = w))[1])
  }, 0)
  explained <- sum((fit - mean(root))^2) / sum((root - mean(root))^2)
  expect_equal(profile$importance[profile$item == "TS2"], explained, tolerance = 1e-9)
})

test_that("an item that does not vary has no importance and is said", {
  data <- small_answers()
  data$value[data$item == "P1"] <- 1
  index <- cap_index(cap_answers(data, small()))
  profile <- cap_importance(index)
  table <- as.data.frame(profile)
  expect_true(is.na(table$importance[table$item == "P1"]))
  expect_match(paste(cap_findings(profile)$text, collapse = " "), "P1", fixed = TRUE)
  expect_s3_class(plot(profile), "ggplot")
})

test_that("editions and classes are checked", {
  expect_error(cap_importance(1), class = "cap_error_input")
  expect_error(cap_importance(gci(2024), 2020), "2024", class = "cap_error_input")
})
