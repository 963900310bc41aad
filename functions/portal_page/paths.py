"""Which paths are pages of the portal. The portal's router knows the same ones; a test compares them."""

import re

#: Router paths, `:id` for one segment; `/callback` is where the sign-in returns to.
PAGES = (
    "/",
    "/tv",
    "/pair",
    "/machines",
    "/machines/:id",
    "/machines/:id/programs",
    "/programs/:id",
    "/programs/:id/diff/:other",
    "/changes",
    "/changes/new",
    "/changes/:id",
    "/connect",
    "/account",
    "/alarms",
    "/gateways",
    "/settings",
    "/settings/users",
    "/settings/shop",
    "/welcome",
    "/invitation",
    "/closed",
    "/settings/security",
    "/settings/security/sso",
    "/settings/keys",
    "/settings/privacy",
    "/settings/audit",
    "/callback",
)

_PAGE = re.compile("|".join(re.sub(r":\w+", "[^/]+", path) + "/?" for path in PAGES))
#: First segments that belong to programs: whoever asks there for a page asked for something else.
_PROGRAMS = re.compile(r"/(?:v\d+|graphql\w*|socket|assets|oidc|\.well-known)(?:/|$)|.*\.\w+$", re.IGNORECASE)


def is_page(path: str) -> bool:
    return _PAGE.fullmatch(path) is not None


def may_be_meant_for_people(path: str) -> bool:
    """Whether a browser that navigates here sees the portal's own «not found» page."""
    return _PROGRAMS.match(path) is None
