import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from sincera.cli.app import app as command
from sincera.errors import UsageError
from sincera.serve import ServiceSettings, read_settings
from sincera.serve.keys import read_keys
from sincera.serve.server import listen


def test_an_option_counts_before_the_environment_and_that_before_the_default(monkeypatch):
    monkeypatch.setenv("SINCERA_QUEUE", "5")
    monkeypatch.setenv("SINCERA_BATCH", "3")
    settings = read_settings(batch=2, port=None)
    assert (settings.queue, settings.batch, settings.port) == (5, 2, 8080)


def test_a_value_that_does_not_fit_is_told_with_its_origin(monkeypatch):
    with pytest.raises(UsageError, match="--queue"):
        read_settings(queue=0)
    monkeypatch.setenv("SINCERA_TIME_LIMIT", "soon")
    with pytest.raises(UsageError, match="SINCERA_TIME_LIMIT"):
        read_settings()


def test_unknown_and_changed_settings_are_refused():
    with pytest.raises(ValidationError):
        ServiceSettings(cue=3)
    with pytest.raises(ValidationError):
        ServiceSettings().queue = 3


def test_every_setting_is_read_somewhere():
    from importlib.resources import files

    code = "".join(part.read_text() for part in files("sincera.serve").iterdir() if part.name.endswith(".py"))
    assert [name for name in ServiceSettings.model_fields if f"settings.{name}" not in code and name != "max_mib"] == []
    assert "settings.max_bytes" in code


def test_keys_of_file_and_environment_open(tmp_path):
    file = tmp_path / "keys"
    file.write_text("# who: the door\n\nalpha\n  beta  \n")
    keys = read_keys(ServiceSettings(keys_file=file, keys="gamma, delta"))
    assert [keys.admit([key]) for key in ("alpha", "beta", "gamma", "delta")] == [True] * 4
    assert not any(keys.admit([key]) for key in ("", "# who: the door", "alph", "alphaa", "gamma, delta"))
    assert not keys.admit([])


@pytest.mark.parametrize("settings", [{"keys": " , "}, {"keys_file": "empty"}, {"keys_file": "absent"}])
def test_keys_that_are_named_but_absent_let_nobody_in(settings, tmp_path):
    (tmp_path / "empty").write_text("# none yet\n")
    if "keys_file" in settings:
        settings = {"keys_file": tmp_path / settings["keys_file"]}
    with pytest.raises(UsageError):
        read_keys(ServiceSettings(**settings))


def test_keys_do_not_show_in_the_settings_text():
    assert "secret" not in repr(ServiceSettings(keys="secret"))


def test_a_port_in_use_is_told():
    with listen(ServiceSettings(port=0)) as port, pytest.raises(UsageError, match="--port"):
        listen(ServiceSettings(port=port.getsockname()[1]))


def test_the_command_refuses_before_it_serves(tmp_path):
    done = CliRunner().invoke(command, ["serve", "--model", str(tmp_path / "none.onnx"), "--port", "0"])
    assert "none.onnx" in str(done.exception)
    done = CliRunner().invoke(command, ["serve", "--keys-file", str(tmp_path / "none"), "--port", "0"])
    assert "API keys" in str(done.exception)
    assert "Example: sincera serve" in CliRunner().invoke(command, ["serve", "--help"]).output
