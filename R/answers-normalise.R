#' Bring indicators to one scale
#'
#' Normalises each indicator (item), so that indicators of different units can be
#' aggregated. What was measured on each item (its ends, mean, target, ...) is
#' kept, so that a new panel can be normalised alike with `predict()`.
#'
#' @param x Answers from [cap_answers()]; a numeric matrix, units in rows, items
#'   in columns; or a data frame with a column of units, items in the numeric
#'   columns and perhaps a column of editions.
#' @param method See Details.
#' @param range Two numbers, the lower first: the ends of the method's own scale
#'   are mapped to them. `NULL`, and for methods whose scale is 0 to 1 the same
#'   as `c(0, 1)`, leaves the method's own scale.
#' @param direction 1 where more is better, -1 where less is: one number, a
#'   vector named by item (items not named: as by default) or a framework. By
#'   default the directions of the answers' framework, else 1. A better value
#'   always has the higher normalised value.
#' @param goalposts A data frame `item, lower, upper`, two numbers for all items
#'   or, for answers, `"scale"` (from the item's least answer to its maximum).
#'   Items without one, and ends that are `NA`, are observed (min-max) or refused (`"log_goalposts"`).
#' @param clip Put values beyond the ends of the scale on them? They are counted
#'   in the findings either way.
#' @param target One number or a vector named by item.
#' @param reference Code of the unit that the others are compared with, or values
#'   named by item.
#' @param form How values are set against a target, reference or base:
#'   `"range"`, `"ratio"` or `"difference"`; see Details.
#' @param band Half-width of the band around the mean, as a share of it.
#' @param breaks A list named by item of ascending thresholds, or one numeric
#'   vector for all items. Default: the `quantiles`.
#' @param quantiles Probabilities of the thresholds of categories.
#' @param ties Rank of equal values: `"min"`, `"average"` or `"max"`.
#' @param over Where an item is measured when there are several editions: in each
#'   `"edition"` by itself, over the whole `"panel"`, or in the `"base"` edition.
#' @param base The base edition; the first by default.
#' @param constant The normalised value of items that are constant: one number, or
#'   a vector named by item. `NULL`: such an item is an error.
#' @param unit,edition Names of the columns of a data frame. By default `unit` or
#'   `iso3`, else the first column that holds no numbers, else the row names; and
#'   `edition` when there is such a column.
#' @param ... Must be empty.
#'
#' @details
#' For a value x of an item with N values; min, max, mean and the standard
#' deviation sd (divisor n - 1) are those of the item. With direction -1 the ends
#' change places.
#' \describe{
#'   \item{minmax}{\eqn{(x - a)/(b - a)}; a, b the goalposts, else min and max.}
#'   \item{zscore}{\eqn{(x - mean)/sd}; its negative for direction -1. A `range`
#'     maps the observed ends.}
#'   \item{rank}{1 (worst) to N (best).}
#'   \item{percentile_rank}{\eqn{(rank - 1)/(N - 1)}.}
#'   \item{borda}{rank - 1, the number of units beaten, 0 to N - 1.}
#'   \item{share_of_max}{\eqn{x/max}, for values of 0 or more; direction -1:
#'     \eqn{1 - x/max}.}
#'   \item{distance_to_max}{\eqn{1 - (max - x)/(max - min)}.}
#'   \item{distance_to_target, distance_to_reference}{r is the target, or the
#'     reference unit's value. `"range"` (default): \eqn{1 - (r - x)/(r - min)},
#'     direction -1: \eqn{1 - (x - r)/(max - r)}; `"ratio"`: \eqn{x/r},
#'     direction -1: \eqn{r/x}; `"difference"`: \eqn{(x - r)/r}, direction -1: its
#'     negative. Above 1 (or 0) is beyond r; only `"range"` can be clipped.}
#'   \item{above_below_mean}{1 where \eqn{x/mean > 1 + band}, -1 where
#'     \eqn{x/mean < 1 - band}, else 0.}
#'   \item{categorical}{the share of the thresholds that x reaches (x >= b):
#'     with K thresholds 0, 1/K, ..., 1. Direction -1: those that it stays at or
#'     under.}
#'   \item{log_goalposts}{\eqn{(\ln x - \ln a)/(\ln b - \ln a)}, as the Human
#'     Development Index treats income.}
#'   \item{base_year}{min-max between the ends of the base edition; with
#'     `form = "ratio"` \eqn{x_t/x_{base}} of the same unit, with `"difference"`
#'     \eqn{(x_t - x_{base})/x_{base}}.}
#'   \item{panel_global}{min-max between the ends over all editions.}
#' }
#' `over = "base"` and `over = "panel"` give the other methods the same forms.
#'
#' @section Missing values:
#' `NA` takes no part and stays `NA`. An item without any value stays missing and
#' is named in the findings.
#' @section Errors:
#' `cap_error_input` names the argument, item or cell: not numbers, infinite, the
#' same unit twice, a log of 0 or less, unknown items. `cap_error_numeric` names
#' the items for which the method has no value: constant ones (unless `constant`
#' is given, or both ends are), a target that is no better than the worst value,
#' a mean or reference of 0 or less.
#' @return An object of class `cap_normalised`. `as.data.frame()` gives
#'   `unit, edition, item, value, raw` (`edition` is `NA` when there are none);
#'   with `table = "wide"` a row a unit and a column an item. `as.matrix()` gives
#'   the values, units x items. `x$parameters` has a row an item (and edition)
#'   with `n, min, max, mean, sd, lower, upper, reference`.
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*,
#'   step 5. UNDP, *Human Development Report*, technical note 1. Becker, W. and
#'   others (2022), COINr, *Journal of Open Source Software* 7.
#' @export
#' @examples
#' x <- data.frame(
#'   unit = c("AAA", "BBB", "CCC"), income = c(1000, 8000, 60000), deaths = c(30, 5, 1)
#' )
#' n <- cap_normalise(x, "minmax", direction = c(deaths = -1), range = c(0, 100))
#' as.data.frame(n, table = "wide")
#' n$parameters
#' # The income index of the Human Development Report
#' as.matrix(cap_normalise(x["income"], "log_goalposts", goalposts = c(100, 75000)))
cap_normalise <- function(x,
                          method = c(
                            "minmax", "zscore", "rank", "percentile_rank", "borda", "share_of_max",
                            "distance_to_max", "distance_to_target", "distance_to_reference",
                            "above_below_mean", "categorical", "log_goalposts", "base_year", "panel_global"
                          ),
                          range = NULL, direction = NULL, goalposts = NULL, clip = FALSE,
                          target = NULL, reference = NULL, form = c("range", "ratio", "difference"),
                          band = 0.2, breaks = NULL, quantiles = c(0.15, 0.25, 0.65, 0.85, 0.95),
                          ties = c("min", "average", "max"), over = c("edition", "panel", "base"),
                          base = NULL, constant = NULL, unit = NULL, edition = NULL, ...) {
  rlang::check_dots_empty()
  method <- choose(method, core_words("normalisation"), "method")
  form <- choose(form, core_words("form"), "form")
  over <- choose(over, c("edition", "panel", "base"), "over")
  ties <- choose(ties, core_words("ties"), "ties")
  check_flag(clip, "clip")
  check_number(band, "band", 0)
  panel <- indicator_panel(x, unit, edition)
  if (method == "base_year") over <- "base"
  if (method == "panel_global") over <- "panel"
  spec <- list(
    method = method, form = form, over = over, ties = ties, clip = clip, band = band,
    range = as_range(range), quantiles = as_quantiles(quantiles),
    base = base_edition(base, panel, over), direction = item_directions(direction, panel)
  )
  check_method_form(spec)
  spec <- c(spec, item_ends(spec, panel, goalposts, target), list(
    breaks = item_breaks(breaks, panel$item),
    reference = item_reference(reference, panel, method),
    constant = item_constant(constant, panel$item)
  ))
  normalise_panel(panel, spec)
}

