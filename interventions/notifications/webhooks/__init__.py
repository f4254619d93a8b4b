"""Tell customers' systems what happens (Standard Webhooks 1.0): signed, tried again, never inside."""
