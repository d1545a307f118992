#!/bin/sh
# configure, cleanup and the list of objects, tried on a copy of the sources.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' 0
passed=0 failed=0
check() { # check NAME COMMAND...
    name=$1
    shift
    if "$@" > "$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
        sed 's/^/    /' "$work/log"
    fi
}
tools/copy-tree "$work/tree"
cd "$work/tree" || exit 1
./configure > "$work/plain" 2>&1
status=$?

check "configure finds the libraries" test "$status" -eq 0
check "src/Makevars is written in full" \
    sh -c 'test -s src/Makevars && ! grep -n "@" src/Makevars &&
        grep -q -e "-lxlsxwriter" src/Makevars && grep -q -e "-lgsl" src/Makevars'
check "the probe is cleared away" sh -c '! ls conftest* configure.log'

check "flags that are given are used" sh -c '
    GSL_CFLAGS="-DA_B=1\&2" GSL_LIBS="-lgsl -lgslcblas -lm -L/" ./configure &&
    grep -F -e "-DA_B=1\&2" src/Makevars && grep -e "-lm -L/" src/Makevars'
check "given flags that do not work are refused, with the package to install" \
    sh -c 'rm -f src/Makevars
    ! GSL_LIBS=-lno-such-library ./configure > out 2>&1 &&
    grep -q libgsl-dev out && grep -q "brew install" out && test ! -e src/Makevars'
mkdir old
echo '#define LXW_VERSION_ID 113
void *workbook_new(const char *);' > old/xlsxwriter.h
check "an old libxlsxwriter is refused, whatever pkg-config says" sh -c '
    ! XLSXWRITER_CFLAGS="-I$PWD/old" ./configure > out 2>&1 &&
    grep -q "older than 1.1.4" out && grep -q libxlsxwriter-dev out'
check "found without pkg-config" \
    sh -c 'PKG_CONFIG=/no/such/program ./configure && test -s src/Makevars'
check "cleanup removes what configure made" \
    sh -c './cleanup && ! ls src/Makevars configure.log conftest.c'

sed -n '/^OBJECTS/,/[^\\]$/p' src/Makevars.in | tr -s ' \t\\=' '\n' |
    grep '\.o$' | sort > "$work/listed"
(cd src && find . -name '*.c' | sed 's|^\./||; s|c$|o|' | sort) > "$work/there"
check "OBJECTS lists every source and no other" \
    diff "$work/listed" "$work/there"

check "no two files of R/ define the same function" sh -c '
    ! grep -ho "^[A-Za-z_.][A-Za-z0-9_.]* <- function" R/*.R | sort | uniq -d | grep .'

echo "$passed passed, $failed failed"
test "$failed" -eq 0
