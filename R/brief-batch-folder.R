# The folder of a batch: its lock, the records of a run at work, and the
# manifest. Records stand in a hidden folder of their own until the run is over,
# so that one that was killed can go on.

manifest_columns <- c(
  "file", "scope", "name", "framework", "edition", "status", "version", "embargo_until",
  "created", "bytes", "md5", "inputs", "state", "message"
)

# The folder -------------------------------------------------------------------

# list(dir, work, lock) of a folder that no other run writes into; both by their
# full paths, as workers may stand elsewhere.
hold_folder <- function(dir) {
  dir <- path.expand(dir)
  work <- file.path(dir, ".cybercap-briefs")
  # One who is just leaving, or was just killed, is waited for.
  until <- Sys.time() + 1
  repeat {
    dir.create(work, showWarnings = FALSE, recursive = TRUE)
    if (!dir.exists(dir) || file.access(dir, 2L) != 0L) stop_folder(dir, work)
    lock <- .Call(C_file_lock, enc2native(file.path(work, "lock")))
    if (!is.na(lock)) {
      dir <- normalizePath(dir, "/")
      return(list(dir = dir, work = file.path(dir, basename(work)), lock = lock))
    }
    if (Sys.time() > until) stop_folder(dir, work)
    Sys.sleep(0.05)
  }
}

stop_folder <- function(dir, work) {
  if (dir.exists(work) && file.access(dir, 2L) == 0L) {
    abort_folder(c(
      "Another process writes briefs into {.path {dir}}.",
      "i" = "Wait for it, end it, or choose another {.arg dir}."
    ))
  }
  abort_folder(c(
    "The folder {.path {dir}} cannot be made or written.",
    "i" = "Give {.arg dir} in a folder where you may write."
  ))
}

abort_folder <- function(message, .envir = rlang::caller_env()) {
  cap_abort(message, "cap_error_io", .envir = .envir)
}

leave_folder <- function(folder) {
  if (length(record_files(folder)) == 0L) unlink(folder$work, recursive = TRUE)
  .Call(C_file_unlock, folder$lock)
}

# Visible files that no batch wrote.
strangers <- function(folder, table) {
  files <- list.files(folder$dir)
  ours <- table$file[nzchar(table$md5)]
  setdiff(files, c("manifest.csv", ours))
}

# Records: one a brief that is done --------------------------------------------

record_fields <- c("bytes", "md5", "state", "message")

record_files <- function(folder) list.files(folder$work, "[.]rds$", full.names = TRUE)

# On a full disk there is none; who wrote the brief gives it back too.
save_record <- function(record, folder) {
  path <- file.path(folder$work, paste0(record$file, ".rds"))
  part <- sub("rds$", "part", path)
  saved <- tryCatch(is.null(saveRDS(record, part)), error = function(e) FALSE)
  if (saved) file.rename(part, path)
}

# What is cut or from elsewhere is no record.
read_records <- function(folder) {
  read <- lapply(record_files(folder), function(path) tryCatch(readRDS(path), error = function(e) NULL))
  Filter(function(x) is.list(x) && all(c("file", "inputs", record_fields) %in% names(x)), read)
}

clear_records <- function(folder) {
  unlink(list.files(folder$work, "[.](rds|part)$", full.names = TRUE))
}

# The manifest -----------------------------------------------------------------

manifest_path <- function(folder) file.path(folder$dir, "manifest.csv")

# The rows of earlier runs, all as text; the records of one that was killed are
# newer than its manifest.
read_manifest <- function(folder) {
  path <- manifest_path(folder)
  table <- if (file.exists(path)) {
    tryCatch(
      suppressWarnings(utils::read.csv(path,
        colClasses = "character", na.strings = character(), encoding = "UTF-8", check.names = FALSE
      )),
      error = function(e) NULL
    )
  } else {
    as.data.frame(stats::setNames(rep(list(character()), length(manifest_columns)), manifest_columns))
  }
  if (!identical(names(table), manifest_columns) || anyDuplicated(table$file)) {
    cap_abort_input(c(
      "{.path {path}} is not a manifest that {.fn cap_briefs} wrote.",
      "i" = "Move it away, or choose another {.arg dir}."
    ))
  }
  for (record in read_records(folder)) {
    at <- which(table$file == record$file & table$inputs == record$inputs & table$state == "pending")
    table[at, record_fields] <- record[record_fields]
  }
  table
}

