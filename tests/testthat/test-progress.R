test_that("a full bar may be told again that it is full, and ended twice", {
  ns <- asNamespace("cybercap")
  bar <- ns$start_bar("Steps", 2)
  for (i in 1:2) expect_no_error(cli::cli_progress_update(set = 2, id = bar))
  for (i in 1:2) expect_no_error(ns$end_bar(bar))
})

test_that("an interrupt while a bar is drawn for the first time is no error", {
  withr::local_options(cli.progress_show_after = 0)
  drawn <- FALSE
  interrupt_first <- function(message) {
    if (!drawn) {
      drawn <<- TRUE
      rlang::interrupt()
    }
  }
  outcome <- tryCatch(
    withCallingHandlers(cap_robustness(gci(2024), 1e7), cli_message = interrupt_first),
    interrupt = function(i) "interrupt", error = conditionMessage
  )
  expect_identical(outcome, "interrupt")
})
