#' What looks wrong in the data, cell by cell, with the reason
#'
#' Checks answers against their scales, published scores against the answers
#' they should follow from, and a second source against the first. Nothing is
#' told where to look and no value is changed.
#'
#' @param answers From [cap_answers()] (with `invalid = "keep"` to have values
#'   off the scale audited), or a list of several, one a framework.
#' @param scores Published scores: a data frame `unit` (or `iso3`), `edition`,
#'   `value` and, where they are not overall scores on 100, `item` and `max`.
#' @param other A second source of the same scores, in the same form; without
#'   `item` it holds overall scores.
#'
#' @details
#' * **fault**: a value off its scale, or a published score that is not the
#'   weighted sum of its items. When the score above agrees with the faulty one
#'   (it was added up from it), that is its consequence, named in the
#'   explanation and listed as a note, not as a second fault. Whether a factor
#'   such as 20 or 100 explains the gap is said; which side is wrong cannot be
#'   told from the figures.
#' * **suspect**: two sources disagree (pairs of units whose figures are swapped
#'   are recognised); a change of the overall score between two editions that
#'   lies more than 3 MAD (unscaled median absolute deviation of all changes)
#'   beyond the next largest; two units with the same answers throughout, unless
#'   these are (within 4 items) all 0 or all at the maximum.
#' * **note**: answers missing, and answers marked as other than observed
#'   (derived, desk research, carried forward, imputed, revised, estimated),
#'   counted by edition and item; scores that could not be checked.
#'
#' Published figures are compared to 2e-6 of a point, or to half a unit of the
#' last decimal that the table carries where that is coarser (a table with two
#' decimals cannot be wrong by 0.004).
#'
#' @return An object of class `cap_audit`. `as.data.frame()` gives `severity,
#'   unit, edition, item, value, expected, gap, reason, explanation`, faults
#'   first; `gap` is `value - expected`.
#' @section Errors:
#' `cap_error_input` for tables without the columns named above, scores given
#' twice, and codes that no framework has.
#' @export
#' @examples
#' answers <- cap_answers(subset(gci_items, edition == 2020), "gci-2020")
#' cap_audit(answers, scores = gci_scores)
cap_audit <- function(answers, scores = NULL, other = NULL) {
  answers <- answers_list(answers)
  root <- root_code(answers[[1L]]$framework)
  if (!is.null(scores)) scores <- as_scores(scores, "scores", root)
  if (!is.null(other)) other <- as_scores(other, "other", root)
  check_score_codes(scores, answers, "scores")
  check_score_codes(other, answers, "other")
  computed <- do.call(rbind, lapply(answers, audit_scores))
  rows <- do.call(rbind, c(
    lapply(answers, audit_scale),
    list(
      audit_identities(answers, computed, scores),
      audit_unmatched(scores, computed),
      audit_other(computed, scores, other),
      audit_jumps(computed, scores, root)
    ),
    lapply(answers, audit_twins),
    lapply(answers, audit_sources),
    lapply(answers, audit_missing)
  )) %||% audit_rows("note", list(unit = character(), edition = integer(), item = character()), 0, 0, "", list())
  order <- order(match(rows$severity, severities), method = "radix")
  rows <- rows[order, ]
  rownames(rows) <- NULL
  new_result("cap_audit",
    framework = list(title = listed(unique(lapply(answers, title_of)), by = "list.semicolon")),
    table = rows, n_answers = sum(vapply(answers, function(a) length(a$values), 0L)),
    n_scores = if (is.null(scores)) 0L else count_checked(scores, computed)
  )
}

title_of <- function(answers) label_of(answers$framework, "title", "", answers$framework$title)[[1L]]

severities <- c("fault", "suspect", "note")

answers_list <- function(answers) {
  if (inherits(answers, "cap_answers")) answers <- list(answers)
  if (!is.list(answers) || is.data.frame(answers) || length(answers) == 0L) check_answers(answers)
  for (a in answers) check_answers(a)
  rows <- unlist(lapply(answers, function(a) {
    paste(a$framework$id, a$unit, a$edition, sep = "\r")
  }))
  if (anyDuplicated(rows)) {
    cap_abort_input("{.arg answers} holds the same units and editions more than once.")
  }
  answers
}

check_score_codes <- function(scores, answers, arg) {
  check_items(unique(scores$item), unlist(lapply(answers, function(a) a$framework$items$code)), arg, "the framework")
  invisible(scores)
}

