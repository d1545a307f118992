test_that("all 388 country-editions are the published ones but for one", {
  for (year in c(2020, 2024)) {
    table <- as.data.frame(gci(year))
    published <- gci_scores[gci_scores$edition == year, ]
    expect_identical(nrow(published), 194L * 6L)
    at <- match(paste(published$iso3, published$item), paste(table$unit, table$item))
    expect_false(anyNA(at))
    gap <- abs(published$value - table$score[at])
    wrong <- published[gap > 2e-6, ]
    if (year == 2024) {
      expect_identical(nrow(wrong), 0L)
    } else {
      # the faulty figure and the total that adds it up
      expect_identical(sort(wrong$item), c("GCI", "LS"))
      expect_identical(unique(wrong$iso3), "AFG")
    }
  }
})

test_that("tiers, ranks and world means are those of the reports", {
  now <- overall(gci(2024))
  expect_identical(as.vector(table(now$tier)), c(46L, 29L, 49L, 56L, 14L))
  expect_identical(levels(now$tier), paste0("T", 1:5))
  before <- overall(gci(2020))
  expect_identical(max(before$rank), 182)
  expect_identical(sort(unique(before$rank)), as.numeric(1:182))
  expect_identical(round(mean(before$score), 1), 51.7)
  expect_identical(round(mean(now$score), 1), 65.8)
  expect_identical(sum(now$score > 100 - 1e-9), 12L)
  expect_identical(sum(before$score > 100 - 1e-9), 1L)
  expect_identical(before$unit[before$rank == 1], "USA")
})

test_that("the table has the fixed shape", {
  table <- as.data.frame(gci(2024))
  expect_identical(names(table), c(
    "unit", "edition", "level", "item", "score", "max", "coverage", "rank", "tier"
  ))
  expect_s3_class(table, "data.frame", exact = TRUE)
  expect_identical(nrow(table), 194L * 26L)
  expect_identical(unique(table$level), c("overall", "pillar", "indicator"))
  expect_true(is.factor(table$tier))
  expect_true(all(is.na(table$tier[table$item != "GCI"])))
  expect_true(all(table$coverage == 1))
  expect_false(is.unsorted(unique(table$unit)))
  some <- as.data.frame(gci(2024), level = c("overall", "pillar"))
  kept <- table[table$level != "indicator", ]
  rownames(kept) <- NULL
  expect_identical(some, kept)
})

test_that("order of rows, items, columns, extra columns and levels change nothing", {
  data <- gci_items[gci_items$edition == 2024, ]
  reference <- as.data.frame(gci(2024))
  same <- function(x) {
    expect_identical(as.data.frame(cap_index(cap_answers(x, "gci-2024"))), reference)
  }
  same(shuffled(data))
  same(data[order(data$item, decreasing = TRUE), ])
  same(data[rev(names(data))])
  same(transform(data, weight = "x", value2 = NA, unit = 1, level = "no", tier = -1))
  same(transform(data, iso3 = factor(iso3, levels = rev(unique(iso3)))))
  same(transform(data, iso3 = factor(iso3, levels = c("ZZZ", sample(unique(iso3)), "000"))))
  same(transform(data, item = factor(item, levels = shuffled(data.frame(x = unique(item)))$x)))
  same(transform(data, edition = as.character(edition)))
  same(transform(data, edition = as.numeric(edition)))
  same(transform(data, edition = factor(edition, levels = c("2025", "2024", "1"))))
  same(structure(data, row.names = paste0("r", seq_len(nrow(data)))))
  same(tibble::as_tibble(data))
  class(data) <- c("data.table", "data.frame")
  same(data)
})

test_that("wide data give the same as long", {
  long <- gci_items[gci_items$edition == 2024, c("iso3", "edition", "item", "value")]
  wide <- stats::reshape(long, idvar = c("iso3", "edition"), timevar = "item", direction = "wide")
  names(wide) <- sub("^value[.]", "", names(wide))
  table <- function(x) as.data.frame(cap_index(cap_answers(x, "gci-2024", item = NULL)))
  expect_identical(table(wide), as.data.frame(gci(2024)))
  expect_identical(table(shuffled(wide)[rev(names(wide))]), as.data.frame(gci(2024)))
  expect_identical(table(tibble::as_tibble(wide)), as.data.frame(gci(2024)))
  expect_identical(table(transform(wide, extra = letters[1])), as.data.frame(gci(2024)))
})

