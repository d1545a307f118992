# What varies, and each against a Monte Carlo in plain R with its own generator.

run <- function(index, ..., n = 20000, seed = 1) {
  withr::with_seed(seed, cap_robustness(index, n = n, vary = list(...), threads = 1))
}
items <- toy_items()
lower <- c(60, 45, 25)
own_weight <- stats::setNames(items$weight, items$code)
children <- split(items$code[-1], items$parent[-1])

toy_share <- plain_share(items, toy_values())

# Scores of the toy in plain R, with what a test changes.
score <- function(values = NULL, weight = own_weight, ...,
                  share = if (is.null(values)) toy_share else plain_share(items, values)) {
  plain_scores(items, share, weight, ...)
}
against <- function(x, draw, index, n = 700) {
  nominal <- as.data.frame(index, level = "overall")$score
  expect_agrees(x, plain_run(n, 42, draw, nominal, lower, index$spec$ties))
}
# Weights of the parents' children, changed by `change(w)`.
reweighed <- function(parents, change) {
  w <- own_weight
  for (p in parents) w[children[[p]]] <- change(w[children[[p]]] / sum(w[children[[p]]]))
  w
}
gamma_shares <- function(shape) {
  g <- stats::rgamma(length(shape), shape)
  g / sum(g)
}

test_that("the plain run agrees with the index itself", {
  for (method in c("dense", "min", "average")) {
    index <- toy(ties = method)
    table <- as.data.frame(index, level = "overall")
    expect_equal(score(), table$score, ignore_attr = TRUE)
    expect_identical(plain_ranks(score(), method), table$rank)
    expect_identical(plain_tiers(score(), lower), as.numeric(table$tier))
  }
  for (rule in c("geometric", "harmonic", "minimum")) {
    expect_equal(score(rule = rule), as.data.frame(toy(aggregate = rule), level = "overall")$score, ignore_attr = TRUE)
  }
  gaps <- toy_values(gaps = toy_gaps)
  expect_equal(score(gaps), overall_of(toy(gaps = toy_gaps, missing = "renormalise"), "IDX")$score, ignore_attr = TRUE)
  expect_equal(score(gaps, zero = TRUE), overall_of(toy(gaps = toy_gaps, missing = "zero"), "IDX")$score, ignore_attr = TRUE)
})

test_that("noise, Dirichlet and simplex weights are what they say", {
  index <- toy()
  noise <- function(f) function(w) w * (1 + stats::runif(length(w), -f, f))
  against(run(index, cap_vary_weights("noise", 0.8)), function() score(weight = reweighed(names(children), noise(0.8))), index)
  # one level, and by level
  against(run(index, cap_vary_weights("noise", 1, level = "pillar")), function() score(weight = reweighed("IDX", noise(1))), index)
  by_level <- function() {
    w <- reweighed("IDX", noise(0.9))
    w[unlist(children[c("P", "Q")])] <- reweighed(c("P", "Q"), noise(0.4))[unlist(children[c("P", "Q")])]
    score(weight = w)
  }
  against(run(index, cap_vary_weights("noise", c(indicator = 0.4, pillar = 0.9))), by_level, index)
  dirichlet <- function(k) function(w) gamma_shares(k * w)
  against(run(index, cap_vary_weights("dirichlet", 6)), function() score(weight = reweighed(names(children), dirichlet(6))), index)
  flat <- function(w) gamma_shares(rep(1, length(w)))
  against(run(index, cap_vary_weights("simplex")), function() score(weight = reweighed(names(children), flat)), index)
})

test_that("experts are drawn with replacement and pooled as the panel was", {
  pools <- list(
    mean = mean, median = stats::median, trimmed = function(x) mean(x, trim = 0.2),
    geometric = function(x) exp(mean(log(x)))
  )
  panel <- toy_panel()
  points <- lapply(children[c("IDX", "P", "S")], function(codes) {
    given <- unclass(stats::xtabs(value ~ expert + item, panel[panel$item %in% codes, ]))[, codes]
    given / rowSums(given)
  })
  for (pool in names(pools)) {
    w <- cap_weights_expert(panel, toy_framework(), pool, trim = 0.2)
    index <- toy(weights = w)
    nominal <- stats::weights(w)
    draw <- function() {
      weight <- c(IDX = NA, nominal)
      for (p in names(points)) {
        who <- sample(nrow(points[[p]]), replace = TRUE)
        weight[children[[p]]] <- apply(points[[p]][who, ], 2, pools[[pool]])
      }
      score(weight = weight)
    }
    against(run(index, cap_vary_weights("experts")), draw, index, n = 500)
    if (pool == "median") {
      # another index's panel by argument, on the index's own weights
      plain <- toy()
      own <- run(index, cap_vary_weights("experts"))
      given <- run(plain, cap_vary_weights("experts", experts = w))
      expect_false(identical(own$nominal, given$nominal))
      # Q was not asked about: its weights are the framework's in both
      expect_identical(own$counts, given$counts)
    }
  }
})

