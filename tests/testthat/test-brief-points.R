# What the indicators of a country bring: beside the index computed anew, with one
# answer changed at a time.

internal <- function(name) utils::getFromNamespace(name, "cybercap")

# Whole answers within the scale of each item.
whole_answers <- function(framework, units) {
  items <- as.data.frame(framework)
  leaves <- internal("leaf_codes")(framework)
  data <- expand.grid(iso3 = units, item = leaves, edition = 2024L, stringsAsFactors = FALSE)
  top <- items$max[match(data$item, items$code)]
  data$value <- pmin(top, seq_along(top) %% (top + 1))
  data
}
year_2024 <- function() gci_items[gci_items$edition == 2024, ]
with_answers <- function(unit, ..., all = NULL) {
  data <- year_2024()
  own <- data$iso3 == unit
  if (!is.null(all)) data$value[own] <- all
  given <- c(...)
  for (item in names(given)) data$value[own & data$item == item] <- given[[item]]
  data
}
score_of <- function(data, unit, ...) {
  scores <- overall(cap_index(cap_answers(data[data$iso3 == unit, ], "gci-2024"), ...))
  scores$score
}
# The gain of each item raised alone to 1, by the public functions.
twin_gains <- function(data, unit, codes, ...) {
  now <- score_of(data, unit, ...)
  vapply(codes, function(code) {
    data$value[data$iso3 == unit & data$item == code] <- 1
    score_of(data, unit, ...) - now
  }, 0, USE.NAMES = FALSE)
}
indicators_of <- function(index, unit, ...) read_table(write_brief(index, unit, ...)$path, "tbl_indicators")
steps_of <- function(index, unit, ...) read_table(write_brief(index, unit, ...)$path, "tbl_steps")
sentence <- function(index, unit, ...) {
  found <- cap_findings(cap_brief(index, unit, ...))
  found$text[grepl("growth", found$key)]
}

test_that("points left are the gain of the score, whatever the rule and the missing answers", {
  gaps <- with_answers("FJI", LS1 = NA, TS1 = NA, all = 0.4)
  cases <- list(
    list(year_2024(), "FJI"), list(year_2024(), "KEN"), list(gaps, "FJI", missing = "renormalise"),
    list(gaps, "FJI", missing = "zero"), list(gaps, "FJI", missing = "renormalise", aggregate = "geometric"),
    list(year_2024(), "KEN", aggregate = "geometric"), list(year_2024(), "KEN", aggregate = "harmonic"),
    list(year_2024(), "FJI", aggregate = c(overall = "geometric")),
    list(year_2024(), "FJI", aggregate = c(pillar = "harmonic")), list(year_2024(), "FJI", aggregate = "minimum"),
    list(year_2024(), "FJI", aggregate = "mazziotta_pareto"),
    list(year_2024(), "FJI", aggregate = list("generalised_mean", r = 1))
  )
  for (case in cases) {
    rules <- case[-(1:2)]
    index <- do.call(cap_index, c(list(cap_answers(case[[1]], "gci-2024")), rules))
    table <- indicators_of(index, case[[2]])
    gains <- do.call(twin_gains, c(list(case[[1]], case[[2]], table$Code), rules))
    expected <- if (identical(rules$missing, "renormalise")) ifelse(is.na(table[[5]]), NA, gains) else gains
    expect_equal(table$`Points left`, expected, tolerance = 1e-9, info = toString(rules))
    own <- as.data.frame(index)
    own <- own[own$unit == case[[2]], ]
    if (is.null(rules$aggregate) || is.list(rules$aggregate)) {
      expect_equal(sum(table$Points, na.rm = TRUE), own$score[own$level == "overall"], tolerance = 1e-9)
      expect_equal(sum(table$`Maximum points`, na.rm = TRUE), 100, tolerance = 1e-9)
      pillar <- factor(table$Pillar, unique(table$Pillar))
      expect_equal(
        as.vector(tapply(table$Points, pillar, sum, na.rm = TRUE)), own$score[own$level == "pillar"],
        tolerance = 1e-9
      )
    } else {
      expect_true(all(is.na(table$Points)) && all(is.na(table$`Maximum points`)))
    }
  }
})

