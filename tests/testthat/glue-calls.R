# Calls of the entries of the C glue, right and wrong; test-glue.R runs this in a
# process of its own, since what goes wrong may end it:
#   Rscript glue-calls.R LOG DONE...
# calls every registered entry but those named. A line of LOG is written before
# each call, and completed by its end: entry, argument, what is wrong, end.

key <- c(1, 2)
tree <- list(parent = c(NA, 1L, 1L), weight = c(1, 1, 3), max = c(100, 50, 50), direction = c(1L, 1L, 1L))
columns <- function(n, k) matrix(round(50 + 40 * sin(seq_len(n * k)^1.3), 2), n)
with_gap <- function(x) replace(x, 2L, NA)
gates <- list(
  n_items = 2L, n_stages = 2L, n_groups = 1L, group_stage = 1L, group_k = 1L, group_start = c(0L, 2L),
  item = 1:2, minimum = c(1, 1), cap = c(NA, 100)
)
levels <- list(lowest = c(0, 0), step = c(1, 1), highest = c(1, 1))
held <- matrix(c(0, 1, 1, 1), 2)
sure <- matrix(0.9, 2, 2)
applies <- matrix(TRUE, 2, 2)
factor_of <- function(stage, n_choices = 0L, node = NULL, kind = "noise", parents = NULL, pool = "mean", trim = 0) {
  list(
    stage = stage, n_choices = n_choices, node = node, kind = kind,
    parents = parents %||% list(node = integer(), amount = double(), shares = NULL), pool = pool, trim = trim
  )
}
`%||%` <- function(x, y) if (is.null(x)) y else x
model_of <- function(...) {
  cells <- matrix(c(10, 20, 30, 40, 50, 45), 3)
  list(
    arrays = tree, n_rows = 3L, n_missing = 1L, n_normalise = 1L,
    layers = list(list(value = cells, down = cells - 1, up = cells + 1, spread = cells * 0 + 0.1, missing = "error")),
    p_down = cells * 0 + 0.1, p_up = cells * 0 + 0.1,
    recipes = list(list(rules = "generalised_mean", parameters = list(list(r = 1)))),
    min_coverage = 0, rank = "dense", factors = list(...)
  )
}
noise <- model_of(factor_of("weights", parents = list(node = 1L, amount = 0.25, shares = NULL)), factor_of("answers"))
experts <- model_of(
  factor_of("weights", kind = "experts", parents = list(node = 1L, amount = 0, shares = list(matrix(c(0.4, 0.6, 0.6, 0.4), 2)))),
  factor_of("drop", 2L, c(NA, 2L))
)
normal_rule <- function(method) {
  list(method = method, form = "range", ties = "min", band = 0, clip = FALSE, rescale = TRUE, low = 0, high = 100)
}
problem <- list(
  level_start = c(0L, 2L, 4L), value = c(0, 1, 0, 1), cost = c(0, 1, 0, 2), gain = c(0, 5, 0, 5), need = 5,
  group_stage = 1L, group_k = 1L, group_start = c(0L, 2L), item = 1:2, minimum = c(1, 1), stage = 1L,
  raised = 1L, required = 2L, required_minimum = 1
)
panel <- list(columns(6, 1)[, 1], columns(12, 1)[7:12, 1], c(1, 2, 3, 4, 5, 6))
line <- list(
  x = cbind(1, 1:6), y = c(2, 1, 4, 3, 6, 5), w = c(1, 1, 2, 2, 1, 1), cluster = c(1L, 1L, 2L, 2L, 3L, 3L), n_clusters = 3L
)
judgements <- matrix(c(1, 1 / 3, 1 / 5, 3, 1, 1 / 2, 5, 2, 1), 3)
at <- function(...) as.double(c(...))
plan <- list(
  properties = list(title = "T", created = 1e9), formats = list(list(), list(num_format = "0.0", bold = TRUE)),
  sheets = list(list(
    name = "A", widths = list(list(first = 0, last = 1, width = 12)), heights = list(list(row = 0, height = 20)),
    page_breaks = 5, freeze_row = 1
  )),
  blocks = list(list(sheet = 0, row = 0, col = 0, n_rows = 3, table = "t", columns = list(
    list(kind = "string", values = c("a", "b", "c"), header = "unit", format = 0L),
    list(kind = "number", values = c(1, 2, NA), header = "score", format = c(1L, 0L, 1L), shorthand = "[x]")
  ))),
  charts = list(list(
    sheet = 0, row = 6, col = 0, n_rows = 10, n_cols = 4, kind = "bar", title = "C", alt_text = "bars",
    category = list(), value = list(fixed = TRUE, min = 0, max = 5),
    series = list(list(values = at(0, 1, 1, 3, 1), categories = at(0, 1, 0, 3, 0), label_text = c("x", "y", "z")))
  )),
  rules = list(list(range = at(0, 1, 1, 3, 1), kind = "data_bar", min = 0, max = 5, color = 255)),
  validations = list(list(range = at(0, 1, 1, 3, 1), kind = "list", source = at(0, 1, 0, 3, 0))),
  names = list(list(name = "units", range = at(0, 1, 0, 3, 0))), temp_folder = tempdir()
)

