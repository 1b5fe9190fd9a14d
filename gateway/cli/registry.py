"""`maskgate registry`: a registry folder for others to install from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from gateway.web.registry_files import application

app = typer.Typer(help="Let others install modules from a registry folder.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    # With a single command and no callback, typer would drop the command's name.
    pass


@app.command()
def serve(
    registry: Annotated[Path, typer.Option(help="Folder of the registry.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8081,
) -> None:
    """Serve a registry folder, to be read over HTTP, until told to stop.

    Anybody who reaches it can read it: what a module may be trusted for is said by its signatures. TLS is a proxy's.
    """
    if not registry.is_dir():
        raise typer.BadParameter(f"{registry} is not a folder")
    uvicorn.run(
        application(registry),
        host=host,
        port=port,
        http="httptools",
        lifespan="off",
        log_level="info",
        server_header=False,
        proxy_headers=False,
    )