test_that("of a complete weighted mean the points are its weights", {
  index <- gci(2024)
  table <- indicators_of(index, "FJI")
  points <- internal("leaf_points")(index)
  expect_equal(table$`Maximum points`, points, tolerance = 1e-9)
  expect_equal(table$Points, points * table[[5]], tolerance = 1e-9)
  expect_equal(table$`Points left`, points * (1 - table[[5]]), tolerance = 1e-9)
})

test_that("a missing answer leaves its weight to the others, in points, steps and words", {
  index <- cap_index(cap_answers(with_answers("FJI", LS1 = NA, TS1 = NA, all = 0.4), "gci-2024"), missing = "renormalise")
  table <- indicators_of(index, "FJI")
  second <- table[table$Code == "LS2", ]
  expect_equal(c(second$Points, second$`Maximum points`, second$`Points left`), c(8, 20, 12), tolerance = 1e-9)
  steps <- steps_of(index, "FJI")
  expect_equal(steps[["Points of growth"]][1:2], c(12, 6.972973), tolerance = 1e-6)
  expect_identical(sum(is.na(steps[["Points of growth"]])), 2L)
  expect_match(sentence(index, "FJI"), "Cybersecurity regulation: 12.0 points of the overall score", fixed = TRUE)
  # a pillar without a score bears no points, and those that are left bear its weight
  data <- with_answers("FJI", LS1 = NA, LS2 = NA)
  table <- indicators_of(cap_index(cap_answers(data, "gci-2024"), missing = "renormalise"), "FJI")
  expect_equal(sum(table$`Maximum points`[-(1:2)]), 100, tolerance = 1e-9)
  # answers below a level that has no score for want of coverage count for nothing
  index <- cap_index(
    cap_answers(with_answers("FJI", LS1 = NA), "gci-2024"), missing = "renormalise", min_coverage = 0.6
  )
  table <- indicators_of(index, "FJI")
  expect_equal(unlist(table[table$Code == "LS2", c("Points", "Maximum points", "Points left")]), c(0, 0, 0), ignore_attr = TRUE)
  expect_equal(sum(table$Points, na.rm = TRUE), overall(index)$score[overall(index)$unit == "FJI"], tolerance = 1e-9)
})

test_that("rules that do not add up give gains, and no points", {
  figures <- c(geometric = 1.022, harmonic = 1.130)
  for (rule in names(figures)) {
    index <- cap_index(gci(2024)$answers, aggregate = rule)
    made <- write_brief(index, "KEN")
    table <- read_text(made$path, "tbl_indicators")
    expect_identical(unique(c(table$Points, table$`Maximum points`)), "[z]")
    steps <- read_table(made$path, "tbl_steps")
    expect_equal(steps[["Points of growth"]][[1]], figures[[rule]], tolerance = 1e-3)
    expect_match(sentence(index, "KEN"), paste0(
      "^Potential growth: Technical measures, [0-9.]+ of 20 points; of its indicators .* bring most: ",
      sprintf("%.1f", figures[[rule]]), " points of the overall score[.]$"
    ))
    expect_true(any(grepl(rule, read_text(made$path, "tbl_notes")$Text)))
  }
  # no answer alone brings anything: no item is named, and all that is open is listed
  index <- cap_index(gci(2024)$answers, aggregate = "geometric")
  expect_identical(
    sentence(index, "FJI"),
    "Potential growth: Technical measures, Capacity development, Cooperation, each 0.0 of 20 points."
  )
  steps <- steps_of(index, "FJI")
  own <- year_2024()
  expect_identical(nrow(steps), sum(own$value[own$iso3 == "FJI"] < 1))
  expect_true(all(steps[["Points of growth"]] == 0))
})

test_that("rules that compare units have neither points nor gains", {
  index <- cap_index(gci(2024)$answers, aggregate = "copeland")
  made <- write_brief(index, "FJI")
  table <- read_text(made$path, "tbl_indicators")
  expect_identical(unique(unlist(table[c("Points", "Maximum points", "Points left")])), "[z]")
  expect_false("Points of growth" %in% names(read_table(made$path, "tbl_steps")))
  expect_match(sentence(index, "FJI"), "^Potential growth: [A-Z][a-z ]+, [0-9.]+ of 20 points[.]$")
  expect_true(any(grepl("compares each country", read_text(made$path, "tbl_notes")$Text)))
})

