probability_of <- function(x, unit = x$unit[1]) {
  table <- as.data.frame(cap_table(x, "probabilities"))
  table[table$unit == unit, ]
}

test_that("the worked numbers of the non-compensatory twins are met", {
  # y = (.90, .75, .40, .80), equal weights
  framework <- cap_framework(data.frame(
    code = c("R", "a", "b", "c", "d"), parent = c("", rep("R", 4)), max = c(100, rep(1, 4))
  ))
  answers <- wide_answers(data.frame(a = 0.9, b = 0.75, c = 0.4, d = 0.8), framework)
  twin <- function(rule) {
    x <- cap_readiness(answers, twin = rule)
    expect_equal(as.data.frame(x)$score, 71.25, tolerance = 1e-12)
    as.data.frame(cap_table(x))$twin / 100
  }
  expect_equal(twin("geometric"), 0.68173161988, tolerance = 1e-10)
  expect_equal(twin("harmonic"), 0.645739910314, tolerance = 1e-10)
  expect_equal(twin("minimum"), 0.4, tolerance = 1e-12)
  expect_equal(twin("bottleneck"), 0.654615301133, tolerance = 1e-10)
  expect_equal(twin("mazziotta_pareto"), 0.662719298246, tolerance = 1e-10)
  expect_equal(twin(list("generalised_mean", r = 1)), 0.7125, tolerance = 1e-12)
  expect_equal(twin(list("generalised_mean", r = -1)), 0.645739910314, tolerance = 1e-10)
  expect_equal(twin(list("generalised_mean", r = -Inf)), 0.4, tolerance = 1e-12)
})

test_that("the worked probabilities of gates are met", {
  q <- c(.95, .90, .80, .60, .99)
  codes <- letters[1:5]
  law <- function(k) {
    framework <- gated(codes, gate(1, "g", k, codes, 4))
    answers <- wide_answers(as.data.frame(as.list(stats::setNames(rep(4, 5), codes))), framework)
    probability_of(cap_readiness(answers,
      evidence = data.frame(unit = "U01", item = codes, grade = c("p", "q", "r", "s", "t")),
      reliability = stats::setNames(q, c("p", "q", "r", "s", "t"))
    ))
  }
  all_of <- law(5)
  expect_equal(all_of$at_least[2], 0.406296, tolerance = 1e-10)
  expect_equal(c(all_of$lower[2], all_of$upper[2]), c(0.24, 0.60), tolerance = 1e-10)
  expect_equal(law(4)$at_least[2], 0.849366, tolerance = 1e-10)
  expect_equal(law(4)$at_least[2] - all_of$at_least[2], 0.44307, tolerance = 1e-10)
  expect_identical(all_of$way, rep("exact", 2))
  expect_equal(all_of$probability, c(1 - 0.406296, 0.406296), tolerance = 1e-12)
  expect_equal(law(1)$at_least[2], 1 - prod(1 - q), tolerance = 1e-12)
})

test_that("stages, caps, deficit and attainment follow their definitions", {
  gates <- rbind(
    gate(1, "law", 1, "a", 2), gate(1, "people", 1, "b", 1),
    gate(2, "law", 1, "a", 3), gate(2, "some", 2, c("b", "c", "d"), c(3, 2, 4)), gate(3, "all", 1, "d", 4)
  )
  framework <- gated(letters[1:4], gates, caps = c(30, 60, 90, NA))
  values <- data.frame(a = c(1, 2, 2, 4, 4), b = c(4, 1, 3, 4, 4), c = c(4, 0, 1, 4, 4), d = c(4, 0, 0, 3, 4))
  x <- cap_readiness(wide_answers(values, framework))
  table <- as.data.frame(x)
  expect_identical(names(table), c(
    "unit", "edition", "framework", "status", "score", "gated", "stage", "stage_label", "deficit",
    "attainment", "stage_low", "stage_high", "failing"
  ))
  expect_identical(table$stage, c(0L, 1L, 1L, 2L, 3L))
  expect_identical(table$stage_label, paste("level", c(0, 1, 1, 2, 3)))
  expect_equal(table$deficit, c(1, 1 + 2 + 2, 1 + 0 + 1, 1, 0))
  expect_equal(table$attainment, c(
    (1 / 2 + 1) / 2, (2 / 3 + 1 / 3 + 0) / 3, (2 / 3 + 1 + 1 / 2) / 3, 3 / 4, 1
  ))
  expect_identical(table$failing, c("a", "a, 2 of (b, c, d)", "a, 1 of (c, d)", "d", ""))
  expect_identical(table$status, rep("illustrative", 5))
  expect_equal(table$score, unname(rowMeans(values)) * 25)
  expect_equal(table$gated, pmin(table$score, c(30, 60, 90, NA)[table$stage + 1], na.rm = TRUE))
  cap <- c(30, 60, 90, Inf)[table$stage + 1]
  expect_true(all(table$gated < cap))
  expect_true(table$gated[1] < 30)
  expect_identical(as.data.frame(cap_table(x))$progress, c(0 + 1 / 2, 1, 1 + 1 / 3, 2, 3))
})

