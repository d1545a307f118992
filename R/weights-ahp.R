#' Weights from pairwise judgements (analytic hierarchy process)
#'
#' Weights from judgements of how many times one item outweighs another, with
#' their consistency; for one matrix, for the nodes of a tree, and for groups of
#' experts.
#'
#' @param judgements One of
#'   * a square matrix (or data frame) of judgements, named by item: row i,
#'     column j says how many times i outweighs j, on Saaty's scale 1 (equal), 3,
#'     5, 7, 9 (extreme) and their reciprocals, or any positive numbers;
#'   * a named list of such matrices over the nodes of a tree: the name is the
#'     code of the parent, the items are its children;
#'   * a group of experts: a list of matrices of the same items, or of such named
#'     lists, or a named list over the nodes whose elements are lists of experts'
#'     matrices.
#' @param framework A framework or what [cap_framework()] takes; `NULL` for
#'   items that belong to none. Parents without judgements keep its weights.
#' @param method `"eigenvector"` (principal right eigenvector) or `"geometric"`
#'   (geometric mean of each row); both sum to 1.
#' @param pool How experts are brought together: `"judgements"` takes the
#'   geometric mean of each judgement, `"priorities"` that of the experts'
#'   weights.
#'
#' @details
#' For n items, \eqn{\lambda} is the principal eigenvalue of the matrix,
#' \eqn{CI = (\lambda - n)/(n - 1)} and \eqn{CR = CI/RI}, with Saaty's random
#' index (1980)
#'
#' | n | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 |
#' |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
#' | RI | 0 | 0 | .58 | .90 | 1.12 | 1.24 | 1.32 | 1.41 | 1.45 | 1.49 | 1.51 | 1.48 | 1.56 | 1.57 | 1.59 |
#'
#' CI and CR are 0 for one and two items; more than 15 are refused. They are
#' those of the matrix for either method. A CR above 0.10 draws a warning of
#' class `cap_warning` that names the three judgements that most break
#' transitivity: those whose mean \eqn{|\ln(a_{ij} / (a_{ik} a_{kj}))|} over the
#' third items k is largest.
#'
#' **Groups.** Under `"judgements"`, `lambda`, `ci` and `cr` are those of the
#' matrix of geometric means; under `"priorities"` those of the least consistent
#' expert. Each expert's own are in `details$experts`. `se` is the jackknife's
#' over the experts, `low` and `high` are quartiles (type 7) of the experts' own
#' weights; all three are `NA` for a single matrix.
#'
#' A reciprocal is often typed in three decimals (0.143 for 1/7): where the
#' product of a judgement and its converse is within 0.25 % of 1, the one of at
#' least 1 stands, and the findings count such pairs.
#'
#' @section Missing values:
#' A judgement that is `NA` on one side is the reciprocal of the other. One that
#' is `NA` on both is a gap: the matrix is completed by \eqn{w_i / w_j} after
#' Harker (1987), where w is the principal eigenvector of the matrix with 0 in
#' the gaps and 1 plus the number of the row's gaps on the diagonal. The random
#' index is that of full matrices, so gaps make CR somewhat too small; findings
#' count them. In a group, a judgement is the mean over those who gave it.
#' @section Errors:
#' `cap_error_input`, naming the parent and the items, for a matrix that is not
#' square, whose rows and columns have other names, with a judgement that is not
#' positive (1e-9 to 1e9), a diagonal other than 1, a pair that is not
#' reciprocal, gaps that leave items unjoined; for items that are not the
#' children of one parent of the framework; for experts who judge different
#' items.
#' @return An object of class `cap_weights_ahp` and [`cap_weights`][cap_weights]:
#'   `weights()` is a named vector (sum 1 within a parent), `as.data.frame()` has
#'   `parent, item, weight, se, low, high`. `w$lambda`, `w$ci`, `w$ri` and `w$cr`
#'   are vectors, named by parent where there are parents. `details` has the data
#'   frames `parents` (`parent, items, experts, gaps, rounded, lambda, ci, ri,
#'   cr`), `experts` (`parent, expert, lambda, ci, ri, cr`), `priorities`
#'   (`parent, expert, item, weight`), `judgements` (`parent, expert, a, b,
#'   value, implied, deviation`: each judgement, what the others imply and how far
#'   it is off, largest first; `expert` is `NA` for the pooled matrix) and `triads`
#'   (`parent, expert, a, b, c, deviation`: the worst of each matrix). `cap_table(w, "parents")` (or another name) gives one of them.
#'   Items without names are called `item1`, `item2`, ...
#' @references Saaty, T. L. (1977), *Journal of Mathematical Psychology* 15.
#'   Saaty, T. L. (1980), *The Analytic Hierarchy Process*. Crawford, G. and
#'   Williams, C. (1985), *Journal of Mathematical Psychology* 29. Harker, P. T.
#'   (1987), *Mathematical Modelling* 9. Aczel, J. and Saaty, T. L. (1983),
#'   *Journal of Mathematical Psychology* 27. Forman, E. and Peniwati, K. (1998),
#'   *European Journal of Operational Research* 108.
#' @export
#' @examples
#' legal <- matrix(c(1, 1 / 2, 2, 1), 2, dimnames = list(c("LS1", "LS2"), c("LS1", "LS2")))
#' technical <- matrix(c(1, 1 / 3, 1 / 2, 3, 1, 2, 2, 1 / 2, 1), 3)
#' dimnames(technical) <- list(c("TS1", "TS2", "TS3"), c("TS1", "TS2", "TS3"))
#' w <- cap_weights_ahp(list(LS = legal, TS = technical), "gci-2024")
#' w
#' w$cr
#' weights(w)[c("LS1", "LS2", "TS1", "TS2", "TS3")]
#' weights(cap_weights_ahp(technical, method = "geometric"))
cap_weights_ahp <- function(judgements, framework = NULL, method = c("eigenvector", "geometric"),
                            pool = c("judgements", "priorities")) {
  method <- choose(method, core_words("ahp_method"), "method")
  pool <- choose(pool, core_words("ahp_group"), "pool")
  if (!is.null(framework)) framework <- cap_framework(framework)
  nodes <- ahp_nodes(judgements, framework)
  results <- lapply(nodes, solve_node, method = method, pool = pool)
  details <- ahp_details(results, method, pool)
  warn_inconsistent(details)
  label <- if (any(details$parents$experts > 1L)) {
    term("weights_method.ahp_group", method = words_of("ahp", method), what = words_of("ahp", pool))
  } else {
    term("weights_method.ahp", method = words_of("ahp", method))
  }
  out <- ahp_weights(results, framework, label, details)
  for (figure in c("lambda", "ci", "ri", "cr")) {
    value <- details$parents[[figure]]
    if (!anyNA(details$parents$parent)) names(value) <- details$parents$parent
    out[[figure]] <- value
  }
  out
}