ranked_methods <- c("rank", "percentile_rank", "borda")
reference_methods <- c("distance_to_target", "distance_to_reference")

# As src/glue/normalise.c reads it.
core_rule <- function(spec) {
  range <- as.double(spec$range %||% c(0, 1))
  list(
    method = spec$method, form = spec$form, ties = spec$ties, band = spec$band, clip = spec$clip,
    rescale = !is.null(spec$range), low = range[1L], high = range[2L]
  )
}

# Panels -----------------------------------------------------------------------

# Units x items of any of the three forms: values with a row a unit (and
# edition), `edition` NA where there are none.
indicator_panel <- function(x, unit = NULL, edition = NULL, leave = NULL) {
  panel <- if (inherits(x, "cap_answers")) {
    check_on_scale(x, "x")
    list(
      form = "answers", values = x$values, unit = x$unit, edition = x$edition,
      item = leaf_codes(x$framework), framework = x$framework
    )
  } else if (is.data.frame(x)) {
    frame_indicators(x, unit, edition, leave)
  } else if (is.matrix(x)) {
    matrix_indicators(x)
  } else {
    cap_abort_input(c(
      "{.arg x} must be answers, a numeric matrix or a data frame, not {.obj_type_friendly {x}}.",
      "i" = "Units stand in rows, items in columns."
    ))
  }
  panel$values <- matrix(as.double(panel$values), length(panel$unit))
  check_indicators(panel)
  panel
}

