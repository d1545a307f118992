# Batches of briefs: same bytes however they are made, and nothing lost.

some_units <- c("FJI", "KEN", "ARE", "TON", "FRA", "VAT")
batch <- function(scope, dir, ..., release = dated(), workers = 1, index = gci(2024)) {
  cap_briefs(index, scope, dir, ..., release = release, workers = workers)
}
# What stands in a folder, hidden files too.
folder_sums <- function(dir) {
  files <- list.files(dir, all.files = TRUE, no.. = TRUE, recursive = TRUE)
  stats::setNames(tools::md5sum(file.path(dir, files)), files)
}
manifest_of <- function(dir) {
  utils::read.csv(file.path(dir, "manifest.csv"), colClasses = "character", na.strings = character(), encoding = "UTF-8")
}
states <- function(x) stats::setNames(x$table$state, x$table$scope)
new_folder <- function(env = parent.frame()) withr::local_tempdir(.local_envir = env)
muffled <- function(code) suppressWarnings(code, classes = "cap_warning")

test_that("any number of processes writes the same folder, file by file that of cap_brief()", {
  one <- new_folder()
  scope <- c("world", "EUR", some_units)
  x <- batch(scope, one, previous = gci(2020))
  expect_identical(states(x), stats::setNames(rep("written", 8), scope))
  for (s in scope) {
    alone <- write_brief(gci(2024), s, previous = gci(2020))
    expect_identical(
      unname(tools::md5sum(alone$path)), unname(folder_sums(one)[x$table$file[x$table$scope == s]]),
      info = s
    )
  }
  two <- new_folder()
  batch(rev(scope), two, previous = gci(2020), workers = 2)
  expect_identical(folder_sums(two), folder_sums(one))
  many <- new_folder()
  batch(scope, many, previous = gci(2020), workers = 20)
  expect_identical(folder_sums(many), folder_sums(one))
})

# Every analysis that a brief takes.
all_analyses <- function() {
  once("all analyses", withr::with_seed(5, {
    panel <- cap_panel(gci(2020), gci(2024), published = subset(gci_overall, edition < 2020))
    list(
      previous = gci(2020),
      analyses = list(
        cap_robustness(gci(2024), n = 500), cap_readiness(gci(2024)), cap_actions(gci(2024), alternatives = 1),
        cap_trend(panel, n = 0), cap_convergence(panel, 2020, 2024, n = 99), cap_mobility(panel, 2020, 2024)
      ),
      release = dated("final",
        changes = data.frame(version = "0.9", date = "2024-08-01", text = "Sent for verification")
      )
    )
  }))
}

test_that("with all analyses too: again, by two processes, and one by one", {
  scope <- c("world", "AFR", "CIS", some_units)
  write <- function(dir, ...) do.call(batch, c(list(scope, dir, ...), all_analyses()))
  one <- new_folder()
  x <- write(one)
  expect_setequal(states(x), "written")
  again <- new_folder()
  write(again)
  expect_identical(folder_sums(again), folder_sums(one))
  two <- new_folder()
  write(two, workers = 2)
  expect_identical(folder_sums(two), folder_sums(one))
  for (s in scope) {
    alone <- do.call(write_brief, c(list(gci(2024), s), all_analyses()))
    expect_identical(
      unname(tools::md5sum(alone$path)), unname(folder_sums(one)[x$table$file[x$table$scope == s]]),
      info = s
    )
  }
  expect_setequal(states(write(two, workers = 2)), "kept")
})

test_that("clusters and plans of future write the same folder", {
  skip_on_cran()
  one <- new_folder()
  batch(some_units, one)
  cluster <- parallel::makePSOCKcluster(2)
  on.exit(parallel::stopCluster(cluster))
  by_cluster <- new_folder()
  expect_setequal(states(batch(some_units, by_cluster, workers = cluster)), "written")
  expect_identical(folder_sums(by_cluster), folder_sums(one))
  skip_if_not_installed("future")
  old <- future::plan(future::multisession, workers = 2)
  on.exit(future::plan(old), add = TRUE)
  by_future <- new_folder()
  expect_setequal(states(batch(some_units, by_future, workers = NULL)), "written")
  expect_identical(folder_sums(by_future), folder_sums(one))
})

