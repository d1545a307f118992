test_that("the table has the fixed shape and order", {
  table <- as.data.frame(cap_answers(shuffled(small_answers()), small()))
  expect_identical(names(table), c("unit", "edition", "item", "value", "source"))
  expect_identical(table$unit, rep(c("AAA", "BBB", "CCC"), each = 4))
  expect_identical(table$item, rep(c("P1", "P2", "Q1", "Q2"), 3))
  expect_identical(table$value, small_answers()$value)
  expect_true(all(is.na(table$source)))
})

test_that("integers, logical NA and whole doubles are numbers", {
  data <- small_answers()
  reference <- as.data.frame(cap_answers(data, small()))
  whole <- data[data$value %% 1 == 0, ]
  expect_identical(
    as.data.frame(cap_answers(transform(whole, value = as.integer(value)), small())),
    as.data.frame(cap_answers(whole, small()))
  )
  none <- cap_answers(transform(data, value = NA), small())
  expect_true(all(is.na(as.data.frame(none)$value)))
  expect_match(paste(cap_findings(none)$text, collapse = " "), "12 answers are missing (100.0 %", fixed = TRUE)
  expect_identical(as.data.frame(none)$unit, reference$unit)
})

test_that("an edition may be missing, a number, text or a factor", {
  data <- small_answers()
  reference <- as.data.frame(cap_answers(data, small()))
  no_edition <- cap_answers(data[names(data) != "edition"], small(edition = "2024"))
  expect_identical(as.data.frame(no_edition), reference)
  expect_identical(as.data.frame(cap_answers(data, small(edition = "2024"), edition = NULL)), reference)
  bare <- cap_answers(data[names(data) != "edition"], small())
  expect_identical(unique(as.data.frame(bare)$edition), 1L)
  words <- cap_answers(transform(data, edition = "round one"), small())
  expect_identical(unique(as.data.frame(words)$edition), "round one")
  expect_output(print(cap_index(words)), "round one")
  expect_match(input_error(cap_answers(transform(data, edition = NA), small())), "edition")
  expect_match(
    input_error(cap_answers(data, small(), edition = "year")), "year"
  )
})

test_that("columns may have other names", {
  data <- small_answers()
  reference <- as.data.frame(cap_answers(data, small()))
  names(data) <- c("land", "jahr", "frage", "wert")
  expect_identical(as.data.frame(cap_answers(
    data, small(), unit = "land", edition = "jahr", item = "frage", value = "wert"
  )), reference)
})

test_that("unit codes of any text are kept", {
  codes <- c("NA", "a b", "\u00c5land", "=cmd()", "{n|0}", "<b>&\"")
  data <- data.frame(iso3 = rep(codes, each = 4), item = c("P1", "P2", "Q1", "Q2"), value = 0)
  answers <- cap_answers(data, small())
  expect_setequal(unique(as.data.frame(answers)$unit), codes)
  expect_output(print(answers), "=cmd()", fixed = TRUE)
  index <- cap_index(answers)
  expect_output(print(index), "{n|0}", fixed = TRUE)
  expect_identical(as.data.frame(index, level = "overall")$unit, sort(codes, method = "radix"))
  regions <- cap_regions(index, by = data.frame(unit = codes, group = "NA"), users = NULL)
  expect_identical(unique(as.data.frame(regions)$group), "NA")
  expect_identical(as.data.frame(regions)$n[1], 6L)
})

test_that("one code in two encodings is one unit", {
  data <- small_answers()
  data$iso3 <- "\u00c5land"
  data$iso3[1:4] <- iconv("\u00c5land", "UTF-8", "latin1")
  expect_error(cap_answers(data, small()), "more than once", class = "cap_error_input")
  latin <- cap_answers(data[1:4, ], small())
  utf8 <- cap_answers(transform(data[1:4, ], iso3 = "\u00c5land"), small())
  expect_identical(as.data.frame(latin), as.data.frame(utf8))
  factor <- transform(data[1:4, ], iso3 = factor(iso3))
  expect_identical(as.data.frame(cap_answers(factor, small())), as.data.frame(utf8))
})

test_that("text and factors of unit codes are read alike", {
  data <- small_answers()
  data$iso3 <- rep(c("AAA", "BBB ", " "), each = 4)
  # a blank code is refused, whichever type the column has
  expect_match(input_error(cap_answers(data, small())), "iso3")
  expect_match(input_error(cap_answers(transform(data, iso3 = factor(iso3)), small())), "iso3")
  data$iso3[9:12] <- "CCC"
  as_text <- as.data.frame(cap_answers(data, small()))
  as_factor <- as.data.frame(cap_answers(transform(data, iso3 = factor(iso3)), small()))
  expect_identical(as_text, as_factor)
  # a group finds a unit whose code carries a stray blank
  regions <- as.data.frame(cap_regions(
    cap_index(cap_answers(data, small())),
    by = data.frame(unit = unique(data$iso3), group = "G"), users = NULL
  ))
  expect_identical(regions$n[1], 3L)
})

