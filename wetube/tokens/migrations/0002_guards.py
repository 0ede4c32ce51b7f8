"""The database itself keeps what the mint signed and what came back, whoever asks.

Without these rows a token could be spent twice. A later migration that makes SQLite rebuild
one of the tables loses its triggers there and has to run `guard` again.
"""

from importlib import import_module

from django.db import migrations

trigger = import_module("wetube.cloudcoin.migrations.0004_guards_again").trigger

GUARDS = [
    (f"tokens_{table}_no_{event.lower()}", f"tokens_{table}", event)
    for table in ("spenttoken", "blindsignature")
    for event in ("UPDATE", "DELETE")
]


def guard(apps, schema_editor):
    for name, table, event in GUARDS:
        schema_editor.execute(trigger(schema_editor.connection.vendor, name, table, event, ""))


def unguard(apps, schema_editor):
    on = " ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
    for name, table, _event in GUARDS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on.format(table=table)}")


class Migration(migrations.Migration):
    dependencies = [("tokens", "0001_the_mint")]

    operations = [migrations.RunPython(guard, unguard)]
