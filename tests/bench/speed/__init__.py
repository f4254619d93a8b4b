"""How fast, as ratios measured in one run: `python -m tests.bench.speed` (or `make bench`)."""

# In this order: what lets ticks run ahead of the clock comes after what waits for real ones.
PARTS = (
    "ingest", "fanout", "page", "paint", "pages", "memory", "rows", "ticks", "neighbours",
)  # fmt: skip
