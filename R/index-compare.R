#' Several indices side by side
#'
#' Scores, ranks and tiers of the same units under different weights, rules or
#' frameworks, each beside the first: what a choice of method changes.
#'
#' @param ... Two or more results of [cap_index()]. Names become the names of the
#'   indices; an unnamed one is called by its expression where that is a name,
#'   else by its position.
#' @param ties How ties are ranked, as in [cap_index()]; by default as in the
#'   first index.
#'
#' @details
#' Compared are the overall scores of the units and editions that every index
#' scores; ranks are among these, within an edition, on two decimals. Dense ranks
#' close up where scores tie, so an index with more ties has smaller ranks and
#' shifts show that too (the findings say so); `ties = "min"` counts the units
#' ahead instead. Where the maxima of the
#' overall scores differ, scores are brought to the scale of the first. Ranks and
#' tiers are each index's own, on its own scale.
#'
#' **Correlations**, for each pair of indices and edition: Spearman's is
#' Pearson's correlation of average ranks; Kendall's is tau-b,
#' \eqn{(P - Q) / \sqrt{(P + Q + X)(P + Q + Y)}}, with P concordant and Q
#' discordant pairs and X, Y the pairs tied in one only. Scores that agree to
#' 1e-11 of their maximum tie.
#'
#' @section Missing values:
#' Units without a score in one of the indices are left out of all, counted and
#' named in the findings. A constant column, or one of fewer than two units, has
#' no correlation (`NA`).
#' @section Errors:
#' `cap_error_input` for fewer than two indices, for what is no index, for names
#' given twice, and where no unit and edition is in all.
#' @return An object of class `cap_compare`. `as.data.frame()` gives a row a
#'   unit, edition and index: `unit, edition, index, score, tier, rank,
#'   score_shift, rank_shift`, the shifts being this index less the first
#'   (a negative `rank_shift` is nearer the top); with `table = "correlations"`
#'   a row a pair and edition: `edition, first, second, n, spearman, kendall`.
#'   `cap_table()` has a row a unit and edition, the indices side by side.
#' @references Spearman, C. (1904), *American Journal of Psychology* 15. Kendall,
#'   M. (1945), *Biometrika* 33. Knight, W. (1966), *Journal of the American
#'   Statistical Association* 61.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' both <- cap_compare(
#'   published = gci,
#'   geometric = update(gci, aggregate = c(overall = "geometric"))
#' )
#' both
#' as.data.frame(both, table = "correlations")
cap_compare <- function(..., ties = NULL) {
  indices <- list(...)
  names(indices) <- compared_names(indices, as.list(substitute(list(...)))[-1L])
  if (length(indices) < 2L) {
    cap_abort_input("{.arg ...} must be two or more indices, not {length(indices)}.")
  }
  for (name in names(indices)) check_index(indices[[name]], name)
  top <- vapply(indices, function(x) root_max(x$framework), 0)
  key <- function(x) paste(x$unit, x$edition, sep = "\r")
  scored <- lapply(indices, function(x) key(x)[!is.na(x$scores[, x$framework$root])])
  common <- Reduce(intersect, scored)
  if (length(common) == 0L) {
    cap_abort_input("No unit and edition has a score in all of the indices.")
  }
  first <- indices[[1L]]
  # In the order of the first: rows of one edition stand together.
  common <- key(first)[key(first) %in% common]
  every <- unique(unlist(lapply(indices, key)))
  rows <- match(common, key(first))
  base <- list(unit = first$unit[rows], edition = first$edition[rows])
  columns <- lapply(indices, function(x) {
    at <- match(common, key(x))
    list(score = x$scores[at, x$framework$root], band = index_bands(x)[at])
  })
  own <- do.call(cbind, lapply(columns, `[[`, "score"))
  scores <- t(t(own) * (top[[1L]] / top))
  ties <- choose(ties %||% first$spec$ties, core_words("rank"), "ties")
  new_result("cap_compare",
    framework = first$framework, indices = names(indices), unit = base$unit,
    edition = base$edition, scores = scores,
    ranks = ranks_within(own, edition_segments(base), ties, top),
    tiers = Map(function(x, column) tier_factor(column$band, x$framework), indices, columns),
    correlations = compared_pairs(scores, base$edition),
    left_out = sub("\r", " ", setdiff(every, common), fixed = TRUE),
    rescaled = names(indices)[!is_same_maximum(top, top[[1L]])], max = top[[1L]],
    ties = ties
  )
}

compared_names <- function(indices, expressions) {
  given <- names(indices) %||% rep("", length(indices))
  found <- vapply(seq_along(indices), function(k) {
    if (nzchar(given[k])) {
      given[k]
    } else if (is.name(expressions[[k]])) {
      as.character(expressions[[k]])
    } else {
      paste("index", k)
    }
  }, "")
  check_once(found, "...", "indices")
  found
}

