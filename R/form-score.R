# How the provisional score and stage of a form are worked out, as sheets with live
# formulas over the answers.

# Score ------------------------------------------------------------------------

# Rows of the levels above the items: list(node, row), level by level, so that the
# branches of a node stand side by side.
score_rows <- function(framework) {
  nodes <- setdiff(seq_along(framework$depth), framework$leaves)
  order_in <- function(depth, before) {
    here <- nodes[framework$depth[nodes] == depth]
    here[order(match(framework$arrays$parent[here], before))]
  }
  out <- framework$root
  before <- out
  for (depth in seq_len(max(framework$depth[nodes]))) {
    before <- order_in(depth, before)
    out <- c(out, before)
  }
  data.frame(node = out, row = form_first_row + seq_along(out) - 1L)
}

form_score_columns <- c("code", "branch", "level_name", "weight", "left", "applies", "share", "score", "of")

score_sheet <- function(form) {
  framework <- form$framework
  look <- form_styles()
  name <- own_sheet_names(form$lang)[["score"]]
  rows <- score_rows(framework)
  node <- rows$node
  items <- framework$items[node, ]
  figures <- form$figures
  formulas <- form_node_formulas(form, rows)
  letter <- function(column) paste0(column_letters(match(column, form_score_columns)), "{r}")
  columns <- list(
    code = form_column(form, "code", items$code, look$top, 14),
    branch = form_column(form, "branch", items$label, look$wrapped, 44),
    level_name = form_column(form, "level_name", framework$levels[framework$depth[node] + 1L], look$top, 14),
    weight = form_column(form, "weight", form$share[node], look$weight, 12),
    left = form_column(form, "left", figures$node_left[node], look$weight, 12, formulas$left),
    applies = form_column(
      form, "applies", figures$node_applies[node], look$number, 12, paste0("IF(", letter("left"), ">0,1,0)")
    ),
    share = form_column(form, "share", figures$node_share[node], look$weight, 12, formulas$share),
    score = form_column(
      form, "score", figures$node_share[node] * items$max, look$points, 12, paste0(letter("share"), "*", letter("of"))
    ),
    of = form_column(form, "of", items$max, look$number, 12)
  )
  describes <- say(form$lang, "form.describe_score")
  note <- note_lines(say(form$lang, "form.score_note"), columns)
  form_sheet(form, name, describes,
    c(
      live_grid(name, form_first_row - 1L, unname(columns[form_score_columns])),
      list(text_block(name, max(rows$row) + 2L, note, look$small))
    ),
    print_area = c(1L, 1L, max(rows$row) + 1L + length(note), length(form_score_columns))
  )
}

# For each node its formulas: the weight of what applies below it, and the weighted
# mean of the shares.
form_node_formulas <- function(form, rows) {
  framework <- form$framework
  places <- column_places(form)
  name <- own_sheet_names(form$lang)[["score"]]
  ranges <- lapply(rows$node, function(node) {
    below <- which(framework$arrays$parent == node)
    inner <- rows$row[rows$node %in% below]
    own <- item_places(form, setdiff(below, rows$node))
    list(
      inner = if (length(inner) > 0L) function(column) fixed_range(inner, match(column, form_score_columns), name),
      own = if (!is.null(own)) function(column) fixed_range(own$rows, places[[column]], own$sheet)
    )
  })
  sum_of <- function(columns) {
    vapply(ranges, function(r) {
      paste(vapply(Filter(Negate(is.null), r), function(range) {
        paste0("SUMPRODUCT(", paste(vapply(columns, range, ""), collapse = ","), ")")
      }, ""), collapse = "+")
    }, "")
  }
  left <- sum_of(c("weight", "applies"))
  mean <- sum_of(c("weight", "applies", "share"))
  list(left = left, share = paste0("IF(E{r}>0,(", mean, ")/E{r},0)"))
}

# Where items of one parent stand: list(sheet, rows).
item_places <- function(form, leaves) {
  if (length(leaves) == 0L) {
    return(NULL)
  }
  column <- match(leaves, form$framework$leaves)
  for (s in form$layout) {
    if (all(column %in% s$items)) {
      return(list(sheet = s$name, rows = form_first_row + match(column, s$items) - 1L))
    }
  }
}