test_that("the default concentration has the panel's standard errors", {
  w <- cap_weights_expert(toy_panel(), toy_framework())
  index <- toy(weights = w)
  table <- as.data.frame(w)
  draw <- function() {
    weight <- c(IDX = NA, stats::weights(w))
    for (p in c("IDX", "P", "S")) {
      share <- weight[children[[p]]]
      se <- table$se[match(children[[p]], table$item)]
      weight[children[[p]]] <- gamma_shares((sum(share * (1 - share)) / sum(se^2) - 1) * share)
    }
    score(weight = weight)
  }
  against(run(index, cap_vary_weights("dirichlet", level = c("pillar"))), function() {
    weight <- c(IDX = NA, stats::weights(w))
    share <- weight[children$IDX]
    se <- table$se[match(children$IDX, table$item)]
    weight[children$IDX] <- gamma_shares((sum(share * (1 - share)) / sum(se^2) - 1) * share)
    score(weight = weight)
  }, index)
  # Q has no standard errors: refused by name, not left at rest in silence
  expect_match(input_error(run(index, cap_vary_weights("dirichlet"))), "below Q", fixed = TRUE)
  expect_match(input_error(run(toy(), cap_vary_weights("dirichlet"))), "amount", fixed = TRUE)
})

test_that("items left out, rules, answers, filled cells and normalisation are what they say", {
  index <- toy()
  leaves_out <- c("P1", "P2", "P3", "Q1", "Q2", "S1", "S2")
  without <- function(k) if (k == "") own_weight else replace(own_weight, k, 0)
  against(run(index, cap_vary_drop()), function() score(weight = without(sample(c("", leaves_out), 1))), index)
  against(run(index, cap_vary_drop("pillar")), function() score(weight = without(sample(c("", "P", "Q"), 1))), index)
  against(run(index, cap_vary_drop(items = c("S", "P2"))), function() score(weight = without(sample(c("", "S", "P2"), 1))), index)
  against(
    run(index, cap_vary_aggregate(c("geometric", "minimum", "harmonic"))),
    function() score(rule = sample(c("arithmetic", "geometric", "minimum", "harmonic"), 1)), index
  )
  off <- function(p, step = 0.5, values = toy_values()) {
    max <- rep(items$max[match(toy_leaves, items$code)], each = nrow(values))
    moves <- matrix(stats::runif(length(values)) < p, nrow(values))
    up <- ifelse(values <= 0, TRUE, ifelse(values >= max, FALSE, stats::runif(length(values)) < 0.5))
    values + moves * (ifelse(up, pmin(values + step * max, max), pmax(values - step * max, 0)) - values)
  }
  against(run(index, cap_vary_answers(0.4)), function() score(off(0.4)), index)
  against(run(index, cap_vary_answers(0.2, step = 0.3), cap_vary_aggregate("minimum")),
    function() score(off(0.2, 0.3), rule = sample(c("arithmetic", "minimum"), 1)), index)
  # by grade of evidence; answers of B have none
  evidence <- expand.grid(unit = setdiff(LETTERS[1:7], "B"), item = toy_leaves, stringsAsFactors = FALSE)
  evidence$grade <- c("A", "D", "C")[seq_len(nrow(evidence)) %% 3 + 1]
  p <- matrix(0.5, 7, 7, dimnames = list(LETTERS[1:7], toy_leaves))
  p[as.matrix(evidence[1:2])] <- c(A = 0.03, C = 0.25, D = 0.4)[evidence$grade]
  against(
    run(index, cap_vary_answers(evidence = shuffled(evidence), default = 0.5, step = c(P1 = 1, S1 = 0.25))),
    function() score(off(p, matrix(rep(c(1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.5), each = 7), 7))), index
  )
  x <- plain_share(items, toy_values())
  ends <- apply(x, 2, range)
  ways <- list(
    own = x,
    minmax = t((t(x) - ends[1, ]) / (ends[2, ] - ends[1, ])),
    zscore = 0.5 + scale(x) / 6,
    rank = apply(x, 2, function(v) (rank(round(v, 9), ties.method = "min") - 1) / 6)
  )
  against(
    run(index, cap_vary_normalise(c("minmax", "zscore", "rank"))),
    function() score(share = ways[[sample(4, 1)]]), index
  )
})

