"""The long demo goes on for as long as somebody looks at it."""

import datetime as dt

import pytest

from conductor.devtools.demo_agenda import ROUND, prolong
from engagement.models import Session, SessionStatus
from engagement.models.sessions import MOST_PHASES, check_phases
from tests.support.factories import make_event, make_session


@pytest.fixture
def demo(organisation, now) -> Session:
    event = make_event(organisation)
    return make_session(
        event, status=SessionStatus.LIVE, started_at=now, agenda=ROUND, is_demo=True
    )


def test_agenda_is_left_alone_while_much_of_it_is_ahead(demo: Session, now) -> None:
    assert not prolong(demo, now + dt.timedelta(minutes=49))

    demo.refresh_from_db()
    assert demo.agenda == ROUND


def test_agenda_repeats_before_the_agent_would_keep_still_for_its_end(demo: Session, now) -> None:
    assert prolong(demo, now + dt.timedelta(minutes=50))
    assert not prolong(demo, now + dt.timedelta(minutes=51))

    demo.refresh_from_db()
    assert demo.agenda == [*ROUND, *ROUND]


def test_agenda_never_grows_beyond_what_a_session_may_have(demo: Session, now) -> None:
    grown = [prolong(demo, now + dt.timedelta(hours=hour)) for hour in range(1, 24)]

    demo.refresh_from_db()
    check_phases(demo.agenda)
    assert (len(demo.agenda), sum(grown)) == (MOST_PHASES, MOST_PHASES // len(ROUND) - 1)
