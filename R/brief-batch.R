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
#' @param ... Arguments of [cap_brief()], by name: `previous`, `analyses`, `by`,
#'   `release`, `style`, `lang` and so on.
#' @param workers Processes that write; by default the option `mc.cores`, else 2
#'   (1 on one core). Or a cluster of [parallel::makeCluster()]. Processes are
#'   forked where the system can (not on Windows). Where `workers` is not given
#'   and you have set a parallel plan with `future::plan()`, that plan is used.
#'   The files are the same for any number.
#' @param overwrite May a file be replaced that has the name of a brief and that
#'   no batch wrote here?
#' @param resume Keep what the manifest says to be written, when nothing has
#'   changed since? With `FALSE` all is written anew, and files that are there
#'   need `overwrite = TRUE`.
#'
#' @details
#' **Progress.** A bar of the cli package shows itself in an interactive session, as for
#' [cap_robustness()]; `options(cli.progress_show_after = Inf)` keeps it away.
#'
#' **Resuming.** A file is kept when it was written with the same index and
#' arguments by the same version of the package, for the same status, version and
#' time stamp, and still has the bytes that the manifest says. Any other file of
#' this status and version that the manifest names is written again: one that was
#' edited by hand, cut, or made from other answers. So a run that was killed and
#' called again gives the same folder, byte for byte, as one run. Where `release` has
#' no time stamp it is that of the run that is resumed.
#'
#' Briefs of another status or version have other names and stay. A stranger with
#' the name of a brief stays too, and that scope counts as failed, unless
#' `overwrite = TRUE`. Other files in the folder are left alone and reported. Only one process at a time writes into a
#' folder.
#'
#' **Others' files.** No link is followed: a link in the place of the work folder
#' `.cybercap-briefs`, its lock or the manifest is refused, as is one under a brief's
#' name, whose scope then counts as failed. Records of a run at work are text, and what
#' does not have their form is none. In the manifest a cell that would be a formula in
#' a spreadsheet begins with an apostrophe.
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
#' `cap_error_io` for a folder that cannot be made or written, one with a link in it as
#' said above, one at which another
#' process is at work, and a full disk when the manifest cannot be written: what
#' was written stays. A brief that fails, also for a full disk, is no error.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' folder <- tempfile("briefs")
#' cap_briefs(gci, c("FJI", "KEN"), folder, release = "final", workers = 1)
#' list.files(folder)
#' unlink(folder, recursive = TRUE)
cap_briefs <- function(index, scope = "units", dir, ..., workers = NULL, overwrite = FALSE,
                       resume = TRUE) {
  check_index(index)
  check_string(if (!missing(dir)) dir, "dir")
  check_flag(overwrite, "overwrite")
  check_flag(resume, "resume")
  engine <- batch_engine(workers)
  arguments <- batch_arguments(index, ...)
  common <- batch_common(index, arguments)
  scopes <- batch_scopes(common, scope, arguments)
  inputs <- batch_inputs(index, arguments)
  folder <- hold_folder(dir)
  on.exit(leave_folder(folder))
  known <- read_manifest(folder)
  if (is.null(arguments$release$created)) common$created <- resumed_stamp(known, inputs) %||% common$created
  planned <- plan_manifest(common, scopes, inputs)
  standing <- file_standing(planned, known, folder, resume, overwrite)
  due <- planned[standing == "due", ]
  write_manifest(merge_manifest(known, due, folder), folder)
  clear_records(folder)
  task <- list(
    index = with_shared(index, common), folder = folder, due = due,
    # the others went into `common`, and are large
    arguments = arguments[!names(arguments) %in% common_arguments]
  )
  records <- run_batch(task, engine)
  table <- merge_manifest(known, done_rows(due, records), folder)
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

# Arguments and scopes ---------------------------------------------------------

# What goes to every cap_brief(), by name.
batch_arguments <- function(index, ...) {
  given <- list(...)
  named <- names(given) %||% rep("", length(given))
  known <- setdiff(names(formals(cap_brief)), c("index", "scope", "path", "overwrite"))
  unknown <- setdiff(named, known)
  if (length(unknown) > 0L) {
    cap_abort_input(c(
      "A batch has no argument {.arg {ifelse(nzchar(unknown), unknown, 'without a name')}}.",
      "i" = "{.fn cap_brief} takes {.arg {known}}, by name."
    ))
  }
  if (anyDuplicated(named)) {
    cap_abort_input("Given more than once: {.arg {unique(named[duplicated(named)])}}.")
  }
  given$release <- as_release(if ("release" %in% named) given$release else "draft")
  given[order(names(given), method = "radix")]
}

# All but the time stamp, one after the other, so that never all of them stand in memory
# twice.
batch_inputs <- function(index, arguments) {
  arguments$release$created <- NULL
  version <- as.character(utils::packageVersion("cybercap"))
  fingerprint(lapply(c(arguments, list(index, version)), fingerprint))
}

# What all briefs need, from the arguments and the defaults of cap_brief(): what
# is wrong for all stops the batch before anything is written.
batch_common <- function(index, arguments) {
  given <- lapply(formals(cap_brief)[common_arguments], eval, list(index = index), environment())
  given[names(arguments)] <- arguments
  brief_common(index, given)
}

# code, name and file of each scope, and the units left out for want of a score.
batch_scopes <- function(common, scope, arguments) {
  if (is.factor(scope)) scope <- as.character(scope)
  if (!is.character(scope) || length(scope) == 0L || anyNA(scope)) {
    cap_abort_input(c(
      "{.arg scope} must be {.val units}, {.val groups} or scopes of {.fn cap_brief}.",
      "x" = "It is {.obj_type_friendly {scope}}."
    ))
  }
  index <- common$index
  scored <- index$unit[!is.na(index$scores[, index$framework$root])]
  every <- list(units = scored, groups = unique(common$by$group[common$by$unit %in% scored]))
  wanted <- unlist(lapply(scope, function(s) every[[s]] %||% s))
  found <- lapply(wanted, locate_scope, index = index, groups = common$by)
  unknown <- vapply(found, is.null, NA)
  if (any(unknown)) stop_unknown_scope(wanted[unknown], index, common$by)
  code <- vapply(found, `[[`, "", "code")
  kind <- vapply(found, `[[`, "", "kind")
  check_once(code, "scope", "scopes")
  for (one in unique(kind)) {
    brief_audience(arguments$audience, one)
    brief_ranks(arguments$ranks %||% FALSE, one)
  }
  check_not_units(setdiff(if ("groups" %in% scope) every$groups, code[kind == "group"]))
  file <- vapply(code, brief_file, "", framework = index$framework, status = common$status, USE.NAMES = FALSE)
  check_file_names(code, file)
  list(
    code = code, file = file,
    name = vapply(found, function(s) scope_label(c(s, common)), ""),
    left_out = if ("units" %in% scope) setdiff(index$unit, scored) else character()
  )
}

check_not_units <- function(groups) {
  if (length(groups) > 0L) {
    cap_abort_input("Groups of {.arg by} need codes that no unit has; these have one: {some_units(groups)}.")
  }
  invisible(groups)
}

check_file_names <- function(code, file) {
  clash <- tolower(file) %in% tolower(file[duplicated(tolower(file))])
  if (any(clash)) {
    cap_abort_input(c(
      "Briefs need file names that differ, whatever the capitals; those of {some_units(code[clash])} do not.",
      "i" = "Letters and figures are kept, all else becomes a dash; change the codes, or write into several folders."
    ))
  }
  invisible(code)
}

# Result -----------------------------------------------------------------------

# `standing` of each planned brief; the records tell how those that were due ended.
batch_table <- function(planned, standing, records) {
  table <- data.frame(
    planned[c("scope", "name", "file", "status")],
    state = ifelse(standing == "kept", "kept", "failed"),
    message = ifelse(standing == "refused", refused_message(), ""), seconds = NA_real_
  )
  at <- match(table$file, vapply(records, `[[`, "", "file"))
  for (i in which(!is.na(at))) {
    table[i, c("state", "message", "seconds")] <- records[[at[i]]][c("state", "message", "seconds")]
  }
  table
}

refused_message <- function() {
  "The file exists and is of no batch here; `overwrite = TRUE` replaces it."
}

warn_failed <- function(table) {
  failed <- table[table$state == "failed", ]
  if (nrow(failed) > 0L) {
    warn_classed(c(
      "{nrow(failed)} of {nrow(table)} briefs could not be written: {some_of(failed$scope)}.",
      "x" = "{failed$scope[1L]}: {failed$message[1L]}",
      "i" = "See {.code as.data.frame()} of the result, mend the cause and call again."
    ))
  }
}

#' @export
result_tables.cap_briefs <- function(x, lang, ...) {
  failed <- x$table$state == "failed"
  caption <- term("caption.briefs", folder = x$dir)
  list(files = lazy_table(x$table, caption, rbind(x$table[failed, ], x$table[!failed, ])))
}

#' @export
cap_findings.cap_briefs <- function(x, ..., lang = "en") {
  n <- function(state) sum(x$table$state == state)
  failed <- x$table$scope[x$table$state == "failed"]
  findings(
    lang,
    finding("briefs.written", n = n("written"), of = nrow(x$table), folder = x$dir),
    if (n("kept") > 0L) finding("briefs.kept", n = n("kept")),
    if (length(failed) > 0L) finding("briefs.failed", n = length(failed), scopes = first_of(failed, 10L)),
    if (length(x$left_out) > 0L) {
      finding("briefs.left_out", n = length(x$left_out), units = first_of(x$left_out, 10L))
    },
    if (length(x$strangers) > 0L) {
      finding("briefs.strangers", n = length(x$strangers), files = first_of(x$strangers))
    }
  )
}
