# The GCI of a year with every maximum, answer and bound times `factor`: the same
# shares on another scale. Without `leaves` the answers stay as they are.
scaled_gci <- function(year, factor, ..., leaves = TRUE) {
  framework <- cap_framework(paste0("gci-", year))
  items <- framework$items
  at <- if (leaves) seq_along(items$max) else -framework$leaves
  items$max[at] <- items$max[at] * factor
  items$min[at] <- items$min[at] * factor
  bands <- framework$bands
  if (!is.null(bands)) bands$lower <- bands$lower * factor
  scaled <- cap_framework(list(id = "scaled", items = items, bands = bands))
  data <- gci_items[gci_items$edition == year, ]
  if (leaves) data$value <- data$value * factor
  cap_index(cap_answers(data, scaled), ...)
}

# As maxima of the root: 1, 0.001, 1,000,000 and one that no decimal divides.
factors <- c(0.01, 1e-5, 1e4, 0.07)

expect_same <- function(of, year = 2024, ...) {
  on_hundred <- of(scaled_gci(year, 1, ...))
  for (factor in factors) {
    expect_identical(of(scaled_gci(year, factor, ...)), on_hundred, label = paste("maximum", 100 * factor))
  }
  invisible(on_hundred)
}

test_that("fifty scores have fifty ranks, whatever their maximum", {
  share <- (1:50) / 50
  for (max in c(100, 1, 0.001, 1e6)) {
    expect_identical(as.vector(ranks_within(cbind(share * max), c(0L, 50L), "dense", max)), as.double(50:1))
  }
})

test_that("ranks and tiers of the GCI stay on every scale", {
  table <- function(x) as.data.frame(x)[c("unit", "item", "rank", "tier")]
  for (ties in core_words("rank")) expect_same(table, ties = ties)
  expect_same(table, year = 2020)
  expect_same(function(x) table(update(x, aggregate = "geometric")))
  own <- as.data.frame(gci(2024))
  expect_identical(expect_same(table), own[c("unit", "item", "rank", "tier")])
})

test_that("panels and comparisons rank each column on its own scale", {
  expect_same(function(x) {
    compared <- cap_compare(own = x, other = gci(2024), changed = scaled_gci(2024, 0.003, aggregate = "geometric"))
    list(as.data.frame(compared)[c("unit", "index", "tier", "rank", "rank_shift")], compared$correlations[-1L])
  })
  compared <- cap_compare(gci = gci(2024), one = scaled_gci(2024, 0.01))
  expect_identical(compared$ranks[, 1L], compared$ranks[, 2L])
  expect_identical(compared$rescaled, "one")
})

test_that("Monte Carlo ranks, tiers and their sensitivity stay on every scale", {
  counts <- expect_same(function(x) {
    x <- index_rows(x, 1:60)
    run <- withr::with_seed(1, cap_robustness(x, n = 300, vary = list(weights = cap_vary_weights("noise", 0.3))))
    run$counts[c("rank", "tier", "above")]
  })
  expect_gt(length(unique(as.vector(counts$tier))), 10)
  expect_same(function(x) {
    found <- withr::with_seed(1, cap_sensitivity(index_rows(x, 1:40),
      vary = list(pillars = cap_vary_weights("noise", 0.3, level = "pillar"), rule = cap_vary_aggregate(c("arithmetic", "geometric"))),
      n = 64, n_boot = 10
    ))
    cap_table(found)[c("factor", "first", "total")]
  })
})

test_that("moves between tiers and ranks stay on every scale", {
  moved <- function(factor) {
    panel <- cap_panel(scaled_gci(2020, factor), scaled_gci(2024, factor), scale = 100 * factor)
    x <- cap_mobility(panel, n = 0, tiers = 5)
    y <- cap_mobility(panel, n = 0, tiers = 100 * factor * c(0.95, 0.85, 0.55, 0.2))
    list(x$ranks, unname(x$tier), unname(y$tier), x$moves, y$moves, x$correlations$n, signif(x$correlations$estimate, 9))
  }
  for (factor in factors) expect_equal(moved(factor), moved(1), tolerance = 1e-12)
})

test_that("bands as stages, and the way to the next one, stay on every scale", {
  expect_same(function(x) as.data.frame(cap_readiness(x$answers))[c("unit", "stage", "stage_label", "stage_low")])
  expect_same(function(x) {
    steps <- cap_actions(x, unit = c("FJI", "KEN", "AFG"), alternatives = 1)
    list(steps$rows[c("unit", "from", "target", "outcome", "raises", "cost", "nodes")], steps$steps[c("unit", "item", "rank")])
  }, leaves = FALSE)
})

test_that("a bridge and an audit find the same on every scale", {
  expect_same(function(x) {
    bridge <- cap_bridge(scaled_gci(2020, root_max(x$framework) / 100), x)
    said <- cap_findings(bridge)
    said$text[said$key %in% c("bridge.up", "bridge.reversed")]
  })
  # A published pillar that is off by a hundredth of a point is a fault on any scale.
  audited <- function(factor) {
    x <- scaled_gci(2024, factor)
    scores <- as.data.frame(x, level = c("overall", "pillar"))
    scores$value <- signif(scores$score, 9)
    scores$value[2L] <- scores$value[2L] - 0.01 * factor
    as.data.frame(cap_audit(x$answers, scores[c("unit", "edition", "item", "value", "max")]))[c("severity", "unit", "item", "reason")]
  }
  expect_gt(nrow(audited(1)), 0)
  for (factor in factors) expect_identical(audited(factor), audited(1))
})

test_that("briefs order and band on the scale of their index", {
  words <- function(unit) {
    function(x) {
      brief <- cap_brief(x, unit)
      cells <- unlist(lapply(brief$plan$blocks, function(b) lapply(b$columns, `[[`, "values")), use.names = FALSE)
      list(brief$findings$key, brief$table[c("in_place", "partly", "not")], grep("[0-9]", cells, value = TRUE, invert = TRUE))
    }
  }
  for (unit in c("FJI", "KEN")) expect_gt(length(expect_same(words(unit), leaves = FALSE)[[3L]]), 60)
})

test_that("a live workbook's tiers hold on the scale of its index", {
  formula <- function(x) live_tier_formula(
    list(lang = "en"), list(index = x, one_unit = TRUE, sheet = list(tiers = "Tiers")), "A1"
  )
  expect_match(formula(scaled_gci(2024, 1)), "IF(A1+1E-9>=MIN(", fixed = TRUE)
  expect_match(formula(scaled_gci(2024, 0.01)), "IF(A1+1E-11>=MIN(", fixed = TRUE)
  expect_match(formula(scaled_gci(2024, 0.07)), "IF(A1+7E-11>=MIN(", fixed = TRUE)
})

test_that("scores without a maximum rank as they are, and have no bands", {
  z <- c(0.001, 0.002, -1, -1 - 5e-10, NA)
  expect_identical(as.vector(ranks_within(cbind(z), c(0L, 5L), "min", NA)), c(2, 1, 3, 3, NA))
  expect_error(bands_within(z, 0, NA), class = "cap_error_input")
})
