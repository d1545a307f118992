both <- function() list(gci_answers(2020), gci_answers(2024))

test_that("the shipped figures have one root fault, explained, and nothing suspect", {
  table <- as.data.frame(cap_audit(both(), scores = gci_scores))
  expect_identical(names(table), c(
    "severity", "unit", "edition", "item", "value", "expected", "gap", "reason", "explanation"
  ))
  fault <- table[table$severity == "fault", ]
  expect_identical(nrow(fault), 1L)
  expect_identical(fault$unit, "AFG")
  expect_identical(as.integer(fault$edition), 2020L)
  expect_identical(fault$item, "LS")
  expect_equal(fault$expected, 20 * fault$value, tolerance = 1e-5)
  expect_equal(fault$gap, fault$value - fault$expected)
  expect_match(fault$explanation, "times 20", fixed = TRUE)
  expect_match(fault$explanation, "GCI", fixed = TRUE)
  expect_match(fault$explanation, "cannot be told", fixed = TRUE)
  expect_identical(sum(table$severity == "suspect"), 0L)
  note <- table[grepl("consequence", table$reason), ]
  expect_identical(note$item, "GCI")
  expect_identical(note$unit, "AFG")
  derived <- table[grepl("derived", table$explanation), ]
  expect_identical(derived$item, "OS4")
  expect_match(derived$explanation, "194 of 194", fixed = TRUE)
})

test_that("the second source's disagreements and its swapped pair are found", {
  table <- as.data.frame(cap_audit(gci_answers(2024), scores = gci_scores, other = gci_overall_copy()))
  suspect <- table[table$severity == "suspect", ]
  expect_identical(nrow(suspect), 115L)
  swapped <- suspect[grepl("swapped", suspect$reason), ]
  expect_identical(sort(swapped$unit), c("COD", "COG"))
  audit <- cap_audit(gci_answers(2024), gci_scores, gci_overall_copy())
  expect_match(paste(cap_findings(audit)$text, collapse = " "), "Swapped between two sources: COD, COG", fixed = TRUE)
  # the copy has two decimals: 0.005 to 0.172 for 105, more for ten
  expect_identical(sum(abs(suspect$gap) > 0.172 + 1e-6), 10L)
  expect_identical(sum(abs(suspect$gap) <= 0.172 + 1e-6), 105L)
})

test_that("rows, columns and extra columns in any order find the same", {
  reference <- as.data.frame(cap_audit(both(), gci_scores, gci_overall_copy()))
  expect_identical(as.data.frame(cap_audit(both(), shuffled(gci_scores), gci_overall_copy())), reference)
  expect_identical(as.data.frame(cap_audit(both(), gci_scores[rev(names(gci_scores))], gci_overall_copy())), reference)
  expect_identical(as.data.frame(cap_audit(both(), tibble::as_tibble(gci_scores), tibble::as_tibble(gci_overall_copy()))), reference)
  expect_setequal(
    as.data.frame(cap_audit(both(), gci_scores, shuffled(gci_overall_copy())))$unit, reference$unit
  )
})

# Nothing is told where to look: the fault may be anywhere.
test_that("a fault planted anywhere is found, and only that", {
  clean <- as.data.frame(gci(2024), level = c("overall", "pillar"))
  clean <- data.frame(unit = clean$unit, edition = 2024, item = clean$item, value = clean$score, max = clean$max)
  quiet <- as.data.frame(cap_audit(gci_answers(2024), clean))
  expect_false(any(quiet$severity != "note"))
  withr::local_seed(6)
  for (round in 1:6) {
    wrong <- clean
    at <- sample(which(clean$item != "GCI" & clean$value > 5), 1)
    wrong$value[at] <- switch((round %% 3) + 1, clean$value[at] / 20, clean$value[at] / 100, clean$value[at] - 1.25)
    table <- as.data.frame(cap_audit(gci_answers(2024), wrong))
    fault <- table[table$severity == "fault", ]
    expect_identical(fault$unit, clean$unit[at])
    expect_identical(fault$item, clean$item[at])
    if (round %% 3 < 2) expect_match(fault$explanation, c("times 20", "times 100")[round %% 3 + 1])
    # the total was not added up from the wrong figure: no consequence
    expect_false(any(grepl("consequence", table$reason)))
    root <- wrong$unit == wrong$unit[at] & wrong$item == "GCI"
    wrong$value[root] <- wrong$value[root] - clean$value[at] + wrong$value[at]
    table <- as.data.frame(cap_audit(gci_answers(2024), wrong))
    expect_identical(table$item[table$severity == "fault"], clean$item[at])
    expect_identical(table$item[grepl("consequence", table$reason)], "GCI")
  }
})

