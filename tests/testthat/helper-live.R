# A nested framework: scales that do not begin at 0, less is better.
nested <- function(...) {
  cap_framework(list(items = data.frame(
    code = c("R", "A", "B", "A1", "A2", "A11", "A12", "B1"),
    parent = c("", "R", "R", "A", "A", "A1", "A1", "B"),
    label = c("Root", "Alpha", "Beta", "Deep", "Flat", "One", "Two", "Beta one"),
    weight = c(NA, 1, 3, 1, 1, 2, 1, 1), min = c(0, 0, 0, 0, 1, 0, 0, 0),
    max = c(100, 20, 20, 10, 4, 1, 5, 1), direction = c(1, 1, 1, 1, -1, 1, -1, 1)
  ), ...))
}
nested_index <- function(..., gaps = 0, framework = nested()) {
  data <- made_answers(framework, gaps = 0)
  low <- framework$items$min[match(data$item, framework$items$code)]
  data$value <- pmax(data$value, low)
  if (gaps > 0) data$value[seq_len(gaps) * 5] <- NA
  cap_index(cap_answers(data, framework), ...)
}
