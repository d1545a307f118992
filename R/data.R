# Help pages of the data sets. data-raw/make-data.R builds them.

#' Indicator values of the Global Cybersecurity Index, 2020 and 2024
#'
#' The value between 0 and 1 of each of the twenty indicators of the Global
#' Cybersecurity Index (GCI) for 194 countries in the editions 2020 and 2024.
#' An indicator is already an average over the questionnaire's questions, which
#' are not published.
#'
#' @format A data frame with 7,760 rows, sorted by country, edition and the
#'   framework's order of indicators:
#' \describe{
#'   \item{iso3}{ISO 3166-1 code of the country, three letters.}
#'   \item{edition}{Edition of the index, 2020 or 2024 (integer).}
#'   \item{item}{Code of the indicator, such as `"LS1"`: see [gci_weights].}
#'   \item{value}{Value from 0 (nothing in place) to 1 (all in place); no
#'     unit.}
#'   \item{source}{`"data360"` for a published value, `"derived"` for one that
#'     we worked out.}
#' }
#'
#' @section Known limits:
#' * `OS4` of 2024 (child online protection) is not published. Its 194 values
#'   are **derived**: what the published pillar score leaves once the other
#'   three indicators have had their points. They carry six decimals.
#' * Child online protection is `TS4`, a technical measure, in 2020 and `OS4`,
#'   an organisational one, in 2024. The editions also differ in questions and
#'   points, so a change between them is not a change of the country alone:
#'   see [cap_bridge()].
#' * One published figure is faulty and is kept as published: `LS1` of
#'   Afghanistan in 2020, 0.861, cannot be squared with the pillar score of
#'   0.395 out of 20. It looks twenty times too large. [cap_audit()] finds it.
#' * Palau is not in these editions.
#' * Some reports print the two Congos the other way round in 2024: see
#'   [gci_overall].
#'
#' @section Terms of use:
#' The figures stay under the terms of their sources; the package's licence
#' covers its code alone. See `system.file("COPYRIGHTS", package =
#' "cybercap")`.
#'
#' @source International Telecommunication Union (ITU), Global Cybersecurity
#'   Index, through the World Bank's Data360, dataset `ITU_GCI`. Derived values
#'   by the authors of this package.
#' @seealso [gci_scores] for the published pillars and totals, [gci_weights]
#'   for the points.
#' @examples
#' kenya <- gci_items[gci_items$iso3 == "KEN" & gci_items$edition == 2024, ]
#' points <- gci_weights[gci_weights$edition == 2024, ]
#' sum(kenya$value * points$points[match(kenya$item, points$item)])
"gci_items"

#' Published pillar and overall scores of the Global Cybersecurity Index
#'
#' The five pillar scores and the overall score of 194 countries in the editions
#' 2020 and 2024, with all the digits that the source gives. Checks to the last
#' digit use this table.
#'
#' @format A data frame with 2,328 rows, sorted by country and edition; the
#'   pillars come before the overall score:
#' \describe{
#'   \item{iso3}{ISO 3166-1 code of the country, three letters.}
#'   \item{edition}{Edition of the index, 2020 or 2024 (integer).}
#'   \item{level}{`"pillar"` or `"overall"`.}
#'   \item{item}{`"LS"` legal, `"TS"` technical, `"OS"` organisational measures,
#'     `"CDS"` capacity development, `"CS"` cooperation; `"GCI"` for the overall
#'     score.}
#'   \item{value}{Score in points.}
#'   \item{max}{Highest score possible: 20 for a pillar, 100 overall.}
#' }
#'
#' @section Known limits:
#' * The editions differ in questions and points: see [cap_bridge()].
#' * In 2024 these scores of the Congo and the Democratic Republic of the Congo
#'   agree with press reports and with the published number of countries in each
#'   tier; a copy of the printed report has the two swapped: see [gci_overall].
#' * The legal pillar of Afghanistan in 2020 does not follow from its indicators:
#'   see [gci_items].
#' * Palau is not in these editions.
#'
#' @inheritSection gci_items Terms of use
#' @source International Telecommunication Union (ITU), Global Cybersecurity
#'   Index, through the World Bank's Data360, dataset `ITU_GCI`.
#' @examples
#' latest <- gci_scores[gci_scores$edition == 2024, ]
#' head(latest[latest$iso3 == "KEN", c("item", "value", "max")], 6)
"gci_scores"

