# Reading a framework: folders, tables, codes and figures.

read_framework_folder <- function(path) {
  file <- function(name) file.path(path, name)
  if (!file.exists(file("items.csv"))) {
    cap_abort_input("The framework folder {.path {path}} has no {.file items.csv}.")
  }
  parts <- if (file.exists(file("framework.dcf"))) read_dcf_fields(file("framework.dcf")) else list()
  parts[["id"]] <- parts[["id"]] %||% basename(normalizePath(path))
  for (table in framework_tables) {
    csv <- file(paste0(table, ".csv"))
    if (file.exists(csv)) {
      parts[[table]] <- read_utf8_csv(csv)
    }
  }
  new_framework(parts)
}

find_framework <- function(x) {
  if (inherits(x, "cap_framework")) {
    return(x)
  }
  if (is.data.frame(x)) {
    return(new_framework(list(items = x)))
  }
  if (is.list(x)) {
    check_framework_parts(x)
    return(new_framework(x))
  }
  if (!is.character(x) || length(x) != 1L || is.na(x)) {
    cap_abort_input(c(
      "A framework comes from an id, a folder, a workbook or data frames.",
      "x" = "This is {.obj_type_friendly {x}}.",
      "i" = "Shipped ids: {.val {shipped_ids()}}."
    ))
  }
  if (x %in% shipped_ids()) {
    return(read_framework_folder(file.path(frameworks_folder(), x)))
  }
  if (dir.exists(x)) {
    return(read_framework_folder(x))
  }
  if (file.exists(x)) {
    return(read_framework_workbook(x))
  }
  if (grepl("[.]xlsx$", x)) check_files(x)
  cap_abort_input(c(
    "There is no framework {.val {x}}.",
    "i" = "Shipped ids: {.val {shipped_ids()}}; or the path of a folder or an {.file .xlsx} file."
  ))
}

read_framework_workbook <- function(path) {
  rlang::check_installed("readxl", reason = "to read a framework from a workbook.")
  sheets <- tryCatch(readxl::excel_sheets(path), error = function(e) {
    stop_unreadable(path, e)
  })
  if (!"items" %in% sheets) {
    cap_abort_input("The workbook {.path {path}} has no sheet {.val items}.")
  }
  read <- function(sheet) {
    as.data.frame(suppressMessages(readxl::read_excel(path, sheet = sheet)))
  }
  parts <- list(id = sub("[.][^.]*$", "", basename(path)))
  if ("framework" %in% sheets) {
    fields <- read("framework")
    check_columns(fields, c("field", "value"), "framework")
    parts[tolower(fields$field)] <- as.character(fields$value)
  }
  for (table in intersect(framework_tables, sheets)) {
    parts[[table]] <- read(table)
  }
  new_framework(parts)
}

# A misspelt part or column would silently change the numbers.
check_framework_parts <- function(parts) {
  check_none(setdiff(names(parts), framework_parts), c(
    "A framework has no part {.field {bad}}.",
    "i" = "Parts: {.field {framework_parts}}."
  ))
  invisible(parts)
}
