"""The version of all components: recipes, deployment and health messages take it from here."""

from typing import Final

VERSION: Final = "0.2.0"
