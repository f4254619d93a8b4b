"""Pages for the people in the session: how they get in, what they see, who moderates."""