test_that("two editions in one table are scored and ranked apart", {
  data <- gci_items[gci_items$item != "TS4" & gci_items$item != "OS4", ]
  items <- as.data.frame(cap_framework("gci-2024"))
  three <- cap_framework(items[!items$code %in% c("OS4"), ])
  both <- cap_index(cap_answers(shuffled(data), three))
  expect_identical(unique(both$edition), c(2020L, 2024L))
  for (year in c(2020, 2024)) {
    one <- cap_index(cap_answers(data[data$edition == year, ], three))
    table <- as.data.frame(both)
    table <- table[table$edition == year, ]
    rownames(table) <- NULL
    expect_identical(table, as.data.frame(one))
  }
})

test_that("order of the framework's items does not matter", {
  items <- as.data.frame(cap_framework("gci-2024"))
  answers <- cap_answers(gci_items[gci_items$edition == 2024, ], cap_framework(shuffled(items, 3)))
  ours <- as.data.frame(cap_index(answers))
  reference <- as.data.frame(gci(2024))
  at <- match(paste(reference$unit, reference$item), paste(ours$unit, ours$item))
  expect_equal(ours$score[at], reference$score, tolerance = 1e-13)
  expect_identical(ours$rank[at], reference$rank)
})

test_that("random trees agree with the recursion in plain R", {
  withr::local_seed(20)
  for (round in 1:25) {
    framework <- random_framework(sample(2:40, 1))
    items <- framework$items
    policy <- c("renormalise", "zero", "error")[round %% 3 + 1]
    data <- random_answers(framework, 6, if (policy == "error") 0 else stats::runif(1))
    if (all(is.na(data$value))) data$value[1] <- 0
    minimum <- if (policy == "renormalise") sample(c(0, 0.3, 0.7, 1), 1) else 0
    index <- cap_index(cap_answers(data, framework), missing = policy, min_coverage = minimum)
    table <- as.data.frame(index)
    for (unit in unique(data$iso3)) {
      mine <- data[data$iso3 == unit, ]
      twin <- twin_scores(items, stats::setNames(as.list(mine$value), mine$item), policy, minimum)
      ours <- table[table$unit == unit, ]
      at <- match(rownames(twin), ours$item)
      expect_equal(ours$score[at], unname(twin[, "score"]), tolerance = 1e-12)
      expect_equal(ours$coverage[at], unname(twin[, "coverage"]), tolerance = 1e-12)
    }
  }
})

test_that("what has no score is NA, not NaN, and has no rank or tier", {
  data <- small_answers()
  data <- data[data$iso3 != "BBB" | data$item == "Q1", ]
  index <- cap_index(
    cap_answers(data, small(bands = data.frame(label = c("A", "B"), lower = c(50, 0)))),
    missing = "renormalise"
  )
  table <- as.data.frame(index)
  none <- table[table$unit == "BBB" & table$item %in% c("P", "P1", "P2", "Q2"), ]
  expect_true(all(is.na(none$score)))
  expect_true(all(is.na(none$rank)))
  expect_false(any(is.nan(table$score)))
  expect_false(any(is.nan(table$rank)))
  expect_identical(none$coverage, c(0, 0, 0, 0))
  root <- table[table$unit == "BBB" & table$item == "IDX", ]
  expect_equal(root$score, 50)
  expect_equal(root$coverage, 0.125)
  expect_identical(as.character(root$tier), "A")
  expect_match(paste(cap_findings(index)$text, collapse = " "), "1 unit has missing answers", fixed = TRUE)
  expect_match(paste(cap_findings(index)$text, collapse = " "), "12.5 %", fixed = TRUE)
  minimum <- update(index, min_coverage = 0.5)
  expect_identical(sum(is.na(overall_of(minimum, "IDX")$score)), 1L)
  expect_match(paste(cap_findings(minimum)$text, collapse = " "), "1 without a score", fixed = TRUE)
})

test_that("a missing row and an NA are the same missing answer", {
  data <- small_answers()
  absent <- cap_answers(data[-2, ], small())
  data$value[2] <- NA
  given <- cap_answers(data, small())
  data$value[2] <- NaN
  nan <- cap_answers(data, small())
  expect_identical(as.data.frame(absent), as.data.frame(given))
  expect_identical(as.data.frame(nan), as.data.frame(given))
  expect_false(any(is.nan(as.data.frame(absent)$value)))
  expect_false(any(is.nan(as.data.frame(nan)$value)))
  for (policy in c("zero", "renormalise")) {
    expect_identical(
      as.data.frame(cap_index(absent, missing = policy)),
      as.data.frame(cap_index(given, missing = policy))
    )
  }
})

