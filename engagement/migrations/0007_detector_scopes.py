import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0006_api_key_scopes")]

    operations = [
        migrations.RemoveConstraint(
            model_name="detectorprofile",
            name="one_active_detector_profile",
        ),
        migrations.AddField(
            model_name="detectorprofile",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="detector_profiles",
                to="engagement.organisation",
            ),
        ),
        migrations.AddField(
            model_name="detectorprofile",
            name="event_type",
            field=models.CharField(
                blank=True, default="", max_length=60, verbose_name="type of event"
            ),
        ),
        # An organisation that goes takes all its calibrations along.
        migrations.AlterField(
            model_name="detectorprofile",
            name="previous",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="engagement.detectorprofile",
                verbose_name="previous",
            ),
        ),
        migrations.AddConstraint(
            model_name="detectorprofile",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)),
                fields=("organisation", "event_type"),
                name="one_active_detector_profile",
                nulls_distinct=False,
            ),
        ),
    ]
