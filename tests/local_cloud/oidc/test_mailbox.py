"""The mailbox page: newest first, and what a mail says stays text."""

from pathlib import Path

from local_cloud.gateway.server import HttpServer
from local_cloud.oidc.mailbox import MAX_BYTES, Mailbox
from tests.local_cloud.oidc.support import Browser


async def shown(browser: Browser, query: str = "") -> str:
    async with browser.session.get(f"{browser.origin}/mailbox{query}") as answer:
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        return await answer.text()


async def test_an_empty_mailbox_says_so(browser: Browser) -> None:
    assert "No mail yet." in await shown(browser)


async def test_the_newest_comes_first_and_one_address_can_be_asked_for(browser: Browser, server: HttpServer) -> None:
    mailbox = Mailbox(server.cloud.data)
    mailbox.add("anna@example.com", "First", "1")
    mailbox.add("berta@example.com", "Second", "2")
    page = await shown(browser)
    assert page.index("Second") < page.index("First")
    assert "Second" not in await shown(browser, "?to=anna@example.com")


async def test_what_a_mail_says_is_never_markup(browser: Browser, server: HttpServer) -> None:
    bad = '<script>alert(1)</script> javascript:alert(2) http://x/"onmouseover="alert(3) <img src=x>'
    Mailbox(server.cloud.data).add("<b>a</b>@example.com", bad, bad)
    page = await shown(browser)
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert 'href="javascript' not in page
    assert 'onmouseover="' not in page


async def test_links_are_links_without_the_sentence_around_them(browser: Browser, server: HttpServer) -> None:
    Mailbox(server.cloud.data).add("a@example.com", "Link", "Open http://localhost:8080/invitation?a=1&b=2. Thanks")
    page = await shown(browser)
    assert '<a href="http://localhost:8080/invitation?a=1&amp;b=2" rel="noopener noreferrer"' in page


def test_a_line_that_was_cut_is_left_out_and_the_file_stays_small(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.add("a@example.com", "Whole", "text")
    with (tmp_path / "mailbox.jsonl").open("ab") as file:
        file.write(b'{"at": 1, "to": "a@exam')
    assert [one.subject for one in mailbox.newest()] == ["Whole"]
    mailbox.add("a@example.com", "After the cut", "text")
    assert [one.subject for one in mailbox.newest()] == ["After the cut", "Whole"]
    mailbox.add("a@example.com", "Large", "x" * MAX_BYTES)
    mailbox.add("a@example.com", "Last", "text")
    assert mailbox.newest()[0].subject == "Last"
    assert (tmp_path / "mailbox.jsonl").stat().st_size < MAX_BYTES
