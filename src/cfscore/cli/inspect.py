"""``cfscore inspect``: what is in a plan, for a person or as JSON."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from cfscore.cli._command_parser import CommandParser
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._plan_summary import summarize_plan
from cfscore.cli._streams import write_json
from cfscore.cli._terminal import show_heading, show_line, show_pairs, show_table
from cfscore.exceptions import UsageError
from cfscore.explain import TABLE_BYTES, estimate_tables
from cfscore.plan import ScoringPlan, special_label
from cfscore.scoring import load_plan

__all__ = ["build_parser", "points_rows", "run"]

Summary = dict[str, Any]
_COLUMNS = {"forest": "features", "scorecard": "characteristics"}
POINTS_COLUMNS = (
    "characteristic",
    "attribute",
    "count>",
    "bad rate>",
    "WOE>",
    "points>",
    "policy",
)


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore inspect``."""
    parser = CommandParser("inspect", "Show what is in a plan, after checking it.")
    parser.add_argument("plan", help="a .cfs file")
    parser.add_hash_flag()
    parser.add_argument(
        "--json", action="store_true", help="one line of JSON on stdout"
    )
    return parser


def run(arguments: Namespace) -> int:
    """Load the plan and show it."""
    plan = load_plan(arguments.plan, expect_sha256=arguments.expect_sha256)
    summary = summarize_plan(plan)
    if plan.is_forest:
        summary["forest"]["explanation_tables"] = _explanation_tables(plan)
    if arguments.json:
        write_json(summary)
        return ExitCode.DONE
    _show_identity(summary)
    _show_inputs(summary)
    if summary["family"] == "forest":
        _show_forest(summary)
    else:
        show_heading("Points")
        show_table(POINTS_COLUMNS, points_rows(summary))
    _show_reasons(summary)
    _show_development(summary)
    return ExitCode.DONE


def _show_identity(summary: Summary) -> None:
    provenance, scale = summary["provenance"], summary["scale"]
    show_heading(summary["name"])
    versions = ", ".join(f"{n} {v}" for n, v in provenance["versions"].items())
    show_pairs(
        [
            ("sha256", summary["sha256"]),
            ("protocol", str(summary["protocol"])),
            ("source", provenance["source"]),
            ("verified", "yes" if provenance["verified"] else "no: unverified"),
            ("training data", provenance["training_fingerprint"] or "unknown"),
            ("compiled with", versions),
            ("golden rows", f"{summary['golden_rows']} reproduced on this machine"),
            *(("note", note) for note in provenance["notes"]),
            (
                "scale",
                f"{scale['base_score']:g} points at odds {scale['base_odds']:g}:1 "
                f"(good:bad), {scale['pdo']:g} points double them, "
                f"rounding {scale['rounding']!r}",
            ),
            *_intercept(summary),
            ("base value", f"{summary['base_value']:.6f} log-odds at the reference"),
        ]
    )


def _intercept(summary: Summary) -> list[tuple[str, str]]:
    if summary["family"] == "forest":
        return []
    return [("intercept", f"{summary['intercept']:.6f} log-odds of bad")]


def _show_forest(summary: Summary) -> None:
    forest, calibration = summary["forest"], summary["calibration"]
    show_heading("Forest")
    averaged = ", averaged" if forest["averages"] else ""
    show_pairs(
        [
            ("trees", f"{forest['trees']:,}{averaged}"),
            ("leaves", f"{forest['leaves']:,}, at most {forest['most_leaves']} a tree"),
            ("sigmoid", f"{forest['sigmoid']:g}"),
            ("event", f"1 = {forest['event']} in training"),
            ("calibration", calibration["kind"] if calibration else "none"),
            ("explanations", _table_text(forest["explanation_tables"])),
        ]
    )
    show_table(
        ("feature", "splits>", "categories or special codes"),
        [
            (f["name"], f"{f['splits']:,}", ", ".join(_listed(f)) or "-")
            for f in sorted(summary["features"], key=lambda f: -f["splits"])
        ],
    )


