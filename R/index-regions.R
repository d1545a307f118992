#' Group statistics, simple and weighted by internet users
#'
#' For each group of units, edition and level of the tree: the simple mean,
#' median, quartiles and range, and the mean weighted by internet users with its
#' linearised standard error, Kish's effective number of units and the largest
#' share of the weight.
#'
#' @param index From [cap_index()].
#' @param by A data frame with columns `unit` (or `iso3`), `group` and, if
#'   groups have longer names, `label`; a unit may stand in several groups. Or the name of a grouping of [countries]:
#'   `"itu_region"` (default), `"ldc"`, `"lldc"`, `"sids"`, `"income"`,
#'   `"subregion"`, `"world"`; several names give all their groups.
#' @param users A data frame with columns `unit` (or `iso3`), `edition` and
#'   `users`; default [cap_users()] of the index's editions. `NULL` for none.
#'
#' @details
#' With users u and scores x the weighted mean is
#' \eqn{m = \sum u_i x_i / \sum u_i}; its variance is
#' \eqn{n/(n-1) \sum z_i^2} with \eqn{z_i = u_i (x_i - m) / \sum u}, over the n
#' units with users, without a correction for a finite population. The index is
#' a census of countries: read the standard error as that of a model for which
#' these countries are one draw. \eqn{n_{eff} = (\sum u)^2 / \sum u^2}.
#' Quartiles interpolate the order statistics at \eqn{(n-1)p} (type 7).
#'
#' @section Missing values:
#' Units without a score are left out (`n` counts those with one). Units without
#' users, or with 0, are left out of the weighted figures only and counted in
#' `n_without_users`. Units of the index that are in no group, and units of `by`
#' that the index lacks, are counted in the findings. One unit has no standard
#' error (`NA`).
#' @section Errors:
#' `cap_error_input` for groups and users that cannot be read, naming columns and
#' units, and where no unit is in a group.
#' @return An object of class `cap_regions`. `as.data.frame()` gives
#'   `edition, group, item, n, mean, median, q1, q3, min, max, mean_weighted,
#'   se_weighted, n_eff, top_unit, top_share, n_without_users`.
#' @references Kish, L. (1965), *Survey Sampling*. Wolter, K. (2007),
#'   *Introduction to Variance Estimation*. Lumley, T. (2010), *Complex
#'   Surveys*. Hyndman, R. and Fan, Y. (1996), *The American Statistician* 50.
#' @export
#' @examples
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' regions <- cap_regions(gci)
#' subset(as.data.frame(regions), item == "GCI")
#' cap_regions(gci, by = c("ldc", "world"))
cap_regions <- function(index, by = "itu_region", users = cap_users(unique(index$edition))) {
  check_index(index)
  groups <- as_groups(by, units = index$unit)
  weight <- match_users(index, users)
  editions <- unique(index$edition)
  sorted <- groups[order(groups$group, groups$unit, method = "radix"), ]
  labels <- unique(sorted$group)
  keys <- expand.grid(group = labels, edition = editions, stringsAsFactors = FALSE)
  rows <- Map(function(group, edition) {
    in_edition <- edition_rows(index, edition)
    in_edition[index$unit[in_edition] %in% sorted$unit[sorted$group == group]]
  }, keys$group, keys$edition)
  figures <- group_figures(index$scores, weight, unname(rows))
  new_result("cap_regions",
    framework = index$framework, keys = keys, figures = figures, unit = index$unit,
    groups = sorted, n_units = length(index$unit),
    ungrouped = setdiff(index$unit, sorted$unit),
    unmatched = setdiff(sorted$unit, index$unit),
    without_users = if (!is.null(users)) users_missing(index, weight),
    weighted = !is.null(users)
  )
}

#' Internet users of countries at the editions of the index
#'
#' Internet users are per cent times population. For each of the two series the
#' figure is that of the edition's year, else of the nearest year within five
#' before or three after; the earlier wins a tie. The year for edition 2024 is
#' 2023; the others have their own.
#'
#' @param editions Editions of the GCI, such as `c(2020, 2024)`.
#' @param year Years that belong to the editions, if not those of the rule.
#' @section Errors:
#' `cap_error_input` for no edition, and for years that are not one for each edition.
#' @return A data frame `unit, edition, users, population_year, percent_year`;
#'   countries without a figure in reach have `NA` users.
#' @source [internet_users].
#' @export
#' @examples
#' users <- cap_users(c(2020, 2024))
#' subset(users, is.na(users))
cap_users <- function(editions, year = NULL) {
  if (length(editions) == 0L) {
    cap_abort_input("{.arg editions} names no edition.")
  }
  check_not_integer64(editions, "editions")
  check_not_integer64(year, "year")
  years <- year %||% edition_years(editions)
  if (length(years) != length(editions) || !is.numeric(years)) {
    cap_abort_input("{.arg year} must be one year for each edition.")
  }
  first <- !duplicated(editions)
  do.call(rbind, unname(Map(users_at, editions[first], years[first])))
}

# Editions that are no years have no users of their own.
edition_years <- function(editions) {
  years <- suppressWarnings(as.numeric(as.character(editions)))
  ifelse(!is.na(years) & years == 2024, 2023, years)
}