test_that("missing answers vary as the methods say, with their spread", {
  gaps <- toy_values(gaps = toy_gaps)
  x <- plain_share(items, gaps)
  cells <- is.na(x)
  mean_of <- matrix(colMeans(x, na.rm = TRUE), 7, 7, byrow = TRUE)
  sd_of <- matrix(apply(x, 2, stats::sd, na.rm = TRUE), 7, 7, byrow = TRUE)
  filled <- function(spread) {
    z <- mean_of[cells] + spread * sd_of[cells] * stats::rnorm(sum(cells))
    replace(x, cells, pmin(pmax(z, 0), 1))
  }
  index <- toy(gaps = toy_gaps, missing = "zero")
  draw <- function(spread) {
    function() {
      way <- sample(3, 1)
      score(share = if (way == 3) filled(spread) else x, zero = way == 1)
    }
  }
  against(run(index, cap_vary_missing()), draw(0), index)
  against(run(index, cap_vary_missing(spread = TRUE)), draw(1), index)
  # what cap_impute() filled is a choice of the index, and its spread too
  imputed <- cap_index(cap_impute(index$answers, "mean"))
  against(run(imputed, cap_vary_missing("mean", spread = TRUE)), function() score(share = filled(1)), imputed)
  against(run(imputed, cap_vary_missing("zero")), function() {
    if (stats::runif(1) < 0.5) score(share = filled(0)) else score(share = x, zero = TRUE)
  }, imputed)
})

test_that("factors work together as they do alone", {
  index <- toy(ties = "average")
  x <- plain_share(items, toy_values())
  max <- rep(items$max[match(toy_leaves, items$code)], each = 7)
  ends <- apply(x, 2, range)
  minmax <- function(x) t((t(x) - ends[1, ]) / (ends[2, ] - ends[1, ]))
  draw <- function() {
    w <- reweighed("IDX", function(w) w * (1 + stats::runif(2, -0.5, 0.5)))
    deeper <- reweighed(c("P", "Q"), function(w) gamma_shares(8 * w))
    w[unlist(children[c("P", "Q")])] <- deeper[unlist(children[c("P", "Q")])]
    gone <- sample(c("", toy_leaves), 1)
    if (gone != "") w[gone] <- 0
    moves <- matrix(stats::runif(49) < 0.3, 7)
    up <- ifelse(x <= 0, TRUE, ifelse(x >= 1, FALSE, stats::runif(49) < 0.5))
    y <- x + moves * (ifelse(up, pmin(x + 0.5, 1), pmax(x - 0.5, 0)) - x)
    if (stats::runif(1) < 0.5) y <- minmax(y)
    score(share = y, weight = w, rule = sample(c("arithmetic", "minimum"), 1))
  }
  found <- run(index,
    pillars = cap_vary_weights("noise", 0.5, level = "pillar"),
    indicators = cap_vary_weights("dirichlet", 8, level = "indicator"),
    cap_vary_drop(), cap_vary_answers(0.3), cap_vary_normalise("minmax"), cap_vary_aggregate("minimum")
  )
  against(found, draw, index)
  gaps <- plain_share(items, toy_values(gaps = toy_gaps))
  index <- toy(gaps = toy_gaps, missing = "renormalise", ties = "min")
  middle <- matrix(apply(gaps, 2, stats::median, na.rm = TRUE), 7, 7, byrow = TRUE)
  draw <- function() {
    w <- reweighed("IDX", function(w) gamma_shares(c(1, 1)))
    gone <- sample(c("", "P", "Q"), 1)
    if (gone != "") w[gone] <- 0
    way <- sample(3, 1)
    score(
      share = if (way == 3) ifelse(is.na(gaps), middle, gaps) else gaps, weight = w,
      zero = way == 2, rule = sample(c("arithmetic", "geometric"), 1)
    )
  }
  found <- run(index,
    cap_vary_weights("simplex", level = "pillar"), cap_vary_drop("pillar"),
    cap_vary_missing(c("zero", "median")), cap_vary_aggregate("geometric")
  )
  against(found, draw, index)
})

