"""The score drawn: chart, cards, channels."""
