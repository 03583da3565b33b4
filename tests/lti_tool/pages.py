"""Every page of the tool in every state that it can be in, with the real content and made-up people.

python -m tests.lti_tool.pages <folder>      # writes them as HTML files, to look at
"""

import sys
from functools import cache
from itertools import chain
from pathlib import Path

from tests.lti_tool import (
    samples_connect,
    samples_course,
    samples_learn,
    samples_people,
    samples_practice,
    samples_record,
    samples_self,
    samples_terms,
)
from tests.lti_tool.rendering import STATIC, Shown, render


@cache
def pages() -> dict[str, Shown]:
    """Every page by name."""
    modules = (
        samples_learn,
        samples_course,
        samples_connect,
        samples_self,
        samples_practice,
        samples_record,
        samples_terms,
        samples_people,
    )
    return dict(chain.from_iterable(one.samples() for one in modules))


def write(folder: Path) -> list[str]:
    """Write all pages as HTML files beside a link to the static folder. Answers their names."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "static"
    if not link.exists():
        link.symlink_to(STATIC)
    for name, shown in pages().items():
        (folder / f"{name}.html").write_text(render(shown), encoding="utf-8")
    return list(pages())


if __name__ == "__main__":
    sys.stdout.write(f"{len(write(Path(sys.argv[1])))} pages\n")