test_that("a conjunctive profile behaves as tiers do", {
  sim3 <- cap_framework("sim3")
  codes <- leaf_codes(sim3)
  minimum <- function(s) {
    g <- sim3$gates[sim3$gates$stage == s, ]
    stats::setNames(g$min, g$item)[codes]
  }
  n <- length(codes)
  read <- function(x) as.data.frame(cap_readiness(wide_answers(as.data.frame(as.list(x), optional = TRUE), sim3)))
  for (s in sim3$stages$stage[-1]) {
    at <- minimum(s)
    row <- read(at)
    expect_identical(row$stage, s)
    lowered <- at
    first <- which(at > 0)[1]
    lowered[first] <- at[first] - 1
    row <- read(lowered)
    expect_lt(row$stage, s)
    if (row$stage == s - 1) {
      expect_equal(row$deficit, 1)
      expect_identical(row$failing, codes[first])
      expect_equal(row$attainment, 1 - (1 / at[[first]]) / n)
    }
    withr::with_seed(s, for (i in 1:20) {
      x <- stats::setNames(sample(0:4, n, TRUE, prob = c(1, 1, 2, 6, 9)), codes)
      row <- read(x)
      holds <- vapply(sim3$stages$stage[-1], function(t) all(x >= minimum(t)), NA)
      expect_identical(row$stage, if (any(holds)) max(which(holds)) else 0L)
      if (row$stage < 3) expect_equal(row$deficit, sum(pmax(0, minimum(row$stage + 1) - x)))
    })
  }
})

test_that("an unmet lower stage blocks all higher ones", {
  gates <- rbind(gate(1, "g", 1, "a", 1), gate(2, "g", 1, "b", 1), gate(3, "g", 1, "c", 1), gate(4, "g", 1, "d", 1))
  framework <- gated(letters[1:4], gates, max = 1)
  all <- expand.grid(a = 0:1, b = 0:1, c = 0:1, d = 0:1)
  stage <- as.data.frame(cap_readiness(wide_answers(all, framework)))$stage
  expect_identical(stage, as.integer(apply(all, 1, function(x) sum(cumprod(x)))))
  expect_identical(stage[!all$b & all$a & all$c & all$d], 1L)
})

test_that("exact probabilities are those of every combination added up", {
  codes <- letters[1:5]
  withr::with_seed(11, for (trial in 1:25) {
    max <- sample(2:3, 1)
    gates <- random_gates(codes, max, stages = sample(1:3, 1))
    framework <- tryCatch(gated(codes, gates, max = max), cap_error_input = function(e) NULL)
    if (is.null(framework)) next # a later stage asked less
    value <- stats::setNames(sample(0:max, 5, TRUE), codes)
    grade <- sample(c("A", "B", "C", "D", NA), 5, TRUE)
    answers <- wide_answers(as.data.frame(as.list(value)), framework)
    evidence <- data.frame(unit = "U01", item = codes, grade = grade)
    reliability <- c(A = 0.97, B = 0.9, C = 0.75, D = 0.6)[grade]
    law <- probability_of(cap_readiness(answers, evidence = evidence))
    expected <- twin_law(value, reliability, gates, max)
    expect_equal(law$probability, expected, tolerance = 1e-12)
    expect_equal(sum(law$probability), 1, tolerance = 1e-14)
    expect_true(all(law$at_least >= law$lower & law$at_least <= law$upper))
    for (rho in c(0.2, 0.7)) {
      law <- probability_of(cap_readiness(answers, evidence = evidence, correlation = rho))
      expect_lt(max(abs(law$probability - twin_law(value, reliability, gates, max, rho))), 1e-8)
      expect_true(all(law$at_least >= law$lower & law$at_least <= law$upper))
      expect_true(all(law$error < 1e-8))
    }
  })
})

test_that("items that move together have the comonotone law, and it is the limit", {
  codes <- letters[1:3]
  gates <- rbind(gate(1, "g", 2, codes[1:2], 2), gate(2, "h", 2, codes, c(3, 3, 1)))
  framework <- gated(codes, gates)
  answers <- wide_answers(data.frame(a = 2, b = 3, c = 1), framework)
  evidence <- data.frame(unit = "U01", item = codes, grade = c("B", "C", "D"))
  together <- probability_of(cap_readiness(answers, evidence = evidence, correlation = 1))
  expect_identical(together$way, rep("exact", 3))
  # a >= 2 .95, b >= 2 1: the least of them; 2 of a >= 3 .05, b >= 3 .875, c >= 1 .8
  expect_equal(together$at_least, c(1, 0.95, 0.8), tolerance = 1e-12)
  near <- function(rho) probability_of(cap_readiness(answers, evidence = evidence, correlation = rho))$at_least
  gap <- vapply(c(0.9, 0.99, 0.9999), function(rho) max(abs(near(rho) - together$at_least)), 0)
  expect_true(all(diff(gap) < 0))
  expect_lt(gap[3], 0.005)
})

