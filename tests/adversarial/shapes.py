"""Documents that mean harm by their shape: what repeats, nests, refers to itself, or multiplies."""

from random import Random

FIELDS = ("id", "name", "kind", "cell", "program", "tool", "execution", "tileState", "lastSeen", "__typename")
PATHS = ("machines", "machines(first: 1)", "sites", "gateways", "alarms(first: 2)", "viewer")
SCALAR = {"viewer": "userId", "sites": "timeZone", "gateways": "name", "alarms(first: 2)": "number"}


def fragment_doubling(random: Random) -> str:
    """Each fragment spreads the next one several times: the expanded document doubles with every line."""
    levels, times = random.randint(2, 120), random.randint(2, 4)
    alias = random.choice(("", "a{n}: site {{ id }} ", "latest {{ signal }} ", "{{ }} "))
    lines = ["{ machines(first: 1) { ...f0 } }"]
    for n in range(levels):
        inner = f"...f{n + 1} {alias.format(n=n)}" * times
        lines.append(f"fragment f{n} on Machine {{ {inner} }}")
    return "\n".join([*lines, f"fragment f{levels} on Machine {{ id }}"])


def fragment_ring(random: Random) -> str:
    size = random.randint(1, 40)
    ring = [f"fragment r{n} on Site {{ id ...r{(n + 1) % size} }}" for n in range(size)]
    return "{ sites { ...r0 } } " + " ".join(ring)


def fragment_clique(random: Random) -> str:
    """Every fragment spreads every other one, beside fields that have to be compared in pairs."""
    size = random.randint(3, 22)
    made = []
    for n in range(size):
        others = " ".join(f"...c{m}" for m in range(size) if m != n and random.random() < 0.6)
        made.append(f"fragment c{n} on Machine {{ x: {random.choice(FIELDS)} y{n}: name {others} }}")
    return "{ machines(first: 1) { ...c0 } } " + " ".join(made)


def alias_flood(random: Random) -> str:
    path = random.choice(PATHS)
    field = SCALAR.get(path, "id")
    many = random.randint(5, 400)
    if random.random() < 0.5:
        return "{ " + " ".join(f"a{n}: {path} {{ {field} }}" for n in range(many)) + " }"
    return "{ " + path + " { " + " ".join(f"a{n}: {field}" for n in range(many)) + " } }"


def overlapping_fields(random: Random) -> str:
    """One response name again and again with other arguments: the validator compares all pairs."""
    many, depth = random.randint(5, 140), random.randint(1, 5)
    inner = " ".join(f"alarms(first: {n % 90 + 1}) {{ id }}" for n in range(many))
    if random.random() < 0.5:
        inner = " ".join(f"x: {random.choice(FIELDS)}" for _ in range(many))
    for _ in range(depth):
        inner = " ".join([f"...on Machine {{ {inner} }}"] * random.choice((1, 1, 2)))
    return "{ machines(first: 1) { " + inner + " } }"


def overlapping_through_fragments(random: Random) -> str:
    """Fields of one name below fields of one name, each level in two fragments."""
    levels = random.randint(2, 18)
    lines = ["{ sites { ...l0 ...m0 } }"]
    for n in range(levels):
        for kind, other in (("l", "m"), ("m", "l")):
            deeper = f"site {{ ...{kind}{n + 1} ...{other}{n + 1} }}"
            lines.append(f"fragment {kind}{n} on Site {{ machines(first: 1) {{ {deeper} }} }}")
    lines += [f"fragment {kind}{levels} on Site {{ id }}" for kind in "lm"]
    return " ".join(lines)


def deep_selection(random: Random) -> str:
    depth = random.randint(5, 900)
    opening, closing = random.choice(
        (("site { machines(first: 1) { ", "} } "), ("... { ", "} "), ("... on Site { ", "} "))
    )
    return "{ sites { " + opening * depth + "id " + closing * depth + "} }"


def deep_values(random: Random) -> str:
    depth = random.randint(5, 4_000)
    opened = random.choice(("[", "{a:", "[{b:", "[1,"))
    closed = {"[": "]", "{a:": "}", "[{b:": "}]", "[1,": "]"}[opened]
    value = opened * depth + "1" + (closed * depth if random.random() < 0.7 else "")
    return random.choice(("{ machine(id: %s) { id } }", "query($v: ID = %s) { machine(id: $v) { id } }")) % value


