"""The SAML 2.0 side (Web Browser SSO): AuthnRequest by redirect, signed assertions by post."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from local_cloud.oidc.federation import xml
from local_cloud.oidc.federation.refusal import NotTaken

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
SKEW_S = 60
#: An assertion that lives longer than this is not for one sign-in.
LONGEST_S = 24 * 3600
_SIGNED = SignatureConfiguration(
    require_x509=True,
    location="./",
    expect_references=1,
    signature_methods=frozenset(
        {
            SignatureMethod.RSA_SHA256,
            SignatureMethod.RSA_SHA384,
            SignatureMethod.RSA_SHA512,
            SignatureMethod.ECDSA_SHA256,
            SignatureMethod.ECDSA_SHA384,
            SignatureMethod.ECDSA_SHA512,
        }
    ),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}),
    default_reference_c14n_method=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
)


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """From metadata. `certificates` are DER."""

    entity_id: str
    sign_on: str
    certificates: tuple[bytes, ...]

    @classmethod
    def of_metadata(cls, data: bytes) -> "IdentityProvider":
        """Raises NotTaken."""
        root = xml.read(data)
        if root.tag != f"{{{xml.METADATA}}}EntityDescriptor":
            raise NotTaken("the metadata describe no single provider (EntityDescriptor)")
        role = xml.one_of(root, "md:IDPSSODescriptor")
        addresses = [
            one.get("Location", "")
            for one in xml.all_of(role, "md:SingleSignOnService")
            if one.get("Binding") == REDIRECT
        ]
        texts = [
            xml.text_of(node)
            for key in xml.all_of(role, "md:KeyDescriptor")
            if key.get("use", "signing") == "signing"
            for node in xml.all_of(key, ".//ds:X509Certificate")
        ]
        try:
            certificates = tuple(base64.b64decode("".join(text.split()), validate=True) for text in texts)
        except ValueError as error:
            raise NotTaken("a certificate of the metadata cannot be read") from error
        entity_id = root.get("entityID", "")
        if not entity_id or not addresses or not certificates:
            raise NotTaken("the metadata lack the entity id, a sign-on address by redirect, or a signing certificate")
        return cls(entity_id, addresses[0], certificates)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer must fit: the request it answers, who we are, where it is received. `now` is epoch seconds."""

    request_id: str
    entity_id: str
    receiver: str
    now: float


@dataclass(frozen=True, slots=True)
class Asserted:
    """Who signed in. `id` and `until` keep an assertion from being used twice."""

    subject: str
    attributes: Mapping[str, tuple[str, ...]]
    id: str
    until: float


