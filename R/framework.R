#' Frameworks: what is asked, and how it counts
#'
#' A framework is a tree of items (index, pillars, indicators, questions; any
#' depth) with the weight of each item in its parent, the scale of an answer,
#' and the bands or gated stages that read a score. Frameworks are data: the
#' shipped ones and your own are read by the same function.
#'
#' @param x One of
#'   * the id of a shipped framework (see `cap_frameworks()`),
#'   * the path of a folder with `framework.dcf` (fields `Id`, `Title`,
#'     `Edition`, `Status`, `Source`, `Levels`, `Note`, `Scale`), `items.csv` and, where
#'     there are any, `bands.csv`, `stages.csv`, `gates.csv` and
#'     `prerequisites.csv`,
#'   * the path of a workbook (`.xlsx`) with sheets of those names (`framework`
#'     with columns `field` and `value`); needs the readxl package,
#'   * a data frame of items, or a list of data frames `items`, `bands`,
#'     `stages`, `gates`, `prerequisites` with strings `id`, `title`, `edition`,
#'     `status`, `source`, `levels`, `note`, `scale` (what the answers mean, such
#'     as `"0 absent; 1 implicit; 2 written"`, for forms to fill in),
#'   * a framework.
#' @param profile Your own minimums instead of the framework's gates: a data
#'   frame with the code of every answered item once in column `param`, and a
#'   column for each stage above the lowest, named by its label (for `"sim3"`:
#'   `param`, `basic`, `intermediate`, `advanced`). A stage then holds when
#'   every item reaches its minimum. Minimums lie between 0 and the item's
#'   maximum and never fall from a stage to the next.
#' @param indicators Your own indicators below items of a framework with stages
#'   (for `"cmm"`: the indicators of each stage of an aspect): a data frame
#'   `item`, `stage` and, if you like, `code` and `label`. Each indicator is
#'   answered 1 (evidenced) or 0; a stage then holds when all its indicators and
#'   those of the stages below do. The indicators of a stage weigh as much
#'   together as those of another stage of the item. Items without indicators
#'   are answered as before, and where an item has none of some stage, that
#'   stage asks nothing of it.
#'
#' @section Tables:
#' \describe{
#'   \item{items}{`code`, `parent` (empty at the root), `label`, `weight` (0 or
#'     more, on any scale; it is divided by the sum over the siblings), `max`
#'     (the score that full marks give: default 1 for items that are answered,
#'     100 above, whatever the weight), `min` (the least answer, default 0:
#'     answers lie between `min` and `max` and give the share
#'     \eqn{(x - min) / (max - min)} of `max`), `direction` (1 more is better,
#'     -1 less is better: the share is then 1 less that), `concept`
#'     (the item's meaning across editions, default its code: [cap_bridge()]
#'     matches items by it), `status` (where it comes from, default the
#'     framework's), `optional` (1 where a unit may declare the item not
#'     applicable, default 0).}
#'   \item{bands}{`label`, `lower` (inclusive lower bound, in points of the
#'     root), `name`; in order, best first or last.}
#'   \item{stages}{`stage` (whole numbers, ascending), `label`, `cap` (upper
#'     edge of the scores at that stage, in points of the root: a gated score
#'     stays under it; empty is that of the next stage that has one, none at the
#'     top), `status` (where the gates come from, default the framework's). The
#'     lowest stage holds always; where it has gates, a stage 0, `none`, is put
#'     below it.}
#'   \item{gates}{`stage`, `group`, `k`, `item`, `min`, `framework`: a gate
#'     group holds when at least `k` of its items (k = all: each; k = 1: any)
#'     reach `min`, on the item's own scale (where less is better, the least
#'     plus the largest answer less the answer counts); a stage holds when all
#'     its groups and all lower stages hold. `framework` is empty, or the id of another
#'     framework: the row then asks that the unit has reached its stage number
#'     `min`, and `item` is left empty. So stage 3 of `"cirt-readiness"` asks
#'     for stage 1 of `"sim3"`.}
#'   \item{prerequisites}{`item`, `requires`: codes of answered items; what must
#'     stand before an item can be raised. It orders next steps; stages and
#'     scores do not depend on it.}
#' }
#'
#' @section Status:
#' `official`: published, and checked against a source; `recalled`: of a
#' published framework, from memory, not checked; `proposal`: of this package;
#' `illustrative`: made up for examples; `own`: given by the user. Labels are
#' short words of ours throughout, not the frameworks' text. Shipped with:
#' \describe{
#'   \item{`gci-2020`, `gci-2024`}{ITU's index, with the bands of 2024.}
#'   \item{`cirt-readiness`}{Readiness for a national CIRT, levels 0 to 4 in
#'     nine domains; its stages 3 to 5 are stages 1 to 3 of `sim3`.}
#'   \item{`sim3`}{The 45 parameters of SIM3 v2i, levels 0 to 4. **The minimums
#'     of its tiers are illustrative**: give the published ones as `profile`.}
#'   \item{`ncs-guide`}{Focus areas, lifecycle and principles of the Guide to
#'     Developing a National Cybersecurity Strategy, levels 0 to 4. A stage is a
#'     phase all of whose steps reach 3; stage 4 also asks for clear leadership
#'     (P8) and a competent authority (G1.2) at 2, stage 5 that the strategy is
#'     within its validity. The practices, but for G1.2, are `optional`.}
#'   \item{`cmm`}{Oxford's capacity maturity model: aspects answered by their
#'     stage, 1 to 5. That a country is at the stage of its lowest aspect, and
#'     the mean of stages as a score, are proposals.}
#'   \item{`ncsi`}{The National Cyber Security Index 2.0: 46 indicators, 77
#'     points, no stages.}
#'   \item{`support-profile`}{Which support a country can absorb, on the items of
#'     `gci-2024`; its caps are the bounds of that framework's bands.}
#' }
#'
#' @section Errors:
#' `cap_error_input`, with the codes at fault, for cycles, two roots or none,
#' unknown parents, duplicate or empty codes, negative or all-zero weights,
#' maxima that are not above 0, least answers that are not below them,
#' directions other than 1 and -1, bands out of order; stages out of order,
#' without a gate or whose gates ask for nothing, caps that do not rise; gates
#' on unknown items, levels or stages, with a `k` that is not from 1 to the
#' number of items, a minimum below 0 or above the item's maximum, or less than
#' an earlier stage asks of the same item (where each item of the group is
#' asked); prerequisites that form a cycle; profiles and indicators that do not
#' fit the framework.
#'
#' @return `cap_framework()`: an object of class `cap_framework`;
#'   `as.data.frame()` gives its items with their `level`. `cap_frameworks()`: a
#'   data frame `id`, `title`, `edition`, `status`, `items` (answered), `stages`
#'   (their number), `stage_status` (of their gates; empty without stages).
#' @references OECD/JRC (2008), *Handbook on Constructing Composite Indicators*.
#'   ITU (2021), *Global Cybersecurity Index 2020*. ITU (2024), *Global
#'   Cybersecurity Index 2024*, 5th edition. ITU and partners (2021), *Guide to
#'   Developing a National Cybersecurity Strategy*, 2nd edition. Open CSIRT
#'   Foundation (2023), *SIM3 v2 interim*. ENISA (2022), *CSIRT Maturity
#'   Framework*. Global Cyber Security Capacity Centre (2021), *Cybersecurity
#'   Capacity Maturity Model for Nations*. e-Governance Academy (2018),
#'   *National Cyber Security Index 2.0*.
#' @export
#' @examples
#' cap_frameworks()
#' gci <- cap_framework("gci-2024")
#' head(as.data.frame(gci))
#' # One of your own, with bands and an item of which less is better
#' cap_framework(list(
#'   title = "Readiness",
#'   items = data.frame(
#'     code = c("READY", "LAW", "CIRT", "RISK"),
#'     parent = c("", "READY", "READY", "READY"),
#'     label = c("Readiness", "Law in force", "CIRT at work", "Incidents a year"),
#'     weight = c(NA, 40, 40, 20),
#'     max = c(100, 1, 1, 50),
#'     direction = c(1, 1, 1, -1)
#'   ),
#'   bands = data.frame(label = c("ready", "not yet"), lower = c(60, 0))
#' ))
#' # Your own minimums for the tiers of SIM3 (here: 1, 2 and 3 for everything)
#' sim3 <- cap_framework("sim3")
#' codes <- setdiff(sim3$items$code, sim3$items$parent)
#' cap_framework("sim3", profile = data.frame(
#'   param = codes, basic = 1, intermediate = 2, advanced = 3
#' ))
cap_framework <- function(x, profile = NULL, indicators = NULL) {
  framework <- find_framework(x)
  if (!is.null(indicators)) framework <- apply_indicators(framework, indicators)
  if (!is.null(profile)) framework <- apply_profile(framework, profile)
  framework
}

