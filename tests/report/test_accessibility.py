"""axe-core in headless Chromium finds nothing wrong with a report, light or dark, wide or narrow: `make accessible`."""

import html
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

import infimum.ladder.climb as climbing
from infimum.report import build
from infimum.tables import Column, Table, text_column
from tests.conventions.source import ROOT
from tests.ladder.test_additive import table_of
from tests.report.example_training import BEATEN, CHOSEN
from tests.verify.made import classification, regression, wide

AXE = ROOT / "tests" / "report" / "node_modules" / "axe-core" / "axe.min.js"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there: `make accessible` installs it, by npm"),
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on the path"),
]
ASK = """
document.querySelectorAll("details").forEach(each => { each.open = true; });
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const told = document.createElement("pre");
  told.id = "told";
  const root = document.documentElement;
  told.textContent = JSON.stringify({
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: innerWidth,
    beyond: root.scrollWidth - root.clientWidth,
    passes: found.passes.length,
    violations: found.violations.map(each => [each.id, each.impact, each.nodes.map(node => node.html.slice(0, 200))]),
  });
  document.body.append(told);
});
"""


def many_classes():
    """Twelve classes with long names, and a column with a long name."""
    rng = np.random.default_rng(9)
    X, kinds = rng.normal(size=(360, 3)), rng.permutation(np.repeat(np.arange(12), 30))
    X[:, 0] += kinds
    y = [f"a class with a rather long name, number {kind}" for kind in kinds]
    columns = [Column(f"a_column_with_a_name_without_a_blank_{j}", "number", X[:, j].copy()) for j in range(3)]
    return Table("made.csv", (*columns, text_column("y", y)))


MADE = {
    "regression": lambda: regression()[0],
    "two classes": lambda: classification()[0],
    "many classes": many_classes,
    "a wide table": lambda: wide()[0],
    "curves": lambda: table_of("numbers", 240),
    "curves of classes": lambda: table_of("three classes", 300),
}


BY_HAND = {"a network, chosen": CHOSEN, "a network, beaten": BEATEN}


@pytest.fixture(scope="module", params=[*MADE, *BY_HAND])
def page(request):
    if request.param in BY_HAND:
        return build(BY_HAND[request.param])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(climbing, "find_spec", lambda name: None)  # without the network rung: seconds, not minutes
        return build(climbing.climb(MADE[request.param](), "y").report)


def asked(page, folder, *options):
    """What axe-core and the browser say of the page, whose policy is widened to let the checker run."""
    allowed = page.replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
    assert allowed != page
    checker = AXE.read_text("utf-8")
    assert "</script" not in checker
    path = folder / "page.html"
    path.write_text(allowed.replace("</body>", f"<script>{checker}</script><script>{ASK}</script></body>"), "utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *options]
    command += [f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=60000", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=180, check=True)
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.S)
    assert told, done.stderr[-2000:]
    return json.loads(html.unescape(told[1]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, tmp_path, scheme):
    told = asked(
        page, tmp_path, "--window-size=1280,900", f"--blink-settings=preferredColorScheme={int(scheme == 'light')}"
    )
    assert told["dark"] == (scheme == "dark") and told["passes"] > 20
    assert told["violations"] == []


def test_nothing_sticks_out_of_a_narrow_screen(page, tmp_path):
    told = asked(page, tmp_path, "--window-size=390,844")
    assert told["width"] <= 500 and told["beyond"] <= 0
    assert told["violations"] == []


def test_the_checker_finds_what_is_wrong(page, tmp_path):
    """A picture without words and pale letters are found: the checker does run."""
    worse = page.replace(' role="img"', "").replace(
        "</main>", '<p style="color: #bbb">pale</p><img src="data:,"></main>'
    )
    told = asked(worse, tmp_path, "--window-size=1280,900", "--blink-settings=preferredColorScheme=1")
    assert {"color-contrast", "image-alt"} <= {name for name, *_ in told["violations"]}
