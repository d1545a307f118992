# Columns and arguments of class integer64 are refused by name, wherever numbers
# come in, with and without bit64.

# integer64 as bit64 stores it: whole numbers are the bits of doubles.
int64 <- function(x) structure(x * 2^-1074, class = "integer64")
with_int64 <- function(table, column) {
  table[[column]] <- int64(table[[column]])
  table
}

wide_2024 <- function() {
  table <- as.data.frame(gci_answers(2024)$values)
  names(table) <- gci(2024)$framework$items$code[gci(2024)$framework$leaves]
  data.frame(unit = gci(2024)$unit, round(table))
}
own_matrix <- function() {
  matrix(c(1, 5, 3, 8, 2, 9, 4, 4, 7, 1, 6, 5), 6, dimnames = list(LETTERS[1:6], c("p", "q")))
}
own_frame <- function() data.frame(unit = LETTERS[1:6], own_matrix())
own_panel <- function() {
  data.frame(unit = rep(LETTERS[1:4], 2), edition = rep(c(2020L, 2024L), each = 4), value = c(10, 20, 30, 40, 20, 40, 50, 60))
}
own_groups <- function() data.frame(unit = LETTERS[1:4], group = c(1, 1, 2, 2))
own_users <- function() cbind(own_panel()[c("unit", "edition")], users = 100)
own_index <- function() gci(2024)
items <- function() subset(gci_items, edition == 2024)
judgements <- function() matrix(c(1, 1, 3, 1), 2, dimnames = rep(list(c("P1", "P2")), 2))

