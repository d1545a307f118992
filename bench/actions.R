# Exact next steps of the 194 countries of GCI 2024, every one proven.
source("bench/lib/timing.R")
library(cybercap)

index <- gci(2024)
support <- cap_readiness(index, "support-profile")

cat("metric,seconds,aim,times the aim\n")
timed <- function(metric, run) {
  plans <- cap_table(run(), "plans")
  stopifnot(nrow(plans) == 194, all(plans$optimal[plans$outcome == "steps"]))
  seconds <- best_of(list(ours = run), n = 5L)
  cat(sprintf("%s,%.3g,1,%.3g\n", metric, seconds, 1 / seconds))
}
timed("next tier: 194 countries x 20 indicators; the best set", function() cap_actions(index, alternatives = 1))
timed("next tier: with up to 200 alternatives each", function() cap_actions(index))
timed("next stage of the support profile: with up to 200 alternatives each", function() cap_actions(support))
