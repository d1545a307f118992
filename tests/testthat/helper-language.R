# One result of each kind of the package, and of each way to word it: what is tested in
# every language.

small_panel <- function() {
  data <- expand.grid(unit = LETTERS[1:12], edition = c(2018, 2020, 2022, 2024), stringsAsFactors = FALSE)
  data$value <- (seq_len(nrow(data)) * 37) %% 89 + data$edition - 2018
  data
}

# A list of results named by what they are, made once a session.
every_result <- function() once("every result", withr::with_seed(1, make_every_result()))

make_every_result <- function() {
  gappy <- subset(gci_items, edition == 2024)
  gappy$value[c(5, 50, 500)] <- NA
  gappy$source <- rep_len(c("verified", "desk research", "their own"), nrow(gappy))
  gaps <- cap_index(cap_answers(gappy, "gci-2024"), missing = "renormalise")
  index <- gci(2024)
  own <- small_index_with_bands()
  support <- cap_readiness(index, "support-profile")
  graded <- transform(subset(gci_items, edition == 2024), grade = rep_len(c("A", "B", "C", "D"), length(value)))
  cirt <- cap_framework("cirt-readiness")
  cirt_answers <- cap_answers(made_answers(cirt, gaps = 3), cirt)
  cirt_state <- cap_readiness(cirt_answers)
  panel <- cap_panel(gci(2020), index, subset(gci_overall, edition < 2020))
  pair <- list(gci(2020), index)
  online <- subset(internet_users, year %in% c(2018, 2022) & !is.na(internet_users_pct))
  online <- data.frame(unit = online$iso3, edition = online$year, value = online$internet_users_pct)
  technical <- matrix(c(1, 1 / 3, 1 / 2, 3, 1, 2, 2, 1 / 2, 1), 3)
  dimnames(technical) <- list(c("TS1", "TS2", "TS3"), c("TS1", "TS2", "TS3"))
  odd <- replace(technical, cbind(c(1, 2), c(2, 1)), c(5, 1 / 5))
  values <- as.matrix(stats::setNames(data.frame(1:12, c(2, 1, 5, 3, 8, 9, 4, 7, 6, 12, 11, 500), 3), c("I1", "I2", "I3")))
  rownames(values) <- LETTERS[1:12]
  holes <- replace(values[, 1:2], c(3, 20), NA)
  experts <- rbind(gci_experts[c("expert", "item", "value")], data.frame(expert = "X", item = c("LS1", "LS2"), value = c(5, NA)))
  c(
    stats::setNames(lapply(cap_frameworks()$id, cap_framework), paste("framework", cap_frameworks()$id)),
    list(
      profile = cap_framework(cirt, profile = cirt_profile(cirt)), own_framework = own$framework,
      answers = gaps$answers, answers_off = cap_answers(off_scale_answers(), small(), invalid = "keep"),
      index = index, index_gaps = gaps, own_index = own, kemeny = update(own, aggregate = "kemeny"),
      geometric = update(index, aggregate = list(overall = list("geometric", shift = 0.01)), ties = "min"),
      owa = update(own, aggregate = list(overall = list("owa", weights = c(0.5, 0.5)))),
      regions = cap_regions(index, c("itu_region", "ldc", "world")), regions_gaps = cap_regions(gaps, "income", NULL),
      bridge = cap_bridge(gci(2020), index), panel = panel,
      compare = cap_compare(a = index, b = update(index, aggregate = "geometric")),
      audit = cap_audit(list(gci_answers(2020), gci_answers(2024)), gci_scores, gci_overall_copy()),
      audit_gaps = cap_audit(gaps$answers), audit_off = cap_audit(cap_answers(off_scale_answers(), small(), invalid = "keep")),
      normalised = cap_normalise(values[, 1:2], "zscore"), minmax = cap_normalise(replace(values, 25, 4), "minmax", goalposts = NULL),
      treated = suppressWarnings(cap_treat(values, "winsorise")), tukey = suppressWarnings(cap_treat(values, "tukey")),
      imputed = cap_impute(holes, "mean"), em = cap_impute(holes, "em"),
      weights = cap_weights("gci-2024"), own_weights = cap_weights("gci-2024", c(LS1 = 1, LS2 = 2)),
      equal = cap_weights_data(index, "equal"), pca = suppressWarnings(cap_weights_data(index, "pca")),
      critic = cap_weights_data(index, "critic"), optimised = suppressWarnings(cap_weights_data(index, "optimised")),
      plain_weights = cap_weights_data(values[, 1:2], "sd"),
      expert = suppressWarnings(cap_weights_expert(experts, "gci-2024", pool = "trimmed")),
      ahp = cap_weights_ahp(list(TS = technical), "gci-2024"),
      ahp_group = suppressWarnings(cap_weights_ahp(list(TS = list(one = technical, two = odd)), "gci-2024")),
      ahp_plain = cap_weights_ahp(technical, method = "geometric"),
      implied = cap_weights_implied(gci_answers(2020), gci_scores),
      bod = cap_bod(own), importance = cap_importance(index),
      robustness = cap_robustness(index, n = 100, vary = list(
        cap_vary_weights(amount = 0.1), cap_vary_drop(level = "indicator"), mine = cap_vary_aggregate("geometric")
      )),
      robustness_gaps = cap_robustness(gaps, n = 60, vary = list(
        cap_vary_weights(amount = c(pillar = 0.2), level = "pillar"), cap_vary_missing(c("zero", "mean")),
        cap_vary_answers(p = 0.1)
      )),
      sensitivity = cap_sensitivity(own, n = 64, vary = list(
        cap_vary_weights(amount = 0.1), cap_vary_aggregate(list("arithmetic", list("geometric", shift = 0.01))),
        cap_vary_normalise(list("minmax", "zscore"))
      )),
      sensitivity_gci = cap_sensitivity(index, n = 32, n_boot = 20, vary = list(
        cap_vary_weights(amount = 0.5), cap_vary_drop("pillar")
      )),
      sobol = cap_sobol(function(u) u[, 1] + 2 * u[, 2]^2, c("first", "second", "idle"), n = 256),
      readiness_gci = cap_readiness(index), actions_all = cap_actions(index, alternatives = 1),
      readiness = support, readiness_graded = cap_readiness(index, "support-profile", evidence = graded),
      readiness_cirt = cirt_state, readiness_bands = cap_readiness(own$answers),
      actions = cap_actions(index, unit = c("KEN", "FJI")), actions_support = cap_actions(support),
      actions_cirt = cap_actions(cirt_state, target = "operating", costs = c(A1 = 2)),
      trend = cap_trend(panel, n = 0), trend_pair = cap_trend(pair, n = 0),
      trend_own = cap_trend(small_panel(), data.frame(unit = LETTERS[1:6], group = "G"), users = NULL, n = 0),
      decompose = cap_decompose(pair), laspeyres = cap_decompose(panel, 2018, 2020, form = "laspeyres"),
      convergence = cap_convergence(pair, n = 99),
      convergence_panel = cap_convergence(panel, 2018, 2024, n = 99, form = "level"),
      mobility = cap_mobility(pair), mobility_panel = cap_mobility(panel, 2018, 2020),
      series = cap_compare_series(cap_panel(subset(gci_overall, edition >= 2018)), online),
      kendall = cap_kendall(c(1, 3, 2, 5, 6)), kendall_units = cap_kendall(as_wide(small_panel())),
      sen = cap_sen(c(1.5, 3, 2, 5, 6.25)), sen_units = cap_sen(as_wide(small_panel())),
      translation = structure(list(
        name = "X", language = internal_language(), table = data.frame(
          kind = "sentence", key = c("a", "b", "c"), state = c("too long", "English changed", "unknown")
        )
      ), class = c("cap_translation", "cap_result"))
    )
  )
}

