#' Fill missing values
#'
#' Observed values are never changed; every filled cell is recorded, with the
#' method and, where it has one, the spread of what was filled in.
#'
#' @inheritParams cap_normalise
#' @param method See Details.
#' @param by Groups for `"group_mean"`: the name of a column of `x`, or what
#'   [cap_regions()] takes (each unit in one group).
#' @param k Nearest neighbours for `"knn"`.
#' @param over Fill from the units of the same `"edition"` or from the whole
#'   `"panel"`. `"linear"` and `"last"` follow a unit over its editions.
#' @param max_iterations,tolerance,ridge For `"em"`; see Details. `ridge = NULL`
#'   adds 0.001 if, and only if, the covariance is singular without it.
#'
#' @details
#' \describe{
#'   \item{mean, median}{of the observed values of the item; spread: their standard
#'     deviation (n - 1), or 1.4826 times the median absolute deviation.}
#'   \item{group_mean}{the mean, and standard deviation, in the unit's group.}
#'   \item{linear}{between the editions before and after (which must be numbers);
#'     no extrapolation.}
#'   \item{last}{the unit's last value before.}
#'   \item{knn}{the mean, and standard deviation, of the k nearest units that have
#'     a value, and of those as near as the k-th. Distance: the root mean square
#'     of the differences over shared items, each divided by its standard
#'     deviation.}
#'   \item{em}{the mean given the unit's other values, under a multivariate normal
#'     whose mean and covariance (divisor n) are estimated by EM; spread: the
#'     standard deviation of that conditional distribution (it does not count the
#'     uncertainty of the estimates). Items are scaled by their standard deviation
#'     within; iteration stops when no scaled mean or covariance changes by more
#'     than `tolerance`; not to converge warns. With more items than units, or
#'     collinear items, the covariance is singular: `ridge`, added to each scaled
#'     variance, makes it regular, and the findings say so. With `ridge = 0` that
#'     is an error. Constant items are filled with their value.}
#' }
#' Values filled in for answers are put on the scale, from the item's least
#' answer to its maximum, where they lie beyond it; the record keeps what they
#' were.
#'
#' @section Missing values:
#' A cell that no value can inform (an item without values, a group without
#' values, editions before the first) stays `NA` and is counted in the findings;
#' `"em"` refuses items without values.
#' @section Errors:
#' `cap_error_input` names arguments, units and items at fault;
#' `cap_error_numeric` names items without a value and a singular covariance.
#' @return What was given (answers, matrix, data frame), filled, of class
#'   `cap_imputed` too. `cap_table()` gives the record: `unit, edition, item,
#'   value, method, spread, unclipped` (`unclipped` is `NA` unless the value was
#'   put on the scale). `attr(, "imputation")` has, for `"em"`, a list an edition
#'   with `mean, cov, iterations, converged, change, ridge`. Filled answers have
#'   the source `"imputed"`.
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*,
#'   step 3. Dempster, A., Laird, N. and Rubin, D. (1977), *JRSS B* 39. Little, R.
#'   and Rubin, D. (2002), *Statistical Analysis with Missing Data*. Troyanskaya,
#'   O. and others (2001), *Bioinformatics* 17.
#' @export
#' @examples
#' data <- subset(gci_items, edition == 2024)
#' data$value[c(5, 100, 1000)] <- NA
#' filled <- cap_impute(cap_answers(data, "gci-2024"), "em")
#' cap_table(filled)
cap_impute <- function(x, method = c("mean", "median", "group_mean", "linear", "last", "knn", "em"),
                       by = NULL, k = 5, over = c("edition", "panel"),
                       max_iterations = 1000, tolerance = 1e-8, ridge = NULL,
                       unit = NULL, edition = NULL, ...) {
  check_dots("cap_impute", ...)
  method <- choose(method, c("mean", "median", "group_mean", core_words("series"), "knn", "em"), "method")
  over <- choose(over, c("edition", "panel"), "over")
  check_number(k, "k", 1, 1e6)
  check_number(max_iterations, "max_iterations", 1, 1e9)
  check_number(tolerance, "tolerance", 0)
  if (tolerance == 0) cap_abort_input("{.arg tolerance} must be above 0.")
  if (!is.null(ridge)) check_number(ridge, "ridge", 0, 1e6)
  leave <- if (is.data.frame(x) && is.character(by) && length(by) == 1L) by
  panel <- indicator_panel(x, unit, edition, leave)
  if (method != "group_mean" && !is.null(by)) {
    cap_abort_input("{.arg by} is for {.val group_mean}, not for {.val {method}}.")
  }
  group <- if (method == "group_mean") unit_groups(x, panel, by)
  done <- if (method %in% c("linear", "last")) {
    list(value = fill_series(panel, method), spread = NULL)
  } else {
    blocks <- if (over == "edition") edition_blocks(panel) else list(all = seq_along(panel$unit))
    fill_blocks(panel, blocks, method, group, k, list(max_iterations = max_iterations, tolerance = tolerance), ridge)
  }
  impute_panel(x, panel, done, method)
}

