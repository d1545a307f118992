# Experts on the small framework: three on P, two on Q.
small_experts <- function() {
  data.frame(
    expert = c("A", "A", "B", "B", "C", "C", "A", "A", "B", "B"),
    item = c(rep(c("P1", "P2"), 3), rep(c("Q1", "Q2"), 2)),
    value = c(5, 5, 60, 40, 0.7, 0.3, 1, 3, 3, 1)
  )
}
experts_of <- function(x) {
  data.frame(
    expert = rep(rownames(x), ncol(x)), item = rep(colnames(x), each = nrow(x)), value = as.vector(x)
  )
}

test_that("the synthetic experts say so and their mean is the 2024 points", {
  expect_identical(names(gci_experts), c("expert", "item", "value", "source"))
  expect_identical(unique(gci_experts$source), "synthetic")
  expect_match(attr(gci_experts, "note"), "Synthetic")
  points <- gci_weights[gci_weights$edition == 2024, ]
  means <- tapply(gci_experts$value, gci_experts$item, mean)
  expect_lt(max(abs(means[points$item] - points$points)), 1e-9)
  size <- tapply(gci_experts$expert, sub("[0-9]", "", gci_experts$item), function(e) length(unique(e)))
  expect_identical(as.vector(size[c("LS", "TS", "OS", "CDS", "CS")]), c(35L, 29L, 31L, 31L, 31L))
  expect_true(all(gci_experts$value > 0))
  halves <- gci_experts$value * 2 == round(gci_experts$value * 2)
  expect_identical(length(unique(gci_experts$expert[!halves])), 5L)
  w <- cap_weights_expert(gci_experts, "gci-2024")
  expect_lt(max(abs(20 * weights(w)[points$item] - points$points)), 1e-9)
  expect_identical(w$details$uncovered, "GCI")
  expect_identical(weights(w)[["LS"]], 0.2)
})

test_that("pooled weights are worked by hand", {
  w <- cap_weights_expert(small_experts(), small())
  table <- as.data.frame(w)
  expect_s3_class(w, c("cap_weights_expert", "cap_weights", "cap_result"), exact = TRUE)
  expect_identical(names(table), c("parent", "item", "weight", "se", "low", "high"))
  row <- table[table$item == "P1", ]
  expect_equal(row$weight, 0.6, tolerance = 1e-14)
  expect_equal(row$se, 0.1 / sqrt(3), tolerance = 1e-14)
  expect_equal(c(row$low, row$high), c(0.55, 0.65), tolerance = 1e-14)
  expect_equal(weights(w)[["Q1"]], 0.5)
  expect_true(is.na(table$se[table$item == "P"]))
  expect_equal(weights(w)[["P"]], 0.75)
  expect_equal(w$details$influence$shift[1:3], c(0.05, 0.05, 0), tolerance = 1e-14)
  expect_identical(w$details$parents$experts, c(3L, 2L))
  swap <- w$details$swaps
  expect_identical(c(swap$upper[1], swap$lower[1]), c("P1", "P2"))
  expect_identical(swap$noise, c(TRUE, TRUE))
  expect_identical(swap$swapped_by[2], "B")
})

test_that("every pool agrees with plain R", {
  wide <- withr::with_seed(4, matrix(sample(1:9, 15 * 4, TRUE), 15, 4))
  dimnames(wide) <- list(letters[1:15], c("a", "b", "c", "d"))
  framework <- cap_framework(data.frame(code = c("R", colnames(wide)), parent = c("", rep("R", 4))))
  s <- wide / rowSums(wide)
  close <- function(x) x / sum(x)
  by_hand <- list(
    mean = function(x) colMeans(x), median = function(x) apply(x, 2, median),
    trimmed = function(x) apply(x, 2, mean, trim = 0.2), geometric = function(x) exp(colMeans(log(x)))
  )
  for (pool in names(by_hand)) {
    w <- cap_weights_expert(experts_of(wide), framework, pool, trim = 0.2)
    centre <- function(x) close(by_hand[[pool]](x))
    table <- as.data.frame(w)
    expect_equal(weights(w), centre(s), tolerance = 1e-13)
    without <- t(sapply(1:15, function(e) centre(s[-e, ])))
    expect_equal(matrix(w$details$experts$weight_without, 15), unname(without), tolerance = 1e-13)
    shift <- rowSums(abs(sweep(without, 2, centre(s)))) / 2
    expect_equal(w$details$parents$shift, max(shift), tolerance = 1e-12)
    expect_identical(w$details$parents$most_influential, letters[which.max(shift)])
    expect_equal(table$low, unname(apply(s, 2, quantile, 0.25)), tolerance = 1e-14)
    expect_equal(table$high, unname(apply(s, 2, quantile, 0.75)), tolerance = 1e-14)
    se <- switch(pool,
      mean = apply(s, 2, sd) / sqrt(15),
      median = {
        p <- diff(pbeta(0:15 / 15, 8, 8))
        apply(s, 2, function(x) sqrt(sum(p * sort(x)^2) - sum(p * sort(x))^2)) / sum(apply(s, 2, median))
      },
      sqrt(14 / 15 * colSums(scale(without, scale = FALSE)^2))
    )
    expect_equal(table$se, unname(se), tolerance = 1e-10)
  }
  w <- cap_weights_expert(experts_of(wide), framework)
  swap <- w$details$swaps[1, ]
  test <- t.test(s[, swap$upper], s[, swap$lower], paired = TRUE)
  expect_equal(c(swap$p, swap$se), c(test$p.value, test$stderr), tolerance = 1e-12)
})

