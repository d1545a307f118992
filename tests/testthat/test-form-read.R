# Reading -----------------------------------------------------------------------------

read_states <- function(path, framework) {
  table <- as.data.frame(cap_read_questionnaire(path, framework))
  stats::setNames(table$state, ifelse(is.na(table$item), table$sheet, table$item))
}

test_that("text that looks like a number is recognised or reported, never guessed", {
  framework <- cap_framework(tree_items(1, 20))
  path <- withr::local_tempfile(fileext = ".xlsx")
  form <- cap_questionnaire(framework, unit = "AAA", path = path)
  item <- leaf_codes(framework)
  values <- list(
    "0,5", "0.5 ", "50 %", "50%", "\u00a0 0.25\u202f", "\u0660\u066b\u0665", "1", ".5", "1.0",
    TRUE, FALSE, "half", "1/2", "0.5.1", "", "1e-1", 7, -1, 0.7, "12,5"
  )
  at <- as.data.frame(form)
  cells <- stats::setNames(values, at$cell[match(item, at$item)])
  fill_cells(path, at$sheet[1], cells)
  report <- cap_read_questionnaire(path, framework)
  table <- as.data.frame(report)
  table <- table[match(item, table$item), ]
  expect_identical(table$number[1:9], c(0.5, 0.5, 0.5, 0.5, 0.25, 0.5, 1, 0.5, 1))
  expect_identical(table$state[1:9], rep("recognised", 9))
  expect_identical(table$state[10:14], rep("not a number", 5))
  expect_identical(
    table$state[15:20], c("missing", "not a number", "off the list", "off the list", "ok", "off the list")
  )
  expect_identical(report$answers$values[1, ], c(0.5, 0.5, 0.5, 0.5, 0.25, 0.5, 1, 0.5, 1, rep(NA, 9), 0.7, NA))
  expect_true(all(nzchar(table$action[table$state != "ok"])))
  # what may mean two numbers, and percent where full marks are not 1
  expect_identical(read_number("1,000", 5000)$state, "not a number")
  expect_identical(read_number("1.000,5", 5000)$state, "not a number")
  expect_identical(read_number("50 %", 4)$state, "not a number")
  expect_identical(read_number(as.POSIXct("2024-05-01", tz = "UTC"), 4)$state, "not a number")
  expect_match(read_number(as.POSIXct("2024-05-01", tz = "UTC"), 4)$why, "date")
})

test_that("levels between two levels are kept and reported; scales and grades are checked", {
  path <- withr::local_tempfile(fileext = ".xlsx")
  form <- cap_questionnaire("sim3", unit = "AAA", edition = 2024, path = path)
  fill_answers(path, form, c("O-1" = 2.5, "O-2" = 5, "O-3" = 3, "O-4" = 4))
  fill_cells(path, "O Organization", list(E5 = "http://a.org", E7 = "paper", F5 = "b", F6 = "E", G7 = "desk research"))
  report <- cap_read_questionnaire(path, "sim3")
  table <- as.data.frame(report)
  expect_identical(table$state[table$item %in% "O-1"], "off the list")
  expect_identical(report$answers$values[1, 1:4], c(2.5, NA, 3, 4))
  expect_identical(table$cell[table$item %in% "O-2" & table$state == "off the list"], c("D6", "F6"))
  expect_identical(report$evidence[c("item", "grade", "evidence", "source")], data.frame(
    item = c("O-1", "O-3"), grade = c("B", NA), evidence = c("http://a.org", "paper"), source = c(NA, "desk research")
  ))
  expect_s3_class(cap_readiness(report$answers, evidence = report$evidence), "cap_readiness")
})

