# Reads guidefund result files with rhdf5 and computes the numbers that summaries print; twin of python/read_results.py.
# Each file is plain HDF5: rhdf5::h5read(path, "/portfolios/net_tvpi") is all that is needed to go further.

quantiles <- c(median = 0.5, q05 = 0.05, q95 = 0.95)
spread <- c("gross_multiple", "net_tvpi", "net_dpi", "net_irr", "government_tvpi", "private_tvpi", "max_multiple",
            "top_share")
counts <- c("n_failed", "n_graduated", "n_acquired", "n_captive", "n_listed", "n_outliers", "n_ambient_outliers",
            "n_live")
thresholds <- c(1, 2, 3, 5, 10)

# The attributes of a file, which must be of this type and of a format that is known here.
attributes_of <- function(path, filetype, what) {
  if (!file.exists(path) || !rhdf5::H5Fis_hdf5(path)) stop(path, ": no such HDF5 file", call. = FALSE)
  about <- rhdf5::h5readAttributes(path, "/")
  if (!identical(as.character(about$filetype), filetype))
    stop(path, ": not ", what, " (attribute filetype)",
         if (identical(as.character(about$filetype), "guidefund-part")) ", but a shard, which guidefund merge, or sweep, puts together with the others" else "", call. = FALSE)
  if (sub("\\..*", "", about$format_version) != "1")
    stop(path, ": format ", about$format_version, ", this reader knows 1", call. = FALSE)
  about
}

# The file's attributes, and its portfolios as a data frame of those columns above that the file keeps.
open_results <- function(path) {
  about <- attributes_of(path, "guidefund-results", "a guidefund result file")
  listing <- rhdf5::h5ls(path)
  kept <- listing$name[listing$group == "/portfolios"]
  if (length(kept) == 0)
    stop(path, ": keeps no portfolios (output.portfolios: none); guidefund summary prints its numbers", call. = FALSE)
  columns <- intersect(c("portfolio", spread, counts, "log_weight"), kept)
  portfolios <- lapply(columns, function(name) as.vector(rhdf5::h5read(path, paste0("/portfolios/", name))))
  names(portfolios) <- columns
  list(path = path, about = about, portfolios = as.data.frame(portfolios))
}

# Likelihood-ratio weights, mean 1; NULL when every portfolio counts the same.
weights_of <- function(portfolios) {
  if (is.null(portfolios$log_weight) || !any(portfolios$log_weight != 0)) return(NULL)
  weight <- exp(portfolios$log_weight - max(portfolios$log_weight))
  weight / mean(weight)
}

# Smallest value whose weighted distribution function reaches the level; values ascend.
weighted_quantile <- function(values, weight, level) {
  reached <- cumsum(weight)
  values[min(sum(reached < level * reached[length(reached)]) + 1, length(values))]
}

# Quantile (type 7) and its standard error: half the distance between the quantiles one binomial standard deviation of
# the level to either side, NA where that leaves the sample.
quantile_of <- function(values, level, weight) {
  n <- length(values)
  if (n == 0) return(c(NA_real_, NA_real_))
  order <- order(values)
  values <- values[order]
  if (!is.null(weight)) {
    weight <- weight[order]
    spread <- sqrt(level * (1 - level) * sum(weight^2)) / sum(weight)
    error <- NA_real_
    if (level - spread > 0 && level + spread < 1)
      error <- (weighted_quantile(values, weight, level + spread) - weighted_quantile(values, weight, level - spread)) / 2
    return(c(weighted_quantile(values, weight, level), error))
  }
  spread <- sqrt(n * level * (1 - level))
  low <- floor(n * level - spread)
  high <- ceiling(n * level + spread)
  error <- if (low >= 0 && high < n) (values[high + 1] - values[low + 1]) / 2 else NA_real_
  c(unname(quantile(values, level, type = 7)), error)
}

# Mean and its standard error; ratio estimate when weighted.
mean_and_error <- function(values, weight) {
  n <- length(values)
  if (n < 2) return(c(if (n) values[1] else NA_real_, NA_real_))
  if (is.null(weight)) return(c(mean(values), sd(values) / sqrt(n)))
  mean <- sum(weight * values) / sum(weight)
  c(mean, sqrt(sum(weight^2 * (values - mean)^2) * n / (n - 1)) / sum(weight))
}

# P(value >= threshold) and its binomial standard error (ratio estimate when weighted), NA when all or none hit.
probability <- function(values, threshold, weight) {
  hit <- as.numeric(values >= threshold)
  if (length(hit) == 0 || all(hit == hit[1])) return(c(if (length(hit)) hit[1] else NA_real_, NA_real_))
  if (is.null(weight)) weight <- rep(1, length(hit))
  p <- sum(weight * hit) / sum(weight)
  c(p, sqrt(sum(weight^2 * (hit - p)^2)) / sum(weight))
}

# Named list of c(value, standard error or NA), named as in the file's own /summary; of the columns that are there.
numbers_of <- function(portfolios) {
  weight <- weights_of(portfolios)
  on_defined <- function(name, statistic, ...) {
    values <- as.numeric(portfolios[[name]])
    keep <- !is.na(values)
    statistic(values[keep], ..., weight[keep])
  }
  numbers <- list()
  for (name in intersect(spread, names(portfolios)))
    for (suffix in names(quantiles))
      numbers[[paste0(name, ".", suffix)]] <- on_defined(name, quantile_of, quantiles[[suffix]])
  if (!is.null(portfolios$net_tvpi))
    for (k in thresholds) numbers[[paste0("P(net_tvpi>=", k, ")")]] <- on_defined("net_tvpi", probability, k)
  for (name in intersect(counts, names(portfolios))) numbers[[paste0(name, ".mean")]] <- on_defined(name, mean_and_error)
  numbers
}

# x, P(column >= x) and its 95% Wilson band, at n_points ranks that are dense in the tail. Only x > 0.
survival_curve <- function(portfolios, column = "net_tvpi", n_points = 400) {
  values <- portfolios[[column]]
  weight <- weights_of(portfolios)
  if (is.null(weight)) weight <- rep(1, length(values))
  keep <- !is.na(values)
  values <- values[keep]
  weight <- weight[keep]
  order <- order(values, decreasing = TRUE)
  above <- cumsum(weight[order]) / sum(weight)
  rank <- unique(floor(exp(seq(0, log(length(values)), length.out = n_points))))
  x <- values[order][rank]
  p <- above[rank][x > 0]
  x <- x[x > 0]
  n <- sum(weight)^2 / sum(weight^2) # effective sample size
  z <- qnorm(0.975)
  centre <- p + z^2 / (2 * n)
  half <- z * sqrt(pmax(p * (1 - p), 0) / n + (z / (2 * n))^2)
  scale <- 1 + z^2 / n
  data.frame(x = x, p = p, low = (centre - half) / scale, high = (centre + half) / scale)
}
