#' Answers to a framework, validated
#'
#' Reads answers unit x item x edition from a long or a wide data frame, checks
#' every cell against the framework, and keeps where each came from. The order
#' of rows, items and columns, extra columns and factor levels change nothing.
#'
#' @param data A data frame.
#' @param framework A framework or what [cap_framework()] takes.
#' @param unit,edition,item,value Names of the columns; without a column `iso3`,
#'   `unit` is looked for. `edition = NULL`, or no
#'   column of the default name, gives every row the framework's edition.
#'   `item = NULL` reads wide data: each column named as an item of the
#'   framework holds its answers; other columns are left alone.
#' @param source Name of the column that says where an answer comes from
#'   (`submitted`, `verified`, `desk research`, `carried forward`, `derived`,
#'   ...). By default a column called `source` is used when long data have one.
#' @param invalid What to do with values off the scale of their item: `"error"`
#'   names them; `"keep"` keeps them for [cap_audit()], and [cap_index()] then
#'   refuses them by name.
#'
#' @section Missing values:
#' `NA` in `value`, and a cell that has no row, is a missing answer. It is
#' counted in the result; [cap_index()] has the policies. No response is not 0.
#' @section Errors:
#' `cap_error_input`, naming unit, item and edition, for missing columns, no
#' rows, empty unit codes, unknown items, the same cell twice, text where
#' numbers belong, and values off the scale (from the item's least answer, mostly 0, to its
#' maximum).
#'
#' @return An object of class `cap_answers`. `as.data.frame()` gives
#'   `unit, edition, item, value, source`, sorted by edition, unit (C locale)
#'   and item (framework order), missing cells included.
#' @export
#' @examples
#' gci_2024 <- subset(gci_items, edition == 2024)
#' cap_answers(gci_2024, "gci-2024")
#' # Wide data
#' wide <- data.frame(iso3 = c("AAA", "BBB"), LAW = c(1, 0.5), CIRT = c(0, 1))
#' own <- cap_framework(data.frame(
#'   code = c("READY", "LAW", "CIRT"), parent = c("", "READY", "READY")
#' ))
#' cap_answers(wide, own, item = NULL)
cap_answers <- function(data, framework, unit = "iso3", edition = "edition",
                        item = "item", value = "value", source = NULL,
                        invalid = c("error", "keep")) {
  framework <- cap_framework(framework)
  invalid <- choose(invalid, c("error", "keep"), "invalid")
  check_data_frame(data, "data")
  check_rows(data, "data")
  if (missing(unit) && !unit %in% names(data) && "unit" %in% names(data)) unit <- "unit" # as results have it
  check_string(unit, "unit")
  check_columns(data, unit, "data")
  edition <- edition_column(data, edition, missing(edition))
  if (is.null(item) && !is.null(source)) {
    cap_abort_input("{.arg source} names a column of long data; wide data have none for each answer.")
  }
  for (k in c(unit, edition)) check_not_integer64(data[[k]], k)
  cells <- if (is.null(item)) {
    wide_cells(data, framework)
  } else {
    long_cells(data, framework, item, value, source_column(data, source))
  }
  rows <- place_rows(data[[unit]], edition_values(data, edition, framework), c(unit, edition))
  if (!is.null(cells$data_row)) rows$index <- rows$index[cells$data_row]
  new_answers(framework, rows, cells, invalid)
}

# Columns ----------------------------------------------------------------------

edition_column <- function(data, edition, is_default) {
  if (is.null(edition)) {
    return(NULL)
  }
  check_string(edition, "edition")
  if (edition %in% names(data)) {
    return(edition)
  }
  if (!is_default) check_columns(data, edition, "data")
  NULL
}

source_column <- function(data, source) {
  if (is.null(source)) {
    return(if ("source" %in% names(data)) "source")
  }
  check_string(source, "source")
  check_columns(data, source, "data")
  source
}

# Editions that are whole numbers are kept as such, so that "2024", 2024 and
# factor("2024") are one edition.
edition_values <- function(data, edition, framework) {
  x <- if (is.null(edition)) framework$edition else data[[edition]]
  if (is.null(edition) && !nzchar(x)) x <- 1L
  tidy_edition(x)
}

tidy_edition <- function(x) {
  if (is.integer(x) && !is.factor(x)) {
    return(x)
  }
  distinct <- unique(x)
  text <- if (is.numeric(distinct)) as.character(distinct) else as_code(distinct)
  if (!anyNA(text) && all(grepl("^-?[0-9]{1,9}$", text))) {
    distinct_as <- as.integer(text)
  } else {
    distinct_as <- text
  }
  distinct_as[match(x, distinct)]
}

# Cells ------------------------------------------------------------------------