# `cell` has unit, edition and item, of one length or one for all; `reason` is a code,
# `explanation` a list of texts.
audit_rows <- function(severity, cell, value, expected, reason, explanation) {
  n <- if (length(cell$unit) == 0L) 0L else max(length(cell$unit), length(cell$item), length(value), length(explanation))
  rows <- data.frame(
    severity = rep_len(severity, n), unit = rep_len(as.character(cell$unit), n),
    edition = rep_len(cell$edition, n), item = rep_len(as.character(cell$item), n),
    value = rep_len(as.double(value), n), expected = rep_len(as.double(expected), n),
    gap = rep_len(as.double(value), n) - rep_len(as.double(expected), n),
    reason = rep_len(reason, n)
  )
  rows$explanation <- rep_len(explanation, n)
  rows
}

# What is wrong, in a word: a reason of the audit's own, or the source of an answer.
reason_words <- function(reason) {
  own <- words_of("audit_reason", reason)
  ifelse(vapply(own, is_text, NA), own, words_of("source", reason))
}

# The table in a language.
audit_table <- function(x, lang) {
  table <- x$table
  table$reason <- text_in(lang, reason_words(table$reason))
  table$explanation <- text_in(lang, table$explanation)
  table
}

# Scores that the answers give, with what each node's answers covered.
audit_scores <- function(answers) {
  framework <- answers$framework
  values <- answers$values
  values[is.infinite(values)] <- NA
  spec <- list(
    aggregate = rep("arithmetic", max(framework$depth)), missing = "renormalise",
    min_coverage = 0
  )
  scored <- score_panel(framework$arrays, values, spec)
  inner <- setdiff(seq_along(framework$depth), framework$leaves)
  n <- length(answers$unit)
  data.frame(
    unit = rep(answers$unit, length(inner)), edition = rep(answers$edition, length(inner)),
    item = rep(framework$items$code[inner], each = n),
    parent = rep(framework$items$parent[inner], each = n),
    max = rep(framework$items$max[inner], each = n), top = root_max(framework),
    score = as.vector(scored$scores[, inner]), coverage = as.vector(scored$coverage[, inner])
  )
}

score_key <- function(x) paste(x$unit, x$edition, x$item, sep = "\r")

# Published scores that were held against complete answers.
count_checked <- function(scores, computed) {
  complete <- computed[!is.na(computed$score) & is_whole(computed$coverage), ]
  sum(score_key(scores[!is.na(scores$value), ]) %in% score_key(complete))
}

# Scale ------------------------------------------------------------------------

audit_scale <- function(answers) {
  off <- answers$off_scale
  if (nrow(off) == 0L) {
    return(NULL)
  }
  min <- leaf_min(answers$framework)[off$column]
  max <- leaf_max(answers$framework)[off$column]
  value <- answers$values[cbind(off$row, off$column)]
  audit_rows(
    "fault", list(
      unit = answers$unit[off$row], edition = answers$edition[off$row], item = leaf_codes(answers$framework)[off$column]
    ), value, pmin(pmax(value, min), max), "off_scale", terms("audit_why.off_scale", min = signif(min, 7L), max = signif(max, 7L))
  )
}

# Identities -------------------------------------------------------------------

audit_identities <- function(answers, computed, scores) {
  if (is.null(scores)) {
    return(NULL)
  }
  at <- match(score_key(computed), score_key(scores))
  checked <- computed[!is.na(at), ]
  if (nrow(checked) == 0L) {
    return(NULL)
  }
  published <- scores[at[!is.na(at)], ]
  # A table on another scale (0 to 1, say) is put on the framework's.
  checked$value <- published$value * checked$max / published$max
  checked$from <- published_sum(checked, answers)
  checked$tolerance <- score_tolerance(published, checked)
  gap <- checked$value - checked$score
  wrong <- !is.na(gap) & abs(gap) > checked$tolerance
  partial <- wrong & !is_whole(checked$coverage)
  wrong <- wrong & !partial
  follows <- wrong & !is.na(checked$from) &
    abs(checked$value - checked$from) <= checked$tolerance
  roots <- checked[wrong & !follows, ]
  consequences <- checked[follows, ]
  rbind(
    identity_faults(roots, consequences),
    if (nrow(consequences) > 0L) {
      audit_rows(
        "note", consequences, consequences$value, consequences$score, "consequence", list(term("audit_why.consequence"))
      )
    },
    if (any(partial)) {
      audit_rows(
        "note", checked[partial, ], checked$value[partial], checked$score[partial], "partial", list(term("audit_why.partial"))
      )
    }
  )
}

