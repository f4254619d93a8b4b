"""The DRF API of events, sessions, metrics and anomalies."""
