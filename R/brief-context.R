# What every sheet of a brief knows of its index: tiers, names, states of items.

# "Tier 4, Evolving": in tables and charts.
tier_long <- function(lang, bands) {
  vapply(seq_len(nrow(bands)), function(b) {
    short <- tier_short(lang, bands$label[b])
    if (bands$name[b] == bands$label[b]) short else say(lang, "tier.listed", tier = short, name = bands$name[b])
  }, "")
}

# "Tier 4" for the label T4; other labels stay.
tier_short <- function(lang, label) {
  label <- as.character(label)
  numbered <- grepl("^T[0-9]+$", label)
  label[numbered] <- vapply(
    sub("^T", "", label[numbered]), function(n) say(lang, "tier.numbered", n = n), ""
  )
  label
}

# "Tier 4 (Evolving)" for the band of a score.
tier_label <- function(lang, framework, band) {
  label <- tier_short(lang, framework$bands$label)[band]
  name <- framework$bands$name[band]
  full <- vapply(
    seq_along(band), function(i) say(lang, "tier.named", tier = label[i], name = name[i]), ""
  )
  ifelse(is.na(band), say(lang, "tier.none"), ifelse(name == framework$bands$label[band], label, full))
}

# A user's own names go before those of the United Nations.
shown_names <- function(context, unit) {
  own <- context$names$name[match(unit, context$names$unit)]
  if (is.null(own)) own <- rep(NA_character_, length(unit))
  ifelse(is.na(own), unit_names(unit, context$lang), own)
}

# Names in the order that a reader looks them up: accents do not count.
name_order <- function(names) {
  plain <- chartr("\u0622\u0623\u0625", "\u0627\u0627\u0627", plain_letters(names)) # so do hamza and madda on an alef
  order(tolower(plain), names, method = "radix")
}

# How many of `rows` have each item in place, partly, not, and unanswered.
item_states <- function(index, rows) {
  framework <- index$framework
  value <- from_zero(index$answers$values[rows, , drop = FALSE], framework$arrays)
  reached <- t(t(value) / leaf_max(framework))
  reversed <- framework$items$direction[framework$leaves] < 0
  reached[, reversed] <- 1 - reached[, reversed]
  state <- share_state(reached)
  count <- function(of) colSums(state == of, na.rm = TRUE)
  data.frame(in_place = count("whole"), partly = count("part"), not = count("none"), unanswered = colSums(is.na(state)))
}

leaf_pillars <- function(framework) {
  pillar <- pillar_of(framework, framework$leaves)
  framework$items$label[ifelse(is.na(pillar), framework$leaves, pillar)]
}

leaf_points <- function(index) node_points(index)[index$framework$leaves]

state_words <- function(lang) {
  c(
    in_place = say(lang, "word.in_place"), partly = say(lang, "word.partly"), not = say(lang, "word.not"),
    unanswered = "[x]"
  )
}
