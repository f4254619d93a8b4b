"""How the parts of the product are started and kept running."""
