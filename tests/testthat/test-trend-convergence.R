converge <- function(..., n_sim = 199) withr::with_seed(1, cap_convergence(..., n_sim = n_sim))
of_type <- function(table, type, weights = "none") table[table$se_type == type & table$weights == weights, ]
statistic <- function(x, which) {
  t <- as.data.frame(x, what = "sigma")
  t[t$measure == which, ]
}

test_that("the worked example of beta and sigma is met", {
  x <- converge(six(), group = six_regions(), users = six(), form = "log")
  beta <- as.data.frame(x, what = "beta")
  expect_equal(of_type(beta, "classic")$intercept, 0.364702198457, tolerance = 1e-11)
  expect_equal(of_type(beta, "classic")$slope, -0.0802964661856, tolerance = 1e-11)
  expect_equal(of_type(beta, "classic")$se, 0.0150942815537, tolerance = 1e-11)
  expect_equal(of_type(beta, "HC3")$se, 0.0407134669207, tolerance = 1e-11)
  expect_equal(beta$speed[1], 0.0968519804869, tolerance = 1e-11)
  expect_equal(beta$half_life[1], 7.15676826716, tolerance = 1e-11)
  expect_equal(statistic(x, "variance")$from, 0.247888357675, tolerance = 1e-11)
  expect_equal(statistic(x, "variance")$to, 0.11783874305, tolerance = 1e-10)
  expect_equal(statistic(x, "T1")$statistic, 2.10362357284, tolerance = 1e-11)
  expect_equal(statistic(x, "T2")$statistic, 6.10321931396, tolerance = 1e-11)
  expect_equal(statistic(x, "T2")$p, 0.0134935843051, tolerance = 1e-11)
  expect_equal(statistic(x, "T3")$statistic, 1.84071722848, tolerance = 1e-11)
  expect_equal(statistic(x, "T3")$p, 0.0328315039327, tolerance = 1e-11)
  expect_equal(statistic(x, "Pitman-Morgan")$statistic, 4.34460708207, tolerance = 1e-11)
  expect_identical(statistic(x, "Pitman-Morgan")$df, 4)
})

test_that("standard errors are those of a sandwich in plain R", {
  x <- converge(like_for_like())
  beta <- as.data.frame(x, what = "beta")
  bridge <- as.data.frame(cap_bridge(gci(2020), gci(2024)))
  bridge <- bridge[bridge$level == "overall", ]
  x0 <- bridge$score_to - bridge$answers
  change <- bridge$answers
  users <- cap_users(2020)
  u <- users$users[match(bridge$unit, users$unit)]
  region <- countries$itu_region[match(bridge$unit, countries$iso3)]
  for (weights in c("none", "users")) {
    w <- if (weights == "none") rep(1, length(x0)) else u
    keep <- !is.na(w) & w > 0
    fit <- stats::lm(change ~ x0, weights = w, subset = keep)
    m <- stats::model.matrix(fit)
    w <- w[keep]
    e <- change[keep] - drop(m %*% stats::coef(fit))
    bread <- solve(crossprod(m, w * m))
    h <- w * rowSums((m %*% bread) * m)
    n <- nrow(m)
    se <- function(meat) unname(sqrt(diag(bread %*% meat %*% bread))[2])
    hc <- function(f) se(crossprod(m, f * w^2 * e^2 * m))
    expect_equal(of_type(beta, "classic", weights)$slope, unname(stats::coef(fit)[2]), tolerance = 1e-9)
    expect_equal(of_type(beta, "classic", weights)$se, summary(fit)$coefficients[2, 2], tolerance = 1e-9)
    expect_equal(of_type(beta, "HC0", weights)$se, hc(1), tolerance = 1e-9)
    expect_equal(of_type(beta, "HC1", weights)$se, hc(n / (n - 2)), tolerance = 1e-9)
    expect_equal(of_type(beta, "HC2", weights)$se, hc(1 / (1 - h)), tolerance = 1e-9)
    expect_equal(of_type(beta, "HC3", weights)$se, hc(1 / (1 - h)^2), tolerance = 1e-9)
    sums <- rowsum(w * e * m, region[keep])
    g <- nrow(sums)
    cluster <- se(crossprod(sums) * g / (g - 1) * (n - 1) / (n - 2))
    expect_equal(of_type(beta, "cluster", weights)$se, cluster, tolerance = 1e-9)
    expect_identical(of_type(beta, "cluster", weights)$df, 5)
    expect_identical(of_type(beta, "wild", weights)$p_floor, 2 / 64)
    expect_gte(of_type(beta, "wild", weights)$p, 2 / 64)
  }
})

