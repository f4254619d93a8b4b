import datetime as dt

from dashboard.page_data.activity_feed import MOST, Noticed, feed_of
from tests.conftest import NOON

MINUTE = dt.timedelta(minutes=1)


def noticed(**fields):
    values = {
        "pk": 1,
        "kind": "SUDDEN_DROP",
        "severity": "CRITICAL",
        "headline": {},
        "detected_at": NOON,
        "resolved_at": None,
        "acknowledged_at": None,
        "acknowledged_by": "",
    }
    return Noticed(**{**values, **fields})


def test_feed_is_newest_first():
    entries = feed_of(
        started_at=NOON - 30 * MINUTE,
        ended_at=NOON + 9 * MINUTE,
        crossings=[(10, NOON - 29 * MINUTE)],
        anomalies=[
            noticed(
                acknowledged_at=NOON + MINUTE, acknowledged_by="Mara", resolved_at=NOON + 2 * MINUTE
            )
        ],
    )

    assert [entry.code for entry in entries] == [
        "ended",
        "resolved",
        "acknowledged",
        "anomaly",
        "people",
        "started",
    ]


def test_feed_is_bounded():
    anomalies = [noticed(pk=at, detected_at=NOON + at * MINUTE) for at in range(100)]

    entries = feed_of(started_at=None, ended_at=None, crossings=[], anomalies=anomalies)

    assert (len(entries), entries[0].at) == (MOST, NOON + 99 * MINUTE)


def test_feed_tells_severity_by_tone():
    warning = noticed(severity="WARNING")

    entries = feed_of(started_at=None, ended_at=None, crossings=[], anomalies=[warning, noticed()])

    assert sorted(entry.tone for entry in entries) == ["low", "watch"]
