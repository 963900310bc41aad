"""Ids that AWS would choose, made from stack and logical id: the same at every start, whatever starts first."""

import hashlib
import string
import uuid

_LOWER = string.ascii_lowercase + string.digits
_MIXED = string.ascii_letters + string.digits


def derived(stack: str, logical_id: str, *, length: int, alphabet: str = _LOWER) -> str:
    """`length` characters that depend on the two names alone."""
    number = int.from_bytes(hashlib.shake_256(f"{stack}/{logical_id}".encode()).digest(length + 8))
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(alphabet))
        letters.append(alphabet[rest])
    return "".join(letters)


def physical_id(type_: str, stack: str, logical_id: str, *, region: str) -> str:
    """What CloudFormation would answer for `Ref` of a resource without a name of its own."""
    match type_:
        case "AWS::Cognito::UserPool":
            return f"{region}_{derived(stack, logical_id, length=9, alphabet=_MIXED)}"
        case "AWS::Cognito::UserPoolClient":
            return derived(stack, logical_id, length=26)
        case "AWS::ApiGatewayV2::Api":
            return derived(stack, logical_id, length=10)
        case "AWS::CloudFront::Distribution" | "AWS::CloudFront::OriginAccessControl":
            return "E" + derived(stack, logical_id, length=13, alphabet=string.ascii_uppercase + string.digits)
        case "AWS::KMS::Key":
            return str(uuid.UUID(hex=derived(stack, logical_id, length=32, alphabet="0123456789abcdef")))
        case "AWS::S3::Bucket":
            return f"{stack}-{logical_id}".lower()[:50] + "-" + derived(stack, logical_id, length=12)
        case _:
            return f"{stack}-{logical_id}"[:50] + "-" + derived(stack, logical_id, length=12)
