"""Callbacks: where they go, what they say, what to answer. Public through `vidgate.webhooks`."""
