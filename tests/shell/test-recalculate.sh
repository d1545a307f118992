#!/bin/bash
# The live workbook as a second program computes it: LibreOffice, made to compute
# every formula anew, agrees with the C core, before and after weights, answers
# and costs are changed. Needs an installed cybercap (R_LIBS), LibreOffice, zip
# and unzip. Prints "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/shell/checks.bash
. "$here/checks.bash"
for tool in soffice zip unzip; do
  check "$tool is installed" command -v "$tool"
done

# ---- the workbooks, as written and with cells changed -----------------------------

mkdir -p "$work/books" "$work/changed" "$work/twins" "$work/computed"
cat >"$work/write.R" <<'R'
work <- commandArgs(TRUE)[[1]]
source(commandArgs(TRUE)[[2]])
library(cybercap)
place <- function(folder, name) file.path(work, folder, paste0(name, ".xlsx"))
write <- function(index, folder, name, ...) {
  cap_whatif(index, ..., release = cap_release("final", created = "2024-09-12"), path = place(folder, name))
}
# A workbook; the same with other weights typed in; and its twin, the workbook of
# the index that C computes with those weights.
write_three <- function(index, name, weights, ...) {
  write(index, "books", name, ...)
  write(update(index, weights = weights), "twins", name, ...)
  cells <- read_cells(place("books", name))
  at <- paste0("E", rows_of(cells, "Weights", "B", names(weights)))
  old <- as.numeric(vapply(at, cell_value, "", cells = cells, sheet = "Weights"))
  other <- abs(old - weights) > 1e-12
  stopifnot(sum(other) >= 3)
  write_changed(place("books", name), place("changed", name), data.frame(
    sheet = "Weights", cell = at[other], value = format(weights[other], digits = 15, trim = TRUE)
  ))
}

# The GCI: three weights differ, that of a pillar and those of two items.
gci <- function(year) {
  cap_index(cap_answers(gci_items[gci_items$edition == year, ], paste0("gci-", year)))
}
kept <- function(framework) {
  w <- weights(cap_weights(framework))
  w <- w[cap_weights(framework)$table$parent == cap_weights(framework)$table$parent[1]]
  w[["LS"]] <- 0.4
  c(w, LS1 = 3, LS2 = 1)
}
write_three(gci(2024), "world-2024", kept("gci-2024"))
write_three(gci(2020), "world-2020", kept("gci-2020"))
steps <- cap_actions(gci(2024), unit = "FJI", alternatives = 8)
write_three(gci(2024), "FJI", kept("gci-2024"), scope = "FJI", analyses = steps)

# A nested framework: scales that do not begin at 0, less is better, a weight of 0.
items <- data.frame(
  code = c("R", "A", "B", "A1", "A2", "B1", "B2", "B3", "A11", "A12", "A13", "B21", "B22"),
  parent = c("", "R", "R", "A", "A", "B", "B", "B", "A1", "A1", "A1", "B2", "B2"),
  weight = c(NA, 2, 1, 1, 3, 1, 2, 0, 1, 1, 2, 1, 4),
  min = c(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0), max = c(100, 20, 20, 10, 4, 5, 7, 1, 1, 3, 5, 1, 2),
  direction = c(1, 1, 1, 1, -1, 1, 1, 1, 1, -1, 1, 1, 1)
)
bands <- data.frame(label = c("T1", "T2", "T3"), name = c("High", "Middle", "Low"), lower = c(60, 40, 10))
framework <- cap_framework(list(items = items, bands = bands))
set.seed(4)
data <- expand.grid(unit = sprintf("U%02d", 1:12), item = setdiff(items$code, items$parent), stringsAsFactors = FALSE)
at <- match(data$item, items$code)
share <- sample(c(0, 0.1, 0.37, 0.5, 1, 1), nrow(data), TRUE)
data$value <- items$min[at] + (items$max - items$min)[at] * share
data$edition <- 2024L
gappy <- data
gappy$value[sample(nrow(data), 40)] <- NA
gappy$value[gappy$unit == "U03"] <- NA
rules <- list(
  arithmetic = "arithmetic", geometric = c(overall = "geometric", indicator = "geometric"),
  shifted = list("geometric", shift = 0.01), harmonic = "harmonic", minimum = "minimum", median = "median",
  power = list("generalised_mean", r = -2.5), root = list("generalised_mean", r = 0.3),
  largest = list("generalised_mean", r = Inf), penalised = list("mazziotta_pareto", sample = 1),
  praised = list(overall = list("mazziotta_pareto", sign = -1)), bottleneck = "bottleneck"
)
weights <- c(A = 1, B = 1, A1 = 5, A2 = 1, A11 = 0.3, A12 = 0, A13 = 1, B1 = 1, B2 = 0, B3 = 2)
for (rule in names(rules)) {
  index <- function(data, ...) cap_index(cap_answers(data, framework), aggregate = rules[[rule]], ...)
  # without gaps the formulas are shorter: one of each kind
  if (rule %in% c("arithmetic", "shifted", "root", "median")) write_three(index(data), paste0("whole-", rule), weights)
  write_three(
    index(gappy, missing = "renormalise", min_coverage = if (rule == "arithmetic") 0 else 0.5),
    paste0("gaps-", rule), weights
  )
}
write_three(
  cap_index(cap_answers(gappy, framework), aggregate = c(overall = "geometric"), missing = "zero"),
  "zeros", weights
)