#' Overall score of the Global Cybersecurity Index in five editions
#'
#' The published overall score of each country in the editions 2014, 2017, 2018,
#' 2020 and 2024.
#'
#' @format A data frame with 971 rows, sorted by country and edition:
#' \describe{
#'   \item{iso3}{ISO 3166-1 code of the country, three letters.}
#'   \item{edition}{Edition of the index (integer).}
#'   \item{value}{Overall score: 0 to 1 in 2014, 2017 and 2018, 0 to 100 points
#'     in 2020 and 2024. Four decimals at most.}
#'   \item{max}{Highest score possible: 1 or 100. Divide by it before comparing
#'     editions.}
#' }
#'
#' @section Known limits:
#' * Each edition changed questions and weights: scores and ranks of different
#'   editions measure somewhat different things.
#' * 2014 comes from one source alone. It lacks Canada and the Holy See, and has
#'   Hong Kong, which [countries] does not have.
#' * 2017 has Palau; no later edition does.
#' * Values have four decimals: for exact work use [gci_scores].
#'
#' @section A copy made by hand:
#' `system.file("extdata", "gci_overall_copy.csv", package = "cybercap")` is a
#' second source for the scores of 2024, typed from the printed report (ITU,
#' Global Cybersecurity Index, 5th edition, 2024) by a third party: a table
#' `iso3, edition, value, max` of 193 countries. It serves the audit alone, as
#' `other` of [cap_audit()]. Never quote it as the report: Canada is missing, and
#' 115 countries differ from [gci_scores], 105 by 0.005 to 0.172 points, ten by
#' 0.27 to 37.3. El Salvador has 0.00 there and 37.29 in [gci_scores], Germany
#' 93.84 and 97.85, and the Congo and the Democratic Republic of the Congo are
#' swapped; these four would be in another tier.
#'
#' @inheritSection gci_items Terms of use
#' @source International Telecommunication Union (ITU), Global Cybersecurity
#'   Index, editions 2014 to 2024, through the World Bank's Data360, dataset
#'   `ITU_GCI`, and ITU's reports.
#' @examples
#' kenya <- gci_overall[gci_overall$iso3 == "KEN", ]
#' data.frame(kenya["edition"], share = kenya$value / kenya$max)
"gci_overall"

#' Points of each indicator of the Global Cybersecurity Index
#'
#' How many of its pillar's twenty points each indicator is worth, in the
#' editions 2020 and 2024. ITU derives them from the answers of a panel of
#' experts and does not print them; they were solved from the published
#' indicator values and pillar scores.
#'
#' @format A data frame with 40 rows, in the order of the frameworks:
#' \describe{
#'   \item{edition}{Edition of the index, 2020 or 2024 (integer).}
#'   \item{pillar}{Code of the pillar: `"LS"`, `"TS"`, `"OS"`, `"CDS"` or
#'     `"CS"`.}
#'   \item{item}{Code of the indicator. A code is tied to its edition: `"TS4"`
#'     of 2020 is `"OS4"` of 2024.}
#'   \item{label}{What the indicator is about.}
#'   \item{points}{Points out of the pillar's 20, ten decimals.}
#'   \item{implied_experts}{Number of experts that the fraction of the points
#'     suggests; missing where none fits.}
#' }
#'
#' @section Known limits:
#' * The points are **derived**, not published. They give the published pillar
#'   scores back to within 0.000002 points, but for one faulty figure: see
#'   [gci_items].
#' * `implied_experts` is an inference, not a fact about ITU's panels.
#'
#' @inheritSection gci_items Terms of use
#' @source Worked out by the authors of this package from [gci_items] and
#'   [gci_scores].
#' @examples
#' tapply(gci_weights$points, gci_weights[c("pillar", "edition")], sum)
"gci_weights"

