readiness_ids <- c("cirt-readiness", "sim3", "ncs-guide", "cmm", "ncsi", "support-profile")

# The stage of one unit read off the table of gates, row by row: the twin of
# what the arrays say. `x` and `reached` are named.
stage_by_table <- function(framework, x, reached = numeric()) {
  stage <- framework$stages$stage[1]
  for (s in framework$stages$stage[-1]) {
    of_stage <- framework$gates[framework$gates$stage == s, ]
    holds <- vapply(unique(of_stage$group), function(g) {
      rows <- of_stage[of_stage$group == g, ]
      value <- ifelse(is.na(rows$framework), x[rows$item], reached[rows$framework])
      sum(value >= rows$min) >= rows$k[1]
    }, NA)
    if (!all(holds)) break
    stage <- s
  }
  stage
}

stage_by_arrays <- function(framework, x, reached = numeric()) {
  g <- cybercap:::framework_gates(framework)
  value <- c(x[cybercap:::leaf_codes(framework)], reached[g$external])
  top <- 0
  for (s in seq_len(g$n_stages - 1)) {
    groups <- which(g$group_stage == s)
    met <- vapply(groups, function(j) {
      members <- (g$group_start[j] + 1):g$group_start[j + 1]
      sum(value[g$item[members]] >= g$minimum[members]) >= g$group_k[j]
    }, NA)
    if (!all(met)) break
    top <- s
  }
  g$stage[top + 1]
}

at_least <- function(framework) {
  stats::setNames(cybercap:::leaf_min(framework), cybercap:::leaf_codes(framework))
}
at_most <- function(framework) {
  stats::setNames(cybercap:::leaf_max(framework), cybercap:::leaf_codes(framework))
}

# The least answers that every AND group up to stage `s` asks for.
minima_of <- function(framework, s) {
  x <- at_least(framework)
  gates <- framework$gates[framework$gates$stage <= s & is.na(framework$gates$framework), ]
  for (i in seq_len(nrow(gates))) {
    x[gates$item[i]] <- max(x[gates$item[i]], gates$min[i])
  }
  x
}

test_that("the readiness frameworks ship with their status", {
  list <- cap_frameworks()
  expect_true(all(readiness_ids %in% list$id))
  status <- stats::setNames(list$status, list$id)
  expect_identical(
    unname(status[readiness_ids]),
    c("proposal", "recalled", "recalled", "recalled", "recalled", "proposal")
  )
  expect_identical(list$stage_status[list$id == "sim3"], "illustrative")
  expect_identical(list$stages[list$id == "ncsi"], 0L)
  allowed <- c("official", "recalled", "proposal", "illustrative")
  for (id in readiness_ids) {
    framework <- cap_framework(id)
    expect_true(all(framework$items$status %in% allowed))
    expect_true(all(framework$stages$status %in% allowed))
    text <- paste(cap_findings(framework)$text, collapse = " ")
    expect_match(text, paste("Status of the framework:", framework$status), fixed = TRUE)
    if (!is.null(framework$stages)) expect_match(text, cybercap:::stage_status(framework), fixed = TRUE)
    expect_match(framework$source, "[A-Za-z]{3}")
  }
  expect_match(cap_findings(cap_framework("sim3"))$text, "ILLUSTRATIVE", all = FALSE)
  expect_match(cap_findings(cap_framework("cirt-readiness"))$text, "3, 4, 5 ask for a stage of sim3", all = FALSE)
})

