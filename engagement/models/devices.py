"""The browsers in which people are signed in, so that each can see and end her own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Device(models.Model):
    """A browser in which somebody signed in. It is listed while that login holds."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    # Roughly which: "Firefox, Windows". Nothing that would tell it from another one like it.
    what = models.CharField(_("browser"), max_length=60)
    signed_in_at = models.DateTimeField(_("signed in at"))

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ("-signed_in_at",)

    def __str__(self) -> str:
        return self.what
