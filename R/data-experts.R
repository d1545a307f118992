#' Synthetic experts
#'
#' **Synthetic data: no expert gave these points.** Made for examples and tests
#' of [cap_weights_expert()]: the mean over the experts is, for every indicator,
#' the 2024 points of [gci_weights], which ITU derives from a panel that it does
#' not publish.
#'
#' @format A data frame with 622 rows, sorted by expert:
#' \describe{
#'   \item{expert}{`"E01"` to `"E60"`.}
#'   \item{item}{Code of the indicator, as in the framework `"gci-2024"`.}
#'   \item{value}{Points out of the pillar's 20.}
#'   \item{source}{Always `"synthetic"`.}
#' }
#' The attribute `note` says that it is synthetic.
#'
#' @details
#' Each expert covers the two or three pillars whose turn it is, as ITU's experts
#' weigh the pillars nearest to their field. Their numbers are those that the
#' published points suggest (`implied_experts` of [gci_weights]; 31 for
#' cooperation, where none fits): 35, 29, 31, 31 and 31.
#'
#' An expert's points are the mean times a lognormal factor (0.35 on the log
#' scale), rounded to half points that sum to 20. Then half points are shifted
#' from one item to another, expert by expert, until each mean is out by less
#' than half a point of one expert. One expert a pillar carries what is left and
#' so has decimals. The numbers come from Lehmer's generator with a fixed start.
#'
#' @section Known limits:
#' * The spread among the experts is invented: standard errors and agreement of
#'   these experts say nothing about ITU's.
#' * Means agree with [gci_weights] to 1e-9 of 20 points, which have ten decimals.
#' @source Made by the authors of this package.
#' @seealso [gci_weights] for the points.
#' @examples
#' means <- tapply(gci_experts$value, gci_experts$item, mean)
#' points <- gci_weights[gci_weights$edition == 2024, ]
#' max(abs(means[points$item] - points$points))
"gci_experts"