test_that("the trees are those of the note on readiness", {
  leaves <- function(id) cybercap:::leaf_codes(cap_framework(id))
  pillars <- function(id) length(cybercap:::pillar_nodes(cap_framework(id)))
  expect_length(leaves("cirt-readiness"), 27)
  expect_identical(pillars("cirt-readiness"), 9L)
  expect_length(leaves("sim3"), 45)
  expect_identical(as.vector(table(cap_framework("sim3")$items$parent)[c("O", "H", "T", "P")]), c(11L, 7L, 10L, 17L))
  expect_setequal(unique(at_most(cap_framework("sim3"))), 4)
  ncs <- cap_framework("ncs-guide")
  areas <- ncs$items$parent[ncs$items$level == "practice"]
  expect_identical(as.vector(table(areas)[paste0("G", 1:7)]), c(6L, 5L, 5L, 5L, 6L, 7L, 4L))
  expect_identical(as.vector(table(areas)[paste0("L", 1:4)]), c(4L, 2L, 4L, 4L))
  expect_identical(sum(ncs$items$optional), 37)
  expect_false(any(ncs$items$optional == 1 & ncs$items$code %in% ncs$gates$item))
  cmm <- cap_framework("cmm")
  expect_identical(sum(cmm$items$level == "factor"), 23L)
  expect_identical(pillars("cmm"), 5L)
  expect_setequal(unique(at_least(cmm)), 1)
  expect_setequal(unique(at_most(cmm)), 5)
  ncsi <- cap_framework("ncsi")
  expect_length(leaves("ncsi"), 46)
  expect_identical(sum(at_most(ncsi)), 77)
  capacities <- ncsi$items[ncsi$items$level == "capacity", ]
  expect_identical(capacities$max, c(7, 5, 9, 6, 5, 6, 9, 4, 6, 5, 9, 6))
  expect_identical(capacities$weight, capacities$max)
  support <- cap_framework("support-profile")
  same <- c("code", "parent", "weight", "max", "concept")
  expect_identical(support$items[same], cap_framework("gci-2024")$items[same])
})

test_that("NCSI is the percentage of its points", {
  ncsi <- cap_framework("ncsi")
  # 4 of 77 points: 5.19 %, as published for the DR Congo
  x <- 0 * at_most(ncsi)
  x[c("1.1", "1.3")] <- c(3, 1)
  wide <- data.frame(iso3 = c("COD", "TOP"), rbind(x, at_most(ncsi)), check.names = FALSE)
  index <- cap_index(cap_answers(wide, ncsi, item = NULL))
  score <- overall_of(index, "NCSI")$score
  expect_equal(score, c(100 * 4 / 77, 100), tolerance = 1e-12)
  expect_equal(overall_of(index, "1")$score, c(4, 7), tolerance = 1e-12)
})

test_that("a scale that begins above 0 gives 0 at its least answer", {
  cmm <- cap_framework("cmm")
  codes <- cybercap:::leaf_codes(cmm)
  wide <- data.frame(iso3 = letters[1:5], matrix(1:5, 5, length(codes), dimnames = list(NULL, codes)))
  index <- cap_index(cap_answers(wide, cmm, item = NULL))
  expect_equal(overall_of(index, "CMM")$score, c(0, 25, 50, 75, 100), tolerance = 1e-12)
  expect_equal(overall_of(index, codes[1])$score, 5 * (0:4) / 4, tolerance = 1e-12)
  wide[[codes[3]]][2] <- 0
  expect_match(input_error(cap_answers(wide, cmm, item = NULL)), "1 to 5")
  wide[[codes[3]]][2] <- NA
  expect_silent(cap_answers(wide, cmm, item = NULL))
  # against the definition, with a direction and odd ends
  items <- data.frame(
    code = c("R", "A", "B"), parent = c("", "R", "R"), weight = c(NA, 1, 3),
    min = c(NA, 2, 1), max = c(100, 9, 7), direction = c(1, 1, -1)
  )
  x <- data.frame(iso3 = c("a", "b", "c"), A = c(2, 5.5, 9), B = c(7, 3, NA))
  got <- cap_index(cap_answers(x, items, item = NULL), missing = "renormalise")
  a <- (x$A - 2) / 7
  b <- 1 - (x$B - 1) / 6
  want <- 100 * ifelse(is.na(b), a, (a + 3 * b) / 4)
  expect_equal(overall_of(got, "R")$score, want, tolerance = 1e-12)
})

test_that("the steps beside the index know the least answer", {
  items <- data.frame(code = c("R", "A", "B", "C"), parent = c("", "R", "R", "R"), min = 1, max = c(100, 5, 5, 5))
  x <- data.frame(iso3 = letters[1:6], A = c(0, 2:6), B = c(1:5, NA), C = c(1, 1, 2, 3, 4, 5))
  off <- cap_answers(x, items, item = NULL, invalid = "keep")
  faults <- as.data.frame(cap_audit(off))
  faults <- faults[faults$reason == "off the scale", ]
  expect_identical(faults$expected, c(1, 5))
  expect_match(faults$explanation, "outside 1 to 5", fixed = TRUE, all = TRUE)
  x$A[c(1, 6)] <- c(1, 5)
  answers <- cap_answers(x, items, item = NULL)
  normal <- cap_normalise(answers, method = "minmax", goalposts = "scale")
  shares <- as.data.frame(normal)
  expect_equal(shares$value[shares$item == "A"] / max(shares$value, na.rm = TRUE), (x$A - 1) / 4)
  states <- cybercap:::item_states(cap_index(answers, missing = "zero"), 1:6)
  expect_equal(states$in_place, c(A = 2, B = 1, C = 1), ignore_attr = TRUE)
  expect_equal(states$not, c(A = 1, B = 1, C = 2), ignore_attr = TRUE)
})