matrix_indicators <- function(x) {
  check_not_integer64(x, "x")
  if (!is.numeric(x)) {
    cap_abort_input("{.arg x} must be a matrix of numbers, not of {.cls {typeof(x)}}.")
  }
  list(
    form = "matrix", values = unname(x),
    unit = rownames(x) %||% as.character(seq_len(nrow(x))),
    edition = rep(NA_integer_, nrow(x)),
    item = colnames(x) %||% paste0("V", seq_len(ncol(x)), recycle0 = TRUE)
  )
}

frame_indicators <- function(x, unit, edition, leave) {
  check_not_integer64(x, "x")
  numeric <- vapply(x, is.numeric, NA, USE.NAMES = FALSE)
  others <- names(x)[!numeric & !names(x) %in% c("edition", leave)]
  unit <- unit %||% c(intersect(c("unit", "iso3"), names(x)), others)[1L]
  edition <- edition %||% if ("edition" %in% names(x)) "edition"
  if (!is.na(unit)) {
    check_string(unit, "unit")
    check_columns(x, unit, "x")
  }
  if (!is.null(edition)) {
    check_string(edition, "edition")
    check_columns(x, edition, "x")
  }
  check_once(names(x), "x", "columns")
  item <- setdiff(names(x)[numeric], c(unit, edition, leave))
  blank <- setdiff(names(x)[vapply(x, function(k) is.logical(k) && all(is.na(k)), NA)], c(unit, edition, leave))
  item <- names(x)[names(x) %in% c(item, blank)]
  check_no_text_numbers(x, setdiff(others, c(unit, edition, blank)))
  code <- if (is.na(unit)) rownames(as.data.frame(x)) else as_code(x[[unit]])
  check_filled(code, unit, "x")
  list(
    form = "frame", values = vapply(item, function(k) as.double(x[[k]]), double(nrow(x))),
    unit = code, item = item, columns = item,
    edition = if (is.null(edition)) rep(NA_integer_, nrow(x)) else tidy_edition(x[[edition]])
  )
}

# A column of numbers that was read as text would go missing in silence.
check_no_text_numbers <- function(x, columns) {
  is_text <- vapply(columns, function(k) {
    text <- as.character(x[[k]])
    text <- text[!is.na(text) & nzchar(text)]
    length(text) > 0L && !anyNA(suppressWarnings(as.numeric(text)))
  }, NA)
  check_none(columns[is_text], c(
    "{.arg x} has numbers as text in {.field {bad}}.",
    "i" = "Convert them with {.fn as.numeric}, or leave the column out."
  ))
  invisible(x)
}

