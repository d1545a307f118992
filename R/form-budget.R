# The progress of an expert's budget of points: is it spent in full?

weight_progress <- function(form, name, row) {
  look <- form_styles()
  items <- form$framework$items
  parts <- do.call(rbind, lapply(form$layout, function(s) {
    first <- which(!duplicated(s$parent))
    data.frame(
      sheet = s$name, label = items$label[s$parent[first]], items = as.vector(table(factor(s$parent, s$parent[first]))),
      total = vapply(first, function(i) paste0("{", refer(s$block, "parent_total", i), "}"), "")
    )
  }))
  n <- nrow(parts)
  columns <- list(
    parent = column(parts$label, form$words[["parent"]], sheet_format(color = "#12436D", wrap = TRUE),
      header_format = look$header, urls = link_to(parts$sheet), width = 36
    ),
    left = form_column(
      form, "left_head", rep(form$words[["to_answer"]], n), look$plain, 34, budget_check("{parent_total}", form$words)
    ),
    questions = form_column(form, "questions", parts$items, look$percent, 11),
    parent_total = form_column(
      form, "parent_total", numeric(n), sheet_format("General", h_align = "right"), 11, parts$total
    )
  )
  list(
    blocks = list(
      text_block(name, row - 1L, say(form$lang, "form.progress_weights"), styles$heading),
      block(name, row, 1L, columns, name = "progress")
    ),
    rules = NULL, last = row + n + 1L
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
