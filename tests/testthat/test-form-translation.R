internal <- function(name) get(name, asNamespace("cybercap"))

# A workbook with its text column as a translator leaves it: `edit` changes the
# sentences, `labels` the labels, by key; written by the package's own plan.
translated_book <- function(lang = "fr", sentences = character(), labels = character(), rules = list()) {
  path <- withr::local_tempfile(fileext = ".xlsx", .local_envir = parent.frame())
  language <- internal("language_to_translate")(lang)
  language$templates[names(sentences)] <- sentences
  language$labels[names(labels)] <- labels
  language$rules[names(rules)] <- rules
  internal("write_plan")(internal("translation_plan")(language), path)
  path
}

arabic <- function() {
  once("arabic", {
    table <- utils::read.csv(test_path("arabic.csv"), encoding = "UTF-8", colClasses = "character", na.strings = character())
    of <- function(kind) stats::setNames(table$text, table$key)[table$kind == kind]
    cap_read_translation(translated_book("ar", of("sentence"), of("label")))
  })
}

test_that("the way out and in changes nothing, also after LibreOffice saved the workbook", {
  path <- withr::local_tempfile(fileext = ".xlsx")
  expect_identical(cap_translate("fr", path), path)
  read <- cap_read_translation(path)
  expect_s3_class(read, c("cap_translation", "cap_result"), exact = TRUE)
  expect_identical(read$language[names(internal("find_language")("fr"))], internal("find_language")("fr"))
  expect_true(all(read$table$state == "translated"))
  index <- gci(2024)
  expect_identical(cap_findings(index, lang = read), cap_findings(index, lang = "fr"))
  again <- withr::local_tempfile(fileext = ".xlsx")
  cap_translate(read, again)
  expect_identical(cap_read_translation(again), read)
  skip_on_cran()
  skip_if_not(has_libreoffice(), "LibreOffice is not installed")
  expect_identical(cap_read_translation(libreoffice(path, "xlsx", withr::local_tempdir())), read)
})

test_that("an existing file is left alone, and codes and paths are checked", {
  local_messages()
  path <- withr::local_tempfile(fileext = ".xlsx")
  writeLines("mine", path)
  expect_error(cap_translate("es", path), class = "cap_error_io")
  expect_identical(readLines(path), "mine")
  cap_translate("es", path, overwrite = TRUE)
  expect_identical(internal("find_language")(cap_read_translation(path))$code, "es")
  expect_snapshot(error = TRUE, {
    cap_translate("Spanish", "x.xlsx")
    cap_translate(5, "x.xlsx")
    cap_translate("es", "x.docx")
    cap_read_translation("nowhere.xlsx")
  })
  book <- shipped_brief("KEN")$path
  expect_error(cap_read_translation(book), class = "cap_error_input")
})

test_that("what the package has for a language is filled in, and nothing else", {
  path <- withr::local_tempfile(fileext = ".xlsx")
  cap_translate("sw", path)
  read <- cap_read_translation(path)
  expect_identical(read$language$code, "sw")
  expect_true(all(read$table$state == "missing"))
  expect_identical(unname(read$language$templates), unname(internal("shipped_templates")("en")[names(read$language$templates)]))
  expect_identical(cap_findings(gci(2024), lang = read)$text, cap_findings(gci(2024))$text)
})

test_that("progress, length and state are formulas with the values that they have", {
  path <- translated_book("sw", c("sheet.brief" = strrep("x", 32), "word.not" = "sivyo"))
  parts <- xml_parts(path)
  sheet <- parts[["xl/worksheets/sheet2.xml"]]
  n <- length(internal("shipped_templates")("en"))
  expect_length(between(sheet, "<f>LEN\\(E[0-9]+\\)</f>"), n)
  expect_match(sheet, paste0("COUNTA\\(\\$E\\$5:\\$E\\$", n + 4, "\\)"))
  expect_match(sheet, paste0("<v>Translated: 2 of ", format(n, big.mark = ","), "</v>"), fixed = TRUE)
  expect_length(between(sheet, "<v>too long</v>"), 1)
  expect_length(between(sheet, "<v>done</v>"), 1)
  expect_match(sheet, "<sheetProtection", fixed = TRUE)
})

