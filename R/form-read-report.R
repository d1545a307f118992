# The report of forms read back: one row a cell, and where its fields stand.

new_report <- function(framework, kind, cells, parts) {
  rownames(cells) <- NULL
  structure(c(list(framework = framework, kind = kind, cells = cells), parts),
    class = c("cap_questionnaire_report", "cap_result")
  )
}

# What a row of the report is about; `cell` is missing for a whole sheet, `item` for what
# is of none.
report_place <- function(unit, sheet, cell = NA_character_, item = NA_character_) {
  list(sheet = sheet, cell = cell, unit = unit, item = item)
}

# One row of the report.
report_row <- function(form, place, value, number, state, action) {
  data.frame(file = form$file, place, value = value, number = number, state = state, action = action)
}

# Rows of items on all sheets: data frame sheet, row, code, and a column of the
# column numbers of `heads` is kept aside: list(sheet, row, code, at, cells).
find_rows <- function(form, key, heads) {
  words <- form$form$words
  found <- lapply(names(form$cells), function(sheet) {
    x <- form$cells[[sheet]]
    text <- matrix(cells_text(x), nrow(x), ncol(x))
    header <- which(rowSums(text == words[[key]]) > 0 & rowSums(text == words[["code"]]) > 0)
    if (length(header) == 0L) {
      return(NULL)
    }
    at <- match(words[heads], trimws(text[header[1L], ]))
    names(at) <- heads
    rows <- seq_len(nrow(x))[-seq_len(header[1L])]
    filled <- rows[rowSums(text[rows, at[!is.na(at)], drop = FALSE] != "") > 0]
    list(
      sheet = sheet, rows = filled, code = trimws(text[filled, at[["code"]]]), at = at, text = text, cells = x,
      header = header[1L]
    )
  })
  Filter(Negate(is.null), found)
}

# The cells on the first sheet: named text by key, and where they stand.
read_fields <- function(form) {
  fields <- start_fields(form$form)
  label <- vapply(fields, `[[`, "", "label")
  key <- vapply(fields, `[[`, "", "key")
  beside <- field_columns[["value"]]
  out <- lapply(seq_along(fields), function(i) {
    for (sheet in names(form$cells)) {
      x <- form$cells[[sheet]]
      if (ncol(x) < beside || length(find_about(x)) > 0L) next
      row <- which(trimws(cells_text(x[, field_columns[["label"]]])) == label[i])
      if (length(row) > 0L) {
        return(list(key = key[i], sheet = sheet, cell = cell_name(row[1L], beside), value = x[row[1L], beside][[1L]]))
      }
    }
    list(key = key[i], sheet = NA_character_, cell = NA_character_, value = NA)
  })
  stats::setNames(out, key)
}

# Sheets and columns that should be there and are not.
report_sheets <- function(form, unit, found, heads) {
  present <- names(form$cells)
  wanted <- vapply(form$form$layout, `[[`, "", "name")
  rows <- lapply(setdiff(wanted, present), function(name) {
    report_row(form, report_place(unit, name), "", NA_real_, "changed sheet",
      "The sheet is not in the file under this name; items of it that stand elsewhere were read by code."
    )
  })
  columns <- lapply(found, function(f) {
    gone <- heads[is.na(f$at[heads])]
    if (length(gone) == 0L) {
      return(NULL)
    }
    names <- paste(form$form$words[gone], collapse = ", ")
    report_row(form, report_place(unit, f$sheet), form$form$words[[gone[1L]]], NA_real_, "changed sheet",
      paste0("Columns are not there under their headers, so nothing of them was read: ", names, ".")
    )
  })
  about <- if (is.null(form$about)) {
    sheet <- own_sheet_names(form$form$lang)[["about"]]
    list(report_row(form, report_place(unit, sheet), "", NA_real_, "changed sheet",
      "The sheet that says which framework was asked is gone; items were read by code."
    ))
  }
  do.call(rbind, c(rows, columns, about))
}

find_about <- function(x) {
  beside <- field_columns[["value"]]
  if (ncol(x) >= beside) which(cells_text(x[, beside]) == form_mark)
}
