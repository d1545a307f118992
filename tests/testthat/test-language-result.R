# One result of each kind, in every way in which it is said.

test_that("findings of every kind are French throughout", {
  results <- every_result()
  for (name in names(results)) {
    found <- cap_findings(results[[name]], lang = "fr")
    english <- cap_findings(results[[name]])
    expect_identical(found$key, english$key, info = name)
    text <- c(found$text, attr(cap_table(results[[name]], lang = "fr"), "caption"))
    for (word in c("their own", "above all", "below", "A user wrote this.", "normal answers")) text <- gsub(word, "", text, fixed = TRUE)
    no_english(text, name)
    bare <- gsub("SIM3 v2|[0-9]{4}-[0-9]{2}|OS4|TS4|NCSI[^.]*2.0|Index 2[.]0|D[0-9][.][0-9.]+|L[0-9][.][0-9]", "", found$text)
    expect_identical(found$text[grepl("[0-9][.][0-9]", bare)], character(), info = name)
  }
})

# Keys ---------------------------------------------------------------------------------
# In a language whose letters all have accents, plain letters are a text without a key.

test_that("findings, captions and prints of all results have keys", {
  pseudo <- pseudo_language()
  results <- every_result()
  for (name in names(results)) {
    x <- results[[name]]
    expect_keyed(cap_findings(x, lang = pseudo)$text, name)
    expect_keyed(attr(cap_table(x, lang = pseudo), "caption"), paste("caption of", name))
    expect_keyed(utils::capture.output(print(x, lang = pseudo, n = 0L)), paste("print of", name))
  }
})

test_that("briefs have keys, whatever their scope and with all analyses", {
  pseudo <- pseudo_language()
  made <- every_result()
  given <- list(
    previous = gci(2020), lang = pseudo, style = cap_style(contact = "Ms Contact"), analyses = made[c(
      "robustness", "readiness_gci", "trend", "convergence", "mobility", "actions_all"
    )],
    release = dated(changes = data.frame(version = "0.9", date = "2024-01-01", text = "first"))
  )
  for (scope in c("world", "AFR", "KEN", "FJI")) {
    expect_keyed_workbook(paste("brief of", scope), function(path) {
      do.call(cap_brief, c(list(gci(2024), scope, path = path, ranks = scope == "world"), given))
    })
  }
  for (scope in c("KEN", "world")) {
    expect_keyed_workbook(paste("brief with gaps of", scope), function(path) {
      cap_brief(made$index_gaps, scope,
        lang = pseudo, path = path, analyses = made$robustness_gaps,
        release = cap_release("embargoed", embargo_until = "2999-01-01")
      )
    })
    expect_keyed_workbook(paste("brief of a readiness of", scope), function(path) {
      cap_brief(made$readiness_graded, scope, lang = pseudo, path = path)
    })
  }
  expect_keyed_workbook("brief by other rules", function(path) cap_brief(made$geometric, "KEN", lang = pseudo, path = path))
  own <- data.frame(unit = c("AAA", "BBB"), group = "high")
  for (scope in c("AAA", "high", "world")) {
    expect_keyed_workbook(paste("brief of a user's framework of", scope), function(path) {
      cap_brief(made$own_index, scope, by = own, users = NULL, lang = pseudo, path = path)
    })
  }
  expect_keyed_workbook("brief of a proposal", function(path) {
    cap_brief(made$readiness_cirt, "U01", users = NULL, lang = pseudo, path = path)
  })
})

test_that("plots have keys", {
  pseudo <- pseudo_language()
  made <- every_result()
  for (name in names(every_plot)) expect_keyed(plot_texts(every_plot[[name]](made, pseudo)), paste("plot of", name))
  drawn <- vapply(made[named_in_plots], function(x) class(x)[1], "")
  methods <- sub("^plot[.]", "", grep("^plot[.]cap_", ls(asNamespace("cybercap")), value = TRUE))
  expect_setequal(c(drawn, "cap_brief"), methods)
})

test_that("live workbooks have keys", {
  pseudo <- pseudo_language()
  made <- every_result()
  for (scope in c("KEN", "AFR")) {
    expect_keyed_workbook(paste("live workbook of", scope), function(path) {
      cap_whatif(gci(2024), scope, analyses = if (scope == "KEN") made$actions else list(), lang = pseudo, path = path)
    })
  }
  expect_keyed_workbook("live workbook with gaps", function(path) cap_whatif(made$index_gaps, "KEN", lang = pseudo, path = path))
  expect_keyed_workbook("live workbook of a user's framework", function(path) {
    cap_whatif(made$own_index, "world", lang = pseudo, path = path)
  })
})

test_that("forms and their reports have keys", {
  pseudo <- pseudo_language()
  made <- every_result()
  forms <- list(
    "gci-2024", "cirt-readiness", "sim3", "ncs-guide", made$profile, made$own_framework
  )
  for (i in seq_along(forms)) {
    expect_keyed_workbook(paste("form", i), function(path) cap_questionnaire(forms[[i]], lang = pseudo, path = path))
  }
  expect_keyed_workbook("form for weights", function(path) {
    cap_questionnaire("gci-2024", kind = "weights", pairs = TRUE, lang = pseudo, path = path)
  })
  expect_keyed_workbook("form filled in", function(path) {
    form <- cap_questionnaire("gci-2024", made$index_gaps$answers, "KEN", release = "verification", lang = pseudo, path = path)
    report <- cap_read_questionnaire(path, "gci-2024")
    for (x in list(form, report)) {
      expect_keyed(c(cap_findings(x, lang = pseudo)$text, attr(cap_table(x, lang = pseudo), "caption")), class(x)[1])
    }
  })
})

test_that("a text without a key is found", {
  expect_identical(unname(unkeyed("\u0155\u00e1\u0144\u0137 plainly", "KEN")), "\u0155\u00e1\u0144\u0137 plainly")
  planted <- every_result()$index
  planted$framework$words <- list()
  planted$spec$weights$method <- "unkeyed weights"
  found <- unkeyed(cap_findings(planted, lang = pseudo_language())$text, user_data())
  expect_identical(names(found), "unkeyed weights")
  plot <- plot(every_result()$sen, ylab = "plainly", lang = pseudo_language())
  expect_identical(names(unkeyed(plot_texts(plot), user_data())), "plainly")
})

test_that("languages and arguments that a table does not know are refused by name", {
  index <- every_result()$index
  expect_match(input_error(cap_table(index, lang = c("en", "fr"))), "`lang` must be")
  expect_match(input_error(cap_table(index, lang = NULL)), "`lang` must be")
  expect_match(input_error(as.data.frame(index, lang = "fr")), "no argument `lang`")
  expect_match(input_error(as.data.frame(index, edition = 1900)), "edition")
  expect_match(input_error(cap_normalise(matrix(1:4, 2), foo = 1)), "no argument `foo`")
})
