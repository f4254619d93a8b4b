"""What people did that no other log keeps: who came, took away, made keys, changed settings."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.organisations import Organisation
from engagement.models.sessions import Session


class ActKind(models.TextChoices):
    """What was done."""

    SIGNED_IN = "signed_in", _("signed in")
    REFUSED = "refused", _("was refused at signing in")
    SIGNED_OUT = "signed_out", _("signed out")
    EXPORTED = "exported", _("took a file away")
    KEY_MADE = "key_made", _("made an API key")
    KEY_REVOKED = "key_revoked", _("revoked an API key")
    HOOK_MADE = "hook_made", _("made a webhook")
    HOOK_CHANGED = "hook_changed", _("changed a webhook")
    HOOK_REMOVED = "hook_removed", _("removed a webhook")
    SETTINGS = "settings", _("changed settings")
    ERASED = "erased", _("erased a person's data")
    STARTED = "started", _("started the session")
    ENDED = "ended", _("ended the session")
    DEVICE_ENDED = "device_ended", _("ended a device of their own")


class Act(models.Model):
    """One act. `who` is the name as it was then: the row outlives the person, her key and the session."""

    at = models.DateTimeField(_("time"), db_index=True)
    kind = models.CharField(_("what"), max_length=12, choices=ActKind.choices)
    who = models.CharField(_("who"), max_length=150)
    organisation = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    session = models.ForeignKey(Session, models.SET_NULL, null=True, blank=True, related_name="+")
    detail = models.CharField(_("detail"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")

    def __str__(self) -> str:
        return f"{self.who} {self.get_kind_display()}"
