import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from monitor.watchlist.schema import editor_schema

FOLDER = Path(__file__).parent
SHIPPED = sorted((FOLDER.parents[2] / "watchlists").rglob("*.yaml"))


def _as_an_editor_reads(text: str) -> Any:
    """Return the document with the types that an editor gives its values: a bare day is text in YAML 1.2's core."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))


def _complaints(text: str) -> list[str]:
    schema = json.loads(editor_schema())
    Draft202012Validator.check_schema(schema)
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(_as_an_editor_reads(text))]


@pytest.mark.parametrize("file", [FOLDER / "harbour-shelters.yaml", *SHIPPED], ids=lambda file: file.name)
def test_an_editor_finds_no_fault_in_a_good_document(file: Path) -> None:
    assert _complaints(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("notify: alert", "notfy: alert", "$.claims[1]"),
        ("notify: alert", "notify: daily", "$.claims[1].notify"),
        ("id: unpaid", "id: Un_paid", "$.claims[1].id"),
        ("    said_by: The Sample\n    terms:\n      en: >-", "    terms:\n      en: >-", "$.claims[1]"),
        ("said_by: The Sample", "said_by: '  '", "$.claims[0].said_by"),
        ("      km: ជួញដូរ", "      khmer: ជួញដូរ", "$.claims[0].terms"),
        ("[Net Loft]", "[]", "$.names.finder"),
        ("gloss: harbour aid", "gloss: ''", "$.glossary.km[0].gloss"),
        ("watchlist: harbour-shelters", "watchlist: ../etc", "$.watchlist"),
    ],
)
def test_an_editor_marks_what_monitor_would_refuse(before: str, after: str, path: str) -> None:
    good = (FOLDER / "harbour-shelters.yaml").read_text("utf-8")
    assert before in good
    assert path in _complaints(good.replace(before, after, 1))


def test_the_editors_schema_is_current() -> None:
    current = (Path(__file__).parents[3] / "schemas" / "watchlist.schema.json").read_text("utf-8")
    assert current == editor_schema(), "run: python -m monitor.watchlist.schema > schemas/watchlist.schema.json"


def test_the_schema_knows_both_forms_of_a_name_and_the_claims_not() -> None:
    schema = json.loads(editor_schema())
    (name,) = schema["properties"]["names"]["patternProperties"].values()
    assert [form.get("type", form.get("$ref")) for form in name["anyOf"]] == ["array", "#/$defs/Name"]
    assert {"not", "notify"} <= schema["$defs"]["ClaimEntry"]["properties"].keys()
