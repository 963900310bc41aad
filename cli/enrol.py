"""A gateway's own key and signing request; the key never leaves the gateway's folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.identity.keys import new_key, signing_request


@dataclass(frozen=True)
class GatewayFolder:
    """Where one gateway keeps what it is."""

    path: Path

    @property
    def key(self) -> Path:
        return self.path / "private.pem.key"

    @property
    def certificate(self) -> Path:
        return self.path / "certificate.pem.crt"

    @property
    def bootstrap(self) -> Path:
        return self.path / "bootstrap.toml"

    def signing_request(self) -> str:
        """Make the key and answer a PEM signing request for it."""
        key = new_key()
        write_atomic(self.key, key.encode())
        return signing_request(key)

    def write_bootstrap(
        self,
        *,
        endpoint: str,
        port: int,
        ca: Path,
        thing: str,
        tenant: str,
        site: str,
        write_key: str,
        template: str = "",
        shop_clock: Mapping[str, int] | None = None,
    ) -> None:
        """The TOML that holds all a gateway needs before it has met the cloud."""
        lines = {
            "endpoint": endpoint,
            "ca": str(ca),
            "cert": str(self.certificate),
            "key": str(self.key),
            "thing": thing,
            "tenant": tenant,
            "site": site,
            "data": str(self.path),
            "write_key": write_key,
            "template": template,
        }
        text = "".join(f'{name} = "{value}"\n' for name, value in lines.items())
        clock = "".join(f"{name} = {value}\n" for name, value in (shop_clock or {}).items())
        table = f"\n[shop_clock]\n{clock}" if clock else ""
        self.bootstrap.write_text(f"{text}port = {port}\n{table}")
