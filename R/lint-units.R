# The rule that a country's file holds no other country.

find_units <- function(book) {
  own <- own_unit(book)
  if (is.null(own)) {
    return(list())
  }
  texts <- all_texts(book)
  names <- foreign_names(book, own)
  text <- mask_phrases(texts$text, c(own$names, legitimate_phrases()))
  found <- find_phrases(text, names)
  everyday <- lapply(found, function(hits) hits %in% lone_names())
  codes <- codes_in(text, own$code)
  drop_null(lapply(which(lengths(found) + lengths(codes) > 0L), function(k) {
    hits <- found[[k]][!everyday[[k]] | trimws(text[k]) == found[[k]]]
    hits <- unique(c(hits, codes[[k]]))
    if (length(hits) > 0L) {
      found <- finding("check.unit", names = first_of(hits), place = strtrim(texts$text[k], 60L))
      flaw(texts$sheet[k], texts$cell[k], found)
    }
  }))
}

# code and names of the country of a country's file; NULL for other files. The
# title of a brief may have a name of the user's own.
own_unit <- function(book) {
  title <- text_at(book, worksheets(book)[1L], TITLE_CELL)
  lead <- sub("\\s*:.*$", "", sub("^\\[[^]]*\\]\\s*", "", title))
  listed <- listed_names()
  titled <- listed$code[match(lead, listed$name)]
  shown <- NULL
  if (!is.null(book$marks$kind)) {
    if (book$marks$kind != "unit" || !book$marks$audience %in% "country") {
      return(NULL)
    }
    code <- book$marks$scope
    if (is.na(titled)) shown <- sub("\u2026$", "", lead)
  } else if (is.na(titled) || !grepl(":", title, fixed = TRUE)) {
    return(NULL)
  } else {
    code <- titled
  }
  given <- book$own_names$name[book$own_names$unit %in% code]
  list(code = code, names = unique(c(listed$name[listed$code %in% code], shown, given)))
}

# Every name by which a country goes: as listed in six languages, without what
# stands in brackets ("Bolivia"), unless a region is called so, and in capitals.
listed_names <- function() {
  if (is.null(lint_cache$names)) {
    table <- country_names_table()
    names <- unlist(table[-1L], use.names = FALSE)
    code <- rep(table$iso3, ncol(table) - 1L)
    short <- sub("\\s*[(\uff08].*$", "", names)
    short[short %in% country_table()$unsd_subregion | nchar(short) < 2L] <- ""
    all <- frame(name = c(names, short, toupper(names), toupper(short)), code = rep(code, 4L))
    # three capitals are an abbreviation
    brief <- nchar(all$name) < 4L & !grepl(no_spaces, all$name) & all$name == toupper(all$name)
    all <- all[nzchar(all$name) & !brief, ]
    lint_cache$names <- all[!duplicated(all), ]
  }
  lint_cache$names
}

# Names of other units, the longest first.
foreign_names <- function(book, own) {
  listed <- listed_names()
  others <- listed$name[!listed$code %in% own$code]
  given <- book$own_names$name[!book$own_names$unit %in% own$code]
  names <- setdiff(c(others, given), own$names)
  names[order(-nchar(names), names, method = "radix")]
}

# Every text of the workbook: cells, names, charts, properties, pages, comments,
# and of parts that are read for nothing else all there is.
# What stands in the open cells of a form is the respondent's own.
all_texts <- function(book) {
  cells <- book$cells[book$cells$kind == "text" | !is.na(book$cells$formula), ]
  if (identical(book$marks$file, "form")) cells <- cells[!cells$open, ]
  formula <- ifelse(is.na(cells$formula), "", cells$formula)
  chart <- lapply(book$charts, function(x) {
    text <- unique(c(x$alt, x$title, x$texts))
    frame(sheet = rep(x$sheet, length(text)), cell = rep(x$cell, length(text)), text = text)
  })
  whole <- unname(c(
    book$properties, paste(book$names$name, book$names$text), unlist(book$tables$name),
    unlist(book$tables$columns), unread_texts(book), basename(book$entries)
  ))
  texts <- do.call(rbind, c(
    list(
      frame(sheet = cells$sheet, cell = cells$ref, text = trimws(paste(cells$text, formula))),
      frame(sheet = seq_along(book$sheets$name), cell = rep("", nrow(book$sheets)), text = book$sheets$name),
      frame(sheet = book$texts$sheet, cell = rep("", nrow(book$texts)), text = book$texts$text)
    ),
    chart, list(frame(sheet = rep(NA_integer_, length(whole)), cell = rep("", length(whole)), text = whole))
  ))
  texts <- texts[grepl("\\p{L}", texts$text, perl = TRUE) & !duplicated(texts), ]
  texts[!(is.na(texts$sheet) & texts$text %in% texts$text[!is.na(texts$sheet)]), ]
}