test_that("an item without a least answer keeps its bits", {
  values <- matrix(c(0, 0.1, NA, 1, 0.7, 0.3), 3)
  arrays <- cap_framework(data.frame(code = c("R", "A", "B"), parent = c("", "R", "R")))$arrays
  expect_identical(cybercap:::from_zero(values, arrays), values)
})

test_that("arrays and table give the same stage", {
  withr::local_seed(5)
  for (id in setdiff(readiness_ids, "ncsi")) {
    framework <- cap_framework(id)
    low <- at_least(framework)
    high <- at_most(framework)
    seen <- vapply(seq_len(60), function(i) {
      # mostly high, so that upper stages are met as well
      p <- stats::rbeta(length(low), 1 + i %% 30, 1)
      x <- low + round(p * (high - low) * 4) / 4
      reached <- c(sim3 = i %% 4)
      by_table <- stage_by_table(framework, x, reached)
      expect_identical(as.numeric(stage_by_arrays(framework, x, reached)), as.numeric(by_table))
      by_table
    }, 0)
    expect_gt(length(unique(seen)), 1)
    top <- max(framework$stages$stage)
    expect_identical(as.numeric(stage_by_arrays(framework, high, c(sim3 = 3))), as.numeric(top))
    expect_identical(stage_by_arrays(framework, low, c(sim3 = 0)), framework$stages$stage[1])
  }
})

test_that("the minimums of a stage reach it exactly, and one step less does not", {
  for (id in c("sim3", "cmm", "ncs-guide")) {
    framework <- cap_framework(id)
    for (s in framework$stages$stage[-1]) {
      x <- minima_of(framework, s)
      expect_identical(stage_by_arrays(framework, x), s)
      for (code in unique(framework$gates$item[framework$gates$stage == s])) {
        fewer <- x
        fewer[code] <- fewer[code] - 1
        expect_lt(stage_by_arrays(framework, fewer), s)
        more <- x
        more[code] <- at_most(framework)[code]
        expect_gte(stage_by_arrays(framework, more), s)
      }
    }
  }
})

test_that("gates of cirt-readiness are those of the note", {
  cirt <- cap_framework("cirt-readiness")
  one <- c(A1 = 3, B1 = 2, C1 = 3, C2 = 2, D1 = 2, F1 = 2, H1 = 2)
  x <- at_least(cirt)
  x[names(one)] <- one
  expect_identical(stage_by_arrays(cirt, x, c(sim3 = 3)), 1L)
  x[c("E1", "G1", "H2")] <- 2
  expect_identical(stage_by_arrays(cirt, x, c(sim3 = 0)), 2L)
  for (tier in 1:3) expect_identical(stage_by_arrays(cirt, x, c(sim3 = tier)), 2L + tier)
  x["A1"] <- 2 # a maturity elsewhere does not make up for a sponsor
  expect_identical(stage_by_arrays(cirt, x, c(sim3 = 3)), 0L)
  expect_identical(cybercap:::external_gates(cirt), "sim3")
  expect_identical(cybercap:::external_gates(cap_framework("cmm")), character())
  expect_null(cybercap:::framework_gates(cap_framework("ncsi")))
})

test_that("a country is at one stage of support, from none to peer", {
  support <- cap_framework("support-profile")
  answers <- cap_answers(subset(gci_items, edition == 2024), support)
  values <- as.data.frame(answers)
  wide <- tapply(values$value, values[c("unit", "item")], sum)[, cybercap:::leaf_codes(support)]
  stage <- apply(wide, 1, function(x) stage_by_arrays(support, x))
  expect_setequal(unique(stage), 0:4)
  expect_identical(unname(stage), unname(apply(wide, 1, function(x) stage_by_table(support, x))))
  expect_identical(support$stages$cap[1:4], rev(cap_framework("gci-2024")$bands$lower)[2:5])
})

