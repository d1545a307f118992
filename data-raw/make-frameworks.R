# Builds inst/frameworks: gci-2020 and gci-2024 from gci_weights.csv and the
# tables below, the readiness frameworks from data-raw/frameworks/:
# Rscript data-raw/make-frameworks.R, from the package's root.

weights <- utils::read.csv("data-raw/gci_weights.csv",
                           colClasses = "character")
pillars <- data.frame(
  code = c("LS", "TS", "OS", "CDS", "CS"),
  label = c("Legal measures", "Technical measures", "Organizational measures",
            "Capacity development", "Cooperation"))
bands <- data.frame(
  label = paste0("T", 1:5),
  name = c("Role-modelling", "Advancing", "Establishing", "Evolving",
           "Building"),
  lower = c(95, 85, 55, 20, 0))
about <- list(
  gci_2020 = list(
    title = "Global Cybersecurity Index 2020",
    source = "ITU Global Cybersecurity Index 2020",
    note = paste(
      "Points of the indicators are solved from published indicator and",
      "pillar scores, not printed by ITU. Questions below the indicators are",
      "not published. Child online protection is TS4 here and OS4 in 2024;",
      "this edition has no tiers.")),
  gci_2024 = list(
    title = "Global Cybersecurity Index 2024",
    source = "ITU Global Cybersecurity Index 5th edition 2024",
    note = paste(
      "Points of the indicators are solved from published indicator and",
      "pillar scores, not printed by ITU. Questions below the indicators are",
      "not published. Values of OS4 (child online protection) are derived;",
      "it was TS4 in 2020.")))

# "national/government incident response team (CIRT/CSIRT/CERT)" becomes
# "National/government incident response team".
clean_label <- function(label) {
  label <- sub(" *\\(.*\\)$", "", label)
  label <- sub(" / ", " and ", label, fixed = TRUE)
  label[grepl("^child online protection", label)] <- "child online protection"
  paste0(toupper(substr(label, 1, 1)), substring(label, 2))
}
write_table <- function(data, file) {
  quoted <- lapply(data, function(column) {
    ifelse(grepl("[\",]", column),
           paste0("\"", gsub("\"", "\"\"", column), "\""), column)
  })
  lines <- c(paste(names(data), collapse = ","),
             do.call(paste, c(quoted, sep = ",")))
  connection <- file(file, "wb")
  on.exit(close(connection))
  writeLines(lines, connection)
}

for (edition in c("2020", "2024")) {
  id <- paste0("gci-", edition)
  folder <- file.path("inst", "frameworks", id)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  here <- about[[paste0("gci_", edition)]]

  write.dcf(list(Id = id, Title = here$title, Edition = edition,
                 Status = "official", Source = here$source,
                 Levels = "overall, pillar, indicator", Note = here$note),
            file.path(folder, "framework.dcf"), width = 1000)

  items <- list(data.frame(code = "GCI", parent = "",
                           label = "Global Cybersecurity Index", weight = "",
                           max = "100", direction = "1", concept = "GCI"))
  for (p in seq_len(nrow(pillars))) {
    pillar <- pillars$code[p]
    own <- weights[weights$edition == edition & weights$pillar == pillar, ]
    stopifnot(nrow(own) > 0,
              abs(sum(as.double(own$points)) - 20) < 1e-8)
    items <- c(items, list(
      data.frame(code = pillar, parent = "GCI", label = pillars$label[p],
                 weight = "20", max = "20", direction = "1",
                 concept = pillar),
      data.frame(code = own$item, parent = pillar,
                 label = clean_label(own$label), weight = own$points,
                 max = "1", direction = "1",
                 concept = ifelse(
                   grepl("^child online protection", own$label),
                   "COP", own$item))))
  }
  items <- do.call(rbind, items)
  stopifnot(!anyDuplicated(items$code), sum(items$concept == "COP") == 1)
  write_table(items, file.path(folder, "items.csv"))
  if (edition == "2024") {
    write_table(bands, file.path(folder, "bands.csv"))
  }
  cat(id, ": ", nrow(items), " items\n", sep = "")
}

# Readiness ---------------------------------------------------------------

read_raw <- function(name) {
  utils::read.csv(file.path("data-raw/frameworks", paste0(name, ".csv")),
                  colClasses = "character")
}
capitalise <- function(x) paste0(toupper(substr(x, 1, 1)), substring(x, 2))