test_that("rows are read by code: sorted, hidden, deleted, added and edited ones", {
  framework <- cap_framework("gci-2024")
  path <- file.path(withr::local_tempdir(), "form.xlsx")
  cap_questionnaire(framework, gci_answers(2024), unit = "FJI", path = path)
  want <- cap_read_questionnaire(path, framework)
  sheet <- "OS Organizational measures"
  part <- sheet_part(path, sheet)
  row_of <- function(xml, n) regmatches(xml, regexpr(paste0("<row r=\"", n, "\".*?</row>"), xml, perl = TRUE))
  swap <- function(xml) {
    a <- row_of(xml, 5)
    b <- row_of(xml, 7)
    as_row <- function(x, from, to) gsub(paste0("(r=\"[A-Z]*)", from, "\""), paste0("\\1", to, "\""), x)
    xml <- sub(b, "@B@", xml, fixed = TRUE)
    xml <- sub(a, as_row(b, 7, 5), xml, fixed = TRUE)
    sub("@B@", as_row(a, 5, 7), xml, fixed = TRUE)
  }
  edit_part(path, part, swap)
  edit_part(path, part, function(xml) sub("<row r=\"6\"", "<row r=\"6\" hidden=\"1\"", xml))
  sorted <- cap_read_questionnaire(path, framework)
  expect_identical(sorted$answers, want$answers)
  expect_true(all(as.data.frame(sorted)$state == "ok"))
  # a row gone, a strange one, one without a code, an edited code
  edit_part(path, part, function(xml) sub(row_of(xml, 8), "", xml, fixed = TRUE))
  text_cell <- function(at, text) paste0("<c r=\"", at, "\" t=\"inlineStr\"><is><t>", text, "</t></is></c>")
  edit_part(path, part, function(xml) {
    sub("</sheetData>", paste0(
      "<row r=\"40\">", text_cell(
        "A40", "NEW1"
      ), text_cell("B40", "A question of our own"), "<c r=\"D40\"><v>1</v></c></row>",
      "<row r=\"41\">", text_cell("B41", "No code"), "</row></sheetData>"
    ), xml, fixed = TRUE)
  })
  legal <- "LS Legal measures"
  fill_cells(path, legal, list(A5 = "LS9", B6 = "Another question", K6 = 10))
  report <- cap_read_questionnaire(path, framework)
  table <- as.data.frame(report)
  at <- function(state) table[table$state == state, ]
  expect_setequal(at("missing")$item, c("OS4", "LS1"))
  expect_true(all(is.na(at("missing")$cell)))
  expect_setequal(at("unknown item")$item, c("NEW1", NA, "LS9"))
  expect_setequal(at("unknown item")$cell, c("A40", "A41", "A5"))
  expect_identical(at("changed question")$cell, c("B6", "K6"))
  expect_identical(at("changed question")$item, c("LS2", "LS2"))
  gone <- match(c("LS1", "OS4"), leaf_codes(framework))
  expect_identical(report$answers$values[1, -gone], want$answers$values[1, -gone])
  expect_true(all(is.na(report$answers$values[1, gone])))
  local_messages()
  expect_snapshot(print(report))
})

test_that("renamed and removed sheets are reported and read by code", {
  framework <- cap_framework("gci-2024")
  path <- written_form(framework, answers = gci_answers(2024), unit = "FJI")
  want <- cap_read_questionnaire(path, framework)
  edit_part(path, "xl/workbook.xml", function(xml) sub("name=\"LS Legal measures\"", "name=\"Laws\"", xml))
  renamed <- cap_read_questionnaire(path, framework)
  expect_identical(renamed$answers, want$answers)
  table <- as.data.frame(renamed)
  expect_identical(table$sheet[table$state == "changed sheet"], c("LS Legal measures", "Laws"))
  edit_part(path, "xl/workbook.xml", function(xml) sub("<sheet name=\"TS [^>]*/>", "", xml))
  removed <- as.data.frame(cap_read_questionnaire(path, framework))
  expect_identical(removed$item[removed$state == "missing"], c("TS1", "TS2", "TS3"))
  edit_part(path, "xl/workbook.xml", function(xml) sub("<sheet name=\"About this form[^>]*/>", "", xml))
  nameless <- as.data.frame(cap_read_questionnaire(path, framework))
  expect_true("About this form" %in% nameless$sheet[nameless$state == "changed sheet"])
  # without it, a form of another framework is seen by its codes
  expect_match(input_error(cap_read_questionnaire(path, "sim3")), "is no form of cybercap")
  # a header that was changed
  path <- written_form(framework, unit = "FJI")
  fill_cells(path, "CS Cooperation", list(E4 = "Proof"))
  column <- as.data.frame(cap_read_questionnaire(path, framework))
  expect_match(column$action[column$sheet == "CS Cooperation" & column$state == "changed sheet"], "Evidence")
})

