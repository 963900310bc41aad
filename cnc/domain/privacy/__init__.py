"""Privacy: what is kept how long, what people agreed to, and archives that can be made in pieces."""
