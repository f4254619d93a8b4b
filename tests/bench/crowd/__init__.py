"""People who come at the same moment, and what they may write: `make bench-crowd`."""