test_that("the gap is a Welch test of paired changes without users, and [N] standard errors with", {
  x <- converge(six(), group = six_regions(), users = six())
  gap <- as.data.frame(x, what = "gap")
  change <- c(15, 10, 10, 5, 8, 5)
  welch <- stats::t.test(change[1:3], change[4:6])
  expect_equal(gap$change[1], unname(diff(rev(welch$estimate))), tolerance = 1e-12)
  expect_equal(c(gap$low[1], gap$high[1]), as.vector(welch$conf.int), tolerance = 1e-9)
  expect_equal(gap$df[1], unname(welch$parameter), tolerance = 1e-12)
  expect_equal(gap$p[1], welch$p.value, tolerance = 1e-12)
  expect_equal(gap$se[2], sqrt(1.01992047172^2 + 0.964449070809^2), tolerance = 1e-10)
  expect_equal(gap$gap_from[2], 43.3333333333 - 69.2857142857, tolerance = 1e-10)
  # years: at the pace of the change; the interval of the change holds 0, so no end
  expect_equal(gap$years[1], -gap$gap_to[1] / gap$change[1] * 4)
  expect_identical(gap$years_high, c(Inf, Inf))
})

test_that("on the real editions the verdict comes with its three signs", {
  x <- converge(like_for_like())
  signs <- as.data.frame(x)
  expect_identical(signs$sign, c("beta", "sigma", "gap"))
  expect_identical(x$verdict, "catching up")
  expect_true(all(signs$shows == "catching up"))
  expect_match(said(x), "Is LDC catching up with the rest, 2020 to 2024\\? Verdict: catching up")
  expect_match(said(x), "Like for like, 2020 to 2024", fixed = TRUE)
  gap <- as.data.frame(x, what = "gap")
  expect_true(all(gap$years_low > 0 & is.finite(gap$years_high)))
  # over ten years and two methods it is not
  x <- converge(five_editions(), 2014, 2024)
  expect_identical(x$verdict, "not shown")
  expect_identical(as.data.frame(x)$shows, c("not shown", "falling behind", "not shown"))
  expect_match(said(x), "differ in method", fixed = TRUE)
  expect_output(print(x), "cap_convergence")
})

test_that("the gap of the least developed countries stands at five editions", {
  x <- converge(five_editions(), 2020, 2024)
  table <- as.data.frame(x, what = "editions")
  expect_identical(unique(table$edition), c(2014L, 2017L, 2018L, 2020L, 2024L))
  panel <- as.data.frame(five_editions())
  ldc <- countries$iso3[countries$ldc]
  for (year in unique(table$edition)) {
    t <- panel[panel$edition == year, ]
    users <- cap_users(year)
    u <- users$users[match(t$unit, users$unit)]
    u[is.na(u)] <- 0
    # units of the two editions compared
    in_pair <- t$unit %in% x$pair$unit
    at <- t$unit %in% ldc
    mean_of <- function(k, w) sum((w * t$score)[k & in_pair]) / sum(w[k & in_pair])
    row <- table[table$edition == year, ]
    expect_equal(row$gap[row$weights == "none"], mean_of(at, 1 + 0 * u) - mean_of(!at, 1 + 0 * u), tolerance = 1e-12)
    expect_equal(row$gap[row$weights == "users"], mean_of(at, u) - mean_of(!at, u), tolerance = 1e-12)
  }
  expect_match(said(x), "Gap of LDC at each edition, user-weighted means: 2014 -[0-9.]+, 2017", perl = TRUE)
})

