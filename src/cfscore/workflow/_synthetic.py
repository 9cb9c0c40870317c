"""Synthetic book's own files: example configs, features of persons, reasons."""

from __future__ import annotations

from pathlib import Path

from cfscore.plan import ReasonCatalogue, read_catalogue

__all__ = [
    "example_config_text",
    "person_features_text",
    "raw_catalogue_text",
    "raw_config_text",
    "synthetic_catalogue",
    "synthetic_catalogue_text",
]

_FOLDER = Path(__file__).parent
_UNUSED_CATALOGUE = '# catalogue = "reasons.toml"'
_UNUSED_FEATURES = '# "person.toml",'


def example_config_text(*, with_catalogue: bool = False) -> str:
    """Return a commented config that fits the flat synthetic table.

    Parameters
    ----------
    with_catalogue : bool, default False
        Whether it names a reason catalogue ``reasons.toml`` beside it.

    Examples
    --------
    >>> example_config_text().splitlines()[0]
    '# A whole development in one file:   cfscore train -c run.toml'
    """
    text = _read("example_run.toml")
    return _used(text, _UNUSED_CATALOGUE) if with_catalogue else text


def raw_config_text(*, with_files: bool = False) -> str:
    """Return a commented config that fits the raw synthetic loan book.

    Parameters
    ----------
    with_files : bool, default False
        Whether it names a reason catalogue ``reasons.toml`` and the features
        ``person.toml`` beside it.

    Examples
    --------
    >>> raw_config_text().splitlines()[0]
    '# From raw tables to models in one file:   cfscore train -c run.toml'
    """
    text = _read("example_raw_run.toml")
    if not with_files:
        return text
    return _used(_used(text, _UNUSED_CATALOGUE), _UNUSED_FEATURES)


def synthetic_catalogue_text() -> str:
    """Return the reason catalogue of the flat synthetic table as TOML."""
    return _read("synthetic_reasons.toml")


def raw_catalogue_text() -> str:
    """Return the reason catalogue of the raw synthetic loan book as TOML."""
    return _read("raw_reasons.toml")


def person_features_text() -> str:
    """Return the features of the customers of the raw loan book as TOML."""
    return _read("person_features.toml")


def synthetic_catalogue() -> ReasonCatalogue:
    """Return the reason catalogue of the flat synthetic table.

    Examples
    --------
    >>> synthetic_catalogue().reasons[0].text("zh")
    '历史逾期记录'
    """
    return read_catalogue(_FOLDER / "synthetic_reasons.toml")


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _used(text: str, line: str) -> str:
    """Return a text with a commented line put to use."""
    assert line in text
    return text.replace(line, line.removeprefix("# "))