test_that("a framework of one stage has no gates to plot, and says so", {
  parts <- list(
    items = data.frame(code = c("R", "a"), parent = c("", "R"), max = c(100, 4)), stages = data.frame(stage = 0),
    gates = data.frame(stage = numeric(), group = character(), k = numeric(), item = character(), min = numeric())
  )
  x <- cap_readiness(cap_answers(data.frame(iso3 = "U", item = "a", value = 1), cap_framework(parts)))
  expect_identical(as.data.frame(x)$stage, 0L)
  expect_match(input_error(plot(x, type = "gates", unit = "U")), "no gates")
})

test_that("quadrature holds where the common factor decides in steps", {
  codes <- letters[1:6]
  framework <- gated(codes, rbind(gate(1, "g", 3, codes[1:3], 2), gate(2, "h", 3, codes[4:6], c(2, 3, 2))))
  answers <- wide_answers(data.frame(a = 2, b = 2, c = 3, d = 2, e = 3, f = 1), framework)
  evidence <- data.frame(unit = "U01", item = codes, grade = c("A", "B", "C", "D", "C", NA))
  # P(at least as asked): half of what is not at its level lies above; f may be any of 5
  q <- c(1 - 0.03 / 2, 1 - 0.1 / 2, 1, 1 - 0.4 / 2, 1 - 0.25 / 2, 3 / 5)
  twin <- function(q, rho) {
    z <- stats::qnorm(q[q < 1])
    width <- sqrt(1 - rho) / sqrt(rho)
    given <- function(f) vapply(f, function(f) prod(stats::pnorm((z + sqrt(rho) * f) / sqrt(1 - rho))), 0) * stats::dnorm(f)
    cuts <- sort(pmin(pmax(c(outer(-z / sqrt(rho), width * seq(-9, 9, 0.5), `+`), seq(-9, 9)), -9), 9))
    cuts <- cuts[c(TRUE, diff(cuts) > 1e-12)]
    sum(mapply(function(a, b) stats::integrate(given, a, b, rel.tol = 1e-12)$value, cuts[-length(cuts)], cuts[-1L]))
  }
  for (rho in c(0.5, 0.79, 0.81, 0.9, 0.99, 0.999, 1 - 1e-6)) {
    law <- probability_of(cap_readiness(answers, evidence = evidence, correlation = rho))
    expect_identical(law$way, rep("quadrature", 3))
    expect_lt(max(abs(law$at_least - c(1, twin(q[1:3], rho), twin(q, rho)))), 1e-9)
    expect_lt(max(law$error), 1e-9)
  }
})

test_that("simulation agrees within its error, with and without correlation", {
  codes <- letters[1:5]
  gates <- rbind(
    gate(1, "g", 2, codes[1:2], 2), gate(1, "s", 2, codes[2:4], 1), gate(2, "h", 3, codes, c(3, 3, 2, 2, 1))
  )
  framework <- gated(codes, gates)
  values <- data.frame(a = c(2, 4), b = c(3, 2), c = c(1, 4), d = c(2, 4), e = c(0, 3))
  answers <- wide_answers(values, framework)
  evidence <- grades_of(answers, c("A", "B", "C", "D", NA))
  withr::with_seed(5, for (rho in c(0, 0.5, 1)) {
    exact <- cap_readiness(answers, evidence = evidence, correlation = rho)$law
    drawn <- cap_readiness(answers, evidence = evidence, correlation = rho, method = "simulation", n = 40000)
    expect_identical(unique(drawn$law$way), "simulation")
    expect_true(all(abs(drawn$law$at_least - exact$at_least) <= 4.5 * drawn$law$error + 1e-12))
    expect_match(paste(cap_findings(drawn)$text, collapse = " "), "40,000 draws")
  })
  once <- function() withr::with_seed(9, cap_readiness(answers, evidence = evidence, method = "simulation")$law)
  expect_identical(once(), once())
})

test_that("too many shared counts are simulated, and it is said", {
  codes <- sprintf("i%02d", 1:14)
  gates <- do.call(rbind, lapply(1:12, function(j) gate(1, paste0("g", j), 2, codes[j + 0:2], 2)))
  framework <- gated(codes, gates)
  answers <- wide_answers(as.data.frame(as.list(stats::setNames(rep(2, 14), codes))), framework)
  x <- withr::with_seed(1, cap_readiness(answers, evidence = grades_of(answers, "C")))
  law <- probability_of(x)
  expect_identical(law$way, rep("simulation", 2))
  # a chain: P by passing along the last two items
  q <- 1 - 0.125
  state <- c(1, 0, 0, 0) # met of the last two: both, none+met ...
  pair <- expand.grid(x = 0:1, y = 0:1)
  p <- ifelse(pair$x == 1, q, 1 - q) * ifelse(pair$y == 1, q, 1 - q)
  for (j in 3:14) {
    after <- rep(0, 4)
    for (i in 1:4) {
      for (z in 0:1) {
        if (pair$x[i] + pair$y[i] + z >= 2) {
          to <- which(pair$x == pair$y[i] & pair$y == z)
          after[to] <- after[to] + p[i] * if (z == 1) q else 1 - q
        }
      }
    }
    p <- after
  }
  expect_lt(abs(law$at_least[2] - sum(p)), 4.5 * law$error[2])
  expect_gt(law$error[2], 0)
})

