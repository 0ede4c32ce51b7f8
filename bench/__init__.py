"""Repeatable measurements, each a ratio to a named floor or peer in the same run."""
