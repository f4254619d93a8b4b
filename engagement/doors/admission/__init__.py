"""Whom the doors let in."""
