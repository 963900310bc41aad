"""Synthesises the one declaration of the product: `python app.py` (offline) or `cdk deploy`."""

from infra_cdk.main import build

build().synth()
