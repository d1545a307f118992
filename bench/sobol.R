# cap_sobol(): what its intervals are worth, and what the package adds to the
# cost of the function itself. Prints the share of 400 samples whose 95 %
# interval holds the exact index of the Ishigami function.
library(cybercap)

ishigami <- function(u) {
  x <- pi * (2 * u - 1)
  sin(x[, 1]) + 7 * sin(x[, 2])^2 + 0.1 * x[, 3]^4 * sin(x[, 1])
}
v <- c(0.5 * (1 + 0.1 * pi^4 / 5)^2, 49 / 8, 0.01 * pi^8 * (1 / 18 - 1 / 50))
truth <- c(v[1], v[2], 0, v[1] + v[3], v[2], v[3]) / sum(v)

cat("n,index,coverage,root mean square error\n")
for (n in c(128, 512, 2048, 8192)) {
  runs <- vapply(1:400, function(seed) {
    set.seed(seed)
    x <- as.data.frame(cap_sobol(ishigami, 3, n))
    figures <- function(column) c(x[[paste0("first", column)]], x[[paste0("total", column)]])
    cbind(figures("_low") <= truth & truth <= figures("_high"), (figures("") - truth)^2)
  }, matrix(0, 6, 2))
  cat(sprintf(
    "%d,%s,%.3f,%.5f\n", n, paste0(rep(c("S", "T"), each = 3), 1:3),
    rowMeans(runs[, 1, ]), sqrt(rowMeans(runs[, 2, ]))
  ), sep = "")
}

seconds <- function(call) min(replicate(5, system.time(call())[["elapsed"]]))
points <- matrix(stats::runif(3 * 5 * 2^18), ncol = 3)
alone <- seconds(function() ishigami(points))
whole <- seconds(function() cap_sobol(ishigami, 3, 2^18))
cat(sprintf(
  "1.3 million evaluations: function alone %.2f s, cap_sobol() %.2f s, ratio %.2f\n", alone, whole, whole / alone
))
