# A framework of gates: every kind of group, an item shared by two stages.
gated <- function(gates = NULL, prerequisites = NULL, ...) {
  cap_framework(list(
    id = "gated", status = "illustrative",
    items = data.frame(
      code = c("R", "A", "B", "C", "D", "E"), parent = c("", rep("R", 5)), max = c(100, rep(4, 5))
    ),
    stages = data.frame(stage = 0:2, label = c("none", "first", "second")),
    gates = gates %||% data.frame(
      stage = c(1, 1, 1, 2, 2, 2), group = c("law", "any", "any", "law", "two", "two"), k = c(1, 1, 1, 1, 2, 2),
      item = c("A", "B", "C", "A", "C", "D"), min = c(2, 3, 3, 3, 2, 2)
    ),
    prerequisites = prerequisites, ...
  ))
}
gated_ready <- function(framework = gated(), value = rep(0, 5), unit = "AAA", ...) {
  data <- data.frame(iso3 = rep(unit, each = 5), item = rep(c("A", "B", "C", "D", "E"), length(unit)), value = value)
  cap_readiness(cap_answers(data, framework), ...)
}

plans_of <- function(x) as_plain(cap_table(x, "plans"))
sets_of <- function(x) as_plain(cap_table(x, "alternatives"))
# "A 2, C 3" for each set.
set_words <- function(x) {
  t <- sets_of(x)
  unname(vapply(split(t, paste(t$unit, formatC(t$plan, width = 4))), function(s) {
    paste(s$item, s$to, collapse = ", ")
  }, ""))
}

# Answers with the raises of a table made.
raised_data <- function(answers, steps) {
  data <- as.data.frame(answers)
  at <- match(paste(steps$unit, steps$edition, steps$item), paste(data$unit, data$edition, data$item))
  data$value[at] <- steps$to
  names(data)[1] <- "iso3"
  data[c("iso3", "edition", "item", "value")]
}

test_that("an AND gate is a sum and k of n takes the cheapest", {
  steps <- cap_actions(gated_ready())
  expect_identical(set_words(steps), c("A 2, B 3", "A 2, C 3"))
  expect_identical(plans_of(steps)$cost, 5)
  dear <- cap_actions(gated_ready(), costs = c(B = 2))
  expect_identical(set_words(dear)[1], "A 2, C 3")
  # a later stage that asks for C makes C the choice of the first one too
  second <- cap_actions(gated_ready(), target = "second")
  expect_identical(set_words(second), c("A 3, C 3, D 2", "A 3, B 3, C 2, D 2"))
  expect_identical(cap_actions(gated_ready(), target = 2)$steps, second$steps)
  table <- as.data.frame(second)
  expect_identical(names(table), c(
    "unit", "edition", "framework", "target", "rank", "item", "label", "from", "to", "cost", "gate",
    "score_gain", "p_gain", "prerequisite"
  ))
  expect_identical(table$gate[table$item == "C"], "1:any, 2:two")
  expect_identical(table$gate[table$item == "A"], "1:law, 2:law")
  expect_equal(table$score_gain, 5 * table$cost) # 100 / 5 items / 4 levels
  expect_identical(table$p_gain, rep(NA_real_, 3))
})

test_that("prerequisites are closed under what they require, and order the steps", {
  chain <- data.frame(item = c("A", "E"), requires = c("E", "D"))
  x <- gated_ready(gated(prerequisites = chain))
  steps <- as.data.frame(cap_actions(x))
  # no gate up to the first stage sets a minimum for D and E: their maximum
  expect_identical(steps$item[order(steps$item)], c("A", "B", "D", "E"))
  expect_identical(steps$to[match(c("A", "B", "D", "E"), steps$item)], c(2, 3, 4, 4))
  expect_lt(match("D", steps$item), match("E", steps$item))
  expect_lt(match("E", steps$item), match("A", steps$item))
  expect_identical(steps$prerequisite[match(c("A", "B", "E"), steps$item)], c("E", "", "D"))
  # a later stage asks 2 of D
  second <- as.data.frame(cap_actions(x, target = 2))
  expect_identical(second$to[second$item == "D"], 2)
  # one's own, with minimums; and none
  own <- transform(chain, min = c(1, 3))
  expect_identical(set_words(cap_actions(x, prerequisites = own))[1], "A 2, B 3, D 3, E 1")
  expect_identical(set_words(cap_actions(x, prerequisites = chain[0, ]))[1], "A 2, B 3")
  # what stands asks for nothing
  stands <- gated_ready(gated(prerequisites = own[0, ]), value = c(0, 0, 0, 0, 1))
  expect_identical(set_words(cap_actions(stands, prerequisites = own))[1], "A 2, B 3")
})

