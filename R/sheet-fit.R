# What a plan leaves open of a sheet: widths of columns, heights of rows whose text
# wraps, and where pages start. Widths are in figures of the cells' type.

# `wrap` and `indent` say of each format whether it wraps and how far it indents.
fit_sheet <- function(sheet, blocks, wrap, indent) {
  sheet$width <- fit_widths(sheet, blocks, wrap, indent)
  sheet$height <- fit_heights(sheet, blocks, wrap, indent)
  if (is.null(sheet$page_breaks) && !is.null(sheet$keep)) sheet$page_breaks <- page_starts(sheet)
  sheet
}

fit_widths <- function(sheet, blocks, wrap, indent) {
  n <- max(0L, length(sheet$widths), vapply(blocks, last_column, 0L))
  width <- rep(NA_real_, n)
  for (block in Filter(function(x) x$fit, blocks)) {
    for (i in seq_along(block$columns)) {
      at <- block$col + i - 1L
      needed <- column_width(block$columns[[i]], block, wrap)
      if (is.null(block$columns[[i]]$width)) needed <- min(needed, sheet$max_width)
      width[at] <- max(width[at], needed, na.rm = TRUE)
    }
  }
  given <- which(!is.na(sheet$widths))
  width <- air_for_text(width, blocks, wrap, indent, sheet$max_width, given)
  width[given] <- sheet$widths[given]
  width
}

# What bold text, and screens that round each letter to whole dots, take more.
AIR <- 1.04

# The room in a column, as reckoned here, as Excel prints and as LibreOffice does: text
# is narrower there, and columns may be wider.
room_in_programs <- c(1, AIR, 1.1)
SLACK <- max(room_in_programs)

# So much wider that no line of a header runs up to the next one, and that no text
# nearly fits on a line: it would take one in one program and two in another.
air_for_text <- function(width, blocks, wrap, indent, most, given) {
  for (block in blocks) {
    for (i in seq_along(block$columns)) {
      at <- block$col + i - 1L
      column <- block$columns[[i]]
      if (is.na(width[at]) || at %in% given) next
      if (!is.null(column$header) && is_wrapped(column$header_id, wrap)) {
        width[at] <- airy_width(column$header, width[at], most)
      }
      if (is.character(column$values) && is_wrapped(column$format_id, wrap)) {
        less <- indented(column$format_id, indent)
        width[at] <- less + line_width(unique(column$values), width[at] - less)
      }
    }
  }
  width
}

airy_width <- function(header, width, most) {
  set <- set_letters(header)
  for (wider in seq(width, max(width, min(width + 8, most)), by = 0.5)) {
    if (is_airy(set, wider)) {
      return(wider)
    }
  }
  width
}

is_airy <- function(set, width) {
  all(vapply(room_in_programs * width, function(room) {
    max(.Call(C_xlsx_lines, set$code, set$width, room)) <= room - 1
  }, NA))
}

line_width <- function(text, width) {
  # no letter is twice as wide as a figure, nor a text of many letters half as wide
  count <- text_width(text)
  near <- set_width(text[!is.na(text) & 2 * count > width & count < 2 * width])
  most <- min(SLACK^2 * width, 250) # Excel's widest is 255
  repeat {
    nearly <- near[near > width + width_noise & near <= min(SLACK * width, most)]
    if (length(nearly) == 0L) {
      return(width)
    }
    width <- up_to_tenths(max(nearly))
  }
}

# Sums of the widths of letters, which have two decimals, are off by less.
width_noise <- 1e-5

# The next tenth.
up_to_tenths <- function(width) ceiling(10 * width - width_noise) / 10

# In characters, with room for the margins of a cell and a filter button.
column_width <- function(column, block, wrap) {
  if (!is.null(column$width)) {
    return(column$width)
  }
  header <- if (is.null(column$header)) {
    0
  } else if (is_wrapped(column$header_id, wrap)) {
    max(text_width(strsplit(column$header, "[ \n]")[[1L]]), 0)
  } else {
    max(text_width(lines_of(column$header)), 0)
  }
  if (block$autofilter) header <- header + 2
  max(8, header + 1.5, max(shown_width(column), 0) + 1.5)
}

