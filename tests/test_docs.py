"""Runs every command that README and docs print (blocks marked `sh`), page by page, each in an empty folder of its own.

Left out: make targets, cloning, and lines that ask for an accelerator.
Simulated worlds and the demo run at a tenth of their size.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LEFT_OUT = ("make ", "git clone", "cd sincera", "pip install")
SMALLER = ((r"--scale (tiny|small|paper)\b", "--scale mini"), (r"\bsincera demo\b", "sincera demo --scale mini"))


def commands(page: Path) -> str:
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in "\n".join(blocks).splitlines() if not line.startswith(LEFT_OUT) and "cuda" not in line]
    script = "\n".join(lines)
    for pattern, small in SMALLER:
        script = re.sub(pattern, small, script)
    return script


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page).strip()], ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page, tmp_path):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", commands(page)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


def test_the_readme_has_commands():
    assert "sincera" in commands(ROOT / "README.md")


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{page.name}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []
