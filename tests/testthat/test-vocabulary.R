# One word for one thing, over all exported functions and all tables of results;
# CONTRIBUTING.md has the vocabulary in short.

exports <- function() {
  sort(grep("^cap_", getNamespaceExports("cybercap"), value = TRUE), method = "radix")
}
# Methods of R's generics whose arguments users see, such as plot.cap_trend.
methods_of_generics <- function() {
  grep("^(plot|update|predict|weights|as[.]data[.]frame|as[.]matrix)[.]cap_", ls(asNamespace("cybercap")), value = TRUE)
}
public_functions <- function() c(exports(), methods_of_generics())
arguments_of <- function(name) names(formals(get(name, asNamespace("cybercap"))))

# Arguments that several functions share, and what they mean in each.
shared_arguments <- c(
  x = "what the function reads: a result, answers, a matrix or a data frame",
  index = "from cap_index()", answers = "from cap_answers()", framework = "a framework, its id or its folder",
  panel = "editions together: from cap_panel(), indices, or a data frame; never experts",
  data = "a data frame of the user", scores = "published scores", other = "a second source of the same figures",
  experts = "judgements or weights of experts", weights = "weights of items or of units", users = "internet users",
  by = "groups of units", from = "first edition", to = "last edition", edition = "one edition",
  unit = "one unit, or the column of units", items = "codes of items", level = "levels of the framework",
  target = "what is to be reached", costs = "costs of items", scope = "whom a file is for",
  method = "a rule by name", methods = "several rules by name", form = "form of an equation", pool = "how experts are pooled",
  rules = "rules by name, several", over = "where parameters are measured", scale = "scale of values", range = "least and most",
  missing = "what a missing value does", ties = "how ties are ranked", correlation = "which correlation, or how much",
  external = "results from elsewhere", not_applicable = "items that do not apply", evidence = "grade of evidence of each answer",
  reliability = "reliability of a series or of an answer", step = "distance between levels of an answer", time = "years of the editions",
  vary = "what a Monte Carlo varies", n = "number of draws", conf = "level of intervals", threads = "threads of the core",
  n_boot = "number of draws of the bootstrap, beside another n",
  label = "what a finding calls it", names = "names of units or of factors", analyses = "results that a file shows",
  audience = "who reads the file", release = "what a file says of itself: cap_release()", style = "how it looks: cap_style()",
  units = "codes of the units to show", group = "one group, or how units fall into groups", type = "which of several plots",
  most = "how many a plot shows or names", item = "one item, or the column of items",
  table = "name of a table of the result", lang = "language", path = "file to read or to write",
  overwrite = "whether an existing file may be replaced"
)

# Arguments of one function alone.
own_arguments <- list(
  cap_actions = c("prerequisites", "cost_per", "alternatives", "max_nodes"),
  cap_answers = c("value", "source", "invalid"),
  cap_bod = "bounds",
  cap_bridge = "match",
  cap_brief = c("previous", "ranks"),
  cap_brief_text = c("parts", "heading"),
  cap_briefs = c("dir", "workers", "resume"),
  cap_compare_series = "interpolate",
  cap_convergence = c("cluster", "years", "noise"),
  cap_framework = c("profile", "indicators"),
  cap_impute = c("k", "max_iterations", "tolerance", "ridge"),
  cap_index = c("aggregate", "min_coverage"),
  cap_kendall = "alternative",
  cap_mobility = "tiers",
  cap_normalise = c(
    "direction", "goalposts", "clip", "reference", "band", "breaks", "quantiles", "base", "constant"
  ),
  cap_questionnaire = c("kind", "pairs", "levels", "help"),
  cap_readiness = "twin",
  cap_release = c("status", "version", "embargo_until", "created", "changes"),
  cap_robustness = c("keep", "allow_failed", "chunks", "key"),
  cap_sen = "intercept",
  cap_sobol = c("f", "d", "shifts"),
  cap_style = c("contact", "paper"),
  cap_treat = c("skewness", "kurtosis", "max_points", "log", "probs", "fence", "lambda"),
  cap_trend = character(),
  cap_users = c("editions", "year"),
  cap_vary_answers = c("p", "default"),
  cap_vary_missing = "spread",
  cap_vary_weights = "amount",
  cap_weights = "values",
  cap_weights_ahp = "judgements",
  cap_weights_data = c("within", "factors", "normalise", "importance"),
  cap_weights_expert = "trim",
  cap_weights_implied = c("threshold", "mads"),
  plot.cap_sen = c("title", "ylab"),
  predict.cap_normalised = "newdata"
)

