from django.db import migrations, models


def list_anew(apps, schema_editor):
    """No row tells what its block was read as, so the worker lists what is open once more."""
    apps.get_model("content", "ContentBlock").objects.all().delete()
    apps.get_model("content", "Content").objects.update(is_listed=False)


class Migration(migrations.Migration):
    dependencies = [("content", "0003_moves")]

    operations = [
        migrations.RunPython(list_anew, migrations.RunPython.noop),
        migrations.RemoveConstraint("contentblock", "one_row_a_block_and_content"),
        migrations.AddField(
            "contentblock",
            "codec",
            models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "contentblock",
            models.UniqueConstraint(
                fields=("digest", "codec", "content"), name="one_row_a_block_and_content"
            ),
        ),
        # On the way back: a block that was listed under two codecs would be there twice.
        migrations.RunPython(migrations.RunPython.noop, list_anew),
    ]
