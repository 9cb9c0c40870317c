"""Draws rows a second against the number of trees from the report of ``score_forest``.

::

    python -m benchmarks.run score_forest
    python -m benchmarks._draw_growth       # writes results/score_forest.png
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

__all__ = ["draw_growth", "read_growth"]

_RESULTS = Path(__file__).parent / "results"
_HEADING = "### Thousand rows a second by number of trees"
_COLOURS = {
    "cfscore": "#b5432b",
    "LightGBM": "#2b6c8f",
    "lleaves": "#5b8c3a",
    "onnxruntime": "#9a9a9a",
}


def read_growth(report: str) -> tuple[list[int], dict[str, list[float]]]:
    """Return the numbers of trees, and thousand rows a second by contestant.

    Parameters
    ----------
    report : str
        Markdown of the report.

    Returns
    -------
    trees : list of int
        One per row of the table.
    rates : dict of str to list of float
        Contestants that were measured with every number of trees.
    """
    _, table = report.split(_HEADING, maxsplit=1)
    lines = [line for line in table.splitlines() if line.startswith("|")]
    header, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines
    ][: _table_length(table)]
    trees = [int(row[0].replace(",", "")) for row in rows]
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    return trees, {
        name: [float(cell.replace(",", "")) for cell in cells]
        for name, cells in columns.items()
        if name in _COLOURS and "-" not in cells
    }


def _table_length(text: str) -> int:
    """Return the lines of the first table of a text."""
    inside = [line.startswith("|") for line in text.splitlines()]
    first = inside.index(True)
    rest = inside[first:]
    return rest.index(False) if False in rest else len(rest)


def draw_growth(trees: list[int], rates: dict[str, list[float]], path: Path) -> None:
    """Write the picture of rows a second against trees, both axes logarithmic."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for name, values in rates.items():
        axes.plot(trees, values, "o-", color=_COLOURS[name], label=name)
    axes.set(
        title="Rows a second against the number of trees (31 leaves, 2 threads)",
        xlabel="trees",
        ylabel="thousand rows a second",
        xscale="log",
        yscale="log",
    )
    axes.set_xticks(trees, [str(n) for n in trees], minor=False)
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    """Draw the picture of the stored report."""
    report = (_RESULTS / "score_forest.md").read_text(encoding="utf-8")
    draw_growth(*read_growth(report), _RESULTS / "score_forest.png")


if __name__ == "__main__":
    main()
