"""Whether a model's words may go out although nobody read them."""
