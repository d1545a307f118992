internal <- function(name) get(name, asNamespace("cybercap"))

# Numbers as CLDR's plural rules give them as samples, as they are printed.
cldr_samples <- list(
  en = list(one = "1", other = c("0", "2", "16", "100", "1000", "1.0", "0.0", "1.5", "10.1")),
  fr = list(one = c("0", "1", "0.0", "1.0", "1.5"), other = c("2", "17", "100", "1000", "2.0", "3.5", "10.0")),
  ar = list(
    zero = c("0", "0.0"), one = c("1", "1.0"), two = c("2", "2.0"),
    few = c("3", "10", "103", "110", "1003", "3.0", "10.0"), many = c("11", "26", "99", "111", "1011", "11.0"),
    other = c("100", "102", "200", "202", "1000", "0.1", "1.1", "10.1")
  ),
  ru = list(
    one = c("1", "21", "31", "101", "1001"), few = c("2", "4", "22", "24", "102", "1002"),
    many = c("0", "5", "11", "14", "20", "100", "111", "1000"), other = c("0.0", "1.5", "10.0", "1.0", "2.1")
  ),
  pl = list(
    one = "1", few = c("2", "4", "22", "24", "102"), many = c("0", "5", "11", "12", "14", "21", "25", "100", "112", "1000"),
    other = c("0.0", "1.5", "10.0", "1.0", "2.4")
  ),
  ja = list(other = c("0", "1", "2", "15", "1.5", "100")),
  zh = list(other = c("0", "1", "2", "15", "1.5")),
  de = list(one = "1", other = c("0", "2", "1.0", "1.5")),
  es = list(one = c("1", "1.0", "1.00"), other = c("0", "2", "16", "1.5")),
  pt = list(one = c("0", "1", "0.0", "1.5"), other = c("2", "17", "2.0", "10.0"))
)

test_that("numbers take the plural categories that CLDR has for them", {
  for (lang in names(cldr_samples)) {
    rules <- internal("parse_plural")(internal("language_rules")(lang)$plural)
    expect_identical(setdiff(names(cldr_samples[[lang]]), c(names(rules), "other")), character(), info = lang)
    for (category in names(cldr_samples[[lang]])) {
      for (sample in cldr_samples[[lang]][[category]]) {
        decimals <- nchar(sub("^[^.]*[.]?", "", sample))
        found <- internal("plural_category")(rules, as.numeric(sample), decimals)
        expect_identical(found, category, info = paste(lang, sample))
      }
    }
  }
})

test_that("a number counts as it is printed, without its sign", {
  category <- function(lang, ...) internal("plural_category")(internal("find_language")(lang)$plural, ...)
  expect_identical(category("fr", 1.96, 1), "other") # 2,0
  expect_identical(category("fr", 1.94, 1), "one")
  expect_identical(category("fr", -1, 0), "one")
  expect_identical(category("en", 0.6, 0), "one") # as 1
  expect_identical(category("en", 1), "one")
  expect_identical(category("en", 1.5), "other")
  expect_identical(category("en", NA_real_), "other")
  expect_identical(category("en", 12345678), "other")
})

test_that("every language of the table has rules that can be read", {
  table <- internal("read_findings_file")("languages.csv")
  for (rule in table$plural) expect_type(internal("parse_plural")(rule), "list")
  for (bad in c("one", "one:", "one: x = 1", "one: n = 1; one: n = 2", "other: n = 1", "one: n == 1", "one: n = a", "some: n = 1")) {
    expect_null(internal("parse_plural")(bad))
  }
})

test_that("a translation has as many forms as its language", {
  language <- internal("find_language")("en")
  russian <- internal("language_rules")("ru")
  text <- "{n|0} {n?one:\u0441\u0442\u0440\u0430\u043d\u0430|few:\u0441\u0442\u0440\u0430\u043d\u044b|many:\u0441\u0442\u0440\u0430\u043d|other:\u0441\u0442\u0440\u0430\u043d\u044b}"
  russian <- internal("new_language")("ru", c(line.missing = text), character(), russian)
  said <- function(n) internal("fill_template")(russian, internal("term")("line.missing", n = n))
  expect_identical(vapply(c(1, 3, 5, 11, 21), said, ""), paste(c(1, 3, 5, 11, 21), c(
    "\u0441\u0442\u0440\u0430\u043d\u0430", "\u0441\u0442\u0440\u0430\u043d\u044b", "\u0441\u0442\u0440\u0430\u043d", "\u0441\u0442\u0440\u0430\u043d",
    "\u0441\u0442\u0440\u0430\u043d\u0430"
  )))
  # what it lacks is English, whose forms it takes as far as they go
  expect_identical(internal("fill_template")(russian, internal("term")("framework.optional", n = 1)), "1 item may be declared not applicable.")
  expect_identical(internal("fill_template")(russian, internal("term")("framework.optional", n = 3)), "3 items may be declared not applicable.")
})
