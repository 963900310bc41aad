"""Create an account, forget a password: both prove an address by a code that is mailed to it.

Known and unknown addresses get the same pages, the same words and the same work; what differs stands in the mail.
"""

import logging
from dataclasses import dataclass

from aiohttp import web

from local_cloud.oidc import pages, passwords
from local_cloud.oidc.codes import Codes, TooManyCodes
from local_cloud.oidc.flow import AWAY, TOO_LONG, Flow, answering
from local_cloud.oidc.mailbox import Mailbox
from local_cloud.oidc.pool import MustChoosePassword, Person, Pool, PoolAway, WeakPassword
from local_cloud.oidc.request import Asked

log = logging.getLogger(__name__)
WRONG_CODE = "This code does not work. Please look at the newest mail, or let us send another code."
NO_ADDRESS = "Please type your e-mail address."
MOST_ADDRESS = 254  # characters, RFC 5321


@dataclass(frozen=True, slots=True)
class Way:
    """One of the two ways to a password. `ask` and `use` are the names of Cognito's own pages."""

    ask: str
    use: str
    title: str
    lead: str
    chosen: str
    button: str
    for_known: bool
    code_mail: str
    other_mail: str


SIGN_UP = Way(
    ask="signup",
    use="confirmUser",
    title="Create an account",
    lead="We send a code to your address, so that nobody else can use it.",
    chosen="Create your account",
    button="Create account",
    for_known=False,
    code_mail="Your code to create an account at CNC Copilot: {code}\n\nIt works for 15 minutes. If it was not you who "
    "asked for it, you need not do anything: without the code nobody gets an account with your address.",
    other_mail="Somebody, probably you, wants to create an account at CNC Copilot with this address. You have one "
    "already: sign in with it. If you do not know your password any more, choose “Forgot your password?” there.",
)
FORGOT = Way(
    ask="forgotPassword",
    use="confirmForgotPassword",
    title="Forgot your password?",
    lead="We send a code to your address. With it you choose a new password.",
    chosen="Choose a new password",
    button="Save and sign in",
    for_known=True,
    code_mail="Your code to choose a new password for CNC Copilot: {code}\n\nIt works for 15 minutes. If it was not "
    "you who asked for it, you need not do anything: your password stays as it is.",
    other_mail="Somebody, probably you, wants to choose a new password for CNC Copilot. There is no account that this "
    "address and a password belong to. If your company gave you another address, use that one.",
)


class AccountPages:
    """The three steps of one way: which address, the code that was mailed, the password."""

    def __init__(self, way: Way, *, flow: Flow, codes: Codes, mailbox: Mailbox) -> None:
        self.way, self.flow, self.codes, self.mailbox = way, flow, codes, mailbox

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"/oidc/{{pool}}/{self.way.ask}", self.show),
            web.post(f"/oidc/{{pool}}/{self.way.ask}", self.send),
            web.post(f"/oidc/{{pool}}/{self.way.use}", self.use),
        ]

    @answering
    async def show(self, request: web.Request) -> web.Response:
        return self._ask(request, self.flow.asked(request, request.rel_url.raw_query_string))

    @answering
    async def send(self, request: web.Request) -> web.Response:
        """Mail a code, or another one."""
        form, asked = await self.flow.form_of(request)
        if not self.flow.is_ours(request, form):
            return self._ask(request, asked, error=TOO_LONG, status=403)
        email = form.get("email", "").strip().lower()
        if "@" not in email[1:-1] or len(email) > MOST_ADDRESS or not email.isprintable() or " " in email:
            return self._ask(request, asked, error=NO_ADDRESS, status=400)
        try:
            await self._mail(self.flow.pools[asked.client.pool], email)
        except TooManyCodes as many:
            wait = f"We sent several codes to this address. Please wait {max(1, round(many.wait_s / 60))} minutes."
            return self._code(request, asked, email, error=wait, status=429)
        except PoolAway as away:
            log.warning("%s: %s", self.way.ask, away)
            return self._ask(request, asked, error=AWAY, status=503)
        return self._code(request, asked, email, note="A new code is on its way." if form.get("again") else "")

    @answering
    async def use(self, request: web.Request) -> web.Response:
        form, asked = await self.flow.form_of(request)
        if not self.flow.is_ours(request, form):
            return self._ask(request, asked, error=TOO_LONG, status=403)
        email, code, password = (form.get(name, "") for name in ("email", "code", "new_password"))
        weak = passwords.weakness(password, about=(email,))
        if weak:  # before the code, which is not used up by it
            return self._code(request, asked, email, code=code, error=weak, status=400)
        try:
            person = await self._set(asked, email, code, password)
        except WeakPassword as error:
            return self._code(request, asked, email, error=str(error), status=400)
        except PoolAway as away:
            log.warning("%s: %s", self.way.use, away)
            return self._code(request, asked, email, error=AWAY, status=503)
        if person is None:
            return self._code(request, asked, email, error=WRONG_CODE, status=400)
        return self.flow.welcome(request, asked, person)

    # with the code
    async def _mail(self, pool: Pool, email: str) -> None:
        """Raises TooManyCodes and PoolAway."""
        known = await pool.find(email)
        code = self.codes.make(self.way.ask, f"{pool.id}#{email}", now=self.flow.clock())
        fits = (known is not None and known.enabled) if self.way.for_known else known is None
        shown = f"{code[:4]} {code[4:]}"
        text = self.way.code_mail.format(code=shown) if fits else self.way.other_mail
        self.mailbox.add(email, f"{self.way.title.rstrip('?')} · CNC Copilot", text)

    async def _set(self, asked: Asked, email: str, code: str, password: str) -> Person | None:
        """None: the code is not right, or what it was for is no longer. Raises WeakPassword and PoolAway."""
        pool = self.flow.pools[asked.client.pool]
        known = await pool.find(email)
        if not self.codes.take(self.way.ask, f"{pool.id}#{email}", code, now=self.flow.clock()):
            return None
        if self.way.for_known:
            if known is None or not known.enabled:
                return None
            await pool.set_password(known.username, password)
            self.flow.store.end_all(pool.id, known.username)
        elif known is not None or not await pool.create(email, password):
            return None
        self.flow.store.succeeded(f"{pool.id}#{email}")
        found = await pool.check(asked.client.id, email, password)
        return None if isinstance(found, MustChoosePassword) else found

    # pages
    def _ask(self, request: web.Request, asked: Asked, *, error: str = "", status: int = 200) -> web.Response:
        back = self.flow.path(request, "oauth2/authorize", asked)
        return self.flow.page(
            request,
            asked,
            lambda hidden: pages.ask_mail(
                self.flow.path(request, self.way.ask),
                hidden,
                title=self.way.title,
                lead=self.way.lead,
                back=back,
                error=error,
                status=status,
            ),
        )

    def _code(
        self, request: web.Request, asked: Asked, email: str, *,
        code: str = "", error: str = "", note: str = "", status: int = 200,
    ) -> web.Response:  # fmt: skip
        return self.flow.page(
            request,
            asked,
            lambda hidden: pages.use_code(
                self.flow.path(request, self.way.use),
                self.flow.path(request, self.way.ask),
                hidden | {"email": email},
                title=self.way.chosen,
                email=email,
                button=self.way.button,
                code=code,
                error=error,
                note=note,
                status=status,
            ),
        )
