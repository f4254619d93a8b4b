"""What a stranger finds in the files of a session: flat cells, and no other thing's insides."""

import pytest

from engagement.models import Organisation
from interventions.exports import TABLES
from interventions.tables import to_csv
from tests.factories import make_anomaly, make_event, make_metric, make_session
from tests.interventions.api.cast import make_intervention, make_outcome

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