check_indicators <- function(panel) {
  if (length(panel$unit) == 0L || length(panel$item) == 0L) {
    cap_abort_input(c(
      "{.arg x} has {length(panel$unit)} unit{?s} and {length(panel$item)} item{?s}: there is nothing to work on.",
      "i" = "Items are numeric columns."
    ))
  }
  check_once(panel$item, "x", "items")
  if (panel$form == "frame" && !all(is.na(panel$edition))) check_filled(panel$edition, "edition", "x")
  again <- duplicated(paste(panel$unit, panel$edition, sep = "\r"))
  if (any(again)) {
    cap_abort_input(c(
      "{.arg x} has more than one row for {some_cells(panel$unit[again], panel$edition[again])}.",
      "i" = "Keep one row for each unit and edition."
    ))
  }
  bad <- which(is.infinite(panel$values), arr.ind = TRUE)
  if (nrow(bad) > 0L) {
    bad <- panel_cells(panel, bad[, 1L], bad[, 2L])
    cap_abort_input("{.arg x} must hold finite numbers; infinite: {some_cells(bad$unit, bad$edition, bad$item)}.")
  }
  invisible(panel)
}

panel_cells <- function(panel, row, column) {
  list(unit = panel$unit[row], edition = panel$edition[row], item = panel$item[column])
}

# Rows of each edition, in their order; one block when there are none.
edition_blocks <- function(panel) {
  editions <- sort(unique(panel$edition), method = "radix", na.last = TRUE)
  blocks <- lapply(editions, function(e) which(panel$edition %in% e))
  stats::setNames(blocks, ifelse(is.na(editions), "all", as.character(editions)))
}

# What the core says about a cell, with the cell's name.
name_cells <- function(code, panel, rows) {
  tryCatch(code, cap_error_input = function(e) {
    if (is.na(e$cell[["row"]] %||% NA)) rlang::cnd_signal(e)
    at <- c(rows[e$cell[["row"]]], e$cell[["column"]])
    cell <- panel_cells(panel, at[1L], at[2L])
    what <- rlang::cnd_message(e)
    cap_abort_input(c("{what}", "x" = "At {some_cells(cell$unit, cell$edition, cell$item)}: {panel$values[at[1L], at[2L]]}."))
  })
}

# Arguments --------------------------------------------------------------------

as_range <- function(range) {
  if (is.null(range)) {
    return(NULL)
  }
  check_not_integer64(range, "range")
  if (!is.numeric(range) || length(range) != 2L || !all(is.finite(range)) || range[[1L]] >= range[[2L]]) {
    cap_abort_input("{.arg range} must be two finite numbers, the lower first.")
  }
  as.double(range)
}

as_quantiles <- function(quantiles) {
  check_not_integer64(quantiles, "quantiles")
  if (!is.numeric(quantiles) || length(quantiles) == 0L || anyNA(quantiles) ||
    any(quantiles < 0 | quantiles > 1) || is.unsorted(quantiles, strictly = TRUE)) {
    cap_abort_input("{.arg quantiles} must be ascending probabilities between 0 and 1.")
  }
  as.double(quantiles)
}

check_method_form <- function(spec) {
  has_form <- spec$method %in% c(reference_methods, "base_year")
  if (!has_form && spec$form != "range") {
    cap_abort_input("{.arg form} is for distances to a target or reference and for {.val base_year} only.")
  }
  bounded <- !spec$method %in% "zscore" && (!has_form || spec$form == "range")
  if (spec$clip && !bounded) {
    cap_abort_input("{.arg clip} needs a scale with ends; {.val {spec$method}} has none here.")
  }
  if (spec$method %in% ranked_methods && spec$over == "base") {
    cap_abort_input("Ranks are among the units of an edition or of the panel: {.arg over} cannot be {.val base}.")
  }
  if (!is.null(spec$range) && spec$method == "base_year" && spec$form != "range") {
    cap_abort_input("A {spec$form} to the base has no ends that a {.arg range} could map.")
  }
  invisible(spec)
}

base_edition <- function(base, panel, over) {
  if (over != "base") {
    return(NULL)
  }
  editions <- sort(unique(panel$edition), method = "radix")
  if (length(editions) == 0L) {
    cap_abort_input("A base needs editions, and {.arg x} has none.")
  }
  if (is.null(base)) {
    return(editions[[1L]])
  }
  editions[[match(as.character(check_edition(base, editions, "`x`", "base")), as.character(editions))]]
}

