from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0004_detector_profile")]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="can_act",
            field=models.BooleanField(default=False, verbose_name="may act"),
        ),
        migrations.AddField(
            model_name="apikey",
            name="can_edit_library",
            field=models.BooleanField(default=False, verbose_name="may change wordings"),
        ),
    ]