find_framework <- function(x) {
  if (inherits(x, "cap_framework")) {
    return(x)
  }
  if (is.data.frame(x)) {
    return(new_framework(list(items = x)))
  }
  if (is.list(x)) {
    check_framework_parts(x)
    return(new_framework(x))
  }
  if (!is.character(x) || length(x) != 1L || is.na(x)) {
    cap_abort_input(c(
      "A framework comes from an id, a folder, a workbook or data frames.",
      "x" = "This is {.obj_type_friendly {x}}.",
      "i" = "Shipped ids: {.val {shipped_ids()}}."
    ))
  }
  if (x %in% shipped_ids()) {
    return(read_framework_folder(file.path(frameworks_folder(), x)))
  }
  if (dir.exists(x)) {
    return(read_framework_folder(x))
  }
  if (file.exists(x)) {
    return(read_framework_workbook(x))
  }
  cap_abort_input(c(
    "There is no framework {.val {x}}.",
    "i" = "Shipped ids: {.val {shipped_ids()}}; or the path of a folder or an {.file .xlsx} file."
  ))
}

#' @rdname cap_framework
#' @export
cap_frameworks <- function() {
  frameworks <- lapply(shipped_ids(), cap_framework)
  data.frame(
    id = vapply(frameworks, `[[`, "", "id"),
    title = vapply(frameworks, `[[`, "", "title"),
    edition = vapply(frameworks, `[[`, "", "edition"),
    status = vapply(frameworks, `[[`, "", "status"),
    items = vapply(frameworks, function(f) length(f$leaves), 0L),
    stages = vapply(frameworks, function(f) NROW(f$stages), 0L),
    stage_status = vapply(frameworks, stage_status, "")
  )
}