internal_language <- function() get("find_language", asNamespace("cybercap"))("fr")

small_index_with_bands <- function() {
  bands <- data.frame(label = c("high", "low"), name = c("above all", "below"), lower = c(50, 10))
  data <- transform(small_answers(), source = "derived")
  cap_index(cap_answers(data, small(bands = bands, note = "A user wrote this.", title = "normal answers")))
}

off_scale_answers <- function() transform(small_answers(), value = replace(value, 1, 99))

cirt_profile <- function(cirt) {
  stages <- cirt$stages$label[-1]
  codes <- cirt$items$code[cirt$leaves]
  minimum <- stats::setNames(lapply(seq_along(stages), function(s) rep(min(s, 4), length(codes))), stages)
  data.frame(param = codes, minimum, check.names = FALSE)
}

as_wide <- function(panel) {
  wide <- matrix(panel$value, 12)
  dimnames(wide) <- list(unique(panel$unit), unique(panel$edition))
  wide
}

# A language in which every letter of the package has an accent ------------------------

plain_alphabet <- c(letters, LETTERS)
accented_alphabet <- intToUtf8(c(
  0xe1, 0x180, 0x107, 0x10f, 0xe9, 0x192, 0x1f5, 0x125, 0xed, 0x135, 0x137, 0x142, 0x1e3f, 0x144, 0xf3, 0x1e55, 0x24b,
  0x155, 0x15b, 0x165, 0xfa, 0x1e7d, 0x1e83, 0x1e8b, 0xfd, 0x17e,
  0xc1, 0x243, 0x106, 0x10e, 0xc9, 0x191, 0x1f4, 0x124, 0xcd, 0x134, 0x136, 0x141, 0x1e3e, 0x143, 0xd3, 0x1e54, 0x24a,
  0x154, 0x15a, 0x164, 0xda, 0x1e7c, 0x1e82, 0x1e8a, 0xdd, 0x17d
))
accented <- function(text) chartr(paste(plain_alphabet, collapse = ""), accented_alphabet, text)

