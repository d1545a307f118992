#!/bin/bash
# What a failing write leaves behind: full disk, full temporary folder, folder
# that cannot be written, signals. Needs an installed cybercap (R_LIBS) and
# best runs as root: then the full disks are real ones. Prints "ok - name" or
# "not ok - name" a check, and "N passed, N failed".
set -u
passed=0
failed=0
work=$(mktemp -d) || exit 1
mounts=()
cleanup() {
  for m in "${mounts[@]:-}"; do
    [ -n "$m" ] && umount "$m" 2>/dev/null
  done
  rm -rf "$work"
}
trap cleanup EXIT
chmod 755 "$work"

check() { # name, condition as a command
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok - $name"
  else
    failed=$((failed + 1))
    echo "not ok - $name"
  fi
}

# Nothing but the files named, hidden ones included.
holds() { # folder, names...
  local folder=$1
  shift
  [ "$(ls -A "$folder" | sort | xargs)" = "$(printf '%s\n' "$@" | sort | xargs)" ]
}
same_sum() { [ "$(sha256sum <"$1")" = "$2" ]; }
says() { grep -q "$2" "$1"; }

# write.R PATH N [LOOP]: writes N cells (hard to compress) to PATH, again and
# again with LOOP, and prints the class of the error.
cat >"$work/write.R" <<'R'
args <- commandArgs(TRUE)
ns <- asNamespace("cybercap")
n <- as.integer(args[2])
set.seed(1)
book <- ns$plan(
  list(ns$sheet("Data")),
  list(ns$block("Data", 1, 1, list(
    ns$column(runif(n), "Number"),
    ns$column(paste0("text ", runif(n)), "Text")
  ), table = "tbl_data"))
)
repeat {
  tryCatch(
    {
      ns$write_plan(book, args[1], overwrite = length(args) > 2 || file.exists(args[1]))
      cat("written\n")
    },
    error = function(e) cat(class(e)[1], conditionMessage(e), "\n"),
    interrupt = function(e) {
      cat("interrupt\n")
      quit(status = 3)
    }
  )
  if (length(args) < 3) break
}
R
write() { Rscript --vanilla "$work/write.R" "$@" >"$work/out" 2>"$work/err"; }

# ---- a folder for the file that is full --------------------------------------

target=$work/target
mkdir "$target"
# A small disk where mounting is allowed (not with NO_MOUNT=1); else the caller
# limits the size of files instead, so that no check is skipped.
small_disk() { # folder, size
  [ -z "${NO_MOUNT:-}" ] && mount -t tmpfs -o "size=$2" tmpfs "$1" 2>/dev/null && mounts+=("$1")
}
limit=
small_disk "$target" 256k || limit=yes
write "$target/book.xlsx" 10
check "a small book fits" says "$work/out" written
sum=$(sha256sum <"$target/book.xlsx")
if [ -z "$limit" ]; then
  write "$target/book.xlsx" 20000
else
  (
    trap '' XFSZ
    ulimit -f 256
    write "$target/book.xlsx" 20000
  )
fi
check "full target: an input/output error" says "$work/out" cap_error_io
check "full target: the file is as it was" same_sum "$target/book.xlsx" "$sum"
check "full target: no litter" holds "$target" book.xlsx
write "$target/new.xlsx" 10
check "full target: writing goes on afterwards" says "$work/out" written
check "full target: no litter afterwards" holds "$target" book.xlsx new.xlsx

# ---- a temporary folder that is full -----------------------------------------

temp=$work/temp
place=$work/place
mkdir "$temp" "$place"
write "$place/book.xlsx" 10
sum=$(sha256sum <"$place/book.xlsx")
if small_disk "$temp" 512k; then
  TMPDIR=$temp write "$place/book.xlsx" 20000
else
  # The sheet's XML is larger than the book: the limit hits it alone.
  (
    trap '' XFSZ
    ulimit -f 1200
    TMPDIR=$temp write "$place/book.xlsx" 20000
  )
fi
check "full temporary folder: an input/output error" says "$work/out" cap_error_io
check "full temporary folder: the file is as it was" same_sum "$place/book.xlsx" "$sum"
check "full temporary folder: no litter" holds "$place" book.xlsx
check "full temporary folder: none there either" holds "$temp"

# ---- a folder that cannot be written -----------------------------------------

locked=$work/locked
mkdir "$locked"
write "$locked/book.xlsx" 10
sum=$(sha256sum <"$locked/book.xlsx")
chmod 555 "$locked"
as_nobody() {
  if [ "$(id -u)" -ne 0 ]; then
    "$@"
  else
    setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
  fi
}
# The package may stand where only root can read it, as below /root.
mkdir "$work/library"
cp -r "$(Rscript --vanilla -e 'cat(system.file(package = "cybercap"))')" "$work/library"
chmod -R a+rX "$work/library"
as_nobody env TMPDIR=/tmp HOME=/tmp R_LIBS="$work/library:${R_LIBS:-}" \
  Rscript --vanilla "$work/write.R" "$locked/book.xlsx" 10 >"$work/out" 2>"$work/err"
check "read-only folder: an input/output error" says "$work/out" cap_error_io
check "read-only folder: it names the folder" says "$work/out" "cannot write in the folder"
check "read-only folder: the file is as it was" same_sum "$locked/book.xlsx" "$sum"
check "read-only folder: no litter" holds "$locked" book.xlsx
chmod 755 "$locked"

# ---- signals -----------------------------------------------------------------

# A process that writes all the time is sent a signal after a while.
after_signal() { # signal, seconds
  local pid
  Rscript --vanilla "$work/write.R" "$place/book.xlsx" 30000 loop >"$work/out" 2>/dev/null &
  pid=$!
  for _ in $(seq 100); do # until the first book is there
    grep -q written "$work/out" 2>/dev/null && break
    sleep 0.1
  done
  sleep "$2"
  kill -"$1" "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
}
is_whole() { # a workbook that a second reader opens
  python3 - "$1" <<'P' 2>/dev/null || unzip -tqq "$1" 2>/dev/null
import sys, zipfile
sys.exit(0 if zipfile.ZipFile(sys.argv[1]).testzip() is None else 1)
P
}
for signal in TERM INT; do
  for delay in 0.05 0.11 0.17 0.23 0.31; do
    after_signal $signal $delay
    check "SIG$signal after ${delay}s: a whole file" is_whole "$place/book.xlsx"
    check "SIG$signal after ${delay}s: no litter" holds "$place" book.xlsx
  done
done
left=0
for delay in 0.03 0.08 0.13 0.19 0.26 0.37; do
  after_signal KILL $delay
  check "SIGKILL after ${delay}s: a whole file" is_whole "$place/book.xlsx"
  [ "$(ls -A "$place" | wc -l)" -gt 1 ] && left=$((left + 1))
done
check "SIGKILL: hit a write at least once" test $left -gt 0
write "$place/book.xlsx" 10
check "SIGKILL: the next write clears what is left" holds "$place" book.xlsx

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
