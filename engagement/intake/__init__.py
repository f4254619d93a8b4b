"""The durable log: what is accepted, and how it stands there."""