# Rows of items.csv; what is not said is left to the defaults of the reader.
rows <- function(code, parent, label, weight = "1", min = "", max = "",
                 status = "", optional = "") {
  data.frame(code, parent, label = capitalise(label), weight, min, max,
             status, optional)
}
# Parents in order of appearance: one row each of `code` and `label`.
groups <- function(code, parent, label, ...) {
  first <- !duplicated(code)
  rows(code[first], rep_len(parent, length(code))[first], label[first], ...)
}
root <- function(code, label) rows(code, "", label, weight = "", max = "100")

all_stages <- read_raw("stages")
all_gates <- read_raw("gates")
all_prerequisites <- read_raw("prerequisites")

write_readiness <- function(id, about, items, stages = own(all_stages, id),
                            gates = own(all_gates, id),
                            prerequisites = own(all_prerequisites, id),
                            bands = data.frame()) {
  folder <- file.path("inst", "frameworks", id)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  write.dcf(c(list(Id = id), about), file.path(folder, "framework.dcf"),
            width = 1000)
  filled <- vapply(items, function(x) any(nzchar(x)), NA)
  tables <- list(items = items[filled], stages = stages, gates = gates,
                 prerequisites = prerequisites, bands = bands)
  for (name in names(tables)) {
    if (nrow(tables[[name]]) > 0L) {
      write_table(tables[[name]], file.path(folder, paste0(name, ".csv")))
    }
  }
  cat(id, ": ", nrow(items), " items\n", sep = "")
}
own <- function(table, id) {
  table <- table[table$id == id, -1, drop = FALSE]
  table[vapply(table, function(x) any(nzchar(x)), NA)]
}

cirt <- read_raw("cirt")
stopifnot(nrow(cirt) == 27, length(unique(cirt$parent)) == 9)
write_readiness("cirt-readiness", list(
  Title = "Readiness for a national CIRT", Edition = "1",
  Status = "proposal",
  Source = paste(
    "Proposal of this package; phases (assessment, design,",
    "establishment, enhancement) as in ITU's CIRT framework, 2025"),
  Levels = "overall, domain, item",
  Note = paste(
    "Levels 0 to 4: absent, implicit, written, approved, reviewed. Not ITU's",
    "questionnaire, which is not published."),
  Scale = "0 absent; 1 implicit; 2 written; 3 approved; 4 reviewed"),
  rbind(
    root("CIRT-R", "Readiness for a national CIRT"),
    groups(cirt$parent, "CIRT-R", cirt$parent_label),
    rows(cirt$code, cirt$parent, cirt$label, max = "4")))

sim3 <- read_raw("sim3")
profile <- read_raw("sim3_profile")
tiers <- own(all_stages, "sim3")
tiers <- tiers[tiers$stage != "0", ]
stopifnot(nrow(sim3) == 45, identical(profile$param, sim3$code),
          identical(names(profile)[-1], tiers$label))
write_readiness("sim3", list(
  Title = "SIM3: maturity of a CSIRT", Edition = "v2i",
  Status = "recalled",
  Source = paste(
    "Open CSIRT Foundation, SIM3 v2 interim, 2023: parameters and scale;",
    "tiers named as in ENISA's maturity framework, 2022"),
  Levels = "overall, category, parameter",
  Note = paste(
    "Tiers are named as by ENISA and GFCE, whose minimums are not shipped.",
    "SIM3 has no overall score; the mean of the categories is ours."),
  Scale = "0 absent; 1 implicit, known but not written; 2 explicit, written; 3 explicit, approved by the head; 4 explicit, assessed from above"),
  rbind(
    root("SIM3", "Maturity of a CSIRT"),
    groups(sim3$parent, "SIM3", sim3$parent_label, status = "official"),
    rows(sim3$code, sim3$parent, sim3$label, max = "4",
         status = sim3$status)),
  gates = do.call(rbind, lapply(seq_len(nrow(tiers)), function(s) {
    data.frame(stage = tiers$stage[s], group = "all parameters",
               k = as.character(nrow(profile)), item = profile$param,
               min = profile[[tiers$label[s]]])
  })))

