"""SAML answers that a thief, a hostile provider or a meddling browser could send: none is taken."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from local_cloud.oidc.federation.refusal import NotTaken
from local_cloud.oidc.federation.service_provider import IdentityProvider, asserted
from local_cloud.oidc.federation.xml import METADATA, SAML
from tests.sso.peers.running import Certified, certified
from tests.sso.saml_forge import ASKED, NS, Said, encoded, provider, signature_of, signed, stamp

Forge = Callable[[Certified], Any]


@pytest.fixture(scope="module")
def stranger() -> Certified:
    return certified()


@pytest.fixture(scope="module")
def short() -> Certified:
    return certified(bits=1024)


def right(key: Certified) -> Any:
    return Said().response(signed(Said().assertion(), key))


def test_a_right_answer_is_taken(saml_key: Certified) -> None:
    found = asserted(encoded(right(saml_key)), provider(saml_key), ASKED)
    assert (found.subject, found.attributes) == ("berta", {"email": ("berta@company.example",)})
    assert found.until > ASKED.now + 300


def test_while_a_provider_changes_its_key_either_is_taken(saml_key: Certified, stranger: Certified) -> None:
    assert asserted(encoded(right(saml_key)), provider(stranger, saml_key), ASKED).subject == "berta"


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"audience": "urn:other"},
        {"audience": "urn:sp2"},
        {"audience": ""},
        {"recipient": "https://elsewhere/saml2/idpresponse"},
        {"in_response_to": "r2"},
        {"answers": "r2"},
        {"destination": "https://elsewhere/"},
        {"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"},
        {"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"},
        {"not_before": stamp(61)},
        {"ends": stamp(-61)},
        {"ends": stamp(2 * 86400)},
        {"ends": "tomorrow"},
        {"ends": "2027-01-15T08:05:00"},
        {"confirmed_until": stamp(-61)},
        {"confirmed_until": ""},
        {"more": f' NotBefore="{stamp(-10)}"'},
        {"version": "1.1"},
        {"subject": ""},
        {"subject": "a" * 256},
        {"subject": "<b>berta</b>"},
        {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
        {"statement": ""},
        {"attributes": '<saml:Attribute Name="a"/><saml:Attribute Name="a"/>'},
    ],
    ids=str,
)
def test_a_signed_answer_that_is_for_somebody_else_or_another_time_is_refused(
    saml_key: Certified, change: dict[str, str]
) -> None:
    said = Said(**change)
    with pytest.raises(NotTaken):
        asserted(encoded(said.response(signed(said.assertion(), saml_key))), provider(saml_key), ASKED)


def _unsigned(_key: Certified) -> Any:
    return Said().response(etree.fromstring(Said().assertion()))


def _signature_removed(key: Certified) -> Any:
    root = right(key)
    node = root.find("saml:Assertion", NS)
    node.remove(signature_of(node))
    return root


def _only_the_response_signed(key: Certified) -> Any:
    plain = Said().response(etree.fromstring(Said().assertion()))
    return signed(etree.tostring(plain).decode(), key)


def _changed_after_signing(key: Certified) -> Any:
    root = right(key)
    root.find(".//saml:NameID", NS).text = "admin"
    return root


def _evil(id_: str = "_evil") -> Any:
    return etree.fromstring(Said(subject="admin", id=id_).assertion())


def _wrapped_before(key: Certified) -> Any:
    """XSW: a forged assertion first, the signed one after it."""
    return Said().response(_evil(), signed(Said().assertion(), key))


def _wrapped_after(key: Certified) -> Any:
    return Said().response(signed(Said().assertion(), key), _evil())


def _wrapped_around(key: Certified) -> Any:
    """XSW: the forged assertion carries the signature, and the signed one as its child."""
    original = signed(Said().assertion(), key)
    evil = _evil()
    signature = copy.deepcopy(signature_of(original))
    original.remove(signature_of(original))
    signature.append(original)
    evil.insert(1, signature)
    return Said().response(evil)


def _wrapped_in_an_object(key: Certified) -> Any:
    original = signed(Said().assertion(), key)
    evil = _evil()
    signature = copy.deepcopy(signature_of(original))
    original.remove(signature_of(original))
    holder = etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object")
    holder.append(original)
    evil.insert(1, signature)
    return Said().response(evil)


def _wrapped_in_extensions(key: Certified) -> Any:
    original = signed(Said().assertion(), key)
    evil = _evil()
    signature = copy.deepcopy(signature_of(original))
    evil.insert(1, signature)
    root = Said().response(evil)
    holder = etree.Element("{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    original.remove(signature_of(original))
    holder.append(original)
    root.insert(1, holder)
    return root


def _same_id_twice(key: Certified) -> Any:
    """XSW: two elements with the signed id."""
    return Said().response(_evil("_a1"), signed(Said().assertion(), key))


def _same_id_elsewhere(key: Certified) -> Any:
    root = right(key)
    root.find("saml:Issuer", NS).set("ID", "_a1")
    return root


def _signed_response_forged_assertion(key: Certified) -> Any:
    """A signature over the response, moved into an assertion that nobody signed."""
    outer = signed(etree.tostring(Said().response()).decode(), key)
    evil = _evil()
    evil.insert(1, copy.deepcopy(signature_of(outer)))
    return Said().response(evil)


def _reference_to_everything(key: Certified) -> Any:
    root = right(key)
    root.find(".//ds:Reference", NS).set("URI", "")
    return root


def _two_signatures(key: Certified) -> Any:
    root = right(key)
    node = root.find("saml:Assertion", NS)
    node.append(copy.deepcopy(signature_of(node)))
    return root


def _encrypted(key: Certified) -> Any:
    root = right(key)
    root.append(etree.Element(f"{{{SAML}}}EncryptedAssertion"))
    return root


def _nested(key: Certified) -> Any:
    """The assertion deeper than its place."""
    root = Said().response()
    holder = etree.SubElement(root, "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    holder.append(signed(Said().assertion(), key))
    return root


def _comment_in_the_name(key: Certified) -> Any:
    """Comments are not signed: this would read as admin."""
    text = Said(subject="admin@company.example.evil.example").assertion()
    data = etree.tostring(Said().response(signed(text, key)))
    return data.replace(b"admin@company.example.evil", b"admin@company.example<!-- -->.evil")


def _entity(key: Certified) -> Any:
    data = etree.tostring(right(key)).replace(b">berta<", b">&x;<")
    return b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + data


def _laughs(_key: Certified) -> Any:
    lines = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE r [<!ENTITY x0 "ha">{lines}]><r>&x11;</r>'.encode()


def _outer_type(key: Certified) -> Any:
    return b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/evil.dtd">' + etree.tostring(right(key))


def _stylesheet(key: Certified) -> Any:
    return b'<?xml-stylesheet href="x"?>' + etree.tostring(right(key))


def _utf16(key: Certified) -> Any:
    return etree.tostring(right(key), encoding="UTF-16")


class _Sha1(XMLSigner):
    def check_deprecated_methods(self) -> None:
        """Signs as in 2005."""


FORGED: dict[str, Forge] = {
    "unsigned": _unsigned,
    "signature removed": _signature_removed,
    "only the response signed": _only_the_response_signed,
    "changed after signing": _changed_after_signing,
    "wrapped, forged first": _wrapped_before,
    "wrapped, forged last": _wrapped_after,
    "wrapped, forged around": _wrapped_around,
    "wrapped, signed one in an object": _wrapped_in_an_object,
    "wrapped, signed one in extensions": _wrapped_in_extensions,
    "an id twice": _same_id_twice,
    "an id twice, on another element": _same_id_elsewhere,
    "a signature of the response": _signed_response_forged_assertion,
    "a reference to the whole document": _reference_to_everything,
    "two signatures": _two_signatures,
    "an encrypted assertion beside it": _encrypted,
    "deeper than its place": _nested,
    "a comment in the name": _comment_in_the_name,
    "an entity of a file": _entity,
    "a billion laughs": _laughs,
    "a document type elsewhere": _outer_type,
    "a stylesheet": _stylesheet,
    "another encoding": _utf16,
    "SHA-1 signature": lambda key: Said().response(
        signed(Said().assertion(), key, algorithm=SignatureMethod.RSA_SHA1, signer=_Sha1)
    ),
    "SHA-1 digest": lambda key: Said().response(
        signed(Said().assertion(), key, digest=DigestAlgorithm.SHA1, signer=_Sha1)
    ),
    "no XML": lambda _key: b"hello",
    "another document": lambda _key: etree.Element("x"),
    "nothing": lambda _key: b"",
    "too much": lambda key: etree.tostring(right(key)).replace(b"berta", b"b" * 300_000),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_answer_signs_nobody_in(saml_key: Certified, name: str) -> None:
    with pytest.raises(NotTaken):
        asserted(encoded(FORGED[name](saml_key)), provider(saml_key), ASKED)


def test_another_key_signs_nobody_in_even_with_its_certificate_inside(saml_key: Certified, stranger: Certified) -> None:
    with pytest.raises(NotTaken, match="does not fit the provider's certificate"):
        asserted(encoded(right(stranger)), provider(saml_key), ASKED)


def test_a_short_key_signs_nobody_in(short: Certified) -> None:
    with pytest.raises(NotTaken, match="shorter than 2048"):
        asserted(encoded(right(short)), provider(short), ASKED)


def _metadata(inner: str, *, root: str = "EntityDescriptor") -> bytes:
    return (
        f'<md:{root} xmlns:md="{METADATA}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp">'
        f"<md:IDPSSODescriptor>{inner}</md:IDPSSODescriptor></md:{root}>"
    ).encode()


_SIGN_ON = (
    '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp/sso"/>'
)


def _key(text: str, use: str = 'use="signing"') -> str:
    inner = f"<ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data>"
    return f"<md:KeyDescriptor {use}><ds:KeyInfo>{inner}</ds:KeyInfo></md:KeyDescriptor>"


def test_metadata_are_read(saml_key: Certified) -> None:
    lines = "\n".join(saml_key.bare[at : at + 64] for at in range(0, len(saml_key.bare), 64))
    found = IdentityProvider.of_metadata(_metadata(_SIGN_ON + _key(lines) + _key("AAAA", 'use="encryption"')))
    assert (found.entity_id, found.sign_on) == ("https://idp", "https://idp/sso")
    assert found.certificates == provider(saml_key).certificates


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<x/>",
        _metadata(_SIGN_ON + _key("AAAA"), root="EntitiesDescriptor"),
        _metadata(_SIGN_ON),
        _metadata(_key("AAAA")),
        _metadata(_SIGN_ON + _key("not base64!")),
        _metadata(_SIGN_ON + _key("AAAA", 'use="encryption"')),
        _metadata(_SIGN_ON.replace("HTTP-Redirect", "SOAP") + _key("AAAA")),
        b"<!DOCTYPE x>" + _metadata(_SIGN_ON + _key("AAAA")),
    ],
)
def test_metadata_that_do_not_say_what_is_needed_are_refused(data: bytes) -> None:
    with pytest.raises(NotTaken):
        IdentityProvider.of_metadata(data)
