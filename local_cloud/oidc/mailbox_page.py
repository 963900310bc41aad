"""`/mailbox`: what this installation would have mailed, newest first. On this computer alone, never in AWS."""

import re
from datetime import UTC, datetime
from html import escape

from aiohttp import web

from local_cloud.oidc import pages
from local_cloud.oidc.mailbox import Mailbox, Message

#: Links of http and https only, up to a space, quote or bracket; the rest of a text is text.
_LINK = re.compile(r"https?://[^\s<>\"'`{}|\\^]{1,2000}")
_TAIL = ".,;:!?)"
NONE = '<p class="note">No mail yet.</p>'
AGAIN = '<p class="ways"><a href="{address}">Look again</a></p>'


def routes(mailbox: Mailbox) -> list[web.RouteDef]:
    async def show(request: web.Request) -> web.Response:
        wanted = request.query.get("to", "").strip().lower()
        messages = [one for one in mailbox.newest() if wanted in one.to.lower()]
        return pages.page(
            "Mailbox",
            "Mails stay on this computer here. In AWS they are sent.",
            AGAIN.format(address=escape(request.path_qs)) + ("\n".join(map(_article, messages)) or NONE),
            status=200,
            kind="mailbox",
        )

    return [web.get("/mailbox", show)]


def _article(message: Message) -> str:
    at = datetime.fromtimestamp(message.at, UTC)
    return f"""<article>
<h2>{escape(message.subject)}</h2>
<p class="to">To <strong>{escape(message.to)}</strong>
 · <time datetime="{at.isoformat()}">{at:%d %b %Y %H:%M:%S} UTC</time></p>
<p class="text">{_linked(message.text)}</p>
</article>"""


def _linked(text: str) -> str:
    """Text as text, its web addresses as links that open apart and tell nobody where they were clicked."""
    made, end = [], 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_TAIL)
        made.append(escape(text[end : found.start()]))
        shown = escape(address)
        made.append(f'<a href="{shown}" rel="noopener noreferrer" target="_blank">{shown}</a>')
        end = found.start() + len(address)
    return "".join(made) + escape(text[end:])
