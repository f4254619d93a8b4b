"""From the bus to pages: one hub per web process."""