test_that("the verdict follows its rule", {
  verdict <- function(...) convergence_verdict(data.frame(sign = c("beta", "sigma", "gap"), shows = c(...)))
  up <- "catching up"
  down <- "falling behind"
  open <- "not shown"
  expect_identical(verdict(up, up, up), up)
  expect_identical(verdict(open, up, up), open)
  expect_identical(verdict(up, open, up), open)
  expect_identical(verdict(open, down, down), down)
  expect_identical(verdict(up, down, down), down)
  expect_identical(verdict(open, down, open), open)
  # made to diverge
  data <- six()
  wide <- do.call(rbind, lapply(1:5, function(k) transform(data, unit = paste0(unit, k), value = value / 2 + k / 10)))
  late <- wide$edition == 2024
  wide$value[late] <- 20 + 1.8 * (wide$value[!late] - 20) + rep(c(-1, 1, 0.5), 10)
  wide$value <- wide$value + 20
  low <- data.frame(unit = unique(wide$unit[wide$unit < "D"]), group = "low")
  expect_identical(converge(wide, group = low, users = NULL)$verdict, down)
})

test_that("seed, order, tibbles, scale and weights of one", {
  users <- cap_users(c(2020, 2024))
  a <- converge(gci_overall, 2020, 2024, users = users)
  b <- converge(tibble::as_tibble(gci_overall[rev(seq_len(nrow(gci_overall))), ]), 2020, 2024, users = users[rev(seq_len(nrow(users))), ])
  for (what in c("signs", "beta", "sigma", "gap", "editions")) {
    expect_equal(as.data.frame(b, what = what), as.data.frame(a, what = what), tolerance = 1e-10)
  }
  one <- as.data.frame(converge(six(), group = six_regions(), users = transform(six(), users = 1)), what = "beta")
  expect_equal(one$slope[8:14], one$slope[1:7], tolerance = 1e-12)
  expect_equal(one$se[8:14], one$se[1:7], tolerance = 1e-12)
  gap <- as.data.frame(converge(six(), group = six_regions(), users = transform(six(), users = 1)), what = "gap")
  expect_equal(unlist(gap[1, -1]), unlist(gap[2, -1]), tolerance = 1e-12)
  expect_identical(nrow(as.data.frame(converge(six(), group = six_regions(), users = NULL), what = "gap")), 1L)
  # the pair is named from either side
  swapped <- transform(six_regions(), group = ifelse(group == "A", "Z", group))
  expect_equal(
    as.data.frame(converge(six(), group = swapped, users = six()), what = "gap"),
    as.data.frame(converge(six(), group = six_regions(), users = six()), what = "gap")
  )
})

test_that("too few, tied and clustered units have results without NaN, and say why", {
  whole <- function(x) {
    for (what in c("signs", "beta", "sigma", "gap", "editions")) no_nan(as.data.frame(x, what = what))
    expect_no_match(said(x), "NaN|NA ")
    invisible(x)
  }
  two <- whole(converge(six()[c(1, 4, 7, 10), ], group = six_regions(), users = six()))
  expect_identical(two$verdict, "not shown")
  expect_match(said(two), "Beta: no slope", fixed = TRUE)
  expect_match(said(two), "Sigma: no test", fixed = TRUE)
  expect_error(plot(two), class = "cap_error_input")
  tied <- whole(converge(transform(six(), value = 50), group = six_regions(), users = six()))
  expect_identical(tied$verdict, "not shown")
  even <- transform(six(), value = rep(c(10, 20, 30, 40, 50, 60), 2) + rep(c(0, 5), each = 6))
  alike <- whole(converge(even, group = six_regions(), users = six()))
  expect_identical(alike$verdict, "not shown")
  levelled <- whole(converge(transform(six(), value = ifelse(edition == 2024, 100, value)), group = six_regions(), users = six()))
  expect_identical(as.data.frame(levelled)$shows[2], "not shown")
  expect_true(is.na(as.data.frame(levelled)$p[2]))
  expect_match(said(levelled), "6 units stand at the top of the scale", fixed = TRUE)
  ends <- transform(six(), value = c(0, 0, 100, 0, 100, 100, 0, 100, 0, 0, 100, 100))
  whole(converge(ends, group = six_regions(), users = six()))
  whole(converge(six(), group = six_regions(), users = six(), cluster = NULL))
  whole(converge(six(), group = six_regions(), users = six(), cluster = six_regions()))
  lonely <- whole(converge(six(), group = data.frame(unit = "A", group = "one"), users = six()))
  expect_true(all(is.na(as.data.frame(lonely, what = "gap")$low)))
  # nobody of the group has users: the weighted gap has no value, the rest has
  users <- transform(six(), users = ifelse(unit < "D", 0, users))
  none <- whole(converge(six(), group = six_regions(), users = users))
  expect_match(said(none), "no unit with a score and users at both ends", fixed = TRUE)
  expect_identical(none$verdict, "not shown")
})

