# Kendall's test and the Theil-Sen slope: seconds of ours and of the Kendall and
# trend packages in one run, and how many times faster ours is.
library(cybercap)
source("bench/lib/timing.R")

set.seed(1)
x <- stats::rnorm(5000) + seq_len(5000) / 5000
stopifnot(
  all.equal(as.data.frame(cap_kendall(x))$s, c(Kendall::MannKendall(x)$S)),
  all.equal(as.data.frame(cap_kendall(x))$p, trend::mk.test(x)$p.value)
)
report_pair <- function(what, ours, peer, n, reps) {
  report(what, best_of(list(ours), n = 5L, reps = reps), best_of(list(peer), n = n))
}
cat("metric,ours,peer,ratio\n")
report_pair(
  "Mann-Kendall of 5,000 values against Kendall",
  function() cap_kendall(x), function() Kendall::MannKendall(x), 3L, 50L
)
report_pair(
  "Mann-Kendall of 5,000 values against trend",
  function() cap_kendall(x), function() trend::mk.test(x), 1L, 50L
)
y <- x[1:2000]
report_pair(
  "Theil-Sen slope of 2,000 values against trend",
  function() cap_sen(y), function() trend::sens.slope(y), 1L, 5L
)

region <- matrix(stats::runif(194 * 5, 0, 100), 194)
seven <- matrix(stats::runif(194 * 7, 0, 100), 194)
cat("metric,seconds,aim\n")
alone <- function(what, call, aim, reps = 10L) {
  cat(sprintf("%s,%.3g,%s\n", what, best_of(list(call), n = 5L, reps = reps), aim))
}
alone("exact regional Kendall of 194 x 5", function() cap_kendall(region), "0.02")
alone("exact regional Kendall of 194 x 7", function() cap_kendall(seven), "")
alone("pooled slope of 194 x 5 with its interval", function() cap_sen(region), "")
alone("Theil-Sen slope of 5,000 values", function() cap_sen(x), "", 1L)
