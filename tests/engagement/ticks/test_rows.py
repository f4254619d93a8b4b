import dataclasses

from engagement.models import Metric
from engagement.scoring.tick_facts import TickFacts


def test_metric_row_holds_every_fact():
    columns = {field.name for field in Metric._meta.get_fields()}

    missing = [each.name for each in dataclasses.fields(TickFacts) if each.name not in columns]

    assert missing == []
