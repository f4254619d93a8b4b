from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0003_erasing")]

    operations = [
        migrations.AddField(
            model_name="metric",
            name="since_change",
            field=models.IntegerField(db_default=0, default=0),
        ),
    ]
