# The linter: our briefs have no fault, and each planted one is found alone.

# Workbooks with one fault --------------------------------------------------------

# A good brief unpacked once a scope and status; each fault gets a copy.
unpacked <- function(scope = "FJI", status = "final", lang = "en") {
  once(paste("unpacked", scope, status, lang), {
    folder <- tempfile("unpacked")
    dir.create(folder)
    out <- cap_brief(gci(2024), scope,
      previous = gci(2020), release = dated(status), lang = lang, path = folder
    )
    utils::unzip(out$path, exdir = file.path(folder, "parts"))
    list(name = basename(out$path), parts = file.path(folder, "parts"))
  })
}

# A store-only archive, written here so that no other program is needed: each
# part as it is, with its checksum.
write_zip <- function(path, folder) {
  files <- list.files(folder, recursive = TRUE, all.files = TRUE)
  out <- file(path, "wb")
  on.exit(close(out))
  int <- function(x, size) writeBin(as.integer(x), raw(), size = size, endian = "little")
  directory <- raw()
  at <- 0
  for (name in files) {
    data <- readBin(file.path(folder, name), "raw", file.size(file.path(folder, name)))
    named <- charToRaw(name)
    common <- c(int(20, 2), int(0x0800, 2), int(0, 2), int(0, 2), int(0x21, 2), crc32(data), int(length(data), 4),
      int(length(data), 4), int(length(named), 2), int(0, 2))
    head <- c(as.raw(c(0x50, 0x4b, 3, 4)), common, named)
    writeBin(c(head, data), out)
    directory <- c(
      directory, as.raw(c(0x50, 0x4b, 1, 2)), int(20, 2), common, int(0, 2), int(0, 2), int(0, 2), int(0, 4), int(at, 4), named
    )
    at <- at + length(head) + length(data)
  }
  n <- length(files)
  end <- c(int(0, 4), int(n, 2), int(n, 2), int(length(directory), 4), int(at, 4), int(0, 2))
  writeBin(c(directory, as.raw(c(0x50, 0x4b, 5, 6)), end), out)
}

# The checksum stands at the end of what gzip makes of the bytes.
crc32 <- function(data) {
  path <- tempfile()
  on.exit(unlink(path))
  out <- gzfile(path, "wb")
  writeBin(data, out)
  close(out)
  packed <- readBin(path, "raw", file.size(path))
  packed[length(packed) - (7:4)]
}

# A copy of the brief with `change` made to its folder of parts.
broken_brief <- function(change, scope = "FJI", status = "final", name = NULL, lang = "en") {
  good <- unpacked(scope, status, lang)
  folder <- withr::local_tempdir(.local_envir = parent.frame())
  file.copy(list.files(good$parts, full.names = TRUE, all.files = TRUE, no.. = TRUE), folder, recursive = TRUE)
  change(folder)
  path <- file.path(withr::local_tempdir(.local_envir = parent.frame(2)), name %||% good$name)
  write_zip(path, folder)
  path
}
`%||%` <- rlang::`%||%`

