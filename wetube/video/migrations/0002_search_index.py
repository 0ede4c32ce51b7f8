"""The table of search words, in the database's own kind of index."""

from django.db import migrations

FTS5 = [
    "CREATE VIRTUAL TABLE video_search USING fts5(title, body, tokenize='unicode61', prefix='2 3')",
    "CREATE TRIGGER video_search_forgets AFTER DELETE ON video_video"
    " BEGIN DELETE FROM video_search WHERE rowid = old.id; END",
]
TSVECTOR = [
    "CREATE TABLE video_search (video_id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX video_search_words ON video_search USING gin (words)",
    # A trigger, not a foreign key: Django's flush truncates tables it knows, and this is not one.
    "CREATE FUNCTION video_search_forget() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN DELETE FROM video_search WHERE video_id = old.id; RETURN old; END $$",
    "CREATE TRIGGER video_search_forgets AFTER DELETE ON video_video"
    " FOR EACH ROW EXECUTE FUNCTION video_search_forget()",
]
FORGOTTEN_FTS5 = ["DROP TRIGGER video_search_forgets", "DROP TABLE video_search"]
FORGOTTEN_TSVECTOR = [
    "DROP TRIGGER video_search_forgets ON video_video",
    "DROP FUNCTION video_search_forget()",
    "DROP TABLE video_search",
]


def create(apps, schema_editor):
    for statement in TSVECTOR if schema_editor.connection.vendor == "postgresql" else FTS5:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in FORGOTTEN_TSVECTOR if on_postgresql else FORGOTTEN_FTS5:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("video", "0001_video")]
    operations = [migrations.RunPython(create, drop)]
