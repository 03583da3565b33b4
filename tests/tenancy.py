"""Reads SQL and says whether it leaves its tenant. It looks where rows are chosen, not at the columns listed."""

import re
from functools import lru_cache

from framework.store.tables import Row

TABLES = {table.name for table in Row.metadata.tables.values() if "tenant_id" in table.primary_key.columns}
NAMED = re.compile(
    rf'(?:\b(?:FROM|JOIN|INTO|UPDATE)|,)\s+"?({"|".join(sorted(TABLES))})"?\b(?!\.)(?:\s+AS\s+"?(\w+)"?)?',
    re.IGNORECASE,
)
STRUCTURE = ("CREATE", "ALTER", "DROP", "PRAGMA", "TRUNCATE")


@lru_cache(maxsize=10_000)
def wanderer(statement: str) -> str | None:
    """The first tenant table that a statement names without choosing a tenant; None when there is none."""
    text = statement.strip()
    if text.upper().startswith(STRUCTURE):
        return None
    if text.upper().startswith("INSERT"):
        named = NAMED.search(text)
        return named[1] if named and "tenant_id" not in text else None
    start = re.search(r"\bFROM\b" if re.match(r"(?:WITH|SELECT)\b", text, re.IGNORECASE) else r"\bWHERE\b", text)
    chosen = text[start.start() :] if start else ""
    for named in NAMED.finditer(text):
        name = named[2] if named[2] and named[2].upper() not in ("SET", "WHERE") else named[1]
        if not re.search(rf'(?<![\w.])"?{name}"?\."?tenant_id\b|(?<![\w."])"?tenant_id\b', chosen):
            return named[1]
    return None
