"""The compose file, which no build machine can run: valid by its schema, and true to the code in every detail."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic_settings import BaseSettings

from deploy.node.mongodb import MongoDB
from deploy.node.processes import PROCESSES, Copy, Process
from deploy.node.settings import PREFIX, NodeSettings
from deploy.node.software import Software
from deploy.node.supervisor import SECONDS_TO_DRAIN
from services.gateway.settings import GatewaySettings
from services.gateway.stream.settings import StreamSettings
from services.membership.settings import MembershipSettings
from services.notifications.settings import NotificationsSettings
from shared.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
FILES = ("docker-compose.yml", "docker-compose.operators.yml")
SCHEMA = json.loads((Path(__file__).parent / "vendored/compose-spec.json").read_text())
COMPOSE = yaml.safe_load((ROOT / FILES[0]).read_text())
SERVICES = COMPOSE["services"]
FIELDS = NodeSettings.model_fields
SETTINGS: dict[str, type[BaseSettings]] = {
    "membership": MembershipSettings,
    "discussion": ServiceSettings,
    "notifications": NotificationsSettings,
    "gateway": GatewaySettings,
    "stream": StreamSettings,
    "mongo-exporter": ServiceSettings,
}
processes = pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)


def admin_port(process: Process) -> int:
    return int(FIELDS[process.admin_port].default)


@pytest.mark.parametrize("file", FILES)
def test_it_is_valid(file: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(yaml.safe_load((ROOT / file).read_text()))


def test_the_schema_would_refuse_a_wrong_one() -> None:
    wrong = json.loads(json.dumps(COMPOSE))
    wrong["services"]["gateway"]["helthcheck"] = {}
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(wrong)


def test_every_process_of_a_node_is_there_and_no_other() -> None:
    ours = {name for name, service in SERVICES.items() if service["image"] == "commonplace"}
    assert ours == {process.name for process in PROCESSES}


@processes
def test_it_runs_what_a_node_runs(process: Process) -> None:
    assert SERVICES[process.name]["command"] == Copy(process, 1, admin_port(process)).argv("python")


@processes
def test_it_is_told_only_what_it_reads(process: Process) -> None:
    told = set(SERVICES[process.name]["environment"])
    read = {f"{PREFIX}{name.upper()}" for name in SETTINGS[process.name].model_fields}
    assert told <= read, f"{process.name} reads no {told - read}"
    needed = {"BROKER", "ADMIN_HOST", "ADMIN_PORT"} | (
        {"MONGO"} & set(map(str.upper, SETTINGS[process.name].model_fields))
    )
    assert {f"{PREFIX}{name}" for name in needed} <= told


@processes
def test_its_ports_are_a_nodes_ports(process: Process) -> None:
    service = SERVICES[process.name]
    assert service["environment"]["COMMONPLACE_ADMIN_PORT"] == str(admin_port(process))
    if process.port is None:
        assert "ports" not in service
    else:
        port = FIELDS[process.port].default
        assert service["ports"] == [f"${{COMMONPLACE_BIND:-127.0.0.1}}:{port}:{port}"]
        assert service["environment"][f"{PREFIX}{process.port.upper()}"] == str(port)
        assert service["environment"]["COMMONPLACE_HOST"] == "0.0.0.0"  # noqa: S104 - inside its container


@processes
def test_its_health_is_asked_on_its_admin_port(process: Process) -> None:
    *words, question = SERVICES[process.name]["healthcheck"]["test"]
    assert words == ["CMD", "python", "-c"]
    compile(question, "healthcheck", "exec")
    assert f"http://127.0.0.1:{admin_port(process)}/readyz" in question


@processes
def test_it_can_do_no_harm(process: Process) -> None:
    service = SERVICES[process.name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service, "the image says who runs it"
    assert "privileged" not in service


@processes
def test_it_has_time_to_finish_what_is_in_hand(process: Process) -> None:
    assert int(SERVICES[process.name]["stop_grace_period"].removesuffix("s")) >= SECONDS_TO_DRAIN


def test_only_the_doors_are_published_and_only_who_must_reaches_out() -> None:
    doors = {"gateway", "stream"}
    sends_mail = {"membership"}
    tells_webhooks = {"notifications"}
    assert {name for name, service in SERVICES.items() if "ports" in service} == doors
    out = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert out == doors | sends_mail | tells_webhooks
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_grafana_is_published_on_the_loopback_interface_only_when_asked() -> None:
    operators = yaml.safe_load((ROOT / FILES[1]).read_text())["services"]
    assert {name: service["ports"] for name, service in operators.items()} == {
        "grafana": ["127.0.0.1:8895:3000"]
    }


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_restarted_and_pinned(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["image"] == "commonplace" or re.search(r":v?\d+(\.\d+)*$", service["image"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_every_mount_is_there(name: str) -> None:
    for mount in SERVICES[name].get("volumes", []):
        source, _, rest = mount.partition(":")
        if source.startswith("."):
            assert (ROOT / source).exists(), f"{name} mounts {source}"
            assert rest.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


def variables(text: str) -> Iterator[tuple[str, str]]:
    yield from re.findall(r"(?<!\$)\$\{([A-Z_]+)(:[-?][^}]*)?\}", text)


def test_no_password_has_a_default_and_all_are_in_the_example() -> None:
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if re.match(r"[A-Z_]+=", line)
    )
    named = dict(variables((ROOT / FILES[0]).read_text()))
    assert set(named) == set(example)
    for name, default in named.items():
        is_secret = name.endswith(("_PASSWORD", "_KEY"))
        assert (default == ":?see .env.example") == is_secret
        assert (example[name] == "") == (is_secret or default == ":-")


def test_the_line_that_makes_new_passwords_works(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text()
    (line,) = re.findall(r"^#   (awk .*)$", text, flags=re.MULTILINE)
    (tmp_path / ".env.example").write_text(text)
    subprocess.run(["bash", "-ec", line], cwd=tmp_path, check=True)
    made = re.findall(r"^\w+_(?:PASSWORD|KEY)=(\w*)$", (tmp_path / ".env").read_text(), flags=re.MULTILINE)
    assert len(set(made)) == len(made) == text.count("_PASSWORD=\n") + text.count("_KEY=\n")
    assert all(len(one) == 48 for one in made)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_mongodb_is_told_what_a_node_tells_it() -> None:
    (command,) = MongoDB(Software(Path("nowhere")), Path("nowhere"), 1).commands()
    script = SERVICES["mongodb"]["command"][-1]
    assert "--setParameter transactionLifetimeLimitSeconds=5" in script
    assert "transactionLifetimeLimitSeconds=5" in command.argv
    assert f"--replSet {command.argv[command.argv.index('--replSet') + 1]} " in script
    assert (
        f'_id: "{command.argv[command.argv.index("--replSet") + 1]}"'
        in (ROOT / "deploy/mongo/healthy.js").read_text()
    )


@pytest.mark.parametrize("service", ["membership", "discussion", "notifications"])
def test_a_service_opens_its_own_database_and_no_other(service: str) -> None:
    url = SERVICES[service]["environment"]["COMMONPLACE_MONGO"]
    assert url.startswith(f"mongodb://{service}:${{{service.upper()}_DATABASE_PASSWORD:")
    accounts = (ROOT / "deploy/mongo/accounts.js").read_text()
    assert f'"{service}"' in accounts
    assert 'role: "readWrite", db: `commonplace_${service}`' in accounts
    assert ServiceSettings.model_fields["database_prefix"].default == "commonplace"
    assert "COMMONPLACE_DATABASE_PREFIX" not in SERVICES[service]["environment"]


@pytest.mark.parametrize("script", ["accounts.js", "healthy.js"])
def test_the_scripts_read_what_the_container_is_told(script: str) -> None:
    text = (ROOT / "deploy/mongo" / script).read_text()
    read = set(re.findall(r"process\.env\.([A-Z_]+)", text))
    if "toUpperCase" in text:
        read |= {
            f"{service.upper()}_DATABASE_PASSWORD"
            for service in ("membership", "discussion", "notifications")
        }
    assert read <= set(SERVICES["mongodb"]["environment"])


def test_prometheus_finds_everything_by_the_names_used_here() -> None:
    configuration = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    found = {
        (name, discovery["port"])
        for job in configuration["scrape_configs"]
        for discovery in job["dns_sd_configs"]
        for name in discovery["names"]
    }
    admin = {(process.name, admin_port(process)) for process in PROCESSES}
    assert found == admin | {("rabbitmq", 15692), ("prometheus", 9090), ("alertmanager", 9093)}
    assert configuration["rule_files"] == ["/etc/prometheus/alerts/*.yml"]
    assert "prometheus.tcp.port = 15692" in (ROOT / "deploy/rabbitmq/20-commonplace.conf").read_text()
    assert (ROOT / "deploy/rabbitmq/enabled_plugins").read_text() == "[rabbitmq_prometheus].\n"


def test_grafana_finds_prometheus_and_the_dashboards() -> None:
    provisioning = ROOT / "deploy/grafana/provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((provisioning / "dashboards/commonplace.yml").read_text())["providers"]
    mounts = dict(mount.split(":")[:2] for mount in SERVICES["grafana"]["volumes"])
    assert mounts["./deploy/grafana/provisioned"] == provider["options"]["path"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / "deploy/grafana/provisioned" / Path(home).name).exists()