ahp_weights <- function(results, framework, label, details) {
  column <- function(name) unlist(lapply(results, function(r) r$pooled[[name]]), use.names = FALSE)
  codes <- unlist(lapply(results, `[[`, "items"), use.names = FALSE)
  if (is.null(framework)) {
    out <- new_plain_weights(stats::setNames(column("weight"), codes), label,
      interval = lapply(c(se = "se", low = "low", high = "high"), function(name) na_figure(column(name))),
      details = details, subclass = "cap_weights_ahp"
    )
    out$table$parent <- rep(details$parents$parent, lengths(lapply(results, `[[`, "items")))
    return(out)
  }
  items <- framework$items
  at <- match(codes, items$code)
  node <- function(name, into = rep(NA_real_, nrow(items))) {
    into[at] <- column(name)
    na_figure(into)
  }
  new_weights(framework, node("weight", items$weight), label,
    interval = list(se = node("se"), low = node("low"), high = node("high")), details = details, subclass = "cap_weights_ahp"
  )
}

# Reading ----------------------------------------------------------------------

is_matrix <- function(x) is.matrix(x) || is.data.frame(x)

# A list with an element a parent: list(parent, items, matrices), the matrices
# named by expert and in one order of the items.
ahp_nodes <- function(judgements, framework) {
  by_node <- if (is_matrix(judgements)) {
    list(list(judgements))
  } else if (is.list(judgements) && length(judgements) > 0L) {
    gather_nodes(judgements, framework)
  } else {
    cap_abort_input(c(
      "{.arg judgements} must be a matrix or a list of matrices, not {.obj_type_friendly {judgements}}.",
      "i" = "Name rows and columns by item and the elements of a list by parent or expert."
    ))
  }
  parents <- names(by_node) %||% rep(NA_character_, length(by_node))
  nodes <- Map(read_node, by_node, ifelse(nzchar(parents), parents, NA), list(framework), USE.NAMES = FALSE)
  codes <- unlist(lapply(nodes, `[[`, "items"))
  check_once(codes, "judgements", "items")
  nodes
}

