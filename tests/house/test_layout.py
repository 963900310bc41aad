"""The layout rules that no linter knows."""

import ast
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "cnc",
    "cli",
    "functions",
    "graphql",
    "greengrass_components",
    "infra_cdk",
    "local_cloud",
    "simulated_shop",
    "tools",
)
LONGEST_FILE = 600
# docs/decisions/0013-room-for-the-second-wall.md
LOCAL_CLOUD_LINES = 9_000
# Readers of the process environment: settings, and programs that hand it on to the programs they start.
ENVIRONMENT_READERS = {"cnc/cloud/settings.py"}


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "node_modules" not in path.parts]


def lines(path: Path) -> int:
    return path.read_text().count("\n")


def code_lines(path: Path) -> int:
    """Lines that hold code: no blank ones, no comments, no docstrings."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    held: set[int] = set()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in silent and token.type != tokenize.ENCODING:
                held |= set(range(token.start[0], token.end[0] + 1))
    return len(held - _docstring_lines(path))


def _docstring_lines(path: Path) -> set[int]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = [
        node.body[0] for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, documented) and node.body
    ]
    texts = [one for one in first if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)]
    return {line for one in texts for line in range(one.lineno, (one.end_lineno or one.lineno) + 1)}


def test_graphql_is_no_python_package() -> None:
    stray = [path.name for path in (ROOT / "graphql").glob("*.py")] + [p.name for p in (ROOT / "graphql").glob("test*")]
    assert stray == [], "Python below graphql/ itself would shadow graphql-core; it lives in graphql/cnc_graphql"


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_no_source_file_is_longer_than_the_cap() -> None:
    long = {str(path.relative_to(ROOT)): lines(path) for path in sources(*OURS) if lines(path) > LONGEST_FILE}
    assert long == {}


def test_the_local_cloud_stays_wiring() -> None:
    wiring = [path for path in sources("local_cloud") if "oidc" not in path.relative_to(ROOT).parts]
    assert sum(map(code_lines, wiring)) <= LOCAL_CLOUD_LINES


@pytest.mark.parametrize("folder", ["cnc", "functions", "graphql", "marketplace"])
def test_only_settings_read_the_environment(folder: str) -> None:
    readers = {str(p.relative_to(ROOT)) for p in sources(folder) if re.search(r"os\.(environ|getenv)", p.read_text())}
    assert readers <= ENVIRONMENT_READERS


def test_no_datetime_is_made_from_the_clock_inside_domain_or_services() -> None:
    pattern = re.compile(r"datetime\.now\(|utcnow\(|uuid4\(|time\.time\(")
    found = [
        str(path.relative_to(ROOT))
        for path in sources("cnc/domain", "cnc/services")
        if path.name != "clock.py" and pattern.search(path.read_text())
    ]
    assert found == []
