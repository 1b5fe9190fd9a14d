"""An OCI registry as a source of modules and a place to publish them to: module NAME is repository PREFIX/NAME.

Source: OCI distribution specification 1.1 (https://github.com/opencontainers/distribution-spec). Listing all modules
uses `_catalog`, which that specification leaves out and many registries don't have.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from gateway.registry import oci
from gateway.registry.exchange import Answer, Exchange, located, same_origin, shown
from gateway.registry.oci import ArtifactRefused, Descriptor
from gateway.registry.oci_auth import authorization, credentials
from gateway.registry.published import Published
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

    def names(self) -> list[str]:
        """The modules, where the registry lists its repositories. Raises SourceFailed."""
        start = f"{self._prefix}/" if self._prefix else ""
        found: set[str] = set()
        for page in self._pages("", f"{self._base}_catalog?n={_PAGE}", _Catalog):
            for repository in page.repositories or ():
                name = repository.removeprefix(start)
                if repository.startswith(start) and oci.is_repository(name):
                    found.add(name)
        return sorted(found)

    def versions(self, name: str) -> list[str]:
        """Those that have a tag, in no order that means anything. Raises NotThere, SourceFailed."""
        repository = self._repository(name)
        pages = self._pages(repository, f"{self._base}{repository}/tags/list?n={_PAGE}", _Tags)
        tags = {tag for page in pages for tag in page.tags or ()}
        return [version for tag in tags if (version := oci.version(tag)) is not None]

    def index(self, name: str) -> bytes:
        """The envelope with the module's index. Raises NotThere where the registry has none, SourceFailed."""
        repository = self._repository(name)
        try:
            return oci.read_index(self._manifest(repository, oci.INDEX_TAG), lambda blob: self._blob(repository, blob))
        except ArtifactRefused as error:
            raise SourceFailed(f"{self._host}/{repository}: {error}") from None

    def fetch(self, name: str, version: str) -> Published:
        """Raises NotThere, SourceFailed."""
        repository = self._repository(name)
        try:
            manifest = self._manifest(repository, oci.tag(version))
            return oci.read_module(manifest, lambda blob: self._blob(repository, blob), name, version)
        except ArtifactRefused as error:
            raise SourceFailed(f"{self._host}/{repository}: version {version}: {error}") from None

    def publish(self, published: Published) -> None:
        """Push a version; the same once more changes nothing.

        Raises ArtifactRefused where the tag is there with another digest, SourceFailed.

        Registries can't refuse to move a tag only if it is there: of two that push the same version in the same moment,
        one may win over the other. A registry whose tags can be made immutable closes that gap.
        """
        artifact, tag = oci.module_artifact(published), oci.tag(published.version)
        repository = self._repository(published.module)
        there = self._digest(repository, tag)
        if there == artifact.digest:
            return
        if there is not None:
            raise ArtifactRefused(f"{self._host}/{repository}: {tag} is there already, with other bytes")
        self._push(repository, tag, artifact)

    def publish_index(self, name: str, envelope: bytes) -> None:
        """Push the module's index, instead of the one that is there. Raises ArtifactRefused, SourceFailed."""
        self._push(self._repository(name), oci.INDEX_TAG, oci.index_artifact(envelope))

    def _repository(self, name: str) -> str:
        if not oci.is_repository(name):
            raise NotThere(f"{self._host} can't have a module of that name")
        return f"{self._prefix}/{name}" if self._prefix else name

    def _digest(self, repository: str, tag: str) -> str | None:
        try:
            return oci.digest(self._manifest(repository, tag))
        except NotThere:
            return None

    def _manifest(self, repository: str, reference: str) -> bytes:
        answer = self._ask(
            repository,
            "GET",
            f"{self._base}{repository}/manifests/{reference}",
            limit=oci.ARTIFACT_LIMIT,
            headers={"accept": oci.IMAGE_MANIFEST},
        )
        if answer.status == 404:
            raise NotThere(f"{self._host}/{repository} has no {reference}")
        self._expect(answer, 200)
        said = answer.headers.get("docker-content-digest")
        if said is not None and oci.is_digest(said):
            oci.verified(answer.body, said)
        return answer.body

    def _blob(self, repository: str, blob: Descriptor) -> bytes:
        """The bytes that the registry has under that digest, as many as there should be; who asks verifies them."""
        answer = self._ask(repository, "GET", f"{self._base}{repository}/blobs/{blob.digest}", limit=blob.size)
        self._expect(answer, 200)
        if len(answer.body) != blob.size:
            raise ArtifactRefused(f"{blob.digest} has {len(answer.body)} bytes, not {blob.size}")
        return answer.body

    def _push(self, repository: str, tag: str, artifact: oci.Artifact) -> None:
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
