#!/usr/bin/env Rscript
# Prints what a file of guidefund sweep holds, and draws it: Sobol' indices as bars, other designs as points; twin of
# python/sweep.py.
#   sweep.R FILE.h5 [--plot PICTURE.png]

script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(dirname(script), "read_results.R"))

first <- "#0072B2" # Okabe and Ito: safe for colour-blind eyes
total <- "#D55E00"

usage <- function(...) {
  message("sweep.R: ", ..., "\nusage: sweep.R FILE.h5 [--plot PICTURE.png]")
  quit(status = 64)
}

parse_arguments <- function(words) {
  parsed <- list(file = NULL, plot = NULL)
  while (length(words) > 0) {
    word <- words[1]
    words <- words[-1]
    if (word == "--plot") {
      if (length(words) == 0) usage("--plot needs a file name")
      parsed$plot <- words[1]
      words <- words[-1]
    } else if (startsWith(word, "--")) usage("no option ", word)
    else if (!is.null(parsed$file)) usage("a second file ", word)
    else parsed$file <- word
  }
  if (is.null(parsed$file)) usage("no file named")
  parsed
}

# The file's attributes; its points as a data frame; its indices as a data frame with a row for each number and key,
# NULL unless it is a Sobol' design.
open_sweep <- function(path) {
  about <- attributes_of(path, "guidefund-sweep", "a file of guidefund sweep")
  file <- rhdf5::H5Fopen(path, flags = "H5F_ACC_RDONLY")
  group <- rhdf5::H5Gopen(file, "points")
  names_of <- rhdf5::h5ls(group, index_type = "H5_INDEX_CRT_ORDER", order = "H5_ITER_INC")$name # as the design has them
  rhdf5::h5closeAll()
  read <- function(group, name) as.vector(rhdf5::h5read(path, paste0(group, "/", name)))
  points <- lapply(setdiff(names_of, "point"), function(name) read("/points", name))
  names(points) <- setdiff(names_of, "point")
  indices <- NULL
  if (about$method == "sobol") {
    numbers <- read("/indices", "number")
    keys <- read("/indices", "key")
    # R's arrays turn HDF5's around: keys run fastest either way
    indices <- data.frame(key = rep(keys, length(numbers)), number = rep(numbers, each = length(keys)))
    for (name in c("first_order", "first_order_se", "total", "total_se")) indices[[name]] <- read("/indices", name)
  }
  list(about = about, points = as.data.frame(points, check.names = FALSE), indices = indices)
}

sweep_numbers <- function(points) names(points)[paste0(names(points), "_se") %in% names(points)]
sweep_keys <- function(points) {
  numbers <- sweep_numbers(points)
  setdiff(names(points), c(numbers, paste0(numbers, "_se")))
}

# A value and its error as the program prints them.
plain <- function(value, error = NA) {
  if (is.na(value)) return("none")
  short_of <- function(x, digits) trimws(formatC(x, digits = digits, format = "g"))
  paste0(short_of(value, 4), if (!is.na(error) && error > 0) paste0(" ± ", short_of(error, 2)))
}

# Blanks up to a width, in letters whatever the locale.
padded <- function(text, width)
  paste0(text, strrep(" ", max(0, width - nchar(gsub("±", "x", text, fixed = TRUE, useBytes = TRUE), "bytes"))))

count <- function(n) format(as.numeric(n), big.mark = ",", scientific = FALSE)

print_text <- function(path, sweep) {
  points <- sweep$points
  cat(sprintf("%s: %s points of %s portfolios each (%s)\n", sweep$about$sweep, count(nrow(points)), count(sweep$about$portfolios),
              path))
  for (number in sweep_numbers(points)) {
    values <- points[[number]]
    values <- values[!is.na(values)]
    range <- if (length(values) > 0) c(plain(min(values)), plain(max(values))) else c("none", "none")
    cat(sprintf("  %-44s %s to %s\n", number, range[1], range[2]))
    for (key in if (!is.null(sweep$indices)) sweep_keys(points)) {
      one <- sweep$indices[sweep$indices$number == number & sweep$indices$key == key, ]
      cat(sprintf("    %-42s %s total %s\n", key, padded(plain(one$first_order, one$first_order_se), 18),
                  plain(one$total, one$total_se)))
    }
  }
}

