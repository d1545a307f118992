demo_plan <- function(name = "Summary", created = as.POSIXct("2024-09-12", tz = "UTC")) {
  head <- sheet_format(bold = TRUE, color = "#FFFFFF", background = cap_palette[["blue"]], wrap = TRUE)
  score <- sheet_format("0.0")
  pillars <- c("Legal", "Technical", "Organizational", "Capacity development", "Cooperation")
  value <- c(14.25, 8.125, NA, 11.9, 13.2)
  median <- c(15.1, 10.4, 7.9, 9.8, 12)
  rows <- 5:9
  plan(
    list(
      sheet(name, freeze = c(4, 0), repeat_rows = c(4, 4), print_area = c(1, 1, 30, 6)),
      sheet("It's notes", paper = "Letter", landscape = TRUE, protect = TRUE)
    ),
    list(
      text_block(name, 1, "Fiji: Tier 4 (Evolving), 53.8 of 100", sheet_format(bold = TRUE, size = 14)),
      text_block(name, 2, "Status: draft"),
      block(name, 4, 1, list(
        column(pillars, "Pillar"),
        column(value, "Score", score),
        column(median, "Region median", sheet_format("0.0")),
        column(value - median, "Gap", sheet_format("+0.0;-0.0;0.0"), formula = "B{r}-C{r}"),
        column(1:5, "Number"),
        column(rep("Notes", 5), "Link", urls = rep(link_to("It's notes"), 5))
      ), header_format = head, table = "tbl_pillars"),
      text_block("It's notes", 1, c("=1+1", "<b>&\"'", "a\nb", "\u4e2d\u6587", "_x0041_", NA))
    ),
    charts = list(bars_with_marks(
      chart_frame(name, 11, 14, 4, "Score, points of 20", "Bars of five pillars; in A4:C9"),
      cells(name, rows, 1), cells(name, rows, 2), cells(name, rows, 3),
      "Fiji", "Region median", axis(limits = c(0, 20), major_unit = 5, num_format = "0")
    )),
    conditionals = list(
      data_bar(cells(name, rows, 2), 0, 20),
      cell_rule(cells(name, rows, 4), "less", 0, sheet_format(bold = TRUE))
    ),
    validations = list(
      valid_list(cells("It's notes", 10:12, 1), cells(name, rows, 1)),
      valid_number(cells("It's notes", 10:12, 2), 0, 1, error_message = "From 0 to 1")
    ),
    names = list(scores = cells(name, rows, 2)),
    properties = list(title = "Fiji", created = created)
  )
}

write_demo <- function(plan = demo_plan()) {
  path <- withr::local_tempfile(fileext = ".xlsx", .local_envir = parent.frame())
  write_plan(plan, path)
  path
}

part <- function(path, name) {
  folder <- withr::local_tempdir()
  file <- utils::unzip(path, name, exdir = folder)
  readChar(file, file.size(file), useBytes = TRUE)
}

test_that("a plan prints its sheets and blocks", {
  expect_snapshot(demo_plan())
})

test_that("equal formats become one, whatever the order they were given in", {
  a <- sheet_format("0.0", bold = TRUE)
  b <- sheet_format(bold = TRUE, num_format = "0.0", italic = FALSE)
  c <- sheet_format("0.0")
  p <- plan(list(sheet("S")), list(
    block("S", 1, 1, list(column(1:2, format = a), column(3:4, format = b), column(5:6, format = c))),
    block("S", 5, 1, list(column(1:3, format = list(c, a), which = c(1, 2, 1))))
  ))
  expect_length(p$formats, 2L)
  ids <- lapply(p$blocks[[1]]$columns, `[[`, "format_id")
  expect_identical(ids, list(1L, 1L, 2L))
  expect_identical(p$blocks[[2]]$columns[[1]]$format_id, c(2L, 1L, 2L))
  expect_identical(sheet_format_with(c, bold = TRUE)$bold, TRUE)
})

test_that("columns are as wide as their longest text, East Asian characters twice", {
  width <- function(...) plan(list(sheet("S")), list(block("S", 1, 1, list(...))))$sheets[[1]]$width
  expect_equal(width(column("abcdefghijkl")), 13.5)
  expect_equal(width(column(strrep("\u4e2d", 6))), 13.5)
  expect_equal(width(column("x", header = "abcdefghijkl")), 13.5)
  expect_equal(width(column(strrep("x", 500))), 60)
  expect_equal(width(column(c(1, -123456.75), format = sheet_format("0.00"))), 11.5)
  expect_equal(width(column("x", width = 30)), 30)
  given <- plan(list(sheet("S", widths = c(NA, 5))), list(block("S", 1, 1, list(column("x"), column("y")))))
  expect_equal(given$sheets[[1]]$width, c(8, 5))
  # a title that runs over the columns does not widen the first
  title <- plan(list(sheet("S")), list(text_block("S", 1, strrep("x", 50))))
  expect_true(all(is.na(title$sheets[[1]]$width)))
})