test_that("a raise without a value under the rule leaves the other gains", {
  data <- with_answers("FJI", all = 0.3)
  data <- data[data$iso3 == "FJI", ]
  rules <- c(overall = "geometric", pillar = "mazziotta_pareto")
  data$value[data$item %in% c("TS1", "TS2", "TS3")] <- 0.02
  index <- cap_index(cap_answers(data, "gci-2024"), aggregate = rules)
  table <- indicators_of(index, "FJI", by = "world")
  gains <- vapply(table$Code, function(code) {
    data$value[data$item == code] <- 1
    tryCatch(overall(cap_index(cap_answers(data, "gci-2024"), aggregate = rules))$score, cap_error_numeric = function(e) NA_real_)
  }, 0) - overall(index)$score
  expect_true(anyNA(gains) && !all(is.na(gains)))
  expect_equal(table$`Points left`, unname(gains), tolerance = 1e-9)
})

test_that("an item's points are said to be of the overall score", {
  items <- tree_items(2, 4)
  items$max[2:3] <- c(40, 50)
  framework <- cap_framework(list(items = items))
  data <- made_answers(framework, "U01")
  data$value <- c(0.25, 0, 0.5, 0.75, 1, 1, 0.5, 1)
  index <- cap_index(cap_answers(data, framework))
  table <- indicators_of(index, "U01", by = "world")
  text <- sentence(index, "U01", by = "world")
  most <- table[which.max(table$`Points left`), ]
  expect_match(text, sprintf(
    "%s, at %.1f of %.1f points of the overall score.", most$Indicator, most$Points, most$`Maximum points`
  ), fixed = TRUE)
})

test_that("pillars with as much left are named together, and none where all are even", {
  expect_identical(sentence(gci(2020), "VAT"), paste0(
    "Potential growth: Legal measures, Technical measures, Organizational measures, Capacity development, ",
    "Cooperation, each 0.0 of 20 points."
  ))
  expect_identical(
    sentence(gci(2024), "VAT"), "Potential growth: Technical measures, Capacity development, each 0.0 of 20 points."
  )
  even <- cap_index(cap_answers(with_answers("FJI", all = 0.5), "gci-2024"))
  expect_match(sentence(even, "FJI"), "^Potential growth: the indicator that would, .* is [^:]+: [0-9.]+ points")
  # as much left on scales that differ
  items <- tree_items(3, 2)
  items$max[2] <- 40
  framework <- cap_framework(list(items = items))
  data <- made_answers(framework, "U01")
  data$value <- ifelse(grepl("^B03", data$item), 1, 0.5)
  index <- cap_index(cap_answers(data, framework))
  expect_identical(
    sentence(index, "U01", by = "world"),
    "Potential growth: Branch 1, Branch 2, with as many points of the overall score left in each."
  )
})

test_that("the brief of an index by a framework that is not official says self-assessment", {
  for (id in c("sim3", "cirt-readiness")) {
    framework <- cap_framework(id)
    units <- c("KEN", "UGA", "TZA", "RWA", "GHA")
    data <- whole_answers(framework, units)
    index <- cap_index(cap_answers(data, framework))
    for (scope in c("KEN", "AFR", "world")) {
      made <- write_brief(index, scope, release = dated("final"))
      mark <- paste0("(", framework$status, ", self-assessment)")
      first <- readxl::excel_sheets(made$path)[[1]]
      expect_identical(first, paste0("Brief (", framework$status, ")"))
      expect_true(endsWith(cell(made$path, first, "A1:A1"), mark))
      expect_true(endsWith(made$brief$plan$properties$title, mark))
      charts <- vapply(made$brief$plan$charts, function(chart) chart$title, "")
      expect_true(all(endsWith(charts, mark)), info = paste(id, scope))
    }
    french <- cap_brief(index, "KEN", lang = "fr")
    expect_match(french$title, "auto-évaluation)", fixed = TRUE)
    expect_lte(nchar(french$plan$sheets[[1]]$name), 31)
  }
  expect_false(grepl("self-assessment", cap_brief(gci(2024), "KEN")$title))
})
