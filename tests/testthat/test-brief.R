front <- c("Methods", "Notes", "Change log", "Contents")
country_sheets <- c("Brief", "Indicators", "Since the last edition", "Next steps", front)
group_sheets <- c("Brief", "Indicators", "Groups", "Scores", "Moves between tiers", front)

# Every kind of brief, with what is known of it.
kinds <- function() {
  list(
    KEN = with_change("KEN"), FJI = with_change("FJI"), ARE = with_change("ARE"),
    VAT = shipped_brief("VAT", 2020), AFR = with_change("AFR"), CIS = with_change("CIS"),
    world = with_change("world")
  )
}
units <- c("KEN", "FJI", "ARE")
one_name <- function(unit) country_names$en[country_names$iso3 == unit]

# Layout ------------------------------------------------------------------------

test_that("sheets have the names and the order that readers expect", {
  for (scope in names(kinds())) {
    found <- readxl::excel_sheets(kinds()[[scope]]$path)
    expect_identical(found, switch(scope,
      KEN = , FJI = country_sheets, ARE = setdiff(country_sheets, "Next steps"),
      VAT = setdiff(country_sheets, "Since the last edition"),
      world = append(group_sheets, "Indicators by region", 2), group_sheets
    ))
  }
})

test_that("title and status line head every sheet", {
  titles <- c(
    KEN = "Kenya: Tier 1 (Role-modelling), 98.6 of 100, GCI 2024",
    FJI = "Fiji: Tier 4 (Evolving), 53.8 of 100, GCI 2024",
    ARE = "United Arab Emirates: Tier 1 (Role-modelling), 100.0 of 100, GCI 2024",
    VAT = "Holy See: 0.0 of 100, GCI 2020",
    AFR = "Africa: 9 of 44 countries are in Tiers 1-2, GCI 2024",
    CIS = "Commonwealth of Independent States: 4 of 9 countries are in Tiers 1-2, GCI 2024",
    world = "World: 75 of 194 countries are in Tiers 1-2, GCI 2024"
  )
  for (scope in names(titles)) {
    made <- kinds()[[scope]]
    expect_identical(made$brief$title, titles[[scope]])
    expect_identical(cell(made$path, "Brief", "A1:A1"), titles[[scope]])
    for (sheet in readxl::excel_sheets(made$path)) {
      expect_match(cell(made$path, sheet, "A1:A1"), ".")
      status <- cell(made$path, sheet, "A2:A2")
      expect_match(status, "^Status: final v1[.]0 \u00b7 Source: ITU ")
      expect_match(status, "\u00b7 Computed with cybercap; not a publication of the ITU$")
    }
  }
})

test_that("the file has values only, no merged cell, no hidden sheet and no icon set", {
  for (made in kinds()) {
    parts <- xml_parts(made$path)
    all <- paste(parts, collapse = "")
    for (tag in c("<f>", "<f ", "<mergeCell", "iconSet", "externalLink", "state=\"hidden", "state=\"veryHidden")) {
      expect_false(grepl(tag, all, fixed = TRUE), info = paste(made$brief$title, tag))
    }
    tables <- xlsx_tables(made$path)
    expect_match(tables$name, "^tbl_[a-z_]+$")
    expect_identical(anyDuplicated(tables$name), 0L)
    expect_lt(file.size(made$path), 1e6)
  }
})

test_that("charts have a title with a unit and a text that says where the numbers are", {
  for (made in kinds()) {
    parts <- xml_parts(made$path)
    charts <- parts[grepl("^xl/charts/chart", names(parts))]
    drawings <- parts[grepl("^xl/drawings/drawing", names(parts))]
    expect_length(charts, length(drawings))
    expect_match(charts, "<c:title>.*(points|per cent|Countries)")
    for (drawing in drawings) {
      expect_match(attribute(paste0(" ", between(drawing, "<xdr:cNvPr [^>]*>")), "descr"), "chart.*numbers are in the table")
    }
    # what a preview shows without computing: cached numbers of every series
    expect_identical(
      lengths(regmatches(charts, gregexpr("<c:numCache>", charts))),
      lengths(regmatches(charts, gregexpr("<c:ser>", charts))), ignore_attr = TRUE
    )
  }
})

test_that("document properties hold title, status and time stamp", {
  for (made in kinds()) {
    core <- xml_parts(made$path)[["docProps/core.xml"]]
    expect_match(core, paste0("<dc:title>", made$brief$title, "</dc:title>"), fixed = TRUE)
    expect_match(core, "<cp:contentStatus>final v1.0</cp:contentStatus>", fixed = TRUE)
    expect_match(core, "<dc:creator>Computed with cybercap; not a publication of the ITU</dc:creator>", fixed = TRUE)
    expect_match(core, "<dc:subject>[^<]+status: final")
    expect_match(core, "2024-09-12T00:00:00Z", fixed = TRUE)
  }
})

test_that("a plan says what stands where", {
  local_messages()
  expect_snapshot(cap_brief(
    gci(2024), "KEN", previous = gci(2020), release = dated("verification")
  )$plan)
})

