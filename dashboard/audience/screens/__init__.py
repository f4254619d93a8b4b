"""Screens without login: projector, overlay, speaker."""
