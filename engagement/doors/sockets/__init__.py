"""The sockets that signals come in by."""