#' Countries with their codes and groups
#'
#' The countries of the Global Cybersecurity Index with ITU region, group of the
#' United Nations and of the World Bank.
#'
#' @format A data frame with 195 rows, sorted by country:
#' \describe{
#'   \item{iso3, iso2}{ISO 3166-1 codes. The two letters of Namibia are the text
#'     `"NA"`, which is not a missing value.}
#'   \item{country}{Short name in English (United Nations).}
#'   \item{itu_region, itu_region_name}{ITU region: `"AFR"` Africa, `"AMS"`
#'     Americas, `"ARB"` Arab States, `"ASP"` Asia-Pacific, `"CIS"` Commonwealth
#'     of Independent States, `"EUR"` Europe.}
#'   \item{itu_region_source}{Where the region comes from: a table of ITU, or
#'     `"assigned"` where it is our assignment.}
#'   \item{in_gci_2024}{Is the country in the edition 2024?}
#'   \item{ldc, lldc, sids}{Is it a least developed country, a landlocked
#'     developing country, a small island developing state?}
#'   \item{wb_income_group, wb_region}{Income group and region of the World Bank;
#'     missing for the Holy See.}
#'   \item{unsd_region, unsd_subregion}{Region and sub-region of the United
#'     Nations Statistics Division.}
#' }
#'
#' @section Known limits:
#' * The ITU region of 28 countries is **assigned** by us, as ITU's table lacks
#'   them: `itu_region_source` marks them.
#' * LDC, LLDC, SIDS and income group are one recent list, not the list of each
#'   edition's date; Sao Tome and Principe is still among the LDCs.
#' * Palau is listed although it is not in the edition 2024; Hong Kong, which is
#'   in the edition 2014, is not listed.
#' * Ethiopia and Venezuela have no income group (`"Not classified"`).
#'
#' @inheritSection gci_items Terms of use
#' @source Names and regions: United Nations Statistics Division, standard
#'   country or area codes for statistical use (M49), with its lists of LDC,
#'   LLDC and SIDS. ITU regions: ITU, ICT Development Index 2024, table 1. Income
#'   groups and regions: World Bank.
#' @examples
#' table(countries$itu_region, countries$ldc)
#' countries[countries$iso3 == "NAM", c("iso2", "country")]
"countries"

#' Names of countries in the six languages of the United Nations
#'
#' @format A data frame with 195 rows, sorted by country; text in UTF-8:
#' \describe{
#'   \item{iso3}{ISO 3166-1 code of the country, three letters.}
#'   \item{en, fr, es, ar, ru, zh}{Name in English, French, Spanish, Arabic,
#'     Russian and Chinese.}
#' }
#'
#' @section Known limits:
#' * Names change; this is one recent list, not that of each edition's date.
#' * The names are those of the source and imply no opinion on the status of any
#'   country or territory.
#'
#' @inheritSection gci_items Terms of use
#' @source United Nations Statistics Division, standard country or area codes for
#'   statistical use (M49).
#' @examples
#' country_names[country_names$iso3 == "KEN", c("en", "fr", "es")]
"country_names"

#' Population and internet users by country and year
#'
#' Population from 2010 to 2024 and the share of the population that uses the
#' internet from 2010 to 2025. Users of a country are the share times the
#' population: the weights of [cap_regions()].
#'
#' @format A data frame with 2,935 rows, sorted by country and year:
#' \describe{
#'   \item{iso3}{ISO 3166-1 code of the country, three letters.}
#'   \item{year}{Calendar year (integer).}
#'   \item{population}{Number of people at mid-year; missing where unknown.}
#'   \item{internet_users_pct}{Individuals using the internet, per cent of the
#'     population; missing where unknown.}
#' }
#'
#' @section Known limits:
#' * The Holy See has no row, the Democratic People's Republic of Korea no
#'   percentage. Years are missing for many countries: 142 percentages and 10
#'   populations in all.
#' * Some figures look wrong and are kept as published: Ghana 43, 22 and 62.5 per
#'   cent (2018 to 2020) and Cambodia 65 per cent (2018).
#' * The source revises past years; this is one recent state.
#'
#' @inheritSection gci_items Terms of use
#' @source World Bank, World Development Indicators: `SP.POP.TOTL` (population,
#'   total) and `IT.NET.USER.ZS` (individuals using the internet, from ITU).
#' @examples
#' kenya <- internet_users[internet_users$iso3 == "KEN", ]
#' with(tail(kenya, 3), population * internet_users_pct / 100)
"internet_users"
