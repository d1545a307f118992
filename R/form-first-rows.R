# Where the parts of a form's first sheet stand: fields, notes, results.

# What the first sheet asks for: list(key, label, hint, value).
start_fields <- function(form) {
  lang <- form$lang
  field <- function(key, label, hint, value = NA) list(key = key, label = label, hint = hint, value = value)
  if (form$kind == "weights") {
    return(list(
      field("unit", say(lang, "form.field_expert"), say(lang, "form.hint_expert"), form$unit),
      field("position", say(lang, "form.field_position"), ""),
      field("date", say(lang, "form.field_date"), say(lang, "form.hint_date"))
    ))
  }
  asked <- external_gates(form$framework)
  c(
    list(
      field("unit", say(lang, "form.field_unit"), say(lang, "form.hint_unit"), form$unit),
      field("name", say(lang, "form.field_name"), ""),
      field("edition", say(lang, "form.field_edition"), say(lang, "form.hint_edition"), form$edition),
      field("respondent", say(lang, "form.field_respondent"), ""),
      field("position", say(lang, "form.field_position"), ""),
      field("date", say(lang, "form.field_date"), say(lang, "form.hint_date"))
    ),
    Map(function(id, stage) {
      field(paste0("external:", id), say(lang, "form.external", framework = id), say(lang, "form.hint_external"), stage)
    }, asked, form$external, USE.NAMES = FALSE)
  )
}

# Rows of the first sheet's parts.
start_rows <- function(form) {
  fields <- 4L + length(start_status(form))
  notes <- fields + length(start_fields(form)) + 2L
  result <- notes + length(start_notes(form)) + 2L
  results <- length(result_labels(form))
  list(fields = fields, notes = notes, result = result, progress = result + if (results > 0L) results + 2L else 0L)
}

start_status <- function(form) strwrap(form_status_line(form), width = start_width + 30L)

start_notes <- function(form) {
  lang <- form$lang
  lines <- c(
    say(lang, "form.how_fill"),
    if (form$kind == "weights") {
      c(say(lang, "form.how_points"), if (form$pairs) say(lang, "form.how_pairs"))
    } else {
      c(
        say(lang, "form.how_empty"),
        if (has_grades(form$framework)) say(lang, "form.how_evidence_graded") else say(lang, "form.how_evidence")
      )
    },
    say(lang, "form.how_locked"),
    if (nzchar(form$framework$note)) say(lang, "form.how_framework", note = form$framework$note),
    if (!is.null(form$contact)) say(lang, "form.how_contact", contact = form$contact)
  )
  unlist(lapply(lines, strwrap, width = start_width, initial = "\u2022 ", prefix = "   "))
}

result_labels <- function(form) {
  framework <- form$framework
  if (form$kind == "weights") {
    return(character())
  }
  marks <- stage_marks(framework)
  c(
    score = say(form$lang, "form.result_score"),
    if (!is.null(framework$bands)) c(tier = say(form$lang, "form.result_tier")),
    if (NROW(framework$gates) > 0L) {
      c(stage = say(form$lang, if (length(marks) > 0L) "form.result_stage_status" else "form.result_stage",
        status = words_of("framework_status", marks)
      ))
    }
  )
}

start_width <- 150L

# Columns of a field or a result: what stands beside its label.
field_columns <- c(label = 1L, value = 2L, hint = 3L)

# The cell to fill in of the k-th field.
field_cell <- function(k) refer(paste0("field_", k), "value")

external_cell <- function(form, id) {
  keys <- vapply(start_fields(form), `[[`, "", "key")
  paste0("{", field_cell(match(paste0("external:", id), keys)), "}")
}
