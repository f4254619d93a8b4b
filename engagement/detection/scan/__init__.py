"""The parts of the default detector."""
