test_that("every error is classed and belongs to the function that was called", {
  shown <- function(code) {
    e <- expect_error(code, class = "cap_error_input")
    expect_s3_class(e, "cap_error")
    deparse(conditionCall(e)[[1]])[1]
  }
  expect_identical(shown(cap_index(5)), "cap_index")
  expect_identical(shown(cybercap::cap_index(5)), "cybercap::cap_index")
  expect_identical(shown(cap_framework("no-such")), "cap_framework")
  expect_identical(shown(cap_answers(small_answers(), "no-such")), "cap_answers")
  expect_identical(shown(cap_weights("gci-2024", c(LS = 1))), "cap_weights")
  expect_identical(shown(cap_regions(gci(2024), "x")), "cap_regions")
  expect_identical(shown(cap_bridge(1, 2)), "cap_bridge")
  expect_identical(shown(cap_panel(1)), "cap_panel")
  expect_identical(shown(cap_audit(1)), "cap_audit")
  expect_identical(shown(cap_users(2024, "x")), "cap_users")
})

test_that("an error never shows a function that a user cannot see", {
  shown <- function(code) {
    e <- expect_error(code, class = "cap_error_input")
    call <- conditionCall(e)
    if (is.null(call)) "" else deparse(call[[1]])[1]
  }
  hidden <- setdiff(ls(asNamespace("cybercap"), all.names = TRUE), getNamespaceExports("cybercap"))
  hidden <- hidden[!grepl("^(update|as[.]data[.]frame|print|weights|summary)[.]", hidden)]
  expect_false(shown(update(gci(2024), missing = "x")) %in% hidden)
  expect_false(shown(lapply(1, cap_index)) %in% hidden)
  expect_false(shown(do.call(cap_index, list(1))) %in% hidden)
  expect_false(shown(as.data.frame(gci(2024), level = "x")) %in% hidden)
})

test_that("the core's errors arrive with class, text and place", {
  core_abort <- asNamespace("cybercap")$core_abort
  e <- expect_error(core_abort(2L, "a 100 % {odd} text", 3, NA), class = "cap_error_input")
  expect_match(conditionMessage(e), "a 100 % {odd} text", fixed = TRUE)
  expect_identical(e$cell, c(row = 3, column = NA))
  expect_error(core_abort(1L, "no room", NA, NA), "memory", class = "cap_error_memory")
  expect_error(core_abort(3L, "x", NA, NA), class = "cap_error_numeric")
  expect_error(core_abort(4L, "x", NA, NA), class = "cap_error_io")
  # from C, where the function that raises is its own parent
  e <- expect_error(bands_within(1, c(1, 2), 100), "bands must descend", class = "cap_error_input")
  expect_identical(e$cell[["row"]], 2)
})

test_that("a table of 1,000 faults is told in five, with a count", {
  data <- data.frame(iso3 = sprintf("U%04d", 1:1000), P1 = 9)
  text <- input_error(cap_answers(data, small(), item = NULL))
  expect_match(text, "1000 answers|1,000 answers")
  expect_match(text, "U0001 1 P1, U0002 1 P1, U0003 1 P1, U0004 1 P1, U0005 1 P1 and 995 more", fixed = TRUE)
  expect_lt(nchar(text), 500)
})

test_that("codes with braces and markup are shown as they are", {
  data <- small_answers()
  data$item[1] <- "{stop('no')}"
  expect_match(input_error(cap_answers(data, small())), "{stop('no')}", fixed = TRUE)
  data$item[1] <- "<b>{.val x}"
  expect_match(input_error(cap_answers(data, small())), "<b>{.val x}", fixed = TRUE)
  expect_match(input_error(cap_framework("{1 + 1}")), "{1 + 1}", fixed = TRUE)
})

# A child R, since an interrupt would stop this one.
test_that("Ctrl-C in a long C loop is a true interrupt, and R goes on", {
  folder <- withr::local_tempdir()
  ready <- file.path(folder, "ready")
  result <- file.path(folder, "result")
  script <- file.path(folder, "child.R")
  writeLines(c(
    "library(cybercap)",
    "items <- data.frame(code = c('R', paste0('P', 1:60), paste0('Q', 1:1200)))",
    "items$parent <- c('', rep('R', 60), rep(paste0('P', 1:60), 20))",
    "data <- as.data.frame(matrix(0.5, 3000, 1200, dimnames = list(NULL, paste0('Q', 1:1200))))",
    "data$iso3 <- sprintf('U%04d', seq_len(3000))",
    "index <- cap_index(cap_answers(data, cap_framework(items), item = NULL))",
    "small <- cap_index(cap_answers(gci_items[gci_items$edition == 2024, ], 'gci-2024'))",
    "before <- as.data.frame(small)",
    "said <- 'nothing'",
    "within <- FALSE",
    sprintf("writeLines(as.character(Sys.getpid()), '%s')", ready),
    "tryCatch(",
    "  withCallingHandlers(",
    "    repeat cap_bridge(index, index),",
    "    interrupt = function(i) {",
    "      within <<- any(vapply(sys.calls(), function(x) identical(x[[1]], quote(cap_bridge)), NA))",
    "    }",
    "  ),",
    "  interrupt = function(i) said <<- 'interrupt',",
    "  error = function(e) said <<- paste('error', conditionMessage(e))",
    ")",
    "for (i in 1:3) gc()",
    "same <- identical(as.data.frame(update(small)), before)",
    "finished <- nrow(as.data.frame(cap_bridge(small, small))) == 194 * 6",
    sprintf("writeLines(paste(said, within, same, finished), '%s.part')", result),
    sprintf("invisible(file.rename('%s.part', '%s'))", result, result)
  ), script)
  wait_for <- function(path) {
    for (i in 1:600) {
      if (file.exists(path) && file.size(path) > 0) {
        return(readLines(path))
      }
      Sys.sleep(0.1)
    }
    "never came"
  }
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), R_TESTS = "")
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", script), wait = FALSE, stdout = FALSE, stderr = FALSE)
  pid <- as.integer(wait_for(ready))
  expect_false(is.na(pid))
  Sys.sleep(0.7) # into the loop
  expect_true(tools::pskill(pid, tools::SIGINT))
  outcome <- wait_for(result)
  if (identical(outcome, "never came")) tools::pskill(pid, tools::SIGKILL)
  expect_identical(outcome, "interrupt TRUE TRUE TRUE")
})

