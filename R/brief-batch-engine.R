# Who writes the briefs of a batch: this process, processes forked from it, a
# cluster, or the user's future plan. Each brief leaves a record; what a process
# that died was at is reported, and the rest of its share is done by others.

# list(kind, workers, cluster)
batch_engine <- function(workers) {
  if (inherits(workers, "cluster")) {
    return(list(kind = "cluster", workers = length(workers), cluster = workers))
  }
  if (is.null(workers) && has_future_plan()) {
    return(list(kind = "future", workers = min(future::nbrOfWorkers(), 1024)))
  }
  workers <- workers %||% getOption("mc.cores") %||% min(2L, max(1L, parallel::detectCores(), na.rm = TRUE))
  check_count(workers, "workers", most = 1024)
  list(kind = if (.Platform$OS.type == "windows") "processes" else "forked", workers = workers)
}

has_future_plan <- function() isNamespaceLoaded("future") && !inherits(future::plan(), "sequential")

# The records of all that `task$due` names.
run_batch <- function(task, engine) {
  due <- seq_len(nrow(task$due))
  bar <- start_bar("Briefs", length(due))
  on.exit(end_bar(bar))
  tick <- function() cli::cli_progress_update(set = length(record_files(task$folder)), id = bar)
  records <- list()
  if (min(engine$workers, length(due)) > 1) warm_up(task)
  while (length(due) > 0L) {
    shares <- unname(split(due, (seq_along(due) - 1L) %% min(engine$workers, length(due))))
    returned <- run_shares(shares, task, engine, tick)
    records <- c(records, returned, read_records(task$folder))
    records <- records[!duplicated(vapply(records, `[[`, "", "file"))]
    done <- match(vapply(records, `[[`, "", "file"), task$due$file)
    left <- Filter(length, lapply(shares, setdiff, done))
    lost <- lapply(left, function(share) brief_record(task, share[1L], "failed", lost_message()))
    for (record in lost) save_record(record, task$folder)
    records <- c(records, lost)
    due <- sort(unlist(lapply(left, `[`, -1L)))
  }
  records
}

lost_message <- function() "The process that wrote it ended before it was done: killed, or out of memory."

# What all briefs share is made before the processes part; what one brief cannot
# do is found out by its turn.
warm_up <- function(task) tryCatch(make_brief(task, 1L, path = NULL), error = function(e) NULL)

run_shares <- function(shares, task, engine, tick) {
  if (length(shares) == 1L && engine$kind %in% c("forked", "processes")) {
    return(run_share(shares[[1L]], task, tick = tick))
  }
  returned <- switch(engine$kind,
    forked = run_forked(shares, task, tick),
    processes = run_processes(shares, task, tick),
    cluster = run_cluster(shares, task, engine$cluster, tick),
    future = run_future(shares, task, tick)
  )
  Filter(is.list, unlist(returned, recursive = FALSE))
}

# One process's part, a brief after the other.
run_share <- function(share, task, parent = NULL, tick = function() NULL) {
  records <- list()
  for (i in share) {
    record <- write_one(task, i)
    save_record(record, task$folder)
    records <- c(records, list(record))
    tick()
    end_orphan(parent)
  }
  records
}

# A forked process whose parent was killed would wait for it for ever.
end_orphan <- function(parent) {
  if (!is.null(parent) && .Call(C_parent_process) != parent) tools::pskill(Sys.getpid(), tools::SIGKILL)
}

write_one <- function(task, i) {
  started <- proc.time()[["elapsed"]]
  warned <- character()
  failure <- tryCatch(
    withCallingHandlers(
      {
        make_brief(task, i, path = file.path(task$folder$dir, task$due$file[i]))
        NULL
      },
      warning = function(w) {
        warned <<- c(warned, plain_message(w))
        invokeRestart("muffleWarning")
      }
    ),
    error = plain_message
  )
  brief_record(
    task, i, if (is.null(failure)) "written" else "failed", paste(c(failure, unique(warned)), collapse = " "),
    proc.time()[["elapsed"]] - started
  )
}

