import pytest

from engagement.models import Anomaly
from interventions.agent.decision.decision_context import _heading
from tests.conftest import NOON


@pytest.mark.parametrize(("score", "to"), [(66.0, 19.5), (30.0, 19.5), (19.5, 19.5), (5.0, 5.0)])
def test_fresh_drop_leads_down_from_the_level_before_it_once(score: float, to: float) -> None:
    drop = Anomaly(detected_at=NOON, detail={"statistic": "fast", "seen": 2.0, "expected": 16.0})

    assert _heading(score, 66.0, drop, NOON) == pytest.approx(to, abs=0.1)