# What Windows does, where nothing can be forked.
test_that("processes started anew write the same folder", {
  skip_on_cran()
  ns <- asNamespace("cybercap")
  one <- new_folder()
  batch(some_units, one)
  other <- new_folder()
  arguments <- list(release = dated())
  common <- ns$batch_common(gci(2024), arguments)
  folder <- ns$hold_folder(other)
  due <- ns$plan_manifest(common, ns$batch_scopes(common, some_units, arguments), "inputs")
  task <- list(index = ns$with_shared(gci(2024), common), arguments = arguments, folder = folder, due = due)
  records <- ns$run_batch(task, list(kind = "processes", workers = 2))
  expect_identical(vapply(records, `[[`, "", "state"), rep("written", 6))
  expect_length(list.files(folder$work, "record$"), 6)
  ns$leave_folder(folder)
  files <- list.files(one, "xlsx$")
  expect_identical(folder_sums(other)[files], folder_sums(one)[files])
})

test_that("a node of a cluster that died costs one brief, not the others", {
  skip_on_cran()
  folder <- new_folder()
  cluster <- parallel::makePSOCKcluster(2)
  on.exit(for (node in cluster) close(node$con))
  pid <- parallel::clusterCall(cluster, Sys.getpid)[[1]]
  tools::pskill(pid, tools::SIGKILL)
  x <- muffled(batch(some_units, folder, workers = cluster))
  expect_match(x$table$message[x$table$state == "failed"], "ended before it was done")
  muffled(batch(some_units, folder))
  one <- new_folder()
  batch(some_units, one)
  expect_identical(folder_sums(folder), folder_sums(one))
})

test_that("the manifest says what the files are", {
  folder <- new_folder()
  x <- batch(c("KEN", "AFR"), folder, release = dated("embargoed", "2.1", embargo_until = "2024-10-01"))
  m <- manifest_of(folder)
  expect_identical(names(m), c(
    "file", "scope", "name", "framework", "edition", "status", "version", "embargo_until",
    "created", "bytes", "md5", "inputs", "state", "message"
  ))
  expect_identical(m$file, c("gci-2024-AFR-embargoed-v2.1.xlsx", "gci-2024-KEN-embargoed-v2.1.xlsx"))
  expect_identical(m$scope, c("AFR", "KEN"))
  expect_identical(m$name, c("Africa", "Kenya"))
  expect_identical(m$md5, unname(tools::md5sum(file.path(folder, m$file))))
  expect_equal(as.numeric(m$bytes), file.size(file.path(folder, m$file)))
  expect_identical(unique(m[c("framework", "edition", "status", "version", "embargo_until", "created", "state", "message")]), data.frame(
    framework = "gci-2024", edition = "2024", status = "embargoed", version = "2.1",
    embargo_until = "2024-10-01", created = "2024-09-12T00:00:00Z", state = "written", message = ""
  ))
  expect_length(unique(m$inputs), 1)
  expect_setequal(list.files(folder, all.files = TRUE, no.. = TRUE), c(m$file, "manifest.csv"))
  # the object tells the same
  expect_s3_class(x, c("cap_briefs", "cap_result"), exact = TRUE)
  table <- as.data.frame(x)
  expect_identical(names(table), c("scope", "name", "file", "status", "state", "message", "seconds"))
  expect_identical(table$scope, c("KEN", "AFR"))
  expect_setequal(table$file, m$file)
  expect_true(all(table$seconds > 0))
  expect_identical(cap_findings(x)$key, "briefs.written")
  expect_output(print(x), "2 of 2 briefs were written")
})

test_that("names keep their letters, quotes and lines in the manifest", {
  folder <- new_folder()
  names <- data.frame(unit = c("KEN", "FJI"), name = c("K\u00e9nya, \"la\"\nbelle", "=1+1"))
  batch(c("KEN", "FJI"), folder, names = names)
  expect_identical(manifest_of(folder)$name, c("'=1+1", "K\u00e9nya, \"la\"\nbelle"))
  expect_setequal(states(batch(c("KEN", "FJI"), folder, names = names)), "kept")
})

