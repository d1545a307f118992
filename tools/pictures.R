# The workbooks of which README and the vignettes show pages; run by tools/pictures.
library(cybercap)
folder <- commandArgs(TRUE)[[1]]
gci <- function(year) cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
before <- gci(2020)
now <- gci(2024)
set.seed(2024)
firm <- cap_robustness(now, n = 1e5, vary = list(weights = cap_vary_weights("noise", 0.25)))
panel <- cap_panel(before, now, gci_overall)
release <- cap_release("final", created = "2024-09-12")
cap_brief(now, "KEN",
  previous = before, analyses = list(firm, cap_trend(panel)), release = release,
  path = file.path(folder, "brief-KEN.xlsx")
)
cap_whatif(now, release = release, path = file.path(folder, "what-if-world.xlsx"))
draft <- cap_release("draft", created = "2024-09-12")
cap_questionnaire("cirt-readiness", release = draft, path = file.path(folder, "form.xlsx"))