users_at <- function(edition, year) {
  units <- known_units()
  population <- nearest_figure("population", year)[units, , drop = FALSE]
  percent <- nearest_figure("internet_users_pct", year)[units, , drop = FALSE]
  data.frame(
    unit = units, edition = edition,
    users = population[, "value"] * percent[, "value"] / 100,
    population_year = population[, "year"], percent_year = percent[, "year"],
    row.names = NULL
  )
}

# Countries, and what else has internet users (Hong Kong, in GCI 2014).
known_units <- function() {
  sort(unique(c(country_table()$iso3, cybercap::internet_users$iso3)), method = "radix")
}

# The figure of each country nearest to a year: a matrix value, year by iso3.
nearest_figure <- function(column, year) {
  units <- known_units()
  out <- matrix(NA_real_, length(units), 2L, dimnames = list(units, c("value", "year")))
  x <- cybercap::internet_users
  gap <- x$year - year
  in_reach <- which(!is.na(x[[column]]) & gap >= -5 & gap <= 3)
  ordered <- in_reach[order(x$iso3[in_reach], abs(gap[in_reach]), gap[in_reach], method = "radix")]
  first <- ordered[!duplicated(x$iso3[ordered])]
  out[x$iso3[first], ] <- cbind(x[[column]][first], x$year[first])
  out
}

# Users of each row of the index, NA where there are none.
match_users <- function(index, users) {
  if (is.null(users)) {
    return(NULL)
  }
  check_table(users, "users")
  unit <- unit_column(users, "users")
  check_columns(users, c("edition", "users"), "users")
  users <- list(unit = as_code(users[[unit]]), edition = users[["edition"]], users = users[["users"]])
  check_figures(users$users, "users", "users")
  check_sizes(users$users, users$unit, "{.arg users}")
  key <- function(unit, edition) paste(unit, edition, sep = "\r")
  given <- key(users$unit, users$edition)
  if (anyDuplicated(given)) {
    cap_abort_input("{.arg users} has more than one figure for {some_units(users$unit[duplicated(given)])} in one edition.")
  }
  as_numbers(users$users, "users")[match(key(index$unit, index$edition), given)]
}

users_missing <- function(index, weight) {
  none <- is.na(weight) | weight == 0
  split(index$unit[none], index$edition[none])
}

#' @export
result_tables.cap_regions <- function(x, lang, ...) {
  caption <- term("caption.regions", title = title_in(lang, x$framework))
  list(groups = lazy_table(group_figures_table(x), caption, subset_root(x)))
}

group_figures_table <- function(x) {
  codes <- x$framework$items$code
  n <- length(codes)
  f <- x$figures
  data.frame(
    edition = rep(x$keys$edition, each = n), group = rep(x$keys$group, each = n),
    item = rep(codes, nrow(x$keys)), n = as.integer(f[, "n"]),
    mean = na_figure(f[, "mean"]), median = na_figure(f[, "median"]),
    q1 = na_figure(f[, "q1"]), q3 = na_figure(f[, "q3"]),
    min = na_figure(f[, "min"]), max = na_figure(f[, "max"]),
    mean_weighted = na_figure(f[, "mean_weighted"]),
    se_weighted = na_figure(f[, "se_weighted"]), n_eff = na_figure(f[, "n_eff"]),
    top_unit = x$unit[f[, "top"]], top_share = na_figure(f[, "top_share"]),
    n_without_users = as.integer(f[, "n_without_users"]), row.names = NULL
  )
}

subset_root <- function(x) {
  table <- cbind(group_figures_table(x), users = x$figures[, "users"])
  table[table$item == root_code(x$framework), ]
}

#' @export
cap_findings.cap_regions <- function(x, ..., lang = "en") {
  table <- as_plain(cap_table(x))
  # A group is named by its code, or by its label where that is its code.
  named <- match(table$group, x$groups$label)
  table$group <- labels_in(lang, x$groups$key[named], table$group)
  per_group <- lapply(seq_len(nrow(table)), function(i) group_finding(table[i, ]))
  missing <- lapply(names(x$without_users), function(edition) {
    finding("regions.without_users",
      edition = edition, n = length(x$without_users[[edition]]),
      units = first_of(x$without_users[[edition]], 10L)
    )
  })
  do.call(findings, c(
    list(lang), per_group, missing,
    list(
      finding_if_any("regions.ungrouped", units = x$ungrouped),
      finding_if_any("regions.unmatched", units = x$unmatched)
    )
  ))
}

group_finding <- function(row) {
  if (row$n == 0L) {
    return(finding("regions.empty", group = row$group, edition = row$edition))
  }
  key <- if (is.na(row$mean_weighted)) {
    "regions.simple"
  } else if (is.na(row$se_weighted)) {
    "regions.single"
  } else {
    "regions.group"
  }
  finding(key,
    group = row$group, edition = row$edition, n = row$n, mean = row$mean,
    median = row$median, weighted = row$mean_weighted, se = row$se_weighted,
    top = row$top_unit, share = 100 * row$top_share
  )
}
