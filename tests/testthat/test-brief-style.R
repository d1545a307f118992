test_that("a style holds contact and paper, and says so", {
  style <- cap_style("desk@example.org", "Letter")
  expect_s3_class(style, "cap_style", exact = TRUE)
  expect_identical(unclass(style), list(contact = "desk@example.org", paper = "Letter"))
  expect_identical(cap_style()$paper, "A4")
  expect_snapshot({
    cap_style()
    style
  })
})

test_that("the contact stands in briefs, live workbooks and forms, and their pages have the paper", {
  style <- cap_style("desk@example.org", "Letter")
  for (made in list(
    cap_brief(gci(2024), "KEN", style = style), cap_whatif(gci(2024), "KEN", style = style),
    cap_questionnaire("sim3", style = style)
  )) {
    expect_identical(unique(vapply(made$plan$sheets, `[[`, "", "paper")), "Letter")
    text <- unlist(lapply(made$plan$blocks, function(b) lapply(b$columns, `[[`, "values")))
    expect_true(any(grepl("desk@example.org", text, fixed = TRUE)))
  }
})

test_that("what is wrong with a style is refused with a reason", {
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_style(contact = c("a", "b"))
    cap_style(paper = "A3")
    cap_brief(gci(2024), "KEN", style = list(paper = "A4"))
  })
})
