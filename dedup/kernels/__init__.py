"""Loops over arrays, compiled by numba. No object of ours, no input or output; each has a plain twin."""
