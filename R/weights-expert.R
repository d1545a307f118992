#' Weights from experts (budget allocation)
#'
#' Each expert divides points among the items below a parent; the points are
#' scaled to shares of the parent and pooled. Beside the weights come their
#' standard errors, the spread and the agreement of the experts, and what
#' depends on any one of them.
#'
#' @param experts A data frame with columns `expert`, `item` and `value` (points of
#'   0 or more, on any scale): one row for each item that an expert weighed.
#' @param framework A framework or what [cap_framework()] takes.
#' @param pool How shares are pooled, item by item, before they are divided by
#'   their sum: `"mean"`, `"median"`, `"trimmed"` mean, or `"geometric"` mean.
#' @param trim For `"trimmed"`: the share of experts cut at each end, from 0 to
#'   below 0.5; the `floor(n * trim)` lowest and highest shares go, as in
#'   [mean()].
#'
#' @details
#' An expert's share of item k is \eqn{s_{ek} = v_{ek} / \sum_j v_{ej}} over the
#' items below one parent. The geometric mean, closed to 1, is the centre of a
#' composition (Aitchison 1986).
#'
#' **Standard errors** (`se`, on the scale of the weights): of the mean
#' \eqn{sd(s_k) / \sqrt n}; of the median that of Maritz and Jarrett (1978) with
#' order statistics weighted by a Beta((n+1)/2, (n+1)/2), the sum of the medians
#' taken as fixed; of the trimmed and geometric means the jackknife,
#' \eqn{\sqrt{(n-1)/n \sum (w_{-e} - \bar w)^2}}. `low` and `high` are quartiles
#' of the experts' shares (type 7), whatever the pool.
#'
#' **Agreement**: Kendall's \eqn{W = 12 S / (n^2 (m^3 - m) - n T)}, where S is
#' the sum of squares of the rank sums about their mean and
#' \eqn{T = \sum (t^3 - t)} over the groups of t items that an expert ties;
#' chi-square \eqn{n (m - 1) W} with m - 1 degrees of freedom. The exact p
#' permutes each expert's ranks, ties kept; it is given when it can be
#' enumerated in about a tenth of a second, else `p` is that of chi-square.
#'
#' **Influence**: pooling again without each expert. `shift` is the share of the
#' parent's weight that moves, \eqn{\frac12 \sum |w_{-e} - w|}.
#'
#' **Order**: for each pair of items the difference of their weights, its
#' standard error with the experts paired, a two-sided p (t with n - 1 degrees of
#' freedom, not adjusted for the number of pairs), how many single removals turn
#' the order and, for the mean, the fewest experts whose removal turns it. Pairs
#' stand in the order in which they would swap: smallest ratio of difference to
#' standard error first. `noise` marks p above 0.05.
#'
#' @section Missing values:
#' An expert may cover some parents only; all values of a parent missing counts
#' as not covered. Within a parent that they cover, experts who leave an item
#' blank, give a negative or infinite value, or whose points sum to 0 are refused
#' for that parent: a warning of class `cap_warning` and `details$refused` name
#' them with the reason, and the others are pooled. Items below parents that
#' nobody covers keep the framework's weights (with `NA` for `se`, `low` and
#' `high`); the findings say so. One expert alone has no standard error. A
#' standard error or shift is `NA` also where the pool without one expert would
#' be 0 for all items.
#' @section Errors:
#' `cap_error_input` for missing columns, unknown items, an item that an expert
#' weighs twice, values that are no numbers, a parent whose experts are all
#' refused, experts who cover nothing, and a share of 0 under
#' `pool = "geometric"` (it has no logarithm), naming expert and item.
#' `cap_error_numeric` when the medians or trimmed means of all items of a parent
#' are 0.
#' @return An object of class `cap_weights_expert` and [`cap_weights`][cap_weights]:
#'   `weights()` is a named vector (sum 1 within a parent), `as.data.frame()` has
#'   `parent, item, weight, se, low, high`. The element `details` is a list of
#'   data frames
#'   * `parents`: `parent, items, experts, refused, kendall_w, chi_square,
#'     df, p_chi_square, p_exact, p, most_influential, shift`,
#'   * `experts`: `parent, expert, item, share, weight_without`,
#'   * `refused`: `parent, expert, reason, item`,
#'   * `influence`: `parent, expert, shift`, largest first,
#'   * `swaps`: `parent, upper, lower, difference, se, p, noise, swaps, swapped_by,
#'     removals`,
#'
#'   and `uncovered`, the parents that keep the framework's weights.
#'   `cap_table(w, "parents")` (or another name) gives one of them. `plot()`
#'   shows the spread of the shares of each item and the pooled weight.
#' @references Kendall, M. G. and Babington Smith, B. (1939), *Annals of
#'   Mathematical Statistics* 10. Kendall, M. G. (1948), *Rank Correlation
#'   Methods*. Maritz, J. S. and Jarrett, R. G. (1978), *Journal of the American
#'   Statistical Association* 73. Aitchison, J. (1986), *The Statistical Analysis
#'   of Compositional Data*. OECD/JRC (2008), *Handbook on Constructing Composite
#'   Indicators*, step 6 (budget allocation).
#' @seealso [gci_experts], which are synthetic.
#' @export
#' @examples
#' w <- cap_weights_expert(gci_experts, "gci-2024")
#' w
#' weights(w)[c("LS1", "LS2")]
#' w$details$parents[c("parent", "experts", "kendall_w", "p")]
#' head(w$details$swaps)
cap_weights_expert <- function(experts, framework, pool = c("mean", "median", "trimmed", "geometric"), trim = 0.1) {
  framework <- cap_framework(framework)
  pool <- choose(pool, core_words("pool"), "pool")
  check_number(trim, "trim", 0, 0.5)
  if (trim == 0.5) {
    cap_abort_input("{.arg trim} must be below 0.5; for the middle alone use {.code pool = \"median\"}.")
  }
  experts <- expert_points(experts, framework)
  items <- framework$items
  parents <- intersect(items$code, items$parent[match(experts$item, items$code)])
  results <- lapply(parents, function(parent) {
    pool_parent(experts, parent, items$code[items$parent %in% parent], pool, trim)
  })
  names(results) <- parents
  details <- expert_details(results, pool, trim)
  details$uncovered <- setdiff(unique(items$parent[!is.na(items$parent)]), parents)
  warn_refused(details$refused)
  at <- match(unlist(lapply(results, `[[`, "items"), use.names = FALSE), items$code)
  node <- function(column, into = rep(NA_real_, nrow(items))) {
    into[at] <- unlist(lapply(results, function(r) r$pooled[[column]]), use.names = FALSE)
    na_figure(into)
  }
  new_weights(framework, node("weight", items$weight), term("weights_method.expert", pool = pool_words(pool, trim)),
    interval = list(se = node("se"), low = node("low"), high = node("high")), details = details, subclass = "cap_weights_expert"
  )
}

