#!/usr/bin/Rscript
# Peer of the reference workload: R, vectorised over the living startups of a block of portfolios.
#   Rscript r_vectorised.R PORTFOLIOS STARTUPS SEED FILE
# benchmarks/README.md defines the workload. Money is in units of the commitment, stakes in units of a cheque.

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 4) stop("usage: r_vectorised.R PORTFOLIOS STARTUPS SEED FILE")
n_portfolios <- as.integer(arguments[1])
n_startups <- as.integer(arguments[2])
set.seed(as.integer(arguments[3]))

quarters <- 40
# per year, [stage seed, A, B, C, growth]
fail <- c(.20, .16, .13, .09, .065)
graduate <- c(.32, .30, .25, .23, 0)
acquire <- c(.025, .045, .06, .085, .11)
list_ <- c(0, 0, 0, 0, .13)
breakout <- rep(.002, 5)
log_step_up <- log(c(2.0, 1.9, 1.7, 1.5, 1.0))
phi <- .9
beta <- .35

columns <- c("gross_multiple", "net_tvpi", "net_dpi", "net_rvpi", "net_irr", "net_irr_flag", "paid_in", "invested", "fees",
             "carry", "n_entered", "n_failed", "n_graduated", "n_acquired", "n_listed", "n_outliers", "n_live",
             "first_outlier_quarter", "max_multiple", "top_share", "top_tenth_share")

# All startups of F portfolios through all quarters. Startup i belongs to portfolio (i - 1) %% F + 1.
live_and_leave <- function(F, N) {
  portfolio <- rep(seq_len(F), N)
  stage <- rep(1L, F * N)
  value <- rep(1, F * N)
  live <- seq_len(F * N)
  count <- function(who) tabulate(portfolio[who], F)
  n <- list(failed = 0, graduated = 0, acquired = 0, listed = 0, outliers = numeric(F))
  first <- rep(-1, F)
  proceeds <- matrix(0, F, quarters)
  m <- rnorm(F)
  for (q in seq_len(quarters)) {
    if (q > 1) m <- phi * m + sqrt(1 - phi^2) * rnorm(F)
    window <- exp(beta * m - beta^2 / 2)
    spill <- pmin(1 + .15 * n$outliers, 2)
    # tables [portfolio][stage], cumulative in the order breakout, list, acquire, fail, graduate
    h_breakout <- matrix(breakout, F, 5, byrow = TRUE)
    h_list <- h_breakout + outer(window, list_)
    h_acquire <- h_list + outer(window, acquire)
    h_fail <- h_acquire + matrix(fail, F, 5, byrow = TRUE)
    h_all <- h_fail + outer(spill, graduate)
    p_any <- 1 - exp(-h_all / 4)

    code <- portfolio[live] + F * (stage[live] - 1L)
    hit <- which(runif(length(live)) < p_any[code])
    code <- code[hit]
    who <- live[hit]
    pick <- runif(length(hit)) * h_all[code]
    is_graduate <- pick >= h_fail[code]
    is_fail <- !is_graduate & pick >= h_acquire[code]
    is_breakout <- pick < h_breakout[code]
    is_list <- !is_breakout & pick < h_list[code]
    grown <- who[is_graduate]
    failed <- who[is_fail]
    broke <- who[is_breakout]
    listed <- who[is_list]
    sold <- who[!(is_graduate | is_fail | is_breakout | is_list)]

    value[grown] <- value[grown] * .8 * rlnorm(length(grown), log_step_up[stage[grown]], .5)
    stage[grown] <- stage[grown] + 1L
    value[failed] <- 0
    value[sold] <- value[sold] * rlnorm(length(sold), log(.9), .8)
    value[listed] <- value[listed] * rlnorm(length(listed), log(1.6), .5)
    value[broke] <- 30 * (1 - runif(length(broke)) * (1 - (30 / 5000)^1.3))^(-1 / 1.3)
    paid <- c(sold, listed, broke)
    if (length(paid) > 0) {
      sums <- rowsum(value[paid], portfolio[paid])
      proceeds[as.integer(rownames(sums)), q] <- sums
    }
    n_broke <- count(broke)
    first[n_broke > 0 & n$outliers == 0] <- q - 1
    n$outliers <- n$outliers + n_broke
    n$failed <- n$failed + count(failed)
    n$graduated <- n$graduated + count(grown)
    n$acquired <- n$acquired + count(sold)
    n$listed <- n$listed + count(listed)
    if (any(!is_graduate)) live <- live[-hit[!is_graduate]]
  }
  value[live] <- .75 * value[live]
  is_live <- logical(F * N)
  is_live[live] <- TRUE
  list(value = matrix(value, F, N), proceeds = proceeds, nav = rowSums(matrix(value * is_live, F, N)), n = n,
       n_live = count(live), first = first)
}

