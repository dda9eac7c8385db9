#!/bin/bash
# Scenarios at their limits: hazards of zero, one startup, one portfolio, 10,000 startups, a quarter's horizon, everything
# failing, nobody leaving, tails without a mean. No NaN reaches a column without its flag, and books balance.
cd "$(dirname "$0")" && exec /usr/bin/python3 -B extremes.py
