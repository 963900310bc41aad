import pytest

from local_cloud.oidc.passwords import weakness


@pytest.mark.parametrize(
    "password",
    [
        "kT9#vmQ2!xLp",
        "Correct-Horse-Battery-9",
        "Wendel-Kabel-7-Treppe",
        "Unter-der-Brücke-7-Kähne",
        "kT9#vmQ2!xLp" * 20,
    ],
)
def test_what_takes_long_to_guess_will_do(password: str) -> None:
    assert weakness(password, about=("anna@example.com",)) == ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Short-1", "at least 12"),
        ("x" * 257, "at most 256"),
        ("alllowercase-1", "a capital letter"),
        ("ALLUPPERCASE-1", "a small letter"),
        ("No-Digit-In-It", "a digit"),
        ("NoSignInItAtAll1", "a sign"),
        ("            ", "a small letter and a capital letter and a digit and a sign"),
        ("Password1234!", "easy to guess"),
        ("P@ssw0rd-P@ssw0rd", "easy to guess"),
        ("Qwertyuiop123!", "easy to guess"),
        ("Welcome-2026!!", "easy to guess"),
        ("Iloveyou-1234!", "easy to guess"),
        ("Cnc-Copilot-2026!", "easy to guess"),
        ("Fanuc-Machine-1", "easy to guess"),
        ("Anna-Example-1!", "easy to guess"),
    ],
)
def test_what_is_short_plain_common_or_ours_will_not(password: str, why: str) -> None:
    assert why in weakness(password, about=("anna@example.com",))