test_that("within prerequisites the order is by gain for cost, then by code", {
  items <- data.frame(
    code = c("R", "A", "B", "C"), parent = c("", "R", "R", "R"), weight = c(NA, 1, 6, 3), max = c(100, 2, 2, 2)
  )
  framework <- cap_framework(list(
    items = items, stages = data.frame(stage = 0:1),
    gates = data.frame(stage = 1, group = c("x", "y", "z"), k = 1, item = c("A", "B", "C"), min = 2)
  ))
  x <- cap_readiness(cap_answers(data.frame(iso3 = "U", A = 0, B = 0, C = 0), framework, item = NULL))
  expect_identical(as.data.frame(cap_actions(x))$item, c("B", "C", "A"))
  expect_identical(as.data.frame(cap_actions(x, costs = c(B = 10)))$item, c("C", "A", "B"))
  expect_identical(as.data.frame(cap_actions(x, costs = c(A = 0)))$item, c("A", "B", "C"))
  waits <- data.frame(item = c("B", "C"), requires = "A")
  expect_identical(as.data.frame(cap_actions(x, prerequisites = waits))$item, c("A", "B", "C"))
})

test_that("costs are per step, per item, per level, or bar an item", {
  x <- gated_ready(value = c(1, 0, 1, 0, 0))
  expect_identical(plans_of(cap_actions(x))$cost, 3)
  expect_identical(plans_of(cap_actions(x, cost_per = "item"))$cost, 2)
  levels <- data.frame(item = "C", level = c(2, 4), cost = c(0.25, 0.5))
  by_level <- cap_actions(x, costs = levels)
  expect_identical(set_words(by_level), c("A 2, C 4", "A 2, B 3"))
  expect_identical(plans_of(by_level)$cost, 1.75)
  expect_identical(plans_of(cap_actions(x, costs = levels, cost_per = "item"))$cost, 1.5)
  barred <- cap_actions(x, costs = c(C = Inf))
  expect_identical(set_words(barred), "A 2, B 3")
  barred <- cap_actions(x, costs = data.frame(item = "C", level = 1:4, cost = c(1, 1, Inf, 1)))
  expect_identical(set_words(barred), "A 2, B 3")
  free <- plans_of(cap_actions(x, costs = c(A = 0, B = 0, C = 0)))
  expect_identical(c(free$cost, free$gap, free$raises), c(0, 0, 2))
  table <- data.frame(item = factor("B"), cost = 0)
  expect_identical(set_words(cap_actions(x, costs = table))[1], "A 2, B 3")
})

test_that("a tier of an index is reached by its score, also with items of which less is better", {
  bands <- data.frame(label = c("high", "middle", "low"), lower = c(80, 40, 0))
  index <- cap_index(cap_answers(small_answers(), small(bands = bands)))
  steps <- cap_actions(index)
  plans <- plans_of(steps)
  now <- as.data.frame(index, level = "overall")
  expect_identical(plans$from, as.character(now$tier))
  again <- cap_index(cap_answers(raised_data(index$answers, as.data.frame(steps)), small(bands = bands)))
  expect_identical(as.character(as.data.frame(again, level = "overall")$tier), plans$target)
  table <- as.data.frame(steps)
  down <- table[table$item == "P2", ]
  expect_true(nrow(down) > 0 && all(down$to < down$from))
  gained <- tapply(table$score_gain, table$unit, sum)
  after <- as.data.frame(again, level = "overall")
  expect_equal(as.vector(gained), (after$score - now$score)[match(names(gained), now$unit)])
  # the same through a readiness, on the scale 0 to 100
  ready <- cap_actions(cap_readiness(index))
  expect_identical(ready$steps$item, table$item)
  expect_identical(ready$steps$to, table$to)
})

