# One run for all tests, and one in which many tiers are loose.
run <- function(...) {
  once(paste("robustness", ...), withr::with_seed(
    1, cap_robustness(gci(2024), n = 500, vary = list(weights = cap_vary_weights(...)))
  ))
}
indices <- function() {
  once("indices", withr::with_seed(1, cap_sensitivity(gci(2024), n = 64, n_boot = 50, vary = list(
    weights = cap_vary_weights("noise", 0.5), left_out = cap_vary_drop("pillar")
  ))))
}
# As drawn: without a warning, and no text wider than 7 inches.
drawn <- function(plot) {
  expect_s3_class(plot, "ggplot")
  expect_no_warning(out <- ggplot2::ggplot_build(plot))
  withr::with_tempfile("file", fileext = ".pdf", expect_no_warning(
    ggplot2::ggsave(file, plot, width = 7, height = 4, device = grDevices::cairo_pdf)
  ))
  withr::with_png(withr::local_tempfile(), type = "cairo", for (part in c("title", "subtitle")) {
    gp <- grid::gpar(fontsize = if (part == "title") 12 else 10, fontface = if (part == "title") "bold" else "plain")
    wide <- grid::grobWidth(grid::textGrob(plot$labels[[part]], gp = gp))
    expect_lt(grid::convertWidth(wide, "in", valueOnly = TRUE), 0.97 * 7)
  })
  out
}
layer_of <- function(drawn, kind) {
  is_kind <- vapply(drawn$plot$layers, function(l) inherits(l$geom, kind), NA)
  do.call(rbind, drawn$data[is_kind])
}
one_line <- function(drawn) gsub("\n", " ", drawn$plot$labels$subtitle)
names_of <- function(drawn, axis) drawn$layout$panel_params[[1]][[axis]]$get_labels()
in_nominal_order <- function(table) table[order(table$rank, table$unit, method = "radix"), ]
loose_of <- function(r) subset(as.data.frame(r), p_tier < 0.95)$unit
no_bands <- function() {
  data <- small_answers()
  data$value[data$iso3 == "AAA" & data$item %in% c("Q1", "Q2")] <- 0
  index <- cap_index(cap_answers(data, small()))
  list(
    robustness = withr::with_seed(1, cap_robustness(index, n = 50)),
    sensitivity = withr::with_seed(1, cap_sensitivity(index, n = 32, n_boot = 20, vary = list(
      all = cap_vary_weights("simplex"), left_out = cap_vary_drop()
    )))
  )
}

test_that("intervals of ranks of all units are those of the table, in the nominal order", {
  r <- run("noise", 0.25)
  own <- in_nominal_order(as.data.frame(r))
  plot <- drawn(plot(r))
  lines <- layer_of(plot, "GeomSegment")
  lines <- lines[order(lines$x), ]
  expect_equal(lines$x, 1:194)
  # the axis runs downwards
  expect_equal(-lines$y, own$rank_low - own$rank)
  expect_equal(-lines$yend, own$rank_high - own$rank)
  points <- layer_of(plot, "GeomPoint")
  expect_equal(-points$y[order(points$x)], own$rank_median - own$rank)
  expect_identical(unique(lines$colour[own$p_tier < 0.95]), cap_palette[["orange"]])
  expect_identical(unique(lines$colour[own$p_tier >= 0.95]), cap_palette[["blue"]])
  limits <- layer_of(plot, "GeomVline")$xintercept
  expect_equal(sort(limits), cumsum(table(own$tier))[1:4] + 0.5, ignore_attr = TRUE)
  expect_identical(names_of(plot, "x"), paste0("T", 1:5))
  expect_match(one_line(plot), "all 194 units")
  expect_match(one_line(plot), "uniform noise of up to 25 %", fixed = TRUE)
})

