# Builds inst/frameworks/gci-2020 and gci-2024 from gci_weights.csv and the
# tables below: Rscript data-raw/make-frameworks.R, from the package's root.

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