test_that("what cannot be tested is refused", {
  local_messages()
  zero <- transform(six(), value = value - 20)
  expect_snapshot(error = TRUE, {
    cap_convergence(six(), group = "itu_region", users = NULL)
    cap_convergence(six(), group = "ldc", users = NULL)
    cap_convergence(six(), group = data.frame(unit = LETTERS[1:6], group = "all"), users = NULL)
    cap_convergence(six(), group = data.frame(unit = c("A", "A", "B"), group = c("x", "y", "y")), users = NULL)
    cap_convergence(zero, group = six_regions(), users = NULL, form = "log")
    cap_convergence(transform(six(), edition = ifelse(edition == 2020, "a", "b")), group = six_regions(), users = NULL)
    cap_convergence(six(), group = six_regions(), users = NULL, noise = 2)
    cap_convergence(six(), group = six_regions(), users = NULL, cluster = data.frame(unit = c("A", "A"), group = c("x", "y")))
  })
})

test_that("the scatter shows every unit, the slope and the null", {
  x <- converge(like_for_like())
  built <- ggplot2::ggplot_build(plot(x))
  points <- Filter(function(d) all(c("x", "y", "shape") %in% names(d)) && nrow(d) == 194L, built$data)
  expect_length(points, 1L)
  lines <- Filter(function(d) "slope" %in% names(d), built$data)[[1]]
  expect_equal(sort(lines$slope), sort(unname(c(x$beta$none$coef[2], x$beta$none$null[["mean"]]))))
})

test_that("the gap over all editions has a slope and a test that claim no more than they can", {
  x <- cap_convergence(five_editions(), 2020, 2024, n_sim = 99)
  t <- as.data.frame(x, what = "gap_trend")
  editions <- as.data.frame(x, what = "editions")
  expect_identical(t$weights, c("none", "users"))
  for (weights in t$weights) {
    gap <- editions$gap[editions$weights == weights]
    row <- t[t$weights == weights, ]
    slope <- as.data.frame(cap_sen(gap, editions$edition[editions$weights == weights]))
    test <- as.data.frame(cap_kendall(gap))
    for (column in c("slope", "low", "high", "conf_actual")) expect_equal(row[[column]], slope[[column]])
    for (column in c("s", "tau", "p", "p_min")) expect_equal(row[[column]], test[[column]])
  }
  expect_match(said(x), "Over 5 editions, as published, the gap by user-weighted means", fixed = TRUE)
  two <- as.data.frame(cap_convergence(like_for_like(), n_sim = 99), what = "gap_trend")
  expect_identical(two$editions, c(2L, 2L))
  expect_true(all(is.na(two$p)) && all(is.na(two$low)))
  gap <- as.data.frame(cap_convergence(like_for_like(), n_sim = 99), what = "gap")
  expect_equal(two$slope, gap$change[match(two$weights, gap$weights)] / 4, tolerance = 0.02)
})

test_that("measures of spread are those of plain R", {
  x <- cap_convergence(like_for_like(), n_sim = 99)
  t <- as.data.frame(x, what = "sigma")
  of <- function(measure) unlist(t[t$measure == measure, c("from", "to")], use.names = FALSE)
  ends <- x$pair[c("from", "to")]
  each <- function(f) vapply(ends, function(m) f(m[!is.na(m[, 1]), 1]), 0, USE.NAMES = FALSE)
  expect_equal(of("p90_p10"), each(function(s) diff(stats::quantile(s, c(0.1, 0.9), names = FALSE))))
  expect_equal(of("theil"), each(function(s) {
    r <- s / mean(s)
    mean(ifelse(r > 0, r * log(r), 0))
  }))
  expect_equal(of("cv"), each(function(s) sqrt(mean((s - mean(s))^2)) / mean(s)))
  expect_equal(of("gini"), each(function(s) mean(abs(outer(s, s, "-"))) / (2 * mean(s))))
})