# One number for all items, or named by item; items that are not named have the
# default.
item_figures <- function(value, item, arg, default = NA_real_, whose = "`x`") {
  default <- rep_len(as.double(default), length(item))
  if (is.null(value)) {
    return(stats::setNames(default, item))
  }
  check_not_integer64(value, arg)
  if (!is.numeric(value) || length(value) == 0L || (length(value) > 1L && is.null(names(value)))) {
    cap_abort_input(c(
      "{.arg {arg}} must be one number or a numeric vector named by item.",
      "i" = "Items: {some_of(item)}."
    ))
  }
  if (is.null(names(value))) {
    return(stats::setNames(rep_len(as.double(value), length(item)), item))
  }
  check_items(names(value), item, arg, whose)
  default[match(names(value), item)] <- as.double(value)
  stats::setNames(default, item)
}

item_directions <- function(direction, panel) {
  of_framework <- function(framework) {
    framework$items$direction[match(panel$item, framework$items$code)]
  }
  usual <- if (is.null(panel$framework)) rep(1, length(panel$item)) else of_framework(panel$framework)
  if (inherits(direction, "cap_framework")) {
    found <- of_framework(direction)
    check_has_items(direction$items$code, panel$item, "direction")
    usual <- found
    direction <- NULL
  }
  out <- item_figures(direction, panel$item, "direction", usual)
  check_each(out %in% c(1, -1), panel$item, "{.arg direction} must be 1 or -1")
  out
}

item_ends <- function(spec, panel, goalposts, target) {
  none <- stats::setNames(rep(NA_real_, length(panel$item)), panel$item)
  ends <- list(lower = none, upper = none, target = none)
  if (!is.null(goalposts)) {
    if (!spec$method %in% c("minmax", "log_goalposts")) {
      cap_abort_input("{.arg goalposts} are for {.val minmax} and {.val log_goalposts}, not for {.val {spec$method}}.")
    }
    ends[c("lower", "upper")] <- item_goalposts(goalposts, panel)
    check_each(!(ends$lower >= ends$upper) %in% TRUE, panel$item, "In {.arg goalposts} the lower must be under the upper")
  }
  if (spec$method == "log_goalposts") {
    complete <- !is.na(ends$lower) & !is.na(ends$upper)
    check_each(complete, panel$item, "Each item must have a lower and an upper in {.arg goalposts}")
    check_each(ends$lower > 0, panel$item, "For a log each of {.arg goalposts} must be above 0")
  }
  if (spec$method == "distance_to_target") {
    ends$target <- item_figures(target, panel$item, "target")
    check_each(is.finite(ends$target), panel$item, "{.arg target} must be a finite number")
  } else if (!is.null(target)) {
    cap_abort_input("{.arg target} is for {.val distance_to_target}, not for {.val {spec$method}}.")
  }
  ends
}

item_goalposts <- function(goalposts, panel) {
  item <- panel$item
  if (identical(goalposts, "scale")) {
    if (is.null(panel$framework)) {
      cap_abort_input("{.code goalposts = \"scale\"} is for answers: a matrix or data frame has no scale of its own.")
    }
    return(list(
      stats::setNames(leaf_min(panel$framework), item), stats::setNames(leaf_max(panel$framework), item)
    ))
  }
  check_not_integer64(goalposts, "goalposts")
  if (is.numeric(goalposts) && is.null(dim(goalposts)) && length(goalposts) == 2L && is.null(names(goalposts))) {
    goalposts <- data.frame(item = item, lower = goalposts[[1L]], upper = goalposts[[2L]])
  }
  check_data_frame(goalposts, "goalposts")
  check_columns(goalposts, c("item", "lower", "upper"), "goalposts")
  code <- as_code(goalposts[["item"]])
  check_items(code, item, "goalposts", "`x`")
  lapply(list(lower = "lower", upper = "upper"), function(side) {
    value <- check_figures(goalposts[[side]], side, "goalposts", finite = TRUE)
    item_figures(stats::setNames(as.double(value), code), item, "goalposts")
  })
}

