"""How fast, as ratios measured in one run: `python -m tests.bench` (or `make bench`)."""

PARTS = ("ingest", "fanout", "rows", "ticks", "page", "memory")