# Name: function, and what is of class integer64; `arg` of the condition.
calls <- function() {
  rlang::exprs(
    "cap_answers value" = cap_answers(with_int64(items(), "value"), "gci-2024"),
    "cap_answers edition" = cap_answers(with_int64(items(), "edition"), "gci-2024"),
    "cap_answers LS1" = cap_answers(with_int64(items(), "value") |> wide_of(), "gci-2024", item = NULL),
    "cap_answers iso3" = cap_answers(with_int64(transform(items(), iso3 = as.numeric(factor(iso3))), "iso3"), "gci-2024", unit = "iso3"),
    "cap_weights values" = cap_weights("gci-2024", int64(c(LM = 1, TM = 2, OM = 3, CDM = 4, CM = 5))),
    "cap_weights weight" = cap_weights("gci-2024", with_int64(data.frame(item = "LM", weight = 2), "weight")),
    "cap_weights_data x" = cap_weights_data(int64(own_matrix())),
    "cap_weights_data q" = cap_weights_data(with_int64(own_frame(), "q")),
    "cap_weights_data target" = cap_weights_data(own_matrix(), "optimised", target = int64(c(p = 1, q = 2))),
    "cap_bod x" = cap_bod(int64(own_matrix())),
    "cap_bod p" = cap_bod(with_int64(own_frame(), "p")),
    "cap_bod bounds" = cap_bod(own_matrix(), bounds = int64(c(0, 1))),
    "cap_weights_expert value" = cap_weights_expert(with_int64(gci_experts, "value"), "gci-2024"),
    "cap_weights_expert trim" = cap_weights_expert(gci_experts, "gci-2024", pool = "trimmed", trim = int64(0)),
    "cap_weights_ahp judgements" = cap_weights_ahp(int64(judgements())),
    "cap_weights_ahp P2" = cap_weights_ahp(with_int64(as.data.frame(judgements()), "P2")),
    "cap_weights_implied value" = cap_weights_implied(gci_answers(2024), with_int64(scores_2024(), "value")),
    "cap_weights_implied threshold" = cap_weights_implied(gci_answers(2024), scores_2024(), threshold = int64(1)),
    "cap_sen x" = cap_sen(int64(c(10, 15, 14, 20))),
    "cap_sen time" = cap_sen(c(10, 15, 14, 20), int64(1:4)),
    "cap_sen weights" = cap_sen(t(own_matrix()), weights = int64(c(1, 2))),
    "cap_sen q" = cap_sen(with_int64(own_frame(), "q")),
    "cap_sen conf" = cap_sen(1:4, conf = int64(1)),
    "cap_kendall x" = cap_kendall(int64(own_matrix())),
    "cap_kendall time" = cap_kendall(c(10, 15, 14, 20), int64(1:4)),
    "cap_kendall weights" = cap_kendall(t(own_matrix()), weights = int64(c(1, 2))),
    "cap_panel value" = cap_panel(with_int64(own_panel(), "value")),
    "cap_panel edition" = cap_panel(with_int64(own_panel(), "edition")),
    "cap_panel max" = cap_panel(with_int64(cbind(own_panel(), max = 100), "max")),
    "cap_panel scale" = cap_panel(own_panel(), scale = int64(1)),
    "cap_compare_series value" = cap_compare_series(cap_panel(own_panel()), with_int64(own_panel(), "value"), by = NULL),
    "cap_compare_series reliability" = cap_compare_series(cap_panel(own_panel()), own_panel(), by = NULL, reliability = int64(c(1, 1))),
    "cap_compare_series group" = cap_compare_series(cap_panel(own_panel()), own_panel(), by = with_int64(own_groups(), "group")),
    "cap_trend value" = cap_trend(with_int64(own_panel(), "value"), by = own_groups(), users = NULL),
    "cap_trend group" = cap_trend(cap_panel(own_panel()), by = with_int64(own_groups(), "group"), users = NULL),
    "cap_trend users" = cap_trend(cap_panel(own_panel()), by = own_groups(), users = with_int64(own_users(), "users")),
    "cap_trend time" = cap_trend(cap_panel(own_panel()), by = own_groups(), users = NULL, time = int64(c(2020, 2024))),
    "cap_trend n" = cap_trend(cap_panel(own_panel()), by = own_groups(), users = NULL, n = int64(100)),
    "cap_convergence users" = cap_convergence(own_panel(), group = data.frame(unit = c("A", "B"), group = "x"), users = with_int64(own_users(), "users")),
    "cap_convergence group" = cap_convergence(own_panel(), group = with_int64(own_groups(), "group"), users = NULL),
    "cap_convergence noise" = cap_convergence(own_panel(), group = own_groups(), users = NULL, noise = int64(1)),
    "cap_decompose users" = cap_decompose(own_panel(), by = own_groups(), users = with_int64(own_users(), "users")),
    "cap_decompose group" = cap_decompose(own_panel(), by = with_int64(own_groups(), "group"), users = own_users()),
    "cap_mobility value" = cap_mobility(with_int64(own_panel(), "value")),
    "cap_mobility tiers" = cap_mobility(cap_panel(own_panel()), tiers = int64(c(0, 50))),
    "cap_mobility lower" = cap_mobility(cap_panel(own_panel()), tiers = with_int64(data.frame(label = c("a", "b"), lower = c(0, 50)), "lower")),
    "cap_regions users" = cap_regions(own_index(), users = with_int64(cap_users(2024), "users")),
    "cap_regions group" = cap_regions(own_index(), by = with_int64(data.frame(unit = "KEN", group = 1), "group"), users = NULL),
    "cap_users editions" = cap_users(int64(2024)),
    "cap_users year" = cap_users(2024, int64(2023)),
    "cap_treat x" = cap_treat(int64(own_matrix())),
    "cap_treat q" = cap_treat(with_int64(own_frame(), "q")),
    "cap_treat probs" = cap_treat(own_matrix(), "percentile", probs = int64(c(0, 1))),
    "cap_treat max_points" = cap_treat(own_matrix(), max_points = int64(1)),
    "cap_impute x" = cap_impute(int64(own_matrix())),
    "cap_impute q" = cap_impute(with_int64(own_frame(), "q")),
    "cap_impute k" = cap_impute(own_matrix(), "knn", k = int64(2)),
    "cap_impute group" = cap_impute(own_frame(), "group_mean", by = with_int64(own_groups(), "group")),
    "cap_normalise x" = cap_normalise(int64(own_matrix())),
    "cap_normalise q" = cap_normalise(with_int64(own_frame(), "q")),
    "cap_normalise range" = cap_normalise(own_matrix(), range = int64(c(0, 1))),
    "cap_normalise goalposts" = cap_normalise(own_matrix(), goalposts = int64(c(0, 10))),
    "cap_normalise lower" = cap_normalise(own_matrix(), goalposts = with_int64(data.frame(item = "p", lower = 0, upper = 10), "lower")),
    "cap_normalise target" = cap_normalise(own_matrix(), "distance_to_target", target = int64(9)),
    "cap_normalise breaks" = cap_normalise(own_matrix(), "categorical", breaks = int64(c(2, 4))),
    "cap_normalise element 1" = cap_normalise(own_matrix(), "categorical", breaks = list(int64(2))),
    "cap_normalise quantiles" = cap_normalise(own_matrix(), "categorical", quantiles = int64(c(0, 1))),
    "cap_normalise direction" = cap_normalise(own_matrix(), direction = int64(1)),
    "cap_normalise constant" = cap_normalise(own_matrix(), constant = int64(1)),
    "cap_framework items$weight" = cap_framework(list(items = with_int64(small_items(), "weight"))),
    "cap_framework items$max" = cap_framework(with_int64(small_items(), "max")),
    "cap_framework bands$lower" = small(bands = with_int64(data.frame(label = c("a", "b"), lower = c(50, 0)), "lower")),
    "cap_framework stages$stage" = small(stages = with_int64(data.frame(stage = 0:1, label = c("a", "b")), "stage")),
    "cap_framework value" = cap_framework("cirt-readiness", profile = with_int64(data.frame(param = "x", value = 1), "value")),
    "cap_index r" = cap_index(gci_answers(2024), aggregate = list("generalised_mean", r = int64(1))),
    "cap_index min_coverage" = cap_index(gci_answers(2024), missing = "renormalise", min_coverage = int64(0)),
    "cap_audit value" = cap_audit(gci_answers(2024), with_int64(scores_2024(), "value")),
    "cap_actions target" = cap_actions(own_index(), target = int64(90)),
    "cap_actions costs" = cap_actions(own_index(), costs = int64(c(LM1 = 1))),
    "cap_actions cost" = cap_actions(own_index(), costs = with_int64(data.frame(item = "LM1", cost = 1), "cost")),
    "cap_actions step" = cap_actions(own_index(), step = int64(1)),
    "cap_actions alternatives" = cap_actions(own_index(), alternatives = int64(1)),
    "cap_readiness n" = cap_readiness(own_index(), n = int64(100)),
    "cap_readiness correlation" = cap_readiness(own_index(), correlation = int64(0)),
    "cap_readiness reliability" = cap_readiness(own_index(), reliability = int64(c(A = 1))),
    "cap_readiness step" = cap_readiness(own_index(), step = int64(1)),
    "cap_robustness n" = cap_robustness(own_index(), n = int64(100)),
    "cap_robustness range" = cap_robustness(own_index(), n = 100, range = int64(c(1, 2))),
    "cap_robustness key" = cap_robustness(own_index(), n = 100, key = int64(c(1, 2))),
    "cap_sensitivity n" = cap_sensitivity(own_index(), list(cap_vary_weights()), n = int64(100)),
    "cap_sobol d" = cap_sobol(rowSums, int64(2)),
    "cap_sobol f" = cap_sobol(function(x) int64(seq_len(nrow(x))), 2, n = 64),
    "cap_vary_weights amount" = cap_vary_weights("noise", int64(1)),
    "cap_vary_answers p" = cap_vary_answers(int64(1)),
    "cap_vary_answers step" = cap_vary_answers(step = int64(1)),
    "cap_vary_normalise LS1" = cap_robustness(own_index(), 10, list(cap_vary_normalise("rank", data = with_int64(wide_2024(), "LS1")))),
    "cap_readiness stage" = cap_readiness(own_index(), external = with_int64(data.frame(framework = "sim3", unit = "KEN", stage = 1), "stage")),
    "cap_whatif costs" = cap_whatif(own_index(), path = tempfile(), units = "KEN", costs = int64(c(LM1 = 1))),
    "cap_release created" = cap_release(created = int64(1e9)),
    "cap_brief users" = cap_brief(own_index(), users = with_int64(cap_users(2024), "users")),
    "cap_briefs users" = cap_briefs(own_index(), "KEN", tempfile(), users = with_int64(cap_users(2024), "users"), workers = 1),
    "cap_brief group" = cap_brief(own_index(), by = with_int64(data.frame(unit = "KEN", group = 1), "group"))
  )
}
wide_of <- function(long) {
  wide <- data.frame(iso3 = unique(long$iso3))
  for (k in unique(long$item)) {
    own <- long[long$item == k, ]
    wide[[k]] <- structure(unclass(own$value)[match(wide$iso3, own$iso3)], class = "integer64")
  }
  wide
}
scores_2024 <- function() {
  table <- overall(gci(2024))
  data.frame(unit = table$unit, edition = 2024L, value = table$score, max = 100)
}