# One right call of each entry.
calls <- list(
  framework_compile = list(tree),
  framework_weights = list(tree),
  rules = list(),
  index_scores = list(
    tree, matrix(c(10, 20, 30, 40, 50, 45), 3), c(0L, 1L, 3L),
    list(rules = "generalised_mean", parameters = list(list(r = -1)), missing = "error", min_coverage = 0.5)
  ),
  observed_weights = list(tree, columns(4, 3)),
  rank_agreement = panel[1:2],
  rank_panel = list(columns(4, 2), c(0L, 2L, 4L), "dense", c(100, 1)),
  band = list(c(96, 50, 10), c(95, 40), 100),
  bound_holds = list(c(96, 50, 10), c(95, 40, 5), c(100, 100, 1)),
  bound_slack = list(100),
  tolerances = list(),
  enums = list(),
  round_half_up = list(c(0.5, 1.25), 1L),
  share_state = list(c(0, 0.5, 1)),
  group_statistics = list(columns(4, 2), c(1, 2, 3, 4), list(1:2, 3:4)),
  bridge_split = list(tree, tree, columns(2, 3), columns(2, 3) / 2, 1:2, c(1L, NA, NA)),
  answers_place = list(c(0L, 1L), c(0L, 1L), c(1, 2), c(1L, 1L), 2L, 2L),
  implied_weights = list(columns(8, 2) / 100, drop(columns(8, 2) %*% c(0.06, 0.04)), list(total = 10, threshold = 1e-4, mads = 10)),
  importance = list(columns(6, 2), panel[[1]]),
  normalise_fit = list(columns(5, 2), normal_rule("minmax"), c(1L, -1L), rep(NA_real_, 6), c(0.25, 0.75)),
  normalise_apply = list(
    columns(5, 2), normal_rule("categorical"), c(1L, -1L),
    list(fit = cbind(c(5, 5), 10, 90, 50, 20, 10, 80), fault = c("sound", "sound")), matrix(c(30, 60, 30, 60), 2)
  ),
  normalise_relative = list(columns(3, 2), columns(3, 2) + 1, c(1L, -1L), TRUE),
  treat = list(columns(9, 2), list(
    method = "winsorise", skewness = 2, kurtosis = 3.5, max_points = 5, then_log = TRUE, low = 0.05, high = 0.95,
    fence = 1.5, lambda = NA_real_
  )),
  impute_centre = list(with_gap(columns(4, 2)), c(1L, 1L, 2L, NA), 2L, FALSE),
  impute_series = list(with_gap(columns(6, 2)), c(1L, 1L, 1L, 2L, 2L, 2L), c(1, 2, 3, 1, 2, 3), "linear"),
  impute_knn = list(with_gap(columns(5, 2)), 2L),
  impute_em = list(with_gap(columns(8, 2)), list(max_iterations = 200, tolerance = 1e-8, ridge = 0.01)),
  next_steps_solve = list(problem, list(most_plans = 2, most_nodes = 1000)),
  xlsx_write = list(plan, "book.xlsx", TRUE),
  xlsx_clean_text = list(c("a", "b\001")),
  xlsx_lines = list(utf8ToInt("ab cd"), rep(1, 5), 3),
  xlsx_line_counts = list(utf8ToInt("ab cd"), rep(1, 5), c(2L, 3L), c(2, 2)),
  expert_shares = list(columns(3, 2)),
  expert_pool = list(matrix(c(0.4, 0.5, 0.7, 0.6, 0.5, 0.3), 3), list(pool = "trimmed", trim = 0.2)),
  kendall_w = list(columns(3, 4), 2e6),
  ahp_tidy = list(judgements),
  ahp_pool = list(rep(as.double(judgements), 2), 3L, list(method = "eigenvector", group = "judgements")),
  ahp_triads = list(judgements),
  weights_spread = list(columns(6, 3), list(method = "critic", min_max = TRUE, spearman = TRUE)),
  weights_factor = list(columns(8, 3), list(rule = "number", figure = 2, spearman = FALSE, raw_rotate = FALSE)),
  weights_optimised = list(columns(8, 2), c(1, 2), list(degree = 1L, min_max = TRUE)),
  is_constant = list(c(1, 2, 3)),
  concentration = list(c(0.4, 0.6), c(0.1, 0.1)),
  t_interval = list(c(1, 2), c(0.1, 0.2), c(5, Inf), 0.95, c(1, 1)),
  share_error = list(matrix(0.5, 2, 2), c(10, 20, 10, 20)),
  quantiles = list(panel[[1]], c(0.25, 0.5)),
  median_deviation = list(panel[[1]]),
  tie = list(panel[[1]], 1e-9),
  count_quantiles = list(matrix(c(1, 2, 3, 4), 2), c(0.05, 0.95)),
  mean_rank_shifts = list(matrix(c(1, 2, 3, 4), 2), c(1, 2), c(1, 2)),
  random_key = list(),
  robustness = list(noise, list(
    key = key, first = 0, n = 50, threads = 1L, allow_failed = FALSE, lower = c(90, 40),
    nominal_rank = c(6L, 4L, 2L), compare = TRUE, keep = TRUE
  ), NULL),
  sensitivity = list(experts, list(
    key = key, n_groups = 4, n_rows = 8, threads = 1L, nominal_score = c(50, 60, 70), nominal_rank = c(6L, 4L, 2L),
    n_boot = 10, conf = 0.95
  )),
  sobol_design = list(list(key = key, replicate = 1L, n = 8L, d = 2L)),
  sobol_tally = list(columns(8, 4), 50, 10, c(4L, 8L)),
  sobol_indices = list(columns(12, 3), 2L, 0.95),
  gates_hold = list(gates, held, applies),
  stage_reach = list(gates, held, applies),
  stage_next = list(gates, held, applies, c(1L, 1L), c(10, 20)),
  evidence_pass = list(gates, held, sure, levels),
  stage_probability = list(gates, sure, applies, list(correlation = 0.2, n = 100, key = key, simulate = TRUE)),
  evidence_draw = list(held, sure, levels, list(correlation = 0.2, key = key, first = 0, n = 5)),
  evidence_range = list(held, sure, levels, TRUE),
  kendall_series = list(panel[[1]], panel[[3]], list(normal = FALSE, alternative = "two.sided")),
  kendall_units = list(columns(3, 4), c(1, 2, 3), list(normal = FALSE, alternative = "less")),
  sen = list(columns(3, 4), c(1, 2, 3, 4), c(1, 2, 3), list(conf = 0.95, interval = "auto", of_residuals = FALSE)),
  compensated_sum = list(c(1, 2, 3)),
  shift_share = list(columns(4, 2), columns(4, 2) + 1, c(1, 2, 3, 4), c(1, 2, 3, 5), 1:4, "midpoint"),
  inequality = list(c(1, 2, 3, 4), c(1, 2, 3, 4), c(1L, 1L, 2L, 2L), 2L),
  regression = unname(line),
  regression_wild = list(line, list(column = 2L, most_exact = 12L, draws = 99, key = key)),
  sigma_convergence = panel[1:2],
  gap_change = list(panel[[1]], panel[[2]], panel[[3]], panel[[3]], c(1L, 1L, 0L, 0L, -1L, 1L)),
  gap_error = list(c(3, 3, 10, 8, -2, 1, 1, 0.5, 0.2, 4), 1),
  gap_closing = list(c(3, 3, 10, 8, -2, 1, 1, 0.5, 0.2, 4), 4, 0.95),
  convergence_speed = list(-0.2, 4, FALSE),
  sign_floors = list(c(20L, 8L, 12L)),
  equal_classes = list(panel[[1]], 3L),
  rank_shifts = list(columns(3, 5), columns(3, 5), 0.95),
  series_limit = list(
    panel[[1]], c(TRUE, FALSE, FALSE, TRUE, FALSE, FALSE), c(0.1, 0, 0, 0.1, 0, 0), c(10, 2), 0.95
  ),
  convergence_null = list(
    panel[[1]], panel[[2]], panel[[3]], list(noise = 0.5, floor = 0, ceiling = 100, n = 50, key = key),
    list(side = c(1L, 1L, 0L, 0L, 1L, 0L), users_from = panel[[3]], users_to = panel[[3]], logs = FALSE)
  ),
  transitions = list(c(1L, 2L, 2L), c(2L, 2L, 1L), 2L),
  association = list(panel[[1]], panel[[2]], NULL, 0.95),
  series_at = list(c(2018, 2020, 2024), columns(4, 3), c(2019, 2022)),
  series_standardise = panel[1:2],
  mean_change = list(panel[[1]], panel[[2]], panel[[3]], panel[[3]]),
  group_influence = list(panel[[1]], panel[[3]], list(1:3, 4:6)),
  equate = list("mean", panel[[1]], panel[[2]], c(10, 20)),
  bootstrap = list(columns(5, 2), as.double(1:10), list(1:5), 1:2, list(n = 20, conf = 0.95, key = key)),
  file_lock = list("lock"),
  file_unlock = list(1000L),
  parent_process = list()
)

