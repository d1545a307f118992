# Parts that several sheets of a live workbook share.

# The ends of an item's scale: where it has no points and where it has all.
scale_ends <- function(framework) {
  reversed <- framework$items$direction[framework$leaves] < 0
  list(
    none = ifelse(reversed, leaf_max(framework), leaf_min(framework)),
    full = ifelse(reversed, leaf_min(framework), leaf_max(framework))
  )
}

# Cells to fill in are on a tint, what differs from the original on a darker one.
input_format <- function(num_format = NULL, ...) {
  sheet_format(num_format, unlocked = TRUE, background = cap_tier_ramp[[4L]], ...)
}

difference <- function(a, b) paste0("IF(AND(ISNUMBER(", a, "),ISNUMBER(", b, ")),", a, "-", b, ",\"[x]\")")

# 1 when every weight can be used: on the workings, beside the weights.
weights_ok <- function(live) fixed_range(WEIGHTS_ROW, 2L, live$sheet$workings)

changed_format <- function() sheet_format(bold = TRUE, background = cap_tier_ramp[[3L]])

# One line of label and value, not part of a table.
key_line <- function(sheet, row, label, values, formula = NULL, format = NULL, col = 2L) {
  list(
    text_block(sheet, row, label, styles$text),
    block(sheet, row, col, list(column(values, format = format, formula = formula)), fit = FALSE)
  )
}

unit_rows <- function(live) c(FIRST_ROW, live$last)

# Columns of shares, and with gaps of presence and coverage; `leaf` gives the
# formulas of a leaf, `cached` what C computed.
share_columns <- function(context, live, leaf, cached) {
  layout <- live$layout
  codes <- live$index$framework$items$code[layout$order]
  formulas <- lapply(seq_len(layout$n), function(p) {
    if (!layout$is_leaf[p]) {
      return(node_formulas(layout, p, live$index))
    }
    own <- leaf(p)
    # What is answered is covered.
    own$coverage <- own$present
    own
  })
  of <- function(kind, header) {
    lapply(seq_len(layout$n), function(p) {
      column(cached[[kind]][, p], header(codes[p]), styles$weight, width = 10, formula = formulas[[p]][[kind]])
    })
  }
  c(
    of("share", identity),
    if (layout$gaps) {
      c(
        of("present", function(code) say(context$lang, "head.present", code = code)),
        of("coverage", function(code) say(context$lang, "head.coverage_of", code = code))
      )
    }
  )
}

# The row of weights over the shares: a weight that cannot be used counts as 0.
weights_in_use <- function(context, live, sheet) {
  rows <- weight_rows(live)
  used <- fixed_range(rows, 7L, live$sheet$weights)
  cell <- vapply(rows, fixed_range, "", cols = 7L, sheet = live$sheet$weights)
  weight <- live$weight[live$layout$order[-1L]]
  list(
    text_block(sheet, WEIGHTS_ROW, say(context$lang, "word.weights_in_use"), styles$small),
    block(sheet, WEIGHTS_ROW, 2L, list(
      column(1, format = styles$whole, formula = paste0("IF(COUNT(", used, ")=", length(rows), ",1,0)"))
    ), fit = FALSE),
    block(sheet, WEIGHTS_ROW, 2L + 2L, lapply(seq_along(rows), function(i) {
      column(weight[i], format = styles$weight, formula = paste0("N(", cell[i], ")"))
    }), fit = FALSE)
  )
}

# A unit's tier in words, as the formulas give it.
live_tier <- function(framework, score, lang) {
  band <- band_of(score, framework)
  out <- tier_label(lang, framework, band)
  out[is.na(band)] <- say(lang, "word.below_all_tiers")
  out[is.na(score)] <- NA
  out
}

whatif_title <- function(context, live) {
  with_status(context, plain_title(context, live))
}

# The share of a listed item in the set of a scenario's row: as it stands, or
# raised when the set says so.
set_share <- function(live, number, now) {
  set <- paste0("INDEX(", raise_range(live, set_columns(live)), ",0,-1-$B{r})")
  paste0(
    now, "+SUMPRODUCT((", raise_range(live, 6L), "=", number, ")*", set, "*(", raise_range(live, 7L), "-", now, "))"
  )
}

raise_range <- function(live, cols) fixed_range(raise_rows(live), cols, live$sheet$raises)

set_columns <- function(live) RAISE_SETS - 1L + c(1L, live$sets$n)

# Rows of the weights, in order of the layout; the root has none.
weight_rows <- function(live) FIRST_ROW - 1L + seq_len(live$layout$n - 1L)

plain_title <- function(context, live) {
  lang <- context$lang
  if (!live$one_unit) {
    return(say(lang, "title.whatif", label = shorten(context$label), edition = context$edition_label))
  }
  name <- shorten(live$table$name)
  if (is.null(live$tier)) {
    return(say(lang, "title.whatif_score",
      label = name, score = live$score, max = root_max(live$index$framework), edition = context$edition_label
    ))
  }
  say(lang, "title.whatif_tier",
    label = name, tier = live$tier, score = live$score, max = root_max(live$index$framework),
    edition = context$edition_label
  )
}

raise_rows <- function(live) FIRST_ROW - 1L + seq_along(live$sets$raises$item)

RAISE_SETS <- 8L # the first column of the sets on the sheet of raises
