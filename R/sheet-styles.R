# Formats of cells that all workbooks share. (This file sorts after sheets.R,
# whose sheet_format() it calls when the package is built.)

header_format <- function(...) {
  sheet_format(
    bold = TRUE, wrap = TRUE, v_align = "bottom", background = "#E8F0F7",
    bottom = "thin", bottom_color = "#12436D", ...
  )
}

styles <- list(
  title = sheet_format(bold = TRUE, size = 15, color = "#12436D"),
  long_title = sheet_format(bold = TRUE, size = 12, color = "#12436D"),
  heading = sheet_format(bold = TRUE, size = 13, color = "#12436D"),
  subheading = sheet_format(bold = TRUE, size = 11, color = "#12436D"),
  small = sheet_format(size = 9, color = "#3D3D3D"),
  text = sheet_format(size = 11),
  wrapped = sheet_format(wrap = TRUE, v_align = "top"),
  header = header_format(),
  indented = sheet_format(indent = 1),
  indented_wrapped = sheet_format(indent = 1, wrap = TRUE),
  wrapped_low = sheet_format(wrap = TRUE),
  header_indented = header_format(indent = 1),
  score = sheet_format("0.0", h_align = "right"),
  whole = sheet_format("#,##0", h_align = "right"),
  value = sheet_format("0.00", h_align = "right"),
  weight = sheet_format("0.000", h_align = "right"),
  plain_number = sheet_format("0", h_align = "left"),
  change = sheet_format("+0.0;-0.0;0.0", h_align = "right"),
  p_value = sheet_format("[<0.001]\"<0.001\";0.000", h_align = "right"),
  fill_in = sheet_format(background = "#F1F6FA", wrap = TRUE)
)
