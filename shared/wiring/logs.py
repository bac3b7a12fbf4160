"""Structured logs: one JSON object a line on standard output, with the service and the trace it belongs to."""

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from shared.wiring import telemetry


def _with_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    trace = telemetry.trace_id()
    if trace:
        event["trace_id"] = trace
    return event


def configure(process: str, level: str = "info") -> None:
    """Log as `process` from now on, the standard library's loggers included.

    Args:
        process: the name in every line's `process` field.
        level: `debug`, `info`, `warning` or `error`.
    """

    def with_process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    shared_processors: list[structlog.typing.Processor] = [
        with_process,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared_processors, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *shared_processors,
                lambda _logger, _method, event: {"process": process, **event},
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if level != "debug" else logging.INFO)
    # nameko prints a traceback for every refusal; `rpc` and `subscribe` say what is worth saying.
    logging.getLogger("nameko.containers").setLevel(logging.CRITICAL)
