# What a file says of its release: status, version, embargo, time stamp and the name of the file.

brief_status <- function(lang, status, version, embargo_until) {
  status <- choose(status, c("draft", "verification", "embargoed", "final"), "status")
  until <- NULL
  if (status != "embargoed" && !is.null(embargo_until)) {
    cap_abort_input("{.arg embargo_until} goes with {.code status = \"embargoed\"}, not with {.val {status}}.")
  }
  if (status == "embargoed") {
    until <- embargo_day(embargo_until)
  }
  list(
    status = status, version = version, until = until,
    label = switch(status,
      draft = say(lang, "status.draft", version = version),
      verification = say(lang, "status.verification", version = version),
      embargoed = say(lang, "status.embargoed", until = until, version = version),
      final = say(lang, "status.final", version = version)
    ),
    prefix = switch(status,
      draft = paste0(say(lang, "prefix.draft"), " "),
      verification = paste0(say(lang, "prefix.verification"), " "),
      embargoed = paste0(say(lang, "prefix.embargoed"), " "),
      final = ""
    )
  )
}

# As text, a day must be written with its year first: "31/12/24" has three readings.
embargo_day <- function(until) {
  day <- if (inherits(until, c("Date", "POSIXt"))) format(until, "%Y-%m-%d") else trimws(as.character(until))
  if (length(day) != 1L || !grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", day) || is.na(as.Date(day, "%Y-%m-%d"))) {
    cap_abort_input(c(
      "{.code status = \"embargoed\"} needs {.arg embargo_until}, one date such as {.val 2024-12-31}.",
      "x" = if (length(day) == 1L) "{.val {day}} is none."
    ))
  }
  day
}

# Whoever reads it would take it for released.
warn_embargo <- function(status, created) {
  made <- stamp_day(created)
  if (!is.null(status$until) && status$until < made) {
    warn_classed(c(
      "The embargo ends on {status$until}, before {made}, the day of the brief.",
      "i" = "Give {.arg embargo_until} a later day, or {.code status = \"final\"} when it is released."
    ))
  }
}

# Seconds since 1970.
stamp <- function(created) {
  if (is.null(created)) {
    epoch <- Sys.getenv("SOURCE_DATE_EPOCH")
    created <- if (nzchar(epoch)) suppressWarnings(as.numeric(epoch)) else Sys.time()
    if (is.na(created)) {
      cap_abort_input("The environment variable {.envvar SOURCE_DATE_EPOCH} must be seconds since 1970, not {.val {epoch}}.")
    }
  }
  if (is.logical(created)) created <- NA
  seconds <- tryCatch(
    if (is.character(created)) as.POSIXct(created, tz = "UTC") else created,
    error = function(e) NA
  )
  if (inherits(seconds, "Date")) seconds <- as.POSIXct(format(seconds), tz = "UTC")
  seconds <- suppressWarnings(floor(as.numeric(seconds)))
  if (length(seconds) != 1L || !is.finite(seconds) || seconds <= 0) {
    cap_abort_input("{.arg created} must be one date, date-time or number of seconds after 1970-01-01.")
  }
  seconds
}

# Such seconds as a reader reads them.
stamp_text <- function(seconds, format = "%Y-%m-%d %H:%M:%S UTC") {
  format(as.POSIXct(seconds, origin = "1970-01-01", tz = "UTC"), format)
}

stamp_day <- function(seconds) stamp_text(seconds, "%Y-%m-%d")

brief_path <- function(path, context) {
  check_string(path, "path")
  if (dir.exists(path)) {
    return(file.path(path, brief_file(context$index$framework, context$code, context$status)))
  }
  if (!grepl("[.]xlsx$", path, ignore.case = TRUE)) {
    cap_abort_input(c(
      "{.arg path} must end in {.file .xlsx} or be an existing folder.",
      "x" = "It is {.path {path}}."
    ))
  }
  path
}

# The name of a brief's file, safe on every system.
brief_file <- function(framework, code, status) {
  gsub("[^A-Za-z0-9._-]+", "-", paste0(framework$id, "-", code, "-", status$status, "-v", status$version, ".xlsx"))
}
