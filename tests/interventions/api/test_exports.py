"""What a stranger finds in the files of a session: flat cells, and no other thing's insides."""

import csv
import datetime as dt
import io

import openpyxl
import pytest

from engagement.models import Organisation
from engagement.vocabulary.clock import tick_of
from interventions.api.exports import TABLES
from interventions.api.spreadsheet_files import to_csv
from interventions.kinds import Kind
from interventions.models import PollVote, Question
from tests.conftest import NOON
from tests.interventions.api.cast import Caller, make_intervention, make_outcome
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_anomaly, make_event, make_metric, make_session

pytestmark = pytest.mark.django_db


def test_headline_of_an_anomaly_is_a_code_and_what_it_is_about(organisation: Organisation) -> None:
    session = make_session(make_event(organisation))
    headline = {"code": "went_quiet", "params": {"phase": "Begrüßung", "people": 176}}
    make_anomaly(session, 1, headline=headline)
    columns, rows = TABLES["anomalies"]

    (row,) = rows(session)

    assert row["headline"] == "went_quiet"
    assert "phase: Begrüßung | people: 176" in to_csv(columns, [row])


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_exactly_the_columns_and_no_cell_holds_a_structure(
    organisation: Organisation, name: str
) -> None:
    session = make_session(make_event(organisation))
    make_metric(session, 1)
    make_anomaly(session, 1)
    make_outcome(make_intervention(session))
    columns, rows = TABLES[name]

    for row in rows(session):
        assert set(row) == set(columns)
        assert not any(isinstance(value, dict) for value in row.values())


def test_who_approved_is_named_be_it_a_key_or_a_person(organisation: Organisation) -> None:
    session = make_session(make_event(organisation))
    make_intervention(session, "learned", approved_as="API key console")
    columns, rows = TABLES["interventions"]

    (row,) = rows(session)

    assert row["approved_by"] == "API key console"
    assert "API key console" in to_csv(columns, [row])


def test_votes_of_a_tick_are_those_of_platforms_and_of_our_own_polls(
    organisation: Organisation,
) -> None:
    session = make_session(make_event(organisation))
    tick = tick_of(NOON.timestamp()) + 1
    make_metric(session, tick, votes=3)
    make_metric(session, tick + 1)
    poll = make_sent(session, at=NOON)
    for actor in range(4):
        PollVote.objects.create(
            intervention=poll,
            actor=actor,
            option=0,
            voted_at=NOON + dt.timedelta(seconds=5 + actor),
        )
    _, rows = TABLES["metrics"]

    assert [(row["tick"], row["votes"]) for row in rows(session)] == [
        (tick, 3 + 4), (tick + 1, 0),
    ]  # fmt: skip


TRICKY = ["0-1", "2-5", "1/2", "007"]


def test_answers_and_questions_stay_as_they_were_in_every_file(organisation: Organisation) -> None:
    session = make_session(make_event(organisation))
    poll = make_sent(session, Kind.POLL, options=tuple(TRICKY))
    for actor, option in enumerate((1, 1, 3)):
        PollVote.objects.create(intervention=poll, actor=actor, option=option, voted_at=NOON)
    asked = ["1E5", "3-4", "12345678901234567890", "=HYPERLINK(1)", "two\nlines", 'a;"b"']
    for seq, text in enumerate(asked):
        Question.objects.create(
            session=session, source=1, seq=seq, actor=1, text=text, asked_at=NOON
        )
    caller = Caller(organisation)

    def book(table: str) -> list[tuple[object, ...]]:
        answer = caller.get(f"sessions/{session.pk}/exports/{table}.xlsx")
        assert answer["Content-Disposition"].endswith(f'-{table}.xlsx"')
        return list(openpyxl.load_workbook(io.BytesIO(answer.content))[table].values)

    votes, questions = book("votes"), book("questions")
    plain = caller.get(f"sessions/{session.pk}/exports/votes.csv").content.decode("utf-8-sig")

    assert votes[0] == ("Intervention id", "Kind", "Question", "Option", "Answer", "Votes")
    assert [(row[4], row[5]) for row in votes[1:]] == list(zip(TRICKY, (0, 2, 0, 1), strict=True))
    assert [row[2] for row in questions[1:]] == asked
    assert [row["answer"] for row in csv.DictReader(io.StringIO(plain))] == TRICKY


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_a_workbook_with_a_row_for_each_row(
    organisation: Organisation, name: str
) -> None:
    session = make_session(make_event(organisation))
    make_metric(session, 1)
    make_anomaly(session, 1)
    make_outcome(make_intervention(session, acted_at=NOON))
    Question.objects.create(session=session, source=1, seq=1, actor=1, text="?", asked_at=NOON)
    columns, rows = TABLES[name]

    answer = Caller(organisation).get(f"sessions/{session.pk}/exports/{name}.xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))[name]
    assert (sheet.max_row, sheet.max_column) == (len(list(rows(session))) + 1, len(columns))
