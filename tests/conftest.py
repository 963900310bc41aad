"""What holds for every test: generated cases are the same in each run, and no case is judged by its time."""

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
