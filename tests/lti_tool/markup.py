"""A small reader of rendered pages: every start tag with its attributes, and the text inside."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(frozen=True)
class Tag:
    """One start tag."""

    name: str
    attributes: dict[str, str]

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


@dataclass
class Markup(HTMLParser):
    """All tags of a page in order. What is inside ``<template>`` is no part of the page yet."""

    tags: list[Tag] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    templates: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.templates == 0:
            self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}))
        self.templates += tag == "template"

    def handle_endtag(self, tag: str) -> None:
        self.templates -= tag == "template"

    def handle_data(self, data: str) -> None:
        if self.templates == 0:
            self.texts.append(data)

    def named(self, *names: str) -> list[Tag]:
        """The tags with these names."""
        return [tag for tag in self.tags if tag.name in names]

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute."""
        return [tag.attributes[attribute] for tag in self.tags if attribute in tag.attributes]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def parse(html: str) -> Markup:
    """Read a page."""
    markup = Markup()
    markup.feed(html)
    markup.close()
    return markup
