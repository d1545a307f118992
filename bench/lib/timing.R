# Shared by the programs of bench (sourced, not run). Times are elapsed
# seconds, the best of interleaved repetitions: the machines are shared, and
# noise only ever adds.

best_of <- function(pairs, n = 10L, reps = 1L) {
  times <- vapply(pairs, function(f) Inf, 0)
  for (i in seq_len(n)) {
    for (k in seq_along(pairs)) {
      run <- pairs[[k]]
      times[k] <- min(times[k], system.time(for (r in seq_len(reps)) run())[["elapsed"]] / reps)
    }
  }
  times
}

# metric,ours,peer,ratio: seconds, and how many times faster ours is.
report <- function(metric, ours, peer) {
  cat(sprintf("%s,%.3g,%.3g,%.3g\n", metric, ours, peer, peer / ours))
}

gci <- function(year) {
  cybercap::cap_index(cybercap::cap_answers(
    subset(cybercap::gci_items, edition == year), paste0("gci-", year)
  ))
}
