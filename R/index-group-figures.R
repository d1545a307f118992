# Statistics of groups: one row a group and level, by the core.

# A matrix with a row a group and node (nodes fastest); `rows` lists the rows of
# `scores` that are in each group.
group_figures <- function(scores, users, rows) {
  users <- users %||% rep(NA_real_, nrow(scores))
  .Call(C_group_statistics, scores, as.double(users), lapply(rows, as.integer))
}