# Statuses of the stages, "" without stages.
# Frameworks and stages that are neither published nor the user's own.
in_doubt <- function(status) !status %in% c("official", "own")

stage_status <- function(framework) paste(unique(framework$stages$status), collapse = ", ")

frameworks_folder <- function() {
  system.file("frameworks", package = "cybercap", mustWork = TRUE)
}

shipped_ids <- function() {
  sort(list.files(frameworks_folder()), method = "radix")
}

# Reading ---------------------------------------------------------------

framework_tables <- c("items", "bands", "stages", "gates", "prerequisites")

read_framework_folder <- function(path) {
  file <- function(name) file.path(path, name)
  if (!file.exists(file("items.csv"))) {
    cap_abort_input("The framework folder {.path {path}} has no {.file items.csv}.")
  }
  parts <- if (file.exists(file("framework.dcf"))) read_dcf_fields(file("framework.dcf")) else list()
  parts[["id"]] <- parts[["id"]] %||% basename(normalizePath(path))
  for (table in framework_tables) {
    csv <- file(paste0(table, ".csv"))
    if (file.exists(csv)) {
      parts[[table]] <- read_utf8_csv(csv)
    }
  }
  new_framework(parts)
}

# All columns as text, the same in any locale, with or without a byte order mark.
# Codes such as "01", "T" or "NA" are text; figures are read by as_figure().
read_utf8_csv <- function(path) {
  tryCatch(
    {
      lines <- read_utf8_lines(path)
      connection <- textConnection(lines, encoding = "bytes")
      on.exit(close(connection))
      utils::read.csv(connection,
        na.strings = "", encoding = "UTF-8", check.names = FALSE,
        strip.white = TRUE, colClasses = "character"
      )
    },
    error = function(e) stop_unreadable(path, e)
  )
}