# All but the blanks, of which the forms of a choice are text too.
accented_template <- function(text) {
  at <- gregexpr("\\{[^}]*\\}", text)
  blanks <- lapply(regmatches(text, at), function(found) {
    choice <- grepl("?", found, fixed = TRUE)
    forms <- gregexpr("(?<=:)[^|}]*", found[choice], perl = TRUE)
    regmatches(found[choice], forms) <- lapply(regmatches(found[choice], forms), accented)
    found
  })
  between <- lapply(regmatches(text, at, invert = TRUE), accented)
  out <- mapply(function(words, blank) paste0(words, c(blank, ""), collapse = ""), between, blanks)
  stats::setNames(out, names(text))
}

pseudo_language <- function() once("pseudo language", make_pseudo_language())
make_pseudo_language <- function() {
  of <- function(name) get(name, asNamespace("cybercap"))
  language <- of("new_language")(
    "qq", accented_template(of("shipped_templates")("en")), accented_template(of("data_labels")())
  )
  structure(list(language = language, name = "Pseudo"), class = c("cap_translation", "cap_result"))
}

# Runs of three plain letters or more that no data account for, with their texts: a
# named vector. `data` are whole words or phrases of the user's and of the files'.
unkeyed <- function(text, data = character()) {
  text <- unique(text[!is.na(text) & nzchar(text)])
  bare <- gsub("[A-Za-z_.]+[.(]*\\(\\)|cap_[a-z_]+|cybercap(:[a-z]+=[^, ]*)?|https?://[^ ]*", " ", text) # names of R
  bare <- gsub("xxhash128 [0-9a-f]+|\\b[0-9a-f]{32}\\b|[0-9]{2}:[0-9]{2} UTC|[0-9:]+ UTC", " ", bare)
  for (word in data[order(-nchar(data))]) {
    at <- grepl(word, bare, fixed = TRUE)
    whole <- paste0("(?<![A-Za-z])\\Q", word, "\\E(?![A-Za-z])")
    bare[at] <- gsub(whole, " ", bare[at], perl = TRUE)
  }
  left <- regmatches(bare, gregexpr("[A-Za-z]{3,}", bare))
  stats::setNames(text[lengths(left) > 0], vapply(left[lengths(left) > 0], paste, "", collapse = " "))
}