test_that("every GCI country's steps lead to the next tier, and no raise is too much", {
  steps <- cap_actions(gci(2024), alternatives = 1)
  plans <- plans_of(steps)
  expect_identical(nrow(plans), 194L)
  expect_identical(sum(plans$outcome == "reached"), 46L)
  expect_true(all(plans$optimal[plans$outcome == "steps"]))
  table <- as.data.frame(steps)
  tier_after <- function(table) {
    after <- cap_index(cap_answers(raised_data(gci_answers(2024), table), "gci-2024"))
    as.character(as.data.frame(after, level = "overall")$tier)
  }
  expect_identical(tier_after(table), plans$target)
  # lowered by any one step, here the last raise of each by one of its steps
  last <- !duplicated(table$unit, fromLast = TRUE)
  less <- table
  less$to[last] <- pmax(round(less$to[last] - 0.1, 10), less$from[last])
  expect_true(all(tier_after(less)[plans$outcome == "steps"] != plans$target[plans$outcome == "steps"]))
  # at a cost of 1 a step the cost is the number of steps
  expect_equal(table$cost, ceiling(round(10 * table$to, 8)) - floor(round(10 * table$from, 8)))
})

# All sets of raises, the obvious way: plain R, on levels 0..max.
twin_best <- function(framework, value, costs, requires, target) {
  codes <- names(value)
  grid <- as.matrix(expand.grid(lapply(codes, function(k) value[[k]]:framework$items$max[match(k, framework$items$code)])))
  colnames(grid) <- codes
  gates <- framework$gates[framework$gates$stage <= target, ]
  ok <- rep(TRUE, nrow(grid))
  for (g in split(gates, paste(gates$stage, gates$group))) {
    met <- rowSums(t(t(grid[, g$item, drop = FALSE]) >= g$min))
    ok <- ok & met >= g$k[1]
  }
  for (i in seq_len(nrow(requires))) {
    asked <- requires$min[i]
    if (is.na(asked)) {
      minima <- gates$min[gates$item == requires$requires[i]]
      asked <- if (length(minima) > 0) max(minima) else 3
    }
    raised <- grid[, requires$item[i]] > value[[requires$item[i]]]
    ok <- ok & (!raised | grid[, requires$requires[i]] >= asked)
  }
  steps <- t(t(grid) - value)
  good <- which(ok)
  if (length(good) == 0L) {
    return(NULL)
  }
  minimal <- vapply(good, function(a) {
    !any(vapply(good, function(b) b != a && all(grid[b, ] <= grid[a, ]), NA))
  }, NA)
  good <- good[minimal]
  cost <- drop(steps[good, , drop = FALSE] %*% costs)
  raises <- rowSums(steps[good, , drop = FALSE] > 0)
  keys <- c(list(round(cost, 8), raises), lapply(sort(codes, method = "radix"), function(k) -grid[good, k]))
  sorted <- good[do.call(order, keys)]
  list(cost = drop(steps[sorted, , drop = FALSE] %*% costs), grid = grid[sorted, , drop = FALSE])
}

test_that("random frameworks agree with enumeration, and what is found leads there", {
  solved <- blocked <- 0
  withr::local_seed(5)
  for (round in 1:120) {
    n <- sample(2:5, 1)
    codes <- sample(c("a", "B", "c1", "c10", "C2"), n)
    items <- data.frame(code = c("ROOT", codes), parent = c("", rep("ROOT", n)), max = c(100, rep(3, n)))
    gates <- do.call(rbind, lapply(seq_len(sample(1:4, 1)), function(g) {
      members <- sample(codes, sample(n, 1))
      data.frame(stage = min(g, 2), group = paste0("g", g), k = sample(length(members), 1), item = members, min = sample(1:3, 1))
    }))
    framework <- tryCatch(
      cap_framework(list(items = items, stages = data.frame(stage = 0:max(gates$stage)), gates = gates)),
      cap_error_input = function(e) NULL # gates that are not nested
    )
    if (is.null(framework)) next
    requires <- data.frame(item = character(), requires = character(), min = numeric())
    if (n > 2 && sample(2, 1) == 1) {
      requires <- data.frame(item = codes[2:3], requires = codes[1:2], min = sample(c(NA, 1:3), 2))
    }
    value <- stats::setNames(sample(0:3, n, TRUE, c(5, 2, 1, 1)), codes)
    costs <- stats::setNames(sample(c(0, 1, 1, 2, 0.1, 0.7, 1 / 3), n, TRUE), codes)
    target <- max(gates$stage)
    x <- cap_readiness(cap_answers(data.frame(iso3 = "U", item = codes, value = value), framework))
    steps <- cap_actions(x, target = target, costs = costs, prerequisites = requires)
    plan <- plans_of(steps)
    if (plan$outcome == "reached") next
    twin <- twin_best(framework, value, costs, requires, target)
    if (is.null(twin)) {
      blocked <- blocked + 1
      expect_identical(plan$outcome, "unreachable")
      next
    }
    solved <- solved + 1
    expect_true(plan$optimal)
    expect_equal(plan$cost, twin$cost[1])
    expect_identical(plan$alternatives + 1L, nrow(twin$grid))
    found <- t(vapply(split(sets_of(steps), sets_of(steps)$plan), function(s) {
      v <- value
      v[s$item] <- s$to
      v
    }, value + 0))
    expect_equal(unname(found), unname(twin$grid))
    again <- cap_readiness(cap_answers(raised_data(x$answers, as.data.frame(steps)), framework))
    expect_true(as.data.frame(again)$stage >= target)
  }
  expect_gt(solved, 50)
})