read_utf8_lines <- function(path) {
  lines <- readLines(path, encoding = "UTF-8", warn = FALSE)
  Encoding(lines) <- "UTF-8"
  if (length(lines) == 0L || !any(nzchar(lines))) {
    cap_abort_input("The file {.path {path}} is empty.")
  }
  lines[1L] <- sub("^\ufeff", "", lines[1L])
  lines
}

stop_unreadable <- function(path, e) {
  if (inherits(e, "cap_error")) rlang::cnd_signal(e)
  cap_abort_input(c("{.path {path}} cannot be read.", "x" = "{conditionMessage(e)}"))
}

# A file without fields has the defaults.
read_dcf_fields <- function(path) {
  if (file.size(path) == 0) {
    return(list())
  }
  tryCatch(
    {
      lines <- read_utf8_lines(path)
      connection <- textConnection(lines, encoding = "bytes")
      on.exit(close(connection))
      fields <- read.dcf(connection)
      values <- fields[1L, ]
      Encoding(values) <- "UTF-8"
      stats::setNames(as.list(values), tolower(colnames(fields)))
    },
    error = function(e) stop_unreadable(path, e)
  )
}

read_framework_workbook <- function(path) {
  rlang::check_installed("readxl", reason = "to read a framework from a workbook.")
  sheets <- tryCatch(readxl::excel_sheets(path), error = function(e) {
    cap_abort_input(c(
      "{.path {path}} is not a workbook that can be read.",
      "x" = conditionMessage(e)
    ))
  })
  if (!"items" %in% sheets) {
    cap_abort_input("The workbook {.path {path}} has no sheet {.val items}.")
  }
  read <- function(sheet) {
    as.data.frame(suppressMessages(readxl::read_excel(path, sheet = sheet)))
  }
  parts <- list(id = sub("[.][^.]*$", "", basename(path)))
  if ("framework" %in% sheets) {
    fields <- read("framework")
    check_columns(fields, c("field", "value"), "framework")
    parts[tolower(fields$field)] <- as.character(fields$value)
  }
  for (table in intersect(framework_tables, sheets)) {
    parts[[table]] <- read(table)
  }
  new_framework(parts)
}

# Building --------------------------------------------------------------

framework_parts <- c(
  "id", "title", "edition", "status", "source", "levels", "note", "scale", framework_tables
)

# A misspelt part or column would silently change the numbers.
check_framework_parts <- function(parts) {
  unknown <- setdiff(names(parts), framework_parts)
  if (length(unknown) > 0L) {
    cap_abort_input(c(
      "A framework has no part {.field {unknown}}.",
      "i" = "Parts: {.field {framework_parts}}."
    ))
  }
}

item_columns <- c(
  "code", "parent", "label", "weight", "min", "max", "direction", "concept", "status", "optional"
)

