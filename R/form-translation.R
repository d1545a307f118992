#' A workbook for translators, out and in
#'
#' `cap_translate()` writes all texts of the package (sentences, headers, tabs,
#' names of groups and items) as a workbook for a translator: the English, where
#' it is used, how long it may be, and an open column for the translation.
#' `cap_read_translation()` reads the workbook back, checks it, and gives what
#' the `lang` of [cap_brief()], [cap_findings()] and [cap_table()] takes.
#'
#' @param lang A language code such as `"es"`, or a translation read before, to
#'   go on with. What the package or the translation has is filled in.
#' @param path For `cap_translate()` the file to write, ending in `.xlsx`; for
#'   `cap_read_translation()` the workbook to read.
#' @param overwrite Whether an existing file may be replaced.
#' @details
#' A blank such as `{score|0.0}` is filled when the sentence is said; each stays
#' in the translation as it is, in any place. A blank with forms,
#' `{n?one:country|other:countries}`, takes the one that goes with the number. It
#' may be changed, dropped or added, and has the forms of the language: those of
#' Unicode's CLDR, `one` and `other` in English, six in Arabic, one in Chinese. The
#' rules stand on the sheet Language. The package's French is such a translation.
#'
#' Labels are those of the shipped frameworks and groupings, by code: what a
#' framework or a table of groups of your own calls its parts is never translated.
#'
#' A text without a translation appears in English, and the Notes sheet of a
#' brief says how many do. Names of countries are the United Nations' in its six
#' languages, English in others, or the user's own (`names` of [cap_brief()]).
#' @return `cap_translate()`: the path, invisibly. `cap_read_translation()`: an
#'   object of class `cap_translation`; `as.data.frame()` gives one row a text:
#'   `kind` (sentence or label), `key` (of a label its framework and code, such as
#'   `gci-2024/LS`), `english`, `text`, `cell`, and `state`:
#'   translated, missing, too long, English changed, or unknown (a key that this
#'   version does not have; not used).
#' @section Errors:
#' `cap_error_input` for a code that is none, a file that is no translator's
#' workbook, and for texts that cannot be used, with their cells: a blank that is
#' lost, unknown or of another format, a plural form that is lacking or that the
#' language does not have, braces that do not match, a tab's name that Excel
#' refuses or that two tabs have. `cap_error_io` for a file that is not there, that
#' exists or cannot be written.
#' @export
#' @examples
#' path <- tempfile(fileext = ".xlsx")
#' cap_translate("fr", path)
#' if (requireNamespace("readxl", quietly = TRUE)) {
#'   french <- cap_read_translation(path)
#'   french
#'   gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#'   cap_findings(gci, lang = french)
#' }
cap_translate <- function(lang, path, overwrite = FALSE) {
  language <- language_to_translate(lang)
  path <- as_xlsx_path(path)
  check_flag(overwrite, "overwrite")
  write_plan(translation_plan(language), path, overwrite)
  invisible(path)
}

#' @rdname cap_translate
#' @export
cap_read_translation <- function(path) {
  check_string(path, "path")
  rlang::check_installed("readxl", "to read a translation")
  check_files(path)
  rules <- read_language_rules(path)
  sentences <- read_translated(path, "sentence")
  labels <- read_translated(path, "label")
  forms <- plural_forms(rules$values$plural)
  check_no_faults(
    rbind(text_faults(sentences, forms), tab_faults(sentences), text_faults(labels, forms), rules$faults), path
  )
  used <- function(x) {
    x <- x[!x$state %in% c("missing", "unknown"), ]
    stats::setNames(x$text, x$key)
  }
  structure(
    list(
      language = new_language(rules$values$code, used(sentences), used(labels), rules$values),
      name = rules$values$name, table = rbind(sentences, labels)
    ),
    class = c("cap_translation", "cap_result")
  )
}

# code, name, the texts that there are, and the rules as read_language_rules().
language_to_translate <- function(lang) {
  if (inherits(lang, "cap_translation")) {
    own <- lang$language
    return(list(
      rules = rules_of(own, lang$name), templates = own$templates[setdiff(names(own$templates), own$missing)],
      labels = own$labels
    ))
  }
  check_string(lang, "lang")
  if (!grepl("^[a-z]{2,3}$", lang)) {
    cap_abort_input("{.arg lang} must be a language code of two or three small letters, not {.val {lang}}.")
  }
  shipped <- lang %in% shipped_languages()
  list(
    rules = language_rules(lang), templates = if (shipped) shipped_templates(lang) else character(),
    labels = if (shipped) shipped_labels(lang) else character()
  )
}