# What R's generics call their arguments.
generic_arguments <- c("x", "y", "object", "row.names", "optional")

# Functions without data at the front, and why.
no_data_first <- c(
  cap_compare = "its data are `...`: the indices", cap_merge = "its data are `...`: the runs",
  cap_panel = "its data are `...`: the editions", cap_frameworks = "lists what is shipped", cap_users = "reads shipped data",
  cap_translate = "writes what is shipped, in a language", cap_sobol = "its data are a function, `f`",
  cap_bridge = "its data are two indices, `from` and `to`",
  cap_release = "says what a file is", cap_style = "says how a file looks",
  cap_read_translation = "reads a file", cap_read_questionnaire = "reads a file", cap_check_brief = "reads a file",
  cap_vary_aggregate = "says what varies", cap_vary_answers = "says what varies", cap_vary_drop = "says what varies",
  cap_vary_missing = "says what varies", cap_vary_normalise = "says what varies", cap_vary_weights = "says what varies"
)
data_arguments <- c("x", "index", "answers", "framework", "panel", "data", "experts", "judgements")

# Pairs of arguments whose order differs between functions, and why.
other_order <- c(
  "by edition" = "in a plot the edition is chosen as its units are; cap_impute() ends with names of columns", "by unit" = "as by edition",
  "by units" = "a plot groups the units that it shows, a live workbook shows units of the group that it is for",
  "by from" = "groups are what a trend is of; its pair of editions is a detail", "by to" = "as by from",
  "from users" = "as by from", "to users" = "as by from",
  "edition range" = "the range of a normalisation is a score's, that of a run a share of its replicates",
  "edition target" = "a target of normalisation is a choice of its method, one of weights an option at the end",
  "correlation method" = "in cap_readiness() a strength, and `method` how it is reckoned",
  "method weights" = "as correlation method",
  "n vary" = "cap_robustness() has a default for what varies, and is mostly called with the number of draws alone",
  "answers framework" = "a form is of a framework, and may hold answers; a readiness is of answers",
  "framework path" = "a file that is read comes first, one that is written among the last", "lang path" = "as framework path",
  "names path" = "as framework path",
  "evidence step" = "an answer varies by steps first; a readiness has evidence first"
)

test_that("each argument of an exported function is a word of the vocabulary", {
  unknown <- lapply(public_functions(), function(name) {
    generic <- if (name %in% methods_of_generics()) generic_arguments
    setdiff(arguments_of(name), c("...", generic, names(shared_arguments), own_arguments[[name]]))
  })
  expect_identical(as.character(unlist(unknown)), character())
})

test_that("no word of the vocabulary is idle, and none is one function's own and another's too", {
  found <- lapply(stats::setNames(nm = public_functions()), arguments_of)
  idle <- Map(setdiff, own_arguments, found[names(own_arguments)])
  expect_identical(as.character(unlist(idle)), character())
  count <- table(unlist(found))
  expect_identical(setdiff(names(shared_arguments), names(count)), character())
  own <- unlist(own_arguments, use.names = FALSE)
  expect_identical(own[count[own] > 1L], character())
})

test_that("data come first", {
  first <- vapply(setdiff(exports(), names(no_data_first)), function(name) arguments_of(name)[[1L]], "")
  expect_identical(first[!first %in% data_arguments], first[0L])
  excused <- vapply(names(no_data_first), function(name) c(arguments_of(name), "none")[[1L]], "")
  expect_identical(names(excused)[excused %in% data_arguments], character())
})

test_that("arguments stand in one order wherever they meet", {
  found <- lapply(stats::setNames(nm = public_functions()), function(name) setdiff(arguments_of(name), generic_arguments))
  pairs <- unlist(lapply(found, function(words) {
    words <- setdiff(words, "...")
    if (length(words) > 1L) utils::combn(words, 2L, paste, collapse = " ")
  }))
  turned <- vapply(strsplit(pairs, " "), function(pair) paste(rev(pair), collapse = " "), "")
  sorted <- vapply(strsplit(pairs, " "), function(pair) paste(sort(pair, method = "radix"), collapse = " "), "")
  expect_setequal(unique(sorted[pairs %in% turned]), names(other_order))
})

