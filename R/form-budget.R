# The progress of an expert's budget of points: is it spent in full?

weight_progress <- function(form, name, row) {
  look <- form_styles()
  items <- form$framework$items
  words <- form$words
  parts <- do.call(rbind, lapply(form$layout, function(s) {
    first <- which(!duplicated(s$parent))
    data.frame(
      sheet = s$name, label = items$label[s$parent[first]], items = as.vector(table(factor(s$parent, s$parent[first]))),
      total = vapply(first, function(i) paste0("{", refer(s$block, "parent_total", i), "}"), "")
    )
  }))
  n <- nrow(parts)
  right <- sheet_format("General", h_align = "right")
  shown <- function(...) form_column(form, ...)
  columns <- list(
    parent = column(parts$label, words[["parent"]], sheet_format(color = "#12436D", wrap = TRUE),
      header_format = look$header, urls = link_to(parts$sheet), width = 36
    ),
    left = shown("left_head", rep(words[["to_answer"]], n), look$plain, 34, budget_check("{parent_total}", words)),
    questions = shown("questions", parts$items, look$percent, 11),
    parent_total = shown("parent_total", numeric(n), right, 11, parts$total)
  )
  list(
    blocks = list(
      text_block(name, row - 1L, say(form$lang, "form.progress_weights"), styles$heading),
      block(name, row, 1L, columns, name = "progress")
    ),
    rules = NULL, last = row + n + 1L
  )
}

# Points to spend below each parent: a total that shows as all of them at two decimals is
# right.
BUDGET <- 100
BUDGET_SLACK <- 0.005

# What is said of the total of a parent's points.
budget_check <- function(total, words) {
  said <- formula_text(words[c("to_answer", "fits", "short", "over")])
  paste0(
    "IF(", total, "=0,", said[1L], ",IF(ABS(", total, "-", BUDGET, ")<", BUDGET_SLACK, ",", said[2L],
    ",IF(", total, "<", BUDGET, ",", said[3L], "&\" \"&", formula_round(paste0(BUDGET, "-", total), 2L), ",",
    said[4L], "&\" \"&", formula_round(paste0(total, "-", BUDGET), 2L), ")))"
  )
}