test_that("a unit's score does not depend on the units beside it", {
  withr::local_seed(4)
  framework <- random_framework(30)
  data <- random_answers(framework, 80, 0)
  index <- function(x) {
    as.data.frame(cap_index(cap_answers(x, framework), missing = "renormalise"))
  }
  alone <- index(data[data$iso3 != "U040", ])
  data$value[data$iso3 == "U040"][3] <- NA
  table <- index(data)
  table <- table[table$unit != "U040", ]
  # to the last bit: an average of the others' rounding must not leak in
  expect_true(identical(table$score, alone$score))
  expect_true(identical(table$coverage, alone$coverage))
})

test_that("better answers never lower a score", {
  data <- gci_items[gci_items$edition == 2024, ]
  before <- overall(gci(2024))
  withr::local_seed(9)
  better <- data
  lifted <- sample(nrow(data), 500)
  better$value[lifted] <- pmin(1, better$value[lifted] + stats::runif(500))
  after <- overall(cap_index(cap_answers(better, "gci-2024")))
  expect_true(all(after$score >= before$score - 1e-12))
})

test_that("weights may be on any scale and in any order", {
  answers <- gci_answers(2024)
  own <- weights(cap_weights("gci-2024"))
  reference <- as.data.frame(gci(2024))
  for (w in list(own, 7.3 * own, shuffled(data.frame(item = names(own), weight = own)))) {
    table <- as.data.frame(cap_index(answers, weights = w))
    expect_equal(table$score, reference$score, tolerance = 1e-13)
    expect_identical(table$rank, reference$rank)
  }
  expect_identical(weights(gci(2024)), own)
})

test_that("ranks tie on two decimals by the method asked for", {
  framework <- cap_framework(data.frame(
    code = c("R", "A"), parent = c("", "R"), max = c(100, 100)
  ))
  data <- data.frame(
    iso3 = c("A", "B", "C", "D", "E"), A = c(70, 90.001, 90.004, 10, NA)
  )
  answers <- cap_answers(data, framework, item = NULL)
  ranks <- function(method) {
    table <- as.data.frame(cap_index(answers, missing = "renormalise", ties = method), level = "overall")
    table$rank
  }
  expect_equal(ranks("dense"), c(2, 1, 1, 3, NA))
  expect_equal(ranks("min"), c(3, 1, 1, 4, NA))
  expect_equal(ranks("average"), c(3, 1.5, 1.5, 4, NA))
  data$A <- c(2.675, 2.68, 94.9999999995, 95, 94.99999)
  bands <- data.frame(label = c("top", "rest"), lower = c(95, 0))
  framework <- cap_framework(list(items = framework$items, bands = bands))
  table <- as.data.frame(cap_index(cap_answers(data, framework, item = NULL)), level = "overall")
  expect_equal(table$rank, c(2, 2, 1, 1, 1))
  expect_identical(as.character(table$tier), c("rest", "rest", "top", "top", "rest"))
})

test_that("frameworks of any depth are scored", {
  flat <- cap_framework(data.frame(code = c("R", "A", "B"), parent = c("", "R", "R")))
  data <- data.frame(iso3 = c("X", "Y"), A = c(1L, 0L), B = c(0L, 1L))
  index <- cap_index(cap_answers(data, flat, item = NULL))
  expect_equal(as.data.frame(index, level = "overall")$score, c(50, 50))
  expect_output(print(index), "50.0")
  uneven <- cap_framework(data.frame(
    code = c("R", "A", "B", "B1", "B2", "B21", "B22", "B221", "B2211", "B22111"),
    parent = c("", "R", "R", "B", "B", "B2", "B2", "B22", "B221", "B2211")
  ))
  levels <- unique(as.data.frame(uneven)$level)
  expect_length(levels, 7L)
  expect_false(any(levels[6:7] %in% c("level 1", "level 2"))) # they are the sixth and seventh
  index <- cap_index(cap_answers(
    data.frame(iso3 = "X", A = 1, B1 = 0, B21 = 1, B22111 = 0.5), uneven, item = NULL
  ))
  expect_equal(as.data.frame(index, level = "overall")$score, 100 * (0.5 + 0.5 * 0.5 * 0.75))
})

test_that("one unit, and no tier for a score under all bands, is counted", {
  bands <- data.frame(label = c("high", "low"), lower = c(90, 60))
  data <- small_answers()
  index <- cap_index(cap_answers(data[data$iso3 == "BBB", ], small(bands = bands)))
  table <- as.data.frame(index, level = "overall")
  expect_identical(table$rank, 1)
  expect_true(is.na(table$tier))
  # never a silent NA: the finding says that a unit has no tier
  text <- paste(cap_findings(index)$text, collapse = " ")
  expect_match(text, "high 0, low 0", fixed = TRUE)
  expect_match(text, "1 .*(below|under|no tier|without a tier)")
})

