"""Use cases of what gateways send: minutes, receipts, events, live frames, health."""
