"""Documents that mean harm by their letters: strings, numbers, comments, code points, and known texts bent."""

from random import Random

from tests.adversarial.shapes import SHAPES

GOOD = (
    "{ sites { id name timeZone machines(first: 5) { id name latest { signal value } } } }",
    'query Q($m: ID! = "m_aaaaaaaaaaaaaaa1") { machine(id: $m) { id alarms(first: 3) { text } } }',
    'mutation { watchMachine(id: "m_aaaaaaaaaaaaaaa1") }',
    '{ series(machineId: "m_aaaaaaaaaaaaaaa1", signals: ["s1.load"], from: "2026-11-24T07:00:00Z", '
    'to: "2026-11-24T08:00:00Z") { timestamps columns } }',
    "{ viewer { ...v } } fragment v on Viewer { userId roles }",
)
SOUP = (
    *("{", "}", "(", ")", "[", "]", "...", ":", "!", "=", "|", "&", "@", "$", "query", "fragment", "on", "a", '"x"'),
    *('"""', "#", "1", "-0", "1.e", "null", "\n", "\\", "..", "\ufeff", "\u2028", "é"),
)
CODES = (
    *("\x00", "\ufeff", "\ufffe", "\uffff", "\u202e", "\u200b", "\U0010ffff", "\U0001f600", "\x1b[2J", "\x7f"),
    "e\u0301" * 20,
)
ESCAPES = (r"\uD800", r"\uDC00\uD800", r"\u{110000}", r"\u{FFFFFFFFFF}", r"\u0000", r"\u{0}", r"\x", r"\u12", "\\")


def block_string(random: Random) -> str:
    line = random.choice((" " * random.randint(1, 200) + "x\n", '\\"""', '"" ', "\n", "\t\t{[(\n", "\\"))
    text = '"""' + line * random.randint(1, 9_000 // len(line)) + random.choice(('"""', "", '"', '\\"""'))
    return "{ machine(id: " + text[:9_900] + ") { id } }"


def quoted_string(random: Random) -> str:
    inside = "".join(random.choice((*CODES, *ESCAPES, "x" * 50, "{" * 40)) for _ in range(random.randint(1, 60)))
    return '{ machine(id: "' + inside.replace('"', "") + random.choice(('"', "", "\n")) + ") { id } }"


def code_points(random: Random) -> str:
    letters = list(random.choice(GOOD))
    for _ in range(random.randint(1, 30)):
        letters.insert(random.randint(0, len(letters)), random.choice(CODES))
    return "".join(letters)


def huge_number(random: Random) -> str:
    digits = random.randint(10, 9_000)
    nines, ones = "9" * digits, "1" * digits
    number = random.choice(
        (
            *(nines, f"-{ones}", f"1e{nines[:4_000]}", "0." + "0" * digits + "1", "0x" + "f" * 99),
            *(f"{ones}.5e-{nines[:9]}", "00", "-", "1_000"),
        )
    )
    place = random.choice(("{ machines(first: %s) { id } }", "{ machine(id: %s) { id } }", "{ sites { id } } # %s"))
    return place % number


def comments(random: Random) -> str:
    comment = "#" + random.choice(("", "{[(", "x" * 70, '"""', "\u2028")) + random.choice(("\n", "\r", "\r\n"))
    return comment * random.randint(1, 9_000 // len(comment)) + random.choice(("", "{ sites { id } }", "{"))


def token_soup(random: Random) -> str:
    return random.choice(("", " ")).join(random.choice(SOUP) for _ in range(random.randint(1, 900)))


def bent(random: Random) -> str:
    """A known text, or one of bad shape, with letters lost, doubled and moved."""
    text = random.choice(GOOD) if random.random() < 0.6 else random.choice(SHAPES)(random)
    for _ in range(random.randint(1, 8)):
        at, to = sorted(random.randint(0, len(text)) for _ in range(2))
        text = random.choice(
            (text[:at] + text[to:], text[:to] + text[at:], text[:at] + random.choice(SOUP) + text[at:])
        )
        text = text[:9_900]
    return text


def page_sizes(random: Random) -> str:
    bad = ("-1", "0", "101", "2147483648", "99999999999", "1.0", '"5"', "null", "true", "[5]", "$n", "1e2")
    first = random.choice(bad)
    return f"query($n: Int) {{ machines(first: {first}) {{ id site {{ machines(first: {first}) {{ id }} }} }} }}"


def time_ranges(random: Random) -> str:
    moments = (
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "2026-11-24T08:00:00+99:99", "now"),
        *("2026-02-30T00:00:00Z", "", "2026-11-24", "2026-11-24T08:00:00." + "0" * 19 + "1Z", "٢٠٢٦-11-24T08:00:00Z"),
    )
    span = f'from: "{random.choice(moments)}", to: "{random.choice(moments)}"'
    machine = 'machine(id: "m_aaaaaaaaaaaaaaa1")'
    resolution = random.choice(("0", "1", "-5", "86401", "2147483647"))
    signals = "[" + ",".join(['"s1.load"'] * random.randint(0, 500)) + "]"
    return random.choice(
        (
            f"{{ {machine} {{ completeness({span}) {{ produced }} stateTimeline({span}) {{ execution }} }} }}",
            f'{{ series(machineId: "m", signals: {signals}, {span}, resolutionS: {resolution}) {{ columns }} }}',
        )
    )


TEXTS = (
    block_string,
    quoted_string,
    code_points,
    huge_number,
    comments,
    token_soup,
    bent,
    page_sizes,
    time_ranges,
)
