"""The picture of a report: the numbers of its table, and a file."""

from __future__ import annotations

from benchmarks._draw_growth import draw_growth, read_growth

REPORT = """# Scoring

### Thousand rows a second by number of trees (500 x 31, 2 threads)

| trees | cfscore | LightGBM | lleaves | onnxruntime | cfscore / LightGBM |
| --- | ---: | ---: | ---: | ---: | ---: |
| 25 | 9,000 | 800 | - | 700 | 11.2 |
| 500 | 1,500 | 45 | - | 31 | 33.3 |

### Peak memory of a call, 2 threads

|  | MB |
| --- | ---: |
| 500 x 31 | 12 |
"""


def test_reads_the_contestants_that_were_measured():
    trees, rates = read_growth(REPORT)
    assert trees == [25, 500]
    assert rates == {
        "cfscore": [9000.0, 1500.0],
        "LightGBM": [800.0, 45.0],
        "onnxruntime": [700.0, 31.0],
    }


def test_draws_them(tmp_path):
    draw_growth(*read_growth(REPORT), tmp_path / "growth.png")
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")
