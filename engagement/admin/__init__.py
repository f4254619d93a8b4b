"""What staff see: stock Django admin, useful lists, nothing that a click could break."""

from engagement.admin import organisations, records, scoring, sessions

__all__ = ["organisations", "records", "scoring", "sessions"]