scores_of <- function(from, to) {
  unit <- sprintf("U%02d", seq_along(from))
  data.frame(unit = rep(unit, 2L), edition = rep(c(2020, 2024), each = length(from)), value = c(from, to))
}
units_of <- function(rows, group) data.frame(unit = sprintf("U%02d", rows), group = group)

test_that("a group that leads is asked about from the lower side, in the same words", {
  top <- data.frame(unit = countries$iso3[countries$itu_region == "EUR"], group = "EUR")
  leads <- converge(like_for_like(), group = top, users = NULL)
  others <- data.frame(unit = setdiff(leads$pair$unit, top$unit), group = "others")
  lower <- converge(like_for_like(), group = rbind(top, others), users = NULL)
  same <- setdiff(names(lower$signs), c("null", "p_null"))
  expect_equal(leads$signs[same], lower$signs[same])
  expect_identical(as.data.frame(leads, what = "gap"), as.data.frame(lower, what = "gap"))
  expect_lt(as.data.frame(leads, what = "gap")$gap_from, 0)
  expect_match(said(leads), "Is the rest catching up with EUR", fixed = TRUE)
  expect_match(said(leads), "EUR stands above the others in 2020, so the question is asked of the others", fixed = TRUE)
  expect_no_match(said(lower), "the question is asked", fixed = TRUE)
  expect_s3_class(ggplot2::ggplot_build(plot(leads)), "ggplot_built")
  # by users the side may be another one
  reversed <- data.frame(unit = c("A", "B", "C", "D"), edition = rep(c(2020, 2024), each = 4), value = c(10, 80, 40, 50, 12, 85, 50, 55))
  users <- transform(reversed[c("unit", "edition")], users = rep(c(1, 99, 50, 50), 2))
  one <- data.frame(unit = c("A", "B"), group = "one")
  expect_identical(converge(reversed, group = one, users = users)$label, "the rest")
  expect_identical(converge(transform(reversed, value = value - (unit == "B") * 2), group = one, users = NULL)$label, "one")
})

test_that("a group that overtakes has caught up only where the gap is narrower after", {
  wobble <- rep(c(-1, 0, 1), 10)
  past <- function(gain) {
    from <- c(seq(40, 50, length.out = 15), seq(44, 54, length.out = 15))
    scores_of(from, from + c(rep(gain, 15), rep(0, 15)) + wobble)
  }
  x <- converge(past(21), group = units_of(1:15, "low"), users = NULL)
  expect_identical(as.data.frame(x)$shows[3], "not shown")
  expect_identical(as.data.frame(x, what = "gap")$years, Inf)
  expect_match(said(x), "the group has passed the other", fixed = TRUE)
  expect_identical(as.data.frame(converge(past(6), group = units_of(1:15, "low"), users = NULL))$shows[3], "catching up")
})

test_that("what does not scatter, or is too little, shows nothing", {
  four <- scores_of(c(10, 20, 50, 60), c(40, 45.5, 60, 65))
  x <- converge(four, group = units_of(1:2, "low"), users = NULL, cluster = NULL)
  expect_true(all(as.data.frame(x)$shows[2:3] == "not shown"))
  expect_equal(as.data.frame(x)$p[2:3], c(2 / 2^4, 2 / 6))
  line <- scores_of(seq(10, 80, length.out = 30), seq(40, 90, length.out = 30))
  x <- converge(line, group = units_of(1:15, "low"), users = NULL, cluster = NULL)
  expect_identical(as.data.frame(x)$shows[1:2], rep("not shown", 2))
  expect_true(all(is.na(as.data.frame(x)$p[1:2])) && all(is.na(as.data.frame(x)$p_null[1:2])))
  jump <- scores_of(seq(10, 80, length.out = 30), seq(10, 80, length.out = 30) + rep(c(10, 0), each = 15))
  x <- converge(jump, group = units_of(1:15, "low"), users = NULL, cluster = NULL)
  expect_identical(as.data.frame(x)$shows[3], "not shown")
  expect_true(is.na(as.data.frame(x, what = "gap")$p))
})

