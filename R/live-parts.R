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
weights_ok <- "{workings_ok$ok}"

changed_format <- function() sheet_format(bold = TRUE, background = cap_tier_ramp[[3L]])

# One line of label and value, a column of one cell, that is no part of a table.
# References call it by `name`, and the cell "value".
key_line <- function(sheet, row, label, value, col = 2L, name = NULL) {
  list(text_block(sheet, row, label, styles$text), block(sheet, row, col, list(value = value), fit = FALSE, name = name))
}

# Names of the columns of the pillars' scores.
pillars_of <- function(framework) paste0("pillar_", seq_along(pillar_nodes(framework)), recycle0 = TRUE)

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
    columns <- lapply(seq_len(layout$n), function(p) {
      column(cached[[kind]][, p], header(codes[p]), styles$weight, width = 10, formula = formulas[[p]][[kind]])
    })
    stats::setNames(columns, paste0(kind, "_", seq_len(layout$n)))
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

# The row of weights over the shares of a table: a weight that cannot be used counts
# as 0. The root has none.
weights_in_use <- function(context, live, table) {
  row <- table$row - 1L
  below <- seq_len(live$layout$n)[-1L]
  weight <- live$weight[live$layout$order]
  ok <- column(1, format = styles$whole, formula = paste0("IF(COUNT({weights$used})=", length(below), ",1,0)"))
  weights <- lapply(below, function(p) {
    column(weight[p], format = styles$weight, formula = paste0("N({", refer("weights", "used", p - 1L), "})"))
  })
  at <- table$col + match(share_of(below[1L]), names(table$columns)) - 1L
  list(
    text_block(table$sheet, row, say(context$lang, "word.weights_in_use"), styles$small),
    block(table$sheet, row, table$col + 1L, list(ok = ok), fit = FALSE, name = paste0(table$name, "_ok")),
    block(table$sheet, row, at, stats::setNames(weights, weight_of(below)),
      fit = FALSE, name = paste0(table$name, "_weights")
    )
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

whatif_title <- function(context, live) with_status(context, plain_title(context, live))

# The share of a listed item in the set of a scenario's row: as it stands, or
# raised when the set says so.
set_share <- function(live, number, now) {
  set <- paste0("INDEX(", all_sets(live), ",0,-1-${raised})")
  paste0(now, "+SUMPRODUCT(({raises$number}=", number, ")*", set, "*({raises$share}-", now, "))")
}

# The sets on the sheet of raises, a column each.
set_of <- function(k) paste0("set_", k)
all_sets <- function(live) paste0("{", refer("raises", set_of(1L), to = set_of(live$sets$n)), "}")

plain_title <- function(context, live) {
  lang <- context$lang
  if (!live$one_unit) {
    return(say(lang, "title.whatif", label = shorten(context$label), edition = context$edition_label))
  }
  say(lang, if (is.null(live$tier)) "title.whatif_score" else "title.whatif_tier",
    label = shorten(live$table$name), tier = live$tier, score = live$score, max = root_max(live$index$framework),
    edition = context$edition_label
  )
}

# The columns that name the units of a sheet.
unit_columns <- function(lang, live, names = live$table$name) {
  list(unit = column(names, say(lang, "head.unit")), code = column(live$index$unit, say(lang, "head.code")))
}