test_that("certain evidence gives the framework's rule", {
  gates <- random_gates_fixed()
  framework <- gated(letters[1:5], gates)
  values <- withr::with_seed(3, as.data.frame(matrix(sample(0:4, 100, TRUE), 20, dimnames = list(NULL, letters[1:5]))))
  answers <- wide_answers(values, framework)
  for (rho in c(0, 0.3, 1)) {
    x <- cap_readiness(answers, evidence = grades_of(answers, "sure"), reliability = c(sure = 1), correlation = rho)
    chance <- stage_chances(x$law)
    expect_identical(chance[cbind(1:20, x$stage + 1)], rep(1, 20))
    expect_identical(as.data.frame(x)$stage, twin_stages(values, gates))
    expect_identical(x$law$lower, x$law$upper)
    expect_identical(x$stage_low, x$stage_high)
  }
})

test_that("the stage is monotone in every answer", {
  gates <- random_gates_fixed()
  framework <- gated(letters[1:5], gates)
  withr::with_seed(8, {
    values <- as.data.frame(matrix(sample(0:3, 250, TRUE), 50, dimnames = list(NULL, letters[1:5])))
    raised <- values
    at <- cbind(1:50, sample(5, 50, TRUE))
    raised[at] <- raised[at] + 1
  })
  read <- function(v) {
    answers <- wide_answers(v, framework)
    cap_readiness(answers, evidence = grades_of(answers, "C"), correlation = 0.3)
  }
  before <- read(values)
  after <- read(raised)
  expect_true(all(after$stage >= before$stage))
  expect_true(all(after$score > before$score))
  expect_true(all(after$law$at_least >= before$law$at_least - 1e-9))
  same <- after$stage == before$stage
  expect_true(all(after$deficit[same] <= before$deficit[same]))
  expect_true(all(after$attainment[same] >= before$attainment[same]))
  expect_gt(sum(after$stage > before$stage), 0)
})

test_that("orders of items, rows and gates change nothing", {
  gates <- random_gates_fixed()
  values <- data.frame(a = c(4, 1, 2), b = c(3, 4, 2), c = c(2, 4, 4), d = c(4, 0, 1), e = c(1, 4, 3))
  framework <- gated(letters[1:5], gates)
  answers <- wide_answers(values, framework)
  one <- cap_readiness(answers, evidence = grades_of(answers, c("A", "C", "D")))
  items <- as.data.frame(framework)[names(framework$items) %in% c("code", "parent", "max", "weight", "label")]
  turned <- cap_framework(list(
    id = "own", status = "illustrative", items = items[rev(seq_len(nrow(items))), ],
    stages = framework$stages, gates = shuffled(gates)
  ))
  long <- as.data.frame(answers)
  again <- cap_answers(shuffled(long), turned, unit = "unit")
  two <- cap_readiness(again, evidence = shuffled(grades_of(answers, c("A", "C", "D"))))
  drop <- "failing"
  keep <- setdiff(names(as.data.frame(one)), drop)
  expect_equal(as.data.frame(one)[keep], as.data.frame(two)[keep], tolerance = 1e-14)
  expect_equal(one$law$at_least, two$law$at_least, tolerance = 1e-14)
})

test_that("missing answers give the interval from worst to best, never NaN", {
  gates <- random_gates_fixed()
  framework <- gated(letters[1:5], gates)
  values <- data.frame(a = c(4, NA, NA), b = c(4, 4, NA), c = c(NA, 4, NA), d = c(4, NA, NA), e = c(4, 4, NA))
  x <- cap_readiness(wide_answers(values, framework))
  table <- as.data.frame(x)
  fill <- function(with) twin_stages(replace(values, is.na(values), with), gates)
  expect_identical(table$stage_low, fill(0))
  expect_identical(table$stage_high, fill(4))
  expect_identical(table$stage, fill(0))
  expect_identical(c(table$stage_low[3], table$stage_high[3]), c(0L, 3L))
  expect_identical(table$score[3], 0)
  expect_identical(as.data.frame(cap_table(x))$score_high[3], 100)
  numbers <- table[vapply(table, is.numeric, NA)]
  expect_false(anyNA(numbers))
  expect_identical(as.data.frame(cap_table(x))$missing, c(1L, 2L, 5L))
  y <- cap_readiness(wide_answers(values, framework), evidence = data.frame(unit = "U01", item = "a", grade = "A"))
  expect_identical(y$stage_low[1], 0L)
  expect_equal(probability_of(y, "U03")$probability, twin_law(
    stats::setNames(rep(NA, 5), letters[1:5]), rep(NA, 5), gates, 4
  ), tolerance = 1e-12)
  expect_identical(as.data.frame(cap_table(y))$ungraded, c(3L, 3L, 0L))
  gate_table <- as.data.frame(cap_table(x, "gates"))
  expect_setequal(gate_table$state[gate_table$unit == "U03"], "unknown")
})

