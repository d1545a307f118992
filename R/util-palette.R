# Colours of plots and workbooks: legible in grey, no red or green, nothing
# flag-like; each at least 3:1 on white and beside its neighbours.

cap_palette <- c(
  blue = "#12436D", teal = "#28A197", plum = "#801650", orange = "#F46A25",
  charcoal = "#3D3D3D", lilac = "#A285D1"
)

# What is not in focus, and the bars in cells.
grey_rest <- "#BFBFBF"
cap_tint <- "#BFD4E6"

# Tiers in cells, strongest first: one hue, black text at 4.5:1 or more.
cap_tier_ramp <- c("#6F9DC6", "#93B6D5", "#B5CEE3", "#D6E3EF", "#F1F6FA")

# Tiers in charts: the same hue, darkest for the best; see text_on().
tier_colours <- function(n) {
  grDevices::colorRampPalette(c("#12436D", "#4A7BA6", "#8DB0CF", "#BFD4E6", "#E8F0F7"))(n)
}

# Contrast of two colours, 1 to 21 (WCAG 2.1, relative luminance).
contrast <- function(a, b) {
  light <- function(color) {
    rgb <- grDevices::col2rgb(color) / 255
    linear <- ifelse(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055)^2.4)
    drop(c(0.2126, 0.7152, 0.0722) %*% linear)
  }
  pair <- cbind(light(a), light(b))
  (pmax(pair[, 1L], pair[, 2L]) + 0.05) / (pmin(pair[, 1L], pair[, 2L]) + 0.05)
}
