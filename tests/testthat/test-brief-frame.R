# The sheets of the analyses in a brief. What is tested of the figures is tested
# against the analysis itself, or against plain R on the data.

analyses_of_gci <- function() {
  once("analyses", withr::with_seed(11, {
    panel <- cap_panel(gci(2020), gci(2024), published = subset(gci_overall, edition < 2020))
    list(
      robustness = cap_robustness(gci(2024), n = 20011, vary = list(weights = cap_vary_weights("noise", 0.5))),
      readiness = cap_readiness(gci(2024)), trend = cap_trend(panel, n_boot = 0),
      convergence = cap_convergence(panel, 2020, 2024, n_sim = 99), mobility = cap_mobility(panel, 2020, 2024),
      actions = cap_actions(gci(2024), alternatives = 1)
    )
  }))
}
with_analyses <- function(scope, ...) {
  write_brief(gci(2024), scope, previous = gci(2020), analyses = analyses_of_gci(), release = dated("final"), ...)
}
full_brief <- function(scope, ...) {
  once(paste("full", scope, ...), with_analyses(scope, ...))
}
full_scopes <- c("KEN", "FJI", "ARE", "AFR", "CIS", "world")
proposal <- function(scope) {
  once(paste("proposal", scope), {
    evidence <- data.frame(subset(gci_items, edition == 2024)[c("iso3", "item", "edition")], grade = "B")
    write_brief(
      cap_readiness(cap_answers(subset(gci_items, edition == 2024), "gci-2024"), "support-profile", evidence), scope,
      release = dated("final")
    )
  })
}
sheets_of <- function(made) readxl::excel_sheets(made$path)
members_of <- function(region) countries$iso3[countries$itu_region == region]

# Charts -----------------------------------------------------------------------------

# list(title, kind, series: list(name, ref, values as text)) of each chart.
charts_of <- function(path) {
  parts <- xml_parts(path)
  lapply(parts[grepl("^xl/charts/chart", names(parts))], function(xml) {
    list(
      xml = xml, title = gsub("<[^>]*>", "", between(xml, "(?s)<c:title>.*?</c:title>")[[1]]),
      series = lapply(between(xml, "(?s)<c:ser>.*?</c:ser>"), function(ser) {
        values <- between(ser, "(?s)<c:(val|yVal)>.*?</c:(val|yVal)>")
        list(
          ref = gsub("<[^>]*>", "", between(values, "<c:f>.*?</c:f>")),
          values = gsub("<[^>]*>", "", between(values, "<c:v>.*?</c:v>"))
        )
      })
    )
  })
}

# Which sheets --------------------------------------------------------------------------

test_that("each analysis has its sheet, in the order that readers look for them", {
  front <- c("Methods", "Notes", "Change log", "Contents")
  expect_identical(sheets_of(full_brief("FJI")), c(
    "Brief", "Indicators", "Since the last edition", "Sensitivity", "Readiness", "Next steps", "Trend", front
  ))
  group <- c("Moves between tiers", "Sensitivity", "Readiness", "Next steps", "Trend")
  expect_identical(sheets_of(full_brief("AFR")), c("Brief", "Indicators", "Groups", "Scores", group, front))
  expect_identical(sheets_of(full_brief("world")), c(
    "Brief", "Indicators", "Indicators by region", "Groups", "Scores", group, "Convergence", front
  ))
  # nothing to do and nothing to show: no sheet
  expect_false("Next steps" %in% sheets_of(full_brief("ARE")))
})

test_that("findings stand on top of their sheets, five at most on the first, and every number in a table", {
  for (scope in full_scopes) {
    made <- full_brief(scope)
    expect_lte(nrow(cap_findings(made$brief)), 5)
    tables <- all_tables(made$path)
    # confidence stands in headers
    tables <- c(tables, list(list(text = unlist(lapply(tables, names)))))
    by_sheet <- c(list(Brief = cap_findings(made$brief)), made$brief$sheet_findings)
    expect_gt(length(by_sheet), 3)
    for (sheet in names(by_sheet)) {
      found <- by_sheet[[sheet]]
      top <- cell(made$path, sheet, "A4:A16")
      top <- gsub(" +", " ", paste(trimws(top[!is.na(top)]), collapse = " "))
      for (i in seq_len(nrow(found))) {
        expect_true(grepl(found$text[[i]], top, fixed = TRUE), info = paste(scope, found$text[[i]]))
        text <- gsub("(5|95) % (quantile|of the rep)", "", found$text[[i]])
        text <- gsub("at least 95 %", "", text, fixed = TRUE)
        text <- gsub("\\b20[0-9]{2}\\b", "", text)
        stated <- stated_numbers(text, found$numbers[[i]])
        nowhere <- stated[!vapply(stated, stands_in, NA, tables = tables)]
        expect_identical(nowhere, character(), info = paste0(scope, ", ", sheet, ": ", found$text[[i]]))
      }
    }
  }
})

