"""The words of a chosen action."""