def wide_values(random: Random) -> str:
    many = random.randint(20, 2_000)
    items = ",".join(random.choice(("1", '"x"', "null", "true", "E", "1.5")) for _ in range(many))
    names = " ".join(f"n{n}: 1" for n in range(many // 4))
    return random.choice(
        (
            f"{{ machine(id: [{items}]) {{ id }} }}",
            f"{{ machine(id: {{ {names} }}) {{ id }} }}",
            f"{{ machine({names}) {{ id }} }}",
            f'{{ series(machineId: "m", signals: [{items}], from: "x", to: "y") {{ timestamps }} }}',
        )
    )


def directive_flood(random: Random) -> str:
    many = random.randint(3, 300)
    one = random.choice(("@skip(if: false) ", "@include(if: true) ", "@nobody ", "@deprecated(reason: 1) ", "@skip "))
    flood = one * many
    return (
        random.choice(
            (
                "{ sites { id %s } }",
                "query %s { sites { id } }",
                "{ sites { ...f %s } } fragment f on Site { id }",
                "{ sites { ...f } } fragment f on Site %s { id }",
                "{ sites { ... %s { id } } }",
                "query($v: Int %s) { machines(first: $v) { id } }",
            )
        )
        % flood
    )


def many_operations(random: Random) -> str:
    many = random.randint(2, 200)
    kind = random.choice(("query", "mutation", "subscription", "query"))
    bodies = ("{ sites { id } }", "{ __typename }", "{ machineState { machineId } }", '{ watchMachine(id: "m") }')
    return " ".join(f"{kind} q{n if random.random() < 0.95 else 0} {random.choice(bodies)}" for n in range(many))


def many_variables(random: Random) -> str:
    many = random.randint(5, 250)
    kinds = ("Int", "[ID!]!", "[[[[Int]]]]", "Nobody", "Machine", "Timestamp = 5", "Int = {a: [1, 2]}", "String!")
    defined = ", ".join(f"$v{n if random.random() < 0.9 else 0}: {random.choice(kinds)}" for n in range(many))
    used = " ".join(f"a{n}: machine(id: $v{n}) {{ id }}" for n in range(random.randint(0, 12)))
    return f"query({defined}) {{ {used or 'sites { id }'} }}"


def introspection(random: Random) -> str:
    depth = random.randint(1, 120)
    kind = random.choice(("ofType", "fields { type", "possibleTypes", "interfaces"))
    chain = f"{kind} {{ " * depth + "name " + "} " * (depth * kind.count("{") + depth)
    aliased = " ".join(f"a{n}: __schema {{ types {{ name fields {{ name type {{ name }} }} }} }}" for n in range(15))
    arguments = "fields { args { type { " * min(depth, 9) + "name " + "} } } " * min(depth, 9)
    return random.choice(
        (
            f"{{ __schema {{ types {{ fields {{ type {{ {chain} }} }} }} }} }}",
            f'{{ __type(name: "Machine") {{ {chain} }} }}',
            f"{{ {aliased} }}",
            f"{{ __schema {{ types {{ {arguments} }} }} sites {{ id }} }}",
        )
    )


def definitions_of_types(random: Random) -> str:
    many = random.randint(1, 60)
    return " ".join(
        random.choice(
            (
                f"type T{n} {{ a: Int @deprecated }}",
                f"extend type Query {{ x{n}: Int }}",
                f"scalar S{n}",
                "schema { query: Query }",
                f"input I{n} {{ a: [Int!]! = [1] }}",
                f"directive @d{n} repeatable on FIELD",
                "{ sites { id } }",
            )
        )
        for n in range(many)
    )


def skips(random: Random) -> str:
    many = random.randint(1, 60)
    return "query($v: Boolean! = true) { sites { " + "id @skip(if: $v) name @include(if: $v) " * many + "} }"


SHAPES = (
    fragment_doubling,
    fragment_ring,
    fragment_clique,
    alias_flood,
    overlapping_fields,
    overlapping_through_fragments,
    deep_selection,
    deep_values,
    wide_values,
    directive_flood,
    many_operations,
    many_variables,
    introspection,
    definitions_of_types,
    skips,
)
