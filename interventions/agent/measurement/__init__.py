"""What came of a decision: outcomes, lift, experiments."""