# The same, written down to a maximum of 0.001: unit U11 stands on a bound but for
# rounding, U12 misses it by a ten-millionth of the scale.
thin <- function(x) x / 1e5
items$max[items$code %in% c("R", "A", "B")] <- thin(items$max[items$code %in% c("R", "A", "B")])
whole <- cap_index(cap_answers(data, framework))
edge <- as.data.frame(whole, level = "overall")
bands$lower <- thin(c(edge$score[11] + 5e-10, edge$score[12] + 1e-5, 10))
bands <- bands[order(-bands$lower), ]
write_three(
  cap_index(cap_answers(data, cap_framework(list(items = items, bands = bands)))), "thin-arithmetic", weights
)

# A wrong value in place of what C computed, a number and a text.
file.copy(place("books", "FJI"), place("books", "FJI-planted"))
write_changed(place("books", "FJI"), place("changed", "FJI-planted"), data.frame(
  sheet = c("Scores", "Workings", "Weights"), cell = c("G5", "C5", "I5"), value = c("12.5", "0.125", "7")
))
# Weights that cannot be used.
write_changed(place("books", "FJI"), place("changed", "FJI-unusable"), data.frame(
  sheet = "Weights", cell = c("E10", "E11"), value = "0"
))
write_changed(place("books", "world-2024"), place("changed", "world-negative"), data.frame(
  sheet = "Weights", cell = "E5", value = "-1"
))
# Items picked, one of them not raised in full, with costs; and another unit.
cells <- read_cells(place("books", "FJI"))
rows <- rows_of(cells, "Next steps", "C", c("TS1", "TS3", "CS5"))
write_changed(place("books", "FJI"), place("changed", "FJI-picked"), data.frame(
  sheet = "Next steps", cell = c(paste0("J", rows), paste0("H", rows), paste0("F", rows[2])),
  value = c("yes", "yes", "yes", "10", "20", "2.5", "0.5")
))
write_changed(place("books", "world-2024"), place("changed", "world-Chad"), data.frame(
  sheet = "Next steps", cell = "E5", value = "Chad"
))
write(gci(2024), "twins", "TCD", scope = "TCD")
# Other costs of the raises in the sets.
raises <- rows_of(cells, "Raises", "A", "LS2")
write_changed(place("books", "FJI"), place("changed", "FJI-priced"), data.frame(
  sheet = "Raises", cell = paste0("E", raises), value = "50"
))
R
check "the workbooks are written" Rscript --vanilla "$work/write.R" "$work" "$here/recalculate.R"

# ---- all formulas computed anew ----------------------------------------------------

