"""What staff see: stock Django admin, useful lists, nothing that a click could break."""

from engagement.admin import accounts, organisations, records, scoring, sessions

__all__ = ["accounts", "organisations", "records", "scoring", "sessions"]
