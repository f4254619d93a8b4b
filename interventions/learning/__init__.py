"""What an organisation's agent has learned: one row, changed under its lock."""