rules_of <- function(language, name) {
  data.frame(
    code = language$code, name = name, decimal = language$decimal, thousands = language$thousands,
    plural = language$plural_text, right_to_left = if (language$right_to_left) "yes" else "no"
  )
}

# The texts --------------------------------------------------------------------

# What a translator is asked for: key, context, limit, english.
texts_to_translate <- function(kind) {
  if (kind == "label") {
    labels <- data_labels()
    return(data.frame(key = names(labels), context = "", limit = NA_real_, english = unname(labels)))
  }
  english <- shipped_templates("en")
  contexts <- read_findings_file("contexts.csv")
  at <- vapply(names(english), function(key) context_of(key, contexts$prefix), 0L)
  data.frame(
    key = names(english), context = contexts$context[at], limit = as.numeric(contexts$limit[at]),
    english = unname(english)
  )
}

# What the shipped data are called in English, by key.
data_labels <- function() {
  c(unlist(lapply(shipped_ids(), shipped_framework_labels)), grouping_labels())
}

# The longest prefix of a key that the table has; the empty one fits all.
context_of <- function(key, prefixes) {
  fits <- which(startsWith(key, prefixes))
  fits[which.max(nchar(prefixes[fits]))]
}

text_states <- function(text, limit) {
  too_long <- !is.na(limit) & nchar(text) > limit
  ifelse(is.na(text) | !nzchar(text), "missing", ifelse(too_long, "too long", "translated"))
}

# Workbook out -----------------------------------------------------------------

FIRST_TEXT <- 5L

translation_plan <- function(language) {
  sheets <- list(
    sentence = texts_sheet("sentence", language$templates), label = texts_sheet("label", language$labels),
    language = rules_sheet(language$rules)
  )
  title <- say("en", "translate.title", name = language$rules$name, code = language$rules$code)
  sheets <- c(list(instructions_sheet(title, sheets)), sheets)
  plan_of_parts(sheets, list(title = title, author = say("en", "line.disclaimer"), comments = title))
}

translation_sheet_names <- function() {
  vapply(c(
    sentence = "translate.sheet_sentences", label = "translate.sheet_labels", language = "translate.sheet_language"
  ), say, "", lang = "en")
}

open_cell <- function() sheet_format(wrap = TRUE, v_align = "top", unlocked = TRUE, background = "#F1F6FA")

texts_sheet <- function(kind, known) {
  name <- translation_sheet_names()[[kind]]
  texts <- texts_to_translate(kind)
  text <- unname(known[texts$key])
  columns <- text_columns(kind, texts, text)
  progress <- column(say("en", "translate.progress", done = sum(!is.na(text)), of = nrow(texts)),
    formula = say("en", "translate.progress_formula", range = "{$text}", of = nrow(texts))
  )
  list(
    sheet = sheet(name,
      freeze = c(FIRST_TEXT - 1L, 1L), landscape = TRUE, repeat_rows = c(FIRST_TEXT - 1L, FIRST_TEXT - 1L),
      protect = TRUE
    ),
    blocks = list(
      text_block(name, 1L, name, styles$heading),
      block(name, 2L, 1L, list(progress = progress), fit = FALSE, name = paste0("progress_", kind)),
      block(name, FIRST_TEXT - 1L, 1L, columns, styles$header, name = kind)
    ),
    rules = list(text_rule(refer(kind, "state"), say("en", "translate.too_long"), sheet_format(bold = TRUE))),
    progress = progress$values
  )
}

text_columns <- function(kind, texts, text) {
  top <- sheet_format("0", v_align = "top", h_align = "center")
  columns <- list(
    key = column(texts$key, say("en", "translate.key"), styles$wrapped, width = 26),
    context = column(texts$context, say("en", "translate.context"), styles$wrapped, width = 30),
    limit = column(texts$limit, say("en", "translate.limit"), top, width = 9),
    english = column(texts$english, say("en", "translate.english"), styles$wrapped, width = 70),
    text = column(text, say("en", "translate.text"), open_cell(), shorthand = "", width = 70),
    length = column(ifelse(is.na(text), 0, nchar(text)), say("en", "translate.length"), top,
      formula = "LEN({text})", width = 9
    ),
    state = state_column(kind, texts, text)
  )
  # labels have no context and no limit
  if (kind == "label") columns[c("key", "english", "text", "state")] else columns
}