fill_blocks <- function(panel, blocks, method, group, k, em, ridge) {
  out <- list(value = panel$values, spread = NA_real_ * panel$values, models = list())
  for (name in names(blocks)) {
    rows <- blocks[[name]]
    x <- panel$values[rows, , drop = FALSE]
    one <- switch(method,
      knn = .Call(C_impute_knn, x, as.integer(k)),
      em = fill_em(x, panel$item, name, em, ridge),
      .Call(
        C_impute_centre, x,
        if (is.null(group)) rep(1L, length(rows)) else group$code[rows],
        if (is.null(group)) 1L else length(group$labels), method == "median"
      )
    )
    out$value[rows, ] <- one$value
    out$spread[rows, ] <- one$spread
    if (method == "em") out$models[[name]] <- em_model(one, panel$item)
  }
  out
}

# Added to the diagonal where the covariance is singular and no ridge was asked for.
rescue_ridge <- 1e-3

fill_em <- function(x, item, label, em, ridge) {
  where <- if (identical(label, "all")) "" else paste0(" in edition ", label)
  empty <- item[colSums(!is.na(x)) == 0]
  if (length(empty) > 0L) {
    cap_abort_numeric(c(
      "{.val em} needs values of every item; none{where} of {some_items(empty)}.",
      "i" = "Leave {cli::qty(length(empty))}{?it/them} out."
    ))
  }
  run <- function(ridge) c(.Call(C_impute_em, x, c(em, list(ridge = ridge))), list(ridge = ridge))
  one <- tryCatch(run(ridge %||% 0), cap_error_numeric = function(e) {
    if (!is.null(ridge)) {
      cap_abort_numeric(c(
        "The covariance of the items is singular{where}.",
        "i" = "There may be more items than units, or items that others determine: leave {.arg ridge} at {.code NULL} or raise it."
      ))
    }
    run(rescue_ridge)
  })
  one$report <- as.list(one$report)
  if (one$report$converged == 0) {
    cli::cli_warn(c(
      "EM did not converge{where}: {one$report$iterations} iterations, last change {signif(one$report$change, 2)}.",
      "i" = "Raise {.arg max_iterations} or {.arg ridge}."
    ), class = c("cap_warning_convergence", "cap_warning"))
  }
  one
}

em_model <- function(one, item) {
  list(
    mean = stats::setNames(one$mean, item),
    cov = matrix(one$cov, length(item), dimnames = list(item, item)),
    iterations = as.integer(one$report$iterations), converged = one$report$converged != 0,
    change = one$report$change, ridge = one$ridge
  )
}

