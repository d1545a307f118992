#' @importFrom rlang .data
#' @keywords internal
#' @useDynLib cybercap, .registration = TRUE, .fixes = "C_"
"_PACKAGE"

.onLoad <- function(libname, pkgname) {
  delayed_method("tibble", "as_tibble", "cap_result", as_tibble.cap_result)
  delayed_method("generics", "tidy", "cap_result", tidy.cap_result)
  delayed_method("knitr", "knit_print", "cap_result", knit_print.cap_result)
  delayed_method("knitr", "knit_print", "cap_table", knit_print.cap_table)
  delayed_method("knitr", "knit_print", "cap_findings", knit_print.cap_findings)
}

# Registers an S3 method now or when the generic's package is loaded.
delayed_method <- function(package, generic, class, method) {
  register <- function(...) {
    registerS3method(generic, class, method, envir = asNamespace(package))
  }
  if (isNamespaceLoaded(package)) register()
  setHook(packageEvent(package, "onLoad"), register)
}

.onUnload <- function(libpath) {
  library.dynam.unload("cybercap", libpath)
}
