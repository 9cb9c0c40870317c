"""Report: what a measurement found, as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Options", "Report", "Table"]


@dataclass(frozen=True)
class Options:
    """How a measurement is to be run.

    Parameters
    ----------
    quick : bool, default False
        Small sizes and few repeats: shows that it runs, proves nothing.
    folds : int, default 25
        Folds per data set where there are folds; at most 25.
    tasks : tuple of str, default ()
        Data sets; empty means all.
    """

    quick: bool = False
    folds: int = 25
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table.

    Parameters
    ----------
    title : str
        What it shows.
    columns : tuple of str
        Headings; those after the first are right-aligned.
    rows : sequence of sequences of str
        Cells, already formatted.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]

    def to_markdown(self) -> str:
        """Return the table with its title."""
        rule = ["---"] + ["---:"] * (len(self.columns) - 1)
        lines = [f"### {self.title}", ""]
        lines += [_line(cells) for cells in (self.columns, rule, *self.rows)]
        return "\n".join(lines)


@dataclass(frozen=True)
class Report:
    """What one measurement found.

    Parameters
    ----------
    title : str
        The question.
    tables : tuple of Table
        The numbers.
    checked : tuple of str, default ()
        What was found equal before anything was timed.
    notes : tuple of str, default ()
        How the numbers came about.
    """

    title: str
    tables: tuple[Table, ...]
    checked: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def to_markdown(self, machine: str) -> str:
        """Return the whole report; ``machine`` says where and with what it was run."""
        parts = [f"# {self.title}", machine]
        if self.checked:
            parts.append(_list("Equal before anything was timed", self.checked))
        parts += [table.to_markdown() for table in self.tables]
        if self.notes:
            parts.append(_list("Notes", self.notes))
        return "\n\n".join(parts) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _list(heading: str, items: Sequence[str]) -> str:
    return "\n".join([f"{heading}:", "", *(f"- {item}" for item in items)])