# Numbers -----------------------------------------------------------------------

test_that("the table of a country's first page has the scores of the index", {
  for (unit in c(units, "VAT")) {
    year <- if (unit == "VAT") 2020 else 2024
    scores <- as.data.frame(gci(year), level = c("overall", "pillar"))
    own <- scores[scores$unit == unit, ]
    own <- own[order(own$level == "overall"), ]
    region <- countries$itu_region[countries$iso3 == unit]
    medians <- as.data.frame(cap_regions(gci(year)))
    medians <- medians[medians$group == region, ]
    # given to one decimal: an odd group's median is some country's score
    median <- round_half_up(medians$median[match(own$item, medians$item)], 1)
    table <- read_table(kinds()[[unit]]$path, "tbl_pillars")
    expect_equal(table[[2]], own$score, tolerance = 1e-12, info = unit)
    expect_identical(table$Maximum, own$max)
    expect_equal(table[[4]], median, tolerance = 1e-12)
    expect_equal(table[["Gap to the median"]], own$score - median, tolerance = 1e-9)
    counts <- rowSums(table[c("Items in place", "Partly", "Not in place")])
    items <- as.data.frame(gci(year)$framework)
    leaves <- items[items$level == "indicator", ]
    expect_identical(unname(counts), c(as.numeric(table(factor(leaves$parent, own$item[1:5]))), nrow(leaves)))
    # what another layer prints is the same
    expect_equal(as.data.frame(kinds()[[unit]]$brief)$score, own$score)
  }
})

test_that("a country's indicators add up to its scores", {
  for (unit in c(units, "VAT")) {
    year <- if (unit == "VAT") 2020 else 2024
    scores <- as.data.frame(gci(year))
    own <- scores[scores$unit == unit, ]
    table <- read_table(kinds()[[unit]]$path, "tbl_indicators")
    data <- gci_items[gci_items$iso3 == unit & gci_items$edition == year, ]
    expect_equal(table[[5]], data$value[match(table$Code, data$item)], tolerance = 1e-12)
    expect_equal(table$`Points left`, table$`Maximum points` - table$Points, tolerance = 1e-9)
    expect_equal(sum(table$Points), own$score[own$level == "overall"], tolerance = 1e-9)
    expect_equal(sum(table$`Maximum points`), 100, tolerance = 1e-9)
    by_pillar <- tapply(table$Points, factor(table$Pillar, unique(table$Pillar)), sum)
    expect_equal(as.vector(by_pillar), own$score[own$level == "pillar"], tolerance = 1e-9)
    share <- vapply(table$Code, function(code) {
      members <- countries$iso3[countries$itu_region == countries$itu_region[countries$iso3 == unit]]
      values <- gci_items$value[gci_items$edition == year & gci_items$item == code & gci_items$iso3 %in% members]
      100 * mean(values == 1)
    }, 0)
    expect_equal(table[[9]], unname(share), tolerance = 1e-9)
    state <- ifelse(table[[5]] == 1, "In place", ifelse(table[[5]] == 0, "Not in place", "Partly"))
    expect_identical(table$State, state)
  }
})

test_that("the change of a country is that of the bridge", {
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  for (unit in units) {
    own <- bridge[bridge$unit == unit, ]
    table <- read_table(kinds()[[unit]]$path, "tbl_change")
    expect_identical(table$Level[[1]], "Global Cybersecurity Index")
    own <- own[order(own$level != "overall"), ]
    expect_equal(
      unname(as.matrix(table[-1])),
      unname(as.matrix(own[c("answers", "published", "weights", "items", "score_from", "score_to")])),
      tolerance = 1e-9
    )
    expect_equal(table[[3]], rowSums(table[c(2, 4, 5)]), tolerance = 1e-9, ignore_attr = TRUE)
  }
})

test_that("scores of a group's file are those of the index, nobody twice", {
  for (scope in c("AFR", "CIS", "world")) {
    scores <- as.data.frame(gci(2024), level = c("overall", "pillar"))
    if (scope != "world") {
      scores <- scores[scores$unit %in% countries$iso3[countries$itu_region == scope], ]
    }
    table <- read_table(kinds()[[scope]]$path, "tbl_scores")
    expect_setequal(table$Code, scores$unit)
    expect_identical(anyDuplicated(table$Code), 0L)
    expect_identical(table$Country, country_names$en[match(table$Code, country_names$iso3)])
    for (code in unique(scores$item)) {
      column <- if (code == "GCI") 4L else 4L + match(code, c("LS", "TS", "OS", "CDS", "CS"))
      own <- scores[scores$item == code, ]
      expect_equal(table[[column]], own$score[match(table$Code, own$unit)], tolerance = 1e-12)
    }
    own <- scores[scores$item == "GCI", ]
    expect_identical(sub("^Tier ([1-5]),.*", "T\\1", table$Tier), as.character(own$tier)[match(table$Code, own$unit)])
  }
})

without_accents <- function(x) {
  plain <- tolower(chartr("\u00f4\u00fc\u00e3\u00e9\u00ed", "ouaei", x))
  stopifnot(!grepl("[^ -~]", plain)) # else the test needs more letters
  plain
}

