"""One suite, three targets: what the product relies on of AWS, asked of the local cloud always."""