test_that("the probability gained adds up to that of the target", {
  data <- data.frame(
    iso3 = rep(c("AAA", "BBB"), each = 5), item = c("A", "B", "C", "D", "E"),
    value = c(1, 2, 0, 0, 0, 0, 4, 1, 1, 2), grade = c("A", "B", "C", "D", NA)
  )
  framework <- gated()
  before <- cap_readiness(cap_answers(data[1:3], framework), evidence = data)
  steps <- cap_actions(before, target = 2)
  table <- as.data.frame(steps)
  raised <- raised_data(before$answers, table)
  graded <- data
  at <- paste(graded$iso3, graded$item) %in% paste(table$unit, table$item)
  graded$grade[at & is.na(graded$grade)] <- "D"
  after <- cap_readiness(cap_answers(raised, framework), evidence = graded)
  chance <- function(x) {
    t <- as_plain(cap_table(x, "probabilities"))
    t$at_least[t$stage == 2]
  }
  expect_equal(as.vector(tapply(table$p_gain, table$unit, sum)), chance(after) - chance(before), tolerance = 1e-12)
  expect_true(all(table$p_gain >= -1e-12))
  # items that cannot pass as they stand come before one that may
  expect_identical(table$item[table$unit == "AAA"], c("A", "C", "D"))
})

test_that("what cannot be reached says why", {
  expect_reason <- function(x, ..., text) {
    plan <- plans_of(cap_actions(x, ...))
    expect_identical(plan$outcome, "unreachable")
    expect_match(plan$reason, text, fixed = TRUE)
    expect_identical(nrow(as.data.frame(cap_actions(x, ...))), 0L)
  }
  x <- gated_ready()
  expect_reason(x, costs = c(A = Inf), text = "gate 1:law (A, which cannot be raised to 2)")
  expect_reason(x, costs = data.frame(item = "A", level = 1, cost = 1), text = "A, which cannot be raised to 2")
  expect_reason(x, costs = c(E = Inf), prerequisites = data.frame(item = "A", requires = "E"),
    text = "A, whose prerequisites cannot be met")
  gates <- data.frame(stage = c(1, 2), group = "g", k = 1, item = c("A", NA), min = c(2, 1), framework = c(NA, "sim3"))
  expect_reason(gated_ready(gated(gates)), target = 2, text = "needs stage 1 of sim3")
  index <- gci(2024)
  expect_reason(index, unit = "FJI", target = "T1", costs = stats::setNames(rep(Inf, 20), leaf_codes(index$framework)),
    text = "points needed")
  top <- plans_of(cap_actions(gated_ready(value = rep(4, 5))))
  expect_identical(c(top$outcome, top$reason), c("reached", "at the highest already"))
  done <- plans_of(cap_actions(gated_ready(value = rep(4, 5)), target = 1))
  expect_identical(c(done$outcome, done$reason), c("reached", "reached already"))
  expect_identical(done$cost, 0)
})

