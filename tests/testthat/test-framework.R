test_that("the shipped frameworks are listed and read", {
  list <- cap_frameworks()
  expect_identical(names(list), c("id", "title", "edition", "status", "items", "stages", "stage_status"))
  expect_true(all(c("gci-2020", "gci-2024") %in% list$id))
  for (id in list$id) {
    framework <- cap_framework(id)
    expect_s3_class(framework, c("cap_framework", "cap_result"), exact = TRUE)
    expect_identical(framework$id, id)
    expect_output(print(framework), framework$title, fixed = TRUE)
    expect_true(nzchar(framework$source))
  }
  items <- as.data.frame(cap_framework("gci-2024"))
  expect_identical(sum(items$level == "pillar"), 5L)
  expect_identical(sum(items$level == "indicator"), 20L)
  bands <- cap_framework("gci-2024")$bands
  expect_identical(bands$lower, c(95, 85, 55, 20, 0))
})

test_that("the frameworks' weights are those of gci_weights", {
  for (year in c(2020, 2024)) {
    items <- as.data.frame(cap_framework(paste0("gci-", year)))
    points <- gci_weights[gci_weights$edition == year, ]
    expect_equal(items$weight[match(points$item, items$code)], points$points, tolerance = 1e-9)
    sums <- tapply(points$points, points$pillar, sum)
    expect_equal(as.vector(sums), rep(20, 5), tolerance = 1e-7)
  }
})

write_framework <- function(dir, items, fields = NULL, ...) {
  dir.create(dir)
  utils::write.csv(items, file.path(dir, "items.csv"), row.names = FALSE, na = "")
  if (!is.null(fields)) write.dcf(fields, file.path(dir, "framework.dcf"))
  tables <- list(...)
  for (name in names(tables)) {
    utils::write.csv(tables[[name]], file.path(dir, paste0(name, ".csv")), row.names = FALSE, na = "")
  }
  dir
}

test_that("a folder and data frames give the same framework", {
  bands <- data.frame(label = c("A", "B"), lower = c(50, 0))
  dir <- write_framework(
    withr::local_tempfile(), small_items(),
    data.frame(Id = "mine", Title = "My index", Edition = "2025", Levels = "top, branch, question"),
    bands = bands
  )
  own <- small(
    bands = bands, id = "mine", title = "My index", edition = "2025",
    levels = c("top", "branch", "question")
  )
  expect_equal(cap_framework(dir), own)
  expect_identical(own$levels, c("top", "branch", "question"))
  expect_identical(cap_framework(own), own)
  only <- write_framework(file.path(withr::local_tempdir(), "just-items"), small_items())
  expect_identical(cap_framework(only)$id, "just-items")
})

# A workbook with a sheet for each data frame, by the package's own writer.
write_book <- function(path, ...) {
  ours <- asNamespace("cybercap")
  tables <- list(...)
  blocks <- Map(function(table, name) {
    columns <- Map(function(x, header) ours$column(x, header, shorthand = ""), table, names(table))
    ours$block(name, 1, 1, unname(columns))
  }, tables, names(tables))
  ours$write_plan(ours$plan(lapply(names(tables), ours$sheet), unname(blocks)), path)
  path
}

test_that("a workbook gives the same framework as data frames", {
  items <- transform(small_items(), weight = c(1, 3, 1, 1, 3, 1, 1))
  bands <- data.frame(label = c("A", "B"), lower = c(50, 0))
  fields <- data.frame(
    field = c("Id", "Title", "Edition", "Levels"), value = c("mine", "My index", "2025", "top, branch, question")
  )
  path <- write_book(withr::local_tempfile(fileext = ".xlsx"), items = items, bands = bands, framework = fields)
  own <- cap_framework(list(
    items = items, bands = bands, id = "mine", title = "My index", edition = "2025",
    levels = "top, branch, question"
  ))
  expect_equal(cap_framework(path), own)
  without <- write_book(file.path(withr::local_tempdir(), "Our book.xlsx"), items = items)
  expect_identical(cap_framework(without)$id, "Our book")
  no_items <- write_book(withr::local_tempfile(fileext = ".xlsx"), bands = bands)
  expect_match(input_error(cap_framework(no_items)), "no sheet")
  bad <- write_book(withr::local_tempfile(fileext = ".xlsx"), items = items, framework = fields["field"])
  expect_match(input_error(cap_framework(bad)), "value")
})