test_that("caps rise with the stages, in all that ships", {
  for (id in setdiff(readiness_ids, "ncsi")) {
    stages <- cap_framework(id)$stages
    expect_true(is.na(stages$cap[nrow(stages)]))
    expect_false(is.unsorted(stages$cap[-nrow(stages)], strictly = TRUE))
  }
})

test_that("a gated lowest stage gets one below it, and an empty cap that of the next", {
  ladder <- data.frame(stage = 1:3, label = c("one", "two", "three"), cap = c(NA, 60, NA))
  gates <- data.frame(stage = 1:3, group = "g", k = 1, item = "Q1", min = 1:3)
  framework <- small(stages = ladder, gates = gates)
  expect_identical(framework$stages$stage, 0:3)
  expect_identical(framework$stages$label, c("none", "one", "two", "three"))
  expect_identical(framework$stages$cap, c(60, 60, 60, NA))
  only <- small(stages = data.frame(stage = 1, label = "start"))
  g <- cybercap:::framework_gates(only)
  expect_identical(g[c("n_stages", "n_groups", "group_start")], list(n_stages = 1L, n_groups = 0L, group_start = 0L))
  expect_null(small(stages = data.frame(stage = numeric()))$stages)
})

test_that("the order of gates and stages' extra columns change nothing", {
  for (id in c("support-profile", "cirt-readiness", "ncs-guide")) {
    framework <- cap_framework(id)
    parts <- cybercap:::framework_fields(framework)
    parts$gates <- shuffled(parts$gates)
    parts$stages$note <- "x"
    mixed <- cap_framework(parts)
    flat <- function(f) {
      g <- cybercap:::framework_gates(f)
      member <- rep(seq_len(g$n_groups), diff(g$group_start))
      out <- data.frame(
        stage = g$group_stage[member], group = g$group[member], k = g$group_k[member], item = g$item, min = g$minimum
      )
      out <- out[order(out$stage, out$group, out$item), ]
      rownames(out) <- NULL
      out
    }
    expect_identical(flat(mixed), flat(framework))
    expect_identical(mixed$stages, framework$stages)
  }
})

test_that("a profile of one's own takes the place of the illustrative one", {
  sim3 <- cap_framework("sim3")
  codes <- cybercap:::leaf_codes(sim3)
  profile <- data.frame(param = codes, basic = 1, intermediate = 2, advanced = c(4, rep(3, 44)), note = "x")
  own <- cap_framework("sim3", profile = shuffled(profile))
  expect_identical(unique(own$stages$status), "own")
  expect_no_match(cap_findings(own)$text, "ILLUSTRATIVE")
  for (s in 1:3) {
    x <- stats::setNames(profile[[s + 1]], codes)
    expect_identical(stage_by_arrays(own, x), s)
    x["T-4"] <- x["T-4"] - 1
    expect_identical(stage_by_arrays(own, x), s - 1L)
  }
  expect_identical(cap_framework(sim3, profile = tibble::as_tibble(profile))$gates, cap_framework("sim3", profile = profile)$gates)
  zero <- transform(profile, basic = c(1, rep(0, 44)))
  expect_identical(stage_by_arrays(cap_framework("sim3", profile = zero), c(at_least(sim3)[-1], `O-1` = 1)), 1L)
})

test_that("a profile that does not fit is refused with the codes named", {
  sim3 <- cap_framework("sim3")
  profile <- data.frame(param = cybercap:::leaf_codes(sim3), basic = 1, intermediate = 2, advanced = 3)
  with <- function(...) {
    change <- list(...)
    for (column in names(change)) {
      profile[[column]][match(names(change[[column]]), profile$param)] <- change[[column]]
    }
    cap_framework("sim3", profile = profile)
  }
  local_messages()
  expect_snapshot(error = TRUE, {
    with(basic = c(`O-2` = 3))
    with(advanced = c(`T-1` = 5, `T-2` = NA))
    with(basic = c(`H-1` = -1))
    with(basic = c(`H-1` = "some"))
    with(param = c(`O-1` = "X-1"))
    with(param = c(`O-1` = "O-2"))
    cap_framework("sim3", profile = profile[-3])
    cap_framework("sim3", profile = transform(profile, basic = 0))
    cap_framework("sim3", profile = 1)
    cap_framework("ncsi", profile = profile)
  })
})

