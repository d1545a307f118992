# Usage: Rscript tools/testthat.R LIBRARY [FILE...]
# The tests of tests/testthat against the package installed in LIBRARY: all, or
# those of the files named (trend is test-trend.R, "brief*" all that begin so).
# TESTTHAT_CPUS files are run at a time, 2 unless it says otherwise; in CI one
# after another, so that a test which leaves something behind is found.
# The last line is "N passed, N failed" with ", N skipped" when tests were
# skipped. A test is one test_that() block. A new snapshot is a failure in CI:
# nobody has looked at it.
arguments <- commandArgs(TRUE)
library_path <- arguments[[1]]
ci <- nzchar(Sys.getenv("CI"))
.libPaths(c(library_path, .libPaths()))
or_else <- function(name, value) Sys.getenv(name, value)

# The names of test files that match one of the patterns given.
named_files <- function(patterns) {
  there <- sub("^test-(.*)[.]R$", "\\1", list.files("tests/testthat", "^test-.*[.]R$"))
  if (length(patterns) == 0) return(there)
  found <- lapply(utils::glob2rx(patterns), grep, there, value = TRUE)
  none <- patterns[lengths(found) == 0]
  if (length(none) > 0) stop("no file tests/testthat/test-NAME.R for ", toString(none), call. = FALSE)
  unique(unlist(found))
}

files <- named_files(arguments[-1])
Sys.setenv(
  NOT_CRAN = "true", TESTTHAT_CPUS = or_else("TESTTHAT_CPUS", "2"),
  TESTTHAT_PARALLEL = or_else("TESTTHAT_PARALLEL", if (ci || length(files) == 1) "false" else "true"),
  # Threads that wait sleep: there may be more than cores.
  OMP_WAIT_POLICY = "passive"
)
suppressPackageStartupMessages({
  library(testthat)
  library("cybercap", lib.loc = library_path, character.only = TRUE)
})
found <- test_dir(
  "tests/testthat", filter = paste0("^(", paste(files, collapse = "|"), ")$"), package = "cybercap",
  load_package = "installed", stop_on_failure = FALSE, reporter = "check"
)
found <- found[order(vapply(found, `[[`, "", "file"), method = "radix")]
# What the reporter leaves among the sources.
unlink(c("testthat-problems.rds", "tests/testthat/testthat-problems.rds"))
is_a <- function(test, class) {
  vapply(test$results, inherits, logical(1), what = class)
}
passed <- failed <- skipped <- 0L
for (test in found) {
  name <- paste0(test$file, ": ", test$test)
  bad <- is_a(test, "expectation_failure") | is_a(test, "expectation_error")
  warned <- test$results[is_a(test, "expectation_warning")]
  text <- vapply(warned, conditionMessage, "")
  if (ci && any(grepl("^Adding new (file )?snapshot", text))) {
    cat("a snapshot that nobody has seen:", name, "\n")
    failed <- failed + 1L
  } else if (any(bad)) {
    failed <- failed + 1L
  } else if (any(is_a(test, "expectation_skip")) || !length(test$results)) {
    cat("skipped:", name, "\n")
    skipped <- skipped + 1L
  } else {
    passed <- passed + 1L
  }
}
without <- setdiff(paste0("test-", files, ".R"), vapply(found, `[[`, "", "file"))
for (file in without) {
  cat("no test was run in", file, "\n")
  failed <- failed + 1L
}
cat(sprintf("%d passed, %d failed%s\n", passed, failed,
            if (skipped) sprintf(", %d skipped", skipped) else ""))
quit(status = as.integer(failed > 0L))