part_text <- function(folder, part) {
  text <- readChar(file.path(folder, part), file.size(file.path(folder, part)), useBytes = TRUE)
  Encoding(text) <- "UTF-8"
  text
}
put_part <- function(folder, part, text) {
  path <- file.path(folder, part)
  dir.create(dirname(path), showWarnings = FALSE, recursive = TRUE)
  writeBin(charToRaw(enc2utf8(text)), path)
}
# Replaces the first match; a pattern that is not there is a fault of the test.
edit <- function(part, pattern, replacement, all = FALSE) {
  function(folder) {
    text <- part_text(folder, part)
    if (!grepl(pattern, text, perl = TRUE)) stop("no ", pattern, " in ", part)
    put_part(folder, part, (if (all) gsub else sub)(pattern, replacement, text, perl = TRUE))
  }
}
both <- function(...) {
  edits <- list(...)
  function(folder) for (one in edits) one(folder)
}
sheet1 <- "xl/worksheets/sheet1.xml"
sheet2 <- "xl/worksheets/sheet2.xml"
chart1 <- "xl/charts/chart1.xml"
drawing1 <- "xl/drawings/drawing1.xml"
styles <- "xl/styles.xml"
core <- "docProps/core.xml"
workbook <- "xl/workbook.xml"
# An inline cell put into an empty place.
put_cell <- function(part, row, xml) {
  function(folder) {
    text <- part_text(folder, part)
    at <- sprintf("<row r=\"%d\"[^>]*>", row)
    if (grepl(at, text)) {
      put_part(folder, part, sub(paste0("(", at, ".*?)</row>"), paste0("\\1", xml, "</row>"), text, perl = TRUE))
    } else {
      put_part(folder, part, sub("</sheetData>", sprintf("<row r=\"%d\">%s</row></sheetData>", row, xml), text, fixed = TRUE))
    }
  }
}
inline <- function(ref, text) sprintf("<c r=\"%s\" t=\"inlineStr\"><is><t>%s</t></is></c>", ref, text)
# A shared string changed wherever it stands.
say_instead <- function(from, to) edit("xl/sharedStrings.xml", from, to)
relate <- function(part, rel) edit(part, "</Relationships>", paste0(rel, "</Relationships>"))
relation <- function(type, target, mode = "") {
  sprintf(
    "<Relationship Id=\"rIdX\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s\" Target=\"%s\"%s/>",
    type, target, mode
  )
}

