# Builds data/*.rda from the plain figures in this folder:
#   Rscript data-raw/make-data.R
# from the package's root. See ?gci_items and the other help pages for what
# the figures are, where they come from and what is wrong with them.

# No text is ever a missing value: Namibia's two letters are "NA".
read_text <- function(file) {
  utils::read.csv(file.path("data-raw", file), colClasses = "character",
                  na.strings = character(), check.names = FALSE,
                  encoding = "UTF-8")
}
number <- function(x) {
  x[x == ""] <- NA
  value <- utils::type.convert(x, as.is = TRUE, na.strings = "NA")
  stopifnot(is.numeric(value) || all(is.na(value)))
  as.double(value)
}
whole <- function(x) {
  value <- number(x)
  stopifnot(is.na(value) | value == round(value))
  as.integer(value)
}
flag <- function(x) {
  stopifnot(x %in% c("0", "1"))
  x == "1"
}
by_code <- function(data, ...) {
  data <- data[order(..., method = "radix"), , drop = FALSE]
  rownames(data) <- NULL
  data
}

# One row a unit and column -> one row a unit, column and value; cells that are
# empty in the file are no rows.
long <- function(data, keys, name, columns = setdiff(names(data), keys)) {
  rows <- rep(seq_len(nrow(data)), each = length(columns))
  result <- data[rows, keys, drop = FALSE]
  result[[name]] <- rep(columns, times = nrow(data))
  result$value <- as.vector(t(as.matrix(data[columns])))
  result <- result[result$value != "", , drop = FALSE]
  result$value <- number(result$value)
  rownames(result) <- NULL
  result
}

gci_items <- long(read_text("gci_items.csv"), c("iso3", "edition"), "item")
gci_items$edition <- whole(gci_items$edition)
# The 2024 indicator on child online protection is not published: it is what
# the published pillar score leaves.
gci_items$source <- ifelse(gci_items$edition == 2024L & gci_items$item == "OS4",
                           "derived", "data360")

gci_scores <- long(read_text("gci_scores.csv"), c("iso3", "edition"), "item")
gci_scores$edition <- whole(gci_scores$edition)
gci_scores$level <- ifelse(gci_scores$item == "GCI", "overall", "pillar")
gci_scores$max <- ifelse(gci_scores$item == "GCI", 100, 20)
gci_scores <- gci_scores[c("iso3", "edition", "level", "item", "value", "max")]

gci_overall <- long(read_text("gci_overall.csv"), "iso3", "edition")
gci_overall$edition <- whole(gci_overall$edition)
gci_overall$max <- ifelse(gci_overall$edition < 2020L, 1, 100)

gci_weights <- read_text("gci_weights.csv")
gci_weights$edition <- whole(gci_weights$edition)
gci_weights$points <- number(gci_weights$points)
gci_weights$implied_experts <- whole(gci_weights$implied_experts)

countries <- read_text("countries.csv")
for (column in c("in_gci_2024", "ldc", "lldc", "sids")) {
  countries[[column]] <- flag(countries[[column]])
}
for (column in c("wb_income_group", "wb_region")) {
  countries[[column]][countries[[column]] == ""] <- NA
}
countries <- by_code(countries, countries$iso3)

country_names <- read_text("country_names.csv")
country_names <- by_code(country_names, country_names$iso3)

internet_users <- read_text("internet_users.csv")
internet_users$year <- whole(internet_users$year)
for (column in c("population", "internet_users_pct")) {
  internet_users[[column]] <- number(internet_users[[column]])
}

sets <- c("gci_items", "gci_scores", "gci_overall", "gci_weights", "countries",
          "country_names", "internet_users")
dir.create("data", showWarnings = FALSE)
for (set in sets) {
  data <- get(set)
  # Text is ASCII or marked as UTF-8, codes are codes, no row comes twice.
  for (column in names(data)[vapply(data, is.character, NA)]) {
    data[[column]] <- enc2utf8(data[[column]])
    stopifnot(validUTF8(data[[column]]))
  }
  keys <- intersect(c("iso3", "edition", "year", "code", "item"), names(data))
  stopifnot(!anyDuplicated(data[keys]),
            grepl("^[A-Z]{3}$", data$iso3), grepl("^[A-Z]{2}$", data$iso2))
  if (!is.null(data$iso3)) {
    stopifnot(!is.unsorted(order(data$iso3, method = "radix")))
  }
  assign(set, data)
  save(list = set, file = file.path("data", paste0(set, ".rda")),
       compress = "xz", version = 3)
  cat(sprintf("%-17s %5d rows %7d bytes\n", set, nrow(data),
              file.size(file.path("data", paste0(set, ".rda")))))
}
