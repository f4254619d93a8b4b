"""Who else sends signals, and how it goes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.organisations import ApiKey
from engagement.models.sessions import Session


class SignalSource(models.Model):
    """A sender of signals to one session that is not our own attendee page.

    The counts are for the eye: a web process that dies takes those of its last seconds with it. What
    was accepted is in the signals themselves.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="sources")
    # "key:<number>" of an API key, "platform" for the Redis channels.
    name = models.CharField(max_length=40)
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    heard_at = models.DateTimeField(_("last heard at"))
    accepted = models.BigIntegerField(_("accepted"), default=0)
    refused = models.BigIntegerField(_("refused"), default=0)
    # Of the newest refusal: its code, its words, and when.
    refused_code = models.CharField(max_length=60, blank=True)
    refused_because = models.CharField(max_length=200, blank=True)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("source of signals")
        verbose_name_plural = _("sources of signals")
        ordering = ("-heard_at",)
        constraints = (
            models.UniqueConstraint(fields=("session", "name"), name="source_once_per_session"),
        )

    def __str__(self) -> str:
        return f"{self.session_id}: {self.name}"
