# Stages of 194 units on 45 items: by gates, by exact probabilities, by
# quadrature, and by 10,000 draws, of which the aim is half a second. No peer
# has gates with graded evidence, so the column of peers holds the aim.
source("bench/lib/timing.R")
library(cybercap)

sim3 <- cap_framework("sim3")
codes <- setdiff(sim3$items$code, sim3$items$parent)
units <- sprintf("U%03d", 1:194)
data <- expand.grid(unit = units, item = codes, stringsAsFactors = FALSE)
set.seed(1)
data$value <- sample(0:4, nrow(data), TRUE, prob = c(1, 2, 12, 30, 40))
data$grade <- sample(c("A", "B", "C", "D"), nrow(data), TRUE)
# A second table where every gate is passed as answered: draws end late.
strong <- transform(data, value = 4, grade = "A")

answers <- cap_answers(data, sim3, unit = "unit")
passed <- cap_answers(strong, sim3, unit = "unit")
runs <- list(
  gates = function() cap_readiness(answers),
  exact = function() cap_readiness(answers, evidence = data),
  quadrature = function() cap_readiness(answers, evidence = data, correlation = 0.3),
  draws = function() cap_readiness(answers, evidence = data, method = "simulation"),
  late = function() cap_readiness(passed, evidence = strong, method = "simulation"),
  correlated = function() cap_readiness(passed, evidence = strong, correlation = 0.3, method = "simulation")
)

# Draws must agree with the exact law before they are timed.
law <- function(x) as.data.frame(cap_table(x, "probabilities"))
simulated <- law(runs$late())
stopifnot(
  abs(simulated$at_least - law(cap_readiness(passed, evidence = strong))$at_least) <= 5 * simulated$error + 1e-9,
  simulated$way == "simulation"
)

cat("metric,ours,aim,ratio\n")
times <- best_of(runs, n = 5L)
report("stages, gaps and scores of 194 x 45", times[["gates"]], 0.5)
report("with exact probabilities", times[["exact"]], 0.5)
report("with quadrature, correlation 0.3", times[["quadrature"]], 0.5)
report("194 x 45 x 10,000 draws, answers mixed", times[["draws"]], 0.5)
report("194 x 45 x 10,000 draws, most gates passed", times[["late"]], 0.5)
report("the same, correlation 0.3", times[["correlated"]], 0.5)
