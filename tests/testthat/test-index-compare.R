geometric <- function(year) update(gci(year), aggregate = c(overall = "geometric"))

test_that("scores, ranks and shifts are those of the indices", {
  a <- gci(2024)
  b <- geometric(2024)
  both <- cap_compare(published = a, geometric = b)
  table <- as.data.frame(both)
  expect_identical(names(table), c(
    "unit", "edition", "index", "score", "tier", "rank", "score_shift", "rank_shift"
  ))
  first <- table[table$index == "published", ]
  second <- table[table$index == "geometric", ]
  expect_identical(first$score, overall(a)$score)
  expect_identical(second$score, overall(b)$score)
  expect_identical(second$rank, overall(b)$rank)
  expect_identical(as.character(second$tier), as.character(overall(b)$tier))
  expect_identical(second$rank_shift, overall(b)$rank - overall(a)$rank)
  expect_identical(second$score_shift, overall(b)$score - overall(a)$score)
  expect_true(all(first$rank_shift == 0 & first$score_shift == 0))
  figures <- as.data.frame(both, table = "correlations")
  expect_equal(figures$kendall, stats::cor(overall(a)$score, overall(b)$score, method = "kendall"), tolerance = 1e-10)
  expect_equal(figures$spearman, stats::cor(overall(a)$score, overall(b)$score, method = "spearman"), tolerance = 1e-10)
  expect_identical(figures$n, 194L)
  expect_identical(nrow(as.data.frame(cap_table(both))), 194L)
  expect_output(print(both), "Spearman")
  expect_match(paste(cap_findings(both)$text, collapse = " "), "in another tier than by published", fixed = TRUE)
  expect_s3_class(plot(both), "ggplot")
  expect_no_error(ggplot2::ggplot_build(plot(both)))
})

test_that("rank correlations agree with stats::cor", {
  withr::local_seed(3)
  for (steps in c(3, 10, 1e6)) {
    x <- as.double(sample(steps, 50, replace = TRUE))
    y <- as.double(sample(steps, 50, replace = TRUE))
    found <- .Call(C_rank_agreement, x, y)
    wanted <- c(n = 50, spearman = stats::cor(x, y, method = "spearman"), kendall = stats::cor(x, y, method = "kendall"))
    expect_equal(found, wanted)
  }
})

test_that("three indices give all pairs, named by expression where they are not named", {
  a <- gci(2024)
  three <- cap_compare(a, geometric(2024), least = update(a, aggregate = "minimum"))
  expect_identical(three$indices, c("a", "index 2", "least"))
  expect_identical(nrow(three$correlations), 3L)
  expect_identical(three$correlations$second, c("index 2", "least", "least"))
})

test_that("the same index agrees with itself, in any order of rows", {
  same <- cap_compare(a = gci(2024), b = cap_index(cap_answers(shuffled(gci_items[gci_items$edition == 2024, ]), "gci-2024")))
  expect_identical(same$correlations$kendall, 1)
  expect_identical(same$correlations$spearman, 1)
  expect_true(all(as.data.frame(same)$rank_shift == 0))
})

test_that("units that one index does not score are left out and counted", {
  data <- small_answers()
  a <- cap_index(cap_answers(data, small()))
  b <- cap_index(cap_answers(data[data$iso3 != "BBB", ], small()))
  both <- cap_compare(a = a, b = b)
  expect_identical(unique(as.data.frame(both)$unit), c("AAA", "CCC"))
  expect_identical(as.data.frame(both)$rank, c(1, 1, 2, 2))
  expect_identical(both$left_out, "BBB 2024")
  expect_true("compare.left_out" %in% cap_findings(both)$key)
  one <- cap_compare(a = a, b = cap_index(cap_answers(data[data$iso3 == "AAA", ], small())))
  expect_identical(one$correlations$kendall, NA_real_)
  expect_true("compare.constant" %in% cap_findings(one)$key)
  expect_output(print(one), "no rank correlation")
})

test_that("editions are compared apart, other scales brought to the first", {
  data <- rbind(small_answers(), transform(small_answers(), edition = 2025L, value = rev(value) * 0))
  a <- cap_index(cap_answers(data, small()))
  items <- small_items()
  items$max[1] <- 10
  b <- cap_index(cap_answers(data, cap_framework(items)))
  both <- cap_compare(a = a, b = b)
  expect_equal(as.data.frame(both)$score_shift, rep(0, 12))
  expect_identical(both$correlations$edition, c(2024L, 2025L))
  expect_identical(both$rescaled, "b")
  expect_true("compare.scale" %in% cap_findings(both)$key)
  expect_error(plot(both, edition = 1999), class = "cap_error_input")
})

test_that("ranks may count the units ahead, and ties of dense ranks are said", {
  dense <- cap_compare(a = gci(2024), b = geometric(2024))
  ahead <- cap_compare(a = gci(2024), b = geometric(2024), ties = "min")
  expect_true("compare.ties" %in% cap_findings(dense)$key)
  expect_false("compare.ties" %in% cap_findings(ahead)$key)
  score <- overall(geometric(2024))$score
  expect_identical(as.data.frame(ahead)$rank[c(FALSE, TRUE)], overall(update(geometric(2024), ties = "min"))$rank)
  expect_identical(sum(as.data.frame(ahead)$rank[c(FALSE, TRUE)] == 1), sum(score == max(score)))
})

test_that("what cannot be compared is refused", {
  a <- gci(2024)
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_compare()
    cap_compare(a)
    cap_compare(a, b = gci_items)
    cap_compare(a = a, a = a)
    cap_compare(now = a, before = gci(2020))
    as.data.frame(cap_compare(a = a, b = a), table = "all")
  })
})