test_that("Kendall's W agrees with Friedman's test, ties corrected", {
  for (seed in 1:10) {
    wide <- withr::with_seed(seed, matrix(sample(1:5, 24, TRUE), 6, 4))
    dimnames(wide) <- list(letters[1:6], c("a", "b", "c", "d"))
    framework <- cap_framework(data.frame(code = c("R", colnames(wide)), parent = c("", rep("R", 4))))
    parents <- cap_weights_expert(experts_of(wide), framework)$details$parents
    test <- friedman.test(wide / rowSums(wide))
    expect_equal(parents$chi_square, unname(test$statistic), tolerance = 1e-12)
    expect_equal(parents$p_chi_square, test$p.value, tolerance = 1e-11)
    expect_equal(parents$kendall_w, parents$chi_square / 18, tolerance = 1e-12)
    expect_identical(parents$p, parents$p_exact)
  }
})

test_that("order and scale of the points do not matter", {
  w <- cap_weights_expert(gci_experts, "gci-2024")
  again <- cap_weights_expert(tibble::as_tibble(shuffled(gci_experts)), "gci-2024")
  expect_identical(as.data.frame(again), as.data.frame(w))
  expect_identical(again$details, w$details)
  scaled <- transform(gci_experts, value = value * 7, expert = factor(expert), item = factor(item))
  expect_equal(as.data.frame(cap_weights_expert(scaled, "gci-2024")), as.data.frame(w), tolerance = 1e-13)
  # all experts twice: the same weights
  twice <- rbind(gci_experts, transform(gci_experts, expert = paste0(expert, "bis")))
  for (pool in c("mean", "median", "geometric")) {
    expect_equal(
      weights(cap_weights_expert(twice, "gci-2024", pool)), weights(cap_weights_expert(gci_experts, "gci-2024", pool)),
      tolerance = 1e-13
    )
  }
  answers <- small_answers()
  index <- cap_index(cap_answers(answers, small()), cap_weights_expert(small_experts(), small()))
  expect_equal(
    as.data.frame(index)$score,
    as.data.frame(cap_index(cap_answers(answers, small()), c(P1 = 0.6, P2 = 0.4, Q1 = 1, Q2 = 1)))$score,
    tolerance = 1e-13
  )
})

test_that("experts at fault are refused by name for that parent alone", {
  experts <- rbind(small_experts(), data.frame(
    expert = c("Blank", "Gap", "Gap", "Minus", "Minus", "Nought", "Nought", "Inf", "Inf", "Off", "Off", "Gap", "Gap"),
    item = c("P1", rep(c("P1", "P2"), 5), "Q1", "Q2"),
    value = c(1, 1, NA, -1, 2, 0, 0, Inf, 1, NA, NA, 1, 1)
  ))
  expect_warning(w <- cap_weights_expert(experts, small()), class = "cap_warning", "Minus gave a negative value")
  refused <- w$details$refused
  expect_identical(refused$expert, c("Blank", "Gap", "Inf", "Minus", "Nought"))
  expect_identical(refused$parent, rep("P", 5))
  expect_identical(refused$reason[5], "gave 0 points in all")
  expect_identical(refused$item, c("P2", "P2", "P1", "P1", NA))
  expect_equal(weights(w)[["P1"]], 0.6, tolerance = 1e-14)
  expect_identical(w$details$parents$experts, c(3L, 3L))
  expect_true(any(grepl("5 experts refused", cap_findings(w)$text)))
  expect_no_warning(cap_weights_expert(rbind(small_experts(), experts[experts$expert == "Off", ]), small()))
  text <- input_error(cap_weights_expert(experts[experts$expert %in% c("Minus", "Gap"), ], small()))
  expect_match(text, "Gap left an item blank, Minus gave a negative value")
})

