"""Who is not heard in a session any more: removed by an organizer, or erased at her own wish."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.sessions import Session


class Removal(models.Model):
    """One person of one session whose token opens nothing, and of whom nothing new is stored.

    Of who was erased it holds nothing but the number in her token, so that the token ends and nothing that
    was on its way becomes a row; it goes when such a token would have expired by itself.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="removals")
    actor = models.BigIntegerField(editable=False)
    is_erased = models.BooleanField(_("erased"), default=False, editable=False)
    # What she was called; empty where she gave no name or was erased.
    name = models.CharField(_("name"), max_length=60, blank=True)
    removed_at = models.DateTimeField(_("removed at"), db_index=True)
    # While her data is being erased: until when whoever began it has, before another worker goes on.
    erasing_until = models.DateTimeField(null=True, db_index=True, editable=False)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("removed person")
        verbose_name_plural = _("removed people")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("session", "actor"), name="removal_once")
        ]

    def __str__(self) -> str:
        return self.name or f"…{self.actor & 0xFFFF:04x}"
