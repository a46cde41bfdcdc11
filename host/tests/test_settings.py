from pathlib import Path

import pytest

from meishi.errors import SettingsError
from meishi.settings import (
    BootPolicy,
    CallMode,
    LogLevel,
    RateLimitStore,
    Settings,
    load_settings,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the settings file of this test is, once it is written."""
    return tmp_path / "meishi.toml"


def refusal(file: Path, text: str) -> SettingsError:
    """Return the error that a settings file leads to."""
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(file=file, environment={})
    return caught.value


def test_without_file_and_environment_everything_has_a_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment that sets nothing runs on the embedded database."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environment={})
    assert settings.embedded
    assert settings.home.is_absolute()
    assert settings == Settings(home=settings.home)


def test_every_setting_can_stand_in_the_file(file: Path) -> None:
    """The file's values arrive with the types of their settings."""
    file.write_text(
        'home = "here"\ndeployment = "blue"\ndatabase_url = "postgresql://a@b/c"\n'
        'database_admin_url = "postgresql://d@e/f"\ndatabase_pool = 3\nplugins = ["qr"]\n'
        'boot_policy = "strict"\ncalls = "codec"\nhost = "::1"\nport = 1\nworkers = 2\n'
        "threads = 4\nmax_body_bytes = 2048\nplugin_load_seconds = 9\n"
        "max_json_bytes = 1024\nrate_limit_per_minute = 60\nrate_limit_burst = 10\n"
        "rate_limit_workspace_per_minute = 0\nrate_limit_address_per_minute = 6\n"
        "rate_limit_forms_per_minute = 7\n"
        'rate_limit_store = "database"\ntrusted_proxies = 1\n'
        'cors_origins = ["https://app.example.com", "http://localhost:3000"]\n'
        'outgoing_hosts = ["models.internal", "10.0.0.7:8080", "[::1]:11434"]\n'
        "worker_processes = 3\nworker_threads = 5\nworker_memory_mb = 256\n"
        "worker_niceness = 4\n"
        "events_retention_days = 30\nevents_retention_cap_days = 60\n"
        'log_level = "error"\nmetrics_token = "a-token-for-prometheus"\n'
        'mail_url = "smtps://a:b%2F@[::1]:25"\nmail_from = "Käthe <a@example.com>"\n'
        "[plugin.qr]\nsize = 7\n"
    )
    assert load_settings(file=file, environment={}) == Settings(
        home=Path("here").absolute(),
        deployment="blue",
        database_url="postgresql://a@b/c",
        database_admin_url="postgresql://d@e/f",
        database_pool=3,
        plugins=("qr",),
        plugins_listed=True,
        boot_policy=BootPolicy.STRICT,
        calls=CallMode.CODEC,
        host="::1",
        port=1,
        workers=2,
        threads=4,
        max_body_bytes=2048,
        max_json_bytes=1024,
        rate_limit_per_minute=60,
        rate_limit_burst=10,
        rate_limit_workspace_per_minute=0,
        rate_limit_address_per_minute=6,
        rate_limit_forms_per_minute=7,
        rate_limit_store=RateLimitStore.DATABASE,
        trusted_proxies=1,
        cors_origins=("https://app.example.com", "http://localhost:3000"),
        outgoing_hosts=("models.internal", "10.0.0.7:8080", "[::1]:11434"),
        plugin_load_seconds=9,
        events_retention_days=30,
        events_retention_cap_days=60,
        worker_processes=3,
        worker_threads=5,
        worker_memory_mb=256,
        worker_niceness=4,
        log_level=LogLevel.ERROR,
        metrics_token="a-token-for-prometheus",
        mail_url="smtps://a:b%2F@[::1]:25",
        mail_from="Käthe <a@example.com>",
        plugin_settings={"qr": {"size": 7}},
    )


def test_the_environment_wins_over_the_file_and_overrides_win_over_both(file: Path) -> None:
    """Precedence: file, then environment, then what the caller says."""
    file.write_text("port = 1\nthreads = 1\nworkers = 1\n")
    settings = load_settings(
        file=file,
        environment={"MEISHI_THREADS": "2", "MEISHI_WORKERS": "2"},
        overrides={"workers": 3},
    )
    assert (settings.port, settings.threads, settings.workers) == (1, 2, 3)


def test_an_empty_variable_sets_nothing(file: Path) -> None:
    """`MEISHI_DATABASE_URL=` means the embedded database."""
    file.write_text("port = 1\n")
    settings = load_settings(file=file, environment={"MEISHI_PORT": "", "MEISHI_DATABASE_URL": ""})
    assert settings.port == 1
    assert settings.embedded


def test_the_file_may_be_named_by_a_variable(file: Path) -> None:
    """`MEISHI_SETTINGS` names the file, unless the caller names another."""
    file.write_text("port = 7\n")
    environment = {"MEISHI_SETTINGS": str(file)}
    assert load_settings(environment=environment).port == 7
    other = file.with_name("other.toml")
    other.write_text("port = 8\n")
    assert load_settings(file=other, environment=environment).port == 8


def test_the_default_file_is_taken_from_the_working_directory(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`meishi.toml` is read where the command runs."""
    file.write_text("port = 9\n")
    monkeypatch.chdir(file.parent)
    assert load_settings(environment={}).port == 9


def test_a_named_file_must_exist(file: Path) -> None:
    """A path with a slip of the pen is not taken for an empty file."""
    with pytest.raises(SettingsError, match=r"meishi\.toml does not exist"):
        load_settings(file=file, environment={})
    with pytest.raises(SettingsError, match=r"meishi\.toml does not exist"):
        load_settings(environment={"MEISHI_SETTINGS": str(file)})


def test_a_file_that_is_a_folder_or_no_text_is_refused(file: Path) -> None:
    """What cannot be read is named, with the reason."""
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(file=file.parent, environment={})
    file.write_bytes(b'home = "\xff"')
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(file=file, environment={})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port = ", "cannot be read"),
        ("port = 0", "`port` must be a whole number from 1 to 65535: 0."),
        ("port = 65536", "`port` must be"),
        ("port = 8.5", "`port` must be"),
        ("port = true", "`port` must be"),
        ('port = "-1"', "`port` must be"),
        ("database_pool = 501", "`database_pool` must be"),
        ("workers = []", "`workers` must be"),
        ("threads = 0", "`threads` must be"),
        ("worker_processes = 65", "`worker_processes` must be"),
        ("worker_threads = 0", "`worker_threads` must be"),
        ("worker_memory_mb = 255", "`worker_memory_mb` must be 0, or at least 256: 255."),
        ("max_body_bytes = 1023", "`max_body_bytes` must be"),
        ("rate_limit_burst = 0", "`rate_limit_burst` must be"),
        ('rate_limit_store = "redis"', "`rate_limit_store` must be one of memory, database"),
        ('cors_origins = ["*"]', "`cors_origins` has a value that is no origin: '*'"),
        ('cors_origins = ["https://a.example/"]', "no origin: 'https://a.example/'"),
        ('outgoing_hosts = ["http://a.example"]', "no host: 'http://a.example'"),
        ("cors_origins = 1", "`cors_origins` must be a list of origins"),
        ('boot_policy = "lax"', "`boot_policy` must be one of strict, degrade: 'lax'."),
        ("calls = [1]", "`calls` must be one of"),
        ('log_level = "INFO"', "`log_level` must be one of"),
        ("plugins = 3", "`plugins` must be a list"),
        ("plugins = [3]", "`plugins` must be a list"),
        ("worker_queues = 3", "`worker_queues` must be a list of queues"),
        ("worker_jobs = 65", "`worker_jobs` must be a whole number from 0 to 64"),
        ("home = 3", "`home` must be text"),
        ("host = 3", "`host` must be text"),
        ("database_url = true", "`database_url` must be text"),
        ('deployment = "Blue"', "`deployment` must match"),
        ('deployment = "a-b"', "`deployment` must match"),
        ('deployment = "blå"', "`deployment` must match"),
        ('deployment = "a23456789012345678901"', "`deployment` must match"),
        ("plugin = 3", "[plugin.NAME] must be a table"),
        ("plugin.qr = 3", "[plugin.NAME] must be a table"),
        ("plugin_settings = {}", "unknown setting `plugin_settings`"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(file: Path, text: str, says: str) -> None:
    """Type and range of every setting are checked, and the message names the key."""
    assert says in refusal(file, text).message


def test_an_unknown_key_is_refused_with_a_suggestion(file: Path) -> None:
    """A slip of the pen is named, with what was probably meant or all that there is."""
    assert refusal(file, "prot = 1").message.endswith("has an unknown setting `prot`.")
    assert refusal(file, "prot = 1").hint == "Did you mean `port`?"
    assert "database_pool, database_url" in refusal(file, "colour = 1").hint


def test_a_variable_that_is_nearly_right_is_refused(file: Path) -> None:
    """A misspelt variable is not ignored; one of another program is."""
    with pytest.raises(SettingsError, match="unknown setting `database_ulr`") as caught:
        load_settings(environment={"MEISHI_DATABASE_ULR": "postgresql://"})
    assert caught.value.hint == "Did you mean `database_url`?"
    file.write_text("")
    load_settings(file=file, environment={"MEISHI_SERVICE_HOST": "10.0.0.1"})


def test_a_variable_can_set_what_a_plugin_reads(file: Path) -> None:
    """`MEISHI_PLUGIN__NAME__KEY` joins and outranks the plugin's table in the file."""
    file.write_text('[plugin.crm_contacts]\ndefault_region = "DE"\nmax_card_bytes = 2000\n')
    settings = load_settings(
        file=file,
        environment={
            "MEISHI_PLUGIN__CRM_CONTACTS__DEFAULT_REGION": "JP",
            "MEISHI_PLUGIN__QR__TWO__PARTS": "x",
        },
    )
    assert settings.plugin_settings == {
        "crm_contacts": {"default_region": "JP", "max_card_bytes": 2000},
        "qr": {"two__parts": "x"},
    }


@pytest.mark.parametrize("variable", ["MEISHI_PLUGIN__QR", "MEISHI_PLUGIN____KEY"])
def test_a_plugin_variable_without_name_or_key_is_refused(variable: str) -> None:
    """Half a variable sets nothing in silence."""
    with pytest.raises(SettingsError, match=f"{variable} must be MEISHI_PLUGIN__<NAME>__<KEY>"):
        load_settings(environment={variable: "x"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MEISHI_PLUGIN__QR__SIZE", "MEISHI_PLUGIN__qr__size"),
        ("MEISHI_PORT", "MEISHI_Port"),
    ],
)
def test_variables_that_differ_in_case_only_are_refused(one: str, other: str) -> None:
    """Which of two values holds is not left to the order of the environment."""
    with pytest.raises(SettingsError, match=f"{one} and {other} set the same"):
        load_settings(environment={one: "1", other: "2"})


def test_plugins_in_a_variable_are_separated_by_commas() -> None:
    """Blanks around the names do not count, and nothing may come of it."""
    settings = load_settings(environment={"MEISHI_PLUGINS": " qr, crm_contacts ,"})
    assert settings.plugins == ("qr", "crm_contacts")
    assert load_settings(environment={"MEISHI_PLUGINS": ","}).plugins == ()


def test_secrets_do_not_show_in_the_representation(file: Path) -> None:
    """Database passwords and plugins' settings stay out of logs and tracebacks."""
    file.write_text(
        'database_url = "postgresql://a:s3cret@b/c"\n'
        'database_admin_url = "postgresql://a:s3cret@b/c"\n'
        'metrics_token = "s3cret-for-prometheus"\n'
        'mail_url = "smtp://a:s3cret@b"\nmail_from = "a@example.com"\n'
        '[plugin.qr]\nkey = "s3cret"\n'
    )
    assert "s3cret" not in repr(load_settings(file=file, environment={}))


@pytest.mark.parametrize(
    "value",
    ["mail.example.com", "http://a:s3cret@b", "smtp://a:s3cret/@b", "smtp://a:s3cret@b/c?d",
     "smtp://s3cret@b"],
)  # fmt: skip
def test_a_wrong_mail_server_is_refused_and_not_shown(file: Path, value: str) -> None:
    """It names its key, and how to write it; a password must not end in a message."""
    error = refusal(file, f'mail_url = "{value}"\nmail_from = "a@example.com"')
    assert error.message.startswith("`mail_url` must match ")
    assert "special characters as %2F" in error.hint
    assert "s3cret" not in error.message


@pytest.mark.parametrize(
    "value",
    ["a", "A <a@example.com", "a@example.com>", "A\\nB: c <a@example.com>", "å@example.com"],
)
def test_a_wrong_sender_is_refused(file: Path, value: str) -> None:
    """It would be refused by every mail server, much later."""
    assert "`mail_from` must match" in refusal(file, f'mail_from = "{value}"').message


def test_a_mail_server_needs_a_sender(file: Path) -> None:
    """There is no address that would be right everywhere."""
    error = refusal(file, 'mail_url = "smtp://mail.example.com"')
    assert (error.message, error.exit_code) == (
        "`mail_url` is set, but `mail_from` is not.", 2,
    )  # fmt: skip


@pytest.mark.parametrize("value", ['"s3cret"', '"s3cret with spaces in it"', '["s3cret"]'])
def test_a_secret_is_not_shown_when_it_is_refused(file: Path, value: str) -> None:
    """A token that is too short, or no text, is named by its key alone."""
    error = refusal(file, f"metrics_token = {value}")
    assert error.message.startswith("`metrics_token` must ")
    assert "s3cret" not in error.message + error.hint


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("MEISHI_DB", "database_url"),
        ("MEISHI_DB_URL", "database_url"),
        ("MEISHI_DB_ADMIN_URL", "database_admin_url"),
        ("MEISHI_DATABASE", "database_url"),
        ("MEISHI_DATABASEURL", "database_url"),
        ("MEISHI_DATABASE_POOL_SIZE", "database_pool"),
    ],
)
def test_a_variable_that_seems_to_name_a_database_is_refused(variable: str, meant: str) -> None:
    """Nobody ends up on the embedded database by a name that was not quite right."""
    with pytest.raises(SettingsError, match="unknown setting") as caught:
        load_settings(environment={variable: "postgresql://a@b/c"})
    assert caught.value.hint == f"Did you mean `{meant}`?"


def test_an_administrator_without_a_database_is_refused(file: Path) -> None:
    """An administrator's connection alone would be ignored in favour of the embedded database."""
    says = "`database_admin_url` is set, but `database_url` is not."
    assert refusal(file, 'database_admin_url = "postgresql://a@b/c"').message == says
    with pytest.raises(SettingsError, match="`database_url` is not"):
        load_settings(environment={"MEISHI_DATABASE_ADMIN_URL": "postgresql://a@b/c"})
