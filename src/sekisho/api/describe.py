"""The description of the API: ninja's, with each kind's own operations, and errors as problems."""

from __future__ import annotations

import copy
import hashlib
from functools import lru_cache
from typing import Any

from ninja import NinjaAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sekisho.api import kind_shapes as shapes
from sekisho.api.problems import MEDIA_TYPE, TITLES
from sekisho.api.shapes import Problem
from sekisho.api.tell import encoded
from sekisho.records.contents import DOMAINS, KINDS
from sekisho.records.record import Record

REF = "#/components/schemas/{model}"
ALWAYS = (400, 401, 403, 404, 405, 422, 429, 500, 503)
NO_FORM = ("approval",)  # kinds that no request writes as such
WRITES = ("create", "replace", "change", "remove")
IF_MATCH = {
    "in": "header", "name": "If-Match", "required": True,
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    "description": "変更する版の ETag / The ETag of the version that you change", "example": '"1"',
}  # fmt: skip
PUT_MATCH = IF_MATCH | {
    "required": False,
    "description": "変更する版の ETag。新規作成は If-None-Match: * / "
    "The version that you change; to create: If-None-Match: *",
}
IF_NONE_MATCH = {
    "in": "header", "name": "If-None-Match", "required": False, "schema": {"type": "string"},
    "description": "前に受け取った ETag。変わっていなければ 304 / The ETag that you have: 304 if it is still so",
}  # fmt: skip
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "版 / The version"}}


def documented(
    *problems: int, each_kind: str = "", parameters: tuple[dict[str, Any], ...] = (), **more: Any
) -> dict[str, Any]:
    """What ninja is told beside: the problems of an operation (the usual ones go without saying), and whether it is
    one of each kind's: list, create, read, replace, change, remove or history."""
    extra: dict[str, Any] = {"x-problems": list(problems), "parameters": list(parameters), **more}
    return extra | ({"x-each-kind": each_kind} if each_kind else {})


class Described(NinjaAPI):
    """ninja's API whose description is completed, once for each process."""

    def get_openapi_schema(self, **options: Any) -> Any:
        schema: dict[str, Any] = super().get_openapi_schema(**options)
        return completed(copy.deepcopy(dict(schema)))


@lru_cache(maxsize=1)
def description(api: NinjaAPI) -> tuple[bytes, str]:
    """The description's bytes, and their tag."""
    body = encoded(_texts(api.get_openapi_schema()))
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema["components"]["schemas"]
    definitions |= _definitions([Problem, *(s for m in KINDS for s in _shapes(m))])
    paths: dict[str, Any] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            what = operation.pop("x-each-kind", "")
            _with_problems(operation)
            if not what:
                _told_once(operation)
                paths.setdefault(path, {})[method] = operation
                continue
            for model in KINDS:
                if model.about.name in NO_FORM and what in WRITES:
                    continue
                own = path.replace("{kind}", model.about.name)
                paths.setdefault(own, {})[method] = _of_kind(copy.deepcopy(operation), model, what)
    schema["paths"] = dict(sorted(paths.items(), key=_in_order))
    schema["components"]["responses"] = {f"Problem{status}": _problem(status) for status in TITLES}
    _without_marks(schema)
    return schema


def _in_order(told: tuple[str, Any]) -> tuple[int, int]:
    """The kinds first, then each kind's records together, in the kinds' order; the rest as it comes."""
    names = [m.about.name for m in KINDS]
    _, _, resource, *rest = told[0].split("/")
    if resource == "records" and rest[0] in names:
        return (1, names.index(rest[0]))
    return (0 if resource == "kinds" else 2, 0)


# --- problems ---------------------------------------------------------------------------------------------------


def _with_problems(operation: dict[str, Any]) -> None:
    for status in {*ALWAYS, *operation.pop("x-problems", [])}:
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
    for status, response in operation["responses"].items():
        if int(status) >= 400 and (content := response.get("content")):
            response["content"] = {MEDIA_TYPE: content.pop("application/json")}


