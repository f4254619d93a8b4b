from django.db import migrations, models

WAYS = "(values ('mail', mailed_at), ('post', posted_at)) as told (way, at)"
# What was told stays told; ten tries were all there are.
TO_ALERTS = f"""
insert into interventions_budgetalert (window_id, way, status, tries, sent_at, next_at, error)
select key, told.way,
  case when told.at is not null then 'sent' when tries >= 10 then 'failed' else 'pending' end,
  tries, told.at, case when told.at is null and tries < 10 then alarmed_at end, ''
from interventions_budgetwindow cross join lateral {WAYS}
where alarmed_at is not null
"""
FROM_ALERTS = """
update interventions_budgetwindow set
  mailed_at = (select sent_at from interventions_budgetalert where window_id = key and way = 'mail'),
  posted_at = (select sent_at from interventions_budgetalert where window_id = key and way = 'post'),
  tries = coalesce((select max(tries) from interventions_budgetalert where window_id = key), 0)
"""


def lease(model):
    field = models.DateTimeField(blank=True, editable=False, null=True)
    return migrations.AddField(model, "lease_until", field)


class Migration(migrations.Migration):
    dependencies = [("interventions", "0023_refused_by")]

    operations = [
        migrations.RenameIndex("pushmessage", "pushmessage_due", "push_message_due"),
        migrations.RenameIndex("webhookmessage", "webhookmessage_due", "webhook_message_due"),
        lease("delivery"),
        lease("pushmessage"),
        lease("webhookmessage"),
        migrations.AlterField(
            "delivery", "error", models.CharField("error", max_length=200, blank=True)
        ),
        migrations.CreateModel(
            "BudgetAlert",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        "status", max_length=7, default="pending",
                        choices=[("pending", "Waiting"), ("sent", "Sent"), ("failed", "Failed")],
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField("tries", default=0)),
                ("next_at", models.DateTimeField("next try", blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("sent_at", models.DateTimeField("sent at", blank=True, null=True)),
                ("error", models.CharField("error", max_length=200, blank=True)),
                (
                    "window",
                    models.ForeignKey(
                        "interventions.budgetwindow", models.CASCADE, related_name="alerts"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        "way", max_length=4, choices=[("mail", "By mail"), ("post", "By webhook")]
                    ),
                ),
            ],
            {"verbose_name": "budget alert", "verbose_name_plural": "budget alerts"},
        ),
        migrations.AddIndex(
            "budgetalert",
            models.Index(
                fields=["next_at"], name="budgetalert_due", condition=models.Q(status="pending")
            ),
        ),
        migrations.AddConstraint(
            "budgetalert",
            models.UniqueConstraint(fields=("window", "way"), name="alert_once_in_each_way"),
        ),
        migrations.RunSQL(TO_ALERTS, FROM_ALERTS),
        migrations.RemoveField("budgetwindow", "mailed_at"),
        migrations.RemoveField("budgetwindow", "posted_at"),
        migrations.RemoveField("budgetwindow", "tries"),
    ]  # fmt: skip
