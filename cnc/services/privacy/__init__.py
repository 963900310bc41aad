"""Export, erasure, consent and retention: what a person and a shop may ask of their data."""
