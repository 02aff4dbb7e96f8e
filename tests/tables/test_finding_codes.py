"""docs/findings.md and the source name the same codes, with the same severity."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE = re.compile(r'Finding\(\s*"(INF\d{3})",\s*"(\w+)"')
TOLD = re.compile(r"^\| (INF\d{3}) \| (\w+) \|", re.MULTILINE)


def test_every_finding_is_in_the_docs_with_its_severity():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "infimum" / "tables").rglob("*.py")]
    made = {pair for text in texts for pair in MADE.findall(text)}
    told = set(TOLD.findall((ROOT / "docs" / "findings.md").read_text(encoding="utf-8")))
    assert made == told and len(told) == 12
