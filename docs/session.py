"""README.md's console session: runs each `$ infimum …` line of it and puts what was printed under it.

    python docs/session.py          # rewrites the block in README.md

Run from the root of the repository with `infimum` on the PATH; the network's last digits may differ between machines.
"""

import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Replace the first console block of README.md by the same commands with their present output."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```console\n(.*?)```", readme, re.DOTALL)
    assert block is not None, "README.md has no console block"
    commands = [line[2:] for line in block.group(1).splitlines() if line.startswith("$ ")]
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(ROOT / "examples", Path(scratch) / "examples")
        shown = [f"$ {command}\n{output(command, scratch)}" for command in commands]
    text = readme[: block.start(1)] + "\n".join(shown) + readme[block.end(1) :]
    (ROOT / "README.md").write_text(text, encoding="utf-8")


def output(command: str, folder: str) -> str:
    """What the command prints, without trailing blanks; stderr only where stdout is empty."""
    done = subprocess.run(shlex.split(command), cwd=folder, capture_output=True, encoding="utf-8", check=True)
    lines = (done.stdout.strip() or done.stderr.strip()).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    main()
