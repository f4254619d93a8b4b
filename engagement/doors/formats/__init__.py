"""What integrations may say, and how it is read."""