test_that("countries stand in alphabetical order, within tiers in a region", {
  table <- read_table(kinds()$world$path, "tbl_scores")
  plain <- without_accents(table$Country)
  expect_identical(order(plain, method = "radix"), seq_along(plain))
  for (scope in c("AFR", "CIS")) {
    table <- read_table(kinds()[[scope]]$path, "tbl_scores")
    plain <- without_accents(table$Country)
    expect_identical(order(table$Tier, plain, method = "radix"), seq_along(plain))
  }
})

test_that("groups have the statistics of cap_regions()", {
  by <- c("itu_region", "ldc", "lldc", "sids", "income", "subregion", "world")
  labels <- stats::setNames(unique(countries$itu_region_name), unique(countries$itu_region))
  for (scope in c("world", "AFR", "CIS")) {
    inside <- countries$iso3
    if (scope != "world") inside <- countries$iso3[countries$itu_region == scope]
    answers <- gci_items[gci_items$edition == 2024 & gci_items$iso3 %in% inside, ]
    stats <- as.data.frame(cap_regions(cap_index(cap_answers(answers, "gci-2024")), by))
    stats <- stats[stats$item == "GCI" & stats$n > 0, ]
    stats$group <- ifelse(stats$group %in% names(labels), labels[stats$group], stats$group)
    table <- read_table(kinds()[[scope]]$path, "tbl_groups")
    # a region may have the world beside it, of which these answers know nothing
    table <- table[table$Grouping != "World", ]
    at <- match(ifelse(table$Grouping == "All" & table$Group != "World", labels[scope], table$Group), stats$group)
    expect_false(anyNA(at))
    columns <- c(
      n = "Countries", mean = "Mean", median = "Median", q1 = "Lower quartile", q3 = "Upper quartile",
      mean_weighted = grep("average internet user", names(table), value = TRUE),
      se_weighted = "Standard error", n_eff = "Effective number", n_without_users = "Without users"
    )
    for (name in names(columns)) {
      expect_equal(as.numeric(table[[columns[[name]]]]), as.numeric(stats[[name]][at]),
        tolerance = 1e-9, info = paste(scope, name)
      )
    }
  }
})

test_that("indicators of a group count its countries", {
  for (scope in c("AFR", "CIS", "world")) {
    data <- gci_items[gci_items$edition == 2024, ]
    if (scope != "world") data <- data[data$iso3 %in% countries$iso3[countries$itu_region == scope], ]
    table <- read_table(kinds()[[scope]]$path, "tbl_indicators")
    count <- function(test) as.numeric(tapply(test, factor(data$item, table$Code), sum))
    expect_identical(table[["Countries in place"]], count(data$value == 1))
    expect_identical(table[["Partly"]], count(data$value > 0 & data$value < 1))
    expect_identical(table[["Not in place"]], count(data$value == 0))
    expect_equal(table[["In place, % of countries"]], 100 * count(data$value == 1) / length(unique(data$iso3)))
  }
})

test_that("first pages of groups hold medians, quartiles and tier counts", {
  world <- read_table(kinds()$world$path, "tbl_regions")
  last <- world[nrow(world), ]
  expect_identical(unlist(last[3:7], use.names = FALSE), c(46, 29, 49, 56, 14))
  expect_identical(colSums(world[-nrow(world), 2:7]), unlist(last[2:7]))
  expect_identical(rowSums(world[3:7]), world$Countries, ignore_attr = TRUE)
  regions <- as.data.frame(cap_regions(gci(2024)))
  for (scope in c("AFR", "CIS")) {
    table <- read_table(kinds()[[scope]]$path, "tbl_pillars")
    own <- regions[regions$group == scope, ]
    own <- own[match(c("LS", "TS", "OS", "CDS", "CS", "GCI"), own$item), ]
    expect_equal(unname(as.matrix(table[2:4])), unname(as.matrix(own[c("median", "q1", "q3")])), tolerance = 1e-9)
    tiers <- read_table(kinds()[[scope]]$path, "tbl_tiers")
    expect_identical(sum(tiers[[2]]), as.numeric(own$n[[1]]))
    expect_identical(tiers[[3]], c(46, 29, 49, 56, 14))
    expect_equal(colSums(tiers[4:5]), c(100, 100), ignore_attr = TRUE)
  }
})

test_that("at most five findings, and their numbers stand in tables", {
  for (scope in names(kinds())) {
    made <- kinds()[[scope]]
    found <- cap_findings(made$brief)
    expect_gt(nrow(found), 0)
    expect_lte(nrow(found), 5)
    tables <- all_tables(made$path)
    for (i in seq_len(nrow(found))) {
      stated <- stated_numbers(found$text[[i]], found$numbers[[i]])
      nowhere <- stated[!vapply(stated, stands_in, NA, tables = tables)]
      expect_identical(nowhere, character(), info = paste0(scope, ": ", found$text[[i]]))
    }
  }
})