test_that("units are those with a score, groups those with such a unit", {
  values <- toy_values(gaps = toy_gaps)
  values["B", ] <- NA
  index <- cap_index(answers_of(values), missing = "renormalise")
  by <- data.frame(unit = c("A", "B", "C", "Z"), group = c("one", "two", "one", "three"))
  folder <- new_folder()
  x <- batch(c("groups", "units"), folder, index = index, by = by, users = NULL)
  expect_identical(x$table$scope, c("one", setdiff(rownames(values), "B")))
  expect_setequal(states(x), "written")
  expect_identical(x$left_out, "B")
  expect_match(cap_findings(x)$text[cap_findings(x)$key == "briefs.left_out"], "1 unit has no overall score and no brief: B")
})

test_that("a brief that cannot be written is reported, and the rest is there", {
  values <- toy_values()
  values["B", ] <- NA
  index <- cap_index(answers_of(values), missing = "renormalise")
  scope <- c("A", "B", "C", "D")
  in_the_way <- muffled(batch(scope, new_folder(), index = index, users = NULL, by = "world"))$table$file[3]
  for (workers in 1:2) {
    folder <- new_folder()
    # where the file should stand is a folder
    dir.create(file.path(folder, in_the_way))
    w <- expect_warning(
      x <- batch(scope, folder, index = index, users = NULL, by = "world", overwrite = TRUE, workers = workers),
      class = "cap_warning"
    )
    expect_match(conditionMessage(w), "2 of 4 briefs could not be written: B, C")
    expect_identical(states(x), c(A = "written", B = "failed", C = "failed", D = "written"))
    expect_match(x$table$message[2], "no overall score")
    expect_match(x$table$message[3], "is a folder")
    expect_identical(list.files(file.path(folder, in_the_way)), character())
    m <- manifest_of(folder)
    expect_identical(m$state, c("written", "failed", "failed", "written"))
    expect_identical(m$message[m$scope == "B"], x$table$message[2])
    expect_identical(cap_table(x)$scope, c("B", "C", "A", "D"))
    expect_match(cap_findings(x)$text[2], "2 briefs could not be written: B, C")
    # once the cause is gone the same call does the rest
    unlink(file.path(folder, in_the_way), recursive = TRUE)
    x <- muffled(batch(scope, folder, index = index, users = NULL, by = "world"))
    expect_identical(unname(states(x)), c("kept", "failed", "written", "kept"))
  }
})

test_that("what has changed is written again, and nothing else", {
  folder <- new_folder()
  x <- batch(some_units, folder)
  before <- folder_sums(folder)
  file <- file.path(folder, x$table$file)
  cat("edited", file = file[1], append = TRUE)
  writeBin(readBin(file[2], "raw", 2000), file[2]) # cut
  unlink(file[3])
  kept <- file.mtime(file[4:6])
  x <- batch(some_units, folder, workers = 2)
  expect_identical(unname(states(x)), rep(c("written", "kept"), each = 3))
  expect_identical(file.mtime(file[4:6]), kept)
  expect_identical(folder_sums(folder), before)
  expect_setequal(cap_findings(x)$key, c("briefs.written", "briefs.kept"))
  # other answers, arguments or stamps: again
  other <- function(...) unique(states(cap_briefs(..., workers = 1)))
  style <- cap_style("x@y")
  expect_identical(other(gci(2024), some_units, folder, release = dated(), style = style), "written")
  expect_identical(
    other(gci(2024), some_units, folder, release = dated(created = "2024-09-13"), style = style), "written"
  )
  # without a stamp that of the manifest stays
  expect_identical(other(gci(2024), some_units, folder, style = style), "kept")
  expect_identical(unique(manifest_of(folder)$created), "2024-09-13T00:00:00Z")
  expect_identical(other(update(gci(2024), ties = "min"), some_units, folder, style = style), "written")
})

