"""The one shape of tables of what goes to the outside: `notifications.outbox` sends their rows."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    """Pending waits for its turn, failed is shown with what to do."""

    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Outgoing(models.Model):
    """One message to one recipient, tried until it is taken or given up."""

    status = models.CharField(
        _("status"), max_length=7, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next try"), null=True, blank=True)
    # Until then the process that claimed it sends it; later it is another's.
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    # A stable code, and words about it where there are some.
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        abstract = True
        indexes: ClassVar = [
            models.Index(
                fields=("next_at",), name="%(class)s_due", condition=models.Q(status="pending")
            )
        ]
