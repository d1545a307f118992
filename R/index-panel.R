#' Several editions together, on one scale
#'
#' Joins computed indices and published scores of several editions. Every
#' edition keeps a label of its method, since editions differ in method: a
#' change across a break is not a change of the countries alone (see
#' [cap_bridge()]).
#'
#' @param ... Results of [cap_index()] and data frames of published scores with
#'   columns `unit` (or `iso3`), `edition`, `value` and, where they are not 100
#'   and the root, `max` and `item`. Editions may have scales of their own, as
#'   those of [gci_overall] do: `max` says so. Scores without `item` get that of the
#'   root of the first index, or `"GCI"` without one. The name of an argument becomes
#'   the method label, of scores with the edition added, since published editions are
#'   taken to differ in method. Where a series of your own kept one method, say so in
#'   a column `method`, one label an edition: editions of one label are compared as
#'   of one method. Where two
#'   give the same edition the one that stands first is used, whole, and the
#'   other is counted in the findings.
#' @param scale The maximum of the root on the common scale.
#' @section Errors:
#' `cap_error_input` for what is neither an index nor a table of scores, for missing
#' columns, scores given twice or above their maximum (100 where none is given),
#' maxima of 0 or less, editions without overall scores or with two methods, scores
#' without `max` that are plainly of two scales (at most 1 in one edition, above 10 in
#' another), and levels whose maxima stand in another ratio to the root's in one edition
#' than in another: the condition has their codes in `items`.
#' @return An object of class `cap_panel`. `as.data.frame()` gives
#'   `unit, edition, level, item, score, max, method`.
#' @section Missing values:
#' Published values that are `NA` are left out and counted.
#' @export
#' @examples
#' gci <- function(year) {
#'   cap_index(cap_answers(subset(gci_items, edition == year), paste0("gci-", year)))
#' }
#' panel <- cap_panel(gci(2020), gci(2024), published = subset(gci_overall, edition < 2020))
#' panel
#' # A series of one's own that kept its method
#' own <- data.frame(
#'   unit = c("A", "B"), edition = c(1, 1, 2, 2), value = c(40, 55, 50, 60), method = "ours"
#' )
#' cap_panel(own)
cap_panel <- function(..., scale = 100) {
  parts <- list(...)
  check_number(scale, "scale", min = least_positive)
  if (length(parts) == 0L) {
    cap_abort_input("{.arg ...} must be at least one index or data frame of scores.")
  }
  labels <- names(parts) %||% rep("", length(parts))
  indices <- Filter(function(p) inherits(p, "cap_index"), parts)
  root <- if (length(indices) > 0L) root_code(indices[[1L]]$framework) else "GCI"
  tables <- Map(panel_part, parts, labels, seq_along(parts), scale, root)
  words <- do.call(c, unname(lapply(tables, attr, "words")))
  seen <- NULL
  superseded <- 0L
  for (i in seq_along(tables)) {
    again <- as.character(tables[[i]]$edition) %in% seen
    superseded <- superseded + sum(again)
    tables[[i]] <- tables[[i]][!again, ]
    seen <- c(seen, as.character(unique(tables[[i]]$edition)))
  }
  dropped <- sum(vapply(tables, function(t) sum(is.na(t$score)), 0L))
  table <- do.call(rbind, tables)
  table <- table[!is.na(table$score), ]
  if (nrow(table) == 0L) {
    cap_abort_input("No scores are left for the panel: all are missing.")
  }
  table$edition <- tidy_edition(as.character(table$edition))
  table <- table[order(table$edition, table$unit, method = "radix"), ]
  rownames(table) <- NULL
  check_one_maximum(table)
  new_result("cap_panel",
    table = table, scale = scale, superseded = superseded, dropped = dropped, method_words = words,
    indices = panel_indices(parts, tables)
  )
}

# A level whose maximum, on the common scale of the root, differs between editions
# would show a change where nothing changed.
check_one_maximum <- function(table) {
  first <- table$max[match(table$item, table$item)]
  off <- unique(table$item[!is_same_maximum(table$max, first)])
  if (length(off) == 0L) {
    return(invisible(table))
  }
  maxima <- vapply(off, function(code) {
    own <- unique(table[table$item == code, c("edition", "max")])
    paste(format_maximum(own$max), "in", own$edition, collapse = ", ")
  }, "")
  stop_unlike_maxima("The editions of a panel", off, table$level[match(off, table$item)], maxima)
}

