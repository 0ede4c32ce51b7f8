"""Leave half of each page free where every paid view updates a row (PostgreSQL).

The new version of a row then finds room beside the old one and no index has to be told.
Pages that exist are not rewritten.
"""

from django.db import migrations

TABLES = ("cloudcoin_account", "cloudcoin_tab", "cloudcoin_escrow")


def make_room(apps, schema_editor):
    _each(schema_editor, "SET (fillfactor = 50)")


def fill_up(apps, schema_editor):
    _each(schema_editor, "RESET (fillfactor)")


def _each(schema_editor, change):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} {change}")


class Migration(migrations.Migration):
    dependencies = [("cloudcoin", "0007_checkpoints")]

    operations = [migrations.RunPython(make_room, fill_up)]
