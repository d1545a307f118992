# Rules of the linter on document properties and on the status of a file.

find_properties <- function(book) {
  needed <- c("title", "subject", "creator", "contentStatus")
  empty <- needed[!nzchar(book$properties[needed])]
  lapply(empty, function(field) flaw(NA, "", finding("check.property", field = field)))
}

# Words of a status that is not the file's own: a draft's in a final file, above all.
find_status <- function(book) {
  own <- book_status(book)
  if (is.na(own)) {
    return(list())
  }
  places <- status_places(book, own)
  named <- statuses_in(places$text, places$loose)
  drop_null(lapply(seq_len(nrow(places)), function(k) {
    other <- setdiff(named[[k]], own)
    if (length(other) > 0L) {
      flaw(places$sheet[k], places$cell[k], finding("check.status",
        own = own, other = first_of(other), place = strtrim(places$text[k], 60L)
      ))
    }
  }))
}

# A file that is not final says so wherever a reader may look first.
find_status_places <- function(book) {
  own <- book_status(book)
  if (is.na(own) || own == "final") {
    return(list())
  }
  silent <- function(text, loose = FALSE) !own %in% unlist(statuses_in(text, loose))
  first <- worksheets(book)[1L]
  manifest <- manifest_status(book)
  p <- book$properties
  drop_null(list(
    if (silent(text_at(book, first, TITLE_CELL))) flaw(first, TITLE_CELL, finding("check.silent_title", status = own)),
    if (silent(text_at(book, first, STATUS_CELL))) flaw(first, STATUS_CELL, finding("check.silent_line", status = own)),
    if (silent(book$file, TRUE)) flaw(NA, "", finding("check.silent_file", status = own)),
    if (silent(p[["contentStatus"]]) || silent(p[["title"]])) {
      flaw(NA, "", finding("check.silent_property", status = own))
    },
    if (!is.null(manifest) && silent(manifest, TRUE)) flaw(NA, "", finding("check.silent_manifest", status = own))
  ))
}

# The first place that says it, the property made for it before others.
book_status <- function(book) {
  first <- worksheets(book)[1L]
  texts <- c(
    book$properties[["contentStatus"]], text_at(book, first, STATUS_CELL), text_at(book, first, TITLE_CELL),
    book$properties[["title"]]
  )
  named <- statuses_in(texts)
  c(named[[1L]], book$marks$status, unlist(named[-1L]), NA_character_)[1L]
}

# Where a status may be said: sheet, cell, text, and whether any mention counts
# or only one that is marked as a status.
status_places <- function(book, own) {
  sheets <- worksheets(book)
  p <- book$properties
  page <- book$texts[book$texts$place %in% "page", ]
  whole <- c(p[c("title", "subject", "description", "category")], book$marks$status %||% "", book$file)
  n <- length(sheets)
  frame(
    sheet = c(rep(sheets, 3L), page$sheet, rep(NA, length(whole))),
    cell = c(rep(c(TITLE_CELL, STATUS_CELL, ""), each = n), rep("", nrow(page) + length(whole))),
    text = c(
      text_at(book, sheets, TITLE_CELL), text_at(book, sheets, STATUS_CELL), book$sheets$name[sheets], page$text,
      unname(whole)
    ),
    # a file called final that is none misleads
    loose = c(rep(FALSE, 3L * n + nrow(page) + length(whole) - 1L), own != "final")
  )
}

# The statuses that each text names, in any language, as a list. As a mark: in
# brackets, at the start of the text or after a colon, or before a version. Some
# words mean nothing else and count anywhere, as all do where `loose`.
statuses_in <- function(text, loose = FALSE) {
  words <- status_words()
  text <- tolower(gsub("_", " ", text))
  loose <- rep_len(loose, length(text))
  found <- vapply(seq_len(nrow(words)), function(k) {
    anywhere <- loose | words$anywhere[k] == "yes"
    ifelse(anywhere, grepl(words$pattern[k], text, perl = TRUE), grepl(words$mark[k], text, perl = TRUE))
  }, logical(length(text)))
  dim(found) <- c(length(text), nrow(words))
  lapply(seq_along(text), function(i) unique(words$status[found[i, ]]))
}

status_words <- function() {
  if (is.null(lint_cache$status)) {
    words <- read_findings_file("status-words.csv", "lint")
    free <- words$lang == "zh"
    words$pattern <- ifelse(free, words$word, paste0("(?<![\\p{L}])", words$word, "(?![\\p{L}])"))
    before <- "(^|[\\[(:\u00b7][\\s\u00a0\u202f]*)"
    after <- "[\\s\u00a0]+v\\.?\\s?[0-9]"
    words$mark <- paste0(before, words$pattern, "|", words$pattern, after)
    lint_cache$status <- words
  }
  lint_cache$status
}

lint_cache <- new.env(parent = emptyenv())

# What a manifest beside the file says of it: NULL when there is none, "" when it
# does not name the file.
manifest_status <- function(book) {
  file <- list.files(dirname(book$path), pattern = "^manifest[.](csv|tsv|json|txt|dcf)$", full.names = TRUE)
  if (length(file) == 0L) {
    return(NULL)
  }
  lines <- unlist(lapply(file, readLines, encoding = "UTF-8", warn = FALSE))
  own <- grep(book$file, lines, fixed = TRUE, value = TRUE)
  # the file's own name may hold the word
  paste(gsub(book$file, "", own, fixed = TRUE), collapse = " ")
}
