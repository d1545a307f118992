internal <- function(name) get(name, asNamespace("cybercap"))
templates_of <- function(lang) internal("shipped_templates")(lang)
labels_of <- function(lang) internal("shipped_labels")(lang)
blanks <- function(text) regmatches(text, gregexpr("\\{[^}]*\\}", text))[[1]]
is_choice <- function(blank) grepl("?", blank, fixed = TRUE)
shipped_others <- function() setdiff(internal("shipped_languages")(), "en")

test_that("a shipped language has every sentence, with the blanks of the English", {
  english <- templates_of("en")
  keys <- names(english)
  wanted <- lapply(english, blanks)
  plain <- function(x) sort(unique(x[!is_choice(x)]))
  expect_true("fr" %in% shipped_others())
  for (lang in shipped_others()) {
    own <- templates_of(lang)
    expect_identical(anyDuplicated(names(own)), 0L)
    expect_identical(setdiff(keys, names(own)), character(), info = paste(lang, "lacks"))
    expect_identical(setdiff(names(own), keys), character(), info = paste(lang, "has too many"))
    own <- own[keys]
    found <- lapply(own, blanks)
    expect_identical(lapply(found, plain), lapply(wanted, plain), info = lang)
    choices <- lapply(found, function(x) x[is_choice(x)])
    unknown <- Map(
      function(choice, blank) setdiff(sub("^.([^?]*).*$", "\\1", choice), sub("^.([^|?}]*).*$", "\\1", blank)),
      choices, wanted
    )
    expect_identical(keys[lengths(unknown) > 0], character(), info = paste(lang, "has choices by what the English has not"))
    forms <- internal("plural_forms")(internal("language_rules")(lang)$plural)
    formed <- vapply(choices, function(x) all(vapply(x, internal("has_forms"), NA, forms = forms)), NA)
    expect_identical(keys[!formed], character(), info = paste(lang, "has choices without the forms of the language"))
    stray <- grepl("[{}]", gsub("\\{[^}]*\\}", "", own))
    expect_identical(keys[stray], character(), info = paste(lang, "has braces that do not match"))
  }
})

test_that("texts keep to the lengths that translators are told, and tabs to Excel's rules", {
  texts <- internal("texts_to_translate")("sentence")
  expect_false(anyNA(texts$limit))
  for (lang in internal("shipped_languages")()) {
    own <- templates_of(lang)[texts$key]
    expect_identical(texts$key[nchar(own) > texts$limit], character(), info = lang)
    tabs <- own[grepl("^sheet[.]|^form[.]sheet_", names(own))]
    expect_true(all(texts$limit[match(names(tabs), texts$key)] == 31))
    expect_lte(max(nchar(tabs)), 31)
    expect_no_match(tabs, "[]*?:/\\\\[]|^'|'$")
    first <- match(tolower(tabs), tolower(tabs))
    english <- templates_of("en")[names(tabs)]
    expect_identical(unname(english[first]), unname(english), info = lang)
  }
})

test_that("every label of the shipped data has a translation, by the code of what it names", {
  wanted <- names(internal("data_labels")())
  expect_identical(anyDuplicated(wanted), 0L)
  expect_true(all(c(
    "gci-2024/LS", "gci-2024/title", "gci-2024/note", "gci-2024/source", "gci-2024/band:T1", "gci-2024/level:pillar",
    "cirt-readiness/stage:1", "cirt-readiness/gate:sponsor", "cirt-readiness/scale:0", "itu_region/AFR", "ldc/LDC"
  ) %in% wanted))
  expect_gt(length(wanted), 500)
  for (lang in shipped_others()) {
    expect_identical(setdiff(wanted, names(labels_of(lang))), character(), info = paste(lang, "lacks"))
    expect_identical(setdiff(names(labels_of(lang)), wanted), character(), info = paste(lang, "has too many"))
    expect_identical(anyDuplicated(names(labels_of(lang))), 0L)
  }
})

