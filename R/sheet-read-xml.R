# Nodes of the XML in a workbook's parts.

# Nodes of a local name anywhere, whatever prefix the writer chose.
all_nodes <- function(doc, name) nodes_at(doc, paste0(".//*[local-name()='", name, "']"))

# No nodes where there is no part.
nodes_at <- function(doc, path, ns = character()) {
  if (is.null(doc)) doc <- xml2::read_xml("<none/>")
  xml2::xml_find_all(doc, path, ns)
}

targets_of <- function(book, from, type) {
  rels <- book$rels
  rels$part[rels$from %in% from & rels$type == type & !rels$external]
}

is_false <- function(x) !is.na(x) & x %in% c("0", "false", "off")
