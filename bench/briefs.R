# The batch: 194 country briefs with all analyses by one and by two processes, and
# how much memory each process takes above the loaded package (aims: 10 s by two,
# 100 MB); what the analyses took before is told apart. Linux.
suppressPackageStartupMessages(library(cybercap))

# MB, now ("VmRSS") or at most so far ("VmHWM").
memory <- function(field) {
  lines <- readLines("/proc/self/status")
  as.numeric(gsub("[^0-9]", "", grep(field, lines, value = TRUE))) / 1024
}

before <- memory("VmRSS")
gci <- function(year) cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
index <- gci(2024)
previous <- gci(2020)
set.seed(1)
panel <- cap_panel(previous, index, published = subset(gci_overall, edition < 2020))
analyses <- list(
  cap_robustness(index, n = 1e4), cap_readiness(index), cap_actions(index),
  cap_trend(panel), cap_convergence(panel, 2020, 2024), cap_mobility(panel, 2020, 2024)
)
changes <- data.frame(version = "0.9", date = "2024-08-01", text = "Sent for verification")
release <- cap_release("final", created = "2024-09-12", changes = changes)
folder <- tempfile("briefs")
invisible(cap_brief(index, "KEN", previous = previous)) # what is read once a session
write_all <- function(workers) {
  unlink(folder, recursive = TRUE)
  cpu <- sum(proc.time()[c(1, 2, 4, 5)])
  seconds <- system.time(
    done <- cap_briefs(index, "units", folder,
      previous = previous, analyses = analyses, release = release, workers = workers
    )
  )[["elapsed"]]
  stopifnot(all(done$table$state == "written"))
  list(
    seconds = seconds, cpu = sum(proc.time()[c(1, 2, 4, 5)]) - cpu,
    sums = unname(tools::md5sum(list.files(folder, full.names = TRUE)))
  )
}

cluster <- parallel::makePSOCKcluster(2)
invisible(parallel::clusterEvalQ(cluster, library(cybercap)))
loaded <- unlist(parallel::clusterCall(cluster, memory, "VmRSS"))
by_cluster <- write_all(cluster)
nodes <- unlist(parallel::clusterCall(cluster, memory, "VmHWM")) - loaded
parallel::stopCluster(cluster)

invisible(gc())
writeLines("5", "/proc/self/clear_refs") # the peak counts from here on
given <- memory("VmRSS") - before
one <- write_all(1)
alone <- memory("VmHWM") - before
two <- write_all(2)
stopifnot(identical(one$sums, two$sums), identical(one$sums, by_cluster$sums))

cat("metric,value\n")
cat(sprintf("briefs,%d\n", nrow(index$scores)))
cat(sprintf("seconds by one process,%.2f\n", one$seconds))
cat(sprintf("seconds by two forked processes,%.2f\n", two$seconds))
cat(sprintf("of the 10 seconds aimed at,%.2f\n", two$seconds / 10))
cat(sprintf("CPU seconds by two forked processes,%.2f\n", two$cpu))
cat(sprintf("seconds by a cluster of two,%.2f\n", by_cluster$seconds))
cat(sprintf("CPU milliseconds a brief,%.1f\n", 1000 * one$cpu / nrow(index$scores)))
cat(sprintf("MB above the loaded package in one process,%.1f\n", alone))
cat(sprintf("of which index and analyses,%.1f\n", given))
cat(sprintf("MB above index and analyses in one process,%.1f\n", alone - given))
cat(sprintf("of the 100 MB aimed at,%.2f\n", (alone - given) / 100))
cat(sprintf("MB above the loaded package in a node of the cluster,%.1f\n", max(nodes)))
