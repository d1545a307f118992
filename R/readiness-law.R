# The probability of each stage.

# list(at_least, lower, upper, error: rows x stages; way, a label a row).
stage_law <- function(x, cells, input, step) {
  levels <- list(lowest = cells$lowest, step = level_steps(x$framework, step), highest = cells$highest)
  if (x$by_bands) {
    return(band_law(x, cells, input, levels))
  }
  pass <- gate_pass(x, cells, levels)
  .Call(
    C_stage_probability, x$gates, pass, x$values$applies,
    list(correlation = x$spec$correlation, n = x$spec$n, key = random_key(), simulate = x$spec$method == "simulation")
  )
}

# The step between the levels of each item.
level_steps <- function(framework, step) {
  codes <- leaf_codes(framework)
  min <- leaf_min(framework)
  max <- leaf_max(framework)
  gates <- framework$gates %||% data.frame(item = character(), min = numeric())
  asked <- codes %in% gates$item[gates$min == floor(gates$min)]
  in_between <- codes %in% gates$item[gates$min != floor(gates$min)]
  ordinal <- min == floor(min) & max == floor(max) & !in_between & (asked | max - min > 1)
  out <- ifelse(ordinal, 1, (max - min) / 2)
  as_steps(step, out, framework)
}

# Rows x members of gates: the chance that each holds.
gate_pass <- function(x, cells, levels) {
  outside <- x$external
  extra <- ncol(outside$low)
  known <- function(figure) c(as.double(figure), rep(1, extra))
  pass <- .Call(
    C_evidence_pass, x$gates, cbind(cells$value, outside$low), cbind(cells$reliability, outside$low * 0 + 1),
    list(
      lowest = c(levels$lowest, rep(0, extra)), step = known(levels$step),
      highest = c(levels$highest, rep(1e5, extra))
    )
  )
  for (m in which(x$gates$item > length(levels$lowest))) {
    pass[, m] <- external_pass(outside, x$gates$item[m] - length(levels$lowest), x$gates$minimum[m])
  }
  pass
}

# P(stage of another framework >= minimum): its own law, else every stage of its
# interval equally likely.
external_pass <- function(outside, j, minimum) {
  stages <- outside$stages[[j]]
  inside <- outer(outside$low[, j], stages, "<=") & outer(outside$high[, j], stages, ">=")
  met <- rep(stages >= minimum, each = nrow(inside))
  out <- rowSums(inside & met) / rowSums(inside)
  law <- outside$at_least[[j]]
  if (!is.null(law)) {
    own <- law[, match(minimum, stages)]
    out[!is.na(own)] <- own[!is.na(own)]
  }
  out
}

# Bands: the answers are drawn, scored and read, some draws at a time. Whatever
# the dependence, the band stays between those of the least and greatest draws.
band_law <- function(x, cells, input, levels) {
  n <- length(x$unit)
  n_stages <- x$gates$n_stages
  key <- random_key()
  chunk <- max(1, floor(2e6 / (n * length(x$framework$depth))))
  tally <- numeric(n * n_stages)
  for (first in seq(0, x$spec$n - 1, by = chunk)) {
    now <- min(chunk, x$spec$n - first)
    drawn <- .Call(
      C_evidence_draw, cells$value, cells$reliability, levels,
      list(correlation = x$spec$correlation, key = key, first = first, n = now)
    )
    stage <- band_stages(x, cells, input, drawn)
    tally <- tally + tabulate(seq_len(n) + n * stage, n * n_stages)
  }
  at_least <- matrix(tally, n)
  for (s in rev(seq_len(n_stages - 1L))) at_least[, s] <- at_least[, s] + at_least[, s + 1L]
  at_least <- at_least / x$spec$n
  position <- rep(seq_len(n_stages) - 1L, each = n)
  within <- function(end) {
    stage <- band_stages(x, cells, input, .Call(C_evidence_range, cells$value, cells$reliability, levels, end))
    matrix(as.double(position <= stage), n)
  }
  list(
    at_least = at_least, lower = within(FALSE), upper = within(TRUE),
    error = share_error(at_least, x$spec$n), way = rep("simulation", n)
  )
}

# Positions of the bands of drawn answers: rows of all units, draw after draw.
band_stages <- function(x, cells, input, drawn) {
  score <- node_scores(input, cells, drawn, input$aggregate)[, x$framework$root]
  .Call(C_stage_reach, x$gates, cbind(100 * score / root_max(x$framework)), NULL)
}

# Probabilities of the stages, rows x stages.
stage_chances <- function(law) {
  n <- ncol(law$at_least)
  law$at_least - cbind(law$at_least[, -1L, drop = FALSE], 0)[, seq_len(n), drop = FALSE]
}

# How many of the rows to expect in each stage.
expected_stages <- function(law, rows) colSums(stage_chances(law)[rows, , drop = FALSE])

# The likeliest stages that together reach the level (the lower of equals
# first): rows x stages, logical.
likely_stages <- function(law, level = 0.9) {
  chance <- stage_chances(law)
  out <- matrix(FALSE, nrow(chance), ncol(chance))
  for (row in seq_len(nrow(chance))) {
    sorted <- order(-tied_within(chance[row, ], slack("weight")), seq_len(ncol(chance)))
    reached <- cumsum(chance[row, sorted])
    out[row, sorted[seq_len(which(reached >= level - slack("share"))[1L])]] <- TRUE
  }
  out
}
