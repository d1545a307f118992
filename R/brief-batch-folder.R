# The folder of a batch: its lock, the records of a run at work, and the
# manifest. Records stand in a hidden folder of their own until the run is over,
# so that one that was killed can go on. Others may write into these folders: what
# is read there is text of a fixed grammar, and no link is followed.

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
    check_no_link(c(work, file.path(work, "lock"), file.path(dir, "manifest.csv")))
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

# Sys.readlink() has "" for what is no link, and NA for what is not there.
is_link <- function(path) !Sys.readlink(path) %in% c("", NA)

check_no_link <- function(path) {
  link <- path[is_link(path)]
  if (length(link) > 0L) {
    cap_abort_io(c(
      "{.path {link[1L]}}, in {.arg dir}, is a link: a batch follows none, lest it write elsewhere.",
      "i" = "Remove it, or choose another {.arg dir}."
    ))
  }
  invisible(path)
}

# Whether `bytes` were written to a new file; what stood under its name, a link
# too, is gone before. ("x": a file that another has made meanwhile is not opened.)
write_new <- function(bytes, path) {
  unlink(path)
  tryCatch(
    {
      file <- file(path, "wxb")
      on.exit(close(file))
      writeBin(bytes, file)
      flush(file)
      identical(file.size(path), as.double(length(bytes)))
    },
    error = function(e) FALSE,
    warning = function(w) FALSE
  )
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

# The lines of a record: "key=value" in this order, values of plain letters and
# figures with all else as %XX of its UTF-8; then "end", without which it was cut.
record_text_grammar <- "([A-Za-z0-9._-]|%0[1-9A-F]|%[1-9A-F][0-9A-F])*"
record_grammar <- c(
  file = record_text_grammar, inputs = "[0-9a-f]{32}", bytes = "[0-9]{0,15}", md5 = "([0-9a-f]{32})?",
  state = "written|failed", message = record_text_grammar, seconds = "NA|[0-9]{1,9}[.][0-9]{6}"
)
most_record_bytes <- 1e5

# Links are none, whatever they lead to.
record_files <- function(folder) {
  path <- list.files(folder$work, "[.]record$", full.names = TRUE)
  path[!is_link(path)]
}

# On a full disk there is none; who wrote the brief gives it back too.
save_record <- function(record, folder) {
  path <- file.path(folder$work, paste0(record$file, ".record"))
  part <- sub("record$", "part", path)
  if (write_new(charToRaw(record_text(record)), part)) file.rename(part, path)
}

record_text <- function(record) {
  record$seconds <- if (is.na(record$seconds)) "NA" else sprintf("%.6f", record$seconds)
  values <- vapply(record[names(record_grammar)], escape_bytes, "")
  paste0(paste0(names(record_grammar), "=", values, "\n", collapse = ""), "end\n")
}

escape_bytes <- function(x) {
  bytes <- charToRaw(enc2utf8(x))
  plain <- bytes %in% charToRaw("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
  paste(ifelse(plain, rawToChar(bytes, multiple = TRUE), sprintf("%%%02X", as.integer(bytes))), collapse = "")
}

unescape_bytes <- function(x) {
  text <- utils::URLdecode(x)
  Encoding(text) <- "UTF-8"
  text
}

# What is cut, or no record by its grammar, is none.
read_records <- function(folder) Filter(Negate(is.null), lapply(record_files(folder), read_record))

read_record <- function(path) {
  size <- file.size(path)
  if (is.na(size) || size > most_record_bytes || dir.exists(path)) {
    return(NULL)
  }
  bytes <- tryCatch(readBin(path, "raw", size), error = function(e) raw(), warning = function(w) raw())
  grammar <- paste0("^", paste0(names(record_grammar), "=(", record_grammar, ")\n", collapse = ""), "end\n$")
  text <- if (all(bytes < as.raw(0x7f) & bytes > as.raw(0L))) rawToChar(bytes) else ""
  if (!grepl(grammar, text)) {
    return(NULL)
  }
  values <- sub("^[a-z0-9]+=", "", strsplit(text, "\n", fixed = TRUE)[[1L]][seq_along(record_grammar)])
  record <- stats::setNames(lapply(values, unescape_bytes), names(record_grammar))
  if (paste0(record$file, ".record") != basename(path) || !validUTF8(record$message)) {
    return(NULL)
  }
  record$seconds <- suppressWarnings(as.double(record$seconds))
  record
}

clear_records <- function(folder) {
  unlink(list.files(folder$work, "[.](record|rds|part)$", full.names = TRUE))
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
  table[] <- lapply(table, without_quote)
  for (record in read_records(folder)) {
    at <- which(table$file == record$file & table$inputs == record$inputs & table$state == "pending")
    table[at, record_fields] <- record[record_fields]
  }
  table
}

# A cell that begins as a formula would be one in a spreadsheet: an apostrophe
# before it makes it text, and one before apostrophes that would read as that.
with_quote <- function(x) ifelse(grepl("^'*[=+@\t\r\n-]", x), paste0("'", x), x)
without_quote <- function(x) ifelse(grepl("^'+[=+@\t\r\n-]", x), substring(x, 2L), x)

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
# else "due". A link is due, and refused by make_brief().
file_standing <- function(planned, known, folder, resume, overwrite) {
  path <- file.path(folder$dir, planned$file)
  there <- file.exists(path) & !is_link(path)
  row <- known[match(planned$file, known$file), ]
  as_before <- function(columns) Reduce(`&`, Map(function(x, y) x == y & !is.na(x), row[columns], planned[columns]))
  ours <- resume & as_before(c("status", "version")) & (row$state != "failed" | nzchar(row$md5))
  whole <- ours & there & row$state == "written" &
    as_before(c("scope", "name", "created", "inputs")) & row$md5 == file_md5(path)
  ifelse(whole, "kept", ifelse(!there | ours | overwrite, "due", "refused"))
}

# "" for what is no file, or a link to one.
file_md5 <- function(path) {
  sum <- unname(suppressWarnings(tools::md5sum(path)))
  ifelse(is.na(sum) | is_link(path), "", sum)
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
  quoted <- lapply(table, function(x) {
    paste0("\"", gsub("\"", "\"\"", with_quote(enc2utf8(x)), fixed = TRUE), "\"")
  })
  lines <- c(paste(names(table), collapse = ","), do.call(paste, c(unname(quoted), sep = ",", recycle0 = TRUE)))
  bytes <- charToRaw(paste0(paste(lines, collapse = "\n"), "\n"))
  part <- file.path(folder$work, "manifest.csv")
  if (!write_new(bytes, part) || !suppressWarnings(file.rename(part, manifest_path(folder)))) {
    cap_abort_io(c(
      "The manifest of {.path {folder$dir}} cannot be written.",
      "i" = "Make room, or see to it that you may write there, and call again: what was written stays."
    ))
  }
}
