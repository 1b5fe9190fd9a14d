"""An OCI registry, over HTTP: the artifacts of module NAME are in the repository PREFIX/NAME.

Source: OCI distribution specification 1.1 (https://github.com/opencontainers/distribution-spec). Listing all modules
uses `_catalog`, which that specification leaves out and many registries don't have.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from gateway.registry import oci
from gateway.registry.exchange import Answer, Exchange, located, same_origin, shown
from gateway.registry.oci import Artifact, ArtifactRefused, Descriptor
from gateway.registry.oci_auth import authorization, credentials
from gateway.registry.sources import NotThere, SourceFailed

_LISTING_LIMIT = 1 << 20  # bytes of one page
_PAGE = 100  # entries of a page that are asked for
_PAGES = 200
_ERROR_LIMIT = 64 << 10
_NEXT = re.compile(r'\s*<([^<>]{1,4096})>\s*;[^,]{0,256}\brel="?next"?')
_ERROR_CODE = re.compile(r"[A-Z][A-Z_]{0,39}")


class _Tags(Struct, frozen=True):
    tags: list[str] | None


class _Catalog(Struct, frozen=True):
    repositories: list[str] | None


class _Error(Struct, frozen=True):
    code: str = ""


class _Errors(Struct, frozen=True):
    errors: list[_Error] = []


class OciRegistry:
    """Not for two threads at once."""

    def __init__(
        self,
        host: str,
        prefix: str,
        *,
        tls: bool = True,
        environ: Mapping[str, str] = os.environ,
        whole: float = 120,
    ) -> None:
        """`host`: `HOST` or `HOST:PORT`; `prefix`: of the repositories, may be empty; `tls`: whether it has TLS;
        `environ`: where credentials are looked for; `whole`: seconds for one answer.

        Raises SourceFailed where docker's credentials can't be read.
        """
        self._host, self._prefix = host, prefix
        self._base = f"{'https' if tls else 'http'}://{host}/v2/"
        self._exchange = Exchange(self._base, plain=not tls, whole=whole)
        self._credentials = credentials(host, environ)
        self._authorization: dict[str, str] = {}  # by repository; what the registry has asked for

    def __str__(self) -> str:
        return f"{self._host}/{self._prefix}" if self._prefix else self._host

    def repositories(self) -> list[str]:
        start = f"{self._prefix}/" if self._prefix else ""
        pages = self._pages("", f"{self._base}_catalog?n={_PAGE}", _Catalog)
        found = (repository for page in pages for repository in page.repositories or ())
        return [repository.removeprefix(start) for repository in found if repository.startswith(start)]

    def tags(self, name: str) -> list[str]:
        repository = self._repository(name)
        pages = self._pages(repository, f"{self._base}{repository}/tags/list?n={_PAGE}", _Tags)
        return [tag for page in pages for tag in page.tags or ()]

    def held(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()  # nothing in the specification would do it

    def manifest(self, name: str, tag: str) -> bytes:
        repository = self._repository(name)
        answer = self._ask(
            repository,
            "GET",
            f"{self._base}{repository}/manifests/{tag}",
            limit=oci.ARTIFACT_LIMIT,
            headers={"accept": oci.IMAGE_MANIFEST},
        )
        if answer.status == 404:
            raise NotThere(f"{self._host}/{repository} has no {tag}")
        self._expect(answer, 200)
        said = answer.headers.get("docker-content-digest")
        if said is not None and oci.is_digest(said):
            oci.verified(answer.body, said)
        return answer.body

    def blob(self, name: str, blob: Descriptor) -> bytes:
        repository = self._repository(name)
        answer = self._ask(repository, "GET", f"{self._base}{repository}/blobs/{blob.digest}", limit=blob.size)
        self._expect(answer, 200)
        if len(answer.body) != blob.size:
            raise ArtifactRefused(f"{blob.digest} has {len(answer.body)} bytes, not {blob.size}")
        return answer.body

    def put(self, name: str, tag: str, artifact: Artifact) -> None:
        repository = self._repository(name)
        for digest, content in artifact.blobs.items():
            there = self._ask(repository, "HEAD", f"{self._base}{repository}/blobs/{digest}", limit=0)
            if there.status != 200:
                self._upload(repository, digest, content)
        answer = self._ask(
            repository,
            "PUT",
            f"{self._base}{repository}/manifests/{tag}",
            headers={"content-type": oci.IMAGE_MANIFEST},
            content=artifact.manifest,
        )
        self._expect(answer, 201)

    def _repository(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _upload(self, repository: str, digest: str, content: bytes) -> None:
        begun = self._ask(repository, "POST", f"{self._base}{repository}/blobs/uploads/")
        self._expect(begun, 202)
        where = str(located(begun))  # may be another host, and has a state that goes back as it came
        ended = self._ask(
            repository,
            "PUT",
            f"{where}{'&' if '?' in where else '?'}digest={digest}",
            headers={"content-type": "application/octet-stream"},
            content=content,
        )
        self._expect(ended, 201)

    def _pages(self, repository: str, first: str, kind: type[Any]) -> Iterator[Any]:
        """The pages of a listing, following `Link: <…>; rel="next"` (RFC 8288) on the same host."""
        url: str | httpx.URL = first
        for _ in range(_PAGES):
            answer = self._ask(repository, "GET", url, limit=_LISTING_LIMIT)
            if answer.status == 404 and repository:
                raise NotThere(f"{self._host} has no {repository}")
            self._expect(answer, 200)
            try:
                yield msgspec.json.decode(answer.body, type=kind)
            except (ValueError, RecursionError):
                raise SourceFailed(f"{shown(answer.url)} answers with what is no listing") from None
            following = _NEXT.match(answer.headers.get("link", ""))
            if following is None:
                return
            try:
                url = answer.url.join(following[1])
            except httpx.InvalidURL:
                raise SourceFailed(f"{shown(answer.url)} continues at what isn't an address") from None
            if not same_origin(url, answer.url):
                raise SourceFailed(f"{shown(answer.url)} continues on another host")
        raise SourceFailed(f"{shown(httpx.URL(first))} has more than {_PAGES} pages")

    def _ask(
        self,
        repository: str,
        method: str,
        url: str | httpx.URL,
        *,
        limit: int = _ERROR_LIMIT,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> Answer:
        """One answer; where it is 401, a second one with what the registry asks for."""

        def once() -> Answer:
            # An upload may go to another host than the registry's: what authorises us stays with the registry.
            known = self._authorization.get(repository) if same_origin(httpx.URL(url), httpx.URL(self._base)) else None
            return self._exchange.ask(
                method,
                url,
                limit=max(limit, _ERROR_LIMIT),  # an error says more than a small blob does
                headers=headers,
                secret={"authorization": known} if known else None,
                content=content,
                redirects="anywhere" if method in ("GET", "HEAD") else "none",
            )

        answer = once()
        if answer.status != 401 or not same_origin(answer.url, httpx.URL(self._base)):
            return answer
        given = authorization(self._exchange, answer.headers, self._credentials)
        if given is None:
            return answer
        self._authorization[repository] = given
        return once()

    def _expect(self, answer: Answer, status: int) -> None:
        if answer.status != status:
            raise SourceFailed(f"{shown(answer.url)} answers {answer.status}{_code(answer.body)}")


def _code(body: bytes) -> str:
    """The first code of a registry's error (OCI distribution specification, "Error Codes"), to be shown."""
    try:
        errors = msgspec.json.decode(body, type=_Errors).errors
    except (ValueError, RecursionError):
        return ""
    return f" ({errors[0].code})" if errors and _ERROR_CODE.fullmatch(errors[0].code) else ""