check_item_columns <- function(items) {
  other <- setdiff(names(items), item_columns)
  meant <- item_columns[match(tolower(trimws(other)), item_columns)]
  # a swapped or doubled letter: the same letters as a column that is not given
  letters_of <- function(x) vapply(strsplit(tolower(x), ""), function(l) paste(sort(unique(l)), collapse = ""), "")
  absent <- setdiff(item_columns, names(items))
  meant <- ifelse(is.na(meant), absent[match(letters_of(other), letters_of(absent))], meant)
  if (any(!is.na(meant))) {
    cap_abort_input(c(
      "Columns of items are not as they must be written: {.field {other[!is.na(meant)]}}.",
      "i" = "Write {.field {meant[!is.na(meant)]}}."
    ))
  }
}

new_framework <- function(parts) {
  if (!is.data.frame(parts[["items"]])) {
    cap_abort_input("A framework needs a data frame {.field items} with columns {.field code} and {.field parent}.")
  }
  check_item_columns(parts[["items"]])
  status <- as_field(parts[["status"]], "own")
  items <- tidy_items(parts[["items"]], status)
  check_codes(items)
  arrays <- compile_arrays(items)
  compiled <- compile_tree(arrays, items)
  n_levels <- max(compiled$depth) + 1L
  levels <- level_names(parts[["levels"]], n_levels)
  items$level <- levels[compiled$depth + 1L]
  root <- which(is.na(arrays$parent))
  stages <- tidy_stages(parts[["stages"]], parts[["gates"]], items$max[root], status)
  id <- as_field(parts[["id"]], "own")
  structure(
    list(
      id = id,
      title = as_field(parts[["title"]], items$label[root]),
      edition = as_field(parts[["edition"]], ""),
      status = status,
      source = as_field(parts[["source"]], ""),
      note = as_field(parts[["note"]], ""),
      scale = as_field(parts[["scale"]], ""),
      levels = levels[seq_len(n_levels)],
      spare_levels = levels[-seq_len(n_levels)], # for indicators below
      items = items,
      bands = tidy_bands(parts[["bands"]], items$max[root]),
      stages = stages,
      gates = tidy_gates(parts[["gates"]], stages, items, id),
      prerequisites = tidy_prerequisites(parts[["prerequisites"]], items),
      arrays = arrays,
      depth = compiled$depth,
      root = root,
      leaves = compiled$leaf_node
    ),
    class = c("cap_framework", "cap_result")
  )
}

as_field <- function(x, default) {
  if (is.null(x) || is.na(x[[1L]])) default else as.character(x[[1L]])
}

# A column of codes as text, with blanks as NA.
as_code <- function(x) {
  x <- enc2utf8(as.character(x))
  broken <- !validUTF8(x) & !is.na(x)
  x[broken] <- iconv(x[broken], "UTF-8", "UTF-8", sub = "\ufffd")
  x <- trimws(x)
  x[!is.na(x) & !nzchar(x)] <- NA_character_
  x
}

as_figure <- function(x, column, code) {
  x <- as_code(x)
  x[x %in% "NA"] <- NA # as write.csv() writes a missing figure
  number <- suppressWarnings(as.numeric(x))
  text <- !is.na(x) & nzchar(trimws(as.character(x))) & is.na(number)
  if (any(text)) {
    cap_abort_input("Column {.field {column}} is not a number for {some_of(code[text])}.")
  }
  number
}