test_that("findings stand on the first page word for word", {
  for (made in kinds()) {
    text <- cell(made$path, "Brief", "A4:A14")
    text <- paste(trimws(text[!is.na(text)]), collapse = " ")
    for (sentence in cap_findings(made$brief)$text) {
      expect_true(grepl(sentence, gsub(" +", " ", text), fixed = TRUE), info = sentence)
    }
  }
})

test_that("what is good stands first, and full marks leave no growth", {
  expect_match(cap_findings(kinds()$KEN$brief)$key[[1]], "strength")
  full <- cap_findings(kinds()$ARE$brief)
  expect_false(any(grepl("growth|strength", full$key)))
  expect_true("unit.complete" %in% full$key)
  expect_false(any(grepl("strength", cap_findings(kinds()$VAT$brief)$key)))
  even <- gci_items[gci_items$edition == 2024, ]
  even$value[even$iso3 == "FJI"] <- 0.5
  found <- cap_findings(cap_brief(cap_index(cap_answers(even, "gci-2024")), "FJI"))
  expect_identical(found$text[[1]], "The pillars are even: each at 10.0 of 20 points.")
})

test_that("words of cause, sequence of blame and rank are not used", {
  for (made in kinds()) {
    text <- paste(gsub("<[^>]*>", " ", xml_parts(made$path)), collapse = " ")
    expect_false(grepl("\\b(rose|fell|drives?|falling behind|laggard|worst|top ten|cheapest)\\b", text, ignore.case = TRUE))
  }
})

# Red lines ---------------------------------------------------------------------

test_that("a country's file holds no other country's name, code or score", {
  for (unit in c(units, "VAT")) {
    path <- kinds()[[unit]]$path
    year <- if (unit == "VAT") 2020 else 2024
    parts <- xml_parts(path)
    text <- paste(gsub("<[^>]*>", " ", parts), collapse = " ")
    # names of groups may hold those of countries: Western Sahara in Africa
    groups <- unique(c(countries$itu_region_name, countries$unsd_subregion, countries$unsd_region, one_name(unit)))
    for (name in groups[order(-nchar(groups))]) text <- gsub(name, " ", text, fixed = TRUE)
    names <- unique(unlist(country_names[country_names$iso3 != unit, c("en", "fr", "es", "ru", "zh", "ar")]))
    escaped <- gsub("([^\\w ])", "\\\\\\1", names, perl = TRUE)
    found <- names[vapply(escaped, function(p) grepl(paste0("(?<!\\w)", p, "(?!\\w)"), text, perl = TRUE), NA)]
    expect_identical(found, character(), info = unit)
    strings <- gsub("<[^>]*>", "", between(parts[["xl/sharedStrings.xml"]], "<t[^>]*>[^<]*</t>"))
    others <- setdiff(countries$iso3, unit)
    expect_identical(intersect(strings, c(others, countries$iso2[countries$iso3 != unit])), character(), info = unit)
    expect_false(any(grepl(paste0("(?<![A-Za-z])(", paste(others, collapse = "|"), ")(?![A-Za-z])"),
      strings, perl = TRUE)), info = unit)
    # scores of others, at either level and in either edition, to six decimals
    sheets <- paste(parts[grepl("worksheets/|charts/", names(parts))], collapse = "")
    numbers <- as.numeric(gsub("</?(c:)?v>", "", between(sheets, "<(c:)?v>[-0-9.e]+</(c:)?v>")))
    scores <- gci_scores[gci_scores$iso3 != unit, ]
    own <- gci_scores$value[gci_scores$iso3 == unit]
    secret <- setdiff(round(scores$value, 6), round(c(own, 0:100), 6))
    # what the country has itself is no secret: its points, its change, and
    # shares of counts
    indicators <- read_table(path, "tbl_indicators")
    known <- round(c(
      unlist(indicators[c("Points", "Points left", "Maximum points")]), indicators[[9]],
      if (unit != "VAT") unlist(read_table(path, "tbl_change")[-1])
    ), 6)
    expect_identical(setdiff(intersect(round(numbers, 6), secret), known), numeric(), info = unit)
  }
})

test_that("ranks stand in the world's file only, and only when asked for", {
  plain <- xml_parts(kinds()$world$path)
  expect_false(any(grepl("Rank ", plain, fixed = TRUE)))
  ranked <- write_brief(gci(2024), "world", ranks = TRUE)
  table <- read_table(ranked$path, "tbl_scores")
  own <- overall(gci(2024))
  expect_equal(table[["Rank (research use)"]], as.numeric(own$rank[match(table$Code, own$unit)]))
  expect_error(cap_brief(gci(2024), "AFR", ranks = TRUE), class = "cap_error_input")
  expect_error(cap_brief(gci(2024), "KEN", ranks = TRUE), class = "cap_error_input")
})

