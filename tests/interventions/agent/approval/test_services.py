"""What a person can do with a suggestion, and what happens when two do it at once."""

import datetime as dt
import random
from dataclasses import replace

import pytest
import redis
from django.contrib.auth.models import User

from engagement.models import Session, SessionStatus
from engagement.vocabulary.errors import ProblemError
from engagement.vocabulary.modes import Mode
from interventions.agent.approval import services as approval
from interventions.agent.approval.editing import ALL_WARNINGS
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.learning.bandit import Policy
from interventions.lifecycle import queries
from interventions.models import AgentChange, ArmState, AskedBy, Intervention
from interventions.models.audit import AuditRecord
from interventions.vocabulary.statuses import Status
from tests.interventions.agent.rooms import after, fresh, lost_room, steps, suggested, sweep
from tests.interventions.api.cast import make_intervention
from tests.support.factories import make_session, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara() -> User:
    return make_user("mara")


@pytest.fixture
def ben() -> User:
    return make_user("ben")


def words_of(row: Intervention) -> Content:
    return Content.from_json(row.content)


def waiting(policy_of: Session) -> tuple[str, ...]:
    state = ArmState.objects.get(organisation=policy_of.event.organisation)
    return Policy.from_json(state.policy).waiting


def test_undo_within_five_seconds_sends_nothing(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())
    approval.approve(row.pk, by=mara, who="Mara", now=after(10))

    approval.undo(row.pk, by=mara, who="Mara", now=after(14))
    sweep(16)

    done = fresh(row)
    assert done.status == Status.WAITING
    assert done.expires_at == after(14 + 90)
    assert (done.approved_by, done.approved_as) == (None, "")


def test_undo_too_late_is_refused(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())
    approval.approve(row.pk, by=mara, who="Mara", now=after(10))

    with pytest.raises(ProblemError) as refused:
        approval.undo(row.pk, by=mara, who="Mara", now=after(15))

    assert refused.value.code == "too_late"


def test_second_organizer_is_told_who_was_first(
    valkey: "redis.Redis", mara: User, ben: User
) -> None:
    row = suggested(lost_room())
    approval.approve(row.pk, by=mara, who="Mara", now=after(10), version=row.version)

    with pytest.raises(ProblemError) as refused:
        approval.approve(row.pk, by=ben, who="Ben", now=after(11), version=row.version)

    assert refused.value.code == "changed_meanwhile"
    assert refused.value.message == "Mara approved this already."


def test_double_click_is_one_approval(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())

    approval.approve(row.pk, by=mara, who="Mara", now=after(10), version=row.version)
    approval.approve(row.pk, by=mara, who="Mara", now=after(10), version=row.version)

    assert steps(row).count("approved") == 1
    assert fresh(row).acts_at == after(15)


def test_approval_at_the_last_moment_is_refused_kindly(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())

    with pytest.raises(ProblemError) as refused:
        approval.approve(row.pk, by=mara, who="Mara", now=after(90))

    assert refused.value.code == "expired"


def test_expiry_sends_nothing_and_teaches_nothing(valkey: "redis.Redis") -> None:
    room = lost_room()
    row = suggested(room)

    sweep(89)
    before = fresh(row).status
    sweep(90)

    assert before == Status.WAITING
    assert fresh(row).status == Status.EXPIRED
    assert waiting(room) == ()


