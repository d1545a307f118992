test_that("indices and published scores of five editions stand on one scale", {
  panel <- cap_panel(gci(2020), gci(2024), published = gci_overall[gci_overall$edition < 2020, ])
  table <- as.data.frame(panel)
  expect_identical(names(table), c("unit", "edition", "level", "item", "score", "max", "method"))
  expect_identical(unique(table$edition), c(2014L, 2017L, 2018L, 2020L, 2024L))
  root <- table[table$level == "overall", ]
  expect_identical(unique(root$max), 100)
  # four decimals in the older editions: 0.265 of 1 is 26.5 of 100
  afg <- root$score[root$unit == "AFG"]
  expect_equal(afg[1:3], c(26.5, 24.5, 17.7))
  expect_length(unique(table$method), 5L)
  expect_match(table$method[table$edition == 2014][1], "published", fixed = TRUE)
  text <- paste(cap_findings(panel)$text, collapse = " ")
  expect_match(text, "5 methods", fixed = TRUE)
  expect_output(print(panel), "cap_panel")
})

test_that("order of rows, extra columns and tibbles change nothing", {
  published <- gci_overall[gci_overall$edition == 2018, ]
  reference <- as.data.frame(cap_panel(gci(2024), published))
  expect_identical(as.data.frame(cap_panel(gci(2024), shuffled(published))), reference)
  expect_silent(tibble <- as.data.frame(cap_panel(gci(2024), tibble::as_tibble(published))))
  expect_identical(tibble, reference)
  plain <- data.frame(unit = c("A", "B"), edition = 2019L, value = c(40, 60))
  expect_silent(table <- as.data.frame(cap_panel(tibble::as_tibble(plain))))
  expect_identical(table$score, c(40, 60))
})

test_that("a column whose name begins as another's is left alone", {
  published <- gci_overall[gci_overall$edition == 2018, ]
  reference <- as.data.frame(cap_panel(published))
  expect_identical(as.data.frame(cap_panel(transform(published, codebook = "p. 3", level_note = "x"))), reference)
  plain <- data.frame(unit = c("A", "B"), edition = 2019L, value = c(40, 60))
  expect_identical(
    as.data.frame(cap_panel(transform(plain, maximum_year = 2019))), as.data.frame(cap_panel(plain))
  )
})

test_that("an edition given twice is that of the first argument", {
  panel <- cap_panel(gci(2024), gci_overall)
  table <- as.data.frame(panel)
  expect_true(all(startsWith(table$method[table$edition == 2024], "computed")))
  superseded <- sum(gci_overall$edition == 2024)
  expect_match(paste(cap_findings(panel)$text, collapse = " "), paste(superseded, "scores were left out"), fixed = TRUE)
})

test_that("means of an edition are over units, whatever the scale of the pillars", {
  # pillars on 100 as the root is
  items <- data.frame(code = c("IDX", "P", "Q", "P1", "Q1"), parent = c("", "IDX", "IDX", "P", "Q"), weight = c(NA, 3, 1, 1, 1))
  data <- data.frame(iso3 = c("A", "B"), P1 = c(1, 0.5), Q1 = c(0, 0))
  panel <- cap_panel(cap_index(cap_answers(data, cap_framework(items), item = NULL)))
  root <- as.data.frame(cap_table(panel))
  expect_identical(root$item, c("IDX", "IDX"))
  text <- cap_findings(panel)$text[1]
  expect_match(text, "(n = 2;", fixed = TRUE)
  expect_match(text, "mean 56.2 of 100|mean 56.3 of 100")
  # whatever the framework calls its levels
  named <- cap_framework(list(items = items, levels = c("index", "theme", "question")))
  panel <- cap_panel(cap_index(cap_answers(data, named, item = NULL)))
  expect_identical(as.data.frame(cap_table(panel))$item, c("IDX", "IDX"))
})

test_that("missing scores are left out and counted", {
  published <- data.frame(unit = c("A", "B", "C"), edition = 2018, value = c(1, NA, 3), max = 4)
  panel <- cap_panel(published, scale = 1)
  expect_equal(as.data.frame(panel)$score, c(0.25, 0.75))
  expect_match(paste(cap_findings(panel)$text, collapse = " "), "1 missing score was left out", fixed = TRUE)
})

test_that("what is no panel is refused", {
  published <- data.frame(unit = c("A", "B"), edition = 2018, value = c(1, 2))
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_panel()
    cap_panel(5)
    cap_panel(gci(2024), gci_answers(2024))
    cap_panel(published[-1])
    cap_panel(published[0, ])
    cap_panel(rbind(published, published))
    cap_panel(transform(published, value = "1"))
    cap_panel(transform(published, value = Inf))
    cap_panel(transform(published, value = NA_real_))
    cap_panel(transform(published, unit = c("A", NA)))
    cap_panel(transform(published, item = "LS"))
  })
  # 0 is a number: the message must not say "not a number"
  expect_no_match(input_error(cap_panel(published, scale = 0)), "not a number", fixed = TRUE)
})

