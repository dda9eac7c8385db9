#!/usr/bin/env Rscript
# Prints the summary of guidefund result files and draws the survival curves of net TVPI.
#   summary.R FILE.h5 [FILE.h5 ...] [--json] [--quiet] [--plot PICTURE.png]

script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(dirname(script), "read_results.R"))

colours <- c("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9") # Okabe and Ito: safe for colour-blind eyes

usage <- function(...) {
  message("summary.R: ", ..., "\nusage: summary.R FILE.h5 [FILE.h5 ...] [--json] [--quiet] [--plot PICTURE.png]")
  quit(status = 64)
}

parse_arguments <- function(words) {
  parsed <- list(files = character(), json = FALSE, quiet = FALSE, plot = NULL)
  while (length(words) > 0) {
    word <- words[1]
    words <- words[-1]
    if (word == "--json") parsed$json <- TRUE
    else if (word == "--quiet") parsed$quiet <- TRUE
    else if (word == "--plot") {
      if (length(words) == 0) usage("--plot needs a file name")
      parsed$plot <- words[1]
      words <- words[-1]
    } else if (startsWith(word, "--")) usage("no option ", word)
    else parsed$files <- c(parsed$files, word)
  }
  if (length(parsed$files) == 0) usage("no file named")
  parsed
}

print_text <- function(result) {
  cat(sprintf("%s: %s portfolios, seed %s (%s)\n", result$about$scenario,
              format(nrow(result$portfolios), big.mark = ",", scientific = FALSE), result$about$seed, result$path))
  for (name in names(result$numbers)) {
    number <- result$numbers[[name]]
    cat(sprintf("  %-28s %12.5g%s\n", name, number[1], if (is.na(number[2])) "" else sprintf("  \u00b1 %.2g", number[2])))
  }
}

json_number <- function(x) if (is.na(x)) "null" else sprintf("%.17g", x)
json_text <- function(x) paste0('"', gsub('(["\\\\])', "\\\\\\1", x), '"')

json_result <- function(result) {
  numbers <- vapply(names(result$numbers), function(name) {
    number <- result$numbers[[name]]
    sprintf("%s: {\"value\": %s, \"se\": %s}", json_text(name), json_number(number[1]), json_number(number[2]))
  }, "")
  sprintf("{\"path\": %s, \"scenario\": %s, \"portfolios\": %d, \"numbers\": {\n%s}}", json_text(result$path),
          json_text(result$about$scenario), nrow(result$portfolios), paste(numbers, collapse = ",\n"))
}

# What tells the curves apart: scenarios, with the file where two have the same.
labels_of <- function(results) {
  scenarios <- vapply(results, function(result) as.character(result$about$scenario), "")
  paths <- vapply(results, function(result) result$path, "")
  names <- if (anyDuplicated(paste(scenarios, basename(paths)))) paths else basename(paths)
  ifelse(scenarios %in% scenarios[duplicated(scenarios)], sprintf("%s (%s)", scenarios, names), scenarios)
}

draw <- function(results, picture) {
  suppressPackageStartupMessages(library(ggplot2))
  curves <- do.call(rbind, Map(function(result, label) cbind(survival_curve(result$portfolios), scenario = label),
                               results, labels_of(results)))
  curves$scenario <- factor(curves$scenario, levels = unique(curves$scenario))
  n <- sort(unique(vapply(results, function(result) nrow(result$portfolios), 1L)))
  each <- paste(paste(format(n, big.mark = ",", scientific = FALSE, trim = TRUE), collapse = " or "),
                if (length(results) > 1) "portfolios each" else "portfolios")
  figure <- ggplot(curves, aes(x, p, colour = scenario, fill = scenario, linetype = scenario)) +
    geom_ribbon(aes(ymin = low, ymax = high), alpha = 0.25, colour = NA) +
    geom_line(linewidth = 0.8) +
    scale_x_log10(labels = function(v) paste0(vapply(v, format, "", scientific = FALSE), "\u00d7")) +
    scale_y_log10() +
    coord_cartesian(xlim = c(max(0.1, min(curves$x) / 1.2), max(curves$x)), ylim = c(min(curves$p) / 2, 1.4)) +
    scale_colour_manual(values = rep_len(colours, length(results))) +
    scale_fill_manual(values = rep_len(colours, length(results))) +
    scale_linetype_manual(values = rep_len(c("solid", "dashed", "dotdash", "dotted"), length(results))) +
    labs(x = "net TVPI x (multiple of paid-in capital, after fees and carry)",
         y = "P(net TVPI \u2265 x) (share of portfolios)", colour = NULL, fill = NULL, linetype = NULL,
         title = paste("Survival curve of net TVPI:", each), subtitle = "band: 95% Monte Carlo interval") +
    theme_bw() +
    theme(legend.position = c(0.15, 0.15), legend.background = element_blank())
  ggsave(picture, figure, width = 7.5, height = 5, dpi = 160)
}

arguments <- parse_arguments(commandArgs(trailingOnly = TRUE))
results <- tryCatch(lapply(arguments$files, open_results), error = function(problem) {
  message("summary.R: ", conditionMessage(problem))
  quit(status = 65)
})
for (result in results)
  if (!is.null(arguments$plot) && is.null(result$portfolios$net_tvpi)) {
    message("summary.R: ", result$path, ": no column net_tvpi to draw; run it with net_tvpi in output.columns")
    quit(status = 65)
  }
results <- lapply(results, function(result) c(result, list(numbers = numbers_of(result$portfolios))))
if (arguments$json) {
  cat(sprintf("{\"results\": [\n%s\n]}\n", paste(vapply(results, json_result, ""), collapse = ",\n")))
} else if (!arguments$quiet) {
  invisible(lapply(results, print_text))
}
if (!is.null(arguments$plot))
  tryCatch(draw(results, arguments$plot), error = function(problem) {
    message("summary.R: cannot draw ", arguments$plot, ": ", conditionMessage(problem))
    quit(status = 73)
  })
