"""Reads the journals of all driver components, sends what is in them, and forgets only what a receipt confirms."""
