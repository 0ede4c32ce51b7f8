"""Faults made on purpose, in a whole running WeTube of its own; each drill is a program."""
