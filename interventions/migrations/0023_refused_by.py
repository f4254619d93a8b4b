from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interventions", "0022_kinds_declared")]

    operations = [
        migrations.RenameField("intervention", "held_back", "refused_by"),
        migrations.AlterField(
            "intervention",
            "refused_by",
            models.JSONField(blank=True, default=list, verbose_name="refused by"),
        ),
    ]
