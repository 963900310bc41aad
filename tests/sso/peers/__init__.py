"""Identity providers that are not ours, as processes."""