test_that("files of one unit are put together; different answers are none", {
  framework <- cap_framework("gci-2024")
  folder <- withr::local_tempdir()
  gci <- gci_answers(2024)
  file <- function(name) file.path(folder, name)
  a <- cap_questionnaire(framework, unit = "KEN", edition = 2024, path = file("a.xlsx"))
  cap_questionnaire(framework, unit = "KEN", edition = 2024, path = file("b.xlsx"))
  cap_questionnaire(framework, gci, unit = "FJI", path = file("c.xlsx"))
  writeLines("not a workbook", file("~$a.xlsx"))
  writeLines("a note", file("readme.txt"))
  fill_answers(file("a.xlsx"), a, c(LS1 = 1, LS2 = 0.5, TS1 = 0.25))
  fill_answers(file("b.xlsx"), a, c(LS2 = 0.5, TS1 = 0.75, OS1 = 1))
  report <- cap_read_questionnaire(folder, framework)
  expect_identical(report$answers$unit, c("FJI", "KEN"))
  ken <- stats::setNames(report$answers$values[2, ], leaf_codes(framework))
  expect_identical(ken[c("LS1", "LS2", "TS1", "OS1")], c(LS1 = 1, LS2 = 0.5, TS1 = NA, OS1 = 1))
  table <- as.data.frame(report)
  table <- table[table$unit %in% "KEN", ]
  state <- function(file, item) table$state[table$file == file & table$item %in% item]
  expect_identical(state("a.xlsx", "LS2"), "ok")
  expect_identical(state("b.xlsx", "LS2"), "duplicate")
  expect_identical(c(state("a.xlsx", "TS1"), state("b.xlsx", "TS1")), c("duplicate", "duplicate"))
  expect_identical(c(state("b.xlsx", "LS1"), state("a.xlsx", "OS1")), c("ok", "ok"))
  # the order of the files does not matter for what is read
  other <- cap_read_questionnaire(rev(file(c("a.xlsx", "b.xlsx", "c.xlsx"))), framework)
  expect_identical(other$answers, report$answers)
})

test_that("a form without a unit is reported and left out", {
  path <- written_form("gci-2024")
  report <- cap_read_questionnaire(path, "gci-2024")
  expect_null(report$answers)
  table <- as.data.frame(report)
  expect_identical(table$cell[is.na(table$item)], beside_cell(path, "Code of the country or organization"))
  expect_match(cap_findings(report)$text, "No unit or expert is named", all = FALSE)
  fill_cells(path, "Start", stats::setNames(list(42), beside_cell(path, "Code of the country or organization")))
  expect_identical(unique(as.data.frame(cap_read_questionnaire(path, "gci-2024"))$unit), "42")
})

test_that("not applicable is read where it is left open", {
  framework <- deep_framework()
  path <- withr::local_tempfile(fileext = ".xlsx")
  form <- cap_questionnaire(framework, unit = "AAA", path = path)
  fill_answers(path, form, list(A1 = "n/a", A2 = 3, BB1 = 2, X = "not applicable"))
  fill_answers(path, form, c(BB1 = "not applicable", A2 = "maybe"), column = "F")
  report <- cap_read_questionnaire(path, framework)
  table <- as.data.frame(report)
  state <- function(item) table$state[table$item %in% item]
  expect_setequal(report$not_applicable$item, c("A1", "BB1"))
  expect_identical(state("A1"), "recognised")
  expect_identical(state("A2"), c("ok", "off the list"))
  expect_identical(state("BB1"), "not applicable")
  expect_match(table$action[table$item %in% "BB1"], "has an answer")
  expect_identical(state("X"), "off the list")
})