test_that("files that this batch did not write stay unless overwrite is TRUE", {
  folder <- new_folder()
  batch(some_units[1:2], folder, release = dated("final"))
  writeLines("mine", file.path(folder, "gci-2024-ARE-final-v1.0.xlsx"))
  writeLines("mine", file.path(folder, "notes.txt"))
  before <- folder_sums(folder)
  again <- function(..., version = "1.0") {
    muffled(batch(some_units[1:4], folder, release = dated("final", version), ...))
  }
  for (i in 1:2) {
    x <- again()
    expect_identical(unname(states(x)), c("kept", "kept", "failed", if (i == 1) "written" else "kept"))
    expect_match(x$table$message[3], "`overwrite = TRUE` replaces it", fixed = TRUE)
    expect_identical(folder_sums(folder)[setdiff(names(before), "manifest.csv")], before[names(before) != "manifest.csv"])
    expect_setequal(x$strangers, c("gci-2024-ARE-final-v1.0.xlsx", "notes.txt"))
  }
  expect_identical(manifest_of(folder)$version, rep("1.0", 3))
  x <- again(overwrite = TRUE)
  expect_identical(unname(states(x)), c("kept", "kept", "written", "kept"))
  expect_identical(x$strangers, "notes.txt")
  # other versions and drafts have names of their own and stand beside
  expect_identical(unname(states(again(version = "1.1"))), rep("written", 4))
  expect_identical(sort(manifest_of(folder)$version), rep(c("1.0", "1.1"), each = 4))
  batch("FJI", folder)
  m <- manifest_of(folder)
  expect_identical(m$status[match(c("gci-2024-FJI-final-v1.0.xlsx", "gci-2024-FJI-draft-v1.0.xlsx"), m$file)], c("final", "draft"))
  expect_identical(nrow(m), 9L)
  # nothing is kept when it is not to be
  expect_identical(unname(states(muffled(batch("FJI", folder, resume = FALSE)))), "failed")
  expect_identical(unname(states(batch("FJI", folder, resume = FALSE, overwrite = TRUE))), "written")
})

# A run in a process of its own; it says its id and, at the end, its states.
start_run <- function(folder, dir, units, workers, given = list()) {
  saveRDS(list(index = gci(2024), units = units, dir = dir, given = given), file.path(folder, "task.rds"))
  child_r(c(
    sprintf("task <- readRDS('%s')", file.path(folder, "task.rds")),
    sprintf("writeLines(as.character(Sys.getpid()), '%s')", file.path(folder, "pid")),
    sprintf("options <- list(workers = %d)", workers),
    sprintf("if (is.null(task$given$release)) options$release <- cap_release(created = '%s')", brief_day),
    "call <- c(list(task$index, task$units, task$dir), options, task$given)",
    "x <- suppressWarnings(do.call(cap_briefs, call))",
    sprintf("saveRDS(as.data.frame(x), '%s.part')", file.path(folder, "done")),
    sprintf("invisible(file.rename('%1$s.part', '%1$s'))", file.path(folder, "done"))
  ), folder)
  expect_true(wait_for(file.path(folder, "pid")))
  as.integer(readLines(file.path(folder, "pid")))
}
written_files <- function(dir) list.files(dir, "[.]xlsx$")
wait_for_files <- function(dir, n) {
  for (i in 1:3000) {
    if (length(written_files(dir)) >= n) {
      return(TRUE)
    }
    Sys.sleep(0.02)
  }
  FALSE
}

test_that("killed half-way and called again, a run gives the folder of one run", {
  skip_on_cran()
  units <- c("world", "AFR", gci(2024)$unit[1:60])
  given <- all_analyses()
  all_of <- function(...) do.call(batch, c(list(units, ...), given))
  one <- new_folder()
  all_of(one, workers = 2)
  for (workers in 1:2) {
    folder <- new_folder()
    dir <- file.path(folder, "briefs")
    pid <- start_run(folder, dir, units, workers, given)
    expect_true(wait_for_files(dir, 4))
    expect_true(tools::pskill(pid, tools::SIGKILL))
    # workers end with their parent
    x <- all_of(dir, workers = 2)
    expect_false(file.exists(file.path(folder, "done")))
    expect_gt(sum(states(x) == "kept"), 0)
    expect_gt(sum(states(x) == "written"), 0)
    expect_identical(folder_sums(dir), folder_sums(one))
  }
})

