"""Mutation operators: one small slip each, of the kinds that are made in numerical code. Pure functions on syntax trees.

The classical ones (operators, numbers, comparisons, deleted statements) are those of cosmic-ray and mutmut, without the
variants that only crash on arrays; the rest is of this field: transposes, axes, reductions, fan-in for fan-out, reused keys,
the place of eps, precision. docs/verify.md says what each does and why the libraries are not called.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from autograder.verify import arithmetic_slips, array_slips, code_slips
from autograder.verify.syntax import Context

Operator = Callable[[ast.AST, Context], Iterator[ast.AST]]

_ALL = (
    arithmetic_slips.swap_operands,
    arithmetic_slips.other_operator,
    arithmetic_slips.drop_term,
    arithmetic_slips.drop_factor,
    arithmetic_slips.sign,
    arithmetic_slips.scale,
    arithmetic_slips.power,
    arithmetic_slips.drop_call,
    arithmetic_slips.number,
    array_slips.transpose,
    array_slips.axis,
    array_slips.reduction,
    array_slips.scan_direction,
    array_slips.outer_product,
    array_slips.slice_bound,
    array_slips.loop_bound,
    code_slips.other_name,
    code_slips.swap_arguments,
    code_slips.drop_keyword,
    code_slips.reuse_key,
    code_slips.eps_place,
    code_slips.comparison,
    code_slips.condition,
    code_slips.drop_statement,
    code_slips.overwrite,
    code_slips.loop_part,
    code_slips.precision,
)
OPERATORS: dict[str, Operator] = {fn.__name__.replace("_", "-"): fn for fn in _ALL}
