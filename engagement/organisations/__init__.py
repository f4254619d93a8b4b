"""People with an account: their keys, devices, and what they did."""
