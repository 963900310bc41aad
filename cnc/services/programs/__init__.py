"""Use cases of the program vault, the parameter guardian and the write gate (docs/write-gate.md)."""
