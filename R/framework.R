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

#' @rdname cap_framework
#' @export
cap_frameworks <- function() {
  frameworks <- lapply(shipped_ids(), cap_framework)
  data.frame(
    id = vapply(frameworks, `[[`, "", "id"), title = vapply(frameworks, `[[`, "", "title"),
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

# Reading a framework ----------------------------------------------------------

# The ends of the items' scales, in order of the answers' columns.
leaf_min <- function(framework) framework$items$min[framework$leaves]

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
result_tables.cap_framework <- function(x, lang, ...) {
  list(items = lazy_table(x$items, "cap_framework", telling_columns(x$items)))
}

# What is the same for all items says nothing on a screen.
telling_columns <- function(items) {
  is_idle <- vapply(items[c("min", "direction", "status")], function(column) {
    length(unique(column)) == 1L
  }, NA)
  idle <- c("optional", names(is_idle)[is_idle], if (identical(items$concept, items$code)) "concept")
  items[setdiff(names(items), idle)]
}

equal_weights <- function(x) {
  weight <- x$items$weight[-x$root]
  length(weight) > 1L && all(weight == weight[1L])
}

#' @export
cap_findings.cap_framework <- function(x, ..., lang = "en") {
  n_pillars <- length(pillar_nodes(x))
  x <- framework_in(lang, x)
  findings(
    lang,
    finding("framework.size",
      title = x$title, items = length(x$leaves), pillars = n_pillars, level = x$levels[[2L]]
    ),
    status_finding(x),
    if (equal_weights(x)) finding("framework.equal"),
    if (!is.null(x$bands)) {
      finding("framework.bands",
        n = nrow(x$bands),
        bands = terms("framework.band", label = x$bands$label, name = x$bands$name, lower = x$bands$lower)
      )
    },
    if (!is.null(x$stages)) {
      finding("framework.stages",
        n = nrow(x$stages), status = words_of("framework_status", unique(x$stages$status)),
        stages = listed(stage_names(x$stages))
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
    return(finding("framework.status", status = words_of("framework_status", x$status)))
  }
  kinds <- unique(status)
  n <- vapply(kinds, function(kind) sum(status == kind), 0L)
  finding("framework.status_mixed",
    status = words_of("framework_status", x$status),
    items = terms("list.count", n = n, what = words_of("framework_status", kinds))
  )
}

external_finding <- function(x) {
  asked <- x$gates[!is.na(x$gates$framework), ]
  finding("framework.external",
    n = length(unique(asked$stage)), stages = unique(asked$stage), frameworks = external_gates(x)
  )
}