# Columns ---------------------------------------------------------------------

# Columns that several tables share, and what they mean in each.
shared_columns <- c(
  unit = "code of a unit", item = "code of an item of any level", edition = "one edition", score = "score of a unit",
  label = "name of a code", group = "code of a group", level = "level of an item in the framework",
  n = "number of units", n_from = "units at the first edition", n_to = "units at the last", n_both = "units at both",
  n_group = "units of the group", n_rest = "units of the rest", n_eff = "effective number of units",
  parent = "code of the item above", max = "highest possible", min = "lowest possible, or the least of a group",
  value = "an answer, or a published figure", source = "where a value comes from", method = "a rule by name",
  weight = "weight of an item in its parent", weights = "how units are weighted: none or users",
  factor = "what varies", choice = "what was drawn of it", other = "the second of a pair", measure = "which statistic",
  rank = "place, 1 the best", tier = "band of a score", stage = "number of a stage", status = "published, proposal or own",
  from = "first edition", to = "last edition",
  score_from = "score at the first edition", score_to = "score at the last", mean_from = "mean at the first edition",
  mean_to = "mean at the last", gap_from = "gap at the first edition", gap_to = "gap at the last",
  tier_from = "tier at the first edition", tier_to = "tier at the last",
  mean = "mean of a group", median = "median of a group", mean_weighted = "mean weighted by users",
  change = "difference of two editions", difference = "difference of two sources", gap = "group less rest",
  within = "part within groups or units", between = "part between groups", published = "change as published",
  estimate = "estimate", se = "standard error", df = "degrees of freedom", p = "p value or probability",
  p_min = "least p possible", low = "lower end of the interval", high = "upper end", conf_actual = "level reached",
  slope = "change a year", intercept = "level at time 0", tau = "Kendall's tau", s = "Kendall's S", statistic = "test statistic",
  first = "the first of several, or the index of a factor alone", total = "the whole, or the index of a factor with interactions",
  rank_shift = "mean change of rank", top_unit = "largest of a group", top_share = "its share of the weight",
  users = "internet users", editions = "number of editions", expert = "one expert", experts = "number of experts",
  framework = "id of a framework", target = "what is to be reached", reason = "why", explanation = "why, in a sentence",
  file = "name of a file", sheet = "sheet of a workbook", cell = "cell of a sheet",
  first_low = "lower end of first", first_high = "its upper end", total_low = "lower end of total", total_high = "its upper end",
  interpolated = "whether a value was interpolated"
)