test_that("French typography: no-break spaces, curved apostrophes, decimal commas", {
  all <- c(templates_of("fr"), labels_of("fr"))
  all <- all[!grepl("^translate[.]|^blocked[.]group$", names(all))] # a stage and its group: "1:sponsor"
  bare <- gsub(", %", "", gsub("\\{[^}]*\\}", "X", all), fixed = TRUE)
  expect_identical(unname(bare[grepl(" [;:?!%\u00bb]|\u00ab ", bare)]), character())
  expect_identical(unname(bare[grepl("[^ \u00a0\"&][;?!]|[[:alnum:]]:", bare)]), character())
  expect_identical(unname(all[grepl("[[:alpha:]]'[[:alpha:]]", all)]), character())
  expect_identical(unname(bare[grepl("  |[0-9][.][0-9]", gsub("NCSI|v2i|2[.]0|xxhash", "", bare))]), character())
})

test_that("labels of the shipped frameworks and groupings are translated, a user's own never", {
  bands <- data.frame(label = c("T1", "T2"), name = c("normal", "answers"), lower = c(50, 0))
  items <- transform(small_items(), label = c("stages", "normal", "answers", "none", "all", "missing", "framework"))
  own <- list(
    id = "gci-2024", title = "mean", edition = "2024", source = "derived", note = "All", items = items, bands = bands,
    levels = "overall, exact, values", scale = "0 absent; 1 full"
  )
  index <- cap_index(cap_answers(small_answers(), cap_framework(own)))
  by <- data.frame(unit = c("AAA", "BBB"), group = c("World", "World"))
  path <- withr::local_tempfile(fileext = ".xlsx")
  brief <- cap_brief(index, "AAA", by = by, users = NULL, lang = "fr", path = path)
  text <- unlist(lapply(readxl::excel_sheets(path), function(sheet) {
    unlist(suppressMessages(readxl::read_excel(path, sheet, col_names = FALSE, col_types = "text")))
  }))
  expect_true(all(c("normal", "answers", "none", "all", "missing", "framework") %in% text))
  expect_false(any(c(
    "normale", "r\u00e9ponses", "aucun", "tous", "stades", "valeurs", "r\u00e9ponses manquantes", "celle du cadre"
  ) %in% text))
  expect_match(brief$title, "normal", fixed = TRUE)
  expect_match(cap_findings(index$framework, lang = "fr")$text, "mean\u00a0: 4 \u00e9l\u00e9ments", all = FALSE)
  expect_match(cap_findings(cap_regions(index, by, NULL), lang = "fr")$text[1], "^World, 2024")
  # a label of that framework that the user left as it is
  same <- utils::modifyList(own, list(items = transform(items, code = sub("^P$", "LS", code), parent = sub("^P$", "LS", parent))))
  same$items$label[2] <- "Legal measures"
  expect_identical(internal("framework_in")("fr", cap_framework(same))$items$label[2:3], c("Mesures juridiques", "answers"))
  # what the package itself calls levels and groups
  unnamed <- internal("framework_in")("fr", small())
  expect_identical(unnamed$levels, c("ensemble", "pilier", "indicateur"))
  expect_match(cap_findings(cap_regions(index, "world", NULL), lang = "fr")$text[1], "^Monde, 2024")
})

test_that("a stage whose name holds a bracket and a comma is translated whole", {
  support <- cap_readiness(gci(2024), "support-profile")
  expect_match(cap_findings(support, lang = "fr")$text, "\u00e9tablissement accompagn\u00e9 (CIRT, strat\u00e9gie)", fixed = TRUE, all = FALSE)
  path <- withr::local_tempfile(fileext = ".xlsx")
  cap_brief(support, "world", lang = "fr", path = path)
  expect_true("\u00e9tablissement accompagn\u00e9 (CIRT, strat\u00e9gie)" %in% read_text(path, "tbl_stages")[[2]])
})

