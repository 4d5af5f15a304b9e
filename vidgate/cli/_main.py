"""The commands and their options; what they do is in the modules beside."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Annotated

import typer

from vidgate.cli import _batch, _catalog, _doctor, _journal, _simulate, _tasks, _worker
from vidgate.cli._complete import complete_model, complete_provider, complete_word
from vidgate.cli._request import build
from vidgate.cli._screen import Screen

app = typer.Typer(
    name="vidgate",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 good, 1 findings or a failed task, 2 wrong usage, 70 a bug of vidgate, 130 interrupted.",
    pretty_exceptions_enable=False,
)

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL] [NAME=VALUE]...",
        help='The model, then its parameters, as in prompt="A paper boat" duration=6. '
        "Repeat a name to fill a list: image_urls=https://a.example/1.png image_urls=https://a.example/2.png.",
        show_default=False,
        autocompletion=complete_word,
    ),
]
JsonFile = Annotated[
    str | None,
    typer.Option("--json-file", metavar="FILE", help="Read the request from a JSON file, or from - (standard input)."),
]
ProviderName = Annotated[
    str | None,
    typer.Option(
        "--provider",
        "-p",
        metavar="NAME",
        help="evolink or apimart; known from the model or the task id.",
        autocompletion=complete_provider,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="Another address of the provider, for example a simulator's."),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to save the result."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0.0,
        help="How long to wait for a task.",
    ),
]


@app.callback(invoke_without_command=True)
def start(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Make videos with EvoLink and APIMart.

    The API key is read from EVOLINK_API_KEY or APIMART_API_KEY.
    """
    if version:
        Screen().result(f"vidgate {_version()}")
        raise typer.Exit


@app.command("models")
def show_models(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]",
            help="Explain this one: parameters, limits, defaults, the page that states them, and an example.",
            show_default=False,
            autocompletion=complete_model,
        ),
    ] = None,
    *,
    provider: ProviderName = None,
    as_json: AsJson = False,
) -> int:
    """List the models, or explain one."""
    return _catalog.models(Screen(), model, provider=provider, as_json=as_json)


@app.command("check")
def check_request(
    words: Words = None, *, json_file: JsonFile = None, provider: ProviderName = None, as_json: AsJson = False
) -> int:
    """Check a request offline: nothing is sent, no key is needed."""
    request = build(words or [], json_file=json_file, provider=provider)
    return _catalog.check(Screen(), request, as_json=as_json)


