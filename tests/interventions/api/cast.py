"""Who calls the API in these tests, and what there is to see."""

import datetime as dt
import json
from typing import Any

from django.test import Client

from engagement.models import Organisation, Session
from engagement.organisations.api_keys import make_key
from interventions.kinds import Kind
from interventions.kinds.content import usual
from interventions.models import Intervention, Outcome
from tests.conftest import NOON

POLL = usual(Kind.POLL, "en", "How is the pace?", ("Too slow", "Just right", "Too fast"))
EVERYTHING = frozenset({"signals", "read", "act", "library"})


class Caller:
    """An integration with a key."""

    def __init__(self, organisation: Organisation, scopes: frozenset[str] = EVERYTHING) -> None:
        self.row, self.key = make_key(organisation, "console", scopes)

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        client = Client(
            headers={"Authorization": f"Bearer {self.key}", **headers},
            raise_request_exception=False,
        )
        body = None if data is None else json.dumps(data)
        return getattr(client, method)(
            f"/api/v1/{path}", **({} if body is None else {"data": body}),
            **({} if method == "get" else {"content_type": "application/json"}),
        )  # fmt: skip

    def get(self, path: str, **headers: str) -> Any:
        return self.call("get", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("post", path, {} if data is None else data, **headers)


def make_intervention(session: Session, status: str = "waiting", **fields: Any) -> Intervention:
    """A poll that waits for a person, decided at NOON."""
    values = {
        "kind": "POLL", "content": POLL.to_json(), "created_at": NOON, "moved_at": NOON,
        "decision": {"suggested": "POLL", "action": "HOLD", "held_back": True, "row": {"seed": 1},
                     "propensities": {"POLL": 0.9, "HOLD": 0.1}, "context": {"forecast": -2.0}},
        "expires_at": NOON + dt.timedelta(days=36_500),
        **fields,
    }  # fmt: skip
    return Intervention.objects.create(session=session, status=status, **values)


def make_outcome(intervention: Intervention, **fields: Any) -> Outcome:
    """An outcome that chance decided: sent, and eight points over the forecast."""
    values = {
        "before": 60.0, "at_decision": 40.0, "value": -5.0, "change": 15.0, "expected": 7.0,
        "covered": 1.0, "people": 40, "noise": 6.0, "verdict": "worked", "is_trial": True,
        "chance": 0.9, "was_sent": True, "is_learned": True, "measured_at": NOON,
        **fields,
    }  # fmt: skip
    return Outcome.objects.create(intervention=intervention, **values)