# Published scores that no answers belong to, counted by edition.
audit_unmatched <- function(scores, computed) {
  left <- scores[!score_key(scores) %in% score_key(computed), ]
  if (is.null(scores) || nrow(left) == 0L) {
    return(NULL)
  }
  n <- table(left$edition)
  audit_rows(
    "note", list(unit = NA, edition = tidy_edition(names(n)), item = rep(NA, length(n))), NA, NA,
    "unmatched", terms("audit_why.unmatched", n = as.vector(n))
  )
}

# What a node's published children add up to (computed ones where a child is
# not published); NA where no child is published.
published_sum <- function(checked, answers) {
  frameworks <- lapply(answers, `[[`, "framework")
  total <- rep(NA_real_, nrow(checked))
  key <- score_key(checked)
  for (framework in frameworks) {
    weights <- stats::weights(cap_weights(framework))
    for (parent in unique(checked$item)) {
      children <- framework$items$code[which(framework$items$parent == parent)]
      inner <- intersect(children, checked$item)
      rows <- which(checked$item == parent & checked$edition %in% framework_editions(answers, framework))
      if (length(inner) != length(children) || length(rows) == 0L) next
      sum <- 0
      for (child in children) {
        at <- match(paste(checked$unit[rows], checked$edition[rows], child, sep = "\r"), key)
        sum <- sum + weights[[child]] * checked$value[at] / checked$max[at]
      }
      total[rows] <- sum * checked$max[rows]
    }
  }
  total
}

framework_editions <- function(answers, framework) {
  unlist(lapply(answers, function(a) if (identical(a$framework$id, framework$id)) unique(a$edition)))
}

# 2e-6 of a point on the scale up to 100, or half the last decimal that a column of
# scores carries, on the framework's scale.
score_tolerance <- function(published, checked) {
  factor <- checked$max / published$max
  factor * last_decimal_slack(published, checked$top / factor)
}

# The same for a table of scores on its own scale, whose overall scores go up to `top`.
last_decimal_slack <- function(table, top) {
  group <- paste(table$edition, table$item)
  half <- vapply(split(seq_along(group), group), function(rows) half_last_decimal(table$value[rows], top[rows[1L]]), 0)
  pmax(slack("published") * top / 100, half[group] * (1 + slack("decimal")))
}

# From six decimals on the scale up to 100 down to whole numbers, or as coarse as two
# decimals there.
half_last_decimal <- function(x, top) {
  x <- x[!is.na(x)]
  shift <- ceiling(log10(100 / top))
  for (digits in seq(min(0, shift), 6 + max(0, shift))) {
    if (all(abs(x * 10^digits - round(x * 10^digits)) < slack("decimal"))) {
      return(0.5 / 10^digits)
    }
  }
  0
}

identity_faults <- function(roots, consequences) {
  if (nrow(roots) == 0L) {
    return(NULL)
  }
  explanation <- lapply(seq_len(nrow(roots)), function(i) {
    explain_fault(roots[i, ], consequences[consequences$unit == roots$unit[i] &
      consequences$edition == roots$edition[i], ])
  })
  audit_rows("fault", roots, roots$value, roots$score, "unequal", explanation)
}

# Sentences, one after the other.
explain_fault <- function(fault, consequences) {
  listed(c(
    list(term("audit_why.unequal", value = signif(fault$value, 7L), score = signif(fault$score, 7L))),
    explaining_factor(fault),
    list(term("audit_why.either")),
    if (nrow(consequences) > 0L) {
      gap <- abs(consequences$value[1L] - consequences$score[1L])
      list(term("audit_why.carried", codes = listed(consequences$item), gap = signif(gap, 7L)))
    }
  ), by = "list.sentence")
}