def address(provider: IdentityProvider, asked: Asked, *, relay_state: str) -> str:
    """Where the browser goes with an AuthnRequest."""
    instant = datetime.fromtimestamp(asked.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    request = etree.Element(
        f"{{{xml.PROTOCOL}}}AuthnRequest",
        nsmap={"samlp": xml.PROTOCOL, "saml": xml.SAML},
        attrib={
            "ID": asked.request_id,
            "Version": "2.0",
            "IssueInstant": instant,
            "Destination": provider.sign_on,
            "ProtocolBinding": POST,
            "AssertionConsumerServiceURL": asked.receiver,
        },
    )
    etree.SubElement(request, f"{{{xml.SAML}}}Issuer").text = asked.entity_id
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(etree.tostring(request)) + packer.flush()
    query = urlencode({"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": relay_state})
    return f"{provider.sign_on}{'&' if urlsplit(provider.sign_on).query else '?'}{query}"


def asserted(encoded: str, provider: IdentityProvider, asked: Asked) -> Asserted:
    """What the provider asserts in a SAMLResponse. Raises NotTaken."""
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except ValueError as error:
        raise NotTaken("the answer is not Base64") from error
    response = xml.read(data)
    _check_response(response, provider, asked)
    assertion = _signed(response, provider)
    _check_conditions(assertion, provider, asked)
    until = _check_subject(assertion, asked)
    if not xml.all_of(assertion, "saml:AuthnStatement"):
        raise NotTaken("the assertion says nothing about a sign-in")
    name = xml.one_of(assertion, "saml:Subject/saml:NameID")
    subject = xml.text_of(name)
    if not 0 < len(subject) <= 255 or not subject.isprintable():
        raise NotTaken("the assertion names nobody (NameID)")
    if name.get("Format") == TRANSIENT:
        raise NotTaken("the assertion names the person anew each time: configure a lasting NameID")
    return Asserted(subject, _attributes(assertion), assertion.get("ID", ""), until)


def _check_response(response: Any, provider: IdentityProvider, asked: Asked) -> None:
    if response.tag != f"{{{xml.PROTOCOL}}}Response" or response.get("Version") != "2.0":
        raise NotTaken("the answer is no SAML 2.0 response")
    status = xml.one_of(response, "samlp:Status/samlp:StatusCode").get("Value", "")
    if status != SUCCESS:
        raise NotTaken(f"the provider says {status.rpartition(':')[2][:60]}")
    if response.get("InResponseTo") != asked.request_id:
        raise NotTaken("the answer is not for this sign-in (InResponseTo)")
    if response.get("Destination", asked.receiver) != asked.receiver:
        raise NotTaken("the answer is for another address (Destination)")
    for issuer in xml.all_of(response, "saml:Issuer"):
        if xml.text_of(issuer) != provider.entity_id:
            raise NotTaken("the answer is from another provider (Issuer)")
    ids = [node.get(name) for node in response.iter() for name in ("ID", "Id", "id") if node.get(name)]
    if len(set(ids)) != len(ids):
        raise NotTaken("the answer uses an ID twice")


def _signed(response: Any, provider: IdentityProvider) -> Any:
    """The one assertion, as the bytes that were signed say it. Raises NotTaken."""
    everywhere = list(response.iter(f"{{{xml.SAML}}}Assertion"))
    if any(True for _ in response.iter(f"{{{xml.SAML}}}EncryptedAssertion")):
        raise NotTaken("the assertion is encrypted: switch that off, TLS protects it")
    assertion = xml.one_of(response, "saml:Assertion")
    if len(everywhere) != 1:
        raise NotTaken("the answer has more than one assertion")
    signature = xml.all_of(assertion, "ds:Signature")
    if len(signature) != 1:
        raise NotTaken("the assertion is not signed: switch on signed assertions at the provider")
    reference = xml.one_of(signature[0], "ds:SignedInfo/ds:Reference").get("URI", "")
    if not assertion.get("ID") or reference != f"#{assertion.get('ID')}":
        raise NotTaken("the signature is not about the assertion")
    for certificate in provider.certificates:
        found = _verified(assertion, certificate)
        if found is not None:
            return found
    raise NotTaken("the signature of the assertion does not fit the provider's certificate")


def _verified(assertion: Any, certificate: bytes) -> Any | None:
    loaded = load_der_x509_certificate(certificate)
    public = loaded.public_key()
    if isinstance(public, rsa.RSAPublicKey) and public.key_size < 2048:
        raise NotTaken("the provider's key is shorter than 2048 bits")
    try:
        result = XMLVerifier().verify(
            etree.tostring(assertion, with_tail=False), x509_cert=loaded, expect_config=_SIGNED, id_attribute="ID"
        )
    except (SignXMLException, ValueError, etree.LxmlError):
        return None
    if isinstance(result, list):
        return None
    # Only what was signed is read from here on: the canonical bytes themselves, parsed anew.
    signed = xml.read(result.signed_data)
    fits = signed.tag == f"{{{xml.SAML}}}Assertion" and signed.get("ID") == assertion.get("ID")
    return signed if fits else None


def _check_conditions(assertion: Any, provider: IdentityProvider, asked: Asked) -> None:
    if assertion.get("Version") != "2.0" or xml.text_of(xml.one_of(assertion, "saml:Issuer")) != provider.entity_id:
        raise NotTaken("the assertion is from another provider (Issuer)")
    conditions = xml.one_of(assertion, "saml:Conditions")
    _check_window(conditions, asked.now)
    for restriction in (xml.one_of(assertion, "saml:Conditions/saml:AudienceRestriction"),):
        audiences = [xml.text_of(one) for one in xml.all_of(restriction, "saml:Audience")]
        if asked.entity_id not in audiences:
            raise NotTaken(f"the assertion is for {audiences[:2]}, expected {asked.entity_id} (Audience)")


def _check_subject(assertion: Any, asked: Asked) -> float:
    """Until when the assertion could be shown again."""
    why = "the assertion confirms nobody as bearer"
    for confirmation in xml.all_of(assertion, "saml:Subject/saml:SubjectConfirmation"):
        data = xml.all_of(confirmation, "saml:SubjectConfirmationData")
        if confirmation.get("Method") != BEARER or len(data) != 1:
            continue
        said = data[0]
        if said.get("Recipient") != asked.receiver:
            why = f"the assertion is for {said.get('Recipient')!r}, expected {asked.receiver} (Recipient)"
        elif said.get("InResponseTo") != asked.request_id:
            why = "the assertion is not for this sign-in (InResponseTo)"
        elif said.get("NotBefore") is not None or said.get("NotOnOrAfter") is None:
            why = "the assertion has no end (NotOnOrAfter)"
        else:
            _check_window(said, asked.now)
            return _instant(said.get("NotOnOrAfter")) + SKEW_S
    raise NotTaken(why)


def _check_window(node: Any, now: float) -> None:
    starts, ends = node.get("NotBefore"), node.get("NotOnOrAfter")
    if starts is not None and _instant(starts) > now + SKEW_S:
        raise NotTaken("the assertion is not valid yet: compare the clocks")
    if ends is not None and not now - SKEW_S < _instant(ends) <= now + LONGEST_S:
        raise NotTaken("the assertion has expired or would live longer than a day: compare the clocks")


def _instant(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotTaken(f"{text[:40]!r} is no time") from error
    if found.tzinfo is None:
        raise NotTaken(f"{text[:40]!r} has no time zone")
    return found.timestamp()


def _attributes(assertion: Any) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in xml.all_of(assertion, "saml:AttributeStatement/saml:Attribute"):
        name = one.get("Name", "")
        if name in found:
            raise NotTaken(f"the assertion has the attribute {name[:80]!r} twice")
        found[name] = tuple(xml.text_of(value) for value in xml.all_of(one, "saml:AttributeValue"))
    return found
