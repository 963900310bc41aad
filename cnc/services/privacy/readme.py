"""The page that comes with every archive: what is in it and how to read it."""

from typing import Final

from cnc.services.privacy.exports import Export, ExportKind

_COMMON: Final = """
## Form
- `*.jsonl`: JSON Lines in UTF-8, one object per line; `key` is the row's key, times that end in `_ms` are milliseconds
  since 1970 in UTC.
- `*.json`: one JSON document. `export.json` says what this archive is of, and how long each class of data is kept.
- Nothing in here opens anything: passwords, keys, secrets of second factors and their digests are left out.
"""
_TELEMETRY: Final = """
## Telemetry
`*.parquet` (Apache Parquet, zstd): one flat table per hour, sorted by `machine, source, at`.
| column | meaning |
|---|---|
| `machine`, `source` | ids; names stand in the rows of machines |
| `boot`, `seq` | identity of the row: start of the gateway's journal, and count within it |
| `at` | time of the row, UTC |
| `quality` | 0 good, 1 uncertain, 2 bad, 3 unavailable |
| one per signal | texts, or whole numbers of which one step is worth `scale` in `unit` |

`unit` and `scale` of a column stand in the metadata of its Arrow field and, as JSON `{column: {"unit", "scale"}}`,
under the file's key `signals`; keys and units are those of MTConnect. `rows/telemetry/schemas_H` has the lists of
signals as machines told them, with their native names and units.
`events/<machine>/<day>.jsonl`: what changed (states, alarms, programs, parts, tools, overrides), with `at_ms` and the
row it was seen in. `rows/telemetry/ledgers_M`: which rows were produced and which were declared lost, and why.

## Programs
`programs/<sha256>.nc` or `objects/kind=program/sha256=<sha256>`: texts of programs by the SHA-256 that their versions
(`rows/shop/programs_P`) name; changes with checks, approvals and outcomes are in `rows/shop/programs_C`.
"""
_AUDIT: Final = """
## Audit log
`rows/audit/audit_L`: every entry with its number (`key`), its content (`b`) and two hashes: `h` is the SHA-256 of the
previous hash followed by the content, `q` the previous one. Who holds an earlier `h` can prove that nothing before it
was changed.
"""
_PERSON: Final = """
## Content
`person.json`: who you are here: name, address, roles, second factor (without its secret), sign-ins, consents.
`mentions/<kind>.jsonl`: every row of the shop that names you by your id, your e-mail or your login: changes and
approvals, drafts, keys you made, invitations, settings. `audit.jsonl`: what you did, entry by entry.
"""


def readme(export: Export) -> str:
    """Markdown."""
    title = {
        ExportKind.PERSON: "Data of a person (GDPR, articles 15 and 20)",
        ExportKind.TENANT: "All data of a company (exit; EU Data Act, articles 23 to 31)",
        ExportKind.MACHINE: "All data of a machine (EU Data Act, articles 3 to 5)",
    }[export.kind]
    head = f"# {title}\n\nExport {export.id} of {export.subject}.\n{_COMMON}"
    match export.kind:
        case ExportKind.PERSON:
            return head + _PERSON
        case ExportKind.TENANT:
            return head + _TELEMETRY + _AUDIT
        case ExportKind.MACHINE:
            return head + _TELEMETRY
