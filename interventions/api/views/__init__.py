"""One module for each theme of the API."""
