import json
from pathlib import Path

from monitor.watchlist.schema import editor_schema


def test_the_editors_schema_is_current() -> None:
    current = (Path(__file__).parents[3] / "schemas" / "watchlist.schema.json").read_text("utf-8")
    assert current == editor_schema(), "run: python -m monitor.watchlist.schema > schemas/watchlist.schema.json"


def test_the_schema_knows_both_forms_of_a_name_and_the_claims_not() -> None:
    schema = json.loads(editor_schema())
    (name,) = schema["properties"]["names"]["patternProperties"].values()
    assert [form.get("type", form.get("$ref")) for form in name["anyOf"]] == ["array", "#/$defs/Name"]
    assert {"not", "notify"} <= schema["$defs"]["ClaimEntry"]["properties"].keys()
