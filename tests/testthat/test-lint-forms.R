# The linter on live workbooks and forms: ours have no finding, and a planted fault is
# found, as far as its rule is one for a workbook that computes and waits for entries.

cirt_index <- function() {
  framework <- cap_framework("cirt-readiness")
  cap_index(long_answers(round(random_values(framework, 3, 0)), framework, unit = "KEN"))
}

live_files <- function(lang, frame = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = frame)
  gci <- gci(2024)
  common <- list(path = folder, lang = lang)
  whatif <- function(...) do.call(cap_whatif, c(list(...), common))$path
  form <- function(...) do.call(cap_questionnaire, c(list(...), common))$path
  c(
    whatif = whatif(gci, "FJI", release = dated("final")), whatif(gci, "AFR", release = dated("verification")),
    whatif(cirt_index(), "KEN", release = dated()),
    form = form("gci-2024", answers = gci$answers, unit = "FJI", release = dated("final")),
    form("cirt-readiness", release = dated(), style = cap_style("Team 7, +41 22 730 5111")),
    weights = form("gci-2024", kind = "weights", pairs = TRUE, unit = "Expert 9", release = dated("verification"))
  )
}

test_that("live workbooks and forms have no finding, in English and in French", {
  for (lang in c("en", "fr")) {
    for (path in live_files(lang)) {
      found <- as.data.frame(cap_check_brief(path))
      expect_identical(found$what, character(), info = paste(lang, basename(path)))
    }
  }
})

test_that("a fault planted in a live workbook or a form is found, and only it", {
  files <- live_files("en")
  path_of <- function(which) {
    path <- file.path(withr::local_tempdir(.local_envir = parent.frame(2)), basename(files[[which]]))
    file.copy(files[[which]], path)
    path
  }
  rules <- function(which, part, pattern, replacement) {
    path <- path_of(which)
    edit_part(path, part, function(xml) sub(pattern, replacement, xml, perl = TRUE))
    unique(as.data.frame(cap_check_brief(path))$rule)
  }
  first <- "xl/worksheets/sheet1.xml"
  strings <- "xl/sharedStrings.xml"
  text <- function(at, text) paste0("<c r=\"", at, "\" t=\"inlineStr\"><is><t>", text, "</t></is></c>")
  row <- function(n, ...) paste0("<row r=\"", n, "\">", ..., "</row>")
  number <- function(at, value) paste0("<c r=\"", at, "\"><v>", value, "</v></c>")
  for (which in c("whatif", "form", "weights")) {
    # values in rows of their own, neither computed nor waiting for an entry, are a table without a name
    loose <- paste0(row(200, text("A200", "left"), number("B200", 1)), row(201, text("A201", "right"), number("B201", 2)))
    expect_identical(rules(which, first, "</sheetData>", paste0(loose, "</sheetData>")), "table_name", info = which)
    expect_identical(rules(which, "xl/tables/table1.xml", "displayName=\"[^\"]*\"", "displayName=\"Table1\""), "table_name")
    expect_identical(rules(which, "docProps/core.xml", "<dc:subject>[^<]*</dc:subject>", ""), "property")
    expect_identical(rules(which, first, "</sheetData>", paste0(
      "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A90:C91\"/></mergeCells>"
    )), "merged")
    expect_identical(rules(which, strings, "cells are locked|cells can be changed", "51.7 cells \\0"), "number")
  }
  # a formula may stand there, but not without its value
  expect_identical(rules("form", first, "(<c r=\"B[0-9]+\"[^>]*><f>[^<]*</f>)<v>[^<]*</v>", "\\1"), "uncached")
  # titles have figures too, and the score's stands in a table
  expect_identical(rules("whatif", strings, "53[.]8 of 100", "58.3 of 100"), "number")
  expect_true("status" %in% rules("form", "docProps/core.xml", "<dc:title>", "<dc:title>[Draft] "))
  expect_identical(rules("whatif", "xl/drawings/drawing1.xml", "descr=\"[^\"]*\"", ""), "alt_text")
  # another country is none of a form's own words; what the respondent wrote is his
  expect_identical(rules("form", strings, "Leave an answer empty", "Do as Tonga does. Leave an answer empty"), "unit")
  path <- path_of("form")
  fill_cells(path, "LS Legal measures", list(E5 = "As agreed with Tonga in 2019"))
  expect_identical(nrow(as.data.frame(cap_check_brief(path))), 0L)
})
