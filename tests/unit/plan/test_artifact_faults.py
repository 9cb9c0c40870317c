"""Falsified files: every hash is right, and what they say is not."""

from __future__ import annotations

import io
import json
import math
import stat
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cfscore.exceptions import ArtifactError, ArtifactTooNewError
from cfscore.plan import decode_plan
from cfscore.plan._archive import read_archive, write_archive
from tests.unit.plan.example_plan import (
    dumps,
    example_bytes,
    falsified,
    other_bytes,
    sealed,
    with_array,
    with_json,
    with_manifest,
)

Edit = Callable[[Any], object]


def error_of(data: bytes) -> ArtifactError:
    with pytest.raises(ArtifactError) as caught:
        decode_plan(data)
    return caught.value


def code_of(data: bytes) -> str:
    return error_of(data).code


def test_the_helpers_change_nothing_of_their_own() -> None:
    assert falsified(lambda members: None) == example_bytes()
    assert with_json("plan.json", lambda plan: None) == example_bytes()
    assert with_array("points.npy", lambda array: None) == example_bytes()


# --- members

ALL_MEMBERS = list(read_archive(example_bytes()))


@pytest.mark.parametrize("name", ALL_MEMBERS)
def test_a_missing_member_is_refused(name: str) -> None:
    members = read_archive(example_bytes())
    del members[name]
    assert code_of(write_archive(members)) == "MEMBERS"
    if name != "manifest.json":
        assert code_of(falsified(lambda members: members.pop(name))) == "MEMBERS"


@pytest.mark.parametrize("name", ["extra.json", "plan2.json", "golden/extra.npy"])
def test_an_extra_member_is_refused(name: str) -> None:
    def add(members: dict[str, bytes]) -> None:
        members[name] = b"{}"

    assert code_of(falsified(add)) == "MEMBERS"
    members = read_archive(example_bytes()) | {name: b"{}"}
    assert code_of(write_archive(members)) == "MEMBERS"


def test_members_in_another_order_are_refused() -> None:
    members = read_archive(example_bytes())
    assert code_of(write_archive(dict(reversed(members.items())))) == "MEMBERS"


@pytest.mark.parametrize("name", ["plan.json", "points.npy"])
def test_a_member_of_another_plan_is_refused(name: str) -> None:
    members = read_archive(example_bytes())
    members[name] = read_archive(other_bytes())[name]
    assert code_of(write_archive(members)) == "MANIFEST"


def test_a_member_of_another_plan_is_refused_with_right_hashes_too() -> None:
    def swap(members: dict[str, bytes]) -> None:
        members["points.npy"] = read_archive(other_bytes())["points.npy"]

    assert code_of(falsified(swap)) == "POINTS"


def test_the_whole_file_hash_guards_what_the_inner_ones_cannot() -> None:
    """Edited consistently it loads: only a hash known from elsewhere tells."""
    data = with_json("plan.json", lambda plan: plan.update(name="Renamed"))
    plan = decode_plan(data)
    assert plan.name == "Renamed"
    assert plan.sha256 != decode_plan(example_bytes()).sha256


def test_golden_rows_may_be_absent_as_a_whole_only() -> None:
    def drop(members: dict[str, bytes]) -> None:
        for name in [name for name in members if name.startswith("golden")]:
            del members[name]

    assert decode_plan(falsified(drop)).golden is None


