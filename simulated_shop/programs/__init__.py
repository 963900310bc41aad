"""NC programs that the simulated machines run, and the tools and stock that go with each."""