test_that("a workbook keeps stages, gates and prerequisites", {
  tables <- list(
    stages = data.frame(stage = 0:2, label = c("none", "one", "two"), cap = c(20, 60, NA)),
    gates = data.frame(
      stage = c(1, 1, 2), group = c("a", "a", "b"), k = 1, item = c("P1", "Q1", NA), min = c(1, 2, 1),
      framework = c(NA, NA, "sim3")
    ),
    prerequisites = data.frame(item = "Q1", requires = "P1")
  )
  path <- do.call(write_book, c(list(file.path(withr::local_tempdir(), "own.xlsx"), items = small_items()), tables))
  expect_equal(cap_framework(path), do.call(small, c(tables, id = "own")))
})

test_that("codes that look like numbers, logicals or NA are text", {
  items <- data.frame(code = c("NA", "01", "T", "1e5"), parent = c("", "NA", "NA", "NA"))
  dir <- write_framework(withr::local_tempfile(), items)
  for (framework in list(cap_framework(dir), cap_framework(items))) {
    expect_identical(framework$items$code, c("NA", "01", "T", "1e5"))
    expect_identical(framework$items$parent, c(NA, "NA", "NA", "NA"))
  }
})

test_that("a spreadsheet's byte order mark is not part of the first column's name", {
  dir <- write_framework(withr::local_tempfile(), small_items())
  file <- file.path(dir, "items.csv")
  bytes <- readBin(file, "raw", file.size(file))
  writeBin(c(as.raw(c(0xef, 0xbb, 0xbf)), bytes), file)
  expect_identical(cap_framework(dir)$items$code, small_items()$code)
})

test_that("a folder is read the same in any locale", {
  items <- small_items()
  items$label <- c("L\u2019indice \u00e9tendu", rep("\u4e2d\u6587", 6))
  dir <- withr::local_tempdir()
  text <- enc2utf8(c(
    "code,parent,label", paste(items$code, items$parent, items$label, sep = ",")
  ))
  con <- file(file.path(dir, "items.csv"), "wb")
  writeBin(c(as.raw(c(0xef, 0xbb, 0xbf)), charToRaw(paste0(text, "\n", collapse = ""))), con)
  close(con)
  here <- cap_framework(dir)$items
  in_c <- withr::with_locale(c(LC_CTYPE = "C"), cap_framework(dir)$items)
  expect_true(identical(in_c, here))
  expect_identical(here$label, items$label)
})

test_that("labels and codes beyond ASCII are kept, in any encoding", {
  items <- small_items()
  items$code[2] <- items$parent[4] <- items$parent[5] <- "\u00c9t\u00e9"
  items$label <- c("L\u2019indice", rep(NA, 6))
  latin <- items
  latin$code[2] <- iconv(items$code[2], "UTF-8", "latin1")
  expect_equal(cap_framework(latin)$items, cap_framework(items)$items)
  dir <- withr::local_tempdir()
  con <- file(file.path(dir, "items.csv"), "w", encoding = "UTF-8")
  utils::write.csv(items, con, row.names = FALSE, na = "")
  close(con)
  expect_identical(cap_framework(dir)$items$label[1], "L\u2019indice")
  expect_identical(cap_framework(dir)$items$code[2], "\u00c9t\u00e9")
})