test_that("words of blame stay out, whatever the verdict", {
  blame <- "\\b(rose|fell|drives?|falling behind|laggard|worst|top ten|cheapest|catching up)\\b"
  for (scope in full_scopes) {
    text <- paste(gsub("<[^>]*>", " ", xml_parts(full_brief(scope)$path)), collapse = " ")
    expect_false(grepl(blame, text, ignore.case = TRUE), info = scope)
  }
  given <- analyses_of_gci()
  for (verdict in c("catching up", "falling behind", "not shown")) {
    given$convergence$verdict <- verdict
    given$convergence$signs$shows <- verdict
    made <- write_brief(gci(2024), "world", analyses = given)
    text <- paste(gsub("<[^>]*>", " ", xml_parts(made$path)), collapse = " ")
    expect_false(grepl(blame, text, ignore.case = TRUE), info = verdict)
    shown <- switch(verdict, "catching up" = "closer together", "falling behind" = "further apart", "not shown")
    expect_identical(unique(read_table(made$path, "tbl_convergence")[["What it shows"]]), shown)
  }
})

test_that("no chart draws a text, an empty range or more than 25 bars, and none says NaN", {
  for (scope in full_scopes) {
    made <- full_brief(scope)
    charts <- charts_of(made$path)
    expect_gt(length(charts), 2)
    for (chart in charts) {
      expect_match(chart$title, "points|per cent|number|Countries")
      expect_gt(length(chart$series), 0)
      for (one in chart$series) {
        rows <- as.numeric(between(sub("^.*!", "", one$ref), "[0-9]+"))
        expect_identical(length(one$values), as.integer(diff(range(rows)) + 1), info = chart$title)
        expect_false(anyNA(suppressWarnings(as.numeric(one$values))), info = chart$title)
        expect_lte(length(one$values), 25)
      }
    }
    expect_false(any(grepl("NaN|>NA<|>Inf<", xml_parts(made$path))), info = scope)
  }
})

# Sensitivity ---------------------------------------------------------------------------------

test_that("a country's sensitivity has shares of tiers with their error, and no rank", {
  expected <- as.data.frame(analyses_of_gci()$robustness)
  for (unit in c("KEN", "FJI", "ARE")) {
    path <- full_brief(unit)$path
    own <- expected[expected$unit == unit, ]
    table <- read_table(path, "tbl_sensitivity")
    tiers <- paste0("T", 1:5)
    expect_equal(table[[2]], 100 * unlist(own[paste0("p_", tiers)], use.names = FALSE), tolerance = 1e-9)
    expect_equal(table[[3]], 100 * unlist(own[paste0("se_", tiers)], use.names = FALSE), tolerance = 1e-9)
    expect_equal(sum(table[[2]]), 100, tolerance = 1e-9)
    scores <- read_table(path, "tbl_sensitivity_scores")
    expect_equal(
      unlist(scores[c(2, 3, 4, 5)], use.names = FALSE),
      unlist(own[c("score", "score_low", "score_median", "score_high")], use.names = FALSE), tolerance = 1e-9
    )
    run <- read_text(path, "tbl_sensitivity_run")
    expect_true(all(c("20,011", paste(analyses_of_gci()$robustness$key, collapse = " ")) %in% run$How))
    expect_false(any(grepl("rank", gsub("method.ranks", "", sheet_text(path, "Sensitivity")), ignore.case = TRUE)))
    # never on the first page
    expect_false(any(grepl("replicate|sensitiv", sheet_text(path, "Brief"), ignore.case = TRUE)))
  }
})

test_that("a group's sensitivity lists its countries, least sure tiers in the chart; ranks by request", {
  expected <- as.data.frame(analyses_of_gci()$robustness)
  for (scope in c("AFR", "world")) {
    made <- full_brief(scope)
    table <- read_table(made$path, "tbl_sensitivity")
    own <- expected
    if (scope != "world") own <- own[own$unit %in% members_of(scope), ]
    name <- country_names$en[match(own$unit, country_names$iso3)]
    expect_setequal(table$Country, name)
    at <- match(table$Country, name)
    expect_equal(unname(as.matrix(table[7:11])), unname(100 * as.matrix(own[at, paste0("p_T", 1:5)])), tolerance = 1e-9)
    expect_false(any(grepl("Rank", names(table))))
    bars <- charts_of(made$path)
    bars <- Filter(function(c) grepl("replicates", c$title), bars)[[1]]
    shown <- seq_along(bars$series[[1]]$values)
    kept <- own$p_tier[at]
    expect_true(all(kept[shown] < 0.95))
    if (length(shown) < 25) expect_true(all(kept[-shown] >= 0.95)) else expect_lte(max(kept[shown]), min(kept[-shown]))
  }
  ranked <- write_brief(gci(2024), "world", analyses = analyses_of_gci()$robustness, ranks = TRUE)
  table <- read_table(ranked$path, "tbl_sensitivity")
  at <- match(table$Country, country_names$en[match(expected$unit, country_names$iso3)])
  ranks <- grep("^Rank", names(table))
  expect_equal(
    unname(as.matrix(table[ranks])), unname(as.matrix(expected[at, c("rank_low", "rank_median", "rank_high")])),
    tolerance = 1e-9
  )
})

