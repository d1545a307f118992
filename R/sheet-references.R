# Cells by the names of their block and columns: the plan makes the letters. In a
# formula's template a reference stands in braces:
#   {share}           the cell of the block's own column in the row of the formula, E{r};
#                     ${share} holds the column, $E{r}, as a spreadsheet writes it
#   {$share}          all cells of a column of this block, else of the one of its sheet that
#                     has such a column
#   {scores$yours}    all cells of a column of any block, with the name of the sheet
# and after a `$` there may be more: {scores$yours:pillar_5} is the columns from one to
# another, [3] or [3:5] the third cell or third to fifth, [r] that in the row of the
# formula. {r} alone is the number of the row. What a chart, a conditional format, a
# validation or a name of a plan refers to is the same without braces and with a block:
# "scores$yours[2:4]".

# A reference as text; `rows` count from the first below the header.
refer <- function(block, column, rows = NULL, to = NULL) {
  rows <- if (!is.null(rows)) paste0("[", paste(unique(range(rows)), collapse = ":"), "]")
  paste0(block, "$", column, if (!is.null(to)) paste0(":", to), rows)
}

# A block with letters in place of the names in its formulas.
resolve_formulas <- function(block, named) {
  block$columns <- lapply(block$columns, function(column) {
    if (is.null(column$formula)) {
      return(column)
    }
    templates <- unique(column$formula)
    letters <- vapply(templates, resolve_template, "", block = block, named = named)
    column$formula <- unname(letters[column$formula])
    column
  })
  block
}

resolve_chart <- function(chart, named) {
  across <- resolve_cells(chart$n_cols, named)
  chart$n_cols <- if (is.list(across)) across$cols[2L] - chart$col + 1L else as.integer(across)
  chart$series <- lapply(chart$series, function(series) {
    ranges <- c("values", "categories", "name_cell")
    series[ranges] <- lapply(series[ranges], resolve_cells, named = named)
    series
  })
  chart
}

resolve_validation <- function(validation, named) {
  validation$range <- resolve_cells(validation$range, named)
  validation$source <- resolve_cells(validation$source, named)
  validation
}

# Cells of what a plan refers to by name; of several references the rectangle around them.
resolve_cells <- function(x, named) {
  if (!is.character(x)) {
    return(x)
  }
  found <- lapply(x, function(text) {
    reference <- parse_reference(text, text)
    if (is.na(reference$block) || identical(reference$rows, "r")) stop_reference(text, text)
    find_cells(reference, find_block(named, reference$block, text), text)
  })
  cells(found[[1L]]$sheet, unlist(lapply(found, `[[`, "rows")), unlist(lapply(found, `[[`, "cols")))
}

blocks_by_name <- function(blocks) {
  blocks <- Filter(function(block) !is.null(block$name), blocks)
  names(blocks) <- vapply(blocks, `[[`, "", "name")
  again <- unique(names(blocks)[duplicated(names(blocks))])
  if (length(again) > 0L) {
    cap_abort_input("Two blocks of a plan have one name: {.val {again}}.")
  }
  blocks
}

resolve_template <- function(template, block, named) {
  found <- gregexpr("[{][^{}]*[}]", template)
  references <- regmatches(template, found)[[1L]]
  letters <- vapply(unique(references), resolve_reference, "", block = block, named = named, template = template)
  regmatches(template, found) <- list(unname(letters[references]))
  template
}

resolve_reference <- function(text, block, named, template) {
  if (text == "{r}") {
    return(text)
  }
  reference <- parse_reference(substr(text, 2L, nchar(text) - 1L), template)
  if (is.na(reference$block)) {
    at <- find_column(block, reference$columns, template)
    return(paste0(column_letters(at), "{r}"))
  }
  other <- if (nzchar(reference$block)) {
    find_block(named, reference$block, template)
  } else {
    block_of_sheet(reference$columns, block, named, template)
  }
  sheet <- if (nzchar(reference$block)) other$sheet
  if (identical(reference$rows, "r")) {
    at <- paste0("$", column_letters(find_column(other, reference$columns, template)), "{r}")
    return(paste0(if (!is.null(sheet)) paste0(quote_sheet(sheet), "!"), paste(unique(at), collapse = ":")))
  }
  range <- find_cells(reference, other, template)
  fixed_range(range$rows, range$cols, sheet)
}

