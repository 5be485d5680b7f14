"""A reliability diagram as SVG: what was said against what came true, a dot for each tenth of the probability. Pure."""

from collections.abc import Sequence

from bench.evaluate.tables import Table

SIZE, EDGE = 320, 36
_INSIDE = SIZE - 2 * EDGE


def reliability_of(table: Table) -> str:
    """Return the diagram of a table whose rows are (tenth, pairs, mean said, share true)."""
    return reliability_svg(
        [(float(str(said)), float(str(true)), int(str(pairs))) for _, pairs, said, true in table.rows]
    )


def reliability_svg(points: Sequence[tuple[float, float, int]]) -> str:
    """Return the diagram of (mean said, share true, pairs); the line is where both are the same."""
    marks = "".join(
        f'<circle cx="{_x(said):.1f}" cy="{_y(true):.1f}" r="4" fill="#1f5f8b">'
        f"<title>said {said:.2f}, true {true:.2f}, "
        f"{pairs} pairs</title></circle>"
        for said, true, pairs in points
    )
    ticks = "".join(
        f'<text x="{_x(tenth / 10):.1f}" y="{SIZE - EDGE + 16}" text-anchor="middle">{tenth / 10:g}</text>'
        f'<text x="{EDGE - 6}" y="{_y(tenth / 10) + 4:.1f}" text-anchor="end">{tenth / 10:g}</text>'
        for tenth in range(0, 11, 2)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" font-family="sans-serif" font-size="11">'
        f'<rect width="{SIZE}" height="{SIZE}" fill="white"/>'
        f'<rect x="{EDGE}" y="{EDGE}" width="{_INSIDE}" height="{_INSIDE}" fill="none" stroke="#999"/>'
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4 4"/>'
        f"{ticks}{marks}"
        f'<text x="{SIZE / 2}" y="{SIZE - 4}" text-anchor="middle">probability said</text>'
        f'<text x="{SIZE / 2}" y="20" text-anchor="middle">share that came true</text></svg>\n'
    )


def _x(share: float) -> float:
    return EDGE + share * _INSIDE


def _y(share: float) -> float:
    return SIZE - EDGE - share * _INSIDE