pool_words <- function(pool, trim) {
  if (pool == "trimmed") term("pool.trimmed", share = 100 * trim) else words_of("pool", pool)
}

# A plain list expert, item, value: rows of experts who left a whole parent
# blank are gone.
expert_points <- function(experts, framework) {
  check_table(experts, "experts")
  check_columns(experts, c("expert", "item", "value"), "experts")
  x <- data.frame(
    expert = as_code(experts[["expert"]]), item = as_code(experts[["item"]])
  )
  for (column in names(x)) check_filled(x[[column]], column, "experts")
  x$value <- as_numbers(check_figures(experts[["value"]], "value", "experts"), "value")
  items <- framework$items
  known <- items$code[!is.na(items$parent)]
  check_items(unique(x$item), known, "experts", framework)
  twice <- duplicated(x[c("expert", "item")])
  if (any(twice)) {
    named <- paste(x$expert, x$item)[twice]
    cap_abort_input("{.arg experts} has more than one value of an expert for an item: {some_of(named)}.", items = x$item[twice])
  }
  x$parent <- items$parent[match(x$item, items$code)]
  key <- paste(x$expert, x$parent, sep = "\r")
  covered <- key %in% key[!is.na(x$value)]
  if (!any(covered)) {
    cap_abort_input("{.arg experts} has no value, so there is nothing to pool.")
  }
  x[covered, ]
}