faults <- function() {
  list(
    broken = edit("docProps/app.xml", "</Properties>", "</Propertys>"),
    merged = edit(sheet2, "</sheetData>", "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A40:C41\"/></mergeCells>"),
    title = edit(sheet2, "<c r=\"A1\"[^>]*>.*?</c>", ""),
    table_name = edit("xl/tables/table1.xml", "displayName=\"[^\"]*\"", "displayName=\"Tableau1\""),
    table_name = put_cell(sheet2, 60, paste0(
      inline("A60", "left"), "<c r=\"B60\"><v>1</v></c></row><row r=\"61\">", inline("A61", "right"), "<c r=\"B61\"><v>2</v></c>"
    )),
    header = edit(sheet2, "<c r=\"B4\"([^>]*)>.*?</c>", "<c r=\"B4\"\\1></c>"),
    header = edit(sheet2, "<c r=\"B4\"[^>]*>.*?</c>", inline("B4", "Changed")),
    number_as_text = edit(sheet2, "<c r=\"F6\"[^>]*>.*?</c>", inline("F6", "1.234")),
    injection = edit(sheet2, "<c r=\"C6\"[^>]*>.*?</c>", inline("C6", "=cmd|&apos;/c calc&apos;!A1")),
    error = edit(sheet2, "<c r=\"F6\"([^>]*)>.*?</c>", "<c r=\"F6\"\\1 t=\"e\"><v>#REF!</v></c>"),
    formula = edit(sheet2, "<c r=\"F6\"([^>]*)><v>", "<c r=\"F6\"\\1><f>1+1</f><v>"),
    chart_title = edit(chart1, "(?s)<c:title>.*?</c:title>", ""),
    alt_text = edit(drawing1, "descr=\"[^\"]*\"", ""),
    chart_range = edit(chart1, "(<c:val>.*?<c:f>)[^<]*(</c:f>)", "\\1Gone!$A$1:$A$5\\2"),
    chart_range = edit(chart1, "(<c:val>.*?<c:f>)[^<]*(</c:f>)", "\\1Brief!$K$90:$K$95\\2"),
    chart_kind = edit(chart1, "c:barChart>", "c:pieChart>", all = TRUE),
    icons = edit(sheet2, "<pageMargins", paste0(
      "<conditionalFormatting sqref=\"F5:F24\"><cfRule type=\"iconSet\" priority=\"9\"><iconSet iconSet=\"3Arrows\">",
      "<cfvo type=\"percent\" val=\"0\"/><cfvo type=\"percent\" val=\"33\"/><cfvo type=\"percent\" val=\"67\"/>",
      "</iconSet></cfRule></conditionalFormatting><pageMargins"
    )),
    contrast = edit(styles, "<color rgb=\"FF12436D\"/>", "<color rgb=\"FFA0A0A0\"/>"),
    contrast = edit(styles, "<color rgb=\"FF12436D\"/>", "<color theme=\"0\" tint=\"-0.15\"/>"),
    contrast = edit(styles, "<color rgb=\"FF12436D\"/>", "<color indexed=\"22\"/>"),
    contrast = edit(chart1, "(<c:dLbls>.*?<a:srgbClr val=\")FFFFFF", "\\1555555"),
    contrast = edit(sheet2, "<pageMargins", paste0(
      "<conditionalFormatting sqref=\"F5:F24\"><cfRule type=\"colorScale\" priority=\"9\"><colorScale><cfvo type=\"min\"/>",
      "<cfvo type=\"max\"/><color rgb=\"FFFFFFFF\"/><color rgb=\"FF12436D\"/></colorScale></cfRule></conditionalFormatting><pageMargins"
    )),
    red_green = edit(styles, "<fgColor rgb=\"FFE8F0F7\"/>", "<fgColor rgb=\"FFC6EFCE\"/>"),
    link = edit("xl/worksheets/sheet8.xml", "location=\"[^\"]*\"", "location=\"&apos;No such sheet&apos;!A1\""),
    link = both(
      edit("xl/worksheets/sheet8.xml", "location=\"[^\"]*\"", "r:id=\"rIdX\""),
      relate("xl/worksheets/_rels/sheet8.xml.rels", relation("hyperlink", "javascript:alert(1)", " TargetMode=\"External\""))
    ),
    link = edit("xl/worksheets/sheet8.xml", "location=\"[^\"]*\"", "location=\"Brief!A9000\""),
    relationship = relate("xl/worksheets/_rels/sheet1.xml.rels", relation("image", "../media/image9.png")),
    extra = function(folder) put_part(folder, "xl/vbaProject.bin", "macro"),
    extra = relate("xl/_rels/workbook.xml.rels", relation("externalLinkPath", "file:///c:/other.xlsx", " TargetMode=\"External\"")),
    name = edit(workbook, "<definedNames>", "<definedNames><definedName name=\"lost\">Brief!#REF!</definedName>"),
    sheet_name = edit(workbook, "name=\"Contents\"", "name=\"Contents of this workbook, by sheet\""),
    hidden = edit(workbook, "(name=\"Contents\" sheetId=\"[0-9]+\")", "\\1 state=\"veryHidden\""),
    hidden = edit(sheet2, "<row r=\"7\"", "<row r=\"7\" hidden=\"1\""),
    hidden = edit(sheet2, "<col min=\"3\" max=\"3\"", "<col min=\"3\" max=\"3\" hidden=\"1\""),
    cursor = edit(sheet2, "<selection pane=\"bottomLeft\"[^>]*/>", "<selection pane=\"bottomLeft\" activeCell=\"D9\" sqref=\"D9\"/>"),
    cursor = edit(workbook, "<workbookView ", "<workbookView activeTab=\"2\" "),
    print = edit(sheet2, " fitToHeight=\"0\"", " fitToWidth=\"3\" fitToHeight=\"0\""),
    print = edit(workbook, "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"1\">[^<]*</definedName>", ""),
    size = function(folder) put_part(folder, "xl/media/big.txt", strrep("0123456789", 1.1e5)),
    property = edit(core, "<dc:subject>[^<]*</dc:subject>", ""),
    status = edit(core, "<dc:title>", "<dc:title>[Draft] "),
    status = say_instead("Status: final", "Status: draft"),
    status = edit("xl/worksheets/sheet3.xml", "&amp;P", "DRAFT &amp;P"),
    number = say_instead("15[.]7 of 20 points", "51.7 of 20 points"),
    number = say_instead("53[.]8 of 100, GCI", "58.3 of 100, GCI"),
    unit = edit(sheet2, "<c r=\"C6\"[^>]*>.*?</c>", inline("C6", "As in Papua New Guinea")),
    unit = edit(sheet2, "<c r=\"C6\"[^>]*>.*?</c>", inline("C6", "TON")),
    unit = edit(chart1, "(<c:cat>.*?<c:v>)[^<]*", "\\1Tonga"),
    unit = edit(core, "<cp:category>|</cp:coreProperties>", "<cp:category>Tchad</cp:category></cp:coreProperties>"),
    unit = function(folder) put_part(folder, "customXml/item1.xml", "<a><b>\u0422\u043e\u043d\u0433\u0430</b></a>")
  )
}

