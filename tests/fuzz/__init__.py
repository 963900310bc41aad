"""Fuzzing of every parser that reads what others wrote.

`python -m tests.fuzz NAME --minutes N` runs new inputs; `test_seeds.py` replays the kept ones inside `make test`.
A parser joins with a module `tests/fuzz/<name>.py` that has `TARGET = Target(...)`, and a folder `seeds/<name>/`.
"""