test_that("lines of a header keep apart, and no text nearly fits on a line", {
  wrap <- sheet_format(wrap = TRUE)
  fitted <- function(..., width = 12) {
    columns <- lapply(list(...), function(x) column(x$values, x$header, wrap, width = width))
    plan(list(sheet("S")), list(block("S", 1, 1, columns, wrap)))$sheets[[1]]
  }
  heads <- c(
    "Lower limit, like for like, 95 %", "Score, median", "Score, 5 % quantile", "Countries in 2024", "wwwwwwwwww"
  )
  for (head in heads) {
    for (start in 8:20) {
      width <- fitted(list(values = "x", header = head), width = start)$width
      expect_gte(width, start)
      # in programs that set text narrower or columns wider, too
      for (room in width * c(1, 1.04, 1.1)) expect_lte(max(line_widths(head, room)), room - 1)
    }
  }
  labels <- c(
    "National/government incident response team", "Sector-specific incident response teams", strrep("long text ", 40)
  )
  for (start in 20:60) {
    width <- fitted(list(values = labels, header = "x"), width = start)$width
    expect_gte(width, start)
    expect_lte(width, SLACK^2 * start + 0.1)
    if (SLACK * width < SLACK^2 * start) {
      expect_identical(line_count(labels[1:2], width) > 1, line_count(labels[1:2], SLACK * width) > 1)
    }
  }
})

test_that("widths of text are those of the type: narrow letters, wide ones, other scripts", {
  expect_equal(set_width(c("0", "00", "")), 1.04 * c(1, 2, 0))
  expect_lt(set_width("iiii"), set_width("nnnn"))
  expect_lt(set_width("nnnn"), set_width("WWWW"))
  expect_equal(set_width("\u4e2d"), 1.04 * 2.2)
  expect_identical(length(line_widths("a\nb\n\nc", 10)), 4L)
  # no word is lost, and no line is longer than its room
  text <- "one two-three four five sixseveneightnineten"
  for (room in 2:40) {
    widths <- line_widths(text, room)
    expect_lte(max(widths), room + 1e-9)
    expect_gte(sum(widths) + length(widths) * set_width(" "), set_width(text))
  }
})

test_that("what a page holds is not cut, and what is longer starts where some rows fit", {
  starts <- function(keep, ..., last = max(unlist(keep)), heights = NULL) {
    s <- sheet("S", print_area = c(1, 1, last, 6), repeat_rows = c(4, 4), keep = keep, heights = heights, ...)
    plan(list(s), list(text_block("S", 1, "x")))$sheets[[1]]$page_breaks
  }
  # 31 rows of 15 points stand on a lying page, 48 on an upright one
  expect_identical(starts(list(c(5, 20), c(22, 30)), landscape = TRUE), integer())
  expect_identical(starts(list(c(5, 20), c(22, 40)), landscape = TRUE), 22)
  expect_identical(starts(list(c(5, 20), c(22, 40))), integer())
  expect_identical(starts(list(c(5, 20), c(22, 30)), landscape = TRUE, heights = c("10" = 100)), 22)
  expect_identical(starts(list(c(5, 20), c(22, 400)), landscape = TRUE), integer())
  expect_identical(starts(list(c(5, 20), c(29, 400)), landscape = TRUE), 29)
  # after a long one the room that is left counts
  expect_identical(starts(list(c(5, 59), c(61, 85)), landscape = TRUE), 61)
})

test_that("wrapped text gets the height that it needs", {
  wrap <- sheet_format(wrap = TRUE)
  p <- plan(
    list(sheet("S", widths = 22, heights = c("3" = 50))),
    list(text_block("S", 1, c("short", strrep("word ", 12), strrep("word ", 12)), wrap))
  )
  expect_identical(p$sheets[[1]]$height, c("2" = 45, "3" = 50))
})

test_that("values come back as they were written", {
  skip_if_not_installed("readxl")
  path <- write_demo()
  expect_identical(readxl::excel_sheets(path), c("Summary", "It's notes"))
  back <- as.data.frame(readxl::read_excel(path, "Summary", range = "A4:F9", na = "[x]"))
  expect_named(back, c("Pillar", "Score", "Region median", "Gap", "Number", "Link"))
  expect_identical(back$Score, c(14.25, 8.125, NA, 11.9, 13.2))
  expect_equal(back$Gap, back$Score - back$`Region median`, tolerance = 1e-12)
  expect_identical(back$Number, as.numeric(1:5))
  notes <- readxl::read_excel(path, "It's notes", range = "A1:A6", col_names = "x", trim_ws = FALSE)
  expect_identical(notes$x, c("=1+1", "<b>&\"'", "a\nb", "\u4e2d\u6587", "_x0041_", "[x]"))
})

