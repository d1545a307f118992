# The folder of a batch: its lock, the records of a run at work, and the
# manifest. Records stand in a hidden folder of their own until the run is over,
# so that one that was killed can go on.

manifest_columns <- c(
  "file", "scope", "name", "framework", "edition", "status", "version", "embargo_until",
  "created", "bytes", "md5", "inputs", "state", "message"
)

# The folder --------------------------------------------------------------------

# list(dir, work, lock) of a folder that no other run writes into.
hold_folder <- function(dir) {
  check_string(dir, "dir")
  dir <- path.expand(dir)
  work <- file.path(dir, ".cybercap-briefs")
  # Workers of a run that was killed end within one brief.
  until <- Sys.time() + 5
  repeat {
    dir.create(work, showWarnings = FALSE, recursive = TRUE)
    lock <- .Call(C_file_lock, enc2native(file.path(work, "lock")))
    if (!is.na(lock)) {
      return(list(dir = dir, work = work, lock = lock))
    }
    if (Sys.time() > until) stop_folder(dir, work)
    Sys.sleep(0.05)
  }
}

stop_folder <- function(dir, work) {
  if (dir.exists(work)) {
    cap_abort_io(c(
      "Another process writes briefs into {.path {dir}}.",
      "i" = "Wait for it, end it, or choose another {.arg dir}."
    ))
  }
  cap_abort_io(c(
    "The folder {.path {dir}} cannot be made or written.",
    "i" = "Give {.arg dir} in a folder where you may write."
  ))
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

# Records: one a brief that is done -----------------------------------------------

record_files <- function(folder) list.files(folder$work, "[.]rds$", full.names = TRUE)

save_record <- function(record, folder) {
  path <- file.path(folder$work, paste0(record$file, ".rds"))
  part <- sub("rds$", "part", path)
  saveRDS(record, part)
  file.rename(part, path)
}

# What is cut or from elsewhere is no record.
read_records <- function(folder) {
  read <- lapply(record_files(folder), function(path) {
    tryCatch(readRDS(path), error = function(e) NULL, warning = function(w) NULL)
  })
  Filter(function(x) is.list(x) && all(c("file", "state", "inputs") %in% names(x)), read)
}

clear_records <- function(folder) unlink(setdiff(list.files(folder$work, full.names = TRUE), file.path(folder$work, "lock")))
