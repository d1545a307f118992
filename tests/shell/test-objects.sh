#!/bin/sh
# The list OBJECTS of src/Makevars.in names every C source there is, once, and
# nothing else: a source that is not listed is not in the package, and R's own
# default list does not look into folders.
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
check() { # check WHAT LIST-OF-FAULTS
    if test -z "$2"; then
        passed=$((passed + 1))
    else
        echo "$1: $2"
        failed=$((failed + 1))
    fi
}
# shellcheck disable=SC2046,SC2116
listed=$(sed -e ':again' -e '/\\$/{N;s/\\\n//;bagain' -e '}' src/Makevars.in |
    sed -n 's/^OBJECTS *=//p' | tr -s ' \t' '\n\n' | sed '/^$/d')
sources=$(cd src && find . -name '*.c' | sed -e 's|^\./||' -e 's|\.c$|.o|')
sort_lines() { printf '%s\n' "$1" | LC_ALL=C sort; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' 0
sort_lines "$listed" > "$folder/listed"
sort_lines "$sources" > "$folder/sources"
check "sources that OBJECTS lacks" \
    "$(LC_ALL=C comm -13 "$folder/listed" "$folder/sources" | tr '\n' ' ')"
check "objects without a source" \
    "$(LC_ALL=C comm -23 "$folder/listed" "$folder/sources" | tr '\n' ' ')"
check "objects listed twice" \
    "$(LC_ALL=C uniq -d "$folder/listed" | tr '\n' ' ')"
check "too few objects: the list was not read" \
    "$(test "$(grep -c . "$folder/listed")" -ge 10 || echo "$listed")"
# Every entry that init.c registers has its declaration and its definition.
entries=$(sed -n 's/.*ENTRY(\([a-z_]*\), *[0-9]*).*/\1/p' src/init.c)
entries="$entries $(grep -o 'ENTRY([a-z_]*, *[0-9]*)' src/init.c |
    sed 's/ENTRY(\([a-z_]*\),.*/\1/' | tr '\n' ' ')"
undefined='' undeclared=''
for entry in $entries; do
    grep -q "^SEXP glue_$entry(" src/glue_*.c ||
        undefined="$undefined $entry"
    grep -q "glue_$entry(" src/entries.h || undeclared="$undeclared $entry"
done
check "entries that no glue file defines" "$undefined"
check "entries that entries.h lacks" "$undeclared"
echo "$passed passed, $failed failed"
test "$failed" -eq 0