test_that("without tiers the interval of scores is drawn, if it has a length", {
  index <- gci(2020)
  set.seed(2)
  run <- cap_robustness(index, n = 500)
  for (unit in c("KEN", "VAT")) {
    made <- write_brief(index, unit, analyses = run)
    own <- as.data.frame(run)
    own <- own[own$unit == unit, ]
    table <- read_table(made$path, "tbl_sensitivity_scores")
    expect_equal(table[["Length of the interval"]], own$score_high - own$score_low, tolerance = 1e-9)
    bars <- Filter(function(c) grepl("Interval", c$title), charts_of(made$path))
    expect_length(bars, if (unit == "VAT") 0 else 1)
    if (unit == "KEN") {
      expect_equal(as.numeric(bars[[1]]$series[[1]]$values), own$score_low, tolerance = 1e-9)
      expect_match(bars[[1]]$xml, "(?s)<c:ser>.*?<a:noFill/>.*?</c:ser>", perl = TRUE)
    }
  }
  world <- write_brief(index, "world", analyses = run)
  expect_identical(nrow(read_table(world$path, "tbl_sensitivity")), length(index$unit))
})

# Readiness and next steps -------------------------------------------------------------------

test_that("a readiness that is not official makes a workbook of its own, which says so everywhere", {
  support <- cap_readiness(gci(2024), "support-profile")
  expect_snapshot(cap_brief(gci(2024), "FJI", analyses = support), error = TRUE)
  expect_error(cap_brief(gci(2024), "FJI", analyses = cap_actions(support, unit = "FJI")), class = "cap_error_input")
  expect_error(cap_brief(support, "FJI", analyses = analyses_of_gci()$robustness), class = "cap_error_input")
  for (scope in c("FJI", "AFR")) {
    made <- proposal(scope)
    expect_match(made$brief$title, "self-assessment.*proposal")
    expect_match(cell(made$path, sheets_of(made)[[1]], "A1:A1"), "self-assessment.*proposal")
    expect_identical(sheets_of(made)[[1]], "Readiness (proposal)")
    for (chart in charts_of(made$path)) expect_match(chart$title, "proposal, self-assessment")
    expect_match(xml_parts(made$path)[["docProps/core.xml"]], "self-assessment")
    expect_false("Brief" %in% sheets_of(made))
    expect_true(any(grepl("no official framework", read_text(made$path, "tbl_notes")$Text)))
  }
})

test_that("stages and gates are those of the readiness, in words", {
  evidence <- data.frame(subset(gci_items, edition == 2024)[c("iso3", "item", "edition")], grade = "B")
  r <- cap_readiness(cap_answers(subset(gci_items, edition == 2024), "gci-2024"), "support-profile", evidence)
  made <- proposal("FJI")
  gates <- subset(as.data.frame(cap_table(r, "gates")), unit == "FJI")
  shown <- read_table(made$path, "tbl_gates")
  words <- c(met = "held", "not met" = "not held", unknown = "unknown")
  expect_identical(shown$Gate, unname(words[gates$holds]))
  expect_identical(shown$State, gates$state)
  expect_equal(shown$Minimum, gates$minimum)
  expect_equal(shown$Stage, gates$stage)
  expect_identical(shown$Needed, paste(gates$k, "of", gates$n))
  chances <- subset(as.data.frame(cap_table(r, "probabilities")), unit == "FJI")
  stages <- read_table(made$path, "tbl_stages")
  expect_equal(stages[[8]], 100 * chances$probability, tolerance = 1e-9)
  expect_equal(stages[[9]], 100 * chances$at_least, tolerance = 1e-9)
  expect_equal(stages[[10]], 100 * chances$lower, tolerance = 1e-9)
  expect_equal(stages[[11]], 100 * chances$upper, tolerance = 1e-9)
  own <- subset(as.data.frame(r), unit == "FJI")
  expect_identical(stages$Reached, ifelse(chances$stage <= own$stage, "reached", "not reached"))
  expect_equal(stages[["Not met"]], as.numeric(table(factor(gates$stage[gates$state == "not met"], 0:4))))

  africa <- proposal("AFR")
  inside <- subset(as.data.frame(r), unit %in% members_of("AFR"))
  counts <- c(as.numeric(table(factor(inside$stage, 0:4))), nrow(inside))
  expect_equal(read_table(africa$path, "tbl_stages")$Countries, counts)
  all <- subset(as.data.frame(cap_table(r, "gates")), unit %in% members_of("AFR"))
  one <- all[!duplicated(all[c("unit", "stage", "group")]), ]
  held <- tapply(one$holds == "met", factor(paste(one$stage, one$group), unique(paste(one$stage, one$group))), sum)
  expect_equal(read_table(africa$path, "tbl_gates")[["Countries that hold it"]], as.numeric(held))
})

test_that("an unknown stage elsewhere and an item that does not apply stand in words", {
  sim3 <- cap_framework("sim3")
  codes <- sim3$items$code[sim3$leaves]
  items <- data.frame(iso3 = "AAA", edition = 2024L, item = codes, value = sim3$items$max[sim3$leaves])
  items$value[2] <- NA
  r <- cap_readiness(cap_answers(items, sim3))
  made <- write_brief(r, "AAA", by = "world")
  expect_true("unknown" %in% read_table(made$path, "tbl_gates")$State)
  expect_match(sheets_of(made)[[1]], "^Readiness \\(")
})

