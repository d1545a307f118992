# The country bootstrap of regional means, and the whole of cap_trend(): seconds.
library(cybercap)
source("bench/lib/timing.R")

panel <- cap_panel(gci(2020), gci(2024), published = subset(gci_overall, edition < 2020))
published <- cap_panel(gci_overall)
stopifnot(length(unique(as.data.frame(published)$edition)) == 5L)

# The core alone: 6 regions x 5 editions, means and medians, simple and weighted.
# The table of groups has no row for all units.
units <- sort(unique(as.data.frame(published)$unit))
scores <- sapply(unique(gci_overall$edition), function(e) {
  t <- as.data.frame(published)
  t$score[t$edition == e][match(units, t$unit[t$edition == e])]
})
users <- sapply(unique(gci_overall$edition), function(e) {
  u <- cap_users(e)
  u$users[match(units, u$unit)]
})
regions <- unname(split(match(countries$iso3, units), countries$itu_region))
regions <- lapply(regions, function(rows) rows[!is.na(rows)])
boot <- getNamespace("cybercap")$C_bootstrap
draws <- function() {
  .Call(boot, scores, users, regions, integer(), c(10000, 0.95), c(1, 2))
}
alone <- function(what, call, aim, reps = 1L) {
  cat(sprintf("%s,%.3g,%s\n", what, best_of(list(call), n = 5L, reps = reps), aim))
}
cat("metric,seconds,aim\n")
alone("country bootstrap of 10000 draws x 6 regions x 5 editions", draws, "0.2")
alone("cap_trend() of five editions, overall score", function() cap_trend(published, n = 2000), "")
alone("cap_trend() of five editions and five pillars", function() cap_trend(panel, n = 2000), "")
