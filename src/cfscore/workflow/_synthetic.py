"""Synthetic book's own files: an example config and a bilingual reason catalogue."""

from __future__ import annotations

from pathlib import Path

from cfscore.plan import ReasonCatalogue, read_catalogue

__all__ = [
    "example_config_text",
    "synthetic_catalogue",
    "synthetic_catalogue_text",
]

_FOLDER = Path(__file__).parent
_UNUSED_CATALOGUE = '# catalogue = "reasons.toml"'


def example_config_text(*, with_catalogue: bool = False) -> str:
    """Return a commented config that fits the synthetic loan book.

    Parameters
    ----------
    with_catalogue : bool, default False
        Whether it names a reason catalogue ``reasons.toml`` beside it.

    Examples
    --------
    >>> example_config_text().splitlines()[0]
    '# A whole development in one file:   cfscore train -c run.toml'
    """
    text = (_FOLDER / "example_run.toml").read_text(encoding="utf-8")
    assert _UNUSED_CATALOGUE in text
    used = _UNUSED_CATALOGUE.removeprefix("# ")
    return text.replace(_UNUSED_CATALOGUE, used) if with_catalogue else text


def synthetic_catalogue_text() -> str:
    """Return the reason catalogue of the synthetic loan book as TOML."""
    return (_FOLDER / "synthetic_reasons.toml").read_text(encoding="utf-8")


def synthetic_catalogue() -> ReasonCatalogue:
    """Return the reason catalogue of the synthetic loan book.

    Examples
    --------
    >>> synthetic_catalogue().reasons[0].text("zh")
    '历史逾期记录'
    """
    return read_catalogue(_FOLDER / "synthetic_reasons.toml")