# Rows of a batch before it runs.
plan_manifest <- function(common, scopes, inputs) {
  n <- length(scopes$code)
  all <- function(x) rep(as.character(x), n)
  data.frame(
    file = scopes$file, scope = scopes$code, name = enc2utf8(scopes$name),
    framework = all(common$index$framework$id), edition = all(common$edition),
    status = all(common$status$status), version = all(common$status$version),
    embargo_until = all(common$status$until %||% ""), created = all(stamp_text(common$created, manifest_time)),
    bytes = all(""), md5 = all(""), inputs = all(inputs), state = all("pending"), message = all("")
  )
}

manifest_time <- "%Y-%m-%dT%H:%M:%SZ"

# The time stamp of the run that this one goes on with, if any.
resumed_stamp <- function(known, inputs) {
  created <- known$created[known$inputs == inputs]
  if (length(created) > 0L && !nzchar(Sys.getenv("SOURCE_DATE_EPOCH"))) {
    as.numeric(as.POSIXct(max(created), format = manifest_time, tz = "UTC"))
  }
}

# "kept": there and as the manifest says; "refused": there and not of this batch;
# else "due".
file_standing <- function(planned, known, folder, resume, overwrite) {
  path <- file.path(folder$dir, planned$file)
  there <- file.exists(path)
  row <- known[match(planned$file, known$file), ]
  as_before <- function(columns) Reduce(`&`, Map(function(x, y) x == y & !is.na(x), row[columns], planned[columns]))
  ours <- resume & as_before(c("status", "version")) & (row$state != "failed" | nzchar(row$md5))
  whole <- ours & there & row$state == "written" &
    as_before(c("scope", "name", "created", "inputs")) & row$md5 == file_md5(path)
  ifelse(whole, "kept", ifelse(!there | ours | overwrite, "due", "refused"))
}

# "" for what is no file.
file_md5 <- function(path) {
  sum <- unname(suppressWarnings(tools::md5sum(path)))
  ifelse(is.na(sum), "", sum)
}

# What was due, as it ended.
done_rows <- function(due, records) {
  at <- match(due$file, vapply(records, `[[`, "", "file"))
  for (field in record_fields) due[[field]] <- vapply(records[at], `[[`, "", field)
  due
}

# `rows` in the place of those of the same files. Rows of other runs stay while
# their files do.
merge_manifest <- function(known, rows, folder) {
  other <- known[!known$file %in% rows$file, ]
  gone <- other$state == "written" & !file.exists(file.path(folder$dir, other$file))
  table <- rbind(other[!gone, ], rows)
  table <- table[order(table$file, method = "radix"), ]
  rownames(table) <- NULL
  table
}

# The same bytes in any locale; replaced whole or not at all.
write_manifest <- function(table, folder) {
  quoted <- lapply(table, function(x) paste0("\"", gsub("\"", "\"\"", enc2utf8(x), fixed = TRUE), "\""))
  lines <- c(paste(names(table), collapse = ","), do.call(paste, c(unname(quoted), sep = ",", recycle0 = TRUE)))
  bytes <- charToRaw(paste0(paste(lines, collapse = "\n"), "\n"))
  part <- file.path(folder$work, "manifest.csv")
  written <- tryCatch(is.null(writeBin(bytes, part)), error = function(e) FALSE, warning = function(w) FALSE)
  if (!written || !identical(file.size(part), as.double(length(bytes))) ||
    !suppressWarnings(file.rename(part, manifest_path(folder)))) {
    abort_folder(c(
      "The manifest of {.path {folder$dir}} cannot be written.",
      "i" = "Make room, or see to it that you may write there, and call again: what was written stays."
    ))
  }
}
