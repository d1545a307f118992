# The table of formulas against the registers of the core, and the formulas against its
# figures. Whole workbooks are computed anew in tests/shell and in test-form.R.

# Names of the core's registers. Of its .Call entries those that decide about bounds,
# bands, gates, stages and rounding.
core_registers <- function() {
  entries <- sub("^C_", "", grep("^C_", ls(asNamespace("cybercap")), value = TRUE))
  list(
    aggregate = names(aggregation_rules()), missing = core_words("missing"), rank = core_words("rank"),
    decision = grep("^(band|bound|gate|stage|round)", entries, value = TRUE)
  )
}

has_formula <- function(rows) names(Filter(function(row) is.function(row$write), rows))

test_that("each name of the core has its formula, or a reason why it has none", {
  rules <- live_rules()
  registers <- core_registers()
  expect_identical(names(rules), names(registers))
  expect_gt(length(registers$decision), 5)
  for (name in names(registers)) {
    lacking <- setdiff(registers[[name]], names(rules[[name]]))
    expect(length(lacking) == 0L, paste0(
      "The core has a new ", name, " that workbooks do not know: ", toString(lacking), ". Give `live_rules()` in ",
      "R/live-rules.R a row for each: `write`, which gives its formula, with a case in this file, or `none`, the reason."
    ))
    gone <- setdiff(names(rules[[name]]), registers[[name]])
    expect(length(gone) == 0L, paste0("`live_rules()` has a ", name, " that the core lacks: ", toString(gone)))
    one_of <- vapply(rules[[name]], function(row) is.function(row$write) != rlang::is_string(row$none), NA)
    expect(all(one_of), paste0("Not either a formula or a reason: ", toString(names(which(!one_of)))))
  }
})

# A rule with any value for each parameter that has no default.
rule_call <- function(name) {
  defaults <- aggregation_rules()[[name]]
  open <- names(defaults)[is.na(defaults)]
  given <- c(stats::setNames(rep(list(2), length(open)), open), if (name == "owa") list(weighted = TRUE))
  if (length(given) == 0L) name else c(list(name), given)
}

test_that("a what-if takes each rule with a formula, and tells the reason of the others", {
  for (name in names(live_rules()$aggregate)) {
    index <- nested_index(aggregate = rule_call(name))
    row <- live_rules()$aggregate[[name]]
    if (is.null(row$none)) {
      blocks <- blocks_by_name(cap_whatif(index)$plan$blocks)
      formula <- blocks$workings$columns$share_1$formula
      expect_match(formula, "^(IF|SUMPRODUCT|MIN)\\(", info = name)
      expect_no_match(formula, "[{](?!r[}])", perl = TRUE, info = name)
    } else {
      expect_match(gsub("\\s+", " ", input_error(cap_whatif(index))), row$none, fixed = TRUE, info = name)
    }
  }
})

# Cases ------------------------------------------------------------------------------

# A table of given figures and of formulas, each formula with a wrong value in its cell:
# `rules` are the names in live_rules() that it shows, `expected` what the core computes.
case <- function(name, rules, given, formulas, expected, above = NULL) {
  columns <- c(
    Map(function(values, head) column(values, head, shorthand = ""), given, names(given)),
    Map(function(formula, head) column(rep(-1, length(given[[1]])), head, formula = formula), formulas, names(formulas))
  )
  list(name = name, rules = rules, expected = expected, blocks = c(
    list(block(name, 4L, 1L, columns, name = name)),
    lapply(names(above), function(head) block(name, 1L, 1L, lapply(above[[head]], column), name = paste(name, head)))
  ))
}

# The GCI with unequal weights, as it is and with answers missing: some, all of a pillar,
# and all of a country.
weighed_gci <- function(gaps, ...) {
  answers <- gci_answers(2024)
  if (gaps) {
    answers$values[withr::with_seed(7, sample(length(answers$values), 300))] <- NA
    answers$values[5, ] <- NA
    answers$values[9:20, 1:2] <- NA
  }
  cap_index(answers, weights = c(LS = 4, TS = 1, OS = 2, CDS = 2, CS = 1), ...)
}