# What stands in the shipped data and in those of the tests: codes and names.
known_data <- function() {
  once("known data", unique(c(
    countries$iso3, country_names$en, countries$itu_region, cap_frameworks()$id,
    unlist(lapply(cap_frameworks()$id, function(id) cap_framework(id)$items$code)), gci_experts$expert,
    internet_users$iso3, "IDX", "AAA", "BBB", "CCC"
  )))
}

# Each plot of each result, in every way in which it is worded.
every_plot <- list(
  tiers = function(made, lang) plot(made$index, lang = lang),
  profile = function(made, lang) plot(made$index, unit = "KEN", lang = lang),
  own_tiers = function(made, lang) plot(made$own_index, by = data.frame(unit = c("AAA", "BBB"), group = "high"), lang = lang),
  changes = function(made, lang) plot(made$bridge, lang = lang),
  waterfall = function(made, lang) plot(made$bridge, unit = "KEN", lang = lang),
  compare = function(made, lang) plot(made$compare, lang = lang),
  expert = function(made, lang) plot(made$expert, lang = lang),
  importance = function(made, lang) plot(made$importance, lang = lang),
  ranks = function(made, lang) plot(made$robustness, lang = lang),
  ranks_named = function(made, lang) plot(made$robustness, units = c("KEN", "FJI"), by = "itu_region", lang = lang),
  ranks_own = function(made, lang) plot(made$robustness_gaps, by = "itu_region", lang = lang),
  ranks_no_bands = function(made, lang) plot(withr::with_seed(1, cap_robustness(gci(2020), n = 20)), lang = lang),
  tier_shares = function(made, lang) plot(made$robustness, "tiers", lang = lang),
  tier_shares_named = function(made, lang) plot(made$robustness, "tiers", units = c("KEN", "FJI"), lang = lang),
  dominance = function(made, lang) plot(made$robustness, "dominance", lang = lang),
  dominance_named = function(made, lang) plot(made$robustness, "dominance", units = c("KEN", "FJI"), lang = lang),
  shift = function(made, lang) plot(made$sensitivity_gci, lang = lang),
  drivers = function(made, lang) plot(made$sensitivity_gci, "units", lang = lang),
  drivers_named = function(made, lang) plot(made$sensitivity, "units", lang = lang),
  sobol = function(made, lang) plot(made$sobol, lang = lang),
  sobol_most = function(made, lang) plot(made$sobol, most = 2, lang = lang),
  stages = function(made, lang) plot(made$readiness, lang = lang),
  stages_expected = function(made, lang) plot(made$readiness_graded, lang = lang),
  ladder = function(made, lang) plot(made$readiness, unit = c("KEN", "FJI"), lang = lang),
  ladder_graded = function(made, lang) plot(made$readiness_graded, unit = c("KEN", "FJI"), lang = lang),
  ladder_gaps = function(made, lang) plot(made$readiness_cirt, lang = lang),
  ladder_bands = function(made, lang) plot(made$readiness_bands, lang = lang),
  gates = function(made, lang) plot(made$readiness, "gates", unit = "KEN", lang = lang),
  gates_proposed = function(made, lang) plot(made$readiness_cirt, "gates", unit = "U01", lang = lang),
  common_steps = function(made, lang) plot(made$actions_all, lang = lang),
  steps = function(made, lang) plot(made$actions, unit = "FJI", lang = lang),
  steps_to_stage = function(made, lang) plot(made$actions_support, unit = "AFG", lang = lang),
  trend = function(made, lang) plot(made$trend, lang = lang),
  trend_pair = function(made, lang) plot(made$trend_pair, item = "LS", lang = lang),
  trend_own = function(made, lang) plot(made$trend_own, lang = lang),
  series = function(made, lang) plot(made$series, lang = lang),
  convergence = function(made, lang) plot(made$convergence, lang = lang),
  convergence_panel = function(made, lang) plot(made$convergence_panel, lang = lang),
  decompose = function(made, lang) plot(made$decompose, lang = lang),
  laspeyres = function(made, lang) plot(made$laspeyres, lang = lang),
  mobility = function(made, lang) plot(made$mobility, lang = lang),
  mobility_panel = function(made, lang) plot(made$mobility_panel, lang = lang),
  sen = function(made, lang) plot(made$sen, lang = lang),
  sen_units = function(made, lang) plot(made$sen_units, lang = lang),
  kendall = function(made, lang) plot(made$kendall, lang = lang)
)

