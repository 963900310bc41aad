"""Which cloud an operator's command speaks to: the one that runs here, or a stage in AWS."""

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.refusal import CannotStart
from cnc.cloud.tenancy import Clients

LOCAL_STAGE: Final = "local"


@dataclass(frozen=True, slots=True)
class Place:
    """The cloud that is asked; `ca` is what a gateway must trust to reach it, where that is known."""

    stage: str
    region: str
    ca: Path | None


def place_of(options: argparse.Namespace) -> Place:
    """The place that `--local` or `--stage` names. Raises CannotStart."""
    if options.local:
        return _local(options.endpoints)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise CannotStart("AWS_REGION is not set: name the region of the stage")
    return Place(options.stage, region, None)


def operator(place: Place) -> Clients:
    """The clients of an operator: own ones, and ones that act for the tenant acted for."""
    own = Clients(region=place.region, tenant_role_arn="")
    role = own.own("ssm").get_parameter(Name=f"/cnc/{place.stage}/operator-role-arn")["Parameter"]["Value"]
    return Clients(region=place.region, tenant_role_arn=role)


def _local(endpoints: Path) -> Place:
    """The product that runs here: its administrator's credentials are used for this process alone."""
    try:
        told = json.loads(endpoints.read_bytes())
        aws = told["aws"]
        os.environ |= {
            "AWS_ENDPOINT_URL": aws["url"],
            "AWS_ACCESS_KEY_ID": aws["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": aws["secret_access_key"],
        }
        return Place(LOCAL_STAGE, aws["region"], Path(told["mqtt"]["ca"]))
    except (OSError, ValueError, KeyError, TypeError) as reason:
        raise CannotStart(f"{endpoints} cannot be read ({reason!r}): does `cnc up` run here?") from reason
