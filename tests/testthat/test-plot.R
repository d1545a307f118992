# The data and labels of a plot, built as for printing: without a warning.
built <- function(plot) {
  expect_s3_class(plot, "ggplot")
  expect_no_warning(out <- ggplot2::ggplot_build(plot))
  withr::with_tempfile("file", fileext = ".pdf", expect_no_warning(
    ggplot2::ggsave(file, plot, width = 7, height = 4)
  ))
  out
}
layer <- function(built, kind) {
  is_kind <- vapply(built$plot$layers, function(l) inherits(l$geom, kind), NA)
  do.call(rbind, built$data[is_kind])
}
# On a page of 7 x 4 inches, as a fraction of its width: what is drawn in a place
# of the layout, and a line of text in the style of the title.
on_page <- function(code) {
  file <- withr::local_tempfile(fileext = ".pdf")
  grDevices::pdf(file, width = 7, height = 4)
  withr::defer(grDevices::dev.off())
  code
}
in_widths <- function(grob) grid::convertWidth(grid::grobWidth(grob), "in", valueOnly = TRUE) / 7
part_width <- function(plot, part) {
  on_page({
    table <- ggplot2::ggplotGrob(plot)
    in_widths(table$grobs[[which(table$layout$name == part)]])
  })
}
line_width <- function(text, size, face) {
  gp <- grid::gpar(fontsize = size, fontface = face)
  lines <- strsplit(text, "\n")[[1]]
  on_page(max(vapply(lines, function(line) in_widths(grid::textGrob(line, gp = gp)), 0)))
}

test_that("the profile has bars of scores and diamonds of the region's medians", {
  regions <- as.data.frame(cap_regions(gci(2024)))
  for (unit in c("KEN", "FJI", "ARE")) {
    plot <- built(plot(gci(2024), unit = unit))
    own <- as.data.frame(gci(2024), level = "pillar")
    own <- own[own$unit == unit, ]
    bars <- layer(plot, "GeomCol")
    # the first pillar is on top
    expect_equal(bars$x[order(-bars$y)], own$score)
    medians <- regions[regions$group == countries$itu_region[countries$iso3 == unit], ]
    marks <- layer(plot, "GeomPoint")
    expect_equal(marks$x[order(-marks$y)], medians$median[match(own$item, medians$item)])
    expect_identical(layer(plot, "GeomText")$label[order(-layer(plot, "GeomText")$y)], format_number(own$score, 1L))
    labels <- plot$plot$labels
    expect_match(labels$title, paste0("^", country_names$en[country_names$iso3 == unit], ": "))
    expect_match(paste(labels$title, labels$subtitle), "Global Cybersecurity Index 2024")
    expect_identical(labels$x, "points")
    expect_match(labels$subtitle, "Diamonds: median of .* [(]n = [0-9]+[)]$")
  }
})

test_that("the profile of a unit without a region has bars alone", {
  by <- data.frame(unit = c("UGA", "TZA"), group = "X")
  plot <- built(plot(gci(2024), unit = "KEN", by = by))
  expect_null(layer(plot, "GeomPoint"))
  expect_false(any(grepl("iamond", unlist(plot$plot$labels))))
  # 0 and 100 of 100 too
  expect_true(all(layer(built(plot(gci(2020), unit = "VAT")), "GeomCol")$x == 0))
  expect_true(all(layer(built(plot(gci(2024), unit = "ARE")), "GeomCol")$x == 20))
})

test_that("tiers have the counts and shares of the regions", {
  plot <- built(plot(gci(2024)))
  own <- overall(gci(2024))
  region <- countries$itu_region_name[match(own$unit, countries$iso3)]
  counts <- unclass(table(region, own$tier))
  bars <- layer(plot, "GeomCol")
  group <- plot$layout$panel_params[[1]]$y$get_labels()[round(bars$y)]
  drawn <- (bars$xmax - bars$xmin) * rowSums(counts)[group]
  at <- cbind(match(group, rownames(counts)), match(bars$fill, tier_colours(5)))
  expect_equal(unname(drawn), counts[at])
  expect_equal(sum(drawn), 194)
  expect_identical(nrow(bars), sum(counts > 0))
  text <- layer(plot, "GeomText")
  expect_identical(sort(as.numeric(text$label)), sort(as.numeric(counts[counts > 0])))
  labels <- plot$plot$labels
  expect_match(labels$title, "Global Cybersecurity Index 2024: ")
  expect_match(labels$subtitle, "per cent")
})

test_that("the strongest tier is drawn first, from the left", {
  bars <- layer(built(plot(gci(2024))), "GeomCol")
  first <- tapply(seq_len(nrow(bars)), round(bars$y), function(i) bars$fill[i][which.min(bars$xmin[i])])
  last <- tapply(seq_len(nrow(bars)), round(bars$y), function(i) bars$fill[i][which.max(bars$xmax[i])])
  darkness <- function(x) colSums(grDevices::col2rgb(x))
  expect_true(all(darkness(first) <= darkness(last)))
  expect_identical(sum(first == tier_colours(5)[[1]]), 5L)
})