test_that("named units stand in the nominal order from the top, whatever the order asked for", {
  r <- run("noise", 0.25)
  units <- c("KEN", "EST", "FJI", "ARE", "UGA")
  own <- in_nominal_order(as.data.frame(r))
  own <- own[own$unit %in% units, ]
  plot <- drawn(plot(r, units = factor(units)))
  lines <- layer_of(plot, "GeomSegment")
  lines <- lines[order(-lines$y), ]
  expect_equal(lines$x, own$rank_low - own$rank)
  expect_equal(lines$xend, own$rank_high - own$rank)
  expect_identical(rev(names_of(plot, "y")), paste0(unit_names(own$unit), ", ", own$rank))
  expect_match(one_line(plot), "5 of 194 units")
  french <- drawn(plot(r, units = units, lang = "fr"))
  expect_identical(rev(names_of(french, "y")), paste0(unit_names(own$unit, "fr"), ", ", own$rank))
})

test_that("panels hold the units of their groups", {
  r <- run("noise", 0.25)
  by <- data.frame(unit = c("KEN", "UGA", "EST", "KEN"), group = c("X", "X", "Y", "Y"))
  plot <- drawn(plot(r, by = by))
  expect_identical(as.vector(table(layer_of(plot, "GeomPoint")$PANEL)), c(2L, 2L))
  whole <- drawn(plot(r, by = "itu_region"))
  count <- table(countries$itu_region_name[countries$iso3 %in% r$nominal$unit])
  points <- layer_of(whole, "GeomPoint")
  expect_identical(as.vector(table(points$PANEL)), as.vector(count[as.character(whole$layout$layout$panel)]))
  # each panel has places of its own
  expect_true(all(tapply(points$x, points$PANEL, function(x) identical(sort(as.numeric(x)), as.numeric(seq_along(x))))))
  tiers <- drawn(plot(r, "tiers", units = c("EST", "KEN"), by = by))
  expect_identical(nrow(layer_of(tiers, "GeomText")), 3L)
})

test_that("bars of tiers are the shares of the table, of units that are not firm", {
  r <- run("noise", 0.25)
  own <- in_nominal_order(as.data.frame(r))
  own <- own[own$p_tier < 0.95, ]
  plot <- drawn(plot(r, "tiers"))
  bars <- layer_of(plot, "GeomCol")
  shares <- as.matrix(own[paste0("p_T", 1:5)])
  at <- cbind(nrow(own) + 1L - round(bars$y), match(bars$fill, tier_colours(5)))
  expect_equal(bars$xmax - bars$xmin, shares[at])
  expect_identical(nrow(bars), sum(shares > 0))
  expect_identical(rev(names_of(plot, "y")), paste0(unit_names(own$unit), ", ", own$tier))
  text <- layer_of(plot, "GeomText")
  expect_identical(text$label[order(-text$y)], paste(format_number(100 * own$p_tier, 1L), "%"))
  # the best tier from the left
  first <- bars[bars$xmin < 1e-9, ]
  best <- apply(shares > 0, 1, which.max)[nrow(own) + 1L - round(first$y)]
  expect_equal(match(first$fill, tier_colours(5)), best, ignore_attr = TRUE)
  expect_match(one_line(plot), paste("the", nrow(own), "with less than 95 %"))
})

test_that("of many units that are not firm the least firm are shown", {
  r <- run("simplex")
  own <- as.data.frame(r)
  expect_gt(sum(own$p_tier < 0.95), 50)
  plot <- drawn(plot(r, "tiers"))
  text <- layer_of(plot, "GeomText")
  least <- own[order(own$p_tier, own$unit, method = "radix")[1:50], ]
  expect_setequal(names_of(plot, "y"), paste0(unit_names(least$unit), ", ", least$tier))
  expect_match(one_line(plot), paste("the 50 least firm of the", sum(own$p_tier < 0.95)))
  named <- drawn(plot(r, "tiers", units = "ARE"))
  expect_identical(layer_of(named, "GeomText")$label, "100.0 %")
})

