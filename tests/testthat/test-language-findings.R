templates <- function() {
  file <- system.file("findings", "en.csv", package = "cybercap")
  table <- utils::read.csv(file, encoding = "UTF-8", colClasses = "character")
  stats::setNames(table$text, table$key)
}

# The key in finding("key", ...), term("key", ...), terms("key", ...) and say(lang, "key", ...).
called_key <- function(code) {
  if (!is.call(code)) {
    return(character())
  }
  made <- lapply(c("finding", "term", "terms"), as.name)
  at <- if (list(code[[1]]) %in% made) 2 else if (identical(code[[1]], quote(say))) 3
  if (!is.null(at) && length(code) >= at && is.character(code[[at]])) code[[at]] else character()
}

# Keys that are made of a domain and a code of the package, by words_of().
domain_keys <- function() {
  of <- function(name) get(name, asNamespace("cybercap"))
  codes <- list(
    rule = names(of("aggregation_rules")()), parameter = c(
      unlist(lapply(of("aggregation_rules")(), names)), "k", "max_iterations", "tolerance", "ridge"
    ),
    missing = of("core_words")("missing"), ties = of("core_words")("rank"), normalisation = of("core_words")("normalisation"),
    treatment = of("core_words")("treatment"), treat_why = c("winsorise", "percentile", "tukey"),
    imputation = c("mean", "median", "group_mean", of("core_words")("series"), "knn", "em"),
    source = c("data360", "submitted", "verified", "treated", setdiff(of("not_observed"), c("desk-research", "carried-forward"))),
    framework_status = c("official", "recalled", "proposal", "illustrative", "own"),
    weights_method = of("data_methods")(), ahp = c(of("core_words")("ahp_method"), of("core_words")("ahp_group")),
    pool = c("mean", "median", "geometric"), weights_table = c(
      "parents", "experts", "priorities", "judgements", "triads", "refused", "influence", "swaps"
    ),
    stage_varied = of("core_words")("stage"),
    readiness_table = c("stages", "probabilities", "gates", "domains"), change_kind = c("like for like", "one method", "published"),
    law = c(
      "exact", "normal", "none", "exact, joint permutation", "normal, with covariances", "chi-square, units independent"
    ),
    verdict = c("catching up", "falling behind", "not shown"),
    audit_reason = c(
      "off_scale", "unequal", "consequence", "partial", "unmatched", "swapped", "disagree", "jump", "identical", "missing"
    ),
    cell_state = c("changed question", "changed sheet", "unknown item", "duplicate", "total is not 100"),
    caption_class = c("answers", "questionnaire", "translation", "weights", "weights_implied")
  )
  unlist(Map(function(domain, code) unique(paste0(domain, ".", gsub("[^a-z0-9]+", "_", code))), names(codes), codes))
}

test_that("every code of the package has a word in its domain", {
  expect_identical(setdiff(domain_keys(), names(templates())), character())
})

test_that("every template is used and every finding has a template", {
  used <- called <- character()
  package_code(function(code) {
    if (is.character(code)) used <<- c(used, code)
    key <- called_key(code)
    if (length(key) > 0) called <<- c(called, key)
  })
  keys <- names(templates())
  expect_identical(anyDuplicated(keys), 0L)
  expect_gt(length(called), 20)
  expect_identical(setdiff(called, keys), character())
  expect_identical(setdiff(keys, c(used, domain_keys())), character())
})

test_that("every blank of a template is supplied by its finding", {
  texts <- templates()
  checked <- 0
  lacking <- character()
  package_code(function(code) {
    key <- called_key(code)
    if (length(key) == 0) {
      return()
    }
    text <- texts[key]
    marks <- regmatches(text, gregexpr("\\{[^}]*\\}", text))[[1]]
    blanks <- unique(sub("[|?].*$", "", substr(marks, 2, nchar(marks) - 1)))
    gone <- setdiff(blanks, names(code))
    if (length(gone) > 0) lacking <<- c(lacking, paste(key, gone))
    checked <<- checked + 1
  })
  expect_gt(checked, 20)
  expect_identical(lacking, character())
})

test_that("templates are well formed", {
  texts <- templates()
  marks <- unlist(regmatches(texts, gregexpr("\\{[^}]*\\}", texts)), use.names = FALSE)
  expect_gt(length(marks), 20)
  form <- "^\\{[a-z_][a-z0-9_]*([|][+]?0([.]0+)?|[?]one:[^:|]*[|]other:[^:|]*)?\\}$"
  expect_identical(marks[!grepl(form, marks)], character())
  stray <- grepl("[{}]", gsub("\\{[^}]*\\}", "", texts))
  expect_identical(texts[stray], texts[0])
})