# `maxima` says for each item what they are.
stop_unlike_maxima <- function(what, codes, levels, maxima) {
  told <- paste0(codes, ifelse(is.na(levels), "", paste0(" (", levels, ")")), ": ", maxima)
  more <- length(told) - 5L
  cap_abort_input(c(
    "{what} must have one maximum at each level; {cli::qty(length(codes))}{some_items(codes)} {?has/have} several.",
    "x" = "With the root at one maximum, {paste(utils::head(told, 5L), collapse = '; ')}{if (more > 0L) paste('; and', more, 'more')}.",
    "i" = "Give all the maxima of the latest edition, in column {.field max} of the items or of the scores, or leave the level out."
  ), levels = unique(levels[!is.na(levels)]))
}

format_maximum <- function(x) vapply(x, format, "", digits = 6L)

# Indices of one edition that the panel uses, by edition: what a comparison like
# for like needs.
panel_indices <- function(parts, tables) {
  used <- vapply(tables, nrow, 0L) > 0L & vapply(parts, inherits, NA, "cap_index")
  of_one <- Filter(function(x) length(unique(x$edition)) == 1L, unname(parts[used]))
  names(of_one) <- vapply(of_one, function(x) as.character(tidy_edition(unique(x$edition))), "")
  of_one
}

panel_part <- function(x, label, position, scale, root) {
  if (inherits(x, "cap_index")) {
    return(index_part(x, label, scale))
  }
  if (is.data.frame(x)) {
    return(published_part(x, label, position, scale, root))
  }
  cap_abort_input("Argument {position} of {.fn cap_panel} must be an index or a data frame, not {.obj_type_friendly {x}}.")
}

index_part <- function(x, label, scale) {
  table <- as.data.frame(x)
  factor <- scale / root_max(x$framework)
  method <- term("panel.computed", title = label_of(x$framework, "title", "", x$framework$title))
  name_method(data.frame(
    unit = table$unit, edition = table$edition, level = table$level, item = table$item,
    score = table$score * factor, max = table$max * factor,
    is_root = table$item == root_code(x$framework),
    method = if (nzchar(label)) label else text_in("en", method)
  ), if (nzchar(label)) list() else list(method))
}

# A part of a panel with the texts of the methods that the package named itself, by
# their English, in the attribute `words`.
name_method <- function(part, words) {
  attr(part, "words") <- stats::setNames(words, text_in("en", words))
  part
}

# Methods as texts; those that users named are data.
method_words <- function(words, method) {
  known <- words[method]
  unname(Map(function(method, word) word %||% method, method, known))
}

published_part <- function(x, label, position, scale, root) {
  scores <- as_scores(x, paste("argument", position), root)
  code <- root
  root <- scores$item == code
  if (is.null(x[["max"]])) check_one_scale(scores[root, ], position)
  check_below_max(scores, position, is.null(x[["max"]]))
  root_of <- function(edition) {
    max(scores$max[root & scores$edition == edition], -Inf)
  }
  top <- vapply(unique(as.character(scores$edition)), root_of, 0)[as.character(scores$edition)]
  if (any(!is.finite(top))) {
    cap_abort_input(c(
      "Argument {position} of {.fn cap_panel} has an edition without overall scores, so its scale is not known.",
      "x" = "Edition {some_editions(scores$edition[!is.finite(top)])}: no score with code {.val {code}}."
    ), items = code)
  }
  own <- own_methods(x, scores, position)
  source <- list(if (nzchar(label)) label else term("panel.as_published"))
  words <- if (is.null(own)) terms("panel.published", source = source, edition = scores$edition) else list()
  name_method(data.frame(
    unit = scores$unit, edition = scores$edition, level = scores$level, item = scores$item,
    score = scores$value * scale / top, max = scores$max * scale / top, is_root = root,
    method = own %||% text_in("en", words)
  ), unique(words))
}

# The method that each row's edition is said to have; NULL without the column.
own_methods <- function(x, scores, position) {
  if (is.null(x[["method"]])) {
    return(NULL)
  }
  method <- as_code(x[["method"]])
  of <- tapply(method, scores$edition, function(m) length(unique(m)))
  unclear <- names(of)[of > 1L | tapply(is.na(method), scores$edition, any)]
  check_none(unclear, c(
    "Column {.field method} of argument {position} of {.fn cap_panel} must have one label for each edition.",
    "x" = "It does not for {cli::qty(length(bad))}edition{?s} {some_editions(bad)}."
  ))
  method
}