# The root of a tree as a what-if works it out from its pillars.
root_case <- function(name, rule, index) {
  layout <- live_layout(index)
  shares <- live_shares(index, layout, index$answers$values)
  of <- function(kind, at = 2:6) stats::setNames(asplit(shares[[kind]][, at], 2), paste0(kind, "_", at))
  root <- list(share_1 = "share", present_1 = "present", coverage_1 = "coverage")
  formulas <- node_formulas(layout, 1L, index)
  names(formulas) <- paste0(names(formulas), "_1")
  case(name, rule, lapply(c(of("share"), if (layout$gaps) c(of("present"), of("coverage"))), as.vector), formulas,
    expected = lapply(root[names(formulas)], function(kind) shares[[kind]][, 1]),
    above = list(weights = stats::setNames(as.list(node_shares(index)[layout$order[2:6]]), weight_of(2:6)))
  )
}

aggregate_cases <- function() {
  more <- list(
    geometric = list(shift = 0.01), generalised_mean = list(r = 0.3), generalised_mean = list(r = Inf),
    mazziotta_pareto = list(sign = -1, sample = 1)
  )
  rules <- has_formula(live_rules()$aggregate)
  calls <- c(lapply(rules, rule_call), unname(Map(c, names(more), more)))
  unlist(lapply(seq_along(calls), function(k) {
    rule <- calls[[k]][[1]]
    # the rule at the root alone, so that each is checked on the pillars of the GCI
    at_root <- list(overall = calls[[k]])
    list(
      root_case(paste("whole", k), rule, weighed_gci(FALSE, aggregate = at_root)),
      root_case(paste("gaps", k), c(rule, "renormalise"), weighed_gci(TRUE,
        aggregate = at_root, missing = "renormalise", min_coverage = if (k %% 2 == 0) 0.8 else 0
      ))
    )
  }), recursive = FALSE)
}

missing_cases <- function() {
  list(
    root_case("error", "error", weighed_gci(FALSE)), root_case("zero", "zero", weighed_gci(TRUE, missing = "zero"))
  )
}

# Scores of the GCI and of the same on a thousandth of its scale, on bounds, just below,
# and off them.
bound_cases <- function() {
  framework <- cap_framework("gci-2024")
  labels <- framework$bands$label
  unlist(lapply(c(100, 0.1), function(max) {
    unit <- max / 100
    score <- overall(gci(2024))$score * unit
    near <- rep_len(c(0, -5e-10, -1e-6, 3), length(score)) * unit
    lower <- framework$bands$lower * unit
    edges <- c(lower, lower - 5e-10 * unit, lower - 1e-6 * unit, score)
    band <- labels[bands_within(edges, lower, max)]
    bands <- function(name, rising) {
      order <- if (rising) rev(seq_along(lower)) else seq_along(lower)
      list(block(name, 4L, 5L, list(lower = column(lower[order], "lower"), label = column(labels[order], "label")),
        name = paste("bands", rising, max)
      ))
    }
    of_bands <- function(name, rising) {
      cells <- function(column) paste0("{$", column, "}")
      one <- case(name, "band", list(score = edges), list(found = formula_band(
        "{score}", cells("lower"), cells("label"), "\"none\"", max, rising
      )), expected = list(found = ifelse(is.na(band), "none", band)))
      one$blocks <- c(one$blocks, bands(name, rising))
      one
    }
    list(
      case(paste("bounds", max), c("bound_holds", "bound_slack"), list(score = score + near, bound = score), list(
        holds = paste0("IF(", formula_reaches("{score}", "{bound}", bound_slack(max)), ",1,0)"),
        lacks = formula_round(paste0("(", formula_plus("{bound}", bound_slack(max)), "-{bound})*", 1e11 / max), 3L)
      ), expected = list(holds = 1 * reaches(score + near, score, max), lacks = rep(1, length(score)))),
      of_bands(paste("bands down", max), FALSE), of_bands(paste("bands up", max), TRUE)
    )
  }), recursive = FALSE)
}

