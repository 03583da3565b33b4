"""``lqf content diff|export`` as an operator calls them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import lqf
from framework.settings import Settings
from framework.store.sessions import Store
from tests.framework.editions import TINY


@pytest.mark.one_database
def test_an_edition_goes_out_is_changed_and_compared(
    settings: Callable[..., Settings], store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = settings()
    for name in ("env", "base_url", "database_url", "redis_url"):
        monkeypatch.setenv(f"LQF_{name.upper()}", str(getattr(made, name)))
    monkeypatch.setenv("LQF_SECRET_KEY", made.secret_key.get_secret_value())

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(lqf.commands, ["content", *words])
        assert result.exit_code == code, result.output
        return result.output

    # Given a published edition, written out as a folder
    run("publish", str(TINY))
    folder = tmp_path / "ours"
    assert "Edition 1 is in" in run("export", str(folder))
    (folder / "texts.yaml").unlink()
    assert run("diff", str(folder)).splitlines()[-1].startswith("0 differences to edition 1")
    # When the key of a check is changed in it
    module = folder / "modules" / "asking-first.yaml"
    document = yaml.safe_load(module.read_text(encoding="utf-8"))
    assert document["sections"][0]["check"]["answer"] == "b"
    module.write_text(module.read_text(encoding="utf-8").replace("answer: b", "answer: a", 1), encoding="utf-8")
    # Then the comparison names it, and says what it means for attempts
    shown = run("diff", str(folder))
    assert "key asking-first.1.check/answer: b -> a" in shown
    assert "1 of them in what answers are worth" in shown and "stay on the edition" in shown
    assert "edition 2 published" in run("publish", str(folder))
    assert "0 differences to edition 2" in run("diff", str(folder))
    assert "to edition 1" in run("diff", str(folder), "--edition", "1")
