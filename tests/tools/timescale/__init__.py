"""Our migrations and reads on real TimescaleDB code: `make test-timescale`."""
