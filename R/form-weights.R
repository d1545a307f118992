# The form for experts who give weights: points among the items below each parent,
# and, if asked for, pairwise judgements.

weight_sheets <- function(form) {
  budget <- lapply(form$layout, function(s) budget_sheet(form, s))
  list(
    sheets = c(list(form_start_sheet(form)), budget, if (form$pairs) list(pairs_sheet(form))),
    table = weight_table(form), filled = 0
  )
}

weight_table <- function(form) {
  items <- form$framework$items
  rows <- lapply(form$layout, function(s) {
    data.frame(
      sheet = s$name, cell = cell_name(form_first_row + seq_along(s$child) - 1L, match("points", budget_columns)),
      item = items$code[s$child], label = items$label[s$child], value = NA_real_
    )
  })
  do.call(rbind, rows)
}

# list(node, title, parent, child) a sheet: one for the branches of the root, and
# one for each branch with parents in it. Parents with one item are not asked.
budget_layout <- function(framework) {
  parent <- framework$arrays$parent
  parents <- which(tabulate(parent[!is.na(parent)], length(parent)) > 1L)
  if (length(parents) == 0L) {
    cap_abort_input("No parent of {.val {framework$id}} has two items: there is nothing to weigh.")
  }
  branch <- pillar_of(framework, parents)
  lapply(unique(
    c(branch[is.na(branch)], pillar_nodes(framework)[pillar_nodes(framework) %in% branch])
  ), function(node) {
    own <- parents[branch %in% node]
    child <- unlist(lapply(own, function(p) which(parent == p)), use.names = FALSE)
    list(node = node, title = framework$items$label[if (is.na(
      node
    )) framework$root else node], parent = parent[child], child = child)
  })
}

budget_columns <- c("parent", "code", "question", "points", "comment", "parent_total", "check", "parent_no")

budget_sheet <- function(form, s) {
  items <- form$framework$items
  look <- form_styles()
  n <- length(s$child)
  rows <- form_first_row + seq_len(n) - 1L
  range <- function(column) {
    letter <- column_letters(match(column, budget_columns))
    paste0("$", letter, "$", rows[1L], ":$", letter, "$", rows[n])
  }
  words <- form$words
  helped <- form$help[s$child]
  columns <- list(
    parent = form_column(
      form, "parent", items$label[s$parent], look$wrapped, wide_enough(items$label[s$parent], 26, whole = TRUE)
    ),
    code = form_column(form, "code", items$code[s$child], look$top, 12),
    question = form_column(
      form, "question", paste0(items$label[s$child], ifelse(is.na(helped), "", paste0("\n", helped))), look$question, 42
    ),
    points = form_column(form, "points", rep(NA_real_, n), look$answer, 12, shorthand = ""),
    comment = form_column(form, "comment", rep("", n), look$input, 40),
    parent_total = form_column(form, "parent_total", numeric(n), look$number, 12,
      paste0("SUMIF(", range("parent_no"), ",H{r},", range("points"), ")")),
    check = form_column(form, "check", rep(words[["to_answer"]], n), look$wrapped, 22, budget_check("F{r}", words)),
    parent_no = form_column(form, "parent_no", s$parent, look$number, 10, header_format = look$side_header)
  )
  number <- say(form$lang, "form.error_points")
  form_sheet(form, s$name, s$title,
    list(block(s$name, form_first_row - 1L, 1L, unname(columns),
      table = paste0("tbl_weights_", match(s$name, vapply(form$layout, `[[`, "", "name"))), autofilter = TRUE
    )),
    print_cols = match("check", budget_columns), last_row = max(rows), heights = row_heights(columns, rows),
    validations = list(valid_number(cells(s$name, rows, match("points", budget_columns)), 0, 100,
      error_title = say(form$lang, "form.error_title"), error_message = number, input_message = number
    ))
  )
}

# What is said of the total of a parent's points.
budget_check <- function(total, words) {
  sprintf(
    paste0(
      "IF(%1$s=0,%2$s,IF(ABS(%1$s-100)<0.005,%3$s,",
      "IF(%1$s<100,%4$s&\" \"&ROUND(100-%1$s,2),%5$s&\" \"&ROUND(%1$s-100,2))))"
    ),
    total, formula_text(
      words[["to_answer"]]
    ), formula_text(words[["fits"]]), formula_text(words[["short"]]), formula_text(words[["over"]])
  )
}