test_that("what does not apply leaves both sides of the fraction", {
  gates <- rbind(gate(1, "g", 3, c("a", "b", "c"), 2), gate(2, "s", 2, c("c", "d", "e"), 3))
  framework <- gated(letters[1:5], gates)
  values <- data.frame(a = 4, b = c(0, 4), c = c(2, 3), d = c(4, 1), e = c(2, 4))
  answers <- wide_answers(values, framework)
  none <- data.frame(unit = c("U01", "U02"), item = c("b", "d"))
  x <- cap_readiness(answers, not_applicable = none, evidence = grades_of(answers, "B"))
  table <- as.data.frame(x)
  expect_identical(table$stage, c(1L, 2L))
  # D1 = a alone; D2 = c, d; D3 = e
  expect_equal(table$score[1], 25 * mean(c(4, mean(c(2, 4)), 2)))
  expect_equal(table$score[2], 25 * mean(c(4, 3, 4)))
  expect_equal(table$deficit[1], 1)
  expect_identical(as.data.frame(cap_table(x))$not_applicable, c(1L, 1L))
  expect_match(paste(cap_findings(x)$text, collapse = " "), "2 cells do not apply, in 2 units")
  without <- rbind(gate(1, "g", 2, c("a", "c"), 2), gate(2, "s", 2, c("c", "d", "e"), 3))
  expect_equal(probability_of(x)$probability,
    twin_law(unlist(values[1, ]), rep(0.9, 5), without, 4),
    tolerance = 1e-12
  )
  states <- as.data.frame(cap_table(x, "gates"))
  expect_identical(states$state[states$unit == "U01" & states$item == "b"], "not applicable")
  expect_identical(unique(states$k[states$unit == "U01" & states$group == "g"]), 2L)
  # a gate cannot be declared away,
  gone <- data.frame(unit = "U02", item = c("c", "d", "e"))
  expect_match(input_error(cap_readiness(answers, not_applicable = gone)), "stage 2")
  # but where the framework leaves its items open; then it holds
  open <- framework
  open$items$optional <- as.numeric(open$items$code %in% c("c", "d", "e"))
  free <- cap_readiness(wide_answers(values, open), not_applicable = gone)
  expect_identical(free$stage[2], 2L)
  expect_match(input_error(cap_readiness(answers, not_applicable = data.frame(unit = "U01", item = letters[1:5]))), "U01")
})

test_that("a framework says which of its items may not apply", {
  guide <- cap_framework("ncs-guide")
  codes <- leaf_codes(guide)
  full <- as.list(stats::setNames(leaf_max(guide), codes))
  answers <- wide_answers(as.data.frame(full, optional = TRUE), guide)
  optional <- guide$items$code[guide$items$optional > 0]
  x <- cap_readiness(answers, not_applicable = data.frame(unit = "U01", item = optional[1:3]))
  expect_identical(as.data.frame(cap_table(x))$not_applicable, 3L)
  closed <- setdiff(codes, optional)[1]
  expect_match(input_error(cap_readiness(answers, not_applicable = data.frame(unit = "U01", item = closed))), closed)
})

test_that("stages of other frameworks are asked for, known, unknown or uncertain", {
  cirt <- cap_framework("cirt-readiness")
  codes <- leaf_codes(cirt)
  answers <- wide_answers(as.data.frame(matrix(4, 4, length(codes), dimnames = list(NULL, codes))), cirt)
  alone <- as.data.frame(cap_readiness(answers))
  expect_identical(alone$stage, rep(2L, 4))
  expect_identical(alone$stage_high, rep(5L, 4))
  expect_identical(alone$failing, rep("sim3 stage 1", 4))
  known <- data.frame(unit = c("U01", "U02", "U03"), framework = "sim3", stage = c(0, 2, 3))
  x <- cap_readiness(answers, external = known)
  table <- as.data.frame(x)
  expect_identical(table$stage, c(2L, 4L, 5L, 2L))
  expect_identical(table$stage_low, c(2L, 4L, 5L, 2L))
  expect_identical(table$stage_high, c(2L, 4L, 5L, 5L))
  expect_identical(table$deficit, c(1, 1, 0, 1))
  sim3 <- cap_framework("sim3")
  team <- leaf_codes(sim3)
  teams <- cap_answers(
    data.frame(unit = rep(c("U01", "U02"), each = 45), item = team, value = rep(c(4, 2), each = 45)), sim3,
    unit = "unit"
  )
  maturity <- cap_readiness(teams, evidence = grades_of(teams, "A"))
  from <- cap_readiness(answers, external = maturity, evidence = grades_of(answers, "A"))
  expect_identical(from$stage[1], 5L)
  expect_match(paste(cap_findings(from)$text, collapse = " "), "illustrative")
  # independent of the own items: the product of both laws
  advanced <- data.frame(unit = answers$unit, framework = "sim3", stage = 3)
  own <- cap_readiness(answers, external = advanced, evidence = grades_of(answers, "A"))
  expect_equal(from$law$at_least[1, 4:6], own$law$at_least[1, 3] * maturity$law$at_least[1, 2:4], tolerance = 1e-12)
  # nothing known of it: every stage equally likely
  expect_equal(from$law$at_least[3, 4:6], own$law$at_least[3, 3] * c(3, 2, 1) / 4, tolerance = 1e-12)
  expect_match(input_error(cap_readiness(answers, external = data.frame(unit = "U01", framework = "cmm", stage = 1))), "cmm")
  expect_match(input_error(cap_readiness(answers, external = data.frame(unit = "U01", framework = "sim3", stage = 9))), "9")
  expect_match(input_error(cap_readiness(answers, external = rbind(known, known))), "U01")
  expect_match(input_error(cap_readiness(answers, external = list(known, maturity))), "sim3")
})