test_that("no sentence has a brace, an NA or a NaN left", {
  data <- small_answers()
  data$source <- "derived"
  gaps <- data[-c(1, 6), ]
  bands <- data.frame(label = c("A", "B"), lower = c(50, 0))
  index <- cap_index(cap_answers(gaps, small(bands = bands, note = "A note.")), missing = "renormalise")
  none <- cap_index(cap_answers(transform(data, value = NA), small()), missing = "renormalise")
  kept <- data
  kept$value[1] <- 99
  results <- list(
    cap_framework("gci-2020"), index$framework, index$answers, cap_weights("gci-2024"), index, none,
    none$answers, cap_answers(kept, small(), invalid = "keep"),
    gci(2024), cap_regions(gci(2024)), cap_regions(gci(2024), "world", NULL),
    cap_regions(none, data.frame(unit = c("AAA", "ZZZ"), group = c("G", "H")), NULL),
    cap_regions(index, data.frame(unit = "AAA", group = "G"), data.frame(unit = "AAA", edition = 2024, users = 5)),
    cap_bridge(gci(2020), gci(2024)), cap_bridge(index, index), cap_bridge(none, none),
    cap_panel(gci(2020), gci(2024), gci_overall), cap_panel(none$answers |> (\(a) cap_index(a, missing = "zero"))()),
    cap_audit(list(gci_answers(2020), gci_answers(2024)), gci_scores, gci_overall_copy()),
    cap_audit(index$answers), cap_audit(cap_answers(kept, small(), invalid = "keep"))
  )
  for (result in results) {
    found <- cap_findings(result)
    expect_s3_class(found, "cap_findings")
    expect_identical(names(found), c("key", "text", "numbers"))
    expect_gt(nrow(found), 0)
    expect_no_match(found$text, "[{}]|NaN|\\bNA\\b|Inf|NULL|character\\(")
    expect_no_match(found$text, "  | [.,;]|[.][.]")
    expect_output(print(result), class(result)[1], fixed = TRUE)
    expect_output(print(summary(result)))
    expect_s3_class(cap_table(result), "cap_table")
    expect_output(print(cap_table(result)))
    expect_s3_class(as.data.frame(result), "data.frame", exact = TRUE)
    expect_s3_class(tibble::as_tibble(result), "tbl_df")
    expect_s3_class(generics::tidy(result), "tbl_df")
    expect_match(paste(knitr::knit_print(result), collapse = ""), substr(found$text[1], 1, 20), fixed = TRUE)
    expect_match(paste(knitr::knit_print(found), collapse = ""), "^\\s*- ")
    expect_match(paste(knitr::knit_print(cap_table(result)), collapse = ""), "|", fixed = TRUE)
  }
})

test_that("numbers are written by the one rounding rule", {
  format_number <- asNamespace("cybercap")$format_number
  expect_identical(format_number(c(2.675, 1.005, 0.125), 2), c("2.68", "1.01", "0.13"))
  expect_identical(format_number(c(0.05, 0.25, 0.35), 1), c("0.1", "0.3", "0.4"))
  expect_identical(format_number(c(-0.05, -0.04), 1), c("-0.1", "0.0"))
  expect_identical(format_number(c(1.44, 0, -1.2, 0.04), 1, sign = TRUE), c("+1.4", "0.0", "-1.2", "0.0"))
  expect_identical(format_number(c(0, 999, 1234567), 0), c("0", "999", "1,234,567"))
  expect_identical(format_number(c(NA, NaN), 1), c("not available", "not available"))
  expect_identical(format_number(99.999999999, 1), "100.0")
  expect_identical(format_number(numeric(), 1), character())
})

test_that("sentences agree with the tables to the digit printed", {
  found <- cap_findings(gci(2024))
  table <- overall(gci(2024))
  world <- found[found$key == "index.world", ]
  expect_identical(
    world$text,
    sprintf(
      "Edition 2024: 194 units; mean %.1f of 100, median %.1f, from %.1f to %.1f.",
      mean(table$score), stats::median(table$score), min(table$score), max(table$score)
    )
  )
  expect_equal(world$numbers[[1]]$mean, mean(table$score), ignore_attr = TRUE)
  bridge <- cap_findings(cap_bridge(gci(2020), gci(2024)))
  changes <- overall(cap_bridge(gci(2020), gci(2024)))
  expect_match(bridge$text[1], fixed = TRUE, sprintf(
    "the mean differs by %+.1f points; published %+.1f,", mean(changes$answers), mean(changes$published)
  ))
})

test_that("a name that looks like a blank stays as it is", {
  odd <- "{mean|0.0} {n|0}"
  data <- transform(small_answers(), iso3 = sub("AAA", odd, iso3, fixed = TRUE))
  index <- cap_index(cap_answers(data, small()))
  by <- data.frame(unit = unique(data$iso3), group = odd)
  text <- cap_findings(cap_regions(index, by, users = NULL))$text[1]
  expect_identical(
    text,
    paste0(odd, ", 2024: mean 50.0, median 50.0 (n = 3); no internet users, so no weighted mean.")
  )
  backslash <- "a\\1b\\"
  by$group <- backslash
  expect_match(cap_findings(cap_regions(index, by, users = NULL))$text[1], paste0(backslash, ", 2024"), fixed = TRUE)
})

test_that("a language without sentences is refused", {
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_findings(gci(2024), lang = "xx")
    cap_table(gci(2024), lang = "xx")
    cap_findings(5)
    cap_table(mtcars)
  })
})
