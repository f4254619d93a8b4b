"""How much anybody may do, and that nobody waits for others."""
