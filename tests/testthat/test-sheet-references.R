# A block of three rows on one sheet, one of two on another, and a block beside the first.
named_blocks <- function(formula, sheet = "Sums") {
  list(
    block("It's scores", 4, 3, list(
      unit = column(c("a", "b", "c"), "Unit"), share = column(1:3 / 4, "Share"), yours = column(1:3, "Yours")
    ), table = "tbl_scores"),
    block("It's scores", 2, 4, list(weight = column(0.5)), name = "weights"),
    block(sheet, 9, 2, list(total = column(c(6, 6), formula = formula), n = column(1:2)), name = "sums")
  )
}
formulas_of <- function(formula, ...) {
  made <- plan(list(sheet("It's scores"), sheet("Sums")), named_blocks(formula, ...))
  made$blocks[[3]]$columns$total$formula
}
refused <- function(formula) input_error(formulas_of(formula))

test_that("names become letters: of the row, of the sheet, of any block", {
  expect_identical(formulas_of("{n}+1"), "C{r}+1")
  expect_identical(formulas_of("${n}+ROW(A{r})"), "$C{r}+ROW(A{r})")
  expect_identical(formulas_of("SUM({$n})"), "SUM($C$9:$C$10)")
  expect_identical(formulas_of("SUM({scores$yours})"), "SUM('It''s scores'!$E$5:$E$7)")
  expect_identical(formulas_of("{scores$share:yours}"), "'It''s scores'!$D$5:$E$7")
  expect_identical(formulas_of("{scores$yours[2]}-{scores$yours[2:3]}"), "'It''s scores'!$E$6-'It''s scores'!$E$6:$E$7")
  expect_identical(formulas_of("{scores$yours[r]}"), "'It''s scores'!$E{r}")
  expect_identical(formulas_of("{scores$share:yours[r]}"), "'It''s scores'!$D{r}:$E{r}")
  # the first part says the block, or the sheet that has it
  expect_identical(formulas_of("{$weight}", sheet = "It's scores"), "$D$2")
  expect_identical(formulas_of("{weights$weight}", sheet = "It's scores"), "'It''s scores'!$D$2")
})

test_that("a column may have a formula for each cell", {
  expect_identical(formulas_of(c("{n}", "{scores$yours[1]}")), c("C{r}", "'It''s scores'!$E$5"))
  path <- withr::local_tempfile(fileext = ".xlsx")
  write_plan(plan(list(sheet("It's scores"), sheet("Sums")), named_blocks(c("{n}*2", "{$n[1]}*3"))), path)
  expect_match(xml_parts(path)[["xl/worksheets/sheet2.xml"]], "<f>C9\\*2</f>.*<f>\\$C\\$9\\*3</f>")
  expect_match(input_error(column(1:3, formula = c("1", "2"))), "one for each of 3 cells")
})

test_that("ranges of charts, rules, validations and names are references, too", {
  made <- plan(list(sheet("It's scores"), sheet("Sums")), named_blocks("1"),
    charts = list(chart(chart_frame("It's scores", 12, 10, "scores$yours", "Title", "Alt", col = 2), "bar", list(
      series("scores$yours[2:3]", "scores$unit[2:3]", "Yours")
    ))),
    conditionals = list(data_bar(c("scores$share", "weights$weight"), 0, 1)),
    validations = list(valid_list("sums$n[1]", "scores$unit")), names = list(shares = "scores$share:yours")
  )
  expect_identical(made$charts[[1]]$n_cols, 4L)
  expect_equal(made$charts[[1]]$series[[1]]$values, cells("It's scores", 6:7, 5))
  expect_equal(made$charts[[1]]$series[[1]]$categories, cells("It's scores", 6:7, 3))
  expect_equal(made$conditionals[[1]]$range, cells("It's scores", c(2, 7), 4))
  expect_equal(made$validations[[1]]$range, cells("Sums", 9, 3))
  expect_equal(made$validations[[1]]$source, cells("It's scores", 5:7, 3))
  expect_equal(made$names$shares, cells("It's scores", 5:7, 4:5))
  expect_identical(cell_names(made, "scores$share"), c("D5", "D6", "D7"))
})

test_that("a reference to what is not there is refused with block, column and template", {
  expect_snapshot(error = TRUE, {
    formulas_of("SUM({scores$yours})/{scores$share_of_it}")
    formulas_of("{total}+{count}")
    formulas_of("1+{scored$yours}")
    formulas_of("{scores$yours[2:4]}")
    formulas_of("{scores yours}")
  })
  for (odd in c("{}", "{n[1]}", "{n:total}", "{scores$}", "{scores$yours[0]}", "{scores$yours[x]}", "{scores$1}")) {
    expect_match(refused(odd), "reference|no row", info = odd)
  }
  rule <- function(range) plan(list(sheet("It's scores"), sheet("Sums")), named_blocks("1"), conditionals = list(data_bar(range)))
  expect_match(input_error(rule("scores$mine")), "\"scores\" of the sheet \"It's scores\" has no column \"mine\"")
  expect_match(input_error(rule("scores$yours[r]")), "cannot read the reference")
  expect_match(input_error(rule("yours")), "cannot read the reference")
  both <- named_blocks("SUM({$weight})", sheet = "It's scores")
  both[[4]] <- block("It's scores", 20, 1, list(weight = column(1)), name = "others")
  expect_match(
    input_error(plan(list(sheet("It's scores")), both)), "have a column \"weight\": \"weights\" and \"others\".*name the block, too"
  )
  twice <- named_blocks("1")
  twice[[2]]$name <- "scores"
  expect_match(input_error(plan(list(sheet("It's scores"), sheet("Sums")), twice)), "one name: \"scores\"")
})

test_that("braces in a text of a formula are no reference", {
  expect_identical(formulas_of(formula_text("{n} \"of\" {r}")), "\"\"&CHAR(123)&\"n} \"\"of\"\" \"&CHAR(123)&\"r}\"")
  expect_match(refused("\"{n \"&{m}"), "no column \"m\"")
})