test_that("missing answers stand at the least level, or have no weight", {
  x <- gated_ready(value = c(NA, 3, 0, 0, 0))
  table <- as.data.frame(cap_actions(x))
  expect_identical(table$from, NA_real_)
  expect_identical(table$to, 2)
  expect_match(cap_findings(cap_actions(x))$text[2], "(A) from no answer to 2", fixed = TRUE)
  data <- small_answers()
  data$value[data$item == "Q1"] <- NA
  bands <- data.frame(label = c("high", "low"), lower = c(90, 0))
  answers <- cap_answers(data, small(bands = bands))
  zero <- cap_actions(cap_index(answers, missing = "zero"), unit = "CCC")
  expect_true("Q1" %in% as.data.frame(zero)$item)
  index <- cap_index(answers, missing = "renormalise")
  light <- cap_actions(index)
  expect_false("Q1" %in% as.data.frame(light)$item)
  again <- cap_index(cap_answers(raised_data(answers, as.data.frame(light)), small(bands = bands)), missing = "renormalise")
  expect_identical(as.character(as.data.frame(again, level = "overall")$tier), plans_of(light)$target)
  none <- cap_index(cap_answers(transform(data, value = ifelse(iso3 == "AAA", NA, value)), small(bands = bands)),
    missing = "renormalise")
  expect_identical(plans_of(cap_actions(none, unit = "AAA"))$reason, "no score: too few answers")
})

test_that("order, class and locale of the input do not matter", {
  data <- data.frame(
    iso3 = rep(c("AAA", "BBB", "CCC"), each = 5), item = c("A", "B", "C", "D", "E"), edition = 1L,
    value = c(0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 1, 1, 1, 1, 1)
  )
  framework <- gated()
  steps <- cap_actions(cap_readiness(cap_answers(data, framework)), target = 2)
  mixed <- shuffled(data)
  mixed$iso3 <- factor(mixed$iso3)
  items <- framework$items[c(1, 6:2), c("code", "parent", "max")]
  turned <- cap_framework(list(
    id = "gated", status = "illustrative", items = items, stages = framework$stages,
    gates = framework$gates[rev(seq_len(nrow(framework$gates))), ]
  ))
  again <- cap_actions(cap_readiness(cap_answers(mixed, turned)), target = 2)
  expect_equal(again$steps, steps$steps)
  expect_equal(sets_of(again)[c("unit", "plan", "item", "to")][do.call(order, unname(as.list(sets_of(again)[c(1, 5, 7)]))), ],
    sets_of(steps)[c("unit", "plan", "item", "to")][do.call(order, unname(as.list(sets_of(steps)[c(1, 5, 7)]))), ],
    ignore_attr = TRUE)
  skip_if_not_installed("tibble")
  costs <- tibble::tibble(item = factor(c("B", "C")), cost = c(2, 1))
  x <- gated_ready()
  expect_identical(cap_actions(x, costs = costs)$steps, cap_actions(x, costs = as.data.frame(costs))$steps)
})

test_that("a limit of nodes leaves a plan with its distance from the bound", {
  bands <- data.frame(label = c("high", "low"), lower = c(62, 0))
  n <- 30
  items <- data.frame(code = c("R", sprintf("i%02d", 1:n)), parent = c("", rep("R", n)), weight = c(NA, (1:n)^0.7), max = c(100, rep(1, n)))
  framework <- cap_framework(list(items = items, bands = bands))
  data <- data.frame(iso3 = "U", item = items$code[-1], value = (1:n %% 7) / 20)
  index <- cap_index(cap_answers(data, framework))
  costs <- stats::setNames(sqrt(1:n + 2), items$code[-1])
  full <- plans_of(cap_actions(index, costs = costs, alternatives = 2))
  expect_true(full$optimal)
  expect_identical(full$gap, 0)
  short <- cap_actions(index, costs = costs, max_nodes = 3)
  plan <- plans_of(short)
  expect_lte(plan$bound, full$cost + 1e-9)
  expect_gte(plan$cost, full$cost - 1e-9)
  again <- cap_index(cap_answers(raised_data(index$answers, as.data.frame(short)), framework))
  expect_identical(as.character(as.data.frame(again, level = "overall")$tier), "high")
  if (!plan$optimal) expect_match(paste(cap_findings(short)$text, collapse = " "), "is not proven", fixed = TRUE)
})