tidy_items <- function(items, status) {
  check_columns(items, c("code", "parent"), "items")
  if (nrow(items) == 0L) {
    cap_abort_input("The framework has no items.")
  }
  column <- function(name, default) {
    x <- items[[name]] %||% rep(NA, nrow(items))
    x[is.na(x)] <- default[is.na(x)]
    x
  }
  code <- as_code(items[["code"]])
  parent <- as_code(items[["parent"]])
  if (!"NA" %in% code) parent[parent %in% "NA"] <- NA
  leaf <- !code %in% parent
  text <- function(name) as_code(column(name, rep(NA_character_, length(code))))
  label <- text("label")
  concept <- text("concept")
  label[is.na(label)] <- code[is.na(label)]
  concept[is.na(concept)] <- code[is.na(concept)]
  figure <- function(name) as_figure(items[[name]] %||% rep(NA, nrow(items)), name, code)
  weight <- if (is.null(items[["weight"]])) rep(1, nrow(items)) else figure("weight")
  max <- figure("max")
  max[is.na(max)] <- ifelse(leaf, 1, 100)[is.na(max)]
  min <- figure("min")
  min[is.na(min) | !leaf] <- 0
  direction <- figure("direction")
  direction[is.na(direction)] <- 1
  own_status <- text("status")
  own_status[is.na(own_status)] <- status
  optional <- figure("optional")
  optional[is.na(optional)] <- 0
  data.frame(
    code = code, parent = parent, label = label, weight = weight, min = min, max = max,
    direction = direction, concept = concept, status = own_status, optional = optional
  )
}

check_codes <- function(items) {
  code <- items$code
  if (anyNA(code)) {
    cap_abort_input("{sum(is.na(code))} item{?s} of the framework {?has/have} no code (row {some_of(which(is.na(code)))}).")
  }
  repeated <- code[duplicated(code)]
  if (length(repeated) > 0L) {
    cap_abort_input(c(
      "Codes of a framework must differ.",
      "x" = "Given more than once: {some_of(repeated)}."
    ))
  }
  unknown <- !is.na(items$parent) & !items$parent %in% code
  if (any(unknown)) {
    cap_abort_input(c(
      "Every parent must be the code of an item.",
      "x" = "Unknown: {some_of(items$parent[unknown])}, parent of {some_of(code[unknown])}."
    ))
  }
  roots <- code[is.na(items$parent)]
  if (length(roots) > 1L) {
    cap_abort_input(c(
      "A framework has one root: one item without a parent.",
      "x" = "Without a parent: {some_of(roots)}."
    ))
  }
  if (length(roots) == 0L) stop_rootless(items)
  bad_direction <- !items$direction %in% c(1, -1)
  if (any(bad_direction)) {
    cap_abort_input("The direction must be 1 or -1; it is not for {some_of(code[bad_direction])}.")
  }
  reversed_inner <- items$direction %in% -1 & code %in% items$parent
  if (any(reversed_inner)) {
    cap_abort_input(c(
      "Only answered items can have direction -1.",
      "x" = "Levels above them: {some_of(code[reversed_inner])}."
    ))
  }
  bad_max <- !(is.finite(items$max) & items$max > 0)
  if (any(bad_max)) {
    cap_abort_input("The maximum must be a number above 0; it is not for {some_of(code[bad_max])}.")
  }
  bad_min <- !(items$min >= 0 & items$min < items$max)
  if (any(bad_min)) {
    cap_abort_input("The least answer must be 0 or more and below the maximum; it is not for {some_of(code[bad_min])}.")
  }
  bad_optional <- !items$optional %in% c(0, 1)
  if (any(bad_optional)) {
    cap_abort_input("Column {.field optional} must be 0 or 1; it is not for {some_of(code[bad_optional])}.")
  }
  bad_weight <- !is.na(items$parent) & !(is.finite(items$weight) & items$weight >= 0)
  if (any(bad_weight)) {
    cap_abort_input(c(
      "Weights must be numbers of 0 or more.",
      "x" = "Missing, negative or infinite for {some_of(code[bad_weight])}."
    ))
  }
  if (nrow(items) == 1L) {
    cap_abort_input("The framework has a root, {.val {code}}, and nothing below it.")
  }
  invisible(items)
}

stop_rootless <- function(items) {
  parent <- match(items$parent, items$code)
  on_cycle <- items$code[cycle_through(parent, NA)]
  cap_abort_input(c(
    "A framework has one root: one item without a parent.",
    "x" = "Every item has a parent; cycle: {c(on_cycle, on_cycle[1L])}."
  ))
}