def test_dismissal_is_no_holdout(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room()
    row = suggested(room)

    approval.dismiss(row.pk, by=mara, who="Mara", now=after(5), reason="not_now")

    assert fresh(row).status == Status.DISMISSED
    assert fresh(row).dismiss_reason == "not_now"
    assert waiting(room) == ()


def test_reason_can_be_given_afterwards(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())
    approval.dismiss(row.pk, by=mara, who="Mara", now=after(5))

    approval.give_reason(row.pk, reason="wording", now=after(8))

    assert fresh(row).dismiss_reason == "wording"
    with pytest.raises(ProblemError):
        approval.give_reason(row.pk, reason="because", now=after(9))


def test_hold_ends_a_countdown(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room(mode="auto"))

    approval.hold(row.pk, by=mara, who="Mara", now=after(4))
    sweep(30)

    assert fresh(row).status == Status.WAITING
    assert fresh(row).acts_at is None


def test_mode_switch_ends_a_countdown(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room(mode="auto")
    row = suggested(room)

    approval.set_mode(room, Mode.MANUAL, by=mara, who="Mara", now=after(4))
    sweep(12)

    assert fresh(row).status == Status.WAITING


def test_edited_words_are_what_is_sent(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())
    mine = replace(words_of(row), text="Shall we slow down a little now?")

    approval.approve(row.pk, by=mara, who="Mara", now=after(10), content=mine)

    done = fresh(row)
    assert words_of(done).text == "Shall we slow down a little now?"
    assert done.original == row.content
    assert done.transitions.get(after="approved").params == {"edited": True}


def test_words_that_the_gate_refuses_are_named_and_nothing_is_lost(
    valkey: "redis.Redis", mara: User
) -> None:
    row = suggested(lost_room())
    bad = replace(words_of(row), text="Look at https://example.org/win now")

    with pytest.raises(ProblemError) as refused:
        approval.approve(row.pk, by=mara, who="Mara", now=after(10), content=bad)

    assert refused.value.code == "content_warnings"
    assert [code for code, _ in refused.value.warnings] == ["link"]
    assert fresh(row).status == Status.WAITING


def test_words_are_sent_against_a_warning_that_was_seen_and_the_log_says_so(
    valkey: "redis.Redis", mara: User
) -> None:
    row = suggested(lost_room())
    bold = replace(words_of(row), text="Look at https://example.org/win now")

    approval.approve(row.pk, by=mara, who="Mara", now=after(10), content=bold, accepted=["link"])

    done = fresh(row)
    assert words_of(done).text == bold.text
    step = done.transitions.get(after="approved")
    assert (step.who, step.params) == ("Mara", {"edited": True, "warnings": ["link"]})
    assert AuditRecord.objects.get(after="approved").detail.endswith("(link)")


def test_warning_that_was_not_seen_is_given_although_another_was_accepted(
    valkey: "redis.Redis", mara: User
) -> None:
    row = suggested(lost_room())
    worse = replace(words_of(row), text="See https://a.org, you idiots")

    with pytest.raises(ProblemError) as refused:
        approval.approve(
            row.pk, by=mara, who="Mara", now=after(10), content=worse, accepted=["link"]
        )

    assert [code for code, _ in refused.value.warnings] == ["link", "profanity"]


def test_warnings_accepted_while_keeping_words_are_in_the_log_of_their_approval(
    valkey: "redis.Redis", mara: User
) -> None:
    row = suggested(lost_room())
    approval.edit_begin(row.pk, by=mara, who="Mara", now=after(5))
    bold = replace(words_of(row), text="WAKE UP EVERYBODY IN HERE")
    approval.edit_save(
        row.pk, by=mara, who="Mara", now=after(6), content=bold, accepted=["shouting"]
    )

    approval.approve(row.pk, by=None, who="a key", now=after(10))

    step = fresh(row).transitions.get(after="approved")
    assert step.params == {"edited": False, "warnings": ["shouting"], "warned": "Mara"}


@pytest.mark.parametrize(
    ("text", "code"),
    [("\u3164\u3164", "content_text_short"), ("x" * 300, "content_text_long"),
     ("Turn \u202e around now", "content_disguise"), ("One\x00two three", "content_disguise")],
)  # fmt: skip
def test_hard_limit_stays_whatever_is_accepted(
    valkey: "redis.Redis", mara: User, text: str, code: str
) -> None:
    row = suggested(lost_room())

    with pytest.raises(ProblemError) as refused:
        approval.approve(
            row.pk, by=mara, who="Mara", now=after(10), content=replace(words_of(row), text=text),
            accepted=ALL_WARNINGS,
        )  # fmt: skip

    assert refused.value.code == code


def test_clock_stands_still_while_somebody_edits(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())

    approval.edit_begin(row.pk, by=mara, who="Mara", now=after(80))
    sweep(150)
    while_editing = fresh(row).status
    approval.edit_cancel(row.pk, by=mara, now=after(160))

    assert while_editing == Status.WAITING
    assert fresh(row).expires_at == after(170)


def test_editor_who_went_away_lets_the_clock_run_on(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())
    approval.edit_begin(row.pk, by=mara, who="Mara", now=after(10))

    sweep(10 + 180)
    resumed = fresh(row)
    sweep(10 + 180 + 80)

    assert resumed.expires_at == after(10 + 180 + 80)
    assert fresh(row).status == Status.EXPIRED


def test_two_cannot_edit_at_once(valkey: "redis.Redis", mara: User, ben: User) -> None:
    row = suggested(lost_room())
    approval.edit_begin(row.pk, by=mara, who="Mara", now=after(10))

    with pytest.raises(ProblemError) as refused:
        approval.edit_begin(row.pk, by=ben, who="Ben", now=after(20))

    assert refused.value.code == "being_edited"
    assert "mara" in refused.value.message


def test_one_more_minute_ten_times_at_most(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())

    for _ in range(10):
        approval.extend(row.pk, by=mara, now=after(10))

    assert fresh(row).expires_at == after(90 + 600)
    with pytest.raises(ProblemError) as refused:
        approval.extend(row.pk, by=mara, now=after(10))
    assert refused.value.code == "extended_enough"


def test_panic_stop_ends_everything_until_resumed(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room(mode="auto")
    row = suggested(room)

    ended = approval.stop(room, by=mara, who="Mara", now=after(3))
    sweep(20)

    assert ended == 1
    assert fresh(row).status == Status.STOPPED
    assert waiting(room) == ()
    approval.resume(room, by=mara, who="Mara", now=after(30))
    room.agent_settings.refresh_from_db()
    assert room.agent_settings.stopped_at is None


def test_stop_within_the_undo_window_sends_nothing(valkey: "redis.Redis", mara: User) -> None:
    row = suggested(lost_room())
    approval.approve(row.pk, by=mara, who="Mara", now=after(10))

    approval.stop(row.session, by=mara, who="Mara", now=after(14))
    sweep(16)

    assert fresh(row).status == Status.STOPPED


def ask(
    room: Session, kind: Kind | None, by: User, *, key: str = "", at: dt.datetime | None = None
) -> Intervention:
    return approval.trigger(
        room, kind, by=by, who="Mara", asked_by=AskedBy.ORGANIZER, now=at or after(0),
        rng=random.Random(1), request_key=key,
    )  # fmt: skip


def test_asked_for_goes_the_same_way_and_is_marked(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room(mode="auto")

    row = ask(room, Kind.POLL, mara)
    sweep(1)

    done = fresh(row)
    assert (done.kind, done.status) == ("POLL", Status.WAITING)
    assert done.asked_by == AskedBy.ORGANIZER
    assert done.gate["code"] == "asked_for"
    assert done.decision["measurable"] is False


def test_asked_for_twice_with_the_same_key_is_once(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room()

    first = ask(room, Kind.POLL, mara, key="k1")
    second = ask(room, Kind.POLL, mara, key="k1", at=after(5))

    assert first.pk == second.pk


def test_asked_for_while_another_waits_says_so(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room()
    suggested(room)

    row = ask(room, Kind.QUIZ, mara, at=after(5))

    assert row.status == Status.REFUSED
    assert [each["code"] for each in row.refused_by] == ["one_at_a_time"]


def test_asked_for_after_the_panic_stop_is_held_back_until_resumed(
    valkey: "redis.Redis", mara: User
) -> None:
    room = lost_room()
    approval.stop(room, by=mara, who="Mara", now=after(0))

    row = approval.trigger(
        room, Kind.POLL, by=None, who="A key", asked_by=AskedBy.API, now=after(1),
        rng=random.Random(1),
    )  # fmt: skip
    approval.resume(room, by=mara, who="Mara", now=after(2))

    assert row.status == Status.REFUSED
    assert [each["code"] for each in row.refused_by] == ["stopped"]
    assert ask(room, Kind.POLL, mara, at=after(3)).status == Status.SELECTED


def test_asked_for_and_dismissed_again_and_again_ends(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room()

    made = []
    for seconds in range(12):
        made.append(ask(room, None, mara, at=after(seconds)).status)
        sweep(seconds)
        for row in Intervention.objects.filter(status=Status.WAITING):
            approval.dismiss(row.pk, by=mara, who="Mara", now=after(seconds))

    assert made == [Status.SELECTED] * 6 + [Status.REFUSED] * 6


def test_cue_without_a_speakers_screen_is_held_back(valkey: "redis.Redis", mara: User) -> None:
    row = ask(lost_room(), Kind.SPEAKER_CUE, mara)

    assert row.status == Status.REFUSED
    assert [(each["code"], each["kind"]) for each in row.refused_by] == [
        ("no_target", "SPEAKER_CUE")
    ]


def test_report_of_a_session_that_is_over_does_not_change(mara: User) -> None:
    session = make_session(status=SessionStatus.ENDED)

    with pytest.raises(ProblemError) as refused:
        ask(session, Kind.POLL, mara)

    assert (refused.value.code, refused.value.status) == ("session_ended", 409)
    assert not Intervention.objects.exists()


def test_asked_for_before_there_is_a_score_says_so_of_itself(
    valkey: "redis.Redis", mara: User
) -> None:
    row = ask(make_session(), Kind.POLL, mara)
    whatever = ask(make_session(), None, mara)

    with pytest.raises(ProblemError) as refused:
        approval.approve(row.pk, by=mara, who="Mara", now=after(1), version=row.version)

    assert [(each["code"], each["kind"]) for each in row.refused_by] == [("no_score", "POLL")]
    assert whatever.refused_by[0]["code"] == "no_score"
    assert refused.value.code == "held_back"
    assert "(no_score)" in refused.value.message


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.SELECTED, "The agent is still at work on this."),
        (Status.LEFT_ALONE, "The agent chose to do nothing here."),
        (Status.FAILED, "This could not be sent."),
        (Status.LEARNED, "This was measured already."),
        (Status.NOT_MEASURED, "This is over already."),
    ],
)
def test_who_comes_too_late_is_told_where_it_stands(mara: User, status: Status, said: str) -> None:
    row = make_intervention(make_session(), status.value)

    with pytest.raises(ProblemError) as refused:
        approval.approve(row.pk, by=mara, who="Mara", now=after(1), version=row.version)

    assert refused.value.message == said


def test_changes_of_the_agent_are_kept(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room()

    approval.set_mode(room, Mode.AUTO, by=mara, who="Mara", now=after(1))
    approval.set_mode(room, Mode.AUTO, by=mara, who="Mara", now=after(2))
    approval.stop(room, by=mara, who="Mara", now=after(3))
    approval.resume(room, by=mara, who="Mara", now=after(4))

    kept = AgentChange.objects.filter(session=room).values_list("what", "mode", "who")
    assert list(kept) == [("resume", "", "Mara"), ("stop", "", "Mara"), ("mode", "auto", "Mara")]


def test_countdown_that_a_mode_ended_says_so(valkey: "redis.Redis", mara: User) -> None:
    room = lost_room(mode="auto")
    row = suggested(room)

    approval.set_mode(room, Mode.MANUAL, by=mara, who="Mara", now=after(4))

    assert row.transitions.latest("version").why == "mode"


def test_failure_stays_on_the_card_until_something_newer(valkey: "redis.Redis") -> None:
    row = suggested(lost_room())
    Intervention.objects.filter(pk=row.pk).update(status=Status.FAILED, moved_at=after(20))

    shown = queries.current(row.session_id, after(200))
    gone = queries.current(row.session_id, after(20 + 301))

    assert shown is not None
    assert shown.pk == row.pk
    assert gone is None