test_that("the list of alternatives is cut where asked, and says so", {
  x <- gated_ready()
  one <- plans_of(cap_actions(x, alternatives = 1))
  expect_identical(one$alternatives, 0L)
  expect_true(one$cut)
  both <- plans_of(cap_actions(x, alternatives = 2))
  expect_identical(both$alternatives, 1L)
  expect_false(both$cut)
  expect_identical(both$same_cost, 1L)
  words <- cap_findings(cap_actions(gci(2024), unit = "FJI"))
  expect_true("actions.cut" %in% words$key)
})

test_that("input that is wrong is refused with the codes at fault", {
  x <- gated_ready()
  expect_match(input_error(cap_actions(1)), "cap_readiness")
  expect_match(input_error(cap_actions(x, target = "third")), "0 (none), 1 (first), 2 (second)", fixed = TRUE)
  expect_match(input_error(cap_actions(x, target = c(1, 2))), "target")
  expect_match(input_error(cap_actions(x, target = NA)), "target")
  expect_match(input_error(cap_actions(x, costs = c(A = 1, B = -1))), "B")
  expect_match(input_error(cap_actions(x, costs = c(A = NaN))), "A")
  expect_match(input_error(cap_actions(x, costs = c(Z = 1))), "Z")
  expect_match(input_error(cap_actions(x, costs = c(A = 1, A = 2))), "more than once")
  expect_match(input_error(cap_actions(x, costs = 1)), "named by item")
  expect_match(input_error(cap_actions(x, costs = data.frame(item = "A", level = 9, cost = 1))), "A")
  expect_match(input_error(cap_actions(x, costs = data.frame(item = "A", level = c(1, 1), cost = 1))), "more than once")
  cycle <- data.frame(item = c("A", "B", "C"), requires = c("B", "C", "A"))
  expect_match(input_error(cap_actions(x, prerequisites = cycle)), "A.*B.*C")
  expect_match(input_error(cap_actions(x, prerequisites = data.frame(item = "A", requires = "Z"))), "Z")
  expect_match(input_error(cap_actions(x, prerequisites = data.frame(item = "A", requires = "B", min = 9))), "B")
  expect_match(input_error(cap_actions(x, step = 0)), "above 0")
  expect_match(input_error(cap_actions(x, step = c(Z = 1))), "Z")
  expect_match(input_error(cap_actions(x, step = 0.001)), "254")
  expect_match(input_error(cap_actions(x, alternatives = 201)), "alternatives")
  expect_match(input_error(cap_actions(x, unit = "ZZZ")), "ZZZ")
  expect_match(input_error(cap_actions(x, max_nodes = 1.5)), "whole")
  expect_error(cap_actions(x, cost = 1, nodes = 2))
  geometric <- update(gci(2024), aggregate = "geometric")
  expect_match(input_error(cap_actions(geometric)), "geometric")
  expect_match(input_error(cap_actions(gci(2024), target = "T9")), "T1, T2, T3, T4, T5", fixed = TRUE)
  plain <- cap_index(cap_answers(small_answers(), small()))
  expect_match(input_error(cap_actions(plain)), "bands")
})

test_that("words speak of next steps and potential growth", {
  steps <- cap_actions(gci(2024), unit = c("FJI", "TON", "KEN"), alternatives = 1)
  text <- paste(c(cap_findings(steps)$text, capture.output(print(steps))), collapse = " ")
  expect_match(text, "potential growth")
  expect_false(grepl("way to", text, fixed = TRUE))
  expect_match(text, "framework status official")
  support <- cap_actions(cap_readiness(gci_answers(2024), "support-profile"), alternatives = 1)
  expect_match(paste(cap_findings(support)$text, collapse = " "), "framework status proposal", fixed = TRUE)
})

test_that("plots show a unit's steps, and those of many", {
  steps <- cap_actions(gci(2024), unit = c("FJI", "TON", "KEN"), alternatives = 1)
  one <- ggplot2::ggplot_build(plot(steps, unit = "TON"))
  table <- as.data.frame(steps)
  expect_identical(nrow(one$data[[1]]), sum(table$unit == "TON"))
  expect_equal(sort(one$data[[1]]$xend), sort(table$to[table$unit == "TON"]))
  many <- ggplot2::ggplot_build(plot(steps))
  expect_equal(sum(many$data[[1]]$x), nrow(table))
  expect_match(input_error(plot(steps, unit = "KEN")), "reached")
  expect_match(input_error(plot(steps, unit = "ZZZ")), "ZZZ")
  expect_match(input_error(plot(steps, edition = 1999)), "1999")
})
