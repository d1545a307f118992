# From the content of a brief to the plan of its workbook.

brief_plan <- function(context, content) {
  sheets <- Filter(Negate(is.null), content$sheets)
  cleaned <- count_cleaned(sheets) + cleaned_names(context)
  of_sheets <- function(what) lapply(sheets, `[[`, what)
  sheets <- c(sheets, list(
    methods_sheet(context, rbind(
      content$methods %||% shared(context, paste("methods, ranks", context$ranks), index_methods(context)),
      do.call(rbind, of_sheets("methods")), shared(context, paste("methods, file", context$kind), file_methods(context))
    )),
    notes_sheet(context, c(content$notes, unique(unlist(of_sheets("notes")))), cleaned),
    shared(context, "changes", changes_sheet(context))
  ))
  sheets <- c(sheets, list(contents_sheet(context, sheets)))
  properties <- brief_properties(context, content$title, "brief")
  plan_of_parts(finish_parts(context$lang, sheets), properties, paper = context$paper)
}
