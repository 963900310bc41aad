"""Nothing of the interfaces is reached past CloudFront, and no route stands without the authorizer."""

import json
from typing import Any

from tests.infra.test_declaration import Templates, every, resources

REFERENCE = "{{resolve:secretsmanager:cnc-dev-origin:SecretString:::"


def origins(templates: Templates) -> list[dict[str, Any]]:
    (distribution,) = resources(templates["CncPortal"], "AWS::CloudFront::Distribution")
    found: list[dict[str, Any]] = distribution["DistributionConfig"]["Origins"]
    return found


def test_every_api_behind_cloudfront_is_shown_the_secret(templates: Templates) -> None:
    shown = {json.dumps(one["OriginCustomHeaders"]) for one in origins(templates) if "CustomOriginConfig" in one}
    assert len(shown) == 1
    ((header,),) = map(json.loads, shown)
    assert header["HeaderName"] == "x-cnc-origin"
    # The version is a parameter: CloudFormation reads a secret anew only when the text of the reference changes.
    assert header["HeaderValue"] == {"Fn::Join": ["", [REFERENCE, {"Ref": "OriginHeaderVersion"}, "}}"]]}


def test_the_secret_is_made_in_a_stateful_stack_and_stands_in_no_template(templates: Templates) -> None:
    (secret,) = [
        one for one in resources(templates["CncData"], "AWS::SecretsManager::Secret") if one["Name"] == "cnc-dev-origin"
    ]
    assert "SecretString" not in secret
    assert secret["GenerateSecretString"]["PasswordLength"] >= 64


def test_the_authorizer_stands_before_every_http_route_and_nothing_is_kept_before_it(templates: Templates) -> None:
    api = templates["CncApi"]
    (authorizer,) = resources(api, "AWS::ApiGatewayV2::Authorizer")
    assert (authorizer["AuthorizerResultTtlInSeconds"], authorizer["IdentitySource"]) == (0, [])
    routes = {one["RouteKey"]: one for one in resources(api, "AWS::ApiGatewayV2::Route")}
    assert {"$connect", "ANY /", "ANY /{proxy+}", "ANY /graphql", "ANY /v1", "ANY /v1/{proxy+}"} <= routes.keys()
    open_ones = {key for key, one in routes.items() if one["AuthorizationType"] != "CUSTOM"}
    assert open_ones == {"$connect", "$default", "$disconnect"}  # $connect asks for the secret in its function


def test_who_asks_for_the_secret_may_read_it_and_nothing_else_of_its_kind(templates: Templates) -> None:
    readers = [
        (policy["Roles"][0]["Ref"], statement)
        for policy in every(templates, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if "secret:cnc-dev-origin" in str(statement["Resource"])
    ]
    assert {role.partition("Role")[0] for role, _ in readers} == {"authorizer", "graphqlws"}
    for _, statement in readers:
        assert statement["Action"] == "secretsmanager:GetSecretValue"
        assert statement["Resource"]["Fn::Join"][1][-1].endswith(":secret:cnc-dev-origin-??????")
