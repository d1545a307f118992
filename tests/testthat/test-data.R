points_of <- function(edition, item) {
  gci_weights$points[match(paste(edition, item),
                           paste(gci_weights$edition, gci_weights$item))]
}
pillar_of <- function(item) sub("[0-9]+$", "", item)

test_that("points times values give the published pillars, but for one", {
  sums <- aggregate(
    list(sum = gci_items$value * points_of(gci_items$edition, gci_items$item)),
    list(iso3 = gci_items$iso3, edition = gci_items$edition,
         item = pillar_of(gci_items$item)), sum)
  both <- merge(sums, gci_scores)
  expect_equal(nrow(both), 194 * 2 * 5)
  off <- both[abs(both$sum - both$value) > 2e-6, ]
  expect_equal(paste(off$iso3, off$edition, off$item), "AFG 2020 LS")
})

test_that("published pillars add up to the published total", {
  pillars <- gci_scores[gci_scores$level == "pillar", ]
  sums <- aggregate(list(sum = pillars$value), pillars[c("iso3", "edition")],
                    sum)
  both <- merge(sums, gci_scores[gci_scores$level == "overall", ])
  expect_equal(nrow(both), 194 * 2)
  expect_lt(max(abs(both$sum - both$value)), 1e-9)
})

test_that("both tables of totals agree to four decimals", {
  both <- merge(gci_overall, gci_scores[gci_scores$item == "GCI", ],
                by = c("iso3", "edition"))
  expect_equal(nrow(both), 194 * 2)
  expect_lt(max(abs(both$value.x - both$value.y)), 5.1e-5)
})

test_that("the limits told on the help pages hold", {
  copy <- merge(gci_overall_copy(),
                gci_scores[gci_scores$edition == 2024 &
                             gci_scores$item == "GCI", ], by = "iso3")
  apart <- abs(copy$value.x - copy$value.y)
  expect_equal(c(sum(apart > 0.005), sum(apart > 0.25)), c(115, 10))
  expect_equal(setdiff(countries$iso3[countries$in_gci_2024],
                       gci_overall_copy()$iso3), "CAN")
  expect_equal(sum(countries$itu_region_source == "assigned"), 28)
  expect_equal(countries$iso3[!countries$in_gci_2024], "PLW")
  first <- gci_overall$iso3[gci_overall$edition == 2014]
  expect_equal(setdiff(countries$iso3, first), c("CAN", "VAT"))
  expect_equal(setdiff(first, countries$iso3), "HKG")
  expect_equal(setdiff(countries$iso3, internet_users$iso3), "VAT")
  expect_equal(c(sum(is.na(internet_users$population)),
                 sum(is.na(internet_users$internet_users_pct))), c(10, 142))
  derived <- gci_items$source == "derived"
  expect_equal(derived, gci_items$edition == 2024 & gci_items$item == "OS4")
})

test_that("text survives: Namibia's letters, scripts, no factor", {
  expect_identical(countries$iso2[countries$iso3 == "NAM"], "NA")
  expect_false(anyNA(countries$iso2))
  expect_identical(country_names$ru[country_names$iso3 == "KEN"],
                   "\u041a\u0435\u043d\u0438\u044f")
  for (set in list(gci_items, gci_scores, countries, country_names)) {
    expect_false(any(vapply(set, is.factor, NA)))
    expect_true(all(validUTF8(unlist(set[vapply(set, is.character, NA)]))))
  }
})

test_that("the shipped frameworks carry the points of gci_weights", {
  for (edition in c(2020, 2024)) {
    file <- system.file("frameworks", paste0("gci-", edition), "items.csv",
                        package = "cybercap")
    items <- read.csv(file)
    leaves <- items[!items$code %in% items$parent, ]
    expect_identical(leaves$weight, points_of(edition, leaves$code))
    expect_identical(leaves$parent, pillar_of(leaves$code))
    expect_equal(leaves$code[leaves$concept == "COP"],
                 if (edition == 2020) "TS4" else "OS4")
  }
})
