"""What hooks, logs and spans learn of a client's operations; nothing of it is loaded before somebody listens."""