# At least so wide, and enough for the longest word, or whole text, up to 48.
wide_enough <- function(text, least, whole = FALSE) {
  parts <- if (whole) text else unlist(strsplit(text, "[ \n]"))
  min(48, max(least, text_width(parts) + 2))
}

is_wrapped <- function(id, wrap) any(id > 0L & c(FALSE, wrap)[id + 1L])

shown_width <- function(column) {
  values <- column$values
  width <- if (is.character(values)) {
    text_width(lines_of(unique(values)))
  } else {
    number_width(values[is.finite(values)], column$format)
  }
  if (anyNA(values)) c(width, text_width(column$shorthand)) else width
}

lines_of <- function(x) {
  x <- x[!is.na(x)]
  many <- grepl("\n", x, fixed = TRUE)
  c(x[!many], unlist(strsplit(x[many], "\n", fixed = TRUE), use.names = FALSE))
}

# Columns on a screen: wide characters of East Asia count 2.
text_width <- function(x) {
  width <- nchar(x, type = "width", allowNA = TRUE)
  if (anyNA(width)) {
    bad <- is.na(width)
    width[bad] <- nchar(x[bad], type = "bytes")
  }
  width
}

# The longest number as its format shows it, near enough.
number_width <- function(x, format) {
  if (length(x) == 0L) {
    return(0)
  }
  code <- if (inherits(format, "cap_format")) format$num_format %||% "General" else "0.000"
  first <- strsplit(code, ";", fixed = TRUE)[[1L]][[1L]]
  if (identical(first, "General")) {
    return(max(nchar(format(range(x), digits = 7))))
  }
  decimals <- nchar(sub("^[^.]*\\.?(0*).*$", "\\1", first))
  extra <- nchar(gsub("[0#.,?]", "", first)) + any(x < 0)
  digits <- nchar(formatC(max(abs(x)), format = "f", digits = decimals))
  commas <- if (grepl("#,##0", first, fixed = TRUE)) max(0, (digits - decimals - 2) %/% 3) else 0
  digits + extra + commas
}

# Points for the rows in which a wrapped text needs more than one line.
fit_heights <- function(sheet, blocks, wrap, indent) {
  texts <- unlist(lapply(blocks, wrapped_texts, wrap = wrap, indent = indent), recursive = FALSE)
  text <- as.character(unlist(lapply(texts, `[[`, "text"), use.names = FALSE))
  row <- as.integer(unlist(lapply(texts, `[[`, "row"), use.names = FALSE))
  of <- rep(seq_along(texts), lengths(lapply(texts, `[[`, "text")))
  room <- sheet$width[vapply(texts, `[[`, 0L, "col")] - vapply(texts, `[[`, 0, "less")
  lines <- line_count(text, room[of])
  many <- which(lines > 1)
  most <- tapply(lines[many], row[many], max)
  height <- stats::setNames(15 * pmin(as.vector(most), 27), names(most))
  height[names(sheet$heights)] <- unlist(sheet$heights)
  height[order(as.integer(names(height)))]
}

# Each wrapped text of a block with its row and column on the sheet, and how much
# less than the width of the column an indent leaves it.
wrapped_texts <- function(block, wrap, indent) {
  first <- block$row + has_header(block)
  out <- lapply(seq_along(block$columns), function(i) {
    column <- block$columns[[i]]
    list(
      if (!is.null(column$header) && is_wrapped(column$header_id, wrap)) {
        list(text = column$header, row = block$row, col = block$col + i - 1L, less = indented(column$header_id, indent))
      },
      if (is.character(column$values) && is_wrapped(column$format_id, wrap)) {
        list(
          text = column$values, row = first + seq_along(column$values) - 1L, col = block$col + i - 1L,
          less = indented(column$format_id, indent)
        )
      }
    )
  })
  Filter(length, unlist(out, recursive = FALSE))
}

# A step of an indent is three spaces wide.
indented <- function(id, indent) 1.35 * max(c(0, indent)[id + 1L], 0)

# Lines that each text takes in a column of its width, or all in one of that width.
line_count <- function(text, width) {
  text[is.na(text)] <- ""
  width[is.na(width)] <- 8.43
  room <- rep_len(pmax(1, width), length(text))
  # no letter is twice as wide as a figure
  long <- which(2 * text_width(text) > room | grepl("\n", text, fixed = TRUE))
  lines <- rep(1, length(text))
  set <- set_letters(text[long])
  lines[long] <- .Call(C_xlsx_line_counts, set$code, set$width, set$n, room[long])
  lines
}

