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

# Conditions as data ------------------------------------------------------------

# A faulty call of each exported function, with more at fault than a text shows, and the
# fields that its condition must have; all others are empty.
faulty_calls <- function() {
  codes <- paste0("q", 1:7)
  strange <- sprintf("Z%02d", 1:7)
  known <- gci(2024)$unit[1:7]
  index <- gci(2024)
  answers <- index$answers
  own <- cap_index(cap_answers(small_answers(), small()))
  matrix <- matrix(c(1, Inf)[1 + (col(diag(7)) == 1)], 7, dimnames = list(strange, codes))
  of_items <- stats::setNames(rep(1, 7), codes)
  scores <- function(item) data.frame(unit = "KEN", edition = 2024, item = item, value = 1)
  both_groups <- data.frame(unit = rep(known, 2), group = rep(c("a", "b"), each = 7))
  gaps <- subset(gci_items, edition == 2024 & !(iso3 %in% known & item == "LS1"))
  pairs <- matrix(1, 7, 7, dimnames = list(codes, codes))
  absent <- file.path(tempdir(), "absent.xlsx")
  series <- matrix(1:21, 7, dimnames = list(rep("A", 7), 2020:2022))
  few <- matrix(c(1:20, 22), 7, dimnames = list(strange, 2020:2022))
  call <- function(code, ...) list(code = rlang::enquo(code), fields = list(...))
  list(
    cap_actions = call(cap_actions(index, unit = strange), arg = "unit", units = strange),
    cap_answers = call(
      cap_answers(data.frame(iso3 = "KEN", item = codes, value = 1), "gci-2024"), arg = "data", items = codes
    ),
    cap_audit = call(cap_audit(answers, scores(codes)), arg = "scores", items = codes),
    cap_bod = call(
      cap_bod(own, data.frame(item = codes, lower = 0, upper = 1)), arg = "bounds", items = codes
    ),
    cap_bridge = call(cap_bridge(gci(2020), index, data.frame(from = codes, to = "LS1")), arg = "match", items = codes),
    cap_brief = call(cap_brief(index, "Z01"), arg = "scope", units = "Z01"),
    cap_brief_text = call(cap_brief_text(1), arg = "x"),
    cap_briefs = call(cap_briefs(index, strange, tempfile()), arg = "scope", units = strange),
    cap_check_brief = call(cap_check_brief(absent), arg = "path"),
    cap_compare = call(cap_compare(index), arg = "..."),
    cap_compare_series = call(cap_compare_series(1, gci_overall), arg = "panel"),
    cap_convergence = call(cap_convergence(like_for_like(), group = both_groups), arg = "group", units = known),
    cap_decompose = call(cap_decompose(like_for_like(), from = 1999), arg = "from", edition = "1999"),
    cap_findings = call(cap_findings(1), arg = "x"),
    cap_framework = call(
      cap_framework(data.frame(code = c("R", codes), parent = c("", rep("R", 7)), max = c(1, rep(-1, 7)))), items = codes
    ),
    cap_importance = call(cap_importance(index, 1999), arg = "edition", edition = "1999"),
    cap_impute = call(
      cap_impute(matrix, "mean"), arg = "x", units = strange, edition = rep(NA_character_, 7), items = rep("q1", 7)
    ),
    cap_index = call(
      cap_index(cap_answers(gaps, "gci-2024")), arg = "answers", units = known, edition = rep("2024", 7),
      items = rep("LS1", 7)
    ),
    cap_kendall = call(cap_kendall(few, weights = stats::setNames(rep(-1, 7), strange)), arg = "weights", units = strange),
    cap_merge = call(cap_merge(1), arg = "..."),
    cap_mobility = call(cap_mobility(1), arg = "panel"),
    cap_normalise = call(cap_normalise(answers, direction = of_items), arg = "direction", items = codes),
    cap_panel = call(
      cap_panel(data.frame(unit = rep(strange, 2), edition = 2024, value = 1)), arg = "argument 1", units = strange,
      edition = rep("2024", 7), items = rep("GCI", 7)
    ),
    cap_questionnaire = call(
      cap_questionnaire(small(), help = data.frame(item = codes, text = "a")), arg = "help", items = codes
    ),
    cap_read_questionnaire = call(cap_read_questionnaire(absent, "gci-2024"), arg = "path"),
    cap_read_translation = call(cap_read_translation(absent), arg = "path"),
    cap_readiness = call(
      cap_readiness(answers, "support-profile", not_applicable = data.frame(unit = "KEN", item = codes)),
      arg = "not_applicable", items = codes
    ),
    cap_regions = call(
      cap_regions(index, users = data.frame(unit = known, edition = 2024, users = -1)), arg = "users", units = known
    ),
    cap_release = call(cap_release("x"), arg = "status"),
    cap_robustness = call(cap_robustness(index, n = 10, vary = cap_vary_drop(items = codes)), arg = "items", items = codes),
    cap_sen = call(cap_sen(series), arg = "x", units = "A"),
    cap_sensitivity = call(cap_sensitivity(index, cap_vary_weights(level = "x")), arg = "level"),
    cap_sobol = call(cap_sobol(1, 2), arg = "f"),
    cap_style = call(cap_style(contact = 1), arg = "contact"),
    cap_table = call(cap_table(1), arg = "x"),
    cap_translate = call(cap_translate("sw", tempfile()), arg = "path"),
    cap_treat = call(cap_treat(abs(matrix(1:49, 7, dimnames = dimnames(matrix))), items = paste0("k", 1:7)), arg = "items", items = paste0("k", 1:7)),
    cap_trend = call(cap_trend(like_for_like(), from = 1999), arg = "from", edition = "1999"),
    cap_users = call(cap_users(2024, "x"), arg = "year"),
    cap_vary_aggregate = call(cap_vary_aggregate(1), arg = "rules"),
    cap_vary_answers = call(cap_vary_answers(p = 2), arg = "p"),
    cap_vary_drop = call(cap_vary_drop(items = 1), arg = "items"),
    cap_vary_missing = call(cap_vary_missing("x"), arg = "methods"),
    cap_vary_normalise = call(cap_vary_normalise("x"), arg = "methods"),
    cap_vary_weights = call(cap_vary_weights("x"), arg = "method"),
    cap_weights = call(cap_weights("gci-2024", of_items), arg = "values", items = codes),
    cap_weights_ahp = call(cap_weights_ahp(pairs, "gci-2024"), arg = "judgements", items = codes),
    cap_weights_data = call(cap_weights_data(index, "optimised", target = of_items), arg = "target", items = codes),
    cap_weights_expert = call(
      cap_weights_expert(data.frame(expert = "e", item = codes, value = 1), "gci-2024"), arg = "experts", items = codes
    ),
    cap_weights_implied = call(cap_weights_implied(answers, scores(codes)), arg = "scores", items = codes),
    cap_whatif = call(cap_whatif(index, units = strange), arg = "units", units = strange)
  )
}

