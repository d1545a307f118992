# Entries of the C glue called wrongly, by glue-calls.R in a process of its own.

# Calls all entries but those of `done`; list(log, status).
call_entries <- function(folder, done) {
  log <- file.path(folder, "log")
  script <- normalizePath(test_path("glue-calls.R"))
  status <- withr::with_dir(folder, withr::with_envvar(
    c(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), R_TESTS = ""),
    suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), c(
      "--vanilla", shQuote(script), shQuote(log), done
    ), stdout = FALSE, stderr = FALSE, timeout = 120))
  ))
  list(log = readLines(log, warn = FALSE), status = status)
}

# A row a call: entry, place of the argument, what is wrong with it, how it ended.
# An entry that ended the process, or took it too long, ends with "lost"; the
# others are called without it.
glue_log <- function() {
  if (is.null(made$glue_log)) {
    folder <- withr::local_tempdir()
    done <- character()
    repeat {
      now <- call_entries(folder, done)
      if (now$status == 0L) break
      called <- unique(sub(" .*", "", now$log))
      if (length(called) == length(done)) stop("The process of glue-calls.R does not start.")
      cat("lost\n", file = file.path(folder, "log"), append = TRUE)
      done <- called
    }
    parts <- regmatches(now$log, regexec("^(\\S+) (\\S*) (\\S+) (.*)$", now$log))
    made$glue_log <- stats::setNames(
      as.data.frame(do.call(rbind, lapply(parts, `[`, -1L))), c("entry", "place", "what", "end")
    )
  }
  made$glue_log
}

test_that("every entry has a right call here", {
  skip_on_cran()
  entries <- names(getDLLRegisteredRoutines(getLoadedDLLs()[["cybercap"]])[[".Call"]])
  log <- glue_log()
  expect_gt(length(entries), 60L)
  right <- log[log$what == "right", ]
  expect_setequal(right$entry, entries)
  expect_identical(right$entry[right$end != "result"], character())
})

test_that("wrong arguments end in an error or a result, never in a crash or a hang", {
  skip_on_cran()
  log <- glue_log()
  said <- paste(log$entry, log$place, log$what, log$end)
  expect_identical(said[log$end == "lost"], character())
  # what is refused is so by class
  expect_identical(said[!log$end %in% c("", "result", "refused", "lost")], character())
})

# Where fewer or more are as good; elsewhere the core would read past the end, or
# leave out what was given.
optional <- c(
  "answers_place 4", "gates_hold 3", "stage_reach 3", "stage_next 3", "stage_probability 3", "next_steps_solve 1$gain",
  "bootstrap 2", "gap_change 3", "gap_change 4", "group_influence 2", "group_statistics 2", "inequality 2",
  "mean_change 3", "mean_change 4", "convergence_null 3", "convergence_null 5", "regression 3", "regression 4",
  "regression_wild 1$w", "regression_wild 1$cluster", "association 3", "shift_share 3", "shift_share 4",
  "sensitivity 1$p_down", "sensitivity 1$p_up",
  "robustness 1$layers$1$spread", "sensitivity 1$layers$1$spread", "robustness 3"
)
any_length <- c(
  "quantiles 1", "quantiles 2", "median_deviation 1", "tie 1", "is_constant 1", "count_quantiles 1", "count_quantiles 2",
  "equal_classes 1",
  "band 1", "band 2", "bound_holds 1", "bound_holds 2", "bound_holds 3", "round_half_up 1", "share_state 1",
  "bootstrap 3", "bootstrap 3$1", "bootstrap 4", "compensated_sum 1",
  "group_influence 3", "group_influence 3$1", "group_influence 3$2",
  "group_statistics 3", "group_statistics 3$1", "group_statistics 3$2", "impute_knn 1", "equate 4",
  "normalise_fit 5", "series_at 3", "shift_share 5", "treat 1", "xlsx_clean_text 1", "sobol_tally 4",
  "robustness 2$lower", "robustness 1$factors", "robustness 1$recipes", "sensitivity 1$factors", "sensitivity 1$recipes",
  # of factors that vary no weights
  paste0("robustness 1$factors$2$parents$", c("node", "amount")),
  paste0("sensitivity 1$factors$2$parents$", c("node", "amount"))
)
# Trees and gates hold more than the core reads.
may_hold_more <- c(
  "framework_compile 1", "framework_weights 1", "index_scores 1", "observed_weights 1", "bridge_split 1", "bridge_split 2",
  "robustness 1$arrays", "sensitivity 1$arrays", "gates_hold 1", "stage_reach 1", "stage_next 1", "evidence_pass 1",
  "stage_probability 1"
)
any_rows <- c(
  "count_quantiles 1",
  "expert_pool 1", "expert_shares 1", "impute_em 1", "index_scores 4$1", "kendall_w 1", "normalise_apply 1",
  "normalise_fit 1", "observed_weights 2", "series_at 2", "sensitivity 1$factors$1$parents$shares$1", "sobol_tally 1", "weights_factor 1",
  "weights_optimised 1", "weights_spread 1"
)
any_columns <- c(
  "count_quantiles 1",
  "expert_pool 1", "expert_shares 1", "group_statistics 1", "implied_weights 1", "impute_centre 1", "impute_em 1",
  "impute_series 1", "kendall_units 1", "kendall_w 1", "importance 1", "rank_panel 1", "rank_panel 4", "regression 1",
  "sobol_indices 1", "sobol_tally 1", "weights_factor 1", "weights_spread 1"
)

test_that("what is shorter or longer than the core reads is refused", {
  skip_on_cran()
  log <- glue_log()
  log <- log[log$what %in% c("null", "empty", "short", "long") & log$end == "result", ]
  # a plan leaves out what does not fit
  log <- log[log$entry != "xlsx_write", ]
  place <- paste(log$entry, log$place)
  fine <- place %in% any_length | (log$what %in% c("null", "empty") & place %in% optional) |
    (log$what == "short" & place %in% any_columns) | (log$what == "long" & place %in% c(any_rows, may_hold_more))
  expect_identical(paste(place, log$what)[!fine], character())
})

test_that("a refusal names the argument", {
  e <- expect_error(.Call(C_association, 1:3, c(1, 2, 3), NULL, 0.95), class = "cap_error_input")
  expect_match(conditionMessage(e), "`x` must be double of length 3, not integer of length 3")
})
