"""What makes a password too weak: its length, the classes the pool asks for, and how soon it would be guessed.

How soon: zxcvbn, which knows some 30,000 common passwords and sees names, rows of keys, dates and swapped letters. Its
own words are joined by those of the product and of the person.
"""

import re
from collections.abc import Sequence

from zxcvbn import zxcvbn

LEAST, MOST = 12, 256
#: zxcvbn's scale of 0 to 4; 3 takes more than 10^8 guesses.
SCORE = 3
#: The time of zxcvbn grows with the length; what is strong so far stays strong.
LOOKED_AT = 64
WORDS = (
    "cnc", "copilot", "cnccopilot", "fanuc", "focas", "siemens", "sinumerik", "heidenhain", "haas", "mazak", "okuma",
    "machine", "machineshop", "workshop", "spindle", "milling", "turning", "operator", "supervisor", "maschine",
)  # fmt: skip
_CLASSES = (
    (r"[a-z]", "a small letter"),
    (r"[A-Z]", "a capital letter"),
    (r"[0-9]", "a digit"),
    (r"[^A-Za-z0-9\s]", "a sign"),
)


def weakness(password: str, *, about: Sequence[str] = ()) -> str:
    """Why the password will not do, or "". `about` are words of the person, as e-mail and name."""
    if len(password) < LEAST:
        return f"Please take at least {LEAST} characters."
    if len(password) > MOST:
        return f"Please take at most {MOST} characters."
    missing = [name for pattern, name in _CLASSES if not re.search(pattern, password)]
    if missing:
        return f"Please add {' and '.join(missing)}."
    own = [part for text in about for part in re.split(r"[^a-z0-9]+", text.casefold()) if len(part) > 2]
    # Signs between words are no more than spaces to those who guess.
    bare = re.sub(r"[^A-Za-z0-9]", "", password)
    if _is_made_of([*WORDS, *own], bare) or min(_score(password, own), _score(bare, own)) < SCORE:
        return "This password is easy to guess. Please take another, of words that do not belong together."
    return ""


def _is_made_of(words: Sequence[str], bare: str) -> bool:
    """Whether little is left of `bare` without these words."""
    left = bare.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return len(left) < len(bare) and sum(map(str.isalpha, left)) < 5


def _score(password: str, own: Sequence[str]) -> int:
    score: int = zxcvbn(password[:LOOKED_AT], user_inputs=[*WORDS, *own])["score"]
    return score
