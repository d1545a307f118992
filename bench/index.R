# Scoring 194 countries x 20 indicators, against COINr.
source("bench/lib/timing.R")
library(cybercap)
suppressPackageStartupMessages(library(COINr))

items <- subset(gci_items, edition == 2024)
framework <- cap_framework("gci-2024")

wide <- reshape(items[c("iso3", "item", "value")], idvar = "iso3", timevar = "item", direction = "wide")
names(wide) <- sub("^value[.]", "", names(wide))
names(wide)[1] <- "uCode"
tree <- framework$items
level <- c(overall = 3, pillar = 2, indicator = 1)[tree$level]
meta <- data.frame(
  iCode = tree$code, iName = tree$label, Level = unname(level), Parent = tree$parent,
  Direction = 1, Weight = ifelse(is.na(tree$weight), 1, tree$weight),
  Type = ifelse(level == 1, "Indicator", "Aggregate")
)

ours <- function() as.data.frame(cap_index(cap_answers(items, framework)))
coinr <- function() {
  coin <- new_coin(iData = wide, iMeta = meta, quietly = TRUE)
  coin <- suppressMessages(Aggregate(coin, dset = "Raw", f_ag = "a_amean"))
  get_results(coin, dset = "Aggregated", tab_type = "Full")
}
coin <- suppressMessages(new_coin(iData = wide, iMeta = meta, quietly = TRUE))
aggregated <- suppressMessages(Aggregate(coin, dset = "Raw", f_ag = "a_amean"))
coinr_core <- function() {
  get_results(suppressMessages(Aggregate(coin, dset = "Raw", f_ag = "a_amean")), dset = "Aggregated", tab_type = "Summ")
}

# Both must give the same overall score before they are compared.
result <- aggregated$Data$Aggregated
mine <- subset(ours(), item == "GCI")
stopifnot(max(abs(100 * result$GCI[match(mine$unit, result$uCode)] - mine$score)) < 1e-9)

cat("metric,ours,peer,ratio\n")
times <- best_of(list(ours = ours, coinr = coinr), n = 10L)
report("answers + index + table against new_coin + Aggregate + get_results", times[["ours"]], times[["coinr"]])

# The C core by itself, in a program without R.
program <- "build/bench-core"
dump <- tempfile()
index <- cap_index(cap_answers(items, framework))
writeBin(as.vector(index$answers$values), dump)
arrays <- tempfile()
parent <- framework$arrays$parent
utils::write.table(
  data.frame(ifelse(is.na(parent), -1, parent - 1), ifelse(is.na(tree$weight), 1, tree$weight), tree$max),
  arrays, row.names = FALSE, col.names = FALSE
)
sources <- list.files(c("src/base", "src/core"), pattern = "[.]c$", full.names = TRUE, recursive = TRUE)
built <- system2("cc", c("-std=c11", "-O2", "-Isrc", "-o", program, "bench/lib/core.c", sources, "-lgsl", "-lgslcblas", "-lm"))
stopifnot(built == 0)
core <- as.numeric(system2(program, c(arrays, dump, length(index$unit)), stdout = TRUE))
peer <- best_of(list(coinr = coinr_core), n = 10L)
report("C core: aggregation and overall rank against Aggregate + get_results", core[1], peer[["coinr"]])
cat(sprintf("C core: all ranks of 194 x 26,%.3g s,aim 1e-4 s,%.3g times the aim\n", core[2], 1e-4 / core[2]))
