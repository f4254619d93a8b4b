"""Who did what, over everything that keeps a log: a database view for the admin."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models import Session


class AuditRecord(models.Model):
    """One act: a step of a suggestion, a change of the agent or of what was learned, access, the admin.

    `key` is the log's name and the row's number there. `subject`: the kind of intervention, mode,
    stop, resume, reset, import, the admin's table, or the kind of an act. `before` and
    `after` are statuses of a step; `after` is the new mode of a change. `detail`: the code of a step's
    reason, or words.
    """

    key = models.CharField(primary_key=True, max_length=60)
    time = models.DateTimeField(_("time"))
    theme = models.CharField(
        _("theme"),
        max_length=10,
        choices=[
            ("suggestion", _("Suggestion")),
            ("agent", _("Agent")),
            ("learning", _("Learning")),
            ("admin", _("Administration")),
            ("access", _("People and access")),
        ],
    )
    session = models.ForeignKey(Session, models.DO_NOTHING, null=True, related_name="+")
    intervention_id = models.BigIntegerField(null=True)
    by = models.CharField(
        _("who acted"),
        max_length=6,
        choices=[("person", _("A person")), ("agent", _("The agent")), ("clock", _("The clock"))],
    )
    who = models.CharField(_("who"), max_length=150)
    subject = models.CharField(_("what"), max_length=100)
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    detail = models.CharField(_("detail"), max_length=300)

    class Meta:
        managed = False
        db_table = "interventions_audit_record"
        verbose_name = _("audit record")
        verbose_name_plural = _("audit log")

    def __str__(self) -> str:
        return self.key