# list(block, columns, rows): `block` is NA in a reference to the row of the formula and
# "" for one of its sheet, `rows` NULL, "r", or the first and last.
parse_reference <- function(text, template) {
  name <- "[A-Za-z][A-Za-z0-9_]*"
  pattern <- sprintf("^((%1$s|)[$])?(%1$s)(:(%1$s))?(\\[(r|[0-9]+(:[0-9]+)?)\\])?$", name)
  part <- regmatches(text, regexec(pattern, text))[[1L]]
  far <- nzchar(part[2L])
  if (length(part) == 0L || !far && any(nzchar(part[c(5L, 7L)]))) stop_reference(text, template)
  list(
    block = if (far) part[3L] else NA_character_, columns = Filter(nzchar, part[c(4L, 6L)]),
    rows = switch(part[8L], "r" = "r", if (nzchar(part[8L])) as.integer(strsplit(part[8L], ":")[[1L]]))
  )
}

find_block <- function(named, name, template) {
  if (!name %in% names(named)) {
    cap_abort_input(c(
      "A plan refers to the block {.val {name}}, which it does not have.",
      "x" = "The reference stands in {.val {strtrim(template, 200L)}}.",
      "i" = "Blocks: {some_of(names(named))}."
    ))
  }
  named[[name]]
}

# The block itself if it has the columns, else the one of its sheet that has them.
block_of_sheet <- function(columns, block, named, template) {
  if (all(columns %in% names(block$columns))) {
    return(block)
  }
  has <- Filter(function(x) x$sheet == block$sheet && all(columns %in% names(x$columns)), named)
  if (length(has) > 1L) {
    cap_abort_input(c(
      "Several blocks of the sheet {.val {block$sheet}} have a column {.val {columns[1L]}}: {.val {names(has)}}.",
      "x" = "The reference stands in {.val {strtrim(template, 200L)}}: name the block, too."
    ))
  }
  if (length(has) == 1L) has[[1L]] else block
}

# Columns of the sheet.
find_column <- function(block, columns, template) {
  at <- match(columns, names(block$columns))
  if (anyNA(at)) {
    name <- block$name %||% cell_name(block$row, block$col)
    cap_abort_input(c(
      "The block {.val {name}} of the sheet {.val {block$sheet}} has no column {.val {columns[is.na(at)][1L]}}.",
      "x" = "The reference stands in {.val {strtrim(template, 200L)}}.",
      "i" = "Columns: {some_of(names(block$columns), 12L)}."
    ))
  }
  block$col + at - 1L
}

find_cells <- function(reference, block, template) {
  cols <- find_column(block, reference$columns, template)
  rows <- reference$rows %||% c(1L, block$n_rows)
  if (any(rows < 1L | rows > block$n_rows)) {
    cap_abort_input(c(
      "The block {.val {block$name}} has {block$n_rows} row{?s}: there is no row {max(rows)} to refer to.",
      "x" = "The reference stands in {.val {strtrim(template, 200L)}}."
    ))
  }
  cells(block$sheet, first_row(block) + rows - 1L, cols)
}

stop_reference <- function(text, template) {
  cap_abort_input(c(
    "A plan cannot read the reference {.val {text}}.",
    "x" = "It stands in {.val {strtrim(template, 200L)}}.",
    "i" = "References are like {.val {c(\"{column}\", \"{$column}\", \"{block$column[1:3]}\")}}."
  ))
}

# Names of the cells that a reference stands for, row by row.
cell_names <- function(plan, reference) {
  at <- resolve_cells(reference, blocks_by_name(plan$blocks))
  cell_name(seq(at$rows[1L], at$rows[2L]), at$cols[1L])
}