test_that("next steps without actions: what is not in place, most points first, blanks to fill in", {
  made <- with_change("FJI")
  steps <- read_table(made$path, "tbl_steps")
  indicators <- read_table(made$path, "tbl_indicators")
  open <- indicators[indicators$`Points left` > 1e-9, ]
  open <- open[order(-round_half_up(open$`Points left`, 4), open$Code), ]
  expect_identical(steps$Indicator, open$Indicator)
  expect_equal(steps[["Points of growth"]], open[["Points left"]], tolerance = 1e-9)
  expect_identical(steps$Step, as.numeric(seq_len(nrow(open))))
  for (blank in c("Responsible body", "Cost", "Year")) expect_true(all(is.na(steps[[blank]])))
  vatican <- read_table(shipped_brief("VAT", 2020)$path, "tbl_steps")
  expect_identical(nrow(vatican), 20L)
})

test_that("what other steps require comes before them", {
  items <- data.frame(
    code = c("IDX", "P", "a", "b", "c", "d", "e"), parent = c("", "IDX", rep("P", 5)),
    label = c("Index", "Part", "Law", "Agency", "Team", "Drill", "Plan"), max = c(100, 100, 1, 1, 1, 1, 1),
    weight = c(NA, 1, 0.05, 0.1, 0.15, 0.5, 0.2)
  )
  needs <- data.frame(item = c("d", "c", "b"), requires = c("c", "b", "a"))
  framework <- cap_framework(list(items = items, prerequisites = needs))
  data <- data.frame(
    iso3 = rep(c("AAA", "BBB"), each = 5), item = rep(letters[1:5], 2), edition = 1L, value = c(rep(0, 5), 1, 0, 0, 0, 1)
  )
  index <- cap_index(cap_answers(data, framework))
  order_of <- function(unit, ...) read_table(write_brief(index, unit, by = "world", ...)$path, "tbl_steps")
  all <- order_of("AAA")
  expect_identical(all$Indicator, c("Law", "Agency", "Team", "Drill", "Plan"))
  expect_identical(all[["Needs first"]], c(NA, "Law", "Agency", "Team", NA))
  expect_identical(order_of("BBB")$Indicator, c("Agency", "Team", "Drill"))
  # with actions: the same steps, and the same rule
  bands <- data.frame(label = c("T1", "T2"), lower = c(70, 0))
  banded <- cap_framework(list(items = items, prerequisites = needs, bands = bands))
  index <- cap_index(cap_answers(data, banded))
  actions <- cap_actions(index)
  found <- order_of("AAA", analyses = actions)
  expected <- as.data.frame(actions)
  expected <- expected[expected$unit == "AAA", ]
  expect_setequal(found$Indicator, expected$label)
  expect_equal(sum(found[["Points of growth"]]), sum(expected$score_gain), tolerance = 1e-9)
  at <- match(c("Law", "Agency", "Team", "Drill"), found$Indicator)
  expect_false(is.unsorted(at, na.rm = TRUE))
})

test_that("steps of a group are counted over its countries", {
  steps <- as.data.frame(analyses_of_gci()$actions)
  steps <- steps[steps$unit %in% members_of("AFR"), ]
  table <- read_table(full_brief("AFR")$path, "tbl_steps")
  count <- sort(table(steps$label), decreasing = TRUE)
  expect_setequal(table$Indicator, names(count))
  expect_equal(table[["Countries with this step"]], as.numeric(count[table$Indicator]))
  expect_false(is.unsorted(-table[["Countries with this step"]]))
  expect_identical(unique(table[["Countries with next steps"]]), as.numeric(length(unique(steps$unit))))
})

# Trend ---------------------------------------------------------------------------------------------

test_that("a country's trend is its scores, like for like by the bridge, and its region's median", {
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  for (unit in c("KEN", "FJI")) {
    table <- read_table(full_brief(unit)$path, "tbl_trend")
    expect_identical(table$Edition, c(2014, 2017, 2018, 2020, 2024))
    scores <- rbind(
      subset(gci_overall, edition < 2020)[c("iso3", "edition", "value", "max")],
      data.frame(iso3 = overall(gci(2020))$unit, edition = 2020, value = overall(gci(2020))$score, max = 100),
      data.frame(iso3 = overall(gci(2024))$unit, edition = 2024, value = overall(gci(2024))$score, max = 100)
    )
    scores$value <- 100 * scores$value / scores$max
    own <- scores[scores$iso3 == unit, ]
    expect_equal(table[["As published"]], own$value[match(table$Edition, own$edition)], tolerance = 1e-9)
    like <- bridge[bridge$unit == unit & bridge$level == "overall", ]
    expect_equal(table[["Like for like"]][4:5], c(like$score_to - like$answers, like$score_to), tolerance = 1e-9)
    expect_true(all(is.na(table[["Like for like"]][1:3])))
    inside <- scores[scores$iso3 %in% members_of(countries$itu_region[countries$iso3 == unit]), ]
    median <- tapply(inside$value, inside$edition, stats::median)
    expect_equal(table[[grep("^Median", names(table))]], round_half_up(as.numeric(median), 1))
    expect_equal(table$Countries, as.numeric(table(inside$edition)))
    expect_identical(table$Method, c(NA, rep("changed", 4)))
  }
})

