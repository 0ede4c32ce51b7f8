"""Finding films by their words: one interface, SQLite's FTS5 or PostgreSQL behind it."""

from wetube.video.search.finding import Filters, Sort, find
from wetube.video.search.indexing import forget, index

__all__ = ["Filters", "Sort", "find", "forget", "index"]