# Columns of the tables of one class alone.
own_columns <- list(
  cap_actions = c(
    "cost", "gate", "score_gain", "p_gain", "prerequisite", "outcome", "raises", "optimal", "bound", "nodes", "same_cost",
    "alternatives", "cut", "plan", "plan_cost"
  ),
  cap_audit = c("severity", "expected"),
  cap_bod = c("P", "Q"), # items of the test's framework
  cap_brief = c("pillar", "in_place", "partly", "not"),
  cap_briefs = c("scope", "name", "state", "message", "seconds"),
  cap_bridge = c("answers", "items"),
  cap_check = c("rule", "severity", "what", "advice"),
  cap_compare = c("index", "score_shift", "second", "spearman", "kendall"),
  cap_compare_series = c("kind", "corrected", "sd", "sd_interpolation", "limit", "n_beyond", "gap_other", "z", "z_other", "beyond"),
  cap_convergence = c(
    "sign", "reference", "null", "p_null", "shows", "se_type", "t", "speed", "half_life", "slope_null", "slope_corrected",
    "speed_corrected", "half_life_corrected", "value_from", "value_to", "p_floor", "years", "years_low", "years_high"
  ),
  cap_decompose = c(
    "composition", "interaction", "turnover", "se_change", "se_within", "se_composition", "se_interaction", "se_turnover",
    "overlap"
  ),
  cap_framework = c("code", "direction", "concept", "optional"),
  cap_imputed = c("spread", "unclipped"),
  cap_index = "coverage",
  cap_kendall = c("var_s", "z"),
  cap_mobility = c(
    "rank_from", "rank_to", "rank_change", "rank_from_low", "rank_from_high", "rank_to_low", "rank_to_high",
    "p_nearer", "p_further", "share"
  ),
  cap_normalised = c("raw", names(weights(cap_weights("gci-2024")))),
  cap_questionnaire_report = c("number", "state", "action"),
  cap_readiness = c(
    "gated", "stage_label", "deficit", "attainment", "stage_low", "stage_high", "failing", "probability", "at_least",
    "lower", "upper", "error", "likely", "way", "k", "holds", "minimum", "state", "items"
  ),
  cap_regions = c("q1", "q3", "se_weighted", "n_without_users"),
  cap_robustness = c(
    "rank_low", "rank_median", "rank_high", "rank_inside", "score_low", "score_median", "score_high", "p_tier", "se_tier",
    paste0(c("p_T", "se_T"), rep(1:5, each = 2)), "scored", "p_above", "p_tied", "last", "units", "p_top_10", "se_top_10", "draws"
  ),
  cap_sensitivity = c("output", "rank_driver", "rank_total", "score_driver", "score_total"),
  cap_translation = c("kind", "key", "english", "text", "state"),
  cap_trend = c(
    "break", "se_median", "se_weighted", "boot_low", "boot_high", "median_weighted", "se_median_weighted", "users_covered",
    "kind", "answers", "by_weights", "by_items", "breaks", "linking", "mean_without", "influence"
  ),
  cap_weights_ahp = c("items", "gaps", "rounded", "lambda", "ci", "ri", "cr", "a", "b", "c", "implied", "deviation"),
  cap_weights_expert = c(
    "items", "refused", "kendall_w", "chi_square", "p_chi_square", "p_exact", "most_influential", "shift", "share",
    "weight_without", "upper", "lower", "noise", "swaps", "swapped_by", "removals"
  ),
  cap_importance = c("nominal", "effective", "correlation", "importance", "realised")
)

made_results <- new.env()
results_of_all_classes <- function() {
  if (is.null(made_results$all)) {
    made_results$all <- withr::with_seed(1, c(index_results(), change_results(), file_results()))
  }
  made_results$all
}

index_results <- function() {
  index <- gci(2024)
  own <- cap_index(cap_answers(small_answers(), small()))
  gaps <- cap_answers(small_answers()[-1, ], small())
  ladder <- gated(c("A", "B"), rbind(gate(1, "a", 1, "A", 2), gate(1, "b", 1, "B", 2)))
  answers <- wide_answers(cbind(A = c(3, 1, 2), B = c(0, 4, 1)), ladder)
  readiness <- cap_readiness(answers, evidence = grades_of(answers, "B"))
  list(
    cap_framework("cirt-readiness"), index$answers, index, cap_regions(index), cap_audit(index$answers),
    cap_impute(gaps, "median"), cap_treat(index$answers, "tukey"), cap_normalise(index$answers),
    cap_weights("gci-2024"), cap_weights_expert(gci_experts, "gci-2024"), cap_weights_data(index, "pca"),
    cap_weights_ahp(matrix(c(1, 1 / 3, 3, 1), 2)), cap_weights_implied(gci_answers(2020), gci_scores),
    cap_bod(own), cap_importance(index), cap_compare(a = index, b = update(index, aggregate = "geometric")),
    cap_robustness(index, n = 10, vary = list(cap_vary_weights(amount = 0.1))),
    cap_sensitivity(own, n = 64, vary = list(cap_vary_weights(amount = 0.1), cap_vary_aggregate(list("arithmetic", "geometric")))),
    cap_sobol(function(u) u[, 1] + u[, 2], 2, n = 64), readiness, cap_actions(readiness)
  )
}

change_results <- function() {
  both <- list(gci(2020), gci(2024))
  list(
    cap_bridge(gci(2020), gci(2024)), cap_panel(gci(2020), gci(2024)), cap_trend(both), cap_decompose(both),
    cap_convergence(both), cap_mobility(both), cap_compare_series(gci_overall, subset(gci_scores, level == "overall")),
    cap_kendall(c(1, 3, 2, 5, 6)), cap_sen(c(1.5, 3, 2, 5, 6.25))
  )
}

