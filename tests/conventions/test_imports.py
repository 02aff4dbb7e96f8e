"""Opening the library costs nothing: what is heavy is imported when it is used. Each test asks a new interpreter."""

import subprocess
import sys

import pytest

HEAVY = {"sklearn", "numba", "torch", "matplotlib", "scipy"}
HELP = """
import sys
from infimum.cli import main
sys.argv = ["infimum", "--help"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""
SHOW = "\nprint('loaded:', *{name.split('.')[0] for name in sys.modules})"


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("code", ["import sys, infimum", HELP], ids=["import infimum", "infimum --help"])
def test_imports_nothing_heavy(code):
    loaded = set(run(code + SHOW).splitlines()[-1].split())
    assert not loaded & HEAVY, f"imports {', '.join(sorted(loaded & HEAVY))}"


@pytest.mark.parametrize(
    "code",
    [
        "from infimum import verify",
        "import infimum.verify; from infimum import verify",
        "from infimum.verify import verify as first; from infimum import verify; assert first is verify",
        "import infimum; infimum.verify; import infimum.verify; verify = infimum.verify",
        "import infimum.verify as verify",
    ],
)
def test_verify_is_the_function_however_it_is_imported(code):
    assert run(f"{code}\nassert callable(verify) and verify.__name__ == 'verify'\nprint('yes')") == "yes\n"
