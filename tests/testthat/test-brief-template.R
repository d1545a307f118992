# The R Markdown template and the text of a brief say what the workbook says.

test_that("the text of a brief is its title, status, findings and table", {
  brief <- shipped_brief("FJI")$brief
  text <- cap_brief_text(brief)
  expect_s3_class(text, "knit_asis")
  lines <- strsplit(text, "\n")[[1]]
  expect_identical(lines[1], paste("#", brief$title))
  expect_match(lines[3], "^[*]Status: final v1[.]0 .* not a publication of the ITU[*]$")
  plain <- gsub("&#39;", "'", text, fixed = TRUE)
  for (sentence in cap_findings(brief)$text) expect_match(plain, paste("-", sentence), fixed = TRUE)
  # every cell of the first table, as shown
  table <- read_table(shipped_brief("FJI")$path, "tbl_pillars")
  rows <- utils::tail(lines[startsWith(lines, "| ")], nrow(table))
  cells <- lapply(strsplit(rows, " *[|] *"), `[`, -1)
  expect_identical(vapply(cells, `[`, "", 1), table[[1]])
  expect_identical(vapply(cells, `[`, "", 2), sprintf("%.1f", round_half_up(table[[2]], 1)))
  expect_identical(vapply(cells, `[`, "", 5), sub("^[+]0.0$", "0.0", sprintf("%+.1f", round_half_up(table[[5]], 1))))
})

test_that("other tables are given by name, and left out where there are none", {
  brief <- with_change("FJI")$brief
  change <- cap_brief_text(brief, "tbl_change", heading = 2)
  expect_match(change, "^### Since the last edition\n\n[|] Level ")
  expect_match(change, "Global Cybersecurity Index | +29.1 | +24.8 |", fixed = TRUE)
  expect_identical(as.character(cap_brief_text(shipped_brief("FJI")$brief, "tbl_change")), "")
  expect_error(cap_brief_text(brief, c("title", "tbl_x")), "tbl_pillars.*tbl_contents", class = "cap_error_input")
  notes <- cap_brief_text(brief, "tbl_notes")
  expect_match(notes, "designations employed do not imply any opinion", fixed = TRUE)
  expect_match(notes, "^## Notes\n\n- [*][*]&#91;note 1&#93;[*][*] ")
  expect_match(cap_brief_text(brief, "alt"), "^Bar chart of the scores of Fiji")
})

test_that("Markdown in a name stays text", {
  names <- data.frame(unit = "FJI", name = "F*ji* [a](b) <i> \"q\" | $x$")
  brief <- cap_brief(gci(2024), "FJI", names = names)
  text <- cap_brief_text(brief, "title", heading = 0)
  expect_no_match(text, "[]*<>|$\"]|\\[")
  file <- withr::local_tempfile(fileext = ".md", lines = paste0("# ", text))
  out <- withr::local_tempfile(fileext = ".txt")
  rmarkdown::pandoc_convert(file, "plain", from = "markdown+tex_math_single_backslash", output = out, options = "--wrap=none")
  expect_identical(trimws(paste(readLines(out, encoding = "UTF-8"), collapse = " ")), brief$plan$properties$title)
})

test_that("what has no text is refused", {
  local_messages()
  brief <- shipped_brief("FJI")$brief
  expect_snapshot(error = TRUE, {
    cap_brief_text(gci(2024))
    cap_brief_text(brief, "summary")
    cap_brief_text(brief, character())
    cap_brief_text(brief, heading = 9)
  })
})

test_that("the plot of a brief draws the figures of its chart", {
  for (scope in c("FJI", "world", "AFR")) {
    made <- shipped_brief(scope)
    plot <- plot(made$brief)
    expect_s3_class(plot, "ggplot")
    chart <- xml_parts(made$path)[["xl/charts/chart1.xml"]]
    cached <- between(chart, "(?<=<c:v>)[^<]*(?=</c:v>)")
    drawn <- plot$data$value
    numbers <- suppressWarnings(as.numeric(cached))
    for (value in drawn) expect_true(any(abs(numbers - value) < 1e-9, na.rm = TRUE), info = paste(scope, value))
    expect_silent(ggplot2::ggplot_build(plot))
  }
  # a group too small to show has no marks
  small <- cap_brief(gci(2024), "KEN", by = data.frame(unit = c("KEN", "UGA"), group = "X"))
  expect_identical(sum(plot(small)$data$mark), 0L)
})

# The template ----------------------------------------------------------------------