test_that("a score printed with two decimals is not wrong by 0.004", {
  rounded <- transform(gci_scores[gci_scores$edition == 2024, ], value = round(value, 2))
  table <- as.data.frame(cap_audit(gci_answers(2024), rounded))
  expect_identical(sum(table$severity == "fault"), 0L)
  shares <- transform(gci_scores[gci_scores$edition == 2024, ], value = value / max, max = 1)
  table <- as.data.frame(cap_audit(gci_answers(2024), shares))
  expect_identical(sum(table$severity == "fault"), 0L)
})

test_that("identical answers and a lonely jump are suspects", {
  data <- gci_items[gci_items$edition == 2024, ]
  copy <- data[data$iso3 == "ARG", ] # in the middle of the scale
  data$value[data$iso3 == "FJI"] <- copy$value[match(data$item[data$iso3 == "FJI"], copy$item)]
  table <- as.data.frame(cap_audit(cap_answers(data, "gci-2024")))
  expect_identical(sort(table$unit[table$severity == "suspect"]), c("ARG", "FJI"))
  expect_match(table$explanation[1], "ARG, FJI", fixed = TRUE)
  jumped <- gci_scores
  one <- jumped$iso3 == "AFG" & jumped$edition == 2024 & jumped$item == "GCI"
  jumped$value[one] <- 100
  table <- as.data.frame(cap_audit(both(), jumped))
  jump <- table[grepl("jump", table$reason), ]
  expect_identical(jump$unit, "AFG")
})

test_that("missing answers are noted with the right total of each edition", {
  data <- rbind(
    transform(small_answers(), edition = 2020), small_answers(),
    transform(small_answers(), iso3 = paste0(iso3, "2"))
  )
  data$value[data$edition == 2024 & data$item == "P1"] <- NA
  table <- as.data.frame(cap_audit(cap_answers(data, small())))
  note <- table[table$item %in% "P1", ]
  expect_identical(note$edition, 2024L)
  expect_match(note$explanation, "6 of 6 answers", fixed = TRUE)
})

test_that("values are never changed, and nothing to say is said", {
  before <- as.data.frame(gci_answers(2024))
  audit <- cap_audit(gci_answers(2024), gci_scores)
  expect_identical(as.data.frame(gci_answers(2024)), before)
  quiet <- cap_audit(cap_answers(small_answers(), small()))
  expect_identical(nrow(as.data.frame(quiet)), 0L)
  expect_output(print(quiet), "0 faults, 0 suspects, 0 notes; no value was changed", fixed = TRUE)
  expect_output(print(audit), "Fault|0 faults")
})

test_that("bad tables are refused", {
  answers <- cap_answers(small_answers(), small())
  scores <- data.frame(unit = "AAA", edition = 2024, item = "IDX", value = 5)
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_audit(5)
    cap_audit(list())
    cap_audit(answers, scores = 5)
    cap_audit(answers, scores = scores[-4])
    cap_audit(answers, scores = rbind(scores, scores))
    cap_audit(answers, scores = transform(scores, item = "GCI"))
    cap_audit(answers, other = transform(scores, value = "5"))
    cap_audit(answers, scores = transform(scores, edition = NA))
  })
  expect_match(input_error(cap_audit(small_answers())), "data frame", fixed = TRUE)
})