make_brief <- function(task, i, path) {
  if (!is.null(path)) {
    check_no_link(path)
    if (dir.exists(path)) cap_abort_io("{.path {path}} is a folder: no brief can stand there.")
  }
  rlang::inject(
    cap_brief(task$index, task$due$scope[i], !!!task$arguments, path = path, overwrite = TRUE)
  )
}

# A message without colours and bullets, the same in every locale.
plain_message <- function(condition) {
  body <- if (is.character(condition$body)) condition$body
  cli::ansi_strip(paste(c(condition$message, unname(body)), collapse = " "))
}

brief_record <- function(task, i, state, message, seconds = NA_real_) {
  path <- file.path(task$folder$dir, task$due$file[i])
  md5 <- file_md5(path)
  list(
    file = task$due$file[i], inputs = task$due$inputs[i],
    bytes = if (nzchar(md5)) sprintf("%.0f", file.size(path)) else "", md5 = md5,
    state = state, message = message, seconds = seconds
  )
}

# Engines: shares run side by side, each giving a list of records --------------

run_forked <- function(shares, task, tick) {
  parent <- Sys.getpid()
  gc() # what is no longer used would be copied into each process
  jobs <- lapply(shares, function(share) {
    parallel::mcparallel(run_share(share, task, parent), mc.set.seed = FALSE, silent = TRUE)
  })
  names(jobs) <- vapply(jobs, function(job) as.character(job$pid), "")
  running <- jobs
  on.exit({
    for (job in running) tools::pskill(job$pid)
    if (length(running) > 0L) suppressWarnings(parallel::mccollect(running))
  })
  returned <- list()
  while (length(running) > 0L) {
    # a job that died is warned of there, and found out by what it did not do
    ended <- suppressWarnings(parallel::mccollect(running, wait = FALSE, timeout = 0.1))
    if (length(ended) > 0L) suppressWarnings(parallel::mccollect(jobs[names(ended)])) # may go
    returned <- c(returned, unname(ended))
    running <- running[setdiff(names(running), names(ended))]
    tick()
  }
  returned
}

run_processes <- function(shares, task, tick) {
  cluster <- parallel::makePSOCKcluster(length(shares))
  on.exit(try(parallel::stopCluster(cluster), silent = TRUE))
  run_cluster(shares, task, cluster, tick)
}

# In parts, so that the bar moves. A node that died breaks the call off.
run_cluster <- function(shares, task, cluster, tick, part = 8L) {
  keep <- function(x) tryCatch(parallel::clusterCall(cluster, keep_task, x), error = function(e) NULL)
  returned <- list()
  if (is.null(keep(list(task)))) {
    return(returned)
  }
  on.exit(keep(list()))
  for (first in seq(1L, max(lengths(shares)), by = part)) {
    parts <- Filter(length, lapply(shares, function(x) x[seq_along(x) >= first & seq_along(x) < first + part]))
    now <- tryCatch(parallel::clusterApply(cluster, parts, run_kept), error = function(e) NULL)
    if (is.null(now)) break
    returned <- c(returned, now)
    tick()
  }
  returned
}

# A node is sent its task once, and shares between all its parts.
kept_task <- new.env(parent = emptyenv())
keep_task <- function(x) {
  kept_task$task <- if (length(x) > 0L) x[[1L]]
  TRUE
}
run_kept <- function(share) run_share(share, kept_task$task)

run_future <- function(shares, task, tick) {
  futures <- lapply(shares, function(share) {
    future::future(run_share(share, task),
      globals = list(run_share = run_share, share = share, task = task), packages = "cybercap", seed = NULL
    )
  })
  while (!all(vapply(futures, future::resolved, NA))) {
    tick()
    Sys.sleep(0.1)
  }
  lapply(futures, function(f) tryCatch(future::value(f), error = function(e) NULL))
}
