test_that("tolerances are read by name, and no other name is one", {
  expect_identical(slack("bound"), 1e-9)
  expect_identical(slack("bound"), bound_slack(100))
  expect_gt(length(.Call(C_tolerances)), 8)
  expect_error(slack("no such"))
})

test_that("numbers are rounded by one rule, whatever their form", {
  expect_identical(round_half_up(c(0.5, -0.5, 2.5, NA, Inf)), c(1, -1, 3, NA, Inf))
  expect_identical(round_half_up(c(a = 2.675, b = 1.005), 2L), c(a = 2.68, b = 1.01))
  expect_identical(round_half_up(matrix(1:4, 2)), matrix(c(1, 2, 3, 4), 2))
  expect_identical(round_half_up(numeric()), numeric())
  # as keys of ranks do
  score <- gci(2024)$scores[, 1L]
  key <- 100 * round_half_up(score, 2L)
  expect_identical(match(key, sort(unique(key), decreasing = TRUE)), as.integer(ranks_within(cbind(score), c(0L, 194L), "dense", 100)))
})

test_that("shares are whole or none but for rounding", {
  expect_identical(share_state(c(0, 1e-12, 0.5, 1 - 1e-12, 1, NA)), c("none", "none", "part", "whole", "whole", NA))
  expect_identical(share_state(matrix(c(0L, 1L), 1)), matrix(c("none", "whole"), 1))
  expect_identical(is_whole(c(0.1 + 0.2 + 0.7, 0.999)), c(TRUE, FALSE))
})

test_that("enumerations have words of their own, and another word is refused by name", {
  words <- .Call(C_enums)
  expect_gt(length(words), 30)
  for (name in names(words)) {
    expect_gt(length(words[[name]]), 1)
    expect_identical(anyDuplicated(words[[name]]), 0L, info = name)
  }
  e <- expect_error(ranks_within(cbind(1), c(0L, 1L), "best", 100), class = "cap_error_input")
  expect_match(conditionMessage(e), "`method` must be one of 'dense', 'min', 'average'")
  options <- list(method = 0L, group = "judgements")
  expect_error(.Call(C_ahp_pool, diag(2), 2L, options), "eigenvector", class = "cap_error_input")
})

test_that("an option that is missing, or that there is not, is refused by name", {
  call <- function(...) .Call(C_kendall_series, c(1, 3, 2), c(1, 2, 3), list(...))
  expect_identical(call(alternative = "less", normal = TRUE), call(normal = TRUE, alternative = "less"))
  refused <- function(...) conditionMessage(expect_error(call(...), class = "cap_error_input"))
  expect_match(refused(normal = TRUE), "`alternative`")
  expect_match(refused(normal = TRUE, alternative = "less", tails = 2), "`options` has no option 'tails'")
  expect_match(refused(normal = TRUE, alternative = "less", normal = FALSE), "has no option 'normal'")
  expect_match(refused(normal = TRUE, alternative = "less", 2), "has no option ''")
})

# What users choose from, by enumeration: the argument of an exported function, and
# what that offers beside the words of the core or leaves out of them.
offered <- list(
  series = list(fun = "cap_impute", arg = "method", beside = c("mean", "median", "group_mean", "knn", "em")),
  treatment = list(fun = "cap_treat", arg = "method"),
  normalisation = list(fun = "cap_normalise", arg = "method"),
  form = list(fun = "cap_normalise", arg = "form"),
  ties = list(fun = "cap_normalise", arg = "ties"),
  rank = list(fun = c("cap_index", "cap_mobility"), arg = "ties"),
  missing = list(fun = "cap_index", arg = "missing"),
  pool = list(fun = "cap_weights_expert", arg = "pool"),
  ahp_method = list(fun = "cap_weights_ahp", arg = "method"),
  ahp_group = list(fun = "cap_weights_ahp", arg = "pool"),
  spread = list(fun = "cap_weights_data", arg = "method", beside = c("pca", "optimised")),
  varied_weights = list(fun = "cap_vary_weights", arg = "method"),
  alternative = list(fun = "cap_kendall", arg = "alternative"),
  interval = list(fun = "cap_sen", arg = "method"),
  shift_form = list(fun = "cap_decompose", arg = "form")
)
# What no argument lists: results, parts of results, and words of a workbook's plan.
inner <- c(
  "share_state", "treated", "fit_fault", "expert_fault", "factors", "stage", "stage_law", "equating",
  "standard_error", "bootstrap"
)

test_that("functions offer the words of the core, all of them and no other", {
  all <- names(.Call(C_enums))
  expect_setequal(c(names(offered), inner, grep("^xlsx_", all, value = TRUE)), all)
  expect_identical(anyDuplicated(c(names(offered), inner)), 0L)
  for (name in names(offered)) {
    one <- offered[[name]]
    for (fun in one$fun) {
      choices <- eval(formals(get(fun))[[one$arg]], baseenv())
      call <- paste0(fun, "(", one$arg, " =)")
      lacking <- setdiff(c(core_words(name), one$beside), choices)
      expect(length(lacking) == 0L, paste(call, "lacks", toString(lacking), "of the core: add it to the default"))
      unknown <- setdiff(choices, c(core_words(name), one$beside))
      expect(length(unknown) == 0L, paste(call, "offers", toString(unknown), "which the core has not"))
    }
  }
})

test_that("code asks for registers that the core has, and for all tolerances of its register", {
  asked <- list(slack = character(), core_words = character())
  package_code(function(code) {
    if (!is.call(code) || length(code) < 2L || !is.character(code[[2L]])) {
      return()
    }
    name <- as.character(code[[1L]])[[1L]]
    if (name %in% names(asked)) asked[[name]] <<- union(asked[[name]], code[[2L]])
  })
  expect_setequal(asked$slack, names(.Call(C_tolerances)))
  expect_identical(setdiff(asked$core_words, names(.Call(C_enums))), character())
})

test_that("gates are met and groups hold as the core says", {
  gates <- list(
    n_items = 2L, n_stages = 2L, n_groups = 1L, group_stage = 1L, group_k = 1L, group_start = c(0L, 2L),
    item = 1:2, minimum = c(1, 3), cap = c(NA, NA_real_)
  )
  found <- .Call(C_gates_hold, gates, rbind(c(0.3, 3), c(1 - 1e-12, 0)), rbind(c(TRUE, FALSE), c(TRUE, TRUE)))
  expect_identical(found$met, rbind(c(FALSE, FALSE), c(TRUE, FALSE)))
  expect_identical(drop(found$holds), c(FALSE, TRUE))
  expect_identical(drop(found$n), 1:2)
})
