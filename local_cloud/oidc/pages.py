"""The pages of sign-in: plain HTML and one style sheet, no script, readable with a keyboard and a screen reader."""

from html import escape

from aiohttp import web

PRODUCT = "CNC Copilot"
PASSWORD_RULE = "At least 12 characters, with a capital and a small letter, a digit and a sign."  # noqa: S105 - a sentence
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    "report-uri /csp-reports; report-to csp"
)
FIELDS = {
    "Content-Security-Policy": POLICY,
    "Reporting-Endpoints": 'csp="/csp-reports"',
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
#: Of an answer that leads away: nothing is kept, and where somebody comes from is told to nobody.
AWAY_FIELDS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
#: The mark of the portal (portal/src/components/Logo.tsx).
MARK = (
    '<svg viewBox="0 0 64 64" width="36" height="36" aria-hidden="true" focusable="false">'
    '<path d="M32 6 54.5 19v26L32 58 9.5 45V19z" class="workpiece"/>'
    '<path d="M32 19.5 43 25.8v12.4L32 44.5 21 38.2" class="way"/><circle cx="32" cy="32" r="4.5" class="tool"/></svg>'
)


def sign_in(
    action: str, hidden: dict[str, str], *, ways: dict[str, str], email: str = "", error: str = "", status: int = 200
) -> web.Response:
    """`hidden` goes back with the form; `error` is announced and tied to the fields; `ways` lead to other pages."""
    focus = ("", " autofocus") if email else (" autofocus", "")
    described = ' aria-describedby="error" aria-invalid="true"' if error else ""
    body = f"""<form method="post" action="{escape(action)}" novalidate>
{_hidden(hidden)}
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" inputmode="email" autocapitalize="none"
 spellcheck="false" required maxlength="254" value="{escape(email)}"{described}{focus[0]}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 maxlength="256"{described}{focus[1]}>
<button type="submit">Sign in</button>
<button type="submit" name="way" value="company" class="quiet">Sign in with your company's account</button>
</form>
<p class="ways"><a href="{escape(ways["forgotPassword"])}">Forgot your password?</a>
<a href="{escape(ways["signup"])}">Create an account</a></p>"""
    return page("Sign in", "Use your account, or the one your company gave you.", body, error=error, status=status)


def choose_password(action: str, hidden: dict[str, str], *, error: str = "", status: int = 200) -> web.Response:
    described = ' aria-describedby="error" aria-invalid="true"' if error else ""
    body = f"""<form method="post" action="{escape(action)}" novalidate>
{_hidden(hidden)}
<label for="new">New password</label>
<input id="new" name="new_password" type="password" autocomplete="new-password" required maxlength="256"
 autofocus{described}>
<button type="submit">Save and sign in</button>
</form>"""
    return page("Choose a password", "This is your first sign-in.", body, error=error, status=status)


def ask_mail(
    action: str, hidden: dict[str, str], *, title: str, lead: str, back: str, error: str = "", status: int = 200
) -> web.Response:
    """Which address a code is sent to."""
    described = ' aria-describedby="error" aria-invalid="true"' if error else ""
    body = f"""<form method="post" action="{escape(action)}" novalidate>
{_hidden(hidden)}
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" inputmode="email" autocapitalize="none"
 spellcheck="false" required maxlength="254" autofocus{described}>
<button type="submit">Send a code</button>
</form>
<p class="ways"><a href="{escape(back)}">Back to sign in</a></p>"""
    return page(title, lead, body, error=error, status=status)


def use_code(
    action: str,
    again: str,
    hidden: dict[str, str],
    *,
    title: str,
    email: str,
    button: str,
    code: str = "",
    error: str = "",
    note: str = "",
    status: int = 200,
) -> web.Response:
    """The code that was sent, and the password to have from now on; `again` sends another code."""
    described = ' aria-describedby="rule error" aria-invalid="true"' if error else ' aria-describedby="rule"'
    body = f"""<form method="post" action="{escape(action)}" novalidate>
{_hidden(hidden)}
<label for="code">Code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" required
 maxlength="20" value="{escape(code)}"{"" if code else " autofocus"}{described}>
<label for="new">New password</label>
<input id="new" name="new_password" type="password" autocomplete="new-password" required maxlength="256"
{" autofocus" if code else ""}{described}>
<p id="rule" class="rule">{escape(PASSWORD_RULE)}</p>
<button type="submit">{escape(button)}</button>
</form>
<form method="post" action="{escape(again)}" class="again">
{_hidden(hidden | {"again": "1"})}
<button type="submit" class="quiet">Send another code</button>
</form>"""
    return page(title, f"We sent a code to {email}. It works for 15 minutes.", body,
                error=error, note=note, status=status)  # fmt: skip


def away(address: str) -> web.Response:
    """On to another site after a form: a redirect of a form's answer would fall to `form-action`."""
    link = f'<p class="ways"><a href="{escape(address)}">Continue</a></p>'
    return page("One moment", "You sign in at your company's provider.", link, status=200,
                refresh=f"0;url={address}")  # fmt: skip


def message(title: str, text: str, *, status: int) -> web.Response:
    return page(title, text, "", status=status)


def page(
    title: str, lead: str, body: str, *, error: str = "", note: str = "", status: int, kind: str = "",
    refresh: str = "",
) -> web.Response:  # fmt: skip
    """`kind` is a class of the whole page; `note` is told politely, `error` at once."""
    alert = f'<p id="error" class="error" role="alert">{escape(error)}</p>' if error else ""
    again = f'<meta http-equiv="refresh" content="{escape(refresh)}">\n' if refresh else ""
    told = f'<p class="note" role="status">{escape(note)}</p>' if note else ""
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{again}<title>{escape(title)} · {PRODUCT}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/oidc/style.css">
</head>
<body class="{kind}">
<main>
<p class="product">{MARK}{PRODUCT}</p>
<h1>{escape(title)}</h1>
<p class="lead">{escape(lead)}</p>
{alert}{told}
{body}
</main>
</body>
</html>
"""
    return web.Response(text=html, content_type="text/html", charset="utf-8", headers=FIELDS, status=status)


def _hidden(fields: dict[str, str]) -> str:
    return "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )
