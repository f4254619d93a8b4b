"""A demo that somebody watches: a session with a made-up audience that is over after a minute."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.sessions import Session


class Demo(models.Model):
    """How far the made-up audience of one session has been played, and when that is over.

    `story_at` is where the story's first live second lies on the clock; what is before it was written
    as history. Up to `played_until` everything is in the log.
    """

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="demo")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField(_("begun at"))
    ends_at = models.DateTimeField(_("ends at"))
    story_at = models.DateTimeField(_("story begins at"))
    played_until = models.DateTimeField(_("played until"))

    class Meta:
        verbose_name = _("demo")
        verbose_name_plural = _("demos")
        indexes: ClassVar = [models.Index(fields=("ends_at",), name="demo_by_end")]

    def __str__(self) -> str:
        return f"{self.session}"
