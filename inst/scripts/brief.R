# The main job: computes the GCI from the shipped indicator values and writes
# the briefs of the world and of one country.
#   Rscript brief.R [folder] [ISO3]

suppressPackageStartupMessages(library(cybercap))

arguments <- commandArgs(trailingOnly = TRUE)
folder <- if (length(arguments) >= 1L) arguments[[1L]] else "briefs"
unit <- if (length(arguments) >= 2L) toupper(arguments[[2L]]) else "KEN"

gci <- function(year) {
  cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
}
index_2020 <- gci(2020)
index_2024 <- gci(2024)
if (!unit %in% index_2024$unit) {
  stop("UNIT must be the ISO3 code of a country of GCI 2024, such as KEN; it is ", unit, ".", call. = FALSE)
}

dir.create(folder, showWarnings = FALSE, recursive = TRUE)
for (scope in c("world", unit)) {
  brief <- cap_brief(index_2024, scope,
    previous = index_2020, release = "final",
    path = file.path(folder, paste0("gci-2024-", scope, ".xlsx")), overwrite = TRUE
  )
  cat("\n", brief$path, "\n", sep = "")
  cat(brief$title, "\n", sep = "")
  print(cap_findings(brief))
}
