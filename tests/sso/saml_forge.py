"""A SAML provider of the test that says whatever an attacker would have it say."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from local_cloud.oidc.federation.service_provider import Asked, IdentityProvider
from local_cloud.oidc.federation.xml import DSIG, PROTOCOL, SAML
from tests.sso.peers.running import Certified

ISSUER, RECEIVER, ENTITY_ID = "https://idp.example.com", "https://portal/saml2/idpresponse", "urn:sp"
NOW = 1_800_000_000.0
ASKED = Asked("r1", ENTITY_ID, RECEIVER, NOW)
NS = {"saml": SAML, "samlp": PROTOCOL, "ds": DSIG}


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(NOW + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Said:
    """What an answer says; each field can be bent."""

    subject: str = "berta"
    format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    issuer: str = ISSUER
    audience: str = ENTITY_ID
    recipient: str = RECEIVER
    in_response_to: str = "r1"
    answers: str = "r1"
    destination: str = RECEIVER
    status: str = "urn:oasis:names:tc:SAML:2.0:status:Success"
    method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    not_before: str = field(default_factory=lambda: stamp(-10))
    ends: str = field(default_factory=lambda: stamp(300))
    confirmed_until: str = field(default_factory=lambda: stamp(300))
    version: str = "2.0"
    more: str = ""
    statement: str = f'<saml:AuthnStatement AuthnInstant="{stamp(0)}"/>'
    attributes: str = (
        '<saml:Attribute Name="email"><saml:AttributeValue>berta@company.example</saml:AttributeValue></saml:Attribute>'
    )
    id: str = "_a1"

    def assertion(self) -> str:
        confirmed = f' NotOnOrAfter="{self.confirmed_until}"' if self.confirmed_until else ""
        return f"""<saml:Assertion xmlns:saml="{SAML}"
 ID="{self.id}" Version="{self.version}" IssueInstant="{stamp(0)}">
<saml:Issuer>{self.issuer}</saml:Issuer>
<saml:Subject><saml:NameID Format="{self.format}">{self.subject}</saml:NameID>
<saml:SubjectConfirmation Method="{self.method}"><saml:SubjectConfirmationData InResponseTo="{self.in_response_to}"
 Recipient="{self.recipient}"{confirmed}{self.more}/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{self.not_before}" NotOnOrAfter="{self.ends}"><saml:AudienceRestriction>
<saml:Audience>{self.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
{self.statement}<saml:AttributeStatement>{self.attributes}</saml:AttributeStatement></saml:Assertion>"""

    def response(self, *inside: Any) -> Any:
        root = etree.fromstring(
            f"""<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{SAML}"
 ID="_r" Version="2.0" IssueInstant="{stamp(0)}"
 Destination="{self.destination}" InResponseTo="{self.answers}"><saml:Issuer>{self.issuer}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="{self.status}"/></samlp:Status></samlp:Response>"""
        )
        for node in inside:
            root.append(node)
        return root


def signed(
    text: str,
    key: Certified,
    *,
    algorithm: SignatureMethod = SignatureMethod.RSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
    reference: str | None = None,
    signer: type[XMLSigner] = XMLSigner,
) -> Any:
    """An element with its enveloped signature after the issuer."""
    node = etree.fromstring(text)
    made = signer(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=algorithm,
        digest_algorithm=digest,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return made.sign(
        node, key=key.key, cert=key.certificate.decode(), reference_uri=reference or node.get("ID"), id_attribute="ID"
    )


def encoded(root: Any) -> str:
    data = root if isinstance(root, bytes) else etree.tostring(root)
    return base64.b64encode(data).decode()


def provider(*keys: Certified) -> IdentityProvider:
    return IdentityProvider(ISSUER, f"{ISSUER}/sso", tuple(base64.b64decode(key.bare) for key in keys))


def signature_of(node: Any) -> Any:
    return node.find("ds:Signature", NS)
