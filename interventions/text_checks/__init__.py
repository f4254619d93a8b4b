"""How texts of people and models are judged before anybody sees them."""
