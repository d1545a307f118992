# The form for experts who give weights: points among the items below each parent,
# and, if asked for, pairwise judgements.

weight_sheets <- function(form) {
  budget <- lapply(form$layout, function(s) budget_sheet(form, s))
  list(
    sheets = c(list(form_start_sheet(form)), budget, if (form$pairs) list(pairs_sheet(form))),
    table = weight_table(form), asked = refer(vapply(form$layout, `[[`, "", "block"), "points"), filled = 0
  )
}

weight_table <- function(form) {
  items <- form$framework$items
  do.call(rbind, lapply(form$layout, function(s) {
    data.frame(sheet = s$name, item = items$code[s$child], label = items$label[s$child], value = NA_real_)
  }))
}

budget_sheet <- function(form, s) {
  items <- form$framework$items
  look <- form_styles()
  n <- length(s$child)
  rows <- form_first_row + seq_len(n) - 1L
  words <- form$words
  parent <- items$label[s$parent]
  helped <- form$help[s$child]
  question <- paste0(items$label[s$child], ifelse(is.na(helped), "", paste0("\n", helped)))
  shown <- function(...) form_column(form, ...)
  columns <- list(
    parent = shown("parent", parent, look$wrapped, wide_enough(parent, 26, whole = TRUE)),
    code = shown("code", items$code[s$child], look$top, 12),
    question = shown("question", question, look$question, 42),
    points = shown("points", rep(NA_real_, n), look$answer, 12, shorthand = ""),
    comment = shown("comment", rep("", n), look$input, 40),
    parent_total = shown("parent_total", numeric(n), look$number, 12, "SUMIF({$parent_no},{parent_no},{$points})"),
    check = shown("check", rep(words[["to_answer"]], n), look$wrapped, 22, budget_check("{parent_total}", words)),
    parent_no = shown("parent_no", s$parent, look$number, 10, header_format = look$side_header)
  )
  number <- say(form$lang, "form.error_points")
  form_sheet(form, s$name, s$title,
    list(block(s$name, form_first_row - 1L, 1L, columns, table = paste0("tbl_", s$block), autofilter = TRUE)),
    print_area = c(1L, 1L, max(rows), match("check", names(columns))), heights = row_heights(columns, rows),
    validations = list(valid_number(refer(s$block, "points"), 0, BUDGET,
      error_title = say(form$lang, "form.error_title"), error_message = number, input_message = number
    ))
  )
}

# Pairs ------------------------------------------------------------------------

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
  parent <- items$label[pairs$parent]
  columns <- list(
    parent = form_column(form, "parent", parent, look$wrapped, wide_enough(parent, 24, whole = TRUE)),
    first_code = form_column(form, "first_code", items$code[pairs$first], look$top, 10),
    first_item = form_column(form, "first_item", items$label[pairs$first], look$question, 32),
    second_code = form_column(form, "second_code", items$code[pairs$second], look$top, 10),
    second_item = form_column(form, "second_item", items$label[pairs$second], look$question, 32),
    outweighs = form_column(form, "outweighs", rep("", n), look$short_input, 14),
    times = form_column(form, "times", rep(NA_real_, n), look$answer, 10, shorthand = ""),
    comment = form_column(form, "comment", rep("", n), look$input, 30)
  )
  form_sheet(form, name, say(form$lang, "form.title_pairs"),
    list(block(name, form_first_row - 1L, 1L, columns, table = "tbl_pairs", autofilter = TRUE)),
    print_area = c(1L, 1L, max(rows), length(columns)), heights = row_heights(columns, rows),
    validations = list(
      valid_list("pairs$outweighs", list_cells("outweighs"),
        error_title = say(form$lang, "form.error_title"), error_message = say(form$lang, "form.error_list")
      ),
      valid_list("pairs$times", list_cells("times"),
        error_title = say(form$lang, "form.error_title"), error_message = say(form$lang, "form.error_times"),
        input_message = say(form$lang, "form.error_times")
      )
    )
  )
}