# list(column, value, source, data_row): where each cell belongs; data_row is
# NULL when there is a cell a row.
long_cells <- function(data, framework, item, value, source) {
  check_string(item, "item")
  check_string(value, "value")
  check_columns(data, c(item, value), "data")
  codes <- leaf_codes(framework)
  x <- data[[item]]
  distinct <- if (is.factor(x)) levels(x) else unique(x)
  at <- if (is.factor(x)) as.integer(x) else match(x, distinct)
  column <- match(as_code(distinct), codes)[at]
  if (anyNA(column)) stop_unknown_items(x[is.na(column)], framework)
  check_numeric(data[[value]], value, function(bad) x[bad])
  list(
    column = column, value = as_numbers(data[[value]], value),
    source = if (!is.null(source)) tidy_source(data[[source]])
  )
}

wide_cells <- function(data, framework) {
  codes <- leaf_codes(framework)
  found <- which(codes %in% names(data))
  if (length(found) == 0L) {
    cap_abort_input(c(
      "No column of {.arg data} is named as an item of the framework.",
      "i" = "Items: {some_of(codes)}.",
      "i" = "For long data name the column of item codes: {.code item = \"item\"}."
    ))
  }
  check_once(names(data)[names(data) %in% codes], "data", "columns")
  for (k in codes[found]) {
    check_numeric(data[[k]], k, function(bad) rep(k, sum(bad)))
  }
  list(
    column = rep(found, each = nrow(data)),
    value = unlist(lapply(codes[found], function(k) as_numbers(data[[k]], k))),
    data_row = rep(seq_len(nrow(data)), length(found))
  )
}

stop_unknown_items <- function(x, framework) {
  x <- unique(as.character(x))
  inner <- intersect(x, framework$items$code)
  cap_abort_input(c(
    "{.arg data} has {length(x)} code{?s} that {?is/are} not {?an item/items} of {.val {framework$id}}: {some_items(x)}.",
    "i" = if (length(inner) > 0L) {
      "{some_of(inner)} {cli::qty(length(inner))}{?is a level/are levels} above the items: computed, not answered."
    },
    "i" = "Keep the rows of one framework: editions with other items need a framework of their own."
  ))
}

check_numeric <- function(x, column, item_of) {
  check_not_integer64(x, column)
  if (is.list(x) || !is.null(dim(x))) {
    cap_abort_input("Column {.field {column}} must be a plain column of numbers, not {.obj_type_friendly {x}}.")
  }
  if (is.numeric(x) || (is.logical(x) && all(is.na(x)))) {
    return(invisible(x))
  }
  text <- as.character(x)
  bad <- !is.na(text) & is.na(suppressWarnings(as.numeric(text)))
  shown <- if (any(bad)) unique(paste0(item_of(bad), " = \"", text[bad], "\""))
  cap_abort_input(c(
    "Column {.field {column}} must hold numbers, not {.cls {class(x)}}.",
    "x" = if (any(bad)) "Not a number in {sum(bad)} cell{?s}: {some_of(shown)}.",
    "i" = "Convert it: {.code as.numeric(as.character(x))}; write missing answers as {.code NA}."
  ), arg = "data", items = unique(as.character(item_of(bad))))
}

tidy_source <- function(x) {
  x <- if (is.factor(x)) x else factor(x)
  labels <- trimws(levels(x))
  sorted <- sort(unique(labels), method = "radix")
  code <- match(labels, sorted)[as.integer(x)]
  code[is.na(code)] <- 0L # an answer without a source
  list(code = code, labels = sorted)
}

# Rows -------------------------------------------------------------------------

# Units x editions that occur, sorted; `index` is the row of each data row.
place_rows <- function(unit, edition, columns) {
  coded <- code_units(unit)
  check_filled(coded$code, columns[1L], "data")
  check_filled(edition, columns[2L], "data")
  units <- coded$units
  u <- coded$code
  editions <- sort(unique(edition), method = "radix")
  e <- if (length(editions) == 1L) rep(1L, length(u)) else rep_len(match(edition, editions), length(u))
  slot <- u + (e - 1L) * length(units)
  present <- which(tabulate(slot, length(units) * length(editions)) > 0L)
  place <- integer(length(units) * length(editions))
  place[present] <- seq_along(present)
  list(
    index = place[slot], unit = units[(present - 1L) %% length(units) + 1L],
    edition = editions[(present - 1L) %/% length(units) + 1L]
  )
}

# Unit codes without stray blanks, sorted, and the number of each row's; NA
# where it is empty. Text is read once a distinct code.
code_units <- function(unit) {
  if (is.list(unit)) {
    cap_abort_input("The column of units must hold codes, not lists.")
  }
  distinct <- if (is.factor(unit)) levels(unit) else unique(unit)
  text <- if (is.numeric(distinct)) format_code(distinct) else as.character(distinct)
  clean <- as_code(text)
  units <- sort(unique(clean), method = "radix")
  at <- if (is.factor(unit)) as.integer(unit) else match(unit, distinct)
  list(code = match(clean, units)[at], units = units)
}

# Numeric codes as they are written, not as 1e+05.
format_code <- function(x) {
  ifelse(is.na(x), NA_character_, format(x, scientific = FALSE, trim = TRUE, digits = 15L))
}

