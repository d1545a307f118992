bridge <- function(...) cap_bridge(gci(2020), gci(2024), ...)

test_that("the bridge adds up for all units at every level", {
  table <- as.data.frame(bridge())
  expect_identical(names(table), c(
    "unit", "level", "item", "score_from", "score_to", "published", "answers", "weights", "items"
  ))
  expect_identical(nrow(table), 194L * 6L)
  expect_false(anyNA(table))
  expect_lt(max(abs(table$answers + table$weights + table$items - table$published)), 1e-9)
  expect_lt(max(abs(table$score_to - table$score_from - table$published)), 1e-12)
  # pillars add up to the root, part by part
  for (part in c("published", "answers", "weights", "items")) {
    pillars <- tapply(table[[part]][table$level == "pillar"], table$unit[table$level == "pillar"], sum)
    root <- table[table$level == "overall", ]
    expect_equal(as.vector(pillars[root$unit]), root[[part]], tolerance = 1e-9)
  }
})

test_that("Chile is up as published and down like for like", {
  chile <- as.data.frame(bridge())
  chile <- chile[chile$unit == "CHL" & chile$level == "overall", ]
  expect_identical(round(chile$published, 1), 1.4)
  expect_identical(round(chile$answers, 1), -1.2)
})

test_that("weights alone reverse the sign of six countries", {
  table <- as.data.frame(bridge())
  root <- table[table$level == "overall", ]
  expect_identical(sum(root$published * root$answers < 0), 6L)
  text <- paste(cap_findings(bridge())$text, collapse = " ")
  expect_match(text, "For 6 units the published change has the opposite sign", fixed = TRUE)
  expect_match(text, "TS4 moved to OS4", fixed = TRUE)
})

test_that("like for like is the earlier answers under the later weights", {
  now <- gci_items[gci_items$edition == 2024, ]
  before <- gci_items[gci_items$edition == 2020, ]
  points <- gci_weights[gci_weights$edition == 2024, ]
  later <- sub("^TS4$", "OS4", before$item)
  value <- tapply(before$value * points$points[match(later, points$item)], before$iso3, sum)
  then <- overall(gci(2024))
  expected <- then$score - as.vector(value[then$unit])
  root <- as.data.frame(bridge())
  expect_equal(root$answers[root$level == "overall"], expected, tolerance = 1e-7)
})

test_that("the bridge of an index with itself is nothing", {
  table <- as.data.frame(cap_bridge(gci(2024), gci(2024)))
  for (part in c("published", "answers", "weights", "items")) expect_identical(unique(table[[part]]), 0)
  expect_output(print(cap_bridge(gci(2024), gci(2024))), "194 the same to one decimal")
})

test_that("other weights alone are weights, other answers alone are answers", {
  heavy <- update(gci(2024), weights = c(LS = 3, TS = 1, OS = 1, CDS = 1, CS = 1))
  table <- as.data.frame(cap_bridge(gci(2024), heavy))
  expect_equal(table$answers, rep(0, nrow(table)))
  expect_equal(table$weights, table$published, tolerance = 1e-9)
  data <- gci_items[gci_items$edition == 2024, ]
  data$value <- 1 - data$value
  table <- as.data.frame(cap_bridge(gci(2024), cap_index(cap_answers(data, "gci-2024"))))
  expect_equal(table$weights, rep(0, nrow(table)))
  expect_equal(table$answers, table$published, tolerance = 1e-9)
})