profile=$work/profile/user
mkdir -p "$profile"
cat >"$profile/registrymodifications.xcu" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
XML
for folder in books changed; do
  check "LibreOffice computes the workbooks in $folder" timeout -k 5 300 soffice --headless \
    "-env:UserInstallation=file://$work/profile" --convert-to xlsx \
    --outdir "$work/computed/$folder" "$work/$folder"/*.xlsx </dev/null
done

# ---- the same values -----------------------------------------------------------------

cat >"$work/compare.R" <<'R'
work <- commandArgs(TRUE)[[1]]
source(commandArgs(TRUE)[[2]])
case <- commandArgs(TRUE)[[3]]
name <- commandArgs(TRUE)[[4]]
place <- function(folder, name) file.path(work, folder, paste0(name, ".xlsx"))
books <- function(name) read_cells(place("books", name))
computed <- function(name) read_cells(place("computed/changed", name))
same <- function(expected, found, least) {
  n <- sum(nzchar(expected$formula))
  out <- differences(expected, found)
  if (nrow(out) > 0) print(utils::head(out, 10), right = FALSE)
  stopifnot(n >= least, nrow(out) == 0, !any(found$type == "e"))
}
number <- function(cells, sheet, cell) as.numeric(cell_value(cells, sheet, cell))
near <- function(a, b) stopifnot(length(a) == 1, is.finite(a), abs(a - b) < 1e-9)
gci <- function(change = NULL) {
  library(cybercap)
  items <- gci_items[gci_items$edition == 2024 & gci_items$iso3 == "FJI", ]
  items$value[match(names(change), items$item)] <- change
  as.data.frame(cap_index(cap_answers(items, "gci-2024")))
}
switch(case,
  # every formula, as written
  whole = same(books(name), read_cells(place("computed/books", name)), 200),
  planted = {
    wrong <- differences(books("FJI"), read_cells(place("changed", name)))
    stopifnot(nrow(wrong) == 3)
    same(books("FJI"), computed(name), 700)
  },
  # what follows the weights, as C has it for the weights typed in
  changed = {
    twin <- read_cells(place("twins", name))
    column <- sub("[0-9]+$", "", twin$cell)
    follows <- twin$sheet %in% c("Workings", "Step workings") | twin$sheet == "Scores" & column != "F" |
      twin$sheet == "Next steps" & column %in% c("G", "I", "M", "N") | twin$sheet == "Alternatives"
    before <- books(name)
    root <- function(cells) cells$value[cells$sheet == "Scores" & grepl("^G", cells$cell) & nzchar(cells$formula)]
    # else there would be nothing to follow
    stopifnot(sum(root(before) != root(twin)) > 0)
    same(twin[follows, ], computed(name), 150)
  },
  unusable = {
    found <- computed(name)
    own <- found$sheet == "Scores" & nzchar(found$formula)
    stopifnot(sum(own) > 5, found$value[own] == "[x]", !any(found$type == "e"))
    said <- found$value[found$sheet == "What-if" & nzchar(found$formula)]
    stopifnot(any(grepl("cannot be used", said)))
  },
  picked = {
    found <- computed(name)
    after <- gci(c(TS1 = 1, TS3 = 0.5, CS5 = 1))
    now <- gci()
    score <- function(x) x$score[x$item == "GCI"]
    near(number(found, "Next steps", "E11"), score(after))
    near(number(found, "Next steps", "E9"), score(after) - score(now))
    near(number(found, "Next steps", "E10"), 32.5)
    stopifnot(startsWith(cell_value(found, "Next steps", "E12"), sub("T", "Tier ", after$tier[after$item == "GCI"])))
    row <- rows_of(found, "Next steps", "C", "TS3")
    alone <- gci(c(TS3 = 0.5))
    near(number(found, "Next steps", paste0("G", row)), score(alone) - score(now))
    near(number(found, "Next steps", paste0("I", row)), (score(alone) - score(now)) / 20)
  },
  chosen = {
    found <- computed(name)
    twin <- read_cells(place("twins", "TCD"))
    near(number(found, "Next steps", "E7"), number(twin, "Next steps", "E7"))
    codes <- twin$value[twin$sheet == "Next steps" & grepl("^C", twin$cell)][-1]
    stopifnot(length(codes) > 3)
    for (code in codes) {
      points <- function(cells) number(cells, "Next steps", paste0("G", rows_of(cells, "Next steps", "C", code)))
      near(points(found), points(twin))
    }
  },
  priced = {
    library(cybercap)
    index <- cap_index(cap_answers(gci_items[gci_items$edition == 2024, ], "gci-2024"))
    sets <- cap_actions(index, unit = "FJI", alternatives = 8)$alternatives
    first <- sets$to[sets$item == "LS2"][1]
    sets$cost[sets$item == "LS2" & sets$to == first] <- 50
    cost <- tapply(sets$cost, sets$plan, sum)
    found <- computed(name)
    for (k in seq_along(cost)) near(number(found, "Alternatives", paste0("D", 4 + k)), cost[[k]])
    least <- cell_value(found, "Alternatives", paste0("H", 4 + which.min(cost)))
    stopifnot(least == "lowest of your costs", cell_value(found, "Alternatives", "H5") == "")
  }
)
R
compare() { # case, name
  check "$2: $1" Rscript --vanilla "$work/compare.R" "$work" "$here/recalculate.R" "$1" "$2"
}
compare planted FJI-planted
for file in "$work"/twins/*.xlsx; do
  name=$(basename "$file" .xlsx)
  test "$name" = TCD && continue
  compare whole "$name"
  compare changed "$name"
done
compare unusable FJI-unusable
compare unusable world-negative
compare picked FJI-picked
compare chosen world-Chad
compare priced FJI-priced

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
