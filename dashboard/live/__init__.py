"""The organizer's live page."""
