# Copeland at 194 x 82 against COINr, and the exact Kemeny order of 10 units.
# The peer gets a data frame, as its own Aggregate() hands over: half a minute;
# it is faster on a matrix, so that is shown too.
source("bench/lib/timing.R")
library(cybercap)
suppressPackageStartupMessages(library(COINr))

n <- 194L
m <- 82L
set.seed(1)
x <- matrix(sample(c(0, 0.5, 1), n * m, replace = TRUE), n, m)
w <- runif(m, 0.5, 2)
flat <- function(x, w) {
  items <- sprintf("I%02d", seq_len(ncol(x)))
  framework <- cap_framework(data.frame(
    code = c("ALL", items), parent = c("", rep("ALL", ncol(x))), weight = c(NA, w)
  ))
  colnames(x) <- items
  cap_answers(
    data.frame(unit = sprintf("U%03d", seq_len(nrow(x))), edition = 1L, x), framework,
    unit = "unit", item = NULL
  )
}
answers <- flat(x, w)
ours <- function() cap_index(answers, aggregate = "copeland")
peer <- function() a_copeland(as.data.frame(x), w)
peer_matrix <- function() a_copeland(x, w)

seconds <- best_of(list(ours = ours), n = 20L, reps = 20L)[["ours"]]
theirs <- system.time(result <- peer())[["elapsed"]]

# Both must order the units alike before they are compared. The peer's score is
# the same count on another scale.
score <- as.data.frame(ours(), level = "overall")$score
agreement <- cor(score, result)
if (!(agreement > 1 - 1e-9)) stop("the peer's scores differ: correlation ", agreement)

cat("metric,ours,peer,ratio\n")
report("Copeland at 194 x 82: cap_index against a_copeland on a data frame", seconds, theirs)
cat(sprintf("aim: 5000 times,,,%.3g times the aim\n", theirs / seconds / 5000))

bare <- best_of(list(peer = peer_matrix), n = 5L)[["peer"]]
report("Copeland at 194 x 82: cap_index against a_copeland on a matrix", seconds, bare)

ten <- flat(x[1:10, ], w)
kemeny <- best_of(list(ours = function() cap_index(ten, aggregate = "kemeny")), n = 20L, reps = 20L)[["ours"]]
cat(sprintf("exact Kemeny order of 10 units x 82,%.3g s,aim 0.05 s,%.3g times the aim\n", kemeny, 0.05 / kemeny))
all <- best_of(list(ours = function() cap_index(answers, aggregate = "kemeny")), n = 3L)[["ours"]]
cat(sprintf("Kemeny by local search at 194 x 82,%.3g s,,\n", all))
