# Where everything of a form stands: which items on which sheet and in which rows.
# Writing and reading share it.

# A list of sheets, each list(name, block, title, node, items): `block` is what
# references call its table, `node` the branch (NA: items right below the root), `items`
# columns of the answers in the order of the rows; siblings stand together, so that the
# score of their parent is a sum over a range. In a form for weights `parent` and
# `child` instead, nodes of the tree.
form_layout <- function(form) {
  sheets <- if (form$kind == "weights") budget_layout(form$framework) else answer_layout(form)
  names <- form_sheet_names(form, sheets)
  blocks <- paste0(if (form$kind == "weights") "weights_" else "items_", seq_along(sheets))
  Map(function(s, name, block) c(s, list(name = name, block = block)), sheets, names, blocks)
}

answer_layout <- function(form) {
  framework <- form$framework
  pillar <- pillar_of(framework, framework$leaves)
  at_root <- framework$depth[framework$leaves] == 1L
  node <- ifelse(at_root, NA_integer_, pillar)
  lapply(unique(node), function(g) {
    start <- if (is.na(g)) framework$root else g
    items <- leaves_below(framework, start)
    list(
      node = g, items = if (is.na(g)) items[at_root[items]] else items,
      title = if (is.na(g)) say(form$lang, "form.sheet_items") else framework$items$label[g]
    )
  })
}

# Columns of the answers below a node: first its own, then those of the branches
# below it.
leaves_below <- function(framework, node) {
  below <- which(framework$arrays$parent == node)
  own <- match(below, framework$leaves)
  inner <- below[is.na(own)]
  c(own[!is.na(own)], unlist(lapply(inner, function(n) leaves_below(framework, n)), use.names = FALSE))
}

form_sheet_names <- function(form, sheets) {
  items <- form$framework$items
  wanted <- vapply(sheets, function(s) {
    code <- items$code[s$node]
    if (is.na(s$node) || code == s$title) s$title else paste(code, s$title)
  }, "")
  legal_sheet_names(wanted, unname(own_sheet_names(form$lang)), say(form$lang, "form.sheet_items"))
}

# Names of the sheets that every form may have.
own_sheet_names <- function(lang) {
  vapply(c(
    start = "form.sheet_start", score = "form.sheet_score", stages = "form.sheet_stages",
    weights = "form.sheet_weights", pairs = "form.sheet_pairs", lists = "form.sheet_lists", about = "form.sheet_about"
  ), say, "", lang = lang)
}

# Names that Excel takes (src/xlsx/guard.h), different from each other and from
# `taken` whatever the case of letters. Braces would be read as a row in formulas.
legal_sheet_names <- function(wanted, taken, otherwise) {
  names <- xlsx_clean_text(wanted)$text
  names <- gsub("{", "(", gsub("}", ")", gsub("[]:*?/\\\\[]", "-", names), fixed = TRUE), fixed = TRUE)
  names <- trimws(gsub("[[:space:]]+", " ", names))
  names <- vapply(names, cut_name, "", n = 31L, USE.NAMES = FALSE)
  names[!nzchar(names)] <- otherwise
  names[tolower(names) == "history"] <- "History -"
  for (i in seq_along(names)) {
    again <- 1L
    while (name_key(names[i]) %in% name_key(c(taken, names[seq_len(i - 1L)]))) {
      again <- again + 1L
      mark <- paste0(" (", again, ")")
      names[i] <- paste0(cut_name(sub(" [(][0-9]+[)]$", "", names[i]), 31L - nchar(mark)), mark)
    }
  }
  names
}

# At most n UTF-16 units, cut between words where there are any near; no apostrophe
# or blank at an end.
cut_name <- function(name, n) {
  codes <- utf8ToInt(name)
  units <- cumsum(1L + (codes > 0xFFFFL))
  if (length(codes) > 0L && units[length(units)] > n) {
    fits <- max(which(units <= n - 1L))
    space <- which(codes[seq_len(fits + 1L)] == utf8ToInt(" "))
    if (length(space) > 0L && max(space) > n / 2) fits <- max(space) - 1L
    name <- paste0(gsub("['[:space:]]+$", "", intToUtf8(codes[seq_len(fits)])), "\u2026")
  }
  gsub("^['[:space:]]+|['[:space:]]+$", "", name)
}

# Letters outside ASCII are left out: how their case folds depends on the locale.
name_key <- function(name) tolower(gsub("[^ -~]", "", name))

# Columns of a sheet of items, in order. The first are printed and filled in, the
# others are what formulas work on.
item_columns_of <- function(form) {
  framework <- form$framework
  c(
    "code", if (max(framework$depth[framework$leaves]) > 2L) "area", "question", "help", "answer",
    if (any(framework$items$optional[framework$leaves] == 1)) "apart", "evidence",
    if (has_grades(framework)) "grade", "source", "comment", "check",
    "from", "to", "better", "optional", "weight", "answered", "applies", "level", "share"
  )
}

# Readiness reads grades of evidence.
has_grades <- function(framework) !is.null(framework$stages) || !is.null(framework$bands)

# A column of a form.
form_column <- function(form, head, values, format, width, formula = NULL, ...) {
  out <- column(values, form$words[[head]], format, width = width, formula = formula, ...)
  header <- out$header_format %||% form_styles()$header
  # a header stands where its figures do
  out$header_format <- if (is.null(format$h_align)) header else sheet_format_with(header, h_align = format$h_align)
  out
}

# Label of what stands between the branch and the item.
item_area <- function(framework, leaf) {
  vapply(leaf, function(node) {
    path <- character()
    node <- framework$arrays$parent[node]
    while (framework$depth[node] > 1L) {
      path <- c(framework$items$label[node], path)
      node <- framework$arrays$parent[node]
    }
    paste(path, collapse = " \u203a ")
  }, "")
}

# list(node, title, parent, child) a sheet: one for the branches of the root, and
# one for each branch with parents in it. Parents with one item are not asked.
budget_layout <- function(framework) {
  parent <- framework$arrays$parent
  parents <- which(tabulate(parent[!is.na(parent)], length(parent)) > 1L)
  if (length(parents) == 0L) {
    cap_abort_input("No parent of {.val {framework$id}} has two items: there is nothing to weigh.")
  }
  branch <- pillar_of(framework, parents)
  pillars <- pillar_nodes(framework)
  lapply(unique(c(branch[is.na(branch)], pillars[pillars %in% branch])), function(node) {
    own <- parents[branch %in% node]
    child <- unlist(lapply(own, function(p) which(parent == p)), use.names = FALSE)
    title <- framework$items$label[if (is.na(node)) framework$root else node]
    list(node = node, title = title, parent = parent[child], child = child)
  })
}

# The cells of a list; a number is that of a scale.
list_cells <- function(name) {
  if (is.numeric(name)) name <- paste0("scale_", name)
  refer(list_block(name), list_key(name))
}

# A list and what its values mean are one block.
list_block <- function(name) paste0("list_", sub("_(meaning|lower|name)$", "", list_key(name)), recycle0 = TRUE)
list_key <- function(name) gsub("[^A-Za-z0-9]+", "_", name)