rounding_cases <- function() {
  score <- c(overall(gci(2024))$score, 2.675, 1.005, 0.5, 1.5, 2.5, -2.5)
  list(case("rounded", "round_half_up", list(score = score), list(
    whole = formula_round("{score}", 0L), two = formula_round("{score}", 2L)
  ), expected = list(whole = round_half_up(score, 0L), two = round_half_up(score, 2L))))
}

# Countries at each stage of the support profile; some with items that do not apply.
gate_cases <- function() {
  framework <- cap_framework("support-profile")
  values <- gci_answers(2024)$values
  colnames(values) <- leaf_codes(gci_answers(2024)$framework)
  values <- values[, leaf_codes(framework)]
  stages <- as.data.frame(cap_readiness(gci(2024), "support-profile"))$stage
  rows <- unlist(lapply(split(seq_along(stages), stages), utils::head, 3))
  Map(function(row, k) {
    form <- list(framework = framework, original = framework, external = numeric(), figures = list(level = values[row, ]))
    form$applies <- !(k %% 2 == 0 & names(values[row, ]) %in% c("LS2", "CDS3", "CS2", "CS3", "CS4"))
    gates <- form_gates(framework)
    figures <- gate_cells(form, gates)
    name <- paste("gates", k)
    formulas <- formula_gates("{level}", "{minimum}", "{counts}", "{asked}", "{group}",
      all = list(group = "{$group}", met = "{$met}", counts = "{$counts}")
    )
    one <- case(name, "gates_hold",
      list(
        stage = gates$stage, group = gates$group_no, level = unname(values[row, gates$column]), minimum = gates$min,
        asked = gates$k, counts = figures$counts
      ), formulas,
      expected = figures[c("met", "holds")]
    )
    reached <- formula_stage("{$holds}", "{$stage}", "{$number}", "{$label}", nrow(framework$stages))
    one$blocks <- c(one$blocks, list(
      block(name, 4L, 10L, list(
        number = column(framework$stages$stage, "number"), label = column(framework$stages$label, "label")
      ), name = paste(name, "stages")),
      block(name, 1L, 1L, list(column(-1, formula = reached)))
    ))
    one$rules <- c("gates_hold", "stage_reach")
    one$first <- stage_reached(form)
    one
  }, rows, seq_along(rows))
}

test_that("each formula gives the core's figures of the GCI, computed anew by a second program", {
  skip_on_cran()
  skip_if_not(has_libreoffice(), "LibreOffice is not installed")
  cases <- c(aggregate_cases(), missing_cases(), bound_cases(), rounding_cases(), gate_cases())
  written <- unlist(lapply(live_rules(), has_formula), use.names = FALSE)
  expect_setequal(unlist(lapply(cases, `[[`, "rules")), written)
  names <- vapply(cases, `[[`, "", "name")
  path <- withr::local_tempfile(fileext = ".xlsx")
  blocks <- unlist(lapply(cases, `[[`, "blocks"), recursive = FALSE)
  write_plan(plan(lapply(names, sheet), blocks), path)
  out <- libreoffice(path, "xlsx", withr::local_tempdir(), recalculate = TRUE)
  for (one in cases) {
    found <- as.data.frame(suppressMessages(readxl::read_excel(out, one$name, skip = 3, guess_max = 1e4)))
    for (figure in names(one$expected)) {
      expect_equal(found[[figure]][seq_along(one$expected[[figure]])], one$expected[[figure]],
        tolerance = 1e-12, info = paste(one$name, figure), ignore_attr = TRUE
      )
    }
    if (!is.null(one$first)) {
      first <- names(readxl::read_excel(out, one$name, n_max = 0, .name_repair = "minimal"))[1]
      expect_identical(first, one$first, info = one$name)
    }
  }
  stages <- unlist(lapply(cases, `[[`, "first"))
  expect_setequal(stages, cap_framework("support-profile")$stages$label)
})