def zipped_like(edit: Callable[[zipfile.ZipInfo], None], method: int = 0) -> bytes:
    """Return the example's members in a zip by the standard library."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in read_archive(example_bytes()).items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            info.compress_type = method
            edit(info)
            archive.writestr(info, data)
        archive.comment = b"0" * 64
    return sealed(buffer.getvalue())


def test_the_archive_must_be_the_canonical_one() -> None:
    def link(info: zipfile.ZipInfo) -> None:
        info.external_attr = (stat.S_IFLNK | 0o777) << 16

    def date(info: zipfile.ZipInfo) -> None:
        info.date_time = (2026, 11, 23, 0, 0, 0)

    assert zipped_like(lambda info: None) == example_bytes()
    assert code_of(zipped_like(link)) == "ARCHIVE"
    assert code_of(zipped_like(date)) == "ARCHIVE"
    assert code_of(zipped_like(lambda info: None, zipfile.ZIP_DEFLATED)) in (
        "ARCHIVE",
        "MEMBERS",
    )


# --- manifest


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda m: m.update(format="other"), "MANIFEST"),
        (lambda m: m.pop("format"), "MANIFEST"),
        (lambda m: m.pop("protocol"), "MANIFEST"),
        (lambda m: m.update(protocol=0), "MANIFEST"),
        (lambda m: m.update(protocol=-1), "MANIFEST"),
        (lambda m: m.update(protocol="1"), "MANIFEST"),
        (lambda m: m.update(protocol=1.0), "MANIFEST"),
        (lambda m: m.update(protocol=True), "MANIFEST"),
        (lambda m: m.update(approved_by="nobody"), "STRUCTURE"),
        (lambda m: m.pop("source"), "STRUCTURE"),
        (lambda m: m.update(source=1), "STRUCTURE"),
        (lambda m: m.update(verified="yes"), "STRUCTURE"),
        (lambda m: m.update(versions={"numpy": 2}), "STRUCTURE"),
        (lambda m: m.update(versions=[]), "STRUCTURE"),
        (lambda m: m.update(training_fingerprint="short"), "PROVENANCE"),
        (lambda m: m.update(training_fingerprint="A" * 64), "PROVENANCE"),
        (lambda m: m.update(readable_since="9.9.9"), "NOT_CANONICAL"),
        (lambda m: m.update(readable_since=None), "NOT_CANONICAL"),
        (lambda m: m.update(members=[]), "STRUCTURE"),
        (lambda m: m["members"].pop("plan.json"), "MANIFEST"),
        (lambda m: m["members"].update(extra={}), "MANIFEST"),
        (lambda m: m["members"]["plan.json"].update(bytes=1), "MANIFEST"),
        (lambda m: m["members"]["plan.json"].update(bytes=2**63 - 1), "MANIFEST"),
        (lambda m: m["members"]["plan.json"].update(bytes=-1), "STRUCTURE"),
        (lambda m: m["members"]["plan.json"].update(bytes=1.5), "STRUCTURE"),
        (lambda m: m["members"]["plan.json"].update(sha256="0" * 64), "MANIFEST"),
        (lambda m: m["members"]["plan.json"].update(sha256="é" * 64), "MANIFEST"),
        (lambda m: m["members"]["plan.json"].update(sha256=None), "STRUCTURE"),
        (lambda m: m["members"]["plan.json"].update(md5=""), "STRUCTURE"),
        (lambda m: m["members"].update({"plan.json": 1}), "STRUCTURE"),
    ],
)
def test_a_manifest_that_lies_is_refused(edit: Edit, code: str) -> None:
    assert code_of(with_manifest(edit)) == code


@pytest.mark.parametrize("manifest", [b"[]", b"1", b"null", b'"x"'])
def test_a_manifest_that_is_no_object_is_refused(manifest: bytes) -> None:
    members = read_archive(example_bytes()) | {"manifest.json": manifest}
    assert code_of(write_archive(members)) == "MANIFEST"


def test_a_later_protocol_is_refused_with_the_version_needed() -> None:
    def later(manifest: dict[str, Any]) -> None:
        manifest.update(protocol=6, readable_since="0.7.1", new_key=[1])

    error = error_of(with_manifest(later))
    assert isinstance(error, ArtifactTooNewError)
    assert error.code == "TOO_NEW"
    assert "protocol 6" in str(error)
    assert "cfscore 0.7.1 or later" in str(error)


@pytest.mark.parametrize("version", [None, 7, "rm -rf /", "1" * 99, ["1.0"]])
def test_a_version_that_is_none_is_not_repeated(version: object) -> None:
    error = error_of(
        with_manifest(lambda m: m.update(protocol=9, readable_since=version))
    )
    assert error.code == "TOO_NEW"
    assert "needs a later cfscore" in str(error)


def test_a_later_protocol_may_have_other_members() -> None:
    manifest = {"format": "cfscore plan", "protocol": 6, "readable_since": "1.0"}
    members = {"manifest.json": dumps(manifest), "forest/nodes.npy": b"new"}
    assert code_of(write_archive(members)) == "TOO_NEW"


# --- JSON


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b"NaN",
        b'{"name":Infinity}',
        b"[" * 1_000_000 + b"]" * 1_000_000,
        b'{"name":' + b"9" * 10_000_000 + b"}",
        rb'{"name":"\ud800"}',
        b"\xff",
        b"",
        b" {}",
    ],
)
@pytest.mark.parametrize("name", ["plan.json", "golden.json"])
def test_loose_json_is_refused(name: str, text: bytes) -> None:
    assert code_of(falsified(lambda members: members.update({name: text}))) == "JSON"


def test_pretty_json_is_refused() -> None:
    def indent(members: dict[str, bytes]) -> None:
        members["plan.json"] = json.dumps(
            json.loads(members["plan.json"]), indent=1, sort_keys=True
        ).encode()

    assert code_of(falsified(indent)) == "JSON"


# --- plan.json

AGE, CITY, OWNER = 0, 1, 2


def of(index: int, edit: Edit) -> Edit:
    """Edit one characteristic."""
    return lambda plan: edit(plan["characteristics"][index])


def row(index: int, attribute: int, **values: object) -> Edit:
    """Edit one attribute of one characteristic."""
    return of(index, lambda c: c["attributes"][attribute].update(values))


def rename(plan: dict[str, Any], index: int, name: str) -> None:
    plan["schema"][index]["name"] = plan["characteristics"][index]["name"] = name
    plan["catalogue"]["features"][name] = None


PLAN_EDITS: list[tuple[str, Edit, str]] = [
    ("unknown key", lambda p: p.update(extra=1), "STRUCTURE"),
    ("missing key", lambda p: p.pop("scale"), "STRUCTURE"),
    ("name no text", lambda p: p.update(name=None), "STRUCTURE"),
    ("notes no texts", lambda p: p.update(notes=[1]), "STRUCTURE"),
    # schema
    ("column renamed", lambda p: p["schema"][0].update(name="other"), "SCHEMA"),
    ("columns swapped", lambda p: p["schema"].reverse(), "SCHEMA"),
    ("column too few", lambda p: p["schema"].pop(), "SCHEMA"),
    ("no columns", lambda p: p.update(schema=[], characteristics=[]), "STRUCTURE"),
    ("unknown kind", lambda p: p["schema"][0].update(kind="date"), "STRUCTURE"),
    ("other kind", lambda p: p["schema"][0].update(kind="categorical"), "STRUCTURE"),
    ("boolean city", lambda p: p["schema"][CITY].update(kind="boolean"), "BINS"),
    ("same name twice", lambda p: rename(p, OWNER, "age"), "SCHEMA"),
    ("name empty", lambda p: rename(p, OWNER, ""), "SCHEMA"),
    # scale
    ("pdo 0", lambda p: p["scale"].update(pdo=0.0), "SCALE"),
    ("pdo negative", lambda p: p["scale"].update(pdo=-20.0), "SCALE"),
    ("pdo integer", lambda p: p["scale"].update(pdo=20), "STRUCTURE"),
    ("odds 0", lambda p: p["scale"].update(base_odds=0.0), "SCALE"),
    ("scale overflows", lambda p: p["scale"].update(pdo=1.7e308), "SCALE"),
    ("unknown rounding", lambda p: p["scale"].update(rounding="up"), "STRUCTURE"),
    ("points not rounded", lambda p: p["scale"].update(rounding="points"), "POINTS"),
    ("another scale", lambda p: p["scale"].update(base_score=601.0), "POINTS"),
    ("another pdo", lambda p: p["scale"].update(pdo=20.001), "POINTS"),
    # bins
    ("edge too few", of(AGE, lambda c: c["bins"].update(n_edges=1)), "BINS"),
    ("edge too many", of(AGE, lambda c: c["bins"].update(n_edges=3)), "STRUCTURE"),
    ("edges huge", of(AGE, lambda c: c["bins"].update(n_edges=2**62)), "STRUCTURE"),
    ("edges negative", of(AGE, lambda c: c["bins"].update(n_edges=-1)), "STRUCTURE"),
    ("special too few", of(AGE, lambda c: c["bins"].update(n_specials=1)), "BINS"),
    ("key twice", of(CITY, lambda c: c["bins"]["groups"][1].append("北京")), "BINS"),
    ("key blank", of(CITY, lambda c: c["bins"]["groups"][1].append(" ")), "BINS"),
    ("group empty", of(CITY, lambda c: c["bins"]["groups"][1].clear()), "BINS"),
    ("key number", of(CITY, lambda c: c["bins"]["groups"][1].append(1)), "STRUCTURE"),
    ("group too few", of(CITY, lambda c: c["bins"]["groups"].pop()), "BINS"),
    ("key special", of(CITY, lambda c: c["bins"]["specials"].append("北京")), "BINS"),
    ("boolean key", of(OWNER, lambda c: c["bins"]["groups"][0].append("1")), "BINS"),
    ("bins no object", of(AGE, lambda c: c.update(bins=[])), "STRUCTURE"),
    ("non_finite", of(AGE, lambda c: c.update(non_finite="maybe")), "STRUCTURE"),
    # attributes
    ("no missing bin", of(AGE, lambda c: c["attributes"].pop()), "BINS"),
    ("attributes reversed", of(AGE, lambda c: c["attributes"].reverse()), "BINS"),
    ("another label", row(AGE, 0, label="[0, 25)"), "LABELS"),
    ("label of keys", row(CITY, 0, label="北京"), "LABELS"),
    ("another role", row(AGE, 0, role="missing"), "BINS"),
    ("unknown role", row(AGE, 0, role="other"), "STRUCTURE"),
    ("unknown policy", row(AGE, 0, policy="model"), "STRUCTURE"),
    ("interval refused", row(AGE, 0, policy="error"), "POLICY"),
    ("special as missing", row(AGE, 3, policy="missing"), "POLICY"),
    ("neutral with points", row(AGE, 0, policy="neutral"), "POLICY"),
    ("worst with points", row(CITY, 3, policy="worst"), "POLICY"),
    ("unseen worst", row(CITY, 4, policy="worst"), "POLICY"),
    ("unseen of refused", row(CITY, 3, policy="error"), "POLICY"),
    ("count negative", row(AGE, 0, count=-1), "STRUCTURE"),
    ("count fraction", row(AGE, 0, count=1.0), "STRUCTURE"),
    ("count boolean", row(AGE, 0, count=True), "STRUCTURE"),
    ("bad rate 2", row(AGE, 0, bad_rate=2.0), "LABELS"),
    ("bad rate negative", row(AGE, 0, bad_rate=-0.1), "LABELS"),
    ("points in JSON", row(AGE, 0, points=1.0), "STRUCTURE"),
    # catalogue
    (
        "code twice",
        lambda p: p["catalogue"]["reasons"][1].update(code="R01"),
        "CATALOGUE",
    ),
    (
        "code blank",
        lambda p: p["catalogue"]["reasons"][1].update(code=" "),
        "CATALOGUE",
    ),
    (
        "code unknown",
        lambda p: p["catalogue"]["features"].update(age="R9"),
        "CATALOGUE",
    ),
    ("not covered", lambda p: p["catalogue"]["features"].pop("age"), "CATALOGUE"),
    ("code empty", lambda p: p["catalogue"]["features"].update(age=""), "CATALOGUE"),
    ("inquiries empty", lambda p: p["catalogue"].update(inquiries=""), "CATALOGUE"),
    ("inquiries", lambda p: p["catalogue"].update(inquiries="R9"), "CATALOGUE"),
    ("minimum", lambda p: p["catalogue"].update(minimum_points=-1.0), "CATALOGUE"),
    ("reference", lambda p: p["catalogue"].update(reference="median"), "STRUCTURE"),
    (
        "cut-off width",
        lambda p: p["catalogue"].update(reference={"score": 600.0, "width": 0.0}),
        "CATALOGUE",
    ),
    (
        "rule code empty",
        lambda p: p["catalogue"]["special_rules"][0].update(code=""),
        "CATALOGUE",
    ),
    (
        "rule code",
        lambda p: p["catalogue"]["special_rules"][0].update(code="R9"),
        "CATALOGUE",
    ),
    ("reason key", lambda p: p["catalogue"]["reasons"][0].pop("zh"), "STRUCTURE"),
    (
        "5,000 reasons",
        lambda p: p["catalogue"].update(reasons=p["catalogue"]["reasons"] * 2_500),
        "STRUCTURE",
    ),
    # development
    ("rows", lambda p: p["development"].update(n_rows=-1), "STRUCTURE"),
    ("rate", lambda p: p["development"].update(bad_rate=1.5), "DEVELOPMENT"),
    (
        "edges descend",
        lambda p: p["development"]["score_edges"].reverse(),
        "DEVELOPMENT",
    ),
    (
        "count too few",
        lambda p: p["development"]["score_counts"].pop(),
        "DEVELOPMENT",
    ),
    (
        "no counts",
        lambda p: p["development"].update(score_counts=[]),
        "DEVELOPMENT",
    ),
    (
        "more than all",
        lambda p: p["development"].update(score_counts=[601, 0, 0]),
        "DEVELOPMENT",
    ),
    (
        "range of a category",
        lambda p: p["development"]["ranges"].update({"城市": [0.0, 1.0]}),
        "DEVELOPMENT",
    ),
    (
        "range of nothing",
        lambda p: p["development"]["ranges"].update(other=[0.0, 1.0]),
        "DEVELOPMENT",
    ),
    (
        "range reversed",
        lambda p: p["development"]["ranges"].update(age=[1.0, 0.0]),
        "DEVELOPMENT",
    ),
    (
        "range of three",
        lambda p: p["development"]["ranges"].update(age=[0.0, 1.0, 2.0]),
        "STRUCTURE",
    ),
]


@pytest.mark.parametrize(
    ("edit", "code"),
    [pytest.param(edit, code, id=name) for name, edit, code in PLAN_EDITS],
)
def test_a_plan_that_contradicts_itself_is_refused(edit: Edit, code: str) -> None:
    assert code_of(with_json("plan.json", edit)) == code


# --- arrays


def put(index: int, value: float) -> Edit:
    return lambda array: array.__setitem__(index, value)


NUMBER_EDITS: list[tuple[str, Edit, str]] = [
    ("edges.npy", put(0, 35.5), "BINS"),
    ("edges.npy", put(0, 36.0), "BINS"),
    ("edges.npy", put(1, math.nan), "BINS"),
    ("edges.npy", put(1, math.inf), "BINS"),
    ("edges.npy", put(0, -math.inf), "BINS"),
    ("edges.npy", put(1, 40.0), "LABELS"),
    ("specials.npy", put(0, -8.0), "BINS"),
    ("specials.npy", put(0, math.nan), "BINS"),
    ("specials.npy", put(0, -9.0), "LABELS"),
    ("woe.npy", put(0, 0.5), "POINTS"),
    ("woe.npy", put(0, math.nan), "POINTS"),
    ("woe.npy", put(8, 0.25), "POLICY"),
    ("log_odds.npy", put(0, 0.500001), "POINTS"),
    ("log_odds.npy", put(0, -math.inf), "POINTS"),
    ("log_odds.npy", put(0, 1e308), "POINTS"),
    ("points.npy", put(0, 100.0), "POLICY"),
    ("points.npy", put(1, 195.0), "POINTS"),
    ("points.npy", put(0, math.nan), "POINTS"),
    ("points.npy", put(5, 400.0), "POLICY"),
    ("points.npy", put(5, 1.0), "POLICY"),
    ("points.npy", put(10, 1.0), "POLICY"),
    ("coefficients.npy", put(0, 1.0), "POINTS"),
    ("coefficients.npy", put(0, math.nan), "POINTS"),
    ("coefficients.npy", put(1, math.inf), "POINTS"),
    ("intercept.npy", put(0, math.nan), "POINTS"),
    ("intercept.npy", put(0, -2.4), "POINTS"),
    ("intercept.npy", put(0, 1e308), "POINTS"),
    ("reference.npy", put(0, math.nan), "REFERENCE"),
    ("reference.npy", put(0, 0.75), "REFERENCE"),
    ("reference.npy", put(1, -math.inf), "REFERENCE"),
    ("golden/log_odds.npy", put(0, math.nan), "GOLDEN"),
    ("golden/log_odds.npy", put(2, 0.0), "GOLDEN"),
    ("golden/pd.npy", put(0, 1.5), "GOLDEN"),
    ("golden/pd.npy", put(0, -0.1), "GOLDEN"),
    ("golden/score.npy", put(0, math.inf), "GOLDEN"),
    ("golden/status.npy", put(2, 200), "GOLDEN"),
    ("golden/status.npy", put(2, 0), "GOLDEN"),
    ("golden/reasons.npy", put(0, 2), "GOLDEN"),
    ("golden/reasons.npy", put(0, -2), "GOLDEN"),
]


@pytest.mark.parametrize(("name", "edit", "code"), NUMBER_EDITS)
def test_numbers_that_contradict_the_plan_are_refused(
    name: str, edit: Edit, code: str
) -> None:
    assert code_of(with_array(name, edit)) == code


def test_another_nan_is_refused() -> None:
    nan = np.array([0x7FF8000000000001], np.uint64).view(np.float64)[0]
    assert code_of(with_array("golden/pd.npy", put(2, nan))) == "NOT_CANONICAL"


def other_array(name: str, array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return falsified(lambda members: members.update({name: buffer.getvalue()}))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("points.npy", np.zeros(15, "<f4")),
        ("points.npy", np.zeros(15, ">f8")),
        ("points.npy", np.zeros((15, 1))),
        ("points.npy", np.array(1.0)),
        ("points.npy", np.zeros(15, "S1")),
        ("golden/status.npy", np.zeros(3, "i1")),
        ("golden/reasons.npy", np.zeros((3, 4), "<i8")),
        ("golden/reasons.npy", np.asfortranarray(np.zeros((3, 4), "<i2"))),
    ],
)
def test_arrays_of_another_type_or_shape_are_refused(
    name: str, array: np.ndarray
) -> None:
    assert code_of(other_array(name, array)) == "ARRAY"


def npy(shape: str, values: list[float]) -> bytes:
    """Return canonical ``.npy`` bytes of float64 with a header as given."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    padded = text + " " * (-(11 + len(text)) % 64) + "\n"
    header = b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded.encode()
    return header + np.array(values, "<f8").tobytes()