# Without a column of maxima all editions are taken to be of 100.
check_one_scale <- function(scores, position) {
  most <- tapply(scores$value, as.character(scores$edition), function(v) max(v, -Inf, na.rm = TRUE))
  small <- names(most)[most > 0 & most <= 1]
  if (length(small) > 0L && any(most > 10)) {
    cap_abort_input(c(
      "Argument {position} of {.fn cap_panel} holds scores of two scales, and no column {.field max}.",
      "x" = "They are 1 at most in {cli::qty(length(small))}edition{?s} {some_editions(small)}, up to {max(most)} in others.",
      "i" = "Add a column {.field max}, the highest score possible: 1 or 100, say."
    ))
  }
  invisible(scores)
}

# A ceiling that follows the scores is none.
check_below_max <- function(scores, position, assumed) {
  above <- which(scores$value > scores$max * (1 + slack("share")))
  if (length(above) > 0L) {
    off <- scores[above, ]
    cap_abort_input(c(
      "Argument {position} of {.fn cap_panel} has scores above the highest possible, up to {max(off$value)}.",
      "x" = "They are above {some_of(off$max)} at {some_cells(off$unit, off$edition, off$item)}.",
      "i" = if (assumed) {
        "Add a column {.field max}, the highest score possible; without it that is 100."
      } else {
        "Column {.field max} must hold the highest score possible."
      }
    ))
  }
  invisible(scores)
}

# A table of published scores with known columns; `root` is the code of overall
# scores. Tables without `item` hold overall scores only.
as_scores <- function(x, arg, root = "GCI") {
  check_table(x, arg)
  unit <- unit_column(x, arg)
  check_columns(x, c("edition", "value"), arg)
  check_rows(x, arg)
  check_figures(x[["value"]], "value", arg, finite = TRUE)
  check_names_items(x, arg)
  item <- as_code(x[["item"]] %||% rep(root, nrow(x)))
  out <- data.frame(
    unit = as_code(x[[unit]]), edition = tidy_edition(x[["edition"]]), item = item,
    level = as_code(x[["level"]] %||% ifelse(item == root, "overall", NA)),
    value = as_numbers(x[["value"]], "value"),
    max = as_numbers(x[["max"]] %||% rep(100, nrow(x)), "max")
  )
  bad <- out[!(is.finite(out$max) & out$max > 0), ]
  if (nrow(bad) > 0L) {
    cap_abort_input(c(
      "Column {.field max} of {.arg {arg}} must hold numbers above 0.",
      "x" = "It does not at {some_cells(bad$unit, bad$edition, bad$item)}."
    ))
  }
  shown <- c(unit = unit, edition = "edition", item = "item")
  for (column in names(shown)) check_filled(out[[column]], shown[[column]], arg)
  again <- out[duplicated(out[c("unit", "edition", "item")]), ]
  if (nrow(again) > 0L) {
    cap_abort_input("{.arg {arg}} gives a score more than once: {some_cells(again$unit, again$edition, again$item)}.")
  }
  out
}

# Scores of parts would pass for overall ones.
check_names_items <- function(x, arg) {
  if (!is.null(x[["code"]]) && is.null(x[["item"]])) {
    cap_abort_input("Column {.field code} of {.arg {arg}} is not read: call it {.field item}, or leave it out.")
  }
  invisible(x)
}

#' @export
result_tables.cap_panel <- function(x, lang, ...) {
  scores <- x$table[names(x$table) != "is_root"]
  list(scores = lazy_table(scores, term("caption.panel"), scores[x$table$is_root, ]))
}

#' @export
cap_findings.cap_panel <- function(x, ..., lang = "en") {
  root <- as_plain(cap_table(x))
  editions <- unique(root$edition)
  means <- lapply(editions, function(e) {
    rows <- root$edition == e
    finding("panel.edition",
      edition = e, n = sum(rows), mean = mean(root$score[rows]), scale = x$scale,
      method = method_words(x$method_words, root$method[rows][1L])
    )
  })
  do.call(findings, c(
    list(lang), means,
    list(
      if (length(unique(root$method)) > 1L) finding("panel.break", n = length(unique(root$method))),
      if (x$superseded > 0L) finding("panel.superseded", n = x$superseded),
      if (x$dropped > 0L) finding("panel.dropped", n = x$dropped)
    )
  ))
}
