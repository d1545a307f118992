hostile <- c(
  "=1+1", "+2", "-3", "@cmd", "'quote", "\"quoted\"", "a\nb\n\nc", "  blanks  ",
  "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645",
  "\U1F600\U1F468\u200d\U1F469", "<b>&amp;</b>", "_x0041_", "https://example.org/?a=1&b=2", "1e5", "TRUE", "0,5", "a;b",
  strrep("w \u4e2d", 8000)
)

hostile_evidence <- function(framework, unit) {
  codes <- leaf_codes(framework)
  text <- rep_len(hostile, length(codes))
  data.frame(
    unit = unit, item = codes, grade = rep_len(c("A", "B", "C", "D", NA), length(codes)), evidence = text,
    source = rep_len(c("submitted", "verified", "my own"), length(codes)), comment = rev(text)
  )
}

# The form --------------------------------------------------------------------------

test_that("every shipped framework makes a form for answers and one for weights", {
  for (id in cap_frameworks()$id) {
    framework <- cap_framework(id)
    form <- cap_questionnaire(framework)
    expect_setequal(as.data.frame(form)$item, leaf_codes(framework))
    expect_identical(anyDuplicated(as.data.frame(form)[c("sheet", "cell")]), 0L)
    weights <- as.data.frame(cap_questionnaire(framework, kind = "weights"))
    parent <- framework$items$parent[match(weights$item, framework$items$code)]
    expect_true(all(table(parent) > 1))
  }
})

test_that("titles say that it is a self-assessment and what is not official", {
  title <- function(...) cap_questionnaire(...)$plan$properties$title
  expect_identical(title("gci-2024", release = "final"), "Global Cybersecurity Index 2024: self-assessment")
  expect_match(title("sim3"), "^\\[Draft\\] SIM3: maturity of a CSIRT [(]recalled[)]: self-assessment$")
  expect_match(
    title("cirt-readiness", release = "verification"), "^\\[Verification\\] .*[(]proposal[)]: self-assessment"
  )
  path <- written_form("sim3")
  expect_match(cell(path, "Start", "A1"), "(recalled): self-assessment", fixed = TRUE)
  expect_match(paste(beside(path, "Provisional stage (illustrative)")), "below basic")
  expect_match(cell(path, "Stages", "A1"), "illustrative")
  expect_false(any(grepl("your SIM3 score", xml_parts(path), ignore.case = TRUE)))
})

test_that("only the cells to fill in are unlocked, without a password, and no sheet is hidden", {
  for (kind in c("answers", "weights")) {
    path <- written_form("ncs-guide", kind = kind)
    parts <- xml_parts(path)
    sheets <- parts[grepl("^xl/worksheets/sheet[0-9]+[.]xml$", names(parts))]
    protection <- vapply(sheets, function(x) between(x, "<sheetProtection[^>]*>")[1], "")
    expect_false(anyNA(protection))
    expect_no_match(protection, "password|hashValue")
    expect_match(protection, "formatColumns=\"0\".*autoFilter=\"0\"")
    expect_no_match(parts[["xl/workbook.xml"]], "hidden")
    expect_length(between(paste(sheets, collapse = ""), "<mergeCell"), 0)
  }
  form <- cap_questionnaire("ncs-guide")
  unlocked <- vapply(form$plan$formats, function(f) isTRUE(f$unlocked), NA)
  for (block in form$plan$blocks) {
    open <- vapply(block$columns, function(x) any(x$format_id > 0 & c(FALSE, unlocked)[x$format_id + 1L]), NA)
    heads <- vapply(block$columns, function(x) x$header %||% "", "")
    if (!is.null(block$table) && any(open)) {
      open_heads <- heads[open]
      expect_true(all(
        open_heads %in% c("Answer", "Does not apply", "Evidence (link or text)", "Evidence grade", "Source", "Comment")
      ))
      expect_true(all(c("Answer", "Evidence (link or text)", "Comment") %in% open_heads))
    } else if (any(open)) {
      expect_identical(c(block$sheet, block$col), c("Start", "2"))
    }
  }
})

