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
  own <- c(
    not_applicable = "form.not_applicable", answered_word = "form.answered", to_answer = "form.to_answer",
    off_scale = "form.off_scale", not_a_number = "form.not_a_number", complete = "form.complete",
    left_to_do = "form.left_to_do", no_tier = "form.no_tier", total = "form.total", grade_a = "form.grade_a",
    grade_b = "form.grade_b", grade_c = "form.grade_c", grade_d = "form.grade_d", first = "form.first",
    second = "form.second", equal = "form.equal", short = "form.short", over = "form.over",
    fits = "form.fits"
  )
  c(form_heads(lang), vapply(own, say, "", lang = lang))
}

form_heads <- function(lang) {
  vapply(c(
    code = "form.head_code", area = "form.head_area", question = "form.head_question",
    help = "form.head_help", answer = "form.head_answer", apart = "form.head_apart",
    evidence = "form.head_evidence", grade = "form.head_grade", source = "form.head_source",
    comment = "form.head_comment", check = "form.head_check", from = "form.head_from", to = "form.head_to",
    better = "form.head_better", optional = "form.head_optional", weight = "form.head_weight",
    answered = "form.head_answered", applies = "form.head_applies", level = "form.head_level",
    share = "form.head_share", branch = "form.head_branch", level_name = "form.head_level_name",
    left = "form.head_left", score = "form.head_score", of = "form.head_of", stage = "form.head_stage",
    stage_name = "form.head_stage_name", group = "form.head_group", item = "form.head_item",
    minimum = "form.head_minimum", asked = "form.head_asked", met = "form.head_met",
    counts = "form.head_counts", holds = "form.head_holds", group_no = "form.head_group_no",
    left_head = "form.head_to_do", questions = "form.head_questions", answered_head = "form.head_answered_n",
    percent = "form.head_percent", grade_meaning = "form.head_grade_meaning", meaning = "form.head_meaning",
    band_lower = "form.head_band_lower", band_name = "form.head_band_name", field = "form.head_field",
    value = "form.head_value", parent = "form.head_parent", points = "form.head_points",
    parent_total = "form.head_parent_total", outweighs = "form.head_outweighs", times = "form.head_times",
    first_code = "form.head_first_code", first_item = "form.head_first_item",
    second_code = "form.head_second_code", second_item = "form.head_second_item",
    parent_no = "form.head_parent_no"
  ), say, "", lang = lang)
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
