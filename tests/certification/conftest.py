"""The same application and rows as the tests of its own folder use."""

from tests.lti_tool.conftest import app, count

__all__ = ["app", "count"]
