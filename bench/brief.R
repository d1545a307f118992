# Writing a brief of about 23,000 cells: against openxlsx (the same cells and
# formats), and against a bare program on libxlsxwriter.
source("bench/lib/timing.R")
library(cybercap)

# A world of 2,500 units, so that the sheet of scores has about 23,000 cells.
set.seed(1)
units <- sprintf("U%04d", 1:2500)
items <- cap_framework("gci-2024")
codes <- items$items$code[items$leaves]
data <- expand.grid(iso3 = units, item = codes, stringsAsFactors = FALSE)
data$edition <- 2024L
data$value <- sample(c(0, 0.5, 1), nrow(data), replace = TRUE)
index <- cap_index(cap_answers(data, items))
by <- data.frame(unit = units, group = paste("Region", seq_along(units) %% 6))
make_brief <- function(path = NULL) {
  cap_brief(index, "world", by = by, users = NULL, release = cap_release(created = 1e9), path = path, overwrite = TRUE)
}

plan <- make_brief()$plan
cells <- sum(vapply(plan$blocks, function(b) {
  length(b$columns) * (b$n_rows + (!is.null(b$columns[[1]]$header)))
}, 0))
ours_path <- tempfile(fileext = ".xlsx")
peer_path <- tempfile(fileext = ".xlsx")
ours <- function() make_brief(ours_path)

# The plan's cells and formats by openxlsx, a style for each format.
with_openxlsx <- function() {
  workbook <- openxlsx::createWorkbook()
  for (s in plan$sheets) openxlsx::addWorksheet(workbook, s$name)
  styles <- lapply(plan$formats, function(f) {
    openxlsx::createStyle(
      numFmt = f$num_format %||% "GENERAL", fgFill = f$background,
      textDecoration = if (isTRUE(f$bold)) "bold", halign = f$h_align
    )
  })
  for (b in plan$blocks) {
    values <- lapply(b$columns, `[[`, "values")
    header <- !is.null(b$columns[[1]]$header)
    frame <- stats::setNames(as.data.frame(values), if (header) {
      vapply(b$columns, `[[`, "", "header")
    } else {
      paste0("V", seq_along(values))
    })
    openxlsx::writeData(workbook, b$sheet, frame, startCol = b$col, startRow = b$row, colNames = header)
    for (k in seq_along(b$columns)) {
      id <- rep_len(b$columns[[k]]$format_id, b$n_rows)
      for (f in setdiff(unique(id), 0L)) {
        openxlsx::addStyle(workbook, b$sheet, styles[[f]],
          rows = b$row + header - 1L + which(id == f), cols = b$col + k - 1L, gridExpand = TRUE
        )
      }
    }
  }
  openxlsx::saveWorkbook(workbook, peer_path, overwrite = TRUE)
}
`%||%` <- function(x, y) if (is.null(x)) y else x

cat(sprintf("cells,%d\nmetric,ours,peer,ratio\n", cells))
times <- best_of(list(ours = ours, peer = with_openxlsx), n = 5L)
report("brief with plan against openxlsx", times[["ours"]], times[["peer"]])

# The same cells in a bare C program: lines "sheet row col format s|n value".
program <- "build/bench-bare"
stopifnot(system2("cc", c("-std=c11", "-O2", "-o", program, "bench/lib/bare.c", "-lxlsxwriter", "-lz")) == 0)
dump <- tempfile()
lines <- unlist(lapply(plan$blocks, function(b) {
  sheet <- match(b$sheet, vapply(plan$sheets, `[[`, "", "name")) - 1L
  header <- !is.null(b$columns[[1]]$header)
  unlist(lapply(seq_along(b$columns), function(k) {
    x <- b$columns[[k]]
    kind <- if (is.character(x$values)) "s" else "n"
    text <- if (kind == "s") ifelse(is.na(x$values), "[x]", x$values) else format(x$values, digits = 17)
    text[grepl("NA|NaN", text) & kind == "n"] <- "0"
    c(
      if (header) paste(sheet, b$row - 1L, b$col + k - 2L, x$header_id, "s", x$header),
      paste(sheet, b$row + header + seq_along(text) - 2L, b$col + k - 2L, rep_len(x$format_id, b$n_rows), kind, text)
    )
  }))
}))
writeLines(lines, dump)
bare_path <- tempfile(fileext = ".xlsx")
writing <- function() cybercap:::write_plan(plan, ours_path, overwrite = TRUE)
ours_best <- bare_best <- Inf
for (i in 1:10) {
  ours_best <- min(ours_best, system.time(writing())[["elapsed"]])
  bare_best <- min(bare_best, as.numeric(system2(program, c(dump, bare_path, length(plan$formats)), stdout = TRUE)))
}
report("writing against bare libxlsxwriter (aim: at least 1/1.3 = 0.77)", ours_best, bare_best)
