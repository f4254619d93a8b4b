"""How an intervention changes, within what an organizer allows."""