test_that("a worker that was killed costs one brief, which the next call writes", {
  skip_on_cran()
  units <- gci(2024)$unit[1:60]
  one <- new_folder()
  batch(units, one, workers = 2)
  folder <- new_folder()
  dir <- file.path(folder, "briefs")
  pid <- start_run(folder, dir, units, 2)
  expect_true(wait_for_files(dir, 1))
  processes <- utils::read.table(text = system2("ps", c("-A", "-o", "pid=,ppid="), stdout = TRUE))
  workers <- processes[processes[[2]] == pid, 1]
  expect_length(workers, 2)
  expect_true(tools::pskill(workers[1], tools::SIGKILL))
  expect_true(wait_for(file.path(folder, "done")))
  table <- readRDS(file.path(folder, "done"))
  expect_identical(sort(table$state), rep(c("failed", "written"), c(1, 59)))
  expect_match(table$message[table$state == "failed"], "ended before it was done")
  m <- manifest_of(dir)
  expect_identical(m$scope[m$state == "failed"], table$scope[table$state == "failed"])
  x <- batch(units, dir)
  expect_identical(sum(states(x) == "written"), 1L)
  expect_identical(folder_sums(dir), folder_sums(one))
})

test_that("two processes never write into one folder, and a dead one blocks nobody", {
  skip_on_cran()
  dir <- new_folder()
  folder <- new_folder()
  child_r(c(
    sprintf("held <- cybercap:::hold_folder('%s')", dir),
    sprintf("writeLines(as.character(Sys.getpid()), '%s')", file.path(folder, "pid")),
    "Sys.sleep(300)"
  ), folder)
  expect_true(wait_for(file.path(folder, "pid")))
  expect_error(batch("FJI", dir), "Another process", class = "cap_error_io")
  expect_identical(list.files(dir), character())
  tools::pskill(as.integer(readLines(file.path(folder, "pid"))), tools::SIGKILL)
  expect_identical(states(batch("FJI", dir)), c(FJI = "written"))
})

# A limit on the size of files is met like a full disk, brief by brief.
test_that("a disk that takes no brief is reported, not raised", {
  skip_on_cran()
  folder <- new_folder()
  dir <- file.path(folder, "briefs")
  script <- file.path(folder, "run.R")
  saveRDS(gci(2024), file.path(folder, "index.rds"))
  writeLines(c(
    "library(cybercap)",
    sprintf("index <- readRDS('%s')", file.path(folder, "index.rds")),
    sprintf("x <- suppressWarnings(cap_briefs(index, c('FJI', 'KEN'), '%s', workers = 2))", dir),
    "cat(x$table$state, x$table$message, sep = '\\n')"
  ), script)
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), R_TESTS = "")
  said <- system2("sh", c("-c", shQuote(paste(
    "trap '' XFSZ; ulimit -f 8; exec", shQuote(file.path(R.home("bin"), "Rscript")), "--vanilla", shQuote(script)
  ))), stdout = TRUE, stderr = FALSE)
  expect_identical(said[1:2], c("failed", "failed"))
  expect_length(said[nzchar(said)], 4)
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "manifest.csv")
  expect_identical(manifest_of(dir)$state, c("failed", "failed"))
  expect_setequal(states(batch(c("FJI", "KEN"), dir)), "written")
})

test_that("what is wrong for all is refused before anything is written", {
  dir <- file.path(new_folder(), "none")
  refused <- function(...) input_error(batch(..., dir = dir))
  expect_match(refused(c("FJI", "XX1", "XX2")), "neither a unit of the index nor a group of `by`: XX1, XX2")
  expect_match(refused(c("FJI", "KEN", "FJI")), "more than once: FJI")
  expect_match(refused(c("groups", "Africa")), "more than once: AFR")
  expect_match(refused("FJI", colour = 1), "no argument `colour`")
  expect_match(refused("FJI", path = "x.xlsx"), "no argument `path`")
  expect_match(refused("FJI", release = "secret"), "`release` must be one of")
  expect_match(refused("FJI", release = "embargoed"), "embargo_until")
  expect_match(refused("FJI", release = cap_release(version = "")), "version")
  expect_match(refused("FJI", status = "final"), "no argument `status`")
  expect_match(refused("FJI", lang = "xx"), "language")
  expect_match(refused("FJI", audience = "public"), "audience")
  expect_match(refused("units", ranks = TRUE), "Ranks")
  expect_match(refused("FJI", previous = gci(2024)), "earlier")
  expect_match(refused("FJI", by = "continent"), "Groupings")
  expect_match(refused("FJI", workers = 0), "workers")
  expect_match(refused(5), "scope")
  expect_match(refused(NA_character_), "scope")
  expect_match(refused(character()), "scope")
  expect_match(refused("FJI", index = 5), "cap_index")
  expect_match(input_error(cap_briefs(gci(2024), "FJI")), "`dir` must be one")
  expect_match(input_error(cap_briefs(gci(2024), "FJI", dir, resume = NA)), "resume")
  expect_false(dir.exists(dir))
  # a group with the code of a unit could not be briefed
  by <- data.frame(unit = some_units, group = c("FJI", "x"))
  expect_match(refused("groups", by = by), "codes that no unit has; these have one: FJI")
})