test_that("forms that do not fit are refused by name", {
  path <- written_form("gci-2020", unit = "KEN")
  local_messages()
  shown <- function(e) gsub("[^ '\"]*[/\\\\][^ '\"]*[.]xlsx", "FILE", conditionMessage(e))
  same <- function(code, class = "cap_error_input") writeLines(shown(expect_error(code, class = class)))
  folder <- withr::local_tempdir()
  plain <- file.path(folder, "plain.xlsx")
  write_plan(demo_book(), plain)
  expect_snapshot({
    same(cap_read_questionnaire(path, "gci-2024"))
    same(cap_read_questionnaire(plain, "gci-2024"))
    same(cap_read_questionnaire("none.xlsx", "gci-2024"), "cap_error_io")
    same(cap_questionnaire("gci-2024", answers = gci_answers(2024)))
    same(cap_questionnaire("gci-2024", answers = gci_answers(2024), unit = "XXX"))
    same(cap_questionnaire("gci-2024", kind = "weights", answers = gci_answers(2024)))
    same(cap_questionnaire("gci-2024", path = "form.pdf"))
    same(cap_questionnaire("gci-2024", release = cap_release("embargoed", embargo_until = "2030-01-01")))
    same(cap_questionnaire("gci-2024", release = cap_release(changes = data.frame(version = "0", date = NA, text = "x"))))
    same(cap_questionnaire("gci-2024", unit = "KEN", not_applicable = data.frame(unit = "KEN", item = "LS1")))
    same(cap_questionnaire("gci-2024", unit = "KEN", evidence = data.frame(unit = "KEN", item = "LS1", grade = "Z")))
    same(cap_questionnaire("sim3", levels = c(a = "x")))
    same(cap_questionnaire("sim3", help = data.frame(item = "Q", text = "x")))
    same(cap_questionnaire(data.frame(code = c("R", "A"), parent = c("", "R")), kind = "weights"))
  })
  weights <- written_form("gci-2020", kind = "weights", unit = "E")
  expect_match(input_error(cap_read_questionnaire(c(path, weights), "gci-2020")), "one kind at a time")
})

# Weights -----------------------------------------------------------------------------

test_that("experts' forms give what cap_weights_expert() and cap_weights_ahp() take", {
  framework <- cap_framework("gci-2024")
  folder <- withr::local_tempdir()
  experts <- unique(gci_experts$expert)[1:3]
  points <- gci_experts[gci_experts$expert %in% experts, ]
  for (expert in experts) {
    path <- file.path(folder, paste0(expert, ".xlsx"))
    form <- cap_questionnaire(framework, unit = expert, kind = "weights", pairs = TRUE, path = path)
    own <- points[points$expert == expert, ]
    fill_answers(path, form, stats::setNames(own$value, own$item))
    fill_cells(path, "Pairs", list(
      F5 = "first", G5 = 3, F6 = "second", G6 = "5", F7 = "equal", F8 = "first", F9 = "first", G9 = 12
    ))
  }
  report <- cap_read_questionnaire(folder, framework)
  key <- function(x) paste(x$expert, x$item)
  got <- report$experts[match(key(points), key(report$experts)), ]
  expect_identical(got$value, as.double(points$value))
  expect_equal(
    weights(cap_weights_expert(report$experts, framework)), weights(cap_weights_expert(points, framework)),
    tolerance = 1e-12
  )
  expect_identical(names(report$judgements), as.character(experts))
  one <- report$judgements[[1]]$GCI
  expect_identical(unname(one["LS", c("TS", "OS", "CDS")]), c(3, 1 / 5, 1))
  pairs <- as.data.frame(report)
  pairs <- pairs[grepl(" : ", pairs$item) & pairs$file == pairs$file[1], ]
  expect_identical(pairs$state[1:5], c("ok", "recognised", "ok", "off the list", "off the list"))
  full <- lapply(report$judgements, function(j) list(GCI = matrix(1, 5, 5, dimnames = dimnames(j$GCI))))
  expect_s3_class(cap_weights_ahp(full, framework), "cap_weights_ahp")
})

