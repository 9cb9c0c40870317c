"""Compiler: a fitted or foreign model becomes a plan, verified against its source."""

from cfscore.compiler._compile import compile_plan

__all__ = ["compile_plan"]
