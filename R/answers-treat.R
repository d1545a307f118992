#' Treat outliers
#'
#' Moves or transforms the values of indicators whose outliers would rule an
#' index. Every changed cell is recorded.
#'
#' @inheritParams cap_normalise
#' @param method See Details.
#' @param skewness,kurtosis Thresholds of `"winsorise"`: an item is treated while
#'   the size of G1 is above the one and G2 above the other.
#' @param max_points Points of an item that may be winsorised.
#' @param log Put an item on the log scale where winsorising did not help?
#'   (`"winsorise"` only; not for answers, whose scale is fixed.)
#' @param probs The two quantiles of `"percentile"`.
#' @param fence Tukey's fence, in interquartile ranges.
#' @param lambda Box-Cox: the power for all items, or named by item; `NULL` for
#'   the most likely in -2 to 2.
#' @param items Codes of the items to treat; all by default.
#' @param over Treat the whole `"panel"` together or each `"edition"` by itself.
#'
#' @details
#' Skewness \eqn{G_1 = \frac{\sqrt{n(n-1)}}{n-2} m_3/m_2^{3/2}} and excess kurtosis
#' \eqn{G_2 = \frac{n-1}{(n-2)(n-3)}((n+1)(m_4/m_2^2-3)+6)} are corrected for bias.
#' \describe{
#'   \item{winsorise}{while |G1| > 2 and G2 > 3.5, the most extreme point on the
#'     side of the skew takes the value of the next one within, one point at a
#'     time and up to `max_points`. If that is not enough the item is left as it
#'     was and put on the log scale. Equal values count as the points they are.}
#'   \item{percentile}{values beyond the quantiles `probs` (type 7) take them.}
#'   \item{tukey}{values beyond \eqn{q_1 - f(q_3-q_1)} and
#'     \eqn{q_3 + f(q_3-q_1)} take them.}
#'   \item{log}{\eqn{\ln(x + s)}: s = 0 if all values are above 0, else the least
#'     value is brought to 0.01 of the range. Items with G1 < 0 are reflected,
#'     \eqn{-\ln(min + max - x + s)}, so that order is kept.}
#'   \item{boxcox}{\eqn{((x + s)^\lambda - 1)/\lambda}, ln for 0, with the same
#'     s; \eqn{\lambda} by maximum likelihood.}
#' }
#' No method changes the order of values or makes an item constant: where it
#' would, the item is left alone, and the findings say so.
#'
#' @section Missing values: They take no part and stay missing.
#' @section Errors: `cap_error_input` names arguments, items and cells at fault.
#' @return What was given (answers, matrix, data frame) with the treated values,
#'   of class `cap_treated` too. `cap_table()` gives the record: `unit, edition,
#'   item, from, to, reason`, a row a changed cell. `attr(, "treatment")` has a row
#'   an item: `edition, item, what`, skewness and kurtosis before and after,
#'   points moved, bounds, shift, lambda. Changed answers have the source
#'   `"treated"`.
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*.
#'   Joanes, D. and Gill, C. (1998), *The Statistician* 47. Tukey, J. (1977),
#'   *Exploratory Data Analysis*. Box, G. and Cox, D. (1964), *JRSS B* 26.
#' @export
#' @examples
#' x <- data.frame(unit = sprintf("U%02d", 1:12), trade = c(1:11, 400))
#' treated <- cap_treat(x)
#' treated$trade
#' cap_table(treated)
cap_treat <- function(x, method = c("winsorise", "percentile", "tukey", "log", "boxcox"),
                      skewness = 2, kurtosis = 3.5, max_points = 5, log = TRUE,
                      probs = c(0.025, 0.975), fence = 1.5, lambda = NULL, items = NULL,
                      over = c("panel", "edition"), unit = NULL, edition = NULL, ...) {
  rlang::check_dots_empty()
  method <- choose(method, core_words("treatment"), "method")
  over <- choose(over, c("panel", "edition"), "over")
  check_number(skewness, "skewness", 0)
  if (skewness == 0) cap_abort_input("{.arg skewness} must be above 0.")
  check_number(kurtosis, "kurtosis")
  check_number(max_points, "max_points", 0, 1e6)
  check_flag(log, "log")
  check_number(fence, "fence", 0, 1e6)
  check_not_integer64(probs, "probs")
  if (length(probs) != 2L || !is.numeric(probs) || anyNA(probs) ||
    probs[[1L]] < 0 || probs[[1L]] >= probs[[2L]] || probs[[2L]] > 1) {
    cap_abort_input("{.arg probs} must be two ascending probabilities between 0 and 1.")
  }
  panel <- indicator_panel(x, unit, edition)
  if (panel$form == "answers") {
    if (method %in% c("log", "boxcox")) {
      cap_abort_input("Answers have a scale of their own: {.val {method}} is for raw indicators.")
    }
    log <- FALSE
  }
  lambda <- item_figures(lambda, panel$item, "lambda")
  if (any(is.infinite(lambda))) cap_abort_input("{.arg lambda} must be finite.")
  if (is.null(items)) items <- panel$item
  check_items(items, panel$item, "items", "`x`")
  rule <- list(
    method = method, skewness = skewness, kurtosis = kurtosis, max_points = floor(max_points), then_log = log,
    low = probs[[1L]], high = probs[[2L]], fence = fence
  )
  blocks <- if (over == "edition") edition_blocks(panel) else list(all = seq_along(panel$unit))
  treat_panel(x, panel, rule, lambda, match(items, panel$item), blocks, method)
}

