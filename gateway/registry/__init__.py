"""Modules on disk: their manifests, and the bytes that the lock names."""
