"""Terminal: tables and headings, drawn where a person looks, plain text elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cfscore.cli._streams import write_data

__all__ = ["show_heading", "show_line", "show_pairs", "show_table"]

Row = Sequence[str]


def show_line(text: str = "") -> None:
    """Write one line of text to stdout."""
    write_data(text + "\n")


def show_heading(text: str) -> None:
    """Write a heading."""
    if _is_terminal():
        _draw(Panel(Text(text, style="bold"), expand=False, border_style="cyan"))
    else:
        write_data(f"\n== {text}\n")


def show_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Write names with their values, one pair a line."""
    found = list(pairs)
    width = max((cell_len(name) for name, _ in found), default=0)
    lines = (f"{name}{' ' * (width - cell_len(name))}  {text}" for name, text in found)
    write_data("".join(f"{line.rstrip()}\n" for line in lines))


def show_table(
    columns: Sequence[str], rows: Iterable[Row], title: str | None = None
) -> None:
    """Write a table.

    Parameters
    ----------
    columns : sequence of str
        Headings; one that ends in ``">"`` has its column aligned to the right.
    rows : iterable of sequence of str
        Cells, as many as headings.
    title : str, optional
        Line above.
    """
    found = [list(row) for row in rows]
    if _is_terminal():
        _draw(_rich_table(columns, found, title))
    else:
        write_data(_plain_table(columns, found, title))


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _draw(renderable: RenderableType) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(renderable)
    write_data(capture.get())


def _rich_table(
    columns: Sequence[str], rows: list[list[str]], title: str | None
) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in columns:
        is_right = name.endswith(">")
        table.add_column(
            Text(name.removesuffix(">")), justify="right" if is_right else "left"
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _plain_table(
    columns: Sequence[str], rows: list[list[str]], title: str | None
) -> str:
    names = [name.removesuffix(">") for name in columns]
    is_right = [name.endswith(">") for name in columns]
    lines = [names, *rows]
    widths = [max(cell_len(line[j]) for line in lines) for j in range(len(names))]
    rule = ["-" * width for width in widths]
    text = f"\n{title}\n" if title else ""
    for line in (names, rule, *rows):
        cells = map(_padded, line, widths, is_right)
        text += "  ".join(cells).rstrip() + "\n"
    return text


def _padded(cell: str, width: int, is_right: bool) -> str:
    """Return a cell filled up to a width counted in columns of the screen."""
    space = " " * (width - cell_len(cell))
    return space + cell if is_right else cell + space