treat_panel <- function(x, panel, rule, lambda, columns, blocks, method) {
  after <- panel$values
  reports <- list()
  for (name in names(blocks)) {
    rows <- blocks[[name]]
    for (k in columns) {
      one <- treat_block(panel, rows, k, c(rule, list(lambda = lambda[[k]])))
      after[rows, k] <- one$value
      reports[[length(reports) + 1L]] <- treat_report(one, name, panel$item[k])
    }
  }
  reports <- do.call(rbind, reports)
  changed <- which(!is.na(after) & after != panel$values, arr.ind = TRUE)
  edition <- names(blocks)[1L]
  block_of <- rep(edition, nrow(after))
  for (name in names(blocks)) block_of[blocks[[name]]] <- name
  what <- reports$what[match(
    paste(block_of[changed[, 1L]], panel$item[changed[, 2L]], sep = "\r"),
    paste(reports$edition, reports$item, sep = "\r")
  )]
  reasons <- treat_reasons(what, method, panel$values[changed] > after[changed])
  record <- data.frame(
    unit = panel$unit[changed[, 1L]], edition = panel$edition[changed[, 1L]],
    item = panel$item[changed[, 2L]], from = panel$values[changed], to = after[changed],
    reason = text_in("en", reasons)
  )
  details <- list(record = record, reasons = reasons, treatment = reports, method = method)
  put_back(x, panel, after, changed, "treated", details)
}

treat_block <- function(panel, rows, k, rule) {
  tryCatch(
    .Call(C_treat, panel$values[rows, k, drop = FALSE], rule),
    cap_error_numeric = function(e) {
      what <- rlang::cnd_message(e)
      cell <- panel_cells(panel, rows[e$cell[["row"]]], k)
      cap_abort_numeric(c("{what}", "x" = "At {some_cells(cell$unit, cell$edition, cell$item)}."))
    }
  )
}

treat_report <- function(one, edition, item) {
  out <- data.frame(edition = edition, item = item, what = one$what, na_figure(one$report))
  for (flag in c("beyond", "reflected")) out[[flag]] <- out[[flag]] != 0
  for (count in c("n_raised", "n_lowered")) out[[count]] <- as.integer(out[[count]])
  out
}

# A list of texts.
treat_reasons <- function(what, method, lowered) {
  side <- ifelse(lowered, "treat_why.lowered", "treat_why.raised")
  out <- terms("list.detail", what = words_of("treat_why", rep_len(method, length(what))), detail = lapply(side, term))
  out[what == "log"] <- list(term("treat_why.log"))
  out[what == "boxcox"] <- list(term("treat_why.boxcox"))
  out
}

# The form that came in, with new values, and what happened as attributes (of
# answers: the same attributes of the list).
put_back <- function(x, panel, values, cells, what, details) {
  if (panel$form == "answers") {
    x <- put_answers(x, values, cells, what)
  } else if (panel$form == "matrix") {
    storage.mode(x) <- "double"
    x[] <- values
  } else {
    for (k in seq_along(panel$columns)) {
      if (!identical(values[, k], panel$values[, k])) x[[panel$columns[k]]] <- values[, k]
    }
  }
  attr(x, what) <- details
  attr(x, if (what == "treated") "treatment" else "imputation") <- details$treatment %||% details$imputation
  class(x) <- unique(c(paste0("cap_", what), class(x)))
  x
}

# Answers with new values in some cells, their source named.
put_answers <- function(x, values, cells, source) {
  if (nrow(cells) > 0L) {
    labels <- x$source_labels
    sources <- x$sources %||% matrix(0L, nrow(values), ncol(values))
    if (!source %in% labels) labels <- c(labels, source)
    sources[cells] <- match(source, labels)
    x$sources <- sources
    x$source_labels <- labels
  }
  x$values <- values
  x
}

#' @export
result_tables.cap_treated <- function(x, lang, ...) {
  details <- attr(x, "treated")
  if (!is.null(details)) details$record$reason <- text_in(lang, details$reasons)
  record <- lazy_table(details$record %||% data.frame(), term("caption.treated"), printed = TRUE)
  c(if (inherits(x, "cap_result")) NextMethod(), list(treated = record))
}

#' @export
cap_findings.cap_treated <- function(x, ..., lang = "en") {
  details <- attr(x, "treated")
  items <- details$treatment
  of <- function(what) unique(items$item[items$what == what])
  findings(
    lang,
    finding("treat.changed",
      n = nrow(details$record), items = length(unique(details$record$item)),
      method = words_of("treatment", details$method)
    ),
    finding_if_any("treat.points", items = of("points")),
    if (details$method == "winsorise") finding_if_any("treat.log", items = of("log")),
    finding_if_any("treat.beyond", items = unique(items$item[items$beyond])),
    finding_if_any("treat.constant", items = of("constant"))
  )
}

#' @export
print.cap_treated <- function(x, ..., n = 6L, lang = "en") {
  print_changed(x, "treated", n, lang)
}

# Findings, the top of the record, the size. Subsets lose the record and print
# as what they are.
print_changed <- function(x, what, n, lang) {
  if (is.null(attr(x, what))) {
    class(x) <- setdiff(class(x), c("cap_treated", "cap_imputed"))
    print(x)
    return(invisible(x))
  }
  size <- if (is.matrix(x) || is.data.frame(x)) say(lang, "print.rows", n = nrow(x)) else say(lang, "print.answers")
  cat("<cap_", what, "> ", size, "\n", sep = "")
  print(cap_findings(x, lang = lang))
  table <- as_plain(cap_table(x, lang = lang))
  if (nrow(table) > 0L) {
    if (n > 0L) print(utils::head(table, n), row.names = FALSE)
    if (nrow(table) > n) cat("# ", say(lang, "print.more_cells", n = nrow(table) - n), "\n", sep = "")
  }
  invisible(x)
}
