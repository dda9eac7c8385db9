#!/bin/bash
# What Hangzhou and Shenzhen must show on paired luck: Hangzhou fails more, breaks out more and returns more unevenly;
# without spillover the gap shrinks; the hybrid lies between; pairing pays.
cd "$(dirname "$0")" && exec /usr/bin/python3 -B cities.py