# All aspects with the same indicators: three a stage.
cmm_indicators <- function(items = cybercap:::leaf_codes(cap_framework("cmm"))) {
  expand.grid(number = 1:3, stage = 2:5, item = items, stringsAsFactors = FALSE)
}

test_that("a stage of the CMM holds when all indicators up to it are met", {
  all <- cap_framework("cmm", indicators = cmm_indicators())
  codes <- cybercap:::leaf_codes(all)
  expect_length(codes, 62 * 12)
  expect_identical(all$items$level[match(codes[1], all$items$code)], "indicator")
  stage_of <- as.integer(sub("^.*[.]([2-5])[.][1-3]$", "\\1", codes))
  for (s in 1:5) {
    met <- stats::setNames(as.numeric(stage_of <= s), codes)
    expect_identical(stage_by_arrays(all, met), s)
  }
  everything <- stats::setNames(rep(1, length(codes)), codes)
  skipped <- everything
  skipped["D3.1.2.3.1"] <- 0 # one of stage 3: stages 4 and 5 are blocked
  expect_identical(stage_by_arrays(all, skipped), 2L)
  # the score of an aspect is that of the stage it has reached
  wide <- data.frame(iso3 = letters[1:5], t(vapply(1:5, function(s) as.numeric(stage_of <= s), 0 * everything)))
  names(wide) <- c("iso3", codes)
  index <- cap_index(cap_answers(wide, all, item = NULL))
  expect_equal(overall_of(index, "CMM")$score, c(0, 25, 50, 75, 100), tolerance = 1e-12)
})

test_that("indicators of some aspects go with the stages of the others", {
  some <- cap_framework("cmm", indicators = data.frame(
    item = "D1.1.1", stage = c(2, 2, 4), code = c("a", "b", "c"), label = c("plan", NA, "review")
  ))
  expect_identical(some$items$label[some$items$code %in% c("a", "b", "c")], c("plan", "b", "review"))
  x <- at_most(some)
  expect_identical(stage_by_arrays(some, x), 5L)
  expect_identical(stage_by_arrays(some, replace(x, "c", 0)), 3L)
  expect_identical(stage_by_arrays(some, replace(x, "b", 0)), 1L)
  expect_identical(stage_by_arrays(some, replace(x, "D1.1.2", 4)), 4L)
  expect_identical(unique(some$stages$status), c("proposal", "own"))
  # prerequisites of an item that is no longer answered go
  cirt <- cap_framework("cirt-readiness", indicators = data.frame(item = "A1", stage = 1))
  expect_identical(cirt$levels, c("overall", "domain", "item", "indicator"))
  expect_false("A1" %in% unlist(cirt$prerequisites))
  expect_lt(nrow(cirt$prerequisites), nrow(cap_framework("cirt-readiness")$prerequisites))
})

test_that("indicators that do not fit are refused with the codes named", {
  with <- function(item = "D1.1.1", stage = 2, ..., framework = "cmm") {
    cap_framework(framework, indicators = data.frame(item, stage, ...))
  }
  local_messages()
  expect_snapshot(error = TRUE, {
    with(item = c("D1.1.1", "X1", "D1"))
    with(stage = 1)
    with(stage = "formative")
    with(stage = c(2, 3), code = c("a", "a"))
    with(code = "D2")
    with(item = "CDS1", stage = 3, framework = "support-profile")
    with(framework = "ncsi")
    with(item = character(), stage = numeric())
    cap_framework("cmm", indicators = "mine.csv")
    cap_framework("cmm", indicators = data.frame(item = "D1.1.1"))
  })
  expect_match(input_error(cap_framework("cmm", indicators = cmm_indicators()[-(1:2)])), "stage")
  none_of_3 <- cmm_indicators()
  expect_match(input_error(cap_framework("cmm", indicators = none_of_3[none_of_3$stage != 3, ])), "stage 3")
})

