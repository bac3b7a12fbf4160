"""Reads PromQL: whether it is well formed, and which metrics it needs."""

from typing import Any

import promql_parser


class Malformed(Exception):
    """This is no PromQL; the message says where it goes wrong."""


def metrics_of(expression: str) -> set[str]:
    """Return the names of the metrics that an expression reads.

    Raises:
        Malformed: it cannot be parsed, or reads series without naming a metric.
    """
    try:
        tree = promql_parser.parse(expression)
    except ValueError as error:
        raise Malformed(str(error)) from None
    return _names(tree)


def _names(tree: Any) -> set[str]:
    match tree:
        case promql_parser.VectorSelector():
            if tree.name is None:
                raise Malformed("it reads series without naming a metric")
            return {tree.name}
        case promql_parser.MatrixSelector():
            return _names(tree.vector_selector)
        case promql_parser.BinaryExpr():
            return _names(tree.lhs) | _names(tree.rhs)
        case promql_parser.Call():
            return set().union(*(_names(argument) for argument in tree.args))
        case promql_parser.AggregateExpr():
            return _names(tree.expr) | (_names(tree.param) if tree.param is not None else set())
        case promql_parser.ParenExpr() | promql_parser.SubqueryExpr() | promql_parser.UnaryExpr():
            return _names(tree.expr)
        case _:
            return set()
