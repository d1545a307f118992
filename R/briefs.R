#' A batch of briefs
#'
#' Writes one workbook ([cap_brief()]) for each country, group or other scope into
#' a folder, in parallel, with a list of the files and their checksums
#' (`manifest.csv`). A run that was stopped goes on where it was; a brief that
#' cannot be written never stops the others.
#'
#' @param index From [cap_index()]; its last edition is briefed.
#' @param scope `"units"` (every unit with a score), `"groups"` (every group of
#'   `by` with such a unit), or a vector of scopes as [cap_brief()] takes them;
#'   these may be mixed.
#' @param dir The folder; made when it is not there.
#' @param ... Arguments of [cap_brief()], by name: `status`, `version`,
#'   `previous`, `by`, `lang`, `created` and so on.
#' @param workers Processes that write; by default the option `mc.cores`, else 2
#'   (1 on one core). Or a cluster of [parallel::makeCluster()]. Processes are
#'   forked where the system can (not on Windows). Where `workers` is not given
#'   and you have set a parallel plan with `future::plan()`, that plan is used.
#'   The files are the same for any number.
#' @param overwrite May a file be replaced that this batch did not write: one of
#'   another version or status, or a stranger?
#' @param resume Keep what the manifest says to be written, when nothing has
#'   changed since? With `FALSE` all is written anew, and files that are there
#'   need `overwrite = TRUE`.
#' @param progress Show a bar?
#'
#' @details
#' **Resuming.** A file is kept when it was written with the same index and
#' arguments by the same version of the package, for the same status, version and
#' time stamp, and still has the bytes that the manifest says. Any other file of
#' this status and version that the manifest names is written again: one that was
#' edited by hand, cut, or made from other answers. So a run that was killed and
#' called again gives the same folder, byte for byte, as one run. Without `created`
#' the time stamp is that of the run that is resumed.
#'
#' Files of another status or version with the same name stay as they are, and
#' their scopes count as failed, unless `overwrite = TRUE`. Other files in the
#' folder are left alone and reported. Only one process at a time writes into a
#' folder.
#'
#' **When a process dies** (killed, out of memory) what it wrote stays, the scope
#' that it was at is reported as failed, and its other scopes are done by a new
#' process.
#'
#' **The manifest** has a row a file, in the order of the file names: `file,
#' scope, name, framework, edition, status, version, embargo_until, created`
#' (UTC), `bytes`, `md5` (of the file), `inputs` (a checksum of index, arguments
#' and version of the package), `state` (`written`, `failed`, and `pending` while a
#' run is at work or after it was killed) and `message` (why it failed, or what was
#' warned of). Rows of earlier batches stay while their files do.
#'
#' @return An object of class `cap_briefs`. `as.data.frame()` gives a row a brief:
#'   `scope, name, file` (within `dir`), `status`, `state` (`written`, `kept` or
#'   `failed`), `message` and `seconds` (`NA` unless written now). `x$dir` is the
#'   folder, `x$strangers` names the files in it that no batch wrote, and
#'   `x$left_out` the units without a score. Failed briefs are also warned of.
#' @section Errors:
#' `cap_error_input` for scopes that are neither units nor groups, scopes given
#' twice, scopes whose files would have one name (capitals do not count),
#' arguments that [cap_brief()] refuses for all, a `manifest.csv` of other origin;
#' `cap_error_io` for a folder that cannot be made or written, one at which another
#' process is at work, and a full disk when the manifest cannot be written: what
#' was written stays. A brief that fails, also for a full disk, is no error.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' folder <- tempfile("briefs")
#' cap_briefs(gci, c("FJI", "KEN"), folder, status = "final", workers = 1)
#' list.files(folder)
#' unlink(folder, recursive = TRUE)
cap_briefs <- function(index, scope = "units", dir, ..., workers = NULL, overwrite = FALSE,
                       resume = TRUE, progress = TRUE) {
  check_index(index)
  check_flag(overwrite, "overwrite")
  check_flag(resume, "resume")
  check_flag(progress, "progress")
  engine <- batch_engine(workers)
  arguments <- batch_arguments(index, ...)
  scopes <- batch_scopes(index, scope, arguments)
  check_first(index, scopes, arguments)
  folder <- hold_folder(dir)
  on.exit(leave_folder(folder))
  known <- read_manifest(folder)
  planned <- plan_manifest(index, scopes, arguments, known)
  standing <- file_standing(planned, known, folder, resume, overwrite)
  due <- planned[standing == "due", ]
  write_manifest(merge_manifest(known, due), folder)
  clear_records(folder)
  task <- list(
    index = with_shared(index), folder = folder, file = due$file, scope = due$scope,
    arguments = replace(arguments, "created", list(planned$created[1L]))
  )
  records <- run_batch(task, engine, progress)
  table <- merge_manifest(known, with_records(due, records))
  write_manifest(table, folder)
  clear_records(folder)
  done <- batch_table(planned, standing, records)
  warn_failed(done)
  structure(
    list(
      framework = index$framework, table = done, dir = folder$dir,
      strangers = strangers(folder, table), left_out = scopes$left_out
    ),
    class = c("cap_briefs", "cap_result")
  )
}

