# Robustness and sensitivity: against COINr, a hand-vectorised R and a bare C
# loop; threads; memory. BENCH_PAIRS sets the interleaved pairs (10).
source("bench/lib/timing.R")
library(cybercap)
suppressPackageStartupMessages(library(COINr))

n_pairs <- as.integer(Sys.getenv("BENCH_PAIRS", "10"))
noise <- list(weights = cap_vary_weights("noise", 0.25))
elapsed <- function(call) system.time(call())[["elapsed"]]
# Where others share the machine, the time that the processor worked for us.
processor <- function(call) sum(system.time(call())[c("user.self", "sys.self")])

# Best of interleaved runs of functions that give seconds.
best_seconds <- function(...) {
  runs <- list(...)
  times <- replicate(n_pairs, vapply(runs, function(run) run(), 0))
  apply(matrix(times, length(runs)), 1L, min)
}

say <- function(metric, ours, peer, aim) {
  cat(sprintf("%s,%.3g,%.3g,%.4g,%s\n", metric, ours, peer, peer / ours, aim))
}

coin_of <- function(data, meta) suppressMessages(new_coin(iData = data, iMeta = meta, quietly = TRUE))
cat("metric,ours (s),peer (s),peer / ours,aim\n")

# COINr's own example ------------------------------------------------------------

coin <- suppressMessages(build_example_coin(quietly = TRUE))
coin$Log$Aggregate$w <- "Original"
weight <- coin$Meta$Weights$Original
normalised <- as.data.frame(get_dset(coin, "Normalised"))
tree <- subset(coin$Meta$Ind, Type %in% c("Indicator", "Aggregate"))
item <- tree$iCode[tree$Type == "Indicator"]
asem <- cap_index(cap_answers(
  data.frame(
    iso3 = rep(normalised$uCode, times = length(item)), edition = 2018L,
    item = rep(item, each = nrow(normalised)), value = unlist(normalised[item], use.names = FALSE)
  ),
  cap_framework(data.frame(
    code = tree$iCode, parent = ifelse(is.na(tree$Parent), "", tree$Parent),
    weight = ifelse(is.na(tree$Parent), NA, weight$Weight[match(tree$iCode, weight$iCode)]), max = 100
  ))
))
mine <- subset(as.data.frame(asem), item == "Index")
theirs <- as.data.frame(get_dset(coin, "Aggregated"))
apart <- max(abs(theirs$Index[match(mine$unit, theirs$uCode)] - mine$score))
stopifnot(nrow(mine) == nrow(theirs), apart < 1e-9)
cat(sprintf("# ASEM: %d units x %d items, nominal scores agree to %.1g\n", nrow(mine), length(item), apart))

few <- 10L
many <- 1e5
specs <- list(weights = list(
  Address = "$Log$Aggregate$w", Type = "discrete",
  Distribution = get_noisy_weights(weight, data.frame(Level = 1:3, NoiseFactor = 0.25), Nrep = few)
))
coinr <- function() {
  suppressMessages(get_sensitivity(coin, specs, few, "UA", dset = "Aggregated", iCode = "Index", quietly = TRUE))
}
times <- best_seconds(
  function() elapsed(function() cap_robustness(asem, many, noise, threads = 1)),
  function() elapsed(function() cap_robustness(asem, few, noise, threads = 1)),
  function() elapsed(coinr)
)
per_replicate <- times[3] / (few + 1) # the nominal one too
say(
  sprintf("ASEM a replicate: ours of %g one thread; COINr's UA of %d", many, few),
  times[1] / many, per_replicate, "10000"
)
say(sprintf("ASEM a whole call with %d replicates", few), times[2], times[3], "-")

# A hand-vectorised R, a bare loop in C, two threads: GCI 2024 --------------------

index <- gci(2024)
framework <- index$framework
answers <- index$answers$values
items <- framework$items
parent <- framework$arrays$parent
plain <- ifelse(is.na(items$weight), 1, items$weight)

# Scores of weights drawn as a matrix, nodes x replicates, and dense ranks of the
# two printed decimals; nothing is counted.
vectorised <- function(n, amount = 0.25) {
  w <- plain * (1 + amount * (2 * matrix(stats::runif(length(plain) * n), ncol = n) - 1))
  effect <- matrix(items$max[framework$root], length(plain), n)
  for (p in unique(parent[!is.na(parent)])) {
    below <- which(parent == p)
    total <- colSums(w[below, , drop = FALSE])
    effect[below, ] <- w[below, ] * rep(effect[p, ] / total, each = length(below))
  }
  share <- answers / rep(items$max[framework$leaves], each = nrow(answers))
  score <- share %*% effect[framework$leaves, ]
  list(score = score, rank = matrixStats::colRanks(
    -floor(100 * score + 0.5 + 1e-7), ties.method = "dense", preserveShape = TRUE
  ))
}
nominal <- subset(as.data.frame(index), item == "GCI")
check <- vectorised(2L, 0)
stopifnot(max(abs(check$score[, 1] - nominal$score)) < 1e-9, all(check$rank[, 1] == nominal$rank))

program <- "build/bench-loop"
dump <- tempfile()
arrays <- tempfile()
writeBin(as.vector(answers), dump)
utils::write.table(
  data.frame(ifelse(is.na(parent), -1, parent - 1), plain, items$max), arrays,
  row.names = FALSE, col.names = FALSE
)
dir.create("build", showWarnings = FALSE)
stopifnot(system2("cc", c("-std=c11", "-O3", "-march=native", "-o", program, "bench/lib/loop.c", "-lm")) == 0)
command <- paste(program, arrays, dump, nrow(answers), format(many, scientific = FALSE), 1)
loop <- function() as.numeric(system(command, intern = TRUE))

