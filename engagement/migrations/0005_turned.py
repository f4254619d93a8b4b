from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0004_since_change")]

    operations = [
        migrations.AddField(
            model_name="metric",
            name="turned",
            field=models.IntegerField(db_default=0, default=0),
        ),
    ]
