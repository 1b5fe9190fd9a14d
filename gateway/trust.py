"""Whom outgoing connections trust."""

from __future__ import annotations

import ssl

import httpx


def authorities() -> ssl.SSLContext:
    """The authorities that come with httpx, and those of the machine (or of SSL_CERT_FILE, SSL_CERT_DIR)."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