# One result of each class that a plot above is of.
named_in_plots <- c(
  "index", "bridge", "compare", "expert", "importance", "robustness", "sensitivity", "sobol", "readiness", "actions",
  "trend", "series", "convergence", "decompose", "mobility", "sen", "kendall"
)

# Every text of a plot as it is drawn.
plot_texts <- function(plot) {
  texts <- function(grob) {
    c(
      if (inherits(grob, "text")) as.character(grob$label),
      unlist(lapply(c(grob$children, grob$grobs), texts))
    )
  }
  withr::with_png(withr::local_tempfile(), unique(texts(ggplot2::ggplotGrob(plot))), type = "cairo")
}

# Every text of a workbook that a reader may see: cells, names and footers of sheets,
# charts, alternative texts, messages at cells, properties.
workbook_texts <- function(path) {
  parts <- xml_parts(path)
  nodes <- function(which, tag) {
    found <- between(paste(parts[grepl(which, names(parts))], collapse = "\n"), paste0("(?s)<", tag, "(?: [^>]*)?>.*?</", tag, ">"))
    gsub("<[^>]*>", "", found)
  }
  attributes <- function(which, name) {
    found <- between(paste(parts[grepl(which, names(parts))], collapse = "\n"), paste0(" ", name, "=\"[^\"]*\""))
    sub("^[^\"]*\"(.*)\"$", "\\1", found)
  }
  text <- c(
    nodes("sharedStrings", "t"), nodes("worksheets/sheet", "t"), nodes("charts/chart", "a:t"),
    attributes("drawings/drawing", "descr"), gsub("^.*name=\"|\"$", "", between(parts["xl/workbook.xml"], "<sheet [^>]*?name=\"[^\"]*\"")), nodes("worksheets/sheet", "oddFooter"),
    attributes("worksheets/sheet", "(?:prompt|promptTitle|error|errorTitle)"), nodes("docProps/core", "[a-z]+:[a-zA-Z]+"),
    nodes("tables/table", "totalsRowLabel"), attributes("tables/table", "totalsRowLabel")
  )
  for (pair in list(c("&lt;", "<"), c("&gt;", ">"), c("&quot;", "\""), c("&apos;", "'"), c("&#10;", "\n"), c("&amp;", "&"))) {
    text <- gsub(pair[1], pair[2], text, fixed = TRUE)
  }
  text
}

# French ---------------------------------------------------------------------------------

# Words that no French sentence has.
english_words <- paste0(
  "(*UCP)\\b(the|of|and|is|are|with|by|from|under|not|each|country|countries|item|items|framework|mean|given|weights|",
  "above|below|missing|published|to|own|without|alone|score is|in each|units?|which|between)\\b"
)
no_english <- function(text, label) {
  bare <- gsub("as[.]data[.]frame|cap_[a-z]+|Guide to .*? Strategy|[A-Z][[:alpha:]-]* of the [A-Z]\\w*", "", text)
  bare <- gsub("unit\u00e9s?|[\u00ab].*?[\u00bb]", "", bare)
  expect_identical(text[grepl(english_words, bare, perl = TRUE)], character(), info = label)
}

# Every call and every string of the package's own code.
walk <- function(code, visit) {
  if (is.call(code)) visit(code)
  if (is.character(code)) visit(code)
  if (is.recursive(code)) for (part in as.list(code)) if (!missing(part)) walk(part, visit)
}
package_code <- function(visit) {
  namespace <- asNamespace("cybercap")
  for (name in ls(namespace, all.names = TRUE)) {
    f <- get(name, namespace)
    if (is.function(f)) {
      walk(body(f), visit)
      for (default in formals(f)) if (!missing(default)) walk(default, visit)
    }
  }
}