def canonical_array(name: str, values: list[float], shape: str = "") -> bytes:
    """Return the example with one float array replaced, header and all."""
    data = npy(shape or f"({len(values)},)", values)
    return falsified(lambda members: members.update({name: data}))


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("points.npy", [1.0], "STRUCTURE"),
        ("points.npy", [1.0] * 99, "STRUCTURE"),
        ("edges.npy", [], "STRUCTURE"),
        ("edges.npy", [25.0, 35.5, 40.0], "STRUCTURE"),
        ("intercept.npy", [], "STRUCTURE"),
        ("intercept.npy", [-2.5, 0.0], "STRUCTURE"),
        ("coefficients.npy", [-1.0, -1.0], "STRUCTURE"),
        ("reference.npy", [0.0] * 4, "STRUCTURE"),
        ("reference.npy", [0.0] * 2, "STRUCTURE"),
        ("golden/pd.npy", [0.5] * 2, "GOLDEN"),
        ("golden/pd.npy", [], "GOLDEN"),
    ],
)
def test_arrays_of_another_length_are_refused(
    name: str, values: list[float], code: str
) -> None:
    assert code_of(canonical_array(name, values)) == code


def test_golden_numbers_have_one_row_per_numeric_column() -> None:
    data = canonical_array("golden/numbers.npy", [0.0] * 6, "(2, 3)")
    assert code_of(data) == "GOLDEN"


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda g: g["columns"].pop("城市"), "STRUCTURE"),
        (lambda g: g["columns"].update(age=["1"] * 3), "STRUCTURE"),
        (lambda g: g["columns"]["城市"].append("北京"), "GOLDEN"),
        (lambda g: g["columns"].update({"城市": [1, 2, 3]}), "GOLDEN"),
        (lambda g: g["columns"].update({"城市": None}), "STRUCTURE"),
        (lambda g: g.update(rows=3), "STRUCTURE"),
    ],
)
def test_golden_cells_that_do_not_fit_are_refused(edit: Edit, code: str) -> None:
    assert code_of(with_json("golden.json", edit)) == code
