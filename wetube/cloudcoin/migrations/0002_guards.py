"""The database itself refuses to rewrite the books, whoever asks.

A later migration that makes SQLite rebuild one of these tables (altering a column does)
loses its triggers there and has to run `guard` again; `manage.py ledger check` notices.
"""

from django.db import migrations

FOREVER = ["journal", "entry", "refund", "ratecard"]
CHARGE_FACTS = [
    "id", "key", "reference", "tab_id", "payee_id", "amount", "cumulative", "payee_share",
    "nodes_share", "gateway_share", "subject", "label", "ratecard_id", "at",
]  # fmt: skip

PG_FUNCTION = """
CREATE OR REPLACE FUNCTION cloudcoin_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'cloudcoin: % of % is refused, the books stay as written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def guards():
    """(trigger, table, event, condition under which it is refused) of every guard."""
    for table in FOREVER:
        yield f"cloudcoin_{table}_no_update", f"cloudcoin_{table}", "UPDATE", ""
        yield f"cloudcoin_{table}_no_delete", f"cloudcoin_{table}", "DELETE", ""
    for table in ("charge", "rollup"):
        yield f"cloudcoin_{table}_no_delete", f"cloudcoin_{table}", "DELETE", ""
    changed = " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in CHARGE_FACTS)
    yield (
        "cloudcoin_charge_no_update",
        "cloudcoin_charge",
        "UPDATE",
        f"OLD.rollup_id IS NOT NULL OR NEW.rollup_id IS NULL OR {changed}",
    )
    yield (
        "cloudcoin_rollup_no_update",
        "cloudcoin_rollup",
        "UPDATE",
        "OLD.journal_id IS NOT NULL OR NEW.journal_id IS NULL",
    )


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(PG_FUNCTION, None)
    for name, table, event, condition in guards():
        if vendor == "postgresql":
            when = f"WHEN ({condition.format(differs='IS DISTINCT FROM')})" if condition else ""
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} "
                "EXECUTE FUNCTION cloudcoin_refuse()"
            )
        elif vendor == "sqlite":
            when = f"WHEN {condition.format(differs='IS NOT')}" if condition else ""
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} BEGIN SELECT "
                f"RAISE(ABORT, 'cloudcoin: {event} of {table} is refused, the books stay as written'); END"
            )


def unguard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, table, _event, _condition in guards():
        if vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        elif vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS cloudcoin_refuse()")


class Migration(migrations.Migration):
    dependencies = [("cloudcoin", "0001_the_books")]

    operations = [migrations.RunPython(guard, unguard)]