test_that("groups under 5 are suppressed and said to be", {
  members <- data.frame(unit = c("KEN", "UGA", "TZA", "RWA"), group = "EAC")
  made <- write_brief(gci(2024), "KEN", by = members)
  shown <- read_text(made$path, "tbl_pillars")
  expect_true(all(shown[[4]] == "[c]"))
  expect_true(all(shown[["Gap to the median"]] == "[c]"))
  expect_true(all(read_text(made$path, "tbl_indicators")[[9]] == "[c]"))
  expect_true(any(grepl("groups under 5 are suppressed", read_text(made$path, "tbl_notes")$Text)))
  expect_false(any(grepl("unit.peers", cap_findings(made$brief)$key)))
  five <- write_brief(gci(2024), "KEN", by = rbind(members, data.frame(unit = "BDI", group = "EAC")))
  median <- stats::median(overall(gci(2024))$score[overall(gci(2024))$unit %in% c(members$unit, "BDI")])
  expect_equal(read_table(five$path, "tbl_pillars")[[4]][[6]], round_half_up(median, 1))
})

test_that("the status is said in title, status line, file name and properties", {
  folder <- withr::local_tempdir()
  index <- gci(2024)
  name <- function(scope, ...) basename(cap_brief(index, scope, release = dated(...), path = folder)$path)
  expect_identical(name("KEN", "final"), "gci-2024-KEN-final-v1.0.xlsx")
  expect_identical(name("KEN", "verification", version = "0.2"), "gci-2024-KEN-verification-v0.2.xlsx")
  expect_identical(name("AFR", "draft", version = "a/b c"), "gci-2024-AFR-draft-va-b-c.xlsx")
  made <- write_brief(index, "KEN", path = folder)
  expect_identical(basename(made$path), "gci-2024-KEN-draft-v1.0.xlsx")
  for (sheet in readxl::excel_sheets(made$path)) {
    expect_match(cell(made$path, sheet, "A1:A1"), "^\\[Draft\\] ")
    expect_match(cell(made$path, sheet, "A2:A2"), "^Status: draft v1[.]0 ")
  }
  core <- xml_parts(made$path)[["docProps/core.xml"]]
  expect_match(core, "<dc:title>[Draft] Kenya", fixed = TRUE)
  expect_match(core, "<cp:contentStatus>draft v1.0</cp:contentStatus>", fixed = TRUE)
  # draft is what a brief is unless said otherwise
  expect_match(cap_brief(index, "KEN")$plan$properties$title, "^\\[Draft\\]")
  until <- function(day) {
    cap_brief(index, "KEN", release = dated("embargoed", embargo_until = as.Date(day)))
  }
  expect_no_warning(made <- until("2024-10-01"))
  expect_match(made$plan$properties$status, "embargoed until 2024-10-01")
  expect_no_warning(until(brief_day))
  expect_warning(until("2024-09-11"), "ends on 2024-09-11, before 2024-09-12", class = "cap_warning")
})

test_that("a framework that is not official says so", {
  own <- small(title = "Ours", status = "illustrative")
  made <- write_brief(cap_index(cap_answers(small_answers(), own)), "AAA", by = "world")
  expect_match(cell(made$path, 1, "A2:A2"), "Framework: illustrative", fixed = TRUE)
})

# Bytes -------------------------------------------------------------------------

test_that("the same call gives the same bytes", {
  same <- function(a, b) expect_identical(unname(tools::md5sum(a)), unname(tools::md5sum(b)))
  for (scope in c("KEN", "CIS", "world")) {
    first <- kinds()[[scope]]$path
    again <- function(index = gci(2024), previous = gci(2020), created = brief_day) {
      write_brief(index, scope, previous = previous, release = dated("final", created = created))$path
    }
    same(first, again())
    same(first, again(created = as.Date(brief_day)))
    same(first, again(created = as.POSIXct(brief_day, tz = "UTC")))
    same(first, again(created = 1726099200))
    withr::with_envvar(c(SOURCE_DATE_EPOCH = "1726099200"), same(first, again(created = NULL)))
    rows <- shuffled(gci_items[gci_items$edition == 2024, ])
    old <- shuffled(gci_items[gci_items$edition == 2020, ], 2)
    same(first, again(
      cap_index(cap_answers(rows, "gci-2024")), cap_index(cap_answers(old, "gci-2020"))
    ))
    withr::with_timezone("Asia/Tokyo", same(first, again()))
  }
  later <- write_brief(gci(2024), "KEN", previous = gci(2020), release = dated("final", created = "2024-09-13"))$path
  expect_false(unname(tools::md5sum(later)) == unname(tools::md5sum(kinds()$KEN$path)))
})

test_that("a time stamp that cannot be read is refused", {
  bad <- list("yesterday", NA, -5, 0, c(1, 2), TRUE, list(), "1726099200x", Inf)
  for (created in bad) {
    expect_error(cap_release(created = created), class = "cap_error_input", info = paste(format(created), collapse = " "))
  }
  withr::local_envvar(SOURCE_DATE_EPOCH = "soon")
  expect_error(cap_brief(gci(2024), "KEN"), class = "cap_error_input")
})

