"""What people say to each other: lines made from signals, and who decided what others see."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models import Event, Session


class ChatMode(models.TextChoices):
    """Who sees what somebody writes: nobody else, everybody at once, or after a moderator looked."""

    CLOSED = "closed", _("Nobody else sees it")
    OPEN = "open", _("Shown at once")
    FIRST = "first", _("The first message of each person is checked")
    ALL = "all", _("Every message is checked")


class ChatSettings(models.Model):
    """What holds for an event's sessions, or for one session instead; without rows, the defaults."""

    event = models.OneToOneField(
        Event, models.CASCADE, null=True, blank=True, related_name="chat_settings"
    )
    session = models.OneToOneField(
        Session, models.CASCADE, null=True, blank=True, related_name="chat_settings"
    )
    # Empty, of a session: what its event says.
    mode = models.CharField(
        _("chat"), max_length=6, choices=ChatMode.choices, default=ChatMode.FIRST, blank=True
    )
    # What connected platforms send is shown as well.
    with_platforms = models.BooleanField(_("with messages of platforms"), default=False)
    # What was said before stays between its author and the organizers: it was promised.
    open_since = models.DateTimeField(_("shown since"), null=True, blank=True)

    class Meta:
        verbose_name = _("chat settings")
        verbose_name_plural = _("chat settings")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(event=None) ^ models.Q(session=None),
                name="chat_settings_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.get_mode_display()


class ChatState(models.TextChoices):
    """Whether others see a line."""

    SHOWN = "shown", _("Shown")
    WAITING = "waiting", _("Waits")
    HIDDEN = "hidden", _("Hidden")


class ChatLine(models.Model):
    """One chat message, made from its signal (`source`, `seq`), as others see it or do not."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="chat_lines")
    source = models.BigIntegerField(editable=False)
    seq = models.BigIntegerField(editable=False)
    actor = models.BigIntegerField(editable=False)
    name = models.CharField(_("name"), max_length=60, blank=True)
    text = models.CharField(_("text"), max_length=500)
    said_at = models.DateTimeField(_("said at"))
    state = models.CharField(_("state"), max_length=7, choices=ChatState.choices)
    # Why it was held or hidden by itself: "first", "all", "name", "blocked", "unread" (more was said than
    # is read at once), "unclear" (the rules failed on it), or a code of the gate.
    why = models.CharField(_("why"), max_length=10, blank=True)
    # When it was first shown: lines stand in this order.
    shown_at = models.DateTimeField(_("shown at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The pages have not been told of its state yet.
    is_news = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = _("chat message")
        verbose_name_plural = _("chat messages")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("session", "source", "seq"), name="chat_line_once_per_signal"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=("session", "state", "-shown_at"), name="chat_line_by_state"),
            models.Index(fields=("session", "actor"), name="chat_line_by_actor"),
            models.Index(fields=("said_at",), name="chat_line_by_age"),
            models.Index(
                fields=("session",), name="chat_line_news", condition=models.Q(is_news=True)
            ),
            models.Index(
                fields=("session", "actor"), name="chat_line_unread",
                condition=models.Q(why="unread", state="waiting"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text


class ChatBlock(models.Model):
    """One person whose messages nobody else sees for the rest of a session."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="chat_blocks")
    actor = models.BigIntegerField(editable=False)
    name = models.CharField(_("name"), max_length=60, blank=True)
    blocked_at = models.DateTimeField(_("blocked at"))
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("blocked person")
        verbose_name_plural = _("blocked people")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("session", "actor"), name="chat_block_once")
        ]

    def __str__(self) -> str:
        return self.name or f"…{self.actor & 0xFFFF:04x}"


class ChatOffset(models.Model):
    """How far the chat of a shard was read; written in the transaction of the lines it stands for."""

    shard = models.PositiveIntegerField(primary_key=True)
    entry_id = models.CharField(max_length=40, default="0-0")

    class Meta:
        verbose_name = _("chat offset")
        verbose_name_plural = _("chat offsets")

    def __str__(self) -> str:
        return f"{self.shard}: {self.entry_id}"
