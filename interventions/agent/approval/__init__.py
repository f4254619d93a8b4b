"""What a person does with a suggestion."""
