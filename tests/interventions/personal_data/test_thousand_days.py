"""What people wrote or are called by is gone after a thousand days: every table, by introspection."""

import datetime as dt
import uuid

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session as Login
from django.db import models
from django.utils import timezone

import engagement.tasks
import interventions.tasks
from engagement.models import Act, ActKind, Attendee, Device, Metric, Removal, Session, Signal
from engagement.organisations import audit
from engagement.vocabulary.clock import tick_of
from interventions.models import (
    AgentChange,
    ChatBlock,
    ChatLine,
    Intervention,
    LlmCall,
    PollVote,
    PushMessage,
    PushSubscription,
    Question,
    QuestionUpvote,
    Transition,
    Webhook,
    WebhookMessage,
)
from interventions.personal_data import text_retention
from tests.interventions.audience.chat.rooms import make_line
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_event, make_metric, make_session, make_signal

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
ACTOR = 7_000_000_000_000_000_001
EMPTIED = {
    Act, Attendee, Signal, Metric, AgentChange, ChatBlock, ChatLine, LlmCall, PushMessage, Question,
    QuestionUpvote, Removal, Transition, WebhookMessage, LogEntry, Login, Device,
}  # fmt: skip
"""Whose old rows go."""
KEPT = {PollVote, Intervention}
"""Whose old rows stay, with nothing of a person in them."""
NOT_OF_THE_AUDIENCE = {
    # Accounts, and what an organisation made or set itself: kept until somebody deletes it.
    "auth.Permission", "auth.Group", "auth.User", "contenttypes.ContentType",
    "engagement.Organisation", "engagement.Event", "engagement.Session", "engagement.ApiKey",
    "engagement.ScoringProfile", "engagement.SignalSource", "interventions.AgentSettings",
    "interventions.Webhook", "interventions.ViewToken", "interventions.Experiment",
    "interventions.Template", "interventions.PushSubscription",
    # Numbers, codes and names of our own.
    "engagement.Anomaly", "engagement.DetectorProfile", "engagement.StreamOffset",
    "engagement.StuckRow", "interventions.BudgetAlert", "interventions.BudgetWindow",
    "interventions.ModelRest",
    "interventions.Outcome", "interventions.ChatOffset", "interventions.Delivery",
    "interventions.ArmState", "interventions.ArmSample", "interventions.ArmChange",
}  # fmt: skip


def may_hold_words(field):
    """Whether a column may hold what a person wrote, is called, or is known by."""
    if isinstance(field, models.TextField | models.JSONField | models.BinaryField):
        return True
    return (isinstance(field, models.CharField) and not field.choices) or field.name == "actor"


def test_every_table_with_words_is_emptied_or_said_to_be_of_nobody():
    found = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.managed and any(map(may_hold_words, model._meta.concrete_fields))
    }

    listed = {model._meta.label for model in EMPTIED | KEPT} | NOT_OF_THE_AUDIENCE

    assert found - listed == set()
    assert listed - found == set()


def people(days, user):
    """One row of everything that people leave, `days` old."""
    at = timezone.now() - days * DAY
    session = make_session(make_event(), status="ended", started_at=at, ended_at=at)
    Session.objects.filter(pk=session.pk).update(created_at=at)
    tick = tick_of(at.timestamp())
    make_signal(session, tick, actor=ACTOR)
    make_metric(session, tick)
    attendee = Attendee.objects.create(event=session.event, actor=ACTOR, name="Mara")
    Attendee.objects.filter(pk=attendee.pk).update(joined_at=at)
    make_line(session, said_at=at)
    ChatBlock.objects.create(session=session, actor=ACTOR, name="Mara", blocked_at=at)
    Removal.objects.create(session=session, actor=ACTOR, name="Mara", removed_at=at)
    question = Question.objects.create(
        session=session, source=1, seq=days, actor=ACTOR, text="Why?", asked_at=at
    )
    QuestionUpvote.objects.create(question=question, actor=ACTOR, at=at)
    poll = make_sent(session, at=at, quote="I am lost")
    poll.original = poll.content
    poll.save(update_fields=["original"])
    PollVote.objects.create(intervention=poll, actor=ACTOR, option=1, voted_at=at)
    acts_of_staff(session, poll, user, at)
    return session, poll


def acts_of_staff(session, poll, user, at):
    AgentChange.objects.create(session=session, at=at, what="stop", who="Mara Reyes")
    audit.note(ActKind.SIGNED_IN, who="Mara Reyes", now=at, session=session)
    Transition.objects.create(
        time=at,
        intervention=poll,
        version=1,
        after="approved",
        node="gate",
        by="person",
        who="Mara",
    )
    LlmCall.objects.create(
        time=at, call=uuid.uuid4(), kind="POLL", model="m", outcome="ok", prompt_version="1",
        cost=1, latency_ms=1,
    )  # fmt: skip
    hook = Webhook.objects.create(
        organisation=session.event.organisation, url="x", secret="x", created_at=at
    )
    WebhookMessage.objects.create(
        id=uuid.uuid4(), webhook=hook, event_type="ping", body="{}", status="sent", created_at=at
    )
    phone = PushSubscription.objects.create(
        user=user, endpoint=f"https://push.example/{poll.pk}", p256dh="x", auth="x", created_at=at
    )
    push = PushMessage.objects.create(
        id=uuid.uuid4(), subscription=phone, intervention=poll, expires_at=at, created_at=at
    )
    PushMessage.objects.filter(pk=push.pk).update(created_at=at)
    entry = LogEntry.objects.create(user=user, object_repr="Mara", action_flag=CHANGE)
    LogEntry.objects.filter(pk=entry.pk).update(action_time=at)
    Login.objects.create(session_key=f"key-{poll.pk}", session_data="", expire_date=at + 14 * DAY)
    Device.objects.create(
        user=user, session_key=f"key-{poll.pk}", what="Firefox, Linux", signed_in_at=at
    )


def prune():
    engagement.tasks.prune()
    interventions.tasks.prune_log()


def test_rows_a_thousand_days_old_are_gone_or_of_nobody(owner):
    _, poll = people(1_000, owner)
    full = {model: model.objects.count() for model in EMPTIED}

    prune()

    assert {model for model, count in full.items() if not count} == set()
    assert {model: model.objects.count() for model in EMPTIED} == dict.fromkeys(EMPTIED, 0)
    poll.refresh_from_db()
    assert (poll.content["quote"], poll.original["quote"]) == ("", "")
    assert poll.content["text"] == "How is the pace of this section?"
    votes = PollVote.objects.filter(intervention=poll)
    assert [(vote.option, vote.actor == vote.pk) for vote in votes] == [(1, True)]


def test_rows_of_last_week_stay_as_they_are(owner):
    _, poll = people(7, owner)

    prune()

    assert {model for model in EMPTIED if not model.objects.exists()} == set()
    poll.refresh_from_db()
    assert poll.content["quote"] == "I am lost"
    assert PollVote.objects.get().actor == ACTOR


def test_person_of_an_event_that_goes_on_stays(owner):
    session, _ = people(1_000, owner)
    make_session(session.event, started_at=timezone.now() - DAY)

    prune()

    assert Attendee.objects.get().name == "Mara"


def test_second_run_has_nothing_left_to_do_and_a_dry_one_does_nothing(owner):
    people(1_000, owner)
    now = timezone.now()

    dry = text_retention.prune_log(now=now, dry_run=True)
    assert Question.objects.exists()
    done, again = text_retention.prune_log(now=now), text_retention.prune_log(now=now)

    assert (dry.answers, done.answers, again.answers) == (5, 5, 0)
