"""Telling systems and phones what happens: `outbox` sends what their senders write."""
