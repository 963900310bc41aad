"""Hours: derived from chunks once they are over, and again when late rows come."""