new_answers <- function(framework, rows, cells, invalid) {
  codes <- leaf_codes(framework)
  placed <- .Call(
    C_answers_place, rows$index - 1L, cells$column - 1L, cells$value,
    if (!is.null(cells$source)) cells$source$code,
    length(rows$unit), length(codes)
  )
  if (!is.null(placed$repeated)) {
    again <- which(placed$repeated)
    twice <- unique(data.frame(row = rows$index[again], column = cells$column[again]))
    cap_abort_input(c(
      "{nrow(twice)} answer{?s} {?is/are} given more than once.",
      "x" = "{some_cells(rows$unit[twice$row], rows$edition[twice$row], codes[twice$column])}.",
      "i" = "Keep one row for each unit, edition and item."
    ), arg = "data")
  }
  off <- off_scale(placed$values, framework)
  if (invalid == "error" && nrow(off) > 0L) {
    stop_off_scale(off, rows, framework, "data")
  }
  new_result("cap_answers",
    framework = framework, unit = rows$unit, edition = rows$edition, values = placed$values,
    sources = placed$sources, source_labels = cells$source$labels, off_scale = off
  )
}

# Cells off the item's scale: data frame row, column.
off_scale <- function(values, framework) {
  min <- leaf_min(framework)
  max <- leaf_max(framework)
  bad <- lapply(seq_along(max), function(k) {
    x <- values[, k]
    which(x < min[k] | x > max[k])
  })
  data.frame(row = unlist(bad), column = rep(seq_along(max), lengths(bad)))
}

stop_off_scale <- function(off, rows, framework, arg) {
  first <- off$column[1L]
  scale <- paste(leaf_min(framework)[first], "to", leaf_max(framework)[first])
  cap_abort_input(c(
    "{nrow(off)} answer{?s} {?is/are} off the scale of the item ({scale} for {.val {leaf_codes(framework)[first]}}).",
    "x" = "{some_cells(rows$unit[off$row], rows$edition[off$row], leaf_codes(framework)[off$column])}.",
    "i" = "Correct them; {.fn cap_audit} shows them in answers read with {.code invalid = \"keep\"}."
  ), arg = arg)
}

# Answers on scales that begin at 0: those from `min` to `max` are stretched over
# 0 to `max`. `arrays` as in a framework; others are left as they are.
from_zero <- function(values, arrays) {
  leaves <- setdiff(seq_along(arrays$parent), arrays$parent)
  min <- arrays$min[leaves]
  max <- arrays$max[leaves]
  for (k in which(min > 0)) {
    values[, k] <- (values[, k] - min[k]) * (max[k] / (max[k] - min[k]))
  }
  values
}

# Offsets of the editions, for the core: rows of one edition stand together.
edition_segments <- function(x) {
  starts <- which(!duplicated(x$edition))
  as.integer(c(starts - 1L, length(x$edition)))
}

#' @export
result_tables.cap_answers <- function(x, lang, ...) list(answers = lazy_table(answers_long(x), term("caption_class.answers")))

answers_long <- function(x) {
  codes <- leaf_codes(x$framework)
  n <- length(x$unit)
  source <- rep(NA_character_, n * length(codes))
  if (!is.null(x$sources)) {
    given <- x$sources > 0L
    source[t(given)] <- x$source_labels[t(x$sources)[t(given)]]
  }
  data.frame(
    unit = rep(x$unit, each = length(codes)),
    edition = rep(x$edition, each = length(codes)), item = rep(codes, n),
    value = na_figure(as.vector(t(x$values))), source = source
  )
}

# How many answers of each source: data frame source, n (given sources only).
count_sources <- function(x, rows = seq_along(x$unit), columns = NULL) {
  if (is.null(x$sources)) {
    return(data.frame(source = character(), n = integer()))
  }
  columns <- columns %||% seq_len(ncol(x$sources))
  n <- tabulate(x$sources[rows, columns], length(x$source_labels))
  data.frame(source = x$source_labels, n = n)[n > 0L, , drop = FALSE]
}

#' @export
cap_findings.cap_answers <- function(x, ..., lang = "en") {
  missing <- sum(is.na(x$values))
  sources <- count_sources(x)
  findings(
    lang,
    finding("answers.size",
      units = length(unique(x$unit)), items = ncol(x$values),
      editions = listed(unique(x$edition)), framework = title_in(lang, x$framework)
    ),
    if (missing > 0L) {
      finding("answers.missing",
        n = missing, units = length(unique(x$unit[rowSums(is.na(x$values)) > 0])),
        share = 100 * missing / length(x$values)
      )
    },
    if (nrow(x$off_scale) > 0L) {
      finding("answers.off_scale",
        n = nrow(x$off_scale), cells = first_of(cell_label(
          x$unit[x$off_scale$row], x$edition[x$off_scale$row], leaf_codes(x$framework)[x$off_scale$column]
        ))
      )
    },
    if (nrow(sources) > 0L) {
      counts <- terms("list.count", n = sources$n, what = words_of("source", sources$source))
      finding("answers.sources", sources = counts)
    }
  )
}

check_on_scale <- function(answers, arg = "answers") {
  if (nrow(answers$off_scale) > 0L) stop_off_scale(answers$off_scale, answers, answers$framework, arg)
  invisible(answers)
}