test_that("texts are said in a language at the last moment, and strings are data", {
  fr <- function(x) internal("text_in")("fr", x)
  term <- internal("term")
  terms <- internal("terms")
  expect_identical(fr(c("Africa", "geometric")), c("Africa", "geometric"))
  geometric <- internal("level_rules")(list("geometric", shift = 0.01), small())
  expect_identical(unique(fr(internal("rule_words")(geometric))), "moyenne g\u00e9om\u00e9trique (shift = 0,01)")
  some <- internal("first_of")(c("Africa", "Europe", letters), 2)
  expect_identical(fr(some), "Africa, Europe et 26 autres")
  band <- terms("framework.band", label = "T1", name = "Mod\u00e8le", lower = 95)
  expect_identical(fr(band), "T1 (Mod\u00e8le) \u00e0 partir de 95")
  expect_identical(fr(internal("change_interval")(-1.5, 2.25, 0.95, 2)), "intervalle \u00e0 95\u00a0% de -1,50 \u00e0 +2,25")
  expect_identical(fr(list(-0.5, internal("figure")(0.0123, 4), "A (B), C")), c("-0,5", "0,0123", "A (B), C"))
  expect_identical(fr(internal("words_of")("rule", c("minimum", "of my own"))), c("minimum", "of my own"))
  expect_identical(as.character(cap_weights_data(gci(2024), "critic")$method), "CRITIC")
  expect_identical(fr(cap_weights("gci-2024")$method), "celle du cadre")
})

test_that("French counts as one what is below two as printed", {
  said <- function(n) internal("say")("fr", "line.missing", n = n)
  expect_identical(said(0), "0 manquante [x]")
  expect_identical(said(1), "1 manquante [x]")
  expect_identical(said(2), "2 manquantes [x]")
  points <- function(x) internal("findings")("fr", internal("finding")("unit.growth_one", item = "I", points = x, of = 5))$text
  expect_match(points(1.94), "1,9 point sur", fixed = TRUE)
  expect_match(points(1.96), "2,0 points sur", fixed = TRUE)
  expect_match(internal("say")("en", "answers.missing", n = 0, share = 0, units = 0), "0 answers are", fixed = TRUE)
})

test_that("French briefs hold no English and the same numbers as the English ones", {
  english <- templates_of("en")
  # What is left of an English text between its blanks, where it is long enough to tell.
  chunks <- unlist(strsplit(unname(english), "\\{[^}]*\\}"))
  chunks <- unique(trimws(chunks))
  chunks <- chunks[nchar(chunks) > 14 & grepl(" ", chunks)]
  chunks <- chunks[!chunks %in% trimws(unlist(strsplit(unname(templates_of("fr")), "\\{[^}]*\\}")))]
  expect_gt(length(chunks), 200)
  for (scope in c("world", "AFR", "EUR", "KEN", "DNK", "ERI", "CIV")) {
    fr <- with_change(scope, lang = "fr")
    en <- with_change(scope)
    text <- unique(unlist(lapply(readxl::excel_sheets(fr$path), sheet_text, path = fr$path)))
    text <- text[!is.na(text)]
    hit <- vapply(chunks, grepl, NA, x = paste(text, collapse = "\n"), fixed = TRUE)
    expect_identical(chunks[hit], character(), info = scope)
    no_english(text, scope)
    expect_no_match(fr$brief$findings$text, "[0-9][.][0-9]")
    expect_identical(fr$brief$findings$key, en$brief$findings$key)
    numbers <- function(brief) lapply(brief$findings$numbers, function(v) Filter(is.numeric, v))
    expect_equal(numbers(fr$brief), numbers(en$brief))
    tables <- lapply(list(fr, en), function(x) {
      lapply(all_tables(x$path), function(t) {
        columns <- lapply(unname(Filter(is.numeric, t)), sort)
        # regions stand side by side in the order of their names
        columns[order(vapply(columns, toString, ""), method = "radix")]
      })
    })
    tables <- lapply(tables, function(t) t[setdiff(names(t), "tbl_notes")])
    expect_equal(tables[[1]], tables[[2]], info = scope)
  }
})

test_that("names in French briefs stand in French order", {
  order_of <- function(x) x[internal("name_order")(x)]
  expect_identical(order_of(c("Zambie", "\u00c9gypte", "Eswatini", "\u00celes", "Inde")), c("\u00c9gypte", "Eswatini", "\u00celes", "Inde", "Zambie"))
  expect_identical(order_of(c("\u0628", "\u0625\u0628", "\u0627\u062a")), c("\u0625\u0628", "\u0627\u062a", "\u0628"))
})