test_that("an index of two editions has the earlier one as its edition before", {
  items <- small_items()
  data <- rbind(small_answers(), transform(small_answers(), edition = 2020L, value = value / 2))
  both <- cap_index(cap_answers(data, small()))
  brief <- cap_brief(both, "AAA", by = "world")
  sheets <- vapply(brief$plan$sheets, `[[`, "", "name")
  expect_true("Since the last edition" %in% sheets)
  one <- function(year) cap_index(cap_answers(data[data$edition == year, ], small()))
  given <- cap_brief(one(2024), "AAA", by = "world", previous = one(2020))
  expect_identical(cap_findings(brief), cap_findings(given))
  expect_identical(cap_findings(brief)$key[[nrow(cap_findings(brief))]], "unit.change")
  # one edition only: no sheet, no sentence
  alone <- cap_brief(one(2024), "AAA", by = "world")
  expect_false("Since the last edition" %in% vapply(alone$plan$sheets, `[[`, "", "name"))
  expect_false("unit.change" %in% cap_findings(alone)$key)
})

# Texts that attack ---------------------------------------------------------------

invalid <- function() {
  x <- "bad\xe9\xff"
  Encoding(x) <- "UTF-8"
  x
}
hostile <- function() {
  c(
    "=cmd()", "<b>&\"'</b>", "\U0001f600 emoji", strrep("x", 40000), "bell\a\x1b[31m\nline",
    invalid(), "@SUM(A1)", "+1", "-2", "https://example.org", "_x0041_", "{=1+1}"
  )
}
shown_as <- function(x) xlsx_clean_text(x)$text

test_that("hostile names stay text and are counted on the notes sheet", {
  index <- gci(2024)
  units <- sort(countries$iso3[countries$itu_region == "AFR"])[seq_along(hostile())]
  made <- write_brief(index, "AFR", names = data.frame(unit = units, name = hostile()))
  table <- as.data.frame(readxl::read_excel(made$path, "Scores",
    range = xlsx_tables(made$path)$ref[xlsx_tables(made$path)$name == "tbl_scores"], trim_ws = FALSE
  ))
  back <- table$Country[match(units, table$Code)]
  expect_identical(gsub("\r", "", back), shown_as(hostile()))
  parts <- xml_parts(made$path)
  expect_false(any(grepl("<f>", parts, fixed = TRUE)))
  expect_false(any(grepl("example.org", parts[grepl("rels$", names(parts))], fixed = TRUE)))
  note <- grep("cannot hold", read_text(made$path, "tbl_notes")$Text, value = TRUE)
  expect_identical(note, "4 characters that a workbook cannot hold were replaced and 1 text cut.")
  for (name in hostile()) {
    one <- write_brief(index, "KEN", names = data.frame(iso3 = "KEN", name = name))
    expect_identical(readxl::excel_sheets(one$path), setdiff(country_sheets, "Since the last edition"))
    expect_true(nzchar(cell(one$path, "Brief", "A1:A1")))
  }
})

test_that("hostile codes of units and items stay text", {
  codes <- c("=cmd()", "<b>&\"'</b>", "\U0001f600", strrep("x", 40000), "bell\a", invalid())
  data <- do.call(rbind, lapply(codes, function(code) transform(small_answers()[1:4, ], iso3 = code)))
  outcome <- tryCatch(cap_index(cap_answers(data, small())), cap_error_input = function(e) NULL)
  if (is.null(outcome)) { # a code that is no text is refused: the others are not
    data <- data[!data$iso3 %in% invalid(), ]
    outcome <- cap_index(cap_answers(data, small()))
  }
  by <- data.frame(unit = outcome$unit, group = "=all")
  made <- write_brief(outcome, "world", by = by)
  expect_setequal(read_table(made$path, "tbl_scores")$Code, shown_as(trimws(outcome$unit)))
  for (unit in outcome$unit) {
    one <- write_brief(outcome, unit, by = by)
    expect_false(any(grepl("<f>", xml_parts(one$path), fixed = TRUE)))
    # of a code of 40,000 characters the cell holds what a cell can
    expect_identical(substr(cell(one$path, "Brief", "A1:A1"), 1, 9), paste0("[Draft] ", substr(shown_as(unit), 1, 1)))
  }
  # in a folder the name is one that a file can have
  folder <- withr::local_tempdir()
  expect_identical(dirname(cap_brief(outcome, "<b>&\"'</b>", by = by, path = folder)$path), folder)
})

test_that("a user's own names replace those of the United Nations", {
  own <- data.frame(unit = c("CIV", "KEN"), name = c("Ivory Coast", "Jamhuri ya Kenya"))
  made <- write_brief(gci(2024), "AFR", names = own)
  table <- read_table(made$path, "tbl_scores")
  expect_identical(table$Country[match(own$unit, table$Code)], own$name)
  expect_identical(table$Country[table$Code == "GHA"], "Ghana")
  expect_match(write_brief(gci(2024), "KEN", names = own)$brief$title, "^Jamhuri ya Kenya: ")
})

# Other shapes of data --------------------------------------------------------------