mean_rank <- function(r) drop(r$rank_frequency %*% seq_len(ncol(r$rank_frequency)))
one <- cap_robustness(index, many, noise, threads = 1)
stopifnot(max(abs(mean_rank(one) - rowMeans(vectorised(10000L)$rank))) < 0.5)
# The loop's checksum is the sum of ranks times the units' numbers.
stopifnot(abs(loop()[3] / sum(mean_rank(one) * seq_len(nrow(answers))) - 1) < 1e-4)

times <- best_seconds(
  function() elapsed(function() cap_robustness(index, many, noise, threads = 1)),
  function() elapsed(function() cap_robustness(index, many, noise, threads = 2)),
  function() loop()[1],
  function() elapsed(function() vectorised(many)),
  function() elapsed(function() system(paste("(", command, "&", command, "& wait )"), ignore.stdout = TRUE)),
  function() elapsed(function() system(command, ignore.stdout = TRUE))
)
size <- sprintf("194 x 20 x %g", many)
say(paste0(size, ": hand-vectorised R, one thread"), times[1], times[4], "5")
say(paste0(size, ": bare C loop at -O3 -march=native"), times[1], times[3], "0.5")
worked <- best_seconds(
  function() processor(function() cap_robustness(index, many, noise, threads = 1)),
  function() processor(function() vectorised(many)),
  function() loop()[2]
)
say(paste0(size, ": hand-vectorised R, one thread, processor time"), worked[1], worked[2], "5")
say(paste0(size, ": bare C loop, processor time"), worked[1], worked[3], "0.5")
say(paste0(size, ": two threads against one"), times[2], times[1], "1.7")
# What this machine has to give at the time: two bare loops at once.
say(paste0(size, ": two bare loops at once against one after the other"), times[5], 2 * times[6], "-")

# Memory: peak of a fresh process, before and after --------------------------------

growth <- function(n) {
  code <- sprintf("
    source('bench/lib/timing.R')
    peak <- function() {
      line <- grep('^VmHWM', readLines('/proc/self/status'), value = TRUE)
      as.numeric(gsub('[^0-9]', '', line)) / 1024
    }
    index <- gci(2024)
    before <- peak()
    r <- cybercap::cap_robustness(index, %g, threads = 2)
    cat(before, peak())", n)
  diff(scan(text = system2("Rscript", c("-e", shQuote(code)), stdout = TRUE), quiet = TRUE))
}
for (n in c(1e5, 1e6, as.numeric(Sys.getenv("BENCH_MOST", "1e7")))) {
  cat(sprintf("growth of the peak memory (MB) with n = %g,%.3g,60,-,under 60\n", n, growth(n)))
}

# Sobol indices of four factors ----------------------------------------------------

wide <- data.frame(uCode = index$unit, answers)
names(wide)[-1L] <- items$code[framework$leaves]
level <- c(overall = 3, pillar = 2, indicator = 1)[items$level]
gci_coin <- coin_of(wide, data.frame(
  iCode = items$code, iName = items$label, Level = unname(level), Parent = items$parent,
  Direction = 1, Weight = plain, Type = ifelse(level == 1, "Indicator", "Aggregate")
))
gci_coin <- suppressMessages(Treat(gci_coin, dset = "Raw", global_specs = list(f1_para = list(winmax = 5))))
gci_coin <- suppressMessages(Normalise(
  gci_coin, dset = "Treated", global_specs = list(f_n = "n_minmax", f_n_para = list(c(1, 100)))
))
gci_coin <- suppressMessages(Aggregate(gci_coin, dset = "Normalised", f_ag = "a_amean", w = "Original"))
four <- list(
  weights = list(
    Address = "$Log$Aggregate$w", Type = "discrete",
    Distribution = get_noisy_weights(
      gci_coin$Meta$Weights$Original, data.frame(Level = 1:2, NoiseFactor = 0.25), Nrep = 16
    )
  ),
  normalise = list(
    Address = "$Log$Normalise$global_specs", Type = "discrete", Distribution = list(
      list(f_n = "n_minmax", f_n_para = list(c(1, 100))), list(f_n = "n_minmax", f_n_para = list(c(10, 100)))
    )
  ),
  rule = list(Address = "$Log$Aggregate$f_ag", Type = "discrete", Distribution = c("a_amean", "a_gmean")),
  treat = list(Address = "$Log$Treat$global_specs$f1_para$winmax", Type = "discrete", Distribution = 1:5)
)
vary <- list(
  weights = noise$weights, normalise = cap_vary_normalise(c("minmax", "percentile_rank")),
  rule = cap_vary_aggregate("geometric"), drop = cap_vary_drop()
)
rows <- 2^12
small <- 4L
times <- best_seconds(
  function() elapsed(function() cap_sensitivity(index, vary, n = rows, threads = 1)),
  function() elapsed(function() {
    suppressMessages(get_sensitivity(gci_coin, four, small, "SA", dset = "Aggregated", iCode = "GCI", quietly = TRUE))
  })
)
evaluations <- c(rows, small) * (length(vary) + 2)
say(
  sprintf(
    "Sobol, 4 factors, 194 units, an evaluation: ours of %d one thread; COINr's of %d", evaluations[1], evaluations[2]
  ),
  times[1] / evaluations[1], times[2] / (evaluations[2] + 1), "1000"
)
