"""The theme: vendored files unchanged and free of foreign hosts, every colour defined, every text readable."""

import hashlib
import re
from pathlib import Path

import pytest

from lti_tool import vendor_assets
from tests.lti_tool.rendering import STATIC

FOLDER = vendor_assets.TARGET
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
STYLE = (STATIC / "app.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{3,6});", STYLE))
TONES = range(1, 7)


def test_the_vendored_files_are_those_of_the_checksums() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    measured = {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FILES
        if path.name != "SHA256SUMS"
    }
    assert measured == sums
    assert vendor_assets.INTEGRITY in (FOLDER / "VERSION").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_vendored_file_names_no_host_to_load_from(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)//[^\s\"')]+", text) == []
    assert "@font-face" not in text
    assert "Frutiger" not in text
    assert "sourceMappingURL" not in text


def test_images_of_the_vendored_style_are_there() -> None:
    style = (FOLDER / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    named = set(re.findall(r"url\(([^)]+)\)", style))
    assert named == {path.relative_to(FOLDER).as_posix() for path in FILES if path.suffix == ".svg"}


def test_every_theme_property_in_use_is_defined() -> None:
    vendored = (FOLDER / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    used = set(re.findall(r"var\((--(?:theme|tone)[\w-]*)", vendored + STYLE))
    defined = set(re.findall(r"(--(?:theme|tone)[\w-]*):", STYLE))
    assert used - defined == set()


def test_adapting_drops_fonts_and_hosts_and_keeps_the_palette_block() -> None:
    style, images = vendor_assets.adapt_style(
        ":root{--brand:#005eb8}@font-face{font-family:X;src:url(https://example.org/x.woff2)}"
        "a{color:#005eb8;font-family:Frutiger W01,arial,sans-serif;background:url(/assets/images/one.svg)}"
        "\n/*# sourceMappingURL=x.css.map */\n"
    )
    assert style == (
        ":root{--brand:#005eb8}a{color:var(--theme-brand);font-family:var(--theme-font);background:url(images/one.svg)}\n"
    )
    assert images == ["one.svg"]


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, 1.4.3)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *(
            (text, ground)
            for text in (
                "--theme-ink",
                "--theme-quiet",
                "--theme-brand",
                "--theme-error",
                "--theme-good",
                "--theme-warn",
            )
            for ground in ("--theme-page", "--theme-paper")
        ),
        *((f"--tone-{tone}", ground) for tone in TONES for ground in ("--theme-page", f"--tone-{tone}-tint")),
        *((text, f"--tone-{tone}-tint") for tone in TONES for text in ("--theme-ink", "--theme-quiet")),
        ("--theme-page", "--theme-button"),
        ("--theme-page", "--theme-button-hover"),
        ("--theme-ink", "--theme-focus"),
        ("--theme-brand", "--theme-brand-tint"),
        ("--theme-quiet", "--theme-brand-tint"),
        ("--theme-good", "--theme-good-tint"),
        ("--theme-warn", "--theme-warn-tint"),
    ],
)
def test_text_can_be_read_on_its_ground(text: str, ground: str) -> None:
    assert _contrast(COLOURS[text], COLOURS[ground]) >= 4.5
