"""What Celery's beat starts, and how often. The schedule is code; no table holds it."""

from collections.abc import Iterator
from typing import Any, Final

# Task, seconds between two starts, seconds after which a start that still waits is worth nothing.
ROUNDS: Final = (
    ("engagement.tasks.prune", 3600.0, 3600),
    # Tells operators what is due; also what makes a worker load the model's client before it is needed.
    ("interventions.tasks.send_alarms", 10.0, 10),
    # Decides, asks, sends and measures what is due; a lost wake-up delays by a second.
    ("interventions.tasks.sweep", 1.0, 2),
    ("interventions.tasks.look_again", 10.0, 10),
    ("interventions.tasks.prune_log", 3600.0, 3600),
    ("interventions.tasks.webhooks", 1.0, 1),
    ("interventions.tasks.webhook_rows", 2.0, 2),
    # Tells phones of suggestions; woken when one begins to wait, this finds what was left.
    ("interventions.tasks.phones", 2.0, 2),
    # Plays the demos that people watch; their minute is by this clock.
    ("interventions.tasks.demos", 1.0, 1),
    # Closes what is due, tells how the votes stand: a second late is worth nothing.
    ("interventions.tasks.audience", 1.0, 1),
    # Shows people what others said.
    ("interventions.tasks.chat", 1.0, 1),
    ("interventions.tasks.chat_later", 2.0, 2),
    # What was on its way while somebody was erased is cleared, and the log trimmed to the last entry.
    ("interventions.tasks.erasures", 5.0, 5),
)


def beat_schedule(shards: int) -> dict[str, dict[str, Any]]:
    """Return Celery's CELERY_BEAT_SCHEDULE for so many shards: a round's name is that of its task."""
    rounds = {
        task: {"task": task, "schedule": every, "options": {"expires": expires}}
        for task, every, expires in ROUNDS
    }
    return rounds | dict(_ticks(shards))


def _ticks(shards: int) -> Iterator[tuple[str, dict[str, Any]]]:
    # A tick that waited longer than its interval is worth nothing: the next one closes it as well.
    for shard in range(shards):
        yield (
            f"tick-{shard}",
            {
                "task": "engagement.tasks.tick", "schedule": 1.0, "args": (shard,),
                "options": {"queue": f"tick.{shard}", "expires": 5},
            },
        )  # fmt: skip
