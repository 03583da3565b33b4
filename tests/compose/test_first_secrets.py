"""The secrets of a new installation: deploy/first_secrets.py makes them, the tool's settings read them."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from framework.settings import Settings, SettingsError

SCRIPT = Path(__file__).parents[2] / "deploy" / "first_secrets.py"
NAMES = {"LQF_SECRET_KEY", "LQF_DATABASE_URL", "POSTGRES_PASSWORD"}


def make(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names the folder of secrets and no secret."""
    monkeypatch.setenv("LQF_BASE_URL", "https://lqf.example.org")
    monkeypatch.setenv("LQF_SECRETS_DIR", str(tmp_path))
    for name in ("LQF_SECRET_KEY", "LQF_DATABASE_URL", "LQF_ENV"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_new_installation_gets_secrets_of_its_own(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        assert make(folder).returncode == 0
    assert set(contents(one)) == NAMES
    assert not set(contents(one).values()) & set(contents(other).values())
    assert len(contents(one)["LQF_SECRET_KEY"]) >= 48


def test_only_the_owner_reads_what_only_the_owner_needs(tmp_path: Path) -> None:
    make(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"LQF_SECRET_KEY": 0o400, "LQF_DATABASE_URL": 0o400, "POSTGRES_PASSWORD": 0o444}


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    make(tmp_path)
    before = contents(tmp_path)
    assert make(tmp_path).stdout == "All secrets are there.\n"
    assert contents(tmp_path) == before


def test_an_operators_own_password_gets_into_the_address(tmp_path: Path) -> None:
    (tmp_path / "POSTGRES_PASSWORD").write_text("p@ss/word:1\n")
    make(tmp_path)
    assert contents(tmp_path)["LQF_DATABASE_URL"] == "postgresql://lqf:p%40ss%2Fword%3A1@db/lqf"
    assert contents(tmp_path)["POSTGRES_PASSWORD"] == "p@ss/word:1\n"


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    ran = make(tmp_path / "missing")
    assert ran.returncode == 1
    assert ran.stderr.startswith("The secrets cannot be written as user ")
    assert str(tmp_path / "missing") in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_settings_come_from_the_folder(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    settings = Settings.from_env()
    assert settings.secret_key.get_secret_value() == contents(tmp_path)["LQF_SECRET_KEY"]
    assert settings.database.startswith("postgresql+psycopg://lqf:")


def test_the_environment_wins_over_the_folder(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    environment.setenv("LQF_SECRET_KEY", "from the environment, and long enough for anybody")
    assert Settings.from_env().secret_key.get_secret_value().startswith("from the environment")


def test_a_missing_folder_stops_the_start(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LQF_SECRETS_DIR", str(tmp_path / "missing"))
    with pytest.raises(SettingsError, match=r"LQF_SECRETS_DIR is not a folder: .*missing"):
        Settings.from_env()
