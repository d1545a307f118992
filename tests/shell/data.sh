#!/bin/sh
# data/ and inst/frameworks/ are what data-raw/ makes.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' 0
shipped=$PWD
tools/copy-tree "$work/tree"
cd "$work/tree" || exit 1
rm -rf data inst/frameworks
Rscript data-raw/make-data.R > "$work/log" 2>&1 &&
    Rscript data-raw/make-experts.R >> "$work/log" 2>&1 &&
    Rscript data-raw/make-frameworks.R >> "$work/log" 2>&1 || cat "$work/log"
Rscript - "$shipped" <<'EOF'
shipped <- commandArgs(TRUE)[[1]]
one <- function(file) {
  found <- new.env()
  load(file, found)
  as.list(found, sorted = TRUE)
}
same <- function(file) {
  there <- file.path(shipped, file)
  if (!file.exists(file) || !file.exists(there)) return(FALSE)
  if (grepl("rda$", file)) {
    return(identical(one(file), one(there)))
  }
  identical(readLines(file), readLines(there))
}
files <- unique(unlist(lapply(c(".", shipped), function(root) {
  unlist(lapply(c("data", "inst/frameworks"), function(folder) {
    found <- list.files(file.path(root, folder), recursive = TRUE)
    if (length(found)) file.path(folder, found)
  }))
})))
good <- vapply(files, same, NA)
for (file in files[!good]) cat("FAILED: not what data-raw/ makes:", file, "\n")
cat(sprintf("%d passed, %d failed\n", sum(good), sum(!good)))
quit(status = as.integer(any(!good) || !length(good)))
EOF
