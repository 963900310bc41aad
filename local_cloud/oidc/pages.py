"""The pages of sign-in: plain HTML and one style sheet, no script, readable with a keyboard and a screen reader."""

from html import escape

from aiohttp import web

PRODUCT = "CNC Copilot"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FIELDS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
#: The mark of the portal (portal/src/components/Logo.tsx).
MARK = (
    '<svg viewBox="0 0 64 64" width="36" height="36" aria-hidden="true" focusable="false">'
    '<path d="M32 6 54.5 19v26L32 58 9.5 45V19z" class="workpiece"/>'
    '<path d="M32 19.5 43 25.8v12.4L32 44.5 21 38.2" class="way"/><circle cx="32" cy="32" r="4.5" class="tool"/></svg>'
)


def sign_in(
    action: str, hidden: dict[str, str], *, email: str = "", error: str = "", status: int = 200
) -> web.Response:
    """`hidden` goes back with the form; `error` is announced and tied to the fields."""
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
</form>"""
    return _page("Sign in", "Use the account your shop gave you.", body, error=error, status=status)


def choose_password(action: str, hidden: dict[str, str], *, error: str = "", status: int = 200) -> web.Response:
    described = ' aria-describedby="error" aria-invalid="true"' if error else ""
    body = f"""<form method="post" action="{escape(action)}" novalidate>
{_hidden(hidden)}
<label for="new">New password</label>
<input id="new" name="new_password" type="password" autocomplete="new-password" required maxlength="256"
 autofocus{described}>
<button type="submit">Save and sign in</button>
</form>"""
    return _page("Choose a password", "This is your first sign-in.", body, error=error, status=status)


def message(title: str, text: str, *, status: int) -> web.Response:
    return _page(title, text, "", status=status)


def _page(title: str, lead: str, body: str, *, error: str = "", status: int) -> web.Response:
    alert = f'<p id="error" class="error" role="alert">{escape(error)}</p>' if error else ""
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · {PRODUCT}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/oidc/style.css">
</head>
<body>
<main>
<p class="product">{MARK}{PRODUCT}</p>
<h1>{escape(title)}</h1>
<p class="lead">{escape(lead)}</p>
{alert}
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