state_column <- function(kind, texts, text) {
  words <- c(
    missing = say("en", "translate.to_do"), "too long" = say("en", "translate.too_long"),
    translated = say("en", "translate.done")
  )
  quoted <- formula_text(words)
  some <- if (kind == "sentence") paste0("IF(LEN({text})>{limit},", quoted[2L], ",", quoted[3L], ")") else quoted[3L]
  column(unname(words[text_states(text, texts$limit)]), say("en", "translate.state"), styles$wrapped,
    formula = paste0("IF(LEN({text})=0,", quoted[1L], ",", some, ")"), width = 11
  )
}

instructions_sheet <- function(title, sheets) {
  name <- say("en", "translate.sheet_start")
  lines <- vapply(c(
    "translate.how_1", "translate.how_2", "translate.how_3", "translate.how_4", "translate.how_5", "translate.how_6",
    "translate.how_7"
  ), say, "", lang = "en", USE.NAMES = FALSE)
  counted <- c("sentence", "label")
  at <- 4L + length(lines)
  rows <- lapply(seq_along(counted), function(i) {
    to <- sheets[[counted[i]]]
    block(name, at + i, 1L, list(
      column(to$sheet$name, urls = link_to(to$sheet$name)),
      column(to$progress, formula = paste0("{", refer(paste0("progress_", counted[i]), "progress"), "}"), width = 28)
    ))
  })
  list(
    sheet = sheet(name, protect = TRUE, gridlines = FALSE),
    blocks = c(
      list(text_block(name, 1L, title, styles$title)),
      list(block(name, 3L, 1L, list(column(lines, format = styles$wrapped, width = 100)))),
      rows
    )
  )
}

# Rules of the language --------------------------------------------------------

# Marks and answers by the words that the workbook has for them.
mark_words <- function() {
  keys <- c("translate.point", "translate.comma", "translate.space", "translate.apostrophe", "translate.nothing")
  stats::setNames(c(".", ",", "\u00a0", "\u2019", ""), vapply(keys, say, "", lang = "en"))
}

answer_words <- function() stats::setNames(c("yes", "no"), c(say("en", "translate.yes"), say("en", "translate.no")))

# One row a rule: what it is called, the field, and the words it may have.
rule_rows <- function() {
  marks <- mark_words()
  answers <- answer_words()
  list(
    list(field = "code", label = say("en", "translate.code"), meaning = say("en", "translate.code_text")),
    list(field = "name", label = say("en", "translate.name"), meaning = say("en", "translate.name_text")),
    list(
      field = "decimal", label = say("en", "translate.decimal"), meaning = say("en", "translate.decimal_text"),
      words = marks[1:2]
    ),
    list(
      field = "thousands", label = say("en", "translate.thousands"), meaning = say("en", "translate.thousands_text"),
      words = marks
    ),
    list(field = "plural", label = say("en", "translate.plural"), meaning = say("en", "translate.plural_text")),
    list(
      field = "right_to_left", label = say("en", "translate.direction"), meaning = say("en", "translate.direction_text"),
      words = answers
    )
  )
}

rules_sheet <- function(rules) {
  name <- translation_sheet_names()[["language"]]
  rows <- rule_rows()
  value <- vapply(rows, function(row) {
    given <- rules[[row$field]]
    if (is.null(row$words)) given else names(row$words)[match(given, row$words)]
  }, "")
  choices <- c(names(mark_words()), names(answer_words()))
  list_of <- function(words) refer("choices", "choice", match(names(words), choices))
  list(
    sheet = sheet(name, freeze = c(FIRST_TEXT - 1L, 0L), protect = TRUE),
    blocks = list(
      text_block(name, 1L, name, styles$heading),
      block(name, FIRST_TEXT - 1L, 1L, list(
        rule = column(vapply(rows, `[[`, "", "label"), say("en", "translate.rule")),
        value = column(value, say("en", "translate.value"), list(styles$text, open_cell()),
          which = ifelse(vapply(rows, `[[`, "", "field") == "code", 1L, 2L), width = 20
        ),
        meaning = column(vapply(rows, `[[`, "", "meaning"), say("en", "translate.meaning"))
      ), styles$header, name = "rules"),
      block(name, FIRST_TEXT - 1L, 5L, list(choice = column(choices, say("en", "translate.choices"))), styles$header,
        name = "choices"
      )
    ),
    validations = lapply(which(!vapply(rows, function(row) is.null(row$words), NA)), function(i) {
      valid_list(refer("rules", "value", i), list_of(rows[[i]]$words))
    })
  )
}

# Workbook in ------------------------------------------------------------------