weight_progress <- function(form, name, row) {
  look <- form_styles()
  items <- form$framework$items
  parts <- do.call(rbind, lapply(form$layout, function(s) {
    first <- which(!duplicated(s$parent))
    data.frame(
      sheet = s$name, label = items$label[s$parent[first]], items = as.vector(table(factor(s$parent, s$parent[first]))),
      total = vapply(
        first, function(i) fixed_range(form_first_row + i - 1L, match("parent_total", budget_columns), s$name), ""
      )
    )
  }))
  n <- nrow(parts)
  columns <- list(
    form_column(form, "left_head", rep(form$words[["to_answer"]], n), look$plain, 34, budget_check("D{r}", form$words)),
    form_column(form, "questions", parts$items, look$percent, 11),
    form_column(form, "parent_total", numeric(n), sheet_format("General", h_align = "right"), 11, parts$total)
  )
  shift <- function(b) utils::modifyList(b, list(col = b$col + 1L))
  list(
    blocks = c(
      list(
        text_block(name, row - 1L, say(form$lang, "form.progress_weights"), styles$heading),
        block(name, row, 1L, list(column(parts$label, form$words[["parent"]], sheet_format(
          color = "#12436D", wrap = TRUE
        ),
          header_format = look$header, urls = link_to(parts$sheet), width = 36
        )))
      ),
      lapply(live_grid(name, row, columns), shift)
    ),
    rules = NULL, last = row + n + 1L
  )
}

# Pairs ------------------------------------------------------------------------------

pair_columns <- c("parent", "first_code", "first_item", "second_code", "second_item", "outweighs", "times", "comment")

# data frame parent, first, second: nodes.
form_pairs <- function(form) {
  parent <- form$framework$arrays$parent
  pairs <- lapply(unique(unlist(lapply(form$layout, `[[`, "parent"))), function(p) {
    below <- which(parent == p)
    if (!length(below) %in% 3:7) {
      return(NULL)
    }
    two <- utils::combn(below, 2L)
    data.frame(parent = p, first = two[1L, ], second = two[2L, ])
  })
  out <- do.call(rbind, pairs)
  if (is.null(out)) {
    cap_abort_input("No parent of {.val {form$framework$id}} has 3 to 7 items, so there are no pairs to ask for.")
  }
  out
}

pairs_sheet <- function(form) {
  name <- own_sheet_names(form$lang)[["pairs"]]
  look <- form_styles()
  items <- form$framework$items
  pairs <- form_pairs(form)
  n <- nrow(pairs)
  rows <- form_first_row + seq_len(n) - 1L
  columns <- list(
    parent = form_column(
      form, "parent", items$label[pairs$parent], look$wrapped, wide_enough(items$label[pairs$parent], 24, whole = TRUE)
    ),
    first_code = form_column(form, "first_code", items$code[pairs$first], look$top, 10),
    first_item = form_column(form, "first_item", items$label[pairs$first], look$question, 32),
    second_code = form_column(form, "second_code", items$code[pairs$second], look$top, 10),
    second_item = form_column(form, "second_item", items$label[pairs$second], look$question, 32),
    outweighs = form_column(form, "outweighs", rep("", n), look$short_input, 14),
    times = form_column(form, "times", rep(NA_real_, n), look$answer, 10, shorthand = ""),
    comment = form_column(form, "comment", rep("", n), look$input, 30)
  )
  place <- function(column) cells(name, rows, match(column, pair_columns))
  title <- say(form$lang, "form.title_pairs")
  form_sheet(form, name, title,
    list(block(name, form_first_row - 1L, 1L, unname(columns), table = "tbl_pairs", autofilter = TRUE)),
    print_cols = length(pair_columns), last_row = max(rows), heights = row_heights(columns, rows),
    validations = list(
      valid_list(place("outweighs"), list_cells(form, "outweighs"),
        error_title = say(form$lang, "form.error_title"), error_message = say(form$lang, "form.error_list")
      ),
      valid_list(place("times"), list_cells(form, "times"),
        error_title = say(form$lang, "form.error_title"), error_message = say(form$lang, "form.error_times"),
        input_message = say(form$lang, "form.error_times")
      )
    )
  )
}