test_that("each planted fault is found, and only it", {
  planted <- faults()
  for (k in seq_along(planted)) {
    found <- as.data.frame(cap_check_brief(broken_brief(planted[[k]])))
    expect_identical(unique(found$rule), names(planted)[k], info = paste(k, names(planted)[k]))
    expect_true(all(nzchar(found$what) & nzchar(found$advice)))
  }
  rules <- names(asNamespace("cybercap")$lint_rules())
  # two need a workbook of another kind, below
  expect_setequal(names(planted), setdiff(rules, c("uncached", "status_place")))
})

test_that("a formula without a value is found in any workbook, formulas alone only in a brief", {
  formula <- edit(sheet2, "<c r=\"F6\"([^>]*)><v>[^<]*</v>", "<c r=\"F6\"\\1><f>1+1</f>")
  expect_setequal(as.data.frame(cap_check_brief(broken_brief(formula)))$rule, c("uncached", "formula"))
  foreign <- both(formula, edit(core, "<cp:keywords>[^<]*</cp:keywords>", ""))
  expect_identical(as.data.frame(cap_check_brief(broken_brief(foreign)))$rule, "uncached")
})

test_that("a draft says so in all its places", {
  check <- function(...) as.data.frame(cap_check_brief(broken_brief(..., status = "draft")))
  expect_identical(nrow(check(identity)), 0L)
  expect_match(unpacked(status = "draft")$name, "-draft-")
  places <- list(
    name = check(identity, name = "gci-2024-FJI.xlsx"),
    title = check(say_instead("(<t>|<t [^>]*>)\\[Draft\\] (Fiji: Tier)", "\\1\\2")),
    line = check(edit(sheet1, "<c r=\"A2\"[^>]*>.*?</c>", inline("A2", "Source: ITU"))),
    property = check(edit(core, "<cp:contentStatus>[^<]*", "<cp:contentStatus>v1.0"))
  )
  for (place in names(places)) {
    expect_identical(unique(places[[place]]$rule), "status_place", info = place)
    expect_identical(nrow(places[[place]]), 1L, info = place)
  }
  # a manifest beside the file is one of them
  path <- broken_brief(identity, status = "draft")
  manifest <- file.path(dirname(path), "manifest.csv")
  writeLines(c("file,status", paste0(basename(path), ",draft")), manifest)
  expect_identical(nrow(as.data.frame(cap_check_brief(path))), 0L)
  for (line in c(",final", ",")) {
    writeLines(c("file,status", paste0(basename(path), line)), manifest)
    expect_identical(as.data.frame(cap_check_brief(path))$rule, "status_place")
  }
  # and another status in one of them is found
  expect_true("status" %in% check(say_instead("Status: draft", "Status: final"))$rule)
})

test_that("verification and embargo are statuses too", {
  for (status in c("verification", "embargoed")) {
    folder <- withr::local_tempdir()
    release <- dated(status, embargo_until = if (status == "embargoed") "2024-10-01")
    brief <- cap_brief(gci(2024), "KEN", release = release, path = folder)
    expect_identical(nrow(as.data.frame(cap_check_brief(brief$path))), 0L, info = status)
    plain <- file.path(folder, "plain.xlsx")
    file.copy(brief$path, plain)
    expect_identical(as.data.frame(cap_check_brief(plain))$rule, "status_place", info = status)
  }
})

# Ours ----------------------------------------------------------------------------

