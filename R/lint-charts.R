# Rules of the linter on charts and conditional formats.

find_chart_titles <- function(book) {
  without <- Filter(function(x) x$readable && !has_title(book, x), real_charts(book))
  lapply(without, function(x) flaw(x$sheet, x$cell, finding("check.chart_title")))
}

# A title in words, or that of a cell that has some.
has_title <- function(book, chart) {
  nzchar(trimws(chart$title)) ||
    any(vapply(chart$title_ref, function(ref) !all(range_cells(book, ref)$kind == "empty"), NA))
}

find_alt_texts <- function(book) {
  lapply(Filter(function(x) !nzchar(x$alt), book$charts), function(x) {
    flaw(x$sheet, x$cell, finding(if (x$picture) "check.alt_picture" else "check.alt_text"))
  })
}

find_chart_ranges <- function(book) {
  unlist(lapply(real_charts(book), function(x) {
    if (!x$readable) {
      return(list(flaw(x$sheet, x$cell, finding("check.chart_broken"))))
    }
    if (length(x$series) == 0L) {
      return(list(flaw(x$sheet, x$cell, finding("check.no_series"))))
    }
    unlist(lapply(x$series, function(s) series_flaws(book, x, s)), recursive = FALSE)
  }), recursive = FALSE)
}

series_flaws <- function(book, chart, series) {
  at <- function(found) flaw(chart$sheet, chart$cell, found)
  refs <- list(values = series$values, categories = series$categories, name = series$name)
  out <- list()
  for (what in names(refs)) {
    for (ref in refs[[what]]) {
      cells <- range_cells(book, ref)
      if (is.null(cells)) {
        out <- c(out, list(at(finding("check.chart_ref", ref = ref))))
      } else if (all(cells$kind == "empty") || (what == "values" && !any(cells$kind == "number"))) {
        out <- c(out, list(at(finding("check.chart_empty", ref = ref))))
      }
    }
  }
  if (length(series$values) == 0L && !series$literal) out <- c(out, list(at(finding("check.no_values"))))
  out
}

# The cells of a reference such as "'A sheet'!$A$1:$B$2", "(A!B1,A!B3)" or a
# name; NULL when it leads nowhere.
range_cells <- function(book, ref, depth = 0L) {
  ref <- trimws(gsub("^\\((.*)\\)$|^=", "\\1", trimws(ref)))
  found <- lapply(split_areas(ref), function(piece) area_cells(book, piece, depth))
  if (length(found) == 0L || any(vapply(found, is.null, NA))) NULL else do.call(rbind, found)
}

area_cells <- function(book, piece, depth) {
  at <- split_sheet(piece)
  sheet <- match(tolower(at$sheet), tolower(book$sheets$name))
  range <- area_corners(at$range)
  if (is.na(sheet) || anyNA(range)) {
    # a name, of the workbook or of a sheet; names of names are followed a little
    target <- book$names$text[match(tolower(at$range), tolower(book$names$name))]
    return(if (!is.na(target) && depth < 5L) range_cells(book, target, depth + 1L))
  }
  cells <- book$cells[book$cells$sheet == sheet, ]
  cells <- cells[in_area(cells$row, cells$col, range), ]
  cells[c("sheet", "kind", "text", "number")]
}

# Kinds that hide what they show.
find_chart_kinds <- function(book) {
  flaws <- lapply(real_charts(book), function(x) {
    bad <- x$kinds[grepl("^(pie|ofPie|doughnut)Chart$|3DChart$", x$kinds)]
    bars <- if (any(grepl("^bar", x$kinds))) max(0, vapply(x$series, function(s) n_points(book, s), 0))
    list(
      if (length(bad) > 0L) flaw(x$sheet, x$cell, finding("check.chart_kind", kind = first_of(bad))),
      if (!is.null(bars) && bars > READABLE_BARS) {
        flaw(x$sheet, x$cell, finding("check.many_bars", n = bars, most = READABLE_BARS))
      }
    )
  })
  drop_null(unlist(flaws, recursive = FALSE))
}

READABLE_BARS <- 25L

n_points <- function(book, series) {
  sum(vapply(series$values, function(ref) as.numeric(NROW(range_cells(book, ref))), 0))
}

find_icons <- function(book) {
  at <- book$rules[book$rules$icons, ]
  if (is.null(at) || nrow(at) == 0L) {
    return(list())
  }
  at <- frame(sheet = at$sheet, cell = sub("[: ].*$", "", at$range), range = at$range)
  flaws_by_sheet(at, function(own) finding("check.icons", ranges = first_of(own$range)))
}
