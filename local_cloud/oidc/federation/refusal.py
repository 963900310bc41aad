"""Why a provider's answer is not taken."""


class NotTaken(Exception):
    """The provider or its answer cannot be trusted, or does not fit; the text is for the person who signs in."""