test_that("codes whose files would have one name are refused by name", {
  dir <- file.path(new_folder(), "none")
  items <- tree_items(2, 2)
  clash <- function(...) {
    index <- cap_index(cap_answers(made_answers(cap_framework(list(items = items)), c(...)), cap_framework(list(items = items))))
    input_error(batch("units", dir, index = index, by = "world", users = NULL))
  }
  expect_match(clash("a b", "a/b", "c"), "those of a b, a/b do not")
  expect_match(clash("aB", "Ab", "c"), "those of (aB, Ab|Ab, aB) do not")
  expect_false(dir.exists(dir))
})

test_that("a folder that cannot be one, and a manifest from elsewhere, are refused", {
  file <- withr::local_tempfile(lines = "text")
  expect_error(batch("FJI", file), "cannot be made or written", class = "cap_error_io")
  expect_error(batch("FJI", file.path(file, "below")), class = "cap_error_io")
  expect_identical(readLines(file), "text")
  for (text in c("a,b\n1,2", "", "file,scope\n\"x")) {
    dir <- new_folder()
    writeLines(text, file.path(dir, "manifest.csv"))
    before <- folder_sums(dir)
    expect_match(input_error(batch("FJI", dir)), "is not a manifest that")
    expect_identical(folder_sums(dir), before)
  }
})

test_that("scopes may be factors and tables tibbles, and the caller's generator stays", {
  skip_if_not_installed("tibble")
  folder <- new_folder()
  names <- tibble::tibble(iso3 = factor("FJI"), name = "Viti")
  state <- withr::with_seed(1, {
    x <- batch(factor(c("FJI", "KEN")), folder, names = names, workers = 2)
    stats::runif(1)
  })
  expect_identical(state, withr::with_seed(1, stats::runif(1)))
  expect_identical(x$table$name, c("Viti", "Kenya"))
})

test_that("no cell of the manifest is a formula, and what is read is what was written", {
  texts <- c("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''-", "'", "'n", "a=b", "", "Cote d'Ivoire")
  expect_identical(without_quote(with_quote(texts)), texts)
  expect_false(any(grepl("^[=+@\t\r-]", with_quote(texts))))
  expect_identical(with_quote(texts[9:13]), texts[9:13])
})

# A batch of one brief whose manifest says that it is still to be written.
pending_batch <- function(dir) {
  file <- batch("FJI", dir)$table$file
  manifest <- readLines(file.path(dir, "manifest.csv"))
  writeLines(sub("\"written\"", "\"pending\"", manifest), file.path(dir, "manifest.csv"), sep = "\n")
  dir.create(file.path(dir, ".cybercap-briefs"))
  path <- file.path(dir, file)
  writeLines("planted", path)
  list(
    file = file, inputs = manifest_of(dir)$inputs, bytes = as.character(file.size(path)),
    md5 = unname(tools::md5sum(path)), state = "written", message = "", seconds = 1.5
  )
}

