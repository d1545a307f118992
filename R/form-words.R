# The words of a form in a language: headers, by which it is read back, and what
# stands in cells.

# Sources that are on the list in the language of the form, and back to what
# cap_answers() calls them; others are the respondent's own words.
source_in <- function(lang, source) {
  ifelse(source %in% form_sources, text_in(lang, words_of("source", source)), source)
}
source_from <- function(lang, source) {
  known <- match(source, source_in(lang, form_sources))
  ifelse(is.na(known), source, form_sources[known])
}

form_words <- function(lang) {
  c(
    form_heads(lang),
    not_applicable = say(lang, "form.not_applicable"), answered_word = say(lang, "form.answered"),
    to_answer = say(lang, "form.to_answer"), off_scale = say(lang, "form.off_scale"),
    not_a_number = say(lang, "form.not_a_number"), complete = say(lang, "form.complete"),
    left_to_do = say(lang, "form.left_to_do"), no_tier = say(lang, "form.no_tier"), total = say(lang, "form.total"),
    grade_a = say(lang, "form.grade_a"), grade_b = say(lang, "form.grade_b"), grade_c = say(lang, "form.grade_c"),
    grade_d = say(lang, "form.grade_d"), first = say(lang, "form.first"), second = say(lang, "form.second"),
    equal = say(lang, "form.equal"), short = say(lang, "form.short"), over = say(lang, "form.over"),
    fits = say(lang, "form.fits")
  )
}

form_heads <- function(lang) {
  c(
    code = say(lang, "form.head_code"), area = say(lang, "form.head_area"), question = say(lang, "form.head_question"),
    help = say(lang, "form.head_help"), answer = say(lang, "form.head_answer"), apart = say(lang, "form.head_apart"),
    evidence = say(lang, "form.head_evidence"), grade = say(lang, "form.head_grade"),
    source = say(lang, "form.head_source"), comment = say(lang, "form.head_comment"),
    check = say(lang, "form.head_check"), from = say(lang, "form.head_from"), to = say(lang, "form.head_to"),
    better = say(lang, "form.head_better"), optional = say(lang, "form.head_optional"),
    weight = say(lang, "form.head_weight"), answered = say(lang, "form.head_answered"),
    applies = say(
      lang, "form.head_applies"
    ), level = say(lang, "form.head_level"), share = say(lang, "form.head_share"),
    branch = say(lang, "form.head_branch"), level_name = say(lang, "form.head_level_name"),
    left = say(lang, "form.head_left"), score = say(lang, "form.head_score"), of = say(lang, "form.head_of"),
    stage = say(lang, "form.head_stage"), stage_name = say(lang, "form.head_stage_name"),
    group = say(lang, "form.head_group"), item = say(lang, "form.head_item"), minimum = say(lang, "form.head_minimum"),
    asked = say(lang, "form.head_asked"), met = say(lang, "form.head_met"), counts = say(lang, "form.head_counts"),
    holds = say(lang, "form.head_holds"), group_no = say(lang, "form.head_group_no"),
    left_head = say(lang, "form.head_to_do"), questions = say(lang, "form.head_questions"),
    answered_head = say(lang, "form.head_answered_n"), percent = say(lang, "form.head_percent"),
    grade_meaning = say(lang, "form.head_grade_meaning"), meaning = say(lang, "form.head_meaning"),
    band_lower = say(lang, "form.head_band_lower"), band_name = say(lang, "form.head_band_name"),
    field = say(lang, "form.head_field"), value = say(lang, "form.head_value"),
    parent = say(lang, "form.head_parent"), points = say(lang, "form.head_points"),
    parent_total = say(lang, "form.head_parent_total"), outweighs = say(lang, "form.head_outweighs"),
    times = say(lang, "form.head_times"), first_code = say(lang, "form.head_first_code"),
    first_item = say(lang, "form.head_first_item"), second_code = say(lang, "form.head_second_code"),
    second_item = say(lang, "form.head_second_item"), parent_no = say(lang, "form.head_parent_no")
  )
}

# Where answers come from, as cap_answers() writes it.
form_sources <- c("submitted", "verified", "desk research", "carried forward", "derived")

evidence_grades <- c("A", "B", "C", "D")

form_status <- function(form) {
  status <- switch(form$status,
    draft = say(form$lang, "form.status_draft"), verification = say(form$lang, "form.status_verification"),
    say(form$lang, "form.status_final")
  )
  paste0(status, " v", form$version)
}