# What a list of matrices, or of lists of them, is about: experts judge the same
# items, nodes have items of their own.
gather_nodes <- function(x, framework) {
  flat <- vapply(x, is_matrix, NA)
  lists <- vapply(x, function(e) is.list(e) && !is_matrix(e) && length(e) > 0L, NA)
  others <- element_names(x)[!(flat | lists)]
  check_none(others, "{.arg judgements} must hold matrices; {some_of(bad)} {cli::qty(length(bad))}{?is/are} none.")
  names_are_nodes <- !is.null(names(x)) && !is.null(framework) && all(names(x) %in% framework$items$parent)
  if (all(flat)) {
    one_set <- length(unique(lapply(x, item_set))) == 1L
    is_group <- !names_are_nodes && one_set && (length(x) > 1L || is.null(names(x)) || !is.null(framework))
    return(if (is_group) list(x) else lapply(check_node_names(x), list))
  }
  inner_names <- lapply(x[lists], names)
  inner_are_nodes <- !is.null(framework) && all(unlist(inner_names) %in% framework$items$parent)
  experts_first <- !names_are_nodes && !any(flat) && !any(vapply(inner_names, is.null, NA)) &&
    (inner_are_nodes || share_items(x)) &&
    all(vapply(x, function(e) length(unique(lapply(e, item_set))) == length(e), NA))
  if (!experts_first) {
    return(Map(function(e, is_list) if (is_list) e else list(e), check_node_names(x), lists))
  }
  experts <- element_names(x)
  parents <- unique(unlist(inner_names))
  nodes <- lapply(parents, function(p) {
    has <- vapply(x, function(e) p %in% names(e), NA)
    stats::setNames(lapply(x[has], function(e) e[[p]]), experts[has])
  })
  stats::setNames(nodes, parents)
}

# Whether lists of matrices have items in common, as those of experts have.
share_items <- function(x) {
  sets <- lapply(x, function(e) unique(unlist(lapply(e, item_set))))
  length(x) == 1L || anyDuplicated(unlist(sets)) > 0L
}

item_set <- function(m) sort(as.character(rownames_of(m)), method = "radix")

# Names of rows; those of columns where a data frame has none of its own.
rownames_of <- function(m) {
  own <- if (is.data.frame(m)) {
    if (is.character(attr(m, "row.names"))) attr(m, "row.names")
  } else {
    rownames(m)
  }
  own %||% colnames(m)
}

element_names <- function(x) {
  own <- names(x) %||% rep("", length(x))
  ifelse(nzchar(own), own, paste0("element ", seq_along(x)))
}

check_node_names <- function(x) {
  if (is.null(names(x)) || !all(nzchar(names(x))) || anyDuplicated(names(x))) {
    cap_abort_input(c(
      "Name each element of {.arg judgements} by its parent, once.",
      "i" = "A list of experts holds matrices of the same items."
    ))
  }
  invisible(x)
}

