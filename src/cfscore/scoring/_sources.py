"""Names of ``cfscore.reading`` under which file runs know them."""

from __future__ import annotations

from cfscore.reading import Source, find_sources, open_source

__all__ = ["Source", "find_sources", "open_source"]
