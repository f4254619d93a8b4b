"""Who is connected to this web process, whichever way."""
