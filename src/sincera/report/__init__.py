"""Runs → one HTML page that needs nothing but a browser."""

from importlib.util import find_spec

from sincera.errors import MissingExtraError

if find_spec("jinja2") is None:
    raise MissingExtraError("jinja2", "report")

from sincera.report.page import write_report
from sincera.report.results import Group, Result, read_results

__all__ = ["Group", "Result", "read_results", "write_report"]
