"""What a session leaves behind, as flat rows for files: one column list and one query per table."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from engagement.models import Anomaly, Metric, Session
from interventions.audience import counted_people
from interventions.audience.polls.tallies import counts_of_all, own_votes_by_tick
from interventions.models import Intervention

Row = dict[str, Any]
_OUTCOME: Final = (
    "verdict", "missing", "before", "at_decision", "value", "change", "expected", "people",
    "is_trial", "chance", "was_sent",
)  # fmt: skip
METRIC_COLUMNS: Final = (
    "time", "tick", "score", "low", "high", "organic", "state", "present", "chat", "reactions",
    "votes", "joins", "leaves", "alarm",
)  # fmt: skip
ANOMALY_COLUMNS: Final = (
    "id", "detected_at", "resolved_at", "acknowledged_at", "kind", "severity", "score", "headline",
    "headline_values", "detector",
)  # fmt: skip
INTERVENTION_COLUMNS: Final = (
    "id", "created_at", "status", "kind", "mode", "asked_by", "text", "options", "author",
    "approved_at", "approved_by", "acted_at", "dismiss_reason", "anomaly_id", "template_id",
    "experiment_id", "variant", *_OUTCOME,
)  # fmt: skip
QUESTION_COLUMNS: Final = ("id", "asked_at", "text", "status", "upvotes", "answered_at")
VOTE_COLUMNS: Final = ("intervention_id", "kind", "question", "option", "answer", "votes")


def _values(row: object, names: tuple[str, ...]) -> Row:
    return {name: getattr(row, name) for name in names}


def metrics(session: Session) -> Iterator[Row]:
    """Yield the ticks, oldest first; `votes` are those of platforms and of our own polls together."""
    own = own_votes_by_tick(session)
    for row in Metric.objects.filter(session=session).order_by("time").iterator():
        yield {**_values(row, METRIC_COLUMNS), "votes": row.votes + own[row.tick]}


def anomalies(session: Session) -> Iterator[Row]:
    """Yield the anomalies, oldest first; of the headline the code, and what it is about as text."""
    own = tuple(name for name in ANOMALY_COLUMNS if not name.startswith("headline"))
    for row in Anomaly.objects.filter(session=session).order_by("detected_at", "pk"):
        params = row.headline.get("params", {})
        yield {
            **_values(row, own),
            "headline": row.headline.get("code"),
            "headline_values": [f"{name}: {value}" for name, value in params.items()],
        }


def interventions(session: Session) -> Iterator[Row]:
    """Yield every decision with its words and what followed, oldest first."""
    rows = Intervention.objects.filter(session=session).select_related("outcome")
    made = {"text", "options", "approved_by", *_OUTCOME}
    own = [name for name in INTERVENTION_COLUMNS if name not in made]
    for row in rows.order_by("created_at", "pk"):
        content = row.content or {}
        outcome = getattr(row, "outcome", None)
        yield {
            **_values(row, tuple(own)),
            "text": content.get("text"),
            "options": content.get("options"),
            "approved_by": row.approved_as,
            **(_values(outcome, _OUTCOME) if outcome else dict.fromkeys(_OUTCOME)),
        }


def questions(session: Session) -> Iterator[Row]:
    """Yield the audience's questions, oldest first; also those nobody answered."""
    rows = (
        counted_people.questions()
        .filter(session=session)
        .annotate(upvote_count=counted_people.upvotes())
    )
    for row in rows.order_by("asked_at", "pk"):
        yield {
            **_values(row, ("id", "asked_at", "text", "status", "answered_at")),
            "upvotes": row.upvote_count,
        }


def votes(session: Session) -> Iterator[Row]:
    """Yield how many chose each option of each poll, quiz or challenge; nobody is named."""
    asked = Intervention.objects.filter(session=session, acted_at__isnull=False)
    rows = list(asked.order_by("created_at", "pk"))
    found = counts_of_all(rows)
    for row in rows:
        content = row.content or {}
        for option, answer in enumerate(content.get("options") or []):
            yield {
                "intervention_id": row.pk,
                "kind": row.kind,
                "question": content.get("text"),
                "option": option + 1,
                "answer": answer,
                "votes": found[row.pk][option],
            }


TABLES: Final[dict[str, tuple[tuple[str, ...], Callable[[Session], Iterator[Row]]]]] = {
    "metrics": (METRIC_COLUMNS, metrics),
    "anomalies": (ANOMALY_COLUMNS, anomalies),
    "interventions": (INTERVENTION_COLUMNS, interventions),
    "questions": (QUESTION_COLUMNS, questions),
    "votes": (VOTE_COLUMNS, votes),
}
"""Name of a table to its columns and its rows."""