def _explanation_tables(plan: ScoringPlan) -> dict[str, int] | None:
    """Return what explanations will take; None for trees that cannot be explained."""
    try:
        return {**vars(estimate_tables(plan)), "most_bytes": TABLE_BYTES}
    except UsageError:
        return None


def _table_text(tables: dict[str, int] | None) -> str:
    if tables is None:
        return "none: its trees do not tell how many training cases took which branch"
    plain = tables["n_plain_leaves"]
    return (
        f"{tables['n_bytes'] / 1e6:,.1f} MB of tables, at most "
        f"{tables['most_bytes'] / 1e6:,.0f} MB; {plain:,} leaves are summed one by one"
    )


def _listed(feature: dict[str, Any]) -> list[str]:
    """Return a feature's categories, or the labels of its special codes."""
    return feature["categories"] or list(map(special_label, feature["special_codes"]))


def _show_inputs(summary: Summary) -> None:
    show_heading("Input columns and policies")
    show_table(
        ("column", "kind", "missing", "special", "unseen", "infinite"),
        [
            (c["name"], c["kind"], *_policies(c["policies"]))
            for c in summary[_COLUMNS[summary["family"]]]
        ],
    )


def _policies(policies: dict[str, str | None]) -> list[str]:
    names = ("missing", "special", "unseen", "non_finite")
    return [policies[name] or "-" for name in names]


def points_rows(summary: Summary) -> list[tuple[str, ...]]:
    """Return the rows of the points table as text, for ``POINTS_COLUMNS``."""
    return [
        (
            c["name"] if i == 0 else "",
            a["label"],
            f"{a['count']:,}",
            "" if a["bad_rate"] is None else f"{a['bad_rate']:.2%}",
            f"{a['woe']:+.3f}",
            f"{a['points']:.6g}",
            a["policy"],
        )
        for c in summary["characteristics"]
        for i, a in enumerate(c["attributes"])
    ]


def _show_reasons(summary: Summary) -> None:
    reasons = summary["reasons"]
    show_heading("Reasons, in order of priority")
    show_table(
        ("code", "English", "中文", "characteristics", "actionable"),
        [
            (
                reason["code"],
                reason["en"],
                reason["zh"],
                ", ".join(reason["features"]) or "-",
                "yes" if reason["actionable"] else "no",
            )
            for reason in reasons["reasons"]
        ],
    )
    reference = reasons["reference"]
    if isinstance(reference, dict):
        reference = (
            f"mean of scores in [{reference['score']:g}, +{reference['width']:g})"
        )
    pairs = [("shortfall against", str(reference))]
    if reasons["minimum_points"]:
        pairs.append(("smallest cited", f"{reasons['minimum_points']:g} points"))
    pairs.append(("inquiries rule", reasons["inquiries"] or "none"))
    directions = [f"{name} {which}" for name, which in reasons["directions"].items()]
    pairs.append(("stated as adverse", ", ".join(directions) or "no direction"))
    pairs.append(("never cited", ", ".join(reasons["not_cited"]) or "none"))
    pairs.extend(_rule(rule) for rule in reasons["special_rules"])
    show_line()
    show_pairs(pairs)


def _rule(rule: dict[str, str | None]) -> tuple[str, str]:
    where = rule["feature"] or "every characteristic"
    return f"{rule['attribute']}", f"{rule['code'] or 'not cited'}, {where}"


def _show_development(summary: Summary) -> None:
    show_heading("Development sample, aggregated")
    found = summary["development"]
    if found is None:
        show_line("The plan holds no aggregates.")
        return
    rate = found["bad_rate"]
    rate_text = "unknown" if rate is None else f"{rate:.2%}"
    show_pairs([("rows", f"{found['n_rows']:,}"), ("bad rate", rate_text)])
    if found["score_counts"]:
        show_table(
            ("score", "rows>", "share>"), _distribution(found), "Score distribution"
        )


def _distribution(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    counts = found["score_counts"]
    bounds = ["-inf", *(f"{edge:.6g}" for edge in found["score_edges"]), "inf"]
    total = max(sum(counts), 1)
    return [
        (f"[{low}, {high})", f"{count:,}", f"{count / total:.1%}")
        for low, high, count in zip(bounds, bounds[1:], counts, strict=False)
    ]