# Texts and values of attributes of parts that no other function reads.
unread_texts <- function(book) {
  known <- paste0(
    "(^|/)(workbook|styles|sharedStrings|calcChain|core)[.]xml$|[.]rels$|Content_Types|",
    "/(theme|worksheets|charts|drawings|tables)/"
  )
  parts <- book$docs[!grepl(known, names(book$docs))]
  unlist(lapply(parts, function(doc) {
    c(
      xml2::xml_text(xml2::xml_find_all(doc, "//*[not(*)]")),
      xml2::xml_text(xml2::xml_find_all(doc, "//@*[string-length(.) > 2]"))
    )
  }), use.names = FALSE)
}

# Phrases that may hold a country's name and do not mean it: groups, and those of
# inst/lint/phrases.csv.
legitimate_phrases <- function() {
  if (is.null(lint_cache$phrases)) {
    table <- country_table()
    groups <- unlist(table[c("itu_region_name", "wb_region", "unsd_region", "unsd_subregion")], use.names = FALSE)
    lint_cache$phrases <- c(unique(stats::na.omit(groups)), read_findings_file("phrases.csv", "lint")$phrase)
  }
  lint_cache$phrases
}

# Names that are also everyday words: only when they are all that a text says.
lone_names <- function() {
  if (is.null(lint_cache$lone)) lint_cache$lone <- read_findings_file("lone-names.csv", "lint")$name
  lint_cache$lone
}

# Texts without addresses, links and the phrases, longest first, so that what is
# left of "Papua New Guinea" is not Guinea.
mask_phrases <- function(text, phrases) {
  text <- gsub("[^\\s@]+@[^\\s@]+|\\b(https?://|www[.])\\S+", "\u2003", text, perl = TRUE)
  together <- paste(text, collapse = "\n")
  phrases <- unique(phrases[nzchar(phrases)])
  present <- phrases[vapply(phrases, grepl, NA, x = together, fixed = TRUE)]
  for (phrase in present[order(-nchar(present), present, method = "radix")]) {
    text <- gsub(whole_words(phrase), "\u2003", text, perl = TRUE)
  }
  text
}

# For each text the phrases in it; the first of overlapping ones counts, so give
# them from the longest on.
find_phrases <- function(text, phrases) {
  out <- rep(list(character()), length(text))
  together <- paste(text, collapse = "\n")
  words <- unique(strsplit(gsub("[^\\p{L}\\p{N}]+", " ", together, perl = TRUE), " ", fixed = TRUE)[[1L]])
  first <- sub("^[^\\p{L}\\p{N}]*([\\p{L}\\p{N}]+).*$", "\\1", phrases, perl = TRUE)
  likely <- phrases[first %in% words | (grepl(no_spaces, together) & grepl(no_spaces, phrases))]
  for (phrase in likely[vapply(likely, grepl, NA, x = together, fixed = TRUE)]) {
    pattern <- whole_words(phrase)
    for (i in grep(pattern, text, perl = TRUE)) {
      out[[i]] <- c(out[[i]], phrase)
      text[i] <- gsub(pattern, "\u2003", text[i], perl = TRUE)
    }
  }
  out
}

# Scripts in which a word's beginning cannot be told: Chinese has no spaces,
# Arabic joins small words to the next.
no_spaces <- "[\u0600-\u06ff\u4e00-\u9fff]"

# A phrase not within a longer word.
whole_words <- function(phrase) {
  quoted <- paste0("\\Q", gsub("\\E", "\\E\\\\E\\Q", phrase, fixed = TRUE), "\\E")
  if (grepl("[\u4e00-\u9fff]", phrase)) {
    quoted
  } else if (grepl("[\u0600-\u06ff]", phrase)) {
    paste0("(?<!\\p{L})[\u0648\u0641\u0628\u0644\u0643]?", quoted, "(?!\\p{L})")
  } else {
    paste0("(?<![\\p{L}\\p{N}])", quoted, "(?![\\p{L}\\p{N}])")
  }
}

# ISO codes, for each text: where it is nothing but codes and numbers, or in
# brackets. TLS and NIC are also words of the trade.
codes_in <- function(text, own) {
  table <- country_table()
  known <- setdiff(table$iso3, c(own, lone_names()))
  out <- rep(list(character()), length(text))
  for (i in grep("^[^A-Za-z]*([A-Z]{3}([^A-Za-z]+|$))+$", text)) {
    words <- regmatches(text[i], gregexpr("[A-Z]{3}", text[i]))[[1L]]
    if (all(words %in% table$iso3)) out[[i]] <- intersect(words, known)
  }
  bracket <- "(?<=\\()[A-Z]{3}(?=\\))"
  for (i in grep(bracket, text, perl = TRUE)) {
    words <- regmatches(text[i], gregexpr(bracket, text[i], perl = TRUE))[[1L]]
    out[[i]] <- unique(c(out[[i]], intersect(words, known)))
  }
  out
}
