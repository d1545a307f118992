# Simple means of groups, and their changes, with intervals.

# Simple mean of each column of units x editions with its limits, and the median. One
# unit has no limits.
simple_levels <- function(scores, conf) {
  f <- as.data.frame(group_figures(scores, rep(1, nrow(scores)), list(seq_len(nrow(scores)))))
  interval <- t_interval(f$mean, f$se_weighted, f$df, conf)
  data.frame(n = f$n, mean = na_figure(f$mean), interval[c("low", "high")], median = na_figure(f$median))
}

# The change of the simple mean of the units with both scores. Its variance keeps that
# they are the same at both ends.
simple_change <- function(start, end, conf) {
  f <- na_figure(.Call(C_mean_change, as.double(start), as.double(end), NULL, NULL))
  interval <- t_interval(f[["change"]], f[["se"]], f[["df"]], conf)
  data.frame(
    n = f[["n"]], start = f[["mean_from"]], end = f[["mean_to"]], change = f[["change"]], interval[c("low", "high")]
  )
}