test_that("a method's arguments are those of its call only", {
  index <- gci(2024)
  kept <- update(index, missing = "renormalise", min_coverage = 0.3)
  expect_identical(kept$spec$min_coverage, 0.3)
  expect_identical(update(kept, ties = "min")$spec$min_coverage, 0.3)
  expect_identical(update(kept, missing = "zero")$spec$min_coverage, 0)
  expect_error(update(index, missing = "zero", min_coverage = 0.3), class = "cap_error_input")
})

test_that("update() changes the spec and computes again", {
  index <- gci(2024)
  expect_identical(update(index), index)
  ranked <- update(index, ties = "min")
  expect_identical(ranked$spec$ties, "min")
  expect_identical(ranked$scores, index$scores)
  expect_identical(max(overall(ranked)$rank) > max(overall(index)$rank), TRUE)
  equal <- update(index, weights = c(LS = 2, TS = 1, OS = 1, CDS = 1, CS = 1))
  expect_equal(weights(equal)[["LS"]], 1 / 3)
  expect_identical(update(equal, weights = NULL)$scores, index$scores)
  local_messages()
  expect_snapshot(error = TRUE, {
    update(index, missing = "maybe")
    update(index, colour = "red")
  })
  expect_match(input_error(update(index, "zero")), "by name", fixed = TRUE)
  expect_no_match(input_error(update(index, "zero")), "not .", fixed = TRUE)
})

test_that("arguments are checked", {
  answers <- gci_answers(2024)
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_index(gci_items)
    cap_index(answers, missing = "drop")
    cap_index(answers, ties = 1)
    cap_index(answers, aggregate = c("arithmetic", "arithmetic", "arithmetic"))
    cap_index(answers, missing = "renormalise", min_coverage = NA)
    cap_index(answers, missing = "renormalise", min_coverage = "0.5")
    cap_index(answers, min_coverage = 0.5)
    as.data.frame(cap_index(answers), level = "pillars")
  })
  # 1.5 is a number: the message must say which
  expect_match(input_error(cap_index(answers, missing = "renormalise", min_coverage = 1.5)), "1.5", fixed = TRUE)
})

test_that("missing and off-scale answers are refused by name", {
  data <- small_answers()
  data$value[c(2, 7)] <- NA
  answers <- cap_answers(data, small())
  local_messages()
  expect_snapshot(error = TRUE, cap_index(answers))
  data <- small_answers()
  data$value[c(1, 3)] <- c(5, -1)
  kept <- cap_answers(data, small(), invalid = "keep")
  expect_snapshot(error = TRUE, cap_index(kept))
})

test_that("nothing depends on the locale", {
  data <- small_answers()
  data$iso3 <- rep(c("b", "B", "a\u00e9"), each = 4)
  in_c <- withr::with_locale(c(LC_COLLATE = "C"), as.data.frame(cap_index(cap_answers(data, small()))))
  here <- as.data.frame(cap_index(cap_answers(data, small())))
  expect_identical(in_c, here)
  expect_identical(unique(here$unit), c("B", "a\u00e9", "b"))
})

test_that("an index survives saveRDS", {
  file <- withr::local_tempfile()
  saveRDS(gci(2024), file)
  back <- readRDS(file)
  expect_identical(as.data.frame(back), as.data.frame(gci(2024)))
  expect_identical(as.data.frame(update(back, ties = "min")), as.data.frame(update(gci(2024), ties = "min")))
})

test_that("printing fits one screen and says the essentials", {
  text <- capture.output(print(gci(2024)))
  expect_lt(length(text), 25)
  expect_match(text[1], "Global Cybersecurity Index 2024")
  expect_match(paste(text, collapse = " "), "mean 65.8 of 100", fixed = TRUE)
  expect_match(paste(text, collapse = " "), "T1 46, T2 29, T3 49, T4 56, T5 14", fixed = TRUE)
})

test_that("tables keep the score when a pillar is called score", {
  items <- data.frame(
    code = c("R", "score", "name", "a", "b"), parent = c("", "R", "R", "score", "name"),
    max = c(100, 20, 20, 1, 1)
  )
  index <- cap_index(cap_answers(data.frame(iso3 = "X", a = 1, b = 0), cap_framework(items), item = NULL))
  table <- as.data.frame(cap_table(index))
  expect_identical(anyDuplicated(names(table)), 0L)
  expect_true(50 %in% unlist(table[vapply(table, is.numeric, NA)]))
})