# Whether one whole factor leads from the one figure to the other (20, 100: the
# wrong scale).
explaining_factor <- function(fault) {
  small <- min(abs(fault$value), abs(fault$score))
  large <- max(abs(fault$value), abs(fault$score))
  factor <- if (small > 100 * fault$tolerance) round(large / small) else 0
  above <- if (fault$value > fault$max + fault$tolerance) list(term("audit_why.above"))
  if (factor < 2 || abs(small * factor - large) > factor * fault$tolerance) {
    return(above)
  }
  if (abs(fault$value) > abs(fault$score)) {
    return(c(above, list(term("audit_why.divided", factor = factor))))
  }
  list(term(if (factor == fault$max) "audit_why.share" else "audit_why.times", factor = factor))
}

# A second source --------------------------------------------------------------

audit_other <- function(computed, scores, other) {
  if (is.null(other)) {
    return(NULL)
  }
  first <- scores %||% data.frame(
    unit = computed$unit, edition = computed$edition, item = computed$item,
    value = computed$score, max = computed$max
  )
  at <- match(score_key(other), score_key(first))
  pairs <- data.frame(
    unit = other$unit, edition = other$edition, item = other$item, value = other$value,
    expected = first$value[at] * other$max / first$max[at]
  )
  node <- match(score_key(other), score_key(computed))
  top <- other$max * computed$top[node] / computed$max[node]
  pairs$tolerance <- last_decimal_slack(other, ifelse(is.na(top), 100, top))
  pairs <- pairs[!is.na(pairs$expected), ]
  pairs <- pairs[abs(pairs$value - pairs$expected) > pairs$tolerance, ]
  if (nrow(pairs) == 0L) {
    return(NULL)
  }
  partner <- swapped_with(pairs)
  swapped <- !is.na(partner)
  audit_rows(
    "suspect", pairs, pairs$value, pairs$expected, ifelse(swapped, "swapped", "disagree"),
    ifelse(swapped,
      terms("audit_why.swapped", unit = pairs$unit, other = partner),
      terms("audit_why.disagree", value = signif(pairs$value, 7L), expected = signif(pairs$expected, 7L))
    )
  )
}

# For each disagreeing row the unit whose figure it carries, where both carry
# each other's: both gaps are large beside the rounding of the table, and
# exchanging the figures removes all but a 20th of them.
swapped_with <- function(pairs) {
  partner <- rep(NA_character_, nrow(pairs))
  group <- paste(pairs$edition, pairs$item)
  for (rows in split(seq_len(nrow(pairs)), group)) {
    gap <- abs(pairs$value - pairs$expected)
    for (i in rows) {
      for (j in rows[rows > i]) {
        if (!is.na(partner[i]) || !is.na(partner[j]) ||
          min(gap[i], gap[j]) <= 20 * pairs$tolerance[i]) {
          next
        }
        crossed <- c(
          abs(pairs$value[i] - pairs$expected[j]), abs(pairs$value[j] - pairs$expected[i])
        )
        if (all(crossed <= pmax(pairs$tolerance[i], 0.05 * min(gap[i], gap[j])))) {
          partner[i] <- pairs$unit[j]
          partner[j] <- pairs$unit[i]
        }
      }
    }
  }
  partner
}

# Jumps ------------------------------------------------------------------------

# Overall scores by unit and edition: published where given, else computed.
audit_jumps <- function(computed, scores, root) {
  overall <- computed[computed$item == root, c("unit", "edition", "score", "max")]
  names(overall)[3L] <- "value"
  if (!is.null(scores)) {
    published <- scores[scores$item == root, c("unit", "edition", "value", "max")]
    overall <- rbind(published, overall)
    overall <- overall[!duplicated(paste(overall$unit, overall$edition)), ]
  }
  overall$value <- overall$value / overall$max * 100
  editions <- sort(unique(overall$edition))
  do.call(rbind, lapply(seq_along(editions)[-1L], function(i) {
    edition_jumps(overall, editions[i - 1L], editions[i], root)
  }))
}

edition_jumps <- function(overall, before, after, root) {
  x <- merge(overall[overall$edition == before, ], overall[overall$edition == after, ], by = "unit")
  change <- x$value.y - x$value.x
  x <- x[!is.na(change), ]
  change <- change[!is.na(change)]
  if (length(change) < 10L) {
    return(NULL) # too few to say what is usual
  }
  spread <- .Call(C_median_deviation, change)
  out <- c(lonely(change, spread), lonely(-change, spread))
  audit_rows(
    "suspect", list(unit = x$unit[out], edition = after, item = root), x$value.y[out], x$value.x[out],
    "jump", list(term("audit_why.jump", before = before, after = after, points = 3 * spread))
  )
}

