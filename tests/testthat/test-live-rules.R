# What the formulas give, computed anew by a second program, is tested in tests/shell.

test_that("each rule of the core has its formula, or a reason why it has none", {
  registered <- names(aggregation_rules())
  lacking <- setdiff(registered, names(live_rules))
  expect(length(lacking) == 0L, paste0(
    "The core has rules that live workbooks do not know: ", toString(lacking), ". Give `live_rules` in ",
    "R/live-rules.R a row for each: `write`, which gives its formula, with a case in tests/shell/test-recalculate.sh, ",
    "or `none`, the reason that a user is told."
  ))
  gone <- setdiff(names(live_rules), registered)
  expect(length(gone) == 0L, paste0(
    "`live_rules` in R/live-rules.R has rules that the core does not have: ", toString(gone), ". Take them out."
  ))
  one_of <- vapply(live_rules, function(row) is.function(row$write) != rlang::is_string(row$none), NA)
  expect(all(one_of), paste0(
    "A row of `live_rules` has either a formula (`write`) or a reason (`none`); not so: ", toString(names(which(!one_of)))
  ))
})

# A rule with any value for each parameter that has no default.
rule_call <- function(name) {
  defaults <- aggregation_rules()[[name]]
  open <- names(defaults)[is.na(defaults)]
  given <- c(stats::setNames(rep(list(2), length(open)), open), if (name == "owa") list(weighted = TRUE))
  if (length(given) == 0L) name else c(list(name), given)
}

test_that("a what-if takes each rule with a formula, and tells the reason of the others", {
  for (name in names(live_rules)) {
    index <- nested_index(aggregate = rule_call(name))
    row <- live_rules[[name]]
    if (is.null(row$none)) {
      blocks <- blocks_by_name(cap_whatif(index)$plan$blocks)
      formula <- blocks$workings$columns$share_1$formula
      expect_match(formula, "^(IF|SUMPRODUCT|MIN)\\(", info = name)
      expect_no_match(formula, "[{](?!r[}])", perl = TRUE, info = name)
    } else {
      expect_match(gsub("\\s+", " ", input_error(cap_whatif(index))), row$none, fixed = TRUE, info = name)
    }
  }
})

test_that("bounds, bands, gates and stages are written from their cells and what is forgiven", {
  expect_identical(formula_reaches("A1", "B1", 1e-9), "A1+1E-9>=B1")
  expect_identical(formula_reaches("A1", "B1", 1e-12), "A1+1E-12>=B1")
  expect_identical(
    formula_band("A1", "{$lower}", "{$label}", "\"none\"", 1e-11),
    "IF(A1+1E-11>=MIN({$lower}),INDEX({$label},1+SUMPRODUCT(({$lower}>A1+1E-11)*1)),\"none\")"
  )
  expect_identical(
    formula_band("A1", "{bands$lower}", "{bands$label}", "\"none\"", 1e-9, rising = TRUE),
    "IF(A1+1E-9>={bands$lower[1]},LOOKUP(A1+1E-9,{bands$lower},{bands$label}),\"none\")"
  )
  expect_identical(formula_met("A1", "B1", "C1", 1e-9), "IF(A1+1E-9>=B1,C1,0)")
  expect_identical(
    formula_holds("{group}", "{$group}", "{$met}", "{$counts}", "{asked}"),
    "IF(SUMIF({$group},{group},{$met})>=MIN({asked},SUMIF({$group},{group},{$counts})),1,0)"
  )
  expect_identical(
    formula_stage("{$holds}", "{$stage}", "{all$stage}", "{all$label}", 4),
    "IF(COUNTIF({$holds},0)=0,INDEX({all$label},4),INDEX({all$label},MATCH(INDEX({$stage},MATCH(0,{$holds},0)),{all$stage},0)-1))"
  )
})
