# Intervals, p-values and quantiles, all of them by the core.

# A row an estimate: `low`, `high`, `t` and the two-sided `p` of no effect. Nothing
# scatters where `se` is rounding of `size`, the figures that the estimate comes from:
# `p` is then NA. See src/core/index/interval.h.
t_interval <- function(estimate, se, df, conf, size = estimate) {
  n <- max(length(estimate), length(se), length(df))
  each <- function(x) rep_len(as.double(x), n)
  as.data.frame(na_figure(.Call(C_t_interval, each(estimate), each(se), each(df), as.double(conf), each(size))))
}

# Quantiles of the known values; see src/core/framework/quantile.h.
quantiles <- function(x, p) na_figure(.Call(C_quantiles, as.double(x), as.double(p)))

middle <- function(x) quantiles(x, 0.5)

# For each column of counts the row up to which each share `p` of them lies.
count_quantiles <- function(counts, p) .Call(C_count_quantiles, counts, as.double(p))

# Standard errors of shares of `n` draws, NA for no draw.
share_error <- function(p, n) na_figure(.Call(C_share_error, p, rep_len(as.double(n), length(p))))

# `x` with values made equal that no more than `gap` parts, since rounding orders nothing.
tied_within <- function(x, gap) .Call(C_tie, as.double(x), gap)
