#' The look of a brief, a live workbook or a form
#'
#' What a desk sets once for all its files. [cap_brief()], [cap_briefs()],
#' [cap_whatif()] and [cap_questionnaire()] take it as `style`.
#'
#' @param contact A line that says whom to ask and, on a form, to whom to send it.
#' @param paper Format of the printed pages, `"A4"` or `"Letter"`.
#' @return An object of class `cap_style`, a list of the arguments.
#' @section Errors:
#' `cap_error_input` for a contact that is not one line of text, and another paper.
#' @seealso [cap_release()] for what a file says of itself.
#' @export
#' @examples
#' style <- cap_style(contact = "cybersecurity@example.org", paper = "Letter")
#' style
#' gci <- cap_index(cap_answers(subset(gci_items, edition == 2024), "gci-2024"))
#' cap_brief(gci, "FJI", style = style)$plan
cap_style <- function(contact = NULL, paper = c("A4", "Letter")) {
  check_string(contact, "contact", allow_null = TRUE)
  structure(list(contact = contact, paper = choose(paper, c("A4", "Letter"), "paper")), class = "cap_style")
}

#' @export
print.cap_style <- function(x, ...) {
  cat("<cap_style> ", x$paper, if (!is.null(x$contact)) paste0(", contact: ", x$contact), "\n", sep = "")
  invisible(x)
}

check_style <- function(style) {
  if (!inherits(style, "cap_style")) {
    cap_abort_input("{.arg style} must come from {.fn cap_style}, not be {.obj_type_friendly {style}}.")
  }
  invisible(style)
}
