# Rules of the linter on colours: contrast, and red or green.

LEAST_CONTRAST <- 4.5

find_contrast <- function(book) c(cell_contrast(book), rule_contrast(book), label_contrast(book))

# Automatic fonts are black, no fill is white.
cell_contrast <- function(book) {
  cells <- book$cells[book$cells$kind != "empty" & !(is.na(book$cells$font) & is.na(book$cells$fill)), ]
  font <- ifelse(is.na(cells$font), "#000000", cells$font)
  fill <- ifelse(is.na(cells$fill), "#FFFFFF", cells$fill)
  pair <- paste(font, fill)
  known <- unique(pair)
  value <- if (length(known) > 0L) contrast(sub(" .*$", "", known), sub("^.* ", "", known)) else numeric()
  low <- value[match(pair, known)]
  at <- frame(
    sheet = cells$sheet, cell = cells$ref, font = font, fill = fill, contrast = low
  )[!is.na(low) & low < LEAST_CONTRAST, ]
  flaws <- split(at, paste(at$sheet, at$font, at$fill))
  lapply(unname(flaws), function(own) {
    flaw(own$sheet[1L], own$cell[1L], finding("check.contrast",
      n = nrow(own), contrast = own$contrast[1L], font = own$font[1L], fill = own$fill[1L]
    ))
  })
}

# Every colour that a conditional format may put behind, against its own font or
# that of the cells.
rule_contrast <- function(book) {
  unlist(lapply(seq_len(NROW(book$rules)), function(k) {
    rule <- book$rules[k, ]
    areas <- strsplit(rule$range, "[ ]+")[[1L]]
    own <- book$styles$dxf_font[rule$dxf]
    fills <- c(book$styles$dxf_fill[rule$dxf], rule_colors(book, rule))
    fills <- fills[!is.na(fills)]
    cells <- book$cells[book$cells$sheet == rule$sheet & book$cells$kind != "empty", ]
    inside <- Reduce(`|`, lapply(areas, function(a) in_area(cells$row, cells$col, area_corners(a))))
    cells <- cells[inside %in% TRUE, ]
    fonts <- if (!is.na(own[1L])) own else unique(ifelse(is.na(cells$font), "#000000", cells$font))
    if (length(fills) == 0L && !is.na(own[1L])) fills <- unique(ifelse(is.na(cells$fill), "#FFFFFF", cells$fill))
    pairs <- expand.grid(font = fonts, fill = fills, stringsAsFactors = FALSE)
    if (nrow(pairs) == 0L) {
      return(NULL)
    }
    value <- contrast(pairs$font, pairs$fill)
    worst <- which.min(value)
    if (value[worst] < LEAST_CONTRAST) {
      list(flaw(rule$sheet, sub(":.*$", "", areas[1L]), finding("check.rule_contrast",
        range = rule$range, contrast = value[worst], font = pairs$font[worst], fill = pairs$fill[worst]
      )))
    }
  }), recursive = FALSE)
}

rule_colors <- function(book, rule) {
  if (!rule$type %in% c("colorScale", "dataBar")) {
    return(character())
  }
  vapply(rule$colors[[1L]], color_of, "", book = book)
}

label_contrast <- function(book) {
  unlist(lapply(real_charts(book), function(x) {
    low <- lapply(x$series, function(s) {
      fills <- s$fills[!is.na(s$fills)]
      if (is.null(s$labels) || length(fills) == 0L) {
        return(NULL)
      }
      value <- contrast(rep(s$labels, length(fills)), fills)
      worst <- which.min(value)
      if (value[worst] < LEAST_CONTRAST) {
        flaw(x$sheet, x$cell, finding("check.label_contrast",
          contrast = value[worst], font = s$labels, fill = fills[worst]
        ))
      }
    })
    drop_null(low)
  }), recursive = FALSE)
}

# Red and green, as many readers cannot tell them apart: fills of cells, rules
# and series, and fonts by number format.
find_red_green <- function(book) {
  cells <- book$cells[!is.na(book$cells$fill) & is_red_green(book$cells$fill), ]
  at <- frame(sheet = cells$sheet, cell = cells$ref, fill = cells$fill)
  rules <- lapply(seq_len(NROW(book$rules)), function(k) {
    rule <- book$rules[k, ]
    colors <- c(book$styles$dxf_fill[rule$dxf], rule_colors(book, rule))
    colors <- colors[is_red_green(colors)]
    if (length(colors) > 0L) {
      found <- finding("check.red_green_rule", range = rule$range, fill = colors[1L])
      flaw(rule$sheet, sub("[: ].*$", "", rule$range), found)
    }
  })
  charts <- lapply(real_charts(book), function(x) {
    fills <- unlist(lapply(x$series, `[[`, "fills"))
    fills <- fills[is_red_green(fills)]
    if (length(fills) > 0L) flaw(x$sheet, x$cell, finding("check.red_green_chart", fills = first_of(fills)))
  })
  formats <- unique(grep("\\[(red|green)\\]", book$styles$formats, ignore.case = TRUE, value = TRUE))
  c(
    flaws_by_sheet(at, function(own) finding("check.red_green", n = nrow(own), fills = first_of(own$fill))),
    drop_null(rules), drop_null(charts),
    lapply(formats, function(f) flaw(NA, "", finding("check.red_green_format", format = f)))
  )
}

is_red_green <- function(colors) {
  vapply(colors, function(color) {
    if (is.na(color)) {
      return(FALSE)
    }
    hsl <- to_hsl(color)
    red <- hsl[1L] >= 345 || hsl[1L] <= 12
    green <- hsl[1L] >= 80 && hsl[1L] <= 160
    (red || green) && hsl[2L] >= 0.3 && hsl[3L] > 0.1 && hsl[3L] < 0.95
  }, NA, USE.NAMES = FALSE)
}
