"""HTML: a fitted card's points table below scikit-learn's diagram."""

from __future__ import annotations

from html import escape

from cfscore.plan import Attribute, Characteristic, PointsStage

__all__ = ["points_html"]

_STYLE = (
    "<style>.cfscore-points{border-collapse:collapse;font-size:.85em;margin-top:.6em}"
    ".cfscore-points td,.cfscore-points th{padding:.1em .6em;text-align:right;"
    "border-bottom:1px solid #8884}.cfscore-points .text{text-align:left}</style>"
)
_HEAD = (
    "<thead><tr><th class='text'>characteristic</th><th class='text'>attribute</th>"
    "<th>count</th><th>bad rate</th><th>WOE</th><th>points</th>"
    "<th class='text'>policy</th></tr></thead>"
)


def points_html(points: PointsStage) -> str:
    """Return the points table as one HTML fragment without outside resources.

    Parameters
    ----------
    points : PointsStage
        The card.

    Returns
    -------
    str
        Names and labels are escaped.
    """
    rows = "".join(map(_characteristic_rows, points.characteristics))
    n = len(points.characteristics)
    caption = f"<caption>Points table: {n} characteristic(s)</caption>"
    body = f"{caption}{_HEAD}<tbody>{rows}</tbody>"
    return f"{_STYLE}<table class='cfscore-points'>{body}</table>"


def _characteristic_rows(characteristic: Characteristic) -> str:
    attributes = characteristic.attributes
    name = escape(characteristic.name)
    first = f"<th class='text' rowspan='{len(attributes)}'>{name}</th>"
    heads = [first, *([""] * (len(attributes) - 1))]
    return "".join(
        f"<tr>{head}{_cells(attribute)}</tr>"
        for head, attribute in zip(heads, attributes, strict=True)
    )


def _cells(attribute: Attribute) -> str:
    rate = "" if attribute.bad_rate is None else f"{attribute.bad_rate:.2%}"
    points = "refused" if attribute.policy == "error" else f"{attribute.points:.1f}"
    return (
        f"<td class='text'>{escape(attribute.label)}</td><td>{attribute.count:,}</td>"
        f"<td>{rate}</td><td>{attribute.woe:.3f}</td><td>{points}</td>"
        f"<td class='text'>{escape(attribute.policy)}</td>"
    )