test_that("a text that cannot be used is refused with its cell", {
  local_messages()
  refuse <- function(...) {
    text <- c(...)
    tryCatch(cap_read_translation(translated_book("fr", text)), cap_error_input = function(e) cli::ansi_strip(conditionMessage(e)))
  }
  expect_match(refuse(unit.score = "Le score est de {score|0.0}."), "lacks \\{max\\|0\\}")
  expect_match(refuse(unit.score = "Score {score|0.00} sur {max|0}."), "lacks \\{score\\|0.0\\}; the English has no \\{score\\|0.00\\}")
  expect_match(refuse(unit.score = "Score {score|0.0} sur {max|0} {rank}."), "the English has no \\{rank\\}")
  expect_match(refuse(unit.score = "Score {score|0.0} sur {max|0}}."), "braces do not match")
  expect_match(refuse(unit.score = "Score {score|0.0} {score?point} sur {max|0}."), "must have the forms one:...|other:...", fixed = TRUE)
  for (forms in c("one:a", "other:a", "one:a|few:b|other:c", "one:a|one:b|other:c", "a:b")) {
    expect_match(refuse(unit.score = paste0("Score {score|0.0} {score?", forms, "} sur {max|0}.")), "must have the forms")
  }
  expect_match(refuse(unit.score = "Score {score|0.0} {n?one:a|other:b} sur {max|0}."), "no number of the sentence")
  expect_match(refuse(sheet.brief = "A/B"), "cannot hold")
  expect_match(refuse(sheet.brief = strrep("x", 32)), "at most 31")
  expect_match(refuse(sheet.brief = "NOTES"), "named as that of|named as")
  expect_match(refuse(sheet.brief = "History"), "History for itself")
  at <- which(names(internal("shipped_templates")("en")) == "unit.score") + 4
  expect_match(refuse(unit.score = "Rien."), paste0("Sentences!E", at, ": lacks"))
  many <- refuse(unit.score = "a", unit.full = "b", unit.even = "c", unit.below = "d", unit.above = "e", unit.growth = "f")
  expect_match(many, "6 cells")
  expect_match(many, "And 1 more")
  expect_length(gregexpr("Sentences!E", many)[[1]], 5)
  bad <- translated_book("fr", labels = c("gci-2024/LS" = "Mesures {n|0}"))
  expect_error(cap_read_translation(bad), "the English has no \\{n\\|0\\}", class = "cap_error_input")
  expect_error(
    cap_read_translation(translated_book("fr", rules = list(decimal = ",", thousands = ","))),
    "are the same", class = "cap_error_input"
  )
})

test_that("a translation has the plural forms that its language needs, or that its workbook says", {
  forms <- function(lang, blank, rules = list()) {
    text <- c(line.missing = paste0("{n|0} {n?", blank, "}"))
    tryCatch(cap_read_translation(translated_book(lang, text, rules = rules)), cap_error_input = function(e) cli::ansi_strip(conditionMessage(e)))
  }
  expect_s3_class(forms("ru", "one:a|few:b|many:c|other:d"), "cap_translation")
  expect_match(forms("ru", "one:a|other:d"), "must have the forms one:...|few:...|many:...|other:...", fixed = TRUE)
  expect_s3_class(forms("ja", "other:a"), "cap_translation")
  expect_match(forms("ja", "one:a|other:b"), "must have the forms other:...", fixed = TRUE)
  arabic <- forms("ar", "zero:z|one:a|two:b|few:c|many:d|other:e")
  said <- vapply(c(0, 1, 2, 3, 11, 100), function(n) internal("say")(arabic, "line.missing", n = n), "")
  expect_identical(said, paste(c(0, 1, 2, 3, 11, 100), c("z", "a", "b", "c", "d", "e")))
  own <- forms("sw", "two:b|other:a", list(plural = "two: n = 2"))
  expect_identical(internal("say")(own, "line.missing", n = 2), "2 b")
  expect_match(forms("sw", "other:a", list(plural = "dual: n = 2")), "Plural forms has no rules")
})

test_that("a workbook lists labels by key, those of the package alone", {
  path <- withr::local_tempfile(fileext = ".xlsx")
  cap_translate("fr", path)
  table <- as.data.frame(cap_read_translation(path))
  labels <- table[table$kind == "label", ]
  expect_identical(labels$text[labels$key == "gci-2024/LS"], "Mesures juridiques")
  expect_identical(labels$english[labels$key == "itu_region/AFR"], "Africa")
  expect_identical(labels$key, names(internal("data_labels")()))
})

test_that("a text that is too long or a choice that is left out is told, not refused", {
  path <- translated_book("fr", c(word.not = strrep("non ", 20), line.observed = "{n|0} vues"))
  read <- cap_read_translation(path)
  table <- as.data.frame(read)
  expect_identical(table$state[table$key == "word.not"], "too long")
  expect_identical(table$state[table$key == "line.observed"], "translated")
  found <- cap_findings(read)
  expect_identical(found$key, c("translate.summary", "translate.long"))
  expect_match(found$text[2], "1 text is longer than the limit: word.not", fixed = TRUE)
})

