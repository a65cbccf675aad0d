"""The description: valid OpenAPI 3.1, precise for every kind, and for those who may come in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from jsonschema_rs import Draft202012Validator

from sekisho.api.contents import api
from sekisho.api.describe import NO_FORM, description
from sekisho.api.kind_shapes import camel
from sekisho.records.contents import KINDS
from tests.api.calling import Caller, token_of

TOLD: dict[str, Any] = json.loads(description(api)[0])
SCHEMAS = TOLD["components"]["schemas"]


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(v) for v in part.values()))
    return set().union(*(references(v) for v in part)) if isinstance(part, list) else set()


def test_it_is_openapi_and_every_reference_leads_somewhere():
    assert TOLD["openapi"] == "3.1.0"
    for reference in references(TOLD):
        found: Any = TOLD
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    every = [{"$ref": f"#/components/schemas/{name}"} for name in SCHEMAS]
    Draft202012Validator({"anyOf": every, "components": TOLD["components"]})


def test_every_kind_has_its_own_operations():
    for model in KINDS:
        about = model.about
        one, several = f"/api/records/{about.name}/{{key}}", f"/api/records/{about.name}"
        writes = set() if about.name in NO_FORM else {"put", "patch", "delete"}
        assert set(TOLD["paths"][one]) == {"get"} | writes
        assert set(TOLD["paths"][several]) == ({"get", "post"} if writes else {"get"})
    assert "/api/records/{kind}" not in TOLD["paths"]


def test_the_schemas_say_what_the_declaration_says():
    unit, changes = SCHEMAS["UnitValues"], SCHEMAS["UnitChanges"]
    assert unit["required"] == ["name", "function", "since_on"]
    assert unit["additionalProperties"] is False
    assert unit["properties"]["function"]["enum"] == [
        "system", "user", "risk", "audit", "csirt", "management", "other",
    ]  # fmt: skip
    assert unit["properties"]["since_on"]["format"] == "date"
    assert unit["properties"]["name"]["maxLength"] == 200
    assert "→ unit" in SCHEMAS["PersonValues"]["properties"]["unit"]["description"]
    assert "required" not in changes
    incident = SCHEMAS["IncidentValues"]["properties"]
    assert incident["detected_at"]["format"] == "date-time"
    assert {"type": "null"} in incident["unit"]["anyOf"]
    assert incident["systems"]["anyOf"][0]["items"]["maxLength"] == 64


def test_every_field_of_every_kind_is_described_in_both_languages():
    for model in KINDS:
        if model.about.name in NO_FORM:
            continue
        told = SCHEMAS[f"{camel(model.about.name)}Values"]["properties"]
        for name, field in model.kind_fields().items():
            if name != "evidence":
                assert field.label.ja in told[name]["description"]
                assert field.label.en in told[name]["description"]


def test_every_operation_says_how_it_fails_and_who_may_come_in():
    for path, methods in TOLD["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403", "404", "422", "429", "500"} <= set(operation["responses"]), (path, method)
            assert {"Token", "Session"} == {n for s in operation["security"] for n in s}
            assert operation["summary"]
            assert not [n for n in operation if n.startswith("x-")]
    bodies = [o for m in TOLD["paths"].values() for o in m.values() if "requestBody" in o]
    assert all({"413", "415"} <= set(o["responses"]) for o in bodies)


def test_filters_are_parameters():
    parameters = {p["name"]: p for p in TOLD["paths"]["/api/records/unit"]["get"]["parameters"]}
    assert {"q", "page", "page_size", "sort", "fields", "known_at", "function", "since_on__gte"} <= set(
        parameters
    )
    assert "notes" not in parameters
    assert parameters["page_size"]["schema"]["maximum"] == 200
    assert "-" in parameters["function"]["schema"]["items"]["enum"]


def test_it_is_told_to_those_who_may_come_in_and_once(cast: Any):
    caller = token_of(cast.nishi)
    answer = caller.get("openapi.json")
    assert answer.json == TOLD
    assert caller.get("openapi.json", If_None_Match=answer.etag).status == 304
    assert Caller().get("openapi.json").code == "not_signed_in"
    assert Caller("sk_nonsense").get("openapi.json").code == "bad_token"


def test_the_page_leads_to_sign_in_or_is_shown(cast: Any):
    stranger = Caller().get("docs")
    assert stranger.status == 302
    assert stranger.headers["Location"].endswith("?next=/api/docs")
    assert Caller("sk_nonsense").get("docs").code == "bad_token"
    page = cast.nishi.client.get("/api/docs")
    assert page.status_code == 200
    html = page.content.decode()
    assert '<html lang="ja">' in html
    assert "//cdn" not in html
    assert "https://" not in html


def test_the_page_carries_the_token_that_a_write_from_it_takes(cast: Any):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.sakura.account)
    html = client.get("/api/docs").content.decode()
    token = html.split('data-csrf-token="')[1].split('"')[0]
    body = {"values": {"name": "新部署", "function": "other", "since_on": "2026-01-01"}}
    caller = Caller(client=client)
    assert caller.post("records/unit", body).code == "csrf"
    assert caller.post("records/unit", body, X_CSRFToken=token).status == 201


@pytest.mark.slow
def test_the_page_works_under_the_strict_policy_with_local_files(
    live_server: Any, page: Any, transactional_db: None
):
    from django.conf import settings

    from tests.cast import write_cast

    client = Client()
    client.force_login(write_cast().nishi.account)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/api/docs")
    page.wait_for_selector(".opblock-tag-section", timeout=60_000)
    assert page.locator(".info .title").inner_text().startswith("Sekisho API")
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert [text for text in said if "Content Security Policy" in text] == []