test_that("the GCI 2024 agrees with plain R under noise, experts and without items", {
  index <- gci(2024)
  framework <- index$framework
  leaves <- framework$items$code[framework$leaves]
  pillar <- framework$items$parent[framework$leaves]
  share <- plain_share(as.data.frame(framework), `colnames<-`(index$answers$values, leaves))
  bounds <- framework$bands$lower
  weight <- stats::weights(index)
  nominal <- as.data.frame(index, level = "overall")$score
  scores <- function(w) as.vector(share %*% (w[leaves] / tapply(w[leaves], pillar, sum)[pillar] * w[pillar] / sum(w[unique(pillar)]))) * 100
  expect_equal(scores(weight), nominal)
  noise <- function() scores(weight * (1 + stats::runif(length(weight), -0.5, 0.5)))
  expect_agrees(run(index, cap_vary_weights("noise", 0.5), n = 5000), plain_run(250, 42, noise, nominal, bounds))
  dropped <- function() {
    gone <- sample(length(leaves) + 1, 1)
    scores(if (gone > length(leaves)) weight else replace(weight, leaves[gone], 0))
  }
  expect_agrees(run(index, cap_vary_drop(), n = 5000), plain_run(250, 42, dropped, nominal, bounds))
})

# Faults ------------------------------------------------------------------------

test_that("arguments of factors are checked", {
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_vary_weights("guess")
    cap_vary_weights("noise", 1.5)
    cap_vary_weights("noise", -0.1)
    cap_vary_weights("noise", NA)
    cap_vary_weights("noise", c(0.1, 0.2))
    cap_vary_weights("dirichlet", 0)
    cap_vary_weights("dirichlet", Inf)
    cap_vary_weights("simplex", 0.5)
    cap_vary_weights("noise", level = 1)
    cap_vary_weights("noise", experts = 1)
    cap_vary_weights("noise", c(pillar = 0.1, pillar = 0.2))
    cap_vary_weights("noise", label = "")
    cap_vary_normalise("guess")
    cap_vary_normalise(list())
    cap_vary_aggregate(1)
    cap_vary_missing("drop")
    cap_vary_missing(spread = NA)
    cap_vary_drop("pillar", items = "P")
    cap_vary_drop(items = NA_character_)
    cap_vary_answers()
    cap_vary_answers(1.5)
    cap_vary_answers(0.1, step = 0)
    cap_vary_answers(c(0.1, 0.2), evidence = data.frame())
    cap_vary_answers(0.1, evidence = data.frame())
    cap_vary_answers(0.1, default = 2)
    cap_vary_answers(c(A = 0.1, A = 0.2), evidence = data.frame())
  })
})

test_that("a factor that cannot act is refused with the reason", {
  one_child <- cap_index(cap_answers(
    data.frame(unit = c("A", "B"), edition = 1, P1 = c(0, 1)),
    data.frame(code = c("R", "P", "P1"), parent = c("", "R", "P"), max = c(10, 10, 1)),
    unit = "unit", item = NULL
  ))
  lone <- cap_weights_expert(subset(toy_panel(), expert == "e1"), toy_framework())
  refused <- function(index, factor) {
    expect_match(input_error(cap_robustness(index, 10, list(idle = factor))), "idle\" cannot change", fixed = TRUE)
  }
  refused(one_child, cap_vary_weights())
  refused(one_child, cap_vary_weights("dirichlet", 5))
  refused(one_child, cap_vary_weights("simplex"))
  refused(one_child, cap_vary_drop())
  refused(toy(), cap_vary_weights("noise", 0))
  refused(toy(weights = lone), cap_vary_weights("experts"))
  refused(toy(), cap_vary_missing())
  refused(toy(gaps = toy_gaps, missing = "zero"), cap_vary_missing("zero"))
  refused(toy(), cap_vary_aggregate("arithmetic"))
  refused(toy(aggregate = "geometric"), cap_vary_aggregate(c(overall = "geometric", pillar = "geometric", indicator = "geometric")))
  scale <- data.frame(item = toy_leaves, lower = 0, upper = items$max[match(toy_leaves, items$code)])
  refused(toy(), cap_vary_normalise("minmax", goalposts = scale))
  refused(toy(), cap_vary_answers(0))
  refused(toy(), cap_vary_drop(items = "IDX"))
  expect_match(input_error(cap_sensitivity(toy(), list(idle = cap_vary_missing(), cap_vary_weights()), 16)), "idle", fixed = TRUE)
  # no expert in sight is another fault than one alone
  expect_match(input_error(cap_robustness(toy(), 10, list(cap_vary_weights("experts")))), "cap_weights_expert", fixed = TRUE)
})

