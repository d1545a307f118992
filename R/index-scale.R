# Ranks and bands of scores on the scale of their index: `max` is the maximum of
# its root, whatever the level that the scores are of.

# Ranks of each column within segments of rows (offsets); `max` one for all columns or
# one for each.
ranks_within <- function(scores, segments, rank, max) {
  .Call(C_rank_panel, unname(scores), segments, rank, as.double(max))
}

# Numbers of the first bound, from the highest, that each score reaches; NA below all.
bands_within <- function(scores, lower, max) .Call(C_band, as.double(scores), as.double(lower), as.double(max))

# Whether each score reaches its bound but for rounding; what is missing reaches nothing.
reaches <- function(scores, lower, max) .Call(C_bound_holds, as.double(scores), as.double(lower), as.double(max))

# Whether answers, levels and prices reach what is asked, as they are given.
meets <- function(value, minimum) reaches(value, minimum, 100)

is_same_value <- function(a, b) meets(a, b) & meets(b, a)

# Whether maxima of one level, on the common scale of their roots, are one.
is_same_maximum <- function(a, b) abs(a - b) <= slack("maximum") * b

# What a score may lack of a bound, in points.
bound_slack <- function(max) .Call(C_bound_slack, as.double(max))

# Points in ten-thousandths of the scale up to 100: a key on which gains are put in order.
points_key <- function(points, max) round_half_up(100 * points / max, 4L)