test_that("each condition has the fields of what is at fault, in full", {
  none <- list(arg = NA_character_, column = NA_character_, units = character(), items = character(), edition = character())
  found <- lapply(faulty_calls(), function(call) {
    e <- rlang::catch_cnd(rlang::eval_tidy(call$code), "cap_error")
    if (is.null(e)) "no condition" else unclass(e)[names(none)]
  })
  expect_identical(found, lapply(faulty_calls(), function(call) utils::modifyList(none, call$fields)))
})

test_that("a faulty call of every function is among them", {
  without <- "cap_frameworks" # takes nothing that could be at fault
  exported <- grep("^cap_", getNamespaceExports("cybercap"), value = TRUE)
  expect_setequal(c(names(faulty_calls()), without), exported)
})

test_that("columns are fields, and given fields win", {
  e <- expect_error(cap_answers(transform(small_answers(), iso3 = NA), small()), class = "cap_error_input")
  expect_identical(e[c("arg", "column")], list(arg = "data", column = "iso3"))
  e <- expect_error(cap_answers(small_answers()["iso3"], small()), class = "cap_error_input")
  expect_identical(e[c("arg", "column")], list(arg = "data", column = c("item", "value")))
  abort <- asNamespace("cybercap")$cap_abort_input
  e <- expect_error(abort("{.arg x} lacks {some_items(letters)}.", arg = "y", parts = 1), class = "cap_error_input")
  expect_identical(e[c("arg", "items", "parts")], list(arg = "y", items = letters, parts = 1))
  expect_match(conditionMessage(e), "lacks a, b, c, d, e and 21 more.", fixed = TRUE)
  # what helps is not at fault
  e <- expect_error(abort(c("None.", "i" = "Give {.arg x}.")), class = "cap_error_input")
  expect_identical(e$arg, NA_character_)
})