test_that("stages and gates that make no ladder are refused with the codes named", {
  items <- data.frame(code = c("R", "A", "B"), parent = c("", "R", "R"), min = c(NA, 1, 0), max = c(100, 5, 4))
  ladder <- function(stage, item, min, group = item, k = 1, framework = NA, ...) {
    cap_framework(list(
      items = items, stages = data.frame(stage = 0:max(stage), ...),
      gates = data.frame(stage, group, k, item, min, framework)
    ))
  }
  local_messages()
  expect_snapshot(error = TRUE, {
    ladder(c(1, 1), c("A", "B"), c(6, 9))
    ladder(c(1, 1), c("A", "B"), 1, group = "g", k = 3)
    ladder(c(1, 1), c("A", "B"), 1, group = "g", k = c(1, 2))
    ladder(1, "A", 2, k = 0.5)
    ladder(c(1, 1), c("A", "A"), 2, group = "g", k = 1)
    ladder(c(1, 2, 1, 3), c("A", "A", "B", "B"), c(3, 2, 4, 1))
    ladder(c(1, 3), c("A", "B"), 2)
    ladder(1, "A", 1)
    ladder(1, "A", -1)
    ladder(1, "A", NA)
    ladder(1, "R", 2)
    ladder(1, "Z", 2)
    ladder(0, "A", 2)
    ladder(1, NA, 1, framework = "own")
    ladder(1, "", 4, group = "s", framework = "sim3")
    ladder(1, "A", 1, framework = "sim3")
    ladder(1, NA, 1, group = "s", framework = "ncsi")
    ladder(1, "A", 2, cap = c(50, 50))
    ladder(1, "A", 2, cap = c(0, NA))
    ladder(1, "A", 2, cap = c(50, 101))
    small(stages = data.frame(stage = 0:1))
    small(stages = data.frame(stage = c(0, 0.5)))
    small(stages = data.frame(stage = -1:0))
    small(stages = data.frame(stage = c(0, 1e9)))
    small(stages = data.frame(stage = 0:2, label = "x"))
  })
  # less may be asked in a group that asks for some of its items
  expect_silent(ladder(c(1, 1, 2, 2), c("A", "B", "A", "B"), c(3, 3, 2, 4), group = c("g", "g", "h", "h"), k = 1))
  # a framework that is not at hand is taken at its word
  expect_identical(cybercap:::external_gates(ladder(1, NA, 7, framework = "of-ours")), "of-ours")
})

test_that("prerequisites are kept in order of the table, once, and cycles are named", {
  requires <- function(item, requires) small(prerequisites = data.frame(item, requires))
  kept <- requires(c("P2", "Q1", "P2"), c("P1", "P2", "P1"))$prerequisites
  expect_identical(kept, data.frame(item = c("P2", "Q1"), requires = c("P1", "P2")))
  expect_null(small()$prerequisites)
  local_messages()
  expect_snapshot(error = TRUE, {
    requires(c("P1", "P2", "Q1", "Q2"), c("P2", "Q1", "P1", "P1"))
    requires("P1", "P1")
    requires(c("P1", "X"), c("Y", "P"))
    small(prerequisites = data.frame(item = "P1"))
  })
})

test_that("least answers, and what may be left out, are checked by name", {
  items <- function(...) cap_framework(data.frame(code = c("R", "A", "B"), parent = c("", "R", "R"), ...))
  expect_identical(items(min = c(9, 0, 0.5))$items$min, c(0, 0, 0.5))
  local_messages()
  expect_snapshot(error = TRUE, {
    items(min = c(NA, 1, 2))
    items(min = c(NA, -1, 0))
    items(optional = c(NA, 2, 1))
  })
})

test_that("a folder keeps stages, gates and prerequisites", {
  for (id in c("cirt-readiness", "ncs-guide")) {
    parts <- cybercap:::framework_fields(cap_framework(id))
    dir <- withr::local_tempdir()
    for (table in c("items", "stages", "gates", "prerequisites")) {
      x <- parts[[table]]
      if (table == "gates") x$item[!is.na(x$framework)] <- ""
      utils::write.csv(x, file.path(dir, paste0(table, ".csv")), row.names = FALSE, na = "")
    }
    fields <- parts[c("id", "title", "edition", "status", "source", "note", "scale")]
    fields$levels <- paste(parts$levels, collapse = ", ")
    write.dcf(fields, file.path(dir, "framework.dcf"), width = 1000)
    expect_equal(cap_framework(dir), cap_framework(id))
  }
})