item_breaks <- function(breaks, item) {
  if (is.null(breaks)) {
    return(NULL)
  }
  check_not_integer64(breaks, "breaks")
  if (is.numeric(breaks)) breaks <- stats::setNames(rep(list(breaks), length(item)), item)
  if (!is.list(breaks) || is.null(names(breaks))) {
    cap_abort_input("{.arg breaks} must be numbers, or a list of numbers named by item.")
  }
  check_items(names(breaks), item, "breaks", "`x`")
  check_has_items(names(breaks), item, "breaks")
  rises <- vapply(breaks, function(b) is.numeric(b) && length(b) > 0L && all(is.finite(b)) && !is.unsorted(b), NA)
  check_each(rises, names(breaks), "Each element of {.arg breaks} must be finite and ascending")
  lapply(breaks[item], as.double)
}

# Values of the reference, rows editions (of the blocks) x items; or NULL.
item_reference <- function(reference, panel, method) {
  if (method != "distance_to_reference") {
    if (!is.null(reference)) {
      cap_abort_input("{.arg reference} is for {.val distance_to_reference}, not for {.val {method}}.")
    }
    return(NULL)
  }
  if (is.null(reference)) {
    cap_abort_input("{.arg reference} must be the code of a unit, or values named by item.")
  }
  if (is.character(reference) && length(reference) == 1L) {
    return(check_units(reference, panel$unit, "reference", "`x`"))
  }
  value <- item_figures(reference, panel$item, "reference")
  check_each(is.finite(value), panel$item, "{.arg reference} must be a finite number")
  value
}

item_constant <- function(constant, item) {
  if (is.null(constant)) NULL else item_figures(constant, item, "constant")
}

# Fit and apply ----------------------------------------------------------------

normalise_panel <- function(panel, spec) {
  values <- panel$values
  beyond <- matrix(0L, nrow(values), ncol(values))
  fits <- list()
  blocks <- edition_blocks(panel)
  if (spec$over == "panel") blocks <- list(all = seq_along(panel$unit))
  relative <- spec$method == "base_year" && spec$form != "range"
  if (relative) {
    values <- relative_to_base(panel, spec)
    blocks <- blocks[0L]
  }
  if (spec$over == "base" && !relative) {
    fits[[as.character(spec$base)]] <- fit_block(panel, spec, which(panel$edition %in% spec$base), spec$base)
  }
  for (name in names(blocks)) {
    rows <- blocks[[name]]
    if (spec$over != "base") fits[[name]] <- fit_block(panel, spec, rows, name)
    fit <- fits[[if (spec$over == "base") 1L else name]]
    done <- apply_fit(panel, spec, rows, fit)
    values[rows, ] <- done$value
    beyond[rows, ] <- done$beyond
  }
  new_normalised(panel, spec, values, beyond, fits)
}

fit_block <- function(panel, spec, rows, label) {
  x <- panel$values[rows, , drop = FALSE]
  reference <- spec$target
  if (spec$method == "distance_to_reference") reference <- reference_values(panel, spec, rows, label)
  ends <- cbind(spec$lower, spec$upper, reference)
  probability <- if (spec$method == "categorical" && is.null(spec$breaks)) spec$quantiles else double()
  fit <- .Call(C_normalise_fit, x, core_rule(spec), as.integer(spec$direction), ends, probability)
  fit$reference <- unname(reference)
  fit$breaks <- if (!is.null(spec$breaks)) {
    spec$breaks
  } else if (length(probability) > 0L) {
    lapply(seq_along(panel$item), function(k) fit$breaks[, k])
  }
  # given thresholds do not depend on the values
  if (!is.null(spec$breaks) && spec$method == "categorical") {
    fit$fault[fit$fault == "constant"] <- "sound"
  }
  check_fit(fit$fault, panel, spec, label)
  fit
}

