"""XML of strangers, read with as little of XML as SAML needs: no document type, no entities, no comments.

A comment inside a name is left out of what is signed and cuts the text that libraries read, so that
`anna@example.com<!---->.evil.example` would become Anna; nobody needs one in SAML.
"""

from typing import Any

from lxml import etree

from local_cloud.oidc.federation.refusal import NotTaken

MAX_BYTES = 256 * 1024
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"saml": SAML, "samlp": PROTOCOL, "md": METADATA, "ds": DSIG}


def read(data: bytes) -> Any:
    """The root element. Raises NotTaken."""
    if not 0 < len(data) <= MAX_BYTES:
        raise NotTaken(f"the document has {len(data)} bytes, expected at most {MAX_BYTES}")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotTaken("the document is no XML") from error
    if root.getroottree().docinfo.doctype or (root.getroottree().docinfo.encoding or "UTF-8").upper() != "UTF-8":
        raise NotTaken("the document has a document type or is not UTF-8")
    if any(not isinstance(node.tag, str) for node in root.iter()):
        raise NotTaken("the document has comments, instructions or entities")
    if root.getprevious() is not None or root.getnext() is not None:
        raise NotTaken("the document has more than one node")
    return root


def all_of(node: Any, path: str) -> list[Any]:
    found: list[Any] = node.findall(path, NAMES)
    return found


def one_of(node: Any, path: str) -> Any:
    """Raises NotTaken unless there is exactly one."""
    found = all_of(node, path)
    if len(found) != 1:
        raise NotTaken(f"the answer has {len(found)} of {path.rpartition('/')[2]}, expected one")
    return found[0]


def text_of(node: Any) -> str:
    """The text of an element without children. Raises NotTaken."""
    if len(node):
        raise NotTaken(f"the answer has elements inside {node.tag.rpartition('}')[2]}")
    return (node.text or "").strip()
