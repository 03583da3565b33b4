"""Each kind of page on contact sheets, at the width of a desktop, of an LMS's frame and of a phone, to be looked at.

python -m tests.lti_tool.sheets      # writes docs/pictures/pages-<width>-<n>.png; part of `make pictures`
"""

import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from tests.journeys.browser import ARGUMENTS, chromium
from tests.lti_tool import pages
from tests.lti_tool.rendering import render

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
WIDTHS = {1280: (800, 8, 4), 650: (600, 12, 6), 360: (740, 18, 9)}  # width: height, pages on a sheet, of them in a row
THUMB = {1280: 400, 650: 260, 360: 170}
LABEL = 18
GOES_ON = ("pick/return.html", "launch/login.html", "launch/confirm.html")  # pages that send themselves on at once
COLOURS = 64


def one_of_each() -> Iterator[str]:
    """The fullest sample of each template."""
    by_template: dict[str, list[str]] = {}
    for name, shown in pages.pages().items():
        if shown.template not in GOES_ON:
            by_template.setdefault(shown.template, []).append(name)
    return (max(names, key=lambda name: len(render(pages.pages()[name]))) for names in by_template.values())


def main() -> None:
    """Write all sheets."""
    names = list(one_of_each())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages.write(Path(folder))
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[*ARGUMENTS, "--allow-file-access-from-files"]
        )
        for width, (height, count, in_row) in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            for number, first in enumerate(range(0, len(names), count), start=1):
                shots = []
                for name in names[first : first + count]:
                    page.goto((Path(folder) / f"{name}.html").as_uri())
                    shots.append((name, Image.open(io.BytesIO(page.screenshot()))))
                _sheet(shots, width, height, in_row).save(FOLDER / f"pages-{width}-{number}.png", optimize=True)
        browser.close()


def _sheet(shots: Sequence[tuple[str, Image.Image]], width: int, height: int, in_row: int) -> Image.Image:
    across, down = THUMB[width], round(THUMB[width] * height / width)
    rows = -(-len(shots) // in_row)
    sheet = Image.new("RGB", (in_row * (across + 8), rows * (down + LABEL + 8)), "#888888")
    draw = ImageDraw.Draw(sheet)
    for place, (name, shot) in enumerate(shots):
        left, top = place % in_row * (across + 8) + 4, place // in_row * (down + LABEL + 8) + 4
        draw.text((left, top + 2), name, fill="white")
        sheet.paste(shot.convert("RGB").resize((across, down), Image.Resampling.LANCZOS), (left, top + LABEL))
    return sheet.quantize(COLOURS)


if __name__ == "__main__":
    main()
