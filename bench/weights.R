# Weights from data at 194 units x 83 items: seconds against the aim.
library(cybercap)

set.seed(1)
x <- matrix(runif(194 * 83), 194) + runif(194)
colnames(x) <- paste0("I", 1:83)

seconds <- function(call) min(replicate(10, system.time(call())[["elapsed"]]))
five <- function() for (method in c("equal", "entropy", "sd", "critic", "pca")) cap_weights_data(x, method)

# The clock of R has milliseconds: ten in one go.
all_five <- seconds(function() for (i in 1:10) five()) / 10
optimised <- seconds(function() cap_weights_data(x, "optimised"))
cat("metric,seconds,aim,ratio\n")
cat(sprintf("equal, entropy, sd, CRITIC and PCA together at 194 x 83,%.3g,0.02,%.3g\n", all_five, 0.02 / all_five))
cat(sprintf("optimised weights at 194 x 83,%.3g,1,%.3g\n", optimised, 1 / optimised))
