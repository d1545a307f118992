# Slow twins in plain R: what the C core computes, written the obvious way.

random_framework <- function(n) {
  code <- paste0("n", seq_len(n))
  parent <- c("", vapply(seq_len(n)[-1], function(k) code[sample.int(k - 1, 1)], ""))
  cap_framework(data.frame(
    code = code, parent = parent,
    weight = round(stats::runif(n, 0.1, 5), 3),
    max = sample(c(1, 2, 3, 10, 20), n, replace = TRUE),
    direction = ifelse(code %in% parent, 1, sample(c(1, 1, -1), n, replace = TRUE))
  ))
}

random_answers <- function(framework, units, gaps) {
  items <- framework$items
  leaves <- items$code[!items$code %in% items$parent]
  data <- expand.grid(iso3 = sprintf("U%03d", seq_len(units)), item = leaves, stringsAsFactors = FALSE)
  data$value <- stats::runif(nrow(data)) * items$max[match(data$item, items$code)]
  data$value[stats::runif(nrow(data)) < gaps] <- NA
  data$edition <- 1L
  data
}

# Score and coverage of every node for one unit; `value` is named by item.
twin_scores <- function(items, value, policy, minimum = 0) {
  out <- matrix(NA_real_, nrow(items), 2, dimnames = list(items$code, c("score", "coverage")))
  visit <- function(code) {
    k <- match(code, items$code)
    below <- items$code[items$parent %in% code]
    if (length(below) == 0) {
      v <- value[[code]]
      if (items$direction[k] < 0) v <- items$max[k] - v
      share <- if (is.na(v) && policy == "zero") 0 else v / items$max[k]
      cover <- as.numeric(!is.na(v))
    } else {
      parts <- lapply(below, visit)
      shares <- vapply(parts, `[[`, 0, 1)
      covers <- vapply(parts, `[[`, 0, 2)
      w <- items$weight[match(below, items$code)]
      seen <- !is.na(shares)
      share <- if (sum(w[seen]) > 0) sum(w[seen] * shares[seen]) / sum(w[seen]) else NA_real_
      cover <- sum(w[seen] * covers[seen]) / sum(w)
      if (policy == "renormalise" && cover + 1e-9 < minimum) share <- NA_real_
    }
    out[code, ] <<- c(share * items$max[k], cover)
    c(share, cover)
  }
  visit(items$code[is.na(items$parent)])
  out
}

# Group statistics of one vector of scores.
twin_group <- function(x, u) {
  seen <- !is.na(x)
  with_users <- seen & !is.na(u) & u > 0
  xs <- x[seen]
  xw <- x[with_users]
  uw <- u[with_users]
  n <- length(xw)
  m <- if (n > 0) stats::weighted.mean(xw, uw) else NA_real_
  z <- uw * (xw - m) / sum(uw)
  quantile <- function(p) {
    if (length(xs) == 0) NA_real_ else unname(stats::quantile(xs, p, type = 7))
  }
  c(
    n = length(xs), mean = if (length(xs) > 0) mean(xs) else NA_real_,
    median = quantile(0.5), q1 = quantile(0.25), q3 = quantile(0.75),
    min = quantile(0), max = quantile(1), mean_weighted = m,
    se_weighted = if (n > 1) sqrt(n / (n - 1) * sum(z^2)) else NA_real_,
    n_eff = if (n > 0) sum(uw)^2 / sum(uw^2) else NA_real_,
    top_share = if (n > 0) max(uw) / sum(uw) else NA_real_,
    n_without_users = sum(seen) - n
  )
}

# Rules of aggregation for one row, by their definitions.
twin_rule <- function(s, w, rule) {
  seen <- !is.na(s) & w > 0
  s <- s[seen]
  w <- w[seen] / sum(w[seen])
  n <- length(s)
  if (n == 0) {
    return(NA_real_)
  }
  m <- sum(w * s)
  s2 <- sum(w * (s - m)^2)
  penalised <- function(sign, s2) if (m == 0) 0 else m - sign * s2 / m
  switch(rule,
    arithmetic = m,
    geometric = prod(s^w),
    harmonic = if (any(s == 0)) 0 else 1 / sum(w / s),
    minimum = min(s),
    median = {
      o <- order(s)
      s[o][which(cumsum(w[o]) >= 0.5 - 1e-12)[1]]
    },
    penalised = penalised(1, s2),
    reward = penalised(-1, s2),
    sample = penalised(1, if (n > 1) s2 * n / (n - 1) else 0),
    power = if (any(s == 0)) 0 else sum(w * s^-2)^-0.5,
    root = sum(w * sqrt(s))^2,
    bottleneck = sum(w * (min(s) + 1 - exp(-(s - min(s))))),
    shifted = prod((s + 0.1)^w) - 0.1
  )
}

# Weight of the items where row i is better, ties half, of those in both.
twin_outranking <- function(x, w) {
  n <- nrow(x)
  out <- matrix(0.5, n, n)
  for (i in seq_len(n)) {
    for (j in seq_len(n)) {
      both <- !is.na(x[i, ]) & !is.na(x[j, ])
      if (sum(w[both]) > 0) {
        better <- (x[i, both] > x[j, both]) + 0.5 * (x[i, both] == x[j, both])
        out[i, j] <- sum(w[both] * better) / sum(w[both])
      }
    }
  }
  out
}
