"""What a user does with the client of a whole site: started in a process of its own, where `evolink_api` is that one.

    python whole_site_program.py COLOUR FOLDER

COLOUR is `sync` or `async`. For each kind of media: submit, wait, save. Then an operation of the low-level API, and
what has to be refused. Prints facts as JSON; the test judges them.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import httpx

from vidgate import AsyncClient, AsyncEvoLink, Client, EvoLink, errors
from vidgate._contract import load
from vidgate._providers import EVOLINK
from vidgate.cli._card import card_of
from vidgate.simulator import DEFAULT_KEY, ManualClock, Simulator

ATTRIBUTES = {"image": "images", "audio": "audios", "video": "videos"}


async def play(colour: str, folder: Path) -> dict[str, Any]:
    """The whole way for every kind; awaits what is to be awaited."""
    clock = ManualClock()
    sim = Simulator("evolink", clock=clock, seconds=30.0)
    kind = EvoLink if colour == "sync" else AsyncEvoLink
    transport: Any = sim.transport() if colour == "sync" else sim.async_transport()
    client: Any = kind(DEFAULT_KEY, transport=transport, clock=clock)
    facts: dict[str, Any] = {"kinds": sorted({model.kind for model in client.models}), "made": {}, "refused": {}}
    examples = {model.kind: dict(card_of(EVOLINK, model).example) for model in reversed(client.models)}
    for media, attribute in ATTRIBUTES.items():
        resource = getattr(client, attribute)
        task = await _value(resource.create(**examples[media]))
        submitted = type(task.raw).__name__
        task = await _value(task.wait())
        path = folder / media
        await _value(task.download(path))
        facts["made"][media] = {
            "verdict": task.verdict,
            "submitted": submitted,
            "queried": type(task.raw).__name__,
            "kinds": [result.kind for result in task.results],
            "head": path.read_bytes()[:12].hex(),
            "name": task.results[0].url.rpartition(".")[2],
        }
    facts["several"] = await _several(client, folder)
    for unchecked in (False, True):
        sender = client.with_options(validate=not unchecked)
        try:
            await _value(sender.images.create_from(examples["video"]))
        except errors.InvalidRequest as error:
            facts["refused"][f"unchecked={unchecked}"] = str(error)
    facts["low"] = await _low_level(colour, sim)
    facts["batch"] = await _batch(colour, sim, examples, folder)
    facts["neutral"] = await _neutral(client, examples)
    facts["posts"] = dict(sim.received)
    await _value(client.close() if colour == "sync" else client.aclose())
    return facts


async def _several(client: Any, folder: Path) -> list[str]:
    """Three images of one request, under names from a template."""
    contract = load("evolink_api").of("image")
    fields = {model.id: contract.fields(model.id).get("n", {}) for model in contract.models}
    model = next(model for model, schema in fields.items() if schema and schema.get("maximum", 3) > 2)
    task = await _value(client.images.create_from({"model": model, "prompt": "three", "n": 3}))
    task = await _value(task.wait())
    saved = client.download_all([task], folder / "several", template="{kind}/{model}-{index}.{ext}")
    return sorted(str(path.relative_to(folder / "several")) for one in await _value(saved) for path in one.paths)


async def _batch(colour: str, sim: Simulator, examples: dict[str, Any], folder: Path) -> list[str]:
    """One batch of all kinds: only the model of an item says what it makes."""
    kind: Any = EvoLink if colour == "sync" else AsyncEvoLink
    transport: Any = sim.transport() if colour == "sync" else sim.async_transport()
    client = kind(DEFAULT_KEY, transport=transport, clock=sim.clock, journal=folder / "journal.db")
    running = client.batch("mixed").run(examples.items(), into=folder / "batch")
    ended = [one async for one in running] if hasattr(running, "__aiter__") else list(running)
    await _value(client.close() if colour == "sync" else client.aclose())
    return sorted(path.name for one in ended for path in one.paths)


async def _low_level(colour: str, sim: Simulator) -> dict[str, Any]:
    """Credits through the typed endpoint, which the façade has no word for."""
    module = importlib.import_module("evolink_api.api.credits_.get_credits")
    client = importlib.import_module("evolink_api.client").AuthenticatedClient(base_url=sim.base_urls[0], token="k")
    headers = {"Authorization": f"Bearer {DEFAULT_KEY}"}
    if colour == "sync":
        client.set_httpx_client(httpx.Client(transport=sim.transport(), base_url=sim.base_urls[0], headers=headers))
        answer = module.sync(client=client)
    else:
        own = httpx.AsyncClient(transport=sim.async_transport(), base_url=sim.base_urls[0], headers=headers)
        client.set_async_httpx_client(own)
        answer = await module.asyncio(client=client)
    return {"type": type(answer).__name__, "success": answer.success}


async def _neutral(client: Any, examples: dict[str, Any]) -> dict[str, Any]:
    """The client over several providers makes images, too; the provider that has none says so."""
    kind: Any = Client if isinstance(client, EvoLink) else AsyncClient
    both = kind([client])
    wishes = {name: value for name, value in examples["image"].items() if name in {"model", "prompt"}}
    task = await _value(both.images.create(**wishes))
    other = kind(["apimart"], api_key="k")
    try:
        await _value(other.images.create(**wishes))
    except errors.InvalidRequest as error:
        return {"model": task.model, "other": str(error)}
    return {}


async def _value(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer


if __name__ == "__main__":
    json.dump(asyncio.run(play(sys.argv[1], Path(sys.argv[2]))), sys.stdout)