# The end of a key's path, which is enough on an axis.
short <- function(key) gsub("_", " ", sub("^(.*\\.)?([^.]*)\\.([^.]*)$", "\\2: \\3", key))

indices_picture <- function(indices) {
  kinds <- list(alone = "first_order", `with others` = "total")
  rows <- do.call(rbind, lapply(names(kinds), function(kind) {
    value <- indices[[kinds[[kind]]]]
    error <- indices[[paste0(kinds[[kind]], "_se")]]
    data.frame(key = short(indices$key), number = indices$number, kind = kind, value = ifelse(is.na(value), 0, value),
               error = ifelse(is.na(error), 0, 1.96 * error))
  }))
  rows$key <- factor(rows$key, levels = rev(unique(short(indices$key))))
  rows$number <- factor(rows$number, levels = unique(indices$number))
  side <- ggplot2::position_dodge(-0.76)
  ggplot2::ggplot(rows, ggplot2::aes(value, key, fill = kind)) +
    ggplot2::geom_col(width = 0.72, position = side) +
    ggplot2::geom_errorbarh(ggplot2::aes(xmin = value - error, xmax = value + error), height = 0, position = side) +
    ggplot2::facet_wrap(~number) +
    ggplot2::coord_cartesian(xlim = range(0, 1, rows$value)) +
    ggplot2::scale_fill_manual(values = c(alone = first, `with others` = total), name = NULL) +
    ggplot2::labs(x = "share of the variance behind a key (95% interval)", y = NULL)
}

points_picture <- function(points) {
  rows <- do.call(rbind, lapply(sweep_numbers(points), function(number)
    do.call(rbind, lapply(sweep_keys(points), function(key) {
      error <- points[[paste0(number, "_se")]]
      data.frame(key = short(key), number = number, x = points[[key]], y = points[[number]],
                 error = ifelse(is.na(error), 0, 1.96 * error))
    }))))
  rows$number <- factor(rows$number, levels = sweep_numbers(points))
  rows$key <- factor(rows$key, levels = unique(short(sweep_keys(points))))
  ggplot2::ggplot(rows[!is.na(rows$y), ], ggplot2::aes(x, y)) +
    ggplot2::geom_pointrange(ggplot2::aes(ymin = y - error, ymax = y + error), colour = first, size = 0.2) +
    ggplot2::facet_grid(number ~ key, scales = "free", switch = "both") +
    ggplot2::labs(x = NULL, y = NULL) +
    ggplot2::theme(strip.placement = "outside")
}

draw <- function(sweep, path) {
  numbers <- length(sweep_numbers(sweep$points))
  keys <- length(sweep_keys(sweep$points))
  title <- sprintf("%s: %s points of %s portfolios", sweep$about$sweep, count(nrow(sweep$points)), count(sweep$about$portfolios))
  is_sobol <- !is.null(sweep$indices)
  picture <- (if (is_sobol) indices_picture(sweep$indices) else points_picture(sweep$points)) +
    ggplot2::ggtitle(title) + ggplot2::theme(panel.grid.minor = ggplot2::element_blank(), legend.position = "bottom")
  size <- if (is_sobol) c(3 + 2.4 * min(3, numbers), 1.6 + ceiling(numbers / 3) * (0.8 + 0.32 * keys))
          else c(1 + 2.8 * keys, 0.8 + 2.1 * numbers)
  ggplot2::ggsave(path, picture, width = size[1], height = size[2], dpi = 160)
}

main <- function() {
  arguments <- parse_arguments(commandArgs(trailingOnly = TRUE))
  fail <- function(status) function(error) {
    message("sweep.R: ", conditionMessage(error))
    quit(status = status)
  }
  sweep <- tryCatch(open_sweep(arguments$file), error = fail(65))
  print_text(arguments$file, sweep)
  if (!is.null(arguments$plot)) tryCatch(draw(sweep, arguments$plot), error = fail(73))
}

main()