test_that("lines join editions that are like for like, and none across a change of method", {
  made <- full_brief("FJI")
  chart <- Filter(function(c) grepl("by edition", c$title), charts_of(made$path))[[1]]
  expect_match(chart$xml, "<c:scatterChart>")
  joined <- !vapply(between(chart$xml, "(?s)<c:ser>.*?</c:ser>"), function(ser) {
    grepl("(?s)<c:spPr><a:ln[^>]*><a:noFill/>", ser, perl = TRUE)
  }, NA)
  points <- lengths(lapply(chart$series, `[[`, "values"))
  expect_identical(unname(points[joined]), 2L)
  expect_identical(unname(points[!joined]), c(5L, 5L))
  # one method throughout: one line
  same <- cap_trend(subset(gci_overall, edition >= 2017), n_boot = 0)
  one <- same
  one$data$method <- rep("one", length(one$data$method))
  made <- write_brief(gci(2024), "FJI", analyses = one)
  expect_identical(read_table(made$path, "tbl_trend")$Method, c(NA, rep("as before", 3)))
  expect_false(anyNA(read_table(made$path, "tbl_trend")[["Like for like"]]))
})

test_that("a group's trend has means, limits and the change like for like first", {
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  bridge <- bridge[bridge$level == "overall", ]
  for (scope in c("AFR", "world")) {
    path <- full_brief(scope)$path
    inside <- if (scope == "world") unique(gci_overall$iso3) else members_of(scope)
    table <- read_table(path, "tbl_trend")
    scores <- subset(gci_overall, iso3 %in% inside & edition == 2018)
    x <- 100 * scores$value / scores$max
    row <- table[table$Edition == 2018, ]
    test <- stats::t.test(x)
    expect_equal(row[["Mean, as published"]], mean(x), tolerance = 1e-9)
    limits <- unlist(row[grep("limit, as published", names(row))], use.names = FALSE)
    expect_equal(limits, as.numeric(test$conf.int), tolerance = 1e-9)
    expect_equal(row$Median, stats::median(x), tolerance = 1e-9)
    own <- bridge[bridge$unit %in% inside, ]
    change <- read_table(path, "tbl_trend_change")
    expect_identical(change$Difference, c("Like for like", "As published"))
    expect_equal(change[["Difference of the means"]], c(mean(own$answers), mean(own$published)), tolerance = 1e-9)
    paired <- stats::t.test(own$answers)
    expect_equal(change[[5]][[1]], paired$conf.int[[1]], tolerance = 1e-6)
    means <- c(mean(own$score_to - own$answers), mean(own$score_to))
    expect_equal(table[["Mean, like for like"]][4:5], means, tolerance = 1e-9)
  }
})

test_that("moves between tiers are those like for like, with and without a trend", {
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  bridge <- bridge[bridge$level == "overall" & bridge$unit %in% members_of("CIS"), ]
  lower <- c(95, 85, 55, 20, 0)
  tier <- function(score) vapply(score, function(s) which(s + 1e-9 >= lower)[[1]], 0L)
  from <- tier(bridge$score_to - bridge$answers)
  to <- tier(bridge$score_to)
  for (path in c(full_brief("CIS")$path, with_change("CIS")$path)) {
    table <- read_table(path, "tbl_moves_tiers")
    expect_equal(table[[2]], tabulate(from, 5))
    expect_equal(table[[3]], tabulate(to, 5))
    expect_equal(unname(as.matrix(table[4:8])), matrix(as.numeric(table(factor(from, 1:5), factor(to, 1:5))), 5))
    moved <- read_table(path, "tbl_moves")
    expect_setequal(moved$Country, country_names$en[match(bridge$unit[from != to], country_names$iso3)])
    expect_equal(read_table(path, "tbl_moves_counts")$Countries, c(sum(to < from), sum(to > from), sum(to == from)))
  }
  expect_false("Moves between tiers" %in% sheets_of(shipped_brief("CIS")))
})

test_that("the world's convergence has the figures of the analysis", {
  x <- analyses_of_gci()$convergence
  path <- full_brief("world")$path
  signs <- read_table(path, "tbl_convergence")
  expect_equal(signs$Estimate, as.data.frame(x)$estimate, tolerance = 1e-9)
  expect_equal(signs$p, as.data.frame(x)$p, tolerance = 1e-9)
  gap <- as.data.frame(x, what = "gap")
  expect_equal(read_table(path, "tbl_gap")[["Difference of the means"]], gap$change, tolerance = 1e-9)
  editions <- as.data.frame(x, what = "editions")
  shown <- read_table(path, "tbl_gap_editions")
  expect_equal(sort(shown[["Gap, points"]]), sort(editions$gap), tolerance = 1e-9)
  for (scope in c("AFR", "FJI")) expect_false("Convergence" %in% sheets_of(full_brief(scope)))
  # gaps are below 0: the years stand below the lowest
  xml <- xml_parts(path)
  charts <- xml[grepl("^xl/charts/", names(xml))]
  gap_chart <- charts[grepl("Gap of LDC to the others", charts, fixed = TRUE)]
  expect_length(gap_chart, 1L)
  expect_match(gap_chart[[1L]], "<c:tickLblPos val=\"low\"/>", fixed = TRUE)
})