test_that("units that the panel lacks are named", {
  group <- data.frame(unit = c("KENYA", "UGA", "TZA"), group = "E")
  expect_match(said(converge(like_for_like(), group = group)), "1 unit of group is not among the scores.*KENYA")
  expect_no_match(said(converge(like_for_like())), "not among the scores", fixed = TRUE)
})

# The null of beta, sigma and the gap, simulated anew in plain R: list(from, to),
# units x simulations.
null_twin <- function(ends, run) {
  n <- length(ends$from)
  variance <- function(x) mean((x - mean(x))^2)
  change <- variance(ends$to - ends$from)
  noise <- run$noise * change / 2
  theta <- mean(ends$from) + sqrt(1 - min(noise / variance(ends$from), 1)) * (ends$from - mean(ends$from))
  cut <- function(x) pmin(pmax(x, ends$limits[1]), ends$limits[2])
  end <- function(target, sd) {
    z <- matrix(stats::rnorm(n * run$n_sim), n)
    shift <- stats::uniroot(function(s) mean(cut(theta + s + sd * z)) - target, c(-300, 300), tol = 1e-9)$root
    cut(theta + shift + sd * z)
  }
  list(
    from = end(mean(ends$from), sqrt(noise)), to = end(mean(ends$to), sqrt(noise + (1 - run$noise) * change))
  )
}

test_that("slope, spread and gap of the null are those of a simulation in plain R", {
  x <- converge(like_for_like(), n_sim = 1999)
  signs <- as.data.frame(x)
  sim <- withr::with_seed(1, null_twin(x$ends, x$run))
  slope <- colSums((sim$from - rep(colMeans(sim$from), each = nrow(sim$from))) * (sim$to - sim$from)) /
    colSums((sim$from - rep(colMeans(sim$from), each = nrow(sim$from)))^2)
  expect_equal(mean(slope), signs$null[1], tolerance = 0.02)
  sd_of <- function(m) sqrt(colMeans(m^2) - colMeans(m)^2)
  ratio <- sd_of(sim$to) / sd_of(sim$from)
  sd <- c(sd_of(cbind(x$ends$from)), sd_of(cbind(x$ends$to)))
  expect_equal(sd[1] * mean(ratio), signs$null[2], tolerance = 0.003)
  expect_equal(mean(ratio <= sd[2] / sd[1]), signs$p_null[2], tolerance = 0.2)
  # the gap by users of both ends
  users <- lapply(c(2020, 2024), function(e) {
    u <- cap_users(e)
    u$users[match(x$pair$unit[x$ends$rows], u$unit)]
  })
  side <- x$side[x$ends$rows]
  gap_of <- function(scores, u) {
    mean_of <- function(k) {
      rows <- which(side == k & users[[1]] > 0 & users[[2]] > 0)
      colSums(scores[rows, , drop = FALSE] * u[rows]) / sum(u[rows])
    }
    mean_of(1) - mean_of(0)
  }
  gaps <- gap_of(sim$to, users[[2]]) - gap_of(sim$from, users[[1]])
  # two simulations of the same: four standard errors of their difference
  expect_lt(abs(mean(gaps) - signs$null[3]), 4 * stats::sd(gaps) * sqrt(2 / length(gaps)))
  # the ceiling narrows both when nobody catches up
  expect_lt(signs$null[2], signs$reference[2])
  expect_gt(signs$null[3], 0)
  expect_match(said(x), "If nobody caught up, a common change", fixed = TRUE)
})

test_that("without users the gap's null is that of equal users, and the same in every run", {
  null_of <- function(users) {
    withr::with_seed(3, cap_convergence(list(gci(2020), gci(2024)), users = users, n_sim = 99))$beta$none$null
  }
  alike <- expand.grid(unit = gci(2024)$unit, edition = c(2020, 2024), users = 1e6, stringsAsFactors = FALSE)
  expect_identical(null_of(NULL), null_of(NULL))
  expect_equal(null_of(NULL), null_of(alike), tolerance = 1e-12)
})
