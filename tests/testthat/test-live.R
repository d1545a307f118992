# What the formulas give when computed anew is tested in tests/shell.

write_whatif <- function(index, scope, ..., status = "final", path = tempfile(fileext = ".xlsx")) {
  whatif <- cap_whatif(index, scope, ..., release = dated(status), path = path)
  list(whatif = whatif, path = whatif$path)
}
shipped_whatif <- function(scope) once(paste("whatif", scope), write_whatif(gci(2024), scope))
sheet_xml <- function(path, sheet) {
  xml_parts(path)[[paste0("xl/worksheets/sheet", match(sheet, readxl::excel_sheets(path)), ".xml")]]
}

test_that("the workbook holds what the core computed, cell by cell", {
  whatif <- shipped_whatif("world")
  index <- gci(2024)
  scores <- read_table(whatif$path, "tbl_scores")
  row <- match(scores$Code, index$unit)
  expect_identical(sort(row), seq_along(index$unit))
  expect_equal(scores[["Score, as computed"]], index$scores[row, index$framework$root], tolerance = 1e-12)
  expect_equal(scores[["Score, your weights"]], scores[["Score, as computed"]], tolerance = 1e-12)
  expect_identical(scores[["Tier, your weights"]], scores[["Tier, as computed"]])
  expect_identical(substr(scores[["Tier, as computed"]], 6, 6), substr(as.character(tier_factor(
    index_bands(index), index$framework
  ))[row], 2, 2))
  answers <- read_table(whatif$path, "tbl_answers")
  expect_equal(answers$TS2, index$answers$values[row, match("TS2", leaf_codes(index$framework))], tolerance = 1e-12)
  shares <- read_table(whatif$path, "tbl_workings")
  for (code in c("GCI", "CDS", "OS4")) {
    node <- match(code, index$framework$items$code)
    expect_equal(shares[[code]], index$scores[row, node] / index$framework$items$max[node], tolerance = 1e-12)
  }
  counts <- read_table(whatif$path, "tbl_what_if")
  expect_identical(counts[["Units, as computed"]], as.numeric(table(overall(index)$tier)))
  expect_identical(counts[["Units, your weights"]], counts[["Units, as computed"]])
  weights <- read_table(whatif$path, "tbl_weights")
  expect_equal(
    weights[["Original weight"]], unname(stats::weights(index$spec$weights)[weights$Code]),
    tolerance = 1e-12
  )
  expect_identical(weights[["Your weight"]], weights[["Original weight"]])
  expect_lt(file.size(whatif$path), 1e6)
})

test_that("next steps are what the index gains when an item is raised", {
  whatif <- shipped_whatif("FJI")
  steps <- read_table(whatif$path, "tbl_next_steps")
  items <- gci_items[gci_items$iso3 == "FJI" & gci_items$edition == 2024, ]
  expect_setequal(steps$Code, items$item[items$value < 1])
  for (code in c("LS2", "TS3", "CS5")) {
    raised <- items
    raised$value[raised$item == code] <- 1
    gain <- overall(cap_index(cap_answers(raised, "gci-2024")))$score - overall(gci(2024))$score[gci(2024)$unit == "FJI"]
    expect_equal(steps[["Points gained"]][steps$Code == code], gain, tolerance = 1e-9)
  }
  expect_true(all(steps[["Your cost"]] == 1))
  priced <- write_whatif(gci(2024), "FJI", costs = c(TS1 = 4, CS5 = 0))
  text <- read_text(priced$path, "tbl_next_steps")
  expect_identical(text[["Points per cost"]][text$Code == "CS5"], "[z]")
  cost <- read_table(priced$path, "tbl_next_steps")
  one <- cost[cost$Code == "TS1", ]
  expect_equal(one[["Points per cost"]], one[["Points gained"]] / 4, tolerance = 1e-12)
})

test_that("points are right under a rule that is no sum, and with gaps", {
  index <- nested_index(aggregate = c(overall = "geometric"), missing = "renormalise", gaps = 4)
  whatif <- write_whatif(index, "U05")
  steps <- read_table(whatif$path, "tbl_next_steps")
  values <- index$answers$values[index$unit == "U05", ]
  names(values) <- leaf_codes(index$framework)
  ends <- scale_ends(index$framework)
  expect_true(anyNA(values))
  for (i in seq_len(nrow(steps))) {
    better <- values
    better[steps$Code[i]] <- ends$full[match(steps$Code[i], names(values))]
    data <- data.frame(iso3 = "U05", item = names(values), value = better, edition = 2024L)
    raised <- cap_index(cap_answers(data, index$framework), aggregate = index$spec$aggregate, missing = "renormalise")
    gain <- raised$scores[1, 1] - index$scores[index$unit == "U05", 1]
    expect_equal(steps[["Points gained"]][i], gain, tolerance = 1e-9)
  }
  expect_setequal(steps$Code, names(values)[is.na(values) | values != ends$full])
})