test_that("the map holds P(above) with ties half, and the groups' outlines", {
  r <- run("noise", 0.25)
  own <- in_nominal_order(r$nominal)$unit
  plot <- drawn(plot(r, "dominance"))
  cells <- plot$plot$data
  above <- r$dominance[own, own]
  expect_equal(cells$p, as.vector(above + (1 - above - t(above)) / 2))
  # the first row on top, the first column on the left
  raster <- layer_of(plot, "GeomRaster")
  corner <- raster[abs(raster$x - 194) < 1e-9 & abs(raster$y + 1) < 1e-9, ]
  expect_identical(toupper(corner$fill), tier_colours(5)[[1]])
  groups <- as.data.frame(cap_table(r, "groups"))
  boxes <- layer_of(plot, "GeomRect")
  boxes <- boxes[order(boxes$xmin), ]
  expect_equal(boxes$xmin + 0.5, match(groups$first, own))
  expect_equal(boxes$xmax - 0.5, match(groups$last, own))
  expect_equal(sort(c(boxes$ymin, boxes$ymax)), sort(-c(boxes$xmin, boxes$xmax)))
})

test_that("the map of chosen units is a part of the whole", {
  r <- run("noise", 0.25)
  own <- in_nominal_order(r$nominal)$unit
  units <- own[c(30, 40, 41, 42, 43, 60, 61)]
  plot <- drawn(plot(r, "dominance", units = rev(units)))
  above <- r$dominance[units, units]
  expect_equal(plot$plot$data$p, as.vector(above + (1 - above - t(above)) / 2))
  expect_identical(names_of(plot, "x"), unit_names(units))
  boxes <- layer_of(plot, "GeomRect")
  # no box in another, and none of pairs that can be told apart
  for (k in seq_len(nrow(boxes))) {
    i <- seq(boxes$xmin[k] + 0.5, boxes$xmax[k] - 0.5)
    p <- matrix(plot$plot$data$p, length(units))[i, i]
    expect_true(all(p >= 0.05 & p <= 0.95))
    expect_identical(sum(boxes$xmin <= boxes$xmin[k] & boxes$xmax >= boxes$xmax[k]), 1L)
  }
  # two that can be told apart have no box
  apart <- drawn(plot(r, "dominance", units = c("ARE", "KEN")))
  expect_identical(NROW(layer_of(apart, "GeomRect")), 0L)
})

test_that("the shift has the indices and intervals of the table, with the dummy last", {
  s <- indices()
  own <- as.data.frame(cap_table(s, "shift"))
  own <- own[order(-own$total, own$factor), ]
  plot <- drawn(plot(s))
  points <- layer_of(plot, "GeomPoint")
  points <- points[order(-points$y), ]
  first <- points[points$colour == cap_palette[["blue"]], ]
  total <- points[points$colour == cap_palette[["orange"]], ]
  expect_equal(first$x, own$first)
  expect_equal(total$x, own$total[!is.na(own$total)])
  bars <- layer_of(plot, "GeomErrorbarh")
  bars <- bars[order(-bars$y), ]
  expect_equal(bars$xmin[bars$colour == cap_palette[["blue"]]], own$first_low)
  expect_equal(bars$xmax[bars$colour == cap_palette[["orange"]]], own$total_high[!is.na(own$total)])
  expect_identical(rev(names_of(plot, "y")), own$factor)
  expect_identical(own$factor[3], "(dummy)")
  expect_match(one_line(plot), "64 rows")
})

test_that("the drivers of units are the totals of the table", {
  s <- indices()
  own <- as.data.frame(s)
  own <- own[own$output == "rank", ]
  order <- in_nominal_order(s$nominal)$unit
  plot <- drawn(plot(s, "units"))
  tiles <- layer_of(plot, "GeomTile")
  expect_identical(nrow(tiles), 2L * 194L)
  still <- unique(own$unit[is.na(own$total)])
  expect_identical(sort(unique(tiles$x[tiles$fill == grey_rest])), as.numeric(sort(match(still, order))))
  named <- drawn(plot(s, "units", units = c("KEN", "EST", "ARE")))
  text <- layer_of(named, "GeomText")
  text <- text[order(-text$y, text$x), ]
  expect_identical(text$label, format_number(100 * c(
    own$total[own$unit == "KEN"], own$total[own$unit == "EST"]
  ), 0L))
  expect_identical(rev(names_of(named, "y")), unit_names(c("ARE", "KEN", "EST")))
})