test_that("a framework without bands has no tiers, and its charts stay away", {
  index <- gci(2020)
  world <- write_brief(index, "world")
  expect_match(world$brief$title, "^World: median [0-9.]+ of 100, GCI 2020$")
  expect_false(any(grepl("Tier", names(read_table(world$path, "tbl_scores")))))
  region <- write_brief(index, "CIS")
  expect_false("tbl_tiers" %in% xlsx_tables(region$path)$name)
  expect_false(any(grepl("tier", read_text(region$path, "tbl_contents")[[2]])))
  expect_false(grepl("by tier", cell(region$path, "Scores", "A1:A1")))
})

test_that("without users, or with none online, weighted figures are not there", {
  none <- write_brief(gci(2024), "CIS", users = NULL)
  zero <- data.frame(unit = countries$iso3, edition = 2024, users = 0)
  zeros <- write_brief(gci(2024), "CIS", users = zero)
  for (made in list(none, zeros)) {
    table <- read_table(made$path, "tbl_groups")
    expect_true(all(is.na(table[["Standard error"]])))
    expect_true(all(is.na(table[[grep("average internet user", names(table))]])))
    expect_false("group.users" %in% cap_findings(made$brief)$key)
  }
  # not every country of a CIS file without users is one to list by name
  expect_false(any(grepl("^9 without a figure", read_text(none$path, "tbl_notes")$Text)))
})

test_that("missing answers are marked and never taken for 0", {
  data <- gci_items[gci_items$edition == 2024, ]
  data$value[data$iso3 == "FJI" & data$item %in% c("LS1", "TS1", "CS2")] <- NA
  data$value[data$iso3 == "TUV"] <- NA
  answers <- cap_answers(data, "gci-2024")
  renormalised <- cap_index(answers, missing = "renormalise")
  made <- write_brief(renormalised, "FJI", previous = gci(2020))
  shown <- read_text(made$path, "tbl_indicators")
  gone <- shown$Code %in% c("LS1", "TS1", "CS2")
  expect_true(all(shown[[5]][gone] == "[x]" & shown$State[gone] == "[x]" & shown$Points[gone] == "[x]"))
  expect_false(any(shown[[5]][!gone] == "[x]"))
  found <- cap_findings(made$brief)
  expect_true("unit.missing" %in% found$key)
  last <- cell(made$path, "Brief", "A1:A60")
  expect_true(any(grepl("3 missing [x]", last, fixed = TRUE)))
  zero <- write_brief(cap_index(answers, missing = "zero"), "FJI")
  table <- read_table(zero$path, "tbl_pillars")
  expect_equal(table[[2]][[6]], overall(cap_index(answers, missing = "zero"))$score[
    overall(renormalised)$unit == "FJI"])
  expect_error(cap_brief(renormalised, "TUV"), class = "cap_error_input")
  # a unit without a score stands in lists with its gap marked
  world <- write_brief(renormalised, "world", previous = gci(2020))
  scores <- read_text(world$path, "tbl_scores")
  expect_identical(unlist(scores[scores$Code == "TUV", c("Tier", "Score")], use.names = FALSE), c("[x]", "[x]"))
  expect_true("group.missing" %in% cap_findings(world$brief)$key)
  expect_match(world$brief$title, "75 of 193 countries|74 of 193 countries")
  expect_lte(nrow(cap_findings(world$brief)), 5)
})

test_that("a unit without a region has no medians, and says which shorthand", {
  by <- data.frame(unit = c("UGA", "TZA"), group = "X")
  made <- write_brief(gci(2024), "KEN", by = by)
  shown <- read_text(made$path, "tbl_pillars")
  expect_true(all(shown[[4]] == "[z]"))
  expect_false(any(grepl("NA", names(shown))))
  world <- write_brief(gci(2024), "world", by = by)
  expect_true(any(grepl("192 in no region", read_text(world$path, "tbl_notes")$Text)))
})

test_that("frameworks of any shape make a brief", {
  shapes <- list(
    flat = data.frame(code = c("IDX", "A", "B", "C"), parent = c("", "IDX", "IDX", "IDX")),
    one = tree_items(1, 3), many = tree_items(30, 2),
    long = tree_items(3, 2, function(x) paste0(x, " ", strrep("measure ", 25))),
    wide_word = tree_items(3, 2, function(x) paste0(x, strrep("m", 200))),
    twins = tree_items(3, 2, function(x) ifelse(x == "Index", x, "The same label")),
    deep = data.frame(
      code = c("IDX", "P", "Q", "P1", "P2", "Q1", "P1a", "P1b", "P2a", "Q1a"),
      parent = c("", "IDX", "IDX", "P", "P", "Q", "P1", "P1", "P2", "Q1"),
      max = c(100, 50, 50, 10, 10, 10, 1, 2, 4, 3)
    )
  )
  for (shape in names(shapes)) {
    framework <- cap_framework(list(
      items = shapes[[shape]],
      bands = data.frame(label = c("High", "Low"), lower = c(50, 0), name = c("High", "Low"))
    ))
    index <- cap_index(cap_answers(made_answers(framework), framework))
    by <- data.frame(unit = index$unit, group = "G")
    scores <- as.data.frame(index)
    for (scope in c("U01", "G", "world")) {
      made <- write_brief(index, scope, by = by)
      expect_lte(nrow(cap_findings(made$brief)), 5)
      tables <- all_tables(made$path)
      if (scope == "U01") {
        own <- scores[scores$unit == "U01" & scores$item == "IDX", ]
        expect_equal(utils::tail(tables$tbl_pillars[[2]], 1), own$score, info = shape)
        expect_equal(sum(tables$tbl_indicators$Points), own$score, tolerance = 1e-9, info = shape)
        expect_equal(sum(tables$tbl_indicators[["Maximum points"]]), 100, tolerance = 1e-9, info = shape)
      } else {
        own <- scores[scores$item == "IDX", ]
        expect_equal(tables$tbl_scores$Score[order(tables$tbl_scores$Code)], own$score, info = shape)
      }
    }
  }
})

