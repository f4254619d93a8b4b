"""What a model is asked, what it answered, what it costs."""
