"""Topic names and filters."""

import pytest

from local_cloud.broker.topics import BadTopic, Subscription, basic_ingest, check_topic, matches, parse_filter


@pytest.mark.parametrize(
    ("pattern", "topic", "wanted"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/", True),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "a/b", True),
        ("+/+", "/b", True),
        ("#", "$aws/x", False),
        ("+/x", "$aws/x", False),
        ("$aws/#", "$aws/x", True),
        ("a", "A", False),
    ],
)
def test_matching(pattern: str, topic: str, wanted: bool) -> None:
    assert matches(pattern, topic) is wanted


@pytest.mark.parametrize(
    "bad", ["", "a/#/b", "a#", "a/b+", "$share/g", "$share//a", "$share/g+/a", "x" * 257, "1/2/3/4/5/6/7/8/9"]
)
def test_a_filter_that_is_refused(bad: str) -> None:
    with pytest.raises(BadTopic):
        parse_filter(bad)


def test_a_shared_filter_does_not_count_its_group() -> None:
    assert parse_filter("$share/g/1/2/3/4/5/6/7/8") == Subscription("g", "1/2/3/4/5/6/7/8")


@pytest.mark.parametrize(
    "bad", ["", "a/+", "a/#", "a\0b", "ü" * 129, "1/2/3/4/5/6/7/8/9", "$aws/rules/x", "$aws/rules//x"]
)
def test_a_topic_that_is_refused(bad: str) -> None:
    with pytest.raises(BadTopic):
        check_topic(bad)


def test_basic_ingest_does_not_count_its_prefix() -> None:
    topic = "$aws/rules/live/cnc/t/s/g/5/6/7/8"
    check_topic(topic)
    assert basic_ingest(topic) == ("live", "cnc/t/s/g/5/6/7/8")
