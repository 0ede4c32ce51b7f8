"""The two full-text indexes: the same words in, the same films out.

Words reach the database as parameters made of letters and digits only, so no
query can speak the index's own language.
"""

from collections.abc import Sequence
from typing import Protocol

from django.db import connection

MOST_HITS = 1000

Hit = tuple[int, float]


class Backend(Protocol):
    """A table of words beside the films, changed in the film's own transaction."""

    def put(self, video_id: int, title: Sequence[str], body: Sequence[str]) -> None: ...

    def drop(self, video_id: int) -> None: ...

    def match(self, asked: Sequence[str]) -> list[Hit]:
        """Films that hold every word, the last as a beginning; (id, score), higher is better."""


class Fts5:
    """SQLite: https://www.sqlite.org/fts5.html"""

    def put(self, video_id: int, title: Sequence[str], body: Sequence[str]) -> None:
        self.drop(video_id)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO video_search (rowid, title, body) VALUES (%s, %s, %s)",
                [video_id, " ".join(title), " ".join(body)],
            )

    def drop(self, video_id: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM video_search WHERE rowid = %s", [video_id])

    def match(self, asked: Sequence[str]) -> list[Hit]:
        query = " AND ".join(f'"{word}"' for word in asked) + "*"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rowid, -bm25(video_search, 8.0, 1.0) FROM video_search"
                " WHERE video_search MATCH %s ORDER BY rank LIMIT %s",
                [query, MOST_HITS],
            )
            return [(int(row[0]), float(row[1])) for row in cursor.fetchall()]


class TsVector:
    """PostgreSQL: https://www.postgresql.org/docs/current/textsearch.html"""

    def put(self, video_id: int, title: Sequence[str], body: Sequence[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO video_search (video_id, words) VALUES (%s,"
                " setweight(to_tsvector('simple', %s), 'A')"
                " || setweight(to_tsvector('simple', %s), 'D'))"
                " ON CONFLICT (video_id) DO UPDATE SET words = excluded.words",
                [video_id, " ".join(title), " ".join(body)],
            )

    def drop(self, video_id: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM video_search WHERE video_id = %s", [video_id])

    def match(self, asked: Sequence[str]) -> list[Hit]:
        query = " & ".join(f"'{word}'" for word in asked) + ":*"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT video_id, ts_rank(words, query) AS score"
                " FROM video_search, to_tsquery('simple', %s) query"
                " WHERE words @@ query ORDER BY score DESC LIMIT %s",
                [query, MOST_HITS],
            )
            return [(int(row[0]), float(row[1])) for row in cursor.fetchall()]


def backend() -> Backend:
    return TsVector() if connection.vendor == "postgresql" else Fts5()
