"""One person's signals are found without reading all others' of her sessions."""

import json

import pytest
from django.db import connection

from engagement.models import Session, Signal
from interventions.personal_data.inventory import PLACES, Person
from tests.support.factories import make_session

ROWS, PEOPLE = 20_000, 500
FILL = """
insert into engagement_signal (session_id, received_at, occurred_at, tick, kind, actor, source, seq, text,
  number, late, induced)
select %s, now() + n * interval '1 ms', now(), 1, 1, n %% %s + 1, 7, n, 'Some words', 0, false, false
from generate_series(1, %s) n
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    made = make_session()
    with connection.cursor() as cursor:
        cursor.execute(FILL, [made.pk, PEOPLE, ROWS])
        cursor.execute("analyze engagement_signal")
    return made


def test_rows_of_one_person_are_read_and_no_others(session: Session) -> None:
    her = Person(session.event_id, 17)
    [place] = [place for place in PLACES if place.model is Signal]

    [plan] = json.loads(place.rows(her).explain(format="json", analyze=True))

    assert "signal_by_person" in json.dumps(plan)
    assert not [found for found in _values(plan, "Rows Removed by Filter") if found > PEOPLE]
    assert place.rows(her).count() == ROWS // PEOPLE


def _values(plan: object, name: str) -> list[int]:
    """Return what every step of a plan says under that name."""
    if isinstance(plan, list):
        return [value for each in plan for value in _values(each, name)]
    if not isinstance(plan, dict):
        return []
    own = [int(plan[name])] if name in plan else []
    return own + [value for each in plan.values() for value in _values(each, name)]