test_that("briefs of the world, the regions and every country have no finding", {
  skip_on_cran() # two hundred workbooks
  folder <- withr::local_tempdir()
  for (year in c(2024, 2020)) {
    # all countries with a change since the edition before, some without
    units <- if (year == 2024) gci(year)$unit else gci(year)$unit[seq(1, 194, 10)]
    for (scope in c("world", unique(countries$itu_region), units)) {
      path <- file.path(folder, "brief.xlsx")
      cap_brief(gci(year), scope,
        previous = if (year == 2024) gci(2020), release = dated("final"), path = path, overwrite = TRUE
      )
      found <- as.data.frame(cap_check_brief(path))
      expect_identical(found$what, character(), info = paste(year, scope))
    }
  }
})

# Names of units -----------------------------------------------------------------------

test_that("a name within a longer one, a region or an address is no country", {
  check <- function(scope, text) {
    change <- edit(sheet2, "<c r=\"C6\"[^>]*>.*?</c>", inline("C6", text))
    as.data.frame(cap_check_brief(broken_brief(change, scope)))$rule
  }
  fine <- list(
    PNG = c("Papua New Guinea", "Papouasie-Nouvelle-Guin\u00e9e"), NGA = "Nigeria", ROU = "Romania", SOM = "Somalia",
    GNB = "Guinea-Bissau", COD = "Democratic Republic of the Congo", DOM = "Dominican Republic",
    BOL = "Bolivia, Bolivia (Plurinational State of), BOL",
    FJI = c(
      "Micronesia and Melanesia", "Australia and New Zealand", "Latin America and the Caribbean", "write to info@georgia.org",
      "https://example.org/Chad", "the Gulf of Guinea", "Nigerian, Indians, chad", "TLS (NIC)", "Western Africa", "AND so on"
    )
  )
  for (scope in names(fine)) for (text in fine[[scope]]) expect_identical(check(scope, text), character(), info = text)
  found <- c(
    "Georgia", "of Niger.", "(Chad)", "l\u2019Inde", "KEN", "KEN, UGA", "KEN: 98.6", "see (KEN)", "GEORGIA", "Iran",
    "C\u00f4te d&apos;Ivoire",
    "\u5370\u5ea6\u7684", "\u0648\u063a\u0627\u0646\u0627", "\u041a\u0435\u043d\u0438\u044f", "Guinea-Bissau", "Mali/Niger"
  )
  for (text in found) expect_identical(check("FJI", text), "unit", info = text)
  # a group's file may name its members
  expect_identical(check("ASP", "Georgia"), character())
})

test_that("names of the user's own are looked for when given", {
  change <- edit(sheet2, "<c r=\"C6\"[^>]*>.*?</c>", inline("C6", "like Ruritania"))
  path <- broken_brief(change)
  expect_identical(nrow(as.data.frame(cap_check_brief(path))), 0L)
  own <- data.frame(unit = c("RUR", "FJI"), name = c("Ruritania", "Viti"))
  expect_identical(as.data.frame(cap_check_brief(path, names = own))$rule, "unit")
})

# Workbooks of others -------------------------------------------------------------------

# A workbook as another program may write it: a prefix on every element, absolute
# targets, strings in the cells, no references on them, no properties.
plain_book <- function(rows, name = "Data", folder = tempfile("plain")) {
  parts <- file.path(folder, "parts")
  cell <- function(x) if (is.na(x)) "<x:c/>" else if (is.numeric(x)) paste0("<x:c><x:v>", x, "</x:v></x:c>") else
    paste0("<x:c t=\"inlineStr\"><x:is><x:t>", x, "</x:t></x:is></x:c>")
  data <- vapply(rows, function(row) paste0("<x:row>", paste(vapply(row, cell, ""), collapse = ""), "</x:row>"), "")
  main <- "xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\" xmlns:r=\"http://purl.oclc.org/ooxml/officeDocument/relationships\""
  rels <- "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
  type <- "http://purl.oclc.org/ooxml/officeDocument/relationships/"
  put_part(parts, "_rels/.rels", paste0(
    rels, "<Relationship Id=\"a\" Type=\"", type, "officeDocument\" Target=\"/book/main.xml\"/></Relationships>"
  ))
  put_part(parts, "book/main.xml", paste0(
    "<x:workbook ", main, "><x:sheets><x:sheet name=\"", name, "\" sheetId=\"7\" r:id=\"b\"/></x:sheets></x:workbook>"
  ))
  put_part(parts, "book/_rels/main.xml.rels", paste0(
    rels, "<Relationship Id=\"b\" Type=\"", type, "worksheet\" Target=\"/book/a%20sheet.xml\"/></Relationships>"
  ))
  put_part(parts, "book/a sheet.xml", paste0(
    "<x:worksheet ", main, "><x:sheetData>", paste(data, collapse = ""), "</x:sheetData></x:worksheet>"
  ))
  path <- file.path(folder, "book.xlsx")
  write_zip(path, parts)
  path
}