test_that("drop-downs come from ranges that hold the levels", {
  path <- written_form(deep_framework())
  parts <- xml_parts(path)
  rules <- between(paste(parts, collapse = ""), "<dataValidation .*?</dataValidation>")
  lists <- grep("type=\"list\"", rules, value = TRUE)
  expect_gt(length(lists), 8)
  expect_match(lists, "<formula1>'?Lists'?!\\$[A-Z]+\\$5(:\\$[A-Z]+\\$[0-9]+)?</formula1>")
  form <- cap_questionnaire(deep_framework())
  at <- as.data.frame(form)
  offered <- function(item) {
    row <- at[at$item == item, ]
    number <- as.integer(sub("[A-Z]+", "", row$cell))
    rule <- Filter(function(v) {
      v$range$sheet == row$sheet && v$range$cols[1] == 5 && number >= v$range$rows[1] && number <= v$range$rows[2]
    }, form$plan$validations)
    expect_length(rule, 1)
    if (rule[[1]]$kind != "list") return(c(rule[[1]]$min, rule[[1]]$max))
    source <- rule[[1]]$source
    as.numeric(as.data.frame(readxl::read_excel(path, "Lists", range = range_name(
      5, source$cols[1], source$rows[2], source$cols[1]
    ), col_names = FALSE, .name_repair = "minimal"))[[1]])
  }
  # X lies right below the root, where columns stand as elsewhere
  expect_identical(offered("A1"), as.numeric(0:4))
  expect_identical(offered("A2"), as.numeric(1:4))
  expect_identical(offered("AA2"), c(2.5, 6.25, 10))
  expect_identical(offered("B1"), c(0, 0.5, 1))
  expect_identical(offered("B2"), c(0, 30)) # too many levels for a list
  expect_identical(offered("AA1"), as.numeric(1:5))
})

test_that("a form prints one page wide on A4 and Letter with its header on each page", {
  for (paper in c("A4", "Letter")) {
    parts <- xml_parts(written_form("sim3", style = cap_style(paper = paper)))
    sheets <- parts[grepl("^xl/worksheets/sheet[0-9]+[.]xml$", names(parts))]
    expect_match(
      sheets, if (paper == "A4") "paperSize=\"9\"" else "paperSize=\"1\"|<pageSetup(?![^>]*paperSize)", perl = TRUE
    )
    expect_match(sheets, "<pageSetUpPr fitToPage=\"1\"/>", fixed = TRUE)
    expect_no_match(sheets, "fitToWidth")
    expect_match(sheets[-1], "fitToHeight=\"0\"", fixed = TRUE)
    expect_no_match(sheets[1], "fitToHeight") # one page
    expect_length(between(parts[["xl/workbook.xml"]], "_xlnm.Print_Titles"), length(sheets) - 1)
  }
})

test_that("the same form gives the same bytes, and an existing file is kept", {
  a <- written_form("sim3")
  b <- written_form("sim3")
  expect_identical(unname(tools::md5sum(a)), unname(tools::md5sum(b)))
  expect_error(cap_questionnaire("sim3", path = a), class = "cap_error_io")
  expect_no_error(cap_questionnaire("sim3", path = a, overwrite = TRUE))
  folder <- withr::local_tempdir()
  form <- cap_questionnaire("sim3", unit = "K/N", release = cap_release(version = "2"), path = folder)
  expect_identical(basename(form$path), "sim3-form-K-N-draft-v2.xlsx")
})

test_that("cached figures are those of the index and of readiness", {
  for (seed in 1:8) {
    framework <- deep_framework()
    values <- random_values(framework, seed)
    answers <- long_answers(values, framework)
    path <- written_form(framework, answers = answers)
    index <- cap_index(answers, missing = "zero")
    expect_equal(beside(path, "Provisional score"), overall_of(index, "R")$score, tolerance = 1e-12)
    tier <- as.character(overall_of(index, "R")$tier)
    expect_identical(beside(path, "Provisional tier"), if (is.na(tier)) "no tier" else tier)
    readiness <- as.data.frame(cap_readiness(answers))
    expect_identical(beside(path, "Provisional stage"), readiness$stage_label)
    expect_equal(beside(path, "Total", right = 3L), sum(!is.na(values)))
  }
})

# Round trips -------------------------------------------------------------------------