# Widths of the lines of a text, broken as a word processor does (src/xlsx/lines.h).
line_widths <- function(text, room) {
  set <- set_letters(text)
  .Call(C_xlsx_lines, set$code, set$width, as.double(room))
}

# Widths of the characters from the space to the tilde in Calibri and its metric twin
# Carlito, in hundredths of a figure.
calibri <- c(
  45, 64, 79, 98, 100, 141, 135, 44, 60, 60, 98, 98, 49, 60, 50, 76, 100, 100, 100, 100, 100, 100, 100, 100, 100,
  100, 53, 53, 98, 98, 98, 91, 176, 114, 107, 105, 121, 96, 91, 124, 123, 50, 63, 103, 83, 169, 127, 131, 102, 133,
  107, 91, 96, 127, 112, 176, 102, 96, 92, 61, 76, 61, 98, 98, 57, 95, 104, 83, 104, 98, 60, 93, 104, 45, 47, 90,
  45, 158, 104, 104, 104, 104, 69, 77, 66, 104, 89, 141, 85, 89, 78, 62, 91, 62, 98
)

# Widths of texts in figures.
set_width <- function(x) {
  set <- set_letters(x)
  sums <- c(0, cumsum(set$width))
  end <- cumsum(set$n)
  sums[end + 1L] - sums[end - set$n + 1L]
}

# Letters of texts, one after another, and how many each text has. Those of other
# scripts are as wide as their columns on a screen.
set_letters <- function(x) {
  x <- enc2utf8(x)
  x[is.na(x)] <- ""
  bad <- !validUTF8(x)
  x[bad] <- iconv(x[bad], "UTF-8", "UTF-8", sub = "?")
  n <- nchar(x)
  if (any(n != nchar(x, "bytes"))) x <- plain_letters(x)
  code <- utf8ToInt(paste(x, collapse = ""))
  width <- ascii_widths[pmin(code, length(ascii_widths))]
  other <- which(code > 126L)
  width[other] <- 1.1 * text_width(intToUtf8(code[other], multiple = TRUE))
  list(code = code, width = AIR * width, n = n)
}
# Those of no width come first: the 31 marks that are not printed.
ascii_widths <- c(rep(0, 31L), calibri / 100, NA)

# Pages ------------------------------------------------------------------------

# Points across and down within the margins that are not set, and of a row.
page_points <- function(sheet) {
  paper <- if (sheet$paper == "Letter") c(612, 792) else c(595, 842)
  (if (sheet$landscape) rev(paper) else paper) - c(100.8, 108)
}
ROW_POINTS <- 15

# Rows that start a page, so that none of `sheet$keep` is cut that fits on one. The
# rows that repeat take their room on each page from the second on.
page_starts <- function(sheet) {
  last <- sheet$print_area[3:4]
  width <- c(sheet$width, rep(NA, last[2L]))[seq_len(last[2L])]
  width[is.na(width)] <- 8.43
  page <- page_points(sheet)
  # whole per cents, as programs scale, and a little less than a page
  scale <- min(1, floor(100 * page[1L] / sum(0.75 * (7 * width + 5))) / 100)
  room <- 0.985 * page[2L] / scale
  height <- rep(ROW_POINTS, last[1L])
  tall <- as.integer(names(sheet$height))
  height[tall[tall <= last[1L]]] <- sheet$height[tall <= last[1L]]
  repeated <- sum(height[seq.int(sheet$repeat_rows[1L], length.out = diff(sheet$repeat_rows) + 1L)])
  below <- cumsum(height)
  above <- c(0, below)
  starts <- integer()
  top <- 0
  for (rows in sheet$keep) {
    end <- below[rows[2L]]
    fits <- end - above[rows[1L]] <= room - repeated
    # of what fills more than a page the head with some rows
    if (!fits) end <- below[min(rows[1L] + 4L, rows[2L])]
    if (end - top > room) {
      starts <- c(starts, rows[1L])
      top <- above[rows[1L]] - repeated
    }
    while (!fits && below[rows[2L]] - top > room) {
      top <- above[which(below - top > room)[1L]] - repeated
    }
  }
  starts
}
