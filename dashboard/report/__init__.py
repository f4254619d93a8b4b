"""The report of a session, its experiments, and what if."""
