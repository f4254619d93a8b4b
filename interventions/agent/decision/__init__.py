"""From an anomaly to a chosen action."""
