"""What an evaluation prints: tables with a title, columns, rows and a remark, as text or as JSON."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.evaluate.vectors import KeptVectors

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that belong together. `notes` say how they came about and what they are worth."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: str = ""

    def as_text(self) -> str:
        """Return the table for a terminal, columns aligned."""
        lines = [self.columns, *(tuple(_shown(cell) for cell in row) for row in self.rows)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        body = "\n".join("  " + "  ".join(_padded(line, widths)).rstrip() for line in lines)
        return f"{self.title}\n{body}" + (f"\n  {self.notes}" if self.notes else "")

    def as_json(self) -> dict[str, object]:
        """Return the table as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a section works with: the data folder, and an encoder whose vectors are kept on disk (None: without)."""

    data: Path
    encoder: KeptVectors | None
    is_quick: bool = False
    """Measure on a part of the data, to see whether the section runs."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the evaluation: its name on the command line, the files it needs, and what makes its tables.

    Without one of `takes` it is measured in part.
    """

    name: str
    needs: tuple[str, ...]
    measure: Callable[[Tools], Iterable[Table]]
    takes: tuple[str, ...] = ()

    def missing(self, data: Path) -> list[str]:
        """Return the files that the folder lacks."""
        return [name for name in self.needs if not (data / name).exists()]

    def lacking(self, data: Path) -> list[str]:
        """Return the files that it would take and that the folder lacks."""
        return [name for name in self.takes if not (data / name).exists()]


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def _padded(line: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    yield line[0].ljust(widths[0])
    yield from (cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
