"""What deploy/ promises: no root, nothing to write, probes at the service's own addresses."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from sincera.serve import ServiceSettings, read_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "ENV", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"}


@pytest.fixture(scope="module")
def dockerfile():
    """The Dockerfile's instructions, continued lines joined: [(name, words), …]."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def test_the_dockerfile_runs_without_root_and_with_a_health_check(dockerfile):
    names = [name for name, _ in dockerfile]
    assert set(names) <= INSTRUCTIONS | {"ENTRYPOINT", "CMD"}
    last = names[len(names) - names[::-1].index("FROM") - 1 :]
    assert last.index("USER") > last.index("RUN"), "something runs as that user which needs root"
    said = dict(dockerfile)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", said["USER"])
    assert "/healthz" in said["HEALTHCHECK"]
    assert said["STOPSIGNAL"] == "SIGTERM"
    assert all(re.search(r":\S*\d", words) for name, words in dockerfile if name == "FROM"), (
        "an image without a version"
    )


def test_what_the_dockerfile_copies_is_there_and_not_ignored(dockerfile):
    kept = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().split() if line.startswith("!")}
    copied = {
        word for name, words in dockerfile if name == "COPY" and "--from" not in words for word in words.split()[:-1]
    }
    assert copied == kept
    assert [name for name in copied if not (DEPLOY.parent / name).exists()] == []


def test_the_containers_environment_is_the_services(dockerfile, monkeypatch):
    words = " ".join(words for name, words in dockerfile if name == "ENV")
    for name, value in re.findall(r"(SINCERA_\w+)=(\S+)", words):
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 8080)
    assert ("EXPOSE", str(settings.port)) in dockerfile


@pytest.fixture(scope="module")
def manifests():
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    return {one["kind"]: one for file in files for one in yaml.safe_load_all(file.read_text())}


def test_the_pods_run_without_root_on_a_read_only_disk(manifests):
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert manifests["Deployment"]["spec"]["replicas"] >= 2
    assert pod["terminationGracePeriodSeconds"] > ServiceSettings().grace + 5


def test_the_probes_ask_for_what_the_service_answers(manifests, service):
    pod = manifests["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    paths = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
    assert paths == {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
    for path in {*paths.values(), pod["metadata"]["annotations"]["prometheus.io/path"]}:
        assert service.get(path).status_code == 200


def test_the_parts_find_each_other(manifests):
    labels = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert manifests["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["Service"]["spec"]["selector"] == labels
    assert manifests["NetworkPolicy"]["spec"]["egress"] == []


def test_the_unit_holds_what_systemd_knows(tmp_path):
    text = (DEPLOY / "sincera.service").read_text()
    for line in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "LimitCORE=0"):
        assert line in text
    analyze = shutil.which("systemd-analyze")
    if analyze:
        unit = tmp_path / "sincera.service"
        unit.write_text(text.replace("/opt/sincera/bin/sincera", "/bin/true"))
        done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
        assert [line for line in done.stderr.splitlines() if "sincera.service" in line] == []
