"""Why the product cannot start here: one sentence for its owner, exit code 2."""


class CannotStart(Exception):
    """This machine, or what was asked for, does not allow it; the message says what to do."""
