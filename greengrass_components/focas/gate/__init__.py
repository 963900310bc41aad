"""The write gate of the gateway: every step of docs/write-gate.md, 4, and no way around any of them."""
