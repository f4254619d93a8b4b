"""The policy against others on made-up events whose true effects are known: `make bench-bandit`."""
