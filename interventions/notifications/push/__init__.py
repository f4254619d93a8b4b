"""Telling organizers' phones of suggestions, by web push (RFC 8030, 8291, 8292)."""