# By the words of cap_expert_faults in src/core/weights/budget_allocation.h.
refusals <- function() {
  list(
    blank = term("refusal.blank"), infinite = term("refusal.infinite"), negative = term("refusal.negative"),
    zero = term("refusal.zero")
  )
}

refusal_texts <- function() text_in("en", refusals())

pool_parent <- function(experts, parent, codes, pool, trim) {
  here <- experts[experts$parent == parent, ]
  experts <- sort(unique(here$expert), method = "radix")
  points <- matrix(NA_real_, length(experts), length(codes), dimnames = list(experts, codes))
  points[cbind(match(here$expert, experts), match(here$item, codes))] <- here$value
  scaled <- .Call(C_expert_shares, points)
  bad <- scaled$fault != "fine"
  refused <- data.frame(
    parent = rep(parent, sum(bad)), expert = experts[bad],
    reason = unname(refusal_texts()[scaled$fault[bad]]), item = codes[scaled$item[bad]]
  )
  if (all(bad)) {
    reason <- some_of(paste(refused$expert, refused$reason))
    cap_abort_input(c(
      "No expert of {.val {parent}} can be pooled: {reason}.",
      "i" = "An expert gives every item below a parent 0 or more points, and not 0 to all."
    ), arg = "experts", items = codes)
  }
  shares <- scaled$shares[!bad, , drop = FALSE]
  dimnames(shares) <- list(experts[!bad], codes)
  if (pool == "geometric") check_no_zero(shares, parent)
  how <- list(pool = pool, trim = trim)
  pooled <- withCallingHandlers(.Call(C_expert_pool, shares, how), cap_error_numeric = function(e) {
    cap_abort_numeric(c(
      "The {pool} share of every item below {.val {parent}} is 0, so there are no weights.",
      "i" = "Its experts each back other items: pool by {.val mean}."
    ))
  })
  list(
    parent = parent, items = codes, shares = shares, pooled = pooled, refused = refused,
    # bounds the steps of the exact test, a tenth of a second
    agreement = .Call(C_kendall_w, shares, 2e6)
  )
}

check_no_zero <- function(shares, parent) {
  zero <- which(shares == 0, arr.ind = TRUE)
  if (nrow(zero) > 0L) {
    named <- paste0(rownames(shares)[zero[, 1L]], " for ", colnames(shares)[zero[, 2L]])
    cap_abort_input(c(
      "A geometric mean needs points above 0; below {.val {parent}} 0 was given by {some_of(named)}.",
      "i" = "Pool by another rule, or replace the zeros on purpose."
    ), arg = "experts", items = colnames(shares)[zero[, 2L]])
  }
  invisible(shares)
}

expert_details <- function(results, pool, trim) {
  bind <- function(make) do.call(rbind, unname(lapply(results, make)))
  influence <- bind(function(r) {
    by <- order(-r$pooled$shift, seq_along(r$pooled$shift))
    data.frame(
      parent = r$parent, expert = rownames(r$shares)[by],
      shift = na_figure(r$pooled$shift[by])
    )
  })
  most <- influence[match(names(results), influence$parent), ]
  parents <- bind(function(r) {
    a <- na_figure(r$agreement)
    data.frame(
      parent = r$parent, items = length(r$items), experts = nrow(r$shares), refused = nrow(r$refused),
      kendall_w = a[["w"]], chi_square = a[["chi_square"]], df = a[["df"]], p_chi_square = a[["p_chi_square"]],
      p_exact = a[["p_exact"]], p = if (is.na(a[["p_exact"]])) a[["p_chi_square"]] else a[["p_exact"]]
    )
  })
  parents$most_influential <- ifelse(is.na(most$shift), NA_character_, most$expert)
  parents$shift <- most$shift
  list(
    pool = pool, trim = if (pool == "trimmed") trim, parents = parents,
    experts = bind(function(r) {
      data.frame(
        parent = r$parent, expert = rep(rownames(r$shares), ncol(r$shares)),
        item = rep(r$items, each = nrow(r$shares)), share = as.vector(r$shares),
        weight_without = na_figure(as.vector(r$pooled$leave_out))
      )
    }),
    refused = bind(function(r) r$refused), influence = influence, swaps = bind(swap_table)
  )
}

