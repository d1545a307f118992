#!/bin/bash
# Briefs as a second reader sees them: LibreOffice prints the first sheet on one
# A4 page with nothing cut off, and reads the values that were computed. Needs an
# installed cybercap (R_LIBS), LibreOffice, poppler and the font Carlito, which
# is as wide as Excel's Calibri. Prints "N passed, N failed".
set -u
# shellcheck source=tests/shell/checks.bash
. "$(dirname "$0")/checks.bash"
for tool in soffice pdfinfo pdftotext fc-list; do
  check "$tool is installed" command -v "$tool"
done
check "the font Carlito is installed" sh -c 'fc-list | grep -qi carlito'

# ---- the briefs ----------------------------------------------------------------

mkdir "$work/books" "$work/expected"
cat >"$work/write.R" <<'R'
work <- commandArgs(TRUE)[[1]]
library(cybercap)
gci <- function(year) {
  cap_index(cap_answers(gci_items[gci_items$edition == year, ], paste0("gci-", year)))
}
now <- gci(2024)
before <- gci(2020)
long <- paste("A country of a", strrep("very ", 12), "long name")
write <- function(file, index, scope, ...) {
  path <- file.path(work, "books", paste0(file, ".xlsx"))
  brief <- cap_brief(index, scope, ..., release = cap_release("final", created = "2024-09-12"), path = path)
  lines <- c(brief$title, cap_findings(brief)$text)
  writeLines(enc2utf8(lines), file.path(work, "expected", paste0(file, ".txt")), useBytes = TRUE)
  # How much wider the print area is than the columns up to the last of numbers.
  sheet <- brief$plan$sheets[[1]]
  table <- Filter(function(b) identical(b$sheet, sheet$name) && !is.null(b$table), brief$plan$blocks)[[1]]
  kinds <- vapply(table$columns, `[[`, "", "kind")
  last <- max(which(kinds == "number"))
  ratio <- sum(sheet$width[seq_len(sheet$print_area[4])]) / sum(sheet$width[seq_len(last)])
  writeLines(format(ratio, digits = 8), file.path(work, "expected", paste0(file, ".ratio")))
}
for (scope in c("KEN", "FJI", "ARE", "AFR", "CIS", "world")) write(scope, now, scope, previous = before)
write("VAT", before, "VAT")
# The longest name that countries have, and a contact below the chart.
write("GBR", now, "GBR", previous = before, style = cap_style("statistics@example.org"))
# Figures to compare, as computed: by code and, on Scores, by unit.
figures <- as.data.frame(now, level = c("overall", "pillar"))
keep <- c("unit", "item", "score")
utils::write.csv(figures[keep], file.path(work, "expected", "scores.csv"), row.names = FALSE)
R
check "the briefs are written" Rscript --vanilla "$work/write.R" "$work"

convert() { # format, folder, files...: one start of LibreOffice for all of them
  local format=$1 folder=$2
  shift 2
  timeout 120 soffice --headless "-env:UserInstallation=file://$work/profile" \
    --convert-to "$format" --outdir "$folder" "$@" </dev/null
}
check "LibreOffice prints them" convert pdf "$work/pdf" "$work"/books/*.xlsx
# A sheet a file, with the values as they are and not as they are shown.
check "LibreOffice reads all sheets" convert \
  'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1' \
  "$work/csv" "$work"/books/{KEN,FJI,ARE,VAT,AFR,CIS,world}.xlsx

# ---- one page ------------------------------------------------------------------

# Words alone: where a line wraps and how a bullet is drawn does not matter.
words() { tr -s '[:space:]' ' ' | sed 's/• //g; s/^ //; s/ $//'; }
page() { # name, page
  pdftotext -f "$2" -l "$2" -layout "$work/pdf/$1.pdf" - 2>/dev/null | words
}
is_a4() { # name
  pdfinfo -f 1 -l 1 "$work/pdf/$1.pdf" |
    awk '/^Page +1 size/ { w = $4; h = $6; if (w > h) { t = w; w = h; h = t }
      ok = (w > 594 && w < 597 && h > 840 && h < 843) } END { exit !ok }'
}
says() { # text, file of the page
  grep -qF -- "$1" "$2" || { echo "not on the page: $1"; cat "$2"; return 1; }
}
# Text that runs over the right edge of the print area is cut off on paper but
# still in the PDF: so the words' places count. The edge follows from the right
# end of the figures in the table's last row.
inside() { # name
  pdftotext -f 1 -l 1 -bbox "$work/pdf/$1.pdf" "$work/bbox" &&
    sed -n 's/.*<word xMin="\([0-9.]*\)" yMin="\([0-9.]*\)" xMax="\([0-9.]*\)" yMax="[0-9.]*">\(.*\)<\/word>.*/\1 \2 \3 \4/p' \
      "$work/bbox" >"$work/placed" &&
    awk -v ratio="$(cat "$work/expected/$1.ratio")" '
      NR == 1 { left = $1 }
      { x[NR] = $1; y[NR] = $2; end[NR] = $3; word[NR] = $4 }
      ($4 == "Overall" || $4 == "World") && $1 < left + 3 { row = $2 }
      END {
        for (i = 1; i <= NR; i++)
          if (y[i] > row - 1 && y[i] < row + 1 && end[i] > figures) figures = end[i]
        edge = left + (figures - left) * ratio
        if (!row) { print "no last row of a table"; exit 1 }
        for (i = 1; i <= NR; i++)
          if (end[i] > edge + 2) { print word[i], "ends at", end[i], "after the edge at", edge; bad = 1 }
        exit bad
      }' "$work/placed"
}
lacks() { ! grep -qF -- "$1" "$2"; }