test_that("bands are read as cap_index() reads them", {
  x <- cap_readiness(gci(2024))
  tier <- overall(gci(2024))$tier
  table <- as.data.frame(x)
  expect_identical(table$stage_label, as.character(tier))
  expect_identical(table$stage, 5L - as.integer(tier))
  expect_equal(table$score, overall(gci(2024))$score, tolerance = 1e-14)
  expect_identical(table$status, rep("official", 194))
  lower <- c(20, 55, 85, 95, NA)[table$stage + 1]
  expect_equal(table$deficit, ifelse(is.na(lower), 0, lower - table$score))
  expect_true(all(table$gated < ifelse(is.na(lower), Inf, lower)))
  from_answers <- as.data.frame(cap_readiness(gci_answers(2024)))
  expect_equal(from_answers, table, tolerance = 1e-12)
  geometric <- update(gci(2024), aggregate = c(overall = "geometric"))
  expect_identical(as.data.frame(cap_readiness(geometric))$stage_label, as.character(overall(geometric)$tier))
})

test_that("probabilities of bands are those of drawn answers", {
  framework <- cap_framework(list(
    items = data.frame(code = c("R", "a", "b"), parent = c("", "R", "R"), max = c(100, 1, 1)),
    bands = data.frame(label = c("high", "middle", "low"), lower = c(70, 40, 0))
  ))
  answers <- wide_answers(data.frame(a = c(1, 0.5), b = c(0.5, 0)), framework)
  x <- withr::with_seed(2, cap_readiness(answers, evidence = grades_of(answers, c("C", "D")), n = 20000))
  score <- outer(c(0, 0.5, 1), c(0, 0.5, 1), `+`) * 50
  exact <- function(a, b) {
    joint <- outer(a, b)
    c(sum(joint[score < 40]), sum(joint[score >= 40 & score < 70]), sum(joint[score >= 70]))
  }
  expected <- rbind(
    exact(c(0, 0.25, 0.75), c(0.2, 0.6, 0.2)), exact(c(0.125, 0.75, 0.125), c(0.6, 0.4, 0))
  )
  expect_lt(max(abs(stage_chances(x$law) - expected)), 4.5 * 0.5 / sqrt(20000))
  # U02 cannot reach more than a = 1, b = .5
  expect_identical(x$law$upper[2, ], c(1, 1, 1))
  low <- withr::with_seed(2, cap_readiness(answers, evidence = grades_of(answers, "s"), reliability = c(s = 1)))
  expect_identical(low$law$at_least, low$law$upper)
  expect_identical(low$law$at_least, low$law$lower)
  big <- function(draws) {
    evidence <- grades_of(gci_answers(2024), "B")
    withr::with_seed(2, cap_readiness(gci(2024), evidence = evidence, n = draws)$law$at_least)
  }
  expect_equal(rowSums(big(50)[, 1, drop = FALSE]), rep(1, 194))
})

test_that("the national index of 77 points is a sum without stages", {
  ncsi <- cap_framework("ncsi")
  full <- stats::setNames(leaf_max(ncsi), leaf_codes(ncsi))
  expect_identical(sum(full), 77)
  table <- as.data.frame(cap_readiness(wide_answers(as.data.frame(as.list(full), optional = TRUE), ncsi)))
  expect_equal(table$score, 100, tolerance = 1e-12)
  expect_identical(c(table$stage, table$stage_low, table$stage_high), rep(NA_integer_, 3))
  expect_identical(table$gated, table$score)
  # 4 of 77 points: 5.19 per cent
  some <- replace(full, names(full), 0)
  some[1:2] <- full[1:2]
  row <- as.data.frame(cap_readiness(wide_answers(as.data.frame(as.list(some), optional = TRUE), ncsi)))
  expect_equal(row$score, 100 * sum(full[1:2]) / 77, tolerance = 1e-12)
  stageless <- cap_readiness(wide_answers(as.data.frame(as.list(some), optional = TRUE), ncsi))
  expect_match(input_error(cap_table(stageless, "gates")), "no stages")
})