ncs <- read_raw("ncs")
stopifnot(nrow(ncs) == 64)
parts <- c(content = "Focus areas", lifecycle = "Lifecycle")
inside <- ncs[ncs$part != "principles", ]
write_readiness("ncs-guide", list(
  Title = "Readiness of a national cybersecurity strategy", Edition = "2021",
  Status = "recalled",
  Source = paste(
    "ITU and partners, Guide to Developing a National Cybersecurity Strategy,",
    "2nd edition, 2021"),
  Levels = "overall, part, area, practice",
  Note = paste(
    "Levels 0 to 4: absent, mentioned, specified, resourced, monitored. A",
    "stage is a completed phase of the lifecycle. Scores, gates and equal",
    "parts are a proposal; the Guide has none."),
  Scale = "0 absent; 1 mentioned; 2 specified; 3 resourced; 4 monitored"),
  rbind(
    root("NCS", "National cybersecurity strategy"),
    rows(names(parts), "NCS", parts, status = "proposal"),
    groups(inside$parent, inside$part, inside$parent_label, status = ifelse(
      grepl("^L", unique(inside$parent)), "official", "recalled")),
    rows("P", "NCS", "Principles", status = "proposal"),
    rows(ncs$code, ncs$parent, ncs$label, max = "4", optional = ncs$optional,
         status = ifelse(ncs$code %in% c("L1.1", "P8"), "official",
                         "recalled")),
    rows("VALID", "L5", paste(
      "strategy within its validity (1 yes, 0 no; 5 years unless it says",
      "otherwise)"), weight = "0", max = "1", status = "proposal")))

cmm <- read_raw("cmm")
stopifnot(nrow(cmm) == 62)
levels_of_cmm <- own(all_stages, "cmm")
write_readiness("cmm", list(
  Title = "Cybersecurity Capacity Maturity Model", Edition = "2021",
  Status = "recalled",
  Source = paste(
    "Global Cyber Security Capacity Centre, University of Oxford,",
    "Cybersecurity Capacity Maturity Model for Nations, 2021"),
  Levels = "overall, dimension, factor, aspect, indicator",
  Note = paste(
    "Each aspect is answered by its stage, 1 to 5. A country's stage is the",
    "lowest of its aspects, and the score a mean of ordinal stages: both are",
    "ours, not the model's."),
  Scale = "1 start-up; 2 formative; 3 established; 4 strategic; 5 dynamic"),
  rbind(
    root("CMM", "Cybersecurity capacity"),
    groups(cmm$dimension, "CMM", cmm$dimension_label, status = "official"),
    groups(cmm$factor, cmm$dimension, cmm$factor_label),
    rows(cmm$code, cmm$factor, cmm$label, min = "1", max = "5")),
  gates = do.call(rbind, lapply(levels_of_cmm$stage[-1], function(stage) {
    data.frame(stage = stage, group = "all aspects",
               k = as.character(nrow(cmm)), item = cmm$code, min = stage)
  })))

ncsi <- read_raw("ncsi")
points <- tapply(as.integer(ncsi$points), factor(ncsi$parent, unique(ncsi$parent)), sum)
stopifnot(nrow(ncsi) == 46, sum(points) == 77)
write_readiness("ncsi", list(
  Title = "National Cyber Security Index", Edition = "2.0",
  Status = "recalled",
  Source = "e-Governance Academy, National Cyber Security Index 2.0, 2018",
  Levels = "overall, capacity, indicator",
  Note = paste(
    "77 points in total; the score is their percentage. Points are given for",
    "public evidence only and make up for each other: there are no stages.")),
  rbind(
    root("NCSI", "National Cyber Security Index"),
    groups(ncsi$parent, "NCSI", ncsi$parent_label,
           weight = as.character(points), max = as.character(points)),
    rows(ncsi$code, ncsi$parent, ncsi$label, weight = ncsi$points,
         max = ncsi$points)))

gci <- utils::read.csv("inst/frameworks/gci-2024/items.csv",
                       colClasses = "character")
gci$status <- "official"
write_readiness("support-profile", list(
  Title = "Support that a country can absorb", Edition = "2024",
  Status = "proposal",
  Source = paste(
    "Proposal of this package, on the items of ITU Global Cybersecurity",
    "Index 5th edition 2024"),
  Levels = "overall, pillar, indicator",
  Note = paste(
    "Items and points are those of gci-2024; stages, minimums and caps are a",
    "proposal and say nothing of ITU's view of a country.")),
  gci)
