"""Tell customers' systems what happens: signed, tried again, never to an address inside (Standard Webhooks 1.0)."""