test_that("points that do not add up to 100 are reported, and the sheet says so", {
  path <- withr::local_tempfile(fileext = ".xlsx")
  form <- cap_questionnaire("gci-2024", unit = "E1", kind = "weights", path = path)
  fill_answers(path, form, list(LS1 = 60, LS2 = 30, TS1 = 50, TS2 = 25, TS3 = 25, OS1 = -1, OS2 = "much"))
  table <- as.data.frame(cap_read_questionnaire(path, "gci-2024"))
  total <- table[table$state == "total is not 100", ]
  expect_identical(total$item, "LS")
  expect_identical(total$number, 90)
  expect_identical(table$state[table$item %in% c("OS1", "OS2")], c("off the list", "not a number"))
  skip_on_cran()
  skip_if_not(has_libreoffice(), "LibreOffice is not installed")
  out <- libreoffice(path, "xlsx", withr::local_tempdir(), recalculate = TRUE)
  expect_identical(beside(out, "Legal measures"), "short of 100 by 10")
  expect_identical(beside(out, "Technical measures"), "adds up to 100")
  expect_identical(beside(out, "Cooperation"), "to answer")
})

# Hostile frameworks --------------------------------------------------------------------

test_that("labels of all kinds make legal sheets and come back", {
  long <- strrep("A very long label with many words ", 9)
  labels <- c(
    "Index", long, paste0(
      long, "!"
    ), "a[b]:c*d?e/f\\g", "'quoted'", "History", "Lists", "lists", "{r} and {r}", "=SUM(A1)",
    "\u0627\u0644\u0642\u0627\u0646\u0648\u0646 \u0627\u0644\u0633\u064a\u0628\u0631\u0627\u0646\u064a",
    "\U1F600\U1F600\U1F600", strrep("\U1F600", 20), "tab\tand\nline", "a&b<c>\"d\""
  )
  n <- length(labels)
  branch <- c("IDX", paste0("P", seq_len(n - 1)))
  # codes that differ in case only, and one that is its branch's label
  items <- data.frame(
    code = c(branch, paste0("q", seq_len(n - 1)), paste0("Q", seq_len(n - 1))),
    parent = c("", rep("IDX", n - 1), branch[-1], branch[-1]),
    label = c(labels, rev(labels[-1]), labels[-1])
  )
  items$max <- ifelse(items$code %in% items$parent, 100, 4)
  framework <- cap_framework(list(items = items, title = "=1+1 \U1F600 {x}", bands = data.frame(
    label = c("\"a\"", "=b"), lower = c(50, 0)
  )))
  values <- random_values(framework, 9)
  answers <- long_answers(values, framework)
  path <- written_form(framework, answers = answers)
  expect_identical(anyDuplicated(tolower(readxl::excel_sheets(path))), 0L)
  report <- cap_read_questionnaire(path, framework)
  expect_identical(report$answers$values, answers$values)
  expect_true(all(as.data.frame(report)$state %in% c("ok", "missing")))
  expect_equal(
    beside(path, "Provisional score"), overall_of(cap_index(answers, missing = "zero"), "IDX")$score, tolerance = 1e-12
  )
  skip_on_cran()
  skip_if_not(has_libreoffice(), "LibreOffice is not installed")
  out <- libreoffice(path, "xlsx", withr::local_tempdir(), recalculate = TRUE)
  expect_equal(beside(out, "Provisional score"), beside(path, "Provisional score"), tolerance = 1e-12)
  expect_identical(cap_read_questionnaire(out, framework)$answers$values, answers$values)
})

test_that("one item, many items, and items without a branch make forms", {
  one <- cap_framework(data.frame(code = c("R", "A"), parent = c("", "R")))
  many <- cap_framework(tree_items(3, 100))
  flat <- cap_framework(
    data.frame(code = c("R", paste0("I", 1:30)), parent = c("", rep("R", 30)), max = c(100, rep(5, 30)))
  )
  for (framework in list(one, many, flat)) {
    answers <- long_answers(random_values(framework, 4), framework)
    path <- written_form(framework, answers = answers)
    expect_identical(cap_read_questionnaire(path, framework)$answers$values, answers$values)
    root <- framework$items$code[framework$root]
    expect_equal(
      beside(path, "Provisional score"), overall_of(cap_index(answers, missing = "zero"), root)$score, tolerance = 1e-12
    )
  }
  expect_identical(unique(as.data.frame(cap_questionnaire(flat))$sheet), "Questions")
})