fill_series <- function(panel, method) {
  if (all(is.na(panel$edition))) {
    cap_abort_input("{.val {method}} follows units over editions, and {.arg x} has none.")
  }
  time <- suppressWarnings(as.double(as.character(panel$edition)))
  if (anyNA(time)) {
    if (method == "linear") {
      cap_abort_input("{.val linear} needs editions that are numbers, not {some_editions(panel$edition[is.na(time)])}.")
    }
    time <- match(panel$edition, sort(unique(panel$edition), method = "radix"))
  }
  .Call(C_impute_series, panel$values, match(panel$unit, unique(panel$unit)), as.double(time), method)
}

# list(code, labels): the group of each row, NA for none.
unit_groups <- function(x, panel, by) {
  if (is.null(by)) {
    cap_abort_input("{.val group_mean} needs groups: {.arg by}, a column of {.arg x} or what {.fn cap_regions} takes.")
  }
  label <- if (is.data.frame(x) && is.character(by) && length(by) == 1L && by %in% names(x)) {
    as_code(x[[by]])
  } else {
    groups <- as_groups(by)
    check_one_group(groups, "by", panel$unit)
    groups$group[match(panel$unit, groups$unit)]
  }
  labels <- sort(unique(label), method = "radix")
  if (length(labels) == 0L) {
    cap_abort_input("{.arg by} puts no unit of {.arg x} into a group.")
  }
  list(code = match(label, labels), labels = labels)
}

impute_panel <- function(x, panel, done, method) {
  cells <- which(is.na(panel$values) & !is.na(done$value), arr.ind = TRUE)
  # by row, then by item: as the tables of answers run
  cells <- cells[order(cells[, 1L], cells[, 2L]), , drop = FALSE]
  after <- panel$values
  value <- done$value[cells]
  unclipped <- rep(NA_real_, length(value))
  if (panel$form == "answers") {
    min <- leaf_min(panel$framework)[cells[, 2L]]
    max <- leaf_max(panel$framework)[cells[, 2L]]
    clipped <- pmin(pmax(value, min), max)
    moved <- clipped != value
    unclipped[moved] <- value[moved]
    value <- clipped
  }
  after[cells] <- value
  record <- data.frame(
    unit = panel$unit[cells[, 1L]], edition = panel$edition[cells[, 1L]],
    item = panel$item[cells[, 2L]], value = value, method = rep(method, length(value)),
    spread = if (is.null(done$spread)) rep(NA_real_, length(value)) else na_figure(done$spread[cells]),
    unclipped = unclipped
  )
  put_back(x, panel, after, cells, "imputed", list(
    record = record, method = method, left = sum(is.na(after)), imputation = done$models %||% list()
  ))
}

# The filled cells are what one reads; as.data.frame() gives the whole.
#' @export
result_tables.cap_imputed <- function(x, lang, ...) {
  record <- lazy_table(attr(x, "imputed")$record %||% data.frame(), term("caption.filled"), printed = TRUE)
  c(if (inherits(x, "cap_result")) NextMethod(), list(filled = record))
}

#' @export
cap_findings.cap_imputed <- function(x, ..., lang = "en") {
  details <- attr(x, "imputed")
  record <- details$record
  models <- details$imputation
  clipped <- sum(!is.na(record$unclipped))
  em <- lapply(names(models), function(name) {
    model <- models[[name]]
    finding("impute.em",
      edition = if (name == "all") "" else term("impute.em_edition", edition = name), iterations = model$iterations,
      state = if (model$converged) term("impute.converged") else term("impute.not_converged"),
      ridge = if (model$ridge > 0) term("impute.ridge", ridge = signif(model$ridge, 7L)) else ""
    )
  })
  do.call(findings, c(
    list(lang),
    list(
      finding("impute.filled",
        n = nrow(record), units = length(unique(record$unit)), items = length(unique(record$item)),
        method = words_of("imputation", details$method)
      ),
      if (details$left > 0L) finding("impute.left", n = details$left),
      if (clipped > 0L) finding("impute.clipped", n = clipped)
    ),
    em
  ))
}

#' @export
print.cap_imputed <- function(x, ..., n = 6L, lang = "en") {
  print_changed(x, "imputed", n, lang)
}
