library(testthat)
library(cybercap)

test_check("cybercap")
