"""docs/operating.md tells the truth: all settings, no others, only commands that exist; containers get all settings."""

import re
from pathlib import Path

import pytest

from framework.settings import Settings
from lqf import COMMANDS

ROOT = Path(__file__).parents[2]
OPERATING = (ROOT / "docs" / "operating.md").read_text()
SETTINGS = {f"LQF_{name.upper()}" for name in Settings.model_fields}
OF_COMPOSE = {"LQF_SECRETS_DIR", "LQF_SECRETS", "LQF_LISTEN", "LQF_IMAGE"}
CONTAINERS = ["Dockerfile", "docker-compose.yml", "deploy/settings-production.env", "deploy/first_secrets.py"]


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_every_setting_has_its_row(setting: str) -> None:
    assert re.search(rf"^\| `{setting}` \|", OPERATING, re.MULTILINE), f"docs/operating.md has no row for {setting}"


def test_no_other_setting_is_named() -> None:
    assert set(re.findall(r"\bLQF_[A-Z_]+", OPERATING)) <= SETTINGS | OF_COMPOSE


def test_only_commands_that_exist_are_named() -> None:
    named = set(re.findall(r"\blqf ([a-z]+)\b", " ".join(re.findall(r"`[^`]+`|^    .+$", OPERATING, re.MULTILINE))))
    assert named - {"lqf"} <= set(COMMANDS)
    assert {"migrate", "web", "worker", "sweep"} <= named


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_every_setting_reaches_the_containers(setting: str) -> None:
    texts = "\n".join((ROOT / name).read_text() for name in CONTAINERS)
    assert re.search(rf"\b{setting}\b", texts), f"{setting} cannot be set for docker-compose.yml"