read_translation_sheet <- function(path, name) {
  found <- tryCatch(
    suppressMessages(readxl::read_excel(path,
      sheet = name, skip = FIRST_TEXT - 2L, col_types = "text", trim_ws = FALSE, .name_repair = "minimal"
    )),
    error = function(e) NULL
  )
  if (is.null(found)) {
    cap_abort_input(c(
      "{.path {path}} is no translator's workbook: it has no sheet {.val {name}} that can be read.",
      "i" = "{.fn cap_translate} writes one."
    ))
  }
  found
}

# The columns of that name, which must be there.
translation_column <- function(found, key, path) {
  header <- say("en", key)
  if (!header %in% names(found)) {
    cap_abort_input(c(
      "{.path {path}} is no translator's workbook: a sheet has no column {.val {header}} in row {FIRST_TEXT - 1L}.",
      "i" = "{.fn cap_translate} writes one."
    ))
  }
  found[[header]]
}

# Where texts of that column stand, for a translator to look at.
translation_cell <- function(found, sheet, key, rows) {
  paste0(sheet, "!", column_letters(match(say("en", key), names(found))), rows + FIRST_TEXT - 1L)
}

# One row a text: kind, key, english, text, state, cell, limit.
read_translated <- function(path, kind) {
  name <- translation_sheet_names()[[kind]]
  found <- read_translation_sheet(path, name)
  english <- translation_column(found, "translate.english", path)
  text <- translation_column(found, "translate.text", path)
  key <- translation_column(found, "translate.key", path)
  given <- which(!is.na(key))
  known <- texts_to_translate(kind)
  at <- match(key[given], known$key)
  text <- text[given]
  text[!is.na(text) & !nzchar(trimws(text, whitespace = "[\\h\\v]"))] <- NA
  state <- text_states(text, known$limit[at])
  state[state == "translated" & !is.na(at) & english[given] != known$english[at]] <- "English changed"
  state[is.na(at)] <- "unknown"
  rows <- data.frame(
    kind = rep(kind, length(given)), key = key[given], english = ifelse(is.na(at), english[given], known$english[at]),
    text = text, state = state, cell = translation_cell(found, name, "translate.text", given)
  )
  absent <- known[!known$key %in% rows$key, ]
  rbind(rows, data.frame(
    kind = rep(kind, nrow(absent)), key = absent$key, english = absent$english, text = rep(NA_character_, nrow(absent)),
    state = rep("missing", nrow(absent)), cell = rep("", nrow(absent))
  ))
}

# values (one row, as in languages.csv) and faults.
read_language_rules <- function(path) {
  name <- translation_sheet_names()[["language"]]
  found <- read_translation_sheet(path, name)
  label <- translation_column(found, "translate.rule", path)
  given <- translation_column(found, "translate.value", path)
  rows <- rule_rows()
  faults <- NULL
  values <- list()
  for (row in rows) {
    at <- match(row$label, label)
    word <- given[at]
    if (row$field == "plural") word[is.na(word)] <- "" # one form for all numbers
    values[[row$field]] <- if (is.null(row$words)) word else unname(row$words[word])
    fault <- rule_fault(row, values[[row$field]])
    if (!is.null(fault)) {
      faults <- rbind(faults, data.frame(
        cell = translation_cell(found, name, "translate.value", at), fault = paste(row$label, fault)
      ))
    }
  }
  if (is.null(faults) && values$decimal == values$thousands) {
    faults <- data.frame(cell = name, fault = "the decimal and the thousands mark are the same")
  }
  list(values = as.data.frame(values), faults = faults)
}

rule_fault <- function(row, value) {
  if (is.na(value)) {
    if (is.null(row$words)) "is empty" else paste("must be", paste(names(row$words), collapse = " or "))
  } else if (row$field == "plural" && is.null(parse_plural(value))) {
    "has no rules such as one: i = 1 and v = 0; few: n = 2..4"
  }
}

# Faults -----------------------------------------------------------------------

blanks_of <- function(text) regmatches(text, gregexpr("\\{[^}]*\\}", text))

# Blanks that are lost, unknown or of another format; braces that do not match.
text_faults <- function(rows, forms) {
  rows <- rows[!is.na(rows$text) & rows$state != "unknown", ]
  fault <- vapply(seq_len(nrow(rows)), function(i) blank_fault(rows$english[i], rows$text[i], forms), "")
  again <- duplicated(rows$key)
  fault[again] <- "the key stands there twice"
  data.frame(cell = rows$cell, fault = fault)[nzchar(fault), ]
}