test_that("groups of a convergence have the names of the reader's language", {
  path <- withr::local_tempfile(fileext = ".xlsx")
  cap_brief(gci(2024), "world", previous = gci(2020), analyses = analyses_of_gci()$convergence, lang = "fr", path = path)
  xml <- paste(xml_parts(path), collapse = "")
  expect_match(xml, "PMA et les autres", fixed = TRUE)
  expect_no_match(xml, "\\bLDC\\b")
})

# Groups and the first sheet ------------------------------------------------------------------------

test_that("the first sheet has the medians that findings compare with, and the world's", {
  table <- read_table(full_brief("FJI")$path, "tbl_figures")
  scores <- overall(gci(2024))
  region <- scores$score[scores$unit %in% members_of(countries$itu_region[countries$iso3 == "FJI"])]
  expect_true(any(abs(table$Value - round_half_up(stats::median(region), 1)) < 1e-9))
  expect_equal(table$Value[table$Figure == "Median of the world"], round_half_up(stats::median(scores$score), 1))
  expect_equal(table$Countries[table$Figure == "Median of the world"], 194)
  expect_false("Median of Melanesia" %in% table$Figure) # four countries
  change <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  change <- change[change$level == "overall" & change$unit %in% members_of("AFR"), ]
  africa <- read_table(full_brief("AFR")$path, "tbl_figures")
  expect_equal(africa$Value[grepl("like for like$", africa$Figure)][[1]], mean(change$answers), tolerance = 1e-9)
})

test_that("the world's indicators stand by region, as a heat map under black text", {
  path <- full_brief("world")$path
  table <- read_table(path, "tbl_indicators_regions")
  data <- gci_items[gci_items$edition == 2024, ]
  africa <- data[data$iso3 %in% members_of("AFR"), ]
  codes <- read_table(path, "tbl_indicators")$Code
  share <- 100 * tapply(africa$value == 1, factor(africa$item, codes), mean)
  expect_equal(table[["Africa (n\u00a0=\u00a044)"]], as.numeric(share), tolerance = 1e-9)
  xml <- paste(xml_parts(path), collapse = "")
  expect_match(xml, "<colorScale>")
  scales <- paste(between(xml, "<colorScale>.*?</colorScale>"), collapse = "")
  colours <- unique(between(scales, "(?<=<color rgb=\"FF)[0-9A-F]{6}"))
  expect_length(colours, 3L)
  light <- vapply(colours, function(hex) {
    v <- strtoi(substring(hex, c(1, 3, 5), c(2, 4, 6)), 16L) / 255
    lin <- ifelse(v <= 0.03928, v / 12.92, ((v + 0.055) / 1.055)^2.4)
    (sum(lin * c(0.2126, 0.7152, 0.0722)) + 0.05) / 0.05
  }, 0)
  expect_true(all(light >= 4.5))
})

test_that("what is missing is said without counts of none", {
  said <- function(missing, unscored) {
    data <- gci_items[gci_items$edition == 2024, ]
    if (missing) data$value[data$iso3 == "UGA" & data$item == "LS1"] <- NA
    if (unscored) data$value[data$iso3 == "KEN"] <- NA
    index <- cap_index(cap_answers(data, "gci-2024"), missing = "renormalise", min_coverage = 0.5)
    found <- cap_findings(cap_brief(index, "AFR"))
    found$text[grepl("missing", found$key)]
  }
  expect_identical(said(TRUE, FALSE), "1 answer is missing.")
  expect_identical(said(FALSE, TRUE), "20 answers are missing and 1 country has no score.")
  expect_identical(said(FALSE, FALSE), character())
  expect_identical(cap_findings(cap_brief(gci(2024), "world", by = "world"))$key[3], "group.median")
})

test_that("users are a table with a figure a country, whatever the scope", {
  for (scope in c("KEN", "AFR", "world")) {
    expect_error(cap_brief(gci(2024), scope, users = 1), "users", class = "cap_error_input")
  }
  twice <- rbind(cap_users(2024), cap_users(2024))
  expect_error(cap_brief(gci(2024), "KEN", users = twice), "more than one figure", class = "cap_error_input")
})

test_that("those who did not respond are named on Notes of a group's file", {
  silent <- c("KEN", "UGA")
  data <- gci_items[gci_items$edition == 2024, ]
  data$value[data$iso3 == "KEN"] <- NA
  index <- cap_index(cap_answers(data[data$iso3 != "UGA", ], "gci-2024"), missing = "renormalise")
  notes <- read_text(write_brief(index, "AFR")$path, "tbl_notes")$Text
  expect_true(any(grepl("^2 countries without a response.*Kenya, Uganda", notes)))
})

test_that("one country, two or four make a group; one edition and no users make a brief", {
  for (members in list("KEN", c("KEN", "UGA"), c("KEN", "UGA", "TZA", "RWA"))) {
    by <- data.frame(unit = members, group = "own")
    made <- with_analyses("own", by = by)
    expect_setequal(read_table(made$path, "tbl_scores")$Code, members)
    expect_false(any(grepl("NaN|>NA<|>Inf<|-Inf", xml_parts(made$path))))
    change <- read_text(made$path, "tbl_trend_change")
    if (length(members) == 1) expect_identical(change[[5]], c("[x]", "[x]"))
    text <- cap_findings(made$brief)$text
    expect_identical(any(grepl("quartiles", text)), length(members) > 3)
    expect_identical(any(grepl("two countries hold", text)), length(members) > 2)
    expect_identical(any(grepl("median (score|[0-9])|n = 1[,)]|in 1 of 1", text)), length(members) > 1)
    own <- with_analyses("KEN", by = by)
    expect_true(all(read_text(own$path, "tbl_trend")[[4]] == "[c]"))
    expect_true(all(read_text(own$path, "tbl_trend")$Countries == "[c]"))
  }
  trend <- cap_trend(gci_overall, users = NULL, n_boot = 0)
  plain <- write_brief(gci(2024), "AFR", users = NULL, analyses = list(analyses_of_gci()$robustness, trend))
  expect_false(any(grepl("internet user", names(read_table(plain$path, "tbl_trend")))))
})

