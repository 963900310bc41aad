"""Reports of browsers: one line each, nothing private in it, and no way to fill a disk."""

import json
from base64 import b64encode
from typing import Any

import pytest

from functions.portal_page.reports import MOST_BYTES, MOST_REPORTS, reports_in

OLD = {
    "csp-report": {
        "document-uri": "https://u:p@p.test/machines/m_1?token=secret#x",
        "violated-directive": "script-src",
        "blocked-uri": "inline",
        "script-sample": "alert(document.cookie)",
    }
}
NEW = {
    "type": "csp-violation",
    "url": "https://p.test/",
    "body": {
        "documentURL": "https://p.test/?code=secret",
        "effectiveDirective": "script-src-elem",
        "blockedURL": "https://evil.test/x.js?q=1",
        "sourceFile": "https://p.test/assets/a.js",
    },
}


def read(sent: Any) -> list[dict[str, str]]:
    return list(reports_in({"body": sent if isinstance(sent, str) else json.dumps(sent)}))


def test_both_forms_are_read() -> None:
    (old,) = read(OLD)
    assert old == {"directive": "script-src", "blocked": "inline", "page": "https://p.test/machines/m_1", "source": ""}
    (new,) = read([NEW])
    assert (new["directive"], new["blocked"]) == ("script-src-elem", "https://evil.test/x.js")


def test_a_report_carries_no_query_no_sample_and_no_user() -> None:
    text = json.dumps(read(OLD) + read([NEW]))
    assert not any(private in text for private in ("secret", "cookie", "u:p", "#x"))


def test_a_body_in_base64_is_read_too() -> None:
    event = {"body": b64encode(json.dumps(OLD).encode()).decode(), "isBase64Encoded": True}
    assert len(list(reports_in(event))) == 1


def test_many_reports_of_one_request_are_few_lines_and_long_ones_short() -> None:
    made = read([{**NEW, "body": {"blockedURL": "x" * 3000, "documentURL": "https://" + "y" * 900}}] * 4)
    assert (len(made), max(len(text) for report in made for text in report.values())) == (4, 120)
    assert len(read([NEW] * 20)) == MOST_REPORTS
    assert read(" " * MOST_BYTES + json.dumps(OLD)) == []


@pytest.mark.parametrize(
    "sent",
    ["", "{", "5", "[5]", "null", '{"csp-report": 5}', '{"body": [1]}', "[" * 9000, '{"csp-report": {}}', "\ud800"],
)
def test_anything_else_is_no_fault_of_ours(sent: str) -> None:
    assert all(set(report.values()) == {""} for report in read(sent))


@pytest.mark.parametrize("url", ["https://[", "https://[::1", "://", "data:text/html,x", "https://p.test:99999/"])
def test_an_address_that_is_none_is_told_shortly(url: str) -> None:
    (report,) = read({"csp-report": {"document-uri": url}})
    assert len(report["page"]) <= 120