test_that("the order of items and columns, extra columns and factors change nothing", {
  reference <- cap_framework(small_items())
  items <- small_items()
  expect_identical(cap_framework(items[rev(names(items))]), reference)
  expect_identical(cap_framework(transform(items, code = factor(code), parent = factor(parent))), reference)
  expect_identical(cap_framework(transform(items, comment = "x", url = NA)), reference)
  expect_identical(cap_framework(tibble::as_tibble(items)), reference)
  mixed <- cap_framework(shuffled(items))
  at <- match(reference$items$code, mixed$items$code)
  expect_equal(mixed$items[at, ], reference$items, ignore_attr = "row.names")
})

test_that("a column whose name begins as another's is left alone", {
  items <- data.frame(code = c("R", "A"), parent = c("", "R"), weight_note = c("a", "b"), max_year = 2020)
  expect_identical(cap_framework(items)$items$weight, c(1, 1))
  bands <- data.frame(label = c("A", "B"), lower = c(50, 0), name_fr = c("un", "deux"))
  expect_identical(small(bands = bands)$bands$name, c("A", "B"))
  # a misspelt part is refused: it would change numbers in silence
  expect_match(input_error(cap_framework(list(items = items, notes = "x"))), "notes")
  expect_match(input_error(cap_framework(data.frame(code = "R", Parent = ""))), "parent")
  expect_match(input_error(cap_framework(transform(items, wieght = 1))), "weight")
})

test_that("defaults are those of the manual", {
  items <- cap_framework(data.frame(
    code = c("R", "P", "A", "B"), parent = c(NA, "R", "R", "P")
  ))$items
  expect_identical(items$max, c(100, 100, 1, 1))
  expect_identical(items$weight, c(1, 1, 1, 1))
  expect_identical(items$direction, c(1, 1, 1, 1))
  expect_identical(items$label, items$code)
  expect_identical(items$concept, items$code)
  expect_identical(items$level, c("overall", "pillar", "pillar", "indicator"))
})

test_that("bands may be given best first or last", {
  up <- data.frame(label = c("low", "high"), lower = c(0, 50))
  expect_identical(small(bands = up)$bands, small(bands = up[2:1, ])$bands)
  expect_identical(small(bands = up)$bands$label, c("high", "low"))
})

test_that("stages and gates are read", {
  stages <- data.frame(stage = 1:2, label = c("one", "two"), cap = c(40, 100))
  gates <- data.frame(
    stage = c(1, 1, 2), group = c("a", "a", "b"), k = c(1, 1, 1),
    item = c("P1", "P2", "Q1"), min = c(0.5, 1, 2)
  )
  framework <- small(stages = stages, gates = gates)
  expect_equal(framework$gates, transform(gates, framework = NA_character_))
  expect_output(print(framework), "IDX")
})

broken <- function(...) {
  items <- small_items()
  change <- list(...)
  for (column in names(change)) {
    items[[column]][match(names(change[[column]]), items$code)] <- change[[column]]
  }
  cap_framework(items)
}

test_that("trees that are none are refused with the codes named", {
  local_messages()
  expect_snapshot(error = TRUE, {
    broken(parent = c(P = "Q", Q = "P"))
    broken(parent = c(P1 = "P1"))
    broken(parent = c(Q = ""))
    broken(parent = c(P1 = "X", Q1 = "Y"))
    broken(code = c(P2 = "P1"))
    broken(code = c(P2 = ""))
    cap_framework(small_items()[0, ])
    cap_framework(small_items()[1, ])
  })
  # a tree without a root is called so, whatever its weights are
  expect_match(input_error(broken(parent = c(IDX = "P"))), "root|cycle")
})

test_that("weights, maxima and directions are checked by name", {
  local_messages()
  expect_snapshot(error = TRUE, {
    broken(weight = c(P1 = -1, Q1 = -0.5))
    broken(weight = c(P1 = NA))
    broken(weight = c(P1 = Inf))
    broken(weight = c(P1 = 0, P2 = 0))
    broken(weight = c(P = 0, Q = 0))
    broken(weight = c(P1 = "many"))
    broken(max = c(P1 = 0))
    broken(max = c(P1 = -2, Q1 = Inf))
    broken(direction = c(P1 = 0))
    broken(direction = c(P1 = "down"))
  })
})

