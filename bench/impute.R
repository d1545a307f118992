# EM imputation of 10 % missing at 194 x 20.
library(cybercap)

set.seed(1)
x <- matrix(rnorm(194 * 20), 194) + rnorm(194)
colnames(x) <- sprintf("I%02d", 1:20)
x[sample(length(x), round(0.1 * length(x)))] <- NA
filled <- cap_impute(x, "em")
seconds <- median(replicate(11, system.time(cap_impute(x, "em"))[["elapsed"]]))
stopifnot(!anyNA(filled), attr(filled, "imputation")$all$converged)
cat("metric,seconds,aim,ratio\n")
cat(sprintf("EM imputation of 10 %% missing at 194 x 20,%.3g,0.2,%.3g\n", seconds, 0.2 / seconds))