# What may be wrong with an argument: first its form, then what it holds.
wrong <- list(
  null = function(x) NULL,
  empty = function(x) x[0],
  short = function(x) if (is.matrix(x)) x[, -1, drop = FALSE] else x[-1],
  long = function(x) {
    if (is.matrix(x)) rbind(x, x[1, ]) else if (is.list(x) && !is.null(names(x))) c(x, list(unknown = 1)) else c(x, x[1])
  },
  list = function(x) list(x),
  type = function(x) if (is.double(x)) as.character(x) else if (is.list(x)) "a" else 1i,
  number = function(x) if (is.integer(x)) as.double(x) else list(1, "a"),
  missing = function(x) replace(x, TRUE, NA),
  minus = function(x) replace(x, TRUE, -x - 1L),
  zero = function(x) replace(x, TRUE, x * 0L),
  infinite = function(x) replace(x, TRUE, Inf),
  huge = function(x) replace(x, TRUE, 1e300)
)
numeric_only <- c("missing", "minus", "zero", "infinite", "huge")

# A refusal as core_abort() raises it, but for its text: made 4,000 times that
# would take a minute (test-conditions.R has it).
refuse <- function(status, message, row, column) {
  stop(structure(class = c("cap_error", "error", "condition"), list(message = message, call = NULL)))
}

