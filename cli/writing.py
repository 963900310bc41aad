"""`cnc writing stop` and `cnc writing allow`: the kill switch over all machines of all tenants.

    cnc writing stop --local
    cnc writing stop --stage prod

Every gateway that is connected closes its gate within seconds; one that is not is told when it next tells its
switches, and no order reaches it before. What tenants stopped themselves stays stopped after `allow`.
"""

import argparse
import sys
from dataclasses import dataclass

from cli.place import operator, place_of
from cnc.cloud.iot import GatewayChannel
from cnc.cloud.programs import gate_stores
from cnc.cloud.tenancy import Directory, acting_for
from cnc.domain.base.clock import to_ms, utc_now
from cnc.services.programs.orders import set_writing_everywhere

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class _Tables:
    shop_table: str
    audit_table: str
    bucket: str = ""


def writing(options: argparse.Namespace) -> int:
    """One line per tenant; 1 when one of them could not be reached, after all others were. Raises CannotStart."""
    place, allowed = place_of(options), options.what == "allow"
    clients = operator(place)
    tables = _Tables(f"cnc-{place.stage}-shop", f"cnc-{place.stage}-audit")
    failed = 0
    for entry in Directory(clients.own("dynamodb"), table=f"cnc-{place.stage}-directory").tenants():
        with acting_for(entry.tenant):
            try:
                told = set_writing_everywhere(
                    allowed=allowed,
                    by=OPERATOR,
                    stores=gate_stores(clients, tables, tenant=entry.tenant),
                    commands=GatewayChannel(clients.tenant("iot-data")),
                    now_ms=to_ms(utc_now()),
                )
            except Exception as error:  # noqa: BLE001 - one tenant's trouble must not keep the others' gates open
                failed += 1
                print(f"{entry.tenant}: FAILED: {error}", file=sys.stderr, flush=True)
                continue
        print(f"{entry.tenant}: writing {'allowed' if allowed else 'stopped'}, {told} gateways told", flush=True)
    return 1 if failed else 0