reference_values <- function(panel, spec, rows, label) {
  if (is.numeric(spec$reference)) {
    return(spec$reference)
  }
  at <- rows[panel$unit[rows] == spec$reference]
  where <- if (identical(label, "all") && spec$over != "panel") "" else paste0(" in ", label)
  if (length(at) != 1L) {
    cap_abort_input(c(
      "{.arg reference}: unit {.val {spec$reference}} has {length(at)} rows{where}, not one.",
      "i" = if (spec$over == "panel") "Use {.code over = \"edition\"} or {.code over = \"base\"}."
    ))
  }
  value <- panel$values[at, ]
  check_none(panel$item[is.na(value)], "The reference {.val {spec$reference}} has no value{where} of {some_items(bad)}.")
  value
}

# Faults by the words of cap_fit_faults in src/core/framework/normalise.h.
check_fit <- function(fault, panel, spec, label) {
  where <- if (identical(label, "all")) "" else paste0(" in edition ", label)
  constant <- panel$item[fault == "constant" & is.na(spec$constant[panel$item] %||% rep(NA, length(panel$item)))]
  n <- length(constant)
  if (n > 0L) {
    cap_abort_numeric(c(
      "{cli::qty(n)}Item{?s} {some_items(constant)} {cli::qty(n)}{?is/are} constant{where}: no value by {.val {spec$method}}.",
      "i" = "Leave {cli::qty(n)}{?it/them} out, or give the value with {.arg constant}."
    ))
  }
  sign <- panel$item[fault == "sign"]
  if (length(sign) > 0L) {
    need <- switch(spec$method,
      share_of_max = "values of 0 or more",
      above_below_mean = "a mean above 0",
      "a reference above 0"
    )
    cap_abort_numeric("{.val {spec$method}} needs {need}; not so{where} for {some_items(sign)}.")
  }
  ends <- panel$item[fault == "ends"]
  if (length(ends) > 0L) {
    cap_abort_numeric(c(
      "The two ends of the scale coincide or are in the wrong order{where} for {some_items(ends)}.",
      "i" = if (spec$method %in% reference_methods) {
        "The target or reference must be better than the worst value observed; other forms do without."
      }
    ))
  }
  invisible(fault)
}

apply_fit <- function(panel, spec, rows, fit) {
  x <- panel$values[rows, , drop = FALSE]
  direction <- as.integer(spec$direction)
  none <- matrix(0, 0L, ncol(x))
  one <- function(k, breaks) {
    own <- list(fit = fit$fit[k, , drop = FALSE], fault = fit$fault[k])
    name_cells(
      .Call(C_normalise_apply, x[, k, drop = FALSE], core_rule(spec), direction[k], own, breaks),
      narrow_panel(panel, k), rows
    )
  }
  done <- if (spec$method == "categorical") {
    parts <- lapply(seq_along(panel$item), function(k) one(k, matrix(fit$breaks[[k]])))
    list(
      value = do.call(cbind, lapply(parts, `[[`, "value")),
      beyond = do.call(cbind, lapply(parts, `[[`, "beyond"))
    )
  } else {
    one(seq_along(panel$item), none)
  }
  for (k in which(fit$fault == "constant")) {
    done$value[!is.na(x[, k]), k] <- spec$constant[[k]]
  }
  done
}

narrow_panel <- function(panel, k) {
  panel$item <- panel$item[k]
  panel$values <- panel$values[, k, drop = FALSE]
  panel
}

# Every row against its unit's row in the base edition.
relative_to_base <- function(panel, spec) {
  in_base <- which(panel$edition %in% spec$base)
  at <- in_base[match(panel$unit, panel$unit[in_base])]
  name_cells(.Call(
    C_normalise_relative, panel$values, panel$values[at, , drop = FALSE],
    as.integer(spec$direction), spec$form == "difference"
  ), panel, seq_along(panel$unit))
}

new_normalised <- function(panel, spec, values, beyond, fits) {
  values[is.nan(values)] <- NA_real_
  raw <- panel$values
  raw[is.nan(raw)] <- NA_real_
  new_result("cap_normalised",
    framework = panel$framework, unit = panel$unit, edition = panel$edition, item = panel$item,
    values = values, raw = raw, beyond = beyond, spec = spec, fits = fits,
    parameters = fit_table(panel, spec, fits)
  )
}

