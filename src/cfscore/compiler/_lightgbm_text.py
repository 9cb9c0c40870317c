"""LightGBM's model text, read and audited without LightGBM.

LightGBM's own reader trusts its input: damaged text crashes the process, hangs it or
loads as another model. This one checks everything that a prediction depends on before
anything is built, in time proportional to the text. Formats v3 and v4 are read, with
the rules of LightGBM 4 at every node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cfscore.compiler._lightgbm_forest import FIRST_KEY, read_trees
from cfscore.compiler._lightgbm_grammar import Place
from cfscore.compiler._lightgbm_header import IDENTITY_OBJECTIVES, read_header
from cfscore.compiler._lightgbm_tail import Category, read_tail
from cfscore.plan import Trees

__all__ = ["MAX_TEXT_BYTES", "LightGBMText", "read_lightgbm_text"]

#: Size of the largest text that is read; a thousand trees of 63 leaves have 8 MB.
MAX_TEXT_BYTES: Final = 256 << 20

_WHOLE: Final = Place("whole text", "TEXT")
_FIRST_LINE: Final = "tree\n"
_END: Final = "\nend of trees\n"


@dataclass(frozen=True, eq=False)
class LightGBMText:
    """A LightGBM model as its text describes it.

    Parameters
    ----------
    version : {"v3", "v4"}
        Format of the text.
    feature_names : tuple of str
        As LightGBM writes them, ``_`` for a space.
    feature_infos : tuple of str
        What training saw of each feature: ``[min:max]``, ``none`` for a constant, or
        the codes of a categorical feature with ``:`` between them.
    objective : str
        Name of the objective.
    sigmoid : float
        Factor of the raw score in the log-odds; 1 where the objective has none.
    averages : bool
        Whether predictions are divided by the number of trees (random forests).
    monotone_constraints : tuple of int or None
        -1, 0 or 1 per feature.
    trees : Trees
        All trees.
    parameters : mapping of str to str
        Training parameters, for people; empty where the text has none.
    pandas_categorical : tuple of tuple, or None
        Categories of the training frame's category columns, in column order.
    """

    version: str
    feature_names: tuple[str, ...]
    feature_infos: tuple[str, ...]
    objective: str
    sigmoid: float
    averages: bool
    monotone_constraints: tuple[int, ...] | None
    trees: Trees
    parameters: Mapping[str, str]
    pandas_categorical: tuple[tuple[Category, ...], ...] | None

    @property
    def n_features(self) -> int:
        """Number of features, used or not."""
        return len(self.feature_names)

    @property
    def predicts_log_odds(self) -> bool:
        """Whether sigmoid times raw score is a log-odds, not a regression's value."""
        return self.objective not in IDENTITY_OBJECTIVES

    @property
    def declared_categorical(self) -> frozenset[int] | None:
        """Features that training was told are categorical; None where not recorded."""
        text = self.parameters.get("categorical_feature")
        if text is None:
            return None
        indices = text.split(",") if text else []
        if not all(index.isdecimal() and len(index) < 10 for index in indices):
            return None
        return frozenset(map(int, indices))


def read_lightgbm_text(text: str | bytes) -> LightGBMText:
    """Read a model text as ``Booster.save_model`` and ``model_to_string`` write it.

    Parameters
    ----------
    text : str or bytes
        The whole text; bytes are UTF-8. Read files as bytes, so that changed line
        ends are seen.

    Returns
    -------
    LightGBMText
        With proper trees and finite numbers only.

    Raises
    ------
    CompileError
        Code ``TOO_LARGE``, ``TEXT`` (bytes that LightGBM never writes, or text that is
        cut), ``HEADER``, ``TREE`` or ``TAIL`` for a damaged section; ``VERSION``,
        ``OBJECTIVE``, ``MULTICLASS`` or ``LINEAR_TREE`` for a model that cannot be
        compiled.
    """
    head, body, tail = _sections(_checked_text(text))
    header = read_header(head)
    trees = read_trees(body, header.tree_sizes, len(header.feature_names))
    ending = read_tail(tail, header.feature_names)
    return LightGBMText(
        version=header.version,
        feature_names=header.feature_names,
        feature_infos=header.feature_infos,
        objective=header.objective,
        sigmoid=header.sigmoid,
        averages=header.averages,
        monotone_constraints=header.monotone_constraints,
        trees=trees,
        parameters=ending.parameters,
        pandas_categorical=ending.pandas_categorical,
    )


def _checked_text(text: str | bytes) -> str:
    """Return the text, found to be of bounded size and without foreign bytes."""
    if len(text) > MAX_TEXT_BYTES:
        fault = f"{len(text)} characters or bytes; at most {MAX_TEXT_BYTES} are read"
        _WHOLE.refuse(fault, code="TOO_LARGE")
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        else:
            text.encode("utf-8")
    except UnicodeError:
        _WHOLE.refuse("it is not UTF-8")
    if "\r" in text or "\0" in text:
        hint = "Copy the file in binary mode, without changing line ends."
        _WHOLE.refuse("it holds carriage returns or NUL characters", hint=hint)
    return text


def _sections(text: str) -> tuple[str, str, str]:
    """Return header, trees and what follows them."""
    if not text.startswith(_FIRST_LINE):
        hint = "Expected what Booster.save_model or model_to_string writes."
        _WHOLE.refuse("the first line is not 'tree'", hint=hint)
    start = text.find("\n\n" + FIRST_KEY)
    stop = text.find(_END, start)
    if start < 0 or stop < 0:
        fault = "no trees" if start < 0 else "'end of trees' is missing"
        _WHOLE.refuse(fault, hint="The text may have been cut.")
    head = text[len(_FIRST_LINE) : start]
    return head, text[start + 2 : stop], text[stop + len(_END) :]