test_that("sources are kept, counted and may be missing", {
  data <- transform(small_answers(), source = rep(c("submitted", "derived", "submitted"), 4))
  table <- as.data.frame(cap_answers(data, small()))
  expect_identical(table$source, data$source)
  answers <- cap_answers(data, small())
  expect_match(paste(cap_findings(answers)$text, collapse = " "), "4 derived, 8 submitted", fixed = TRUE)
  renamed <- data
  names(renamed)[5] <- "origin"
  expect_identical(as.data.frame(cap_answers(renamed, small(), source = "origin")), table)
  expect_identical(
    as.data.frame(cap_answers(transform(data, source = factor(source, c("z", "submitted", "derived"))), small())),
    table
  )
  data$source[c(1, 7)] <- NA
  some <- cap_answers(data, small())
  expect_identical(as.data.frame(some)$source, data$source)
  expect_output(print(some), "submitted")
  data$source <- NA
  expect_identical(as.data.frame(cap_answers(data, small()))$source, rep(NA_character_, 12))
  expect_error(cap_answers(data, small(), source = "nowhere"), class = "cap_error_input")
})

test_that("values off the scale are refused or kept, counted and refused later", {
  data <- small_answers()
  data$value[c(1, 6, 11)] <- c(1.5, -0.1, Inf)
  local_messages()
  expect_snapshot(error = TRUE, cap_answers(data, small()))
  kept <- cap_answers(data, small(), invalid = "keep")
  expect_identical(as.data.frame(kept)$value, data$value)
  expect_match(paste(cap_findings(kept)$text, collapse = " "), "3 answers lie off the scale", fixed = TRUE)
  expect_error(cap_index(kept), "AAA 2024 P1", class = "cap_error_input")
  audit <- as.data.frame(cap_audit(kept))
  expect_identical(sum(audit$severity == "fault"), 3L)
  expect_identical(audit$expected[1:3], c(1, 0, 3)[match(audit$item[1:3], c("P1", "P2", "Q1"))])
})

test_that("bad tables are refused with what is at fault", {
  data <- small_answers()
  bad <- function(...) cap_answers(transform(data, ...), small())
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_answers(data[0, ], small())
    cap_answers("data.csv", small())
    cap_answers(as.matrix(data), small())
    cap_answers(data[-1], small())
    cap_answers(rbind(data, data[c(2, 5), ]), small())
    cap_answers(rbind(data, data), small())
    bad(item = sub("Q1", "Q9", item))
    bad(item = sub("Q1", "Q", item))
    bad(item = NA)
    bad(iso3 = ifelse(iso3 == "BBB", NA, iso3))
    bad(iso3 = "")
    bad(edition = NA)
    bad(value = as.character(value))
    bad(value = sub("0.5", "half", value))
    bad(value = factor(value))
    bad(value = value > 0)
    cap_answers(data, small(), unit = c("iso3", "edition"))
    cap_answers(data, small(), item = 3)
    cap_answers(data, small(), invalid = "drop")
  })
})

test_that("several missing columns are all named", {
  expect_match(input_error(cap_answers(data.frame(iso3 = "A"), small())), "columns.*item.*value")
})

test_that("list columns and odd types are refused, not guessed", {
  data <- small_answers()
  listed <- data
  listed$value <- as.list(data$value)
  expect_error(cap_answers(listed, small()), class = "cap_error_input")
  listed <- data
  listed$iso3 <- lapply(seq_len(12), function(i) c("A", "B"))
  expect_error(cap_answers(listed, small()), class = "cap_error_input")
  expect_error(cap_answers(transform(data, value = as.Date(value, origin = "1970-01-01")), small()), class = "cap_error_input")
  expect_error(cap_answers(transform(data, value = complex(real = value)), small()), class = "cap_error_input")
  levelled <- transform(data, iso3 = addNA(factor(ifelse(iso3 == "BBB", NA, iso3))))
  expect_match(input_error(cap_answers(levelled, small())), "iso3")
})

test_that("wide data: columns are items, and faults name their column", {
  wide <- data.frame(iso3 = c("B", "A"), P1 = c(1, 0), P2 = c(0L, 2L), Q1 = c(3, NA), note = "x")
  answers <- cap_answers(wide, small(), item = NULL)
  table <- as.data.frame(answers)
  expect_identical(table$unit, rep(c("A", "B"), each = 4))
  expect_identical(table$value, c(0, 2, NA, NA, 1, 0, 3, NA))
  expect_identical(as.data.frame(cap_answers(tibble::as_tibble(wide), small(), item = NULL)), table)
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_answers(wide[c("iso3", "note")], small(), item = NULL)
    cap_answers(rbind(wide, wide[1, ]), small(), item = NULL)
    cap_answers(transform(wide, P1 = c("yes", "no")), small(), item = NULL)
    cap_answers(transform(wide, P1 = 7), small(), item = NULL)
    cap_answers(cbind(wide, wide["P1"]), small(), item = NULL)
  })
})

test_that("answers print their size and gaps", {
  data <- small_answers()[-(1:2), ]
  text <- paste(cap_findings(cap_answers(data, small()))$text, collapse = " ")
  expect_match(text, "3 units, 4 items, edition 2024", fixed = TRUE)
  expect_match(text, "2 answers are missing (16.7 % of the cells), in 1 unit", fixed = TRUE)
  expect_output(print(cap_answers(data, small())), "<cap_answers> IDX")
})

test_that("answers come back in as they went out: a column unit will do", {
  answers <- cap_answers(small_answers(), small())
  again <- cap_answers(as.data.frame(answers), small())
  expect_identical(as.data.frame(again), as.data.frame(answers))
  expect_match(input_error(cap_answers(data.frame(item = "P1", value = 1), small())), "iso3")
})
