#!/bin/bash
# The staged lifecycle against closed forms: counts against the chain of competing hazards (with quality, sectors and a
# market), amounts against their laws.
cd "$(dirname "$0")" && exec /usr/bin/python3 -B lifecycle.py
