"""`cnc quota`: what a tenant may ask for, and its switch.

    cnc quota --local --tenant t_… --plan "standard tenant=9000"
    cnc quota --stage prod --tenant t_… --off keys

Plans and their quotas: `cnc.domain.rates.plans`. A change holds within 5 seconds. `--off` keeps API keys, people or all
out until `--off nobody`.
"""

import argparse

from cli.place import place_of
from cli.refusal import CannotStart
from cnc.cloud.tenancy import Clients, Directory
from cnc.domain.base.errors import BadValue
from cnc.domain.rates.plans import WINDOW_S, plan_of

NOBODY = "nobody"
OFF = ("keys", "people", "all", NOBODY)


def quota(options: argparse.Namespace) -> int:
    """Raises CannotStart."""
    place = place_of(options)
    own = Clients(region=place.region, tenant_role_arn="").own("dynamodb")
    directory = Directory(own, table=f"cnc-{place.stage}-directory")
    try:
        held = directory.tenant(options.tenant)
        plan = plan_of(held.facts.get("plan", "") if options.plan is None and held else options.plan or "")
    except (BadValue, ValueError) as reason:
        raise CannotStart(str(reason)) from reason
    if held is None:
        raise CannotStart(f"there is no tenant {options.tenant}")
    text = held.facts.get("plan", "") if options.plan is None else options.plan
    off = held.facts.get("off", "") if options.off is None else options.off.replace(NOBODY, "")
    if options.plan is not None or options.off is not None:
        directory.set_plan(options.tenant, plan=text, off=off)
    print(
        f"{options.tenant}: plan {plan.name}, {plan.tenant} points in {WINDOW_S} s, {plan.credential} of one "
        f"credential, {plan.keys} keys; kept out: {off or NOBODY}"
    )
    return 0
