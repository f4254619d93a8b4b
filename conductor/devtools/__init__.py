"""What the commands for developers use: replay, simulate, demo, a fake model."""
