"""Topic names and filters with the limits of AWS IoT Core.

Limits: AWS IoT Core endpoints and quotas, "message broker and protocol limits".
For Basic Ingest the first three levels (`$aws/rules/<rule>`), and for shared
subscriptions `$share/<group>`, count neither as bytes nor as levels.
"""

from dataclasses import dataclass

MAX_TOPIC_BYTES = 256
MAX_SLASHES = 7
BASIC_INGEST = "$aws/rules/"
SHARE = "$share/"


class BadTopic(ValueError):
    """The topic or filter breaks MQTT 5 or a limit of AWS IoT Core."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A filter as subscribed: `group` is set for `$share/<group>/<filter>`."""

    group: str | None
    filter: str


def check_topic(topic: str) -> None:
    """Raises BadTopic when a message may not be published to `topic`."""
    if not topic or "+" in topic or "#" in topic:
        raise BadTopic(f"topic {topic!r}: expected a non-empty name without + and #")
    _check_size(basic_ingest(topic)[1], shown=topic)


def basic_ingest(topic: str) -> tuple[str | None, str]:
    """(rule, topic as the rule sees it); (None, topic) for an ordinary topic. Raises BadTopic."""
    if not topic.startswith(BASIC_INGEST):
        return None, topic
    rule, _, rest = topic.removeprefix(BASIC_INGEST).partition("/")
    if not rule or not rest:
        raise BadTopic(f"topic {topic!r}: expected $aws/rules/<rule>/<topic>")
    return rule, rest


def parse_filter(text: str) -> Subscription:
    """Checks and splits what a client subscribes to. Raises BadTopic."""
    group: str | None = None
    pattern = text
    if text.startswith(SHARE):
        group, _, pattern = text.removeprefix(SHARE).partition("/")
        if not group or "+" in group or "#" in group or not pattern:
            raise BadTopic(f"filter {text!r}: expected $share/<group>/<filter>")
    levels = pattern.split("/")
    if not pattern or any("#" in level and (level != "#" or at != len(levels) - 1) for at, level in enumerate(levels)):
        raise BadTopic(f"filter {text!r}: # may only be the whole last level")
    if any("+" in level and level != "+" for level in levels):
        raise BadTopic(f"filter {text!r}: + may only be a whole level")
    _check_size(pattern, shown=text)
    return Subscription(group, pattern)


def matches(pattern: str, topic: str) -> bool:
    """MQTT 5 section 4.7: a leading wildcard does not match topics that start with $."""
    if topic.startswith("$") and pattern[:1] in ("+", "#"):
        return False
    wanted, seen = pattern.split("/"), topic.split("/")
    for at, level in enumerate(wanted):
        if level == "#":
            return True
        if at >= len(seen) or level not in ("+", seen[at]):
            return False
    return len(wanted) == len(seen)


def _check_size(topic: str, *, shown: str) -> None:
    if "\0" in topic:
        raise BadTopic(f"topic {shown!r}: the null character is not allowed")
    size = len(topic.encode())
    if size > MAX_TOPIC_BYTES:
        raise BadTopic(f"topic of {size} bytes: at most {MAX_TOPIC_BYTES} are allowed")
    if topic.count("/") > MAX_SLASHES:
        raise BadTopic(f"topic {shown!r} has {topic.count('/')} slashes: at most {MAX_SLASHES} are allowed")
