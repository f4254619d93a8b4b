"""What pages read, as plain values that all who look share."""
