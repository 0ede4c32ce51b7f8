"""Adding a column made SQLite rebuild the charges' table, and its triggers went with the old one.

The guards are set again, and now cover the charge's kind and the escrows too.
"""

from importlib import import_module

from django.db import migrations

first = import_module("wetube.cloudcoin.migrations.0002_guards")

NEW = (
    ("cloudcoin_charge_same_kind", "cloudcoin_charge", "UPDATE", "NEW.kind {differs} OLD.kind"),
    ("cloudcoin_escrow_no_delete", "cloudcoin_escrow", "DELETE", ""),
    (
        "cloudcoin_escrow_only_up",
        "cloudcoin_escrow",
        "UPDATE",
        "NEW.channel {differs} OLD.channel OR NEW.signed < OLD.signed",
    ),
)


def guard_again(apps, schema_editor):
    first.unguard(apps, schema_editor)
    first.guard(apps, schema_editor)
    for name, table, event, condition in NEW:
        schema_editor.execute(trigger(schema_editor.connection.vendor, name, table, event, condition))


def trigger(vendor, name, table, event, condition):
    if vendor == "postgresql":
        when = f"WHEN ({condition.format(differs='IS DISTINCT FROM')})" if condition else ""
        return (
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} "
            "EXECUTE FUNCTION cloudcoin_refuse()"
        )
    when = f"WHEN {condition.format(differs='IS NOT')}" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} BEGIN SELECT "
        f"RAISE(ABORT, 'cloudcoin: {event} of {table} is refused, the books stay as written'); END"
    )


def unguard_new(apps, schema_editor):
    on = " ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
    for name, table, _event, _condition in NEW:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on.format(table=table)}")


class Migration(migrations.Migration):
    dependencies = [("cloudcoin", "0003_signed_tabs")]

    operations = [migrations.RunPython(guard_again, unguard_new)]
