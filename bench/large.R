# 10,000 units x 100 items x 10 editions: seconds, and peak memory of the whole.
library(cybercap)

make <- function() {
  n_units <- 10000L
  n_items <- 100L
  n_editions <- 10L
  units <- sprintf("U%05d", seq_len(n_units))
  items <- sprintf("I%03d", seq_len(n_items))
  set.seed(1)
  list(
    framework = cap_framework(data.frame(
      code = c("ALL", paste0("P", 1:10), items),
      parent = c("", rep("ALL", 10), rep(paste0("P", 1:10), each = 10))
    )),
    data = data.frame(
      iso3 = rep(units, times = n_items * n_editions),
      edition = rep(2001:2010, each = n_units * n_items),
      item = rep(rep(items, each = n_units), times = n_editions),
      value = sample(c(0, 0.5, 1), n_units * n_items * n_editions, replace = TRUE)
    )
  )
}

peak <- function() {
  line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024^2
}

input <- make()
invisible(gc())
before <- peak()
answers_time <- system.time(answers <- cap_answers(input$data, input$framework))[["elapsed"]]
after_answers <- peak()
index_time <- min(replicate(3, system.time(index <- cap_index(answers))[["elapsed"]]))
cat("metric,seconds,aim,ratio\n")
cat(sprintf("cap_answers on 10,000 x 100 x 10,%.3g,5,%.3g\n", answers_time, 5 / answers_time))
cat(sprintf("cap_index on prepared answers,%.3g,1,%.3g\n", index_time, 1 / index_time))
cat("metric,GB,aim,ratio\n")
cat(sprintf("peak memory (%.2f of it the input and R),%.3g,2,%.3g\n", before, peak(), 2 / peak()))
