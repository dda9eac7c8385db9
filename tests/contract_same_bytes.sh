#!/bin/bash
# The same bytes in every dataset for any number of threads and any instruction set, fast and gsl draws alike, and
# every part of the address of luck matters.
cd "$(dirname "$0")" && exec /usr/bin/python3 -B same_bytes.py