fit_table <- function(panel, spec, fits) {
  do.call(rbind, lapply(names(fits), function(name) {
    f <- fits[[name]]$fit
    linear <- spec$method %in% c("minmax", "log_goalposts", "base_year", "panel_global")
    given <- function(end, seen) ifelse(is.na(end), seen, end)
    data.frame(
      edition = name, item = panel$item, method = spec$method, direction = unname(spec$direction),
      n = as.integer(f[, "n"]), min = na_figure(f[, "min"]), max = na_figure(f[, "max"]),
      mean = na_figure(f[, "mean"]), sd = na_figure(f[, "sd"]),
      lower = if (linear) na_figure(given(unname(spec$lower), f[, "min"])) else NA_real_,
      upper = if (linear) na_figure(given(unname(spec$upper), f[, "max"])) else NA_real_,
      reference = fits[[name]]$reference
    )
  }))
}

#' @importFrom stats predict
#' @export
predict.cap_normalised <- function(object, newdata, unit = NULL, edition = NULL, ...) {
  spec <- object$spec
  if (spec$method %in% ranked_methods || length(object$fits) == 0L) {
    cap_abort_input("{.val {spec$method}} stands on the units of its own panel: normalise {.arg newdata} by itself.")
  }
  if (length(object$fits) > 1L) {
    cap_abort_input(c(
      "Each edition was measured by itself: there is no one scale for {.arg newdata}.",
      "i" = "Normalise with {.code over = \"panel\"} or {.code over = \"base\"} first."
    ))
  }
  panel <- indicator_panel(newdata, unit, edition)
  check_has_items(panel$item, object$item, "newdata")
  panel <- narrow_panel(panel, match(object$item, panel$item))
  done <- apply_fit(panel, spec, seq_along(panel$unit), object$fits[[1L]])
  new_normalised(panel, spec, done$value, done$beyond, object$fits)
}

#' @export
result_tables.cap_normalised <- function(x, lang, ...) {
  caption <- term("caption.normalised", method = words_of("normalisation", x$spec$method))
  list(values = lazy_table(normalised_values(x), caption), wide = lazy_table(normalised_wide(x), caption))
}

normalised_values <- function(x) {
  m <- length(x$item)
  data.frame(
    unit = rep(x$unit, each = m), edition = rep(x$edition, each = m), item = rep(x$item, length(x$unit)),
    value = as.vector(t(x$values)), raw = as.vector(t(x$raw))
  )
}

normalised_wide <- function(x) {
  values <- stats::setNames(as.data.frame(x$values), x$item)
  cbind(data.frame(unit = x$unit, edition = x$edition), values)
}

#' @export
as.matrix.cap_normalised <- function(x, ...) {
  labels <- if (anyDuplicated(x$unit)) cell_label(x$unit, x$edition) else x$unit
  matrix(x$values, nrow(x$values), dimnames = list(labels, x$item))
}

#' @export
cap_findings.cap_normalised <- function(x, ..., lang = "en") {
  spec <- x$spec
  fault <- function(word) unique(unlist(lapply(x$fits, function(f) x$item[f$fault == word])))
  outside <- which(x$beyond != 0L, arr.ind = TRUE)
  reversed <- x$item[spec$direction < 0]
  findings(
    lang,
    finding("normalise.method",
      method = words_of("normalisation", spec$method), units = length(unique(x$unit)), items = length(x$item),
      over = if (spec$over == "base") {
        term("normalise.over_base", edition = spec$base)
      } else if (spec$over == "edition" && length(unique(x$edition)) > 1L) {
        term("normalise.over_edition")
      } else {
        term("normalise.over_panel")
      }
    ),
    finding_if_any("normalise.reversed", items = reversed),
    if (nrow(outside) > 0L) {
      finding("normalise.beyond",
        n = nrow(outside), cells = first_of(do.call(cell_label, unname(panel_cells(x, outside[, 1L], outside[, 2L])))),
        what = if (spec$clip) term("normalise.clipped") else term("normalise.left")
      )
    },
    finding_if_any("normalise.constant", items = fault("constant")),
    finding_if_any("normalise.empty", items = fault("empty")),
    if (anyNA(x$values)) finding("normalise.missing", n = sum(is.na(x$values)))
  )
}
