"""A Messages API of our own, for the demo without a key and for tests of every way to fail."""

from conductor.devtools.fake_model.accounting import PromptCache
from conductor.devtools.fake_model.faults import FAULTS, Fault
from conductor.devtools.fake_model.server import FakeModel

__all__ = ["FAULTS", "FakeModel", "Fault", "PromptCache"]