test_that("one unit alone makes a world", {
  index <- cap_index(cap_answers(small_answers()[1:4, ], small()))
  made <- write_brief(index, "world", by = data.frame(unit = "AAA", group = "G"))
  expect_identical(nrow(read_table(made$path, "tbl_scores")), 1L)
  expect_identical(read_text(made$path, "tbl_groups")[["Standard error"]][[1]], "[x]")
})

# Refusals ----------------------------------------------------------------------

test_that("an existing file is kept unless overwrite is TRUE", {
  path <- withr::local_tempfile(fileext = ".xlsx")
  writeLines("mine", path)
  expect_error(cap_brief(gci(2024), "KEN", path = path), class = "cap_error_io")
  expect_identical(readLines(path), "mine")
  expect_error(cap_brief(gci(2024), "XXX", path = path, overwrite = TRUE), class = "cap_error_input")
  expect_identical(readLines(path), "mine")
  brief <- withVisible(cap_brief(gci(2024), "KEN", path = path, overwrite = TRUE))
  expect_false(brief$visible)
  expect_identical(brief$value$path, path)
  expect_identical(readxl::excel_sheets(path)[[1]], "Brief")
})

test_that("a brief without a path is a plan and writes nothing", {
  folder <- withr::local_tempdir()
  withr::local_dir(folder)
  brief <- cap_brief(gci(2024), "KEN")
  expect_null(brief$path)
  expect_s3_class(brief, c("cap_brief", "cap_result"), exact = TRUE)
  expect_identical(list.files(folder, all.files = TRUE, no.. = TRUE), character())
  expect_identical(nrow(as.data.frame(brief)), 6L)
  expect_s3_class(cap_table(brief), "cap_table")
  expect_output(print(brief), "Kenya: Tier 1")
})

test_that("what cannot be briefed is refused with a reason", {
  local_messages()
  index <- gci(2024)
  expect_snapshot(error = TRUE, {
    cap_brief(index, "XXX")
    cap_brief(index, c("KEN", "FJI"))
    cap_brief(index, "KEN", audience = "public")
    cap_brief(index, "AFR", audience = "country")
    cap_brief(index, "KEN", release = "published")
    cap_brief(index, "KEN", release = "embargoed")
    cap_brief(index, "KEN", release = list(status = "final"))
    cap_brief(index, "KEN", style = "Letter")
    cap_brief(index, "KEN", ranks = TRUE)
    cap_brief(index, "KEN", lang = "tlh")
    cap_brief(index, "KEN", path = "brief.docx")
    cap_brief(index, "KEN", previous = index)
    cap_brief(index, "KEN", names = data.frame(unit = c("KEN", "KEN"), name = c("a", "b")))
    cap_brief(index, "EMPTY", by = data.frame(unit = "QQQ", group = "EMPTY"))
    cap_brief(gci_answers(2024), "KEN")
  })
  gone <- file.path(withr::local_tempdir(), "gone", "x.xlsx")
  expect_error(cap_brief(index, "KEN", path = gone), class = "cap_error_io")
  expect_error(cap_brief(index, "KEN", path = NA), class = "cap_error_input")
  expect_error(cap_brief(index, "KEN", path = ""), class = "cap_error_input")
})

test_that("a scope is found by the code or the label of a group", {
  by_code <- cap_brief(gci(2024), "CIS")
  by_label <- cap_brief(gci(2024), "Commonwealth of Independent States")
  expect_identical(by_code$title, by_label$title)
  by <- data.frame(unit = c("KEN", "UGA"), group = "eac", label = "East Africa")
  expect_match(cap_brief(gci(2024), "eac", by = by)$title, "^East Africa: 1 of 2|^East Africa: ")
})

test_that("a day of an embargo has its year first, and is the user's own day", {
  for (day in list("31/12/2024", "1/2/24", "2024-13-01", "2024-1-2", c("2024-12-31", "2025-01-01"), NA, 20240912)) {
    expect_error(
      cap_release("embargoed", embargo_until = day),
      "one date such as \"2024-12-31\"", class = "cap_error_input"
    )
  }
  at_night <- as.POSIXct("2027-12-31 23:30", tz = "America/New_York")
  brief <- cap_brief(gci(2024), "FJI", release = cap_release("embargoed", embargo_until = at_night))
  expect_match(brief$plan$properties$comments, "2027-12-31", fixed = TRUE)
})