test_that("the support profile reads the answers of the index", {
  x <- cap_readiness(gci_answers(2024), "support-profile")
  wide <- gci_answers(2024)$values
  colnames(wide) <- leaf_codes(gci_answers(2024)$framework)
  gates <- cap_framework("support-profile")$gates
  expect_identical(as.data.frame(x)$stage, twin_stages(wide + 1e-9, gates))
  expect_identical(unique(as.data.frame(x)$framework), "support-profile")
  expect_identical(unique(as.data.frame(x)$status), "proposal")
  expect_equal(as.data.frame(x), as.data.frame(cap_readiness(gci(2024), "support-profile")), tolerance = 1e-12)
  expect_match(input_error(cap_readiness(gci_answers(2020), "cirt-readiness")), "A1")
  expect_match(paste(capture.output(print(x)), collapse = " "), "status proposal")
})

test_that("every table carries the status and has its columns", {
  answers <- gci_answers(2024)
  x <- cap_readiness(answers, "support-profile", evidence = grades_of(answers, "B"))
  names_of <- function(table) names(as.data.frame(cap_table(x, table)))
  expect_identical(names_of("probabilities"), c(
    "unit", "edition", "framework", "status", "stage", "stage_label", "probability", "at_least", "lower", "upper",
    "error", "likely", "way"
  ))
  expect_identical(names_of("gates"), c(
    "unit", "edition", "framework", "status", "stage", "group", "k", "n", "holds", "item", "minimum", "value", "state"
  ))
  expect_identical(names_of("domains"), c(
    "unit", "edition", "framework", "status", "item", "label", "score", "low", "median", "high", "items"
  ))
  for (table in c("stages", "probabilities", "gates", "domains")) {
    expect_setequal(as.data.frame(cap_table(x, table))$status, "proposal")
    expect_match(attr(cap_table(x, table), "caption"), "status: proposal")
  }
  gates <- as.data.frame(cap_table(x, "gates"))
  stage <- as.data.frame(x)$stage
  blocked <- tapply(gates$stage[gates$holds != "met"], gates$unit[gates$holds != "met"], min)
  certain <- cap_readiness(answers, "support-profile")
  held <- as.data.frame(cap_table(certain, "gates"))
  first <- tapply(held$stage[held$holds == "not met"], held$unit[held$holds == "not met"], min)
  expect_identical(as.integer(first) - 1L, as.data.frame(certain)$stage[match(names(first), certain$unit)])
  set <- as.data.frame(cap_table(x, "probabilities"))
  reached <- tapply(set$probability[set$likely], set$unit[set$likely], sum)
  expect_true(all(reached >= 0.9 - 1e-9))
  least <- tapply(set$probability[set$likely], set$unit[set$likely], min)
  expect_true(all(reached - least < 0.9))
  expect_equal(as.vector(tapply(set$probability, set$unit, sum)), rep(1, 194), tolerance = 1e-14)
})

test_that("input that does not fit is refused by name", {
  framework <- gated(letters[1:2], gate(1, "g", 2, letters[1:2], 2))
  answers <- wide_answers(data.frame(a = 2, b = 3), framework)
  evidence <- grades_of(answers, "A")
  refused <- function(...) input_error(cap_readiness(answers, ...))
  expect_match(input_error(cap_readiness(data.frame(a = 1))), "answers")
  expect_match(refused(evidence = transform(evidence, grade = "Z")), "Z")
  expect_match(refused(evidence = transform(evidence, item = "q")), "q")
  expect_match(refused(evidence = rbind(evidence, evidence)), "U01 1 a")
  expect_match(refused(evidence = evidence["unit"]), "grade")
  expect_match(refused(evidence = transform(evidence, unit = "ZZZ")), "ZZZ")
  expect_match(refused(evidence = evidence, reliability = c(A = 2)), "A")
  expect_match(refused(evidence = evidence, reliability = 0.5), "named by grade")
  expect_match(refused(correlation = 1.5), "correlation")
  expect_match(refused(correlation = NaN), "correlation")
  expect_match(refused(n = 0), "`n`")
  expect_match(refused(n = 1.5), "whole")
  expect_match(refused(evidence = evidence, step = 0), "step")
  expect_match(refused(evidence = evidence, step = c(q = 1)), "q")
  expect_match(refused(twin = "mean"), "mean")
  expect_match(refused(not_applicable = data.frame(unit = "U01", item = "z")), "z")
  expect_match(refused(external = data.frame(unit = "U01", framework = "sim3", stage = 1)), "sim3")
  expect_match(input_error(cap_table(cap_readiness(answers), "probabilities")), "evidence")
  off <- cap_answers(data.frame(iso3 = "X", a = 9, b = 1), framework, item = NULL, invalid = "keep")
  expect_match(input_error(cap_readiness(off)), "X")
})

test_that("print and errors read well", {
  local_messages()
  gates <- rbind(gate(1, "all", 2, c("a", "b"), 2), gate(2, "some", 1, c("b", "c"), 4))
  framework <- gated(letters[1:3], gates, caps = c(40, 70, NA))
  answers <- wide_answers(data.frame(a = c(4, 3), b = c(1, NA), c = 4), framework)
  expect_snapshot(cap_readiness(answers, evidence = grades_of(answers, "B")))
  expect_snapshot(error = TRUE, {
    cap_readiness(answers, evidence = data.frame(unit = "U01", item = "a", grade = "E"))
    cap_readiness(answers, evidence = data.frame(unit = "U01", item = "z", grade = "A"))
    cap_readiness(answers, not_applicable = data.frame(unit = "U01", item = letters[1:3]))
    cap_readiness(answers, external = data.frame(unit = "U01", framework = "sim3", stage = 1))
    cap_readiness(answers, "cirt-readiness")
    cap_table(cap_readiness(answers), "probabilities")
    plot(cap_readiness(answers), "gates")
  })
})

