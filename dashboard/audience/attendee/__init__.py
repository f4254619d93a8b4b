"""The page of one person in the session."""