# The position of the largest value when it stands that far from the second.
lonely <- function(x, spread) {
  order <- order(-x)
  if (spread > 0 && x[order[1L]] - x[order[2L]] > 3 * spread) order[1L] else integer()
}

# Twins ------------------------------------------------------------------------

audit_twins <- function(answers) {
  framework <- answers$framework
  values <- answers$values
  full <- rowSums(is.na(values)) == 0L
  off_ends <- rowSums(values != rep(leaf_min(framework), each = nrow(values))) >= 5L &
    rowSums(values != rep(leaf_max(framework), each = nrow(values))) >= 5L
  rows <- which(full & off_ends)
  key <- paste(answers$edition[rows], apply(values[rows, , drop = FALSE], 1L, function(v) {
    paste(sprintf("%a", v), collapse = " ")
  }))
  twins <- split(rows, key)
  twins <- twins[lengths(twins) > 1L]
  do.call(rbind, lapply(unname(twins), function(same) {
    audit_rows(
      "suspect", list(unit = answers$unit[same], edition = answers$edition[same], item = NA), NA, NA,
      "identical", list(term("audit_why.identical", units = listed(answers$unit[same])))
    )
  }))
}

# Notes ------------------------------------------------------------------------

not_observed <- c(
  "derived", "desk research", "desk-research", "desk-researched", "desk researched",
  "carried forward", "carried-forward", "imputed", "revised", "estimated", "assigned"
)

audit_sources <- function(answers) {
  marks <- which(answers$source_labels %in% not_observed)
  if (length(marks) == 0L) {
    return(NULL)
  }
  cells <- which(matrix(answers$sources %in% marks, nrow(answers$sources)), arr.ind = TRUE)
  count_cells(answers, cells, answers$source_labels[answers$sources[cells]], "audit_why.marked")
}

audit_missing <- function(answers) {
  cells <- which(is.na(answers$values), arr.ind = TRUE)
  count_cells(answers, cells, rep("missing", nrow(cells)), "audit_why.missing")
}

# One note an edition, item and reason, with the number of units.
count_cells <- function(answers, cells, reason, why) {
  if (nrow(cells) == 0L) {
    return(NULL)
  }
  counts <- as.data.frame(
    table(
      edition = answers$edition[cells[, 1L]],
      item = leaf_codes(answers$framework)[cells[, 2L]], reason = reason
    ),
    stringsAsFactors = FALSE
  )
  counts <- counts[counts$Freq > 0, ]
  of <- vapply(counts$edition, function(e) sum(as.character(answers$edition) == e), 0L)
  audit_rows(
    "note", list(unit = NA, edition = tidy_edition(counts$edition), item = counts$item), NA, NA, counts$reason,
    terms(why, n = counts$Freq, of = of, source = words_of("source", counts$reason))
  )
}

#' @export
result_tables.cap_audit <- function(x, lang, ...) {
  list(faults = lazy_table(audit_table(x, lang), term("caption.audit")))
}

#' @export
cap_findings.cap_audit <- function(x, ..., lang = "en") {
  table <- x$table
  count <- function(s) sum(table$severity == s)
  faults <- utils::head(table[table$severity == "fault", ], 5L)
  more <- count("fault") - nrow(faults)
  suspects <- table[table$severity == "suspect" & table$reason != "swapped", ]
  swapped <- table$unit[table$reason == "swapped"]
  do.call(findings, c(
    list(
      lang,
      finding("audit.checked", answers = x$n_answers, scores = x$n_scores),
      finding("audit.counts", faults = count("fault"), suspects = count("suspect"), notes = count("note"))
    ),
    lapply(seq_len(nrow(faults)), function(i) {
      finding("audit.fault",
        unit = faults$unit[i], edition = faults$edition[i], item = faults$item[i],
        explanation = faults$explanation[[i]]
      )
    }),
    list(
      if (more > 0L) finding("audit.more", n = more),
      if (nrow(suspects) > 0L) {
        units <- terms("list.detail", what = suspects$unit, detail = reason_words(suspects$reason))
        finding("audit.suspects", n = nrow(suspects), units = first_of(units))
      },
      if (length(swapped) > 0L) finding("audit.swapped", units = first_of(swapped, 10L))
    )
  ))
}
