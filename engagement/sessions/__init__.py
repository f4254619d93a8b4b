"""A session: written, read, and who is in it."""