test_that("statuses of framework and stages are both told", {
  sim3 <- cap_framework("sim3")
  codes <- leaf_codes(sim3)
  x <- cap_readiness(wide_answers(as.data.frame(as.list(stats::setNames(rep(3, 45), codes)), optional = TRUE), sim3))
  expect_identical(as.data.frame(x)$status, "recalled")
  expect_identical(as.data.frame(cap_table(x))$stage_status, "illustrative")
  expect_match(attr(cap_table(x), "caption"), "recalled, stages illustrative", fixed = TRUE)
  expect_match(cap_findings(x)$text[1], "recalled, stages illustrative", fixed = TRUE)
  expect_match(plot(x)$labels$subtitle, "recalled, stages illustrative", fixed = TRUE)
})

test_that("a framework of one stage has nothing to reach", {
  framework <- cap_framework(list(
    items = data.frame(code = c("R", "a"), parent = c("", "R")), stages = data.frame(stage = 0, label = "all")
  ))
  answers <- wide_answers(data.frame(a = c(0, 1)), framework)
  x <- cap_readiness(answers, evidence = grades_of(answers, "B"))
  expect_identical(as.data.frame(x)$stage, c(0L, 0L))
  expect_identical(as.data.frame(x)$failing, c("", ""))
  expect_identical(as.data.frame(cap_table(x, "probabilities"))$probability, c(1, 1))
  expect_identical(nrow(as.data.frame(cap_table(x, "gates"))), 0L)
})

test_that("aspects answered by stages start at the first one", {
  cmm <- cap_framework("cmm")
  codes <- leaf_codes(cmm)
  values <- as.data.frame(matrix(rep(c(1, 3, 5), length(codes)), 3, dimnames = list(NULL, codes)))
  values[2, 1] <- NA
  x <- cap_readiness(wide_answers(values, cmm))
  table <- as.data.frame(x)
  expect_identical(table$stage, c(1L, 1L, 5L))
  expect_identical(table$stage_low, c(1L, 1L, 5L))
  expect_identical(table$stage_high, c(1L, 3L, 5L))
  expect_equal(table$score[c(1, 3)], c(0, 100))
  domains <- as.data.frame(cap_table(x, "domains"))
  expect_identical(domains$median[domains$unit == "U02"], rep(3, 5))
  unknown <- cap_readiness(wide_answers(values[1, ] * NA, cmm), evidence = data.frame(unit = "U01", item = codes, grade = NA))
  expect_equal(probability_of(unknown)$at_least[2], 0.8^length(codes), tolerance = 1e-10)
})

test_that("one unit, one item, tibbles, factors and reversed items work", {
  framework <- cap_framework(list(
    items = data.frame(code = c("R", "risk"), parent = c("", "R"), max = c(100, 10), direction = c(1, -1)),
    stages = data.frame(stage = 0:1, label = c("no", "yes")), gates = gate(1, "g", 1, "risk", 8)
  ))
  answers <- wide_answers(data.frame(risk = c(0, 2, 3, NA)), framework)
  x <- cap_readiness(answers)
  expect_identical(as.data.frame(x)$stage, c(1L, 1L, 0L, 0L))
  expect_identical(as.data.frame(x)$stage_high, c(1L, 1L, 0L, 1L))
  expect_identical(as.data.frame(x)$score, c(100, 80, 70, 0))
  evidence <- data.frame(iso3 = factor("U02"), item = factor("risk"), grade = factor("B"))
  if (requireNamespace("tibble", quietly = TRUE)) evidence <- tibble::as_tibble(evidence)
  law <- probability_of(cap_readiness(answers, evidence = evidence), "U02")
  expect_equal(law$at_least, c(1, 0.95), tolerance = 1e-12)
  one <- cap_readiness(wide_answers(data.frame(risk = 1), framework), evidence = data.frame(unit = "U01", item = "risk", grade = NA))
  expect_identical(nrow(as.data.frame(one)), 1L)
  expect_equal(probability_of(one)$probability, c(8, 3) / 11, tolerance = 1e-12)
})

test_that("plots are drawn for every case", {
  answers <- gci_answers(2024)
  x <- cap_readiness(answers, "support-profile", evidence = grades_of(answers, "B"))
  plots <- list(
    plot(x), plot(x, unit = c("KEN", "RWA")), plot(x, type = "gates", unit = "KEN"),
    plot(cap_readiness(answers, "support-profile"))
  )
  for (p in plots) {
    expect_s3_class(p, "ggplot")
    expect_no_error(ggplot2::ggplot_build(p))
  }
  expect_match(input_error(plot(x, unit = "ZZZ")), "ZZZ")
  expect_match(input_error(plot(x, type = "gates")), "unit")
})