test_that("a workbook of another's making is read whatever its form", {
  path <- plain_book(list(
    "Scores", NA, list("The mean is 51.5."), list("\u2022 The sum is 1.030,5."), NA,
    list("Name", "Score", "Score"), list("a", 1000.5, 1), list("b", 30, 2)
  ))
  found <- as.data.frame(cap_check_brief(path))
  expect_identical(sort(found$rule), sort(c(
    "table_name", "header", "property", "property", "property", "property", "print", "print", "number", "number"
  )))
  expect_identical(found$cell[found$rule == "table_name"], "A6")
  expect_identical(found$cell[found$rule == "header"], "C6")
  expect_identical(found$cell[found$rule == "number"], c("A3", "A4"))
  expect_identical(unique(found$sheet[found$rule %in% c("header", "print")]), "Data")
  # the same numbers in a table are no finding, in either notation
  path <- plain_book(list(
    "Scores", NA, list("The mean is 51.5."), list("\u2022 The sum is 1.030,5."), NA,
    list("Name", "Score"), list("a", 51.46), list("b", 1030.49)
  ))
  expect_false("number" %in% as.data.frame(cap_check_brief(path))$rule)
})

test_that("a country's file of another's making is known by its title", {
  book <- function(title) plain_book(list(list(title), NA, list("a", "b"), list("Chad", 2), list("c", 3)))
  rules <- function(title) as.data.frame(cap_check_brief(book(title)))$rule
  expect_true("unit" %in% rules("Fidji: scores"))
  expect_false("unit" %in% rules("Chad: scores"))
  expect_false("unit" %in% rules("Scores"))
})

test_that("numbers are read with the marks of the file's language", {
  ns <- asNamespace("cybercap")
  french <- list(c(",", "\u00a0"))
  shown <- list(values = c(1234.56, -3.25, 0.449), texts = 2020)
  missing <- function(text, readings = french) ns$numbers_without_cell(text, readings, shown)
  expect_identical(missing("1\u202f234,6 et -3,3 en 2020, +0,4"), character())
  expect_identical(missing("3,3 points de moins"), character())
  expect_identical(missing("+3,3 et 0,5"), c("+3,3", "0,5"))
  # another language's mark is a fault of its own
  expect_identical(missing("1,234.6"), "1,234.6")
  expect_identical(missing("1,234.6 and -3.3", list(c(".", ","))), character())
  # no numbers: codes, versions, dates, ranges, standards
  expect_identical(missing("CS2, v1.0, T1, 2024-09-12, 1-2, ISO/IEC 27001:2022, IPv6, 5e", list(c(".", ","))), character())
})

# Broken files ------------------------------------------------------------------------------