# Names of checks ---------------------------------------------------------------

own_functions <- function(pattern) {
  namespace <- asNamespace("cybercap")
  Filter(is.function, mget(grep(pattern, ls(namespace), value = TRUE, perl = TRUE), namespace))
}
last_call <- function(f) {
  code <- body(f)
  while (is.call(code) && identical(code[[1L]], quote(`{`))) code <- code[[length(code)]]
  code
}
# What the return() calls in some code give, those of functions in it aside.
returned <- function(code) {
  if (!is.call(code) || identical(code[[1L]], quote(`function`))) {
    return(list())
  }
  own <- if (identical(code[[1L]], quote(return))) list(code[[2L]])
  c(own, unlist(lapply(as.list(code)[-1L], function(part) if (!missing(part)) returned(part)), recursive = FALSE))
}
is_call_of <- function(code, pattern) is.call(code) && is.name(code[[1L]]) && grepl(pattern, as.character(code[[1L]]))
aborting <- "^(cap_abort(_input|_numeric|_io)?|core_abort|stop|abort|cli_abort)$"
raising <- paste0(aborting, "|^stop_[a-z0-9_]+$")

# Whether code has no other way than to raise.
always_raises <- function(code) {
  if (!is.call(code)) {
    return(FALSE)
  }
  if (identical(code[[1L]], quote(`{`))) {
    for (part in as.list(code)[-1L]) {
      if (always_raises(part)) {
        return(TRUE)
      }
      if (length(returned(part)) > 0L) {
        return(FALSE)
      }
    }
    return(FALSE)
  }
  if (identical(code[[1L]], quote(`if`))) {
    return(always_raises(code[[2L]]) || length(code) == 4L && always_raises(code[[3L]]) && always_raises(code[[4L]]))
  }
  is_call_of(code, raising)
}
raises_or_keeps <- function(f) {
  same <- call("invisible", as.name(names(formals(f))[[1L]]))
  passed_on <- function(code) is_call_of(code, "^check_") && identical(code[[2L]], same[[2L]])
  last <- last_call(f)
  (identical(last, same) || passed_on(last) || always_raises(last)) &&
    all(vapply(returned(body(f)), function(code) identical(code, same) || passed_on(code), NA))
}

# What raises is named by what it makes, and methods by their generic.
always_by_another_name <- c(
  "cap_abort_input", "cap_abort_io", "cap_abort_numeric", "cap_findings.default", "core_abort", "result_tables.default"
)

test_that("the rules on names of checks tell right functions from wrong ones", {
  always <- function(f) always_raises(body(f))
  expect_true(always(function(x) stop_x(x)))
  expect_true(always(function(x) {
    if (x) cap_abort_io("a")
    if (x > 1) cap_abort_input("b") else stop_x()
  }))
  expect_false(always(function(x) if (x) stop_x()))
  expect_false(always(function(x) {
    if (x) return(1)
    stop_x()
  }))
  expect_false(always(function(x) tryCatch(x, error = function(e) stop_x())))
  expect_true(raises_or_keeps(function(x) {
    if (x) return(invisible(x))
    check_y(x, 1)
  }))
  expect_false(raises_or_keeps(function(x) if (x) stop_x()))
  expect_false(raises_or_keeps(function(x, y) {
    if (x) stop_x()
    invisible(y)
  }))
  expect_false(raises_or_keeps(function(x) {
    if (x) return(NULL)
    invisible(x)
  }))
})

test_that("check_ functions raise or return their first argument invisibly, and no others do", {
  checks <- own_functions("^check_")
  expect_gt(length(checks), 50)
  expect_identical(names(checks)[!vapply(checks, raises_or_keeps, NA)], character())
  others <- own_functions("^(?!check_|stop_)")
  others <- Filter(function(f) length(formals(f)) > 0L && any(grepl(raising, all.names(body(f)))), others)
  expect_identical(setdiff(names(others)[vapply(others, raises_or_keeps, NA)], always_by_another_name), character())
})

test_that("functions whose only way is to raise are named stop_, and only those", {
  all <- own_functions(".")
  raise <- names(all)[vapply(all, function(f) always_raises(body(f)), NA)]
  expect_identical(setdiff(raise, c(names(own_functions("^stop_")), always_by_another_name)), character())
  expect_identical(setdiff(names(own_functions("^stop_")), raise), character())
})

test_that("as_ functions convert: what they give is to be used", {
  is_hidden <- function(f) is_call_of(last_call(f), "^(invisible|check_.*)$")
  converters <- own_functions("^as_")
  expect_gt(length(converters), 10)
  expect_identical(names(converters)[vapply(converters, is_hidden, NA)], character())
})

test_that("checks have no other verbs", {
  expect_identical(names(own_functions("^(refuse|abort|assert|ensure|require|verify|validate|must|forbid|fail)_")), character())
})
