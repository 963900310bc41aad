"""Sources whose values follow from their time alone: to see the journal, and to prove that no row is lost."""
