"""Types whose description in the schema is their docstring."""

from typing import TypeVar, dataclass_transform

import strawberry

_T = TypeVar("_T", bound=type)


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def documented(cls: _T) -> _T:
    """`strawberry.type` with the class's docstring as description, its lines joined."""
    return strawberry.type(cls, description=" ".join((cls.__doc__ or "").split()))