test_that("a rule that does not exist is refused", {
  vary <- list(cap_vary_aggregate("mean"))
  expect_match(input_error(cap_robustness(gci(2024), 10, vary)), "must be one of")
})

test_that("what does not fit the index is refused by name", {
  index <- toy()
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_robustness(index, 10, list(cap_vary_weights(level = "pillars")))
    cap_robustness(index, 10, list(cap_vary_weights("noise", c(pillars = 0.1))))
    cap_robustness(index, 10, list(cap_vary_weights("noise", c(pillar = 0.1), level = "indicator")))
    cap_robustness(index, 10, list(a = cap_vary_weights(), b = cap_vary_weights("simplex", level = "pillar")))
    cap_robustness(index, 10, list(a = cap_vary_drop(), a = cap_vary_aggregate("geometric")))
    cap_robustness(index, 10, list(cap_vary_weights(level = "pillar"), cap_vary_weights(level = "indicator")))
    cap_robustness(index, 10, list(a = cap_vary_drop(), b = cap_vary_drop("pillar")))
    cap_robustness(index, 10, list(cap_vary_drop(items = "X9")))
    cap_robustness(index, 10, list(cap_vary_drop("pillars")))
    cap_robustness(index, 10, list(cap_vary_aggregate(c(pillars = "geometric"))))
    cap_robustness(index, 10, list(cap_vary_answers(0.1, step = c(X9 = 1))))
    cap_robustness(index, 10, list(cap_vary_answers(0.1), cap_vary_normalise("rank")))
    cap_robustness(index, 10, list(cap_vary_answers(0.1), cap_vary_normalise(c("minmax", "zscore"), data = toy_values())))
    cap_robustness(index, 10, list(cap_vary_normalise("minmax", data = toy_values(6))))
    cap_robustness(index, 10, list(cap_vary_normalise(c("minmax", "rank"), data = toy_values()[, -1])))
  })
})

with_seed_run <- function(index, evidence) {
  as.data.frame(run(index, cap_vary_answers(evidence = evidence), n = 500))
}

test_that("faults of the table of evidence are named", {
  index <- toy()
  evidence <- expand.grid(unit = LETTERS[1:7], item = toy_leaves, stringsAsFactors = FALSE)
  evidence$grade <- "A"
  with <- function(evidence, ...) cap_robustness(index, 10, list(cap_vary_answers(evidence = evidence, ...)))
  local_messages()
  expect_snapshot(error = TRUE, {
    with(1)
    with(evidence[-3])
    with(evidence[-1, ])
    with(transform(evidence, grade = "E"))
    with(transform(evidence, item = "X9"))
    with(rbind(evidence, evidence[3, ]))
    with(transform(evidence, grade = NA))
  })
  # factors, other units, other editions and an order of its own change nothing
  usual <- with_seed_run(index, evidence)
  odd <- shuffled(transform(evidence, unit = factor(unit), item = factor(item), grade = factor(grade)))
  odd <- rbind(odd, data.frame(unit = "ZZZ", item = "P1", grade = "A"))
  expect_identical(with_seed_run(index, odd), usual)
  dated <- rbind(transform(evidence, edition = 2024L), transform(evidence, edition = 2020L, grade = "D"))
  expect_identical(with_seed_run(index, dated), usual)
  skip_if_not_installed("tibble")
  expect_identical(with_seed_run(index, tibble::as_tibble(evidence)), usual)
})

