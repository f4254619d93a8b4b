"""How well do detectors notice that a room is being lost? Ours and its rivals, on the same data."""
