#!/bin/bash
# draws: fast and draws: gsl give the same counts but for rounding ties, fewer than 1 in 100,000 startups, and amounts
# equal to 1e-12 where the counts agree.
cd "$(dirname "$0")" && exec /usr/bin/python3 -B draws.py
