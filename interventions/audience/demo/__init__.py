"""The 60-second demo: a session in a sandbox, with a made-up audience, through the real product."""

from engagement.simulation.demo_minute import SECONDS
from interventions.audience.demo.playing import clear, play
from interventions.audience.demo.starting import running, start

__all__ = ["SECONDS", "clear", "play", "running", "start"]
