"""Pages to make, list and set up events and sessions."""