compile_arrays <- function(items, weight = items$weight) {
  list(
    parent = match(items$parent, items$code),
    weight = as.numeric(weight),
    max = as.numeric(items$max),
    direction = as.integer(items$direction),
    min = as.numeric(items$min)
  )
}

# Strings are checked above; cycles and zero weights are seen by the core.
compile_tree <- function(arrays, items) {
  tryCatch(.Call(C_framework_compile, arrays), cap_error_input = function(e) {
    explain_tree_error(e, arrays, items)
  })
}

explain_tree_error <- function(e, arrays, items) {
  row <- as.integer(e$row)
  on_cycle <- cycle_through(arrays$parent, row)
  if (length(on_cycle) > 0L) {
    cap_abort_input(c(
      "The parents of a framework must not form a cycle.",
      "x" = "Cycle: {items$code[c(on_cycle, on_cycle[1L])]}."
    ))
  }
  if (is.na(row)) {
    rlang::cnd_signal(e)
  }
  below <- which(arrays$parent == row)
  children <- items$code[below]
  if (any(arrays$weight[below] > 0)) {
    cap_abort_input(c(
      "The weights below {.val {items$code[row]}} are too large to add up.",
      "x" = "Weights of {some_of(children)}.",
      "i" = "Weights may be on any scale: divide them all."
    ))
  }
  cap_abort_input(c(
    "The items below {.val {items$code[row]}} weigh nothing together.",
    "x" = "All weights are 0: {some_of(children)}.",
    "i" = "Give at least one of them a weight above 0."
  ))
}

cycle_through <- function(parent, row) {
  if (is.na(row)) {
    row <- 1L # no root at all: every item is on a cycle or below one
    for (step in seq_along(parent)) row <- parent[row]
    if (is.na(row)) {
      return(integer())
    }
  }
  path <- row
  at <- parent[row]
  while (!is.na(at) && !at %in% path) {
    path <- c(path, at)
    at <- parent[at]
  }
  if (!is.na(at) && at == row) path else integer()
}

level_names <- function(levels, n_levels) {
  if (is.null(levels) || all(is.na(levels))) {
    usual <- c("overall", "pillar", "indicator", "question", "sub-question")
    deeper <- paste("level", seq_len(n_levels))[-seq_along(usual)]
    return(c(usual, deeper)[seq_len(n_levels)])
  }
  levels <- trimws(unlist(strsplit(as.character(levels), ",", fixed = TRUE)))
  if (length(levels) < n_levels || anyDuplicated(levels) || any(!nzchar(levels))) {
    cap_abort_input("The framework is {n_levels} levels deep and needs as many different level names; it has {.val {levels}}.")
  }
  levels
}

# Best band first, whichever way the table was given.
tidy_bands <- function(bands, max) {
  if (is.null(bands)) {
    return(NULL)
  }
  check_data_frame(bands, "bands")
  check_columns(bands, c("label", "lower"), "bands")
  label <- as_code(bands[["label"]])
  lower <- as_figure(bands[["lower"]], "lower", label)
  if (length(label) == 0L) {
    return(NULL)
  }
  repeated <- label[duplicated(label)]
  if (anyNA(label)) {
    cap_abort_input("Bands need labels; row {some_of(which(is.na(label)))} has none.")
  }
  if (length(repeated) > 0L) {
    cap_abort_input("Bands need different labels; given more than once: {some_of(repeated)}.")
  }
  outside <- !is.finite(lower) | lower > max
  if (any(outside)) {
    cap_abort_input("The lower bound of a band must be a number up to {max}; it is not for {some_of(label[outside])}.")
  }
  steps <- diff(lower)
  if (any(steps == 0) || length(unique(sign(steps))) > 1L) {
    wrong <- label[-1L][steps == 0 | sign(steps) != sign(lower[length(lower)] - lower[1L])]
    cap_abort_input(c(
      "Bands must stand in order of their lower bounds.",
      "x" = "Out of order: {some_of(wrong)}."
    ))
  }
  name <- as_code(bands[["name"]] %||% label)
  out <- data.frame(label = label, name = ifelse(is.na(name), label, name), lower = lower)
  out <- out[order(-lower), ]
  rownames(out) <- NULL
  out
}