test_that("cells that the index filled are no answers that may be off", {
  index <- cap_index(cap_impute(toy(gaps = toy_gaps, missing = "zero")$answers, "mean"))
  x <- withr::with_seed(1, cap_robustness(index, 400, list(cap_vary_missing("renormalise"), cap_vary_answers(1, 0.25)), keep = TRUE))
  # with every answer moved, a unit whose cell is left out has the scores of
  # those that it has: at most 2^6 for unit A
  gaps <- toy_values(gaps = toy_gaps)
  max <- items$max[match(toy_leaves, items$code)]
  a <- gaps["A", ]
  sides <- lapply(seq_along(a), function(k) {
    if (is.na(a[k])) return(NA)
    unique(pmin(pmax(a[k] + c(-0.25, 0.25) * max[k], 0), max[k])[c(a[k] > 0, a[k] < max[k])])
  })
  all <- as.matrix(expand.grid(sides))
  colnames(all) <- toy_leaves
  possible <- score(all)
  found <- x$draws$scores[x$draws$choices$missing == "renormalise", "A"]
  expect_true(all(vapply(found, function(s) min(abs(s - possible)), 0) < 1e-9))
})

test_that("normalisation of other data replaces the answers", {
  index <- toy()
  raw <- toy_values() * 7 + 3
  of <- function(data) {
    vary <- list(n = cap_vary_normalise(c("minmax", "zscore"), data = data))
    withr::with_seed(1, cap_robustness(index, 200, vary, keep = TRUE))
  }
  x <- of(raw)
  expect_setequal(x$draws$choices$n, c("minmax", "zscore"))
  expect_identical(cap_table(x, "factors")$choice, c("minmax", "zscore"))
  s <- plain_share(items, toy_values())
  ends <- apply(s, 2, range)
  ways <- list(minmax = t((t(s) - ends[1, ]) / (ends[2, ] - ends[1, ])), zscore = 0.5 + scale(s) / 6)
  for (way in names(ways)) {
    expect_equal(x$draws$scores[match(way, x$draws$choices$n), ], score(share = ways[[way]]), tolerance = 1e-9, ignore_attr = TRUE)
  }
  # the order of rows and columns does not matter; a data frame is as good
  again <- of(raw[7:1, 7:1])
  expect_identical(again$draws, x$draws)
  framed <- data.frame(unit = rownames(raw), raw)
  again <- of(framed)
  expect_identical(again$draws, x$draws)
})

test_that("factors print in words", {
  local_messages()
  expect_snapshot({
    cap_vary_weights()
    cap_vary_weights("dirichlet", 30, level = "pillar")
    cap_vary_weights("noise", c(pillar = 0.1, indicator = 0.25))
    cap_vary_weights("experts")
    cap_vary_weights("simplex")
    cap_vary_normalise(list("minmax", list("rank", ties = "average")))
    cap_vary_aggregate(c("geometric", "minimum"))
    cap_vary_aggregate(c(overall = "geometric"))
    cap_vary_aggregate(list("generalised_mean", r = -1))
    cap_vary_missing(list("mean", list("knn", k = 3)), spread = TRUE)
    cap_vary_drop()
    cap_vary_drop("pillar")
    cap_vary_drop(items = c("P1", "P2"))
    cap_vary_answers(0.1)
  })
})

test_that("rules named by level are one alternative, in a vector or a list", {
  index <- toy()
  taken <- function(rules) cap_table(run(index, r = cap_vary_aggregate(rules), n = 50), "factors")$choice
  expect_identical(taken(list(overall = "geometric")), taken(c(overall = "geometric")))
  expect_identical(taken(list(list(overall = "geometric"))), taken(c(overall = "geometric")))
  expect_identical(taken(list("generalised_mean", r = 0.5)), taken(list(list("generalised_mean", r = 0.5))))
  expect_length(taken(list(overall = list("generalised_mean", r = 0.5))), 2)
  # an alternative that is given twice is one
  expect_length(taken(c("geometric", "minimum", "geometric")), 3)
  twice <- run(index, cap_vary_normalise(c("minmax", "zscore", "minmax")), n = 50)
  expect_identical(cap_table(twice, "factors")$choice, c("as answered", "minmax", "zscore"))
})
