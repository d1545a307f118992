# How the provisional score and stage of a form are worked out, as sheets with live
# formulas over the answers.

# Score ------------------------------------------------------------------------

# Nodes above the items in the order of their rows: level by level, so that the branches
# of a node stand side by side.
score_nodes <- function(framework) {
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
  out
}

score_sheet <- function(form) {
  framework <- form$framework
  look <- form_styles()
  name <- own_sheet_names(form$lang)[["score"]]
  node <- score_nodes(framework)
  items <- framework$items[node, ]
  figures <- form$figures
  formulas <- form_node_formulas(form, node)
  columns <- list(
    code = form_column(form, "code", items$code, look$top, 14),
    branch = form_column(form, "branch", items$label, look$wrapped, 44),
    level_name = form_column(form, "level_name", framework$levels[framework$depth[node] + 1L], look$top, 14),
    weight = form_column(form, "weight", form$share[node], look$weight, 12),
    left = form_column(form, "left", figures$node_left[node], look$weight, 12, formulas$left),
    applies = form_column(form, "applies", figures$node_applies[node], look$number, 12, "IF({left}>0,1,0)"),
    share = form_column(form, "share", figures$node_share[node], look$weight, 12, formulas$share),
    score = form_column(form, "score", figures$node_share[node] * items$max, look$points, 12, "{share}*{of}"),
    of = form_column(form, "of", items$max, look$number, 12)
  )
  noted_sheet(form, name, say(form$lang, "form.describe_score"), columns, "score", say(form$lang, "form.score_note"))
}

# A sheet of one table, which references call `table`, and a note below.
noted_sheet <- function(form, name, title, columns, table, note) {
  last_row <- form_first_row + length(columns[[1L]]$values) - 1L
  note <- note_lines(note, columns)
  form_sheet(form, name, title,
    list(
      block(name, form_first_row - 1L, 1L, columns, name = table),
      text_block(name, last_row + 2L, note, styles$small)
    ),
    print_area = c(1L, 1L, last_row + 1L + length(note), length(columns))
  )
}

# For each node its formulas: the weight of what applies below it, and the weighted
# mean of the shares.
form_node_formulas <- function(form, nodes) {
  framework <- form$framework
  of_children <- function(node, column) {
    below <- which(framework$arrays$parent == node)
    inner <- which(nodes %in% below)
    own <- item_places(form, setdiff(below, nodes))
    paste0("{", c(
      if (length(inner) > 0L) refer("score", column, inner), if (!is.null(own)) refer(own$block, column, own$rows)
    ), "}")
  }
  list(
    left = vapply(nodes, function(n) sum_product(of_children(n, "weight"), of_children(n, "applies")), ""),
    share = vapply(nodes, function(n) {
      formula_mean_of(of_children(n, "weight"), of_children(n, "applies"), of_children(n, "share"), "{left}")
    }, "")
  )
}

# Where items of one parent stand: list(block, rows).
item_places <- function(form, leaves) {
  if (length(leaves) == 0L) {
    return(NULL)
  }
  column <- match(leaves, form$framework$leaves)
  for (s in form$layout) {
    if (all(column %in% s$items)) {
      return(list(block = s$block, rows = match(column, s$items)))
    }
  }
}

# The cell of a node's figure on the sheet Score.
score_cell <- function(form, node, column) {
  paste0("{", refer("score", column, match(node, score_nodes(form$framework))), "}")
}

# Stages -----------------------------------------------------------------------

stages_sheet <- function(form) {
  framework <- form$framework
  look <- form_styles()
  name <- own_sheet_names(form$lang)[["stages"]]
  gates <- form_gates(framework)
  figures <- gate_cells(form, gates)
  formulas <- gate_formulas(form, gates)
  stage_name <- framework$stages$label[match(gates$stage, framework$stages$stage)]
  question <- form_gate_labels(form, gates)
  columns <- list(
    stage = form_column(form, "stage", gates$stage, look$number, 8),
    stage_name = form_column(form, "stage_name", stage_name, look$wrapped, wide_enough(stage_name, 22, whole = TRUE)),
    group = form_column(form, "group", gates$group, look$wrapped, wide_enough(gates$group, 20, whole = TRUE)),
    item = form_column(form, "item", gates$item, look$top, 12),
    question = form_column(form, "question", question, look$wrapped, wide_enough(question, 40, whole = TRUE)),
    minimum = form_column(form, "minimum", gates$min, look$number, 10),
    asked = form_column(form, "asked", gates$k, look$number, 10),
    met = form_column(form, "met", figures$met, look$number, 10, formulas$met),
    counts = form_column(form, "counts", figures$counts, look$number, 10, formulas$counts),
    holds = form_column(form, "holds", figures$holds, look$number, 10, formulas$holds),
    group_no = form_column(form, "group_no", gates$group_no, look$number, 10)
  )
  marks <- stage_marks(framework)
  title <- say(form$lang, if (length(marks) > 0L) "form.title_stages_status" else "form.describe_stages",
    status = words_of("framework_status", marks)
  )
  noted_sheet(form, name, title, columns, "gates", say(form$lang, "form.stages_note"))
}

form_gate_labels <- function(form, gates) {
  other <- !is.na(gates$framework)
  out <- form$framework$items$label[form$framework$leaves[gates$column]]
  out[other] <- vapply(gates$framework[other], function(f) say(form$lang, "form.external", framework = f), "")
  out
}

# Whether each gate's item counts, reaches its minimum, and its group holds.
gate_formulas <- function(form, gates) {
  framework <- form$framework
  own <- !is.na(gates$column)
  cell <- function(column, name) {
    place <- item_places(form, framework$leaves[column])
    paste0("{", refer(place$block, name, place$rows), "}")
  }
  counts <- rep("1", nrow(gates))
  counts[own] <- vapply(gates$column[own], cell, "", name = "applies")
  value <- vapply(seq_len(nrow(gates)), function(i) {
    if (own[i]) {
      return(cell(gates$column[i], "level"))
    }
    stage <- external_cell(form, gates$framework[i])
    paste0("IF(ISNUMBER(", stage, "),", stage, ",", external_least(gates$framework[i]), ")")
  }, "")
  all <- list(group = "{gates$group_no}", met = "{gates$met}", counts = "{gates$counts}")
  c(list(counts = counts), formula_gates(value, "{minimum}", "{counts}", "{asked}", "{group_no}", all))
}
