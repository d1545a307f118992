#!/bin/bash
# tools/check-layers passes, and names every wrong-way call and include that is
# planted in a copy. Prints "N passed, N failed".
set -u
# shellcheck source=tests/shell/checks.bash
. "$(dirname "$0")/checks.bash"
root=$(cd "$(dirname "$0")/../.." && pwd)
check "calls go down only" "$root/tools/check-layers" "$root"

copy=$work/copy
mkdir "$copy"
cp -r "$root/R" "$root/src" "$root/NAMESPACE" "$copy"
plant() { echo "$2" >>"$copy/$1"; } # plant FILE TEXT
plant R/util-conditions.R 'planted_call <- function(x) cap_brief(x)'
plant R/util-palette.R 'planted_value <- tier_long("en", NULL)'
plant R/brief-batch-engine.R 'planted_helper <- function(x) cap_briefs(x)'
plant R/cellar-wine.R 'wine <- 1'
plant R/index.R 'drop_null <- function() 1'
plant R/weights-bod.R 'planted_here <- function(x) planted_there(x)'
plant R/weights-ahp.R 'planted_there <- function(x) planted_here(x)'
plant src/core/framework/answers.c '#include "core/trend/sen.h"'
plant src/core/index/rank.c '#include "xlsx/plan.h"'
plant src/core/index/regions.c '#include <Rinternals.h>'
plant src/core/index/compare.h '#include "core/index/aggregate.h"'
plant src/core/index/aggregate.h '#include "core/index/compare.h"'
plant src/xlsx/plan.c '#include "core/index/rank.h"'
plant src/base/rng.c '#include "core/index/rank.h"'
plant src/glue/xlsx.c '#include <xlsxwriter.h>'

check "planted faults fail" bash -c "! '$root/tools/check-layers' '$copy' >'$work/said'"
said() { check "$1" grep -F "$2" "$work/said"; } # said NAME MESSAGE
said "a call of a room above" 'planted_call() calls cap_brief()'
said "a value made by a room above" 'planted_value() calls tier_long()'
said "a helper that calls the file it serves" 'planted_helper() calls cap_briefs()'
said "a file of no room" 'R/cellar-wine.R bears the name of no room'
said "a name defined twice" '`drop_null` is defined twice'
said "files that call each other" 'weights-ahp.R, weights-bod.R'
said "a room of the core that includes one above" 'src/core/framework/answers.c includes core/trend/sen.h'
said "core that includes xlsx" 'src/core/index/rank.c includes xlsx/plan.h'
said "core that includes R" 'src/core/index/regions.c includes <Rinternals.h>'
said "modules that include each other" 'core/index/aggregate, core/index/compare'
said "xlsx that includes core" 'src/xlsx/plan.c includes core/index/rank.h'
said "base that includes core" 'src/base/rng.c includes core/index/rank.h'
said "glue that includes libxlsxwriter" 'src/glue/xlsx.c includes <xlsxwriter.h>'

echo "$passed passed, $failed failed"
test "$failed" -eq 0
