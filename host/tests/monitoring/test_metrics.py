"""Metrics of plugins: read at every scrape, each apart from the others."""

from __future__ import annotations

import json
import threading

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from meishi.monitoring import collectors

from .conftest import TOKEN, Boot, module

pytestmark = pytest.mark.no_calls

Samples = dict[tuple[str, ...], float]

FAILURES = "meishi_collector_failures_total"


def measuring(body: str, **fields: object) -> str:
    """Return the code of a plugin with one metric."""
    declared: dict[str, object] = {"name": "stored", "title": "Stored", **fields}
    kind = "COUNTER" if str(declared["name"]).endswith("_total") else "GAUGE"
    given = ", ".join(f"{name}={value!r}" for name, value in declared.items())
    return (
        f"def read():\n    asked.append(1)\n    {body}\n"
        "@hookimpl\ndef metrics():\n"
        f"    return [Metric({given}, kind=MetricKind.{kind}, collect=read)]\n"
    )


LEVEL = measuring("return [Sample(value=7)]")
HANGING = measuring("going_on.wait()\n    return [Sample(value=1)]")


def scrape(app: Flask) -> Samples:
    """Return all samples of a scrape, by name and values of labels, sorted by label."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_a_plugin_measures_is_scraped_with_its_name(boot: Boot) -> None:
    """Prefix, owner and labels are the host's doing; the host's own numbers stay."""
    sold = "yield Sample(value=2, labels=('box',))\n    yield Sample(value=3, labels=('bag',))"
    app = boot(shop=measuring(sold, name="sold_total", labels=("kind",)), post=LEVEL)
    found = scrape(app)
    assert found["meishi_shop_sold_total", "box", "shop"] == 2
    assert found["meishi_shop_sold_total", "bag", "shop"] == 3
    assert found["meishi_post_stored", "post"] == 7
    assert found[FAILURES, "meishi_post_stored", "post"] == 0
    assert found["meishi_jobs_workers_alive",] == 0
    scrape(app)
    assert module("post").asked == [1, 1]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise RuntimeError('lost')", "it raised RuntimeError('lost')"),
        ("yield Sample(value=1)\n    raise SystemExit(1)", "it raised SystemExit(1)"),
        ("return None", "it must yield Samples, not a NoneType"),
        ("return [7]", "it must yield Samples, not a int"),
        ("return [Sample(value='7')]", "a sample's value must be a number, not '7'"),
        ("return [Sample(value=7, labels=('a',))]", "a sample has 1 labels, the metric 0"),
        ("return [Sample(value=7, labels=[])]", "a sample's labels must be a tuple of texts"),
        ("return 2 * [Sample(value=7)]", "it yields two samples with the same labels"),
        ("while True:\n        yield Sample(value=7)", "it yields more than 1000 samples"),
        (
            "from meishi.sdk.database import execute; execute('SELECT * FROM identity.token')",
            "it raised ",
        ),
    ],
)
def test_a_collector_that_fails_costs_its_own_samples_alone(
    boot: Boot, capsys: pytest.CaptureFixture[str], body: str, reason: str
) -> None:
    """It has none, is counted at each scrape, and the log says why; all others are there."""
    app = boot(shop=measuring(body), post=LEVEL)
    scrape(app)
    logged = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (logged["event"], logged["plugin"]) == ("collector_failed", "shop")
    assert logged["reason"].startswith(reason)
    found = scrape(app)
    assert ("meishi_shop_stored", "shop") not in found
    assert found[FAILURES, "meishi_shop_stored", "shop"] == 2
    assert found["meishi_post_stored", "post"] == 7


def test_a_collector_that_hangs_is_read_once(boot: Boot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scrape goes without it, and none starts a second reading, until it comes back."""
    monkeypatch.setattr(collectors, "PATIENCE", 1.0)
    app = boot(shop=HANGING, post=LEVEL)
    for number in (1, 2):
        found = scrape(app)
        assert ("meishi_shop_stored", "shop") not in found
        assert found[FAILURES, "meishi_shop_stored", "shop"] == number
        assert found["meishi_post_stored", "post"] == 7
    assert module("shop").asked == [1]
    (hanging,) = [item for item in threading.enumerate() if item.name == "probe of shop"]
    module("shop").going_on.set()
    hanging.join()
    monkeypatch.setattr(collectors, "PATIENCE", 30.0)
    assert scrape(app)["meishi_shop_stored", "shop"] == 1


def test_two_metrics_of_one_name_are_refused(boot: Boot) -> None:
    """In one scrape there may be but one family of a name, whichever plugins they are of."""
    plugins = (
        boot(
            shop=measuring("return []", name="till_stored"),
            shop_till=LEVEL,
            collector=measuring("return []", name="failures_total"),
        )
        .extensions["meishi"]
        .plugins
    )
    assert plugins.statuses["shop_till"].reason == (
        "metric 'meishi_shop_till_stored' belongs to the plugin 'shop'"
    )
    assert plugins.statuses["collector"].reason == (
        "metric 'meishi_collector_failures' belongs to the plugin 'meishi'"
    )