read_node <- function(matrices, parent, framework) {
  experts <- names(matrices) %||% rep("", length(matrices))
  experts <- ifelse(nzchar(experts), experts, as.character(seq_along(matrices)))
  check_once(experts, "judgements", "experts")
  where <- paste0(
    if (is.na(parent)) "The judgements" else paste("The judgements below", parent),
    if (length(matrices) > 1L) paste0(" of expert ", experts)
  )
  read <- Map(read_judgements, matrices, where, !is.null(framework), USE.NAMES = FALSE)
  items <- rownames(read[[1L]])
  for (k in seq_along(read)) {
    if (!setequal(rownames(read[[k]]), items)) {
      cap_abort_input(c(
        "Experts of one group judge the same items.",
        "x" = "{where[k]}: {some_of(rownames(read[[k]]))}. {where[1L]}: {some_of(items)}."
      ), arg = "judgements", items = setdiff(union(rownames(read[[k]]), items), intersect(rownames(read[[k]]), items)))
    }
  }
  if (!is.null(framework)) {
    parent <- judged_parent(items, parent, framework)
    items <- framework$items$code[framework$items$parent %in% parent]
  }
  tidy <- Map(function(m, name) tidy_matrix(m[items, items, drop = FALSE], name), read, where)
  list(
    parent = parent, items = items, experts = experts, where = where,
    matrices = lapply(tidy, `[[`, "matrix"),
    rounded = sum(vapply(tidy, `[[`, 0, "rounded")),
    gaps = sum(vapply(tidy, function(t) sum(is.na(t$matrix)) / 2, 0))
  )
}

# A numeric matrix whose rows and columns have the same names in one order.
read_judgements <- function(m, where, needs_names) {
  rows <- rownames_of(m)
  columns <- colnames(m) %||% rows
  if (nrow(m) != ncol(m) || nrow(m) == 0L) {
    cap_abort_input("{where} must be a square matrix, not {nrow(m)} by {ncol(m)}.")
  }
  check_not_integer64(m, "judgements")
  m <- as.matrix(m)
  if (!is.numeric(m) && !all(is.na(m))) {
    cap_abort_input("{where} must hold numbers, not {.obj_type_friendly {m}}.")
  }
  storage.mode(m) <- "double"
  if (is.null(rows) && needs_names) {
    cap_abort_input("{where} must have the items' codes as names of rows and columns.")
  }
  rows <- as_code(rows %||% paste0("item", seq_len(nrow(m))))
  columns <- as_code(columns %||% rows)
  if (anyNA(c(rows, columns)) || anyDuplicated(rows) || anyDuplicated(columns)) {
    cap_abort_input("{where} has an item without a name, or one that comes twice.")
  }
  check_none(union(setdiff(rows, columns), setdiff(columns, rows)), c(
    "{where} must have the same items in rows and columns.",
    "x" = "{some_items(bad)} {cli::qty(length(bad))}{?is/are} in one of them only."
  ))
  if (nrow(m) > 15L) {
    cap_abort_input(c(
      "{where} compares {nrow(m)} items; there is a random index for 15 at most.",
      "i" = "Put a level of parents in between."
    ))
  }
  dimnames(m) <- list(rows, columns)
  m[, rows, drop = FALSE]
}

judged_parent <- function(codes, parent, framework) {
  items <- framework$items
  check_items(codes, items$code, "judgements", framework)
  if (is.na(parent)) {
    parent <- unique(items$parent[match(codes, items$code)])
    if (length(parent) != 1L || is.na(parent)) {
      cap_abort_input("{.arg judgements} compares {some_items(codes)}, which are not the children of one parent.")
    }
  } else if (!parent %in% items$parent) {
    check_items(parent, unique(items$parent[!is.na(items$parent)]), "judgements", framework)
  }
  children <- items$code[items$parent %in% parent]
  missing <- setdiff(children, codes)
  extra <- setdiff(codes, children)
  if (length(missing) > 0L || length(extra) > 0L) {
    cap_abort_input(c(
      "The {.arg judgements} below {.val {parent}} must compare all its children and nothing else.",
      "x" = if (length(missing) > 0L) "Missing: {some_items(missing)}.",
      "x" = if (length(extra) > 0L) "Not its children: {some_items(extra)}."
    ))
  }
  parent
}

# Checked by the core; its position is told in the items' names.
tidy_matrix <- function(m, where) {
  tidy <- tryCatch(.Call(C_ahp_tidy, m), cap_error_input = function(e) {
    a <- rownames(m)[e$cell[["row"]]]
    b <- colnames(m)[e$cell[["column"]]]
    if (length(a) != 1L || is.na(a)) rlang::cnd_signal(e)
    value <- format_judgement(m[a, b])
    back <- format_judgement(m[b, a])
    detail <- if (a == b) {
      "{a} against itself is {value}; it must be 1."
    } else if (grepl("reciprocal", conditionMessage(e), fixed = TRUE)) {
      "{a} over {b} is {value} and {b} over {a} is {back}: they must be reciprocal."
    } else {
      "{a} over {b} is {value}; a judgement is above 0, from 1e-9 to 1e9."
    }
    cap_abort_input(c("{where} cannot be used.", "x" = detail), arg = "judgements", items = unique(c(a, b)))
  })
  dimnames(tidy$matrix) <- dimnames(m)
  tidy
}