for file in "$work"/books/*.xlsx; do
  name=$(basename "$file" .xlsx)
  page "$name" 1 >"$work/page1"
  page "$name" 2 >"$work/page2"
  check "$name: the paper is A4" is_a4 "$name"
  while IFS= read -r line; do
    check "$name: page 1 has: $line" says "$line" "$work/page1"
  done <"$work/expected/$name.txt"
  check "$name: page 1 has the last line" says "Answers: " "$work/page1"
  check "$name: page 1 has the date" says "2024-09-12." "$work/page1"
  check "$name: page 1 has its number" says "Page 1 of " "$work/page1"
  check "$name: page 2 is the next sheet" says "indicators" "$work/page2"
  check "$name: page 2 has nothing of the first" lacks "Answers: " "$work/page2"
  check "$name: nothing on page 1 is cut off at the right" inside "$name"
  check "$name: no cell is too narrow" sh -c \
    "! pdftotext '$work/pdf/$name.pdf' - | grep -F '###'"
done
check "GBR: page 1 has the contact" \
  sh -c "pdftotext -f 1 -l 1 '$work/pdf/GBR.pdf' - | grep -qF statistics@example.org"

# ---- the same values -----------------------------------------------------------

cat >"$work/compare.R" <<'R'
work <- commandArgs(TRUE)[[1]]
want <- commandArgs(TRUE)[[2]]
library(cybercap)
expected <- utils::read.csv(file.path(work, "expected", "scores.csv"))
csv <- function(name, sheet) {
  file <- file.path(work, "csv", paste0(name, "-", sheet, ".csv"))
  # the table stands below title and status line
  utils::read.csv(file, skip = 3L, check.names = FALSE, encoding = "UTF-8", na.strings = c("[x]", "[c]", "[z]"))
}
same <- function(a, b) {
  stopifnot(length(a) == length(b), !anyNA(a), !anyNA(b), max(abs(a - b)) < 1e-9)
}
codes <- c("LS", "TS", "OS", "CDS", "CS")
score <- function(unit, item) expected$score[match(paste(unit, item), paste(expected$unit, expected$item))]
if (want %in% c("AFR", "CIS", "world")) {
  table <- csv(want, "Scores")
  size <- c(AFR = 44, CIS = 9, world = 194)
  stopifnot(nrow(table) == size[[want]])
  same(table$Score, score(table$Code, "GCI"))
  for (code in codes) same(table[[4L + match(code, codes)]], score(table$Code, code))
} else {
  table <- csv(want, "Indicators")
  items <- gci_items[gci_items$iso3 == want & gci_items$edition == if (want == "VAT") 2020 else 2024, ]
  same(table[[5L]], items$value[match(table$Code, items$item)])
  total <- if (want == "VAT") 0 else score(want, "GCI")
  same(sum(table$Points), total)
}
R
for name in KEN FJI ARE VAT AFR CIS world; do
  check "$name: LibreOffice reads the values that were computed" \
    Rscript --vanilla "$work/compare.R" "$work" "$name"
done
check "KEN: no cell reads as an error" sh -c "! grep -E '#(REF|NAME|VALUE|DIV|N/A)|Err:' '$work'/csv/*.csv"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