# The cell of a node's figure on the sheet Score.
score_cell <- function(form, node, column) {
  rows <- score_rows(form$framework)
  col <- match(column, form_score_columns)
  fixed_range(rows$row[match(node, rows$node)], col, own_sheet_names(form$lang)[["score"]])
}

# Stages -----------------------------------------------------------------------

gate_columns <- c(
  "stage", "stage_name", "group", "item", "question", "minimum", "asked", "met", "counts", "holds", "group_no"
)

stages_sheet <- function(form) {
  framework <- form$framework
  look <- form_styles()
  name <- own_sheet_names(form$lang)[["stages"]]
  gates <- form_gates(framework)
  figures <- gate_cells(form, gates)
  rows <- form_gate_rows(gates)
  formulas <- gate_formulas(form, gates)
  range <- function(column) gate_range(form, column)
  holds <- sprintf(
    "IF(SUMIF(%1$s,K{r},%2$s)>=MIN(G{r},SUMIF(%1$s,K{r},%3$s)),1,0)", range("group_no"), range("met"), range("counts")
  )
  stage_name <- framework$stages$label[match(gates$stage, framework$stages$stage)]
  group <- gates$group
  question <- form_gate_labels(form, gates)
  columns <- list(
    stage = form_column(form, "stage", gates$stage, look$number, 8),
    stage_name = form_column(form, "stage_name", stage_name, look$wrapped, wide_enough(stage_name, 22, whole = TRUE)),
    group = form_column(form, "group", group, look$wrapped, wide_enough(group, 20, whole = TRUE)),
    item = form_column(form, "item", gates$item, look$top, 12),
    question = form_column(form, "question", question, look$wrapped, wide_enough(question, 40, whole = TRUE)),
    minimum = form_column(form, "minimum", gates$min, look$number, 10),
    asked = form_column(form, "asked", gates$k, look$number, 10),
    met = form_column(form, "met", figures$met, look$number, 10, formulas$met),
    counts = form_column(form, "counts", figures$counts, look$number, 10, formulas$counts),
    holds = form_column(form, "holds", figures$holds, look$number, 10, holds),
    group_no = form_column(form, "group_no", gates$group_no, look$number, 10)
  )
  describes <- say(form$lang, "form.describe_stages")
  note <- note_lines(say(form$lang, "form.stages_note"), columns)
  marks <- stage_marks(framework)
  title <- if (length(marks) == 0L) {
    describes
  } else {
    say(form$lang, "form.title_stages_status", status = words_of("framework_status", marks))
  }
  form_sheet(form, name, title,
    c(
      live_grid(name, form_first_row - 1L, unname(columns[gate_columns])),
      list(text_block(name, max(rows) + 2L, note, look$small))
    ),
    print_area = c(1L, 1L, max(rows) + 1L + length(note), length(gate_columns))
  )
}

form_gate_rows <- function(gates) form_first_row + seq_len(nrow(gates)) - 1L

gate_range <- function(form, column) {
  rows <- form_gate_rows(form$framework$gates)
  fixed_range(rows, match(column, gate_columns), own_sheet_names(form$lang)[["stages"]])
}

form_gate_labels <- function(form, gates) {
  other <- !is.na(gates$framework)
  out <- form$framework$items$label[form$framework$leaves[gates$column]]
  out[other] <- vapply(gates$framework[other], function(f) say(form$lang, "form.external", framework = f), "")
  out
}

# Whether each gate's item counts, and reaches its minimum.
gate_formulas <- function(form, gates) {
  framework <- form$framework
  places <- column_places(form)
  own <- !is.na(gates$column)
  cell <- function(column, name) {
    place <- item_places(form, framework$leaves[column])
    fixed_range(place$rows, places[[name]], place$sheet)
  }
  counts <- met <- character(nrow(gates))
  for (i in which(own)) {
    counts[i] <- cell(gates$column[i], "applies")
    met[i] <- sprintf("IF(%s>=F{r},I{r},0)", formula_plus(cell(gates$column[i], "level"), slack("bound")))
  }
  for (i in which(!own)) {
    stage <- external_cell(form, gates$framework[i])
    counts[i] <- "1"
    reached <- sprintf("IF(ISNUMBER(%1$s),%1$s,%2$s)", stage, external_least(gates$framework[i]))
    met[i] <- sprintf("IF(%s>=F{r},I{r},0)", formula_plus(reached, slack("bound")))
  }
  list(met = met, counts = counts)
}
