from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0002_signal_by_person")]

    operations = [
        migrations.AddField(
            model_name="removal",
            name="erasing_until",
            field=models.DateTimeField(db_index=True, editable=False, null=True),
        ),
    ]
