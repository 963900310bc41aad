"""The Condition block of IAM. An operator that is not known here raises, and the door denies.

A set modifier is needed for multi-valued keys: without it such a key never matches, as `dynamodb:LeadingKeys` in AWS.
`ForAllValues:` is true, `ForAnyValue:` false, when the key is absent.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local_cloud.door.patterns import Context, literal, matches, matches_arn

Test = Callable[[str, str, Context], bool]


class UnknownOperator(ValueError):
    """A condition operator that cannot be judged here."""


def _equals(template: str, value: str, context: Context) -> bool:
    return literal(template, context) == value


def _equals_folded(template: str, value: str, context: Context) -> bool:
    filled = literal(template, context)
    return filled is not None and filled.casefold() == value.casefold()


def _number(compare: Callable[[float, float], bool]) -> Test:
    def test(template: str, value: str, context: Context) -> bool:
        try:
            return compare(float(value), float(literal(template, context) or ""))
        except ValueError:
            return False

    return test


_TESTS: dict[str, Test] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_folded,
    "StringLike": matches,
    "ArnEquals": matches_arn,
    "ArnLike": matches_arn,
    "Bool": _equals_folded,
    "NumericEquals": _number(lambda seen, limit: seen == limit),
    "NumericLessThan": _number(lambda seen, limit: seen < limit),
    "NumericLessThanEquals": _number(lambda seen, limit: seen <= limit),
    "NumericGreaterThan": _number(lambda seen, limit: seen > limit),
    "NumericGreaterThanEquals": _number(lambda seen, limit: seen >= limit),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}


def hold(block: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether every condition holds. Raises UnknownOperator, even when another condition already fails."""
    results = [
        _holds(operator, key, _texts(wanted), context)
        for operator, pairs in block.items()
        for key, wanted in pairs.items()
    ]
    return all(results)


def _holds(operator: str, key: str, wanted: Sequence[str], context: Context) -> bool:
    modifier, _, base = operator.rpartition(":")
    if modifier not in ("", "ForAllValues", "ForAnyValue"):
        raise UnknownOperator(operator)
    value = context.get(key.lower())
    if base == "Null":
        absent = value is None or (not isinstance(value, str) and not value)
        return all((one.lower() == "true") == absent for one in wanted)
    if_exists = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    negated = base in _NEGATED
    test = _TESTS.get(_NEGATED.get(base, base))
    if test is None:
        raise UnknownOperator(operator)

    def fits(seen: str) -> bool:
        return any(test(one, seen, context) for one in wanted) != negated

    return _over(modifier, value, fits, when_absent=if_exists or negated)


def _over(modifier: str, value: str | Sequence[str] | None, fits: Callable[[str], bool], *, when_absent: bool) -> bool:
    values = [value] if isinstance(value, str) else list(value or ())
    if modifier == "ForAllValues":
        return all(fits(one) for one in values)
    if modifier == "ForAnyValue":
        return any(fits(one) for one in values)
    if value is None:
        return when_absent
    return isinstance(value, str) and fits(value)


def _texts(wanted: Any) -> Sequence[str]:
    values = wanted if isinstance(wanted, list) else [wanted]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
