"""A Messages API of our own, for the demo without a key and for tests of every way to fail."""

from interventions.fake_model.accounting import PromptCache
from interventions.fake_model.faults import FAULTS, Fault
from interventions.fake_model.server import FakeModel

__all__ = ["FAULTS", "FakeModel", "Fault", "PromptCache"]