test_that("the parts of the file say what the plan says", {
  path <- write_demo()
  sheet1 <- part(path, "xl/worksheets/sheet1.xml")
  expect_match(sheet1, "<f>B5-C5</f>", fixed = TRUE)
  expect_match(sheet1, "t=\"str\"><f>B7-C7</f><v>[x]</v>", fixed = TRUE)
  expect_match(sheet1, "Page &amp;P of &amp;N", fixed = TRUE)
  expect_match(sheet1, "BFD4E6", fixed = TRUE)
  expect_match(part(path, "xl/worksheets/sheet2.xml"), "sheetProtection", fixed = TRUE)
  chart <- part(path, "xl/charts/chart1.xml")
  expect_match(chart, "<c:v>14.25</c:v>", fixed = TRUE)
  expect_match(chart, "<c:v>Technical</c:v>", fixed = TRUE)
  expect_match(part(path, "xl/workbook.xml"), "Summary!\\$B\\$5:\\$B\\$9|'Summary'!\\$B\\$5:\\$B\\$9")
  expect_match(part(path, "docProps/core.xml"), "2024-09-12T00:00:00Z", fixed = TRUE)
})

test_that("the same plan gives the same bytes", {
  a <- write_demo()
  Sys.sleep(1.1)
  b <- write_demo()
  expect_identical(unname(tools::md5sum(a)), unname(tools::md5sum(b)))
  withr::local_envvar(SOURCE_DATE_EPOCH = "1726099200")
  expect_identical(unname(tools::md5sum(write_demo(demo_plan(created = NULL)))), unname(tools::md5sum(a)))
})

test_that("an existing file is kept unless overwrite is TRUE", {
  path <- write_demo()
  before <- tools::md5sum(path)
  expect_error(write_plan(demo_plan(), path), class = "cap_error_io")
  expect_error(write_plan(demo_plan("A/B"), path, overwrite = TRUE), class = "cap_error_input")
  expect_identical(tools::md5sum(path), before)
  expect_silent(counts <- write_plan(demo_plan(), path, overwrite = TRUE))
  expect_identical(counts[["replaced"]], 0)
  expect_identical(list.files(dirname(path), "^\\.cybercap", all.files = TRUE), character())
})

test_that("what is wrong with a plan is said with sheet and cell", {
  one <- function(...) plan(list(sheet("S")), list(block("S", 2, 2, list(column(1:2, ...)))))
  path <- withr::local_tempfile(fileext = ".xlsx")
  refuse <- function(p) write_plan(p, path)
  expect_snapshot(error = TRUE, {
    refuse(one(formula = "="))
    refuse(one(urls = c("javascript:x", "https://x.org")))
    refuse(plan(list(sheet("a"), sheet("A")), list()))
    refuse(plan(list(sheet("S")), list(text_block("S", 1, c("a", "b")), text_block("S", 2, "c"))))
    refuse(plan(list(sheet("S")), list(text_block("Elsewhere", 1, "a"))))
    refuse(one(format = sheet_format(background = "blue")))
    block("S", 1, 1, list(column(1:2), column(1:3)))
    color_scale(cells("S", 1:2, 1), c(0, 1), "#FFFFFF")
  })
  expect_false(file.exists(path))
})

test_that("text is cleaned and what it lost is counted", {
  clean <- xlsx_clean_text(c("fine", NA, "bell\a", strrep("x", 40000)))
  expect_identical(clean$text[1:3], c("fine", NA, "bell\ufffd"))
  expect_identical(nchar(clean$text[4]), 32766L)
  expect_identical(clean$n_replaced, 1)
  expect_identical(clean$n_cut, 1)
  bad <- "caf\xe9"
  Encoding(bad) <- "UTF-8"
  bytes <- "caf\xe9"
  Encoding(bytes) <- "bytes"
  latin <- "caf\xe9"
  Encoding(latin) <- "latin1"
  expect_identical(
    xlsx_clean_text(c(bad, bytes, latin))$text, c("caf\ufffd", "caf\ufffd", "caf\u00e9")
  )
})

test_that("an interrupt during a write leaves the file and no litter", {
  skip_on_os("windows")
  path <- withr::local_tempfile(fileext = ".xlsx")
  writeLines("mine", path)
  big <- plan(list(sheet("S")), list(block("S", 1, 1, list(column(runif(4e5))))))
  outcome <- tryCatch(
    {
      tools::pskill(Sys.getpid(), tools::SIGINT)
      write_plan(big, path, overwrite = TRUE)
      "written"
    },
    interrupt = function(e) "interrupted"
  )
  expect_identical(outcome, "interrupted")
  expect_identical(readLines(path), "mine")
  expect_identical(list.files(dirname(path), "^\\.cybercap", all.files = TRUE), character())
})

test_that("the colours of tiers carry black text", {
  luminance <- function(x) {
    rgb <- grDevices::col2rgb(x)[, 1] / 255
    rgb <- ifelse(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055)^2.4)
    sum(c(0.2126, 0.7152, 0.0722) * rgb)
  }
  contrast <- function(a, b) (max(a, b) + 0.05) / (min(a, b) + 0.05)
  tiers <- vapply(c(cap_tier_ramp, cap_tint), luminance, 0)
  expect_true(all(vapply(tiers, contrast, 0, b = 0) >= 4.5))
  expect_false(is.unsorted(tiers[seq_along(cap_tier_ramp)]))
  white <- vapply(cap_palette, luminance, 0)
  expect_true(all(vapply(white, contrast, 0, b = 1) >= 2.7))
})