test_that("only cells to fill in are unlocked, and every sheet is protected without a password", {
  for (scope in c("world", "FJI")) {
    path <- shipped_whatif(scope)$path
    parts <- xml_parts(path)
    sheets <- parts[grepl("worksheets/sheet[0-9]+[.]xml$", names(parts))]
    protection <- vapply(sheets, function(x) between(x, "<sheetProtection[^>]*>"), "")
    expect_false(any(grepl("password|hash", protection)))
    expect_true(all(grepl("formatColumns=\"0\"", protection) & grepl("autoFilter=\"0\"", protection)))
    formats <- sub("(?s)^.*<cellXfs[^>]*>(.*)</cellXfs>.*$", "\\1", parts[["xl/styles.xml"]], perl = TRUE)
    xfs <- strsplit(formats, "<xf ", fixed = TRUE)[[1]][-1]
    open <- which(grepl("locked=\"0\"", xfs)) - 1L
    unlocked <- function(sheet) {
      cells <- between(sheet_xml(path, sheet), "<c r=\"[A-Z]+[0-9]+\" s=\"[0-9]+\"")
      sub("^.*r=\"([A-Z]+[0-9]+)\".*$", "\\1", cells[attribute(paste0(cells, ">"), "s") %in% open])
    }
    expect_identical(unlocked("Weights"), paste0("E", 5:29))
    steps <- read_table(path, "tbl_next_steps")
    rows <- STEPS_HEAD + seq_len(nrow(steps))
    expect_setequal(
      unlocked("Next steps"), c(paste0(rep(c("F", "H", "J"), each = length(rows)), rows), if (scope == "world") "E5")
    )
    for (sheet in setdiff(readxl::excel_sheets(path), c("Weights", "Next steps"))) {
      expect_identical(unlocked(sheet), character(), info = sheet)
    }
    expect_no_match(parts[["xl/workbook.xml"]], "hidden")
    # lists come from cells
    lists <- between(sheet_xml(path, "Next steps"), "<dataValidation type=\"list\".*?</dataValidation>")
    expect_length(lists, if (scope == "world") 2L else 1L)
    expect_match(lists, "<formula1>'(Next steps|Scores)'!\\$[A-Z]+\\$[0-9]+:\\$[A-Z]+\\$[0-9]+</formula1>")
  }
})

test_that("a country's file holds that country alone", {
  parts <- paste(xml_parts(shipped_whatif("FJI")$path), collapse = "\n")
  expect_match(parts, "Fiji", fixed = TRUE)
  others <- setdiff(country_names$en[country_names$iso3 %in% gci(2024)$unit], "Fiji")
  found <- others[vapply(others, function(x) grepl(paste0(">", x, "<"), parts, fixed = TRUE), NA)]
  expect_identical(found, character())
  score <- format(gci(2024)$scores[gci(2024)$unit == "KEN", 1], digits = 12)
  expect_no_match(parts, substr(score, 1, 9), fixed = TRUE)
  some <- write_whatif(gci(2024), "AFR", units = c("KEN", "RWA"))
  expect_identical(read_table(some$path, "tbl_scores")$Code, c("KEN", "RWA"))
  expect_identical(as.data.frame(some$whatif)$unit, c("KEN", "RWA"))
})

test_that("the same stamp gives the same bytes, in any order of units and items", {
  answers <- gci_items[gci_items$edition == 2024 & gci_items$iso3 %in% c("KEN", "FJI", "RWA"), ]
  index <- cap_index(cap_answers(answers, "gci-2024"))
  first <- write_whatif(index, "world")
  expect_identical(tools::md5sum(write_whatif(index, "world")$path)[[1]], tools::md5sum(first$path)[[1]])
  other <- write_whatif(cap_index(cap_answers(shuffled(answers), "gci-2024")), "world")
  expect_identical(read_table(other$path, "tbl_scores"), read_table(first$path, "tbl_scores"))
})

test_that("hostile names stay text and each can be chosen", {
  index <- nested_index()
  hostile <- c("=1+1", "A*", "A?", "It's \"quoted\" & <b>", "A*", "{r}")
  whatif <- write_whatif(index, "world", names = data.frame(unit = index$unit, name = hostile))
  scores <- read_table(whatif$path, "tbl_scores")
  expect_setequal(scores$Unit, c("=1+1", "A* [U02]", "A?", "It's \"quoted\" & <b>", "A* [U05]", "{r}"))
  expect_no_match(sheet_xml(whatif$path, "Scores"), "<f>1+1", fixed = TRUE)
  one <- write_whatif(index, "U04", names = data.frame(unit = index$unit, name = hostile))
  expect_match(cell(one$path, "What-if", "A1"), "It's \"quoted\" & <b>", fixed = TRUE)
})

test_that("every status and a framework that is no official one say so", {
  index <- nested_index(framework = nested(status = "proposal", bands = data.frame(label = "T1", lower = 30)))
  whatif <- write_whatif(index, "world", status = "draft")
  expect_identical(readxl::excel_sheets(whatif$path)[1], "What-if (proposal)")
  expect_match(cell(whatif$path, "What-if (proposal)", "A1"), "^\\[Draft\\].*\\(proposal\\)$")
  expect_match(xml_parts(whatif$path)[["xl/charts/chart1.xml"]], "(proposal)", fixed = TRUE)
  expect_true("below all tiers" %in% read_table(whatif$path, "tbl_scores")[["Tier, as computed"]])
})