drafted <- function(frame = parent.frame()) {
  folder <- withr::local_tempdir(.local_envir = frame)
  rmarkdown::draft(file.path(folder, "brief.Rmd"), "cybercap-country-brief", "cybercap", edit = FALSE)
}

plain_text <- function(file) {
  out <- withr::local_tempfile(fileext = ".txt")
  rmarkdown::pandoc_convert(file, "plain", output = out, options = "--wrap=none")
  paste(readLines(out, encoding = "UTF-8"), collapse = "\n")
}

test_that("the template says in HTML and Word what the brief says", {
  skip_on_cran() # pandoc, twice
  file <- drafted()
  brief <- with_change("KEN")$brief
  given <- list(unit = "KEN", status = "final")
  for (format in c("html_document", "word_document")) {
    out <- expect_warning(rmarkdown::render(file, format, params = given, envir = new.env(), quiet = TRUE), NA)
    text <- plain_text(out)
    for (sentence in cap_findings(brief)$text) expect_match(text, sentence, fixed = TRUE, info = format)
    expect_match(text, "Status: final v1.0", fixed = TRUE)
    for (table in c("tbl_pillars", "tbl_change")) {
      rows <- read_table(with_change("KEN")$path, table)
      for (label in rows[[1]]) expect_match(text, label, fixed = TRUE, info = paste(format, table))
    }
    expect_match(text, "designations employed do not imply any opinion", fixed = TRUE)
    expect_match(text, "not a publication of the ITU", fixed = TRUE)
    # red lines: no other country, no rank
    others <- setdiff(country_names$en, "Kenya")
    words <- gsub("[^A-Za-z' -]", " ", text)
    hit <- others[vapply(others, function(x) grepl(paste0("\\b\\Q", x, "\\E\\b"), words, perl = TRUE), NA)]
    expect_identical(hit, character(), info = format)
  }
  html <- paste(readLines(file.path(dirname(file), "brief.html"), encoding = "UTF-8", warn = FALSE), collapse = "\n")
  expect_match(html, paste0("<title>", brief$title, "</title>"), fixed = TRUE)
  expect_match(gsub("\\s+", " ", html), "alt=\"Bar chart of the scores of Kenya", fixed = TRUE)
  # a picture within is no text
  word <- suppressWarnings(xml_parts(file.path(dirname(file), "brief.docx")))
  expect_match(word[["word/document.xml"]], "descr=\"Bar chart of the scores of Kenya", fixed = TRUE)
  expect_match(word[["docProps/core.xml"]], paste0("<dc:title>", brief$title, "</dc:title>"), fixed = TRUE)
  # its tables are Word's, with a head that is repeated and the cells of the workbook
  tables <- xml2::xml_find_all(xml2::read_xml(word[["word/document.xml"]]), "//w:tbl")
  expect_length(tables, 3L)
  expect_length(xml2::xml_find_all(tables, ".//w:tblHeader"), 3L)
  change <- read_table(with_change("KEN")$path, "tbl_change")
  cells <- xml2::xml_text(xml2::xml_find_all(tables[[2L]], ".//w:tc"))
  expect_identical(matrix(cells, ncol = ncol(change), byrow = TRUE)[-1L, 1L], change[[1L]])
  expect_true(all(sprintf("%+.1f", round_half_up(change[["Published difference"]], 1)) %in% cells))
})

test_that("columns that the reader fills in are no text", {
  brief <- shipped_brief("FJI")$brief
  header <- strsplit(cap_brief_text(brief, "tbl_steps", heading = 0), "\n")[[1L]][3L]
  expect_match(header, "Answer to reach")
  expect_no_match(header, "Responsible|Cost|Year")
})

test_that("the template takes an index, or answers, and a status", {
  file <- drafted()
  data <- gci_items[gci_items$edition == 2024 & gci_items$iso3 != "TON", ]
  for (given in list(
    list(unit = "FJI", status = "draft", version = "0.2", index = cap_index(cap_answers(data, "gci-2024"))),
    list(unit = "FJI", status = "draft", version = "0.2", data = data)
  )) {
    text <- plain_text(rmarkdown::render(file, "html_document", params = given, envir = new.env(), quiet = TRUE))
    expect_match(text, "[Draft] Fiji: Tier 4 (Evolving), 53.8 of 100", fixed = TRUE)
    expect_match(text, "Status: draft v0.2", fixed = TRUE)
    expect_match(text, "(n = 37)", fixed = TRUE)
    expect_no_match(text, "Since 2020")
  }
})
