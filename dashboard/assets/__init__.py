"""What browsers load: bundled stylesheets, vendored files."""
