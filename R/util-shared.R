# What briefs of one index have in common is made once. cap_briefs() gives its
# index an environment for it; a brief alone has none, and makes all for itself.

with_shared <- function(index, common) {
  index$shared <- new.env(parent = emptyenv())
  common$shared <- index$shared
  assign("common", common, index$shared)
  index
}

# `value`, evaluated at the first call with that key and kept for the next ones.
# `x` is the context of a brief, or the index with which cap_briefs() calls. All
# that `value` depends on and that differs between the briefs of a batch (unit,
# group) belongs to the key; index, language and arguments are the same in all.
shared <- function(x, key, value) {
  store <- x$shared
  if (is.null(store)) {
    return(value)
  }
  if (!exists(key, store, inherits = FALSE)) assign(key, value, store)
  get(key, store, inherits = FALSE)
}