test_that("a locale with decimal commas and the C locale give the same", {
  path <- written_form("gci-2024", answers = gci_answers(2024), unit = "FJI")
  want <- as.data.frame(cap_read_questionnaire(path, "gci-2024"))
  withr::local_locale(LC_COLLATE = "C", LC_CTYPE = "C")
  withr::local_options(OutDec = ",")
  expect_identical(as.data.frame(cap_read_questionnaire(path, "gci-2024"))$number, want$number)
  again <- written_form("gci-2024", answers = gci_answers(2024), unit = "FJI")
  expect_identical(unname(tools::md5sum(again)), unname(tools::md5sum(path)))
})

# Languages ------------------------------------------------------------------------------

# A translation in which all that a form is read back by differs from the English.
mirrored <- function() {
  language <- find_language("fr")
  language$code <- "ar"
  language$right_to_left <- TRUE
  keys <- grep(read_back_keys, names(language$templates), value = TRUE)
  language$templates[keys] <- substr(paste0("\u0645 ", language$templates[keys]), 1, 31)
  language$labels[] <- paste0("\u0645 ", language$labels)
  language$missing <- character()
  structure(list(language = language, name = "test"), class = c("cap_translation", "cap_result"))
}

test_that("a French form holds no English, and what is filled in comes back by its code", {
  english <- function(framework) {
    said <- function(f) c(f$title, f$items$label, f$stages$label, as.character(f$bands$name))
    own <- said(framework)
    setdiff(own[nchar(own) > 12], said(framework_in("fr", framework)))
  }
  for (id in c("gci-2024", "sim3")) {
    framework <- cap_framework(id)
    values <- round(random_values(framework, 2))
    codes <- leaf_codes(framework)
    evidence <- data.frame(
      unit = "AAA", item = codes, source = rep_len(c(form_sources, "chez nous"), length(codes)), comment = "o\u00f9"
    )
    given <- list(framework, answers = long_answers(values, framework), evidence = evidence)
    path <- do.call(written_form, c(given, list(lang = "fr")))
    text <- unlist(lapply(readxl::excel_sheets(path), function(sheet) {
      suppressMessages(readxl::read_excel(path, sheet, col_names = FALSE, col_types = "text"))
    }))
    expect_identical(intersect(text, english(framework)), character())
    expect_false(any(readxl::excel_sheets(path) %in% own_sheet_names("en")[c("score", "lists", "about")]))
    back <- cap_read_questionnaire(path, framework)
    english_back <- cap_read_questionnaire(do.call(written_form, given), framework)
    expect_identical(back$answers, english_back$answers)
    expect_identical(back$evidence, english_back$evidence)
    expect_identical(back$evidence$source, evidence$source)
    expect_true(all(as.data.frame(back)$state %in% c("ok", "missing")))
    # once more, from what was read
    again <- written_form(framework, answers = back$answers, evidence = back$evidence, lang = "fr")
    expect_identical(unname(tools::md5sum(again)), unname(tools::md5sum(path)))
  }
})

test_that("an edited question of a French form is reported, one of a form for weights too", {
  path <- written_form("gci-2024", answers = gci_answers(2024), unit = "FJI", lang = "fr")
  legal <- grep("^LS ", readxl::excel_sheets(path), value = TRUE)
  fill_cells(path, legal, list(B6 = "Une autre question"))
  table <- as.data.frame(cap_read_questionnaire(path, "gci-2024"))
  changed <- table[table$state == "changed question", ]
  expect_identical(changed[c("cell", "item")], data.frame(cell = "B6", item = "LS2"), ignore_attr = TRUE)
  question <- function(framework) framework$items$label[framework$items$code == "LS2"]
  asked <- question(cap_framework("gci-2024"))
  expect_match(changed$action, question(framework_in("fr", cap_framework("gci-2024"))), fixed = TRUE)
  # the English question is another text than the one that was asked
  fill_cells(path, legal, list(B6 = asked))
  expect_identical(sum(as.data.frame(cap_read_questionnaire(path, "gci-2024"))$state == "changed question"), 1L)
  weights <- written_form("gci-2024", kind = "weights", unit = "E", lang = "fr", pairs = TRUE)
  expect_setequal(as.data.frame(cap_read_questionnaire(weights, "gci-2024"))$state, "missing")
  fill_cells(weights, grep("^LS ", readxl::excel_sheets(weights), value = TRUE), list(C5 = "Autre"))
  expect_identical(sum(as.data.frame(cap_read_questionnaire(weights, "gci-2024"))$state == "changed question"), 1L)
})

