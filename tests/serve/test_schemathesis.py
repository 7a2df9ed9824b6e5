"""The service does what its own description says; benchmarks/serve/fuzz.py asks for longer."""

import subprocess
import sys
from pathlib import Path

# Every body is bytes, and no schema can say which bytes are a picture: refusing the others is no fault.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 413, 415, 422]
"""


def test_the_service_keeps_to_its_description(made, tmp_path):
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    with made.running(made.judge(), keys="one", max_mib=1) as client:
        command = [
            Path(sys.executable).with_name("schemathesis"),
            "--no-color",
            "run",
            str(client.base_url.join("/openapi.json")),
        ]
        command += ["--max-examples", "3", "--seed", "1", "--suppress-health-check", "all"]
        command += ["--header", "Authorization: Bearer one"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
