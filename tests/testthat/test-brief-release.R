log_of <- function(...) data.frame(version = c("0.8", "0.9"), date = c("2024", "2024-08-01"), text = c("First.", "Second."), ...)

test_that("a release holds what it was given, read once", {
  release <- cap_release("embargoed", "1.2", as.Date("2024-10-01"), created = brief_day, changes = log_of())
  expect_s3_class(release, "cap_release", exact = TRUE)
  expect_identical(unclass(release), list(
    status = "embargoed", version = "1.2", embargo_until = "2024-10-01", created = 1726099200, changes = log_of()
  ))
  # a draft is what a file is unless said otherwise, made when it is written
  expect_identical(cap_release(), cap_release("draft"))
  expect_null(cap_release()$created)
  expect_snapshot({
    cap_release()
    release
  })
})

test_that("what is wrong with a release is refused with a reason", {
  local_messages()
  expect_snapshot(error = TRUE, {
    cap_release("published")
    cap_release(version = "")
    cap_release("embargoed")
    cap_release("embargoed", embargo_until = "31/12/24")
    cap_release("final", embargo_until = "2024-10-01")
    cap_release(created = "yesterday")
    cap_release(changes = "text")
    cap_release(changes = log_of()["text"])
    cap_release(changes = log_of()[c(1, 1), ])
    cap_release(changes = transform(log_of(), date = c("soon", NA)))
    cap_release(version = "0.8", changes = log_of())
  })
})

test_that("a fault of a release is told as that of cap_release(), also within the call of a brief", {
  shown <- function(code) deparse(conditionCall(expect_error(code, class = "cap_error_input"))[[1]])
  expect_identical(shown(cap_brief(gci(2024), "KEN", release = cap_release("secret"))), "cap_release")
  expect_identical(shown(cap_brief(gci(2024), "KEN", style = cap_style(paper = "A3"))), "cap_style")
  expect_identical(shown(cap_briefs(gci(2024), "KEN", tempdir(), release = cap_release(version = ""))), "cap_release")
  expect_identical(shown(cap_whatif(gci(2024), release = cap_release(created = "soon"))), "cap_release")
  expect_identical(shown(cap_questionnaire("sim3", release = cap_release("secret"))), "cap_release")
  # a status alone is the argument of the brief
  expect_identical(shown(cap_brief(gci(2024), "KEN", release = "secret")), "cap_brief")
})

test_that("a status alone is a release of that status", {
  brief <- cap_brief(gci(2024), "KEN", release = "final")
  expect_match(brief$plan$properties$comments, "^Status: final v1.0")
  given <- cap_brief(gci(2024), "KEN", release = dated("final"))
  expect_identical(brief$plan$blocks[[1]], given$plan$blocks[[1]])
})