test_that("a form in a translation carries the words by which it is read back", {
  lang <- mirrored()
  framework <- cap_framework("gci-2024")
  path <- written_form(framework, answers = gci_answers(2024), unit = "FJI", lang = lang)
  expect_match(readxl::excel_sheets(path), "^\u0645|^[A-Z]+ \u0645", all = TRUE)
  english <- written_form(framework, answers = gci_answers(2024), unit = "FJI")
  back <- cap_read_questionnaire(path, framework)
  expect_identical(back$answers, cap_read_questionnaire(english, framework)$answers)
  expect_true(all(as.data.frame(back)$state == "ok"))
  fill_cells(path, grep("^LS ", readxl::excel_sheets(path), value = TRUE), list(B6 = "Another question"))
  expect_identical(sum(as.data.frame(cap_read_questionnaire(path, framework))$state == "changed question"), 1L)
  weights <- written_form(framework, kind = "weights", unit = "E", lang = lang, pairs = TRUE)
  expect_setequal(as.data.frame(cap_read_questionnaire(weights, framework))$state, "missing")
  # and runs from right to left, on every sheet
  for (file in c(path, weights)) {
    parts <- xml_parts(file)
    expect_match(parts[grepl("^xl/worksheets/sheet", names(parts))], "rightToLeft=\"1\"", all = TRUE)
    expect_match(parts[["xl/styles.xml"]], "readingOrder=\"2\"", fixed = TRUE)
  }
})

test_that("French and right-to-left forms come back from LibreOffice", {
  skip_on_cran()
  skip_if_not(has_libreoffice(), "LibreOffice is not installed")
  framework <- cap_framework("gci-2024")
  folder <- withr::local_tempdir()
  files <- file.path(folder, c("fr.xlsx", "ar.xlsx", "fr-weights.xlsx", "ar-weights.xlsx"))
  langs <- list("fr", mirrored())
  evidence <- data.frame(unit = "FJI", item = leaf_codes(framework), source = form_sources, comment = "\u00e9t\u00e9")
  for (i in 1:2) {
    cap_questionnaire(framework, gci_answers(2024), "FJI", evidence = evidence, lang = langs[[i]], path = files[i])
    form <- cap_questionnaire(framework, unit = "E", kind = "weights", pairs = TRUE, lang = langs[[i]], path = files[i + 2])
    fill_answers(files[i + 2], form, c(LS = 40, TS = 30, OS = 10, CDS = 10, CS = 10))
    pairs <- unname(own_sheet_names(langs[[i]])[["pairs"]])
    fill_cells(files[i + 2], pairs, list(F5 = form_words(langs[[i]])[["second"]], G5 = 3))
  }
  want <- lapply(files, cap_read_questionnaire, framework)
  expect_identical(want[[1]]$evidence$source, rep_len(form_sources, 20))
  expect_identical(want[[3]]$judgements$E$GCI["TS", "LS"], 3)
  saved <- libreoffice(files, "xlsx", file.path(folder, "saved"))
  for (i in seq_along(saved)) {
    got <- cap_read_questionnaire(saved[i], framework)
    expect_equal(got$answers, want[[i]]$answers, tolerance = 1e-14)
    parts <- c("evidence", "experts", "judgements")
    expect_identical(got[parts], want[[i]][parts])
    expect_identical(got$cells[c("cell", "item", "state")], want[[i]]$cells[c("cell", "item", "state")])
    # English and mirrored read the same
    expect_equal(got$cells$number, want[[2 * ceiling(i / 2)]]$cells$number, tolerance = 1e-14)
  }
})
