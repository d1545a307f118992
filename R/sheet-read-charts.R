# Charts and pictures of a workbook, with their series and texts.

# A list: sheet, cell, alt, picture (whether it is none but a picture), titled,
# title, series, texts.
read_charts <- function(book) {
  unlist(lapply(seq_len(nrow(book$sheets)), function(i) {
    drawings <- targets_of(book, stats::na.omit(book$sheets$part[i]), "drawing")
    unlist(lapply(drawings, function(part) read_drawing(book, i, part)), recursive = FALSE)
  }), recursive = FALSE)
}

read_drawing <- function(book, i, part) {
  doc <- book$docs[[part]]
  frames <- c(as.list(all_nodes(doc, "graphicFrame")), as.list(all_nodes(doc, "pic")))
  lapply(frames, function(frame) read_frame(book, i, part, frame))
}

read_frame <- function(book, i, part, frame) {
  named <- xml2::xml_find_first(frame, "./*/*[local-name()='cNvPr']")
  from <- xml2::xml_find_first(frame, "ancestor::*[contains(local-name(),'CellAnchor')][1]/*[local-name()='from']")
  at <- function(what) xml2::xml_find_num(from, paste0("number(*[local-name()='", what, "'])")) + 1
  id <- xml2::xml_find_chr(frame, "string(.//*[local-name()='chart']/@*[local-name()='id'])")
  chart <- if (nzchar(id)) book$rels$part[book$rels$from == part & book$rels$id == id]
  alt <- c(xml2::xml_attr(named, "descr"), xml2::xml_attr(named, "title"))
  c(
    list(
      sheet = i, cell = if (inherits(from, "xml_missing")) "" else cell_name(at("row"), at("col")),
      alt = trimws(c(alt[!is.na(alt) & nzchar(alt)], "")[1L]), picture = !nzchar(id)
    ),
    read_chart(book, book$docs[[c(chart, "")[1L]]])
  )
}

read_chart <- function(book, doc) {
  space <- "/*[local-name()='chartSpace']/*[local-name()='chart']"
  title <- nodes_at(doc, paste0(space, "/*[local-name()='title']"))
  in_title <- function(name) xml2::xml_text(all_nodes(title, name))
  kinds <- nodes_at(doc, paste0(space, "/*[local-name()='plotArea']/*[*[local-name()='ser']]"))
  list(
    readable = !is.null(doc),
    title = paste(c(in_title("t"), in_title("v")), collapse = ""), title_ref = in_title("f"),
    kinds = as.character(xml2::xml_name(kinds)), grouping = grouping_of(kinds),
    series = unlist(lapply(kinds, function(kind) {
      lapply(xml2::xml_find_all(kind, "*[local-name()='ser']"), read_series, kind = kind, book = book)
    }), recursive = FALSE),
    texts = unique(c(xml2::xml_text(all_nodes(doc, "t")), xml2::xml_text(all_nodes(doc, "v"))))
  )
}

grouping_of <- function(kinds) {
  vapply(kinds, function(k) xml2::xml_find_chr(k, "string(*[local-name()='grouping']/@val)"), "")
}

# values, categories, name (references); fills; label and its place.
read_series <- function(ser, kind, book) {
  ref <- function(names) {
    path <- paste0("*[", paste0("local-name()='", names, "'", collapse = " or "), "]//*[local-name()='f']")
    xml2::xml_text(xml2::xml_find_all(ser, path))
  }
  literal <- xml2::xml_find_lgl(ser, "boolean(*[local-name()='val' or local-name()='yVal']/*[local-name()='numLit'])")
  points <- xml2::xml_find_all(ser, "*[local-name()='dPt']")
  fill_of <- function(node) {
    drawing_color(xml2::xml_find_first(node, "*[local-name()='spPr']/*[local-name()='solidFill']/*"), book)
  }
  none <- xml2::xml_find_lgl(ser, "boolean(*[local-name()='spPr']/*[local-name()='noFill'])")
  list(
    values = ref(c("val", "yVal")), categories = ref(c("cat", "xVal")), name = ref("tx"), literal = literal,
    fills = c(if (!none) fill_of(ser), vapply(points, fill_of, "")),
    labels = series_labels(ser, kind, book)
  )
}

# The colour of the labels that stand on a series' own fill; none elsewhere.
series_labels <- function(ser, kind, book) {
  labels <- xml2::xml_find_first(ser, "*[local-name()='dLbls']")
  if (inherits(labels, "xml_missing")) labels <- xml2::xml_find_first(kind, "*[local-name()='dLbls']")
  shown <- !inherits(labels, "xml_missing") && xml2::xml_find_lgl(labels, paste0(
    "boolean(*[starts-with(local-name(),'show')][@val='1' or @val='true']",
    "[local-name()!='showLegendKey' and local-name()!='showLeaderLines'])"
  ))
  if (!shown || !xml2::xml_name(kind) %in% c("barChart", "bar3DChart", "areaChart", "pieChart", "doughnutChart")) {
    return(NULL)
  }
  place <- xml2::xml_find_chr(labels, "string(*[local-name()='dLblPos']/@val)")
  stacked <- grouping_of(list(kind)) %in% c("stacked", "percentStacked")
  if (!nzchar(place)) place <- if (stacked || xml2::xml_name(kind) != "barChart") "ctr" else "outEnd"
  if (!place %in% c("ctr", "inEnd", "inBase")) {
    return(NULL)
  }
  color <- drawing_color(xml2::xml_find_first(labels, "*[local-name()='txPr']//*[local-name()='solidFill']/*"), book)
  if (is.na(color)) "#000000" else color
}

# A colour of DrawingML, with the changes of lightness that Office makes.
drawing_color <- function(node, book) {
  if (inherits(node, "xml_missing") || length(node) == 0L) {
    return(NA_character_)
  }
  value <- xml2::xml_attr(node, "val")
  base <- switch(xml2::xml_name(node),
    srgbClr = paste0("#", value),
    sysClr = paste0("#", xml2::xml_attr(node, "lastClr")),
    schemeClr = unname(book$styles$theme[sub("tx", "dk", sub("bg", "lt", value))]),
    NA_character_
  )
  if (is.na(base) || !grepl("^#[0-9A-Fa-f]{6}$", base)) {
    return(NA_character_)
  }
  change <- function(name, default) {
    found <- xml2::xml_find_num(node, paste0("number(*[local-name()='", name, "']/@val)"))
    if (is.nan(found)) default else found / 1e5
  }
  hsl <- to_hsl(base)
  light <- min(1, max(0, hsl[3L] * change("lumMod", 1) + change("lumOff", 0)))
  toupper(from_hsl(hsl[1L], hsl[2L], light))
}
