"""What all of the product speaks: kinds of signals, errors, ticks, texts, sites. Plain Python."""
