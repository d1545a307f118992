# Colours of a workbook: fonts, fills and series as #RRGGBB, from direct, indexed
# and theme colours with tint.

# list(font, fill, percent, open (not locked) by cell style; dxf: font, fill; formats).
read_styles <- function(book) {
  doc <- book$docs[[c(targets_of(book, book$main, "styles"), "")[1L]]]
  book$styles <- list(theme = read_theme(book), indexed = indexed_palette(doc))
  child <- function(name) nodes_at(doc, paste0("/*/*[local-name()='", name, "']/*"))
  fonts <- vapply(child("fonts"), function(f) color_of(font_color_node(f), book), "")
  fills <- vapply(child("fills"), function(f) fill_color(f, book), "")
  xfs <- child("cellXfs")
  pick <- function(values, name) {
    at <- suppressWarnings(as.integer(xml2::xml_attr(xfs, name))) + 1L
    if (length(xfs) == 0L) NA_character_ else values[at]
  }
  formats <- child("numFmts")
  codes <- as.character(xml2::xml_attr(formats, "formatCode"))
  ids <- as.integer(as.character(xml2::xml_attr(xfs, "numFmtId")))
  own <- codes[match(ids, as.integer(as.character(xml2::xml_attr(formats, "numFmtId"))))]
  dxfs <- child("dxfs")
  c(book$styles, list(
    font = pick(fonts, "fontId"), fill = pick(fills, "fillId"),
    open = vapply(xfs, function(x) is_false(xml2::xml_attr(all_nodes(x, "protection"), "locked")[1L]), NA),
    percent = (ids %in% 9:10) | (!is.na(own) & grepl("%", own, fixed = TRUE)),
    dxf_font = vapply(dxfs, function(d) color_of(font_color_node(d), book), ""),
    dxf_fill = vapply(dxfs, function(d) fill_color(d, book, "bgColor"), ""),
    formats = c(codes, as.character(xml2::xml_attr(nodes_at(dxfs, ".//*[local-name()='numFmt']"), "formatCode")))
  ))
}

font_color_node <- function(node) {
  xml2::xml_find_first(node, "descendant-or-self::*[local-name()='font']/*[local-name()='color']")
}

# A solid fill; a pattern is between two colours and is not judged. In a
# conditional format the colour behind is the one that is seen.
fill_color <- function(node, book, seen = "fgColor") {
  pattern <- xml2::xml_find_first(node, ".//*[local-name()='patternFill']")
  type <- xml2::xml_attr(pattern, "patternType")
  if (inherits(pattern, "xml_missing") || type %in% "none" || !(type %in% "solid" || seen == "bgColor")) {
    return(NA_character_)
  }
  color <- xml2::xml_find_first(pattern, paste0("*[local-name()='", seen, "']"))
  color_of(color, book)
}

color_of <- function(node, book) {
  if (inherits(node, "xml_missing") || length(node) == 0L) {
    return(NA_character_)
  }
  given <- xml2::xml_attrs(node)
  given <- given[c("rgb", "theme", "indexed", "tint")]
  base <- if (!is.na(given[[1L]])) {
    sub("^.*([0-9A-Fa-f]{6})$", "#\\1", given[[1L]])
  } else if (!is.na(given[[2L]])) {
    book$styles$theme[as.integer(given[[2L]]) + 1L]
  } else if (!is.na(given[[3L]])) {
    book$styles$indexed[as.integer(given[[3L]]) + 1L]
  } else {
    NA_character_
  }
  if (is.na(base) || !grepl("^#[0-9A-Fa-f]{6}$", base)) {
    return(NA_character_)
  }
  tint <- suppressWarnings(as.numeric(given[[4L]]))
  toupper(if (is.na(tint) || tint == 0) base else tinted(base, tint))
}

