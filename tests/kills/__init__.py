"""Proof that nothing is lost and nothing doubled, whatever is killed or cut."""