file_results <- function() {
  folder <- withr::local_tempdir()
  path <- function(name) file.path(folder, paste0(name, ".xlsx"))
  brief <- cap_brief(gci(2024), "KEN", release = dated(), path = path("brief"))
  cap_translate("fr", path("translation"))
  form <- cap_questionnaire(small(), unit = "AAA", path = path("form"))
  list(
    brief, cap_check_brief(path("brief")), cap_read_translation(path("translation")), form,
    cap_read_questionnaire(path("form"), small()),
    cap_briefs(gci(2024), "KEN", file.path(folder, "briefs"), release = dated(), workers = 1)
  )
}

tables_of <- function(x) names(asNamespace("cybercap")$result_tables(x, "en"))

test_that("each column of a table is a word of the vocabulary", {
  for (result in results_of_all_classes()) {
    own <- unlist(own_columns[class(result)])
    for (table in tables_of(result)) {
      expect_identical(
        setdiff(names(as.data.frame(result, table = table)), c(names(shared_columns), own)), character(),
        info = paste(class(result)[[1L]], table)
      )
    }
  }
})

test_that("no column of the vocabulary is idle, and none is one class's own and another's too", {
  found <- unlist(lapply(results_of_all_classes(), function(result) {
    unique(unlist(lapply(tables_of(result), function(table) names(as.data.frame(result, table = table)))))
  }))
  expect_identical(setdiff(names(shared_columns), found), character())
  expect_identical(setdiff(unlist(own_columns), c(found, names(weights(cap_weights("gci-2024"))))), character())
  expect_identical(intersect(names(shared_columns), unlist(own_columns)), character())
})

# Tables in which a shared column means something else, and what.
other_meaning <- list(
  from = c(
    "cap_actions steps" = "level of an answer now", "cap_actions alternatives" = "as in steps",
    "cap_actions plans" = "tier or stage now", "cap_treated treated" = "value before"
  ),
  to = c(
    "cap_actions steps" = "level to reach", "cap_actions alternatives" = "as in steps", "cap_treated treated" = "value after"
  ),
  n = c(
    "cap_kendall test" = "values of the series", "cap_sobol convergence" = "rows so far",
    "cap_readiness gates" = "items of a gate, of which k must hold"
  )
)

test_that("from and to are editions, n counts units", {
  units <- 194
  means <- list(
    from = function(x) all(x %in% c(2014, 2017, 2018, 2020, 2024, NA)),
    to = function(x) all(x %in% c(2014, 2017, 2018, 2020, 2024, NA)),
    n = function(x) all(is.na(x) | (x == floor(x) & x >= 0 & x <= units))
  )
  found <- list()
  for (result in results_of_all_classes()) {
    for (table in tables_of(result)) {
      columns <- as.data.frame(result, table = table)
      where <- paste(class(result)[[1L]], table)
      for (name in intersect(names(means), names(columns))) {
        if (where %in% names(other_meaning[[name]])) found[[name]] <- c(found[[name]], where)
        else expect_true(means[[name]](columns[[name]]), info = paste(where, name))
      }
    }
  }
  expect_setequal(unlist(found, use.names = FALSE), unlist(lapply(other_meaning, names), use.names = FALSE))
})

test_that("cap_table() and as.data.frame() know the same tables of every class, and no others", {
  classes <- character()
  for (result in results_of_all_classes()) {
    classes <- c(classes, class(result))
    for (table in tables_of(result)) {
      expect_s3_class(cap_table(result, table), "cap_table")
      expect_s3_class(as.data.frame(result, table = table), "data.frame", exact = TRUE)
    }
    for (read in list(cap_table, function(x, table) as.data.frame(x, table = table))) {
      message <- input_error(read(result, "nonsense"))
      expect_identical(Filter(function(table) !grepl(table, message, fixed = TRUE), tables_of(result)), character())
    }
    expect_match(input_error(as.data.frame(result, what = "scores")), "what")
    expect_match(input_error(cap_table(result, tabel = "scores")), "tabel")
  }
  methods <- sub("result_tables.", "", ls(asNamespace("cybercap"), pattern = "^result_tables[.]"), fixed = TRUE)
  expect_identical(setdiff(methods, c(classes, "default")), character())
})