test_that("scores of two scales without their maxima are refused, not mixed in silence", {
  bare <- gci_overall[c("iso3", "edition", "value")]
  expect_error(cap_panel(bare), "two scales", class = "cap_error_input")
  expect_error(cap_trend(bare), "editions 2014, 2017, 2018", class = "cap_error_input")
  known <- cap_panel(gci_overall)
  bare$value <- 100 * bare$value / gci_overall$max
  expect_equal(as.data.frame(cap_panel(bare))$score, as.data.frame(known)$score)
  # one scale, or none at all to tell
  small <- data.frame(unit = "a", edition = c(2020, 2024), value = c(0.2, 0.9))
  expect_equal(as.data.frame(cap_panel(small))$score, small$value)
  small$value <- c(0, 100)
  expect_equal(as.data.frame(cap_panel(small))$score, small$value)
})

test_that("scores above their maximum are refused, given or assumed", {
  high <- data.frame(unit = c("A", "B"), edition = 2024, value = c(40, 190))
  expect_error(cap_panel(high), "without it that is 100", class = "cap_error_input")
  expect_error(cap_panel(transform(high, max = 150)), "highest score possible", class = "cap_error_input")
  expect_equal(as.data.frame(cap_panel(transform(high, max = 200)))$score, c(20, 95))
  expect_s3_class(cap_panel(transform(high, value = c(40, 100))), "cap_panel")
})

test_that("a series of one's own may say that its method stayed", {
  own <- data.frame(unit = c("A", "B"), edition = c(1, 1, 2, 2), value = c(40, 55, 50, 60), method = "ours")
  panel <- cap_panel(own)
  expect_identical(unique(as.data.frame(panel)$method), "ours")
  trend <- cap_trend(panel, by = data.frame(unit = "A", group = "one"), users = NULL, n = 0)
  expect_identical(unique(as.data.frame(trend, table = "changes")$kind), "one method")
  expect_error(cap_panel(transform(own, method = c("a", "b", "a", "a"))), "one label for each edition", class = "cap_error_input")
  expect_error(cap_panel(transform(own, method = c("a", "a", NA, "a"))), "one label for each edition", class = "cap_error_input")
})

# The framework of small() with pillars of other maxima.
small_with <- function(...) {
  items <- small_items()
  items$max[match(names(c(...)), items$code)] <- c(...)
  cap_framework(list(items = items))
}
small_index <- function(framework, year) {
  cap_index(cap_answers(transform(small_answers(), edition = year), framework))
}

test_that("levels of unlike maxima are refused by name, alike ones stay", {
  before <- small_index(small_with(P = 100), 2020L)
  now <- small_index(small(), 2024L)
  e <- expect_error(cap_panel(before, now), class = "cap_error_input")
  expect_match(conditionMessage(e), "P (pillar): 100 in 2020, 20 in 2024", fixed = TRUE)
  expect_identical(e$items, "P")
  expect_identical(e$levels, "pillar")
  # items too, and published scores of a level
  e <- expect_error(cap_panel(small_index(small_with(P1 = 1, P2 = 2, Q1 = 30, Q2 = 1), 2020L), now), class = "cap_error_input")
  expect_identical(e$items, "Q1")
  scores <- data.frame(unit = "AAA", edition = 2018, item = c("IDX", "P"), value = c(50, 10), max = c(100, 50))
  e <- expect_error(cap_panel(now, scores), class = "cap_error_input")
  expect_match(conditionMessage(e), "P: 50 in 2018, 20 in 2024", fixed = TRUE)
  # all levels in the ratio of the root
  tenth <- transform(small_items(), max = max / 10)
  answers <- transform(small_answers(), value = value / 10, edition = 2020L)
  panel <- as.data.frame(cap_panel(cap_index(cap_answers(answers, cap_framework(list(items = tenth)))), now))
  expect_equal(panel$score[panel$edition == 2020], panel$score[panel$edition == 2024])
  expect_equal(panel$max[panel$edition == 2020], panel$max[panel$edition == 2024])
  scores$max[2] <- 20
  expect_s3_class(cap_panel(now, scores), "cap_panel")
})

test_that("scores of parts under another name are not taken for overall ones", {
  scores <- data.frame(unit = c("A", "B"), edition = 2024, code = "LS", value = c(10, 20), max = 20)
  expect_match(input_error(cap_panel(scores)), "Column code")
  expect_match(input_error(cap_compare_series(scores, scores)), "Column code")
})
