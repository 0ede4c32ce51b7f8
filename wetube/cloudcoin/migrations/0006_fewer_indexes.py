"""A charge is written far more often than asked for: drop the indexes that no query needs.

Altering the columns would make SQLite rebuild the table and lose its triggers, so the indexes
are dropped one by one and only the state is told. Going back leaves the charges without the
dropped ones, which costs time and nothing else.
"""

import django.db.models.deletion
from django.db import migrations, models

OWN = ("tab_id", "payee_id", "ratecard_id", "rollup_id")
LIKE = ("key", "reference")


def drop(apps, schema_editor):
    charge = apps.get_model("cloudcoin", "Charge")
    names = [
        name
        for column in (*OWN, *LIKE)
        for name in schema_editor._constraint_names(charge, [column], index=True)
        if column in OWN or name.endswith("_like")
    ]
    for name in names:
        if not name.startswith("charge_"):
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def unindexed(field, to, related_name, **options):
    return migrations.AlterField(
        "charge",
        field,
        models.ForeignKey(
            to=f"cloudcoin.{to}",
            on_delete=django.db.models.deletion.PROTECT,
            related_name=related_name,
            db_index=False,
            **options,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("cloudcoin", "0005_escrow_deposits")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, migrations.RunPython.noop)],
            state_operations=[
                unindexed("tab", "tab", "charges"),
                unindexed("payee", "account", "charges_received"),
                unindexed("ratecard", "ratecard", "charges"),
                unindexed("rollup", "rollup", "charges", null=True),
            ],
        ),
        migrations.RemoveIndex("charge", "charge_paid"),
        migrations.RemoveIndex("charge", "charge_history"),
        migrations.AddIndex(
            "charge",
            models.Index(
                fields=["rollup"],
                condition=models.Q(("rollup", None), _negated=True),
                name="charge_settled",
            ),
        ),
    ]
