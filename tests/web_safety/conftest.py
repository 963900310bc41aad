"""Chromium for the tests of the running product."""

from tests.browser import chromium

browser, context, watched = chromium.browser, chromium.context, chromium.watched
