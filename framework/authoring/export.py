"""Writing an edition back as a content folder: the same document comes out of it when it is read again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from framework.authoring.translations import translation_file
from framework.catalogue.texts import TRANSLATIONS, texts
from framework.errors import Conflict


def write(document: Mapping[str, Any], folder: Path) -> int:
    """Write the files of a document into a folder that is empty or not there; answers how many.

    ``texts.yaml`` beside them lists every text by its address: the words a subset or a translation may change. Raises
    ``Conflict`` where the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty. Name a new folder: nothing is overwritten.")
    files = {
        "framework.yaml": document["framework"],
        "rules.yaml": document["rules"],
        **{f"modules/{one['quality']}.yaml": one for one in document["modules"]},
        **{f"lang/{lang}.yaml": translation_file(lang, said) for lang, said in document.get(TRANSLATIONS, {}).items()},
        "texts.yaml": texts(document),
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(_yaml(data), encoding="utf-8")
    return len(files)


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, and no anchors: what is written must be readable by ``framework.authoring.sources``."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _yaml(data: Any) -> str:
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=118))
