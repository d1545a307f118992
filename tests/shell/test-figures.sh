#!/bin/bash
# tools/check-figures passes, and names every statistic, tolerance and cell that is
# planted in a copy of R/. Prints "N passed, N failed".
set -u
# shellcheck source=tests/shell/checks.bash
. "$(dirname "$0")/checks.bash"
root=$(cd "$(dirname "$0")/../.." && pwd)
check "statistics are in the core" "$root/tools/check-figures" "$root"

copy=$work/copy
mkdir "$copy"
cp -r "$root/R" "$copy"
plant() { echo "$2" >>"$copy/$1"; } # plant FILE TEXT
plant R/trend.R 'planted <- function(x) stats::qt(0.975, 3) * sd(x)'
plant R/index.R 'planted_too <- function(x) apply(x, 1L, stats::quantile, probs = 0.5)'
plant R/answers.R 'planted_bare <- function(x) vapply(x, median, 0)'
plant R/brief.R 'planted_mean <- function(x) colMeans(x %*% x)'
plant R/weights-ahp.R 'fine <- function(sd, t) c(sd = mean(sd), t = sum(t))'
plant R/plot.R 'planted_near <- function(a, b) abs(a - b) <= 1e-9 * b'
plant R/form.R 'planted_tie <- function(x) order(signif(x, 9L))'
plant R/live.R 'planted_without_reason <- 1e-7'
plant R/lint.R $'# Less than a letter.\nfine_with_reason <- 1e-7'
plant R/lint.R 'fine_rounding <- function(x) round(x, 7L) + 0.001'
sed -i 's/tolerance = 1e-8/tolerance = 0.01/' "$copy/R/answers-impute.R"
plant R/live-front.R 'planted_cell <- function(x) paste0("SUM(E{r}:G{r})+", x, "+1")'
plant R/form-score.R 'planted_range <- function(x) paste0("COUNT($B$5:$B$9)", "{share[2]}", "#C0FFEE", "T4 {r}")'
plant R/brief-unit.R "planted_slack <- function(x) paste0(x, '+1E-9>=', 2)"
plant R/live-steps.R 'fine_too <- function(x) paste0("1E9*(", x, ")+CHAR(123)&LOG10({share})", "FF0000", "1.5")'
sed -i 's/"A1"/home_of()/' "$copy/R/sheet-cells.R"
sed -i 's/mean(at), max(at)/max(at)/' "$copy/R/plot-robustness.R"

check "planted faults fail" bash -c "! '$root/tools/check-figures' '$copy' >'$work/said'"
said() { check "$1" grep -E "$2" "$work/said"; } # said NAME PATTERN
said "a quantile of t" 'R/trend.R:[0-9]+: qt\(\)'
said "a standard deviation" 'R/trend.R:[0-9]+: sd\(\)'
said "a function that is handed on with its package" 'R/index.R:[0-9]+: quantile\(\)'
said "and without" 'R/answers.R:[0-9]+: median\(\)'
said "means where figures are shown" 'R/brief.R:[0-9]+: colMeans\(\)'
said "products of matrices there" 'R/brief.R:[0-9]+: %\*%\(\)'
said "an exception that is not needed" 'plot-robustness.R no longer needs its exception for mean'
said "a tolerance" 'R/plot.R:[0-9]+: 1e-9 '
said "a rounding that ties" 'R/form.R:[0-9]+: signif '
said "a named number without its reason" 'R/live.R:[0-9]+: 1e-7 '
said "an exception for a number" 'answers-impute.R no longer needs its exception for 1e-8'
check "a number with its reason and a rounding to what is shown are fine" bash -c "! grep R/lint.R '$work/said'"
said "letters with a row to fill in" 'R/live-front.R:[0-9]+: "SUM\(E\{r\}'
said "a range" 'R/form-score.R:[0-9]+: "COUNT'
said "a tolerance in a formula" 'R/brief-unit.R:[0-9]+: ".1E-9'
said "an exception for a text that is not needed" 'sheet-cells.R no longer needs its exception for "A1"'
check "numbers, functions and colours are no cells" bash -c "! grep -E 'live-steps|C0FFEE' '$work/said'"
check "names of columns and means elsewhere are fine" bash -c "! grep weights-ahp '$work/said'"

echo "$passed passed, $failed failed"
test "$failed" -eq 0