# Theme colours in the order in which cells count them: light before dark.
read_theme <- function(book) {
  doc <- book$docs[[c(targets_of(book, book$main, "theme"), "")[1L]]]
  office <- c(
    "#FFFFFF", "#000000", "#EEECE1", "#1F497D", "#4F81BD", "#C0504D", "#9BBB59", "#8064A2", "#4BACC6", "#F79646",
    "#0000FF", "#800080"
  )
  nodes <- nodes_at(doc, "//*[local-name()='clrScheme']/*/*")
  if (length(nodes) != 12L) {
    return(stats::setNames(office, theme_names))
  }
  value <- xml2::xml_attr(nodes, "lastClr")
  value <- ifelse(is.na(value), xml2::xml_attr(nodes, "val"), value)
  stats::setNames(paste0("#", value)[c(2L, 1L, 4L, 3L, 5:12)], theme_names)
}

theme_names <- c("lt1", "dk1", "lt2", "dk2", paste0("accent", 1:6), "hlink", "folHlink")

# The palette of old: 8 colours twice, 48 more, then text and background of the
# system; a workbook may bring its own.
indexed_palette <- function(doc) {
  own <- nodes_at(doc, "//*[local-name()='indexedColors']/*")
  basic <- c("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")
  more <- c(
    "800000", "008000", "000080", "808000", "800080", "008080", "C0C0C0", "808080", "9999FF", "993366", "FFFFCC",
    "CCFFFF", "660066", "FF8080", "0066CC", "CCCCFF", "000080", "FF00FF", "FFFF00", "00FFFF", "800080", "800000",
    "008080", "0000FF", "00CCFF", "CCFFFF", "CCFFCC", "FFFF99", "99CCFF", "FF99CC", "CC99FF", "FFCC99", "3366FF",
    "33CCCC", "99CC00", "FFCC00", "FF9900", "FF6600", "666699", "969696", "003366", "339966", "003300", "333300",
    "993300", "993366", "333399", "333333"
  )
  palette <- paste0("#", c(basic, basic, more, "000000", "FFFFFF"))
  if (length(own) > 0L) {
    rgb <- xml2::xml_attr(own, "rgb")
    palette[seq_along(rgb)] <- sub("^.*(.{6})$", "#\\1", rgb)
  }
  palette
}

# Colour arithmetic ------------------------------------------------------------

# Lightness of hue, saturation, lightness moved towards white (tint above 0) or
# black, as ECMA-376 part 1, 18.8.19 has it.
tinted <- function(color, tint) {
  hsl <- to_hsl(color)
  l <- if (tint < 0) hsl[3L] * (1 + tint) else hsl[3L] * (1 - tint) + tint
  from_hsl(hsl[1L], hsl[2L], l)
}

# Hue in degrees, saturation and lightness 0 to 1.
to_hsl <- function(color) {
  rgb <- drop(grDevices::col2rgb(color)) / 255
  top <- max(rgb)
  low <- min(rgb)
  span <- top - low
  l <- (top + low) / 2
  if (span == 0) {
    return(c(0, 0, l))
  }
  s <- span / (1 - abs(2 * l - 1))
  h <- switch(which.max(rgb),
    ((rgb[2L] - rgb[3L]) / span) %% 6,
    (rgb[3L] - rgb[1L]) / span + 2,
    (rgb[1L] - rgb[2L]) / span + 4
  )
  unname(c(60 * h, s, l))
}

from_hsl <- function(h, s, l) {
  chroma <- (1 - abs(2 * l - 1)) * s
  x <- chroma * (1 - abs((h / 60) %% 2 - 1))
  rgb <- switch(floor(h / 60) %% 6 + 1,
    c(chroma, x, 0), c(x, chroma, 0), c(0, chroma, x), c(0, x, chroma), c(x, 0, chroma), c(chroma, 0, x)
  ) + l - chroma / 2
  grDevices::rgb(rgb[1L], rgb[2L], rgb[3L])
}

# Font and fill of each cell; NA for automatic and none.
cell_style <- function(book, what) as.character(book$styles[[what]][book$cells$style + 1L])