# Red lines -----------------------------------------------------------------------------------------

test_that("with all analyses a country's file still holds no other country", {
  for (unit in c("KEN", "FJI", "ARE")) {
    parts <- xml_parts(full_brief(unit)$path)
    text <- paste(gsub("<[^>]*>", " ", parts), collapse = " ")
    own <- country_names$en[country_names$iso3 == unit]
    groups <- unique(c(countries$itu_region_name, countries$unsd_subregion, own))
    for (name in groups[order(-nchar(groups))]) text <- gsub(name, " ", text, fixed = TRUE)
    names <- country_names$en[country_names$iso3 != unit]
    escaped <- gsub("([^\\w ])", "\\\\\\1", names, perl = TRUE)
    named <- vapply(escaped, function(p) grepl(paste0("(?<!\\w)", p, "(?!\\w)"), text, perl = TRUE), NA)
    expect_identical(names[named], character())
    strings <- gsub("<[^>]*>", "", between(parts[["xl/sharedStrings.xml"]], "<t[^>]*>[^<]*</t>"))
    others <- setdiff(countries$iso3, unit)
    coded <- paste0("(?<![A-Za-z])(", paste(others, collapse = "|"), ")(?![A-Za-z])")
    expect_false(any(grepl(coded, strings, perl = TRUE)))
    # others' scores and probabilities, in cells and in the caches of charts
    sheets <- paste(parts[grepl("worksheets/|charts/", names(parts))], collapse = "")
    numbers <- as.numeric(gsub("</?(c:)?v>", "", between(sheets, "<(c:)?v>[-0-9.e]+</(c:)?v>")))
    robust <- as.data.frame(analyses_of_gci()$robustness)
    shares <- function(rows) 100 * unlist(robust[rows, grepl("^(p|se)_", names(robust))])
    published <- function(rows) gci_overall$value[rows]
    secret <- c(shares(robust$unit != unit), published(gci_overall$iso3 != unit))
    secret <- round(secret[abs(secret * 10 - round(secret * 10)) > 1e-5], 6) # medians have one decimal
    expect_gt(length(secret), 500)
    known <- round(c(shares(robust$unit == unit), published(gci_overall$iso3 == unit)), 6)
    tables <- c("tbl_change", "tbl_indicators", if (unit != "ARE") "tbl_steps", "tbl_trend")
    for (t in tables) known <- c(known, round(unlist(Filter(is.numeric, read_table(full_brief(unit)$path, t))), 6))
    expect_identical(setdiff(intersect(round(numbers, 6), secret), known), numeric(), info = unit)
  }
})

test_that("medians of groups in a country's trend have one decimal and groups under 5 none", {
  for (unit in c("KEN", "FJI", "ARE")) {
    table <- read_table(full_brief(unit)$path, "tbl_trend")
    median <- table[[grep("^Median", names(table))]]
    expect_equal(median, round(median, 1))
  }
})

# Change log, paper, bytes ----------------------------------------------------------------------------

test_that("the change log ends with this version", {
  plain <- read_text(shipped_brief("KEN")$path, "tbl_changes")
  expect_identical(unlist(plain, use.names = FALSE), c("1.0", brief_day, "This version: final v1.0."))
  log <- data.frame(version = c("0.1", "0.2"), date = as.Date(c("2024-01-02", NA)), text = c("First.", "Second."))
  made <- write_brief(gci(2024), "KEN", release = dated(version = "0.3", changes = log))
  shown <- read_text(made$path, "tbl_changes")
  expect_identical(shown$Version, c("0.1", "0.2", "0.3"))
  expect_identical(shown$Date, c("2024-01-02", "[x]", brief_day))
  own <- rbind(log, data.frame(version = "0.3", date = as.Date("2024-09-01"), text = "Ours."))
  made <- write_brief(gci(2024), "KEN", release = dated(version = "0.3", changes = own))
  expect_identical(read_text(made$path, "tbl_changes")[["What changed"]], c("First.", "Second.", "Ours."))
  refused <- function(changes, ...) {
    expect_error(cap_release(changes = changes, ...), class = "cap_error_input")
  }
  refused("text")
  refused(log[c("version", "text")])
  refused(rbind(log, log))
  refused(transform(log, text = c("x", NA)))
  refused(log, version = "0.1")
  for (date in c("2024-13-01", "soon", "2024-02-30", "12.9.2024", "2024-9")) {
    refused(data.frame(version = c("0.1", "0.2"), date = c("2024-01-02", date), text = "x"))
  }
  kept <- data.frame(version = c("0.1", "0.2", "0.3"), date = c("2024", "2024-05", ""), text = "x")
  made <- write_brief(gci(2024), "KEN", release = dated(changes = kept))
  expect_identical(read_text(made$path, "tbl_changes")$Date, c("2024", "2024-05", "[x]", brief_day))
})

