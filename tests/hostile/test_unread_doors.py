"""Three hundred hostile texts in six languages through every door: what of them is on which screen.

The claim, by setting of the chat. *Checked* (first messages, every message, or not shown at all): nothing
that came in is on any page or screen before a moderator has shown it, whatever the words. *Shown at
once*, the organizer's own choice: on attendees' pages stands what the gate does not hold, and on
projector, overlay and speaker's view nothing. How much the gate holds is measured elsewhere.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from engagement.doors.formats.envelope import Reader
from engagement.doors.formats.redis_channels import CHANNELS, session_and_signal
from engagement.intake.wire_format import batch_item, encode_entry
from engagement.live.broadcast import ATTENDEE, CUE, STAGE
from engagement.models import Attendee, Session, StreamOffset
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.display_name import name_of
from engagement.vocabulary.errors import ProblemError
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.agent.approval import services as approval
from interventions.agent.approval.editing import ALL_WARNINGS, accept
from interventions.audience import snapshots
from interventions.audience.chat import lines as chat_lines
from interventions.audience.chat import publication as chat_publication
from interventions.audience.chat.frames import whole_frame
from interventions.audience.chat.rules import held_for
from interventions.audience.chat.settings import rules_of
from interventions.audience.questions import importing as question_import
from interventions.audience.questions import queries as question_queries
from interventions.kinds import Kind
from interventions.kinds.content import Content, usual
from interventions.kinds.registry import acts, shape_of
from interventions.models import AskedBy, ChatLine, ChatMode, Intervention, Question
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import after, fresh, sweep
from tests.interventions.agent.writing.test_unread_permission import chosen, drafted
from tests.interventions.audience.chat.rooms import listening, microseconds, moderate, say
from tests.support.factories import make_event, make_session, make_signal

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parents[1] / "support" / "texts"
CHECKED = (ChatMode.FIRST, ChatMode.ALL, ChatMode.CLOSED)
T0 = tick_of(NOON.timestamp())
NAMED, WROTE, SENT, ASKED = 10_000, 20_000, 30_000, 40_000
"""Pseudonyms begin here, by door: nobody writes twice."""


def corpus() -> list[str]:
    """210 lines by somebody who had not seen the code, and 90 of those the lists were made with."""
    rows = (FOLDER / "hostile_doors.tsv").read_text("utf-8").splitlines()
    known = (FOLDER / "hostile.txt").read_text("utf-8").splitlines()
    known = [line for line in known if line.strip() and not line.startswith("#")]
    return [row.split("\t", 2)[2] for row in rows] + known[:: len(known) // 90][:90]


HOSTILE = corpus()


def strings(value: Any) -> Iterator[str]:
    """Every text in a frame, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def on(frames: list[Any]) -> set[str]:
    """The hostile texts (or what a name or an option kept of them) that stand in frames."""
    seen = "\n".join(strings(frames))
    return {text for text in HOSTILE if text in seen or (len(text) > 25 and text[:25] in seen)}


def come_in(valkey: "redis.Redis", session: Session) -> None:
    """Send the corpus through every door of the audience."""
    for n, text in enumerate(HOSTILE):
        # The attendee's socket, and questions over HTTP, write the same item into the log.
        say(valkey, session, text, actor=WROTE + n)
        say(valkey, session, "A fine day", actor=NAMED + n)
        try:
            name = name_of(text[:60])
        except ProblemError:
            continue
        Attendee.objects.create(event=session.event, actor=NAMED + n, name=name)
    signals = [*integrated(session), *told_by_platform(session)]
    item = batch_item(session.pk, microseconds(NOON), signals)
    valkey.xadd("sig:0", {"b": encode_entry([item])})
    for n, text in enumerate(HOSTILE):
        make_signal(session, T0, n, kind=SignalKind.QUESTION, text=text[:300], actor=ASKED + n)
        make_signal(session, T0, -n - 1, kind=SignalKind.QUESTION, text=text[:300], actor=SENT + n)
    StreamOffset.objects.update_or_create(shard=0, defaults={"tick": T0})


def reader(session: Session, source: str) -> Reader:
    numbers = iter(range(1, 10**6))
    salt = bytes(session.event.salt)
    return Reader(session.pk, salt, microseconds(NOON), source, lambda: next(numbers))


def integrated(session: Session) -> list[Any]:
    """The signals API: its own form and CloudEvents, as chat, reactions, votes and polls."""
    own = [
        {"kind": kind, "actor": f"x:{n}", "text": text[:most], "role": "attendee"}
        for n, text in enumerate(HOSTILE)
        for kind, most in (("chat", 500), ("reaction", 16))
    ]
    own += [
        {"kind": "vote", "actor": f"x:{n}", "text": f"p{n}:{text.replace(':', ' ')[:40]}"}
        for n, text in enumerate(HOSTILE)
    ]
    cloud = [
        {
            "specversion": "1.0", "id": str(n), "source": "/hostile", "actor": f"c:{n}",
            "type": "ec.signal.chat.message.v1", "data": {"text": text},
        }
        for n, text in enumerate(HOSTILE)
    ]  # fmt: skip
    read = [
        reader(session, "api").read(json.dumps({"signals": own[at : at + 900]}))
        for at in range(0, len(own), 900)
    ]
    read.append(reader(session, "cloud").read(json.dumps(cloud)))
    return [signal for batch in read for signal in batch.signals]


