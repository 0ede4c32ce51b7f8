"""What waits for coin is found without going through all that was ever accepted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("nodes", "0006_refusals")]

    operations = [
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("earned__gt", 0), ("paid_at", None), ("state", "accepted")),
                fields=["judged_at"],
                name="job_unpaid",
            ),
        )
    ]