test_that("records are text of one form: what is planted in another is not taken up", {
  dir <- new_folder()
  record <- pending_batch(dir)
  work <- file.path(dir, ".cybercap-briefs")
  saveRDS(record, file.path(work, paste0(record$file, ".rds")))
  expect_identical(unname(states(batch("FJI", dir))), "written")
  expect_false(dir.exists(work))

  dir <- new_folder()
  record <- pending_batch(dir)
  folder <- list(dir = dir, work = file.path(dir, ".cybercap-briefs"))
  record$message <- "A \"line\"\nwith = and \u00e9 %"
  save_record(record, folder)
  expect_identical(read_records(folder), list(record))
  path <- record_files(folder)
  text <- readLines(path)
  bad <- list(
    text[-length(text)], c(text, "more=1"), text[c(2, 1, 3:8)], sub("^state=.*", "state=kept", text),
    sub("^md5=", "md5=0", text), sub("^seconds=", "seconds=1e", text), sub("^message=", "message=%g", text),
    sub("^message=", "message=%00", text), sub("^message=", "message=%FF", text), sub("^message=", "message= ", text),
    sub("^file=", "file=..%2F", text), sub("^inputs=", "inputs=\u00e9", text), paste0(text, "\r"), character(), "end"
  )
  for (lines in bad) {
    writeLines(enc2utf8(lines), path, sep = "\n", useBytes = TRUE)
    expect_length(read_records(folder), 0L)
  }
  writeBin(as.raw(c(0, 1, 255)), path)
  expect_length(read_records(folder), 0L)
  writeLines(sub("^message=.*", paste0("message=", strrep("a", 2e5)), text), path)
  expect_length(read_records(folder), 0L)
})

test_that("a batch follows no link", {
  skip_on_os("windows")
  elsewhere <- withr::local_tempfile(lines = "mine")
  target <- new_folder()
  untouched <- function() {
    expect_identical(readLines(elsewhere), "mine")
    expect_identical(list.files(target, all.files = TRUE, no.. = TRUE), character())
  }
  refused <- function(dir, name) {
    e <- expect_error(batch("FJI", dir), class = "cap_error_io")
    expect_match(conditionMessage(e), paste0(basename(name), ".* is a link"))
    untouched()
  }
  # the folder's own files
  for (name in c("manifest.csv", ".cybercap-briefs/lock")) {
    dir <- new_folder()
    dir.create(file.path(dir, ".cybercap-briefs"))
    file.symlink(elsewhere, file.path(dir, name))
    refused(dir, name)
  }
  dir <- new_folder()
  file.symlink(target, file.path(dir, ".cybercap-briefs"))
  refused(dir, ".cybercap-briefs")
  # what a run writes on its way is put in the place of the link
  dir <- new_folder()
  record <- pending_batch(dir)
  folder <- list(dir = dir, work = file.path(dir, ".cybercap-briefs"))
  for (name in c("manifest.csv", paste0(record$file, c(".part", ".record")))) {
    file.symlink(elsewhere, file.path(folder$work, name))
  }
  expect_identical(record_files(folder), character())
  save_record(record, folder)
  expect_identical(read_records(folder), list(record))
  expect_identical(states(batch("FJI", dir)), c(FJI = "kept"))
  untouched()
})

test_that("a link under a brief's name is neither written through nor kept", {
  skip_on_os("windows")
  elsewhere <- withr::local_tempfile(lines = "mine")
  for (to in c(elsewhere, file.path(new_folder(), "not-there"))) {
    for (overwrite in c(FALSE, TRUE)) {
      dir <- new_folder()
      file <- batch(c("FJI", "KEN"), dir)$table$file[1]
      manifest <- readLines(file.path(dir, "manifest.csv"))
      writeLines(sub(unname(tools::md5sum(file.path(dir, file))), strrep("0", 32), manifest), file.path(dir, "manifest.csv"))
      unlink(file.path(dir, file))
      file.symlink(to, file.path(dir, file))
      x <- muffled(batch(c("FJI", "KEN"), dir, overwrite = overwrite))
      expect_identical(states(x), c(FJI = "failed", KEN = "kept"))
      expect_match(x$table$message[1], "is a link")
      expect_identical(readLines(elsewhere), "mine")
      expect_identical(file.exists(to), to == elsewhere)
      # the checksum of what the link leads to does not help
      writeLines(sub(strrep("0", 32), unname(tools::md5sum(elsewhere)), manifest), file.path(dir, "manifest.csv"))
      expect_identical(states(muffled(batch("FJI", dir))), c(FJI = "failed"))
    }
  }
})
