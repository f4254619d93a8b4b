"""What an installation may not be, and what it may take of a machine."""
