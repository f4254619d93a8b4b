"""The ways in: sockets, HTTP, the platform's channels."""