test_that("nothing of a plot is wider than a page of 7 by 4 inches", {
  bridge <- cap_bridge(gci(2020), gci(2024))
  expect_lt(part_width(plot(gci(2024)), "guide-box"), 0.97)
  for (p in list(
    plot(gci(2024)), plot(gci(2024), unit = "ARE"), plot(gci(2024), unit = "GBR"),
    plot(bridge), plot(bridge, unit = "CHL"), plot(bridge, unit = "GBR")
  )) {
    expect_lt(line_width(p$labels$title, 12, "bold"), 0.97)
    expect_lt(line_width(p$labels$subtitle, 10, "plain"), 0.97)
  }
})

test_that("the bridge of one unit adds up from like for like to published", {
  bridge <- cap_bridge(gci(2020), gci(2024))
  for (unit in c("CHL", "KEN", "ARE", "VAT")) {
    plot <- built(plot(bridge, unit = unit))
    own <- overall_of(bridge, "GCI")
    own <- own[own$unit == unit, ]
    bars <- layer(plot, "GeomRect")
    bars <- bars[order(bars$xmin), ]
    steps <- c(own$answers, own$weights, own$items, own$published)
    expect_equal(bars$ymax - bars$ymin, abs(steps), tolerance = 1e-9)
    text <- layer(plot, "GeomText")
    expect_identical(text$label[order(text$x)], format_number(steps, 1L, sign = TRUE))
    expect_identical(plot$plot$labels$y, "points")
    expect_match(plot$plot$labels$title, paste0("^", country_names$en[country_names$iso3 == unit]))
  }
  chile <- layer(built(plot(bridge, unit = "CHL")), "GeomText")
  expect_identical(chile$label[order(chile$x)][c(1, 4)], c("-1.2", "+1.4"))
})

test_that("the bridge of all units has a point for each", {
  bridge <- cap_bridge(gci(2020), gci(2024))
  plot <- built(plot(bridge))
  points <- layer(plot, "GeomPoint")
  own <- overall_of(bridge, "GCI")
  expect_equal(points$x, own$published)
  expect_equal(points$y, own$answers)
  reversed <- own$published * own$answers < -1e-12
  expect_identical(points$colour == cap_palette[["orange"]], reversed)
  expect_match(plot$plot$labels$title, "from 2020 to 2024")
  expect_match(plot$plot$labels$subtitle, "^Points of the overall score")
})

test_that("plots of a user's own framework and of an earlier edition build", {
  own <- cap_framework(list(items = small_items(), bands = data.frame(label = c("High", "Low"), lower = c(50, 0))))
  index <- cap_index(cap_answers(small_answers(), own))
  by <- data.frame(unit = c("AAA", "BBB", "CCC"), group = c("X", "X", "Y"))
  built(plot(index, by = by))
  built(plot(index, unit = "AAA", by = by))
  both <- rbind(small_answers(), transform(small_answers(), edition = 2020L))
  index <- cap_index(cap_answers(both, own))
  scores <- as.data.frame(index)
  bars <- layer(built(plot(index, unit = "BBB", edition = 2020, by = by)), "GeomCol")
  expect_equal(
    bars$x[order(-bars$y)],
    scores$score[scores$unit == "BBB" & scores$edition == 2020 & scores$item %in% c("P", "Q")]
  )
})

test_that("missing pillars are drawn without a bar and without a warning", {
  data <- gci_items[gci_items$edition == 2024, ]
  data$value[data$iso3 == "FJI" & grepl("^TS", data$item)] <- NA
  index <- cap_index(cap_answers(data, "gci-2024"), missing = "renormalise")
  bars <- layer(built(plot(index, unit = "FJI")), "GeomCol")
  expect_identical(sum(!is.na(bars$x)), 4L)
})

test_that("what cannot be drawn is refused", {
  refused <- function(code) expect_error(code, class = "cap_error_input")
  refused(plot(gci(2020)))
  refused(plot(gci(2024), unit = "XXX"))
  refused(plot(gci(2024), type = "profile"))
  refused(plot(gci(2024), type = "pie"))
  refused(plot(gci(2024), edition = 1999))
  refused(plot(gci(2024), unit = c("KEN", "FJI")))
  refused(plot(gci(2024), unit = "KEN", lang = "tlh"))
  refused(plot(gci(2024), by = data.frame(unit = "QQQ", group = "none")))
  refused(plot(cap_bridge(gci(2020), gci(2024)), unit = "XXX"))
})

test_that("what a plot does not know is refused", {
  expect_match(input_error(plot(gci(2024), units = "KEN")), "no argument")
  expect_match(input_error(plot(cap_bridge(gci(2020), gci(2024)), n = 3)), "no argument")
})