test_that("what is no workbook is a classed error", {
  local_messages()
  folder <- withr::local_tempdir()
  withr::local_dir(folder)
  writeLines("no zip", "text.xlsx")
  writeBin(raw(), "empty.xlsx")
  good <- readBin(shipped_brief("FJI")$path, "raw", 1e6)
  writeBin(good[1:2000], "cut.xlsx")
  dir.create("other")
  put_part("other", "_rels/.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"/>")
  write_zip("other.xlsx", "other")
  for (file in c("text.xlsx", "empty.xlsx", "cut.xlsx", "other.xlsx", "gone.xlsx")) {
    expect_error(cap_check_brief(file), class = "cap_error_io")
  }
  file.copy(shipped_brief("FJI")$path, "good.xlsx")
  expect_snapshot(error = TRUE, {
    cap_check_brief("gone.xlsx")
    cap_check_brief("text.xlsx")
    cap_check_brief("other.xlsx")
    cap_check_brief("good.xlsx", rules = c("merged", "nonsense"))
    cap_check_brief("good.xlsx", "merged")
    cap_check_brief("good.xlsx", names = data.frame(unit = "A"))
    cap_check_brief(1)
  })
})

test_that("bytes that are spoilt give an error of ours or a finding, never another", {
  good <- readBin(shipped_brief("FJI")$path, "raw", 1e6)
  path <- withr::local_tempfile(fileext = ".xlsx")
  outcomes <- withr::with_seed(1, vapply(1:40, function(i) {
    bad <- good
    at <- sample(length(bad), 20)
    bad[at] <- as.raw(sample(0:255, 20, replace = TRUE))
    writeBin(bad, path)
    tryCatch(
      {
        found <- cap_check_brief(path)
        if (nrow(as.data.frame(found)) > 0) "found" else "none"
      },
      cap_error_io = function(e) "refused"
    )
  }, ""))
  expect_true(all(outcomes %in% c("found", "refused", "none")))
  expect_gt(sum(outcomes != "none"), 20)
  # every part cut in half in turn
  for (part in list.files(unpacked()$parts, recursive = TRUE, all.files = TRUE)) {
    cut <- broken_brief(function(folder) {
      text <- part_text(folder, part)
      put_part(folder, part, substr(text, 1, nchar(text) %/% 2))
    })
    found <- tryCatch(as.data.frame(cap_check_brief(cut))$rule, cap_error_io = function(e) "refused")
    expect_true(any(c("broken", "refused") %in% found), info = part)
  }
})

# The result ----------------------------------------------------------------------------------

test_that("findings are printed, or that there are none", {
  local_messages()
  withr::local_dir(withr::local_tempdir())
  file.copy(shipped_brief("FJI")$path, "good.xlsx")
  file.copy(broken_brief(faults()$merged), "merged.xlsx")
  expect_snapshot({
    cap_check_brief("good.xlsx")
    cap_check_brief("merged.xlsx")
    cap_check_brief("merged.xlsx", rules = "title")
    as.data.frame(cap_check_brief("merged.xlsx"))
  })
  found <- cap_check_brief("merged.xlsx")
  expect_s3_class(found, c("cap_check", "cap_result"), exact = TRUE)
  expect_identical(names(as.data.frame(found)), c("rule", "severity", "sheet", "cell", "what", "advice"))
  expect_s3_class(tibble::as_tibble(found), "tbl_df")
  expect_identical(nrow(as.data.frame(cap_check_brief("good.xlsx"))), 0L)
})

test_that("contrast is that of WCAG, and text on a tier stands out", {
  ns <- asNamespace("cybercap")
  expect_equal(ns$contrast("#000000", "#FFFFFF"), 21)
  expect_equal(ns$contrast("#777777", "#FFFFFF"), 4.48, tolerance = 0.002)
  expect_equal(ns$contrast("#0000FF", "#FFFFFF"), 8.59, tolerance = 0.002)
  for (n in 2:9) {
    fills <- ns$tier_colours(n)
    expect_true(all(ns$contrast(ns$text_on(fills), fills) >= 4.5))
  }
})

test_that("tints are those of spreadsheets", {
  ns <- asNamespace("cybercap")
  # Office's own palette: accent 1 of 2007-2010 lighter by 80, 60 and 40 %, darker by 25 and 50 %
  accent <- "#4F81BD"
  expect_identical(
    ns$tinted(accent, 0.7999816888943144), "#DCE6F2"
  )
  close <- function(a, b) max(abs(grDevices::col2rgb(a) - grDevices::col2rgb(b))) <= 2
  expect_true(close(ns$tinted(accent, 0.5999938962981048), "#B8CCE4"))
  expect_true(close(ns$tinted(accent, -0.249977111117893), "#366092"))
  expect_true(close(ns$tinted("#FFFFFF", -0.15), "#D9D9D9"))
  expect_true(close(ns$tinted("#000000", 0.5), "#808080"))
})
