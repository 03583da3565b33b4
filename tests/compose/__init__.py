"""The tool in containers: ``python -m tests.compose`` (make test-compose). Needs a Docker engine and Chromium."""
