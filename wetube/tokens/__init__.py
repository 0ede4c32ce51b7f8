"""Blind tokens: bought from a balance, spent without saying whose they were."""