test_that("a unit at the top, and one without bands, have a whole file", {
  top <- write_whatif(gci(2024), "ARE")
  expect_false(any(grepl("\"tbl_next_steps\"", xml_parts(top$path), fixed = TRUE)))
  expect_match(cell(top$path, "Next steps", "A3"), "in place")
  plain <- write_whatif(nested_index(), "U01")
  expect_false("Tiers" %in% readxl::excel_sheets(plain$path))
  expect_null(as.data.frame(plain$whatif)$tier)
  expect_identical(nrow(read_table(plain$path, "tbl_what_if")), 3L)
})

test_that("sets of next steps come with their raises and costs", {
  actions <- cap_actions(gci(2024), unit = "FJI", alternatives = 6)
  whatif <- write_whatif(gci(2024), "FJI", analyses = actions)
  table <- read_table(whatif$path, "tbl_alternatives")
  sets <- actions$alternatives
  expect_equal(table[["Your cost"]], as.numeric(tapply(sets$cost, sets$plan, sum)))
  raised <- gci_items[gci_items$iso3 == "FJI" & gci_items$edition == 2024, ]
  third <- sets[sets$plan == 3, ]
  raised$value[match(third$item, raised$item)] <- third$to
  expect_equal(
    table[["Score, your weights"]][3], overall(cap_index(cap_answers(raised, "gci-2024")))$score,
    tolerance = 1e-9
  )
  expect_true(all(grepl("^Tier 3", table[["Tier, your weights"]])))
  raises <- read_table(whatif$path, "tbl_raises")
  expect_equal(colSums(raises[startsWith(names(raises), "Set ")]), table$Raises, ignore_attr = TRUE)
  expect_match(input_error(cap_whatif(gci(2024), scope = "world", analyses = list(actions))), "file of one unit")
  expect_match(input_error(cap_whatif(gci(2024), scope = "KEN", analyses = actions)), "no steps of \"KEN\"")
  expect_match(input_error(cap_whatif(gci(2024), scope = "FJI", analyses = 1)), "cap_actions")
  robust <- cap_robustness(gci(2024), n = 10)
  expect_match(input_error(cap_whatif(gci(2024), scope = "FJI", analyses = robust)), "results of `cap_actions\\(\\)`")
  expect_match(input_error(cap_whatif(gci(2024), scope = "FJI", analyses = cap_actions(
    cap_index(cap_answers(raised, "gci-2024")), unit = "FJI", target = "T1", alternatives = 2
  ))), "same answers")
})

test_that("what a spreadsheet cannot say is refused by name", {
  refused <- function(aggregate, says) {
    expect_match(input_error(cap_whatif(nested_index(aggregate = aggregate))), says)
  }
  refused("copeland", "No formula of a spreadsheet gives the rule \"copeland\"")
  refused("kemeny", "\"kemeny\"")
  refused(list("owa", weights = c(2, 1), weighted = TRUE), "\"owa\"")
  refused(list("generalised_mean", r = 0.001), "0.001")
  refused(list("generalised_mean", r = -99), "-99")
  refused(list(overall = "geometric", pillar = "mazziotta_pareto"), "negative score, of which \"geometric\"")
  # The other way round there is nothing to refuse.
  expect_s3_class(cap_whatif(nested_index(aggregate = list(overall = "mazziotta_pareto", pillar = "geometric"))), "cap_brief")
  wide <- cap_framework(list(items = tree_items(1, 150)))
  index <- cap_index(cap_answers(made_answers(wide), wide), aggregate = c(pillar = "median"))
  expect_match(input_error(cap_whatif(index)), "children of \"B01\" makes a formula of")
})

test_that("faults of the call are named", {
  index <- gci(2024)
  expect_match(input_error(cap_whatif(index, scope = "AFR", units = "FJI")), "not there: FJI")
  expect_match(input_error(cap_whatif(index, units = character())), "names no unit")
  expect_match(input_error(cap_whatif(index, costs = c(XX = 1))), "XX")
  expect_match(input_error(cap_whatif(index, costs = c(LS1 = -1))), "LS1")
  expect_match(input_error(cap_whatif(index, costs = 1)), "named by item")
  changes <- data.frame(version = "0.9", date = NA, text = "x")
  expect_match(input_error(cap_whatif(index, release = cap_release(changes = changes))), "no sheet Change log")
  expect_match(input_error(cap_whatif(index, audience = "country")), "audience")
  path <- withr::local_tempfile(fileext = ".xlsx")
  writeLines("mine", path)
  expect_error(cap_whatif(index, "FJI", path = path), class = "cap_error_io")
  expect_identical(readLines(path), "mine")
})

test_that("a file in a folder is named by what it is", {
  folder <- withr::local_tempdir()
  whatif <- cap_whatif(gci(2024), "FJI", release = dated(), path = folder)
  expect_identical(basename(whatif$path), "gci-2024-FJI-what-if-draft-v1.0.xlsx")
  expect_identical(list.files(folder), basename(whatif$path))
  expect_snapshot(cap_findings(whatif))
})