test_that("added, dropped and moved items follow `match`", {
  before <- cap_index(cap_answers(small_answers(), small()))
  later_items <- small_items()
  later_items$code[c(5, 7)] <- c("P3", "Q3")
  later <- cap_index(cap_answers(
    transform(small_answers(), item = sub("P2", "P3", sub("Q2", "Q3", item))), cap_framework(later_items)
  ))
  result <- cap_bridge(before, later)
  expect_setequal(result$matched$change, c("kept", "added", "dropped"))
  table <- as.data.frame(result)
  expect_equal(table$answers + table$weights + table$items, table$published)
  text <- paste(cap_findings(result)$text, collapse = " ")
  expect_match(text, "P3 added", fixed = TRUE)
  expect_match(text, "Q2 dropped", fixed = TRUE)
  told <- cap_bridge(before, later, data.frame(
    from = c("P1", "P2", "Q1", "Q2"), to = c("P1", "P3", "Q1", "Q3")
  ))
  expect_identical(unique(told$matched$change), "kept")
  expect_equal(as.data.frame(told)$items, rep(0, 9))
  swapped <- cap_bridge(before, before, data.frame(from = c("P1", "Q2"), to = c("Q2", "P1")))
  expect_true("moved" %in% swapped$matched$change)
  table <- as.data.frame(swapped)
  expect_equal(table$answers + table$weights + table$items, rep(0, 9))
})

test_that("gaps and units of one edition only are said", {
  data <- small_answers()
  before <- cap_index(cap_answers(data[data$iso3 != "CCC", ], small()))
  later <- data[data$iso3 != "AAA", ]
  later$value[1] <- NA
  after <- cap_index(cap_answers(later, small()), missing = "renormalise")
  result <- cap_bridge(before, after)
  table <- as.data.frame(result)
  expect_identical(unique(table$unit), "BBB")
  expect_equal(table$answers + table$weights + table$items, table$published)
  expect_match(paste(cap_findings(result)$text, collapse = " "), "2 units are in one edition only and left out: AAA, CCC", fixed = TRUE)
  later$value <- NA
  nothing <- cap_bridge(before, cap_index(cap_answers(later, small()), missing = "renormalise"))
  table <- as.data.frame(nothing)
  expect_true(all(is.na(table$answers)))
  expect_false(any(is.nan(unlist(table[vapply(table, is.double, NA)]))))
  expect_no_match(paste(cap_findings(nothing)$text, collapse = " "), "NaN|NA ")
})

test_that("ends that cannot be compared are refused", {
  index <- cap_index(cap_answers(small_answers(), small()))
  others <- transform(small_answers(), iso3 = paste0(iso3, "2"))
  other <- cap_index(cap_answers(others, small()))
  two <- cap_index(cap_answers(rbind(others, transform(others, edition = 2020)), small()))
  tens <- transform(small_items(), max = replace(max, 1, 10))
  scaled <- cap_index(cap_answers(small_answers(), cap_framework(tens)))
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_bridge(index, other)
    cap_bridge(index, two)
    cap_bridge(index, scaled)
    cap_bridge(index, small())
    cap_bridge(index, index, match = data.frame(from = "P1", to = "X"))
    cap_bridge(index, index, match = data.frame(from = c("P1", "P1"), to = c("P1", "P2")))
    cap_bridge(index, index, match = data.frame(from = "P1"))
    cap_bridge(index, index, match = c(P1 = "P1"))
  })
})

test_that("levels of unlike maxima are refused by name; items are compared by their shares", {
  end <- function(year, ...) {
    items <- small_items()
    items$max[match(names(c(...)), items$code)] <- c(...)
    answers <- transform(small_answers(), edition = year)
    top <- items$max[match(answers$item, items$code)] / small_items()$max[match(answers$item, items$code)]
    cap_index(cap_answers(transform(answers, value = value * top), cap_framework(list(items = items))))
  }
  e <- expect_error(cap_bridge(end(2020L, P = 1, Q = 2), end(2024L, P = 10)), class = "cap_error_input")
  expect_match(conditionMessage(e), "P (pillar): 1 in `from`, 10 in `to`; Q (pillar): 2 in `from`, 20 in `to`", fixed = TRUE)
  expect_identical(e$items, c("P", "Q"))
  same <- as.data.frame(cap_bridge(end(2020L), end(2024L, P1 = 50)))
  expect_equal(c(same$published, same$answers, same$items), rep(0, 3 * nrow(same)))
})
