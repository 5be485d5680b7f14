"""Words are proposed for a claim from what was judged of its hits, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.operations.judging import judge_hit
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.proposing import propose_for
from monitor.settings import load_settings
from tests.unit.operations.judged import fill
from tests.unit.store.archives import NOW

TEXTS = (
    *(("Raid", f"After raid {number} the women were taken to a locked shelter to sew.") for number in range(4)),
    *(("Play", f"In play {number} a raid is shown, and the actors sew costumes on the stage.") for number in range(4)),
    *(("Market", f"The market of town {number} opens early.") for number in range(8)),
)


@pytest.fixture
def monitor(archive_url: str, tmp_path: Path) -> Iterator[Monitor]:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_DATABASE_URL": archive_url})[0]
    opened = open_monitor(settings, now=lambda: NOW + timedelta(days=1))
    fill(opened, TEXTS)
    yield opened
    opened.archive.close()


def test_what_was_judged_gives_additions_and_exclusions(monitor: Monitor) -> None:
    assert propose_for(monitor, "sewing").proposals == ()
    for hit_id in range(1, 9):
        judge_hit(monitor, hit_id, "relevant" if hit_id <= 4 else "not-relevant")
    found = propose_for(monitor, "sewing")
    assert (found.relevant, found.rejected, found.others) == (4, 4, 8)
    words = {
        kind: {word for one in found.proposals if one.kind == kind for word in one.term.split()}
        for kind in ("addition", "exclusion")
    }
    assert words["addition"] & {"locked", "shelter"}
    assert words["exclusion"] & {"actors", "costumes", "stage", "shown", "play"}
    assert not {"raid", "sew"} & (words["addition"] | words["exclusion"])