test_that("faults of the points are classed errors that name them", {
  experts <- small_experts()
  expect_match(input_error(cap_weights_expert(1, small())), "experts.*data frame")
  expect_match(input_error(cap_weights_expert(experts[-3], small())), "value")
  expect_match(input_error(cap_weights_expert(rbind(experts, experts[1, ]), small())), "A P1")
  expect_match(input_error(cap_weights_expert(transform(experts, item = sub("P1", "X9", item)), small())), "X9")
  expect_match(input_error(cap_weights_expert(transform(experts, item = sub("P1", "IDX", item)), small())), "IDX")
  expect_match(input_error(cap_weights_expert(transform(experts, value = "a"), small())), "numbers")
  expect_match(input_error(cap_weights_expert(transform(experts, value = NA), small())), "no value")
  expect_match(input_error(cap_weights_expert(experts[0, ], small())), "no value")
  expect_match(input_error(cap_weights_expert(transform(experts, expert = NA), small())), "expert")
  expect_match(input_error(cap_weights_expert(experts, small(), trim = 0.5)), "trim")
  expect_match(input_error(cap_weights_expert(experts, small(), trim = "a")), "trim")
  expect_match(input_error(cap_weights_expert(experts, small(), "mode")), "pool")
  experts$value[1] <- 0
  expect_match(input_error(cap_weights_expert(experts, small(), "geometric")), "A for P1")
  expect_equal(weights(cap_weights_expert(experts, small()))[["P1"]], 1.3 / 3, tolerance = 1e-14)
  apart <- experts_of(matrix(diag(3), 3, dimnames = list(c("A", "B", "C"), c("a", "b", "c"))))
  three <- cap_framework(data.frame(code = c("R", "a", "b", "c"), parent = c("", "R", "R", "R")))
  expect_error(cap_weights_expert(apart, three, "median"), class = "cap_error_numeric", "median.*R")
})

test_that("one expert, one item and like minds have defined results", {
  one <- cap_weights_expert(small_experts()[1:2, ], small())
  expect_equal(weights(one)[["P1"]], 0.5)
  expect_true(all(is.na(as.data.frame(one)$se)))
  expect_true(is.na(one$details$parents$kendall_w))
  expect_identical(one$details$uncovered, c("IDX", "Q"))
  expect_output(print(one), "no measure of agreement")
  same <- data.frame(expert = rep(c("A", "B"), each = 2), item = c("P1", "P2"), value = c(1, 3))
  w <- cap_weights_expert(same, small())
  expect_equal(as.data.frame(w)$se[as.data.frame(w)$item == "P1"], 0)
  expect_equal(w$details$parents$kendall_w, 1)
  tied <- cap_weights_expert(transform(same, value = 1), small())
  expect_true(is.na(tied$details$parents$kendall_w))
  expect_output(print(tied), "no measure of agreement")
  only <- cap_framework(data.frame(code = c("R", "a"), parent = c("", "R")))
  lone <- cap_weights_expert(data.frame(expert = 1:2, item = "a", value = 1:2), only)
  expect_identical(weights(lone), c(a = 1))
  expect_identical(nrow(lone$details$swaps), 0L)
  expect_output(print(lone), "no measure")
})

test_that("tables, findings and the plot show the experts", {
  w <- cap_weights_expert(gci_experts, "gci-2024")
  expect_output(print(w), "cannot be told apart")
  for (table in c("weights", "parents", "experts", "refused", "influence", "swaps")) {
    expect_s3_class(cap_table(w, table), "cap_table")
  }
  expect_match(input_error(cap_table(w, "x")), "table")
  plot <- plot(w)
  expect_s3_class(plot, "ggplot")
  expect_identical(nrow(ggplot2::layer_data(plot, 2)), 622L)
  expect_identical(nrow(ggplot2::layer_data(plot, 3)), 20L)
  expect_identical(unserialize(serialize(w, NULL)), w)
})