@app.command("run")
def make_video(
    words: Words = None,
    *,
    output: Output = None,
    overwrite: Overwrite = False,
    json_file: JsonFile = None,
    provider: ProviderName = None,
    timeout: Timeout = 1800.0,
    base_url: BaseUrl = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and print the request; send nothing.")] = False,
    no_download: Annotated[bool, typer.Option("--no-download", help="Print the links instead of saving.")] = False,
    idempotency_key: Annotated[
        str | None,
        typer.Option("--idempotency-key", metavar="KEY", help="Settle an earlier submission whose outcome is unknown."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Submit a request, wait, save what it makes. This costs credits."""
    plan = _tasks.Plan(
        request=build(words or [], json_file=json_file, provider=provider),
        output=output,
        overwrite=overwrite,
        timeout=timeout,
        base_url=base_url,
        download=not no_download,
        idempotency_key=idempotency_key,
        as_json=as_json,
    )
    return _tasks.dry_run(Screen(), plan) if dry_run else _tasks.run(Screen(), plan)


@app.command("batch")
def make_videos(
    name: Annotated[str, typer.Argument(help="The batch; under it the journal knows its items.", show_default=False)],
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help='One JSON object a line, {"item": "poster-1", "model": "…", "prompt": "…"}, or a .csv whose first '
            "line has these names; - is standard input.",
            show_default=False,
        ),
    ],
    *,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="DIR", help="Save the videos here; without it, nothing is saved.")
    ] = None,
    template: Annotated[
        str, typer.Option("--template", help="Names of the files: {item}, {id}, {model}, {index}, {ext} and others.")
    ] = "{item}.{ext}",
    results: Annotated[
        Path | None,
        typer.Option("--results", metavar="FILE", help="Add the results to this file, not to standard output."),
    ] = None,
    max_in_flight: Annotated[int, typer.Option("--max-in-flight", min=1, help="Tasks that run at a time.")] = 4,
    max_credits: Annotated[
        float | None,
        typer.Option("--max-credits", metavar="CREDITS", help="Submit nothing that would lead beyond, over all runs."),
    ] = None,
    credits_per_item: Annotated[
        float | None,
        typer.Option("--credits-per-item", metavar="CREDITS", help="The most that one item can cost."),
    ] = None,
    provider: ProviderName = None,
    timeout: Timeout = 3600.0,
    base_url: BaseUrl = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check all items; send nothing.")] = False,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="URL",
            help="Hand the items to the workers of this database, postgresql://user@host/name, and tell how it stands.",
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="With --on: until the workers are done.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print as JSON, too, what is wrong with items; results always are.")
    ] = False,
) -> int:
    """Make many videos from a file; each item is paid once, however often this runs. Results as JSON, one a line."""
    plan = _batch.Plan(
        name=name,
        source=source,
        into=into,
        template=template,
        results=results,
        max_in_flight=max_in_flight,
        max_credits=max_credits,
        credits_per_item=credits_per_item,
        provider=provider,
        base_url=base_url,
        timeout=timeout,
        dry_run=dry_run,
        on=on,
        wait=wait,
        as_json=as_json,
    )
    return _batch.batch(Screen(), plan)


@app.command("worker")
def run_jobs(
    *,
    on: Annotated[
        str,
        typer.Option(
            "--on",
            metavar="URL",
            help="The database, postgresql://user@host/name; PGPASSWORD or ~/.pgpass has the password.",
            show_default=False,
        ),
    ],
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, help="Jobs that run at a time.")] = 10,
    stalled_after: Annotated[
        float,
        typer.Option(
            "--stalled-after",
            metavar="SECONDS",
            min=2.0,
            help="Take up the jobs of a worker that gave no sign of life for so long; the same for all workers.",
        ),
    ] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what happens as JSON, one object a line.")] = False,
) -> int:
    """Run the jobs of batches that were handed to a database, with the API keys of this environment."""
    return _worker.worker(Screen(), on, concurrency=concurrency, stalled_after=stalled_after, as_json=as_json)


@app.command("get")
def get_task(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the task.", show_default=False)],
    *,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Wait until the task ends.")] = False,
    output: Annotated[
        Path | None, typer.Option("--download", "-d", metavar="FILE", help="Save the result here.")
    ] = None,
    overwrite: Overwrite = False,
    provider: ProviderName = None,
    timeout: Timeout = 1800.0,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
) -> int:
    """Read a task: status, progress, links."""
    query = _tasks.Query(
        task_id=task_id,
        provider=provider,
        wait=wait,
        output=output,
        overwrite=overwrite,
        timeout=timeout,
        base_url=base_url,
        as_json=as_json,
    )
    return _tasks.get(Screen(), query)


@app.command("ls")
def list_submissions(
    *,
    pending: Annotated[
        bool, typer.Option("--pending", help="Only what is left to settle, to wait for or to save.")
    ] = False,
    expiring: Annotated[
        str | None,
        typer.Option("--expiring", metavar="TIME", help="Only what is not saved and expires within, say, 2h."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """List what was submitted, from the journal; nothing is sent."""
    return _journal.ls(Screen(), pending=pending, expiring=expiring, as_json=as_json)


@app.command("resume")
def resume_tasks(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Ids of submissions or tasks in the journal.", show_default=False),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Everything that is pending.")] = False,
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Where to save; files are named after their tasks.")
    ] = Path(),
    timeout: Timeout = 1800.0,
    as_json: AsJson = False,
) -> int:
    """Wait for tasks of earlier runs and save their results."""
    plan = _journal.Resumption(names=names or [], everything=everything, into=into, timeout=timeout, as_json=as_json)
    return _journal.resume(Screen(), plan)


@app.command("recover")
def recover_submission(
    submit_id: Annotated[str, typer.Argument(metavar="SUBMIT_ID", help="As `vidgate ls` shows it.")],
    *,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay", help="Send it again with the same key although the provider does not promise to know it."
        ),
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Find out what became of a submission whose outcome is unknown."""
    return _journal.recover(Screen(), submit_id, replay=replay, as_json=as_json)


@app.command("doctor")
def examine(*, as_json: AsJson = False) -> int:
    """Show what is configured here and what is wrong with it; nothing is sent, no key is shown."""
    return _doctor.doctor(Screen(), version=_version(), as_json=as_json)


@app.command("simulate", epilog=_simulate.EPILOG)
def simulate(
    *,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free port.")] = 8080,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    provider: Annotated[
        str | None,
        typer.Option("--provider", "-p", metavar="NAME", help="Serve one provider only, at the root of the address."),
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.0, help="How long a task takes.")] = 20.0,
    callbacks_to: Annotated[
        str | None,
        typer.Option(
            "--callbacks-to",
            metavar="URL",
            help="Post every callback here, its own address in the header X-Original-Url. Without it none is sent.",
        ),
    ] = None,
    time_scale: Annotated[
        float,
        typer.Option("--time-scale", min=0.0001, help="Callbacks: the documented pauses and patience, times this."),
    ] = 1.0,
    latency: Annotated[
        float, typer.Option("--latency", min=0.0, help="Hold back every answer for this many seconds.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print addresses and key as JSON, once it listens.")] = False,
) -> int:
    """Serve a stand-in for the providers: same answers, no cost."""
    return _simulate.simulate(
        Screen(),
        host=host,
        port=port,
        provider=provider,
        seconds=seconds,
        callbacks_to=callbacks_to,
        time_scale=time_scale,
        latency=latency,
        as_json=as_json,
    )


def _version() -> str:
    try:
        return importlib.metadata.version("vidgate")
    except importlib.metadata.PackageNotFoundError:  # run from a source tree
        return "(not installed)"