test_that("a framework without tiers, with other units, is drawn without them", {
  own <- no_bands()
  expect_null(drawn(plot(own$robustness))$plot$labels$fill)
  map <- drawn(plot(own$robustness, "dominance"))
  expect_identical(names_of(map, "x"), in_nominal_order(own$robustness$nominal)$unit)
  drawn(plot(own$sensitivity))
  drawn(plot(own$sensitivity, "units"))
  expect_match(input_error(plot(own$robustness, "tiers")), "no bands")
})

test_that("what cannot be drawn is refused", {
  r <- run("noise", 0.25)
  s <- indices()
  expect_match(input_error(plot(r, units = c("KEN", "XXX"))), "not there: XXX")
  expect_match(input_error(plot(s, "units", units = "XXX")), "not there: XXX")
  expect_match(input_error(plot(r, units = 1:3)), "codes of units")
  expect_match(input_error(plot(r, units = character())), "codes of units")
  expect_match(input_error(plot(r, "pie")), "must be one of")
  expect_match(input_error(plot(s, "ranks")), "must be one of")
  expect_match(input_error(plot(r, "dominance", by = "itu_region")), "by")
  expect_match(input_error(plot(r, by = data.frame(unit = "QQQ", group = "none"))), "group of")
  expect_match(input_error(plot(s, units = "KEN")), "units")
  expect_match(input_error(plot(r, units = "KEN", lang = "tlh")), "tlh")
  firm <- withr::with_seed(1, cap_robustness(gci(2024), n = 10, vary = list(weights = cap_vary_weights("noise", 1e-6))))
  expect_match(input_error(plot(firm, "tiers")), "All units keep their tier")
  expect_s3_class(plot(firm, "tiers", units = "KEN"), "ggplot")
})

test_that("units without a score are left out, and refused by name", {
  gap <- small_answers()
  gap$value[gap$iso3 == "BBB"] <- NA
  index <- cap_index(cap_answers(gap, small()), missing = "renormalise")
  r <- withr::with_seed(1, cap_robustness(index, n = 20))
  expect_identical(nrow(layer_of(drawn(plot(r)), "GeomPoint")), 2L)
  expect_identical(length(names_of(drawn(plot(r, "dominance")), "x")), 2L)
  expect_match(input_error(plot(r, units = "BBB")), "BBB has no rank")
  expect_match(input_error(plot(r, "dominance", units = "BBB")), "BBB has no rank")
})

test_that("a unit under all tiers is drawn, and said to have none", {
  framework <- cap_framework(list(
    items = small_items(), bands = data.frame(label = c("High", "Low"), lower = c(50, 20))
  ))
  r <- withr::with_seed(1, cap_robustness(cap_index(cap_answers(small_answers(), framework)), n = 50))
  points <- layer_of(drawn(plot(r)), "GeomPoint")
  expect_identical(points$colour[order(-points$y)], unname(cap_palette[c("blue", "blue", "charcoal")]))
  tiers <- drawn(plot(r, "tiers", units = c("AAA", "CCC")))
  expect_identical(names_of(tiers, "y"), c("CCC, no tier", "AAA, High"))
  expect_identical(layer_of(tiers, "GeomText")$label, "100.0 %")
  expect_identical(nrow(layer_of(tiers, "GeomCol")), 1L)
})

test_that("a mean rank shift that does not vary is not drawn", {
  one <- small_answers()
  one <- one[one$iso3 == "AAA", ]
  index <- cap_index(cap_answers(one, small()))
  s <- withr::with_seed(1, cap_sensitivity(index, n = 16, n_boot = 20, vary = list(
    a = cap_vary_weights("noise", 0.1, level = "pillar"), b = cap_vary_drop()
  )))
  expect_match(input_error(plot(s)), "does not vary")
})
