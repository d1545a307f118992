# Groups of units: shipped groupings, or a data frame unit, group.

as_groups <- function(by, arg = "by", units = NULL) {
  if (is.character(by)) {
    unknown <- setdiff(by, groupings)
    if (length(by) == 0L || length(unknown) > 0L) {
      cap_abort_input(c(
        "{.arg {arg}} must be a data frame {.field unit}, {.field group} or names of groupings.",
        "x" = if (length(unknown) > 0L) "Unknown: {.val {unknown}}.",
        "i" = "Groupings: {.val {groupings}}."
      ))
    }
    out <- do.call(rbind, lapply(unique(by), shipped_groups, units = units))
    return(out[!is.na(out$group), ])
  }
  if (!is.data.frame(by)) {
    cap_abort_input(c(
      "{.arg {arg}} must be a data frame, not {.obj_type_friendly {by}}.",
      "i" = "Give columns {.field unit} and {.field group}, or names of groupings: {.val {groupings}}."
    ))
  }
  check_not_integer64(by, arg)
  unit <- unit_column(by, arg)
  check_columns(by, "group", arg)
  out <- data.frame(unit = as_code(by[[unit]]), group = as_code(by[["group"]]))
  out$label <- as_code(by[["label"]] %||% out$group)
  out$key <- rep(NA_character_, nrow(out))
  if (anyNA(out$unit)) {
    cap_abort_input("{.arg {arg}} has {sum(is.na(out$unit))} row{?s} without a unit.")
  }
  # A unit without a group is in none; the findings count it.
  out <- unique(out[!is.na(out$group), ])
  if (nrow(out) == 0L) {
    cap_abort_input("{.arg {arg}} puts no unit into a group.")
  }
  distinct_labels(out)
}

groupings <- c("itu_region", "ldc", "lldc", "sids", "income", "subregion", "world")

# unit, group, label, and the key of the label: itu_region/AFR. A user's own labels have
# none. `units`: who the world is; the shipped countries by default.
shipped_groups <- function(name, units = NULL) {
  groups <- members_of(name, units)
  groups$key <- paste0(name, "/", groups$group)
  groups
}

groups_in <- function(lang, groups) {
  groups$label <- labels_in(lang, groups$key, groups$label)
  groups
}

# All labels of the shipped groupings, named by their keys.
grouping_labels <- function() {
  groups <- do.call(rbind, lapply(groupings, shipped_groups))
  groups <- groups[!is.na(groups$group), ]
  groups <- groups[!duplicated(groups$key), ]
  stats::setNames(groups$label, groups$key)
}

members_of <- function(name, units) {
  table <- country_table()
  member <- function(column, label) {
    same_label(table$iso3[table[[column]]], label)
  }
  switch(name,
    itu_region = data.frame(unit = table$iso3, group = table$itu_region, label = table$itu_region_name),
    income = same_label(table$iso3, table$wb_income_group),
    subregion = same_label(table$iso3, table$unsd_subregion),
    ldc = member("ldc", "LDC"),
    lldc = member("lldc", "LLDC"),
    sids = member("sids", "SIDS"),
    world = same_label(unique(units %||% table$iso3), "World")
  )
}

unit_column <- function(x, arg) {
  column <- intersect(c("unit", "iso3"), names(x))
  if (length(column) == 0L) check_columns(x, "unit", arg)
  column[1L]
}

# Groups that share a label are told apart by their code.
distinct_labels <- function(groups) {
  keys <- unique(groups[c("group", "label")])
  shared <- keys$label[duplicated(tolower(keys$label))]
  again <- tolower(groups$label) %in% tolower(shared) & groups$label != groups$group
  groups$label[again] <- paste0(groups$label[again], " (", groups$group[again], ")")
  groups
}

same_label <- function(unit, group) {
  data.frame(unit = unit, group = group, label = group)
}
