"""The wordings that come with the product: the seed of the templates, and the last resort."""

from interventions.agent.writing.template_library.files import ENTRIES, Entry, LibraryError, read

__all__ = ["ENTRIES", "Entry", "LibraryError", "read"]