test_that("what is filled in comes back, hostile text and all", {
  framework <- cap_framework("gci-2024")
  gci <- gci_answers(2024)
  evidence <- hostile_evidence(framework, "FJI")
  path <- written_form(framework, answers = gci, unit = "FJI", evidence = evidence)
  back <- cap_read_questionnaire(path, framework)
  given <- gci$values[gci$unit == "FJI", ]
  expect_equal(back$answers$values[1, ], given, tolerance = 1e-15)
  expect_identical(back$answers$unit, "FJI")
  expect_identical(back$answers$edition, 2024L)
  expect_identical(back$evidence[c("unit", "item", "grade", "evidence", "source", "comment")], evidence)
  expect_true(all(as.data.frame(back)$state == "ok"))
  expect_identical(as.data.frame(back$answers)$source, evidence$source)
  # line breaks of all kinds and tabs as said
  broken <- data.frame(unit = "FJI", item = "LS1", comment = "a\r\nb\rc\td")
  mended <- cap_read_questionnaire(written_form(framework, unit = "FJI", evidence = broken), framework)
  expect_identical(mended$evidence$comment, "a\nb\nc d")
  # and once more from what was read
  again <- cap_read_questionnaire(written_form(framework, answers = back$answers, evidence = back$evidence), framework)
  expect_identical(again$answers, back$answers)
  expect_identical(again$evidence, back$evidence)
})

test_that("numbers of up to 15 digits come back to the last one", {
  framework <- cap_framework(tree_items(1, 40))
  values <- withr::with_seed(3, signif(stats::runif(40), 15))
  values[1:4] <- c(1 / 3, 0.1 + 0.2, 1e-300, 1)
  exact <- values == signif(values, 15)
  names(values) <- leaf_codes(framework)
  back <- cap_read_questionnaire(
    written_form(framework, answers = long_answers(values, framework)), framework
  )$answers$values[1, ]
  expect_identical(back[exact], unname(values[exact]))
  expect_lt(max(abs(back - values) / pmax(values, 1e-300)), 1e-15)
})

test_that("a form that LibreOffice saved comes back, as workbook and by way of its own format", {
  skip_on_cran()
  skip_if_not(has_libreoffice(), "LibreOffice is not installed")
  framework <- cap_framework("gci-2024")
  deep <- deep_framework()
  values <- random_values(deep, 5)
  evidence <- hostile_evidence(framework, "FJI")
  away <- data.frame(unit = "AAA", item = c("A1", "BB1"))
  folder <- withr::local_tempdir()
  first <- file.path(folder, "first.xlsx")
  second <- file.path(folder, "second.xlsx")
  third <- file.path(folder, "third.xlsx")
  cap_questionnaire(framework, gci_answers(2024), unit = "FJI", evidence = evidence, path = first)
  cap_questionnaire(deep, long_answers(values, deep), not_applicable = away, path = second)
  form <- cap_questionnaire("gci-2024", kind = "weights", unit = "E1", pairs = TRUE, path = third)
  fill_answers(third, form, c(LS = 40, TS = 30, OS = 10, CDS = 10, CS = 10))
  fill_cells(third, "Pairs", list(F5 = "second", G5 = 3))
  frameworks <- list(framework, deep, framework)
  want <- Map(cap_read_questionnaire, c(first, second, third), frameworks)
  ways <- list(file.path(folder, "a"), file.path(folder, "b"))
  saved <- libreoffice(c(first, second, third), "xlsx", ways[[1]])
  by_ods <- libreoffice(libreoffice(c(first, second, third), "ods", ways[[2]]), "xlsx", ways[[2]])
  for (files in list(saved, by_ods)) {
    got <- Map(cap_read_questionnaire, files, frameworks)
    for (i in 1:3) {
      expect_equal(got[[i]]$answers, want[[i]]$answers, tolerance = 1e-14)
      expect_identical(got[[i]]$evidence, want[[i]]$evidence)
      expect_identical(got[[i]]$not_applicable, want[[i]]$not_applicable)
      expect_identical(
        got[[i]]$cells[c("sheet", "cell", "item", "state")], want[[i]]$cells[c("sheet", "cell", "item", "state")]
      )
      expect_identical(got[[i]]$experts, want[[i]]$experts)
      expect_identical(got[[i]]$judgements, want[[i]]$judgements)
    }
  }
  expect_identical(want[[2]]$not_applicable$item, c("A1", "BB1"))
  expect_identical(want[[3]]$judgements$E1$GCI["TS", "LS"], 3)
})

