# Progress bars that cannot fail their caller: `bar <- start_bar(...); on.exit(end_bar(bar))`.

# A full bar stays until it is ended, so that it may be told again that it is full: cli would drop
# it, and raise an error at the next word of it.
start_bar <- function(name, total, .envir = parent.frame()) {
  cli::cli_progress_bar(name, total = total, clear = TRUE, auto_terminate = FALSE, .auto_close = FALSE, .envir = .envir)
}

# An interrupt that comes while a bar is drawn for the first time leaves it half made. Closing it is
# then an error, which would stand in the place of the interrupt.
end_bar <- function(bar) try(cli::cli_progress_done(id = bar), silent = TRUE)