blank_fault <- function(english, text, forms) {
  wanted <- blanks_of(english)[[1L]]
  found <- blanks_of(text)[[1L]]
  is_choice <- function(blank) grepl("?", blank, fixed = TRUE)
  choice <- is_choice(found)
  lost <- setdiff(wanted[!is_choice(wanted)], found[!choice])
  new <- setdiff(found[!choice], wanted[!is_choice(wanted)])
  names <- sub("^.([^|?}]*).*$", "\\1", wanted)
  bad <- found[choice][!vapply(found[choice], has_forms, NA, forms = forms)]
  unknown <- found[choice][!sub("^.([^?]*).*$", "\\1", found[choice]) %in% names]
  paste(c(
    if (length(lost) > 0L) paste("lacks", paste(lost, collapse = ", ")),
    if (length(new) > 0L) paste("the English has no", paste(new, collapse = ", ")),
    if (length(bad) > 0L) {
      paste(paste(bad, collapse = ", "), "must have the forms", paste0(forms, ":...", collapse = "|"))
    },
    if (length(unknown) > 0L) paste("no number of the sentence is called as in", paste(unknown, collapse = ", ")),
    if (grepl("[{}]", gsub("\\{[^}]*\\}", "", text))) "braces do not match"
  ), collapse = "; ")
}

# Whether a choice has each form of the language, once, and no other.
has_forms <- function(blank, forms) {
  shape <- "^\\{[a-z_][a-z0-9_]*[?][a-z]+:[^:|]*([|][a-z]+:[^:|]*)*\\}$"
  given <- names(parse_forms(sub("^[^?]*[?](.*)\\}$", "\\1", blank)))
  grepl(shape, blank) && setequal(given, forms) && !anyDuplicated(given)
}

# Names of tabs as Excel takes them, no two alike; what is missing is in English.
tab_faults <- function(rows) {
  rows <- rows[grepl("^sheet[.]|^form[.]sheet_", rows$key) & rows$state != "unknown", ]
  text <- ifelse(is.na(rows$text), rows$english, rows$text)
  folded <- tolower(text)
  first <- match(folded, folded)
  fault <- ifelse(nchar(text) > 31L, "a tab's name holds at most 31 characters", "")
  fault[grepl("[]*?:/\\\\[]|^'|'$", text)] <- "a tab's name cannot hold [ ] : * ? / \\, nor begin or end with '"
  fault[folded == "history"] <- "Excel keeps the name History for itself"
  same <- first != seq_along(first) & rows$english != rows$english[first]
  fault[same] <- paste0("the tab is named as that of ", rows$key[first[same]])
  data.frame(cell = rows$cell, fault = fault)[nzchar(fault), ]
}

check_no_faults <- function(faults, path) {
  if (nrow(faults) == 0L) {
    return(invisible(faults))
  }
  shown <- paste0(faults$cell, ": ", faults$fault)
  bullets <- stats::setNames(paste0("{shown[", seq_len(min(5L, length(shown))), "]}"), rep("x", min(5L, length(shown))))
  cap_abort_input(c(
    "{length(shown)} cell{?s} of {.path {path}} cannot be used.", bullets,
    "i" = if (length(shown) > 5L) "And {length(shown) - 5} more. Correct them and read the workbook again."
    else "Correct {cli::qty(length(shown))}{?it/them} and read the workbook again."
  ))
}

# Result -----------------------------------------------------------------------

#' @export
cap_findings.cap_translation <- function(x, ..., lang = "en") {
  table <- x$table
  done <- function(kind) sum(table$kind == kind & !table$state %in% c("missing", "unknown"))
  all <- function(kind) sum(table$kind == kind & table$state != "unknown")
  keys <- function(state) table$key[table$state == state]
  long <- keys("too long")
  stale <- keys("English changed")
  unknown <- keys("unknown")
  findings(
    lang,
    finding("translate.summary",
      name = x$name, code = x$language$code, done = done("sentence"), of = all("sentence"),
      labels = done("label"), of_labels = all("label")
    ),
    if (length(long) > 0L) finding("translate.long", n = length(long), keys = first_of(long)),
    if (length(stale) > 0L) finding("translate.stale", n = length(stale), keys = first_of(stale)),
    if (length(unknown) > 0L) finding("translate.unknown", n = length(unknown), keys = first_of(unknown))
  )
}

#' @export
result_tables.cap_translation <- function(x, lang, ...) list(texts = lazy_table(x$table, term("caption_class.translation")))