test_that("all sheets print on the paper asked for, the first on one page", {
  for (paper in c("A4", "Letter")) {
    made <- write_brief(gci(2024), "AFR", style = cap_style(paper = paper))
    parts <- xml_parts(made$path)
    sheets <- parts[grepl("^xl/worksheets/sheet", names(parts))]
    # Excel's numbers of the formats
    number <- if (paper == "A4") "paperSize=\"9\"" else "paperSize=\"1\"|<pageSetup (?!.*paperSize)"
    expect_match(sheets, number, perl = TRUE)
    expect_match(sheets[["xl/worksheets/sheet1.xml"]], "<pageSetUpPr fitToPage=\"1\"/>")
    expect_false(grepl("fitToHeight=\"0\"", sheets[["xl/worksheets/sheet1.xml"]], fixed = TRUE))
  }
  expect_error(cap_style(paper = "A3"), class = "cap_error_input")
})

test_that("the same call gives the same bytes, with all analyses", {
  for (scope in c("FJI", "CIS")) {
    again <- with_analyses(scope)
    expect_identical(unname(tools::md5sum(again$path)), unname(tools::md5sum(full_brief(scope)$path)))
  }
})

# Refusals ------------------------------------------------------------------------------------------------

test_that("analyses of another index, edition or kind are refused, with what to do", {
  local_messages()
  set.seed(3)
  given <- analyses_of_gci()
  earlier <- cap_robustness(gci(2020), n = 50)
  data <- gci_items[gci_items$edition == 2024, ]
  others <- cap_answers(transform(data, value = ifelse(iso3 == "KEN", 0, value)), "gci-2024")
  earlier_answers <- cap_answers(transform(data, edition = 2023L), "gci-2024")
  weights <- stats::weights(gci(2024)$spec$weights)
  other <- cap_robustness(update(gci(2024), weights = replace(weights, "LS", 2 * weights[["LS"]])), n = 50)
  expect_snapshot(error = TRUE, {
    cap_brief(gci(2024), "KEN", analyses = list(earlier))
    cap_brief(gci(2024), "KEN", analyses = other)
    cap_brief(gci(2024), "KEN", analyses = gci(2024))
    cap_brief(gci(2024), "KEN", analyses = list(given$trend, given$trend))
    cap_brief(gci(2024), "KEN", analyses = list(given$readiness, given$trend, again = given$readiness))
    cap_brief(gci(2024), "KEN", analyses = list(given$trend, list(given$actions)))
    cap_brief(gci(2024), "KEN", analyses = list(firm = given$robustness, old = cap_bridge(gci(2020), gci(2024))))
    cap_brief(gci(2024), "KEN", analyses = cap_trend(subset(gci_overall, edition < 2020), n_boot = 0))
    cap_brief(gci(2024), "KEN", analyses = cap_mobility(subset(gci_overall, edition < 2020)))
    cap_brief(gci(2024), "KEN", analyses = "up")
    cap_brief(gci(2024), "KEN", analyses = gci_overall)
    cap_brief(gci(2024), "KEN", analyses = cap_actions(cap_index(others), unit = "KEN"))
    cap_brief(gci(2024), "KEN", analyses = cap_actions(cap_index(earlier_answers), unit = "KEN"))
    cap_brief(cap_readiness(gci(2024)), "KEN", analyses = given[c("trend", "actions")])
  })
  shifted <- transform(gci_overall, value = pmin(value, 50))
  expect_error(cap_brief(gci(2024), "KEN", analyses = cap_trend(shifted, n_boot = 0)), class = "cap_error_input")
  moved <- cap_mobility(shifted, 2020, 2024)
  expect_match(input_error(cap_brief(gci(2024), "KEN", analyses = moved)), "cap_mobility.*Scores differ")
})

test_that("an analysis that does not know the country makes no sheet", {
  few <- cap_trend(subset(gci_overall, iso3 != "KEN"), n_boot = 0)
  expect_false("Trend" %in% sheets_of(write_brief(gci(2024), "KEN", analyses = few)))
  some <- cap_actions(gci(2024), unit = "FJI")
  steps <- read_table(write_brief(gci(2024), "KEN", analyses = some)$path, "tbl_steps")
  expect_identical(steps$Indicator, read_table(write_brief(gci(2024), "KEN")$path, "tbl_steps")$Indicator)
})

test_that("what adds up to nothing has no sign", {
  made <- with_change("ARE") # 100 in both editions
  table <- as.matrix(read_table(made$path, "tbl_change")[2:5])
  expect_true(all(table == 0 | abs(table) > 1e-6))
  expect_true(any(table == 0))
})

test_that("every table that a brief may have is known by name to the text of a brief", {
  for (scope in c("world", "AFR", "FJI")) {
    tables <- unname(unlist(lapply(full_brief(scope)$brief$plan$blocks, `[[`, "table")))
    known <- vapply(tables, function(table) any(startsWith(table, cybercap:::brief_tables)), NA)
    expect_identical(tables[!unname(known)], character(), info = scope)
  }
})
