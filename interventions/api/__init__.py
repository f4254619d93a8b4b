"""The answering half for integrations: what was suggested and why, and everything a person can do."""