# Every place of an argument, in lists too: list(c(2, 1), ...)
places <- function(x, at = integer()) {
  here <- if (length(at) > 0L) list(at)
  if (!is.list(x)) {
    return(here)
  }
  c(here, unlist(lapply(seq_along(x), function(k) places(x[[k]], c(at, k))), recursive = FALSE))
}
get_at <- function(x, at) if (length(at) == 0L) x else get_at(x[[at[[1L]]]], at[-1L])
set_at <- function(x, at, value) {
  if (length(at) == 0L) {
    return(value)
  }
  x[at[[1L]]] <- list(set_at(x[[at[[1L]]]], at[-1L], value))
  x
}
label_of <- function(x, at) {
  names <- vapply(seq_along(at), function(k) {
    inside <- get_at(x, at[seq_len(k - 1L)])
    if (nzchar(names(inside)[at[k]] %||% "")) names(inside)[at[k]] else as.character(at[k])
  }, "")
  paste(names, collapse = "$")
}

call_all <- function(log, done) {
  entries <- getDLLRegisteredRoutines(getLoadedDLLs()[["cybercap"]])[[".Call"]]
  said <- file(log, "a")
  tell <- function(...) {
    cat(..., file = said)
    flush(said)
  }
  run <- function(name, where, what, arguments) {
    tell(name, where, what, "")
    outcome <- tryCatch(
      {
        do.call(.Call, c(list(entries[[name]]), arguments), quote = TRUE)
        "result"
      },
      cap_error = function(e) "refused",
      error = function(e) paste("error:", gsub("\n", " ", conditionMessage(e)))
    )
    tell(outcome, "\n", sep = "")
  }
  for (name in setdiff(names(entries), done)) {
    tell(name, "", "begin", "\n")
    if (is.null(calls[[name]])) next
    run(name, "-", "right", calls[[name]])
    for (place in places(calls[[name]])) {
      value <- get_at(calls[[name]], place)
      for (what in names(wrong)) {
        if (is.null(value) && !what %in% c("list", "type")) next
        if (what %in% numeric_only && !is.numeric(value)) next
        if (what %in% c("infinite", "huge") && is.integer(value)) next
        run(name, label_of(calls[[name]], place), what, set_at(calls[[name]], place, wrong[[what]](value)))
      }
    }
    tell(name, "", "end", "\n")
  }
}

if (!interactive() && length(arguments <- commandArgs(TRUE)) > 0L) {
  suppressPackageStartupMessages(library(cybercap))
  utils::assignInNamespace("core_abort", refuse, "cybercap")
  set.seed(1)
  call_all(arguments[[1L]], arguments[-1L])
}