expect_all_refused <- function() {
  all <- calls()
  for (name in names(all)) {
    arg <- sub("^[a-z_]+ ", "", name)
    e <- tryCatch(eval(all[[name]], parent.frame()), error = identity)
    expect_s3_class(e, "cap_error_input")
    expect_true(arg %in% c(e$arg, e$column), info = paste(name, "said", paste(e$arg, collapse = ", "), class(e)[1L], if (inherits(e, "error")) conditionMessage(e)))
    expect_match(if (inherits(e, "error")) conditionMessage(e) else "none", "integer64", info = name)
  }
}

# What takes no numbers, or only results of the others; what takes editions names
# them when it has none of that name.
numberless <- c(
  "cap_bridge", "cap_brief_text", "cap_check_brief", "cap_compare", "cap_findings", "cap_frameworks", "cap_merge",
  "cap_questionnaire", "cap_read_questionnaire", "cap_read_translation", "cap_style", "cap_table", "cap_translate",
  "cap_vary_aggregate", "cap_vary_drop", "cap_vary_missing", "cap_importance"
)

test_that("every function that takes numbers is among them", {
  exported <- grep("^cap_", getNamespaceExports("cybercap"), value = TRUE)
  expect_setequal(c(sub(" .*", "", names(calls())), numberless), exported)
})

test_that("integer64 is refused by name wherever numbers come in", {
  expect_false(isNamespaceLoaded("bit64"))
  expect_all_refused()
})

test_that("doubles and whole numbers are read as before", {
  expect_identical(as_numbers(c(a = 1L, b = NA), "x"), c(1, NA))
  expect_identical(find_integer64(list(a = 1, b = list(int64(1), own_frame()))), "b$element 1")
  expect_length(find_integer64(own_frame()), 0L)
})