# Rank correlations of each pair of columns, within editions.
compared_pairs <- function(scores, edition) {
  pairs <- utils::combn(ncol(scores), 2L)
  editions <- unique(edition)
  grid <- expand.grid(pair = seq_len(ncol(pairs)), edition = seq_along(editions))
  figures <- vapply(seq_len(nrow(grid)), function(g) {
    rows <- edition == editions[grid$edition[g]]
    of <- pairs[, grid$pair[g]]
    .Call(C_rank_agreement, as.double(scores[rows, of[1L]]), as.double(scores[rows, of[2L]]))
  }, numeric(3L))
  data.frame(
    edition = editions[grid$edition], first = colnames(scores)[pairs[1L, grid$pair]],
    second = colnames(scores)[pairs[2L, grid$pair]], n = as.integer(figures["n", ]),
    spearman = na_figure(figures["spearman", ]), kendall = na_figure(figures["kendall", ])
  )
}

#' @export
result_tables.cap_compare <- function(x, lang, ...) {
  title <- title_in(lang, x$framework)
  caption <- term("caption.compare",
    title = title, indices = listed(x$indices), rank = words_of("ties", x$ties), first = x$indices[1L]
  )
  list(
    scores = lazy_table(compared_scores(x), caption, side_by_side(x, lang)),
    correlations = lazy_table(x$correlations, term("caption.compare_correlations", title = title))
  )
}

compared_scores <- function(x) {
  k <- length(x$indices)
  flat <- function(m) as.vector(t(unname(m)))
  tiers <- unlist(lapply(x$tiers, as.character), use.names = FALSE)
  labels <- unique(unlist(lapply(x$tiers, levels)))
  data.frame(
    unit = rep(x$unit, each = k), edition = rep(x$edition, each = k),
    index = rep(x$indices, length(x$unit)), score = flat(x$scores),
    tier = factor(flat(matrix(tiers, ncol = k)), levels = labels), rank = flat(x$ranks),
    score_shift = flat(x$scores - x$scores[, 1L]),
    rank_shift = flat(x$ranks - x$ranks[, 1L])
  )
}

side_by_side <- function(x, lang) {
  out <- data.frame(unit = x$unit, name = unit_names(x$unit, lang), edition = x$edition)
  for (k in seq_along(x$indices)) {
    name <- x$indices[k]
    out[[paste(name, "score")]] <- x$scores[, k]
    if (nlevels(x$tiers[[k]]) > 0L) out[[paste(name, "tier")]] <- x$tiers[[k]]
    out[[paste(name, "rank")]] <- x$ranks[, k]
    if (k > 1L) out[[paste(name, "rank shift")]] <- x$ranks[, k] - x$ranks[, 1L]
  }
  out
}

#' @export
cap_findings.cap_compare <- function(x, ..., lang = "en") {
  pairs <- x$correlations
  against_first <- which(pairs$first == x$indices[1L])
  do.call(findings, c(
    list(lang),
    lapply(against_first, function(i) pair_finding(x, pairs[i, ])),
    unlist(lapply(against_first, function(i) shift_findings(x, pairs[i, ])), recursive = FALSE),
    list(
      ties_finding(x),
      if (length(x$rescaled) > 0L) {
        finding("compare.scale",
          first = x$indices[1L], max = x$max, others = listed(x$rescaled)
        )
      },
      finding_if_any("compare.left_out", units = x$left_out)
    )
  ))
}

pair_finding <- function(x, pair) {
  shift <- abs(rank_shifts(x, pair))
  finding(if (is.na(pair$kendall)) "compare.constant" else "compare.pair",
    first = pair$first, second = pair$second, edition = pair$edition, n = pair$n,
    spearman = pair$spearman, kendall = pair$kendall, mean = mean(shift)
  )
}

shift_findings <- function(x, pair) {
  rows <- which(x$edition == pair$edition)
  k <- match(pair$second, x$indices)
  shift <- abs(rank_shifts(x, pair))
  most <- rows[which.max(shift)]
  before <- as.character(x$tiers[[1L]][rows])
  after <- as.character(x$tiers[[k]][rows])
  comparable <- identical(levels(x$tiers[[1L]]), levels(x$tiers[[k]])) && nlevels(x$tiers[[1L]]) > 0L
  below <- function(tier) ifelse(is.na(tier), "", tier)
  list(
    if (max(shift) > 0) {
      finding("compare.shift",
        second = pair$second, edition = pair$edition, unit = x$unit[most],
        from = x$ranks[most, 1L], to = x$ranks[most, k], moved = sum(shift > 0), n = length(rows)
      )
    },
    if (comparable) {
      finding("compare.tiers",
        first = pair$first, second = pair$second, edition = pair$edition,
        n = sum(below(before) != below(after)), of = length(rows)
      )
    }
  )
}

# Dense ranks of columns with unlike numbers of ties are not on one scale.
ties_finding <- function(x) {
  if (x$ties != "dense") {
    return(NULL)
  }
  last <- apply(x$ranks[x$edition == last_edition(x), , drop = FALSE], 2L, max)
  if (length(unique(last)) > 1L) {
    finding("compare.ties",
      ranks = terms("compare.ties_of", n = last, index = x$indices), edition = last_edition(x)
    )
  }
}

rank_shifts <- function(x, pair) {
  rows <- x$edition == pair$edition
  x$ranks[rows, match(pair$second, x$indices)] - x$ranks[rows, 1L]
}
