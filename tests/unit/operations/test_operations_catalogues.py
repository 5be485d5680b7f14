"""Lists of sources in and out, over a real archive."""

from pathlib import Path

import pytest

from monitor.errors import ConfigurationError, UsageError
from monitor.model.archiving import SourceSpec
from monitor.operations.catalogues import export_sources, import_sources
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.sources import all_sources
from monitor.settings import load_settings
from monitor.sources.catalogue import sample_source
from monitor.store.catalogue import add_sources
from tests.unit.store.archives import NOW

SPECS = (
    SourceSpec("https://gazette.example/feed.xml", "The Gazette", language="en", note="A note.", tags=("press",)),
    SourceSpec("https://office.example/", "Harbour office", kind="watch", interval_seconds=7200, proxy_url="direct"),
    SourceSpec("https://front.example/", "Front", kind="page", links="h2 a", is_enabled=False, only="pier"),
    SourceSpec("https://t.me/s/gazette", "ក្រុមការងារ", kind="channel", language="km"),
    SourceSpec("https://scripts.example/", "Scripts: a 'page'", kind="page", needs_browser=True),
)


def new_monitor(folder: Path) -> Monitor:
    settings = load_settings({"MONITOR_DATA_DIR": str(folder / "var")})[0]
    return open_monitor(settings, now=lambda: NOW)


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    opened = new_monitor(tmp_path / "one")
    add_sources(opened.archive, [*SPECS, sample_source()], NOW)
    return opened


def specs_of(monitor: Monitor) -> list[SourceSpec]:
    return [source.spec for source in all_sources(monitor)]


def test_every_kind_comes_back_from_yaml_as_it_went_out_and_the_sample_stays_at_home(
    monitor: Monitor, tmp_path: Path
) -> None:
    assert export_sources(monitor, tmp_path / "out.yaml") == len(SPECS)
    other = new_monitor(tmp_path / "two")
    done = import_sources(other, tmp_path / "out.yaml")
    assert (done.named, done.new, done.refused) == (len(SPECS), len(SPECS), ())
    assert specs_of(other) == list(SPECS)


def test_feeds_come_back_from_opml_with_title_and_address(monitor: Monitor, tmp_path: Path) -> None:
    export_sources(monitor, tmp_path / "out.opml")
    other = new_monitor(tmp_path / "two")
    import_sources(other, tmp_path / "out.opml")
    assert ("The Gazette", SPECS[0].url) in {(spec.title, spec.url) for spec in specs_of(other)}
    assert sample_source().url not in {spec.url for spec in specs_of(other)}


def test_an_import_leaves_what_is_there_as_it_is(monitor: Monitor, tmp_path: Path) -> None:
    (tmp_path / "in.yaml").write_text(
        "sources:\n  - {title: Other name, url: 'https://gazette.example/feed.xml'}\n", encoding="utf-8"
    )
    done = import_sources(monitor, tmp_path / "in.yaml", ("new",))
    assert (done.named, done.new) == (1, 0)
    assert specs_of(monitor)[0] == SPECS[0]


def test_tags_of_the_command_join_those_of_the_list_each_once(tmp_path: Path) -> None:
    monitor = new_monitor(tmp_path)
    (tmp_path / "in.yaml").write_text(
        "sources:\n  - {title: A, url: 'https://a.example/', tags: [press, ngo]}\n", encoding="utf-8"
    )
    import_sources(monitor, tmp_path / "in.yaml", ("ngo", "new"))
    assert specs_of(monitor)[0].tags == ("press", "ngo", "new")


def test_many_sources_are_not_all_due_at_the_same_moment(tmp_path: Path) -> None:
    monitor = new_monitor(tmp_path)
    rows = "".join(f"  - {{title: S{n}, url: 'https://s{n}.example/'}}\n" for n in range(120))
    (tmp_path / "in.yaml").write_text(f"sources:\n{rows}", encoding="utf-8")
    assert import_sources(monitor, tmp_path / "in.yaml").new == 120
    assert len({source.next_poll_at for source in all_sources(monitor)}) > 100


def test_a_row_whose_query_can_not_be_read_is_named_and_the_others_come_in(tmp_path: Path) -> None:
    monitor = new_monitor(tmp_path)
    rows = (
        "  - {title: Bad, url: 'https://bad.example/', only: '(pier'}\n  - {title: Good, url: 'https://g.example/'}\n"
    )
    (tmp_path / "in.yaml").write_text(f"sources:\n{rows}", encoding="utf-8")
    done = import_sources(monitor, tmp_path / "in.yaml")
    assert done.new == 1
    assert len(done.refused) == 1
    assert done.refused[0].startswith("Bad: ")


@pytest.mark.parametrize("name", ["in.yaml", "in.opml", "in.xml", "in"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"<html></html>", b"- just\n- a list\n"])
def test_a_file_that_is_no_list_is_refused_and_adds_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    monitor = new_monitor(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises((ConfigurationError, UsageError)):
        import_sources(monitor, tmp_path / name)
    assert specs_of(monitor) == []


def test_a_file_that_can_not_be_read_or_written_is_named(monitor: Monitor, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yaml can't be read"):
        import_sources(monitor, tmp_path / "nowhere.yaml")
    with pytest.raises(UsageError, match="can't be written"):
        export_sources(monitor, tmp_path)


def test_what_is_known_and_what_is_refused_are_counted_apart(monitor: Monitor, tmp_path: Path) -> None:
    rows = "".join(f'<outline type="rss" text="x" xmlUrl="{url}"/>' for url in (SPECS[0].url, "javascript:alert(1)"))
    (tmp_path / "in.opml").write_text(f'<opml version="2.0"><body>{rows}</body></opml>', encoding="utf-8")
    done = import_sources(monitor, tmp_path / "in.opml")
    assert (done.named, done.new, len(done.refused)) == (2, 0, 1)