# What texts list that is neither units nor items, cells nor editions, by what it is. Lines
# that help ("i") list nothing that is at fault.
other_lists <- list(
  rows = c("which(is.na(x))", "which(bad)", "bad", "which(is.infinite(x))", "which(!is.finite(numbers))", "date[bad]"),
  stages = c(
    "stages[['stage']], 10L", "stages$stage[!is.na(cap)][falling]", "gates$stage[stray]", "idle",
    "setdiff(other$min[other$framework == name], known)", "setdiff(stages$stage[-1L], gates$stage)",
    "above, 20L", "setdiff(given[!is.na(given)], stages)"
  ),
  ids_of_frameworks = "setdiff(ids, asked)", grades = c("unknown", "grade[bad]"), bands = "wrong", answers = "names(levels)",
  files = c("path[absent]", "files[vapply(forms, `[[`, '', 'kind') == 'weights']"),
  groups = "keys", times = "time[order][which(gap <= slack(\"tie\") * max(abs(time)))]", maxima = "off$max",
  elements_of_a_list = "others", of_any_kind = c("twice", "bad"),
  parents = c("items$parent[unknown]", "unique(parent), 3L")
)
# Columns and parts that a table or a list lacks, levels, groupings, rules.
other_marks <- c(
  "{.field {missing}}", "{.field {unknown}}", "{.val {stray}}", "{.val {unknown}}", "{.val {setdiff(level, known)}}",
  "{.field {setdiff(names(parts), framework_parts)}}", "{.val {setdiff(case$aggregate, 'arithmetic')}}"
)

abort_calls <- function(code) {
  if (!is.call(code)) {
    return(NULL)
  }
  own <- if (is_call_of(code, "^(cap_abort(_input|_numeric|_io)?|check_none)$") && length(code) > 1L) list(code)
  c(own, unlist(lapply(as.list(code)[-1L], function(part) if (!missing(part)) abort_calls(part)), recursive = FALSE))
}
fault_texts <- function(code) {
  if (is.character(code)) {
    return(code)
  }
  if (is.call(code)) {
    parts <- as.list(code)[-1L]
    unlist(lapply(parts[rlang::names2(parts) != "i"], fault_texts))
  }
}
# The texts of one call that raises. Those of check_none() say `bad` for its first argument,
# which is put in its place.
texts_of_call <- function(call) {
  if (!is_call_of(call, "^check_none$")) {
    return(fault_texts(call[[2L]]))
  }
  at_fault <- gsub("\\", "\\\\", deparse1(call[[2L]]), fixed = TRUE)
  gsub("(?<=[{(])bad(?=[)},])", at_fault, fault_texts(call[[3L]]), perl = TRUE)
}
# What the texts of a function's errors list by some_of() or a mark and give no field.
listed_without_field <- function(f) {
  calls <- Filter(function(call) !any(c("units", "items") %in% names(call)), abort_calls(body(f)))
  text <- unlist(lapply(calls, texts_of_call))
  take <- function(pattern) as.character(unlist(regmatches(text, gregexpr(pattern, text, perl = TRUE))))
  list(
    lists = take("(?<=[{ ]some_of\\()(?:[^()]|(\\((?:[^()]|(?1))*\\)))*(?=\\))"),
    marks = take("\\{[.](val|field) \\{(unknown|lost|missing|units?|items?|codes?|stray|children|setdiff\\([^{}]*)\\}\\}")
  )
}

test_that("a text that lists units or items has them as fields", {
  planted <- listed_without_field(function(lost) {
    if (lost) cap_abort_input(c("There are {some_of(f(g(lost))[h(1)])}.", "i" = "Known: {some_of(known)}."))
    cap_abort_io("{some_of(lost)}", items = lost)
    cap_abort_input("{.val {codes}}")
  })
  expect_identical(planted, list(lists = "f(g(lost))[h(1)]", marks = "{.val {codes}}"))
  found <- lapply(own_functions("."), listed_without_field)
  expect_setequal(unique(unlist(lapply(found, `[[`, "lists"))), unique(unlist(other_lists)))
  expect_setequal(unique(unlist(lapply(found, `[[`, "marks"))), other_marks)
})

test_that("cells without an edition are told apart by unit", {
  expect_identical(internal("cell_label")(c("KEN", "TZA"), NA, c("LS1", "LS2")), c("KEN LS1", "TZA LS2"))
})