def told_by_platform(session: Session) -> list[Any]:
    """The platform's channels, with the text in every field that one of them has."""
    signals = []
    for n, text in enumerate(HOSTILE):
        told = dict.fromkeys(("text", "title", "topic", "name", "reaction", "option"), text)
        told |= {
            "session_id": str(session.pk),
            "user_id": f"p:{n}",
            "poll_id": text[:20],
            "id": f"{n}",
        }
        for channel in CHANNELS:
            found = session_and_signal(channel, json.dumps({**told, "type": "reaction"}).encode())
            if found is not None:
                signals.append(found[1])
    read = [
        reader(session, "platform").read(json.dumps({"signals": signals[at : at + 900]}))
        for at in range(0, len(signals), 900)
    ]
    return [signal for batch in read for signal in batch.signals]


def seen_by(valkey: "redis.Redis", session: Session) -> dict[str, list[Any]]:
    """Let everything be made and told; return what each audience was told, late comers' too."""
    with listening(valkey) as heard:
        chat_lines.take(0, valkey, NOON)
        while chat_lines.read_later(NOON):
            pass
        question_import.import_new(NOON)
        while chat_publication.tell_changed(NOON):
            pass
        sweep(10)
    rules = rules_of(session)
    late = [json.loads(frame) for frame in snapshots.open_frames(session.pk, NOON)]
    listed = [each.to_json() for each in question_queries.listed(session.pk, 1, 1_000)]
    page = [json.loads(whole_frame(session, rules, NOON)), *late, *listed]
    told = {to: [frame for each, frame in heard if each == to] for to in (ATTENDEE, STAGE, CUE)}
    return {ATTENDEE: told[ATTENDEE] + page, STAGE: told[STAGE] + late, CUE: told[CUE]}


def test_there_are_three_hundred_in_six_languages() -> None:
    rows = (FOLDER / "hostile_doors.tsv").read_text("utf-8").splitlines()

    assert len(HOSTILE) == 300
    assert {row.split("\t")[0] for row in rows} == {"de", "en", "es", "fr", "it", "pt"}


@pytest.mark.parametrize("mode", CHECKED)
def test_nothing_is_on_any_page_or_screen_before_somebody_has_shown_it(
    valkey: "redis.Redis", mode: ChatMode
) -> None:
    session = make_session(make_event(), agent_mode="auto")
    moderate(session, mode, with_platforms=True)
    come_in(valkey, session)

    seen = seen_by(valkey, session)

    assert {to: on(frames) for to, frames in seen.items()} == {
        ATTENDEE: set(),
        STAGE: set(),
        CUE: set(),
    }
    assert not ChatLine.objects.filter(state="shown").exists()
    assert not Question.objects.filter(status="open").exists()
    if mode != ChatMode.CLOSED:
        # Own and platforms' messages, both forms of the API; of the names, a line each.
        assert ChatLine.objects.count() > 4 * len(HOSTILE)


def test_shown_at_once_is_what_the_gate_lets_pass_and_only_on_pages(valkey: "redis.Redis") -> None:
    session = make_session(make_event(), agent_mode="auto")
    moderate(session, ChatMode.OPEN, with_platforms=True)
    come_in(valkey, session)

    seen = seen_by(valkey, session)

    held = {text for text in HOSTILE if held_for(text, session.language)}
    lines = ChatLine.objects.filter(state="shown", actor__gte=WROTE, actor__lt=SENT)
    assert set(lines.values_list("text", flat=True)).isdisjoint(held)
    # No list of words holds everything: that some are seen here says that the others were looked for.
    assert on(seen[ATTENDEE])
    assert {to: on(frames) for to, frames in seen.items() if to != ATTENDEE} == {
        STAGE: set(), CUE: set(),
    }  # fmt: skip


def test_no_question_of_the_audience_reaches_the_projector_by_itself(
    valkey: "redis.Redis",
) -> None:
    session = make_session(make_event(), agent_mode="auto")
    with listening(valkey) as heard:
        for n, text in enumerate(HOSTILE[::3]):
            asked = Question.objects.create(
                session=session, source=1, seq=n, actor=n, text=text[:300], asked_at=NOON
            )
            row = drafted(chosen(session, Kind.QUESTION_PROMPT))
            # What the gate does not let a quotation be is left out, and the template stands alone.
            assert (row.status == Status.WAITING) is bool((row.content or {})["quote"])
            Intervention.objects.filter(pk=row.pk).update(status=Status.DISMISSED)
            asked.delete()
        sweep(60)

    assert on([frame for _, frame in heard]) == set()


def content_of(kind: Kind, text: str) -> Content:
    """A text in every place that a kind has: words, options or team names, quotation."""
    shape = shape_of(kind)
    words = text[: shape.text].ljust(8, ".")
    options = tuple(dict.fromkeys((text[: shape.option], text[3 : 3 + shape.option], "Yes")))[:3]
    plain = usual(kind, "en", words, options if shape.options[1] else ())
    correct, quote = (0 if shape.has_answer else None), text[:200] if shape.may_quote else ""
    return Content(kind, "en", words, plain.options, correct, plain.seconds, quote)


def test_words_given_by_an_integration_wait_for_a_yes_in_auto(valkey: "redis.Redis") -> None:
    session, kinds, waited = make_session(make_event(), agent_mode="auto"), list(acts()), 0
    with listening(valkey) as heard:
        for n, text in enumerate(HOSTILE):
            row = chosen(session, kinds[n % len(kinds)], asked_by=AskedBy.API)
            try:
                accept(row, content_of(Kind(row.kind), text), "API key console", NOON, ALL_WARNINGS)
            except ProblemError:
                row.delete()
                continue
            assert fresh(row).status == Status.WAITING
            waited += 1
            approval.dismiss(row.pk, by=None, who="Mara", now=after(61))
        sweep(60)

    assert waited > 250
    assert on([frame for _, frame in heard]) == set()
