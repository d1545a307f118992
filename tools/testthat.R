# Usage: Rscript tools/testthat.R LIBRARY
# All tests of tests/testthat against the package installed in LIBRARY. The
# last line is "N passed, N failed" with ", N skipped" when tests were skipped.
# A test is one test_that() block. A new snapshot is a failure in CI: nobody
# has looked at it.
library_path <- commandArgs(TRUE)[[1]]
.libPaths(c(library_path, .libPaths()))
Sys.setenv(NOT_CRAN = "true", TESTTHAT_CPUS = "2")
ci <- nzchar(Sys.getenv("CI"))
suppressPackageStartupMessages({
  library(testthat)
  library("cybercap", lib.loc = library_path, character.only = TRUE)
})
found <- test_dir("tests/testthat", package = "cybercap",
                  load_package = "installed", stop_on_failure = FALSE,
                  reporter = "check")
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
cat(sprintf("%d passed, %d failed%s\n", passed, failed,
            if (skipped) sprintf(", %d skipped", skipped) else ""))
quit(status = as.integer(failed > 0L))