def _problem(status: int) -> dict[str, Any]:
    title = TITLES[status]
    schema = {"$ref": REF.format(model="Problem")}
    return {"description": f"{title.ja} / {title.en}", "content": {MEDIA_TYPE: {"schema": schema}}}


# --- kinds ------------------------------------------------------------------------------------------------------


def _shapes(model: type[Record]) -> list[type[BaseModel]]:
    return [
        shapes.writing_shape(model, whole=True),
        shapes.writing_shape(model, whole=False),
        shapes.record_shape(model),
        shapes.page_shape(model),
        shapes.history_shape(model),
    ]


def _definitions(models: list[type[BaseModel]]) -> dict[str, Any]:
    _, told = models_json_schema([(m, "validation") for m in models], ref_template=REF)
    found: dict[str, Any] = told["$defs"]
    return found


def _of_kind(operation: dict[str, Any], model: type[Record], what: str) -> dict[str, Any]:
    """A kind's own operation: its name, parameters, body and answers."""
    about = model.about
    domain = DOMAINS[about.domain]
    operation["operationId"] = f"{what}_{about.name}"
    operation["summary"] = f"{about.ja} / {about.en}: {operation['summary']}"
    operation["tags"] = [f"{domain.ja} / {domain.en}"]
    operation["parameters"] = [p for p in operation["parameters"] if p["name"] != "kind"] + _parameters(
        model, what
    )
    if what in ("create", "replace", "change"):
        body = shapes.writing_shape(model, whole=what != "change")
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    answers = {"list": shapes.page_shape, "history": shapes.history_shape}
    for status in (200, 201):
        if status in operation["responses"] and what != "remove":
            answer = operation["responses"][status]
            answer["content"] = {
                "application/json": {"schema": _ref(answers.get(what, shapes.record_shape)(model))}
            }
            answer["headers"] = {} if what in answers else ETAG
    return operation


def _parameters(model: type[Record], what: str) -> list[dict[str, Any]]:
    if what == "list":
        return _query(shapes.query_shape(model))
    own: dict[str, type[BaseModel]] = {
        "read": shapes.Known,
        "history": shapes.HistoryQuery,
        "remove": shapes.RemoveQuery,
    }
    return _query(own[what]) if what in own else []


def _query(shape: type[BaseModel]) -> list[dict[str, Any]]:
    told = shape.model_json_schema(ref_template=REF)
    return [
        {
            "in": "query",
            "name": name,
            "required": False,
            "schema": _bare(part),
            "description": part.get("description", ""),
        }
        for name, part in told["properties"].items()
    ]


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema: what cannot be written in a query string (null) and what is told beside it is left out."""
    found = {k: v for k, v in schema.items() if k not in ("title", "description")}
    options = [o for o in found.get("anyOf", []) if o.get("type") != "null"]
    if len(options) == 1:
        found = {k: v for k, v in found.items() if k != "anyOf"} | options[0]
    return {k: v for k, v in found.items() if not (k == "default" and v is None)}


def _ref(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=shape.__name__)}


# --- tidying ----------------------------------------------------------------------------------------------------


def _told_once(operation: dict[str, Any]) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            parameter["schema"] = _bare(parameter["schema"])


def _without_marks(part: Any) -> None:
    """Take out what only our own reading of a query needs, and discriminators of discriminators: OpenAPI has none."""
    if isinstance(part, dict):
        part.pop("x-list", None)
        mapping = part.get("discriminator", {}).get("mapping", {}) if "oneOf" in part else {}
        if any(isinstance(target, dict) for target in mapping.values()):
            part.pop("discriminator")
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _without_marks(inner)


def _texts(part: Any) -> Any:
    """The same with texts for names (ninja counts statuses as numbers)."""
    if isinstance(part, dict):
        return {str(k): _texts(v) for k, v in part.items()}
    return [_texts(v) for v in part] if isinstance(part, list | tuple) else part