# Annual IRR of each row of flows: bisection on the log of the quarterly discount factor.
internal_rate <- function(flows) {
  npv <- function(v) {
    total <- numeric(nrow(flows))
    for (t in rev(seq_len(ncol(flows)))) total <- total * v + flows[, t]
    total
  }
  low <- rep(log(1e-4), nrow(flows))
  high <- rep(log(16), nrow(flows))
  has_root <- npv(exp(low)) < 0 & npv(exp(high)) > 0
  for (step in 1:40) {
    middle <- (low + high) / 2
    is_above <- npv(exp(middle)) > 0
    high[is_above] <- middle[is_above]
    low[!is_above] <- middle[!is_above]
  }
  ifelse(has_root, exp(-2 * (low + high)) - 1, NaN)
}

# Calls, European waterfall with full catch-up, and returns.
account <- function(proceeds, nav, cheque) {
  F <- length(nav)
  balance <- to_partners <- carry <- numeric(F)
  called <- 0
  distribute <- function(amount) {
    first <- pmin(amount, balance)
    balance <<- balance - first
    to_partners <<- to_partners + first
    rest <- amount - first
    catch_up <- pmin(rest, pmax(.25 * (to_partners - called) - carry, 0))
    rest <- rest - catch_up
    carry <<- carry + catch_up + .2 * rest
    to_partners <<- to_partners + .8 * rest
    first + .8 * rest
  }
  flows <- matrix(0, F, quarters + 1)
  for (t in 0:quarters) {
    call <- (if (t < 8) .1 else 0) + (if (t < quarters) .005 else 0)
    balance <- balance * 1.08^.25 + call
    called <- called + call
    flows[, t + 1] <- (if (t > 0) distribute(proceeds[, t] * cheque) else 0) - call
  }
  dpi <- to_partners / called
  net_nav <- distribute(nav * cheque)
  flows[, quarters + 1] <- flows[, quarters + 1] + net_nav
  list(dpi = dpi, rvpi = net_nav / called, irr = internal_rate(flows), paid_in = called, carry = carry)
}

# Sums of the largest tenth of each row: partial sort row by row.
top_tenth <- function(value) {
  N <- ncol(value)
  top <- ceiling(N / 10)
  apply(value, 1, function(v) sum(sort(v, partial = N - top + 1)[(N - top + 1):N]))
}

simulate <- function(F, N) {
  s <- live_and_leave(F, N)
  a <- account(s$proceeds, s$nav, .8 / N)
  total <- rowSums(s$value)
  largest <- s$value[cbind(seq_len(F), max.col(s$value, "first"))]
  safe <- ifelse(total > 0, total, 1)
  cbind(total / N, a$dpi + a$rvpi, a$dpi, a$rvpi, a$irr, as.numeric(is.nan(a$irr)), a$paid_in, .8, .2, a$carry, N,
        s$n$failed, s$n$graduated, s$n$acquired, s$n$listed, s$n$outliers, s$n_live, s$first, largest, largest / safe,
        top_tenth(s$value) / safe)
}

block <- max(1L, as.integer(200000 / n_startups))
started <- proc.time()
sizes <- diff(unique(c(seq(0, n_portfolios, by = block), n_portfolios)))
result <- do.call(rbind, lapply(sizes, simulate, N = n_startups))
spent <- proc.time() - started

if (arguments[4] != "-") {
  file <- file(arguments[4], "wb")
  writeBin(as.vector(result), file)
  close(file)
}
cat(sprintf('{"seconds": %.6f, "cpu_seconds": %.6f, "portfolios": %d, "startups": %d, "columns": [%s]}\n',
            spent[["elapsed"]], spent[["user.self"]] + spent[["sys.self"]], n_portfolios, n_startups,
            paste0('"', columns, '"', collapse = ", ")))
