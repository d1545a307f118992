# Plans of workbooks: plain data that C writes (src/xlsx/plan.h). Rows and
# columns count from 1 here; plan_for_c() makes the zero-based form. Everything
# is immutable: a sheet's blocks can be made once and shared by many plans.

# Puts a workbook together: gives references their letters (sheet-references.R),
# formats their ids and columns their widths.
# `names` is a named list of references or cells(); `properties` has title, subject, author,
# company, keywords, comments, status, created. Without `created` the time is
# that of SOURCE_DATE_EPOCH or of the writing.
plan <- function(sheets, blocks, charts = list(), conditionals = list(),
                 validations = list(), names = list(), properties = list()) {
  ids <- new_format_ids()
  named <- blocks_by_name(blocks)
  blocks <- lapply(blocks, resolve_formulas, named = named)
  blocks <- lapply(blocks, function(x) {
    x$columns <- lapply(x$columns, number_formats, ids = ids)
    x
  })
  conditionals <- lapply(conditionals, function(x) {
    x$range <- resolve_cells(x$range, named)
    x$format <- ids$id(x$format)
    x
  })
  out <- list(
    sheets = sheets, blocks = blocks, charts = lapply(charts, resolve_chart, named = named),
    conditionals = conditionals, validations = lapply(validations, resolve_validation, named = named),
    names = lapply(names, resolve_cells, named = named), properties = properties, formats = ids$formats()
  )
  wrap <- vapply(out$formats, function(x) isTRUE(x$wrap), NA)
  indent <- vapply(out$formats, function(x) as.double(x$indent %||% 0), 0)
  on <- split(blocks, vapply(blocks, `[[`, "", "sheet"))
  out$sheets <- lapply(sheets, function(s) fit_sheet(s, on[[s$name]], wrap, indent))
  structure(out, class = "cap_plan")
}

# A plan of parts, each list(sheet, blocks, charts, rules, validations, names) as far as it
# has them; `...` are properties that all its sheets have.
plan_of_parts <- function(parts, properties, ...) {
  all <- function(what) unlist(lapply(parts, `[[`, what), recursive = FALSE) %||% list()
  plan(
    sheets = lapply(parts, function(part) utils::modifyList(part$sheet, list(...))), blocks = all("blocks"),
    charts = all("charts"), conditionals = all("rules"), validations = all("validations"), names = all("names"),
    properties = properties
  )
}

# Gives each different format a number from 1 on; 0 is "no format". Most formats
# come again just as they were, and need no key then.
new_format_ids <- function() {
  keys <- character()
  formats <- list()
  known <- new.env(parent = emptyenv())
  number <- function(format) {
    key <- format_key(format)
    at <- match(key, keys)
    if (is.na(at)) {
      at <- length(keys) + 1L
      keys[[at]] <<- key
      formats[[at]] <<- unclass(format)
    }
    at
  }
  list(
    id = function(format) {
      if (length(format) == 0L) {
        return(0L)
      }
      hash <- rlang::hash(format)
      at <- known[[hash]]
      if (is.null(at)) {
        at <- number(format)
        known[[hash]] <- at
      }
      at
    },
    formats = function() formats
  )
}

format_key <- function(format) {
  format <- unclass(format)[order(names(format), method = "radix")]
  paste(names(format), unlist(format), sep = "=", collapse = ";")
}

number_formats <- function(column, ids) {
  format <- column$format
  column$format_id <- if (is.list(format) && !inherits(format, "cap_format")) {
    vapply(format, ids$id, 0L)[column$which]
  } else {
    ids$id(format)
  }
  column$header_id <- ids$id(column$header_format)
  column
}

# Print ------------------------------------------------------------------------

#' @noRd
#' @export
print.cap_plan <- function(x, ...) {
  cat(format(x, ...), sep = "\n")
  invisible(x)
}

#' @noRd
#' @export
format.cap_plan <- function(x, ...) {
  title <- x$properties$title
  c(
    paste0("<cap_plan>", if (!is.null(title)) paste0(" ", title)),
    unlist(lapply(x$sheets, describe_sheet, plan = x)),
    paste0(length(x$formats), " formats")
  )
}

describe_sheet <- function(sheet, plan) {
  own <- function(parts) Filter(function(p) identical(p$sheet, sheet$name), parts)
  ranged <- function(parts) Filter(function(p) identical(p$range$sheet, sheet$name), parts)
  c(
    paste0(
      "[", sheet$name, "] ", sheet$paper, " ", if (sheet$landscape) "landscape" else "portrait",
      if (any(sheet$freeze > 0)) paste0(", frozen ", paste(sheet$freeze, collapse = "x")),
      if (sheet$protect) ", protected"
    ),
    vapply(own(plan$blocks), describe_block, ""), vapply(own(plan$charts), describe_chart, ""),
    vapply(ranged(c(plan$conditionals, plan$validations)), describe_range, "")
  )
}

describe_block <- function(block) {
  headers <- vapply(block$columns, function(x) x$header %||% "", "")
  kinds <- vapply(block$columns, `[[`, "", "kind")
  first <- block$columns[[1L]]$values
  last_row <- block$row + block$n_rows + has_header(block) - 1L
  paste0(
    "  ", range_name(block$row, block$col, last_row, last_column(block)), " ",
    if (!is.null(block$table)) paste0(block$table, " "),
    if (any(nzchar(headers))) {
      paste0(headers, " <", kinds, ">", collapse = ", ")
    } else if (length(kinds) == 1L && is.character(first) && length(first) > 0L) {
      paste0("\"", strtrim(first[[1L]], 60), "\"")
    } else {
      paste0("<", kinds, ">", collapse = ", ")
    }
  )
}

describe_chart <- function(chart) {
  cells <- range_name(chart$row, chart$col, chart$row + chart$n_rows - 1L, chart$col + chart$n_cols - 1L)
  paste0("  ", cells, " chart ", chart$kind, " \"", chart$title, "\", ", length(chart$series), " series")
}

describe_range <- function(rule) {
  range <- rule$range
  cells <- range_name(range$rows[[1L]], range$cols[[1L]], range$rows[[2L]], range$cols[[2L]])
  paste0("  ", cells, " ", rule$kind)
}
