"""Rows on which a stage of the work fails: tried again later and later, while the others are served."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StuckRow(models.Model):
    """One row of one stage. Gone when the stage has done it, or a day after it was last tried."""

    # A word of `run_each`'s callers, "deliver" for example, and the key of the row there.
    stage = models.CharField(_("stage"), max_length=20)
    row = models.BigIntegerField(_("row"))
    tries = models.PositiveIntegerField(_("tries"), default=1)
    first_at = models.DateTimeField(_("first failed at"))
    failed_at = models.DateTimeField(_("last failed at"))
    next_at = models.DateTimeField(_("next try"))
    # The kind of error and where it was raised; never its words, which may be a person's.
    error = models.CharField(_("error"), max_length=200)

    class Meta:
        verbose_name = _("stuck row")
        verbose_name_plural = _("stuck rows")
        ordering = ("-failed_at",)
        constraints = (
            models.UniqueConstraint(fields=("stage", "row"), name="stuck_row_once_per_stage"),
        )

    def __str__(self) -> str:
        return f"{self.stage} {self.row}"