test_that("English that has changed and keys that are gone are told, not refused", {
  old <- internal("translation_plan")(internal("language_to_translate")("fr"))
  block <- Filter(function(b) b$sheet == "Sentences" && length(b$columns) == 7, old$blocks)[[1]]
  at <- which(vapply(old$blocks, identical, NA, block))
  old$blocks[[at]]$columns[[1]]$values[1] <- "gone.key"
  old$blocks[[at]]$columns[[4]]$values[2] <- "What it was once: {status}."
  aged <- withr::local_tempfile(fileext = ".xlsx")
  internal("write_plan")(old, aged)
  read <- cap_read_translation(aged)
  table <- read$table
  expect_identical(table$state[table$key == "gone.key"], "unknown")
  expect_identical(table$state[table$key == block$columns[[1]]$values[2]], "English changed")
  expect_identical(table$state[table$key == block$columns[[1]]$values[1]], "missing")
  expect_identical(read$language$missing, block$columns[[1]]$values[1])
  expect_identical(cap_findings(read)$key, c("translate.summary", "translate.stale", "translate.unknown"))
})

test_that("an Arabic brief runs from right to left, says what is missing, and has the same numbers", {
  read <- arabic()
  expect_true(read$language$right_to_left)
  for (scope in c("KEN", "world")) {
    ar <- write_brief(gci(2024), scope, previous = gci(2020), release = dated("final"), lang = read)
    en <- with_change(scope)
    parts <- xml_parts(ar$path)
    sheets <- parts[grepl("^xl/worksheets/sheet[0-9]+[.]xml$", names(parts))]
    expect_match(sheets, "rightToLeft=\"1\"", all = TRUE)
    expect_match(parts[["xl/styles.xml"]], "readingOrder=\"2\"", fixed = TRUE)
    expect_match(parts[["xl/charts/chart1.xml"]], "(?s)<c:valAx>.*?<c:orientation val=\"maxMin\"/>", perl = TRUE)
    expect_no_match(xml_parts(en$path)[["xl/styles.xml"]], "readingOrder")
    expect_match(ar$brief$title, "[\u0600-\u06ff]")
    expect_match(ar$brief$findings$text, "[\u0600-\u06ff]", all = TRUE)
    numbers <- function(brief) lapply(brief$findings$numbers, function(v) Filter(is.numeric, v))
    expect_equal(numbers(ar$brief), numbers(en$brief))
    notes <- read_text(ar$path, "tbl_notes")[[2]]
    n <- length(read$language$missing)
    shown <- function(x) format(x, big.mark = ",")
    expect_match(notes, paste0(shown(n), ".*", shown(length(read$language$templates))), all = FALSE)
    # signs stay before their numbers
    changes <- ar$brief$findings$text[grepl("change", ar$brief$findings$key)]
    expect_match(changes, "\u200e[-+][0-9]")
  }
  expect_identical(unlist(readxl::excel_sheets(ar$path))[1], unname(read$language$templates["sheet.brief"]))
})

test_that("a live workbook runs from right to left, with the numbers of the English one", {
  for (scope in c("KEN", "AFR")) {
    path <- withr::local_tempfile(fileext = c(".ar.xlsx", ".en.xlsx"))
    ar <- cap_whatif(gci(2024), scope, release = dated("final"), lang = arabic(), path = path[1])
    en <- cap_whatif(gci(2024), scope, release = dated("final"), path = path[2])
    parts <- xml_parts(path[1])
    sheets <- parts[grepl("^xl/worksheets/sheet[0-9]+[.]xml$", names(parts))]
    expect_match(sheets, "rightToLeft=\"1\"", all = TRUE)
    expect_match(sheets, "<sheetProtection", all = TRUE)
    expect_match(parts[["xl/styles.xml"]], "readingOrder=\"2\"", fixed = TRUE)
    # bars begin where their labels stand, on the right
    expect_match(parts[["xl/charts/chart1.xml"]], "(?s)<c:valAx>.*?<c:orientation val=\"maxMin\"/>", perl = TRUE)
    # values beside their labels stand on the same side as these
    format <- function(plan, row) {
      own <- Filter(function(b) b$sheet == plan$sheets[[1]]$name && b$row == row && b$col == 2L, plan$blocks)
      plan$formats[[own[[1]]$columns[[1]]$format_id]]$h_align
    }
    row <- min(vapply(Filter(function(b) b$col == 2L && b$sheet == en$plan$sheets[[1]]$name, en$plan$blocks), `[[`, 0L, "row"))
    expect_identical(format(en$plan, row), "left")
    expect_identical(format(ar$plan, row), "right")
    values <- function(path, table) unname(as.list(Filter(is.numeric, read_table(path, table))))
    for (table in c("tbl_weights", "tbl_what_if")) {
      expect_equal(values(path[1], table), values(path[2], table), tolerance = 1e-14)
    }
    expect_identical(nrow(as.data.frame(cap_check_brief(path[1]))), 0L)
  }
})

test_that("names of countries follow the language of the translation, English where there are none", {
  expect_identical(internal("unit_names")("KEN", arabic()), country_names$ar[country_names$iso3 == "KEN"])
  sw <- cap_read_translation(translated_book("sw", c(word.not = "sivyo")))
  expect_identical(internal("unit_names")("CIV", sw), country_names$en[country_names$iso3 == "CIV"])
})
