# Writes what rhdf5 reads from a result file as text. usage: Rscript interop_readers.R FILE.h5 OUT.txt
suppressMessages(library(rhdf5))
arguments <- commandArgs(trailingOnly = TRUE)
path <- arguments[1]
listing <- h5ls(path)
tvpi <- h5read(path, "/portfolios/net_tvpi")
failed <- h5read(path, "/portfolios/n_failed")
stopifnot(is.integer(failed))
lines <- c(
  # it warns that it skips the references to dimension scales
  paste("units", suppressWarnings(h5readAttributes(path, "/portfolios/fees"))$units),
  paste("seed", h5readAttributes(path, "/")$seed),
  paste("names", sum(listing$group == "/portfolios")),
  paste("statistic", h5read(path, "/summary/statistic")[1]),
  sprintf("%.17g %.17g", as.vector(tvpi), as.vector(failed))
)
writeLines(lines, arguments[2])