format_judgement <- function(a) format(signif(a, 4L), trim = TRUE)

# Solving ----------------------------------------------------------------------

solve_node <- function(node, method, pool) {
  n <- length(node$items)
  pooled <- tryCatch(
    .Call(C_ahp_pool, as.double(unlist(node$matrices)), n, list(method = method, group = pool)),
    cap_error_input = function(e) {
      row <- e$cell[["row"]]
      item <- node$items[e$cell[["column"]]]
      if (length(item) != 1L || is.na(item)) rlang::cnd_signal(e)
      where <- if (is.na(row)) sub(" of expert .*$", "", node$where[1L]) else node$where[row]
      cap_abort_input(c(
        "{where} have too many gaps: no chain of judgements joins {item} to {node$items[1L]}.",
        "i" = "Judge at least one pair that joins them."
      ), arg = "judgements", items = c(item, node$items[1L]))
    }
  )
  dimnames(pooled$pooled) <- list(node$items, node$items)
  c(node, list(pooled = pooled))
}

consistency_table <- function(m) {
  m <- na_figure(matrix(m, ncol = 4L))
  data.frame(lambda = m[, 1L], ci = m[, 2L], ri = m[, 3L], cr = m[, 4L])
}

ahp_details <- function(results, method, pool) {
  bind <- function(make) do.call(rbind, lapply(results, make))
  list(
    method = method, pool = pool,
    parents = bind(function(r) {
      data.frame(
        parent = r$parent, items = length(r$items), experts = length(r$experts), gaps = r$gaps,
        rounded = r$rounded, consistency_table(r$pooled$group)
      )
    }),
    experts = bind(function(r) {
      data.frame(parent = r$parent, expert = r$experts, consistency_table(r$pooled$expert))
    }),
    priorities = bind(function(r) {
      data.frame(
        parent = r$parent, expert = rep(r$experts, length(r$items)),
        item = rep(r$items, each = length(r$experts)), weight = na_figure(as.vector(r$pooled$expert_weight))
      )
    }),
    judgements = bind(function(r) each_matrix(r, pool, judgement_table)),
    triads = bind(function(r) each_matrix(r, pool, triad_table))
  )
}

# The matrices that enter a parent's result, one below the other: the pooled one
# (expert NA), and in a group each expert's own. Under "priorities" nothing is
# pooled before it is solved.
each_matrix <- function(r, pool, make) {
  one <- length(r$experts) == 1L
  pooled <- if (one || pool == "judgements") list(make(r, NA_character_, r$pooled$pooled))
  own <- if (!one) Map(function(expert, m) make(r, expert, m), r$experts, r$matrices)
  do.call(rbind, unname(c(pooled, own)))
}

triad_table <- function(r, expert, m) {
  triads <- .Call(C_ahp_triads, m)
  at <- triads$worst
  if (anyNA(at)) at <- integer()
  some <- length(at) > 0L
  data.frame(
    parent = rep(r$parent, some), expert = rep(expert, some), a = r$items[at[1L][some]],
    b = r$items[at[2L][some]], c = r$items[at[3L][some]], deviation = triads$largest[some]
  )
}

# Each pair once, the way that it was judged 1 or more; the worst first.
judgement_table <- function(r, expert, m) {
  triads <- .Call(C_ahp_triads, m)
  pair <- which(upper.tri(m) & !is.na(m), arr.ind = TRUE)
  flip <- m[pair] < 1
  pair[flip, ] <- pair[flip, 2:1]
  deviation <- na_figure(triads$deviation[pair])
  # rounding must not order what is equal
  by <- order(-tied_within(deviation, slack("judgement")), pair[, 1L], pair[, 2L])
  pair <- pair[by, , drop = FALSE]
  data.frame(
    parent = rep(r$parent, nrow(pair)), expert = rep(expert, nrow(pair)), a = r$items[pair[, 1L]], b = r$items[pair[, 2L]],
    value = m[pair], implied = na_figure(triads$implied[pair]), deviation = deviation[by]
  )
}