test_that("weights too large to add are not called zero", {
  expect_no_match(input_error(broken(weight = c(P1 = 1e308, P2 = 1e308))), "All weights are 0")
})

test_that("bands, stages and gates are checked", {
  stages <- data.frame(stage = 1, label = "one", cap = 40)
  gate <- function(...) {
    gates <- data.frame(stage = 1, group = "a", k = 1, item = "P1", min = 1)
    gates[names(list(...))] <- list(...)
    small(stages = stages, gates = gates)
  }
  bands <- function(label, lower) small(bands = data.frame(label, lower))
  local_messages()
  expect_snapshot(error = TRUE, {
    bands(c("A", "B", "C"), c(90, 20, 50))
    bands(c("A", "B"), c(50, 50))
    bands(c("A", "A"), c(50, 0))
    bands(c("A", "B"), c(500, 0))
    bands(c("A", "B"), c(NA, 0))
    bands(c("A", "B"), c("high", "low"))
    small(bands = data.frame(label = "A"))
    small(bands = 50)
    gate(item = "P9")
    gate(stage = 3)
    gate(k = 2)
    gate(k = 0)
    gate(min = "all")
    small(gates = data.frame(stage = 1, group = "a", k = 1, item = "P1", min = 1))
    small(stages = data.frame(stage = c(2, 1)))
    small(levels = c("one", "two"))
    small(levels = c("one", "one", "two"))
  })
  # an empty label is not a label "NA"
  expect_no_match(input_error(bands(c("A", ""), c(50, 0))), "\"NA\"", fixed = TRUE)
})

test_that("what is no framework is refused", {
  empty <- withr::local_tempdir()
  withr::local_dir(withr::local_tempdir())
  writeLines("not a workbook", "book.xlsx")
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_framework("gci-1999")
    cap_framework(2024)
    cap_framework(NULL)
    cap_framework(NA_character_)
    cap_framework("")
    cap_framework(c("gci-2020", "gci-2024"))
    cap_framework(list())
    cap_framework(list(items = "gci"))
    cap_framework(cap_framework)
  })
  expect_match(input_error(cap_framework(data.frame(item = "A"))), "columns.*code.*parent")
  expect_match(input_error(cap_framework(empty)), "items.csv", fixed = TRUE)
  expect_match(input_error(cap_framework("book.xlsx")), "book.xlsx", fixed = TRUE)
})

test_that("files that cannot be read are classed errors that name the file", {
  dir <- withr::local_tempdir()
  file.create(file.path(dir, "items.csv"))
  expect_match(input_error(cap_framework(dir)), "items.csv", fixed = TRUE)
  writeLines("code;parent\nR;\nA;R", file.path(dir, "items.csv"))
  expect_match(input_error(cap_framework(dir)), "code")
  utils::write.csv(small_items(), file.path(dir, "items.csv"), row.names = FALSE, na = "")
  file.create(file.path(dir, "bands.csv"))
  expect_match(input_error(cap_framework(dir)), "bands.csv", fixed = TRUE)
  unlink(file.path(dir, "bands.csv"))
  file.create(file.path(dir, "framework.dcf"))
  expect_no_error(cap_framework(dir)) # an empty description describes nothing
  writeLines("no colon here", file.path(dir, "framework.dcf"))
  expect_match(input_error(cap_framework(dir)), "framework.dcf", fixed = TRUE)
})

test_that("print() of a framework holds on one screen", {
  for (id in cap_frameworks()$id) expect_lt(length(capture.output(print(cap_framework(id)))), 25)
  odd <- small(title = "100 % {of} <b>&\"", note = "{n|0} {?}")
  expect_output(print(odd), "100 % {of} <b>&\"", fixed = TRUE)
  expect_match(paste(cap_findings(odd)$text, collapse = " "), "{n|0} {?}", fixed = TRUE)
})