# Pairs in the order in which they would swap.
swap_table <- function(r) {
  f <- as.data.frame(r$pooled$pairs)
  ratio <- ifelse(f$difference == 0, 0, f$difference / f$se)
  f <- f[order(ratio, f$difference, f$upper, f$lower), ]
  p <- na_figure(f$p)
  data.frame(
    parent = rep(r$parent, nrow(f)), upper = r$items[f$upper], lower = r$items[f$lower],
    difference = f$difference, se = na_figure(f$se), p = p, noise = p > 0.05,
    swaps = as.integer(f$swaps), swapped_by = rownames(r$shares)[f$first], removals = as.integer(f$removals)
  )
}

warn_refused <- function(refused) {
  if (nrow(refused) == 0L) {
    return(invisible())
  }
  item <- ifelse(is.na(refused$item), "", paste0(" (", refused$item, ")"))
  lines <- paste0(refused$expert, " ", refused$reason, item, " below ", refused$parent)
  warn_classed(c(
    "{cli::qty(length(lines))}{?An expert is/Experts are} refused and the rest pooled: {some_of(lines)}.",
    "i" = "See {.code details$refused} of the result."
  ))
}

#' @export
result_tables.cap_weights_expert <- function(x, lang, ...) {
  expert_tables(x, c("parents", "experts", "refused", "influence", "swaps"), lang)
}

# The weights, and tables of their details by name.
expert_tables <- function(x, details, lang) {
  detail <- function(name) lazy_table(x$details[[name]], weights_caption(x, name, lang))
  c(list(weights = lazy_table(x$table, weights_caption(x, "weights", lang))), sapply(details, detail, simplify = FALSE))
}

#' @export
cap_findings.cap_weights_expert <- function(x, ..., lang = "en") {
  d <- x$details
  agreement <- lapply(seq_len(nrow(d$parents)), function(i) {
    row <- d$parents[i, ]
    if (is.na(row$kendall_w)) {
      return(finding("weights.expert.few", parent = row$parent, n = row$experts, items = row$items))
    }
    finding("weights.expert.parent",
      parent = row$parent, n = row$experts, w = row$kendall_w, p = p_equals(row$p),
      how = if (is.na(row$p_exact)) term("law.chi_square") else term("law.exact"),
      expert = row$most_influential %||% term("word.none"), shift = 100 * row$shift
    )
  })
  noise <- d$swaps[d$swaps$noise %in% TRUE, ]
  noise <- noise[order(-noise$p), ]
  do.call(findings, c(
    list(lang, origin_finding(x, lang)),
    agreement,
    list(
      if (nrow(d$swaps) > 0L && nrow(noise) > 0L) {
        finding("weights.expert.noise",
          n = nrow(noise), of = nrow(d$swaps), pairs = first_of(terms("weights.expert.over", a = noise$upper, b = noise$lower))
        )
      },
      if (nrow(d$refused) > 0L) {
        finding("weights.expert.refused",
          n = nrow(d$refused),
          experts = first_of(terms("weights.expert.refusal",
            expert = d$refused$expert, reason = refusals()[match(d$refused$reason, refusal_texts())], parent = d$refused$parent
          ))
        )
      },
      finding_if_any("weights.expert.uncovered", parents = d$uncovered)
    )
  ))
}

# "= 0.012" or "< 0.001".
p_equals <- function(p) if (p < 0.001) term("p.less", p = 0.001) else term("p.equals", p = p)
