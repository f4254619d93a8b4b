"""What the audience answered: votes, questions, upvotes. Rows first, signals second."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models import Session
from interventions.models.interventions import Intervention


class PollVote(models.Model):
    """One person's answer to one poll or quiz, or her team in a challenge; may change until close."""

    intervention = models.ForeignKey(Intervention, models.CASCADE, related_name="votes")
    # The attendee's pseudonym.
    actor = models.BigIntegerField()
    option = models.PositiveSmallIntegerField(_("option"))
    voted_at = models.DateTimeField(_("voted at"))
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("intervention", "actor"), name="one_vote_per_person"),
            models.CheckConstraint(condition=models.Q(option__lt=10), name="vote_option_small"),
        ]

    def __str__(self) -> str:
        return f"{self.option}"


class QuestionStatus(models.TextChoices):
    """Held waits for a moderator, open for an answer; hidden is not shown to the audience."""

    HELD = "held", _("Waits for a moderator")
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    HIDDEN = "hidden", _("Hidden")


class Question(models.Model):
    """A question of the audience, made from its signal (`source`, `seq`)."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="questions")
    source = models.BigIntegerField(editable=False)
    seq = models.BigIntegerField(editable=False)
    actor = models.BigIntegerField(editable=False)
    text = models.CharField(_("question"), max_length=300)
    asked_at = models.DateTimeField(_("asked at"))
    status = models.CharField(
        _("status"), max_length=8, choices=QuestionStatus.choices, default=QuestionStatus.OPEN
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    # Why it was held or hidden by itself, as a chat line's.
    why = models.CharField(_("why"), max_length=10, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("asked_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("session", "source", "seq"), name="question_once_per_signal"
            )
        ]

    def __str__(self) -> str:
        return self.text


class QuestionUpvote(models.Model):
    """One person wants one question answered."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="upvotes")
    actor = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("upvote")
        verbose_name_plural = _("upvotes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("question", "actor"), name="one_upvote_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.question_id}"