# One warning for each matrix with a CR above 0.10: the pooled one of a parent,
# and experts' own, whose errors may cancel in the group.
warn_inconsistent <- function(details) {
  high <- inconsistent(details)
  for (k in seq_len(nrow(high))) {
    worst <- text_in("en", worst_judgements(details, high$parent[k], high$expert[k]))
    where <- paste0(
      "The judgements", if (!is.na(high$expert[k])) paste(" of expert", high$expert[k]),
      if (!is.na(high$parent[k])) paste(" below", high$parent[k])
    )
    cr <- format_number(high$cr[k], 2L)
    warn_classed(c(
      "{where} are inconsistent: CR = {cr}, above 0.10.",
      "i" = if (nzchar(worst)) "Least in line with the others: {worst}."
    ))
  }
}

# The matrices with a CR above 0.10: parent, cr, expert (NA for the pooled one).
inconsistent <- function(details) {
  parents <- details$parents
  pooled <- parents[parents$experts == 1L | details$pool == "judgements", c("parent", "cr")]
  pooled$expert <- rep(NA_character_, nrow(pooled))
  grouped <- details$experts[details$experts$parent %in% parents$parent[parents$experts > 1L], ]
  all <- rbind(pooled, grouped[c("parent", "cr", "expert")])
  all[which(all$cr > 0.1), ]
}

# "A over B 3 (the others imply 0.5); ...": the three worst of a matrix.
worst_judgements <- function(details, parent, expert, n = 3L) {
  x <- details$judgements
  x <- x[x$parent %in% parent & x$expert %in% expert, ]
  x <- utils::head(x[!is.na(x$deviation) & x$deviation > slack("judgement"), ], n)
  listed(terms("weights.ahp.judgement",
    a = x$a, b = x$b, value = signif(x$value, 4L), implied = signif(x$implied, 4L)
  ), by = "list.semicolon")
}

#' @export
result_tables.cap_weights_ahp <- function(x, lang, ...) {
  expert_tables(x, c("parents", "experts", "priorities", "judgements", "triads"), lang)
}

#' @export
cap_findings.cap_weights_ahp <- function(x, ..., lang = "en") {
  d <- x$details
  each <- lapply(seq_len(nrow(d$parents)), function(i) {
    row <- d$parents[i, ]
    finding("weights.ahp.parent",
      parent = if (is.na(row$parent)) term("weights.ahp.all_items") else row$parent, items = row$items, lambda = row$lambda,
      ci = row$ci, ri = row$ri, cr = row$cr, verdict = if (row$cr > 0.1) term("weights.ahp.above") else term("weights.ahp.not_above")
    )
  })
  high <- inconsistent(d)
  worst <- lapply(seq_len(nrow(high)), function(k) {
    judgements <- worst_judgements(d, high$parent[k], high$expert[k])
    where <- if (is.na(high$parent[k])) term("weights.ahp.all_items") else high$parent[k]
    if (!is.na(high$expert[k])) where <- term("weights.ahp.of_expert", parent = where, expert = high$expert[k])
    if (length(judgements$x) > 0L) finding("weights.ahp.worst", parent = where, judgements = judgements)
  })
  experts <- max(d$parents$experts)
  uncovered <- setdiff(x$framework$items$parent, c(NA, d$parents$parent))
  do.call(findings, c(
    list(lang, origin_finding(x, lang)),
    each, worst,
    list(
      if (experts > 1L) finding("weights.ahp.group", n = experts, above = sum(d$experts$cr > 0.1, na.rm = TRUE)),
      if (sum(d$parents$gaps) > 0) finding("weights.ahp.gaps", n = sum(d$parents$gaps)),
      if (sum(d$parents$rounded) > 0) finding("weights.ahp.rounded", n = sum(d$parents$rounded)),
      finding_if_any("weights.expert.uncovered", parents = uncovered)
    )
  ))
}
