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
    one_form <- vapply(choices, function(x) any(grepl("^[^?]*[?][^:]*$|[?].*:.*:", x)), NA)
    expect_identical(keys[one_form], character(), info = paste(lang, "has choices without two forms"))
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

test_that("every label of the shipped data has a translation", {
  wanted <- character()
  for (id in cap_frameworks()$id) {
    f <- cap_framework(id)
    wanted <- c(
      wanted, f$title, f$source, f$note, f$status, f$levels, f$items$label, f$items$status,
      as.character(f$bands$name), as.character(f$stages$label), f$stages$status, f$gates$group,
      internal("scale_levels")(f$scale)$meaning
    )
  }
  for (grouping in c("itu_region", "subregion", "income", "ldc", "lldc", "sids")) {
    wanted <- c(wanted, internal("shipped_groups")(grouping)$label)
  }
  wanted <- c(
    wanted, internal("not_observed"), gci_items$source, names(internal("aggregation_rules")()),
    internal("core_words")("normalisation"), internal("severities")[0], "framework", "dense", "min", "average"
  )
  wanted <- unique(wanted[!is.na(wanted) & nzchar(wanted)])
  expect_gt(length(wanted), 300)
  for (lang in shipped_others()) {
    expect_identical(setdiff(wanted, names(labels_of(lang))), character(), info = lang)
    expect_identical(anyDuplicated(names(labels_of(lang))), 0L)
  }
})

test_that("French typography: no-break spaces, curved apostrophes, decimal commas", {
  all <- c(templates_of("fr"), labels_of("fr"))
  all <- all[!grepl("^translate[.]", names(all))]
  bare <- gsub(", %", "", gsub("\\{[^}]*\\}", "X", all), fixed = TRUE)
  expect_identical(unname(bare[grepl(" [;:?!%\u00bb]|\u00ab ", bare)]), character())
  expect_identical(unname(bare[grepl("[^ \u00a0\"&][;?!]|[[:alnum:]]:", bare)]), character())
  expect_identical(unname(all[grepl("[[:alpha:]]'[[:alpha:]]", all)]), character())
  expect_identical(unname(bare[grepl("  |[0-9][.][0-9]", gsub("NCSI|v2i|2[.]0|xxhash", "", bare))]), character())
})

test_that("labels made of labels are translated piece by piece, users' own are left", {
  fr <- function(x) internal("label_in")("fr", x)
  expect_identical(fr("Africa"), "Afrique")
  expect_identical(fr(c("Africa", "Nowhere", NA)), c("Afrique", "Nowhere", NA))
  expect_identical(fr(factor("Africa")), "Afrique")
  expect_identical(fr("geometric (shift = 0.01)"), "moyenne g\u00e9om\u00e9trique (shift = 0,01)")
  expect_identical(fr("Africa, Europe and 1,234 more"), "Afrique, Europe et 1\u00a0234 autres")
  expect_identical(fr("T1 (Role-modelling) from 95"), "T1 (Mod\u00e8le) \u00e0 partir de 95")
  expect_identical(fr("95 % interval -1.5 to +2.25"), "intervalle \u00e0 95\u00a0% de -1,5 \u00e0 +2,25")
  expect_identical(fr(c("-0.5", "0.0123", "1.000", "1.4e-13")), c("-0,5", "0,0123", "1,000", "1,4e-13"))
  expect_identical(fr(c("1.1", "OS4", "G1.2", "A (B), C", "")), c("1.1", "OS4", "G1.2", "A (B), C", ""))
  expect_identical(fr("Somewhere over there."), "Somewhere over there.")
  expect_identical(internal("known_label")("fr", "Africa (own)"), "Africa (own)")
  expect_identical(internal("label_in")("en", "Africa"), "Africa")
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

# Words that no French sentence has.
english_words <- paste0(
  "(*UCP)\\b(the|of|and|is|are|with|by|from|under|not|each|country|countries|item|items|framework|mean|given|weights|",
  "above|below|missing|published|to|own|without|alone|score is|in each|units?|which|between)\\b"
)
no_english <- function(text, label) {
  bare <- gsub("as[.]data[.]frame|cap_[a-z]+|Guide to .*? Strategy|[A-Z][[:alpha:]-]* of the [A-Z]\\w*", "", text)
  bare <- gsub("unit\u00e9s?|[\u00ab].*?[\u00bb]", "", bare)
  expect_identical(text[grepl(english_words, bare, perl = TRUE)], character(), info = label)
}

test_that("findings of every kind are French throughout", {
  small_index <- cap_index(cap_answers(small_answers(), small()))
  index <- gci(2024)
  set.seed(1)
  results <- list(
    framework = cap_framework("cirt-readiness"), answers = index$answers, weights = cap_weights("gci-2024"),
    index = index, geometric = update(index, aggregate = list(overall = list("geometric", shift = 0.01))),
    regions = cap_regions(index), bridge = cap_bridge(gci(2020), index), panel = cap_panel(gci(2020), index, gci_overall),
    compare = cap_compare(a = index, b = update(index, aggregate = "geometric")),
    audit = cap_audit(list(gci_answers(2020), gci_answers(2024)), gci_scores, gci_overall_copy),
    robustness = cap_robustness(index, n = 100, vary = list(cap_vary_weights(amount = 0.1), cap_vary_drop(level = "indicator"))),
    sensitivity = cap_sensitivity(small_index, n = 64, vary = list(
      cap_vary_weights(amount = 0.1), cap_vary_aggregate(list("arithmetic", "geometric"))
    )),
    trend = cap_trend(gci_overall), change = cap_trend(list(gci(2020), index)), parts = cap_decompose(list(gci(2020), index)),
    convergence = cap_convergence(list(gci(2020), index), n_sim = 99), mobility = cap_mobility(list(gci(2020), index)),
    kendall = cap_kendall(c(1, 3, 2, 5, 6)), sen = cap_sen(c(1.5, 3, 2, 5, 6.25)),
    bod = cap_weights_bod(small_index), data = cap_weights_data(index, "pca"), profile = cap_weights_profile(index),
    implied = cap_weights_implied(gci_answers(2020), gci_scores)
  )
  for (name in names(results)) {
    found <- cap_findings(results[[name]], lang = "fr")
    english <- cap_findings(results[[name]])
    expect_identical(found$key, english$key, info = name)
    no_english(found$text, name)
    no_english(attr(cap_table(results[[name]], lang = "fr"), "caption"), name)
    bare <- gsub("SIM3 v2|[0-9]{4}-[0-9]{2}|OS4|TS4", "", found$text)
    expect_identical(found$text[grepl("[0-9][.][0-9]", bare)], character(), info = name)
  }
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
