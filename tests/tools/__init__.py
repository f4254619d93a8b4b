"""What runs, checks and supplies; not the product's tests."""
