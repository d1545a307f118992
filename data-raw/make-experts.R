# Builds gci_experts.csv and data/gci_experts.rda, SYNTHETIC experts
# whose mean is the 2024 points of gci_weights.csv:
#   Rscript data-raw/make-experts.R
# from the package's root. No expert behind it exists. Every number follows
# from the lines below, with a generator of its own, so that no version of R
# can change it.

weights <- utils::read.csv("data-raw/gci_weights.csv", colClasses = "character")
weights <- weights[weights$edition == "2024", ]
weights$points <- as.numeric(weights$points)
# Where no fraction fits the points, as many experts as elsewhere.
n_below <- as.integer(weights$implied_experts)
n_below[is.na(n_below)] <- 31L

# Lehmer's generator (Park and Miller 1988), exact in doubles.
state <- 20240912
uniform <- function() {
  state <<- (48271 * state) %% 2147483647
  state / 2147483647
}

# Half points that sum to 20, by largest remainder; at least half a point each.
halves <- function(share) {
  exact <- 40 * share / sum(share)
  out <- pmax(floor(exact), 1)
  while (sum(out) < 40) {
    k <- which.max(exact - out)
    out[k] <- out[k] + 1
  }
  while (sum(out) > 40) {
    k <- which.max(ifelse(out > 1, out - exact, -Inf))
    out[k] <- out[k] - 1
  }
  out / 2
}

# n experts around `points`: each share moved by a lognormal factor, rounded to
# half points; then half points are shifted between two items, one expert after
# the other, until every mean is within half a point of an expert; one expert,
# the one whose smallest figure is largest, carries what is left.
allocate <- function(n, points) {
  m <- length(points)
  x <- t(vapply(seq_len(n), function(e) {
    halves(points * exp(0.35 * stats::qnorm(vapply(seq_len(m), function(k) uniform(), 0))))
  }, numeric(m)))
  turn <- 0L
  repeat {
    over <- colSums(x) - n * points
    high <- which.max(over)
    low <- which.min(over)
    if (over[high] <= 0.5 && over[low] >= -0.5) break
    repeat {
      turn <- turn %% n + 1L
      if (x[turn, high] >= 1) break
    }
    x[turn, high] <- x[turn, high] - 0.5
    x[turn, low] <- x[turn, low] + 0.5
  }
  carrier <- which.max(apply(x, 1L, min))
  left <- n * points - colSums(x)
  x[carrier, ] <- round(x[carrier, ] + left, 9)
  # What nine decimals lose goes to the largest item.
  top <- which.max(x[carrier, ])
  x[carrier, top] <- round(20 - sum(x[carrier, -top]), 9)
  x
}

# 60 experts; each pillar has the next ones in turn, so that most weigh two or
# three pillars, as ITU's experts weigh those nearest to their field.
n_experts <- 60L
first <- 0L
rows <- list()
for (pillar in unique(weights$pillar)) {
  here <- weights$pillar == pillar
  n <- n_below[here][1L]
  x <- allocate(n, weights$points[here])
  expert <- (first + seq_len(n) - 1L) %% n_experts + 1L
  first <- first + n
  rows[[pillar]] <- data.frame(
    expert = sprintf("E%02d", rep(expert, each = ncol(x))),
    item = rep(weights$item[here], n), value = as.vector(t(x)),
    source = "synthetic"
  )
  gap <- max(abs(colMeans(x) - weights$points[here]))
  stopifnot(gap < 1e-9, x > 0, abs(rowSums(x) - 20) < 1e-12)
}
gci_experts <- do.call(rbind, unname(rows))
position <- match(gci_experts$item, weights$item)
gci_experts <- gci_experts[order(gci_experts$expert, position, method = "radix"), ]
rownames(gci_experts) <- NULL
utils::write.csv(
  transform(gci_experts, value = format(value, digits = 15, trim = TRUE, drop0trailing = TRUE)),
  "data-raw/gci_experts.csv", row.names = FALSE, quote = FALSE)
attr(gci_experts, "note") <- "Synthetic: made so that its mean is the 2024 points; no real experts."
save(gci_experts, file = "data/gci_experts.rda", compress = "xz", version = 3)