# Arguments and scopes -----------------------------------------------------------

# What goes to every cap_brief(); users are looked up once.
batch_arguments <- function(index, ...) {
  given <- list(...)
  names <- names(given) %||% rep("", length(given))
  own <- c("index", "scope", "...", "path", "overwrite")
  unknown <- setdiff(names, setdiff(names(formals(cap_brief)), own))
  if (length(unknown) > 0L) {
    cap_abort_input(c(
      "{.fn cap_brief} has no argument {.arg {ifelse(nzchar(unknown), unknown, 'without a name')}} for a batch.",
      "i" = "It takes {.arg {setdiff(names(formals(cap_brief)), own)}}, by name."
    ))
  }
  if (anyDuplicated(names)) {
    cap_abort_input("Given more than once: {.arg {unique(names[duplicated(names)])}}.")
  }
  if (!"users" %in% names) given["users"] <- list(cap_users(unique(index$edition)))
  given
}

# An argument as given, or the default that cap_brief() has for it.
batch_argument <- function(arguments, name) {
  if (name %in% names(arguments)) arguments[[name]] else eval(formals(cap_brief)[[name]])
}

# code, name and file of each scope, and the units left out for want of a score.
batch_scopes <- function(index, scope, arguments) {
  if (is.factor(scope)) scope <- as.character(scope)
  if (!is.character(scope) || length(scope) == 0L || anyNA(scope)) {
    cap_abort_input(
      "{.arg scope} must be {.val units}, {.val groups} or scopes of {.fn cap_brief}, not {.obj_type_friendly {scope}}."
    )
  }
  index <- index_edition(index, last_edition(index))
  groups <- as_groups(batch_argument(arguments, "by"), units = index$unit)
  scored <- index$unit[!is.na(index$scores[, index$framework$root])]
  all <- list(units = scored, groups = unique(groups$group[groups$unit %in% scored]))
  wanted <- unlist(lapply(scope, function(s) all[[s]] %||% s))
  found <- lapply(wanted, locate_scope, index = index, groups = groups)
  stop_unknown(wanted[vapply(found, is.null, NA)], index)
  code <- vapply(found, `[[`, "", "code")
  stop_twice(code)
  stop_shadowed(setdiff(if ("groups" %in% scope) all$groups, code[vapply(found, `[[`, "", "kind") == "group"]))
  names <- list(names = name_table(arguments$names), lang = batch_argument(arguments, "lang"))
  list(
    code = code, file = batch_files(code, index$framework, arguments),
    name = vapply(found, function(s) s$label %||% shown_names(names, s$code), ""),
    left_out = if ("units" %in% scope) setdiff(index$unit, scored) else character()
  )
}

stop_unknown <- function(unknown, index) {
  if (length(unknown) > 0L) {
    cap_abort_input(c(
      "{.arg scope} names what is neither a unit of the index nor a group of {.arg by}: {some_of(unknown)}.",
      "i" = "Give {.val units}, {.val groups}, {.val world}, units such as {.val {index$unit[1L]}}, or groups of {.arg by}."
    ))
  }
}

stop_twice <- function(code) {
  twice <- unique(code[duplicated(code)])
  if (length(twice) > 0L) {
    cap_abort_input("{.arg scope} names more than once: {some_of(twice)}; each brief is written once.")
  }
}

stop_shadowed <- function(groups) {
  if (length(groups) > 0L) {
    cap_abort_input("Groups of {.arg by} need codes that no unit has; these have one: {some_of(groups)}.")
  }
}

# File names, which must differ on systems that do not tell capitals apart too.
batch_files <- function(code, framework, arguments) {
  status <- brief_status(
    batch_argument(arguments, "status"), batch_argument(arguments, "version"), arguments$embargo_until
  )
  file <- vapply(code, brief_file, "", framework = framework, status = status)
  clash <- tolower(file) %in% tolower(file[duplicated(tolower(file))])
  if (any(clash)) {
    cap_abort_input(c(
      "Briefs need file names that differ, whatever the capitals; these do not: {some_of(code[clash])}.",
      "i" = "They would be {.file {unique(file[clash])}}; write them into folders of their own, or change the codes."
    ))
  }
  unname(file)
}
