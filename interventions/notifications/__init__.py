"""Telling systems and phones what happens."""