test_that("the live score, tier and stage are those of cybercap when a spreadsheet works them out", {
  skip_on_cran()
  skip_if_not(has_libreoffice(), "LibreOffice is not installed")
  folder <- withr::local_tempdir()
  cases <- list(
    list("gci-2024", random_values(cap_framework("gci-2024"), 1)),
    list("gci-2024", replace(random_values(cap_framework("gci-2024"), 2), TRUE, 1)),
    list("cirt-readiness", random_values(cap_framework("cirt-readiness"), 3, 0.05), external = 2),
    list("cirt-readiness", replace(random_values(cap_framework("cirt-readiness"), 3), TRUE, 4), external = 2),
    list("cirt-readiness", replace(random_values(cap_framework("cirt-readiness"), 3), TRUE, 3)),
    list("ncs-guide", random_values(
      cap_framework("ncs-guide"), 4, 0.1
    ), away = c("G1.1", "G2.3", "G7.1", "G7.2", "G7.3", "G7.4")),
    list(
      "ncs-guide", pmin(3, random_values(cap_framework("ncs-guide"), 4, 0) * 100, leaf_max(cap_framework("ncs-guide")))
    ),
    list("cmm", round(random_values(cap_framework("cmm"), 5)))
  )
  deep <- lapply(1:6, function(seed) list(deep_framework(), random_values(
    deep_framework(), seed
  ), away = if (seed > 3) c("A1", "BB1", "B2")[seq_len(seed - 3)]))
  cases <- c(cases, deep)
  files <- file.path(folder, sprintf("case%02d.xlsx", seq_along(cases)))
  for (i in seq_along(cases)) {
    case <- cases[[i]]
    values <- case[[2]][setdiff(names(case[[2]]), case$away)]
    form <- cap_questionnaire(case[[1]], unit = "AAA", path = files[i])
    fill_answers(files[i], form, values)
    if (length(case$away) > 0) {
      fill_answers(files[i], form, stats::setNames(rep("not applicable", length(case$away)), case$away), column = "F")
    }
    if (!is.null(case$external)) fill_cells(
      files[i], "Start", stats::setNames(list(case$external), beside_cell(files[i], "Stage reached in sim3"))
    )
  }
  # a wrong cached value must be corrected, or nothing below could fail
  planted <- file.path(folder, "planted.xlsx")
  cap_questionnaire("gci-2024", gci_answers(2024), unit = "KEN", path = planted)
  right <- beside(planted, "Provisional score")
  at <- beside_cell(planted, "Provisional score")
  edit_part(planted, sheet_part(
    planted, "Start"
  ), function(xml) sub(paste0("(<c r=\"", at, "\"[^>]*><f>[^<]*</f><v>)[^<]*"), "\\112.5", xml))
  expect_identical(beside(planted, "Provisional score"), 12.5)
  out <- libreoffice(c(planted, files), "xlsx", file.path(folder, "out"), recalculate = TRUE)
  expect_equal(beside(out[1], "Provisional score"), right, tolerance = 1e-12)
  expect_equal(right, overall(gci(2024))$score[overall(gci(2024))$unit == "KEN"], tolerance = 1e-12)
  seen <- character()
  for (i in seq_along(cases)) {
    case <- cases[[i]]
    framework <- cap_framework(case[[1]])
    report <- cap_read_questionnaire(files[i], framework)
    given <- case[[2]]
    given[case$away] <- NA
    expect_equal(report$answers$values[1, ], unname(given[leaf_codes(framework)]), info = i)
    away <- if (nrow(report$not_applicable) > 0) report$not_applicable
    ready <- cap_readiness(
      report$answers, not_applicable = away, external = if (!is.null(case$external)) report$external
    )
    got <- beside(out[i + 1], "Provisional score")
    max <- framework$items$max[framework$root]
    expect_lt(abs(got - ready$score * max / 100), 1e-9)
    if (is.null(away)) {
      index <- cap_index(report$answers, missing = "zero")
      root <- framework$items$code[framework$root]
      expect_lt(abs(got - overall_of(index, root)$score), 1e-9)
      table <- as.data.frame(index, level = framework$levels[2])
      # the branches' scores in the table of progress
      for (k in seq_len(nrow(table))) {
        label <- framework$items$label[match(table$item[k], framework$items$code)]
        if (table$item[k] %in% framework$items$parent) expect_lt(
          abs(beside(out[i + 1], label, right = 5L) - table$score[k]), 1e-9
        )
      }
      if (!is.null(framework$bands)) {
        tier <- as.character(overall_of(index, root)$tier)
        name <- beside(out[i + 1], "Provisional tier")
        expect_identical(sub(" [(].*$", "", name), if (is.na(tier)) "no tier" else tier)
        seen <- c(seen, name)
      }
    }
    if (!is.null(framework$stages)) {
      label <- grep(
        "^Provisional stage", result_labels(list(framework = framework, kind = "answers", lang = "en")), value = TRUE
      )
      stage <- beside(out[i + 1], label)
      expect_identical(stage, as.data.frame(ready)$stage_label, info = i)
      seen <- c(seen, stage)
    }
  }
  expect_gt(length(unique(seen)), 6)
})