# Reading a framework ---------------------------------------------------

leaf_codes <- function(framework) framework$items$code[framework$leaves]

# The ends of the items' scales, in order of the answers' columns.
leaf_min <- function(framework) framework$items$min[framework$leaves]

leaf_max <- function(framework) framework$items$max[framework$leaves]

root_code <- function(framework) framework$items$code[framework$root]

root_max <- function(framework) framework$items$max[framework$root]

# Children of the root, in order: the pillars.
pillar_nodes <- function(framework) which(framework$depth == 1L)

# The node at depth 1 above each node (itself there, NA at the root).
pillar_of <- function(framework, node = seq_along(framework$depth)) {
  parent <- framework$arrays$parent
  repeat {
    deep <- which(framework$depth[node] > 1L)
    if (length(deep) == 0L) break
    node[deep] <- parent[node[deep]]
  }
  ifelse(framework$depth[node] == 0L, NA_integer_, node)
}

#' @export
as.data.frame.cap_framework <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$items
}

# What is the same for all items says nothing on a screen.
#' @export
cap_table.cap_framework <- function(x, ...) {
  items <- as.data.frame(x)
  is_idle <- vapply(items[c("min", "direction", "status")], function(column) {
    length(unique(column)) == 1L
  }, NA)
  idle <- c("optional", names(is_idle)[is_idle], if (identical(items$concept, items$code)) "concept")
  new_table(items[setdiff(names(items), idle)], "cap_framework")
}

equal_weights <- function(x) {
  weight <- x$items$weight[-x$root]
  length(weight) > 1L && all(weight == weight[1L])
}

#' @export
cap_findings.cap_framework <- function(x, ..., lang = "en") {
  n_pillars <- length(pillar_nodes(x))
  findings(
    lang,
    finding("framework.size",
      title = x$title, items = length(x$leaves), pillars = n_pillars,
      level = x$levels[[2L]]
    ),
    status_finding(x),
    if (equal_weights(x)) finding("framework.equal"),
    if (!is.null(x$bands)) {
      finding("framework.bands",
        n = nrow(x$bands),
        bands = paste0(x$bands$label, " (", x$bands$name, ") from ", format_number(x$bands$lower, 0), collapse = ", ")
      )
    },
    if (!is.null(x$stages)) {
      finding("framework.stages",
        n = nrow(x$stages), status = stage_status(x),
        stages = paste(stage_names(x$stages), collapse = ", ")
      )
    },
    if (length(external_gates(x)) > 0L) external_finding(x),
    if (any(x$items$optional == 1)) finding("framework.optional", n = sum(x$items$optional)),
    if ("illustrative" %in% x$stages$status) finding("framework.illustrative"),
    if (nzchar(x$note)) finding("framework.note", note = x$note)
  )
}

stage_names <- function(stages) {
  ifelse(stages$label == stages$stage, stages$label, paste(stages$stage, stages$label))
}

status_finding <- function(x) {
  status <- x$items$status[x$leaves]
  if (all(status == x$status)) {
    return(finding("framework.status", status = x$status))
  }
  kinds <- unique(status)
  n <- vapply(kinds, function(kind) sum(status == kind), 0L)
  finding("framework.status_mixed", status = x$status, items = paste(n, kinds, collapse = ", "))
}

external_finding <- function(x) {
  asked <- x$gates[!is.na(x$gates$framework), ]
  finding("framework.external",
    n = length(unique(asked$stage)), stages = paste(unique(asked$stage), collapse = ", "),
    frameworks = paste(external_gates(x), collapse = ", ")
  )
}
