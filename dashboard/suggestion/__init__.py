"""An intervention as pages show it, while it is open and afterwards."""
